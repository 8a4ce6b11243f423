"""`report.html`: what a notebook shows, without its code, as one file that opens anywhere.

Our own template on nbconvert's `basic`: no script, nothing fetched, and a content policy that keeps it so
whatever an output holds.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .words import WORDS, explained

HIDDEN = "hide-output"
LANGUAGE_TAGS = {"lang-zh": "zh", "lang-en": "en"}
LONGEST_MESSAGE = 2000
MOST_PROSE = 500
"""How many cells of prose are remembered as HTML."""
KINDS = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain"]
"""Of an output's kinds the first of these is shown: what needs a script is not among them."""


@dataclass(frozen=True)
class Failure:
    """What stopped a notebook: the error, and the cell where there is one."""

    name: str
    message: str
    cell: int | None = None
    source: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


@dataclass(frozen=True)
class Head:
    """What a page says about itself."""

    analysis: str
    lang: str
    district: str
    names: tuple[str, ...]
    parameters: dict[str, Any]
    version: str
    repeat: str
    by_hand: str
    cell_timeout: float
    notebook_timeout: float | None = None
    memory_limit: int | None = None

    @property
    def title(self) -> str:
        """The page's title: analysis – district."""
        return f"{self.analysis} – {' '.join(dict.fromkeys(filter(None, self.names))) or self.district}"

    @property
    def who(self) -> str:
        """The district in the page's language, with its id."""
        named = list(filter(None, self.names))
        if not named:
            return self.district
        own = self.names[("zh", "en").index(self.lang)] if len(self.names) == 2 else ""
        name = own or named[0]
        return name if name == self.district else f"{name} ({self.district})"


def render_page(notebook: Any, head: Head, tables: Sequence[str] = (), failure: Failure | None = None) -> str:
    """Write the page of an executed notebook as HTML.

    Parameters
    ----------
    notebook
        The executed notebook's node; it is left as it is.
    head
        Whose page it is.
    tables
        Files beside the page that it links to.
    failure
        What stopped the notebook; the page then says this in place of results.
    """
    html, _ = _exporter().from_notebook_node(
        _shown(notebook, head.lang),
        resources={
            "head": head,
            "words": WORDS[head.lang],
            "tables": [(name, name.rpartition("/")[2]) for name in tables],
            "failure": failure,
            "message": failure.message[:LONGEST_MESSAGE] if failure else "",
            "explanation": _explanation(failure, head) if failure else "",
        },
    )
    return str(html)


def _explanation(failure: Failure, head: Head) -> str:
    return explained(
        failure.name,
        head.lang,
        cell_timeout=head.cell_timeout,
        notebook_timeout=head.notebook_timeout,
        memory_limit=head.memory_limit,
    )


def _shown(notebook: Any, lang: str) -> Any:
    """Give the notebook with what the page shows: the cells in its language, none tagged to be hidden."""
    shown = copy.copy(notebook)  # the exporter makes copies of the cells
    shown.cells = [cell for cell in notebook.cells if _is_shown(set(cell.metadata.get("tags", [])), lang)]
    return shown


def _is_shown(tags: set[str], lang: str) -> bool:
    languages = {LANGUAGE_TAGS[tag] for tag in tags & LANGUAGE_TAGS.keys()}
    return HIDDEN not in tags and (not languages or lang in languages)


@functools.cache
def _exporter() -> Any:
    """Make the exporter, once a process; prose that every district has is converted once."""
    from jinja2 import pass_context

    exporter = new_exporter(default_preprocessors=["nbconvert.preprocessors.CoalesceStreamsPreprocessor"])
    convert = exporter.markdown2html
    converted = functools.lru_cache(maxsize=MOST_PROSE)(lambda source: convert({}, source))

    @pass_context
    def markdown2html(context: Any, source: str) -> Any:
        return convert(context, source) if context["cell"].get("attachments") else converted(source)

    exporter.register_filter("markdown2html", markdown2html)
    return exporter


def new_exporter(**options: Any) -> Any:
    """Make an exporter that remembers nothing; with every preprocessor unless `options` say otherwise."""
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    return HTMLExporter(  # type: ignore[no-untyped-call]
        config=Config({"NbConvertBase": {"display_data_priority": KINDS}}),
        template_name="template",
        extra_template_basedirs=[str(Path(__file__).parent)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        **options,
    )
