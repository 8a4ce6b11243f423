"""The regression behind the joinpoint model, with rows scaled by the square roots of their weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mchepi.stats._validate import FloatArray
from mchepi.stats.joinpoint_regression.candidates import Level, Rows


@dataclass(frozen=True)
class Design:
    """Columns of the model for many series that share their times.

    The first axis runs over the series and has length 1 where all share one design. `base` (series x columns
    x rows) spans the straight line and, between its first column and its last (the time), a jump of the level
    if there is one; `hinges` (series x times x rows) holds
    max(time - joinpoint, 0) for every time as joinpoint. Time runs from 0 to 1. `response` is series x rows,
    `time_of_row` tells where a row stands among the times.
    """

    base: FloatArray
    hinges: FloatArray
    response: FloatArray
    time_of_row: Rows

    @classmethod
    def of_series(
        cls, time: FloatArray, y: FloatArray, root_weight: FloatArray, jump: float | None = None
    ) -> Design:
        """Build the design of series: `time` (n), `y` (series x n), `root_weight` (series x n or 1 x n)."""
        unit = scaled(time)
        step = [] if jump is None else [(time >= jump).astype(float)]
        base = root_weight[:, np.newaxis] * np.stack([np.ones_like(unit), *step, unit])
        hinges = root_weight[:, np.newaxis] * np.maximum(unit - unit[:, np.newaxis], 0)
        return cls(base, hinges, root_weight * y, np.arange(len(unit)))

    @property
    def times(self) -> int:
        """Number of distinct times."""
        return int(self.hinges.shape[1])

    @property
    def rows(self) -> int:
        """Number of observations."""
        return int(self.hinges.shape[2])

    @property
    def stacked(self) -> bool:
        """Whether times have several rows."""
        return self.rows != self.times

    @property
    def plain(self) -> bool:
        """Whether it is nothing but a straight line and hinges, a row a time."""
        return not self.stacked and self.base.shape[1] == 2

    @property
    def shared(self) -> bool:
        """Whether all series have the same weights."""
        return len(self.base) == 1

    def take(self, series: slice | Rows) -> Design:
        """Give the design of some of the series."""
        pick = slice(None) if self.shared else series
        return Design(self.base[pick], self.hinges[pick], self.response[series], self.time_of_row)


@dataclass(frozen=True)
class ExactFit:
    """Least squares of one model a series: coefficients, scaled fitted values, sum of squared errors."""

    coefficients: FloatArray
    fitted: FloatArray
    sse: FloatArray


def scaled(time: FloatArray) -> FloatArray:
    """Give times from 0 to 1."""
    return np.asarray((time - time[0]) / (time[-1] - time[0]))


def fit_exactly(design: Design, positions: Rows) -> ExactFit:
    """Fit the joinpoints at `positions` (series x joinpoints) by an orthogonal decomposition."""
    series = np.arange(len(design.response))[:, np.newaxis]
    own = 0 if design.shared else series
    base = np.broadcast_to(design.base, (len(series), *design.base.shape[1:]))
    columns = np.concatenate([base, design.hinges[own, positions]], axis=1).swapaxes(1, 2)
    q, r = np.linalg.qr(columns)
    projected = q.swapaxes(1, 2) @ design.response[..., np.newaxis]
    fitted = (q @ projected)[..., 0]
    coefficients = np.linalg.solve(r, projected)[..., 0]
    return ExactFit(coefficients, fitted, ((design.response - fitted) ** 2).sum(axis=1))


def off_the_line(design: Design) -> FloatArray:
    """Give what the straight line leaves of the responses."""
    q = np.linalg.qr(design.base.swapaxes(1, 2))[0]
    return design.response - _project(q, design.response)


def directions(design: Design, levels: Sequence[Level]) -> list[FloatArray]:
    """Give, for every set of joinpoints, the unit vector that its last joinpoint adds to the model.

    It is orthogonal to the straight line and to what the other joinpoints of the set add. So the sum of
    squares that a set explains beyond the line is the sum of (direction · response)² along its ancestors.
    One array a level, series x sets x rows.
    """
    q = np.linalg.qr(design.base.swapaxes(1, 2))[0]
    hinges = design.hinges - (q @ (q.swapaxes(1, 2) @ design.hinges.swapaxes(1, 2))).swapaxes(1, 2)
    found: list[FloatArray] = []
    for depth, level in enumerate(levels):
        vectors = hinges[:, level.positions[:, -1]]
        ancestors = level.parent
        for upper in range(depth - 1, -1, -1):
            before = found[upper][:, ancestors]
            vectors -= np.einsum("smr,smr->sm", before, vectors)[..., np.newaxis] * before
            ancestors = levels[upper].parent[ancestors]
        vectors /= np.sqrt(np.einsum("smr,smr->sm", vectors, vectors))[..., np.newaxis]
        found.append(vectors)
    return found


def _project(q: FloatArray, response: FloatArray) -> FloatArray:
    return np.asarray((q @ (q.swapaxes(1, 2) @ response[..., np.newaxis]))[..., 0])
