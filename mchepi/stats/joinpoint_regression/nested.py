"""Best explained sums of squares of two nested numbers of joinpoints, for many responses at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mchepi.stats._validate import FloatArray, Mask
from mchepi.stats.joinpoint_regression.candidates import Level, Rows, Spacing, tree


@dataclass(frozen=True)
class _Step:
    """From the sets of one level to the best child of every parent.

    The children stand in the order: first child of every family, second child of every family that has one
    …, the largest families first. `sizes` counts the first, second … children, so the best child of all
    families is found by a few maxima of whole blocks. `parents` are the rows of the parents, and `family`
    tells where the family of each of them stands.
    """

    sizes: tuple[int, ...]
    parents: Rows
    family: Rows


@dataclass(frozen=True)
class Nested:
    """Which directions are needed to compare two numbers of joinpoints, and how to take their maxima.

    `rows` are the sets of each level that can grow to the numbers compared; their directions are stacked,
    the last level first. `wide` leads from the sets of the larger number to the line, `narrow` from those of
    the smaller, which stand at `narrow_top`.
    """

    rows: tuple[Rows, ...]
    wide: tuple[_Step, ...]
    narrow_top: Rows
    narrow: tuple[_Step, ...]

    def matrix(self, found: list[FloatArray]) -> FloatArray:
        """Stack the directions of one series (sets x rows a level), those of the last level first."""
        return np.concatenate([vectors[rows] for vectors, rows in zip(found, self.rows, strict=True)][::-1])

    def explained(self, gains: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give what the best sets of the smaller and of the larger number explain, a value a column.

        `gains` are the squared products of the stacked directions with the responses; they are overwritten.
        """
        narrow: FloatArray = np.zeros(gains.shape[1])
        if len(self.narrow_top):
            narrow = _climb(gains[self.narrow_top], gains, self.narrow)
        return narrow, _climb(gains[: len(self.rows[-1])], gains, self.wide)


@lru_cache(maxsize=64)
def nested(times: int, smaller: int, larger: int, spacing: Spacing) -> Nested:
    """Prepare the comparison of two numbers of joinpoints on series of so many times."""
    levels = tree(times, larger, spacing)
    grows_small, grows_large = _grows(levels[:smaller]), _grows(levels)
    needed = [*grows_small, *grows_large[smaller:]]
    rows = [np.flatnonzero(mask) for mask in needed]
    top_order, wide_steps = _steps(levels, grows_large)
    rows[-1] = top_order
    place = _places(levels, rows)
    wide = _placed(wide_steps, place)
    narrow_top: Rows = np.zeros(0, dtype=np.intp)
    narrow: tuple[_Step, ...] = ()
    if smaller:
        order, narrow_steps = _steps(levels[:smaller], grows_small)
        narrow_top, narrow = place[smaller - 1][order], _placed(narrow_steps, place)
    return Nested(tuple(rows), wide, narrow_top, narrow)


def _climb(values: FloatArray, gains: FloatArray, steps: tuple[_Step, ...]) -> FloatArray:
    for step in steps:
        best = values[: step.sizes[0]]
        start = step.sizes[0]
        for size in step.sizes[1:]:
            np.maximum(best[:size], values[start : start + size], out=best[:size])
            start += size
        values = gains[step.parents]
        values += best[step.family]
    return np.asarray(values.max(axis=0))


def _grows(levels: tuple[Level, ...]) -> list[Mask]:
    """Say of every set of every level whether it can grow to a set of the last level."""
    if not levels:
        return []
    masks = [np.ones(len(levels[-1]), dtype=bool)]
    for level, upper in zip(levels[:0:-1], levels[-2::-1], strict=True):
        mask = np.zeros(len(upper), dtype=bool)
        mask[level.parent[masks[-1]]] = True
        masks.append(mask)
    return masks[::-1]


def _steps(levels: tuple[Level, ...], grows: list[Mask]) -> tuple[Rows, list[tuple[int, _Step]]]:
    """Give the order of the sets of the last level and the steps up, each with the level of its parents."""
    orders: list[Rows] = []
    families: list[tuple[tuple[int, ...], Rows]] = []
    for level, mask in zip(levels[1:], grows[1:], strict=True):
        rows = np.flatnonzero(mask)
        parents, first, count = np.unique(level.parent[rows], return_index=True, return_counts=True)
        by_size = np.argsort(-count, kind="stable")
        sizes = tuple(int((count > nth).sum()) for nth in range(count.max()))
        order = np.concatenate([rows[first[by_size[:size]] + nth] for nth, size in enumerate(sizes)])
        orders.append(order)
        families.append((sizes, parents[by_size]))
    orders.insert(0, np.flatnonzero(grows[0]))
    steps = []
    for depth in range(len(levels) - 1, 0, -1):
        sizes, parents = families[depth - 1]
        where = np.empty(len(levels[depth - 1]), dtype=np.intp)
        where[parents] = np.arange(len(parents))
        steps.append((depth - 1, _Step(sizes, orders[depth - 1], where[orders[depth - 1]])))
    return orders[-1], steps


def _places(levels: tuple[Level, ...], rows: list[Rows]) -> list[Rows]:
    """Give the place of every set among the stacked directions."""
    places = []
    start = 0
    for level, taken in zip(levels[::-1], rows[::-1], strict=True):
        place = np.full(len(level), -1)
        place[taken] = start + np.arange(len(taken))
        places.append(place)
        start += len(taken)
    return places[::-1]


def _placed(steps: list[tuple[int, _Step]], place: list[Rows]) -> tuple[_Step, ...]:
    return tuple(_Step(step.sizes, place[level][step.parents], step.family) for level, step in steps)
