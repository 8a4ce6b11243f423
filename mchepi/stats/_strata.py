"""Reading strata (age groups) along the last axis, and a standard population joined to them by label."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from mchepi.stats._validate import FloatArray, Layout, Mask, align, check_amounts, refuse_where

Reasons = list[tuple[Any, str]]


def read_strata(**given: Any) -> tuple[list[FloatArray], Layout, Reasons]:
    """Read arguments of one common shape whose last axis is the strata.

    The reasons say which argument has missing numbers in which set of strata.
    """
    arrays, layout = align(**given)
    if not layout.shape:
        name = next(iter(given))
        raise ValueError(f"`{name}` must be one number a stratum; got a single number. Pass all strata.")
    arrays = [np.broadcast_to(array, layout.shape) for array in arrays]
    missing: Reasons = [
        (np.isnan(array).any(axis=-1), f"missing: {name}") for name, array in zip(given, arrays, strict=True)
    ]
    return arrays, layout, missing


def without_strata(layout: Layout) -> Layout:
    """Give the layout of what is left when the strata are summed."""
    return Layout(layout.shape[:-1])


def join_standard(standard_population: Any, events: Any) -> Any:
    """Put a standard population that carries labels into the order of the strata; never by position."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(standard_population, pandas.Series):
        return standard_population
    if not isinstance(events, pandas.Series):
        raise ValueError(
            "`standard_population` must be without labels where `events` has none; got a Series. Give "
            "`events` as a Series with the same labels, or standard_population.to_numpy() if the order is "
            "the same."
        )
    twice = standard_population.index[standard_population.index.duplicated()]
    if len(twice):
        raise ValueError(
            f"`standard_population` must have each label once; got {twice[0]!r} more than once. "
            "Add those rows up."
        )
    for here, there, which, where in (
        (events.index, standard_population.index, "standard_population", "events"),
        (standard_population.index, events.index, "events", "standard_population"),
    ):
        lacking = here.difference(there)
        if len(lacking):
            shown = ", ".join(repr(label) for label in lacking[:3])
            more = f" (first three of {len(lacking)})" if len(lacking) > 3 else ""
            raise ValueError(
                f"`{which}` must have the labels of `{where}`; got none for {shown}{more}. "
                "Bring both to the same groups (standard_population's own loader merges age groups)."
            )
    return standard_population.reindex(events.index)


def check_person_time(
    name: str, events: FloatArray, time_name: str, time: FloatArray, layout: Layout
) -> None:
    """Require person-time, 0 or more, and no events where there is none."""
    check_amounts(time_name, time, layout)
    rule, fix = f"0 where `{time_name}` is 0", "Correct the counts or give the person-time."
    refuse_where((events > 0) & (time == 0), name, rule, events, layout, fix)


def empty_strata(size: FloatArray, weight: FloatArray, what: str) -> tuple[Mask, Reasons]:
    """Where there is nothing to standardize, and how much of the standard lies in strata without anybody.

    `size` is the persons or person-time of the strata, `weight` their share in the standard (all 0 if that is
    empty).
    """
    zero = (size == 0).all(axis=-1) | (weight == 0).all(axis=-1)
    apart = ((size == 0) | (weight == 0)).all(axis=-1) & ~zero
    share = np.where(size == 0, weight, 0).sum(axis=-1)
    percent = np.where((share > 0) & ~zero & ~apart, np.clip(np.round(100 * share, 1), 0.1, 99.9), 0)
    percent = np.where(apart, 100, percent)
    shares = [
        (percent == one, f"no {what} in strata with {one:.3g} % of the standard")
        for one in np.unique(percent[percent > 0])
    ]
    return np.asarray(zero | apart), [(zero, "denominator zero"), *shares]
