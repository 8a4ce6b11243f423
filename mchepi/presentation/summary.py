"""The few figures by which an index of many pages shows each of them."""

from __future__ import annotations

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .findings_mortality import headline_rates
from .labels import indicator_name, period
from .levels_in_words import counts_text, flags_text, value_text
from .rows import latest, next_target_rows, records
from .targets_in_words import reached_text, verdict_text
from .wording import text


def level_summary(levels: pd.DataFrame, judged: pd.DataFrame, *, lang: str) -> pd.DataFrame:
    """The few figures by which an index of many pages shows this one: label, text and verdict.

    Examples
    --------
    >>> frame = pd.DataFrame({"district": ["a"], "year": [2023], "indicator": ["maternal_mortality_ratio"],
    ...                       "value": [float("nan")], "note": ["missing: maternal_deaths"]})
    >>> level_summary(frame, pd.DataFrame({"indicator": []}), lang="en").columns.tolist()
    ['label', 'text', 'verdict']
    """
    headline = headline_rates(latest(levels))
    goals = {row["indicator"]: row for row in next_target_rows(judged)} if len(judged) else {}
    found = []
    for row in records(headline):
        limits = numbers.interval(row["lower"], row["upper"], per=row["per"], lang=lang)
        value = (
            value_text(row, lang)
            if limits == numbers.MISSING
            else text("with limits", lang, value=value_text(row, lang), limits=limits)
        )
        value += text("and counts", lang, counts=counts_text(row, lang)) + flags_text(row, lang)
        goal = goals.get(row["indicator"])
        verdict = ""
        if goal is not None:
            verdict = reached_text(goal, lang) + (
                text("and", lang) + verdict_text(goal, lang) if goal["verdict"] else ""
            )
        found.append(
            {
                "label": f"{indicator_name(row['indicator'], lang)} {period(row)}",
                "text": value,
                "verdict": verdict,
            }
        )
    return pd.DataFrame(found, columns=["label", "text", "verdict"])


def series_summary(trends: pd.DataFrame, compared: pd.DataFrame, *, lang: str) -> pd.DataFrame:
    """Give the same for published series: the last surveillance value of each indicator with a trend.

    Examples
    --------
    >>> series_summary(pd.DataFrame({"source_system": [], "area": []}), pd.DataFrame(), lang="en").empty
    True
    """
    watched = trends[(trends["source_system"] == "surveillance") & (trends["area"] == "total")]
    found = []
    for row in records(watched):
        own = compared[
            (compared["indicator"] == row["indicator"]) & (compared["source_system"] == "surveillance")
        ]
        goals = next_target_rows(own[own["area"] == "total"])
        found.append(
            {
                "label": f"{indicator_name(row['indicator'], lang)} {row['last_year']}",
                "text": numbers.level(row["last_value"], indicator(row["indicator"]).per, lang),
                "verdict": reached_text(goals[0], lang) if goals else "",
            }
        )
    return pd.DataFrame(found, columns=["label", "text", "verdict"])
