"""Seeded luck for persons: a stream of its own for each banner and quantity."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Values = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
_SMALLEST = 2.0**-53


@dataclass(frozen=True)
class Chance:
    """Random numbers of one banner: the same for the same seed, banner and quantity."""

    seed: int
    banner: int

    def uniform(self, quantity: str, size: int) -> Values:
        """Draw uniform numbers, open at both ends."""
        key = zlib.crc32(quantity.encode())  # the same on every machine, unlike hash()
        stream = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(self.banner, key)))
        return np.clip(stream.random(size), _SMALLEST, 1 - _SMALLEST)

    def normal(self, quantity: str, size: int) -> Values:
        """Draw standard normal numbers."""
        return np.asarray(ndtri(self.uniform(quantity, size)))

    def happens(self, quantity: str, probability: Any, size: int) -> Mask:
        """Draw whether an event of this probability happens to each of `size` persons."""
        return np.asarray(self.uniform(quantity, size) < probability)

    def choice(self, quantity: str, shares: Sequence[float], size: int) -> Integers:
        """Draw positions with these shares, which add up to 1."""
        edges = np.cumsum(shares)[:-1]
        return np.searchsorted(edges, self.uniform(quantity, size), side="right").astype(np.int64)

    def poisson(self, quantity: str, mean: float) -> int:
        """Draw one count of this mean."""
        from scipy import stats  # heavy

        return int(stats.poisson.ppf(self.uniform(quantity, 1)[0], mean))
