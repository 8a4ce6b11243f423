"""Empirical Bayes rates of small areas: each drawn towards the rate of all, or of its neighborhood."""

from __future__ import annotations

from typing import Any

import numpy as np

from mchepi.stats._estimate import Estimate, laid_out
from mchepi.stats._gamma_mixture import FEWEST_AREAS, mixture_limits, posterior_mixture
from mchepi.stats._neighbors import read_neighbors
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    Mask,
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_level,
    check_positive,
    refuse_where,
)
from mchepi.stats.intervals import Limits, count_limits

METHODS = ("marshall", "integrated")


def empirical_bayes(
    events: Any,
    population: Any,
    *,
    per: float = 1,
    method: str = "marshall",
    confidence_level: float = 0.95,
) -> Estimate:
    """Empirical Bayes rate of each area, drawn towards the rate of all areas, per `per` of population.

    Parameters
    ----------
    events : int, array or Series
        Events in each area, one number an area.
    population : float, array or Series
        Population, births or person-time behind the events.
    per : float
        The unit: 1000 gives events per 1,000.
    method : {"marshall", "integrated"}
        "marshall" (default): mean and variance of the underlying rates from their moments, then taken as
        known. "integrated": averaged over what the data leave open of them; with few areas or few events its
        limits come nearer to their level than those of "marshall". Needs three areas.
    confidence_level : float
        Between 0 and 1: the posterior probability between the limits.

    Returns
    -------
    Estimate
        The posterior mean with equal-tailed posterior limits. NaN with a note where a number is missing or
        the population is 0; such areas do not count for the others. If the areas vary no more than by chance
        (the moment estimate of the variance is not above 0), "marshall" gives every area the common rate with
        the exact limits of that rate, and a note: never a width of 0.

    Raises
    ------
    ValueError
        Impossible counts, a negative population, events where the population is 0, arguments that are not one
        number an area, Series with unequal indexes, an unknown method, a level outside (0, 1), or a `per`
        that is not positive.

    Notes
    -----
    "marshall": with rates x_i = e_i / P_i of I areas, m = sum e / sum P and A = sum P_i (x_i - m)^2 / sum P -
    m / (sum P / I), the estimate is m + (x_i - m) A / (A + m / P_i). It is the mean of the gamma posterior
    with shape e_i + m^2 / A and rate P_i + m / A, whose quantiles are the limits. They take m and A as known
    and so cover too rarely: limits of 95 % cover in 72 to 90 % in many cases with few events in an area or
    few areas (measured: docs/methods/small_areas.md).

    "integrated": the same gamma priors, averaged with their posterior weights: the coefficient of variation
    between areas may be 0.025, 0.075, ... 1.475, all equally likely beforehand, the mean m anything with the
    density m^(-1/2). Limits of 95 % cover in 91 to 100 %, in 87 % with half an event in each of 100 areas
    that vary much.

    Not for judging one area against a target: the estimate is drawn towards the others on purpose, most where
    the area is small (use the area's own exact limits). Not for the spread of rates between areas: these
    estimates vary less than the underlying rates do.

    References
    ----------
    Marshall RJ (1991). Mapping disease and mortality rates using empirical Bayes estimators. Journal of the
    Royal Statistical Society C 40(2): 283-294. doi:10.2307/2347593

    Clayton D, Kaldor J (1987). Empirical Bayes estimates of age-standardized relative risks for use in
    disease mapping. Biometrics 43(3): 671-681. doi:10.2307/2532003

    Examples
    --------
    Five areas per 1,000 births (constructed). The zero of the small first area says little, the excess of the
    last one more:

    >>> from mchepi.stats.shrinkage import empirical_bayes
    >>> areas = empirical_bayes([0, 2, 12, 3, 40], [200, 410, 3000, 350, 4000], per=1000)
    >>> areas.to_frame()[["value", "lower", "upper"]].round(2)
       value  lower  upper
    0   6.29   3.06  10.66
    1   6.66   3.48  10.85
    2   5.03   3.16   7.32
    3   7.44   4.00  11.93
    4   9.25   6.87  11.97

    Five areas tell little of how much areas vary, and the limits that allow for that are wider:

    >>> areas = empirical_bayes([0, 2, 12, 3, 40], [200, 410, 3000, 350, 4000], per=1000, method="integrated")
    >>> areas.to_frame()[["value", "lower", "upper"]].round(2)
       value  lower  upper
    0   4.47   0.12  11.58
    1   5.88   1.48  12.54
    2   4.49   2.38   7.24
    3   7.67   2.52  16.39
    4   9.51   6.70  12.79
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, METHODS)
    events, population, layout, notes = read_populations(events, population)
    known = ~np.isnan(events) & (population > 0)
    counted, people = events[known], population[known]
    value = np.full(events.shape, np.nan)
    lower, upper = value.copy(), value.copy()
    mean, variance = marshall(counted, people)
    if method == "integrated":
        if counted.size >= FEWEST_AREAS:
            mixture = posterior_mixture(counted, people)
            limits = mixture_limits(mixture, counted, people, (1 - level) / 2)
            value[known], lower[known], upper[known] = limits
        else:
            notes.append((known, "fewer than three areas"))
    elif variance > 0:
        posterior = _posterior(counted, people, mean, variance, (1 - level) / 2)
        value[known], lower[known], upper[known] = posterior
    elif known.any():
        value[known], lower[known], upper[known] = mean, *_rate_limits(counted.sum(), people.sum(), level)
        notes.append((known, "no variation beyond chance: common rate"))
    return _estimate(value, lower, upper, layout, notes, per, method, level)


def local_empirical_bayes(
    events: Any, population: Any, neighbors: Any, *, per: float = 1, confidence_level: float = 0.95
) -> Estimate:
    """Empirical Bayes rate of each area, drawn towards the rate of its neighborhood, per `per`.

    Parameters
    ----------
    events : int, array or Series
        Events in each area, one number an area.
    population : float, array or Series
        Population, births or person-time behind the events.
    neighbors : list of lists, or mapping
        The neighbors of each area: their positions, counted from 0, in the order of `events`; or label to
        labels, every label of `events` (an empty list where there are none). An area is not its own neighbor.
    per : float
        The unit: 1000 gives events per 1,000.
    confidence_level : float
        Between 0 and 1: the posterior probability between the limits.

    Returns
    -------
    Estimate
        As `empirical_bayes`. Where an area and its neighbors vary no more than by chance: their common rate
        with its exact limits and a note. An area without neighbors: its own rate with exact limits and a
        note.

    Raises
    ------
    ValueError
        As `empirical_bayes`; neighbors that are no such lists, unknown or missing labels, or an area named as
        its own neighbor.

    Notes
    -----
    The mean m and the variance A of `empirical_bayes` are computed for each area from the area and its
    neighbors, the variance about that same m (R's spdep::EBlocal with geoda = TRUE). Neighbors with missing
    numbers or no population do not count.

    Not with few neighbors: a variance from five or six rates is a guess, it is often cut off at 0, and the
    limits are then those of the neighborhood, not of the area. Not where an area is known to differ from
    those around it (a town amid pasture): its own rate is smoothed away. Maps of local estimates look smooth
    whether or not the underlying rates are.

    References
    ----------
    Marshall RJ (1991). Mapping disease and mortality rates using empirical Bayes estimators. Journal of the
    Royal Statistical Society C 40(2): 283-294. doi:10.2307/2347593

    Examples
    --------
    Four areas in a row and an island (constructed), per 1,000 births:

    >>> import pandas as pd
    >>> from mchepi.stats.shrinkage import local_empirical_bayes
    >>> names = ["north", "center", "south", "far south", "island"]
    >>> deaths = pd.Series([2, 30, 3, 1, 2], names)
    >>> births = pd.Series([900, 2000, 800, 700, 300], names)
    >>> links = {"north": ["center"], "center": ["north", "south"], "south": ["center", "far south"],
    ...          "far south": ["south"], "island": []}
    >>> rates = local_empirical_bayes(deaths, births, links, per=1000)
    >>> rates.value.round(2)
    north         4.95
    center       14.22
    south         5.49
    far south     2.67
    island        6.67
    Name: value, dtype: float64
    >>> print(rates.note["far south"], "|", rates.note["island"])
    no variation beyond chance: common rate of the neighborhood | no neighbors: own rate
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    events, population, layout, notes = read_populations(events, population)
    areas, others = read_neighbors(neighbors, layout)

    known = ~np.isnan(events) & (population > 0)
    counting = known[areas] & known[others]
    places = np.flatnonzero(known)
    areas = np.concatenate([areas[counting], places])  # an area belongs to its own neighborhood
    others = np.concatenate([others[counting], places])
    size = layout.shape[0]

    def total(values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(areas, weights=values, minlength=size), dtype=np.float64)

    pooled_events, pooled_population = total(events[others]), total(population[others])
    members = total(np.ones(areas.size))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = pooled_events / pooled_population
        raw = events / population
        squares = total(population[others] * (raw[others] - mean[areas]) ** 2)
        variance = squares / pooled_population - mean * members / pooled_population

    shrunk = known & (variance > 0) & (members > 1)
    value, lower, upper = mean, *_rate_limits(pooled_events, pooled_population, level)
    value[shrunk], lower[shrunk], upper[shrunk] = _posterior(
        events[shrunk], population[shrunk], mean[shrunk], variance[shrunk], (1 - level) / 2
    )
    notes += [
        (known & (members == 1), "no neighbors: own rate"),
        (known & ~shrunk & (members > 1), "no variation beyond chance: common rate of the neighborhood"),
    ]
    return _estimate(value, lower, upper, layout, notes, per, "marshall", level)


def marshall(events: FloatArray, population: FloatArray) -> tuple[float, float]:
    """The common rate of the areas and the variance of their underlying rates, at least 0."""
    if not events.size:
        return np.nan, np.nan
    together = population.sum()
    mean = events.sum() / together
    scatter = np.sum(population * (events / population - mean) ** 2) / together
    return float(mean), max(0.0, float(scatter - mean * events.size / together))


def gamma_posterior(
    events: FloatArray, population: FloatArray, mean: Any, variance: Any
) -> tuple[FloatArray, FloatArray]:
    """Shape and rate of the gamma posterior of each area's underlying rate."""
    return events + mean**2 / variance, population + mean / variance


def read_populations(
    events: Any, population: Any
) -> tuple[FloatArray, FloatArray, Layout, list[tuple[Mask, str]]]:
    """Read one count and one population an area, with the notes on those that hold no information."""
    (events, population), layout = align(events=events, population=population)
    if len(layout.shape) != 1:
        raise ValueError(
            f"`events` must be one number an area; got shape {layout.shape}. Pass all areas of one period."
        )
    check_counts("events", events, layout)
    check_amounts("population", population, layout)
    refuse_where(
        (events > 0) & (population == 0),
        "events",
        "0 where `population` is 0",
        events,
        layout,
        "Correct the counts or give the population.",
    )
    events, population = (np.broadcast_to(values, layout.shape) for values in (events, population))
    notes = [
        (np.isnan(events), "missing: events"),
        (np.isnan(population), "missing: population"),
        (population == 0, "denominator zero"),
    ]
    return events, population, layout, notes


def _posterior(
    events: FloatArray, population: FloatArray, mean: Any, variance: Any, tail: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    from scipy import special

    shape, rate = gamma_posterior(events, population, mean, variance)
    return shape / rate, special.gammaincinv(shape, tail) / rate, special.gammainccinv(shape, tail) / rate


def _rate_limits(events: Any, population: Any, level: float) -> Limits:
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = (
            limit / population for limit in count_limits(np.asarray(events, dtype=float), "exact", level)
        )
    return lower, upper


def _estimate(
    value: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    layout: Layout,
    notes: list[tuple[Mask, str]],
    per: float,
    method: str,
    level: float,
) -> Estimate:
    known = ~np.isnan(value)
    lower, upper = np.where(known, lower, np.nan), np.where(known, upper, np.nan)
    return laid_out(value, lower, upper, layout, notes, method=method, level=level, per=per)
