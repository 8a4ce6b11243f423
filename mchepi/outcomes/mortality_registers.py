"""What registers of births and deaths give a page of one district: counts beside yearly ones, and more."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mchepi.outcomes._registers import YEARS
from mchepi.outcomes.mortality import register_counts, register_mortality
from mchepi.outcomes.mortality_causes import age_at_death, causes_of_death, days_between_deaths
from mchepi.outcomes.mortality_signs import under_reporting_signs
from mchepi.stats._validate import check_choice, check_level

if TYPE_CHECKING:
    import pandas as pd

_POOLED = 3  # years
_BESIDE = (
    "live_births",
    "stillbirths",
    "early_neonatal_deaths",
    "neonatal_deaths",
    "infant_deaths",
    "under5_deaths",
    "maternal_deaths",
)
_TWICE = (
    "early_neonatal_mortality_rate",
    "neonatal_mortality_rate",
    "infant_mortality_rate",
    "under5_mortality_rate",
)
_PARTS = ("numerator", "denominator", "value", "lower", "upper")


class MortalityRegister(NamedTuple):
    """Tables of the registers of births and deaths; all are empty where there is no such register.

    Attributes
    ----------
    beside : pandas.DataFrame
        One row a district, year and column of the yearly counts: yearly_count, register_count, difference.
    definitions : pandas.DataFrame
        Rates by events of the year and by the cohort born in it (`register_mortality`): district, year,
        indicator, events_value, cohort_value and so on, per, note of the cohort.
    signs : pandas.DataFrame
        As `under_reporting_signs` gives it, all whole years together; method clopper_pearson or exact_ratio.
    ages, causes : pandas.DataFrame
        As `age_at_death` and `causes_of_death` give them, with year and year_end: the last three years.
    maternal_days : pandas.DataFrame
        As `days_between_deaths` gives it of mothers.
    """

    beside: pd.DataFrame
    definitions: pd.DataFrame
    signs: pd.DataFrame
    ages: pd.DataFrame
    causes: pd.DataFrame
    maternal_days: pd.DataFrame


def mortality_register(
    births: pd.DataFrame,
    deaths: pd.DataFrame,
    counts: pd.DataFrame,
    *,
    held: Collection[str],
    year: str = "calendar",
    confidence_level: float = 0.95,
) -> MortalityRegister:
    """Tables of mortality from the registers of a district: rates per 1,000, shares in percent, days.

    Parameters
    ----------
    births, deaths : pandas.DataFrame
        The registers as `Dataset.register` hands them out.
    counts : pandas.DataFrame
        The yearly counts of the same district.
    held : collection of str
        The registers that the dataset holds (`Dataset.registers`). Without both there is no table: an
        absent register must not pass for years without a death.
    year : {"calendar", "mch"}
        The kind of year of the counts.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    MortalityRegister
        Its tables: beside, definitions, signs, ages, causes, maternal_days.

    Raises
    ------
    ValueError
        As `register_counts`, or another kind of year.

    Notes
    -----
    Years that the register of births does not cover from the second month to the second last are left out
    at both ends. A difference from the yearly counts is a question to both: neither is right by itself.

    Examples
    --------
    Constructed: the yearly counts hold a death that the register does not.

    >>> import pandas as pd
    >>> from mchepi.outcomes import mortality_register
    >>> births = pd.DataFrame({"district": "a", "year": 2023, "month": [1, 12], "outcome": "live_birth"})
    >>> deaths = pd.DataFrame({"district": ["a"], "year": 2023, "month": 5, "birth_year": 2023,
    ...     "kind": "child", "age_days": 9, "age_months": 0, "cause": "P22.0", "days_since_previous": None})
    >>> counts = pd.DataFrame({"district": ["a"], "year": [2023], "neonatal_deaths": [2]})
    >>> found = mortality_register(births, deaths, counts, held=["births", "deaths"])
    >>> found.beside[["column", "yearly_count", "register_count", "difference"]]
                column  yearly_count  register_count  difference
    0  neonatal_deaths             2               1          -1
    """
    import pandas as pd

    check_choice("year", year, list(YEARS))
    level = check_level(confidence_level)
    column, _, first_month = YEARS[year]
    years = _whole_years(births, column, first_month)
    if years is None or not {"births", "deaths"} <= set(held):
        return MortalityRegister(*(pd.DataFrame() for _ in MortalityRegister._fields))
    kind: dict[str, Any] = {"year": year, "years": years}
    of_years = deaths[(deaths[column] >= years[0]) & (deaths[column] <= years[1]).fillna(False)]
    from_year = max(years[0], years[1] - _POOLED + 1)
    last = of_years[of_years[column] >= from_year]
    pooled = {"year": from_year, "year_end": years[1]}
    return MortalityRegister(
        beside=_beside(counts, register_counts(births, deaths, **kind)),
        definitions=_twice(births, deaths, level, kind),
        signs=_named_limits(under_reporting_signs(births, deaths, confidence_level=level, **kind)),
        ages=age_at_death(last, confidence_level=level).assign(**pooled),
        causes=causes_of_death(last, confidence_level=level).assign(**pooled),
        maternal_days=days_between_deaths(of_years, through=years[1], year=year),
    )


def _whole_years(births: pd.DataFrame, column: str, first_month: int) -> tuple[int, int] | None:
    """The first and last year that the births reach through, or None."""
    known = births.dropna(subset=[column, "month"])
    if known.empty:
        return None
    year = known[column].to_numpy(dtype=int)
    place = (known["month"].to_numpy(dtype=int) - first_month) % 12
    first, last = int(year.min()), int(year.max())
    first += not (place[year == first] <= 1).any()
    last -= not (place[year == last] >= 10).any()
    return (first, last) if first <= last else None


def _named_limits(signs: pd.DataFrame) -> pd.DataFrame:
    """Limits called exact by what they are exact for: a proportion, or the ratio of two counts."""
    ratio = signs["sign"] == "stillbirths_per_early_neonatal_death"
    names = np.where(ratio, "exact_ratio", "clopper_pearson")
    return signs.assign(method=signs["method"].where(signs["method"] != "exact", names))


def _beside(counts: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """Both counts of every year and column that both have."""
    columns = [name for name in _BESIDE if name in counts and name in counted]
    keys = ["district", "year"]
    yearly, own = (
        frame[[*keys, *columns]].melt(keys, var_name="column", value_name=name)
        for frame, name in ((counts, "yearly_count"), (counted, "register_count"))
    )
    both = yearly.merge(own, on=[*keys, "column"]).dropna(subset=["yearly_count", "register_count"])
    both = both.astype({"yearly_count": "int64", "register_count": "int64"})
    return both.assign(difference=both["register_count"] - both["yearly_count"]).reset_index(drop=True)


def _twice(births: pd.DataFrame, deaths: pd.DataFrame, level: float, kind: dict[str, Any]) -> pd.DataFrame:
    """Rates by events and by cohort in one row."""
    keys = ["district", "year", "indicator"]
    events, cohort = (
        register_mortality(births, deaths, definition=definition, confidence_level=level, **kind)
        for definition in ("events", "cohort")
    )
    left = events.rename(columns={name: f"events_{name}" for name in _PARTS})
    right = cohort.rename(columns={name: f"cohort_{name}" for name in _PARTS})
    left = left.drop(columns=["note", "method"])
    both = left.merge(right[[*keys, *(f"cohort_{name}" for name in _PARTS), "note"]], on=keys)
    both = both[both["indicator"].isin(_TWICE)]
    order = {name: place for place, name in enumerate(_TWICE)}
    place = both["indicator"].map(order)
    return both.iloc[np.lexsort((both["year"], place))].reset_index(drop=True)
