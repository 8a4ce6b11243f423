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
    return _read("total", exposed_events, exposed_total, unexposed_events, unexposed_total)


def read_person_time(
    exposed_events: Any, exposed_person_time: Any, unexposed_events: Any, unexposed_person_time: Any
) -> tuple[Groups, Layout, Reasons]:
    """Read events over person-time; missing in all four where one is missing or a group has no time."""
    return _read("person_time", exposed_events, exposed_person_time, unexposed_events, unexposed_person_time)


def _read(size: str, *given: Any) -> tuple[Groups, Layout, Reasons]:
    names = [f"{group}_{what}" for group in ("exposed", "unexposed") for what in ("events", size)]
    arrays, layout = align(**dict(zip(names, given, strict=True)))
    for name, array in zip(names, arrays, strict=True):
        if name.endswith("person_time"):
            check_amounts(name, array, layout)
        else:
            check_counts(name, array, layout, of="persons" if name.endswith("total") else "events")
    if size == "total":
        for place in (0, 2):
            check_part(names[place], arrays[place], names[place + 1], arrays[place + 1], layout)
    reasons: Reasons = [
        (np.isnan(array), f"missing: {name}") for name, array in zip(names, arrays, strict=True)
    ]
    empty = (arrays[1] == 0) | (arrays[3] == 0)
    reasons.append((empty, "denominator zero"))
    unknown = empty | np.isnan(sum(arrays))
    first, first_size, second, second_size = (np.where(unknown, np.nan, array) for array in arrays)
    return (first, first_size, second, second_size), layout, reasons
