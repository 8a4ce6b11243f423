"""Put what was computed for one series together as a `JoinpointFit`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mchepi.stats._validate import FloatArray, Mask
from mchepi.stats.joinpoint_regression.candidates import Rows
from mchepi.stats.joinpoint_regression.design import scaled
from mchepi.stats.joinpoint_regression.records import Analysis, Settings
from mchepi.stats.joinpoint_regression.result import JoinpointFit, tidy
from mchepi.stats.joinpoint_regression.series import SeriesData
from mchepi.stats.trend_judgment import FEWEST_EVENTS

NO_EVENTS = "no events"


def assemble(
    data: SeriesData,
    row: int,
    pattern: Mask,
    settings: Settings,
    number: int,
    coefficients: FloatArray,
    analysis: Analysis,
) -> JoinpointFit:
    """Make the fit of one series from the coefficients of the model chosen for it."""
    joinpoints = analysis.time[analysis.positions[number]]
    span = analysis.time[-1] - analysis.time[0]
    unit = (data.time - analysis.time[0]) / span
    knots = scaled(analysis.time)[analysis.positions[number]]
    slope, *bends = coefficients[-number - 1 :]
    fitted = coefficients[0] + slope * unit + np.maximum(unit - knots[:, np.newaxis], 0).T @ np.array(bends)
    if analysis.jump is not None:
        fitted += coefficients[1] * (data.time >= analysis.jump)
    fitted[(unit < 0) | (unit > 1)] = np.nan
    return JoinpointFit(
        number,
        tuple(tidy(joinpoints).tolist()),
        float(analysis.sse[number]),
        _as_given(data, np.exp(fitted) if settings.model == "log" else fitted),
        _note(
            data,
            row,
            pattern,
            _few_events(data, row),
            _limits_note(analysis.time, analysis.positions[number]),
        ),
        settings,
        analysis,
    )


def assemble_empty(
    data: SeriesData, row: int, pattern: Mask, settings: Settings, reason: str
) -> JoinpointFit:
    """Say of a series why it tells nothing: too short for a slope with limits, or without any event."""
    none = np.zeros(0)
    time, y, weight = data.time[pattern], data.y[row, pattern], data.weight[row, pattern]
    if reason == NO_EVENTS:
        y = np.where(data.zero[row, pattern], np.nan, y)  # half an event in each year was not observed
    analysis = Analysis(time, y, weight, 0.0, (), none, none, none, none, (), settings.jump)
    fitted = _as_given(data, np.full(len(data.time), np.nan))
    note = _note(data, row, pattern, reason, zeros=reason != NO_EVENTS)
    return JoinpointFit(0, (), np.nan, fitted, note, settings, analysis)


def _as_given(data: SeriesData, fitted: FloatArray) -> Any:
    """Put the fitted values into the order of the years given, with their index if they had one."""
    given = np.empty_like(fitted)
    given[data.order] = fitted
    if not data.single or data.index is None:
        return given
    import pandas as pd

    return pd.Series(given, index=data.index, name="fitted")


def _limits_note(time: FloatArray, positions: Rows) -> str:
    """Say which standard errors of slopes cannot be had."""
    inside = np.diff([-1, *positions, len(time)]) - 1
    if not np.maximum(inside - 2, 0).sum():
        return "no degrees of freedom left: limits undefined"
    bounds = time[[0, *positions, -1]]
    short = [f"{bounds[nth]:.15g} to {bounds[nth + 1]:.15g}" for nth in np.flatnonzero(inside < 2)]
    if not short:
        return ""
    return f"fewer than two observations off the joinpoints, no limits: {', '.join(short)}"


def _few_events(data: SeriesData, row: int) -> str:
    """Say where the 0.5 that stands for a zero counts for as much as what was observed."""
    counted, zeros = data.counted[row], data.zero[row].sum()
    if not zeros or (counted >= FEWEST_EVENTS and counted > zeros):
        return ""
    return (
        f"only {counted:g} event{'' if counted == 1 else 's'} in all: the 0.5 for zeros makes the trend, "
        "use annual_percent_change or pool"
    )


def _note(data: SeriesData, row: int, pattern: Mask, *others: str, zeros: bool = True) -> str | None:
    def years(mask: Any) -> str:
        return ", ".join(f"{year:.15g}" for year in data.time[mask])

    missing = "" if pattern.all() else f"years left out: {years(~pattern)}"
    zero = f"zero counts taken as 0.5: {years(data.zero[row])}" if zeros and data.zero[row].any() else ""
    return "; ".join(part for part in (missing, zero, *others) if part) or None
