"""A jump of the level at a known date: reading it, and its limits as the Joinpoint program computes them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from mchepi.stats._validate import FloatArray, Mask
from mchepi.stats.joinpoint_regression.candidates import Rows
from mchepi.stats.joinpoint_regression.design import fit_exactly
from mchepi.stats.joinpoint_regression.records import Analysis, Settings
from mchepi.stats.joinpoint_regression.series import SeriesData


def read_jump(jump: Any, between: int, end: int) -> float | None:
    """Require a year, and joinpoints far enough from each other to tell a jump from a slope."""
    if jump is None:
        return None
    try:
        year = float(jump)
    except (TypeError, ValueError):
        year = np.nan
    if not np.isfinite(year):
        raise ValueError(f"`jump` must be a year; got {jump!r}. Give the first year of the new level.")
    if between < 1 or end < 2:
        raise ValueError(
            "`min_observations_between` must be 1 or more and `min_observations_end` 2 or more with `jump`; "
            f"got {between} and {end}. Otherwise a jump cannot be told from a slope."
        )
    return year


def require_jump_inside(data: SeriesData, series: Rows, pattern: Mask, settings: Settings) -> None:
    """Require observed years on both sides of the jump, where there are enough of them at all."""
    time = data.time[pattern]
    if settings.jump is None or len(time) < settings.fewest or time[0] < settings.jump <= time[-1]:
        return
    raise ValueError(
        f"`jump` must lie behind the first and not behind the last observed year, {time[0]:.15g} to "
        f"{time[-1]:.15g}; got {settings.jump:.15g}{data.name(int(series[0]))}. "
        "Give the first year of the new level, or leave it out."
    )


def jump_with_error(analysis: Analysis, positions: Rows, jump: float) -> tuple[float, float, int]:
    """Give the jump on the scale of the model, its standard error and its degrees of freedom.

    The jump is that of the continuous fit. If it falls inside a segment, its standard error comes, like that
    of the slopes, from straight lines of their own for all segments without the observations on joinpoints,
    with the step in that one: d = observations left - 2 (joinpoints + 1) - 1. Next to a joinpoint it comes
    from the continuous fit with s² = SSE / (n - 2 (joinpoints + 1)), and d does not count the jump.
    """
    time, y, weight = analysis.time, analysis.y, analysis.weight
    fit = fit_exactly(analysis.design, positions[np.newaxis])
    value = float(fit.coefficients[0, 1])
    after = time >= jump
    lost = 2 * (len(positions) + 1)
    df = max(len(time) - len(positions) - lost, 0)
    sse, error = 0.0, None
    for left, right in pairwise([-1, *positions, len(time)]):
        part = slice(left + 1, right)
        inside = after[part]
        split = 0 < inside.sum() < len(inside) and len(inside) > 2
        own, unscaled = _line(time[part], y[part], weight[part], inside if split else None)
        sse += own
        error = unscaled if split else error
    if error is None:
        return value, _continuous_error(analysis, positions, float(fit.sse[0]), lost), df
    return value, float(np.sqrt(sse / (df - 1) * error)) if df > 1 else np.nan, max(df - 1, 0)


def _continuous_error(analysis: Analysis, positions: Rows, sse: float, lost: int) -> float:
    design = analysis.design
    columns = np.concatenate([design.base[0], design.hinges[0, positions]]).T
    freedom = len(analysis.time) - lost
    if freedom <= 0:
        return np.nan
    return float(np.sqrt(sse / freedom * np.linalg.inv(columns.T @ columns)[1, 1]))


def _line(time: FloatArray, y: FloatArray, weight: FloatArray, step: Mask | None) -> tuple[float, float]:
    """Give the SSE of a line of its own and, with a step, the unscaled variance of the step."""
    root = np.sqrt(weight)
    columns = [np.ones(len(time)), time - time.mean() if len(time) else time]
    if step is not None:
        columns.append(step.astype(float))
    scaled = np.stack(columns, axis=1) * root[:, np.newaxis]
    found = np.linalg.lstsq(scaled, root * y, rcond=None)[0]
    sse = float(((root * y - scaled @ found) ** 2).sum())
    return sse, float(np.linalg.inv(scaled.T @ scaled)[2, 2]) if step is not None else np.nan
