"""A register in the making: each count beside what it would be on average, in truth and as written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from ._draws import Counts, Draws, Values
from .planted import Planted

# Levels of the generator are stated for these two years and follow a straight logit (or log) line through them.
FIRST, LAST = 2015, 2024


class Step(NamedTuple):
    """Persons who pass one step: how likely in 2015 and in 2024, and how far districts differ.

    `spread` is the standard deviation between districts on the logit scale; steps with the same `effect` share one
    deviation a district. With `including`, those counted there have passed already and the probability is that of the
    others. `counted` names a quantity of planted.py that changes what is written down, not what is true.
    """

    column: str
    of: str
    first: float
    last: float
    spread: float = 0.0
    including: str = ""
    effect: str = ""
    counted: str = ""


@dataclass(frozen=True)
class Register:
    """Counts by column in the shape (districts, years), with their means in truth and as written down.

    The means are unconditional: the mean of a numerator over that of its denominator is the rate behind the counts.
    """

    draws: Draws
    planted: Planted
    births_2015: Values
    spread: float
    counts: dict[str, Counts] = field(default_factory=dict)
    true_mean: dict[str, Values] = field(default_factory=dict)
    shown_mean: dict[str, Values] = field(default_factory=dict)

    @property
    def elapsed(self) -> Values:
        """Years since 2015, in the shape (1, years)."""
        years = np.arange(self.draws.first_year, self.draws.last_year + 1, dtype=float)
        return (years - FIRST)[None, :]

    def add(self, column: str, counts: Counts, true_mean: Values, shown_mean: Values | None = None) -> None:
        """Enter a column."""
        if column in self.counts:
            raise ValueError(f"column {column} is entered twice")
        self.counts[column] = counts
        self.true_mean[column] = true_mean
        self.shown_mean[column] = true_mean if shown_mean is None else shown_mean

    def planned(self, column: str, value: Values) -> None:
        """Enter a planning number: whole, and not subject to chance."""
        whole = np.rint(value)
        self.add(column, whole.astype(np.int64), whole)

    def poisson(self, column: str, mean: Values) -> None:
        """Enter a count of this mean."""
        self.add(column, self.draws.poisson(column, mean), mean)

    def total(self, column: str, *parts: str, times: int = 1) -> None:
        """Enter the sum of other columns (`times` for couples to persons)."""
        kinds = (self.counts, self.true_mean, self.shown_mean)
        counts, true_mean, shown_mean = (times * sum(kind[part] for part in parts) for kind in kinds)
        self.add(column, counts, true_mean, shown_mean)

    def rest(self, column: str, whole: str, *parts: str) -> None:
        """Enter what is left of `whole` without these parts of it."""
        kinds = (self.counts, self.true_mean, self.shown_mean)
        counts, true_mean, shown_mean = (kind[whole] - sum(kind[part] for part in parts) for kind in kinds)
        self.add(column, counts, true_mean, shown_mean)

    def passed(
        self, column: str, of: str, probability: Values, *, shown: Values | None = None, including: str = ""
    ) -> None:
        """Enter those of a column who pass a step: a binomial count."""
        shown = probability if shown is None else shown
        before = self.counts[including] if including else np.zeros_like(self.counts[of])
        counts = before + self.draws.binomial(column, self.counts[of] - before, shown)
        means = []
        for mean, chance in ((self.true_mean, probability), (self.shown_mean, shown)):
            already = mean[including] if including else 0.0
            means.append(already + (mean[of] - already) * chance)
        self.add(column, counts, *means)

    def take(self, steps: tuple[Step, ...]) -> None:
        """Enter a list of steps in turn."""
        for step in steps:
            probability = self.planted.apply(step.column, self.path(step))
            shown = self.planted.apply(step.counted, probability) if step.counted else None
            self.passed(step.column, step.of, probability, shown=shown, including=step.including)

    def path(self, step: Step) -> Values:
        """The probability of a step by district and year, without what is planted."""
        slope = (logit(step.last) - logit(step.first)) / (LAST - FIRST)
        level = logit(step.first) + self.spread * step.spread * self.draws.district_normal(f"{step.effect or step.column} level")
        return np.asarray(expit(level + slope * self.elapsed))
