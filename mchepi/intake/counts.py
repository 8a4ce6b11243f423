"""District-year tables: from text to counts, with every fault by its row and column."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from mchepi.intake.cells import CODES, Fault, amount, each_once, is_grouped, plain, whole_number
from mchepi.intake.checks import faults_of_counts
from mchepi.intake.findings import Finding, by_row, listed, refuse_errors, shown
from mchepi.intake.headers import (
    KEY_COLUMNS,
    TEXT_COLUMNS,
    column_of,
    count_columns,
    is_personal,
    words_of_counts,
)
from mchepi.intake.keys import NAMES, convert, in_order, read_names, read_periods
from mchepi.intake.table import Sheet, Table, read_sheet, to_table

_TEXTS = frozenset({*KEY_COLUMNS, *TEXT_COLUMNS})


class Reading(NamedTuple):
    """A table as read, its index the spreadsheet's row numbers, and all that is said of it."""

    frame: pd.DataFrame
    findings: list[Finding]
    table: Table


def read_counts(path: str | Path) -> pd.DataFrame:
    r"""Read a district-year table of counts: one row a district and year, one column a count.

    UTF-8, UTF-16 and GB18030, commas, tabs and semicolons, Chinese and English headers, title, note and
    total rows are recognized; `check` says what was done.

    Parameters
    ----------
    path : str or Path
        A CSV file.

    Returns
    -------
    pandas.DataFrame
        Columns district, name_zh, name_en, year (int64); where the file has them year_end (int64: the last
        year that a row covers), stratum, deduced; then the counts in the catalog's order (Int64, person-time
        Float64, NA where not stated); then the columns that the catalog does not know. Districts stand in
        the order of the file, the rows of each by year.

    Raises
    ------
    DataError
        With all faults of the file at once.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "mine.csv"
    >>> table = '行政区划代码,旗县,年份,活产数,新生儿死亡数\n152223,扎赉特旗,2023,"1,430",3\n'
    >>> _ = path.write_text(table, "utf-8")
    >>> read_counts(path)
      district name_zh name_en  year  neonatal_deaths  live_births
    0   152223    扎赉特旗    扎赉特旗  2023                3         1430
    """
    reading = counts_of(read_sheet(Path(path)))
    refuse_errors(reading.findings)
    return reading.frame.reset_index(drop=True)


def left_out_of(reading: Reading) -> pd.DataFrame:
    """List what a table says and its frame does not: codes for missing values, and rows of totals.

    Returns
    -------
    pandas.DataFrame
        Columns rule (missing_code, total_row), district and year (those of the cell; "" and NA for a row of
        totals), column (as the catalog names it; "" for a row), value (the code, or how the row begins).
    """
    columns = {header: name for name, header in reading.table.headers.items()}
    found: list[dict[str, Any]] = []
    for one in reading.findings:
        if one.rule == "total_row":
            found.append({"rule": one.rule, "district": "", "year": None, "column": "", "value": one.value})
        elif one.rule == "missing_code" and one.column is not None:
            own = reading.frame[reading.frame.index == one.row].iloc[0]
            keys = {"rule": one.rule, "district": own["district"], "year": own["year"], "value": one.value}
            names = [columns[header] for header in one.column.split(", ") if header in columns]
            found += [{**keys, "column": name} for name in names]
    listed_by = ["rule", "district", "year", "column", "value"]
    return pd.DataFrame(found, columns=listed_by).astype({"year": "Int64"})


def counts_of(sheet: Sheet) -> Reading:
    """Read a sheet as counts; cells that break a rule are NA, and the findings say which."""
    required = [NAMES, ("year",)]
    table, findings = to_table(sheet, words_of_counts(), required, (*NAMES, "year", "stratum"), _TEXTS)
    counted = [name for name in table.headers if name in count_columns()]
    if not counted:
        findings.append(_no_counts(table))
    keys, faults = _keys(table)
    findings += faults
    counts: dict[str, Any] = {}
    for name in counted:
        counts[name], faults = _counts(table, name)
        findings += faults
    findings += _unstated(table, counted)
    others = {
        name: _column_of_any_kind(table, name)
        for name in table.headers
        if name not in counts and name not in KEY_COLUMNS and not is_personal(name)
    }
    ordered = {name: counts[name] for name in sorted(counts, key=count_columns().index)}
    frame = pd.DataFrame({**keys, **ordered, **others}, index=pd.Index(table.row_numbers, dtype="int64"))
    findings += faults_of_counts(frame, table)
    order = [name for name in ("year", "year_end", "stratum") if name in frame]
    return Reading(in_order(frame, order), by_row(findings), table)


def _keys(table: Table) -> tuple[dict[str, Any], list[Finding]]:
    names, findings = read_names(table)
    columns: dict[str, Any] = {name: pd.array(values, dtype="str") for name, values in names.items()}
    first, last, faults = read_periods(table)
    findings += faults
    columns["year"] = pd.array(first, dtype="int64")
    if first != last:
        columns["year_end"] = pd.array(last, dtype="int64")
    if "stratum" in table.cells:
        columns["stratum"] = pd.array(table.cells["stratum"], dtype="str")
    if "deduced" in table.cells:
        deduced, faults = convert(table, "deduced", lambda cell: _deduced(cell, table))
        findings += faults
        columns["deduced"] = pd.array([names or "" for names in deduced], dtype="str")
    return columns, findings


def _deduced(cell: str, table: Table) -> str | Fault:
    """Read `a;b`, the columns of the row whose values are deduced, and name them as the catalog does."""
    words = words_of_counts()
    names = [column_of(word, words) or word.strip() for word in re.split(r"[;,、]", cell) if word.strip()]
    strange = [name for name in names if name not in table.headers or name in KEY_COLUMNS]
    if strange:
        fix = f"Write the headers of the deduced counts; these are none: {listed(strange)}."
        return Fault("deduced", "names of columns of this table, joined by semicolons", fix)
    return ";".join(names)


def _counts(table: Table, name: str) -> tuple[Any, list[Finding]]:
    if name in table.numbers:
        numbers = pd.array(table.numbers[name], dtype="Int64")
        return (numbers.astype("Float64") if name.endswith("_years") else numbers), []
    if name.endswith("_years"):  # person-time
        amounts, faults = convert(table, name, lambda value: None if value in CODES else amount(value))
        return pd.array(amounts, dtype="Float64"), faults
    counts, faults = convert(table, name, lambda value: None if value in CODES else whole_number(value))
    return pd.array(counts, dtype="Int64"), faults


def _column_of_any_kind(table: Table, name: str) -> Any:
    """Read a column that the catalog does not know: as whole numbers, numbers or text, whichever fits all."""
    if name in table.numbers:
        return pd.array(table.numbers[name], dtype="Int64")
    cells = table.cells[name]
    if name in TEXT_COLUMNS:
        return pd.array(cells, dtype="str")
    values = each_once(plain, cells)
    filled = {value for value in values if value}
    if filled and all(re.fullmatch(r"-?(0|[1-9]\d{0,17})", value) for value in filled):
        return pd.array([int(value) if value else None for value in values], dtype="Int64")
    if filled and all(re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", value) for value in filled):
        return pd.array([float(value) if value else None for value in values], dtype="Float64")
    return pd.array(cells, dtype="str")


def _unstated(table: Table, counted: Sequence[str]) -> list[Finding]:
    """Report empty counts and codes, a row at a time; and once that thousands separators were read."""
    empty: dict[int, list[str]] = defaultdict(list)
    coded: dict[tuple[int, str], list[str]] = defaultdict(list)
    grouped: tuple[int, str, str] | None = None
    for name in counted:
        if name in table.numbers:
            continue
        for row, cell in zip(table.row_numbers, table.cells[name], strict=True):
            if cell.isdecimal():
                continue
            value = plain(cell)
            if value in CODES:
                coded[row, value].append(name)
            elif whole_number(value) is None:
                empty[row].append(name)
            elif grouped is None and is_grouped(value):
                grouped = (row, name, cell)
    fix = "Fill it in, or leave it: it is taken as not stated, never as 0."
    findings = [
        table.found("finding", "missing_count", "has no value", fix, row=row, columns=names, value="")
        for row, names in empty.items()
    ]
    for (row, code), names in coded.items():
        message = f"holds the code {code}, read as missing: {CODES[code]} (our reading of the code)"
        fix = "Leave the cell empty, or fill in the number."
        findings.append(
            table.found("finding", "missing_code", message, fix, row=row, columns=names, value=code)
        )
    if grouped:
        row, name, cell = grouped
        message = f"was read without its thousands separator: {shown(cell)}, and others like it"
        findings.append(
            table.found("note", "thousands_separator", message, row=row, columns=[name], value=cell)
        )
    return findings


def _no_counts(table: Table) -> Finding:
    message = "must have at least one column of counts that the catalog names"
    fix = "Name it as the catalog does, such as live_births or 活产数; `mchepi indicators` lists them."
    return table.found("error", "required_column", message, fix)
