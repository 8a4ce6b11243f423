"""Limits by empirical quantiles (Kim et al. 2017, doi:10.1002/sim.7344): refit the model to resampled series.

A resampled series is the fitted one plus errors drawn from the smoothed empirical distribution of the scaled
residuals: straight lines between the ordered residuals at the probabilities i / (n + 1), carried on to 0 and
1. The number of joinpoints stays, their places are searched anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mchepi.stats._validate import FloatArray
from mchepi.stats.joinpoint_regression.candidates import Spacing
from mchepi.stats.joinpoint_regression.design import Design, ExactFit, fit_exactly
from mchepi.stats.joinpoint_regression.search import best_of_responses


@dataclass(frozen=True)
class Resampled:
    """Bounds (resamples x joinpoints + 2) and slopes (resamples x segments) of the refitted models."""

    bounds: FloatArray
    slope: FloatArray


def resample(
    design: Design,
    fit: ExactFit,
    time: FloatArray,
    joinpoints: int,
    spacing: Spacing,
    resamples: int,
    seed: int,
) -> Resampled:
    """Refit the model of one series to `resamples` resampled series."""
    residual = np.sort(design.response[0] - fit.fitted[0])
    n = len(residual)
    knots = np.arange(n + 2) / (n + 1)
    heights = np.array([2 * residual[0] - residual[1], *residual, 2 * residual[-1] - residual[-2]])
    # The second number sets these draws apart from those of the permutation tests.
    generator = np.random.default_rng([seed, 2017])
    responses = fit.fitted[0] + np.interp(generator.random((resamples, n)), knots, heights)
    positions = best_of_responses(design, responses, joinpoints, spacing)
    refit = fit_exactly(replace(design, response=responses), positions)
    ends = np.broadcast_to(time[[0, -1]], (resamples, 2))
    bounds = np.concatenate([ends[:, :1], time[positions], ends[:, 1:]], axis=1)
    return Resampled(
        bounds, np.cumsum(refit.coefficients[:, -joinpoints - 1 :], axis=1) / (time[-1] - time[0])
    )


def average_slopes(bounds: FloatArray, slope: FloatArray, start: float, end: float) -> FloatArray:
    """Give the length-weighted mean slope from `start` to `end` of every refitted model."""
    overlap = np.minimum(bounds[:, 1:], end) - np.maximum(bounds[:, :-1], start)
    return np.asarray((np.maximum(overlap, 0) * slope).sum(axis=1) / (end - start))


def quantile_limits(sample: FloatArray, confidence_level: float) -> FloatArray:
    """Give the lower and upper limit along the first axis."""
    tail = (1 - confidence_level) / 2
    return np.asarray(np.quantile(sample, [tail, 1 - tail], axis=0))


def two_sided_p(sample: FloatArray) -> FloatArray:
    """Give the p-value of no change: twice the smaller share of resamples beyond 0, along the first axis."""
    beyond = np.minimum((sample <= 0).sum(axis=0), (sample >= 0).sum(axis=0))
    return np.asarray(np.minimum(2 * (beyond + 1) / (len(sample) + 1), 1.0))
