"""Run notebooks in one way and keep what a reader would see of each; a program for test_batch_equality.py.

Usage: run_notebooks.py plain|engine|provisioner FOLDER NOTEBOOK...
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LAST_ALLOWED = "KeyboardInterrupt"
PRELOAD = "numpy,matplotlib.pyplot,pandas"


def parameters(source: Path, written: Any) -> dict[str, Any]:
    """Name the data by their path: the notebooks run outside the project."""
    cell = next(cell for cell in written.cells if "parameters" in cell.metadata.get("tags", []))
    space: dict[str, Any] = {}
    exec(cell.source, space)
    return {"data": str(ROOT / "data" / space["data"])} if "data" in space else {"who": "somebody"}


def main(way: str, folder: Path, sources: list[Path]) -> None:
    # A shell ignores these for what it starts in the background; kernels that are started would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    if way == "provisioner":
        os.environ |= {"JUPYTER_DEFAULT_PROVISIONER_NAME": "mchepi", "MCHEPI_FORK_PRELOAD": PRELOAD}

    import papermill

    from mchepi.batch import engine
    from mchepi.batch.cleaning import clean, take_times
    from mchepi.batch.forkserver.client import Servers
    from mchepi.batch.notebooks import notebook_text, parse_notebook

    with Servers(most=4) as servers:
        for number, source in enumerate(sources, 1):
            place = folder / f"{number}-{source.stem}"
            place.mkdir(parents=True)
            os.chdir(place)
            written = parse_notebook(source.read_text("utf-8"))
            forked = {"address": servers.address(source.parent.name)} if way == "engine" else {}
            try:
                ran = papermill.execute_notebook(
                    written,
                    "ran.ipynb",
                    parameters(source, written),
                    engine_name=engine.NAME if forked else None,
                    kernel_name="python3",
                    language="python",
                    progress_bar=False,
                    execution_timeout=300,
                    **forked,
                )
            except papermill.PapermillExecutionError as error:  # errors that cells are allowed to raise
                if error.ename != LAST_ALLOWED:
                    raise
                ran = parse_notebook(Path("ran.ipynb").read_text("utf-8"))
            take_times(ran)
            clean(ran, folder=place, project=ROOT)
            Path("ran.ipynb").write_text(json.dumps(json.loads(notebook_text(ran)), indent=1), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), [Path(each) for each in sys.argv[3:]])
