"""Confidence limits as the Joinpoint program computes them: of slopes, of their average, of joinpoints.

The slopes come from the continuous fit. Their standard errors do not: observations on joinpoints are left
out, every open segment gets a straight line of its own, and the errors of all are pooled, s² = SSE / d with
d = observations left - 2 (joinpoints + 1); then se(slope)² = s² / Sxx of the segment (weighted). A segment of
which fewer than two observations are left has no line, no standard error, and no part in d.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mchepi.stats._validate import FloatArray
from mchepi.stats.joinpoint_regression.candidates import Rows, Spacing
from mchepi.stats.joinpoint_regression.design import Design
from mchepi.stats.joinpoint_regression.search import profile


@dataclass(frozen=True)
class Slopes:
    """Slopes of the segments with their standard errors (NaN where undefined) and degrees of freedom."""

    bounds: FloatArray
    slope: FloatArray
    se: FloatArray
    df: int


def slopes(
    time: FloatArray, y: FloatArray, weight: FloatArray, positions: Rows, coefficients: FloatArray
) -> Slopes:
    """Give the slopes of one series with standard errors; the coefficients are those of its exact fit."""
    bounds = np.array([time[0], *time[positions], time[-1]])
    slope = np.cumsum(coefficients[-len(positions) - 1 :]) / (time[-1] - time[0])
    edges = [-1, *positions, len(time)]
    segments = [slice(left + 1, right) for left, right in pairwise(edges)]
    own = [_straight_line(time[part], y[part], weight[part]) for part in segments]
    df = sum(max(count - 2, 0) for count, _, _ in own)
    spread = np.array([sxx for _, sxx, _ in own])
    se = np.full(len(slope), np.nan)
    if df > 0:
        se[spread > 0] = np.sqrt(sum(sse for _, _, sse in own) / df / spread[spread > 0])
    return Slopes(bounds, slope, se, df)


def without_rounding(found: Slopes, rounding: float) -> Slopes:
    """Clean the slopes of an exact fit: errors are 0, and so are slopes that rounding alone may have made.

    `rounding` is the mean square of what is nothing but rounding.
    """
    nothing = 10 * np.sqrt(rounding) / (found.bounds[-1] - found.bounds[0])
    slope = np.where(np.abs(found.slope) <= nothing, 0.0, found.slope)
    return Slopes(found.bounds, slope, np.where(np.isnan(found.se), np.nan, 0.0), found.df)


def average_slope(slopes: Slopes, start: float, end: float) -> tuple[float, float, bool]:
    """Give the length-weighted mean slope, its standard error, and whether the range lies in one segment."""
    overlap = np.minimum(slopes.bounds[1:], end) - np.maximum(slopes.bounds[:-1], start)
    share = np.maximum(overlap, 0) / (end - start)
    inside = share > 0
    se = np.sqrt(((share * slopes.se)[inside] ** 2).sum())
    return float(share @ slopes.slope), float(se), int(inside.sum()) == 1


def joinpoint_limits(
    design: Design, positions: Rows, sse: float, spacing: Spacing, confidence_level: float
) -> Rows:
    """Give the first and last position of the confidence interval of each joinpoint of one series.

    A time belongs to the interval of the j-th joinpoint if the best model with that joinpoint there fits no
    worse than SSE * (1 + k F / (n - 2k - 2)); the interval is widened by one time on each side, within the
    times that a joinpoint may take.
    """
    from scipy.special import fdtri

    k, n = len(positions), design.rows
    df = n - 2 * k - 2
    step = spacing.between + 1
    limits = np.empty((k, 2), dtype=np.intp)
    bound = sse * (1 + k * fdtri(k, df, confidence_level) / df) if df > 0 else np.inf
    for nth, smallest in enumerate(profile(design, k, spacing)):
        inside = np.flatnonzero(smallest <= bound * (1 + 1e-9))
        low, high = (inside[0], inside[-1]) if len(inside) else (positions[nth], positions[nth])
        first = spacing.end + nth * step
        last = design.times - 1 - spacing.end - (k - 1 - nth) * step
        limits[nth] = max(low - 1, first), min(high + 1, last)
    return limits


def _straight_line(time: FloatArray, y: FloatArray, weight: FloatArray) -> tuple[int, float, float]:
    """Give the number of observations, the weighted Sxx and the SSE of a line of their own."""
    if len(time) < 2:
        return len(time), 0.0, 0.0
    total = weight.sum()
    x = time - weight @ time / total
    z = y - weight @ y / total
    sxx = float(weight @ x**2)
    slope = weight @ (x * z) / sxx
    return len(time), sxx, float(weight @ (z - slope * x) ** 2)
