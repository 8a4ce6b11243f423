"""Exact tests of one proportion or one rate against a reference value, such as a target."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._estimate import TestResult
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_part,
    check_positive,
)

ALTERNATIVES = ("two-sided", "less", "greater")


def proportion_test(events: Any, total: Any, *, reference: Any, alternative: str = "two-sided") -> TestResult:
    r"""Test one proportion against a reference proportion, exactly (binomial).

    The p-value is the chance of the observed number of events or one further from `reference` if the
    underlying proportion equals `reference`: :math:`P(X \le events)` for "less",
    :math:`P(X \ge events)` for "greater". "two-sided" is the central test: twice the smaller of the two, at
    most 1; it agrees with the Clopper-Pearson interval. R's `binom.test` adds up the less probable outcomes
    instead, so its two-sided p-value differs.

    Do not use it for samples with clusters or weights: it takes the persons as independent.

    Parameters
    ----------
    events, total : int, array or Series
        Persons with the event, and all persons. Missing is allowed.
    reference : float, array or Series
        The proportion to test against, between 0 and 1.
    alternative : {"two-sided", "less", "greater"}
        What would be shown: that the underlying proportion differs from, is below, is above `reference`.

    Returns
    -------
    TestResult
        `statistic` is the number of events; the p-value is NaN where the data hold no information.

    Raises
    ------
    ValueError
        If a count is negative or no whole number, events exceed the total, or `reference` is not between 0
        and 1.

    References
    ----------
    Clopper CJ, Pearson ES (1934). The use of confidence or fiducial limits illustrated in the case of the
    binomial. Biometrika 26(4):404-413. doi:10.1093/biomet/26.4.404

    Examples
    --------
    No infection among 183 exposed children is the fewest that shows a transmission rate below 2 %, at 0.025:

    >>> from mchepi.stats import proportion_test
    >>> [round(proportion_test(0, n, reference=0.02, alternative="less").p_value, 5) for n in (182, 183)]
    [0.0253, 0.0248]
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    (events, total, reference), layout = align(events=events, total=total, reference=reference)
    check_counts("events", events, layout)
    check_counts("total", total, layout, of="persons")
    check_part("events", events, "total", total, layout)
    _check_proportions("reference", reference, layout)
    total = np.where(total > 0, total, np.nan)
    lower, upper = binomial_tails(events, total, reference)
    return _result(events, lower, upper, alternative, "exact binomial", layout)


def rate_test(
    events: Any, person_time: Any, *, reference: Any, alternative: str = "two-sided", per: float = 1
) -> TestResult:
    r"""Test one rate of events per person-time against a reference rate, exactly (Poisson).

    The p-value is the chance of the observed number of events or one further from `reference` if the
    underlying rate equals `reference`, that is if :math:`\mu = person\_time \cdot reference / per` events are
    expected: :math:`P(X \le events)` for "less", :math:`P(X \ge events)` for "greater". "two-sided" is the
    central test: twice the smaller of the two, at most 1; it agrees with the exact (Garwood) interval. R's
    `poisson.test` adds up the less probable outcomes instead, so its two-sided p-value differs.

    Deaths per live births are tested in the same way, with births as `person_time`. Do not use it for common
    outcomes with a total (anemia, coverage): those are proportions.

    Parameters
    ----------
    events : int, array or Series
        Numbers of events. Missing is allowed.
    person_time : float, array or Series
        Person-time, births or persons at risk.
    reference : float, array or Series
        The rate to test against, per `per`.
    alternative : {"two-sided", "less", "greater"}
        What would be shown: that the underlying rate differs from, is below, is above `reference`.
    per : float
        The unit of `reference`: 1000 means events per 1,000.

    Returns
    -------
    TestResult
        `statistic` is the number of events; the p-value is NaN where the data hold no information.

    Raises
    ------
    ValueError
        If a count is negative or no whole number, or person-time or `reference` is negative.

    References
    ----------
    Garwood F (1936). Fiducial limits for the Poisson distribution. Biometrika 28(3-4):437-442.
    doi:10.1093/biomet/28.3-4.437

    Examples
    --------
    3 neonatal deaths among 1,430 births are 2.10 per 1,000; is the underlying rate below 3.1?

    >>> from mchepi.stats import rate_test
    >>> round(rate_test(3, 1430, reference=3.1, per=1000, alternative="less").p_value, 3)
    0.354
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    per = check_positive("per", per)
    (events, person_time, reference), layout = align(
        events=events, person_time=person_time, reference=reference
    )
    check_counts("events", events, layout)
    check_amounts("person_time", person_time, layout)
    check_amounts("reference", reference, layout)
    person_time = np.where(person_time > 0, person_time, np.nan)
    lower, upper = poisson_tails(events, person_time * reference / per)
    return _result(events, lower, upper, alternative, "exact Poisson", layout)


def one_sided_level(confidence_level: float) -> float:
    """Level of each of the two one-sided tests that belong to two-sided limits: half of what lies outside.

    It is a hair larger, so that a p-value equal to the level rejects in spite of rounding.
    """
    return (1 - confidence_level) / 2 * (1 + 1e-12)


def binomial_tails(events: FloatArray, total: FloatArray, probability: FloatArray) -> tuple[Any, Any]:
    """Chances of at most and of at least `events` among `total`; the arguments are already checked."""
    at_most = np.where(
        events >= total,
        1.0,
        special.betainc(np.maximum(total - events, 1), events + 1, 1 - probability),
    )
    at_least = np.where(
        events <= 0, 1.0, special.betainc(np.maximum(events, 1), total - events + 1, probability)
    )
    unknown = np.isnan(events + total + probability)
    return np.where(unknown, np.nan, at_most), np.where(unknown, np.nan, at_least)


def poisson_tails(events: FloatArray, expected: FloatArray) -> tuple[Any, Any]:
    """Chances of at most and of at least `events` where `expected` are; the arguments are already checked."""
    at_most = special.gammaincc(events + 1, expected)
    at_least = np.where(events <= 0, 1.0, special.gammainc(np.maximum(events, 1), expected))
    return at_most, np.where(np.isnan(events + expected), np.nan, at_least)


def _result(
    events: FloatArray, lower: FloatArray, upper: FloatArray, alternative: str, method: str, layout: Layout
) -> TestResult:
    p_value = {"less": lower, "greater": upper, "two-sided": np.minimum(1.0, 2 * np.minimum(lower, upper))}
    return TestResult(
        layout.restore(events.copy(), "statistic"),
        layout.restore(p_value[alternative], "p_value"),
        f"{method}, {alternative}",
    )


def _check_proportions(name: str, values: FloatArray, layout: Layout) -> None:
    check_amounts(name, values, layout)
    high = values[values > 1]
    if high.size:
        raise ValueError(
            f"`{name}` must be between 0 and 1; got {high.flat[0]:.15g}. "
            f"Did you mean {high.flat[0] / 100:.15g}? Write 2 % as 0.02."
        )
