"""Notebooks run by the pieces of papermill, without what `papermill.execute_notebook` does between them.

That writes every notebook as text and reads it back before it is run, and writes it once more after.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from .notebooks import parse_notebook

KERNEL = "python3"
LANGUAGE = "python"


def with_parameters(text: str, parameters: Mapping[str, Any]) -> Any:
    """Give the notebook of `text` as papermill would run it, with a cell for its parameters."""
    from nbformat import from_dict
    from papermill.execute import remove_error_markers
    from papermill.parameterize import parameterize_notebook

    notebook = from_dict(json.loads(_loaded(text)))  # type: ignore[no-untyped-call]
    if parameters:
        notebook = parameterize_notebook(notebook, parameters, kernel_name=KERNEL, language=LANGUAGE)
    return remove_error_markers(notebook)


@functools.lru_cache(maxsize=4)
def _loaded(text: str) -> str:
    """Write, as text again, the notebook that papermill makes of `text` as it loads it."""
    from papermill.iorw import load_notebook_node

    return json.dumps(load_notebook_node(parse_notebook(text)))


def execute(notebook: Any, engine: str, **options: Any) -> Any:
    """Run a notebook in place; the `PapermillExecutionError` that stopped it, with papermill's marks beside.

    Parameters
    ----------
    notebook
        From `with_parameters`.
    engine
        The name of one of papermill's engines.
    options
        What the engine takes beside.
    """
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import raise_for_execution_errors

    papermill_engines.execute_notebook_with_engine(
        engine, notebook, KERNEL, progress_bar=False, autosave_cell_every=0, **options
    )
    try:
        raise_for_execution_errors(notebook, None)
    except PapermillExecutionError as error:
        return error
    return None
