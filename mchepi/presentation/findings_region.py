"""The key findings of a comparison between districts, and the figures by which an index shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from . import numbers
from .between_in_words import leading, named_text, order_text
from .labels import indicator_name, period
from .rows import records
from .wording import text

_COLUMNS = ["label", "text", "verdict"]


def region_findings(
    compared: pd.DataFrame, spread: pd.DataFrame, kept: pd.DataFrame, *, lang: str
) -> list[str]:
    """Say how far the districts differ, how much of it is chance, and what can be said of their order.

    Parameters
    ----------
    compared, spread : pandas.DataFrame
        What `mchepi.indicators.compare_districts` and `spread_of_districts` give.
    kept : pandas.DataFrame
        What `mchepi.indicators.order_kept` gives.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    list of str
        At most five findings, on the indicator with the most events.

    Examples
    --------
    >>> region_findings(pd.DataFrame(), pd.DataFrame({"by_chance_95": []}), pd.DataFrame(), lang="en")
    ['No rate can be compared: fewer than three districts have its counts, or none has an event.']
    """
    known = spread[spread["by_chance_95"].notna()]
    if known.empty:
        alone = [
            text(
                "findings.alone",
                lang,
                name=indicator_name(row["indicator"], lang),
                districts=numbers.count(row["districts"], lang),
            )
            for row in records(spread)
        ]
        return [text("findings.no comparison", lang), *alone][:5]
    own = leading(compared[compared["indicator"].isin(known["indicator"])])
    row = records(known[known["indicator"] == own["indicator"].iloc[0]])[0]
    name = indicator_name(row["indicator"], lang)
    per = row["per"]
    found = [
        text(
            "findings.region",
            lang,
            period=period(row),
            name=name,
            districts=numbers.count(row["districts"], lang),
            value=numbers.measure(numbers.quotient(row["numerator"], row["denominator"], per=per), per, lang),
            counts=text(
                "counts",
                lang,
                events=numbers.count(row["numerator"], lang),
                total=numbers.count(row["denominator"], lang),
            ),
            range=_range(row, "", lang),
        ),
        text(
            "findings.outside",
            lang,
            outside=numbers.count(row["outside_95"], lang),
            chance=numbers.half_up(row["by_chance_95"], 1),
            names=named_text(own, lang),
        ),
        order_text(row, lang),
        text(
            "findings.smoothed",
            lang,
            smoothed=_range(row, "smoothed_", lang),
            raw=_range(row, "", lang),
        ),
    ]
    lasted = records(kept[kept["indicator"] == row["indicator"]]) if len(kept) else []
    return found + [
        text(
            "findings.kept",
            lang,
            before=period({"year": one["previous_from"], "year_end": one["previous_to"]}),
            last=one["last"],
            kept=one["kept"],
            raw=numbers.half_up(one["error_raw"], 1),
            smoothed=numbers.half_up(one["error_smoothed"], 1),
            common=numbers.half_up(one["error_common"], 1),
        )
        for one in lasted
    ]


def _range(row: Mapping[str, Any], name: str, lang: str) -> str:
    """Of the districts' rates, with the unit."""
    ends = row[f"{name}lowest"], row[f"{name}highest"]
    return numbers.measure(numbers.interval(*ends, per=row["per"], lang=lang), row["per"], lang)


def region_summary(compared: pd.DataFrame, spread: pd.DataFrame, *, lang: str) -> pd.DataFrame:
    """Give the figures by which an index shows a comparison: label, text and verdict, a row an indicator.

    Examples
    --------
    >>> region_summary(pd.DataFrame(), pd.DataFrame({"by_chance_95": []}), lang="zh").columns.tolist()
    ['label', 'text', 'verdict']
    """
    found = []
    for row in records(spread):
        own = compared[compared["indicator"] == row["indicator"]]
        value = numbers.quotient(row["numerator"], row["denominator"], per=row["per"])
        told = not numbers.is_missing(row["by_chance_95"])
        found.append(
            {
                "label": f"{indicator_name(row['indicator'], lang)} {period(row)}",
                "text": text(
                    "summary.region",
                    lang,
                    value=numbers.measure(value, row["per"], lang),
                    range=_range(row, "", lang),
                    count=numbers.count(row["districts"], lang),
                ),
                "verdict": named_text(own, lang) if told else text("summary.not compared", lang),
            }
        )
    return pd.DataFrame(found, columns=_COLUMNS)
