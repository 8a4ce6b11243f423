"""Which sets of joinpoints are admissible, as a tree: a set of k joinpoints grows from one of k - 1.

Joinpoints lie on observed times. Before the first and after the last lie at least `end` observations, between
neighbors at least `between`, the joinpoints themselves not counted; a missing year counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Spacing:
    """The smallest numbers of observations between neighboring joinpoints and beyond the outer ones."""

    between: int = 2
    end: int = 2

    def most(self, observations: int) -> int:
        """Give the largest number of joinpoints that so many observations have room for.

        At least one observation is left over, so that the model has errors to speak of.
        """
        room = (observations - 2 * self.end + self.between) // (1 + self.between)
        return max(0, min(room, observations - 3))

    def count(self, observations: int, joinpoints: int) -> int:
        """Count the admissible sets of so many joinpoints."""
        places = observations - 2 * self.end - self.between * (joinpoints - 1)
        return 1 if joinpoints == 0 else comb(max(places, 0), joinpoints)


@dataclass(frozen=True)
class Level:
    """Sets of one number of joinpoints, in ascending order.

    `positions` (sets x joinpoints) are positions among the observations; `parent` is the row, one level up,
    of the set without its last joinpoint.
    """

    positions: Rows
    parent: Rows

    def __len__(self) -> int:
        return len(self.positions)


@lru_cache(maxsize=64)
def tree(observations: int, joinpoints: int, spacing: Spacing) -> tuple[Level, ...]:
    """Give all admissible sets of 1, 2, … joinpoints."""
    first = np.arange(spacing.end, observations - spacing.end)
    return _grow(first, observations, joinpoints, spacing)


def branches(observations: int, joinpoints: int, spacing: Spacing, limit: int) -> Iterator[tuple[Level, ...]]:
    """Cut the tree by the first joinpoint into branches of about `limit` numbers (sets x observations)."""
    sizes = [spacing.count(observations, k) for k in range(1, joinpoints + 1)]
    if sum(sizes) * observations <= limit:
        yield tree(observations, joinpoints, spacing)
        return
    gathered: list[int] = []
    size = 0
    for first in range(spacing.end, observations - spacing.end):
        # What follows the first joinpoint is a shorter series that begins right behind it.
        rest = Spacing(spacing.between, 0)
        left = observations - spacing.end - (first + 1) - spacing.between
        branch = sum(rest.count(left, k) for k in range(joinpoints)) * observations
        if gathered and size + branch > limit:
            yield _grow(np.array(gathered), observations, joinpoints, spacing)
            gathered, size = [], 0
        gathered.append(first)
        size += branch
    yield _grow(np.array(gathered), observations, joinpoints, spacing)


def _grow(first: Rows, observations: int, joinpoints: int, spacing: Spacing) -> tuple[Level, ...]:
    level = Level(first[:, np.newaxis], np.zeros(len(first), dtype=np.intp))
    levels = [level]
    for _ in range(joinpoints - 1):
        start = level.positions[:, -1] + spacing.between + 1
        children = np.maximum(observations - spacing.end - start, 0)
        parent = np.repeat(np.arange(len(level)), children)
        nth_child = np.arange(len(parent)) - np.repeat(np.cumsum(children) - children, children)
        last = start[parent] + nth_child
        level = Level(np.column_stack([level.positions[parent], last]), parent)
        levels.append(level)
    return tuple(levels)
