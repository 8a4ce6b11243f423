"""The slope of a log-linear trend in counts that vary more than Poisson: variance mean + k mean^2."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf

import numpy as np
from numpy.typing import NDArray

from mchepi.stats._slopes import Slope, poisson_slope, root_of_increasing
from mchepi.stats._validate import FloatArray


@dataclass(frozen=True)
class _Fit:
    log_likelihood: float
    k: float
    mean: FloatArray


def negative_binomial_slope(year: FloatArray, events: FloatArray, person_time: FloatArray) -> Slope:
    """Fit slope, level and k by maximum likelihood, level and k also along the profile.

    Where the counts vary no more than Poisson, k is 0 and the Poisson likelihood remains.
    """
    poisson = poisson_slope(year, events, person_time)
    year = year - year.min()
    centered = year - np.dot(events, year) / events.sum()

    if np.isinf(poisson.value):
        at_end = year == (0 if poisson.value < 0 else year.max())
        best = _fit(0.0, centered[at_end], events[at_end], person_time[at_end])
        slope, standard_error = poisson.value, inf
    else:
        slope = root_of_increasing(
            lambda b: -_score(_fit(b, centered, events, person_time), centered, events),
            poisson.value,
            poisson.standard_error,
        )
        best = _fit(slope, centered, events, person_time)
        weight = best.mean / (1 + best.k * best.mean)
        from_mean = centered - np.dot(weight, centered) / weight.sum()
        standard_error = float(np.dot(weight, from_mean**2) ** -0.5)

    def rise(other: float) -> float:
        return 2 * (best.log_likelihood - _fit(other, centered, events, person_time).log_likelihood)

    notes = [poisson.note] if poisson.note else []
    if best.k == 0:
        notes.append("no overdispersion")
    return Slope(slope, standard_error, rise, note="; ".join(notes))


def _score(fit: _Fit, year: FloatArray, events: FloatArray) -> float:
    """Differentiate the profile log likelihood by the slope; level and k, at their maximum, drop out."""
    return float(np.dot((events - fit.mean) / (1 + fit.k * fit.mean), year))


def _fit(slope: float, year: FloatArray, events: FloatArray, person_time: FloatArray) -> _Fit:
    """Maximum over level and k for one slope."""
    offset = np.log(person_time) + slope * year
    offset = offset - offset.max()
    # How many periods have more than j events, j = 0, 1, ...: sums over j < events become one sum.
    periods_above = events.size - np.cumsum(np.bincount(events.astype(np.int64)))[:-1]

    poisson_mean = events.sum() * np.exp(offset) / np.exp(offset).sum()
    if np.sum((events - poisson_mean) ** 2 - events) <= 0:
        return _Fit(_log_likelihood(0.0, poisson_mean, events, periods_above), 0.0, poisson_mean)

    def mean(k: float) -> FloatArray:
        level = root_of_increasing(
            lambda a: float(np.sum((np.exp(a + offset) - events) / (1 + k * np.exp(a + offset)))),
            float(np.log(poisson_mean.max())),
            0.5,
        )
        return np.asarray(np.exp(level + offset))

    k = exp(root_of_increasing(lambda u: -_slope_by_k(exp(u), mean(exp(u)), events, periods_above), 0.0, 1.0))
    return _Fit(_log_likelihood(k, mean(k), events, periods_above), k, mean(k))


def _log_likelihood(
    k: float, mean: FloatArray, events: FloatArray, periods_above: NDArray[np.int64]
) -> float:
    """Log likelihood, without the terms that depend on the events alone."""
    seen = events > 0
    location = np.dot(events[seen], np.log(mean[seen]))
    if k == 0:
        return float(location - mean.sum())
    products = np.dot(periods_above, np.log1p(k * np.arange(periods_above.size)))
    return float(products + location - np.dot(events + 1 / k, np.log1p(k * mean)))


def _slope_by_k(k: float, mean: FloatArray, events: FloatArray, periods_above: NDArray[np.int64]) -> float:
    """Differentiate the log likelihood by k."""
    earlier = np.arange(periods_above.size)
    x = k * mean
    # (log(1 + x) - x / (1 + x)) / x^2, by its series where the difference would lose its digits
    series = 1 / 2 - x * (2 / 3 - x * (3 / 4 - x * (4 / 5 - x * 5 / 6)))
    safe = np.maximum(x, 1e-3)
    curvature = np.where(x < 1e-3, series, (np.log1p(safe) - safe / (1 + safe)) / safe**2)
    return float(
        np.dot(periods_above, earlier / (1 + k * earlier))
        + np.sum(mean**2 * curvature - events * mean / (1 + x))
    )
