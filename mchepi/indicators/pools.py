"""The last years together: the rate of the pool, and the trend that it hides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.columns import floats, integers, texts
from mchepi.indicators.computation import computed, groups_of, require_columns, require_keys
from mchepi.indicators.known_years import KnownYears, known_years
from mchepi.indicators.sums import Counts, Positions, has_limits, read_counts, sum_counts
from mchepi.stats import Estimate
from mchepi.stats._validate import Mask, check_level
from mchepi.stats.pooling import change_within
from mchepi.stats.trend_judgment import FEWEST_EVENTS

POOLS = (3, 5)
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
        trend inside; on fewer than 20 events, of which `change` states none either, the note says so). A pool
        that holds one year, or no more than a shorter one does, is left out.

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
    require_keys(counts, keys)
    ids = [indicator] if isinstance(indicator, str) else list(indicator)
    asked = [one for one in map(find_indicator, ids) if has_limits(one)]
    ones = list(dict.fromkeys(asked))
    table = _single_years(counts, keys)
    if not ones or table.empty:
        return pd.DataFrame(columns=[*keys, *COLUMNS])
    read, lengths = read_counts(table, ones), sorted(years)
    group, size, names = groups_of(table, keys)
    known = _known(read, group, size, keys)
    held = _longer_and_longer(known, lengths)
    if not held.any():
        return pd.DataFrame(columns=[*keys, *COLUMNS])

    # Of each length, indicator and group: its years in all rows, those that lack a count as well.
    last = np.broadcast_to(known.from_end(known.year, 1), held.shape)
    first = np.where(held, np.append(known.year, np.nan)[known.ends - held], np.nan)
    by_group = (len(lengths) * len(ones), size)
    row_year = floats(table["year"])
    taken = (first.reshape(by_group)[:, group] <= row_year) & (row_year <= last.reshape(by_group)[:, group])
    sums = sum_counts(replace(read, ones=read.ones * len(lengths)), group, size, taken)

    shape = (len(lengths), len(ones), size)
    place = _in_order(held.reshape(shape) > 0, [ones.index(one) for one in asked], group)
    at = np.ravel_multi_index(place, shape)
    count = held.ravel()[at]
    trend = _trends(known, known.ends[at % known.length], count, level)
    found = {
        **{name: column.take(place[2]) for name, column in names.items()},
        **{name: column[at] for name, column in computed(sums, keys, level).items()},
        "year": integers(first.ravel()[at]),
        "year_end": integers(last.ravel()[at]),
        "pool_years": np.array(lengths)[place[0]],
        "annual_percent_change": trend.value,
        "apc_lower": trend.lower,
        "apc_upper": trend.upper,
    }
    found["note"] = texts(map(_noted, found["note"], found["numerator"]))
    return pd.DataFrame({name: found[name] for name in (*keys, *COLUMNS)})


def _single_years(counts: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Leave out rows of several years, and those of no series."""
    kept = np.ones(len(counts), dtype=bool)
    for key in keys:
        kept &= counts[key].notna().to_numpy()
    if "year_end" in counts:
        end = counts["year_end"]
        kept &= (end.isna() | (end == counts["year"])).to_numpy(dtype=bool, na_value=False)
    return counts if kept.all() else counts[kept]


def _known(read: Counts, group: Positions, size: int, keys: Sequence[str]) -> KnownYears:
    """The years of each indicator in each group that have a value."""
    period, number, names = groups_of(read.table, [*keys, "year"])
    series = np.zeros(number, dtype=np.intp)
    series[period] = group
    year = floats(names["year"])
    return known_years(sum_counts(read, period, number), series, size, year, year)


def _longer_and_longer(known: KnownYears, lengths: Sequence[int]) -> Positions:
    """How many years the pool of each length (row) and series holds; 0 where a shorter one has as many."""
    newest = known.from_end(known.year, 1)
    longest = np.ones(known.length, dtype=np.intp)
    found = []
    for length in lengths:
        inside = known.year > newest[known.series] - length
        held = np.bincount(known.series[inside], minlength=known.length)
        found.append(np.where(held > longest, held, 0))
        longest = np.maximum(longest, held)
    return np.array(found)


def _in_order(
    held: Mask, indicators: Sequence[int], group: Positions
) -> tuple[Positions, Positions, Positions]:
    """Length, indicator and group of each pool: indicators as asked, groups as they come, shortest first."""
    groups = np.argsort(np.unique(group, return_index=True)[1])
    indicator, place, length = np.nonzero(held.transpose(1, 2, 0)[indicators][:, groups])
    return length, np.array(indicators)[indicator], groups[place]


def _trends(known: KnownYears, ends: Positions, count: Positions, level: float) -> Estimate:
    """The trend inside each pool, in percent a year: of so many known years before its end."""
    year, events, total = (
        known.side_by_side(values, ends - count, count)[:, ::-1]
        for values in (known.year, known.numerator, known.denominator)
    )
    return change_within(np.nan_to_num(year), events, total, level)


def _noted(note: str, events: int) -> str:
    few = f"too few events: {events}" if events < FEWEST_EVENTS else ""
    return "; ".join(filter(None, (note, few)))
