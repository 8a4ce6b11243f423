"""A file as a table: columns by their meaning, rows by their spreadsheet numbers, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from mchepi.intake.cells import clean, each_once
from mchepi.intake.encoding import read_text
from mchepi.intake.findings import DataError, Finding, Severity, file_error, listed, shown, shown_path
from mchepi.intake.headers import (
    column_of,
    is_personal,
    locate,
    similar_column,
    words_of_counts,
    words_of_series,
)
from mchepi.intake.rows import Row, is_note, is_total, read_rows


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, before it is known what they mean."""

    file: str
    rows: list[Row]
    findings: list[Finding]


@dataclass(frozen=True)
class Table:
    """The columns of a file by their names, as text; `headers` holds the names as the file writes them."""

    file: str
    headers: dict[str, str]
    row_numbers: list[int]
    cells: dict[str, list[str]]

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
    rows = read_rows(text, {**words_of_series(), **words_of_counts()}, file)
    if not rows:
        message = "must hold a table; got blank rows only"
        raise DataError([file_error(file, "file", message, "Export or save it again.")])
    return Sheet(file, rows, findings)


def is_series(sheet: Sheet) -> bool:
    """Whether a sheet holds series (a row has one indicator's value) rather than counts of district-years."""
    words = words_of_series()
    position, known = locate([row.cells for row in sheet.rows], words)
    names = {column_of(cell, words) for cell in sheet.rows[position].cells} if known else set()
    return {"indicator", "value"} <= names


def to_table(
    sheet: Sheet,
    words: Mapping[str, str],
    required: Iterable[Sequence[str]],
    totals_in: Iterable[str] = (),
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
    totals_in : iterable of str
        The columns in which a word such as 合计 marks a row of totals.

    Returns
    -------
    table : Table
        Columns that are not known keep their own header as name.
    findings : list of Finding
        What was skipped, left out or is missing.
    """
    at, _ = locate([row.cells for row in sheet.rows], words)
    header, below = sheet.rows[at], sheet.rows[at + 1 :]
    names, findings = _name_columns(header, below, words, sheet.file)
    findings = [*sheet.findings, *_titles(sheet.rows[:at], sheet.file), *findings]
    findings += _absent_columns(names, header, words, required, sheet.file)

    rows, left_out = _sort_out(below, names, totals_in, len(header.cells), sheet.file)
    findings += left_out
    if not rows and not any(found.severity == "error" for found in left_out):
        got = "only total and note rows" if below else "a header only"
        fix = "Add the rows of the districts." if below else "Export or save it again."
        message = f"must hold at least one row of data; got {got}"
        findings.append(file_error(sheet.file, "no_rows", message, fix))
    written = {name: clean(header.cells[position]) for name, position in names.items()}
    columns = list(zip_longest(*(row.cells for row in rows), fillvalue=""))
    nothing = ("",) * len(rows)
    cells = {
        name: each_once(clean, columns[position] if position < len(columns) else nothing)
        for name, position in names.items()
    }
    return Table(sheet.file, written, [row.number for row in rows], cells), findings


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
