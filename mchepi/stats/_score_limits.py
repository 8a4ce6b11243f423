"""Score limits for two groups: Miettinen and Nurminen's, each by one root of a monotone function.

The score limits of a difference or ratio are usually found by two nested searches: for the limit, and within
it for the rates that fit best under it. With the Lagrange multiplier as the unknown the inner search falls
away: the multiplier gives the two rates in closed form, the variance follows, and multiplier^2 * variance
grows steadily with the multiplier until it reaches the quantile.

The `lower_` functions give the lower limit; the upper limit is that of the groups the other way round.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mchepi.stats._validate import FloatArray

_TINY = 1e-300  # stands for 0 where a logarithm is taken
_ALMOST_ONE = 1 - 1e-12


def lower_risk_difference(
    events: FloatArray,
    total: FloatArray,
    reference_events: FloatArray,
    reference_total: FloatArray,
    quantile: FloatArray,
) -> FloatArray:
    """Lower limit of events / total - reference_events / reference_total; `quantile` is of chi-squared."""

    def both(multiplier: FloatArray, *groups: FloatArray) -> tuple[FloatArray, FloatArray]:
        risk, variance = held_risk(groups[0], groups[1], multiplier)
        reference_risk, reference_variance = held_risk(groups[2], groups[3], -multiplier)
        return risk - reference_risk, variance + reference_variance

    def excess(log_multiplier: FloatArray, target: FloatArray, *groups: FloatArray) -> FloatArray:
        multiplier = np.exp(log_multiplier)
        return multiplier**2 * both(multiplier, *groups)[1] - target

    groups = (events, total, reference_events, reference_total)
    at_minus_one = (events == 0) & (reference_events == reference_total)
    persons = total + reference_total
    log_multiplier = _root(
        excess,
        np.log(quantile / 4),
        np.log(4 * persons * (1 + quantile)),
        np.where(at_minus_one, np.nan, quantile),
        *groups,
    )
    with np.errstate(over="ignore"):
        difference = both(np.exp(log_multiplier), *groups)[0]
    known = ~np.isnan(quantile)
    return np.where(known & at_minus_one, -1.0, difference)


def lower_risk_ratio(
    events: FloatArray,
    total: FloatArray,
    reference_events: FloatArray,
    reference_total: FloatArray,
    quantile: FloatArray,
) -> FloatArray:
    """Lower limit of the ratio of events / total to reference_events / reference_total."""

    def reference_part(multiplier: FloatArray, events: FloatArray, total: FloatArray) -> FloatArray:
        return (total - events) / (total * (events + multiplier))

    def excess(
        log_left: FloatArray,
        target: FloatArray,
        events: FloatArray,
        total: FloatArray,
        reference_events: FloatArray,
        reference_total: FloatArray,
    ) -> FloatArray:
        left = np.exp(log_left)  # events - multiplier: what the multiplier leaves
        multiplier = events - left
        own = (total - events) / (total * left)
        variance = own + reference_part(multiplier, reference_events, reference_total)
        return multiplier**2 * variance - target

    some = (events > 0) & (events < total)
    low = np.minimum(events / 2, events**2 * (total - events) / (4 * total * quantile))
    log_left = _root(
        excess,
        np.log(np.maximum(low, _TINY)),
        np.log(np.maximum(events, _TINY) * _ALMOST_ONE),
        np.where(some, quantile, np.nan),
        events,
        total,
        reference_events,
        reference_total,
    )
    left = np.exp(log_left)
    risk = left / (total - events + left)
    # All of the exposed have the event: the multiplier stops at their number, and their odds fall instead.
    odds_against = total * (quantile / total**2 - reference_part(total, reference_events, reference_total))
    whole_multiplier = _multiplier_of_one_group(reference_events, reference_total, quantile)
    stopped = odds_against > 0
    whole_risk = np.where(stopped, 1 / (1 + np.maximum(odds_against, 0)), 1.0)
    multiplier = np.where(some, events - left, np.where(stopped, total, whole_multiplier))
    risk = np.where(some, risk, whole_risk)
    ratio = risk / ((reference_events + multiplier) / (reference_total + multiplier))
    known = ~np.isnan(quantile)
    return np.where(known & (events == 0), 0.0, ratio)


def lower_rate_difference(
    events: FloatArray,
    time: FloatArray,
    reference_events: FloatArray,
    reference_time: FloatArray,
    quantile: FloatArray,
) -> FloatArray:
    """Lower limit of events / time - reference_events / reference_time."""

    def own_part(multiplier: FloatArray, events: FloatArray, time: FloatArray) -> FloatArray:
        return events / (time * (time + multiplier))

    def excess(
        log_left: FloatArray,
        target: FloatArray,
        events: FloatArray,
        time: FloatArray,
        reference_events: FloatArray,
        reference_time: FloatArray,
    ) -> FloatArray:
        left = np.exp(log_left)  # reference_time - multiplier: what the multiplier leaves
        multiplier = reference_time - left
        variance = own_part(multiplier, events, time) + reference_events / (reference_time * left)
        return multiplier**2 * variance - target

    some = reference_events > 0
    low = np.minimum(reference_time / 2, reference_time * reference_events / (4 * quantile))
    log_left = _root(
        excess,
        np.log(np.maximum(low, _TINY)),
        np.log(np.maximum(reference_time, _TINY)),
        np.where(some, quantile, np.nan),
        events,
        time,
        reference_events,
        reference_time,
    )
    left = np.exp(log_left)
    # No event in the reference group: its rate stays at 0 until the multiplier reaches its person-time.
    stop = reference_time * (quantile / reference_time**2 - own_part(reference_time, events, time))
    stopped = stop > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        alone = time * (quantile + np.sqrt(quantile**2 + 4 * events * quantile)) / (2 * events)
    multiplier = np.where(some, reference_time - left, np.where(stopped, reference_time, alone))
    reference_rate = np.where(some, reference_events / left, np.maximum(stop, 0))
    return np.asarray(events / (time + multiplier) - reference_rate)


def held_risk(events: FloatArray, total: FloatArray, multiplier: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Risk and variance where events - total * risk = multiplier * risk * (1 - risk)."""
    rest = total - events
    size = np.abs(multiplier)
    falling, rising = np.where(multiplier > 0, (events, rest), (rest, events))
    # Written so that nothing cancels; of the two risks one falls and the other rises with the multiplier.
    root = np.sqrt((total - size) ** 2 + 4 * size * rising)
    fallen = 2 * falling / (total + size + root)
    with np.errstate(divide="ignore", invalid="ignore"):
        risen = np.where(size < total, 2 * rising / (total - size + root), (root + size - total) / (2 * size))
    return np.where(multiplier > 0, fallen, risen), fallen * risen / total


def _multiplier_of_one_group(events: FloatArray, total: FloatArray, quantile: FloatArray) -> FloatArray:
    """Solve multiplier^2 (total - events) / (total (events + multiplier)) = quantile."""
    with np.errstate(divide="ignore", invalid="ignore"):
        half = quantile * total / (2 * (total - events))
        return np.asarray(half + np.sqrt(half**2 + 2 * half * events))


def _root(
    excess: Callable[..., FloatArray],
    low: FloatArray,
    high: FloatArray,
    target: FloatArray,
    *groups: FloatArray,
) -> FloatArray:
    """Where `excess` changes its sign between low and high; NaN where the target is NaN."""
    from scipy.optimize.elementwise import find_root

    unasked = np.isnan(target)
    low, high = np.where(unasked, np.nan, low), np.where(unasked, np.nan, high)
    with np.errstate(invalid="ignore"):
        found = find_root(excess, (low, high), args=(target, *groups))
    return np.asarray(found.x)
