"""Quotas and their deadlines: how far they are, and what the usual course makes of it."""

from __future__ import annotations

import datetime
from typing import Any

import pandas as pd

from . import numbers
from .labels import column_name
from .layout import Column, Row, build, head
from .levels_in_words import sentence_case
from .markup import ReaderTable
from .rows import records
from .wording import text

_SURE = 0.01  # chances nearer to 0 or 1 are not written as 0 or 100 %


def quota_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.quota_forecasts` gives: done, forecast with limits, what is still needed.

    Examples
    --------
    >>> quota_table(pd.DataFrame({"chance_met": []}), "en").rows
    ()
    """
    rows = records(frame)
    columns: list[Column] = [
        (head("task", lang), False, lambda row: quota_name(row, lang)),
        (head("deadline", lang), False, lambda row: day_text(row, row["deadline"], lang)),
        (head("quota", lang), True, lambda row: numbers.count(row["quota"], lang)),
        (head("done so far", lang), True, lambda row: _done(row, lang)),
        (head("forecast", lang), True, lambda row: _forecast(row, lang)),
        (head("chance met", lang), True, lambda row: chance_text(row["chance_met"], lang)),
        (head("still needed", lang), True, lambda row: _needed(row, lang)),
    ]
    notes = [text("quota.method", lang, earlier=_earlier(rows, lang))] if rows else []
    return build(rows, columns, notes, merge=False)


def quota_name(row: Row, lang: str) -> str:
    """What is to be done: the count, and "tests" where not persons are counted.

    Examples
    --------
    >>> quota_name({"item": "women_screened_cervical", "unit": "persons"}, "zh")
    '宫颈癌检查人数'
    """
    name = column_name(row["item"], lang)
    return name if row["unit"] == "persons" else text("quota.tests", lang, name=name)


def day_text(row: Row, day: float, lang: str) -> str:
    """A day of a quota's period as month and day.

    Examples
    --------
    >>> row = {"start_year": 2025, "start_month": 1, "start_day": 1}
    >>> day_text(row, 304, "zh"), day_text(row, 304, "en")
    ('10月31日', '31 October')
    """
    start = datetime.date(int(row["start_year"]), int(row["start_month"]), int(row["start_day"]))
    found = start + datetime.timedelta(int(day) - 1)
    return text("quota.date", lang, month=text(f"month.{found.month}", lang), day=found.day)


def chance_text(chance: Any, lang: str) -> str:
    """A chance in percent, never as certain unless it is.

    Examples
    --------
    >>> chance_text(0.687, "en"), chance_text(0.002, "en"), chance_text(1.0, "en")
    ('69%', 'under 1%', '100%')
    """
    if numbers.is_missing(chance):
        return numbers.MISSING
    if 0 < chance < _SURE:
        return text("quota.hardly", lang)
    if 1 - _SURE < chance < 1:
        return text("quota.nearly", lang)
    return numbers.percent(chance)


def _done(row: Row, lang: str) -> str:
    share = numbers.quotient(row["done"], row["quota"], per=100, decimals=1)
    day = day_text(row, min(row["as_of"], row["deadline"]), lang)
    return text("quota.done", lang, done=numbers.count(row["done"], lang), share=share, day=day)


def _forecast(row: Row, lang: str) -> str:
    if numbers.is_missing(row["forecast"]):
        return numbers.MISSING
    value, lower, upper = (_whole(row[name], lang) for name in ("forecast", "lower", "upper"))
    return value if lower == upper else f"{value}\n{text('quota.limits', lang, lower=lower, upper=upper)}"


def _whole(value: float, lang: str) -> str:
    return "∞" if value == float("inf") else numbers.count(round(value), lang)


def _needed(row: Row, lang: str) -> str:
    needed = numbers.count(row["still_needed"], lang)
    if numbers.is_missing(row["needed_a_day"]) or not row["still_needed"]:
        return needed
    a_day = text("quota.a day", lang, number=numbers.half_up(row["needed_a_day"], 1))
    return f"{needed}\n{a_day}"


def _earlier(rows: list[dict[str, object]], lang: str) -> str:
    most = max(int(str(row["earlier_years"])) for row in rows)
    return text("quota.earlier", lang, count=most) if most else text("quota.no earlier", lang)


def quota_sentences(frame: pd.DataFrame, *, lang: str) -> list[str]:
    """Say of each quota whether it will be met by its deadline, at the usual course.

    Examples
    --------
    >>> quota_sentences(pd.DataFrame({"item": []}), lang="en")
    []
    """
    return [sentence_case(_sentence(row, lang)) for row in records(frame)]


def _sentence(row: Row, lang: str) -> str:
    done, quota = (numbers.count(row[name], lang) for name in ("done", "quota"))
    said = {
        "name": quota_name(row, lang),
        "quota": quota,
        "done": done,
        "deadline": day_text(row, row["deadline"], lang),
        "year": str(row["start_year"]),
    }
    if row["as_of"] < 1:
        return text("quota.not begun", lang, name=said["name"], year=said["year"])
    day = day_text(row, min(row["as_of"], row["deadline"]), lang)
    if row["done"] >= row["quota"]:
        return text("quota.met", lang, **said, day=day)
    if row["as_of"] >= row["deadline"]:
        return text("quota.over", lang, **said, short=numbers.count(row["still_needed"], lang))
    if numbers.is_missing(row["forecast"]):
        needed = numbers.half_up(row["needed_a_day"], 1)
        return text("quota.no forecast", lang, **said, day=day, needed=needed)
    lower, upper = (_whole(row[name], lang) for name in ("lower", "upper"))
    return text(
        "quota.forecast",
        lang,
        **said,
        day=day,
        forecast=_whole(row["forecast"], lang),
        limits=text("quota.limits", lang, lower=lower, upper=upper),
        level=numbers.percent(row["confidence_level"]),
        chance=chance_text(row["chance_met"], lang),
        needed=numbers.half_up(row["needed_a_day"], 1),
        usual=numbers.half_up(row["usual_a_day"], 1),
    )


LAYOUTS = {"chance_met": quota_table}
