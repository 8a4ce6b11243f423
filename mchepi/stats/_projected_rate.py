"""The expected rate of a later year along a log-linear trend, and the count that year may bring.

Each value of the log rate of the target year has its likelihood ratio, the slope at its maximum for it. Its
signed root is compared with the normal distribution (or t), which gives one value of the log rate for each
standard normal deviate z. Averaged over z, the distributions of the count make the predictive distribution. A
sum on an even grid of z is as good as exact, since the integrand dies off as the normal density does.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isinf

import numpy as np
from scipy import special

from mchepi.stats._slopes import poisson_slope, root_of_increasing
from mchepi.stats._validate import FloatArray

_DEVIATES = np.linspace(-8, 8, 161)
_FARTHEST = 60.0  # on the log scale: a rate beyond is 0 or infinite
_LARGEST_EXPONENT = 300.0
_MOST_STEPS = 200
_ROUNDING = 1e-13


@dataclass(frozen=True)
class Fit:
    """A log-linear trend, its level taken at the target year; `before` is how many years earlier each is.

    `dispersion` multiplies the Poisson variance; with it the roots have `degrees` of freedom. `k` is that of
    the negative binomial, held at its estimate.
    """

    before: FloatArray
    events: FloatArray
    person_time: FloatArray
    slope: float
    k: float = 0.0
    dispersion: float = 1.0
    degrees: float = inf

    @property
    def log_rate(self) -> float:
        """Log of the rate in the target year; infinite where the slope is."""
        if isinf(self.slope):
            return self.slope
        along = np.log(self.person_time) - self.slope * self.before
        start = float(np.log(self.events.sum()) - special.logsumexp(along))
        if self.k == 0:
            return start
        return root_of_increasing(
            lambda level: float(np.sum(self._excess(np.exp(level + along)))), start, 0.1
        )

    def log_rates(self, deviates: FloatArray) -> FloatArray:
        """Log rates of the target year at which the signed root is that of the standard normal deviates."""
        tail = special.ndtr(-np.abs(deviates))
        roots = np.abs(deviates) if isinf(self.degrees) else -special.stdtrit(self.degrees, tail)
        roots = np.minimum(roots, 1e4) * np.sqrt(self.dispersion)
        best = self.log_rate
        found = np.full(deviates.shape, best)
        for direction in (-1, 1):
            side = np.sign(deviates) == direction
            if side.any() and best != direction * inf:
                found[side] = self._at_roots(best, direction, roots[side])
        return found

    def _at_roots(self, best: float, direction: int, roots: FloatArray) -> FloatArray:
        """Solve sqrt(rise) = root on one side of the best log rate by Newton's method inside a bracket."""
        middle = float(np.log(self.events.sum() / self.person_time.sum()))
        start = middle - direction * _FARTHEST if isinf(best) else best
        near, far = np.full(roots.shape, start), np.full(roots.shape, start + 2 * direction * _FARTHEST)
        here = (near + far) / 2 if isinf(best) else near + direction * np.minimum(roots * self._error(), 30.0)
        slope = None
        for _ in range(_MOST_STEPS):
            rise, derivative, slope = self._rise(here, slope)
            root = np.sqrt(np.maximum(rise, 0))
            low = root < roots
            near, far = np.where(low, here, near), np.where(low, far, here)
            with np.errstate(divide="ignore", invalid="ignore"):
                following = here - (root - roots) * 2 * root / derivative
            # Once a step is rounding it may leave the bracket: it is not to be sent back to its middle.
            settled = np.abs(following - here) <= _ROUNDING * np.maximum(np.abs(here), 1)
            inside = (following - near) * (following - far) < 0
            here = np.where(settled, here, np.where(inside, following, (near + far) / 2))
            if np.all(settled | (np.abs(far - near) <= _ROUNDING * np.maximum(np.abs(here), 1))):
                break
        return np.asarray(here)

    def _error(self) -> float:
        """Standard error of the log rate of the target year."""
        mean = self.person_time * np.exp(self.log_rate - self.slope * self.before)
        weight = mean / (1 + self.k * mean)
        centre = np.dot(weight, self.before) / weight.sum()
        spread = np.dot(weight, (self.before - centre) ** 2)
        return float(np.sqrt(1 / weight.sum() + centre**2 / spread))

    def _rise(
        self, log_rate: FloatArray, slope: FloatArray | None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Likelihood ratio statistic against each log rate, its derivative, and the slopes; near `slope`."""
        log_mean, slope = self._log_means(log_rate, slope)
        mean = np.exp(log_mean)
        derivative = 2 * np.sum(self._excess(mean), axis=1)
        if isinf(self.slope):
            end = self.before == (self.before.max() if self.slope < 0 else self.before.min())
            best = np.where(end, self.events.sum() * self.person_time / self.person_time[end].sum(), 0.0)
            terms = special.xlogy(self.events, best) - self.events * log_mean - best + mean
            return 2 * np.sum(terms, axis=1), derivative, slope
        best_log = np.log(self.person_time) + self.log_rate - self.slope * self.before
        best = np.exp(best_log)
        if self.k == 0:
            # The residuals are orthogonal to the differences, so that the counts drop out.
            apart = best_log - log_mean
            return 2 * np.sum(best * (apart + np.expm1(-apart)), axis=1), derivative, slope
        likelihood = self.events * (best_log - log_mean) - (self.events + 1 / self.k) * (
            np.log1p(self.k * best) - np.log1p(self.k * mean)
        )
        return 2 * np.sum(likelihood, axis=1), derivative, slope

    def _log_means(self, log_rate: FloatArray, slope: FloatArray | None) -> tuple[FloatArray, FloatArray]:
        """Log means of the years, a row for each log rate of the target year, and the best slopes for them.

        The slope lies between those at which all means are above, and all are below, the weighted mean count.
        Newton's method for the log of what is expected over what is counted, which is nearly straight.
        """
        level = np.log(self.person_time) + log_rate[:, None]
        typical = np.log(np.dot(self.before, self.events) / self.before.sum())
        ends = (level - typical) / self.before
        low, high = ends.min(axis=1), ends.max(axis=1)
        slope = (low + high) / 2 if slope is None else np.clip(slope, low, high)
        for _ in range(_MOST_STEPS):
            log_mean = np.minimum(level - slope[:, None] * self.before, _LARGEST_EXPONENT)
            mean = np.exp(log_mean)
            share = 1 / (1 + self.k * mean)
            expected, counted = (mean * share) @ self.before, share @ (self.before * self.events)
            falling = (mean * share**2) @ self.before**2 / expected
            rising = self.k * (mean * share**2) @ (self.before**2 * self.events) / counted
            excess = np.log(expected) - np.log(counted)
            low, high = np.where(excess > 0, slope, low), np.where(excess > 0, high, slope)
            following = slope + excess / (falling + rising)
            tolerance = _ROUNDING * np.maximum(np.abs(slope), 0.1)
            settled = np.abs(following - slope) <= tolerance
            inside = (following > low) & (following < high)
            slope = np.where(settled, slope, np.where(inside, following, (low + high) / 2))
            if np.all(settled | (high - low <= tolerance)):
                break
        return np.minimum(level - slope[:, None] * self.before, _LARGEST_EXPONENT), slope

    def _excess(self, mean: FloatArray) -> FloatArray:
        return np.asarray((mean - self.events) / (1 + self.k * mean))


def fit_trend(
    year: FloatArray, events: FloatArray, person_time: FloatArray, target_year: float, model: str
) -> tuple[Fit, str]:
    """Fit the trend of one series; at least three different years and one event. A note may come with it."""
    before = target_year - year
    if model == "negative_binomial":
        from mchepi.stats._negative_binomial import negative_binomial_slope

        found = negative_binomial_slope(year, events, person_time)
        degrees = float(len(year) - 2)
        return Fit(before, events, person_time, found.value, found.k, degrees=degrees), found.note
    found = poisson_slope(year, events, person_time)
    fit = Fit(before, events, person_time, found.value)
    if model == "poisson":
        return fit, found.note
    degrees = float(len(year) - 2)
    if isinf(found.value):
        note = f"{found.note}; dispersion cannot be estimated"
        return Fit(before, events, person_time, found.value, dispersion=np.nan, degrees=degrees), note
    mean = person_time * np.exp(fit.log_rate - found.value * before)
    dispersion = float(np.sum((events - mean) ** 2 / mean)) / degrees
    note = "dispersion below 1 taken as 1" if dispersion < 1 else ""
    return Fit(
        before, events, person_time, found.value, dispersion=max(dispersion, 1.0), degrees=degrees
    ), note


@dataclass(frozen=True)
class Prediction:
    """The distribution of a count to come: an average of Poisson or negative binomial ones."""

    means: FloatArray
    weights: FloatArray
    k: float
    dispersion: float

    def at_most(self, count: float) -> float:
        """Chance of at most so many events."""
        none, endless = self.means < 1e-20, self.means > 1e20
        mean = np.where(none | endless, 1.0, self.means)
        chance = np.where(none, 1.0, np.where(endless, 0.0, self._distribution(count, mean)))
        return float(np.dot(self.weights, chance))

    def _distribution(self, count: float, mean: FloatArray) -> FloatArray:
        if self.k > 0:
            return np.asarray(special.betainc(1 / self.k, count + 1, 1 / (1 + self.k * mean)))
        if self.dispersion > 1:
            size = mean / (self.dispersion - 1)
            return np.asarray(special.betainc(size, count + 1, 1 / self.dispersion))
        return np.asarray(special.pdtr(count, mean))

    def smallest(self, chance: float, *, beyond: bool) -> float:
        """Smallest count with a chance of at most it that reaches `chance`, or lies `beyond` it."""

        def enough(count: float) -> bool:
            found = self.at_most(count)
            return found > chance + 1e-12 if beyond else found >= chance - 1e-12

        if enough(0.0):
            return 0.0
        low, high = 0.0, 1.0
        while not enough(high):
            low, high = high, 2 * high
            if high > 2.0**50:
                return inf
        while high - low > 1:
            middle = np.floor((low + high) / 2)
            low, high = (low, middle) if enough(middle) else (middle, high)
        return float(high)


def predict(fit: Fit, person_time: float) -> Prediction:
    """Average the distributions of the count over what is not known of the expected rate."""
    density = np.exp(-(_DEVIATES**2) / 2)
    with np.errstate(over="ignore"):
        means = person_time * np.exp(fit.log_rates(_DEVIATES))
    return Prediction(means, density / density.sum(), fit.k, fit.dispersion)
