"""The quotas of a dataset: how many persons or tests are to be done by which day."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pandas as pd

from mchepi.intake.cells import Fault, plain, whole_number
from mchepi.intake.findings import DataError, Finding, did_you_mean
from mchepi.intake.headers import header_key
from mchepi.intake.registers.values import date
from mchepi.intake.table import Table, read_sheet, to_table

KIND = "quotas"
COLUMNS = ["district", "item", "unit", "start", "deadline", "quota"]
# What a register can count by day: the catalog's name of the count, and the test that it is limited to.
ITEMS: Mapping[str, str | None] = {
    "women_screened_cervical": None,
    "women_screened_cervical_hpv": "hpv",
    "women_screened_cervical_tct": "cytology",
}
_NAMES = {
    "women_screened_cervical": ("宫颈癌检查人数", "宫颈癌筛查人数", "宫颈癌筛查"),
    "women_screened_cervical_hpv": ("宫颈癌HPV检查人数", "HPV检测", "HPV检查"),
    "women_screened_cervical_tct": ("宫颈癌TCT检查人数", "TCT检查", "细胞学检查"),
}
UNITS = {"persons": ("persons", "人", "人数"), "tests": ("tests", "人次", "例次")}
_LONGEST = 366  # days from the start to the deadline

_WORDS = {
    header_key(header): column
    for column, headers in {
        "district": ("district", "区划代码", "地区", "旗县"),
        "item": ("item", "项目", "指标"),
        "unit": ("unit", "单位"),
        "start": ("start", "开始日期", "起始日期"),
        "deadline": ("deadline", "截止日期", "完成期限"),
        "quota": ("quota", "任务数", "年度任务数"),
    }.items()
    for header in headers
}


def read_quotas(
    files: Mapping[str, Path], districts: Collection[str] | None
) -> tuple[pd.DataFrame, list[Finding]]:
    """Read the quotas of a dataset, where there is a file of them.

    Parameters
    ----------
    files : mapping
        "quotas" → a CSV file with the columns district, item (a count that a register gives by day), unit
        (persons, the default, or tests), start and deadline (dates), quota.
    districts : collection of str, optional
        The ids of the dataset's tables; None: as the file writes them.

    Returns
    -------
    quotas : pandas.DataFrame
        Columns district, item, unit, start and deadline (days since 1970), quota; no rows without a file.
    findings : list of Finding
        All that is wrong in the file.
    """
    nothing = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    if KIND not in files:
        return nothing, []
    try:
        required = [(name,) for name in COLUMNS if name != "unit"]
        table, findings = to_table(read_sheet(files[KIND]), _WORDS, required)
    except DataError as error:
        return nothing, list(error.findings)
    if any(found.severity == "error" for found in findings):
        return nothing, findings
    rows = _rows(table)
    findings += [*_faults(table, rows, districts)]
    if any(found.severity == "error" for found in findings):
        return nothing, findings
    return pd.DataFrame(rows, columns=COLUMNS), findings


def _rows(table: Table) -> list[list[object]]:
    """Read every cell; what cannot be read is None."""
    items = {header_key(name): item for item in ITEMS for name in (item, *_NAMES[item])}
    units = {plain(word).casefold(): unit for unit, spelled in UNITS.items() for word in spelled}
    given = table.cells.get("unit", [""] * len(table.row_numbers))
    rows: list[list[object]] = []
    for place, unit in enumerate(given):
        district, item, start, deadline, quota = (
            plain(table.cells[name][place]) for name in COLUMNS if name != "unit"
        )
        days = [found if isinstance(found, int) else None for found in map(date, (start, deadline))]
        number = whole_number(quota)
        known = units.get(plain(unit).casefold()) if unit else "persons"
        named = items.get(header_key(item), item)
        rows.append([district, named, known, *days, None if isinstance(number, Fault) else number])
    return rows


def _faults(table: Table, rows: list[list[object]], districts: Collection[str] | None) -> Iterator[Finding]:
    seen: set[tuple[object, ...]] = set()
    for place, (district, item, unit, start, deadline, quota) in enumerate(rows):

        def fault(column: str, must: str, fix: str, place: int = place) -> Finding:
            value = table.cells[column][place] if column in table.cells else None
            row = table.row_numbers[place]
            message = f"must be {must}; got {value!r}"
            return table.found("error", "quota", message, fix, row=row, columns=[column], value=value)

        if districts is not None and district not in districts:
            fix = did_you_mean(str(district), districts) + "Correct the id, or take the row out."
            yield fault("district", "a district of the dataset", fix)
        if item not in ITEMS:
            fix = did_you_mean(str(item), ITEMS) + "Only what a register counts by day can be followed."
            yield fault("item", f"one of {', '.join(ITEMS)}", fix)
        if unit is None:
            yield fault("unit", f"one of {', '.join(UNITS)}", "Write one of these, or leave it empty.")
        for column, day in (("start", start), ("deadline", deadline)):
            if day is None:
                yield fault(column, "a date", "Write dates as 2024-10-31.")
        if isinstance(start, int) and isinstance(deadline, int) and not 0 < deadline - start <= _LONGEST:
            yield fault("deadline", "after the start, by a year at most", "Correct one of the two dates.")
        if not isinstance(quota, int) or quota < 1:
            yield fault("quota", "a whole number, 1 or more", "Write it in digits, without a unit.")
        key = (district, item, unit, start)
        if key in seen:
            yield fault("item", "named once a district, unit and start", "Take one of the rows out.")
        seen.add(key)


def date_of(days: int) -> datetime.date:
    """Give the date that lies so many days after the beginning of 1970."""
    return datetime.date(1970, 1, 1) + datetime.timedelta(days)
