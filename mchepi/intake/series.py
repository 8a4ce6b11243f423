"""Series tables: published values of indicators by year, each with the system it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from mchepi.indicators import indicator, indicators
from mchepi.indicators.declaration import SOURCE_SYSTEMS
from mchepi.intake.cells import Fault, amount, years
from mchepi.intake.counts import Reading
from mchepi.intake.findings import Finding, by_row, did_you_mean, refuse_errors
from mchepi.intake.headers import SERIES_COLUMNS, header_key, words_of_series
from mchepi.intake.keys import NAMES, convert, in_order, read_names
from mchepi.intake.table import Sheet, Table, read_sheet, to_table

UNITS: Mapping[str, int] = {
    "number": 1,
    "percent": 100,
    "per_1000": 1000,
    "per_10000": 10_000,
    "per_100000": 100_000,
}
"""The units of a series, and the `per` of the catalog that each stands for."""

SYSTEMS = (*SOURCE_SYSTEMS, "un_mmeig")
"""Where a value may come from: as a dataset declares it, and the UN's estimates of maternal mortality."""

AREAS = ("total", "urban", "rural")

_UNIT_SIGNS = {"%": "percent", "‰": "per_1000", "/万": "per_10000", "/10万": "per_100000"}
_AREA_WORDS = {"": "total", "合计": "total", "全国": "total", "城市": "urban", "农村": "rural"}
_NUMBERS = ("value", "lower", "upper")


def read_series(path: str | Path) -> pd.DataFrame:
    r"""Read a series table: one row an indicator, year, area and source system.

    Values of different systems (surveillance, UN IGME estimates, quoted figures) rest on different methods
    and are never one line: take one `source_system` at a time.

    Parameters
    ----------
    path : str or Path
        A CSV file with the columns district (or a name), indicator (id or Chinese name), source_system, year,
        value, unit; and, where there are any, area, lower, upper, source, verified, evidence.

    Returns
    -------
    pandas.DataFrame
        Columns district, name_zh, name_en, indicator, source_system, area (total, urban, rural), year
        (int64), value, lower, upper (float64, in the indicator's own unit), unit, source, verified,
        evidence; the indicators in the catalog's order, the years of each system and area together.

    Raises
    ------
    DataError
        With all faults of the file at once.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "series.csv"
    >>> _ = path.write_text("district,indicator,source_system,year,value,unit\n"
    ...                     "CHN,infant_mortality_rate,surveillance,2023,4.5,per_1000\n", "utf-8")
    >>> read_series(path)[["district", "indicator", "area", "year", "value", "unit"]]
      district              indicator   area  year  value      unit
    0      CHN  infant_mortality_rate  total  2023    4.5  per_1000
    """
    reading = series_of(read_sheet(Path(path)))
    refuse_errors(reading.findings)
    return reading.frame.reset_index(drop=True)


def series_of(sheet: Sheet) -> Reading:
    """Read a sheet as series; cells that break a rule are missing, and the findings say which."""
    required = [NAMES, *((name,) for name in ("indicator", "source_system", "year", "value", "unit"))]
    table, findings = to_table(sheet, words_of_series(), required)
    names, faults = read_names(table)
    columns: dict[str, Any] = dict(names)
    findings += faults
    readers: dict[str, Callable[[str], object]] = {
        "indicator": _indicator,
        "source_system": lambda value: _word(value, "source_system", SYSTEMS, {}),
        "area": lambda value: _word(value, "area", AREAS, _AREA_WORDS),
        "year": _year,
        "value": _value,
        "lower": amount,
        "upper": amount,
        "unit": lambda value: _word(value, "unit", tuple(UNITS), _UNIT_SIGNS),
    }
    for name in ("indicator", "source_system", "area", "year", *SERIES_COLUMNS[3:]):
        if name in readers and name in table.cells:
            values, faults = convert(table, name, readers[name])
            columns[name] = (
                values if name in _NUMBERS else ["" if value is None else value for value in values]
            )
            findings += faults
        else:
            absent = None if name in _NUMBERS else "total" if name == "area" else ""
            columns[name] = table.cells.get(name, [absent] * len(table.row_numbers))
    frame = pd.DataFrame(columns, index=pd.Index(table.row_numbers, dtype="int64"))
    frame = frame.astype(dict.fromkeys(_NUMBERS, "float64"))
    findings += [*_units_apart(frame, table), *_values_apart(frame, table), *_repeated(frame, table)]
    if not any(found.severity == "error" for found in findings):
        frame = _in_order(frame)
    return Reading(frame, by_row(findings), table)


@cache
def _indicators_by_name() -> dict[str, str]:
    catalog = indicators()
    pairs = [
        *zip(catalog["name_zh"], catalog["id"], strict=True),
        *zip(catalog["id"], catalog["id"], strict=True),
    ]
    return {header_key(name): id for name, id in pairs}


def _indicator(value: str) -> str | Fault:
    known = _indicators_by_name().get(header_key(value))
    if known:
        return known
    fix = did_you_mean(value, indicators()["id"]) + "`mchepi indicators` lists them."
    return Fault("indicator", "an indicator of the catalog", fix)


def _word(value: str, rule: str, known: Sequence[str], others: Mapping[str, str]) -> str | Fault:
    value = others.get(value, value).lower()
    if value in known:
        return value
    return Fault(rule, f"one of {', '.join(known)}", did_you_mean(value, known) + "Write one of them.")


def _year(value: str) -> int | Fault:
    read = years(value)
    if isinstance(read, Fault):
        return read
    return read[0] if read[1] is None else Fault("year", "one year", "Give each year a row of its own.")


def _value(value: str) -> float | Fault:
    read = amount(value)
    return Fault("value", "filled in", "Leave the row out where there is no value.") if read is None else read


def _units_apart(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    """Units other than the indicator's own in the catalog."""
    for row, id, unit in zip(frame.index, frame["indicator"], frame["unit"], strict=True):
        if not id or not unit or UNITS[unit] == indicator(id).per:
            continue
        own = next(name for name, per in UNITS.items() if per == indicator(id).per)
        message = f"must be {own}, the unit of {id} in the catalog; got {unit!r}"
        fix = f"Convert the value and write {own}."
        yield table.found("error", "unit", message, fix, row=int(row), columns=["unit"], value=unit)


def _values_apart(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    """Limits on the wrong side of the value, and shares of more than all."""
    for row, id, unit, *numbers in frame[["indicator", "unit", *_NUMBERS]].itertuples():
        value, lower, upper = numbers
        broken = []
        if lower > value:
            broken.append(("limits", "lower", lower, f"at most the value ({value:g})"))
        if upper < value:
            broken.append(("limits", "upper", upper, f"at least the value ({value:g})"))
        if id and unit == "percent" and value > 100 and _is_share(id):
            broken.append(("value", "value", value, "at most 100 percent"))
        for rule, column, got, must in broken:
            yield table.found(
                "error",
                rule,
                f"must be {must}; got {got:g}",
                "Correct it.",
                row=int(row),
                columns=[column],
                value=f"{got:g}",
            )


def _is_share(id: str) -> bool:
    return indicator(id).kind == "proportion" and indicator(id).numerator_in_denominator


def _repeated(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    keys = ["district", "indicator", "source_system", "area", "year"]
    known = frame[(frame[keys] != "").all(axis=1)]
    for row, _, *stated in known.loc[known.duplicated(keys), keys].itertuples():
        message = "must stand once a district, indicator, source system, area and year; got {} {} {} {} again"
        fix = "Delete one of the two rows; a value of another system needs its own source_system."
        yield table.found(
            "error",
            "duplicate_year",
            message.format(*stated),
            fix,
            row=int(row),
            columns=["year"],
            value=str(stated[-1]),
        )


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Order the indicators as the catalog does, then system, area and year."""
    frame = frame.astype({"year": "int64"})
    places = {
        "indicator": indicators()["id"].tolist(),
        "source_system": list(SYSTEMS),
        "area": list(AREAS),
    }
    ranked = frame.assign(**{f"_{name}": frame[name].map(words.index) for name, words in places.items()})
    ranks = [f"_{name}" for name in places]
    return in_order(ranked, [*ranks, "year"]).drop(columns=ranks)
