"""How an indicator moved: against the year before, pooled over three years, and as a trend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from mchepi.indicators.catalog import Indicator
from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.computation import compute, require_columns
from mchepi.indicators.course import COURSE, course
from mchepi.indicators.notes import Notes
from mchepi.indicators.targeting import numbers
from mchepi.stats import chance_of_fall, rate_ratio
from mchepi.stats._validate import FloatArray, check_level
from mchepi.stats.trend_judgment import FEWEST_EVENTS

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
    ids = [indicator] if isinstance(indicator, str) else list(indicator)
    frames = [_change_one(counts, find_indicator(id), keys, level) for id in ids]
    if not frames:
        raise ValueError("`indicator` must name at least one indicator; got none. Give an id or several.")
    return pd.concat(frames, ignore_index=True)


def _change_one(counts: pd.DataFrame, one: Indicator, keys: list[str], level: float) -> pd.DataFrame:
    ends = counts["year_end"].fillna(counts["year"]) if "year_end" in counts else counts["year"]
    counts = counts.assign(year_end=ends)
    yearly = compute(counts, one.id, by=[*keys, "year", "year_end"])
    series = yearly[keys].drop_duplicates().reset_index(drop=True) if keys else pd.DataFrame(index=[0])
    yearly = yearly.assign(_series=_series_of(yearly, series, keys))
    known = _without_sums(yearly[yearly["value"].notna()]).sort_values(["_series", "year"])
    last, before = (_nth_from_end(known, n, len(series)) for n in (1, 2))
    pooled = _pooled(_without_sums_of(counts, yearly, known), one, keys, series, last["year_end"], level)
    in_pool = known[known["year_end"] > known["_series"].map(last["year_end"]) - POOLED_YEARS]
    limits = one.kind != "administrative" and one.basis != "enumeration"
    found = series.assign(
        indicator=one.id,
        year=last["year"].astype("Int64"),
        year_end=last["year_end"].astype("Int64"),
        previous_year=before["year"].astype("Int64"),
        events=last["numerator"],
        previous_events=before["numerator"],
        denominator=last["denominator"],
        previous_denominator=before["denominator"],
        **_ratio(last, before, limits, level),
        pooled_from=in_pool.groupby("_series")["year"].min().reindex(series.index).astype("Int64"),
        pooled_to=last["year_end"].astype("Int64"),
        pooled_value=pooled["value"],
        pooled_lower=pooled["lower"],
        pooled_upper=pooled["upper"],
        **course(known if limits else known.iloc[:0], len(series), level),
        chance_of_fall=np.nan,
        per=one.per,
        confidence_level=level,
    )
    if limits:
        expected = pooled["value"] / one.per * numbers(last, "denominator")
        found["chance_of_fall"] = chance_of_fall(expected)
    found["note"] = _notes(one, known, last, before, pooled["note"], limits)
    return found[[*keys, *COLUMNS]]


def _series_of(table: pd.DataFrame, series: pd.DataFrame, keys: list[str]) -> pd.Series[int]:
    """Give the number of the series that each row of the table belongs to."""
    if not keys:
        return pd.Series(0, index=table.index)
    numbered = series.assign(_series=np.arange(len(series)))
    return table[keys].merge(numbered, on=keys, how="left")["_series"].set_axis(table.index)


def _without_sums(known: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows of several years that hold another row of their series: they would count it twice."""
    pairs = (
        known[["_series", "year", "year_end"]]
        .reset_index()
        .merge(known[["_series", "year", "year_end"]], on="_series", suffixes=("", "_of_other"))
    )
    holds = (pairs["year"] <= pairs["year_of_other"]) & (pairs["year_end"] >= pairs["year_end_of_other"])
    longer = (pairs["year"] != pairs["year_of_other"]) | (pairs["year_end"] != pairs["year_end_of_other"])
    return known[~known.index.isin(pairs.loc[holds & longer, "index"])]


def _without_sums_of(counts: pd.DataFrame, yearly: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Leave the rows that `known` lacks for being sums of other rows out of the table of counts as well."""
    sums = yearly[yearly["value"].notna() & ~yearly.index.isin(known.index)]
    periods = [*yearly.columns[: yearly.columns.get_loc("indicator")]]
    return counts[~pd.MultiIndex.from_frame(counts[periods]).isin(pd.MultiIndex.from_frame(sums[periods]))]


def _nth_from_end(known: pd.DataFrame, n: int, length: int) -> pd.DataFrame:
    """One row a series: its n-th known period from the end; missing where there is none."""
    return known.groupby("_series").nth(-n).set_index("_series").reindex(range(length))


def _pooled(
    counts: pd.DataFrame,
    one: Indicator,
    keys: list[str],
    series: pd.DataFrame,
    last_year: pd.Series[int],
    level: float,
) -> pd.DataFrame:
    """Pool the last years of each series; one without a known year keeps all its rows, and says why."""
    last = _series_of(counts, series, keys).map(last_year)
    age = last - counts["year_end"]
    rows = counts[last.isna() | ((age >= 0) & (age < POOLED_YEARS))]
    return compute(rows, one.id, by=keys, confidence_level=level)


def _ratio(
    last: pd.DataFrame, before: pd.DataFrame, limits: bool, level: float
) -> dict[str, FloatArray | float]:
    arguments = [numbers(table, side) for table in (last, before) for side in ("numerator", "denominator")]
    found = rate_ratio(*arguments, confidence_level=level)
    nothing = np.nan
    return {
        "ratio": found.value,
        "ratio_lower": found.lower if limits else nothing,
        "ratio_upper": found.upper if limits else nothing,
        "ratio_p_value": found.p_value if limits else nothing,
    }


def _notes(
    one: Indicator,
    known: pd.DataFrame,
    last: pd.DataFrame,
    before: pd.DataFrame,
    pooled_note: pd.Series[str],
    limits: bool,
) -> list[str]:
    notes = Notes(len(last))
    periods = known.groupby("_series").size().reindex(last.index, fill_value=0).to_numpy()
    notes.add("one period", periods == 1)
    both = numbers(last, "numerator") + numbers(before, "numerator")
    notes.add("no events", limits & (both == 0))
    gap = numbers(last, "year") - numbers(before, "year_end")
    notes.add("not consecutive", gap > 1)
    lengths = (numbers(table, "year_end") - numbers(table, "year") for table in (last, before))
    notes.add("periods of unequal length", (np.subtract(*lengths) != 0) & (periods > 1))
    if limits:
        notes.add("too few periods", periods == 2)
        events = known.groupby("_series")["numerator"].sum().reindex(last.index, fill_value=0)
        for place in np.flatnonzero((periods >= 3) & (events < FEWEST_EVENTS).to_numpy(dtype=bool)):
            notes.add_to(int(place), "too few events", str(events.iloc[place]))
        notes.add("limits conservative", (one.kind == "proportion") & (periods > 1))
    return ["; ".join(filter(None, texts)) for texts in zip(pooled_note, notes.texts(), strict=True)]
