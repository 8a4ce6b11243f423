"""Comparisons of two risks: their difference, their ratio and the ratio of their odds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._conditional_odds import conditional_odds
from mchepi.stats._estimate import Estimate, laid_out
from mchepi.stats._score_limits import lower_risk_difference, lower_risk_ratio
from mchepi.stats._two_groups import Groups, read_persons
from mchepi.stats._validate import FloatArray, Mask, check_choice, check_level
from mchepi.stats.intervals import Limits, proportion_limits

DIFFERENCE_METHODS = ("newcombe", "miettinen_nurminen", "wald")
RATIO_METHODS = ("miettinen_nurminen", "katz")
ODDS_METHODS = ("exact", "woolf")


def risk_difference(
    exposed_events: Any,
    exposed_total: Any,
    unexposed_events: Any,
    unexposed_total: Any,
    *,
    method: str = "newcombe",
    confidence_level: float = 0.95,
) -> Estimate:
    """Difference of two risks, exposed minus unexposed, as a proportion between -1 and 1.

    Parameters
    ----------
    exposed_events, unexposed_events : int, array or Series
        Persons with the event in each group: whole numbers from 0 to the group's total.
    exposed_total, unexposed_total : int, array or Series
        All persons in each group.
    method : {"newcombe", "miettinen_nurminen", "wald"}
        "newcombe" (default): hybrid of the two Wilson intervals, never outside [-1, 1]. "miettinen_nurminen":
        score limits, the difference at which the score test just rejects. "wald": normal limits; only for
        dozens of events and non-events in both groups.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        The difference with limits. `p_value` of equal risks: the score test (with N / (N - 1)) for
        "miettinen_nurminen", the Wald test for "wald", none for "newcombe", which tests nothing. An empty
        group or a missing value: NaN with a note.

    Raises
    ------
    ValueError
        Counts that are negative or fractional, more events than persons, Series with unequal indexes, a
        level outside (0, 1) or an unknown method.

    Notes
    -----
    With x1 of n1 and x0 of n0, p = x / n, and (l, u) the Wilson limits of each:

    - newcombe: d - sqrt((p1 - l1)^2 + (u0 - p0)^2) and d + sqrt((u1 - p1)^2 + (p0 - l0)^2);
    - miettinen_nurminen: the two D at which (d - D)^2 = z^2 V N / (N - 1), where N = n1 + n0 and
      V = r1 (1 - r1) / n1 + r0 (1 - r0) / n0 at the maximum likelihood r1, r0 with r1 - r0 = D;
    - wald: d -+ z sqrt(p1 (1 - p1) / n1 + p0 (1 - p0) / n0), which may lie outside [-1, 1]; where that
      variance is 0 it knows nothing: -1 and 1.

    Not for paired data, clusters or groups that were matched. Not for groups of different composition (see
    `mantel_haenszel`).

    References
    ----------
    Newcombe RG (1998). Interval estimation for the difference between independent proportions: comparison of
    eleven methods. Statistics in Medicine 17(8): 873-890.
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I

    Miettinen O, Nurminen M (1985). Comparative analysis of two rates. Statistics in Medicine 4(2): 213-226.
    doi:10.1002/sim.4780040211

    Examples
    --------
    Newcombe's first example, 56 of 70 against 48 of 80:

    >>> import mchepi
    >>> for method in ["newcombe", "miettinen_nurminen", "wald"]:
    ...     difference = mchepi.risk_difference(56, 70, 48, 80, method=method)
    ...     print(f"{difference.value:.4f} ({difference.lower:.4f} to {difference.upper:.4f}) {method}")
    0.2000 (0.0524 to 0.3339) newcombe
    0.2000 (0.0528 to 0.3382) miettinen_nurminen
    0.2000 (0.0575 to 0.3425) wald
    """
    level = check_level(confidence_level)
    check_choice("method", method, DIFFERENCE_METHODS)
    groups, layout, reasons = read_persons(exposed_events, exposed_total, unexposed_events, unexposed_total)
    events, total, reference_events, reference_total = groups
    value = events / total - reference_events / reference_total
    p_value = None
    if method == "newcombe":
        lower, upper = _newcombe(groups, value, level)
    elif method == "miettinen_nurminen":
        lower = lower_risk_difference(*groups, _score_quantile(groups, level))
        upper = -lower_risk_difference(*_swapped(groups), _score_quantile(groups, level))
        p_value = _score_p_value(groups)
    else:
        variance = _of_both(groups, lambda x, n: x * (n - x) / n**3)
        reach = -special.ndtri((1 - level) / 2) * np.sqrt(variance)
        unknown = variance == 0
        lower, upper = np.where(unknown, -1.0, value - reach), np.where(unknown, 1.0, value + reach)
        p_value = _two_sided(value, np.sqrt(variance))
        reasons.append((unknown, "wald limits need events and non-events"))
    return laid_out(value, lower, upper, layout, reasons, method=method, level=level, p_value=p_value)


def risk_ratio(
    exposed_events: Any,
    exposed_total: Any,
    unexposed_events: Any,
    unexposed_total: Any,
    *,
    method: str = "miettinen_nurminen",
    confidence_level: float = 0.95,
) -> Estimate:
    """Ratio of two risks, exposed over unexposed; no unit.

    Parameters
    ----------
    exposed_events, unexposed_events : int, array or Series
        Persons with the event in each group: whole numbers from 0 to the group's total.
    exposed_total, unexposed_total : int, array or Series
        All persons in each group.
    method : {"miettinen_nurminen", "katz"}
        "miettinen_nurminen" (default): score limits, the ratio at which the score test just rejects. "katz":
        normal limits on the logarithm; only for dozens of events in both groups.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        The ratio with limits and the two-sided `p_value` of equal risks by the same method. No event among
        the unexposed: inf with a finite lower and an infinite upper limit; no event at all, an empty group
        or a missing value: NaN with a note.

    Raises
    ------
    ValueError
        Counts that are negative or fractional, more events than persons, Series with unequal indexes, a
        level outside (0, 1) or an unknown method.

    Notes
    -----
    With x1 of n1 and x0 of n0 and p = x / n:

    - miettinen_nurminen: the two R at which (p1 - R p0)^2 = z^2 V N / (N - 1), where N = n1 + n0 and
      V = r1 (1 - r1) / n1 + R^2 r0 (1 - r0) / n0 at the maximum likelihood r1, r0 with r1 = R r0;
    - katz: exp(log ratio -+ z sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0)); with no event in one group, or
      nothing but events in both, it knows nothing, and its limits are 0 and inf.

    Not for paired data, clusters or case-control studies (see `odds_ratio`). Where events are rare and the
    denominators are births or person-time, `rate_ratio` is exact.

    References
    ----------
    Miettinen O, Nurminen M (1985). Comparative analysis of two rates. Statistics in Medicine 4(2): 213-226.
    doi:10.1002/sim.4780040211

    Katz D, Baptista J, Azen SP, Pike MC (1978). Obtaining confidence intervals for the risk ratio in cohort
    studies. Biometrics 34(3): 469-474. doi:10.2307/2530610

    Examples
    --------
    Constructed: 7 of 1,430 against 3 of 1,512 newborns, and a district where the comparison has no events:

    >>> import mchepi
    >>> ratio = mchepi.risk_ratio([7, 4], [1430, 250], [3, 0], [1512, 310]).to_frame()
    >>> ratio[["value", "lower", "upper", "note"]].round(3)
       value  lower  upper                             note
    0  2.467  0.697  8.742
    1    inf  1.297    inf  no events in the reference group
    """
    level = check_level(confidence_level)
    check_choice("method", method, RATIO_METHODS)
    groups, layout, reasons = read_persons(exposed_events, exposed_total, unexposed_events, unexposed_total)
    events, total, reference_events, reference_total = groups
    neither = events + reference_events == 0
    groups = _only(groups, ~neither)
    events, total, reference_events, reference_total = groups
    with np.errstate(divide="ignore", invalid="ignore"):
        value = events / total / (reference_events / reference_total)
        if method == "miettinen_nurminen":
            lower = lower_risk_ratio(*groups, _score_quantile(groups, level))
            upper: FloatArray = 1 / lower_risk_ratio(*_swapped(groups), _score_quantile(groups, level))
            p_value = _score_p_value(groups)
        else:
            variance = _of_both(groups, lambda x, n: (n - x) / (x * n))
            lower, upper, p_value, unknown = _on_log_scale(value, variance, level)
    reasons += [
        (neither, "no events in either group"),
        ((events > 0) & (reference_events == 0), "no events in the reference group"),
    ]
    if method == "katz":
        reasons.append((unknown, "katz limits need events in both groups and non-events in one"))
    return laid_out(value, lower, upper, layout, reasons, method=method, level=level, p_value=p_value)


def odds_ratio(
    exposed_events: Any,
    exposed_total: Any,
    unexposed_events: Any,
    unexposed_total: Any,
    *,
    method: str = "exact",
    confidence_level: float = 0.95,
) -> Estimate:
    """Ratio of two odds, exposed over unexposed; no unit.

    Parameters
    ----------
    exposed_events, unexposed_events : int, array or Series
        Persons with the event in each group: whole numbers from 0 to the group's total. In a case-control
        study: the cases among the exposed and among the unexposed.
    exposed_total, unexposed_total : int, array or Series
        All persons in each group, with and without the event.
    method : {"exact", "woolf"}
        "exact" (default): given the margins of the table; the value is the conditional maximum likelihood
        estimate (R's fisher.test), a little nearer to 1 than the ratio of the crossed cells. Covers at least
        as often as it says. "woolf": the ratio of the crossed cells with normal limits on the logarithm; only
        for dozens of persons in each of the four cells.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        The ratio with limits and the two-sided `p_value` of equal odds. For "exact" that is twice the smaller
        tail, at most 1 (not the sum of all tables at most as likely, as R's fisher.test has it), so that
        p < 1 - confidence_level exactly when the limits exclude 1. A zero cell: value 0, or inf with a finite
        lower and an infinite upper limit; nobody or everybody with the event, an empty group or a missing
        value: NaN with a note.

    Raises
    ------
    ValueError
        Counts that are negative or fractional, more events than persons, Series with unequal indexes, a
        level outside (0, 1) or an unknown method.

    Notes
    -----
    Given the margins, the events X among the exposed follow Fisher's noncentral hypergeometric distribution.
    exact: the value has mean X = x, and P(X >= x | lower) = P(X <= x | upper) = (1 - confidence_level) / 2.
    woolf: exp(log ratio -+ z sqrt(1 / a + 1 / b + 1 / c + 1 / d)); with a zero cell it knows nothing, and its
    limits are 0 and inf. No 0.5 is ever added to a cell.

    Not for paired or matched data. Not as a stand-in for the ratio of risks where events are common: it lies
    further from 1 (see `risk_ratio`).

    References
    ----------
    Cornfield J (1956). A statistical problem arising from retrospective studies. Proceedings of the Third
    Berkeley Symposium on Mathematical Statistics and Probability 4: 135-148.

    Woolf B (1955). On estimating the relation between blood group and disease. Annals of Human
    Genetics 19(4): 251-253. doi:10.1111/j.1469-1809.1955.tb01348.x

    Examples
    --------
    Fisher's criminal twins, as in the help of R's fisher.test: 2 of 15 dizygotic against 10 of 13 monozygotic
    twins were convicted (R prints 0.04694 with limits 0.00333 to 0.36318; its search stops early):

    >>> import mchepi
    >>> odds = mchepi.odds_ratio(2, 17, 10, 13)
    >>> print(f"{odds.value:.6f} ({odds.lower:.6f} to {odds.upper:.6f})")
    0.046937 (0.003317 to 0.363190)
    """
    level = check_level(confidence_level)
    check_choice("method", method, ODDS_METHODS)
    groups, layout, reasons = read_persons(exposed_events, exposed_total, unexposed_events, unexposed_total)
    nobody = groups[0] + groups[2] == 0
    everybody = groups[0] + groups[2] == groups[1] + groups[3]
    groups = _only(groups, ~(nobody | everybody))
    events, total, reference_events, reference_total = groups
    rest, reference_rest = total - events, reference_total - reference_events
    if method == "exact":
        value, lower, upper, p_value = conditional_odds(groups, (1 - level) / 2)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            value = events * reference_rest / (rest * reference_events)
            variance = 1 / events + 1 / rest + 1 / reference_events + 1 / reference_rest
            lower, upper, p_value, unknown = _on_log_scale(value, variance, level)
    reasons += [
        (nobody, "no events in either group"),
        (everybody, "nothing but events in both groups"),
        (reference_events == 0, "no events in the reference group"),
        (rest == 0, "nothing but events in the exposed group"),
    ]
    if method == "woolf":
        reasons.append((unknown, "woolf limits need events and non-events in both groups"))
    return laid_out(value, lower, upper, layout, reasons, method=method, level=level, p_value=p_value)


def _newcombe(groups: Groups, value: FloatArray, level: float) -> Limits:
    events, total, reference_events, reference_total = groups
    risk, reference_risk = events / total, reference_events / reference_total
    low, high = proportion_limits(events, total, "wilson", level)
    reference_low, reference_high = proportion_limits(reference_events, reference_total, "wilson", level)
    lower = value - np.hypot(risk - low, reference_high - reference_risk)
    return lower, value + np.hypot(high - risk, reference_risk - reference_low)


def _score_quantile(groups: Groups, level: float) -> FloatArray:
    """Quantile of chi-squared, with N / (N - 1)."""
    persons = groups[1] + groups[3]
    return np.asarray(special.ndtri((1 - level) / 2) ** 2 * persons / (persons - 1))


def _score_p_value(groups: Groups) -> FloatArray:
    """Score test of equal risks, with N / (N - 1); the same for the difference and the ratio."""
    events, total, reference_events, reference_total = groups
    persons = total + reference_total
    pooled = (events + reference_events) / persons
    inflation = persons / (persons - 1)
    variance = pooled * (1 - pooled) * (1 / total + 1 / reference_total) * inflation
    return _two_sided(events / total - reference_events / reference_total, np.sqrt(variance), equal=1.0)


def _two_sided(distance: FloatArray, error: FloatArray, equal: float = np.nan) -> FloatArray:
    """Two-sided normal p-value; `equal` where there is neither distance nor error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * special.ndtr(-np.abs(distance) / error)
    return np.where(error == 0, np.where(distance == 0, equal, np.nan), p_value)


def _on_log_scale(
    value: FloatArray, variance: FloatArray, level: float
) -> tuple[FloatArray, FloatArray, FloatArray, Mask]:
    """Normal limits on the logarithm; 0 and inf where the variance is infinite or 0."""
    error = np.sqrt(variance)
    reach = np.exp(-special.ndtri((1 - level) / 2) * error)
    unknown = np.isinf(error) | (error == 0)
    p_value = np.where(unknown, np.nan, 2 * special.ndtr(-np.abs(np.log(value)) / error))
    return np.where(unknown, 0.0, value / reach), np.where(unknown, np.inf, value * reach), p_value, unknown


def _of_both(groups: Groups, variance: Callable[[FloatArray, FloatArray], FloatArray]) -> FloatArray:
    """Sum of the variances of both groups."""
    return variance(groups[0], groups[1]) + variance(groups[2], groups[3])


def _swapped(groups: Groups) -> Groups:
    return groups[2], groups[3], groups[0], groups[1]


def _only(groups: Groups, asked: Mask) -> Groups:
    events, total, reference_events, reference_total = (np.where(asked, part, np.nan) for part in groups)
    return events, total, reference_events, reference_total
