"""The course of an indicator over the years: its trend, by which model, and where it breaks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mchepi.stats import TrendBreak, annual_percent_change, dispersion_about_trend, trend_break
from mchepi.stats._validate import FloatArray

OVERDISPERSED = 0.05
"""A trend is quasi-Poisson where the test of dispersion has a smaller p-value than this, else Poisson."""

FEWEST_PERIODS = 3

COURSE: dict[str, Any] = {
    "annual_percent_change": np.nan,
    "apc_lower": np.nan,
    "apc_upper": np.nan,
    "trend_model": "",
    "dispersion": np.nan,
    "dispersion_p_value": np.nan,
    "break_kind": "",
    "break_year": np.nan,
    "break_ratio": np.nan,
    "break_lower": np.nan,
    "break_upper": np.nan,
    "break_p_value": np.nan,
}
"""The columns that tell the course of a series, each with what it holds where nothing can be told."""


def course(known: pd.DataFrame, length: int, level: float) -> pd.DataFrame:
    """Tell the course of every series.

    Parameters
    ----------
    known : DataFrame
        Rows of `compute` with a value: `_series` (its number), year, year_end, numerator, denominator.
    length : int
        How many series there are.
    level : float
        Level of the limits.

    Returns
    -------
    DataFrame
        A row a series with the columns of COURSE. Series of fewer than three periods tell nothing.
    """
    told = {name: [nothing] * length for name, nothing in COURSE.items()}
    # A row of several years stands at their middle.
    placed = known.assign(_middle=(known["year"] + known["year_end"]) / 2)
    for place, rows in placed.groupby("_series"):
        if rows["_middle"].nunique() < FEWEST_PERIODS:
            continue
        year, events, total = (
            rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
            for name in ("_middle", "numerator", "denominator")
        )
        for name, found in _of_one(year, events, total, level).items():
            told[name][int(str(place))] = found
    frame = pd.DataFrame(told)
    return frame.assign(break_year=frame["break_year"].round().astype("Int64"))


def _of_one(year: FloatArray, events: FloatArray, total: FloatArray, level: float) -> dict[str, Any]:
    scatter = dispersion_about_trend(year, events, total)
    model = "quasi_poisson" if scatter.p_value < OVERDISPERSED else "poisson"
    trend = annual_percent_change(year, events, total, model=model, confidence_level=level)
    broken = trend_break(year, events, total, confidence_level=level)
    return {
        "annual_percent_change": trend.value,
        "apc_lower": trend.lower,
        "apc_upper": trend.upper,
        "trend_model": model if np.isfinite(trend.value) else "",
        "dispersion": scatter.statistic,
        "dispersion_p_value": scatter.p_value,
        **_named(broken),
    }


def _named(broken: TrendBreak) -> dict[str, Any]:
    """The break of a series that shows one."""
    if not broken.kind:
        return {}
    return {
        "break_kind": broken.kind,
        "break_year": broken.year,
        "break_ratio": broken.ratio,
        "break_lower": broken.lower,
        "break_upper": broken.upper,
        "break_p_value": broken.p_value,
    }
