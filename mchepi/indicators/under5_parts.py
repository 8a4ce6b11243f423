"""The change of the under-five rate over the years apart: what is risk, and what the number of births."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd

from mchepi.indicators.columns import floats
from mchepi.indicators.computation import require_columns
from mchepi.outcomes import under5_change
from mchepi.outcomes.mortality_change import EFFECTS, YEARS_BEFORE
from mchepi.stats.trend_judgment import FEWEST_EVENTS

Yearly: TypeAlias = dict[int, tuple[float, float, float]]
"""Year → live births (NaN where none are known), infant deaths, deaths under five."""

COLUMNS = ("district", "year", "year_end", "deaths", *EFFECTS, "rate", "rate_end", "per")
_WANTED = ("live_births", "infant_deaths", "under5_deaths")


def under5_parts(counts: pd.DataFrame, *, per: float = 1000) -> pd.DataFrame:
    """Parts of the change of the under-five rate over the years of a district, per `per` live births.

    Parameters
    ----------
    counts : DataFrame
        The district-year table; rows over several years are left out.
    per : float
        The unit.

    Returns
    -------
    DataFrame
        One row a district: year and year_end (the first and the last year whose births, and those of the four
        years before, and deaths are all stated), deaths (under five, of both years), infant_risk, child_risk,
        births and total as `mchepi.outcomes.under5_change` has them, rate and rate_end, per. A district
        without two such years, or with fewer than 20 deaths in the two, has no row.

    Raises
    ------
    ValueError
        If district or year is missing.

    Notes
    -----
    Arithmetic on counts that happened; what of the change is chance, `change` tells.

    Examples
    --------
    Constructed: births halve in the last year, risks stay the same.

    >>> import pandas as pd
    >>> from mchepi.indicators import under5_parts
    >>> counts = pd.DataFrame({"district": "S01", "year": range(2018, 2024),
    ...     "live_births": [2000, 2000, 2000, 2000, 2000, 1000], "infant_deaths": [8, 8, 8, 8, 8, 4],
    ...     "under5_deaths": [12, 12, 12, 12, 12, 8]})
    >>> under5_parts(counts)[["year", "year_end", "infant_risk", "child_risk", "births", "total"]]
       year  year_end  infant_risk  child_risk  births  total
    0  2022      2023          0.0         0.0     2.0    2.0
    """
    require_columns(counts, ["district", "year"], "counts")
    if not set(_WANTED) <= set(counts.columns):
        return pd.DataFrame(columns=list(COLUMNS))
    rows = []
    for district, yearly in _single_years(counts).items():
        known = [year for year in yearly if _is_known(yearly, year)]
        if len(known) < 2:
            continue
        first, last = min(known), max(known)
        deaths = sum(yearly[year][2] for year in (first, last))
        if deaths < FEWEST_EVENTS:
            continue
        births, infants, under5 = (
            pd.Series(list(own), list(yearly)) for own in zip(*yearly.values(), strict=True)
        )
        parts = under5_change(births, infants, under5 - infants, first=first, last=last, per=per)
        effects = zip(EFFECTS, parts["effect"].tolist(), strict=True)
        ends = {"rate": parts.loc["total", "first"], "rate_end": parts.loc["total", "last"]}
        own_years = {"district": district, "year": first, "year_end": last, "deaths": int(deaths)}
        rows.append({**own_years, **dict(effects), **ends, "per": per})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _single_years(counts: pd.DataFrame) -> dict[str, Yearly]:
    """Births and deaths of each district by year, without rows of several years and years given twice."""
    ends = counts["year_end" if "year_end" in counts else "year"].tolist()
    numbers = (floats(counts[name]).tolist() for name in _WANTED)
    found: dict[str, Yearly] = {}
    twice = set()
    rows = zip(counts["district"].tolist(), counts["year"].tolist(), ends, *numbers, strict=True)
    for district, year, end, births, infants, under5 in rows:
        if pd.isna(district) or not (pd.isna(end) or end == year):
            continue
        yearly = found.setdefault(district, {})
        if year in yearly:
            twice.add((district, year))
        yearly[year] = (births if births > 0 else np.nan, infants, under5)
    for district, year in twice:
        del found[district][year]
    return found


def _is_known(yearly: Yearly, year: int) -> bool:
    """Whether a year has its births, those of the years before, and deaths that fit them."""
    births, infants, under5 = yearly[year]
    back = (yearly.get(year - before, (np.nan,))[0] for before in range(YEARS_BEFORE + 1))
    return all(one > 0 for one in back) and infants <= under5 and infants <= births
