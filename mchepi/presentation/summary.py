"""The few figures by which an index of many pages shows each of them."""

from __future__ import annotations

import pandas as pd

from . import numbers
from .figure_levels import next_targets
from .findings_mortality import headline_rates
from .labels import indicator_name, period
from .rows import latest, records
from .levels_in_words import value_text
from .targets_in_words import reached_text, verdict_text
from .wording import text


def summary(levels: pd.DataFrame, judged: pd.DataFrame, *, lang: str) -> pd.DataFrame:
    """The few figures by which an index of many pages shows this one: label, text and verdict.

    Examples
    --------
    >>> frame = pd.DataFrame({"district": ["a"], "year": [2023], "indicator": ["maternal_mortality_ratio"],
    ...                       "value": [float("nan")], "note": ["missing: maternal_deaths"]})
    >>> summary(frame, pd.DataFrame({"indicator": []}), lang="en").columns.tolist()
    ['label', 'text', 'verdict']
    """
    headline = headline_rates(latest(levels))
    goals = {row["indicator"]: row for row in records(next_targets(judged))} if len(judged) else {}
    found = []
    for row in records(headline):
        limits = numbers.interval(row["lower"], row["upper"], per=row["per"], lang=lang)
        value = value_text(row, lang) if limits == numbers.MISSING else text("with limits", lang, value=value_text(row, lang), limits=limits)
        goal = goals.get(row["indicator"])
        verdict = ""
        if goal is not None:
            verdict = reached_text(goal, lang) + (text("and", lang) + verdict_text(goal, lang) if goal["verdict"] else "")
        found.append({"label": f"{indicator_name(row['indicator'], lang)} {period(row)}", "text": value, "verdict": verdict})
    return pd.DataFrame(found, columns=["label", "text", "verdict"])
