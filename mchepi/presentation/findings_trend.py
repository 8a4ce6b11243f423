"""The key findings on published series: the last value against its targets, and the trend."""

from __future__ import annotations

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .labels import indicator_name, listed
from .over_time import series_trend, trend_text
from .rows import records
from .wording import text

_SYSTEM = "surveillance"  # the system that national targets are judged by


def trend_findings(trends: pd.DataFrame, compared: pd.DataFrame, *, lang: str) -> list[str]:
    """Say where each indicator stands in national surveillance, and how it has moved.

    Parameters
    ----------
    trends : pandas.DataFrame
        What `each_series` gives.
    compared : pandas.DataFrame
        What `against_targets` gives.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    list of str
        At most five findings.

    Examples
    --------
    >>> empty = pd.DataFrame({"source_system": [], "area": []})
    >>> trend_findings(empty, empty, lang="en")
    ['No series has three values of one system.']
    """
    watched, goals = (
        frame[(frame["source_system"] == _SYSTEM) & (frame["area"] == "total")]
        for frame in (trends, compared)
    )
    found = []
    for row in records(watched):
        per = indicator(row["indicator"]).per
        own = (
            goals[goals["indicator"] == row["indicator"]]
            .sort_values("target_year")
            .drop_duplicates(["target_year", "target"])
        )
        said = [
            text(
                "findings.goal reached" if goal["reached"] else "findings.goal ahead",
                lang,
                year=goal["target_year"],
                target=numbers.level(goal["target"], per, lang),
            )
            for goal in records(own)
        ]
        sentence = text(
            "findings.series",
            lang,
            name=indicator_name(row["indicator"], lang),
            year=row["last_year"],
            value=numbers.level(row["last_value"], per, lang)
            + (text("flag.derived", lang) if row.get("last_derived", False) else ""),
            goals=listed(said, lang) or text("findings.no goal", lang),
            first=row["first_year"],
            trend=trend_text(series_trend(row), lang),
        )
        found.append(sentence)
    return found[:5] or [text("findings.no series", lang)]
