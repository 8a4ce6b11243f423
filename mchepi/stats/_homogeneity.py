"""Score and information of a common measure in each stratum, for the test of homogeneity.

The score is the Lagrange multiplier of the stratum's likelihood when its measure is held at a value; the
information is the inverse of the variance of the stratum's own estimate there.
"""

from __future__ import annotations

import numpy as np

from mchepi.stats._score_limits import held_risk
from mchepi.stats._validate import FloatArray

Strata = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def score_and_information(strata: Strata, value: FloatArray, measure: str) -> tuple[FloatArray, FloatArray]:
    """Score and information of each stratum at `value`; 0 or NaN where the stratum says nothing."""
    functions = {
        "risk_ratio": _risk_ratio,
        "odds_ratio": _odds_ratio,
        "risk_difference": _risk_difference,
        "rate_ratio": _rate_ratio,
    }
    score, information = functions[measure](strata, value)
    empty = (strata[1] == 0) | (strata[3] == 0)
    return score, np.where(empty | ~np.isfinite(information), np.nan, information)


def _rate_ratio(strata: Strata, value: FloatArray) -> tuple[FloatArray, FloatArray]:
    events, time, reference_events, reference_time = strata
    share = value * time / (value * time + reference_time)
    both = events + reference_events
    return events - both * share, both * share * (1 - share)


def _odds_ratio(strata: Strata, value: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Breslow and Day: the expected cell is the root of a quadratic equation given the margins."""
    events, total, reference_events, reference_total = strata
    both = events + reference_events
    # expected (reference_total - both + expected) = value (total - expected) (both - expected)
    square = value - 1
    linear = value * (total + both) + reference_total - both
    constant = value * total * both
    expected = 2 * constant / (linear + np.sqrt(linear**2 - 4 * square * constant))
    cells = (expected, total - expected, both - expected, reference_total - both + expected)
    # Events in nobody or in everybody are all that the margins allow.
    open_ended = (both > 0) & (both < total + reference_total)
    return events - expected, np.where(open_ended, 1 / sum(1 / cell for cell in cells), 0)


def _risk_ratio(strata: Strata, value: FloatArray) -> tuple[FloatArray, FloatArray]:
    events, total, reference_events, reference_total = strata
    square = value * (total + reference_total)
    linear = value * (total + reference_events) + events + reference_total
    constant = events + reference_events
    reference_risk = 2 * constant / (linear + np.sqrt(linear**2 - 4 * square * constant))
    risk = value * reference_risk
    odds_against = (1 - risk) / (total * risk) + (1 - reference_risk) / (reference_total * reference_risk)
    return (events / total - value * reference_events / reference_total) / (
        risk * odds_against
    ), 1 / odds_against


def _risk_difference(strata: Strata, value: FloatArray) -> tuple[FloatArray, FloatArray]:
    from scipy.optimize.elementwise import find_root

    events, total, reference_events, reference_total = strata

    def excess(multiplier: FloatArray, value: FloatArray, *groups: FloatArray) -> FloatArray:
        risk, _ = held_risk(groups[0], groups[1], multiplier)
        reference_risk, _ = held_risk(groups[2], groups[3], -multiplier)
        return risk - reference_risk - value

    # With a multiplier m above 0 the difference is at most N / m - 1, and likewise below 0.
    persons = total + reference_total
    bracket = -2 * persons / (1 - value), 2 * persons / (1 + value)
    multiplier = find_root(excess, bracket, args=(value, *strata)).x
    variance = (
        held_risk(events, total, multiplier)[1] + held_risk(reference_events, reference_total, -multiplier)[1]
    )
    return multiplier, 1 / variance
