"""Reading two groups, exposed and unexposed, for the functions that compare them."""

from __future__ import annotations

from typing import Any

import numpy as np

from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_amounts,
    check_counts,
    check_part,
)

Groups = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
Reasons = list[tuple[Any, str]]


def read_persons(
    exposed_events: Any, exposed_total: Any, unexposed_events: Any, unexposed_total: Any
) -> tuple[Groups, Layout, Reasons]:
    """Read events among persons; missing in all four where one number is missing or a group is empty."""
    given = {
        "exposed_events": exposed_events,
        "exposed_total": exposed_total,
        "unexposed_events": unexposed_events,
        "unexposed_total": unexposed_total,
    }
    arrays, layout = align(**given)
    for name, array in zip(given, arrays, strict=True):
        check_counts(name, array, layout, of="events" if name.endswith("events") else "persons")
    check_part("exposed_events", arrays[0], "exposed_total", arrays[1], layout)
    check_part("unexposed_events", arrays[2], "unexposed_total", arrays[3], layout)
    return _known(list(given), arrays, layout)


def read_person_time(
    exposed_events: Any, exposed_person_time: Any, unexposed_events: Any, unexposed_person_time: Any
) -> tuple[Groups, Layout, Reasons]:
    """Read events over person-time; missing in all four where one is missing or a group has no time."""
    given = {
        "exposed_events": exposed_events,
        "exposed_person_time": exposed_person_time,
        "unexposed_events": unexposed_events,
        "unexposed_person_time": unexposed_person_time,
    }
    arrays, layout = align(**given)
    for name, array in zip(given, arrays, strict=True):
        if name.endswith("events"):
            check_counts(name, array, layout)
        else:
            check_amounts(name, array, layout)
    return _known(list(given), arrays, layout)


def _known(names: list[str], arrays: list[FloatArray], layout: Layout) -> tuple[Groups, Layout, Reasons]:
    reasons: Reasons = [
        (np.isnan(array), f"missing: {name}") for name, array in zip(names, arrays, strict=True)
    ]
    empty = (arrays[1] == 0) | (arrays[3] == 0)
    reasons.append((empty, "denominator zero"))
    unknown = empty | np.isnan(sum(arrays))
    events, size, reference_events, reference_size = (np.where(unknown, np.nan, array) for array in arrays)
    return (events, size, reference_events, reference_size), layout, reasons
