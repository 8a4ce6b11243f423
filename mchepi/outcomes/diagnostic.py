"""How well a test finds a condition, in studies that verified everyone; never from a screening register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._by_measure import by_measure
from mchepi.stats import Estimate, odds_ratio, proportion, risk_ratio
from mchepi.stats._validate import align, check_choice, check_counts, check_level
from mchepi.stats.intervals import PROPORTION_LIMITS

if TYPE_CHECKING:
    import pandas as pd


def diagnostic_accuracy(
    true_positives: Any,
    false_positives: Any,
    false_negatives: Any,
    true_negatives: Any,
    *,
    method: str = "exact",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Accuracy of a test against a reference standard that everyone had: proportions (0 to 1) and ratios.

    Parameters
    ----------
    true_positives, false_positives : int, array or Series
        Persons with a positive test, with and without the condition.
    false_negatives, true_negatives : int, array or Series
        Persons with a negative test, with and without the condition.
    method : {"exact", "wilson", "wilson_cc", "midp", "jeffreys", "agresti_coull"}
        Method of the limits of proportions, see `proportion_interval`. The ratios have methods of their own.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Rows prevalence, apparent_prevalence, sensitivity, specificity, positive_predictive_value,
        negative_predictive_value, positive_likelihood_ratio, negative_likelihood_ratio,
        diagnostic_odds_ratio, accuracy; columns value, lower, upper, method, note. For arrays or Series these
        rows for each element, the index (label, measure). NaN with a note where nobody is below the line.

    Raises
    ------
    ValueError
        Counts that are negative or fractional, Series with unequal indexes, an unknown method or a level
        outside (0, 1).

    Notes
    -----
    With tp, fp, fn, tn: prevalence (tp + fn) / all, apparent prevalence (tp + fp) / all, sensitivity
    tp / (tp + fn), specificity tn / (tn + fp), predictive values tp / (tp + fp) and tn / (tn + fn), accuracy
    (tp + tn) / all. Likelihood ratios: sensitivity / (1 - specificity) and (1 - sensitivity) / specificity,
    limits exp(log ratio -+ z sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0)) ("simel"). Odds ratio tp tn / (fp fn)
    with "woolf" limits. A zero cell gives a ratio of 0, inf or NaN and the limits 0 and inf: nothing is ever
    added to a cell.

    Not for a screening register: where only the positives were verified, the false negatives are unknown and
    counting them as none makes every test perfect (see `screening_yield`). The predictive values and the
    accuracy hold at the prevalence of the study alone; in a case-control study they mean nothing.

    References
    ----------
    Simel DL, Samsa GP, Matchar DB (1991). Likelihood ratios with confidence: sample size estimation for
    diagnostic test studies. Journal of Clinical Epidemiology 44(8): 763-770.
    doi:10.1016/0895-4356(91)90128-V

    Examples
    --------
    Scott, Greenburg and Poole (2008), Internal Medicine Journal 38: 120-129, table 1, for which the help of
    R's epiR::epi.tests prints sensitivity 0.90 (0.88 to 0.92), specificity 0.76 (0.73 to 0.79) and a
    likelihood ratio of 3.75 (3.32 to 4.24):

    >>> from mchepi.outcomes import diagnostic_accuracy
    >>> found = diagnostic_accuracy(670, 202, 74, 640)
    >>> found.loc["sensitivity":"diagnostic_odds_ratio", ["value", "lower", "upper", "method"]].round(2)
                               value  lower  upper method
    measure
    sensitivity                 0.90   0.88   0.92  exact
    specificity                 0.76   0.73   0.79  exact
    positive_predictive_value   0.77   0.74   0.80  exact
    negative_predictive_value   0.90   0.87   0.92  exact
    positive_likelihood_ratio   3.75   3.32   4.24  simel
    negative_likelihood_ratio   0.13   0.11   0.16  simel
    diagnostic_odds_ratio      28.69  21.52  38.24  woolf
    """
    level = check_level(confidence_level)
    check_choice("method", method, list(PROPORTION_LIMITS))
    given = {
        "true_positives": true_positives,
        "false_positives": false_positives,
        "false_negatives": false_negatives,
        "true_negatives": true_negatives,
    }
    cells, layout = align(**given)
    for name, cell in zip(given, cells, strict=True):
        check_counts(name, cell, layout, of="persons")
    tp, fp, fn, tn = np.broadcast_arrays(*cells)
    with_condition, without = tp + fn, fp + tn

    def share(events: Any, total: Any) -> Estimate:
        return proportion(events, total, method=method, confidence_level=level)

    return by_measure(
        {
            "prevalence": share(with_condition, with_condition + without),
            "apparent_prevalence": share(tp + fp, with_condition + without),
            "sensitivity": share(tp, with_condition),
            "specificity": share(tn, without),
            "positive_predictive_value": share(tp, tp + fp),
            "negative_predictive_value": share(tn, tn + fn),
            "positive_likelihood_ratio": risk_ratio(
                tp, with_condition, fp, without, method="katz", confidence_level=level
            ),
            "negative_likelihood_ratio": risk_ratio(
                fn, with_condition, tn, without, method="katz", confidence_level=level
            ),
            "diagnostic_odds_ratio": odds_ratio(
                tp, with_condition, fp, without, method="woolf", confidence_level=level
            ),
            "accuracy": share(tp + tn, with_condition + without),
        },
        layout,
        methods={"katz": "simel"},
        notes=_say,
    )


# Notes of comparisons speak of exposure; here the groups are those with and without the condition.
_IN_PLACE_OF = {
    "missing: exposed_events": "missing: persons",
    "missing: exposed_total": "missing: persons",
    "missing: unexposed_events": "missing: persons",
    "missing: unexposed_total": "missing: persons",
    "missing: events": "missing: persons",
    "missing: total": "missing: persons",
    "no events in either group": "zero cells: 0 over 0",
    "nothing but events in both groups": "zero cells: 0 over 0",
    "no events in the reference group": "zero below the line",
    "nothing but events in the exposed group": "zero below the line",
    "katz limits need events in both groups and non-events in one": "zero cell: no limits",
    "woolf limits need events and non-events in both groups": "zero cell: no limits",
}


def _say(_measure: str, note: str) -> str:
    said = [_IN_PLACE_OF.get(phrase, phrase) for phrase in note.split("; ")]
    return "; ".join(dict.fromkeys(said))
