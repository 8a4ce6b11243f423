"""A register's file as columns of coded text: every different cell once, and where it stands."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mchepi.intake.cells import clean, plain
from mchepi.intake.encoding import read_text
from mchepi.intake.findings import DataError, Finding, Severity, file_error, listed, shown_path
from mchepi.intake.headers import locate
from mchepi.intake.registers.schema import UNIT_IN_HEADER, Schema, recognize, words_of_registers
from mchepi.intake.rows import Row, first_rows, is_note, is_total

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Coded(NamedTuple):
    """A column: its different texts, cleaned, and which of them stands in each row."""

    codes: Integers
    texts: list[str]

    def where(self, wanted: Sequence[bool]) -> Mask:
        """Mark the rows whose text is wanted."""
        return np.asarray(np.array([*wanted, False])[self.codes])

    def take(self, rows: Mask) -> Coded:
        """Keep some rows."""
        return Coded(self.codes[rows], self.texts)


@dataclass(frozen=True)
class RegisterSheet:
    """The known columns of a register as text, by their names, and the spreadsheet's number of each row."""

    file: str
    schema: Schema
    headers: dict[str, str]
    rows: Integers
    cells: dict[str, Coded]
    units: dict[str, str]
    findings: list[Finding]

    def found(
        self, severity: Severity, rule: str, message: str, fix: str, columns: Sequence[str], bad: Mask
    ) -> list[Finding]:
        """Give one finding on all rows that are bad, or none; it names rows and columns and shows no cell."""
        rows = self.rows[bad].tolist()
        if not rows:
            return []
        written = ", ".join(self.headers.get(name, name) for name in columns)
        if len(rows) > 1:
            message += f", in rows {listed(rows)}"
        return [Finding(self.file, rows[0], written or None, None, rule, severity, message, fix)]


def header_of(path: Path) -> list[str]:
    """Give the header of a file as `recognize` wants it; raises DataError if it is no table."""
    if path.suffix.lower() == ".parquet":
        return list(map(str, _parquet(path, shown_path(path)).columns))
    _, rows = first_rows(read_text(path)[0], words_of_registers())
    return [clean(cell) for cell in rows[_header_at(rows)].cells] if rows else []


def read_register_sheet(path: Path, schema: Schema | None = None) -> RegisterSheet:
    """Read the rows of a register; raises DataError if the file is none, or lacks columns or rows.

    Without a schema it is recognized by its columns.
    """
    file = shown_path(path)
    findings: list[Finding] = []
    if path.suffix.lower() == ".parquet":
        frame = _parquet(path, file)
        header = Row(1, [str(name) for name in frame.columns])
        above = 0
    else:
        text, findings = read_text(path)
        delimiter, rows = first_rows(text, words_of_registers())
        at = _header_at(rows)
        header, above = rows[at], sum(any(map(clean, row.cells)) for row in rows[:at])
        frame = _below(text, delimiter, header, file)
    if above:
        message = f"has {above} rows of titles above its header; skipped"
        findings = [*findings, Finding(file, 1, None, None, "title_row", "note", message, "")]
    schema = schema or recognize(header.cells)
    if schema is None:
        fix = "Name its columns as mchepi/intake/data/registers.csv does, in English or Chinese."
        raise DataError([file_error(file, "register", "must be a register that is known", fix)])
    names, units, said = _names(header, frame, schema, file)
    coded = {name: _coded(frame.iloc[:, position]) for name, position in names.items()}
    written = {name: clean(header.cells[position]) for name, position in names.items()}
    numbers = np.arange(len(frame), dtype=np.int64) + header.number + 1
    kept, left_out = _rows_of_data(frame, coded, schema, file, numbers)
    return RegisterSheet(
        file,
        schema,
        written,
        numbers[kept],
        {name: column.take(kept) for name, column in coded.items()},
        units,
        [*findings, *said, *left_out],
    )


def _header_at(rows: Sequence[Row]) -> int:
    at, _ = locate(
        [[UNIT_IN_HEADER.sub("", plain(cell)) for cell in row.cells] for row in rows], words_of_registers()
    )
    return at


def _below(text: str, delimiter: str, header: Row, file: str) -> pd.DataFrame:
    """Read the rows below the header as text; the last column holds what goes beyond the header."""
    width = len(header.cells)
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=None,
            names=list(range(width + 1)),
            skiprows=header.number,
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            index_col=False,
            engine="c" if delimiter.isascii() else "python",
            on_bad_lines="error",
        )
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame(columns=list(range(width + 1)), dtype=object)
    except (pd.errors.ParserError, csv.Error) as error:
        raise DataError([_unparsed(str(error), width, file)]) from None
    if not delimiter.isascii():  # the slower parser has no other way to say that a cell is not there
        frame = frame.fillna("")
    beyond = np.flatnonzero(frame[width].to_numpy(object) != "")
    if beyond.size:
        raise DataError([_too_wide(int(beyond[0]) + header.number + 1, width, file)])
    return frame.drop(columns=width)


def _unparsed(error: str, width: int, file: str) -> Finding:
    """Turn an error of the parser, which may quote a cell, into one that names a row."""
    line = re.search(r"in line (\d+)", error)
    if line:
        return _too_wide(int(line[1]), width, file)
    row = re.search(r"starting at row (\d+)", error)
    at = int(row[1]) + 1 if row else None
    fix = 'Close it, or write a quotation mark inside a text twice ("").'
    message = "must close every quotation mark where its cell ends; one that opens in this row is not"
    return Finding(file, at, None, None, "quotation_marks", "error", message, fix)


def _too_wide(row: int, width: int, file: str) -> Finding:
    message = f"must have {width} cells, as the header has; got more"
    fix = "A comma inside a number or text needs quotation marks around the cell; or take it out."
    return Finding(file, row, None, None, "width", "error", message, fix)


def _parquet(path: Path, file: str) -> pd.DataFrame:
    if not path.is_file():
        message = "must be a file that exists; got nothing there"
        raise DataError([file_error(file, "file", message, "Check the path.")])
    try:
        frame = pd.read_parquet(path)
    except ImportError:
        fix = "Install pyarrow, or save the table as CSV."
        raise DataError(
            [file_error(file, "file", "must be CSV where pyarrow is not installed", fix)]
        ) from None
    except (OSError, ValueError):
        message = "must be a Parquet file; it cannot be read as one"
        raise DataError([file_error(file, "file", message, "Export or save it again.")]) from None
    return pd.DataFrame({name: _as_text(frame[name]) for name in frame.columns}, dtype=object)


def _as_text(column: pd.Series[Any]) -> list[str]:
    values = column.astype(object).tolist()
    return ["" if absent else str(value) for value, absent in zip(values, column.isna(), strict=True)]


def _names(
    header: Row, frame: pd.DataFrame, schema: Schema, file: str
) -> tuple[dict[str, int], dict[str, str], list[Finding]]:
    """Name → position of the known columns, units that headers state, and what is said of the others."""
    names: dict[str, int] = {}
    units: dict[str, str] = {}
    findings, unknown = [], []
    for position, written in enumerate(map(clean, header.cells)):
        name = schema.column_of(written) if written else None
        if name is None:
            unknown += [written] if written else []
        elif name in names:
            message = f"must be the only column for {name}; {header.cells[names[name]]!r} is one too"
            fix = "Delete or rename one of them."
            findings.append(
                Finding(file, header.number, written, None, "duplicate_column", "error", message, fix)
            )
        else:
            names[name] = position
            if unit := UNIT_IN_HEADER.search(plain(written).casefold()):
                units[name] = unit[1]
    absent = [name for name in schema.required if name not in names]
    for name in absent:
        others = ", ".join(schema.columns[name].synonyms[:3])
        message = f"must have a column {name}, as a register of {schema.name}"
        fix = f"Add it, or rename the column that holds it ({others} are read too)."
        findings.append(Finding(file, header.number, name, None, "required_column", "error", message, fix))
    if unknown:
        message = "is left out: no column of this register" if len(unknown) == 1 else "are left out: "
        message += "" if len(unknown) == 1 else "no columns of this register"
        findings.append(
            Finding(file, header.number, ", ".join(unknown), None, "column_left_out", "note", message, "")
        )
    if any(found.severity == "error" for found in findings):
        raise DataError(findings)
    return names, units, findings


def _coded(cells: pd.Series[Any]) -> Coded:
    codes, found = pd.factorize(cells.to_numpy(dtype=object))
    texts = [str(text) for text in found]
    together = "".join(texts)
    if together.isascii() and together.isalnum():  # a million ids: nothing to clean
        return Coded(codes.astype(np.int64), texts)
    cleaned = list(map(clean, texts))
    again, different = pd.factorize(np.array([*cleaned, None], dtype=object))
    return Coded(again[codes].astype(np.int64), [str(text) for text in different])


def _rows_of_data(
    frame: pd.DataFrame, coded: dict[str, Coded], schema: Schema, file: str, numbers: Integers
) -> tuple[Mask, list[Finding]]:
    """Mark the rows that hold a person; blank rows, notes and totals do not."""
    filled, known = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    for name, column in coded.items():
        here = column.where([bool(text) for text in column.texts])
        filled |= here
        if name in schema.required:
            known |= here
    notes = np.zeros(len(frame), dtype=bool)
    for at in np.flatnonzero(~known):
        cells = [str(cell) for cell in frame.iloc[at]]
        notes[at] = any(map(clean, cells)) and is_note(cells)
    totals = np.zeros(len(frame), dtype=bool)
    if "district" in coded:
        totals = coded["district"].where([is_total([text]) for text in coded["district"].texts])
    findings = []
    for kind, rows in (("note", notes), ("total", totals)):
        if found := numbers[rows].tolist():
            message = f"holds {kind}s in rows {listed(found)}; left out"
            findings.append(Finding(file, found[0], None, None, f"{kind}_row", "finding", message, ""))
    kept = filled & ~notes & ~totals
    if not kept.any():
        message, fix = "must hold at least one row of data; got none", "Add the rows."
        raise DataError([file_error(file, "no_rows", message, fix)])
    return kept, findings
