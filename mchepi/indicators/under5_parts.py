"""The change of the under-five rate over the years apart: what is risk, and what the number of births."""

from __future__ import annotations

import pandas as pd

from mchepi.indicators.computation import require_columns
from mchepi.outcomes import under5_change
from mchepi.outcomes.mortality_change import EFFECTS, YEARS_BEFORE
from mchepi.stats.trend_judgment import FEWEST_EVENTS

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
    single = counts["year_end"].fillna(counts["year"]) == counts["year"] if "year_end" in counts else True
    rows = []
    for district, own in counts[pd.Series(single, counts.index)].groupby("district", sort=False):
        yearly = own.drop_duplicates("year", keep=False).set_index("year")[list(_WANTED)].astype("float64")
        yearly = yearly.reindex(range(int(own["year"].min()), int(own["year"].max()) + 1))
        births = yearly["live_births"].where(yearly["live_births"] > 0)
        known = births.rolling(YEARS_BEFORE + 1).count() == YEARS_BEFORE + 1
        known &= yearly["infant_deaths"] <= yearly["under5_deaths"]
        known &= yearly["infant_deaths"] <= births
        years = yearly.index[known]
        if len(years) < 2:
            continue
        first, last = int(years[0]), int(years[-1])
        deaths = float(yearly.loc[[first, last], "under5_deaths"].sum())
        if deaths < FEWEST_EVENTS:
            continue
        children = yearly["under5_deaths"] - yearly["infant_deaths"]
        parts = under5_change(births, yearly["infant_deaths"], children, first=first, last=last, per=per)
        effects = zip(EFFECTS, parts["effect"].tolist(), strict=True)
        ends = {"rate": parts.loc["total", "first"], "rate_end": parts.loc["total", "last"]}
        own_years = {"district": district, "year": first, "year_end": last, "deaths": int(deaths)}
        rows.append({**own_years, **dict(effects), **ends, "per": per})
    return pd.DataFrame(rows, columns=list(COLUMNS))
