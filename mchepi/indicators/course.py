"""The course of an indicator over the years: its trend, by which model, and where it breaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mchepi.indicators.columns import integers, texts
from mchepi.indicators.known_years import KnownYears
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


def course(known: KnownYears, level: float) -> dict[str, Any]:
    """Tell the course of every series.

    Parameters
    ----------
    known : KnownYears
        The periods of each series that have a value.
    level : float
        Level of the limits.

    Returns
    -------
    dict
        The columns of COURSE, one value a series. Series of fewer than three periods tell nothing.
    """
    told: dict[str, Any] = {
        name: np.full(known.length, nothing, dtype=object if nothing == "" else np.float64)
        for name, nothing in COURSE.items()
    }
    # A row of several years stands at their middle.
    middle = (known.year + known.year_end) / 2
    numbers = (middle, known.numerator, known.denominator)
    models: dict[str, list[int]] = {"poisson": [], "quasi_poisson": []}
    for series, (end, periods) in enumerate(zip(known.ends, known.periods, strict=True)):
        own = [values[end - periods : end] for values in numbers]
        if len(np.unique(own[0])) < FEWEST_PERIODS:
            continue
        scatter = dispersion_about_trend(*own)
        models["quasi_poisson" if scatter.p_value < OVERDISPERSED else "poisson"].append(series)
        broken = _named(trend_break(*own, confidence_level=level))
        own_told = {"dispersion": scatter.statistic, "dispersion_p_value": scatter.p_value, **broken}
        for name, found in own_told.items():
            told[name][series] = found
    for model, chosen in models.items():
        for series, trend in zip(chosen, _trends(known, numbers, chosen, model, level), strict=True):
            for name, found in trend.items():
                told[name][series] = found
    words = {name: texts(told[name]) for name in ("trend_model", "break_kind")}
    return {**told, **words, "break_year": integers(np.round(told["break_year"]))}


def _trends(
    known: KnownYears, numbers: Sequence[FloatArray], chosen: list[int], model: str, level: float
) -> Iterator[dict[str, Any]]:
    """The trend of each of the chosen series by one model."""
    if not chosen:
        return
    count = known.periods[chosen]
    year, events, total = (
        known.side_by_side(values, known.ends[chosen] - count, count) for values in numbers
    )
    found = annual_percent_change(np.nan_to_num(year), events, total, model=model, confidence_level=level)
    for value, lower, upper in zip(found.value, found.lower, found.upper, strict=True):
        yield {
            "annual_percent_change": value,
            "apc_lower": lower,
            "apc_upper": upper,
            "trend_model": model if np.isfinite(value) else "",
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
