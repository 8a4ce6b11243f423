"""What a fit was asked for, and what was computed for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mchepi.stats._validate import FloatArray
from mchepi.stats.joinpoint_regression.candidates import Rows, Spacing
from mchepi.stats.joinpoint_regression.design import Design
from mchepi.stats.joinpoint_regression.permutation import PermutationTest


@dataclass(frozen=True)
class Settings:
    """How a fit was asked for."""

    model: str
    variance: str
    selection: str | int
    max_joinpoints: int | None
    spacing: Spacing
    permutations: int
    significance_level: float
    seed: int
    confidence_level: float
    curtailed: bool
    jump: float | None = None

    @property
    def fewest(self) -> int:
        """Fewer observations have no line with limits."""
        return 3 if self.jump is None else 4

    def most_joinpoints(self, observations: int) -> int:
        """Give the largest number of joinpoints that so many observations have room for."""
        return min(self.spacing.most(observations), max(0, observations - self.fewest))


@dataclass(frozen=True)
class Analysis:
    """The observed part of one series in ascending order, and its best models of 0, 1, … joinpoints.

    `rounding` is the sum of squared errors that is nothing but rounding.
    """

    time: FloatArray
    y: FloatArray
    weight: FloatArray
    rounding: float
    positions: tuple[Rows, ...]
    sse: FloatArray
    bic: FloatArray
    bic3: FloatArray
    wbic: FloatArray
    tests: tuple[PermutationTest, ...]
    jump: float | None = None

    @property
    def design(self) -> Design:
        """The regression of this series."""
        return Design.of_series(self.time, self.y[np.newaxis], np.sqrt(self.weight)[np.newaxis], self.jump)
