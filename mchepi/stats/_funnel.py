"""Counts around a reference: what chance alone gives, for the funnel and for what lies outside of it.

First what reads the arguments; the rest takes numbers already checked, and a reference per one person, birth
or expected event.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_level,
    check_part,
    check_positive,
    refuse_where,
)

KINDS = ("proportion", "rate", "ratio")
_TINY = 1e-300  # stands for 0 where a shape must be above 0
_ALMOST_ONE = 1 - 2**-53


def check_reference(reference: Any, kind: str, per: float) -> float:
    """Read the reference as a number per one; a proportion lies below 1."""
    check_choice("kind", kind, KINDS)
    given = check_positive("reference", reference)
    if kind == "proportion" and given >= per:
        raise ValueError(
            f"`reference` must be below `per` ({per:g}) for a proportion; got {given:.15g}. "
            "Write 2 % as 0.02, or as 2 with per=100."
        )
    return given / per


@dataclass(frozen=True)
class Center:
    """What a funnel stands on: the reference, per one, its levels, and the allowance for overdispersion."""

    kind: str
    reference: float
    levels: list[float]
    dispersion: float
    between_variance: float

    def effective_size(self, size: FloatArray) -> FloatArray:
        """Give the size at which chance alone scatters as much as chance and overdispersion do at `size`."""
        one = self.reference * (1 - self.reference) if self.kind == "proportion" else self.reference
        return size / (self.dispersion + self.between_variance * size / one)


def read_center(
    reference: Any, kind: str, levels: Any, per: float, dispersion: Any = 1, between_variance: Any = 0
) -> Center:
    """Read what a funnel stands on, each level between 0 and 1."""
    one = check_reference(reference, kind, per)
    several = levels if np.ndim(levels) else [levels]
    read = [check_level(level, "levels") for level in several]
    return Center(kind, one, read, *_check_dispersion(dispersion, between_variance, per))


def _check_dispersion(dispersion: Any, between_variance: Any, per: float) -> tuple[float, float]:
    """Read the two ways to allow for overdispersion, of which one may be given; the variance per one."""
    factor = check_positive("dispersion", dispersion)
    if factor < 1:
        raise ValueError(
            f"`dispersion` must be 1 or more; got {factor:.15g}. "
            "Areas that vary less than by chance are no reason for narrower limits: use 1."
        )
    if between_variance == 0:
        return factor, 0.0
    variance = check_positive("between_variance", between_variance)
    if factor > 1:
        raise ValueError(
            "`dispersion` and `between_variance` must not both be given; "
            f"got {factor:.15g} and {variance:.15g}. Choose one of the two."
        )
    return factor, variance / per**2


def read_areas(events: Any, size: Any, kind: str) -> tuple[FloatArray, FloatArray, Layout]:
    """Read one count and one size an area; a list of areas, not a table."""
    (events, size), layout = align(events=events, size=size)
    if len(layout.shape) > 1:
        raise ValueError(f"`events` must be one number an area; got shape {layout.shape}. Pass one period.")
    check_counts("events", events, layout)
    if kind == "proportion":
        check_counts("size", size, layout, of="persons")
        check_part("events", events, "size", size, layout)
    else:
        check_amounts("size", size, layout)
        refuse_where(
            (events > 0) & (size == 0),
            "events",
            "0 where `size` is 0",
            events,
            layout,
            "Correct the counts or give the size.",
        )
    shape = layout.shape or (1,)
    events, size = (np.broadcast_to(values, shape) for values in (events, size))
    return events, size, Layout(shape, layout.index)


def at_most(events: FloatArray, size: FloatArray, reference: float, kind: str) -> FloatArray:
    """Chance of at most so many events, continued smoothly between whole numbers."""
    if kind != "proportion":
        return np.asarray(special.gammaincc(events + 1, size * reference))
    chance = special.betaincc(events + 1, np.maximum(size - events, _TINY), reference)
    return np.where(events >= size, 1.0, chance)


def at_least(events: FloatArray, size: FloatArray, reference: float, kind: str) -> FloatArray:
    """Chance of at least so many events, continued smoothly between whole numbers."""
    some = np.maximum(events, _TINY)
    if kind != "proportion":
        chance = special.gammainc(some, size * reference)
    else:
        chance = special.betainc(some, size - events + 1, reference)
    return np.where(events <= 0, 1.0, chance)


def exact_counts(
    size: FloatArray, reference: float, kind: str, tail: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Counts (not whole) from which on the lower and the upper tail are below `tail`.

    Where not even the fewest or the most events are that unlikely, the fewest (0) or the most (`size`).
    """
    expected = size * reference
    none = np.zeros(expected.shape)
    none_is_likely = at_most(none, size, reference, kind) >= tail
    low = np.where(none_is_likely, np.nan, none)
    lower = _where(at_most, low, expected, tail, size, reference, kind)
    # Chernoff's bound: no count beyond it is that likely.
    log_tail = -np.log(tail)
    most = expected + log_tail / 3 + np.sqrt(log_tail**2 / 9 + 2 * log_tail * expected) + 1
    all_are_likely = np.zeros(expected.shape, dtype=bool)
    if kind == "proportion":
        most = np.minimum(most, size)
        all_are_likely = at_least(size, size, reference, kind) >= tail
    low = np.where(all_are_likely, np.nan, expected)
    upper = _where(at_least, low, most, tail, size, reference, kind)
    return np.where(none_is_likely, 0.0, lower), np.where(all_are_likely, size, upper)


def normal_counts(
    size: FloatArray, reference: float, kind: str, tail: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The normal form: reference -+ z standard errors, within [0, 1], as counts."""
    reach = -special.ndtri(tail) * np.sqrt(reference * (1 - reference) / size)
    return size * np.maximum(reference - reach, 0), size * np.minimum(reference + reach, 1)


def _where(
    chance: Callable[..., FloatArray],
    low: FloatArray,
    high: FloatArray,
    tail: FloatArray,
    size: FloatArray,
    reference: float,
    kind: str,
) -> FloatArray:
    """The count between low and high whose chance is `tail`; NaN where those are NaN."""
    from scipy.optimize.elementwise import find_root

    def distance(count: FloatArray, size: FloatArray, z: FloatArray) -> Any:
        # On the normal scale the chance is nearly a straight line in the count: few steps.
        return special.ndtri(np.minimum(chance(count, size, reference, kind), _ALMOST_ONE)) - z

    return np.asarray(find_root(distance, (low, high), args=(size, special.ndtri(tail))).x)


METHODS: dict[str, Sequence[str]] = {
    "proportion": ("exact", "phe"),
    "rate": ("exact",),
    "ratio": ("exact",),
}
COUNTS: dict[str, Callable[..., tuple[FloatArray, FloatArray]]] = {
    "exact": exact_counts,
    "phe": normal_counts,
}
