"""`report.html`: what a notebook shows, without its code, as one file that opens anywhere.

Our own template on nbconvert's `basic`: no script, nothing fetched, and a content policy that keeps it so
whatever an output holds.
"""

from __future__ import annotations

import copy
import functools
import re
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

DESCRIPTION = re.compile(r"\salt=")


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
    exporter, usual = _exporter()
    resources = {**usual, **_resources(head, tables, failure)}
    return str(exporter.template.render(nb=_shown(notebook, head.lang), resources=resources)).lstrip()


def _resources(head: Head, tables: Sequence[str] = (), failure: Failure | None = None) -> dict[str, Any]:
    """Gather what the template says beside what the notebook holds."""
    return {
        "head": head,
        "words": WORDS[head.lang],
        "tables": [(name, name.rpartition("/")[2]) for name in tables],
        "failure": failure,
        "message": failure.message[:LONGEST_MESSAGE] if failure else "",
        "explanation": _explanation(failure, head) if failure else "",
    }


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
    shown = copy.copy(notebook)
    shown.cells = [cell for cell in notebook.cells if _is_shown(set(cell.metadata.get("tags", [])), lang)]
    return shown


def _is_shown(tags: set[str], lang: str) -> bool:
    languages = {LANGUAGE_TAGS[tag] for tag in tags & LANGUAGE_TAGS.keys()}
    return HIDDEN not in tags and (not languages or lang in languages)


@functools.cache
def _exporter() -> tuple[Any, dict[str, Any]]:
    """Make an exporter and what its template needs for any page, once a process.

    Its template is rendered without what an exporter does around that for every page: to copy and validate
    the notebook three times, and to take the finished page apart and write it again, for descriptions that
    our template writes itself. Prose that every district has is converted once.
    """
    from jinja2 import pass_context
    from nbformat.v4 import new_notebook

    exporter = new_exporter()
    convert = exporter.markdown2html
    converted = functools.lru_cache(maxsize=MOST_PROSE)(lambda source: convert({}, source))

    @pass_context
    def markdown2html(context: Any, source: str) -> Any:
        return convert(context, source) if context["cell"].get("attachments") else converted(source)

    exporter.register_filter("markdown2html", markdown2html)
    nobody = _resources(Head("", "en", "", (), {}, "", "", "", 0))
    _, usual = exporter.from_notebook_node(new_notebook(), resources=nobody)  # type: ignore[no-untyped-call]
    return exporter, usual


def new_exporter() -> Any:
    """Make nbconvert's exporter with our template."""
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        config=Config({"NbConvertBase": {"display_data_priority": KINDS}}),
        template_name="template",
        extra_template_basedirs=[str(Path(__file__).parent)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    exporter.register_filter("described", described)  # type: ignore[no-untyped-call]
    return exporter


def described(html: str, words: str) -> str:
    """Describe the picture in `html` by `words`, where it has no description of its own.

    Examples
    --------
    >>> described('<img src="data:,">', "a picture")
    '<img alt="a picture" src="data:,">'
    >>> described('<img src="data:," alt="rates by year">', "a picture")
    '<img src="data:," alt="rates by year">'
    """
    return html if DESCRIPTION.search(html) else html.replace("<img ", f'<img alt="{words}" ', 1)
