"""The key findings on published series: the last value against its targets, and the trend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .over_time import trend_text
from .labels import indicator_name, listed
from .rows import records
from .wording import text


def trend_findings(trends: pd.DataFrame, last: pd.DataFrame, targets: pd.DataFrame, *, lang: str) -> list[str]:
    """The findings on published series: the last surveillance value against its targets, and the trend.

    Parameters
    ----------
    trends : pandas.DataFrame
        What `each_series` gives.
    last : pandas.DataFrame
        What `latest_values` gives.
    targets : pandas.DataFrame
        Rows of `mchepi.indicators.targets`.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    list of str
        At most five findings.

    Examples
    --------
    >>> empty = pd.DataFrame({"source_system": [], "area": []})
    >>> trend_findings(empty, empty, pd.DataFrame(), lang="en")
    ['No series has three values of one system.']
    """
    watched = trends[(trends["source_system"] == "surveillance") & (trends["area"] == "total")]
    found = []
    for row in records(watched):
        value = last[(last["indicator"] == row["indicator"]) & (last["source_system"] == "surveillance") & (last["area"] == "total")]
        per = indicator(row["indicator"]).per
        goals = targets[(targets["indicator"] == row["indicator"]) & targets["year"].notna()].sort_values("year").drop_duplicates(["year", "value"])
        said = [
            text("findings.goal", lang, year=goal["year"], target=numbers.level(goal["value"], per, lang), reached=text(_reached(value["value"].iloc[0], goal), lang))
            for goal in records(goals)
        ]
        found.append(
            text(
                "findings.series",
                lang,
                name=indicator_name(row["indicator"], lang),
                year=row["last_year"],
                value=numbers.level(row["last_value"], per, lang),
                goals=listed(said, lang) or text("findings.no goal", lang),
                first=row["first_year"],
                trend=_trend(row, lang),
            )
        )
    return found[:5] or [text("findings.no series", lang)]


def _reached(value: float, goal: Mapping[str, Any]) -> str:
    within = value <= goal["value"] if goal["comparator"] in ("<=", "<") else value >= goal["value"]
    return "findings.goal reached" if within else "findings.goal ahead"


def _trend(row: Mapping[str, Any], lang: str) -> str:
    return trend_text({**row, "annual_percent_change": row["value"], "apc_lower": row["lower"], "apc_upper": row["upper"]}, lang)
