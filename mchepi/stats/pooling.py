"""Pooling years or neighbors until there are events enough, with what the pool hides shown beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats._estimate import Estimate
from mchepi.stats._neighbors import read_neighbors
from mchepi.stats._validate import (
    FloatArray,
    align,
    check_amounts,
    check_counts,
    check_level,
    check_positive,
    refuse_where,
)
from mchepi.stats.comparisons import rate_ratio
from mchepi.stats.rates import rate
from mchepi.stats.shrinkage import read_populations
from mchepi.stats.trends import annual_percent_change

if TYPE_CHECKING:
    import pandas as pd


def pool_years(
    year: Any,
    events: Any,
    person_time: Any,
    *,
    minimum_events: float = 20,
    per: float = 1,
    method: str = "exact",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Rates of the latest year, the latest two and so on, per `per`, each with the trend inside the pool.

    Parameters
    ----------
    year : int array or Series
        The years of one area, each once, in any order.
    events : int array or Series
        Events in each year.
    person_time : float array or Series
        Person-time, births or persons at risk in each year.
    minimum_events : float
        The smallest pool with so many events is the chosen one. At 20 the limits of a rate lie about 40 %
        below and 55 % above it.
    per : float
        The unit: 1000 gives events per 1,000.
    method : {"exact", "byar", "midp", "phe"}
        Limits of the pooled rates, see `count_interval`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row a pool, from the latest year alone to all years: year_from, year_to, years (that count),
        events, person_time, value, lower, upper; annual_percent_change, change_lower, change_upper,
        change_p_value (the trend inside the pool, in percent a year); chosen (True once: for the smallest
        pool with `minimum_events`, else for the largest), note.

    Raises
    ------
    ValueError
        Impossible counts, negative person-time, a year that is missing, fractional or given twice, Series
        with unequal indexes, or a level outside (0, 1).

    Notes
    -----
    The trend of three years and more is `annual_percent_change` (Poisson, profile limits); that of two is the
    exact `rate_ratio` turned into percent a year. Where its limits exclude 0 the note says "trend within the
    pool": the pooled rate then describes no year of it, least of all the next. Years with missing numbers are
    left out and said so.

    Not to be read as the present level where the rate is falling, and not for a verdict on the latest year's
    target. A trend that is not shown is not a trend that is absent: see the limits.

    References
    ----------
    Garwood F (1936). Fiducial limits for the Poisson distribution. Biometrika 28(3-4): 437-442.
    doi:10.1093/biomet/28.3-4.437

    Examples
    --------
    Neonatal deaths of one county (constructed):

    >>> from mchepi.stats.pooling import pool_years
    >>> births = [1690, 1600, 1520, 1430]
    >>> pools = pool_years([2020, 2021, 2022, 2023], [8, 5, 4, 3], births, per=1000, minimum_events=10)
    >>> pools[["year_from", "events", "value", "annual_percent_change", "chosen"]].round(2)
       year_from  events  value  annual_percent_change  chosen
    0       2023       3   2.10                    NaN   False
    1       2022       7   2.37                 -20.28   False
    2       2021      12   2.64                 -17.87    True
    3       2020      20   3.21                 -24.03   False
    """
    import pandas as pd

    level = check_level(confidence_level)
    minimum_events = check_positive("minimum_events", minimum_events)
    (years, counts, time), layout = align(year=year, events=events, person_time=person_time)
    if len(layout.shape) != 1:
        raise ValueError(
            f"`events` must be one number a year; got shape {layout.shape}. Pass one area's series."
        )
    whole = np.isfinite(years) & (years == np.floor(years))
    refuse_where(~whole, "year", "a whole number", years, layout, "Give every row its year.")
    if np.unique(years).size < years.size:
        raise ValueError("`year` must name each year once; got a year twice. Add up its rows first.")
    check_counts("events", counts, layout)
    check_amounts("person_time", time, layout)
    refuse_where(
        (counts > 0) & (time == 0),
        "events",
        "0 where `person_time` is 0",
        counts,
        layout,
        "Correct the counts or give the person-time.",
    )
    counts, time = np.broadcast_to(counts, layout.shape), np.broadcast_to(time, layout.shape)
    order = np.argsort(-years)
    years, counts, time = years[order], counts[order], time[order]
    known = ~np.isnan(counts) & (time > 0)

    too_few = "" if counts[known].sum() >= minimum_events else f"fewer than {minimum_events:g} events in all"
    within = np.tri(years.size, dtype=bool) & known  # a row a pool, from the latest year alone to all years
    in_pool = np.where(within, counts, np.nan)
    changes = change_within(
        np.broadcast_to(years, within.shape), in_pool, np.broadcast_to(time, within.shape), level
    )
    rows = []
    for place, own in enumerate(within):
        lower, upper = changes.lower[place], changes.upper[place]
        out = np.sort(years[: place + 1][~own[: place + 1]])
        rows.append(
            {
                "year_from": int(years[place]),
                "year_to": int(years[0]),
                "years": int(own.sum()),
                "events": int(counts[own].sum()),
                "person_time": float(time[own].sum()),
                "annual_percent_change": changes.value[place],
                "change_lower": lower,
                "change_upper": upper,
                "change_p_value": changes.p_value[place],
                "note": _joined(
                    "years left out: " + ", ".join(f"{left:.0f}" for left in out) if out.size else "",
                    "trend within the pool" if lower > 0 or upper < 0 else "",
                    too_few if place == years.size - 1 else "",
                ),
            }
        )
    frame = pd.DataFrame(rows)
    pooled = rate(frame["events"], frame["person_time"], per=per, method=method, confidence_level=level)
    for place, name in enumerate(("value", "lower", "upper"), start=5):
        frame.insert(place, name, getattr(pooled, name))
    chosen = len(frame) - 1 if too_few else int(np.argmax(frame["events"] >= minimum_events))
    frame.insert(len(frame.columns) - 1, "chosen", np.arange(len(frame)) == chosen)
    return frame


def pool_neighbors(
    events: Any,
    population: Any,
    neighbors: Any,
    *,
    minimum_events: float = 20,
    maximum_steps: int = 2,
    per: float = 1,
    method: str = "exact",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Rate of each area pooled with its neighbors as far as needed, per `per`, and how it differs from them.

    Parameters
    ----------
    events : int, array or Series
        Events in each area, one number an area.
    population : float, array or Series
        Population, births or person-time behind the events.
    neighbors : list of lists, or mapping
        The neighbors of each area, as in `local_empirical_bayes`.
    minimum_events : float
        An area with so many events stays alone; the others take in their neighbors, then the neighbors of
        those, until there are so many.
    maximum_steps : int
        How far an area may reach: 1 is its neighbors, 2 theirs as well.
    per : float
        The unit: 1000 gives events per 1,000.
    method : {"exact", "byar", "midp", "phe"}
        Limits of the pooled rates, see `count_interval`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row an area, with the labels of a Series: steps (0: alone), areas, events, population (of the
        pool), value, lower, upper; own_events, own_value, own_ratio, own_ratio_lower, own_ratio_upper,
        own_ratio_p_value (the area's rate over that of the rest of its pool, exact; NaN if it stays alone),
        note.

    Raises
    ------
    ValueError
        As `local_empirical_bayes`; a `minimum_events` that is not positive, or `maximum_steps` below 0.

    Notes
    -----
    A whole ring of neighbors is taken in at a time, so that the pool does not depend on their order. Where
    the limits of own_ratio exclude 1 the note says "differs from its pool": the pooled rate then hides the
    area. Areas with missing numbers or without population do not count, and have no row of numbers.

    Not for ranking areas: pools overlap. Not where the neighbors are of another kind (a town amid pasture).

    References
    ----------
    Garwood F (1936). Fiducial limits for the Poisson distribution. Biometrika 28(3-4): 437-442.
    doi:10.1093/biomet/28.3-4.437

    Examples
    --------
    Four areas in a row (constructed). The first has events enough, the second does not and is unlike the
    first:

    >>> from mchepi.stats.pooling import pool_neighbors
    >>> pools = pool_neighbors([24, 2, 5, 9], [1900, 900, 1000, 1800], [[1], [0, 2], [1, 3], [2]], per=1000)
    >>> pools[["areas", "events", "value", "own_ratio", "note"]].round(2)
       areas  events  value  own_ratio                              note
    0      1      24  12.63        NaN
    1      3      31   8.16       0.22             differs from its pool
    2      4      40   7.14       0.66
    3      3      16   4.32       1.36  fewer than 20 events in the pool
    """
    import pandas as pd

    level = check_level(confidence_level)
    minimum_events = check_positive("minimum_events", minimum_events)
    if not (isinstance(maximum_steps, int) and maximum_steps >= 0):
        raise ValueError(
            f"`maximum_steps` must be a whole number, 0 or more; got {maximum_steps!r}. Give 1 or 2."
        )
    events, population, layout, notes = read_populations(events, population)
    areas, others = read_neighbors(neighbors, layout)
    known = ~np.isnan(events) & (population > 0)
    counted, people = np.where(known, events, 0.0), np.where(known, population, 0.0)

    rings: list[list[int]] = [[] for _ in range(layout.shape[0])]
    for area, other in zip(areas.tolist(), others.tolist(), strict=True):
        rings[area].append(other)
    steps = np.zeros(layout.shape, dtype=int)
    members = known.astype(int)
    pool_events, pool_people = counted.copy(), people.copy()
    for area in np.flatnonzero(known & (counted < minimum_events)).tolist():
        pool = {area}
        while steps[area] < maximum_steps and counted[list(pool)].sum() < minimum_events:
            wider = pool.union(*(rings[member] for member in pool))
            if wider == pool:
                break
            pool = wider
            steps[area] += 1
        inside = sorted(pool)
        members[area] = known[inside].sum()
        pool_events[area], pool_people[area] = counted[inside].sum(), people[inside].sum()

    pooled = rate(pool_events, pool_people, per=per, method=method, confidence_level=level)
    own = rate_ratio(counted, people, pool_events - counted, pool_people - people, confidence_level=level)
    unlike = (own.lower > 1) | (own.upper < 1)
    notes += [
        (known & (pool_events < minimum_events), f"fewer than {minimum_events:g} events in the pool"),
        (known & unlike, "differs from its pool"),
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        own_value = np.where(known, counted / people * per, np.nan)
    found = layout.notes(notes)
    return pd.DataFrame(
        {
            "steps": steps,
            "areas": members,
            "events": pool_events.astype(int),
            "population": pool_people,
            "value": pooled.value,
            "lower": pooled.lower,
            "upper": pooled.upper,
            "own_events": events,
            "own_value": own_value,
            "own_ratio": own.value,
            "own_ratio_lower": own.lower,
            "own_ratio_upper": own.upper,
            "own_ratio_p_value": own.p_value,
            "note": "" if found is None else found,
        },
        index=layout.index,
    )


def change_within(year: FloatArray, events: FloatArray, person_time: FloatArray, level: float) -> Estimate:
    """Percent change a year inside each pool; of two years by their exact ratio, of one there is none.

    A pool is a row of years, the latest first, with NaN for the events of a year that is not in it.
    """
    found = annual_percent_change(year, events, person_time, confidence_level=level)
    inside = ~np.isnan(events) & (person_time > 0)
    pair = inside.sum(axis=1) == 2
    if not pair.any():
        return found
    years, counts, time = (own[pair][inside[pair]].reshape(-1, 2) for own in (year, events, person_time))
    ratio = rate_ratio(counts[:, 0], time[:, 0], counts[:, 1], time[:, 1], confidence_level=level)
    apart = (years[:, 0] - years[:, 1]).tolist()
    for name in ("value", "lower", "upper"):
        # One by one: NumPy's power of an array may differ in the last bit from one processor to the next.
        powers = zip(getattr(ratio, name).tolist(), apart, strict=True)
        getattr(found, name)[pair] = [100 * (one ** (1 / gap) - 1) for one, gap in powers]
    found.p_value[pair] = ratio.p_value
    return found


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
