"""A register's columns as values, each different text read once, and what is wrong in which rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mchepi.intake.cells import CODES, Fault, plain
from mchepi.intake.findings import Finding, Severity
from mchepi.intake.registers.schema import Column, Schema, word_key
from mchepi.intake.registers.sheet import Coded, Integers, Mask, RegisterSheet
from mchepi.intake.registers.values import as_float, reader

Floats = NDArray[np.float64]
NO_DATE = np.iinfo(np.int64).min


@dataclass
class Reading:
    """A register as read. Ids and dates are in it: it never leaves intake.

    `districts` holds a district's id by row, `dates` days since 1970 (NO_DATE: none), `numbers` floats,
    `words` positions in `choices` (-1: none), `ids` and `design` codes with their texts.
    """

    sheet: RegisterSheet
    districts: NDArray[np.object_]
    dates: dict[str, Integers] = field(default_factory=dict)
    numbers: dict[str, Floats] = field(default_factory=dict)
    words: dict[str, NDArray[np.object_]] = field(default_factory=dict)
    ids: dict[str, Coded] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    remarks: list[tuple[str, tuple[str, ...], Mask]] = field(default_factory=list)

    @property
    def schema(self) -> Schema:
        """What register this is."""
        return self.sheet.schema

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.districts)

    def say(
        self, severity: Severity, rule: str, message: str, fix: str, columns: Sequence[str], bad: Mask
    ) -> None:
        """Tell of all rows that are bad, where there are any."""
        if bad.any():
            self.findings += self.sheet.found(severity, rule, message, fix, columns, bad)
            self.remarks.append((rule, tuple(columns), bad))

    def day(self, name: str) -> Integers:
        """Give a date by row; a column that the file has not is all NO_DATE."""
        return self.dates.get(name, np.full(len(self), NO_DATE, dtype=np.int64))


def read(sheet: RegisterSheet, known: Mapping[str, str] | None = None) -> Reading:
    """Read every column of a sheet.

    Parameters
    ----------
    sheet : RegisterSheet
        From `read_register_sheet`.
    known : mapping, optional
        Word key of an id or name → the district's id; None: the ids are as the file writes them.
    """
    reading = Reading(sheet, np.full(len(sheet.rows), "", dtype=object))
    reading.findings += sheet.findings
    _districts(reading, known)
    for name, column in sheet.schema.columns.items():
        if name in sheet.cells and column.kind != "district":
            _column(reading, column)
    _units_of_headers(reading)
    return reading


def _column(reading: Reading, column: Column) -> None:
    cells = reading.sheet.cells[column.name]
    if column.kind in ("id", "design"):
        reading.ids[column.name] = cells
        return
    read_values = _values(reading, column, cells)
    values = [None if isinstance(value, Fault) else value for value in read_values]
    if column.is_date:
        days = np.array([NO_DATE if value is None else value for value in (*values, None)], dtype=np.int64)
        reading.dates[column.name] = days[cells.codes]
    elif column.kind in ("word", "yes_no", "label"):
        reading.words[column.name] = np.array([*values, None], dtype=object)[cells.codes]
    else:
        reading.numbers[column.name] = np.array([*map(as_float, values), np.nan])[cells.codes]
        texts = np.array([*(value if isinstance(value, str) else None for value in values), None], object)
        if column.kind == "cigarettes":
            reading.words[column.name] = texts[cells.codes]
    if column.required and column.kind != "step":  # a step that was not done has no date
        empty = cells.where([value is None for value in read_values])
        fix = "Fill it in; until then the row counts only where it is not needed."
        reading.say("finding", "missing_value", "has no value", fix, [column.name], empty)


def _values(reading: Reading, column: Column, cells: Coded) -> list[Any]:
    """Read each different text; tell of those that break a rule and of codes for missing values."""
    read_text = reader(column)
    plain_texts = list(map(plain, cells.texts))
    values = [read_text(text) for text in plain_texts]
    coded = cells.where(
        [text in CODES and value is None for text, value in zip(plain_texts, values, strict=True)]
    )
    message = "holds -1 or -2, read as missing (our reading of the codes)"
    reading.say("finding", "missing_code", message, "Leave the cell empty.", [column.name], coded)
    for fault in dict.fromkeys(value for value in values if isinstance(value, Fault)):
        wrong = cells.where([value == fault for value in values])
        message = f"must be {fault.must}; got something else"
        reading.say("error", fault.rule, message, fault.fix, [column.name], wrong)
    return values


def _districts(reading: Reading, known: Mapping[str, str] | None) -> None:
    sheet = reading.sheet
    ids = list(dict.fromkeys(known.values())) if known else []
    if "district" not in sheet.cells:
        if len(ids) == 1:
            reading.districts[:] = ids[0]
        elif known is not None:
            everywhere = np.ones(len(reading), dtype=bool)
            message = "must have a column district, as the dataset has several"
            fix = "Add a column with the id or the name of each row's district."
            reading.say("error", "required_column", message, fix, ["district"], everywhere)
        return
    cells = sheet.cells["district"]
    read_text = reader(sheet.schema.columns["district"])
    found = [read_text(plain(text)) for text in cells.texts]
    own = ["" if value is None or isinstance(value, Fault) else str(value) for value in found]
    if known is not None:
        own = [known.get(word_key(text), "") for text in own]
    reading.districts = np.array([*own, ""], dtype=object)[cells.codes]
    must = "the id or a name of a district of the dataset" if known is not None else "filled in"
    fix = "Correct it; rows of other districts belong in another file."
    bad = cells.where([not text for text in own])
    message = f"must be {must}; got something else"
    reading.say("error", "district", message, fix, ["district"], bad)


def _units_of_headers(reading: Reading) -> None:
    """Take the unit of hemoglobin from its header where no column states it."""
    unit = reading.sheet.units.get("hemoglobin")
    if reading.schema.name == "hemoglobin" and unit and "unit" not in reading.words:
        word = reading.schema.columns["unit"].words.get(word_key(unit))
        reading.words["unit"] = np.full(len(reading), word, dtype=object)
