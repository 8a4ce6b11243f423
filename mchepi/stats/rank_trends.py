"""Trends by ranks: the Mann-Kendall test and Sen's slope, for series of values without their counts."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._estimate import Estimate, TestResult
from mchepi.stats._series import ALTERNATIVES, check_single_years, check_years, require_series
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    Mask,
    align,
    check_choice,
    check_level,
    refuse_where,
)

LONGEST_EXACT = 10
"""Up to so many values without ties the p-value of Mann-Kendall is exact."""


def mann_kendall(value: Any, *, alternative: str = "two-sided") -> TestResult:
    """Mann-Kendall test: whether a series of values rises or falls over its periods (no unit).

    Parameters
    ----------
    value : float array or Series
        One value a period, in order of time. In an array of more dimensions the last axis is the periods.
    alternative : {"two-sided", "increasing", "decreasing"}
        What the p-value is against no trend.

    Returns
    -------
    TestResult
        `statistic` is S: pairs in which the later value is higher, less pairs in which it is lower. `method`
        says how the p-value was found: "exact" for at most ten values without ties, else "normal" with
        corrections for continuity and ties; for many series of both kinds, "exact or normal". The p-value is
        NaN where all values are equal or fewer than two are known.

    Raises
    ------
    ValueError
        An infinite value, a single number or an unknown alternative.

    Notes
    -----
    S = sum of sign(y_j - y_i) over i < j. Without a trend all orders are equally likely, which gives the
    exact distribution. With groups of t_k equal values its variance is
    (n (n - 1) (2 n + 5) - sum t_k (t_k - 1) (2 t_k + 5)) / 18, and z = (S - sign(S)) / sqrt(variance).
    Missing values are left out; the others keep their order. The two-sided exact p-value is twice the
    smaller tail.

    Not where the counts are known: `annual_percent_change` uses how many events stand behind each value and
    finds more. Three values never give a two-sided p-value below 0.33, four none below 0.083. Not for modeled
    or otherwise dependent values: the test then finds trends too often. Few values with many ties (counts of
    0 and 1) are served badly by the normal distribution.

    References
    ----------
    Mann HB (1945). Nonparametric tests against trend. Econometrica 13(3): 245-259. doi:10.2307/1907187

    Kendall MG (1975). Rank Correlation Methods. 4th edition. Griffin, London.

    Examples
    --------
    The double ratios of five years in Hollander and Wolfe (1973, example 9.1), where P(S <= -6) is 0.117:

    >>> import mchepi
    >>> test = mchepi.mann_kendall([1.26, 1.27, 1.12, 1.16, 1.03], alternative="decreasing")
    >>> print(f"S = {test.statistic:.0f}, p = {test.p_value:.3f} ({test.method})")
    S = -6, p = 0.117 (Mann-Kendall test for trend, decreasing, exact)
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    (value,), layout = align(value=value)
    require_series("value", layout)
    _check_values(value, layout)
    statistic, p_value, exact = _rank_test(value, alternative)
    result = Layout(layout.shape[:-1])
    how = "exact" if exact.all() else "exact or normal" if exact.any() else "normal"
    return TestResult(
        result.restore(statistic),
        result.restore(p_value),
        f"Mann-Kendall test for trend, {alternative}, {how}",
    )


def sens_slope(year: Any, value: Any, *, confidence_level: float = 0.95) -> Estimate:
    """Sen's slope: the median change of a series of values, in the unit of `value` per year.

    Parameters
    ----------
    year : float array or Series
        The years, each once, in any order. Years may be missing in between.
    value : float array or Series
        The value of each year, in any unit. In an array of more dimensions the last axis is the years.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        The median of the slopes of all pairs of years with its limits, and the two-sided `p_value` of
        `mann_kendall`. Where there are too few years for the level (three and four at 0.95) the limits are
        infinite, with a note. NaN with a note for fewer than three years. Years without a value are left out
        and named in the note.

    Raises
    ------
    ValueError
        An infinite value, a year that is missing or given twice, single numbers, Series with unequal indexes,
        or a level outside (0, 1).

    Notes
    -----
    With m slopes in order and C = normal quantile times the standard deviation of S (see `mann_kendall`), the
    limits are the slopes at the ranks (m - C) / 2 and (m + C) / 2 + 1, rounded to whole ranks.

    Not where the counts are known: see `annual_percent_change`. Not for counts of 0 and 1, whose median slope
    is mostly 0 whatever happens. It is a change in units, not in percent; of the logarithms it is one in
    percent.

    References
    ----------
    Sen PK (1968). Estimates of the regression coefficient based on Kendall's tau. Journal of the American
    Statistical Association 63(324): 1379-1389. doi:10.1080/01621459.1968.10480934

    Gilbert RO (1987). Statistical Methods for Environmental Pollution Monitoring. Van Nostrand Reinhold, New
    York, chapter 16.

    Examples
    --------
    The double ratios of Hollander and Wolfe (1973, example 9.3), whose estimate is -0.056:

    >>> import mchepi
    >>> slope = mchepi.sens_slope([1, 2, 3, 4, 5], [1.26, 1.27, 1.12, 1.16, 1.03])
    >>> print(f"{slope.value:.3f} a year ({slope.lower:.3f} to {slope.upper:.3f})")
    -0.056 a year (-0.150 to 0.040)
    """
    level = check_level(confidence_level)
    (year, value), layout = align(year=year, value=value)
    require_series("value", layout)
    check_years(year, layout)
    _check_values(value, layout)
    year, value = np.broadcast_arrays(year, value)
    check_single_years(year)
    order = np.argsort(year, axis=-1)
    year, value = (np.take_along_axis(array, order, axis=-1) for array in (year, value))

    first, second = np.triu_indices(value.shape[-1], 1)
    slopes = (value[..., second] - value[..., first]) / (year[..., second] - year[..., first])
    slopes = np.sort(slopes, axis=-1)  # unknown ones last
    pairs = np.sum(~np.isnan(slopes), axis=-1)
    reach = -special.ndtri((1 - level) / 2) * np.sqrt(_variance(value))
    below = np.floor((pairs - reach) / 2 + 0.5).astype(int)
    above = np.floor((pairs + reach) / 2 + 1.5).astype(int)
    median = (_ranked(slopes, (pairs + 1) // 2) + _ranked(slopes, pairs // 2 + 1)) / 2

    few, open_ended = pairs < 3, (below < 1) | (above > pairs)
    lower = np.where(open_ended, -np.inf, _ranked(slopes, below))
    upper = np.where(open_ended, np.inf, _ranked(slopes, above))
    _, p_value, _ = _rank_test(value, "two-sided")
    equal = ~few & (_variance(value) == 0)
    notes = _left_out_of_each(year, np.isnan(value))
    for mask, text in (
        (few, "fewer than three periods"),
        (open_ended & ~few, "too few years for finite limits"),
        (equal, "no scatter about the trend"),
    ):
        notes[mask] = [f"{note}; {text}" if note else text for note in notes[mask]]
    result = Layout(layout.shape[:-1])
    return Estimate(
        *(result.restore(np.where(few, np.nan, numbers)) for numbers in (median, lower, upper)),
        method="Sen",
        confidence_level=level,
        p_value=result.restore(np.where(few, np.nan, p_value)),
        note=result.restore(notes) if any(notes.flat) else None,
    )


def _check_values(value: FloatArray, layout: Layout) -> None:
    fix = "Give it as missing where it is not known."
    refuse_where(np.isinf(value), "value", "a finite number", value, layout, fix)


def _rank_test(value: FloatArray, alternative: str) -> tuple[FloatArray, FloatArray, Mask]:
    """Give S, its p-value and whether that is exact, for each series."""
    known = np.sum(~np.isnan(value), axis=-1)
    statistic = np.zeros(value.shape[:-1])
    for lag in range(1, value.shape[-1]):
        statistic = statistic + np.nansum(np.sign(value[..., lag:] - value[..., :-lag]), axis=-1)
    variance = _variance(value)
    exact = (known <= LONGEST_EXACT) & (variance == _untied_variance(known))
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (statistic - np.sign(statistic)) / np.sqrt(variance)
    at_most, at_least = np.array(special.ndtr(z)), np.array(special.ndtr(-z))
    for count in np.unique(known[exact]):
        rows = exact & (known == count)
        tail = _tail_of_orders(int(count))
        pairs = count * (count - 1) // 2
        discordant = ((pairs - statistic[rows]) / 2).astype(int)
        at_least[rows], at_most[rows] = tail[discordant], tail[pairs - discordant]
    p_value = {
        "two-sided": np.minimum(2 * np.minimum(at_most, at_least), 1),
        "increasing": at_least,
        "decreasing": at_most,
    }[alternative]
    nothing = (known < 2) | (variance == 0)
    statistic = np.where(known < 2, np.nan, statistic)
    return statistic, np.where(nothing, np.nan, p_value), np.asarray(exact)


def _variance(value: FloatArray) -> FloatArray:
    """Variance of S without a trend, with groups of equal values."""
    equal = np.where(np.isnan(value), 0, 1)  # how many values equal this one, itself included
    for lag in range(1, value.shape[-1]):
        same = value[..., lag:] == value[..., :-lag]
        equal[..., lag:] += same
        equal[..., :-lag] += same
    # A group of t values stands here t times: (t - 1) (2 t + 5) of each adds up to t (t - 1) (2 t + 5).
    ties = np.sum(np.where(equal > 0, (equal - 1) * (2 * equal + 5), 0), axis=-1)
    known = np.sum(~np.isnan(value), axis=-1)
    return np.asarray(_untied_variance(known) - ties / 18)


def _untied_variance(known: Any) -> FloatArray:
    return np.asarray(known * (known - 1) * (2 * known + 5) / 18)


@cache
def _tail_of_orders(count: int) -> FloatArray:
    """Probability of at most 0, 1, 2 ... discordant pairs among `count` values in random order."""
    ways = np.ones(1)
    for place in range(2, count + 1):
        ways = np.convolve(ways, np.ones(place))
    return np.asarray(np.cumsum(ways) / ways.sum())


def _ranked(slopes: FloatArray, rank: Any) -> FloatArray:
    """Give the slope at that rank, counted from 1; at the nearest rank there is beyond the ends."""
    if slopes.shape[-1] == 0:
        return np.full(slopes.shape[:-1], np.nan)
    place = np.clip(rank - 1, 0, slopes.shape[-1] - 1)
    return np.asarray(np.take_along_axis(slopes, place[..., None], axis=-1)[..., 0])


def _left_out_of_each(year: FloatArray, missing: Mask) -> Any:
    notes = np.full(year.shape[:-1], "", dtype=object)
    for row in np.argwhere(missing.any(axis=-1)):
        place = tuple(row)
        notes[place] = "years left out: " + ", ".join(f"{left:.15g}" for left in year[place][missing[place]])
    return notes
