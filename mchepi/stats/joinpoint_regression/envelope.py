"""Find the best joinpoints of a long series without trying every set: dynamic programming on lower envelopes.

What the observations up to a joinpoint cost is, as a function of the height v of the line at that
joinpoint, the lower envelope of parabolas, one for each way to place the joinpoints before it. Only the
parabolas on the envelope can belong to the best set, so the search is exact (functional pruning: Fearnhead,
Maidstone and Letchford 2019, doi:10.1080/10618600.2018.1512868).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mchepi.stats._validate import FloatArray
from mchepi.stats.joinpoint_regression.candidates import Rows, Spacing
from mchepi.stats.joinpoint_regression.design import Design


@dataclass(frozen=True)
class Parabolas:
    """Costs square * v² + linear * v + constant, and the joinpoints (parabolas x joinpoints) of each."""

    square: FloatArray
    linear: FloatArray
    constant: FloatArray
    positions: Rows


def search_by_envelopes(design: Design, rest: FloatArray, joinpoints: int, spacing: Spacing) -> list[Rows]:
    """Give the best set of 1, 2, … `joinpoints` joinpoints of every series: series x joinpoints each."""
    found = [_search(*_one_series(design, rest, series), joinpoints, spacing) for series in range(len(rest))]
    return [np.array([sets[k] for sets in found]) for k in range(joinpoints)]


def _one_series(design: Design, rest: FloatArray, series: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Read times, weighted least-squares targets and weights back from the scaled design."""
    root = design.base[0 if design.shared else series, 0]
    return design.base[0 if design.shared else series, 1] / root, rest[series] / root, root**2


def profile_by_envelopes(design: Design, rest: FloatArray, joinpoints: int, spacing: Spacing) -> FloatArray:
    """Give the smallest sum of squares of one series with its j-th joinpoint at each time.

    joinpoints x times; infinite where a joinpoint may not lie.
    """
    time, y, weight = _one_series(design, rest, 0)
    n = len(time)
    forward = list(_envelopes(time, y, weight, joinpoints, spacing))
    backward = list(_envelopes(-time[::-1], y[::-1], weight[::-1], joinpoints, spacing))
    smallest = np.full((joinpoints, n), np.inf)
    for nth in range(joinpoints):
        before, after = forward[nth], backward[joinpoints - 1 - nth]
        for t in before.keys() & {n - 1 - mirrored for mirrored in after}:
            one, other = before[t], after[n - 1 - t]
            # The observation at t is in both costs: take it out once.
            square = one.square[:, np.newaxis] + other.square - weight[t]
            linear = one.linear[:, np.newaxis] + other.linear + 2 * weight[t] * y[t]
            constant = one.constant[:, np.newaxis] + other.constant - weight[t] * y[t] ** 2
            smallest[nth, t] = (constant - linear**2 / (4 * square)).min()
    return smallest


def _search(
    time: FloatArray, y: FloatArray, weight: FloatArray, joinpoints: int, spacing: Spacing
) -> list[Rows]:
    after = [part[::-1] for part in _one_sided(-time[::-1], y[::-1], weight[::-1])]
    return [_cheapest(reached, after) for reached in _envelopes(time, y, weight, joinpoints, spacing)]


def _envelopes(
    time: FloatArray, y: FloatArray, weight: FloatArray, joinpoints: int, spacing: Spacing
) -> Iterator[dict[int, Parabolas]]:
    """Give, for 1, 2, … joinpoints, the cost of all up to the last one, by the place of that one."""
    own = (weight, -2 * weight * y, weight * y**2)
    before = _one_sided(time, y, weight)
    segment = _between(time, y, weight)
    reached = {}
    for t in range(spacing.end, len(time) - spacing.end):
        square, linear, constant = (before[i][[t]] + own[i][[t]] for i in range(3))
        reached[t] = Parabolas(square, linear, constant, np.array([[t]]))
    yield reached
    for _ in range(joinpoints - 1):
        reached = _next_joinpoint(reached, segment, own, spacing)
        yield reached


def _next_joinpoint(
    reached: dict[int, Parabolas],
    segment: tuple[FloatArray, ...],
    own: tuple[FloatArray, ...],
    spacing: Spacing,
) -> dict[int, Parabolas]:
    """Extend every envelope by a segment that ends in one more joinpoint."""
    uu, uv, vv, u, v, one = segment
    extended = {}
    for t in reached:
        grown = []
        for s, parabolas in reached.items():
            if s + spacing.between >= t:
                continue
            # The height at s is free: minimize over it.
            square = parabolas.square + uu[s, t]
            linear = parabolas.linear + u[s, t]
            grown.append(
                Parabolas(
                    vv[s, t] - uv[s, t] ** 2 / (4 * square),
                    v[s, t] - uv[s, t] * linear / (2 * square),
                    one[s, t] + parabolas.constant - linear**2 / (4 * square),
                    np.column_stack([parabolas.positions, np.full(len(square), t)]),
                )
            )
        if grown:
            square, linear, constant = (
                np.concatenate([getattr(part, name) for part in grown]) + own[i][t]
                for i, name in enumerate(("square", "linear", "constant"))
            )
            keep = _lower_envelope(square, linear, constant)
            positions = np.concatenate([part.positions for part in grown])[keep]
            extended[t] = Parabolas(square[keep], linear[keep], constant[keep], positions)
    return extended


def _cheapest(reached: dict[int, Parabolas], after: list[FloatArray]) -> Rows:
    best, positions = np.inf, np.zeros(0, dtype=np.intp)
    for t, parabolas in reached.items():
        square = parabolas.square + after[0][t]
        linear = parabolas.linear + after[1][t]
        cost = parabolas.constant + after[2][t] - linear**2 / (4 * square)
        if cost.min() < best:
            best, positions = cost.min(), parabolas.positions[cost.argmin()]
    return positions


def _one_sided(time: FloatArray, y: FloatArray, weight: FloatArray) -> list[FloatArray]:
    """Cost of the observations before each time t under a line of free slope that passes (t, v)."""
    lag = np.tril(time[:, np.newaxis] - time, -1)
    w = np.tril(np.broadcast_to(weight, lag.shape), -1)
    s0, s1, s2 = w.sum(axis=1), (w * lag).sum(axis=1), (w * lag**2).sum(axis=1)
    y0, y1, yy = w @ y, (w * lag) @ y, w @ y**2
    s2 = np.where(s2 > 0, s2, 1)
    return [s0 - s1**2 / s2, 2 * (s1 * y1 / s2 - y0), yy - y1**2 / s2]


def _between(time: FloatArray, y: FloatArray, weight: FloatArray) -> tuple[FloatArray, ...]:
    """Cost of the observations between times s and t under the line from (s, u) to (t, v).

    The coefficients of u², uv, v², u, v and 1, each times x times.
    """
    n = len(time)
    cost = np.zeros((6, n, n))
    for s in range(n - 2):
        for t in range(s + 2, n):
            inside = slice(s + 1, t)
            share = (time[inside] - time[s]) / (time[t] - time[s])
            left, w, target = 1 - share, weight[inside], y[inside]
            cost[:, s, t] = (
                w @ left**2,
                2 * w @ (left * share),
                w @ share**2,
                -2 * w @ (left * target),
                -2 * w @ (share * target),
                w @ target**2,
            )
    return tuple(cost)


def _lower_envelope(square: FloatArray, linear: FloatArray, constant: FloatArray) -> Rows:
    """Give the parabolas that are lowest somewhere, walking from the far left to the far right."""
    current = int(np.lexsort((constant, -linear, square))[0])
    at = -np.inf
    keep = [current]
    while True:
        a, b, c = square - square[current], linear - linear[current], constant - constant[current]
        with np.errstate(invalid="ignore", divide="ignore"):
            root = np.sqrt(b * b - 4 * a * c)
            # Both roots in the form that loses no digits; a difference falls below zero at the smaller root
            # if it opens upward, at the larger if downward, at its only root if it is a falling line.
            half = -(b + np.copysign(root, b)) / 2
            first, second = half / a, c / half
            crossing = np.where(a > 0, np.fmin(first, second), np.fmax(first, second))
            crossing = np.where((a == 0) & (b < 0), -c / b, crossing)
        beyond = crossing > (at + 1e-12 * (1 + abs(at)) if np.isfinite(at) else -np.inf)
        if not beyond.any():
            return np.array(keep)
        at = crossing[beyond].min()
        rivals = np.flatnonzero(beyond & (crossing <= at + 1e-12 * (1 + abs(at))))
        current = int(rivals[np.lexsort((square[rivals], 2 * a[rivals] * at + b[rivals]))[0]])
        keep.append(current)
