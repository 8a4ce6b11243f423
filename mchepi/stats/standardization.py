"""Direct standardization over strata such as age groups: what the standard population would have."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._estimate import Estimate, laid_out
from mchepi.stats._strata import (
    check_person_time,
    empty_strata,
    join_standard,
    read_strata,
    without_strata,
)
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    check_amounts,
    check_choice,
    check_counts,
    check_level,
    check_part,
    check_positive,
)
from mchepi.stats.intervals import Limits, count_limits, proportion_limits

RATE_METHODS = ("dobson", "dobson_byar", "fay_feuer")
PROPORTION_METHODS = ("binomial",)


def direct_standardized_rate(
    events: Any,
    person_time: Any,
    standard_population: Any,
    *,
    per: float = 1,
    method: str = "dobson",
    confidence_level: float = 0.95,
) -> Estimate:
    """Directly standardized rate per `per` of person-time: what the standard population would have.

    Parameters
    ----------
    events : int array or Series
        Events of each stratum: whole numbers, 0 or more. A Series is one row of strata; in an array of more
        dimensions the last axis is the strata, and there is one result for each of the others.
    person_time : float array or Series
        Person-time or population of each stratum. A stratum without any is allowed where it has no events:
        its rate counts as 0 under its full weight, and the note says how much of the standard that is.
    standard_population : array or Series
        Persons, or any weights, of each stratum in the standard population (see `standard_population`). A
        Series is joined to `events` by its labels, in whatever order they stand.
    per : float
        The unit: 100000 gives events per 100,000.
    method : {"dobson", "dobson_byar", "fay_feuer"}
        "dobson" (default): exact limits of the total count, scaled to the variance of the standardized rate.
        "dobson_byar": the same with Byar's limits (England's official method, which shows none below 10
        events). "fay_feuer": gamma limits; wider, and the only ones without events or with weights that
        differ much between strata.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        NaN with a note where a number is missing, the standard population is 0 or lies wholly in strata
        without person-time. No events, or none in strata of the standard: value 0; limits 0 and a real upper
        limit by "fay_feuer", NaN with a note by the others.

    Raises
    ------
    ValueError
        Impossible counts, events without person-time, Series with unequal indexes, a standard population
        with other labels, single numbers, an unknown method, a level outside (0, 1) or a `per` that is not
        positive.

    Notes
    -----
    With x_i events in T_i, w_i the share of stratum i in the standard, X = sum x_i:
    y = sum w_i x_i / T_i, v = sum w_i^2 x_i / T_i^2.

    - dobson: y + sqrt(v / X) (L - X) and y + sqrt(v / X) (U - X), with (L, U) the limits of X; a negative
      limit becomes 0;
    - fay_feuer: the quantile t of the gamma distribution with mean y and variance v, and the quantile 1 - t
      of that with mean y + m and variance v + m^2, where m is the largest w_i / T_i.

    Not for comparing with rates standardized otherwise: the value has a meaning only beside others on the
    same standard. Not where the strata disagree in what they say (one group of districts worse among the
    young, better among the old). Not for few events in all (fewer than ten): see `standardized_ratio`.

    References
    ----------
    Dobson AJ, Kuulasmaa K, Eberle E, Scherer J (1991). Confidence intervals for weighted sums of Poisson
    parameters. Statistics in Medicine 10(3): 457-462. doi:10.1002/sim.4780100317

    Fay MP, Feuer EJ (1997). Confidence intervals for directly standardized rates: a method based on the gamma
    distribution. Statistics in Medicine 16(7): 791-801.
    doi:10.1002/(SICI)1097-0258(19970415)16:7<791::AID-SIM500>3.0.CO;2-#

    Examples
    --------
    Down's syndrome in Michigan, fifth and later births, standardized for the mother's age (Fay and Feuer's
    table 1: 75.5, limits 67.7 to 188.3 per 100,000):

    >>> import mchepi
    >>> rate = mchepi.direct_standardized_rate(
    ...     [0, 8, 63, 112, 262, 295],
    ...     [327, 30666, 123419, 149919, 104088, 34392],
    ...     [319933, 931318, 786511, 488235, 237863, 61313],
    ...     per=100_000,
    ...     method="fay_feuer",
    ... )
    >>> print(f"{rate.value:.1f} ({rate.lower:.1f} to {rate.upper:.1f})")
    75.5 (67.7 to 188.3)
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, RATE_METHODS)
    (count, time, standard), layout, reasons = read_strata(
        events=events,
        person_time=person_time,
        standard_population=join_standard(standard_population, events),
    )
    check_counts("events", count, layout)
    check_person_time("events", count, "person_time", time, layout)
    weight = _weights(standard, layout)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_one = np.where(time == 0, 0, weight / time)
    value = (of_one * count).sum(axis=-1)
    nothing, empty = empty_strata(time, weight, "person-time")
    variance = (of_one**2 * count).sum(axis=-1)
    if method == "fay_feuer":
        lower, upper = _fay_feuer(value, variance, of_one.max(axis=-1), level)
    else:
        total = count.sum(axis=-1)
        limits = count_limits(total, "exact" if method == "dobson" else "byar", level)
        lower, upper = _dobson(value, variance, total, total, limits)
        untold = (value == 0) & ~nothing
        lower, upper = np.where(untold, np.nan, lower), np.where(untold, np.nan, upper)
        reasons += [
            (untold & (total == 0), "no events: only fay_feuer has limits"),
            (untold & (total > 0), "no events in strata of the standard: only fay_feuer has limits"),
        ]
    value, lower, upper = (np.where(nothing, np.nan, part) for part in (value, lower, upper))
    reasons += empty
    return laid_out(value, lower, upper, without_strata(layout), reasons, method=method, level=level, per=per)


def direct_standardized_proportion(
    events: Any,
    total: Any,
    standard_population: Any,
    *,
    per: float = 1,
    method: str = "binomial",
    confidence_level: float = 0.95,
) -> Estimate:
    """Directly standardized proportion, per `per` persons: what the standard population would have.

    Parameters
    ----------
    events : int array or Series
        Persons with the event in each stratum: whole numbers from 0 to `total`. The last axis is the strata,
        as for `direct_standardized_rate`.
    total : int array or Series
        All persons of each stratum. A stratum of nobody counts as a proportion of 0 under its full weight,
        and the note says how much of the standard that is.
    standard_population : array or Series
        Persons, or any weights, of each stratum in the standard population. A Series is joined to `events`
        by its labels, in whatever order they stand.
    per : float
        The unit: 100 gives percent.
    method : {"binomial"}
        Dobson's method with the binomial variance and the Wilson limits of the pooled proportion.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Limits within [0, `per`]. NaN with a note where a number is missing, the standard population is 0 or
        lies wholly in strata of nobody; NaN limits with a note where every stratum (of the standard) has all
        or nothing.

    Raises
    ------
    ValueError
        As `direct_standardized_rate`, and more events than persons.

    Notes
    -----
    With x_i of n_i, p_i = x_i / n_i, w_i the share of stratum i in the standard, X = sum x_i, N = sum n_i and
    (L, U) the Wilson limits of X of N: y = sum w_i p_i, with variance v = sum w_i^2 p_i (1 - p_i) / n_i;
    V = sum n_i p_i (1 - p_i) is that of X. The limits are y + sqrt(v / V) (N L - X) and
    y + sqrt(v / V) (N U - X). A standard of the same composition as the persons themselves gives the Wilson
    limits.

    Not for rates over person-time or live births of other women (see `direct_standardized_rate`), nor for
    surveys with weights or clusters (see `survey_proportion`).

    References
    ----------
    Dobson AJ, Kuulasmaa K, Eberle E, Scherer J (1991). Confidence intervals for weighted sums of Poisson
    parameters. Statistics in Medicine 10(3): 457-462. doi:10.1002/sim.4780100317

    Examples
    --------
    Anemia in three age groups of children (constructed), in percent:

    >>> import mchepi
    >>> anemia = mchepi.direct_standardized_proportion([30, 41, 12], [150, 400, 310], [1, 1, 1], per=100)
    >>> print(f"{anemia.value:.1f} % ({anemia.lower:.1f} to {anemia.upper:.1f})")
    11.4 % (9.1 to 14.1)
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, PROPORTION_METHODS)
    (count, persons, standard), layout, reasons = read_strata(
        events=events, total=total, standard_population=join_standard(standard_population, events)
    )
    check_counts("events", count, layout)
    check_counts("total", persons, layout, of="persons")
    check_part("events", count, "total", persons, layout)
    weight = _weights(standard, layout)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_one = np.where(persons == 0, 0, weight / persons)
        spread = np.where(persons == 0, 0, count * ((persons - count) / persons))
    value = (of_one * count).sum(axis=-1)
    pooled, everyone = count.sum(axis=-1), persons.sum(axis=-1)
    limits = proportion_limits(pooled, everyone, "wilson", level)
    counts = limits[0] * everyone, limits[1] * everyone
    lower, upper = _dobson(value, (of_one**2 * spread).sum(axis=-1), spread.sum(axis=-1), pooled, counts)
    nothing, empty = empty_strata(persons, weight, "persons")
    value, lower, upper = (np.where(nothing, np.nan, part) for part in (value, lower, np.minimum(upper, 1)))
    everywhere = spread.sum(axis=-1) == 0
    untold = ((spread == 0) | (weight == 0)).all(axis=-1) & ~nothing
    lower, upper = np.where(untold, np.nan, lower), np.where(untold, np.nan, upper)
    reasons += [
        (untold & everywhere, "every stratum has all or nothing: no limits"),
        (untold & ~everywhere, "every stratum of the standard has all or nothing: no limits"),
        *empty,
    ]
    return laid_out(value, lower, upper, without_strata(layout), reasons, method=method, level=level, per=per)


def _weights(standard: FloatArray, layout: Layout) -> FloatArray:
    """Shares of the strata in the standard population; 0 where that is empty."""
    check_amounts("standard_population", standard, layout)
    total = standard.sum(axis=-1, keepdims=True)
    return np.asarray(standard / np.where(total == 0, 1, total))


def _dobson(
    value: FloatArray, variance: FloatArray, count_variance: FloatArray, count: FloatArray, limits: Limits
) -> Limits:
    """The limits of a count carried over to a weighted sum, by the ratio of their standard errors."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(variance / count_variance)
    lower = value + scale * (limits[0] - count)
    return np.maximum(lower, 0), value + scale * (limits[1] - count)


def _fay_feuer(value: FloatArray, variance: FloatArray, largest: FloatArray, level: float) -> Limits:
    tail = (1 - level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = variance / value * special.gammaincinv(value**2 / variance, tail)
        mean, spread = value + largest, variance + largest**2
        upper = spread / mean * special.gammainccinv(mean**2 / spread, tail)
    return np.where(value == 0, 0.0, lower), upper
