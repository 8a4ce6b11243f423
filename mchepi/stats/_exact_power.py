"""The power of an exact one-sided test against a target, and the sizes at which it is enough.

As the size grows, the largest (or smallest) count that still rejects stays the same over a stretch of sizes
and then moves by one; within a stretch the power moves one way, so that it is a saw-tooth. Each stretch is a
tooth, numbered by its critical count. On the continuous scale of sizes the power at one end of the teeth is
monotone in their number, which a bisection uses; whole sizes differ from it by less than one, so that the
answer lies a few teeth away and is found by stepping.

Rates are per person and `tail` is the level of the test throughout; arguments are already checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from mchepi.stats._validate import FloatArray, Mask
from mchepi.stats.one_sample import binomial_tails, poisson_tails

# Beyond this many expected events no size is of any use, and the special functions lose their digits.
_MOST_EVENTS = 2.0**40

Positions: TypeAlias = NDArray[np.intp]
Good: TypeAlias = Callable[[FloatArray, Positions], Mask]


def poisson_power_less(assumed: FloatArray, target: FloatArray, tail: float) -> FloatArray:
    """Chance to show fewer events than the `target` expected, if `assumed` are expected."""
    count = np.nan_to_num(np.floor(special.pdtrik(tail, target))) + 1
    for _ in range(3):  # the inverse is good to less than one
        count = np.where((count >= 0) & (poisson_tails(count, target)[0] > tail), count - 1, count)
    return np.where(count < 0, 0.0, poisson_tails(count, assumed)[0])


def poisson_power_greater(assumed: FloatArray, target: FloatArray, tail: float) -> FloatArray:
    """Chance to show more events than the `target` expected, if `assumed` are expected."""
    count = np.maximum(np.nan_to_num(np.floor(special.pdtrik(1 - tail, target))), 0)
    for _ in range(3):
        count = np.where(poisson_tails(count, target)[1] > tail, count + 1, count)
    return np.asarray(poisson_tails(count, assumed)[1])


def binomial_power_less(size: FloatArray, assumed: FloatArray, target: FloatArray, tail: float) -> FloatArray:
    """Chance to show a proportion below the target, if `assumed` is the true one."""
    count = np.nan_to_num(np.floor(special.bdtrik(tail, size, target))) + 1
    for _ in range(3):
        count = np.where((count >= 0) & (binomial_tails(count, size, target)[0] > tail), count - 1, count)
    return np.where(count < 0, 0.0, binomial_tails(np.maximum(count, 0), size, assumed)[0])


def size_to_show_less(
    assumed: FloatArray, target: FloatArray, *, kind: str, tail: float, power: float, first: bool
) -> FloatArray:
    """Give the smallest whole size that shows a rate (or proportion) to be below the target.

    `assumed` and `target` are flat arrays with 0 <= assumed < target, per person; `tail` is the level of the
    test. inf where the size has more than about 10^12 expected events.
    """

    def start(count: FloatArray, which: Positions) -> FloatArray:
        """Size from which `count` events or fewer reject, on the continuous scale."""
        return _first_rejecting(count, target[which], kind, tail)

    def chance(count: FloatArray, size: FloatArray, which: Positions) -> FloatArray:
        return _chance_at_most(count, size, assumed[which], kind)

    def good_start(count: FloatArray, which: Positions) -> Mask:
        return chance(count, start(count, which), which) >= power

    def good_end(count: FloatArray, which: Positions) -> Mask:
        return chance(count, start(count + 1, which), which) >= power

    def whole_start(count: FloatArray, which: Positions) -> FloatArray:
        return _settle(np.ceil(start(count, which)), count, target[which], kind, tail)

    def good_whole_start(count: FloatArray, which: Positions) -> Mask:
        return chance(count, whole_start(count, which), which) >= power

    def good_whole_end(count: FloatArray, which: Positions) -> Mask:
        end = whole_start(count + 1, which) - 1
        empty = end < whole_start(count, which)
        return empty | (chance(count, end, which) >= power)

    if first:
        # Power falls within a tooth; a whole size starts it a little late, with a little less power.
        count = _smallest(good_start, len(target), lowest=0)
        count = _step_up(count, good_whole_start)
    else:
        # A whole size ends the tooth a little early, with a little more power.
        count = _smallest(good_end, len(target), lowest=0)
        count = _step_down(count, good_whole_end, lowest=0)
    return _where_found(count, whole_start)


def rate_size_to_show_more(
    assumed: FloatArray, target: FloatArray, *, tail: float, power: float, first: bool
) -> FloatArray:
    """Give the smallest whole size that shows a Poisson rate to be above the target.

    `assumed` and `target` are flat arrays with assumed > target > 0, per unit of size.
    """

    def last(count: FloatArray, which: Positions) -> FloatArray:
        """Size up to which `count` events or more reject, on the continuous scale; 0 for a count of 0."""
        return np.where(count > 0, special.gammaincinv(np.maximum(count, 1), tail), 0.0) / target[which]

    def chance(count: FloatArray, size: FloatArray, which: Positions) -> FloatArray:
        return np.asarray(special.gammainc(count, size * assumed[which]))

    def good_start(count: FloatArray, which: Positions) -> Mask:
        return chance(count, last(count - 1, which), which) >= power

    def good_end(count: FloatArray, which: Positions) -> Mask:
        return chance(count, last(count, which), which) >= power

    def good_whole_start(count: FloatArray, which: Positions) -> Mask:
        begin = np.floor(last(count - 1, which)) + 1
        empty = begin > np.floor(last(count, which))
        return empty | (chance(count, begin, which) >= power)

    def good_whole_end(count: FloatArray, which: Positions) -> Mask:
        return chance(count, np.floor(last(count, which)), which) >= power

    def size(count: FloatArray, which: Positions) -> FloatArray:
        """Smallest whole size of a tooth, or the one after it, with enough power; power rises within it."""
        enough = np.ceil(special.gammaincinv(count, power) / assumed[which])
        return np.clip(enough, np.floor(last(count - 1, which)) + 1, np.floor(last(count, which)) + 1)

    if first:
        count = _smallest(good_end, len(target), lowest=1)
        count = _step_up(count, good_whole_end)
    else:
        count = _smallest(good_start, len(target), lowest=1)
        # The answer lies in the last tooth that does not start well.
        count = _step_down(count, good_whole_start, lowest=1) - 1
        count = np.maximum(count, 1)
    return _where_found(count, size)


def _first_rejecting(count: FloatArray, target: FloatArray, kind: str, tail: float) -> FloatArray:
    if kind == "rate":
        return np.asarray(special.gammainccinv(count + 1, tail) / target)
    return np.asarray(count + special.btdtria(tail, count + 1, 1 - target))


def _chance_at_most(count: FloatArray, size: FloatArray, rate: FloatArray, kind: str) -> FloatArray:
    if kind == "rate":
        return np.asarray(special.gammaincc(count + 1, size * rate))
    others = np.maximum(size - count, np.finfo(float).tiny)
    return np.where(size > count, special.betainc(others, count + 1, 1 - rate), 1.0)


def _settle(size: FloatArray, count: FloatArray, target: FloatArray, kind: str, tail: float) -> FloatArray:
    """Move a whole size by one where rounding put it on the wrong side of the test."""
    early = _chance_at_most(count, size, target, kind) > tail
    late = ~early & (_chance_at_most(count, size - 1, target, kind) <= tail)
    return size + early - late


def _smallest(good: Good, length: int, *, lowest: int) -> FloatArray:
    """Bisect for the smallest good count, where all after a good one are good; inf if there is none."""
    low = np.full(length, lowest - 1.0)
    high = np.full(length, float(max(lowest, 1)))
    growing = np.arange(length)
    while growing.size:
        short = ~good(high[growing], growing)
        growing = growing[short]
        low[growing] = high[growing]
        high[growing] *= 2
        high[growing[high[growing] > _MOST_EVENTS]] = np.inf
        growing = growing[np.isfinite(high[growing])]
    open_ = np.flatnonzero(np.isfinite(high) & (high - low > 1))
    while open_.size:
        middle = np.floor((low[open_] + high[open_]) / 2)
        fine = good(middle, open_)
        high[open_] = np.where(fine, middle, high[open_])
        low[open_] = np.where(fine, low[open_], middle)
        open_ = open_[high[open_] - low[open_] > 1]
    return high


def _step_up(count: FloatArray, good: Good) -> FloatArray:
    moving = np.flatnonzero(np.isfinite(count))
    while moving.size:
        moving = moving[~good(count[moving], moving)]
        count[moving] += 1
    return count


def _step_down(count: FloatArray, good: Good, *, lowest: int) -> FloatArray:
    """Step to the smallest count from which all up to `count` are good."""
    moving = np.flatnonzero(np.isfinite(count) & (count > lowest))
    while moving.size:
        moving = moving[good(count[moving] - 1, moving)]
        count[moving] -= 1
        moving = moving[count[moving] > lowest]
    return count


def _where_found(count: FloatArray, size: Callable[[FloatArray, Positions], FloatArray]) -> FloatArray:
    found = np.flatnonzero(np.isfinite(count))
    sizes = np.full(len(count), np.inf)
    sizes[found] = size(count[found], found)
    return sizes
