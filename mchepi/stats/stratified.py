"""Comparisons of two groups over strata: Mantel-Haenszel, and a test whether the strata agree."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._estimate import Estimate, TestResult, laid_out
from mchepi.stats._homogeneity import score_and_information
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    Mask,
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_level,
    check_part,
    refuse_where,
)

# A common value so close to one at which a stratum is certain is that value: its information is infinite.
_ROUNDING = 1e-12

Strata = tuple[FloatArray, FloatArray, FloatArray, FloatArray]

# measure -> whose variance the limits use
VARIANCES = {
    "risk_ratio": "greenland_robins",
    "odds_ratio": "robins_breslow_greenland",
    "risk_difference": "sato",
    "rate_ratio": "greenland_robins",
}


def mantel_haenszel(
    exposed_events: Any,
    exposed_total: Any,
    unexposed_events: Any,
    unexposed_total: Any,
    *,
    measure: str = "risk_ratio",
    confidence_level: float = 0.95,
) -> Estimate:
    """Mantel-Haenszel comparison of two groups over strata; a ratio without unit, or a difference of risks.

    Parameters
    ----------
    exposed_events, unexposed_events : int array or Series
        Events of each stratum: whole numbers, 0 or more. A Series is one row of strata, joined by its
        labels; in an array of more dimensions the last axis is the strata.
    exposed_total, unexposed_total : array or Series
        All persons of each stratum; person-time (which may be fractional) for "rate_ratio". A stratum where
        one group is empty says nothing and is passed over.
    measure : {"risk_ratio", "odds_ratio", "risk_difference", "rate_ratio"}
        What is taken to be the same in all strata.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        The common measure with limits and the two-sided `p_value` of no difference, by the same standard
        error. `method` names the measure and the variance. A ratio without events among the unexposed is
        inf. Where the variance knows nothing the limits are 0 and inf, the p-value NaN, and the note says so:
        for ratios with no event in one group, for "risk_ratio" also with nothing but events in both. A
        difference has limits unless both groups have all or nothing (then -1 and 1). NaN with a note where a
        number is missing, no stratum can be compared, or a ratio has no events at all.

    Raises
    ------
    ValueError
        Impossible counts, events in a group without persons or person-time, Series with unequal indexes,
        single numbers, an unknown measure or a level outside (0, 1).

    Notes
    -----
    With a of n1 and c of n0 in a stratum of N = n1 + n0:

    - risk_ratio: sum(a n0 / N) / sum(c n1 / N), variance of the logarithm by Greenland and Robins; rate_ratio
      likewise with person-time;
    - odds_ratio: sum(a (n0 - c) / N) / sum((n1 - a) c / N), variance of the logarithm by Robins, Breslow and
      Greenland;
    - risk_difference: sum((a n0 - c n1) / N) / sum(n1 n0 / N), variance by Sato.

    These variances hold for a few large strata and for many small ones.

    Not where the strata differ in truth (see `homogeneity_test`): a common value then describes none of
    them. Not for fewer than about ten events in all, where normal limits are a poor guide.

    References
    ----------
    Greenland S, Robins JM (1985). Estimation of a common effect parameter from sparse follow-up data.
    Biometrics 41(1): 55-68. doi:10.2307/2530643

    Robins J, Breslow N, Greenland S (1986). Estimators of the Mantel-Haenszel variance consistent in both
    sparse data and large-strata limiting models. Biometrics 42(2): 311-323. doi:10.2307/2531052

    Sato T (1989). On the variance estimator for the Mantel-Haenszel risk difference. Biometrics 45(4):
    1323-1324 (letter).

    Examples
    --------
    The migraine trial in the documentation of SAS's FREQ procedure: women 16 of 27 against 5 of 25 better,
    men 12 of 28 against 7 of 26:

    >>> import mchepi
    >>> trial = [[16, 12], [27, 28], [5, 7], [25, 26]]
    >>> for measure in ["odds_ratio", "risk_ratio", "risk_difference"]:
    ...     common = mchepi.mantel_haenszel(*trial, measure=measure)
    ...     print(f"{common.value:.4f} ({common.lower:.4f} to {common.upper:.4f}) {measure}")
    3.3132 (1.4456 to 7.5934) odds_ratio
    2.1636 (1.2336 to 3.7948) risk_ratio
    0.2738 (0.0965 to 0.4510) risk_difference
    """
    level = check_level(confidence_level)
    check_choice("measure", measure, list(VARIANCES))
    strata, layout, missing = _read_strata(
        exposed_events, exposed_total, unexposed_events, unexposed_total, measure
    )
    value, error, unknown = _common(strata, measure)
    z = -special.ndtri((1 - level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "risk_difference":
            lower: FloatArray = value - z * error
            upper: FloatArray = value + z * error
            distance, widest = value, (-1.0, 1.0)
        else:
            lower, upper = value * np.exp(-z * error), value * np.exp(z * error)
            distance, widest = np.log(value), (0.0, np.inf)
        p_value = 2 * special.ndtr(-np.abs(distance) / error)
    lower, upper = np.where(unknown, widest[0], lower), np.where(unknown, widest[1], upper)
    result = Layout(layout.shape[:-1])
    nothing = np.isnan(value) & ~_any_missing(missing, result)
    weighs = (strata[1] > 0) & (strata[3] > 0)
    without = weighs.any(axis=-1) & ((strata[0] + strata[2] == 0) | ~weighs).all(axis=-1)
    reasons = [
        *missing,
        (nothing & without, "no events in either group"),
        (nothing & ~without, "no stratum can be compared"),
        (np.isinf(value), "no events in the reference group"),
        (unknown, _needs(measure)),
    ]
    return laid_out(
        value,
        lower,
        upper,
        result,
        reasons,
        method=f"{measure}, {VARIANCES[measure]}",
        level=level,
        p_value=np.where(unknown, np.nan, p_value),
    )


def homogeneity_test(
    exposed_events: Any,
    exposed_total: Any,
    unexposed_events: Any,
    unexposed_total: Any,
    *,
    measure: str = "risk_ratio",
) -> TestResult:
    """Test whether a measure is the same in all strata (chi-squared, no unit).

    Parameters
    ----------
    exposed_events, unexposed_events : int array or Series
        Events of each stratum, as for `mantel_haenszel`; the last axis is the strata.
    exposed_total, unexposed_total : array or Series
        All persons of each stratum; person-time for "rate_ratio".
    measure : {"risk_ratio", "odds_ratio", "risk_difference", "rate_ratio"}
        What would be the same in all strata.

    Returns
    -------
    TestResult
        `statistic` is chi-squared with one degree of freedom fewer than there are strata that say something.
        NaN where a number is missing, where fewer than two strata say something or where the common measure
        is 0, infinite or unknown.

    Raises
    ------
    ValueError
        As `mantel_haenszel`.

    Notes
    -----
    The sum over strata of U^2 / I less (sum U)^2 / (sum I), where U is the score and I its information for
    one more unit of the measure in that stratum (of its logarithm for ratios), both at the Mantel-Haenszel
    value and at the stratum's own maximum likelihood for the rest. The second term is Tarone's, which pays
    for taking the Mantel-Haenszel value instead of the maximum likelihood. For the odds ratio this is the
    test of Breslow and Day with Tarone's correction. It needs no zero cell to be filled.

    Not as a proof that strata agree: with few events the test hardly ever tells strata apart. Not for many
    strata of a few persons each, where chi-squared does not hold.

    References
    ----------
    Tarone RE (1985). On heterogeneity tests based on efficient scores. Biometrika 72(1): 91-95.
    doi:10.1093/biomet/72.1.91

    Gart JJ, Nam J (1990). Approximate interval estimation of the difference in binomial parameters:
    correction for skewness and extension to multiple tables. Biometrics 46(3): 637-643.
    doi:10.2307/2532084

    Examples
    --------
    The migraine trial in the documentation of SAS's FREQ procedure (see `mantel_haenszel`):

    >>> import mchepi
    >>> test = mchepi.homogeneity_test([16, 12], [27, 28], [5, 7], [25, 26], measure="odds_ratio")
    >>> print(f"{test.statistic:.2f}, p = {test.p_value:.2f}")
    1.49, p = 0.22
    """
    check_choice("measure", measure, list(VARIANCES))
    strata, layout, _ = _read_strata(
        exposed_events, exposed_total, unexposed_events, unexposed_total, measure
    )
    value, _, _ = _common(strata, measure)
    # Where a variance vanishes the information is infinite: rounding must not make it merely large.
    special_values = (-1.0, 0.0, 1.0) if measure == "risk_difference" else (1.0,)
    for exact in special_values:
        value = np.where(np.abs(value - exact) < _ROUNDING, exact, value)
    with np.errstate(divide="ignore", invalid="ignore"):
        score, information = score_and_information(strata, value[..., None], measure)
        says = information > 0
        score, information = np.where(says, score, 0), np.where(says, information, 0)
        apart = np.sum(np.where(says, score**2 / information, 0), axis=-1)
        statistic = np.maximum(apart - score.sum(axis=-1) ** 2 / information.sum(axis=-1), 0)
    freedom = says.sum(axis=-1) - 1
    finite = np.isfinite(value) & (np.abs(value) < 1 if measure == "risk_difference" else value > 0)
    statistic = np.where(finite & (freedom > 0), statistic, np.nan)
    result = Layout(layout.shape[:-1])
    return TestResult(
        result.restore(statistic),
        result.restore(special.chdtrc(np.maximum(freedom, 1), statistic)),
        f"score test of a common {measure}, Tarone's correction",
    )


def _read_strata(
    exposed_events: Any, exposed_total: Any, unexposed_events: Any, unexposed_total: Any, measure: str
) -> tuple[Strata, Layout, list[tuple[Any, str]]]:
    """Strata along the last axis, all of one shape; a set of strata with a missing number is all NaN."""
    given = {
        "exposed_events": exposed_events,
        "exposed_total": exposed_total,
        "unexposed_events": unexposed_events,
        "unexposed_total": unexposed_total,
    }
    arrays, layout = align(**given)
    if not layout.shape:
        raise ValueError(
            "`exposed_events` must be one number a stratum; got a single number. Pass all strata."
        )
    events, total, reference_events, reference_total = np.broadcast_arrays(*arrays)
    for name, part, whole in (
        ("exposed", events, total),
        ("unexposed", reference_events, reference_total),
    ):
        check_counts(f"{name}_events", part, layout)
        if measure == "rate_ratio":
            check_amounts(f"{name}_total", whole, layout)
            rule, fix = f"0 where `{name}_total` is 0", "Correct the counts or give the person-time."
            refuse_where((part > 0) & (whole == 0), f"{name}_events", rule, part, layout, fix)
        else:
            check_counts(f"{name}_total", whole, layout, of="persons")
            check_part(f"{name}_events", part, f"{name}_total", whole, layout)
    missing = [
        (np.isnan(np.broadcast_to(array, layout.shape)).any(axis=-1), f"missing: {name}")
        for name, array in zip(given, arrays, strict=True)
    ]
    return (events, total, reference_events, reference_total), layout, missing


def _needs(measure: str) -> str:
    """Say what the limits lack where the variance knows nothing."""
    lacking = {
        "risk_ratio": "events in both groups, and not in everybody",
        "risk_difference": "events and non-events",
    }
    return f"{VARIANCES[measure]} limits need {lacking.get(measure, 'events in both groups')}"


def _any_missing(missing: list[tuple[Any, str]], result: Layout) -> Mask:
    return np.asarray(np.any([np.broadcast_to(mask, result.shape) for mask, _ in missing], axis=0))


def _common(strata: Strata, measure: str) -> tuple[FloatArray, FloatArray, Mask]:
    """The common measure, its standard error (of the logarithm for ratios), and where that knows nothing."""
    events, total, reference_events, reference_total = strata
    both = total + reference_total
    with np.errstate(divide="ignore", invalid="ignore"):
        # A stratum of nobody weighs nothing; a missing number stays missing.
        share = np.where(both == 0, 0, total / both)
        reference_share = np.where(both == 0, 0, reference_total / both)
        one = np.where(both == 0, 0, 1 / both)
        if measure == "risk_difference":
            return _sato(strata, share, reference_share)
        if measure == "odds_ratio":
            rest, reference_rest = total - events, reference_total - reference_events
            crossed, other = events * reference_rest * one, rest * reference_events * one
            agree, differ = (events + reference_rest) * one, (rest + reference_events) * one
            up, down = crossed.sum(axis=-1), other.sum(axis=-1)
            variance = (
                (agree * crossed).sum(axis=-1) / (2 * up**2)
                + (agree * other + differ * crossed).sum(axis=-1) / (2 * up * down)
                + (differ * other).sum(axis=-1) / (2 * down**2)
            )
        else:
            up, down = (events * reference_share).sum(axis=-1), (reference_events * share).sum(axis=-1)
            if measure == "risk_ratio":
                # Greenland and Robins's (n1 n0 (a + c) - a c N) / N^2, written so that nothing cancels.
                rest, reference_rest = total - events, reference_total - reference_events
                spread = (
                    events * reference_rest * one * share + reference_events * rest * one * reference_share
                )
            else:
                spread = share * reference_share * (events + reference_events)
            variance = spread.sum(axis=-1) / (up * down)
        value = up / down
    unknown = ~np.isnan(value) & ((up == 0) | (down == 0) | (variance == 0))
    return value, np.sqrt(variance), unknown


def _sato(
    strata: Strata, share: FloatArray, reference_share: FloatArray
) -> tuple[FloatArray, FloatArray, Mask]:
    events, total, reference_events, reference_total = strata
    weight = (share * reference_total).sum(axis=-1)
    value = (events * reference_share - reference_events * share).sum(axis=-1) / weight
    first = (
        share**2 * reference_events
        - reference_share**2 * events
        + share * reference_share * (reference_total - total) / 2
    ).sum(axis=-1)
    rest, reference_rest = total - events, reference_total - reference_events
    both = total + reference_total
    product = np.where(both == 0, 0, (events * reference_rest + reference_events * rest) / both)
    variance = (value * first + product.sum(axis=-1) / 2) / weight**2
    # The variance is 0 exactly where all strata that weigh anything have all or nothing in both groups and
    # the same difference: decided by the counts, since the terms cancel.
    weighs = (total > 0) & (reference_total > 0)
    whole = (events * rest == 0) & (reference_events * reference_rest == 0)
    difference = np.where(events > 0, 1, 0) - np.where(reference_events > 0, 1, 0)
    apart = [(~weighs | (whole & (difference == one))).all(axis=-1) for one in (-1, 0, 1)]
    certain = apart[0] | apart[1] | apart[2]
    value = np.where(certain & ~np.isnan(value), np.round(value), value)
    unknown = ~np.isnan(value) & (certain | ~(variance > 0))
    return value, np.sqrt(np.maximum(variance, 0)), unknown
