"""A register in the making: each count beside what it would be on average, in truth and as written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from mchepi.simulate._draws import Counts, Draws, Values
from mchepi.simulate.planted import Planted

# Levels are stated for these two years and follow a straight line (logit or log) through them.
FIRST, LAST = 2015, 2024


class Step(NamedTuple):
    """Persons who pass one step: how likely in 2015 and in 2024, and how far districts differ.

    `spread` is the standard deviation between districts on the logit scale; steps with the same `effect`
    share one deviation a district. With `including`, those counted there have passed already and the
    probability is that of the others. `counted` names a quantity of planted.py that changes what is written
    down, not what is true.
    """

    column: str
    of: str
    first: float
    last: float
    spread: float = 0.0
    including: str = ""
    effect: str = ""
    counted: str = ""


class Entry(NamedTuple):
    """One column: its counts, and their means in truth and as written down (districts × years each)."""

    counts: Counts
    true_mean: Values
    shown_mean: Values


@dataclass(frozen=True)
class Register:
    """The columns entered so far.

    The means are unconditional: the mean of a numerator over that of its denominator is the rate behind the
    counts. A name with a space in it is a working quantity, not handed out.
    """

    draws: Draws
    planted: Planted
    births_2015: Values
    spread: float
    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def elapsed(self) -> Values:
        """Years since 2015, in the shape (1, years)."""
        years = np.arange(self.draws.first_year, self.draws.last_year + 1, dtype=float)
        return (years - FIRST)[None, :]

    def deviation(self, name: str, spread: float) -> Values:
        """Draw how far each district lies from the region, in the shape (districts, 1)."""
        return self.spread * spread * self.draws.district_normal(name)

    def every_year(self, value: Values | float) -> Values:
        """Spread a value over all districts and years."""
        return np.broadcast_to(np.asarray(value, dtype=float), (self.draws.districts, self.elapsed.size))

    def add(self, column: str, counts: Counts, true_mean: Values, shown_mean: Values | None = None) -> None:
        """Enter a column."""
        if column in self.entries:
            raise ValueError(f"`column` must be new; got {column} a second time. Give it another name.")
        self.entries[column] = Entry(counts, true_mean, true_mean if shown_mean is None else shown_mean)

    def planned(self, column: str, value: Values) -> Values:
        """Enter a planning number, whole and not subject to chance, and give it back."""
        whole = np.rint(value)
        self.add(column, whole.astype(np.int64), whole)
        return whole

    def poisson(self, column: str, mean: Values) -> None:
        """Enter a count of this mean."""
        self.add(column, self.draws.poisson(column, mean), mean)

    def total(self, column: str, *parts: str, times: int = 1) -> None:
        """Enter the sum of other columns (`times` for couples to persons)."""
        counts, true_mean, shown_mean = self._summed(parts)
        self.add(column, times * counts, times * true_mean, times * shown_mean)

    def rest(self, column: str, whole: str, *parts: str) -> None:
        """Enter what is left of `whole` without these parts of it."""
        of, taken = self.entries[whole], self._summed(parts)
        self.add(
            column,
            of.counts - taken.counts,
            of.true_mean - taken.true_mean,
            of.shown_mean - taken.shown_mean,
        )

    def passed(
        self,
        column: str,
        of: str,
        probability: Values | float,
        *,
        shown: Values | None = None,
        including: str = "",
    ) -> None:
        """Enter those of a column who pass a step: a binomial count; `shown` is the chance written down."""
        true = self.every_year(probability)
        seen = true if shown is None else shown
        whole, already = self.entries[of], self._summed((including,) if including else ())
        counts = already.counts + self.draws.binomial(column, whole.counts - already.counts, seen)
        true_mean = already.true_mean + (whole.true_mean - already.true_mean) * true
        shown_mean = already.shown_mean + (whole.shown_mean - already.shown_mean) * seen
        self.add(column, counts, true_mean, shown_mean)

    def take(self, steps: Sequence[Step]) -> None:
        """Enter a list of steps in turn."""
        for step in steps:
            probability = self.planted.apply(step.column, self.path(step))
            shown = self.planted.apply(step.counted, probability) if step.counted else None
            self.passed(step.column, step.of, probability, shown=shown, including=step.including)

    def path(self, step: Step) -> Values:
        """Give the probability of a step by district and year, without what is planted."""
        slope = (logit(step.last) - logit(step.first)) / (LAST - FIRST)
        level = logit(step.first) + self.deviation(f"{step.effect or step.column} level", step.spread)
        return np.asarray(expit(level + slope * self.elapsed))

    def _summed(self, parts: Sequence[str]) -> Entry:
        shape = (self.draws.districts, self.elapsed.size)
        counts, true_mean, shown_mean = np.zeros(shape, dtype=np.int64), np.zeros(shape), np.zeros(shape)
        for part in parts:
            entry = self.entries[part]
            counts = counts + entry.counts
            true_mean = true_mean + entry.true_mean
            shown_mean = shown_mean + entry.shown_mean
        return Entry(counts, true_mean, shown_mean)
