"""Ranks of areas, with how little they say."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._estimate import Estimate
from mchepi.stats._validate import FloatArray, check_level
from mchepi.stats.shrinkage import gamma_posterior, marshall, read_populations

_AT_ONCE = 500  # draws, or rows of a table of pairs, held in memory together


def area_ranks(
    events: Any, population: Any, *, confidence_level: float = 0.95, draws: int = 10_000, seed: int = 0
) -> Estimate:
    """Expected rank of each area by its underlying rate, with limits; rank 1 is the lowest rate (no unit).

    Parameters
    ----------
    events : int, array or Series
        Events in each area, one number an area.
    population : float, array or Series
        Population, births or person-time behind the events.
    confidence_level : float
        Between 0 and 1: the posterior probability that the rank lies within the limits, at least.
    draws : int
        Number of random rankings from which the limits are read; the expected ranks need none.
    seed : int
        Seed of those. The same seed gives the same limits (with the same version of numpy).

    Returns
    -------
    Estimate
        The posterior mean of the rank and its posterior quantiles (whole numbers). NaN with a note for areas
        with missing numbers or no population, which take no rank. If the areas vary no more than by chance,
        every area has the middle rank, limits from the first to the last rank, and a note.

    Raises
    ------
    ValueError
        Impossible counts, a negative population, events where the population is 0, arguments that are not one
        number an area, Series with unequal indexes, a level outside (0, 1), or fewer than 100 draws.

    Notes
    -----
    The underlying rates have the gamma posteriors of `empirical_bayes`. The expected rank of area i is 1 plus
    the sum over all others j of P(rate j < rate i), an incomplete beta function; a tie counts half.

    Not to be printed without the limits, and best not at all with few events: where the limits of nearly all
    areas overlap, the ranks are mostly luck. Not for proportions that are common (coverage).

    References
    ----------
    Laird NM, Louis TA (1989). Empirical Bayes ranking methods. Journal of Educational Statistics 14(1):
    29-46. doi:10.3102/10769986014001029

    Goldstein H, Spiegelhalter DJ (1996). League tables and their limitations: statistical issues in
    comparisons of institutional performance. Journal of the Royal Statistical Society A 159(3): 385-443.
    doi:10.2307/2983325

    Examples
    --------
    Six districts (constructed). No death in the first one, yet its rank may be almost any:

    >>> from mchepi.stats.ranks import area_ranks
    >>> ranks = area_ranks([0, 3, 14, 10, 4, 40], [300, 410, 5000, 2900, 350, 4000])
    >>> ranks.to_frame()[["value", "lower", "upper"]].round(1)
       value  lower  upper
    0    2.3    1.0    5.0
    1    4.0    1.0    6.0
    2    1.9    1.0    4.0
    3    2.5    1.0    4.0
    4    4.7    2.0    6.0
    5    5.6    4.0    6.0
    """
    level = check_level(confidence_level)
    if not (isinstance(draws, int) and draws >= 100):
        raise ValueError(
            f"`draws` must be a whole number, 100 or more; got {draws!r}. Leave it out for 10,000."
        )
    events, population, layout, notes = read_populations(events, population)
    known = ~np.isnan(events) & (population > 0)
    areas = np.count_nonzero(known)
    mean, variance = marshall(events[known], population[known])
    value = np.full(events.shape, np.nan)
    lower, upper = value.copy(), value.copy()
    if variance > 0:
        shape, rate = gamma_posterior(events[known], population[known], mean, variance)
        value[known] = expected_ranks(shape, rate)
        ranks = _drawn_ranks(shape, rate, draws, seed)
        tail = (1 - level) / 2
        lower[known] = np.quantile(ranks, tail, axis=0, method="inverted_cdf")
        upper[known] = np.quantile(ranks, 1 - tail, axis=0, method="inverted_cdf")
    elif areas:
        value[known], lower[known], upper[known] = (areas + 1) / 2, 1, areas
        notes.append((known, "no variation beyond chance: any rank"))
    return Estimate(
        layout.restore(value, "value"),
        layout.restore(lower, "lower"),
        layout.restore(upper, "upper"),
        method="posterior",
        confidence_level=level,
        note=layout.notes(notes),
    )


def expected_ranks(shape: FloatArray, rate: FloatArray) -> FloatArray:
    """Expected ranks of independent gamma variables."""
    ranks = np.empty(shape.size)
    for first in range(0, shape.size, _AT_ONCE):
        own = slice(first, first + _AT_ONCE)
        share = rate / (rate + rate[own, np.newaxis])
        # Its own share is 1/2, which with another 1/2 makes the lowest rank 1.
        ranks[own] = 0.5 + special.betainc(shape, shape[own, np.newaxis], share).sum(axis=1)
    return ranks


def _drawn_ranks(shape: FloatArray, rate: FloatArray, draws: int, seed: int) -> Any:
    generator = np.random.default_rng(seed)
    ranks = np.empty((draws, shape.size), dtype=np.int32)
    places = np.arange(1, shape.size + 1, dtype=np.int32)
    for first in range(0, draws, _AT_ONCE):
        rows = min(_AT_ONCE, draws - first)
        order = np.argsort(generator.standard_gamma(shape, (rows, shape.size)) / rate, axis=1)
        np.put_along_axis(ranks[first : first + rows], order, np.broadcast_to(places, order.shape), axis=1)
    return ranks
