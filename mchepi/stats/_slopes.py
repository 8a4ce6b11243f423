"""The slope of a log-linear trend in one series of counts: estimate, standard error, likelihood ratio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isinf, log1p

import numpy as np

from mchepi.stats._validate import FloatArray


@dataclass(frozen=True)
class Slope:
    """A maximum likelihood slope of the log rate, per year.

    `value` is minus or plus infinity where all events fall in the first or last period; `standard_error` is
    then infinite. `rise(slope)` is the likelihood ratio statistic against that slope. A limit farther than
    `reach` from the slope counts as infinite. The variance of a count is mean + `k` mean^2.
    """

    value: float
    standard_error: float
    rise: Callable[[float], float]
    note: str = ""
    reach: float = inf
    k: float = 0.0

    def limit(self, cutoff: float, direction: int) -> float:
        """Profile limit below (-1) or above (1) the slope: where the statistic equals `cutoff`."""
        if self.value == direction * inf:
            return self.value
        start, step = direction * self.value, self.standard_error * cutoff**0.5
        if isinf(self.value):
            start, step = 0.0, 1.0
        return direction * root_of_increasing(
            lambda x: self.rise(direction * x) - cutoff, start, step, bound=start + self.reach
        )


def root_of_increasing(
    function: Callable[[float], float], start: float, step: float, bound: float = inf
) -> float:
    """Find the root of an increasing function, to machine precision; inf if it lies above `bound`.

    The bracket grows from `start` in steps that double.
    """
    from scipy.optimize import brentq

    tolerance = 1e-17 * step  # where the root is 0
    low = high = start
    while function(high) < 0:
        if high >= bound:
            return inf
        low, high, step = high, min(high + step, bound), 2 * step
    while function(low) > 0:
        low, high, step = low - step, low, 2 * step
    return float(brentq(function, low, high, xtol=tolerance, rtol=4 * np.finfo(float).eps, maxiter=500))


def poisson_slope(year: FloatArray, events: FloatArray, person_time: FloatArray) -> Slope:
    """Fit a Poisson log-linear trend.

    Given the total of the events, their split over the years is multinomial with shares proportional to
    person_time * exp(slope * year): the level drops out, and the likelihood has the slope alone.
    """
    total = events.sum()
    year = year - year.min()
    if np.all(year[events > 0] == 0):
        return _all_events_at_one_end(year, total, person_time, -1)
    if np.all(year[events > 0] == year.max()):
        return _all_events_at_one_end(year.max() - year, total, person_time, 1)

    from_mean = year - np.dot(events, year) / total
    span = float(np.ptp(year))
    slope = root_of_increasing(
        lambda b: float(np.dot(poisson_shares(b, from_mean, person_time), from_mean)), 0.0, 1 / span
    )
    log_fitted = _log_shares(slope, from_mean, person_time)
    fitted = np.exp(log_fitted)
    information = total * np.dot(fitted, from_mean**2)

    def rise(other: float) -> float:
        # log of the sum of fitted * exp(change): no difference of two large log likelihoods.
        change = (other - slope) * from_mean
        if change.max() < 1:
            return float(2 * total * log1p(np.dot(fitted, np.expm1(change))))
        return float(2 * total * _log_sum_exp(log_fitted + change))

    return Slope(slope, float(information**-0.5), rise)


def poisson_shares(slope: float, year: FloatArray, person_time: FloatArray) -> FloatArray:
    """Split of all events over the years that is expected with this slope."""
    return np.exp(_log_shares(slope, year, person_time))


def _log_shares(slope: float, year: FloatArray, person_time: FloatArray) -> FloatArray:
    log_weight = np.log(person_time) + slope * year
    return np.asarray(log_weight - _log_sum_exp(log_weight))


def _log_sum_exp(x: FloatArray) -> float:
    largest = x.max()
    return float(largest + np.log(np.exp(x - largest).sum()))


def _all_events_at_one_end(from_end: FloatArray, total: float, person_time: FloatArray, sign: int) -> Slope:
    at_end = person_time[from_end == 0].sum()
    elsewhere = from_end > 0

    def rise(slope: float) -> float:
        away = person_time[elsewhere] / at_end * np.exp(-sign * slope * from_end[elsewhere])
        return float(2 * total * np.log1p(away.sum()))

    end = "first" if sign < 0 else "last"
    return Slope(sign * inf, inf, rise, note=f"all events in the {end} period")
