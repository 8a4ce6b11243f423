"""Prevalence from a survey, with limits that allow for its strata, clusters and weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._estimate import Estimate, Numbers
from mchepi.stats._survey_design import (
    SINGLE_CLUSTER_RULES,
    Sample,
    degrees_of_freedom,
    read_sample,
    single_cluster_strata,
    variance_of_sum,
)
from mchepi.stats._validate import check_choice, check_level, check_positive
from mchepi.stats.intervals import proportion_limits

METHODS = ("logit", "beta", "wilson")
# A design variance so far below that of a simple random sample is rounding, not design.
_NEGLIGIBLE = 1e-10


@dataclass(frozen=True, eq=False, kw_only=True)
class SurveyEstimate(Estimate):
    """An estimated proportion of a survey, and what the design did to its precision.

    Parameters
    ----------
    value, lower, upper, method, confidence_level, per, p_value, note
        As in `Estimate`.
    design_effect : float
        The variance under the design over that of a simple random sample of as many persons.
    effective_n : float
        The size of a simple random sample with the same variance.
    """

    design_effect: Numbers
    effective_n: Numbers


def survey_proportion(
    outcome: Any,
    *,
    weights: Any = None,
    strata: Any = None,
    clusters: Any = None,
    domain: Any = None,
    method: str = "logit",
    confidence_level: float = 0.95,
    per: float = 1,
    single_cluster: str = "adjust",
    assumed_design_effect: float | None = None,
) -> SurveyEstimate:
    """Prevalence in the population a survey was drawn from, per `per` persons, by Taylor linearization.

    Parameters
    ----------
    outcome : bool array or Series
        One value a person of the sample: 1 or True with the condition, 0 or False without; missing is
        allowed.
    weights : float array or Series, optional
        How many persons of the population each one stands for (on any scale). None: all the same.
    strata : array or Series of labels, optional
        Parts of the population from which was drawn separately. None: a single one.
    clusters : array or Series of labels, optional
        What was drawn first (villages, schools); the persons of one are alike. The same label in two strata
        means two clusters. None: every person was drawn alone.
    domain : bool array or Series, optional
        The persons whom the prevalence is asked of (an age group). Pass the mask with the whole sample:
        dropping the other rows instead forgets clusters in which nobody of the domain was found, and with
        them variance.
    method : {"logit", "beta", "wilson"}
        "logit" (default): t limits on the log-odds. "beta": Korn-Graubard, exact limits on an effective n
        that is corrected by t quantiles; the widest with few cases. "wilson": score limits on `effective_n`.
    confidence_level : float
        Between 0 and 1.
    per : float
        The unit: 100 gives percent.
    single_cluster : {"adjust", "average", "raise"}
        What a stratum of which one cluster was drawn adds to the variance: the square of its distance from
        the whole sample ("adjust"), the mean of what the other strata add ("average"), or an error.
    assumed_design_effect : float, optional
        The design effect to assume where it cannot be estimated: no case at all, or nothing but cases.

    Returns
    -------
    SurveyEstimate
        With `design_effect` and `effective_n`. A `note` says what was out of the ordinary: persons without
        outcome, strata with a single cluster, an assumed design effect, or why there are no limits.

    Raises
    ------
    ValueError
        Values other than 0 and 1, negative or missing weights, missing strata or clusters, Series with
        unequal indexes, an unknown method or rule, a single cluster under "raise", or a level outside (0, 1).

    Notes
    -----
    p = sum w y / sum w over the domain. With scores z = w (y - p) / sum w (0 outside the domain) and cluster
    totals z_hc, the variance is the sum over strata of n_h / (n_h - 1) sum_c (z_hc - mean_h)^2: clusters
    count as drawn with replacement, and later stages are within them. Degrees of freedom: clusters minus
    strata in which somebody of the domain is. design_effect = variance / (p (1 - p) / (n - 1)) and
    effective_n = n / design_effect, with n the persons who count.

    logit: log(p / (1 - p)) -+ t sqrt(variance) / (p (1 - p)). beta: with n* = p (1 - p) / variance (t(n - 1)
    / t(df))^2, the beta quantiles of Clopper and Pearson at n* p cases of n*.

    No case at all: value 0 and the exact upper limit 1 - ((1 - level) / 2)^(1 / n*) with n* = n /
    `assumed_design_effect` (without it none can be given, and the note asks for it; in a sample without
    design it is 1). Likewise with nothing but cases. Where all clusters have the same prevalence, the
    variance of a simple random sample stands in: the limits never have a width of 0.

    Not for a full register or a check-up of all children: those are counts (see `proportion`), and whoever
    stayed away is not mended by weights. "wilson" knows no degrees of freedom: with six clusters its 95 %
    limits cover in about 90 %, those of "logit" and "beta" in 94 % and more (docs/methods/surveys.md).

    References
    ----------
    Binder DA (1983). On the variances of asymptotically normal estimators from complex surveys. International
    Statistical Review 51(3): 279-292. doi:10.2307/1402588

    Korn EL, Graubard BI (1998). Confidence intervals for proportions with small expected number of positive
    counts estimated from survey data. Survey Methodology 24(2): 193-201.

    Dean N, Pagano M (2015). Evaluating confidence interval methods for binomial proportions in clustered
    surveys. Journal of Survey Statistics and Methodology 3(4): 484-503. doi:10.1093/jssam/smv024

    Examples
    --------
    Anemia in six villages of two strata (constructed). Children of one village are alike:

    >>> from mchepi.stats.surveys import survey_proportion
    >>> village = [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6]
    >>> anemia = [1, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0]
    >>> found = survey_proportion(anemia, clusters=village, strata=[1] * 12 + [2] * 12, per=100)
    >>> print(f"{found.value:.0f} % ({found.lower:.0f} to {found.upper:.0f})")
    33 % (7 to 78)
    >>> print(f"24 children tell as much as {found.effective_n:.0f} drawn one by one")
    24 children tell as much as 10 drawn one by one
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, METHODS)
    check_choice("single_cluster", single_cluster, SINGLE_CLUSTER_RULES)
    if assumed_design_effect is not None:
        assumed_design_effect = check_positive("assumed_design_effect", assumed_design_effect)
    sample = read_sample(outcome, weights, strata, clusters, domain)
    notes = [f"missing: outcome ({sample.missing})"] if sample.missing else []
    alone = single_cluster_strata(sample)
    if alone:
        place = "the whole sample" if strata is None else f"stratum {_listed(alone)}"
        if single_cluster == "raise":
            raise ValueError(
                f"`clusters` must be two or more in every stratum; got a single one in {place}. "
                "Join strata that belong together, or choose a rule: single_cluster='adjust' or 'average'."
            )

    n = int(sample.counts.sum())
    if not n:
        return _result(
            np.nan, (np.nan, np.nan), np.nan, np.nan, [*notes, "denominator zero"], method, level, per
        )
    value, variance = _linearized(sample, single_cluster)
    if value in (0.0, 1.0):
        designed = not (weights is None and strata is None and clusters is None)
        return _all_alike(value, n, assumed_design_effect, designed, notes, method, level, per)
    if alone:  # said here, where the rule counts
        notes.append(f"single {'person' if clusters is None else 'cluster'} in {place} ({single_cluster})")
    simple = value * (1 - value) / (n - 1)
    design_effect = variance / simple
    degrees = degrees_of_freedom(sample)
    untold = degrees < 1 and method != "wilson"
    if design_effect < _NEGLIGIBLE:
        notes.append(
            "no variation between clusters" + ("" if untold else ": limits of a simple random sample")
        )
        variance, design_effect = simple, 1.0
    if np.isnan(variance):
        notes.append("variance unknown: no stratum with two clusters")
    elif untold:
        notes.append("no limits, no degrees of freedom: as many strata as clusters")
    limits = _limits(value, variance, n, degrees, method, level)
    return _result(value, limits, design_effect, n / design_effect, notes, method, level, per)


def _listed(labels: list[Any]) -> str:
    more = f" and {len(labels) - 3} more" if len(labels) > 3 else ""
    return ", ".join(map(str, labels[:3])) + more


def _linearized(sample: Sample, single_cluster: str) -> tuple[float, float]:
    weight = np.where(sample.counts, sample.weight, 0.0)
    weight = weight / weight.sum()
    cases = sample.counts & (sample.outcome == 1)
    if not cases.any() or cases.sum() == sample.counts.sum():
        return float(cases.any()), 0.0
    value = float(weight[cases].sum())
    return value, variance_of_sum(sample, weight * (cases - value), single_cluster)


def _limits(
    value: float, variance: float, n: int, degrees: int, method: str, level: float
) -> tuple[float, float]:
    tail = (1 - level) / 2
    spread = value * (1 - value)
    if method == "wilson":
        size = np.array(spread / variance * n / (n - 1))
        limits = proportion_limits(value * size, size, "wilson", level)
        return float(limits[0]), float(limits[1])
    if degrees < 1:
        return np.nan, np.nan
    t = float(special.stdtrit(degrees, tail))
    if method == "logit":
        reach = t * np.sqrt(variance) / spread
        odds = np.log(value) - np.log1p(-value)
        return float(special.expit(odds + reach)), float(special.expit(odds - reach))
    persons = spread / variance * (float(special.stdtrit(n - 1, tail)) / t) ** 2
    cases, others = persons * value, persons * (1 - value)
    lower, upper = special.betaincinv(cases, others + 1, tail), special.betainccinv(cases + 1, others, tail)
    return float(lower), float(upper)


def _all_alike(
    value: float,
    n: int,
    assumed: float | None,
    designed: bool,
    notes: list[str],
    method: str,
    level: float,
    per: float,
) -> SurveyEstimate:
    """No case at all, or nothing but cases: one exact limit, on a size assumed if there is a design."""
    found = "no case" if value == 0 else "nothing but cases"
    if designed and assumed is None:
        notes = [*notes, f"{found}: give assumed_design_effect for a limit"]
        limits = (0.0, np.nan) if value == 0 else (np.nan, 1.0)
        return _result(value, limits, np.nan, np.nan, notes, method, level, per)
    effect = assumed or 1.0
    reach = float(-np.expm1(np.log((1 - level) / 2) * effect / n))
    limits = (0.0, reach) if value == 0 else (1 - reach, 1.0)
    said = f"{found}: exact limit" + (f", design effect {effect:g} assumed" if assumed else "")
    return _result(value, limits, effect, n / effect, [*notes, said], method, level, per)


def _result(
    value: float,
    limits: tuple[float, float],
    design_effect: float,
    effective_n: float,
    notes: list[str],
    method: str,
    level: float,
    per: float,
) -> SurveyEstimate:
    return SurveyEstimate(
        value * per,
        limits[0] * per,
        limits[1] * per,
        method=method,
        confidence_level=level,
        per=per,
        note="; ".join(notes) or None,
        design_effect=design_effect,
        effective_n=effective_n,
    )
