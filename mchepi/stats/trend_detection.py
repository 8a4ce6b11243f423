"""What a series of counts could have shown: the power of its trend test, and the smallest change it finds."""

from __future__ import annotations

from typing import Any

import numpy as np

from mchepi.stats._estimate import Numbers
from mchepi.stats._series import check_person_time, check_years, each_series, require_series
from mchepi.stats._trend_power import TrendTest, trend_test
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_amounts,
    check_choice,
    check_level,
    refuse_where,
)

DIRECTIONS = ("falling", "rising")


def trend_power(
    year: Any, events: Any, person_time: Any, *, assumed_change: Any, confidence_level: float = 0.95
) -> Numbers:
    """Probability that a series of counts shows a given annual percent change (no unit).

    "Shows" means that the limits of `annual_percent_change` (Poisson, profile) exclude no change on the right
    side.

    Parameters
    ----------
    year : float array or Series
        The years (or their middles), in any order.
    events : float array or Series
        Events in each year, observed or expected; only their sum over the years counts. In an array of more
        dimensions the last axis is the years.
    person_time : float array or Series
        Person-time, births or persons at risk in each year.
    assumed_change : float, array or Series
        The true change that is assumed, in percent per year, above -100: -5 means falling by 5 % a year. With
        0 the answer is the chance of a false alarm in either direction.
    confidence_level : float
        That of the limits.

    Returns
    -------
    float, array or Series
        Between 0 and 1; NaN for fewer than three years. Years with missing numbers or without person-time
        are left out.

    Raises
    ------
    ValueError
        Negative numbers, a change of -100 or less, years finer than months, a missing year, single numbers,
        Series with unequal indexes, or a level outside (0, 1).

    Notes
    -----
    Counts are Poisson, split over the years as the person-time and the assumed change make them, with the
    given number expected in all. The power is summed up over all series that are possible, exactly up to
    about 140 events; beyond with an error below 0.001.

    Not with the change that was observed as the assumed one: that only repeats the p-value (Hoenig and
    Heisey). Counts that vary more than Poisson have less power than this.

    References
    ----------
    Hoenig JM, Heisey DM (2001). The abuse of power: the pervasive fallacy of power calculations for data
    analysis. The American Statistician 55(1): 19-24. doi:10.1198/000313001300339897

    Examples
    --------
    Ten years with 3 deaths a year would hardly ever show a fall by 5 % a year; with 30 a year they mostly
    would (constructed):

    >>> from mchepi.stats import trend_power
    >>> for deaths in (3, 30):
    ...     power = trend_power(range(10), [deaths] * 10, 1430, assumed_change=-5)
    ...     print(f"{power:.3f}")
    0.126
    0.720
    """
    level = check_level(confidence_level)
    series, layout = _read(year, events, person_time)
    (change,), changes = align(assumed_change=assumed_change)
    refuse_where(
        (change <= -100) | np.isinf(change),
        "assumed_change",
        "a number above -100",
        change,
        changes,
        "Give it in percent a year; a fall is negative.",
    )
    tests = set_up_tests(series, layout, level)
    outer = layout.shape[:-1]
    shape = np.broadcast_shapes(outer, changes.shape)
    which = np.broadcast_to(np.arange(len(tests)).reshape(outer), shape)
    power = np.full(shape, np.nan)
    for place in np.ndindex(shape):
        test, one = tests[which[place]], float(np.broadcast_to(change, shape)[place])
        if test is not None and not np.isnan(one):
            fall, rise = test.power(float(np.log1p(one / 100)))
            power[place] = fall if one < 0 else rise if one > 0 else fall + rise
    return Layout(shape, changes.index if changes.shape == shape else None).restore(power, "power")


def detectable_change(
    year: Any,
    events: Any,
    person_time: Any,
    *,
    direction: str = "falling",
    power: float = 0.8,
    confidence_level: float = 0.95,
) -> Numbers:
    """Smallest true change that a series of counts shows with the given power, in percent per year.

    Parameters
    ----------
    year, events, person_time
        As in `trend_power`.
    direction : {"falling", "rising"}
        Whether the change is a fall (the answer is negative) or a rise.
    power : float
        The probability with which it is to be shown.
    confidence_level : float
        That of the limits.

    Returns
    -------
    float, array or Series
        NaN where no change is shown so often, not even if all events fell in one year, and for fewer than
        three years.

    Raises
    ------
    ValueError
        As `trend_power`, and for an unknown direction.

    Notes
    -----
    The change at which `trend_power` equals `power`. The number of events expected in all is held fixed: a
    steeper fall begins higher and ends lower.

    Not a limit of what happened: a change of that size may be absent or present where none was shown.

    References
    ----------
    Hoenig JM, Heisey DM (2001). doi:10.1198/000313001300339897

    Examples
    --------
    With 3 deaths a year for ten years only a fall by 17 % a year would mostly show, with one death in all
    none (constructed):

    >>> from mchepi.stats import detectable_change
    >>> [round(detectable_change(range(10), [deaths] * 10, 1430), 1) for deaths in (0.1, 3, 30)]
    [nan, -16.9, -5.5]
    """
    level = check_level(confidence_level)
    check_choice("direction", direction, DIRECTIONS)
    power = check_level(power, "power")
    series, layout = _read(year, events, person_time)
    side = -1 if direction == "falling" else 1
    tests = set_up_tests(series, layout, level)
    found = [np.nan if test is None else change_of_slope(test.smallest_slope(power, side)) for test in tests]
    result = Layout(layout.shape[:-1])
    return result.restore(np.reshape(np.array(found, dtype=float), result.shape))


def set_up_tests(series: list[FloatArray], layout: Layout, level: float) -> list[TrendTest | None]:
    """Set up the test of each series; None for one of fewer than three years."""

    def set_up(year: FloatArray, events: FloatArray, person_time: FloatArray) -> TrendTest | None:
        return trend_test(year, events, person_time, level)

    return each_series(set_up, layout, *series)


def change_of_slope(slope: float) -> float:
    """Turn a slope of the log rate into percent a year."""
    return float(100 * np.expm1(slope))


def _read(year: Any, events: Any, person_time: Any) -> tuple[list[FloatArray], Layout]:
    (year, events, person_time), layout = align(year=year, events=events, person_time=person_time)
    require_series("events", layout)
    check_years(year, layout)
    check_amounts("events", events, layout)
    check_person_time(events, person_time, layout)
    return [year, events, person_time], layout
