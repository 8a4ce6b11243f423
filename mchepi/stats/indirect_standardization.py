"""Indirect standardization: events observed against those expected at the rates of a reference population."""

from __future__ import annotations

from typing import Any

import numpy as np

from mchepi.stats._estimate import Estimate, laid_out
from mchepi.stats._strata import Reasons, check_person_time, read_strata, without_strata
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_level,
    check_positive,
)
from mchepi.stats.intervals import count_limits

RATE_METHODS = ("exact", "byar", "phe")
RATIO_METHODS = ("exact", "byar", "midp", "phe")


def indirect_standardized_rate(
    events: Any,
    person_time: Any,
    reference_events: Any,
    reference_person_time: Any,
    *,
    per: float = 1,
    method: str = "exact",
    confidence_level: float = 0.95,
) -> Estimate:
    """Indirectly standardized rate per `per`: the reference's crude rate times observed over expected.

    Parameters
    ----------
    events : int, array or Series
        Events observed, of each stratum or, with one dimension fewer than `person_time`, in all (one number
        where `person_time` is one row of strata). A Series of totals hands its labels to the result.
    person_time : float array or Series
        Person-time or population of each stratum; the last axis is the strata.
    reference_events : float array or Series
        Events of each stratum in the reference population (its rates are taken as known without error).
    reference_person_time : float array or Series
        Person-time or population of each stratum in the reference population.
    per : float
        The unit: 100000 gives events per 100,000.
    method : {"exact", "byar", "phe"}
        Method of the limits of the observed count, see `count_interval`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        NaN with a note where a number is missing, nothing is expected, or persons stand in a stratum for
        which the reference has no rate.

    Raises
    ------
    ValueError
        Impossible counts, events without person-time, Series with unequal indexes, single numbers, an
        unknown method, a level outside (0, 1) or a `per` that is not positive.

    Notes
    -----
    Expected events E = sum T_i R_i, with R_i the rate of the reference in stratum i; the value is O / E times
    sum reference_events / sum reference_person_time, and the limits are those of the count O likewise.

    Not for comparing two districts with each other: each is standardized to its own composition, and only
    the comparison with the reference is fair.

    References
    ----------
    Breslow NE, Day NE (1987). Statistical Methods in Cancer Research, volume II: The Design and Analysis of
    Cohort Studies. IARC Scientific Publications 82, Lyon, chapter 2.

    Ulm K (1990). A simple method to calculate the confidence interval of a standardized mortality ratio
    (SMR). American Journal of Epidemiology 131(2): 373-375. doi:10.1093/oxfordjournals.aje.a115507

    Examples
    --------
    Nine deaths in a district of two age groups (constructed), against a province, per 1,000:

    >>> import mchepi
    >>> rate = mchepi.indirect_standardized_rate(9, [3100, 900], [410, 520], [310000, 48000], per=1000)
    >>> print(f"{rate.value:.2f} ({rate.lower:.2f} to {rate.upper:.2f})")
    1.69 (0.77 to 3.20)
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, RATE_METHODS)
    (time, reference, reference_time), layout, reasons = read_strata(
        person_time=person_time,
        reference_events=reference_events,
        reference_person_time=reference_person_time,
    )
    observed, missing, result = _observed(events, person_time, time, layout)
    check_person_time("reference_events", reference, "reference_person_time", reference_time, layout)
    check_amounts("reference_events", reference, layout)
    check_amounts("person_time", time, layout)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.where(time == 0, 0, time * (reference / reference_time)).sum(axis=-1)
        crude = reference.sum(axis=-1) / reference_time.sum(axis=-1)
        scale = np.where(expected > 0, crude / expected, np.nan)
    lower, upper = count_limits(observed, method, level)
    unknown = ((time > 0) & (reference_time == 0)).any(axis=-1)
    reasons += [
        *missing,
        (unknown, "no reference rate for a stratum with person-time"),
        (np.asarray(expected == 0), "nothing is expected"),
    ]
    return laid_out(
        observed * scale, lower * scale, upper * scale, result, reasons, method=method, level=level, per=per
    )


def standardized_ratio(
    observed: Any, expected: Any, *, per: float = 1, method: str = "exact", confidence_level: float = 0.95
) -> Estimate:
    """Standardized ratio (SMR, ISR): observed over expected events, times `per`; no unit.

    Parameters
    ----------
    observed : int, array or Series
        Events observed: whole numbers, 0 or more.
    expected : float, array or Series
        Events expected, from the rates of a reference population; taken as known without error.
    per : float
        100 shows a ratio of 1 as 100.
    method : {"exact", "byar", "midp", "phe"}
        Method of the limits of the observed count, see `count_interval`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        NaN with a note where a number is missing ("missing: observed") or nothing is expected ("denominator
        zero").

    Raises
    ------
    ValueError
        Counts that are negative or fractional, negative expected numbers, Series with unequal indexes, a
        level outside (0, 1), an unknown method or a `per` that is not positive.

    Notes
    -----
    value = per * observed / expected; the limits are those of the count over the same expected number.

    Not for comparing two districts with each other (see `indirect_standardized_rate`). Not with an expected
    number that itself rests on few events.

    References
    ----------
    Ulm K (1990). A simple method to calculate the confidence interval of a standardized mortality ratio
    (SMR). American Journal of Epidemiology 131(2): 373-375. doi:10.1093/oxfordjournals.aje.a115507

    Examples
    --------
    Test data of the UK Health Security Agency's PHEindicatormethods, where the limits are 0.492 to 2.044:

    >>> import mchepi
    >>> ratio = mchepi.standardized_ratio(9, 835.883561231174, per=100)
    >>> print(f"{ratio.value:.3f} ({ratio.lower:.3f} to {ratio.upper:.3f})")
    1.077 (0.492 to 2.044)
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, RATIO_METHODS)
    given = {"observed": observed, "expected": expected}
    (observed, expected), layout = align(**given)
    check_counts("observed", observed, layout)
    check_amounts("expected", expected, layout)
    scale = 1 / np.where(expected > 0, expected, np.nan)
    lower, upper = count_limits(observed, method, level)
    reasons: Reasons = [
        (np.isnan(observed), "missing: observed"),
        (np.isnan(expected), "missing: expected"),
        (np.asarray(expected == 0), "denominator zero"),
    ]
    return laid_out(
        observed * scale, lower * scale, upper * scale, layout, reasons, method=method, level=level, per=per
    )


def _observed(
    events: Any, person_time: Any, time: FloatArray, layout: Layout
) -> tuple[FloatArray, Reasons, Layout]:
    """Observed events in all, from the strata or as given; and the layout of the result."""
    result = without_strata(layout)
    if np.ndim(events) == np.ndim(person_time) - 1:
        (total,), own = align(events=events)
        check_counts("events", total, own)
        if own.shape not in ((), (1,), result.shape):
            raise ValueError(
                f"`events` must be one total a set of strata {result.shape}; got {own.shape}. "
                "Give a total for every row of `person_time`."
            )
        result = Layout(result.shape, own.index if own.shape == result.shape else None)
        total = np.broadcast_to(total, result.shape)
    else:
        (count, _), own, _ = read_strata(events=events, person_time=person_time)
        check_counts("events", count, own)
        check_person_time("events", count, "person_time", time, layout)
        total = count.sum(axis=-1)
    return total, [(np.isnan(total), "missing: events")], result
