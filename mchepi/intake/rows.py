"""From the text of a file to its rows: the delimiter, blank rows, and the rows that hold no district."""

from __future__ import annotations

import csv
import functools
import io
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from mchepi.intake.cells import clean, plain
from mchepi.intake.findings import DataError, Finding
from mchepi.intake.headers import LOOK_FOR_HEADER_IN, locate

_DELIMITERS = (",", "\t", ";", "，")
_LINES_TO_TRY = 50
_MOST_CHARACTERS_OF_THEM = 1_000_000

_TOTAL = re.compile(
    r"([全本][国省市盟州旗县区])?(合计|总计|小计|共计|计)"
    r"|全[国省市盟旗县区]"  # not 全州, which is a county
    r"|(grand|sub)?-?total|sum|all",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"[*※]?\s*((附?注|备注|说明|数据来源|资料来源|来源|填表说明|notes?|sources?|remarks?)\s*\d*\s*[:.、]"
    r"|(填表|填报|制表|审核|报送|复核|统计)(人|单位|日期|时间)"
    r"|(单位|机构)?负责人|报出日期|联系电话|prepared by)",
    re.IGNORECASE,
)
_NOTE_ALONE = re.compile(r"[*※]?\s*(附?注|备注|说明|notes?\b)", re.IGNORECASE)


class Row(NamedTuple):
    """A row of a table and its number in a spreadsheet."""

    number: int
    cells: list[str]


def choose_delimiter(text: str, words: Mapping[str, str], file: str) -> str:
    """Choose what stands between the cells of a file; raises DataError if a cell has no end."""
    try:
        return _delimiter(text, words)
    except csv.Error as error:
        raise DataError([_broken(error, 1, file)]) from None


def read_rows(text: str, delimiter: str, file: str) -> list[Row]:
    """Split the text of a CSV file into rows; blank ones are left out but counted.

    Raises
    ------
    DataError
        If a quotation mark is never closed, or text follows a closing one.
    """
    rows: list[Row] = []
    number = 0
    try:
        for number, cells in enumerate(_parse(text, delimiter, strict=True), start=1):
            if any(map(clean, cells)):
                rows.append(Row(number, cells))
    except csv.Error as error:
        raise DataError([_broken(error, number + 1, file)]) from None
    return rows


def opening_rows(text: str, delimiter: str) -> list[Row] | None:
    """Give the rows among which a header is sought, as `read_rows` does; None where few lines do not tell."""
    start = _start(text)
    rows = [] if '"' in start else [row for row in _numbered(start, delimiter) if any(map(clean, row.cells))]
    return rows if rows and (len(rows) >= LOOK_FOR_HEADER_IN or len(start) == len(text)) else None


def first_rows(text: str, words: Mapping[str, str]) -> tuple[str, list[Row]]:
    """Give the delimiter of a file and its first rows, blank ones included, however the file goes on."""
    delimiter = _delimiter(text, words)
    return delimiter, _numbered(_start(text), delimiter)


def is_total(cells: Iterable[str]) -> bool:
    """Whether one of the key cells of a row says that it sums other rows: 合计, 小计, 全旗, Total."""
    return any(map(_says_total, cells))


@functools.lru_cache(maxsize=65536)
def _says_total(cell: str) -> bool:
    return _TOTAL.fullmatch(re.sub(r"\s", "", plain(cell))) is not None


def is_note(cells: Sequence[str]) -> bool:
    """Whether a row is a note below the table: 注:, 备注:, 填表人, Source: ..."""
    filled = filter(clean, cells)
    begins = begins_note(next(filled))
    return begins == "note" or (begins == "note alone" and not any(map(plain, filled)))


@functools.lru_cache(maxsize=65536)
def begins_note(cell: str) -> Literal["note", "note alone", ""]:
    """Tell from the first filled cell of a row whether it is a note; "note alone": if nothing follows."""
    first = plain(cell)
    return "note" if _NOTE.match(first) else "note alone" if _NOTE_ALONE.match(first) else ""


def _delimiter(text: str, words: Mapping[str, str]) -> str:
    """Choose the delimiter under which most headers are known; if none is, the one that gives most cells."""
    start = _start(text)
    tried = {delimiter: list(_parse(start, delimiter)) for delimiter in _DELIMITERS}
    return max(
        _DELIMITERS,
        key=lambda delimiter: (locate(tried[delimiter], words)[1], max(map(len, tried[delimiter]))),
    )


def _start(text: str) -> str:
    for beginning in (text[:_MOST_CHARACTERS_OF_THEM], text):
        lines = list(itertools.islice(io.StringIO(beginning, newline=""), _LINES_TO_TRY + 1))
        if len(lines) > _LINES_TO_TRY:  # the last of them may have been cut
            break
    return "".join(lines[:_LINES_TO_TRY])


def _numbered(text: str, delimiter: str) -> list[Row]:
    return [Row(at, cells) for at, cells in enumerate(_parse(text, delimiter), start=1)]


def _parse(text: str, delimiter: str, *, strict: bool = False) -> Iterable[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)


def _broken(error: csv.Error, row: int, file: str) -> Finding:
    """Tell what the parser met, and in which row."""
    if "field limit" in str(error):
        fix = "Check that the file is a CSV table with one row a line."
        message = f"must have cells of at most {csv.field_size_limit():,} characters; one here is longer"
        return Finding(file, row, None, None, "cell_length", "error", message, fix)
    fix = 'Close it, or write a quotation mark inside a text twice ("").'
    message = "must close every quotation mark where its cell ends; one that opens in this row is not"
    return Finding(file, row, None, None, "quotation_marks", "error", message, fix)
