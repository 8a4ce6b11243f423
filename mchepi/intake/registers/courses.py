"""How many were done by each day of a quota's period, this year and earlier: counts, never whose."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mchepi.intake.registers.handed_out import last_days
from mchepi.intake.registers.quotas import ITEMS, date_of
from mchepi.intake.registers.reading import NO_DATE, Reading
from mchepi.intake.registers.sheet import Integers, Mask

REGISTER = "cervical_screening"
_EMPTY = 60  # days at the start of a year in which there may be nothing, without the year being cut off
_DTYPES = {
    "district": "str",
    "item": "str",
    "unit": "str",
    "quota": "int64",
    "start_year": "int64",
    "start_month": "int64",
    "start_day": "int64",
    "deadline": "int64",
    "as_of": "int64",
    "years_before": "int64",
    "day": "int64",
    "done": "int64",
}


def empty_courses() -> pd.DataFrame:
    """Give the table of courses of a dataset without quotas, or without the register that they need."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _DTYPES.items()})


def courses_of(reading: Reading, kept: Mask, quotas: pd.DataFrame) -> pd.DataFrame:
    """Count the persons (or tests) done by each day of each quota's period and of earlier ones.

    Parameters
    ----------
    reading : Reading
        The register of cervical screening; its ids and dates end here.
    kept : array of bool
        The rows that count.
    quotas : pandas.DataFrame
        As `read_quotas` gives it.

    Returns
    -------
    pandas.DataFrame
        A row a day on which the count rose, and the last day of each period: district, item, unit, quota,
        the start of the period, deadline and as_of (which day of it; the first is 1; as_of: the last date of
        the register), years_before (0: the quota's own period), day (of that period), done (so far). Earlier
        periods go on for a year; only those of which the register holds the first two months are there.
    """
    days, last = reading.day(reading.schema.event), last_days(reading, kept)
    parts = []
    for quota in quotas.to_dict("records"):
        own = kept & (reading.districts == quota["district"]) & (days != NO_DATE)
        if (test := ITEMS[quota["item"]]) is not None:
            own &= reading.words["test"] == test
        if not own.any():
            continue
        as_of = int(last[own].max())
        persons = _persons(reading, own) if quota["unit"] == "persons" else np.arange(own.sum())
        parts += [*_periods(quota, days[own], persons, as_of)]
    return pd.concat(parts, ignore_index=True).astype(_DTYPES) if parts else empty_courses()


def _persons(reading: Reading, own: Mask) -> Integers:
    """A number a person; rows without an id are persons of their own."""
    ids = reading.ids.get("record_id")
    alone = -1 - np.arange(own.sum(), dtype=np.int64)
    if ids is None:
        return alone
    named = ids.where([bool(text) for text in ids.texts])[own]
    return np.where(named, ids.codes[own], alone)


def _periods(
    quota: Mapping[Any, Any], days: Integers, persons: Integers, as_of: int
) -> Iterator[pd.DataFrame]:
    start = date_of(quota["start"])
    first = int(days.min())
    for before in range(start.year - date_of(first).year + 1):
        begins, ends = (_since_1970(_on(start, start.year - before + more)) for more in (0, 1))
        if before and begins < first - _EMPTY:
            return
        until = as_of if before == 0 else min(ends - 1, as_of)
        yield _course(days - begins + 1, persons, until - begins + 1).assign(
            district=quota["district"],
            item=quota["item"],
            unit=quota["unit"],
            quota=quota["quota"],
            start_year=start.year,
            start_month=start.month,
            start_day=start.day,
            deadline=quota["deadline"] - quota["start"] + 1,
            as_of=as_of - quota["start"] + 1,
            years_before=before,
        )[list(_DTYPES)]


def _course(days: Integers, persons: Integers, until: int) -> pd.DataFrame:
    """Persons by the first of their days within a period, added up."""
    inside = (days >= 1) & (days <= until)
    firsts = pd.Series(days[inside]).groupby(persons[inside]).min().to_numpy()
    seen = np.unique(np.append(firsts, until)) if until >= 1 else firsts
    return pd.DataFrame({"day": seen, "done": np.searchsorted(np.sort(firsts), seen, side="right")})


def _on(start: datetime.date, year: int) -> datetime.date:
    """The same day of another year; 29 February becomes the 28th."""
    day = 28 if (start.month, start.day) == (2, 29) else start.day
    return start.replace(year=year, day=day)


def _since_1970(day: datetime.date) -> int:
    return day.toordinal() - datetime.date(1970, 1, 1).toordinal()
