"""The years of many series that have a value, as arrays: series after series, each in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mchepi.indicators.sums import Positions, Sums
from mchepi.stats._validate import FloatArray, Mask


@dataclass(frozen=True)
class KnownYears:
    """The periods that have a value; series are numbered indicator by indicator, group by group.

    `length` is the number of series, `at` the place of each period in the sums of all periods.
    """

    length: int
    at: Positions
    series: Positions
    year: FloatArray
    year_end: FloatArray
    numerator: FloatArray
    denominator: FloatArray

    @cached_property
    def periods(self) -> Positions:
        """How many periods each series has."""
        return np.bincount(self.series, minlength=self.length)

    @cached_property
    def ends(self) -> Positions:
        """The place behind the last period of each series."""
        return np.cumsum(self.periods)

    def from_end(self, values: FloatArray, n: int) -> FloatArray:
        """The n-th value from the end of each series; NaN where it has not so many."""
        places = np.where(self.periods >= n, self.ends - n, len(values))
        return np.append(values, np.nan)[places]

    def chosen(self, rows: Mask) -> KnownYears:
        """Keep some of the periods."""
        return KnownYears(
            self.length,
            self.at[rows],
            self.series[rows],
            self.year[rows],
            self.year_end[rows],
            self.numerator[rows],
            self.denominator[rows],
        )

    def hold_another(self) -> Mask:
        """Which periods of several years hold another period of their series."""
        found = np.zeros(len(self.series), dtype=bool)
        if np.array_equal(self.year, self.year_end):
            return found
        for apart in range(1, self.periods.max(initial=0)):
            for one, other in (
                (slice(apart, None), slice(None, -apart)),
                (slice(None, -apart), slice(apart, None)),
            ):
                inside = (self.year[one] <= self.year[other]) & (self.year_end[one] >= self.year_end[other])
                found[one] |= inside & (self.series[one] == self.series[other])
        return found

    def side_by_side(self, values: FloatArray, first: Positions, count: Positions) -> FloatArray:
        """Stretches of values as rows of equal length: `count` of them from `first` on, then NaN."""
        step = np.arange(count.max(initial=0))
        places = np.where(step < count[:, None], first[:, None] + step, len(values))
        return np.append(values, np.nan)[places]


def known_years(
    sums: Sums, series: Positions, length: int, year: FloatArray, year_end: FloatArray
) -> KnownYears:
    """Find the periods that have a value in sums by period; each belongs to one of `length` series."""
    at = np.flatnonzero(~np.isnan(sums.value))
    indicator, period = np.divmod(at, len(series))
    return KnownYears(
        length * len(sums.value),
        at,
        indicator * length + series[period],
        year[period],
        year_end[period],
        sums.numerator.ravel()[at],
        sums.denominator.ravel()[at],
    )
