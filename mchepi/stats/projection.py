"""What a later year may bring: the projected rate, the count that may be observed, the chance of a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, fields, replace
from math import nan
from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._estimate import Estimate, Numbers
from mchepi.stats._percent_change import join_notes
from mchepi.stats._projected_rate import fit_trend, predict
from mchepi.stats._series import (
    check_person_time,
    check_years,
    each_series,
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
    check_positive,
    refuse_where,
)
from mchepi.stats.trends import MODELS

PRIORS: Mapping[str, float] = {"jeffreys": 0.5, "uniform": 1.0}
"""Priors of an underlying rate: gamma with this shape and no person-time behind it."""


@dataclass(frozen=True, eq=False)
class Projection(Estimate):
    """A rate projected to a later year, with what may be observed in that year.

    Parameters
    ----------
    value, lower, upper, method, confidence_level, per, p_value, note
        As in `Estimate`: the rate on the trend line and the prediction limits of the *observed* rate.
    target_year : float
        The year of the projection.
    expected_events : float, array or Series
        Events on the trend line.
    underlying_lower, underlying_upper : float, array or Series
        Confidence limits of the *underlying* rate, if the trend goes on.
    target : float, array or Series
        What the observed rate is to be at or below; NaN if none was given.
    allowance : float, array or Series
        The most events that stay within the target.
    chance_of_meeting : float, array or Series
        The probability that the observed rate is at or below the target, under the model.
    """

    _: KW_ONLY
    target_year: float
    expected_events: Numbers
    underlying_lower: Numbers
    underlying_upper: Numbers
    target: Numbers
    allowance: Numbers
    chance_of_meeting: Numbers


@dataclass(frozen=True)
class _Projected:
    value: float = nan
    lower: float = nan
    upper: float = nan
    expected_events: float = nan
    underlying_lower: float = nan
    underlying_upper: float = nan
    allowance: float = nan
    chance_of_meeting: float = nan
    note: str = ""


_NUMBERS = [field.name for field in fields(_Projected) if field.name != "note"]


def project_rate(
    year: Any,
    events: Any,
    person_time: Any,
    target_year: float,
    *,
    person_time_at_target: Any,
    target: Any = None,
    model: str = "poisson",
    per: float = 1,
    confidence_level: float = 0.95,
) -> Projection:
    """Rate of a later year if its log-linear trend goes on, per `per`, with limits for what will be observed.

    Parameters
    ----------
    year : float array or Series
        The years of the series (or their middles), in any order.
    events : int array or Series
        Events in each year. In an array of more dimensions the last axis is the years.
    person_time : float array or Series
        Person-time, births or persons at risk behind the events.
    target_year : float
        The year to project to, after the last one of the series.
    person_time_at_target : float, array or Series
        Births or person-time expected in the target year: how much chance there will be in its count.
    target : float, array or Series, optional
        A rate, per `per`; the chance that the observed rate is at or below it is given.
    model : {"poisson", "quasi_poisson", "negative_binomial"}
        How counts vary about the trend, as in `annual_percent_change`; also in the target year. A
        quasi-Poisson dispersion below 1 is taken as 1.
    per : float
        The unit: 1000 gives events per 1,000.
    confidence_level : float
        That of all limits.

    Returns
    -------
    Projection
        The rate on the trend line with prediction limits for the observed rate (possible counts over the
        births of that year), confidence limits of the underlying rate, and the chance to meet the target.
        NaN with a note for fewer than three years and for no events. All events in the first or the last
        year: a rate of 0 or inf, whose limits on the other side still hold.

    Raises
    ------
    ValueError
        As `annual_percent_change`; a target year that is not after all others, person-time at the target that
        is not above 0, or a negative target.

    Notes
    -----
    Each value of the log rate in the target year has its likelihood ratio against the trend line, the slope
    at its maximum. Its signed root, compared with the normal distribution ("poisson") or with t on n - 2
    degrees of freedom (the others), spreads the confidence over the rates; the distributions of the count,
    averaged over it, predict the count (Lawless and Fredette). A negative binomial k is held at its estimate.
    The limits leave at most half of 1 - `confidence_level` on either side.

    The chance of meeting is one for the *observed* rate, under the model that `method` names, and it takes
    the trend to go on unchanged. It is no probability for the underlying rate: that takes a prior
    (`probability_at_or_below`).

    Not far beyond the series: a projection over more years than the series has is noted. Not for a trend that
    changes course.

    References
    ----------
    Lawless JF, Fredette M (2005). Frequentist prediction intervals and predictive distributions. Biometrika
    92(3): 529-542. doi:10.1093/biomet/92.3.529

    Examples
    --------
    Neonatal deaths of one county (constructed), and the chance that 2027 is at or below 3.1 per 1,000:

    >>> import mchepi
    >>> births = [1810, 1760, 1690, 1600, 1520, 1430]
    >>> ahead = mchepi.project_rate(range(2018, 2024), [9, 7, 8, 5, 4, 3], births, 2027,
    ...                             person_time_at_target=1200, target=3.1, per=1000)
    >>> print(f"{ahead.value:.2f} (observed: {ahead.lower:.2f} to {ahead.upper:.2f})")
    1.23 (observed: 0.00 to 5.83)
    >>> print(f"at most {ahead.allowance:.0f} deaths: {ahead.chance_of_meeting:.2f}")
    at most 3 deaths: 0.84
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("model", model, MODELS)
    (year, events, person_time), layout = align(year=year, events=events, person_time=person_time)
    require_series("events", layout)
    check_years(year, layout)
    check_counts("events", events, layout)
    check_person_time(events, person_time, layout)
    ahead = _target_year(target_year, year)
    (time, wanted), given = align(
        person_time_at_target=person_time_at_target, target=np.nan if target is None else target
    )
    bad = (time <= 0) | np.isinf(time)
    refuse_where(bad, "person_time_at_target", "a number above 0", time, given, "Give the births expected.")
    check_amounts("target", wanted, given)
    if given.shape not in ((), layout.shape[:-1]):
        raise ValueError(
            f"`person_time_at_target` and `target` must be one number, or one a series; got shape "
            f"{given.shape} for {layout.shape[:-1]}. Give one value a series."
        )
    outer = given if given.shape else Layout(layout.shape[:-1])
    of_each = iter(
        zip(*(np.ravel(np.broadcast_to(values, outer.shape)) for values in (time, wanted)), strict=True)
    )

    def one_series(year: FloatArray, events: FloatArray, person_time: FloatArray) -> _Projected:
        time_ahead, allowed = map(float, next(of_each))
        known = ~np.isnan(events) & (person_time > 0)
        notes = left_out(year, known)
        year, events, person_time = year[known], events[known], person_time[known]
        if len(np.unique(year)) < 3:
            return _Projected(note=join_notes(*notes, "fewer than three periods"))
        if not events.any():
            return _Projected(note=join_notes(*notes, "no events"))
        if ahead - year.max() > np.ptp(year):
            notes.append("projected farther than the series is long")
        return _project(year, events, person_time, ahead, time_ahead, allowed, model, per, level, notes)

    found = each_series(one_series, layout, year, events, person_time)
    notes = np.array([one.note for one in found], dtype=object)
    numbers = {
        name: outer.restore(np.reshape([getattr(one, name) for one in found], outer.shape))
        for name in _NUMBERS
    }
    return Projection(
        **numbers,
        method=f"{model}, log-linear trend",
        confidence_level=level,
        per=per,
        note=outer.restore(np.reshape(notes, outer.shape)) if any(notes) else None,
        target_year=ahead,
        target=outer.restore(np.broadcast_to(wanted, outer.shape).copy()),
    )


def probability_at_or_below(
    events: Any, person_time: Any, target: Any, *, prior: str = "jeffreys", per: float = 1
) -> Numbers:
    """Probability that the underlying rate is at or below a target, under a named prior (no unit).

    Parameters
    ----------
    events : int, array or Series
        Events observed; pooled years if there are few.
    person_time : float, array or Series
        Person-time or births behind them.
    target : float, array or Series
        A rate, per `per`.
    prior : {"jeffreys", "uniform"}
        What is held of the rate before the count: a gamma distribution of shape 1/2 ("jeffreys") or 1
        ("uniform": all rates alike), with no person-time. Name it beside the number.
    per : float
        The unit of `target`.

    Returns
    -------
    float, array or Series
        Between 0 and 1; NaN where a number is missing or nothing was observed (person-time 0).

    Raises
    ------
    ValueError
        Impossible counts, negative person-time or target, an unknown prior, or Series with unequal indexes.

    Notes
    -----
    The posterior is gamma with shape events + prior shape and rate `person_time`; the probability is its
    distribution function at the target.

    Not a verdict: `rate_test` needs no prior. Not for the observed rate of a later year (`project_rate`).
    With few events the prior speaks as loudly as the count: give both priors.

    References
    ----------
    Jeffreys H (1946). An invariant form for the prior probability in estimation problems. Proceedings of the
    Royal Society A 186(1007): 453-461. doi:10.1098/rspa.1946.0056

    Examples
    --------
    3 neonatal deaths among 1,430 births and the target of 3.1 per 1,000:

    >>> import mchepi
    >>> for prior in ("jeffreys", "uniform"):
    ...     print(prior, round(mchepi.probability_at_or_below(3, 1430, 3.1, per=1000, prior=prior), 2))
    jeffreys 0.74
    uniform 0.65
    """
    check_choice("prior", prior, tuple(PRIORS))
    per = check_positive("per", per)
    (events, person_time, target), layout = align(events=events, person_time=person_time, target=target)
    check_counts("events", events, layout)
    check_person_time(events, person_time, layout)
    check_amounts("target", target, layout)
    probability = special.gammainc(events + PRIORS[prior], person_time * target / per)
    nothing = (person_time == 0) | np.isnan(events + person_time + target)
    return layout.restore(np.where(nothing, np.nan, probability), "probability")


def _target_year(given: Any, year: FloatArray) -> float:
    (ahead,), layout = align(target_year=given)
    if layout.shape or not np.isfinite(ahead) or (year.size and ahead <= year.max()):
        raise ValueError(
            f"`target_year` must be one year after all others; got {given!r}. Give a year beyond the series."
        )
    return float(ahead)


def _project(
    year: FloatArray,
    events: FloatArray,
    person_time: FloatArray,
    ahead: float,
    time_ahead: float,
    allowed: float,
    model: str,
    per: float,
    level: float,
    notes: list[str],
) -> _Projected:
    fit, note = fit_trend(year, events, person_time, ahead, model)
    rate = float(np.exp(fit.log_rate))
    # A target of 3 per 1,000 at 1,000 births allows 3 events, whatever 0.003 is in binary.
    allowance = float(np.floor(allowed * time_ahead / per * (1 + 1e-12)))
    start = _Projected(per * rate, expected_events=time_ahead * rate, allowance=allowance)
    if np.isnan(fit.dispersion) or np.isnan(time_ahead):
        return replace(start, note=join_notes(*notes, note))
    tail = (1 - level) / 2
    deviate = float(-special.ndtri(tail))
    low, high = np.exp(fit.log_rates(np.array([-deviate, deviate])))
    count = predict(fit, time_ahead)
    return replace(
        start,
        lower=per * count.smallest(tail, beyond=True) / time_ahead,
        upper=per * count.smallest(1 - tail, beyond=False) / time_ahead,
        underlying_lower=float(per * low),
        underlying_upper=float(per * high),
        chance_of_meeting=nan if np.isnan(allowance) else count.at_most(allowance),
        note=join_notes(*notes, note),
    )
