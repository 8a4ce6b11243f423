"""Difference of two rates of events over person-time."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._estimate import Estimate, laid_out
from mchepi.stats._score_limits import lower_rate_difference
from mchepi.stats._two_groups import read_person_time
from mchepi.stats._validate import check_choice, check_level, check_positive

METHODS = ("score", "wald")


def rate_difference(
    exposed_events: Any,
    exposed_person_time: Any,
    unexposed_events: Any,
    unexposed_person_time: Any,
    *,
    per: float = 1,
    method: str = "score",
    confidence_level: float = 0.95,
) -> Estimate:
    """Difference of two rates, exposed minus unexposed, in events per `per` of person-time.

    Parameters
    ----------
    exposed_events, unexposed_events : int, array or Series
        Events in each group: whole numbers, 0 or more.
    exposed_person_time, unexposed_person_time : float, array or Series
        Person-time, births or persons at risk behind the events, in the same unit in both groups.
    per : float
        The unit: 1000 gives the difference in events per 1,000.
    method : {"score", "wald"}
        "score" (default): Miettinen and Nurminen, the difference at which the score test just rejects; has
        limits also without events. "wald": normal limits; only for dozens of events in both groups.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        The difference with limits and the two-sided `p_value` of equal rates by the same method. No
        person-time or a missing value: NaN with a note.

    Raises
    ------
    ValueError
        Counts that are negative or fractional, negative person-time, Series with unequal indexes, a level
        outside (0, 1), an unknown method or a `per` that is not positive.

    Notes
    -----
    With e1 and e0 events in T1 and T0 person-time and d = e1 / T1 - e0 / T0:

    - score: the two D at which (d - D)^2 = z^2 (r1 / T1 + r0 / T0), with r1 and r0 the maximum likelihood
      rates under r1 - r0 = D;
    - wald: d -+ z sqrt(e1 / T1^2 + e0 / T0^2); without any event it knows nothing: -inf and inf.

    Not for common outcomes among few persons (see `risk_difference`). Not for events that come in clusters,
    such as outbreaks.

    References
    ----------
    Miettinen O, Nurminen M (1985). Comparative analysis of two rates. Statistics in Medicine 4(2): 213-226.
    doi:10.1002/sim.4780040211

    Examples
    --------
    Neonatal deaths of one county in two years (constructed), per 1,000 live births:

    >>> import mchepi
    >>> difference = mchepi.rate_difference(3, 1430, 7, 1512, per=1000)
    >>> print(f"{difference.value:.2f} ({difference.lower:.2f} to {difference.upper:.2f})")
    -2.53 (-7.71 to 2.07)
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, METHODS)
    groups, layout, reasons = read_person_time(
        exposed_events, exposed_person_time, unexposed_events, unexposed_person_time
    )
    events, time, reference_events, reference_time = groups
    z = -special.ndtri((1 - level) / 2)
    value = events / time - reference_events / reference_time
    neither = events + reference_events == 0
    if method == "score":
        quantile = np.where(np.isnan(value), np.nan, z**2)
        lower = lower_rate_difference(*groups, quantile)
        upper = -lower_rate_difference(reference_events, reference_time, events, time, quantile)
        variance = (events + reference_events) / (time * reference_time)  # of d, at equal rates
    else:
        variance = events / time**2 + reference_events / reference_time**2
        reach = np.where(neither, np.inf, z * np.sqrt(variance))
        lower, upper = value - reach, value + reach
        reasons.append((neither, "wald limits need events"))
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * special.ndtr(-np.abs(value) / np.sqrt(variance))
    p_value = np.where(neither, 1.0 if method == "score" else np.nan, p_value)
    return laid_out(
        value, lower, upper, layout, reasons, method=method, level=level, per=per, p_value=p_value
    )
