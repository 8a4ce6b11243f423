"""A file as a table: columns by their meaning, rows by their spreadsheet numbers, and what was left out."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mchepi.intake.cells import clean, cleaned, in_digits
from mchepi.intake.encoding import read_text
from mchepi.intake.findings import DataError, Finding, Severity, file_error, listed, shown, shown_path
from mchepi.intake.full_rows import Column, columns_below
from mchepi.intake.headers import (
    column_of,
    is_personal,
    locate,
    similar_column,
    words_of_counts,
    words_of_series,
)
from mchepi.intake.rows import Row, begins_note, choose_delimiter, is_note, is_total, opening_rows, read_rows


@dataclass(frozen=True)
class Sheet:
    """The text of a file, before it is known what its rows mean."""

    file: str
    text: str
    delimiter: str
    findings: list[Finding]

    @cached_property
    def rows(self) -> list[Row]:
        """All rows that are not blank."""
        return read_rows(self.text, self.delimiter, self.file)

    @cached_property
    def opening(self) -> list[Row]:
        """The first of them, among which the header is."""
        return opening_rows(self.text, self.delimiter) or self.rows


@dataclass(frozen=True)
class Table:
    """The columns of a file by their names.

    `headers` holds the names as the file writes them; `cells` the columns as text, `numbers` those of nothing
    but whole numbers.
    """

    file: str
    headers: dict[str, str]
    row_numbers: list[int]
    cells: dict[str, list[str]]
    numbers: dict[str, NDArray[np.int64]]

    def found(
        self,
        severity: Severity,
        rule: str,
        message: str,
        fix: str = "",
        *,
        row: int | None = None,
        columns: Sequence[str] = (),
        value: str | None = None,
    ) -> Finding:
        """Give a finding on this table; `columns` are named as the file writes them."""
        written = ", ".join(self.headers.get(name, name) for name in columns) or None
        return Finding(self.file, row, written, value, rule, severity, message, fix)


def read_sheet(path: Path) -> Sheet:
    """Read the rows of a CSV file; raises DataError if it is none."""
    text, findings = read_text(path)
    file = shown_path(path)
    sheet = Sheet(
        file, text, choose_delimiter(text, {**words_of_series(), **words_of_counts()}, file), findings
    )
    # What may be wrong with its rows is to be said here; without quotation marks only their length may be.
    is_simple = '"' not in text and max(map(len, text.split("\n"))) <= csv.field_size_limit()
    if not (sheet.opening if is_simple else sheet.rows):
        message = "must hold a table; got blank rows only"
        raise DataError([file_error(file, "file", message, "Export or save it again.")])
    return sheet


def is_series(sheet: Sheet) -> bool:
    """Whether a sheet holds series (a row has one indicator's value) rather than counts of district-years."""
    words = words_of_series()
    position, known = locate([row.cells for row in sheet.opening], words)
    names = {column_of(cell, words) for cell in sheet.opening[position].cells} if known else set()
    return {"indicator", "value"} <= names


def to_table(
    sheet: Sheet,
    words: Mapping[str, str],
    required: Iterable[Sequence[str]],
    totals_in: Sequence[str] = (),
    texts: Collection[str] | None = None,
) -> tuple[Table, list[Finding]]:
    """Give the columns of a sheet their names and its rows their numbers.

    Parameters
    ----------
    sheet : Sheet
        From `read_sheet`.
    words : mapping
        Header key → column name.
    required : iterable of sequences of str
        Of each sequence one column must be there.
    totals_in : sequence of str
        The columns in which a word such as 合计 marks a row of totals.
    texts : collection of str, optional
        The columns that are text whatever stands in them; None: all.

    Returns
    -------
    table : Table
        Columns that are not known keep their own header as name.
    findings : list of Finding
        What was skipped, left out or is missing.
    """
    at, _ = locate([row.cells for row in sheet.opening], words)
    header = sheet.opening[at]
    quick = None if texts is None else _full_columns(sheet, header, words, totals_in, texts)
    below = sheet.rows[at + 1 :] if quick is None else []
    names, findings = _name_columns(header, below, words, sheet.file)
    findings = [*sheet.findings, *_titles(sheet.opening[:at], sheet.file), *findings]
    findings += _absent_columns(names, header, words, required, sheet.file)
    if quick is not None:
        first = header.number + 1
        row_numbers = list(range(first, first + len(quick[0])))
        found = {name: quick[position] for name, position in names.items()}
    else:
        rows, left_out = _sort_out(below, names, totals_in, len(header.cells), sheet.file)
        findings += left_out
        if not rows and not any(found.severity == "error" for found in left_out):
            got = "only total and note rows" if below else "a header only"
            fix = "Add the rows of the districts." if below else "Export or save it again."
            message = f"must hold at least one row of data; got {got}"
            findings.append(file_error(sheet.file, "no_rows", message, fix))
        row_numbers = [row.number for row in rows]
        columns = list(zip_longest(*(row.cells for row in rows), fillvalue=""))
        nothing = ("",) * len(rows)
        found = {
            name: list(columns[position] if position < len(columns) else nothing)
            for name, position in names.items()
        }
    written = {name: clean(header.cells[position]) for name, position in names.items()}
    cells, numbers = _by_kind(found, found if texts is None else texts)
    return Table(sheet.file, written, row_numbers, cells, numbers), findings


def _by_kind(
    columns: Mapping[str, Column], texts: Collection[str]
) -> tuple[dict[str, list[str]], dict[str, NDArray[np.int64]]]:
    """Tell columns of text, cleaned, from those of nothing but whole numbers."""
    cells: dict[str, list[str]] = {}
    numbers: dict[str, NDArray[np.int64]] = {}
    for name, column in columns.items():
        if isinstance(column, np.ndarray):
            numbers[name] = column
            continue
        clean_cells = cleaned(column)
        counts = None if name in texts else in_digits(clean_cells)
        if counts is None:
            cells[name] = clean_cells
        else:
            numbers[name] = counts
    return cells, numbers


def _full_columns(
    sheet: Sheet, header: Row, words: Mapping[str, str], totals_in: Sequence[str], texts: Collection[str]
) -> list[Column] | None:
    """Give all columns at once; None where a header or a row may need to be looked at by itself."""
    names = [column_of(clean(written), words) for written in header.cells]
    as_text = {position for position, name in enumerate(names) if name in texts}
    if not all(map(clean, header.cells)):
        return None
    columns = columns_below(sheet.text, sheet.delimiter, header, as_text)
    if columns is None:
        return None
    for position, column in enumerate(columns):
        different = set() if isinstance(column, np.ndarray) else set(column)
        if position == 0 and not all(clean(cell) and not begins_note(cell) for cell in different):
            return None
        if names[position] in totals_in and is_total(map(clean, different)):
            return None
    return columns


def _name_columns(
    header: Row, below: Sequence[Row], words: Mapping[str, str], file: str
) -> tuple[dict[str, int], list[Finding]]:
    """Name → position of the columns; columns that mean the same are errors, unknown ones are said."""
    names: dict[str, int] = {}
    findings = []
    unknown = []
    for position, written in enumerate(map(clean, header.cells)):
        if not written:
            if any(_cell(row, position) for row in below):
                findings.append(_unnamed(file, header.number, position))
            continue
        known = column_of(written, words)
        name = known or written
        if name in names:
            first = clean(header.cells[names[name]])
            message = f"must be the only column for {name}; {shown(first)} and {shown(written)} both are"
            fix = "Delete or rename one of them."
            findings.append(
                Finding(file, header.number, written, written, "duplicate_column", "error", message, fix)
            )
            continue
        names[name] = position
        if known is None:
            unknown.append(name)
    return names, findings + _unknown(file, header.number, unknown, names, words)


def _unknown(
    file: str, row: int, unknown: Sequence[str], names: Mapping[str, int], words: Mapping[str, str]
) -> list[Finding]:
    """Columns that the catalog does not know: each that resembles a known one, the others in one note."""
    findings, others = [], []
    if personal := list(filter(is_personal, unknown)):
        message = "may tell who someone is; left out"
        fix = "Take them out of the file."
        written = ", ".join(personal)
        findings.append(Finding(file, row, written, None, "column_left_out", "note", message, fix))
    for name in filter(lambda name: not is_personal(name), unknown):
        similar = similar_column(name, words)
        if similar and column_of(similar, words) not in names:
            fix = f"Did you mean {similar}? Rename it if so; until then it is kept, but no indicator uses it."
            message = "is not a known column, but near one"
            findings.append(Finding(file, row, name, name, "similar_column", "finding", message, fix))
        else:
            others.append(name)
    if others:
        listed = ", ".join(others)
        one = len(others) == 1
        message = "is not a known column; kept as it is" if one else "are not known columns; kept as they are"
        findings.append(
            Finding(file, row, listed, listed if one else None, "unknown_column", "note", message, "")
        )
    return findings


def _unnamed(file: str, row: int, position: int) -> Finding:
    message = f"has no header in column {_letters(position)}; the cells below it were left out"
    return Finding(file, row, None, None, "unnamed_column", "finding", message, "Give the column a name.")


def _titles(rows: Sequence[Row], file: str) -> list[Finding]:
    findings = []
    for row in rows:
        first = next(filter(None, map(clean, row.cells)))
        message = f"is a title above the header ({shown(first)}); skipped"
        findings.append(Finding(file, row.number, None, first, "title_row", "note", message, ""))
    return findings


def _absent_columns(
    names: Iterable[str],
    header: Row,
    words: Mapping[str, str],
    required: Iterable[Sequence[str]],
    file: str,
) -> list[Finding]:
    names = set(names)
    got = listed([shown(clean(cell)) for cell in header.cells if clean(cell)])
    findings = []
    for choice in required:
        if names.isdisjoint(choice):
            chinese = [key for key, name in words.items() if name in choice and not key.isascii()]
            message = f"must have a column {choice[0]}; got {got}"
            fix = f"Add it, or rename the column that holds it ({', '.join(chinese[:3])} are read too)."
            findings.append(
                Finding(file, header.number, choice[0], None, "required_column", "error", message, fix)
            )
    return findings


def _sort_out(
    below: Sequence[Row], names: Mapping[str, int], totals_in: Iterable[str], width: int, file: str
) -> tuple[list[Row], list[Finding]]:
    """Keep the rows of data, and say what the others are."""
    keys = [names[name] for name in totals_in if name in names]
    rows, findings = [], []
    for row in below:
        first = next(filter(None, map(clean, row.cells)))
        if is_note(row.cells):
            findings.append(_left_out(file, row.number, first, "note"))
        elif is_total(_cell(row, position) for position in keys):
            findings.append(_left_out(file, row.number, first, "total"))
        elif any(map(clean, row.cells[width:])):
            message = f"must have {width} cells, as the header has; got {len(row.cells)}"
            fix = "A comma inside a number or text needs quotation marks around the cell; or take it out."
            findings.append(Finding(file, row.number, None, None, "width", "error", message, fix))
        else:
            rows.append(row)
    return rows, findings


def _left_out(file: str, row: int, first: str, kind: str) -> Finding:
    fix = "Nothing to do; if it is a district of that name, call it otherwise."
    message = f"is a {kind} row ({shown(first)}); left out"
    return Finding(file, row, None, first, f"{kind}_row", "finding", message, fix if kind == "total" else "")


def _letters(position: int) -> str:
    """Name a column as a spreadsheet does: A, B … Z, AA."""
    before, last = divmod(position, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _cell(row: Row, position: int) -> str:
    return clean(row.cells[position]) if position < len(row.cells) else ""
