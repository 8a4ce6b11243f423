"""The Poisson CUSUM as a Markov chain on a lattice: its run lengths, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy import special

from mchepi.stats._validate import FloatArray

FINEST = 1000  # a reference value is a whole number of thousandths


@dataclass(frozen=True)
class Lattice:
    """The values that a CUSUM can take below its threshold: 0, 1, ... states - 1 steps of 1 / denominator."""

    denominator: int
    states: int

    def position(self, value: Fraction) -> int:
        """Where a value stands."""
        return int(value * self.denominator)


def as_fraction(value: float) -> Fraction | None:
    """The fraction in thousandths or coarser that a number means; None if it means none."""
    nearest = Fraction(value).limit_denominator(FINEST)
    return nearest if abs(nearest - Fraction(value)) < Fraction(1, 10**9) else None


def lattice(values: list[Fraction], threshold: Fraction) -> Lattice:
    """The coarsest lattice on which the CUSUM moves; it signals at the threshold or above."""
    denominator = int(np.lcm.reduce([value.denominator for value in values]))
    return Lattice(denominator, ceil(threshold * denominator))


def transitions(expected: float, reference_value: Fraction, on: Lattice, *, increase: bool) -> FloatArray:
    """Chances to go from each value (row) to each value (column) in one period; the rest is the signal."""
    down = on.position(reference_value)
    here = np.arange(on.states)[:, np.newaxis]
    there = np.arange(on.states)[np.newaxis, :]
    # The number of events that leads from here to there, in steps of the lattice.
    steps = there - here + down if increase else here + down - there
    matrix = np.where(steps % on.denominator == 0, _chance(steps // on.denominator, expected), 0.0)
    # To 0 leads whatever would lead below it.
    to_zero = down - here[:, 0] if increase else here[:, 0] + down
    if increase:
        matrix[:, 0] = _at_most(np.floor_divide(to_zero, on.denominator), expected)
    else:
        matrix[:, 0] = 1 - _at_most(-np.floor_divide(-to_zero, on.denominator) - 1, expected)
    return matrix


def run_length(matrix: FloatArray, start: int) -> float:
    """Mean number of periods until the signal, that one included; inf if it is too rare for any number."""
    try:
        lengths = np.linalg.solve(np.eye(len(matrix)) - matrix, np.ones(len(matrix)))
    except np.linalg.LinAlgError:
        return np.inf
    return float(lengths[start])


def _chance(count: NDArray[np.int64], expected: float) -> FloatArray:
    some = np.maximum(count, 0)
    chance = np.exp(special.xlogy(some, expected) - expected - special.gammaln(some + 1))
    return np.where(count >= 0, chance, 0.0)


def _at_most(count: NDArray[np.int64], expected: float) -> FloatArray:
    return np.where(count >= 0, special.gammaincc(np.maximum(count, 0) + 1, expected), 0.0)
