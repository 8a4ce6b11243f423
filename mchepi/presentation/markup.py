"""HTML of tables and sentences. All text is escaped here, so a name is never more than a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

# Widest lines that are never broken, in cells and in headings.
_NEVER_BROKEN = {"td": 20, "th": 12}
_WIDE = 6  # columns, from which on the first must not be squeezed


@dataclass(frozen=True)
class ReaderTable:
    """A table as people read it: every cell is text in the reader's language.

    `numeric` says of each column whether it is set flush right. `rows` that repeat the label of the row
    above leave it empty.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    notes: tuple[str, ...] = ()


def table_html(table: ReaderTable) -> str:
    r"""HTML of a reader's table, with its notes below.

    Examples
    --------
    >>> html = table_html(ReaderTable(("Name",), (("<b>",),), (False,)))
    >>> html[html.index("<tbody>"):]
    '<tbody>\n<tr><td><span class="mchepi-line">&lt;b&gt;</span></td></tr>\n</tbody></table>'
    """
    head = _row("th", table.headings, table.numeric)
    body = "".join(f"{_row('td', row, table.numeric)}\n" for row in table.rows)
    wide = " mchepi-wide" if len(table.headings) >= _WIDE else ""
    html = f'<table class="mchepi-table{wide}"><thead>{head}</thead><tbody>\n{body}</tbody></table>'
    return html + (lines_html(table.notes, "mchepi-notes") if table.notes else "")


def lines_html(lines: Iterable[str], kind: str = "mchepi-say") -> str:
    """Sentences, one paragraph each.

    Examples
    --------
    >>> lines_html(["3 < 4"])
    '<div class="mchepi-say"><p>3 &lt; 4</p></div>'
    """
    return f'<div class="{kind}">{"".join(f"<p>{escape(line)}</p>" for line in lines)}</div>'


def list_html(items: Sequence[str], kind: str = "mchepi-findings") -> str:
    """Sentences as a numbered list.

    Examples
    --------
    >>> list_html(["One."])
    '<ol class="mchepi-findings"><li>One.</li></ol>'
    """
    return f'<ol class="{kind}">{"".join(f"<li>{escape(item)}</li>" for item in items)}</ol>'


def facts_html(facts: Iterable[tuple[str, str]], kind: str = "mchepi-facts") -> str:
    """Pairs of a term and what is said of it.

    Examples
    --------
    >>> facts_html([("Year", "2023")])
    '<dl class="mchepi-facts"><dt>Year</dt><dd>2023</dd></dl>'
    """
    body = "".join(f"<dt>{escape(term)}</dt><dd>{escape(said)}</dd>" for term, said in facts)
    return f'<dl class="{kind}">{body}</dl>'


def place_html(name: str) -> str:
    """Give the name of the place, large.

    Examples
    --------
    >>> place_html("A & B")
    '<p class="mchepi-place">A &amp; B</p>'
    """
    return f'<p class="mchepi-place">{escape(name)}</p>'


def style_html() -> str:
    """The style of the blocks above; in the report page as in JupyterLab.

    Examples
    --------
    >>> style_html()[:7]
    '<style>'
    """
    css = (files(__package__) / "data" / "page.css").read_text("utf-8")
    return f"<style>{css}</style>"


def _row(tag: str, cells: Sequence[str], numeric: Sequence[bool]) -> str:
    return f"<tr>{''.join(_cell(tag, text, flush) for text, flush in zip(cells, numeric, strict=True))}</tr>"


def _cell(tag: str, content: str, flush_right: bool) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    number = ' class="mchepi-number"' if flush_right else ""
    # The style breaks no cell of numbers: their lines need no mark of their own.
    whole = -1 if flush_right and tag == "td" else _NEVER_BROKEN[tag]
    lines = "<br>".join(_line(line, whole) for line in content.split("\n"))
    return f"<{tag}{scope}{number}>{lines}</{tag}>"


def _line(content: str, never_broken: int) -> str:
    """One line of a cell; a short one is never broken, so that no word or number is torn apart."""
    if display_width(content) > never_broken or not content:
        return escape(content)
    return f'<span class="mchepi-line">{escape(content)}</span>'


def display_width(content: str) -> int:
    """Count Latin letters as one, Chinese ones as two.

    Examples
    --------
    >>> display_width("ab"), display_width("死亡")
    (2, 4)
    """
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in content)
