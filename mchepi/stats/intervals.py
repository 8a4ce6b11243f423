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
    """TODO"""
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
    """TODO"""
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
    return events * np.maximum(root, 0) ** 3


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
