"""The slope of a log-linear trend in counts that vary more than Poisson: variance mean + k mean^2."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf

import numpy as np
from scipy import special

from mchepi.stats._slopes import Slope, poisson_slope, root_of_increasing
from mchepi.stats._validate import FloatArray

# A rate that changes by exp(500) over the whole series has no finite change; exp(709) overflows.
_LARGEST_EXPONENT = 500.0


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
    reach = _LARGEST_EXPONENT / float(np.ptp(year))
    return Slope(slope, standard_error, rise, note="; ".join(notes), reach=reach)


def _score(fit: _Fit, year: FloatArray, events: FloatArray) -> float:
    """Differentiate the profile log likelihood by the slope; level and k, at their maximum, drop out."""
    return float(np.dot((events - fit.mean) / (1 + fit.k * fit.mean), year))


def _fit(slope: float, year: FloatArray, events: FloatArray, person_time: FloatArray) -> _Fit:
    """Maximum over level and k for one slope."""
    offset = np.log(person_time) + slope * year
    offset = offset - offset.max()
    poisson_mean = events.sum() * np.exp(offset) / np.exp(offset).sum()
    excess = np.sum((events - poisson_mean) ** 2 - events)
    if excess <= 0:
        return _Fit(_log_likelihood(0.0, poisson_mean, events), 0.0, poisson_mean)

    def mean(k: float) -> FloatArray:
        level = root_of_increasing(
            lambda a: float(np.sum((np.exp(a + offset) - events) / (1 + k * np.exp(a + offset)))),
            float(np.log(poisson_mean.max())),
            0.5,
        )
        return np.asarray(np.exp(level + offset))

    by_moments = float(np.log(excess / np.sum(poisson_mean**2)))
    k = exp(root_of_increasing(lambda u: -_slope_by_k(exp(u), mean(exp(u)), events), by_moments, 0.5))
    return _Fit(_log_likelihood(k, mean(k), events), k, mean(k))


def _log_likelihood(k: float, mean: FloatArray, events: FloatArray) -> float:
    """Log likelihood, without the terms that depend on the events alone."""
    seen = events > 0
    location = np.dot(events[seen], np.log(mean[seen]))
    if k == 0:
        return float(location - mean.sum())
    return float(location + np.sum(_log_products(k, events) - (events + 1 / k) * np.log1p(k * mean)))


def _slope_by_k(k: float, mean: FloatArray, events: FloatArray) -> float:
    """Differentiate the log likelihood by k."""
    x = k * mean
    # log(1 + x) - x / (1 + x), by its series where the difference would lose its digits
    low, high = np.minimum(x, _SMALL), np.maximum(x, _SMALL)
    series = low**2 * (1 / 2 - low * (2 / 3 - low * (3 / 4 - low * (4 / 5 - low * 5 / 6))))
    curved = np.where(x < _SMALL, series, np.log1p(high) - high / (1 + high))
    terms = _slope_of_log_products(k, events) + curved / k**2 - events * mean / (1 + x)
    return float(terms.sum())


# The log likelihood needs sums over j < events. They have closed forms in gamma functions, which lose their
# digits at small k; there the Euler-Maclaurin formula is good to 1e-12.
_LARGE_K = 0.02
_SMALL = 1e-3


def _log_products(k: float, events: FloatArray) -> FloatArray:
    """Sum of log(1 + k j) over j = 0 ... events - 1."""
    if k > _LARGE_K:
        return np.asarray(special.gammaln(events + 1 / k) - special.gammaln(1 / k) + events * np.log(k))
    x = k * events
    end = 1 / (1 + x)
    integral = ((1 + x) * np.log1p(x) - x) / k
    corrections = k * (end - 1) / 12 - k**3 * (end**3 - 1) / 360 + k**5 * (end**5 - 1) / 1260
    return np.asarray(integral - np.log1p(x) / 2 + corrections)


def _slope_of_log_products(k: float, events: FloatArray) -> FloatArray:
    """Sum of j / (1 + k j) over j = 0 ... events - 1."""
    if k > _LARGE_K:
        return np.asarray(events / k - (special.psi(events + 1 / k) - special.psi(1 / k)) / k**2)
    x = k * events
    end = 1 / (1 + x)
    # x - log(1 + x)
    low, high = np.minimum(x, _SMALL), np.maximum(x, _SMALL)
    series = low**2 * (1 / 2 - low * (1 / 3 - low * (1 / 4 - low * (1 / 5 - low / 6))))
    integral = np.where(x < _SMALL, series, high - np.log1p(high)) / k**2
    corrections = (end**2 - 1) / 12 - k**2 * (end**4 - 1) / 120 + k**4 * (end**6 - 1) / 252
    return np.asarray(integral - events * end / 2 + corrections)
