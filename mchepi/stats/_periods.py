"""Reading a series: the events of each period and what is expected of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mchepi.stats._validate import FloatArray, Layout, align, check_counts, refuse_where


def read_periods(events: Any, expected: Any) -> tuple[FloatArray, FloatArray, Layout]:
    """Read one count a period, none missing, and the events expected in each, above 0."""
    (counts, means), layout = align(events=events, expected=expected)
    if len(layout.shape) != 1 or not layout.shape[0]:
        raise ValueError(
            f"`events` must be one number a period; got shape {layout.shape}. Pass the series of one area."
        )
    check_counts("events", counts, layout)
    refuse_where(np.isnan(counts), "events", "known", counts, layout, "Begin after the gap, or fill it.")
    good = (means > 0) & (means < np.inf)
    refuse_where(~good, "expected", "a number above 0", means, layout, "Give births times a known rate.")
    counts, means = (np.broadcast_to(values, layout.shape) for values in (counts, means))
    return counts, means, layout
