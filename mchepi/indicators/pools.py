"""The last years together: the rate of the pool, and the trend that it hides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.computation import compute, needed, require_columns
from mchepi.stats import pool_years
from mchepi.stats._validate import check_level

POOLS = (3, 5)
FEWEST_EVENTS_FOR_TREND_INSIDE = 5
"""Below this many events a pool's trend says nothing at all, and is noted as resting on too few."""

COLUMNS = (
    *("year", "year_end", "pool_years", "indicator", "numerator", "denominator", "value", "lower", "upper"),
    *("per", "method", "confidence_level", "note", "annual_percent_change", "apc_lower", "apc_upper"),
)


def pools(
    counts: pd.DataFrame,
    indicator: str | Iterable[str],
    *,
    by: str | Sequence[str] = ("district",),
    years: Sequence[int] = POOLS,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Rates of the last years together, in each indicator's unit, with the trend inside each pool.

    A pool has more events than a year, so that `judge` can tell more of it; but where the rate moves within
    the pool, the pooled rate describes no year of it. The trend is given beside: exact for two years, Poisson
    regression for more (see `mchepi.stats.pool_years`).

    Parameters
    ----------
    counts : DataFrame
        The district-year table. Rows over several years are pools already, and are left out.
    indicator : str or several
        Ids of the catalog. Coverage from a full register and quotas, which have no limits, are passed over.
    by : str or sequence of str
        Key columns that make a series of years.
    years : sequence of int
        How many years up to the last one that has the counts.
    confidence_level : float
        Level of all limits.

    Returns
    -------
    DataFrame
        What `compute` gives for each pool, with year and year_end (its first and last year with the counts,
        Int64), pool_years (how many were asked for), annual_percent_change, apc_lower and apc_upper (the
        trend inside; on fewer than five events the note says so). A pool that holds one year, or no more than
        a shorter one does, is left out.

    Raises
    ------
    ValueError
        As `compute`.

    Examples
    --------
    >>> import pandas as pd
    >>> from mchepi.indicators import judge, pools
    >>> counts = pd.DataFrame(
    ...     {"district": ["S01"] * 4, "year": [2020, 2021, 2022, 2023],
    ...      "live_births": [1690, 1600, 1520, 1430], "neonatal_deaths": [8, 5, 4, 3]}
    ... )
    >>> pooled = pools(counts, "neonatal_mortality_rate")
    >>> pooled[["year", "year_end", "numerator", "value", "annual_percent_change"]].round(2)
       year  year_end  numerator  value  annual_percent_change
    0  2021      2023         12   2.64                 -17.87
    1  2020      2023         20   3.21                 -24.03
    >>> judge(pooled, targets="CN_HCPLAN2025_NMR")["verdict"].tolist()
    ['cannot tell', 'cannot tell']
    """
    level = check_level(confidence_level)
    keys = [by] if isinstance(by, str) else list(by)
    require_columns(counts, ["year", *keys], "counts")
    if "year_end" in counts:
        counts = counts[counts["year_end"].isna() | (counts["year_end"] == counts["year"])]
    ids = [indicator] if isinstance(indicator, str) else list(indicator)
    ones = [find_indicator(id) for id in ids]
    ones = [one for one in ones if one.kind != "administrative" and one.basis != "enumeration"]
    found = []
    if ones:
        groups = needed(counts, ones, keys).groupby(keys, sort=False)
        distinct = list(dict.fromkeys(one.id for one in ones))
        found = [_of_one(rows, distinct, keys, years, level) for _, rows in groups]
    if not sum(map(len, found)):
        return pd.DataFrame(columns=[*keys, *COLUMNS])
    pooled = pd.concat([pool for pool in found if len(pool)], ignore_index=True)
    places = [np.flatnonzero(pooled["indicator"] == one.id) for one in ones]
    return pooled.iloc[np.concatenate(places)].reset_index(drop=True)


def _of_one(
    rows: pd.DataFrame, ids: list[str], keys: list[str], years: Sequence[int], level: float
) -> pd.DataFrame:
    """The pools of one group, of each indicator the shortest first."""
    yearly = compute(rows, ids, by=[*keys, "year"], confidence_level=level)
    known = yearly[yearly["value"].notna()]
    windows = [
        (str(id), length, inside)
        for id, own in known.groupby("indicator", sort=False)
        for length, inside in _longer_and_longer(own, years)
    ]
    spans = [(int(inside["year"].min()), int(inside["year"].max())) for _, _, inside in windows]
    alike: dict[tuple[int, int], list[str]] = {}
    for (id, _, _), span in zip(windows, spans, strict=True):
        alike.setdefault(span, []).append(id)
    if not alike:
        return pd.DataFrame(columns=[*keys, *COLUMNS])
    pooled = pd.concat(
        [
            compute(rows[rows["year"].between(*span)], those, by=keys, confidence_level=level)
            for span, those in alike.items()
        ],
        ignore_index=True,
    )
    places = {key: n for n, key in enumerate((id, span) for span, those in alike.items() for id in those)}
    pooled = pooled.iloc[[places[id, span] for (id, _, _), span in zip(windows, spans, strict=True)]]
    trends = [_trend(inside, level) for _, _, inside in windows]
    noted = zip(pooled["note"], pooled["numerator"], strict=True)
    return pooled.assign(
        note=pd.Series([_noted(note, int(events)) for note, events in noted], pooled.index, dtype="str"),
        year=pd.array([first for first, _ in spans], dtype="Int64"),
        year_end=pd.array([last for _, last in spans], dtype="Int64"),
        pool_years=[length for _, length, _ in windows],
        annual_percent_change=[value for value, _, _ in trends],
        apc_lower=[lower for _, lower, _ in trends],
        apc_upper=[upper for _, _, upper in trends],
    )[[*keys, *COLUMNS]]


def _longer_and_longer(own: pd.DataFrame, years: Sequence[int]) -> Iterator[tuple[int, pd.DataFrame]]:
    """The last years of a series, for each length that brings in more of them than a shorter one."""
    held = 1
    for length in sorted(years):
        inside = own[own["year"] > own["year"].max() - length]
        if len(inside) > held:
            held = len(inside)
            yield length, inside


def _trend(inside: pd.DataFrame, level: float) -> tuple[float, float, float]:
    """The trend inside a pool, in percent a year, with its limits."""
    numbers = (inside[name].to_numpy(dtype=np.float64) for name in ("year", "numerator", "denominator"))
    widest = pool_years(*numbers, confidence_level=level).iloc[-1]
    return widest["annual_percent_change"], widest["change_lower"], widest["change_upper"]


def _noted(note: str, events: int) -> str:
    few = f"too few events: {events}" if events < FEWEST_EVENTS_FOR_TREND_INSIDE else ""
    return "; ".join(filter(None, (note, few)))
