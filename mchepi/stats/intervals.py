"""Confidence limits for one proportion and for one Poisson count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from scipy import special

from mchepi.stats._estimate import Numbers
from mchepi.stats._validate import (
    FloatArray,
    align,
    check_choice,
    check_counts,
    check_level,
    check_part,
)

Limits: TypeAlias = tuple[FloatArray, FloatArray]


def proportion_interval(
    events: Any, total: Any, *, method: str = "wilson", confidence_level: float = 0.95
) -> tuple[Numbers, Numbers]:
    """Confidence limits of a proportion, as proportions between 0 and 1.

    Parameters
    ----------
    events : int, array or Series
        Persons with the event: whole numbers from 0 to `total`.
    total : int, array or Series
        All persons.
    method : {"wilson", "wilson_cc", "exact", "midp", "jeffreys", "agresti_coull"}
        "wilson" (default): score limits, right on average from about one expected event on (95 % limits cover
        in 93.6 % at half an event). "wilson_cc": the same with full continuity correction. "exact":
        Clopper-Pearson, covers at least as often as it says, so it is wider than need be. "midp": exact with
        half the probability of the observed count. "jeffreys": quantiles of the posterior under Jeffreys'
        prior, 0 at no event and 1 at nothing but events. "agresti_coull": the simple formula about a shrunken
        proportion, clipped to [0, 1].
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    lower, upper : float, array or Series
        NaN where a number is missing or the total is 0.

    Raises
    ------
    ValueError
        Counts that are negative or fractional, more events than persons, Series with unequal indexes, a
        level outside (0, 1) or an unknown method.

    Notes
    -----
    With x events of n, z the normal quantile and t = (1 - confidence_level) / 2:

    - wilson: the two roots p of (x - n p)^2 = z^2 n p (1 - p); wilson_cc: of x - 1/2 for the lower and of
      x + 1/2 for the upper limit, pinned to 0 and 1 at the ends;
    - exact: P(X >= x | lower) = t and P(X <= x | upper) = t; midp: P(X > x) + P(X = x) / 2 = t likewise;
    - jeffreys: quantiles t and 1 - t of Beta(x + 1/2, n - x + 1/2);
    - agresti_coull: m -+ z sqrt(m (1 - m) / (n + z^2)) with m = (x + z^2 / 2) / (n + z^2).

    Not for samples drawn in clusters or with weights, where the effective number is smaller than n. Not for
    numerators that are not part of the denominator (see `count_interval`).

    References
    ----------
    Newcombe RG (1998). Two-sided confidence intervals for the single proportion: comparison of seven
    methods. Statistics in Medicine 17(8): 857-872.
    doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E

    Brown LD, Cai TT, DasGupta A (2001). Interval estimation for a binomial proportion. Statistical Science
    16(2): 101-133. doi:10.1214/ss/1009213286

    Examples
    --------
    Newcombe's table I, 15 of 148 and 1 of 29:

    >>> import mchepi
    >>> for method in ["wilson", "wilson_cc", "exact", "midp"]:
    ...     lower, upper = mchepi.proportion_interval([15, 1], [148, 29], method=method)
    ...     print(f"{method:9} {lower[0]:.4f} to {upper[0]:.4f}, {lower[1]:.4f} to {upper[1]:.4f}")
    wilson    0.0624 to 0.1605, 0.0061 to 0.1718
    wilson_cc 0.0598 to 0.1644, 0.0018 to 0.1963
    exact     0.0578 to 0.1617, 0.0009 to 0.1776
    midp      0.0601 to 0.1581, 0.0017 to 0.1585
    """
    level = check_level(confidence_level)
    check_choice("method", method, list(PROPORTION_LIMITS))
    (events, total), layout = align(events=events, total=total)
    check_counts("events", events, layout)
    check_counts("total", total, layout, of="persons")
    check_part("events", events, "total", total, layout)
    lower, upper = proportion_limits(events, total, method, level)
    return layout.restore(lower, "lower"), layout.restore(upper, "upper")


def count_interval(
    events: Any, *, method: str = "exact", confidence_level: float = 0.95
) -> tuple[Numbers, Numbers]:
    """Confidence limits of a Poisson count, in events.

    Parameters
    ----------
    events : int, array or Series
        Events counted: whole numbers, 0 or more.
    method : {"exact", "byar", "midp", "phe"}
        "exact" (default): Garwood, covers at least as often as it says. "byar": Byar's approximation, close
        to exact from about 10 events. "midp": exact with half the probability of the observed count.
        "phe": the rule of England's public health agencies, exact below 10 events and Byar from 10.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    lower, upper : float, array or Series
        NaN where the count is missing. At 0 events the lower limit is 0; the upper limit stays two-sided
        (3.69 at 95 %).

    Raises
    ------
    ValueError
        A count that is negative or fractional, a level outside (0, 1) or an unknown method.

    Notes
    -----
    With x events, z the normal quantile and t = (1 - confidence_level) / 2:

    - exact: P(X >= x | lower) = t and P(X <= x | upper) = t, which are gamma quantiles;
    - byar: x (1 - 1 / (9 x) - z / (3 sqrt(x)))^3 and, with y = x + 1, y (1 - 1 / (9 y) + z / (3 sqrt(y)))^3;
      the lower limit is 0 at 0 events and wherever its cube would be negative;
    - midp: P(X > x) + P(X = x) / 2 = t and P(X < x) + P(X = x) / 2 = t.

    Not for events that come in clusters (outbreaks, several deaths in one accident): their counts vary more
    than Poisson. Not for common outcomes among few persons, where the count cannot exceed the persons (see
    `proportion_interval`).

    References
    ----------
    Garwood F (1936). Fiducial limits for the Poisson distribution. Biometrika 28(3-4): 437-442.
    doi:10.1093/biomet/28.3-4.437

    Ulm K (1990). A simple method to calculate the confidence interval of a standardized mortality ratio
    (SMR). American Journal of Epidemiology 131(2): 373-375. doi:10.1093/oxfordjournals.aje.a115507

    Breslow NE, Day NE (1987). Statistical Methods in Cancer Research, volume II: The Design and Analysis of
    Cohort Studies. IARC Scientific Publications 82, Lyon, page 69 (Byar's approximation).

    Examples
    --------
    Test data of the UK Health Security Agency's PHEindicatormethods, 1 and 65 events:

    >>> import mchepi
    >>> for method in ["exact", "byar"]:
    ...     lower, upper = mchepi.count_interval([1, 65], method=method)
    ...     print(f"{method:5} {lower[0]:.3f} to {upper[0]:.3f}, {lower[1]:.3f} to {upper[1]:.3f}")
    exact 0.025 to 5.572, 50.166 to 82.848
    byar  0.013 to 5.564, 50.163 to 82.849
    """
    level = check_level(confidence_level)
    check_choice("method", method, list(COUNT_LIMITS))
    (events,), layout = align(events=events)
    check_counts("events", events, layout)
    lower, upper = count_limits(events, method, level)
    return layout.restore(lower, "lower"), layout.restore(upper, "upper")


def proportion_limits(events: FloatArray, total: FloatArray, method: str, level: float) -> Limits:
    """Limits of a proportion from arguments already checked; NaN where one is missing or the total is 0."""
    if not np.all(total > 0):
        total = np.where(total > 0, total, np.nan)
    return PROPORTION_LIMITS[method](events, total, (1 - level) / 2)


def count_limits(events: FloatArray, method: str, level: float) -> Limits:
    """Limits of a Poisson mean from a count already checked; NaN where it is missing."""
    return COUNT_LIMITS[method](events, (1 - level) / 2)


def _score_root(events: FloatArray, total: FloatArray, tail: float) -> Limits:
    """Both roots p of (events - total p)^2 = z^2 total p (1 - p), without cancellation."""
    z = -special.ndtri(tail)
    middle = events + z**2 / 2
    reach = z * np.sqrt(z**2 / 4 + events * ((total - events) / total))
    # The product of the roots is events^2 / (total (total + z^2)).
    return events / total * events / (middle + reach), (middle + reach) / (total + z**2)


def _wilson(events: FloatArray, total: FloatArray, tail: float) -> Limits:
    lower, upper = _score_root(events, total, tail)
    return lower, np.where(events == total, 1.0, upper)


def _wilson_cc(events: FloatArray, total: FloatArray, tail: float) -> Limits:
    # Half an event towards the middle: the score roots of events - 1/2 and of events + 1/2.
    lower, _ = _score_root(np.maximum(events - 0.5, 0), total, tail)
    _, upper = _score_root(np.minimum(events + 0.5, total), total, tail)
    return _pinned(events, total, lower, upper)


def _exact_proportion(events: FloatArray, total: FloatArray, tail: float) -> Limits:
    return _pinned(
        events,
        total,
        special.betaincinv(np.maximum(events, 1), total - events + 1, tail),
        special.betainccinv(events + 1, np.maximum(total - events, 1), tail),
    )


def _jeffreys(events: FloatArray, total: FloatArray, tail: float) -> Limits:
    shape = events + 0.5, total - events + 0.5
    return _pinned(events, total, special.betaincinv(*shape, tail), special.betainccinv(*shape, tail))


def _agresti_coull(events: FloatArray, total: FloatArray, tail: float) -> Limits:
    z = -special.ndtri(tail)
    total = total + z**2
    middle = (events + z**2 / 2) / total
    reach = z * np.sqrt(middle * (1 - middle) / total)
    return np.maximum(middle - reach, 0), np.minimum(middle + reach, 1)


def _midp_proportion(events: FloatArray, total: FloatArray, tail: float) -> Limits:
    # A mid-p tail is the mean of two exact tails, so its root lies between the roots of those two.
    some, rest = np.maximum(events, 1), np.maximum(total - events, 1)
    lower = _root_between(
        special.betaincinv(some, rest + 1, tail),
        special.betaincinv(some + 1, rest, tail),
        lambda p, some, rest: special.betainc(some, rest + 1, p) + special.betainc(some + 1, rest, p),
        2 * tail,
        (some, rest),
    )
    upper = _root_between(
        special.betainccinv(some, rest + 1, tail),
        special.betainccinv(some + 1, rest, tail),
        lambda p, some, rest: special.betaincc(some, rest + 1, p) + special.betaincc(some + 1, rest, p),
        2 * tail,
        (some, rest),
    )
    # At the ends the mid-p tail is half of one power.
    log_power = np.log(2 * tail) / total
    lower = np.where(events == total, np.exp(log_power), lower)
    upper = np.where(events == 0, -np.expm1(log_power), upper)
    return _pinned(events, total, lower, upper)


def _root_between(
    low: FloatArray,
    high: FloatArray,
    function: Callable[..., FloatArray],
    target: float,
    parameters: tuple[FloatArray, ...],
) -> FloatArray:
    """Where function(x, *parameters) equals `target` between low and high; NaN where those are NaN."""
    from scipy.optimize.elementwise import find_root

    found = find_root(lambda x, *given: function(x, *given) - target, (low, high), args=parameters)
    return np.asarray(found.x)


def _pinned(events: FloatArray, total: FloatArray, lower: FloatArray, upper: FloatArray) -> Limits:
    """No event: the lower limit is 0. Nothing but events: the upper limit is 1."""
    known = total > 0
    return np.where(known & (events == 0), 0.0, lower), np.where(known & (events == total), 1.0, upper)


def _exact_count(events: FloatArray, tail: float) -> Limits:
    lower = special.gammaincinv(np.maximum(events, 1), tail)
    return np.where(events == 0, 0.0, lower), special.gammainccinv(events + 1, tail)


def _byar(events: FloatArray, tail: float) -> Limits:
    z = -special.ndtri(tail)
    return _byar_cube(events, -z), _byar_cube(events + 1, z)


def _byar_cube(events: FloatArray, z: float) -> FloatArray:
    events_or_one = np.maximum(events, 1)
    root = 1 - 1 / (9 * events_or_one) + z / (3 * np.sqrt(events_or_one))
    return np.asarray(events * np.maximum(root, 0) ** 3)


def _midp_count(events: FloatArray, tail: float) -> Limits:
    some = np.maximum(events, 1)
    lower = _root_between(
        special.gammaincinv(some, tail),
        special.gammaincinv(some + 1, tail),
        lambda mean, some: special.gammainc(some, mean) + special.gammainc(some + 1, mean),
        2 * tail,
        (some,),
    )
    upper = _root_between(
        special.gammainccinv(some, tail),
        special.gammainccinv(some + 1, tail),
        lambda mean, some: special.gammaincc(some, mean) + special.gammaincc(some + 1, mean),
        2 * tail,
        (some,),
    )
    return np.where(events == 0, 0.0, lower), np.where(events == 0, -np.log(2 * tail), upper)


def _phe(events: FloatArray, tail: float) -> Limits:
    exact, byar = _exact_count(events, tail), _byar(events, tail)
    few = events < 10
    return np.where(few, exact[0], byar[0]), np.where(few, exact[1], byar[1])


PROPORTION_LIMITS: dict[str, Callable[[FloatArray, FloatArray, float], Limits]] = {
    "wilson": _wilson,
    "wilson_cc": _wilson_cc,
    "exact": _exact_proportion,
    "midp": _midp_proportion,
    "jeffreys": _jeffreys,
    "agresti_coull": _agresti_coull,
}
COUNT_LIMITS: dict[str, Callable[[FloatArray, float], Limits]] = {
    "exact": _exact_count,
    "byar": _byar,
    "midp": _midp_count,
    "phe": _phe,
}
