"""Exact chances of counts that obey a rule; the arguments are already checked."""

from __future__ import annotations

import numpy as np
from scipy import special

from mchepi.stats._validate import FloatArray


class Counts:
    """Chances of Poisson or binomial counts.

    Parameters
    ----------
    kind : str
        "rate" (Poisson) or "proportion" (binomial).
    """

    def __init__(self, kind: str) -> None:
        self.poisson = kind == "rate"

    @staticmethod
    def lengths(expected: FloatArray) -> FloatArray:
        """Give the number of possible counts of each cumulative sum, over all years (the rows)."""
        most = expected.cumsum(axis=1).max(axis=0)
        return np.asarray(np.ceil(most + 9 * np.sqrt(most) + 40))

    def exactly(self, events: FloatArray, size: FloatArray | float, rate: float) -> FloatArray:
        """Chance of exactly so many events; 0 for numbers that are not whole."""
        if self.poisson:
            mean = size * rate
            log = special.xlogy(events, mean) - mean - special.gammaln(events + 1)
        else:
            rest = np.maximum(size - events, 0)
            ways = special.gammaln(size + 1) - special.gammaln(events + 1) - special.gammaln(rest + 1)
            log = ways + special.xlogy(events, rate) + special.xlog1py(rest, -rate)
        whole = (events == np.floor(events)) & (events <= (np.inf if self.poisson else size))
        return np.where(whole, np.exp(log), 0.0)

    def above(self, events: FloatArray, size: FloatArray, rate: FloatArray) -> FloatArray:
        """Chance of more than `events`, a whole number."""
        if self.poisson:
            return np.asarray(special.gammainc(events + 1, size * rate))
        inside = special.betainc(events + 1, np.maximum(size - events, 1), rate)
        return np.where(events >= size, 0.0, inside)

    def below(self, events: FloatArray, size: FloatArray, rate: FloatArray) -> FloatArray:
        """Chance of fewer than `events`, a whole number."""
        some = np.maximum(events, 1)
        if self.poisson:
            inside = special.gammaincc(some, size * rate)
        else:
            inside = special.betaincc(some, np.maximum(size - some + 1, 1), rate)
            inside = np.where(events > size, 1.0, inside)
        return np.where(events <= 0, 0.0 * (size * rate), inside)


def fall_chances(expected: FloatArray, sizes: FloatArray) -> list[float]:
    """Chance that all nested rates fall in 1, 2, ... years running; a row of `expected` is a year's parts."""
    shape = tuple(int(length) for length in Counts.lengths(expected))
    places = np.indices(shape, sparse=True)
    steps = [place if axis == 0 else place - places[axis - 1] for axis, place in enumerate(places)]

    def of_year(parts: FloatArray) -> FloatArray:
        chance = np.ones(())
        for step, mean in zip(steps, parts, strict=True):
            count = np.maximum(step, 0)
            own = np.exp(special.xlogy(count, mean) - mean - special.gammaln(count + 1.0))
            chance = chance * np.where(step >= 0, own, 0.0)
        return chance

    found = []
    left = of_year(expected[0])
    for year in range(1, len(expected)):
        higher = left
        for axis, length in enumerate(shape):
            # Chance of this count or more, then of a count with a higher rate than each of the next year.
            higher = np.flip(np.flip(higher, axis).cumsum(axis), axis)
            least = np.floor(np.arange(length) * sizes[year - 1] / sizes[year]) + 1
            higher = np.take(higher, np.minimum(least, length - 1).astype(int), axis)
            within = np.expand_dims(least < length, [other for other in range(len(shape)) if other != axis])
            higher = np.where(within, higher, 0.0)
        left = of_year(expected[year]) * higher
        found.append(float(left.sum()))
    return found


def worst_chances(
    size: FloatArray, rate: FloatArray, changed: FloatArray, blamed: int, counts: Counts, *, highest: bool
) -> tuple[FloatArray, FloatArray]:
    """Chance of each district to be among the worst `blamed`, at `rate` and with its own rate `changed`."""
    nodes, weights = np.polynomial.legendre.leggauss((len(size) + 1) // 2)
    nodes, weights = (nodes + 1) / 2, weights / 2
    by_chance, found = np.empty(len(size)), np.empty(len(size))
    done: dict[tuple[float, float, float], int] = {}
    for place, own in enumerate(zip(size.tolist(), rate.tolist(), changed.tolist(), strict=True)):
        if own in done:
            by_chance[place], found[place] = by_chance[done[own]], found[done[own]]
            continue
        done[own] = place
        most = own[0] * max(own[1], own[2])
        top = most + 9 * np.sqrt(most) + 40
        events = np.arange(np.ceil(top if counts.poisson else min(top, own[0])) + 1)
        # fewer[w]: chance that exactly w others come before, for each count and each lot
        fewer = np.zeros((blamed, len(events), len(nodes)))
        fewer[0] = 1.0
        for other in range(len(size)):
            if other != place:
                equal = events * size[other] / own[0]
                level = np.floor(equal) if highest else np.ceil(equal)
                beyond = (counts.above if highest else counts.below)(level, size[other], rate[other])
                tied = counts.exactly(equal, size[other], float(rate[other]))
                before = (beyond[:, np.newaxis] + tied[:, np.newaxis] * nodes)[np.newaxis]
                moved = fewer * before
                fewer -= moved
                fewer[1:] += moved[:-1]
        chosen = fewer.sum(axis=0) @ weights
        by_chance[place] = (chosen * counts.exactly(events, own[0], own[1])).sum()
        found[place] = (chosen * counts.exactly(events, own[0], own[2])).sum()
    return by_chance, found
