"""Trends over periods: of proportions (a test), of counts and of published rates (percent change a year)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._estimate import Estimate, TestResult
from mchepi.stats._percent_change import Change, counts_change, join_notes, least_squares_change
from mchepi.stats._series import (
    ALTERNATIVES,
    check_person_time,
    check_years,
    each_series,
    estimate_of_changes,
    left_out,
    require_series,
)
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_level,
    check_part,
    refuse_where,
)

MODELS = ("poisson", "quasi_poisson", "negative_binomial")
METHODS = ("profile", "wald")


def cochran_armitage(
    events: Any, total: Any, *, scores: Any = None, alternative: str = "two-sided"
) -> TestResult:
    """Cochran-Armitage test: a linear trend in proportions over ordered groups or periods (no unit).

    Parameters
    ----------
    events : int array or Series
        Events in each group, in order; in an array of more dimensions the last axis is the groups.
    total : int array or Series
        Persons or births in each group. A group of nobody is passed over.
    scores : array or Series, optional
        Where the groups stand on the scale of the trend, such as years; 0, 1, 2, ... if not given.
    alternative : {"two-sided", "increasing", "decreasing"}
        What the p-value is against no trend.

    Returns
    -------
    TestResult
        `statistic` is the signed z (positive: rising), `p_value` from the normal distribution. NaN where a
        count is missing, where nobody or everybody has the event, or where all persons share one score.

    Raises
    ------
    ValueError
        Impossible counts, Series with unequal indexes, single numbers or an unknown alternative.

    Notes
    -----
    With x_i events of n_i, scores s_i centered on their mean over all N persons and p = sum x / N:
    z = sum s_i x_i / sqrt(p (1 - p) sum n_i s_i^2). The variance has the divisor N, so z^2 is the statistic
    of R's prop.trend.test.

    Not for a few events in all (fewer than about ten): the normal distribution is then a poor guide. Not
    for the size of a trend: it only says whether there is one. Not where proportions vary from year to year
    more than chance allows (outbreaks, changes of recording): it then finds trends too often.

    References
    ----------
    Armitage P (1955). Tests for linear trends in proportions and frequencies. Biometrics 11(3): 375-386.
    doi:10.2307/3001775

    Examples
    --------
    The trial of pain therapy in the documentation of SAS's FREQ procedure, where z is 4.7918:

    >>> import mchepi
    >>> adverse = mchepi.cochran_armitage([6, 7, 9, 14, 23], [32, 33, 32, 32, 32], alternative="increasing")
    >>> print(f"z = {adverse.statistic:.4f}, p = {adverse.p_value:.1e}")
    z = 4.7918, p = 8.3e-07
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    given = {"events": events, "total": total}
    (events, total), layout = align(**given)
    if scores is None:
        require_series("events", layout)
        scores = np.arange(layout.shape[-1], dtype=np.float64)
    else:
        (events, total, scores), layout = align(**given, scores=scores)
        require_series("events", layout)
    check_counts("events", events, layout)
    check_counts("total", total, layout, of="persons")
    check_part("events", events, "total", total, layout)

    events, total, scores = np.broadcast_arrays(events, total, scores)
    persons = total.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = events.sum(axis=-1, keepdims=True) / persons
        scores = scores - scores[..., :1]  # equal scores become 0 exactly
        scores = scores - np.sum(total * scores, axis=-1, keepdims=True) / persons
        variance = p[..., 0] * (1 - p[..., 0]) * np.sum(total * scores**2, axis=-1)
        z = np.sum(scores * events, axis=-1) / np.sqrt(variance)
    p_value = {
        "two-sided": 2 * special.ndtr(-np.abs(z)),
        "increasing": special.ndtr(-z),
        "decreasing": special.ndtr(z),
    }[alternative]
    result = Layout(layout.shape[:-1])
    return TestResult(
        result.restore(z), result.restore(p_value), f"Cochran-Armitage test for trend, {alternative}"
    )


def annual_percent_change(
    year: Any,
    events: Any,
    person_time: Any,
    *,
    model: str = "poisson",
    method: str = "profile",
    confidence_level: float = 0.95,
) -> Estimate:
    """Annual percent change of a rate, from counts by year, in percent per year.

    Parameters
    ----------
    year : float array or Series
        The years (or their middles), in any order. Years may be missing in between.
    events : int array or Series
        Events in each year. An array of more dimensions holds many series: the last axis is the years, and
        each series is fitted by itself, in a loop.
    person_time : float array or Series
        Person-time, births or persons at risk behind the events.
    model : {"poisson", "quasi_poisson", "negative_binomial"}
        "poisson" (default): the variance of a count is its mean. "quasi_poisson": a multiple of its mean,
        estimated from the scatter about the trend (Pearson). "negative_binomial": mean + k mean^2, k by
        maximum likelihood. With a handful of years neither can be estimated well; a dispersion below 1 (said
        in the note) narrows the limits below what chance alone explains.
    method : {"profile", "wald"}
        "profile" (default): the limits are where the likelihood ratio statistic reaches its quantile, solved
        to machine precision. "wald": slope -+ quantile times standard error. The quantile is normal, for
        "quasi_poisson" that of t with n - 2 degrees of freedom (n periods).
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        100 (exp(slope) - 1) with limits, and the two-sided `p_value` of no change by the same method.
        NaN with a note for fewer than three periods and for no event at all. All events in the first or the
        last period: -100 or inf with the finite profile limit on the other side and a note ("quasi_poisson"
        has none, since its dispersion cannot be estimated; "negative_binomial" may have none where a few
        events fall in one year between). Periods with missing numbers or without person-time are left out
        and named in the note.

    Raises
    ------
    ValueError
        Impossible counts, events in a year without person-time, a missing year, single numbers, Series with
        unequal indexes, an unknown model or method, or a level outside (0, 1).

    Notes
    -----
    log(expected events) = level + slope * year + log(person_time). Along the profile, level (and k) are at
    their maximum for each slope.

    Not for a trend that changes course: one slope then describes no part of it. Not for rates published
    without their counts (see `log_linear_trend`), nor for common outcomes such as coverage near 100 %.

    References
    ----------
    Clegg LX, Hankey BF, Tiwari R, Feuer EJ, Edwards BK (2009). Estimating average annual per cent change in
    trend analysis. Statistics in Medicine 28(29): 3670-3682. doi:10.1002/sim.3733

    Venzon DJ, Moolgavkar SH (1988). A method for computing profile-likelihood-based confidence intervals.
    Journal of the Royal Statistical Society C 37(1): 87-94. doi:10.2307/2347496

    Examples
    --------
    Neonatal deaths of one county (constructed):

    >>> import mchepi
    >>> births = [1810, 1760, 1690, 1600, 1520, 1430]
    >>> change = mchepi.annual_percent_change(range(2018, 2024), [9, 7, 8, 5, 4, 3], births)
    >>> print(f"{change.value:.1f} % a year ({change.lower:.1f} to {change.upper:.1f})")
    -14.7 % a year (-30.6 to 3.8)
    """
    level = check_level(confidence_level)
    check_choice("model", model, MODELS)
    check_choice("method", method, METHODS)
    (year, events, person_time), layout = align(year=year, events=events, person_time=person_time)
    require_series("events", layout)
    check_years(year, layout)
    check_counts("events", events, layout)
    check_person_time(events, person_time, layout)

    def one_series(year: FloatArray, events: FloatArray, person_time: FloatArray) -> Change:
        known = ~np.isnan(events) & (person_time > 0)
        notes = left_out(year, known)
        year, events, person_time = year[known], events[known], person_time[known]
        if len(np.unique(year)) < 3:
            return Change(note=join_notes(*notes, "fewer than three periods"))
        if not events.any():
            return Change(note=join_notes(*notes, "no events"))
        change = counts_change(year, events, person_time, model, method, (1 - level) / 2)
        return replace(change, note=join_notes(*notes, change.note))

    changes = each_series(one_series, layout, year, events, person_time)
    return estimate_of_changes(changes, layout, f"{model}, {method}", level)


def log_linear_trend(
    year: Any, value: Any, *, standard_error: Any = None, confidence_level: float = 0.95
) -> Estimate:
    """Annual percent change of a published series of rates, in percent per year.

    Parameters
    ----------
    year : float array or Series
        The years, in any order. Years may be missing in between.
    value : float array or Series
        The rate of each year, in any unit, above 0. An array of more dimensions holds many series: the last
        axis is the years, and each series is fitted by itself, in a loop.
    standard_error : float array or Series, optional
        Standard errors in the unit of `value`. With them each year weighs (value / standard_error)^2;
        without them all years weigh the same.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        100 (exp(slope) - 1) with t limits on n - 2 degrees of freedom (n periods), and the two-sided
        `p_value` of no change. `method` is "least squares" or "weighted least squares". NaN with a note for
        fewer than three periods and for a value of 0, which has no logarithm. Years with missing numbers
        are left out and named in the note.

    Raises
    ------
    ValueError
        Negative values, standard errors that are not above 0, a missing year, single numbers, Series with
        unequal indexes, or a level outside (0, 1).

    Notes
    -----
    Least squares of log(value) on year; the variance about the line is estimated from the residuals, also
    with weights (they are relative).

    Not where the counts are known: `annual_percent_change` weighs them rightly and takes zeros. Not for
    modeled estimates (UN IGME): their years are smoothed together, so limits from their scatter are far too
    narrow. Not for two systems joined in one line, nor for a trend that changes course.

    References
    ----------
    Clegg LX, Hankey BF, Tiwari R, Feuer EJ, Edwards BK (2009). Estimating average annual per cent change in
    trend analysis. Statistics in Medicine 28(29): 3670-3682. doi:10.1002/sim.3733

    Examples
    --------
    Under-five mortality per 1,000 in China's national surveillance, 2020 to 2024 (National Health
    Commission; the trend is ours):

    >>> import mchepi
    >>> change = mchepi.log_linear_trend([2020, 2021, 2022, 2023, 2024], [7.5, 7.1, 6.8, 6.2, 5.6])
    >>> print(f"{change.value:.1f} % a year ({change.lower:.1f} to {change.upper:.1f})")
    -6.9 % a year (-9.1 to -4.7)
    """
    level = check_level(confidence_level)
    given = {"year": year, "value": value}
    weighted = standard_error is not None
    if weighted:
        (year, value, error), layout = align(**given, standard_error=standard_error)
    else:
        (year, value), layout = align(**given)
        error = value  # every year weighs 1
    require_series("value", layout)
    check_years(year, layout)
    check_amounts("value", value, layout)
    if weighted:
        refuse_where(
            (error <= 0) | np.isinf(error),
            "standard_error",
            "a number above 0",
            error,
            layout,
            "Leave it out as missing where it is not known.",
        )

    def one_series(year: FloatArray, value: FloatArray, error: FloatArray) -> Change:
        known = ~np.isnan(value) & ~np.isnan(error)
        notes = left_out(year, known)
        year, value, error = year[known], value[known], error[known]
        if len(np.unique(year)) < 3:
            return Change(note=join_notes(*notes, "fewer than three periods"))
        if not value.all():
            return Change(note=join_notes(*notes, "zero has no logarithm"))
        change = least_squares_change(year, np.log(value), (value / error) ** 2, (1 - level) / 2)
        return replace(change, note=join_notes(*notes, change.note))

    changes = each_series(one_series, layout, year, value, error)
    return estimate_of_changes(
        changes, layout, "weighted least squares" if weighted else "least squares", level
    )
