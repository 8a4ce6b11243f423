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

# The grid on which the highest maximum is looked for, before it is solved to machine precision.
_SLOPES = 81
_KS = 31
_HALVINGS = 45
_ROUNDING = 1e-11


@dataclass(frozen=True)
class _Fit:
    log_likelihood: float
    k: float
    mean: FloatArray


def negative_binomial_slope(year: FloatArray, events: FloatArray, person_time: FloatArray) -> Slope:
    """Fit slope, level and k by maximum likelihood, level and k also along the profile.

    The maximum is the highest of all, not the one next to the Poisson fit. Where it has k = 0, the Poisson
    likelihood remains.
    """
    poisson = poisson_slope(year, events, person_time)
    year = year - year.min()
    centered = year - np.dot(events, year) / events.sum()

    if np.isinf(poisson.value):
        at_end = year == (0 if poisson.value < 0 else year.max())
        best = _fit(0.0, centered[at_end], events[at_end], person_time[at_end])
        slope, standard_error = poisson.value, inf
    else:
        slope = _highest(poisson.value, centered, events, person_time)
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
    return Slope(slope, standard_error, rise, note="; ".join(notes), reach=reach, k=best.k)


def _highest(poisson: float, year: FloatArray, events: FloatArray, person_time: FloatArray) -> float:
    """Slope at the highest of the maxima: the likelihood can have one near Poisson and one at a large k."""
    different = np.unique(year)
    span, gap = float(np.ptp(year)), float(np.diff(different).min())
    farthest = np.arcsinh((np.log1p(events.max()) + 5) * span / gap)
    slopes = np.unique([*np.sinh(np.linspace(-farthest, farthest, _SLOPES)) / span, 0.0, poisson])
    heights = np.max(_profile_on_grid(slopes, _k_grid(events), year, events, person_time), axis=1)
    around = np.concatenate([[-inf], heights, [-inf]])
    peaks = slopes[(heights >= around[:-2]) & (heights >= around[2:])]
    found = [
        root_of_increasing(
            lambda b: -_score(_fit(b, year, events, person_time), year, events), float(start), 0.01 / span
        )
        for start in {*peaks, poisson}
    ]
    return max(found, key=lambda b: _fit(b, year, events, person_time).log_likelihood)


def _k_grid(events: FloatArray) -> FloatArray:
    return np.geomspace(1e-3 / events.max(), 1e4, _KS)


def _profile_on_grid(
    slopes: FloatArray, ks: FloatArray, year: FloatArray, events: FloatArray, person_time: FloatArray
) -> FloatArray:
    """Log likelihood at its best level: a row for each slope, a column for k = 0 and for each of `ks`."""
    offset = np.log(person_time) + np.multiply.outer(slopes, year)
    offset = offset - offset.max(axis=1, keepdims=True)
    poisson = np.log(events.sum()) + offset - special.logsumexp(offset, axis=1, keepdims=True)
    offset, k = offset[:, None, :], ks[:, None]
    seen = np.where(events > 0, events, np.nan)
    # No level is above that at which every mean has reached its count. Halving needs no derivative and serves
    # all cells at once.
    high = np.nanmax(np.log(seen) - offset, axis=2, keepdims=True) + np.zeros_like(k)
    low = high - _LARGEST_EXPONENT
    for _ in range(_HALVINGS):
        level = (low + high) / 2
        mean = np.exp(level + offset)
        above = np.sum((mean - events) / (1 + k * mean), axis=2, keepdims=True) > 0
        low, high = np.where(above, low, level), np.where(above, level, high)
    log_mean = high + offset
    products = np.array([_log_products(each, events).sum() for each in ks])
    spread = np.sum((events + 1 / k) * np.log1p(k * np.exp(log_mean)), axis=2)
    mixed = np.sum(events * log_mean, axis=2) + products - spread
    plain = np.sum(events * poisson, axis=1) - events.sum()
    return np.column_stack([plain, mixed])


def _score(fit: _Fit, year: FloatArray, events: FloatArray) -> float:
    """Differentiate the profile log likelihood by the slope; level and k, at their maximum, drop out."""
    return float(np.dot((events - fit.mean) / (1 + fit.k * fit.mean), year))


def _fit(slope: float, year: FloatArray, events: FloatArray, person_time: FloatArray) -> _Fit:
    """Maximum over level and k for one slope."""
    offset = np.log(person_time) + slope * year
    offset = offset - offset.max()
    poisson_mean = events.sum() * np.exp(offset) / np.exp(offset).sum()
    excess = np.sum((events - poisson_mean) ** 2 - events)
    ks = _k_grid(events)
    heights = _profile_on_grid(np.array([slope]), ks, year, events, person_time)[0]
    at = int(np.argmax(heights[1:]))
    # Where the likelihood falls from k = 0 on, it can still rise again, higher.
    rises_again = at > 0 and heights[1 + at] > heights[0] + _ROUNDING * (1 + abs(heights[0]))
    if excess <= 0 and not rises_again:
        return _Fit(_log_likelihood(0.0, poisson_mean, events), 0.0, poisson_mean)

    def mean(k: float) -> FloatArray:
        level = root_of_increasing(
            lambda a: float(np.sum((np.exp(a + offset) - events) / (1 + k * np.exp(a + offset)))),
            float(np.log(poisson_mean.max())),
            0.5,
        )
        return np.asarray(np.exp(level + offset))

    start = float(np.log(ks[at] if rises_again else excess / np.sum(poisson_mean**2)))
    k = exp(root_of_increasing(lambda u: -_slope_by_k(exp(u), mean(exp(u)), events), start, 0.1))
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
