"""How an indicator moved: against the year before, pooled over three years, and as a trend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.columns import amounts, floats, integers, texts
from mchepi.indicators.computation import groups_of, require_columns, require_keys
from mchepi.indicators.course import COURSE, course
from mchepi.indicators.known_years import KnownYears, known_years
from mchepi.indicators.notes import Notes
from mchepi.indicators.sums import Counts, Positions, has_limits, limits_of, notes_of, read_counts, sum_counts
from mchepi.stats import chance_of_fall, rate_ratio
from mchepi.stats._validate import FloatArray, Mask, check_level
from mchepi.stats.trend_judgment import FEWEST_EVENTS

Periods: TypeAlias = dict[str, FloatArray]
"""What a period of each series holds, by name, one number a series."""

_YEARS = ("year", "year_end")
POOLED_YEARS = 3

COLUMNS = (
    "indicator",
    "year",
    "year_end",
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
    *COURSE,
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
    - `annual_percent_change`: log-linear regression over all years, in percent per year, with profile limits;
      `trend_model` is quasi_poisson where the counts scatter about the trend more than chance makes them
      (`dispersion_about_trend`, p below 0.05), else poisson, also where they are too few to tell. Fewer than
      three periods give NaN, fewer than 20 events in all a note.
    - `break_kind`: "step" where the level changed from `break_year` on, "one period" where that one is unlike
      the others (`trend_break`, with a false alarm in at most 1 of 100 series of Poisson counts), else "".
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
        The by-keys, then indicator, year, year_end, previous_year, events, previous_events, denominator,
        previous_denominator, ratio, ratio_lower, ratio_upper, ratio_p_value, pooled_from, pooled_to,
        pooled_value, pooled_lower, pooled_upper, annual_percent_change, apc_lower, apc_upper, trend_model,
        dispersion, dispersion_p_value, break_kind, break_year, break_ratio, break_lower, break_upper,
        break_p_value, chance_of_fall, per, confidence_level, note (phrases of NOTE_CODES). Years and counts
        are Int64.

    Raises
    ------
    ValueError
        As `compute`, and if the table has no column `year` or `by` names it.

    References
    ----------
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
    asked = [find_indicator(id) for id in ([indicator] if isinstance(indicator, str) else indicator)]
    if not asked:
        raise ValueError("`indicator` must name at least one indicator; got none. Give an id or several.")
    require_keys(counts, keys)
    ones = list(dict.fromkeys(asked))
    read = read_counts(counts, ones)
    group, size, names = groups_of(counts, keys)
    found = _changes(read, group, size, keys, level)
    at = (np.array([ones.index(one) for one in asked])[:, None] * size + np.arange(size)).ravel()
    series = {name: column.take(at % size) for name, column in names.items()}
    return pd.DataFrame({**series, **{name: found[name][at] for name in COLUMNS}})


def _changes(read: Counts, group: Positions, size: int, keys: Sequence[str], level: float) -> dict[str, Any]:
    """Tell the change of every series: of each indicator in each group of rows that `keys` make."""
    ones, table = read.ones, read.table
    ends = table["year_end"].fillna(table["year"]) if "year_end" in table else table["year"]
    spans = pd.DataFrame({**{key: table[key] for key in keys}, "year": table["year"], "year_end": ends})
    period, number, named = groups_of(spans, [*keys, "year", "year_end"])
    yearly = sum_counts(read, period, number)
    of_group = np.zeros(number, dtype=np.intp)
    of_group[period] = group
    every = known_years(yearly, of_group, size, *(floats(named[name]) for name in ("year", "year_end")))
    # A period of several years that holds another one would count it twice.
    twice = every.hold_another()
    known = every.chosen(~twice)
    last, before = (
        {name: known.from_end(getattr(known, name), n) for name in (*_YEARS, "numerator", "denominator")}
        for n in (1, 2)
    )

    # A series without a known year keeps all its rows, and says why.
    age = last["year_end"].reshape(len(ones), size)[:, group] - floats(ends)
    taken = np.isnan(age) | ((age >= 0) & (age < POOLED_YEARS))
    left_out = np.zeros(yearly.value.shape, dtype=bool)
    left_out.flat[every.at[twice]] = True
    pooled = sum_counts(read, group, size, taken & ~left_out[:, period])
    lower, upper, _ = limits_of(pooled, level, enumerations=False)
    value, per = pooled.value.ravel(), np.repeat(pooled.per, size)
    limits = np.repeat([has_limits(one) for one in ones], size)
    proportions = np.repeat([one.kind == "proportion" for one in ones], size)
    expected = np.where(limits, value / per * last["denominator"], np.nan)
    notes = zip(notes_of(pooled, keys, lower), _notes(known, last, before, limits, proportions), strict=True)
    return {
        "indicator": texts(one.id for one in ones for _ in range(size)),
        "year": integers(last["year"]),
        "year_end": integers(last["year_end"]),
        "previous_year": integers(before["year"]),
        "events": integers(last["numerator"]),
        "previous_events": integers(before["numerator"]),
        "denominator": amounts(last["denominator"], yearly.denominator),
        "previous_denominator": amounts(before["denominator"], yearly.denominator),
        **_ratio(last, before, limits, level),
        "pooled_from": integers(_first_pooled(known, last["year_end"])),
        "pooled_to": integers(last["year_end"]),
        "pooled_value": value,
        "pooled_lower": lower.ravel(),
        "pooled_upper": upper.ravel(),
        **course(known.chosen(limits[known.series]), level),
        "chance_of_fall": chance_of_fall(expected),
        "per": per,
        "confidence_level": np.full(len(per), level),
        "note": texts("; ".join(filter(None, both)) for both in notes),
    }


def _ratio(last: Periods, before: Periods, limits: Mask, level: float) -> Periods:
    arguments = [period[side] for period in (last, before) for side in ("numerator", "denominator")]
    found = rate_ratio(*arguments, confidence_level=level)
    return {
        "ratio": found.value,
        "ratio_lower": np.where(limits, found.lower, np.nan),
        "ratio_upper": np.where(limits, found.upper, np.nan),
        "ratio_p_value": np.where(limits, found.p_value, np.nan),
    }


def _first_pooled(known: KnownYears, last_year: FloatArray) -> FloatArray:
    """The first year of each series' pool; missing where there is none."""
    inside = known.year_end > last_year[known.series] - POOLED_YEARS
    first = np.full(known.length, np.inf)
    np.minimum.at(first, known.series[inside], known.year[inside])
    return np.where(np.isinf(first), np.nan, first)


def _notes(known: KnownYears, last: Periods, before: Periods, limits: Mask, proportions: Mask) -> list[str]:
    notes = Notes(known.length)
    periods = known.periods
    notes.add("one period", periods == 1)
    notes.add("no events", limits & (last["numerator"] + before["numerator"] == 0))
    notes.add("not consecutive", last["year"] - before["year_end"] > 1)
    unequal = last["year_end"] - last["year"] != before["year_end"] - before["year"]
    notes.add("periods of unequal length", unequal & (periods > 1))
    notes.add("too few periods", limits & (periods == 2))
    events = np.bincount(known.series, weights=known.numerator, minlength=known.length)
    for place in np.flatnonzero(limits & (periods >= 3) & (events < FEWEST_EVENTS)):
        notes.add_to(int(place), "too few events", f"{events[place]:.0f}")
    notes.add("limits conservative", limits & proportions & (periods > 1))
    return notes.texts()
