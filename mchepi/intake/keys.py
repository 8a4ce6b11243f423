"""The keys of a row: whose it is, and of which years."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pandas as pd

from mchepi.intake.cells import Fault, identifier, plain, years
from mchepi.intake.findings import Finding, shown
from mchepi.intake.table import Table

Value = TypeVar("Value")

NAMES = ("district", "name_zh", "name_en")


def convert(
    table: Table, name: str, read: Callable[[str], Value | Fault | None]
) -> tuple[list[Value | None], list[Finding]]:
    """Read the cells of a column; those that break a rule become None and are reported."""
    cells = table.cells[name]
    known = {cell: read(plain(cell)) for cell in set(cells)}
    wrong = {cell: fault for cell, fault in known.items() if isinstance(fault, Fault)}
    values = {cell: None if isinstance(value, Fault) else value for cell, value in known.items()}
    faults = [
        table.found(
            "error",
            wrong[cell].rule,
            f"must be {wrong[cell].must}; got {shown(cell)}",
            wrong[cell].fix,
            row=row,
            columns=[name],
            value=cell,
        )
        for row, cell in (zip(table.row_numbers, cells, strict=True) if wrong else ())
        if cell in wrong
    ]
    return list(map(values.__getitem__, cells)), faults


def read_names(table: Table) -> tuple[dict[str, list[str]], list[Finding]]:
    """Read ids and names; a name that is not given is taken from the other language, else from the id.

    Where the file has no ids, the names are the ids. An id that breaks its rule is "".
    """
    source = id_column(table)
    if source is None:
        return {name: [""] * len(table.row_numbers) for name in NAMES}, []
    read, faults = convert(table, source, identifier)
    ids = [id or "" for id in read]
    zh, en = (table.cells.get(name, [""] * len(ids)) for name in NAMES[1:])
    return {
        "district": ids,
        "name_zh": [first or second or id for first, second, id in zip(zh, en, ids, strict=True)],
        "name_en": [second or first or id for first, second, id in zip(zh, en, ids, strict=True)],
    }, faults


def id_column(table: Table) -> str | None:
    """Give the column that the ids are read from."""
    return next((name for name in NAMES if name in table.cells), None)


def read_periods(table: Table) -> tuple[list[int], list[int], list[Finding]]:
    """Read the first and the last year of each row; 0 where a year is missing or breaks its rule."""
    if "year" not in table.cells:
        nothing = [0] * len(table.row_numbers)
        return nothing, nothing, []
    periods, findings = convert(table, "year", years)
    first = [period[0] if period else 0 for period in periods]
    last = [period[1] or period[0] if period else 0 for period in periods]
    if "year_end" in table.cells:
        stated, faults = convert(table, "year_end", _last_year)
        findings += faults
        last = [end or otherwise for end, otherwise in zip(stated, last, strict=True)]
        findings += [
            table.found(
                "error",
                "year",
                f"must be {start} or later, as the row begins then; got {end}",
                "Correct one of the two years.",
                row=row,
                columns=["year_end"],
                value=str(end),
            )
            for row, start, end in zip(table.row_numbers, first, last, strict=True)
            if start and end < start
        ]
    return first, last, findings


def in_order(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Sort rows: districts as they first stand in the file, the rows of each by the columns named."""
    place = frame["district"].map({name: place for place, name in enumerate(frame["district"].unique())})
    return frame.assign(_place=place).sort_values(["_place", *by], kind="stable").drop(columns="_place")


def _last_year(value: str) -> int | Fault | None:
    if not value:
        return None
    read = years(value)
    if isinstance(read, Fault):
        return read
    if read[1] is not None:
        return Fault("year", "one year, the last that the row covers", "Write it as 2024.")
    return read[0]
