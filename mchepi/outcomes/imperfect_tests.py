"""Prevalence behind the share of positives of a test that errs."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from mchepi.stats import Estimate
from mchepi.stats._estimate import laid_out
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
    refuse_where,
)
from mchepi.stats.intervals import PROPORTION_LIMITS, proportion_limits


def corrected_prevalence(
    positive: Any,
    tested: Any,
    *,
    sensitivity: Any,
    specificity: Any,
    diseased: Any = None,
    healthy: Any = None,
    per: float = 1,
    method: str = "wilson",
    confidence_level: float = 0.95,
) -> Estimate:
    r"""Prevalence (times `per`) corrected for the errors of the test, after Rogan and Gladen.

    Of a share :math:`p` of positives, :math:`(p + C - 1) / (S + C - 1)` has the condition, with the
    sensitivity :math:`S` and the specificity :math:`C`. A value below 0 or above 1 is clipped, and the note
    says so.

    Parameters
    ----------
    positive : int, array or Series
        Persons with a positive test.
    tested : int, array or Series
        Persons tested: all of a group, or a simple sample of it.
    sensitivity, specificity : float, array or Series
        Of this test in persons like these, from 0 to 1, from a study that verified everyone. Their sum must
        exceed 1.
    diseased, healthy : int, array or Series, optional
        Persons in that study with and without the condition. With both the limits carry the uncertainty of
        sensitivity and specificity ("lang_reiczigel"); with neither these count as known for certain, and
        the limits are too narrow unless they are.
    per : float
        The unit: 100 gives percent.
    method : {"wilson", "exact", "wilson_cc", "midp", "jeffreys", "agresti_coull"}
        Limits of the share of positives that are carried over where sensitivity and specificity are taken as
        known (see `proportion_interval`). Without effect where `diseased` and `healthy` are given.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Limits clipped to 0 and 1; NaN with a note where the positives are fewer (or more) than the stated
        specificity (or sensitivity) lets appear by chance: then the test is not what was stated.

    Raises
    ------
    ValueError
        Counts that are negative or fractional, more positives than tested, a sensitivity or specificity
        outside 0 to 1 or no better than chance, only one of `diseased` and `healthy`.

    Notes
    -----
    The limits of Lang and Reiczigel add :math:`z^2` persons, half of them positive, to the survey and one
    success and one failure to each half of the study, shift the middle and use the normal quantile. They can
    miss an extreme value, and are then widened to hold it.

    Not for a register in which only positives were verified: it knows no sensitivity (see
    `screening_yield`). Where nearly all positives are false (low prevalence), the answer hangs on the
    specificity: vary it.

    References
    ----------
    Rogan WJ, Gladen B (1978). Estimating prevalence from the results of a screening test. American Journal of
    Epidemiology 107(1):71-76. doi:10.1093/oxfordjournals.aje.a112510

    Lang Z, Reiczigel J (2014). Confidence limits for prevalence of disease adjusted for estimated sensitivity
    and specificity. Preventive Veterinary Medicine 113(1):13-22. doi:10.1016/j.prevetmed.2013.09.015

    Examples
    --------
    Helicobacter pylori in Australian children of 1-4 years (Moujaber et al. 2008), for which the help of R's
    epiR::epi.prev states 0 per 100 (0 to 1.3):

    >>> from mchepi.outcomes import corrected_prevalence
    >>> found = corrected_prevalence(
    ...     6, 151, sensitivity=0.964, specificity=0.927, method="exact", per=100
    ... )
    >>> found.value, found.lower, round(found.upper, 1)
    (0.0, 0.0, 1.3)
    >>> found.note
    'fewer positives than false ones expected: 0 shown'
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, list(PROPORTION_LIMITS))
    if (diseased is None) != (healthy is None):
        raise ValueError(
            "`diseased` and `healthy` must be given together or not at all; got one of them. "
            "Give the persons with and without the condition of the study behind the test."
        )
    given = {
        "positive": positive,
        "tested": tested,
        "diseased": np.nan if diseased is None else diseased,
        "healthy": np.nan if healthy is None else healthy,
    }
    arrays, layout = align(**given, sensitivity=sensitivity, specificity=specificity)
    for name, counts in zip(given, arrays, strict=False):
        check_counts(name, counts, layout, of="persons")
    check_part("positive", arrays[0], "tested", arrays[1], layout)
    _check_test(arrays[4], arrays[5], layout)
    events, total, ill, well, found, spared = np.broadcast_arrays(*arrays)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, events / total, np.nan)
    gain = found + spared - 1
    raw = (share + spared - 1) / gain
    if diseased is None:
        limits = proportion_limits(events, total, method, level)
        lower, upper = ((limit + spared - 1) / gain for limit in limits)
    else:
        method = "lang_reiczigel"
        lower, upper = _lang_reiczigel(events, total, found, ill, spared, well, (1 - level) / 2)
        lower, upper = np.minimum(lower, raw), np.maximum(upper, raw)
    impossible = (upper < 0) | (lower > 1)
    value, lower, upper = (np.clip(values, 0.0, 1.0) for values in (raw, lower, upper))
    return laid_out(
        np.where(np.isnan(lower), np.nan, value),
        np.where(impossible, np.nan, lower),
        np.where(impossible, np.nan, upper),
        layout,
        [
            *((np.isnan(array), f"missing: {name}") for name, array in _asked(given, arrays, diseased)),
            (np.isnan(arrays[4]), "missing: sensitivity"),
            (np.isnan(arrays[5]), "missing: specificity"),
            (total == 0, "denominator zero"),
            (raw < 0, "fewer positives than false ones expected: 0 shown"),
            (raw > 1, "more positives than the sensitivity allows: 1 shown"),
            (impossible, "sensitivity or specificity do not fit: no limits"),
        ],
        method=method,
        level=level,
        per=per,
    )


def _asked(given: dict[str, Any], arrays: list[FloatArray], diseased: Any) -> list[tuple[str, FloatArray]]:
    return list(zip(given, arrays, strict=False))[: 2 if diseased is None else 4]


def _check_test(sensitivity: FloatArray, specificity: FloatArray, layout: Layout) -> None:
    for name, values in (("sensitivity", sensitivity), ("specificity", specificity)):
        check_amounts(name, values, layout)
        refuse_where(values > 1, name, "between 0 and 1", values, layout, "Write 95 % as 0.95.")
    total = sensitivity + specificity
    refuse_where(
        total <= 1,
        "sensitivity",
        "above 1 with the specificity added",
        total,
        layout,
        "A test no better than chance says nothing of the prevalence.",
    )


def _lang_reiczigel(
    events: FloatArray,
    total: FloatArray,
    sensitivity: FloatArray,
    diseased: FloatArray,
    specificity: FloatArray,
    healthy: FloatArray,
    tail: float,
) -> tuple[FloatArray, FloatArray]:
    z = -special.ndtri(tail)
    size = np.where(total > 0, total, np.nan) + z**2
    share = (events + z**2 / 2) / size
    found = (diseased * sensitivity + 1) / (diseased + 2)
    spared = (healthy * specificity + 1) / (healthy + 2)
    gain = found + spared - 1
    middle = (share + spared - 1) / gain
    of_found, of_spared = found * (1 - found) / (diseased + 2), spared * (1 - spared) / (healthy + 2)
    shift = 2 * z**2 * (middle * of_found - (1 - middle) * of_spared)
    variance = share * (1 - share) / size + middle**2 * of_found + (1 - middle) ** 2 * of_spared
    reach = z * np.sqrt(variance) / gain
    return middle + shift - reach, middle + shift + reach
