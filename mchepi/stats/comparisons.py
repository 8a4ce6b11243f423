"""Comparisons of two groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._estimate import Estimate, laid_out
from mchepi.stats._two_groups import read_person_time
from mchepi.stats._validate import FloatArray, check_choice, check_level
from mchepi.stats.intervals import Limits, proportion_limits

METHODS = ("exact", "midp", "wald")


def rate_ratio(
    exposed_events: Any,
    exposed_person_time: Any,
    unexposed_events: Any,
    unexposed_person_time: Any,
    *,
    method: str = "exact",
    confidence_level: float = 0.95,
) -> Estimate:
    """Ratio of two rates, exposed over unexposed (or this year over last year); no unit.

    Parameters
    ----------
    exposed_events, unexposed_events : int, array or Series
        Events in each group: whole numbers, 0 or more.
    exposed_person_time, unexposed_person_time : float, array or Series
        Person-time, births or persons at risk behind the events, in the same unit in both groups.
    method : {"exact", "midp", "wald"}
        "exact" (default): given the events of both groups together, those of the exposed are binomial;
        Clopper-Pearson limits of that proportion, turned into a ratio. Covers at least as often as it says.
        "midp": the same with half the probability of the observed table: narrower, and right on average.
        "wald": normal limits on the logarithm; only for dozens of events in both groups.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        The ratio with limits and the two-sided `p_value` of equal rates. For "exact" that is twice the
        smaller tail, at most 1 (not the sum of all tables at most as likely, as R's poisson.test has it), so
        that p < 1 - confidence_level exactly when the limits exclude 1. For "midp" likewise, with mid-p
        tails. No event among the unexposed: inf with a finite lower and an infinite upper limit; no event
        at all, no person-time or a missing value: NaN with a note.

    Raises
    ------
    ValueError
        Counts that are negative or fractional, negative person-time, Series with unequal indexes, a level
        outside (0, 1) or an unknown method.

    Notes
    -----
    With e1 and e0 events in T1 and T0 person-time, the ratio is (e1 / T1) / (e0 / T0). If (L, U) are the
    limits of the proportion e1 / (e1 + e0), those of the ratio are L / (1 - L) * T0 / T1 and
    U / (1 - U) * T0 / T1. "wald": exp(log ratio -+ z sqrt(1 / e1 + 1 / e0)); with no event in one group it
    knows nothing, and its limits are 0 and inf.

    Not for risks of common outcomes (more than about a tenth of the persons affected): there the events are
    binomial, and a ratio of risks is called for. Not for events that come in clusters, such as outbreaks.

    References
    ----------
    Breslow NE, Day NE (1987). Statistical Methods in Cancer Research, volume II: The Design and Analysis of
    Cohort Studies. IARC Scientific Publications 82, Lyon, section 3.4.

    Fay MP (2010). Two-sided exact tests and matching confidence intervals for discrete data. The R Journal
    2(1): 53-58. doi:10.32614/RJ-2010-008

    Examples
    --------
    The example in the documentation of OpenEpi (comparing two person-time rates), where the ratio is 6.927
    with exact limits 2.004 to 36.89:

    >>> import mchepi
    >>> ratio = mchepi.rate_ratio(17, 100025, 3, 122268)
    >>> print(f"{ratio.value:.3f} ({ratio.lower:.3f} to {ratio.upper:.2f}), p = {ratio.p_value:.7f}")
    6.927 (2.004 to 36.89), p = 0.0005538
    """
    level = check_level(confidence_level)
    check_choice("method", method, METHODS)
    groups, layout, reasons = read_person_time(
        exposed_events, exposed_person_time, unexposed_events, unexposed_person_time
    )
    events, time, reference_events, reference_time = groups
    both = events + reference_events
    neither = both == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(both > 0, reference_time / time, np.nan)
        value = events / reference_events * scale
        if method == "wald":
            lower, upper, p_value = _wald(events, reference_events, scale, level)
        else:
            low, high = _odds_limits(events, reference_events, both, method, level)
            lower, upper = low * scale, high * scale
            p_value = _two_tails(events, reference_events, 1 / (1 + scale), midp=method == "midp")
    reasons += [
        (neither, "no events in either group"),
        ((both > 0) & (reference_events == 0), "no events in the reference group"),
    ]
    if method == "wald":
        one_empty = (both > 0) & (events * reference_events == 0)
        reasons.append((one_empty, "wald limits need events in both groups"))
    return laid_out(value, lower, upper, layout, reasons, method=method, level=level, p_value=p_value)


def _odds_limits(
    events: FloatArray, reference_events: FloatArray, both: FloatArray, method: str, level: float
) -> Limits:
    """Limits of the odds that an event is one of the exposed."""
    # The complement of a limit is the other limit of the complement: no digits are lost in 1 - L.
    lower, upper = proportion_limits(events, both, method, level)
    reference_lower, reference_upper = proportion_limits(reference_events, both, method, level)
    return lower / reference_upper, upper / reference_lower


def _two_tails(
    events: FloatArray, reference_events: FloatArray, share: FloatArray, *, midp: bool
) -> FloatArray:
    """Twice the smaller binomial tail, at most 1; `share` is the probability expected of the exposed."""
    at_least = special.betainc(events, reference_events + 1, share)
    above = special.betainc(events + 1, reference_events, share)
    at_most = special.betaincc(events + 1, reference_events, share)
    below = special.betaincc(events, reference_events + 1, share)
    if midp:
        return np.asarray(np.minimum(at_least + above, at_most + below))
    return np.asarray(np.minimum(1, 2 * np.minimum(at_least, at_most)))


def _wald(
    events: FloatArray, reference_events: FloatArray, scale: FloatArray, level: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    value = events / reference_events * scale
    error = np.sqrt(1 / events + 1 / reference_events)
    reach = np.exp(-special.ndtri((1 - level) / 2) * error)
    empty = np.isinf(error) & ~np.isnan(scale)
    lower, upper = np.where(empty, 0.0, value / reach), np.where(empty, np.inf, value * reach)
    return lower, upper, np.where(empty, np.nan, 2 * special.ndtr(-np.abs(np.log(value)) / error))
