"""Comparisons between districts as people read them: all districts, and the sums of each indicator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from mchepi.indicators import FALSE_DISCOVERIES, LEVELS

from . import numbers
from .labels import dagger_note, daggered, has_note, period
from .layout import Column, both_counts, build, head
from .markup import ReaderTable
from .rows import records
from .wording import text

Row = Mapping[str, Any]

_MOST_ROWS = 120  # districts; of more only those outside the funnel are listed


def districts_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.indicators.compare_districts` gives: a row a district, the highest rate first.

    Of more than 120 districts only those outside the 95 % limits of the funnel are listed.

    Examples
    --------
    >>> empty = pd.DataFrame({"outside": [], "value": [], "confidence_level": [], "indicator": []})
    >>> districts_table(empty, "en").rows
    ()
    """
    ordered = frame.sort_values("value", ascending=False, kind="stable")
    cut = len(ordered) > _MOST_ROWS
    rows = records(ordered[ordered["outside"].notna()] if cut else ordered)
    level = numbers.percent(frame["confidence_level"].iloc[0]) if len(frame) else ""
    columns: list[Column] = [
        (head("district", lang), False, lambda row: str(row[f"name_{lang}"])),
        (head("events", lang), True, lambda row: _counts(row, lang)),
        (head("value", lang) + _unit(rows, lang), True, lambda row: _rate(row, "value", lang)),
        (head("limits", lang, level=level), True, lambda row: _limits(row, "", lang)),
    ]
    if any(not numbers.is_missing(row["reference"]) for row in rows):
        columns += [
            (head("expected", lang), True, lambda row: numbers.half_up(row["expected"], 1)),
            (head("smoothed", lang), True, lambda row: _rate(row, "smoothed", lang)),
            (head("rank", lang), True, lambda row: _rank(row, lang)),
            (head("funnel", lang), False, lambda row: flag_text(row, lang)),
        ]
    notes = [dagger_note(rows, lang), text("table.cut", lang, count=len(ordered)) if cut else ""]
    return build(rows, columns, notes, merge=False)


def spread_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.indicators.spread_of_districts` gives: a row an indicator.

    Examples
    --------
    >>> spread_table(pd.DataFrame({"by_chance_95": []}), "zh").headings[0]
    '指标'
    """
    rows = records(frame)
    columns: list[Column] = [
        (
            head("indicator", lang),
            False,
            lambda row: f"{daggered(row, lang)}{_unit([row], lang)}\n{period(row)}",
        ),
        (head("districts", lang), True, lambda row: numbers.count(row["districts"], lang)),
        (head("events", lang), True, lambda row: _counts(row, lang)),
        (head("all together", lang), True, lambda row: _with_limits(row, "value", lang, own="")),
        (head("range", lang), True, lambda row: _range(row, "", lang)),
        (head("range smoothed", lang), True, lambda row: _range(row, "smoothed_", lang)),
        (head("outside", lang), True, lambda row: _outside(row, lang)),
        (head("named", lang), True, lambda row: numbers.count(row["named"], lang)),
    ]
    return build(rows, columns, [dagger_note(rows, lang)], merge=False)


LAYOUTS: dict[str, Callable[[pd.DataFrame, str], ReaderTable]] = {
    "outside": districts_table,
    "by_chance_95": spread_table,
}
"""The column by which a frame is known, and its layout."""


def flag_text(row: Row, lang: str) -> str:
    """Where a district stands in the funnel, in a word or two.

    Examples
    --------
    >>> flag_text({"outside": 0.998, "adjusted_p_value": 0.02, "side": "above"}, "en")
    '▲ stands out'
    >>> flag_text({"outside": 0.95, "adjusted_p_value": 0.4, "side": "below"}, "zh")
    '▽ 95%线外'
    """
    if numbers.is_missing(row["outside"]):
        return ""
    named = row["adjusted_p_value"] <= FALSE_DISCOVERIES
    sign = ("▲" if named else "△") if row["side"] == "above" else ("▼" if named else "▽")
    outer = numbers.percent(LEVELS[1], decimals=1) if row["outside"] >= LEVELS[1] else "95%"
    said = text("flag.stands out", lang) if named else text("flag.outside", lang, level=outer)
    return f"{sign} {said}"


def _unit(rows: Sequence[Row], lang: str) -> str:
    """The unit of the first row's rate in brackets; rates, limits and ranges stand bare below it."""
    unit = numbers.unit(rows[0]["per"], lang).strip() if rows else ""
    return text("figure.unit in heading", lang, unit=unit) if unit else ""


def _counts(row: Row, lang: str) -> str:
    return both_counts(row, lang) + (text("figure.deduced", lang) if has_note(row["note"], "deduced") else "")


def _rate(row: Row, name: str, lang: str) -> str:
    if name == "value":
        return numbers.quotient(row["numerator"], row["denominator"], per=row["per"])
    return numbers.half_up(row[name], numbers.decimals_of(row["per"]))


def _limits(row: Row, name: str, lang: str) -> str:
    return numbers.interval(row[f"{name}lower"], row[f"{name}upper"], per=row["per"], lang=lang)


def _with_limits(row: Row, name: str, lang: str, own: str | None = None) -> str:
    """A rate above its limits."""
    limits = _limits(row, f"{name}_" if own is None else own, lang)
    return f"{_rate(row, name, lang)}\n{limits}"


def _range(row: Row, name: str, lang: str) -> str:
    lowest, highest = row[f"{name}lowest"], row[f"{name}highest"]
    return numbers.interval(lowest, highest, per=row["per"], lang=lang)


def _rank(row: Row, lang: str) -> str:
    if numbers.is_missing(row["rank"]):
        return numbers.MISSING
    return numbers.interval(row["rank_lower"], row["rank_upper"], per=1, lang=lang, decimals=0)


def _outside(row: Row, lang: str) -> str:
    if numbers.is_missing(row["outside_95"]):
        return numbers.MISSING
    chance = numbers.half_up(row["by_chance_95"], 1)
    return text("outside and chance", lang, outside=numbers.count(row["outside_95"], lang), chance=chance)
