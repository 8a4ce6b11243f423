"""What can be said of a trend in counts: rising, falling, cannot tell, or too few events to judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from mchepi.stats._estimate import Estimate, Numbers
from mchepi.stats._series import each_series, gather, gather_words
from mchepi.stats._validate import FloatArray, Layout, align, check_level
from mchepi.stats.trend_detection import change_of_slope, set_up_tests
from mchepi.stats.trends import annual_percent_change

FEWEST_EVENTS = 20
"""Below this many events in all years together no trend is judged: the least number on which the US National
Center for Health Statistics calls a rate reliable."""

VERDICTS = ("falling", "rising", "cannot tell", "too few events")

REASONS: Mapping[str, str] = {
    "limits exclude no change": "the interval lies on one side of 0",
    "would have shown": "the interval includes 0; the assumed change would mostly have shown",
    "could have been missed": "the interval includes 0; the assumed change would often not have shown",
    "too few events": "fewer events in all than the fewest on which a trend is judged",
    "no events": "no event in any year",
    "too few periods": "fewer than three years with known numbers",
    "no limits": "the model gives no limits for this series; the note says why",
}
"""The fixed vocabulary of `TrendJudgment.reason`, with its meaning."""


@dataclass(frozen=True, eq=False)
class TrendJudgment(Estimate):
    """A judged trend, and what the series could have shown.

    Parameters
    ----------
    value, lower, upper, method, confidence_level, per, p_value, note
        As in `Estimate`: the annual percent change.
    verdict : str, array or Series of str
        "falling", "rising", "cannot tell" or "too few events".
    reason : str, array or Series of str
        A word of `REASONS`.
    events : float, array or Series
        Events in all years that count.
    power : float, array or Series
        The probability with which the series shows `assumed_change` if that is the true one.
    assumed_change : float
        In percent per year.
    detectable_fall, detectable_rise : float, array or Series
        The smallest changes that the series shows with `wanted_power`, in percent per year; NaN where none.
    wanted_power : float
        Between 0 and 1.
    """

    _: KW_ONLY
    verdict: Any
    reason: Any
    events: Numbers
    power: Numbers
    assumed_change: float
    detectable_fall: Numbers
    detectable_rise: Numbers
    wanted_power: float


@dataclass(frozen=True)
class _Judged:
    verdict: str
    reason: str
    events: float
    power: float
    detectable_fall: float
    detectable_rise: float


def judge_trend(
    year: Any,
    events: Any,
    person_time: Any,
    *,
    assumed_change: float = -5.0,
    power: float = 0.8,
    fewest_events: float = FEWEST_EVENTS,
    model: str = "poisson",
    confidence_level: float = 0.95,
) -> TrendJudgment:
    """Annual percent change of a rate with a verdict and the power the series had, in percent per year.

    Parameters
    ----------
    year : float array or Series
        The years (or their middles), in any order.
    events : int array or Series
        Events in each year. In an array of more dimensions the last axis is the years.
    person_time : float array or Series
        Person-time, births or persons at risk behind the events.
    assumed_change : float
        The change that would matter, in percent per year: -5 is a fall by 40 % in ten years.
    power : float
        The probability with which a change should have shown.
    fewest_events : float
        With fewer events in all the verdict is "too few events", whatever the limits say.
    model : {"poisson", "quasi_poisson", "negative_binomial"}
        As in `annual_percent_change`, whose profile limits are judged.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    TrendJudgment
        The estimate, `verdict`, `reason` and what the series could have shown.

    Raises
    ------
    ValueError
        As `annual_percent_change` and `trend_power`.

    Notes
    -----
    In this order: fewer than three years, "cannot tell"; fewer events than `fewest_events`, "too few events";
    limits on one side of 0, "falling" or "rising"; else "cannot tell", with the reason "would have shown"
    where the power to show `assumed_change` is at least `power`, else "could have been missed". The power is
    that of Poisson counts (`trend_power`); with the other models the series had less.

    "Cannot tell" never means that nothing changed. Not for a trend that changes course.

    References
    ----------
    Ingram DD, Malec DJ, Makuc DM, et al (2018). National Center for Health Statistics guidelines for analysis
    of trends. Vital and Health Statistics 2(179).

    Hoenig JM, Heisey DM (2001). The abuse of power. The American Statistician 55(1): 19-24.
    doi:10.1198/000313001300339897

    Examples
    --------
    Neonatal deaths of a county and of a township in it (constructed):

    >>> import mchepi
    >>> years, births = range(2018, 2024), [1810, 1760, 1690, 1600, 1520, 1430]
    >>> county = mchepi.judge_trend(years, [9, 7, 8, 5, 4, 3], births)
    >>> county.verdict, county.reason, round(county.power, 2), round(county.detectable_fall, 1)
    ('cannot tell', 'could have been missed', 0.08, -25.1)
    >>> mchepi.judge_trend(years, [1, 0, 2, 0, 0, 0], births).verdict
    'too few events'
    """
    power = check_level(power, "power")
    change = annual_percent_change(year, events, person_time, model=model, confidence_level=confidence_level)
    series, layout = align(year=year, events=events, person_time=person_time)
    outer = Layout(layout.shape[:-1])
    tests = set_up_tests(series, layout, change.confidence_level)
    slope = _slope(assumed_change)
    totals = each_series(_total, layout, *series)
    limits = zip(np.ravel(change.lower), np.ravel(change.upper), strict=True)
    judged = []
    for test, total, (lower, upper) in zip(tests, totals, limits, strict=True):
        chance = falls = rises = np.nan
        if test is not None:
            chance = test.power(slope)[0 if slope < 0 else 1]
            falls, rises = (change_of_slope(test.smallest_slope(power, side)) for side in (-1, 1))
        if test is None:
            verdict, reason = "cannot tell", "too few periods"
        elif total < fewest_events:
            verdict, reason = "too few events", "too few events" if total else "no events"
        elif upper < 0 or lower > 0:
            verdict, reason = "falling" if upper < 0 else "rising", "limits exclude no change"
        elif np.isnan(lower) or np.isnan(upper):
            verdict, reason = "cannot tell", "no limits"
        else:
            verdict = "cannot tell"
            reason = "would have shown" if chance >= power else "could have been missed"
        judged.append(_Judged(verdict, reason, total, chance, falls, rises))
    return TrendJudgment(
        change.value,
        change.lower,
        change.upper,
        method=change.method,
        confidence_level=change.confidence_level,
        p_value=change.p_value,
        note=change.note,
        verdict=gather_words(judged, "verdict", layout),
        reason=gather_words(judged, "reason", layout),
        events=outer.restore(np.reshape(np.array(totals), outer.shape)),
        power=gather(judged, "power", layout),
        assumed_change=float(assumed_change),
        detectable_fall=gather(judged, "detectable_fall", layout),
        detectable_rise=gather(judged, "detectable_rise", layout),
        wanted_power=power,
    )


def _slope(assumed_change: Any) -> float:
    (change,), layout = align(assumed_change=assumed_change)
    if layout.shape or not -100 < change < np.inf or change == 0:
        raise ValueError(
            f"`assumed_change` must be one number above -100 other than 0; got {assumed_change!r}. "
            "Give the change that would matter in percent a year; a fall is negative."
        )
    return float(np.log1p(change / 100))


def _total(year: FloatArray, events: FloatArray, person_time: FloatArray) -> float:
    return float(events[~np.isnan(events) & (person_time > 0)].sum())
