"""What all trends share: reading series over periods, and gathering what each series gave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from mchepi.stats._estimate import Estimate
from mchepi.stats._percent_change import Change
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    Mask,
    check_amounts,
    refuse_where,
)

ALTERNATIVES = ("two-sided", "increasing", "decreasing")
Result = TypeVar("Result")


def require_series(name: str, layout: Layout) -> None:
    """Require more than a single number."""
    if not layout.shape:
        raise ValueError(f"`{name}` must be one number a period; got a single number. Pass the whole series.")


def check_years(year: FloatArray, layout: Layout) -> None:
    """Require that every period has its year."""
    refuse_where(~np.isfinite(year), "year", "a number", year, layout, "Give every period its year.")


def check_single_years(year: FloatArray) -> None:
    """Require that no series holds a year twice."""
    if np.any(np.diff(np.sort(year, axis=-1), axis=-1) == 0):
        raise ValueError("`year` must name each year once; got a year twice. Put its rows together first.")


def check_person_time(events: FloatArray, person_time: FloatArray, layout: Layout) -> None:
    """Require person-time of 0 or more, and more than 0 where there are events."""
    check_amounts("person_time", person_time, layout)
    refuse_where(
        (events > 0) & (person_time == 0),
        "events",
        "0 where `person_time` is 0",
        events,
        layout,
        "Correct the counts or give the person-time.",
    )


def left_out(year: FloatArray, known: Mask) -> list[str]:
    """Name the years that have no number."""
    if known.all():
        return []
    return ["years left out: " + ", ".join(f"{left:.15g}" for left in np.unique(year[~known]))]


def each_series(function: Callable[..., Result], layout: Layout, *arrays: FloatArray) -> list[Result]:
    """Call the function with each series; the last axis is the periods."""
    arrays = np.broadcast_arrays(*arrays)
    return [function(*(array[row] for array in arrays)) for row in np.ndindex(layout.shape[:-1])]


def gather(results: Sequence[Any], name: str, layout: Layout) -> Any:
    """Give one field of the results in the shape of the series."""
    result = Layout(layout.shape[:-1])
    return result.restore(np.reshape([getattr(one, name) for one in results], result.shape))


def gather_words(results: Sequence[Any], name: str, layout: Layout) -> Any:
    """Give one field of words of the results in the shape of the series."""
    result = Layout(layout.shape[:-1])
    words = np.array([getattr(one, name) for one in results], dtype=object)
    return result.restore(np.reshape(words, result.shape))


def estimate_of_changes(changes: Sequence[Change], layout: Layout, method: str, level: float) -> Estimate:
    """Put the changes of all series together."""
    return Estimate(
        gather(changes, "value", layout),
        gather(changes, "lower", layout),
        gather(changes, "upper", layout),
        method=method,
        confidence_level=level,
        p_value=gather(changes, "p_value", layout),
        note=gather_words(changes, "note", layout) if any(change.note for change in changes) else None,
    )
