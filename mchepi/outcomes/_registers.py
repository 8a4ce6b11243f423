"""Registers of births and deaths: checked, linked, and cut to whole years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._records import Codes, encode, read, refuse
from mchepi.stats._validate import FloatArray, Layout, Mask, check_choice

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES: Codes = {"live_birth": 1.0, "stillbirth": 0.0}
KINDS: Codes = {"child": 1.0, "maternal": 0.0}
SMALLEST = {28: 1000.0, 22: 500.0}  # weeks -> g, where the weeks are not known
YEARS: Mapping[str, tuple[str, str, int]] = {
    # kind of year -> its column, that of the year of birth, and its first month
    "calendar": ("year", "birth_year", 1),
    "mch": ("mch_year", "birth_mch_year", 10),
}
_FIX = "Correct those records, or give the value as missing."


@dataclass(frozen=True)
class Births:
    """The births that count, within the years."""

    district: Any  # codes of `Registers.districts`
    year: FloatArray
    live: Mask
    weeks: FloatArray
    weight: FloatArray
    person: FloatArray


@dataclass(frozen=True)
class Deaths:
    """Deaths with a date; those of children who were born too early to count are not among them.

    Ages are NaN where they are not known; a child of a month or more has been 28 days or more.
    """

    district: Any
    year: FloatArray
    birth_year: FloatArray
    child: Mask
    days: FloatArray
    months: FloatArray
    person: FloatArray
    cause: Any  # texts, or None without the column

    @property
    def known(self) -> Mask:
        return np.isfinite(self.months) & ~np.isnan(self.days)

    def ages(self) -> dict[str, Mask]:
        """The age groups of deaths of children, as counts of the catalog name them."""
        child, days, months = self.child & self.known, self.days, self.months
        infant, under_five = child & (months < 12), child & (months < 60)
        return {
            "early_neonatal_deaths": infant & (days < 7),
            "late_neonatal_deaths": infant & (days >= 7) & (days < 28),
            "neonatal_deaths": infant & (days < 28),
            "postneonatal_deaths": infant & (days >= 28),
            "infant_deaths": infant,
            "child_deaths_1_4": under_five & ~infant,
            "under5_deaths": under_five,
        }


@dataclass(frozen=True)
class Registers:
    """Both registers, and the districts and years that they are counted in; no year: last before first."""

    births: Births
    deaths: Deaths
    has_deaths: bool
    districts: pd.Index[Any]
    years: tuple[int, int]

    @property
    def groups(self) -> int:
        return len(self.districts) * (self.years[1] - self.years[0] + 1)

    def count(self, district: Any, year: FloatArray, mark: Mask) -> FloatArray:
        """Rows that the mark holds for, of every district and year, in the order of `index`."""
        span = self.years[1] - self.years[0] + 1
        inside = mark & (year >= self.years[0]) & (year <= self.years[1])
        place = district[inside] * span + (year[inside] - self.years[0]).astype(np.int64)
        return np.bincount(place, minlength=self.groups).astype(float)

    def index(self) -> dict[str, Any]:
        """The keys of every group."""
        span = range(self.years[0], self.years[1] + 1)
        return {
            "district": self.districts.repeat(len(span)),
            "year": np.tile(np.array(span, dtype=np.int64), len(self.districts)),
        }


def read_registers(
    births: pd.DataFrame,
    deaths: pd.DataFrame | None,
    *,
    year: str,
    weeks: int,
    years: tuple[int, int] | None,
) -> Registers:
    """Both registers, checked; messages show positions, never an id."""
    import pandas as pd

    check_choice("year", year, list(YEARS))
    if weeks not in SMALLEST or isinstance(weeks, bool):
        raise ValueError(f"`weeks` must be 28 or 22; got {weeks!r}. Write 28, the rule of China's reports.")
    column, birth_column, first_month = YEARS[year]
    require("births", births, ("district", column, "month", "outcome"))
    has_deaths = deaths is not None
    if deaths is None:
        deaths = pd.DataFrame(columns=[column, birth_column, "kind", "age_days", "age_months"])
        deaths.insert(0, "district", births["district"].iloc[:0])
    require("deaths", deaths, ("district", column, birth_column, "kind", "age_days", "age_months"))
    born = _numbers(
        births, {column: "year", "month": "month", "gestation_weeks": "weeks", "birth_weight": "weight"}
    )
    died = _numbers(
        deaths, {column: "year", birth_column: "born", "age_days": "days", "age_months": "months"}
    )
    live = encode("outcome", births["outcome"], OUTCOMES, "live_birth or stillbirth").to_numpy()
    child = encode("kind", deaths["kind"], KINDS, "child or maternal").to_numpy()

    every = pd.concat([births["district"], deaths["district"]]).dropna()
    districts = pd.Index(every.unique(), name="district").sort_values()
    births_in, deaths_in = (districts.get_indexer(frame["district"]) for frame in (births, deaths))
    people, dead = _persons(births, deaths)
    light = np.where(np.isnan(born["weeks"]), born["weight"] < SMALLEST[weeks], born["weeks"] < weeks)
    left_out = (child == 1) & np.isin(dead, people[light & ~np.isnan(people)])
    kept = ~light & ~np.isnan(born["year"]) & (births_in >= 0) & ~np.isnan(live)
    dated = ~np.isnan(died["year"]) & (deaths_in >= 0) & ~np.isnan(child) & ~left_out

    span = _span(years, born["year"][kept], born["month"][kept], first_month)
    days = np.where(np.isnan(died["days"]) & (died["months"] >= 1), np.inf, died["days"])
    causes = deaths["cause"].to_numpy(dtype=object)[dated] if "cause" in deaths else None
    return Registers(
        Births(
            births_in[kept],
            born["year"][kept],
            live[kept] == 1,
            born["weeks"][kept],
            born["weight"][kept],
            people[kept],
        ),
        Deaths(
            deaths_in[dated],
            died["year"][dated],
            died["born"][dated],
            child[dated] == 1,
            days[dated],
            died["months"][dated],
            dead[dated],
            causes,
        ),
        has_deaths,
        districts,
        span,
    )


def require(name: str, frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    """Refuse a register without its columns."""
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise ValueError(
            f"`{name}` must have the columns of the register as it is handed out; got none called "
            f"{', '.join(absent)}. Read it with `Dataset.register`."
        )


def _numbers(frame: pd.DataFrame, names: Mapping[str, str]) -> dict[str, FloatArray]:
    """Numeric columns; one that is absent is missing throughout. Months and measures are 0 or more."""
    found: dict[str, FloatArray] = {}
    for column, name in names.items():
        if column not in frame:
            found[name] = np.full(len(frame), np.nan)
            continue
        (values,), _, places = read(**{column: frame[column]})
        _check(column, values, places)
        found[name] = values
    return found


def _check(column: str, values: FloatArray, places: Layout) -> None:
    if column == "month":
        outside = (values < 1) | (values > 12)
        refuse(outside, column, "a month from 1 to 12", values, places, _FIX)
    refuse(values < 0, column, "0 or more", values, places, _FIX)


def _persons(births: pd.DataFrame, deaths: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """One number a person across both registers; NaN without ids, which then cannot be linked."""
    import pandas as pd

    if "record_id" not in births or "record_id" not in deaths:
        return np.full(len(births), np.nan), np.full(len(deaths), np.nan)
    columns = ["district", "record_id"]
    both = pd.concat([births[columns], deaths[columns]], ignore_index=True)
    codes = np.asarray(both.groupby(columns, sort=False).ngroup(), dtype=np.float64)
    codes = np.where(codes < 0, np.nan, codes)
    return codes[: len(births)], codes[len(births) :]


def _span(
    years: tuple[int, int] | None, year: FloatArray, month: FloatArray, first_month: int
) -> tuple[int, int]:
    """The years asked for, or those in which births reach from the second month to the second last.

    Where there is none, the last is the one before the first.
    """
    if years is not None:
        given = tuple(years)
        if len(given) != 2 or not all(isinstance(one, int | np.integer) for one in given):
            raise ValueError(
                f"`years` must be the first and the last year; got {years!r}. Write (2022, 2024)."
            )
        if given[0] > given[1]:
            raise ValueError(
                f"`years` must not end before they begin; got {given[0]} to {given[1]}. Exchange them."
            )
        return int(given[0]), int(given[1])
    if not year.size:
        return 0, -1
    first, last = int(year.min()), int(year.max())
    place = (month - first_month) % 12  # of a month in its year, from 0
    if not (place[year == first] <= 1).any():
        first += 1
    if not (place[year == last] >= 10).any():
        last -= 1
    return first, max(last, first - 1)
