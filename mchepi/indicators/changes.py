"""How an indicator moved: against the year before, pooled over three years, and as a trend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from mchepi.indicators.catalog import Indicator
from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.computation import compute, needed, require_columns
from mchepi.indicators.course import COURSE, course
from mchepi.indicators.notes import Notes
from mchepi.indicators.targeting import numbers
from mchepi.stats import chance_of_fall, rate_ratio
from mchepi.stats._validate import FloatArray, Mask, check_level
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
    ones = {id: find_indicator(id) for id in ids}
    if not ones:
        raise ValueError("`indicator` must name at least one indicator; got none. Give an id or several.")
    found = _change(needed(counts, ones.values(), keys), ones, keys, level)
    places = {id: np.flatnonzero(found["indicator"] == id) for id in ones}
    return found.iloc[np.concatenate([places[id] for id in ids])].reset_index(drop=True)


def _change(counts: pd.DataFrame, ones: dict[str, Indicator], keys: list[str], level: float) -> pd.DataFrame:
    """Tell the change of every series: of each indicator in each group of `keys`."""
    ends = counts["year_end"].fillna(counts["year"]) if "year_end" in counts else counts["year"]
    counts = counts.assign(year_end=ends)
    yearly = compute(counts, list(ones), by=[*keys, "year", "year_end"])
    if keys:
        series = yearly[["indicator", *keys]].drop_duplicates().reset_index(drop=True)
    else:
        series = pd.DataFrame({"indicator": pd.Series(list(ones), dtype="str")})
    yearly = yearly.assign(_series=_series_of(yearly, series, ["indicator", *keys]))
    known = _without_sums(yearly[yearly["value"].notna()]).sort_values(["_series", "year"])
    last, before = (_nth_from_end(known, n, len(series)) for n in (1, 2))
    pooled = _pooled(counts, yearly, known, series, keys, last["year_end"], level)
    in_pool = known[known["year_end"] > known["_series"].map(last["year_end"]) - POOLED_YEARS]
    limits = np.array([_has_limits(ones[id]) for id in series["indicator"]], dtype=bool)
    per = np.array([ones[id].per for id in series["indicator"]], dtype=np.int64)
    expected = np.where(limits, pooled["value"] / per * numbers(last, "denominator"), np.nan)
    found = series.assign(
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
        **course(known[limits[known["_series"].to_numpy(dtype=np.intp)]], len(series), level),
        chance_of_fall=chance_of_fall(expected),
        per=per,
        confidence_level=level,
    )
    proportion = np.array([ones[id].kind == "proportion" for id in series["indicator"]], dtype=bool)
    found["note"] = _notes(known, last, before, pooled["note"], limits, proportion)
    return found[[*keys, *COLUMNS]]


def _has_limits(one: Indicator) -> bool:
    return one.kind != "administrative" and one.basis != "enumeration"


def _series_of(table: pd.DataFrame, series: pd.DataFrame, keys: list[str]) -> pd.Series[int]:
    """Give the number of the series that each row of the table belongs to."""
    numbered = series.assign(_series=np.arange(len(series)))
    return table[keys].merge(numbered, on=keys, how="left")["_series"].set_axis(table.index)


def _without_sums(known: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows of several years that hold another row of their series: they would count it twice."""
    if (known["year"] == known["year_end"]).all():
        return known
    pairs = (
        known[["_series", "year", "year_end"]]
        .reset_index()
        .merge(known[["_series", "year", "year_end"]], on="_series", suffixes=("", "_of_other"))
    )
    holds = (pairs["year"] <= pairs["year_of_other"]) & (pairs["year_end"] >= pairs["year_end_of_other"])
    longer = (pairs["year"] != pairs["year_of_other"]) | (pairs["year_end"] != pairs["year_end_of_other"])
    return known[~known.index.isin(pairs.loc[holds & longer, "index"])]


def _nth_from_end(known: pd.DataFrame, n: int, length: int) -> pd.DataFrame:
    """One row a series: its n-th known period from the end; missing where there is none."""
    return known.groupby("_series").nth(-n).set_index("_series").reindex(range(length))


def _pooled(
    counts: pd.DataFrame,
    yearly: pd.DataFrame,
    known: pd.DataFrame,
    series: pd.DataFrame,
    keys: list[str],
    last_year: pd.Series[int],
    level: float,
) -> pd.DataFrame:
    """Pool the last years of each series; one without a known year keeps all its rows, and says why."""
    sums = yearly[yearly["value"].notna() & ~yearly.index.isin(known.index)]
    periods = [*keys, "year", "year_end"]
    alike: dict[bytes, list[str]] = {}
    for id, own in series.groupby("indicator", sort=False):
        if keys:
            last = _series_of(counts, own.reset_index(drop=True), keys).map(
                last_year[own.index].reset_index(drop=True)
            )
        else:
            last = pd.Series(last_year[own.index].iloc[0], index=counts.index)
        age = last - counts["year_end"]
        taken = (last.isna() | ((age >= 0) & (age < POOLED_YEARS))).to_numpy(dtype=bool, na_value=False)
        if (of_one := sums[sums["indicator"] == id]).size:
            # What `known` lacks for being a sum of other rows is left out here as well.
            sum_rows = pd.MultiIndex.from_frame(of_one[periods])
            taken = taken & ~pd.MultiIndex.from_frame(counts[periods]).isin(sum_rows)
        alike.setdefault(taken.tobytes(), []).append(str(id))
    pools = []
    for rows, ids in alike.items():
        pool = compute(counts[np.frombuffer(rows, dtype=bool)], ids, by=keys, confidence_level=level)
        pools += [own for _, own in pool.groupby("indicator", sort=False)]
    ordered = {own["indicator"].iloc[0]: own for own in pools}
    return pd.concat(
        [ordered[id] for id in series["indicator"].unique()] or [yearly.iloc[:0]], ignore_index=True
    )


def _ratio(
    last: pd.DataFrame, before: pd.DataFrame, limits: Mask, level: float
) -> dict[str, FloatArray | float]:
    arguments = [numbers(table, side) for table in (last, before) for side in ("numerator", "denominator")]
    found = rate_ratio(*arguments, confidence_level=level)
    return {
        "ratio": found.value,
        "ratio_lower": np.where(limits, found.lower, np.nan),
        "ratio_upper": np.where(limits, found.upper, np.nan),
        "ratio_p_value": np.where(limits, found.p_value, np.nan),
    }


def _notes(
    known: pd.DataFrame,
    last: pd.DataFrame,
    before: pd.DataFrame,
    pooled_note: pd.Series[str],
    limits: Mask,
    proportion: Mask,
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
    notes.add("too few periods", limits & (periods == 2))
    events = known.groupby("_series")["numerator"].sum().reindex(last.index, fill_value=0)
    few = limits & (periods >= 3) & (events < FEWEST_EVENTS).to_numpy(dtype=bool)
    for place in np.flatnonzero(few):
        notes.add_to(int(place), "too few events", str(events.iloc[place]))
    notes.add("limits conservative", limits & proportion & (periods > 1))
    return ["; ".join(filter(None, texts)) for texts in zip(pooled_note, notes.texts(), strict=True)]
