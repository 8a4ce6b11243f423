"""One proportion, and one rate of events per person-time, with confidence limits."""

from __future__ import annotations

from typing import Any

import numpy as np

from mchepi.stats._estimate import Estimate
from mchepi.stats._validate import (
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_level,
    check_part,
    check_positive,
)
from mchepi.stats.intervals import COUNT_LIMITS, PROPORTION_LIMITS, count_limits, proportion_limits


def proportion(
    events: Any, total: Any, *, per: float = 1, method: str = "wilson", confidence_level: float = 0.95
) -> Estimate:
    """TODO"""
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, list(PROPORTION_LIMITS))
    (events, total), layout = align(events=events, total=total)
    check_counts("events", events, layout)
    check_counts("total", total, layout, of="persons")
    check_part("events", events, "total", total, layout)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = events / total
    lower, upper = proportion_limits(events, total, method, level)
    return Estimate(
        layout.restore(value * per, "value"),
        layout.restore(lower * per, "lower"),
        layout.restore(upper * per, "upper"),
        method=method,
        confidence_level=level,
        per=per,
        note=layout.notes(
            [
                (np.isnan(events), "missing: events"),
                (np.isnan(total), "missing: total"),
                (total == 0, "denominator zero"),
            ]
        ),
    )


def rate(
    events: Any, person_time: Any, *, per: float = 1, method: str = "exact", confidence_level: float = 0.95
) -> Estimate:
    """TODO"""
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, list(COUNT_LIMITS))
    (events, person_time), layout = align(events=events, person_time=person_time)
    check_counts("events", events, layout)
    check_amounts("person_time", person_time, layout)
    time = person_time if np.all(person_time > 0) else np.where(person_time > 0, person_time, np.nan)
    lower, upper = count_limits(events, method, level)
    return Estimate(
        layout.restore(events / time * per, "value"),
        layout.restore(lower / time * per, "lower"),
        layout.restore(upper / time * per, "upper"),
        method=method,
        confidence_level=level,
        per=per,
        note=layout.notes(
            [
                (np.isnan(events), "missing: events"),
                (np.isnan(person_time), "missing: person_time"),
                (person_time == 0, "denominator zero"),
            ]
        ),
    )
