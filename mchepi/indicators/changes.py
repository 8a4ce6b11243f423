"""How an indicator moved: against the year before, pooled over three years, and as a trend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from mchepi.indicators.catalog import Indicator
from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.computation import compute, require_columns
from mchepi.indicators.notes import Notes
from mchepi.indicators.targeting import numbers
from mchepi.stats import annual_percent_change, chance_of_fall, rate_ratio
from mchepi.stats._validate import FloatArray, check_level

POOLED_YEARS = 3
FEWEST_EVENTS_FOR_TREND = 20
"""Below this many events in all years together a trend is noted as resting on too few: the least number on
which the US National Center for Health Statistics calls a rate reliable."""

COLUMNS = (
    "indicator",
    "year",
    "previous_year",
    "events",
    "previous_events",
    "denominator",
    "previous_denominator",
    "ratio",
    "ratio_lower",
    "ratio_upper",
    "ratio_p_value",
    "pooled_from",
    "pooled_to",
    "pooled_value",
    "pooled_lower",
    "pooled_upper",
    "annual_percent_change",
    "apc_lower",
    "apc_upper",
    "chance_of_fall",
    "per",
    "confidence_level",
    "note",
)


def change(
    counts: pd.DataFrame,
    indicator: str | Iterable[str],
    *,
    by: str | Sequence[str] = ("district",),
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    r"""Change of each indicator up to the latest year that has its counts, for each district.

    - `ratio`: the rate of that year over that of the year before, with exact (conditional) limits and
      p-value. With a handful of events it can tell next to nothing; read the limits.
    - `pooled_value`: the last three years together, in the indicator's unit, with limits.
    - `annual_percent_change`: Poisson regression over all years, in percent per year, with profile limits.
      Fewer than three periods give NaN, fewer than 20 events in all a note.
    - `chance_of_fall`: probability that next year's count is lower than this year's if neither the rate (the
      pooled one) nor the denominator changes: how often "fewer than last year" happens without any cause.

    For proportions the limits are those of Poisson counts, which are too wide where the outcome is common;
    the note says so. Enumerated coverage and quotas get the values alone. Do not use it across a change of
    definition, population basis or source.

    Parameters
    ----------
    counts : DataFrame
        The district-year table. With a column `year_end` a row stands for several years.
    indicator : str or several
        Ids of the catalog.
    by : str or sequence of str
        Key columns that make a series of years.
    confidence_level : float
        Level of all limits.

    Returns
    -------
    DataFrame
        The by-keys, then indicator, year, previous_year, events, previous_events, denominator,
        previous_denominator, ratio, ratio_lower, ratio_upper, ratio_p_value, pooled_from, pooled_to,
        pooled_value, pooled_lower, pooled_upper, annual_percent_change, apc_lower, apc_upper, chance_of_fall,
        per, confidence_level, note (phrases of NOTE_CODES). Years and counts are Int64.

    Raises
    ------
    ValueError
        As `compute`, and if the table has no column `year` or `by` names it.

    References
    ----------
    See `mchepi.stats.rate_ratio`, `mchepi.stats.annual_percent_change`, `mchepi.stats.chance_of_fall`.
    Ingram DD, Malec DJ, Makuc DM, et al. (2018). National Center for Health Statistics guidelines for
    analysis of trends. Vital and Health Statistics 2(179).

    Examples
    --------
    >>> import pandas as pd
    >>> from mchepi.indicators import change
    >>> counts = pd.DataFrame(
    ...     {"district": ["S01"] * 4, "year": [2020, 2021, 2022, 2023],
    ...      "live_births": [1600, 1550, 1500, 1430], "neonatal_deaths": [5, 6, 4, 3]}
    ... )
    >>> found = change(counts, "neonatal_mortality_rate")
    >>> found[["events", "previous_events", "ratio", "ratio_lower", "ratio_upper", "chance_of_fall"]].round(2)
       events  previous_events  ratio  ratio_lower  ratio_upper  chance_of_fall
    0       3                4   0.79         0.12         4.65            0.43
    """
    level = check_level(confidence_level)
    keys = [by] if isinstance(by, str) else list(by)
    require_columns(counts, ["year"], "counts")
    if "year" in keys or "year_end" in keys:
        raise ValueError(f"`by` must not hold the year; got {keys}. Name what makes a series of years.")
    ids = [indicator] if isinstance(indicator, str) else list(indicator)
    frames = [_change_one(counts, find_indicator(id), keys, level) for id in ids]
    if not frames:
        raise ValueError("`indicator` must name at least one indicator; got none. Give an id or several.")
    return pd.concat(frames, ignore_index=True)


def _change_one(counts: pd.DataFrame, one: Indicator, keys: list[str], level: float) -> pd.DataFrame:
    ends = counts["year_end"].fillna(counts["year"]) if "year_end" in counts else counts["year"]
    counts = counts.assign(year_end=ends)
    yearly = compute(counts, one.id, by=[*keys, "year", "year_end"])
    groups = yearly[keys].drop_duplicates().reset_index(drop=True)
    yearly["_series"] = _numbers_of(yearly, groups, keys)
    known = yearly[yearly["value"].notna()].sort_values(["_series", "year"])

    def nth_from_end(n: int) -> pd.DataFrame:
        """One row a series: its n-th known period from the end; missing where there is none."""
        return known.groupby("_series").nth(-n).set_index("_series").reindex(groups.index)

    last, before = nth_from_end(1), nth_from_end(2)
    pooled = _pooled(counts, one, keys, groups, last["year_end"], level)
    with_limits = one.kind != "administrative" and one.basis != "enumeration"
    result = groups.assign(
        indicator=one.id,
        year=last["year"].astype("Int64"),
        previous_year=before["year"].astype("Int64"),
        events=last["numerator"],
        previous_events=before["numerator"],
        denominator=last["denominator"],
        previous_denominator=before["denominator"],
        ratio=_divided(numbers(last, "value"), numbers(before, "value")),
        pooled_from=pooled["year"],
        pooled_to=last["year_end"].astype("Int64"),
        pooled_value=pooled["value"],
        pooled_lower=pooled["lower"],
        pooled_upper=pooled["upper"],
        per=one.per,
        confidence_level=level,
    )
    return result
