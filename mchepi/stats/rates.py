"""One proportion, and one rate of events per person-time, with confidence limits."""

from __future__ import annotations

from typing import Any

import numpy as np

from mchepi.stats._estimate import Estimate
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_level,
    check_part,
    check_positive,
)
from mchepi.stats.intervals import COUNT_LIMITS, PROPORTION_LIMITS, count_limits, proportion_limits


def proportion(
    events: Any, total: Any, *, per: float = 1, method: str = "wilson", confidence_level: float = 0.95
) -> Estimate:
    """Proportion of persons with an event, per `per` persons, with confidence limits.

    Parameters
    ----------
    events : int, array or Series
        Persons with the event: whole numbers from 0 to `total`.
    total : int, array or Series
        All persons (births, children screened ...).
    per : float
        The unit: 100 gives percent, 1000 gives events per 1,000.
    method : {"wilson", "wilson_cc", "exact", "midp", "jeffreys", "agresti_coull"}
        Method of the limits, see `proportion_interval`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        NaN with a note where a number is missing ("missing: events") or the total is 0 ("denominator zero").

    Raises
    ------
    ValueError
        Counts that are negative or fractional, more events than persons, Series with unequal indexes, a
        level outside (0, 1), an unknown method or a `per` that is not positive.

    Notes
    -----
    value = per * events / total.

    Not for numerators that are not part of the denominator, such as maternal deaths over live births (see
    `rate`). The limits say which underlying risk is compatible with the count; they cover neither
    under-reporting nor the design of a survey.

    References
    ----------
    Newcombe RG (1998). Two-sided confidence intervals for the single proportion: comparison of seven
    methods. Statistics in Medicine 17(8): 857-872.
    doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E

    Examples
    --------
    Newcombe's table I, 81 of 263, in percent:

    >>> import mchepi
    >>> share = mchepi.proportion(81, 263, per=100)
    >>> print(f"{share.value:.1f} % ({share.lower:.2f} to {share.upper:.2f})")
    30.8 % (25.53 to 36.62)
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, list(PROPORTION_LIMITS))
    (events, total), layout = align(events=events, total=total)
    check_counts("events", events, layout)
    check_counts("total", total, layout, of="persons")
    check_part("events", events, "total", total, layout)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = events / total
    lower, upper = proportion_limits(events, total, method, level)
    return Estimate(
        layout.restore(value * per, "value"),
        layout.restore(lower * per, "lower"),
        layout.restore(upper * per, "upper"),
        method=method,
        confidence_level=level,
        per=per,
        note=_notes(value, layout, total, events=events, total=total),
    )


def rate(
    events: Any, person_time: Any, *, per: float = 1, method: str = "exact", confidence_level: float = 0.95
) -> Estimate:
    """Rate of events per `per` of person-time (or births, or population), with confidence limits.

    Parameters
    ----------
    events : int, array or Series
        Events counted: whole numbers, 0 or more.
    person_time : float, array or Series
        Person-time, births or population behind the events; may be fractional.
    per : float
        The unit: 1000 gives events per 1,000.
    method : {"exact", "byar", "midp", "phe"}
        Method of the limits, see `count_interval`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        NaN with a note where a number is missing ("missing: events") or the person-time is 0 ("denominator
        zero").

    Raises
    ------
    ValueError
        Counts that are negative or fractional, negative person-time, Series with unequal indexes, a level
        outside (0, 1), an unknown method or a `per` that is not positive.

    Notes
    -----
    value = per * events / person_time; the limits are those of the count over the same person-time, which
    counts as known without error.

    Not for common outcomes among few persons: the upper limit can exceed `per` (see `proportion`). Not for
    events that come in clusters. The limits say which underlying rate is compatible with the count; they do
    not cover under-reporting.

    References
    ----------
    Garwood F (1936). Fiducial limits for the Poisson distribution. Biometrika 28(3-4): 437-442.
    doi:10.1093/biomet/28.3-4.437

    Examples
    --------
    The example in the help of StatsDirect: 14 events in 400 person-years, limits 0.019135 to 0.058724:

    >>> import mchepi
    >>> incidence = mchepi.rate(14, 400)
    >>> print(f"{incidence.value} ({incidence.lower:.6f} to {incidence.upper:.6f})")
    0.035 (0.019135 to 0.058724)

    One rate a district, and a district without births:

    >>> districts = mchepi.rate([3, 0, 0], [1430, 210, 0], per=1000).to_frame()
    >>> districts[["value", "lower", "upper", "note"]].round(2)
       value  lower  upper              note
    0    2.1   0.43   6.13
    1    0.0   0.00  17.57
    2    NaN    NaN    NaN  denominator zero
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, list(COUNT_LIMITS))
    (events, person_time), layout = align(events=events, person_time=person_time)
    check_counts("events", events, layout)
    check_amounts("person_time", person_time, layout)
    time = person_time if np.all(person_time > 0) else np.where(person_time > 0, person_time, np.nan)
    value = events / time
    lower, upper = count_limits(events, method, level)
    return Estimate(
        layout.restore(value * per, "value"),
        layout.restore(lower / time * per, "lower"),
        layout.restore(upper / time * per, "upper"),
        method=method,
        confidence_level=level,
        per=per,
        note=_notes(value, layout, person_time, events=events, person_time=person_time),
    )


def _notes(value: FloatArray, layout: Layout, denominator: FloatArray, **given: FloatArray) -> Any:
    if not np.isnan(value).any():
        return None
    missing = [(np.isnan(numbers), f"missing: {name}") for name, numbers in given.items()]
    return layout.notes([*missing, (denominator == 0, "denominator zero")])
