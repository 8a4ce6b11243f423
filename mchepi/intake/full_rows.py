"""Tables as programs write them, full rows without quotation marks: read a column at a time, and quickly."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mchepi.intake.cells import LARGEST_COUNT, digits_of
from mchepi.intake.rows import Row

Column: TypeAlias = "list[str] | NDArray[np.int64]"


def columns_below(text: str, delimiter: str, header: Row, texts: Collection[int]) -> list[Column] | None:
    """Read the columns of a file below its header, if every row is full and no cell is in quotation marks.

    Parameters
    ----------
    text : str
        The text of the file.
    delimiter : str
        What stands between two cells.
    header : Row
        The header; every row has as many cells.
    texts : collection of int
        The positions of columns that are text whatever stands in them.

    Returns
    -------
    list or None
        Of each column its cells as the file writes them; as whole numbers where it holds nothing else, each
        written in its digits alone. None where the file must be read cell by cell.
    """
    width = len(header.cells)
    body = _below(text, header.number)
    rows = body.count("\n") + 1
    # A parser refuses a row that is longer than the first; if none is, and the delimiters of all rows are as
    # many as they should be, each has its own.
    if not body or body.count(delimiter) != rows * (width - 1):
        return None
    frame = _parsed(body, delimiter, dict.fromkeys(texts, object))
    if frame is None or frame.shape != (rows, width):
        return None
    columns = {position: _column(frame[position]) for position in range(width)}
    lost = [position for position, column in columns.items() if column is None]
    if lost:
        return columns_below(text, delimiter, header, {*texts, *lost})
    found = [column for column in columns.values() if column is not None]
    # A number in another form than that in which it is written here would be longer: +5, 05, a space beside.
    written = sum(map(_characters, found)) + rows * width - 1
    return found if written == len(body) else None


def _below(text: str, lines: int) -> str:
    """Give the text below so many lines; nothing where its rows may be other than its lines."""
    if '"' in text:
        return ""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text:
            return ""
    parts = text.split("\n", lines)
    return parts[lines].rstrip("\n") if len(parts) > lines else ""


def _parsed(body: str, delimiter: str, types: Mapping[int, type]) -> pd.DataFrame | None:
    if not delimiter.isascii():
        return None  # for the quick parser
    try:
        return pd.read_csv(
            io.StringIO(body),
            sep=delimiter,
            header=None,
            dtype=types,
            na_filter=False,
            skip_blank_lines=False,
            low_memory=False,
            quoting=csv.QUOTE_NONE,
            engine="c",
        )
    except pd.errors.ParserError:
        return None


def _column(cells: pd.Series[Any]) -> Column | None:
    """Take a column as it was parsed; None where it is neither text nor whole numbers by now."""
    if cells.dtype == np.int64:
        if cells.min() >= 0 and cells.max() <= LARGEST_COUNT:
            return cells.to_numpy()
        return list(map(str, cells.tolist()))
    return cells.tolist() if cells.dtype in ("object", "str") else None


def _characters(column: Column) -> int:
    return digits_of(column) if isinstance(column, np.ndarray) else sum(map(len, column))
