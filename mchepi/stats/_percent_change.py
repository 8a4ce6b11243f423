"""The percent change a year of one series, from its counts or from its rates."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isinf, isnan, nan, sqrt

import numpy as np
from scipy import special

from mchepi.stats._slopes import Slope, poisson_shares, poisson_slope
from mchepi.stats._validate import FloatArray

# Squared scatter below this share of the squared size of the numbers is rounding.
_EXACT_FIT = 1e-20


@dataclass(frozen=True)
class Change:
    """The result for one series, in percent per year."""

    value: float = nan
    lower: float = nan
    upper: float = nan
    p_value: float = nan
    note: str = ""


def counts_change(
    year: FloatArray, events: FloatArray, person_time: FloatArray, model: str, method: str, tail: float
) -> Change:
    """Estimate the change of a rate from counts; at least three different years and one event."""
    dispersion, degrees = 1.0, inf
    if model == "negative_binomial":
        from mchepi.stats._negative_binomial import negative_binomial_slope

        slope = negative_binomial_slope(year, events, person_time)
    else:
        slope = poisson_slope(year, events, person_time)
    note = slope.note
    if model == "quasi_poisson":
        degrees = len(year) - 2
        dispersion = _pearson_dispersion(slope, year, events, person_time) / degrees
        if dispersion < _EXACT_FIT * events.sum():
            return _exact_fit(slope.value, float(np.ptp(year)), note)
        if dispersion < 1:
            note = join_notes(note, "dispersion below 1")
        if isnan(dispersion):
            note = join_notes(note, "dispersion cannot be estimated")
            ends = (-inf, nan) if slope.value < 0 else (nan, inf)
            return _percent(slope.value, *ends, nan, note)
    quantile = _quantile(tail, degrees)
    if method == "profile" or isinf(slope.value):
        if method == "wald":
            note = join_notes(note, "profile limit")
        cutoff = quantile**2 * dispersion
        ends = (slope.limit(cutoff, -1), slope.limit(cutoff, 1))
        if not isinf(slope.value) and any(map(isinf, ends)):
            note = join_notes(note, "no finite profile limit")
        rise = slope.rise(0.0)
        if rise < -1e-6 - 1e-12 * events.sum():  # more than rounding: no change is likelier than the estimate
            return Change(note=join_notes(note, "maximum of the likelihood not found"))
        distance = sqrt(max(rise, 0.0) / dispersion)
    else:
        error = slope.standard_error * sqrt(dispersion)
        ends = (slope.value - quantile * error, slope.value + quantile * error)
        distance = abs(slope.value) / error if error else inf
    return _percent(slope.value, *ends, _two_sided(distance, degrees), note)


def _pearson_dispersion(slope: Slope, year: FloatArray, events: FloatArray, person_time: FloatArray) -> float:
    """Sum of squared Pearson residuals; NaN where the fitted counts are 0."""
    if isinf(slope.value):
        return nan
    mean = events.sum() * poisson_shares(slope.value, year - year.min(), person_time)
    return float(np.sum((events - mean) ** 2 / mean))


def least_squares_change(year: FloatArray, y: FloatArray, weight: FloatArray, tail: float) -> Change:
    """Estimate the change of a rate whose logarithm is y; at least three different years."""
    year = year - np.average(year, weights=weight)
    y_size = np.maximum(np.abs(y), 1.0)  # what the rounding of the logarithms is relative to
    y = y - y[0]  # equal values become 0 exactly
    y = y - np.average(y, weights=weight)
    spread = np.dot(weight, year**2)
    slope = float(np.dot(weight * year, y) / spread)
    degrees = len(year) - 2
    error = float(np.sqrt(np.dot(weight, (y - slope * year) ** 2) / degrees / spread))
    reach = _quantile(tail, degrees) * error
    if error**2 * spread * degrees <= _EXACT_FIT * np.dot(weight, y_size**2):
        return _exact_fit(slope, float(np.ptp(year)), "")
    return _percent(slope, slope - reach, slope + reach, _two_sided(abs(slope) / error, degrees), "")


def _exact_fit(slope: float, span: float, note: str) -> Change:
    """Give the change of a series on its trend line, where what remains is the rounding of the arithmetic."""
    if abs(slope) * span < 1e-12:
        slope = 0.0
    return _percent(
        slope, slope, slope, 0.0 if slope else nan, join_notes(note, "no scatter about the trend")
    )


def _percent(value: float, lower: float, upper: float, p_value: float, note: str) -> Change:
    with np.errstate(over="ignore"):
        change, low, high = (float(100 * np.expm1(slope)) for slope in (value, lower, upper))
    return Change(change, low, high, p_value, note)


def _quantile(tail: float, degrees: float) -> float:
    return float(-special.ndtri(tail) if isinf(degrees) else -special.stdtrit(degrees, tail))


def _two_sided(distance: float, degrees: float) -> float:
    below = special.ndtr(-distance) if isinf(degrees) else special.stdtr(degrees, -distance)
    return float(2 * below)


def join_notes(*notes: str) -> str:
    """Join what needs saying; an empty note says nothing."""
    return "; ".join(note for note in notes if note)
