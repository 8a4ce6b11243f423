"""The exact power of the comparison of two Poisson counts, as a function of the true rate ratio."""

from __future__ import annotations

import numpy as np
from scipy import special

from mchepi.stats._validate import FloatArray, Mask


class RatioPower:
    """Chance to show a fall or a rise from `expected` events, at any ratio of the rates.

    Parameters
    ----------
    expected : float
        Events expected in the first period.
    sizes : float
        Births (person-time) of the second period over those of the first.
    alternative : str
        "less" or "greater".
    tail : float
        Level of the one-sided test.
    midp : bool
        Count the observed table half.
    """

    def __init__(self, expected: float, sizes: float, alternative: str, tail: float, *, midp: bool) -> None:
        reach = 9 * np.sqrt(expected) + 40  # leaves out less than 1e-16
        first = np.arange(max(0, int(expected - reach)), int(expected + reach) + 1, dtype=float)
        self.expected_after = expected * sizes
        self.less = alternative == "less"
        self.chance = np.exp(special.xlogy(first, expected) - expected - special.gammaln(first + 1))
        self.critical = _critical(first, sizes / (1 + sizes), tail, less=self.less, midp=midp)

    def at(self, ratio: float) -> float:
        """Give the power at a true rate ratio."""
        after = self.expected_after * ratio
        if self.less:
            told = np.where(
                self.critical < 0, 0.0, special.gammaincc(np.maximum(self.critical, 0) + 1, after)
            )
        else:
            told = special.gammainc(self.critical, after)
        return float(min(1.0, (self.chance * told).sum()))

    def ratio_of(self, power: float) -> float:
        """Give the ratio with this power, NaN where none has it; the power is above the test's level."""
        from scipy.optimize import brentq

        far = 0.0 if self.less else 2.0
        while not self.less and self.at(far) < power:
            far *= 2
        if self.at(far) < power:
            return np.nan
        return float(brentq(lambda ratio: self.at(ratio) - power, far, 1.0, xtol=1e-14, rtol=1e-14))


def _critical(first: FloatArray, share: float, tail: float, *, less: bool, midp: bool) -> FloatArray:
    """For each first count the largest second count that shows a fall (-1: none), or the smallest, a rise."""

    def beyond(second: FloatArray) -> Mask:
        """Whether the second count is above all that show a fall, or among those that show a rise."""
        if less:
            return _at_most(first, second, share, midp) > tail
        return _at_least(first, second, share, midp) <= tail

    odds = share / (1 - share)
    spread = np.sqrt(odds * (1 + odds) * (first + 1))
    # About there by the normal distribution; the step grows until it lies between both ends.
    middle = odds * first + special.ndtri(tail) * spread * (1 if less else -1)
    step = 4 + spread / 20
    low, high = np.maximum(np.floor(middle - step), -1), np.maximum(np.ceil(middle + step), 0)
    while (wrong := (low >= 0) & beyond(np.maximum(low, 0))).any():
        step = 2 * step
        low = np.where(wrong, np.maximum(np.floor(middle - step), -1), low)
    while (wrong := ~beyond(high)).any():
        step = 2 * step
        high = np.where(wrong, np.ceil(middle + step), high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        above = (middle >= 0) & beyond(np.maximum(middle, 0))
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray(low if less else high)


def _at_most(first: FloatArray, second: FloatArray, share: float, midp: bool) -> FloatArray:
    """Chance of at most `second` of all events in the second period, given their number."""
    whole = np.where(first > 0, special.betainc(np.maximum(first, 1), second + 1, 1 - share), 1.0)
    if not midp:
        return np.asarray(whole)
    fewer = np.where(second > 0, special.betainc(first + 1, np.maximum(second, 1), 1 - share), 0.0)
    return np.asarray((whole + fewer) / 2)


def _at_least(first: FloatArray, second: FloatArray, share: float, midp: bool) -> FloatArray:
    """Chance of at least `second` of all events in the second period, given their number."""
    return _at_most(second, first, 1 - share, midp)
