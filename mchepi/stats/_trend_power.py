"""The power of the Poisson trend test of one series, summed up over what the series could have shown.

Given how many events N there are in all, the likelihood ratio against no trend depends on the counts only
through T, the sum of the events' periods: the test rejects where T is small enough or large enough. Given N,
T is a sum of N independent periods, each drawn with the share of events expected in it, so that its
distribution is a convolution power; N itself is a Poisson count. One sum over both gives the power.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import fft, special

from mchepi.stats._slopes import root_of_increasing
from mchepi.stats._validate import FloatArray

FINEST = 12
"""Periods may lie on whole years or on parts of them down to months."""

_MOST_EXACT = 4_000  # expected events times the length of the series; beyond, T is taken as normal
_STEPS = 6  # totals tried in one standard deviation of N
_LEFT_OUT = 1e-12  # of the distribution of N on either side
_HALVINGS = 60
_STEEPEST = 40.0  # exponent over the whole series beyond which all events fall at one end


@dataclass(frozen=True)
class TrendTest:
    """The two-sided test of no trend in a series with `expected` events in all, at a quantile of the normal.

    `place` holds whole numbers from 0, `parts` of them a year. Slopes are those of the log rate, per year.
    """

    place: FloatArray
    parts: int
    person_time: FloatArray
    expected: float
    quantile: float

    def power(self, slope: float) -> tuple[float, float]:
        """Chance to find a fall, and to find a rise, if `slope` is the true one."""
        if self.expected == 0:
            return 0.0, 0.0
        totals, weight = self._totals
        share = np.bincount(self.place.astype(int), np.exp(self._log_share(slope / self.parts)))
        low, high = self._critical
        if self._large:
            places = np.arange(share.size)
            mean = np.dot(share, places)
            error = np.sqrt(np.dot(share, (places - mean) ** 2) / totals)
            if error[0] == 0:  # all events at one end
                return float(low[0] > mean), float(high[0] < mean)
            return float(special.ndtr((low - mean) / error)[0]), float(special.ndtr((mean - high) / error)[0])
        at_most = np.cumsum(self._chances(share, totals), axis=1)
        fall, rise = np.zeros(totals.size), np.zeros(totals.size)
        # A critical place of NaN compares as false: so few events reject nowhere.
        rows = np.flatnonzero(low > 0)
        fall[rows] = at_most[rows, np.ceil(low[rows] * totals[rows]).astype(int) - 1]
        rows = np.flatnonzero(high < share.size - 1)
        rise[rows] = 1 - at_most[rows, np.floor(high[rows] * totals[rows]).astype(int)]
        return float(np.dot(weight, np.clip(fall, 0, 1))), float(np.dot(weight, np.clip(rise, 0, 1)))

    def smallest_slope(self, power: float, direction: int) -> float:
        """Give the slope down (-1) or up (1) that is found with `power`; NaN where no slope is."""
        if self.expected == 0:
            return np.nan
        side = (1 + direction) // 2
        farthest = _STEEPEST * self.parts / float(np.ptp(self.place))
        if self.power(direction * farthest)[side] < power:
            return np.nan
        share = np.exp(self._log_share(0.0))
        spread = np.dot(share, (self.place - np.dot(share, self.place)) ** 2)
        near = float(
            (self.quantile - special.ndtri(1 - power)) * self.parts / np.sqrt(self.expected * spread)
        )
        return direction * root_of_increasing(
            lambda steepness: self.power(direction * steepness)[side] - power, near, near / 8, farthest
        )

    @property
    def _large(self) -> bool:
        return bool(self.expected * self.place.max() > _MOST_EXACT)

    @staticmethod
    def _chances(share: Any, totals: FloatArray) -> FloatArray:
        """Give the distribution of the sum of so many places, a row for each total."""
        size = fft.next_fast_len(int(totals[-1]) * (share.size - 1) + 1, real=True)
        one = fft.rfft(share, size)
        step = one ** int(totals[1] - totals[0]) if totals.size > 1 else one
        rows = np.empty((totals.size, one.size), dtype=complex)
        rows[0] = one ** int(totals[0])
        for place in range(1, totals.size):
            rows[place] = rows[place - 1] * step
        return np.asarray(fft.irfft(rows, size, axis=1))

    @cached_property
    def _totals(self) -> tuple[FloatArray, FloatArray]:
        """Give totals that may be observed and their weights; a thinned grid where there are very many."""
        if self._large:
            return np.array([self.expected]), np.ones(1)
        first = max(np.floor(special.pdtrik(_LEFT_OUT, self.expected)), 1.0) if self.expected > 1 else 1.0
        last = np.ceil(special.pdtrik(1 - _LEFT_OUT, self.expected)) + 2
        step = max(1, int(np.sqrt(self.expected) / _STEPS))
        totals = np.arange(first, last + step, step)
        log_chance = special.xlogy(totals, self.expected) - self.expected - special.gammaln(totals + 1)
        return totals, step * np.exp(log_chance)

    @cached_property
    def _critical(self) -> tuple[FloatArray, FloatArray]:
        """Mean places below and above which the test rejects, for each total; NaN where it never does."""
        totals, _ = self._totals
        sides = []
        log_share = self._log_share(0.0)
        for direction in (-1, 1):
            end = self.place.min() if direction < 0 else self.place.max()
            furthest = -2 * np.log(np.exp(log_share[self.place == end]).sum())
            low = np.zeros(totals.shape)
            high = np.full(totals.shape, _STEEPEST / float(np.ptp(self.place)))
            for _ in range(_HALVINGS):
                middle = (low + high) / 2
                enough = totals * self._divergence(direction * middle)[0] > self.quantile**2
                low, high = np.where(enough, low, middle), np.where(enough, middle, high)
            mean = self._divergence(direction * high)[1]
            sides.append(np.where(totals * furthest > self.quantile**2, mean, np.nan))
        return sides[0], sides[1]

    def _divergence(self, slopes: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Likelihood ratio statistic of one event against no trend at its mean place, and that place."""
        from_middle = self.place - np.dot(np.exp(self._log_share(0.0)), self.place)
        exponent = self._log_share(0.0) + slopes[:, None] * from_middle
        log_sum = special.logsumexp(exponent, axis=1)
        mean = np.sum(np.exp(exponent - log_sum[:, None]) * from_middle, axis=1)
        return 2 * (slopes * mean - log_sum), mean + (self.place - from_middle)[0]

    def _log_share(self, slope: float) -> FloatArray:
        weight = np.log(self.person_time) + slope * (self.place - self.place.mean())
        return np.asarray(weight - special.logsumexp(weight))


def trend_test(
    year: FloatArray, events: FloatArray, person_time: FloatArray, level: float
) -> TrendTest | None:
    """Set up the test of one series; None for fewer than three years with known numbers."""
    known = ~np.isnan(events) & (person_time > 0)
    year, events, person_time = year[known], events[known], person_time[known]
    if len(np.unique(year)) < 3:
        return None
    quantile = float(-special.ndtri((1 - level) / 2))
    from_first = year - year.min()
    for parts in range(1, FINEST + 1):
        place = np.round(from_first * parts)
        if np.all(np.abs(place - from_first * parts) < 1e-6):
            return TrendTest(place, parts, person_time, float(events.sum()), quantile)
    raise ValueError(
        f"`year` must be whole or in parts down to {FINEST} a year; got finer ones. Round them to months."
    )
