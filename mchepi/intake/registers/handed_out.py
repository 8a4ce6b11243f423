"""What a notebook is given of a register: ages, intervals and running numbers, never ids, names or dates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mchepi.intake.registers.reading import NO_DATE, Floats, Reading
from mchepi.intake.registers.schema import Schema
from mchepi.intake.registers.sheet import Coded, Integers, Mask

# Reasons of closing a record. Who died or moved away is watched until then; who refused or was lost sight of
# stays in the care of the program, and the step stays undone.
GONE = ("died", "moved")
STAYING = ("refused", "lost")
# Ages in days are needed for z-scores and for neonatal deaths; elsewhere completed months do.
IN_DAYS = ("deaths", "growth")


def columns_of(schema: Schema) -> dict[str, str]:
    """Give the columns that are handed out of a register and their dtypes, in order."""
    found = {"district": "str", "record_id": "Int64", "year": "Int64", "mch_year": "Int64", "month": "Int64"}
    if schema.name == "deaths":
        found |= {"birth_year": "Int64", "birth_mch_year": "Int64", "days_since_previous": "float64"}
    if schema.birth:
        found |= {"age_days": "float64"} if schema.name in IN_DAYS else {}
        found |= {"age_months": "float64"}
    dtypes = {
        "word": "str",
        "label": "str",
        "yes_no": "boolean",
        "number": "float64",
        "weeks": "float64",
        "cigarettes": "object",
        "design": "Int64",
    }
    found |= {name: dtypes[one.kind] for name, one in schema.columns.items() if one.kind in dtypes}
    found |= {interval(name): "float64" for name in schema.of_kind("step")}
    if schema.of_kind("step"):
        found["observed_days"] = "float64"
    if schema.of_kind("end"):
        found["followed"] = "boolean"
    return found


def interval(step: str) -> str:
    """Name the column that holds the days to a step: days_to_diagnosed for diagnosed_date."""
    return f"days_to_{step.removesuffix('_date')}"


def empty_frame(schema: Schema) -> pd.DataFrame:
    """Give the table of a register that a dataset does not hold."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns_of(schema).items()})


def handed_out(reading: Reading, numbers: Integers, kept: Mask) -> pd.DataFrame:
    """Give a register as a notebook may see it.

    Parameters
    ----------
    reading : Reading
        As read; its dates and ids end here.
    numbers : array of int
        The running number of each row's person.
    kept : array of bool
        The rows that are handed out.
    """
    schema = reading.schema
    event = reading.day(schema.event)
    found: dict[str, Any] = {"district": reading.districts, "record_id": numbers}
    found["year"], found["mch_year"], found["month"] = calendar_of(event)
    if schema.birth:
        _ages(found, reading, schema.birth, event)
    if schema.name == "deaths":
        found["days_since_previous"] = _since_previous(reading, event, kept)
    for name in schema.columns:
        if name in reading.words:
            found[name] = _as_words(reading, name)
        elif name in reading.numbers:
            found[name] = reading.numbers[name]
        elif name in reading.ids and name != "record_id":
            found[name] = _numbered(reading.ids[name], reading.districts)
    if schema.of_kind("step"):
        _steps(found, reading, event, kept)
    size = len(reading)
    frame = pd.DataFrame(
        {
            name: pd.Series(found.get(name, [None] * size), dtype=dtype)
            for name, dtype in columns_of(schema).items()
        }
    )
    return frame[kept].reset_index(drop=True)


def running_numbers(ids: Coded, districts: NDArray[np.object_]) -> Integers:
    """Number the persons of each district from 1 as they first appear; a row without an id is a person."""
    named = ids.where([bool(text) for text in ids.texts])
    alone = len(ids.texts) + np.arange(len(districts), dtype=np.int64)
    return _count_up(np.where(named, ids.codes, alone), districts)


def _count_up(keys: Integers, districts: NDArray[np.object_]) -> Integers:
    """Number the different keys within each district, in the order of their first rows."""
    places = pd.factorize(districts)[0].astype(np.int64)
    base = int(keys.max(initial=0)) + 1
    person, _ = pd.factorize(places * base + keys)
    first = pd.DataFrame({"person": person, "district": places}).drop_duplicates("person")
    number = np.empty(len(first), dtype=np.int64)
    number[first["person"].to_numpy()] = first.groupby("district").cumcount().to_numpy() + 1
    return np.asarray(number[person])


def _numbered(cells: Coded, districts: NDArray[np.object_]) -> Any:
    named = cells.where([bool(text) for text in cells.texts])
    numbers = np.zeros(len(districts), dtype=np.int64)
    numbers[named] = _count_up(cells.codes[named], districts[named])
    return _masked(numbers, ~named)


def _masked(values: Any, missing: Mask) -> Any:
    return pd.arrays.IntegerArray(np.asarray(values, dtype=np.int64), np.asarray(missing, dtype=bool))


def _as_words(reading: Reading, name: str) -> Any:
    words = reading.words[name]
    kind = reading.schema.columns[name].kind
    if kind == "yes_no":
        return pd.arrays.BooleanArray(words == "yes", pd.isna(words))
    if kind == "cigarettes":
        return np.where(pd.isna(words), reading.numbers[name].astype(object), words)
    return words


def calendar_of(days: Integers) -> tuple[Any, Any, Any]:
    """Year, year of the MCH report (2024: October 2023 to September 2024) and month of dates."""
    missing = days == NO_DATE
    months = np.where(missing, 0, days).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    year, month = 1970 + months // 12, months % 12 + 1
    return _masked(year, missing), _masked(year + (month >= 10), missing), _masked(month, missing)


def _ages(found: dict[str, Any], reading: Reading, birth_column: str, event: Integers) -> None:
    birth = reading.day(birth_column)
    if reading.schema.name in IN_DAYS:
        found["age_days"] = _between(birth, event)
    found["age_months"] = completed_months(birth, event)
    if reading.schema.name == "deaths":
        found["birth_year"], found["birth_mch_year"], _ = calendar_of(birth)


def completed_months(birth: Integers, event: Integers) -> Floats:
    """Give the age in completed calendar months; NaN without dates, or where they are reversed."""
    known = ~np.isnan(_between(birth, event))
    first = np.where(known, birth, 0).astype("datetime64[D]")
    last = np.where(known, event, 0).astype("datetime64[D]")
    months = last.astype("datetime64[M]").astype(np.int64) - first.astype("datetime64[M]").astype(np.int64)
    days_in_month = [(dates - dates.astype("datetime64[M]")).astype(np.int64) for dates in (first, last)]
    completed = months - (days_in_month[1] < days_in_month[0])
    return np.where(known, completed.astype(float), np.nan)


def _between(first: Integers, last: Integers) -> Floats:
    """Days from one date to another; NaN without dates, or where they are reversed."""
    known = (first != NO_DATE) & (last != NO_DATE)
    days = np.where(known, last, 0) - np.where(known, first, 0)
    return np.where(known & (days >= 0), days.astype(float), np.nan)


def _since_previous(reading: Reading, event: Integers, kept: Mask) -> Floats:
    """Days since the death before, of the same kind in the same district; NaN for the first."""
    dated = kept & (event != NO_DATE)
    kinds = reading.words.get("kind", np.full(len(reading), "", dtype=object))
    frame = pd.DataFrame({"district": reading.districts, "kind": kinds, "day": event})[dated]
    frame = frame.sort_values("day", kind="stable")
    gaps = frame.groupby(["district", "kind"], dropna=False)["day"].diff()
    return np.asarray(gaps.reindex(range(len(reading))), dtype=float)


def _steps(found: dict[str, Any], reading: Reading, event: Integers, kept: Mask) -> None:
    """Days from the event to each step, and for how many days the person was observed."""
    schema = reading.schema
    for name in schema.of_kind("step"):
        found[interval(name)] = _between(event, reading.day(name))
    last = last_days(reading, kept)
    dated = ~gone_without_a_date(reading)
    followed = dated.copy()
    for name in schema.of_kind("end"):
        closed = end_days(reading, name)
        last = np.where(closed == NO_DATE, last, np.minimum(closed, last))
        followed &= closed == NO_DATE
    found["observed_days"] = np.where(dated, _between(event, last), np.nan)
    found["followed"] = followed


def end_days(reading: Reading, name: str) -> Integers:
    """Give the day on which each record was closed for good; NO_DATE also for who refused or was lost."""
    return np.where(np.isin(_reasons(reading), STAYING), NO_DATE, reading.day(name))


def gone_without_a_date(reading: Reading) -> Mask:
    """Mark those who died or moved away nobody knows when."""
    gone = np.isin(_reasons(reading), GONE)
    for name in reading.schema.of_kind("end"):
        gone &= reading.day(name) == NO_DATE
    return gone


def _reasons(reading: Reading) -> NDArray[np.str_]:
    return reading.words.get("closed_reason", np.full(len(reading), None, dtype=object)).astype(str)


def last_days(reading: Reading, kept: Mask) -> Integers:
    """Give the last date of any kind in the register of each row's district: until then it was kept."""
    latest = np.full(len(reading), NO_DATE, dtype=np.int64)
    for days in reading.dates.values():
        latest = np.maximum(latest, days)
    latest = np.where(kept, latest, NO_DATE)
    by_district = pd.Series(latest).groupby(pd.factorize(reading.districts)[0]).transform("max")
    return by_district.to_numpy(dtype=np.int64)
