"""The sentences on several years together: judged pools, births between deaths, the luck of rules."""

from __future__ import annotations

import pandas as pd

from . import numbers
from .course_in_words import deaths_apart, pools_judged
from .findings_mortality import headline_rates
from .rows import latest, next_targets
from .wording import text

_MATERNAL = "maternal_mortality_ratio"


def pool_sentences(pooled: pd.DataFrame, levels: pd.DataFrame, *, lang: str) -> list[str]:
    """Say how the last years together stand against the targets, and what the pool hides.

    Parameters
    ----------
    pooled : pandas.DataFrame
        What `judge` gives of what `pools` gives.
    levels : pandas.DataFrame
        What `compute` gives by year.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> nothing = pd.DataFrame({"indicator": [], "reached": [], "pool_years": []})
    >>> levels = pd.DataFrame({"district": [], "indicator": [], "year": [], "value": [], "note": []})
    >>> pool_sentences(nothing, levels, lang="zh")
    []
    """
    if pooled.empty:
        return []
    return pools_judged(pooled, {*headline_rates(latest(levels))["indicator"], _MATERNAL}, lang)


def apart_sentences(apart: pd.DataFrame, *, lang: str) -> list[str]:
    """Say how the births between maternal deaths are to be read.

    Examples
    --------
    >>> apart_sentences(pd.DataFrame(), lang="en")
    []
    """
    return deaths_apart(apart, lang)


def reference_level(judged: pd.DataFrame) -> float | None:
    """Give the target that comes next as a number, None where there is none.

    Examples
    --------
    >>> reference_level(pd.DataFrame({"indicator": [], "due": [], "target_year": [], "target": []})) is None
    True
    """
    goals = next_targets(judged)["target"]
    return float(goals.iloc[0]) if len(goals) else None


def rule_sentences(rules: pd.DataFrame, *, lang: str) -> list[str]:
    """Say how the chances of rules are to be read.

    Examples
    --------
    >>> rule_sentences(pd.DataFrame({"expected": [3.0]}), lang="en")[0][:31]
    'At 3.0 deaths expected a year. '
    """
    if rules.empty:
        return []
    return [text("rules.meaning", lang, expected=numbers.half_up(float(rules["expected"].iloc[0]), 1))]
