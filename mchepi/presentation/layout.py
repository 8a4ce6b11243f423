"""The one way in which rows become the cells of a reader's table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import numbers
from .markup import ReaderTable
from .wording import text

Row = Mapping[str, Any]
Column = tuple[str, bool, Callable[[Row], str]]  # heading, whether flush right, what stands in a row


def build(
    rows: Sequence[Row], columns: Sequence[Column], notes: Sequence[str] = (), *, merge: bool = True
) -> ReaderTable:
    """Cells of all rows; a first column that repeats the row above is left empty.

    Examples
    --------
    >>> build([{"a": 1}, {"a": 1}], [("A", False, lambda row: str(row["a"]))]).rows
    (('1',), ('',))
    """
    cells = [[write(row) for _, _, write in columns] for row in rows]
    for line in reversed(range(1, len(cells))):
        if merge and cells[line][0] == cells[line - 1][0]:
            cells[line][0] = ""
    return ReaderTable(
        headings=tuple(heading for heading, _, _ in columns),
        rows=tuple(tuple(line) for line in cells),
        numeric=tuple(flush for _, flush, _ in columns),
        notes=tuple(note for note in notes if note),
    )


def head(key: str, lang: str, **values: object) -> str:
    """The heading of a column.

    Examples
    --------
    >>> head("period", "en")
    'Year'
    """
    return text(f"head.{key}", lang, **values)


def both_counts(row: Row, lang: str) -> str:
    """Events and denominator of a row.

    Examples
    --------
    >>> both_counts({"numerator": 3, "denominator": 1430}, "en")
    '3 / 1,430'
    """
    return f"{numbers.count(row['numerator'], lang)} / {numbers.count(row['denominator'], lang)}"
