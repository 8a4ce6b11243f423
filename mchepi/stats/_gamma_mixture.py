"""Rates of areas whose mean and spread are not taken as known: a mixture of gamma posteriors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._validate import FloatArray

# The prior: the coefficient of variation between areas is any of these, equally likely.
VARIATIONS = np.arange(0.025, 1.5, 0.05)
FEWEST_AREAS = 3  # with fewer the posterior of the mean is no distribution
_DROP = 36.0  # a logarithm of density so far below the highest counts as nothing
_STEPS_A_DEVIATION = 6
_NEGLIGIBLE = 1e-14


@dataclass(frozen=True)
class Mixture:
    """Gamma priors of the areas' rates (shapes, rates), and how much each weighs given the data."""

    shape: FloatArray
    rate: FloatArray
    weight: FloatArray

    def chance_below(self, value: FloatArray, events: FloatArray, population: FloatArray) -> FloatArray:
        """Posterior chance that the rate of each area is below `value`."""
        own = special.gammainc(
            events[..., np.newaxis] + self.shape,
            value[..., np.newaxis] * (population[..., np.newaxis] + self.rate),
        )
        return np.asarray(own @ self.weight)


def posterior_mixture(events: FloatArray, population: FloatArray) -> Mixture:
    """Weigh gamma priors by what all areas together say of them; the prior of the mean m is m^(-1/2)."""
    parts = [_given_variation(events, population, variation) for variation in VARIATIONS.tolist()]
    shape, rate, log_weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    kept = weight > _NEGLIGIBLE
    return Mixture(shape[kept], rate[kept], weight[kept] / weight[kept].sum())


def mixture_limits(
    mixture: Mixture, events: FloatArray, population: FloatArray, tail: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Posterior mean and equal-tailed limits of each area's rate."""
    from scipy.optimize.elementwise import find_root

    rate = population[:, np.newaxis] + mixture.rate
    means = (events[:, np.newaxis] + mixture.shape) / rate
    mean = means @ mixture.weight
    deviation = np.sqrt((means / rate + (means - mean[:, np.newaxis]) ** 2) @ mixture.weight)
    # Cantelli: no distribution has more than `tail` beyond so many standard deviations.
    beyond = mean + deviation * np.sqrt((1 - tail) / tail)

    def quantile(chance: float) -> FloatArray:
        def distance(value: FloatArray, events: FloatArray, population: FloatArray) -> Any:
            return mixture.chance_below(value, events, population) - chance

        bracket = np.zeros(mean.shape), beyond
        return np.asarray(find_root(distance, bracket, args=(events, population)).x)

    return mean, quantile(tail), quantile(1 - tail)


def _given_variation(
    events: FloatArray, population: FloatArray, variation: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gamma priors with one coefficient of variation and any mean, on a grid fine enough to sum over."""
    shape = 1 / variation**2
    together = population.sum()
    center = np.log((events.sum() + 0.5) / together)
    deviation = np.sqrt(1 / (events.sum() + 0.5) + variation**2 * np.sum(population**2) / together**2)
    step = deviation / _STEPS_A_DEVIATION
    constant = np.sum(special.gammaln(events + shape) - special.gammaln(shape)) + np.log(step)

    reach = 10 * _STEPS_A_DEVIATION
    while True:
        log_mean = center + step * np.arange(-reach, reach + 1)
        rate = shape * np.exp(-log_mean)
        density = 0.5 * log_mean + events.size * shape * np.log(rate)
        density -= np.log(rate[:, np.newaxis] + population) @ (events + shape)
        if max(density[0], density[-1]) < density.max() - _DROP:
            return np.full(rate.shape, shape), rate, constant + density
        reach *= 2
