"""Seeded luck: a stream of its own for each district and quantity.

A count is read off the quantile function of its distribution at one uniform number. So a count moves only
if its own probability or total does; another district, quantity or year leaves it alone.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Counts = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]

EARLIEST_YEAR = 2000
_SMALLEST = 2.0**-53


@dataclass(frozen=True)
class Draws:
    """Random numbers (districts × years): the same for the same seed, district, quantity and year."""

    seed: int
    districts: int
    first_year: int
    last_year: int

    def uniform(self, quantity: str) -> Values:
        """Draw uniform numbers, open at both ends."""
        numbers = self._rows(quantity, self.last_year - EARLIEST_YEAR + 1)
        return numbers[:, self.first_year - EARLIEST_YEAR :]

    def normal(self, quantity: str) -> Values:
        """Draw standard normal numbers, one a district and year."""
        return np.asarray(ndtri(self.uniform(quantity)))

    def district_uniform(self, quantity: str) -> Values:
        """Draw uniform numbers, one a district, in the shape (districts, 1)."""
        return self._rows(quantity, 1)

    def district_normal(self, quantity: str) -> Values:
        """Draw standard normal numbers, one a district, in the shape (districts, 1)."""
        return np.asarray(ndtri(self.district_uniform(quantity)))

    def binomial(self, quantity: str, total: Counts, probability: Values) -> Counts:
        """Draw how many of `total` an event of this probability befalls."""
        from scipy import stats  # heavy

        return np.asarray(stats.binom.ppf(self.uniform(quantity), total, probability)).astype(np.int64)

    def poisson(self, quantity: str, mean: Values) -> Counts:
        """Draw a count of this mean."""
        from scipy import stats  # heavy

        return np.asarray(stats.poisson.ppf(self.uniform(quantity), mean)).astype(np.int64)

    def _rows(self, quantity: str, length: int) -> Values:
        key = zlib.crc32(quantity.encode())  # the same on every machine, unlike hash()
        rows = [
            np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(number, key))).random(length)
            for number in range(1, self.districts + 1)
        ]
        return np.clip(np.stack(rows), _SMALLEST, 1 - _SMALLEST)
