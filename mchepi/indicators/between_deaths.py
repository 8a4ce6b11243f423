"""Births between rare deaths, as far as yearly counts tell: a least and a most, for want of dates."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from mchepi.indicators.computation import require_columns
from mchepi.stats import g_chart
from mchepi.stats._validate import check_positive

COLUMNS = (
    *("district", "year", "year_end", "open", "births_at_least", "births_at_most"),
    *("center", "chart_lower", "chart_upper", "chance_of_none", "signal", "reference", "per"),
)


def between_deaths(
    counts: pd.DataFrame,
    deaths: str = "maternal_deaths",
    *,
    births: str = "live_births",
    reference: float | None = None,
    per: float = 100_000,
    level: float = 0.998,
) -> pd.DataFrame:
    """Births from each death to the next and since the last one, as bounds, for each district.

    Yearly counts hold no dates: a death may lie at the beginning or at the end of its year's births. Each
    interval therefore has a least and a most, and signals on the chart of `mchepi.stats.g_chart` only where
    both do.

    Parameters
    ----------
    counts : DataFrame
        The district-year table, a row a year. Intervals across a year without both counts are left out, and
        so are rows over several years.
    deaths, births : str
        The columns; without them there are no intervals.
    reference : float, optional
        The level that the intervals are compared with, per `per`: a target, for one. None: they are not.
    per : float
        The unit of `reference`.
    level : float
        Chance that an interval lies within the chart's limits at the reference level.

    Returns
    -------
    DataFrame
        One row an interval: district, year and year_end (of its two deaths; for the open one the last death,
        NA if none is known, and the last year), open (True since the last death), births_at_least,
        births_at_most (NA where no death came before), center, chart_lower, chart_upper (mean interval at the
        reference level and its limits), chance_of_none (that so many births, the least, pass without a death
        at the reference level; the open interval only), signal ("more often", "less often" or ""),
        reference, per.

    Raises
    ------
    ValueError
        If district or year is missing, or the reference is not above 0.

    References
    ----------
    Benneyan JC (2001). Number-between g-type statistical quality control charts for monitoring adverse
    events. Health Care Management Science 4(4): 305-318.

    Examples
    --------
    >>> import pandas as pd
    >>> from mchepi.indicators import between_deaths
    >>> counts = pd.DataFrame(
    ...     {"district": ["S01"] * 5, "year": [2019, 2020, 2021, 2022, 2023],
    ...      "live_births": [1750, 1690, 1600, 1520, 1430], "maternal_deaths": [1, 0, 1, 0, 0]}
    ... )
    >>> found = between_deaths(counts, reference=14.5)
    >>> found[["year", "year_end", "open", "births_at_least", "births_at_most", "chance_of_none"]].round(3)
       year  year_end   open  births_at_least  births_at_most  chance_of_none
    0  2019      2021  False             1691            5039             NaN
    1  2021      2023   True             2950            4549           0.652
    """
    require_columns(counts, ["district", "year"], "counts")
    chance = (
        None if reference is None else check_positive("reference", reference) / check_positive("per", per)
    )
    found = [
        interval
        for district, years in _years(counts, deaths, births).items()
        for interval in _intervals(district, years)
    ]
    charted = [
        {**interval, **chart, "reference": reference, "per": per}
        for interval, chart in _on_chart(found, chance, level)
    ]
    whole = dict.fromkeys(("year", "year_end", "births_at_least", "births_at_most"), "Int64")
    return pd.DataFrame(charted, columns=list(COLUMNS)).astype(whole)


def _years(counts: pd.DataFrame, deaths: str, births: str) -> dict[str, list[tuple[int, Any, Any]]]:
    """Deaths and births of the single years of each district, in order."""
    found: dict[str, list[tuple[int, Any, Any]]] = {}
    if {deaths, births} <= set(counts.columns):
        end = counts["year_end" if "year_end" in counts else "year"].tolist()
        names = ("district", "year", deaths, births)
        for last, district, year, *both in zip(end, *(counts[name].tolist() for name in names), strict=True):
            if not pd.isna(district) and (pd.isna(last) or last == year):
                found.setdefault(district, []).append((year, *both))
    return {district: sorted(years, key=itemgetter(0)) for district, years in found.items()}


def _intervals(district: str, years: list[tuple[int, Any, Any]]) -> list[dict[str, Any]]:
    """All intervals of one district whose births are known from the first day to the last."""
    found: list[dict[str, Any]] = []
    last_death: int | None = None
    after = 0  # births of the last death's year, but for the deaths' own
    between, before = 0, None
    for year, died, born in years:
        if pd.isna(died) or pd.isna(born) or (before is not None and year != before + 1):
            last_death, between = None, 0
        before = year
        if pd.isna(died) or pd.isna(born):
            continue
        died, born = int(died), int(born)
        if died and last_death is not None:
            found.append(
                _interval(district, last_death, year, between + 1, after + between + born - died + 1)
            )
        found += [_interval(district, year, year, 1, born - died + 1)] * (died - 1)
        if died:
            last_death, after, between = year, born - died, 0
        else:
            between += born
    if before is not None and (last_death is not None or between):
        most = None if last_death is None else between + after
        found.append({**_interval(district, last_death, before, between, most), "open": True})
    return found


def _interval(district: str, year: int | None, year_end: int, least: int, most: int | None) -> dict[str, Any]:
    return {
        "district": district,
        "year": year,
        "year_end": year_end,
        "open": False,
        "births_at_least": least,
        "births_at_most": most,
    }


def _on_chart(
    found: list[dict[str, Any]], chance: float | None, level: float
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Where each interval lies on the chart of the reference level, whichever its true length."""
    if chance is None or not found:
        yield from ((interval, {"chance_of_none": np.nan, "signal": ""}) for interval in found)
        return
    # An open interval has at least one birth more to go, and cannot signal that deaths are more often.
    bounds = [
        [one["births_at_least"] + 1] if one["open"] else [one["births_at_least"], one["births_at_most"]]
        for one in found
    ]
    chart = g_chart([bound for own in bounds for bound in own], reference=chance, level=level)
    limits = {
        "center": chart["center"].iloc[0],
        "chart_lower": chart["lower"].iloc[0],
        "chart_upper": chart["upper"].iloc[0],
    }
    signal_of = iter(chart["signal"].tolist())
    for interval, own in zip(found, bounds, strict=True):
        signals = {next(signal_of) for _ in own}
        signal = signals.pop() if len(signals) == 1 else ""
        least, is_open = interval["births_at_least"], interval["open"]
        yield (
            interval,
            {
                **limits,
                "chance_of_none": float(np.exp(least * np.log1p(-chance))) if is_open else np.nan,
                "signal": "" if is_open and signal == "more often" else signal,
            },
        )
