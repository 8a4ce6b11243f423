"""Registers of screening on the page: persons lost, waiting times, tests, elimination, where to act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from . import numbers
from .labels import indicator_name, listed, period
from .layout import Column, Row, both_counts, build, head
from .levels_in_words import sentence_case
from .markup import ReaderTable
from .rows import records
from .tables_of_registers import percent_with_limits, word
from .targets_in_words import verdict_text
from .wording import text

_RATIO = "relative_detection"
_FEW = 3
_STARTS = ("screened", "tested")


def cascades_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out the cascades of registers: who needed each step, who took it, who was lost.

    Examples
    --------
    >>> cascades_table(pd.DataFrame({"program": [], "finished": []}), "en").rows
    ()
    """
    columns: list[Column] = [
        (head("program", lang), False, lambda row: text(f"program.{row['program']}", lang)),
        (head("step", lang), False, lambda row: word(row["step"], lang)),
        (head("needed", lang), True, lambda row: numbers.count(row["needed"], lang)),
        (head("persons", lang), True, lambda row: numbers.count(row["persons"], lang)),
        (head("lost", lang), True, lambda row: numbers.count(row["lost"], lang)),
        (head("of those who needed", lang), True, lambda row: percent_with_limits(row, lang, "step_")),
        (head("all steps so far", lang), True, lambda row: percent_with_limits(row, lang, "cumulative_")),
    ]
    return build(records(frame), columns, [text("screening.cascades", lang)] if len(frame) else [])


def timely_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out steps done in time, with those who are overdue and those who are not yet due.

    Examples
    --------
    >>> timely_table(pd.DataFrame({"program": [], "due_step": []}), "en").rows
    ()
    """
    columns: list[Column] = [
        (head("program", lang), False, lambda row: text(f"program.{row['program']}", lang)),
        (head("step due", lang), False, lambda row: _due(row, lang)),
        (head("persons", lang), True, lambda row: numbers.count(row["persons"], lang)),
        (head("in time", lang), True, lambda row: numbers.count(row["done"], lang)),
        (head("late", lang), True, lambda row: numbers.count(row["late"], lang)),
        (head("overdue", lang), True, lambda row: numbers.count(row["overdue"], lang)),
        (head("not yet due", lang), True, lambda row: numbers.count(row["not_yet_due"], lang)),
        (head("share in time", lang), True, lambda row: percent_with_limits(row, lang)),
    ]
    return build(records(frame), columns, [text("screening.timely", lang)] if len(frame) else [])


def _due(row: Row, lang: str) -> str:
    step = word(row["due_step"], lang)
    return text("screening.due", lang, step=step, days=numbers.count(round(row["by"]), lang))


def yields_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out the yield of cervical tests: positives, assessed, confirmed, detection, never a sensitivity.

    Examples
    --------
    >>> yields_table(pd.DataFrame({"test": [], "measure": []}), "en").rows
    ()
    """
    columns: list[Column] = [
        (head("test", lang), False, lambda row: word(row["test"], lang)),
        (head("measure", lang), False, lambda row: word(row["measure"], lang)),
        (head("events", lang), True, lambda row: _counts(row, lang)),
        (head("found value", lang), True, lambda row: _measure(row, lang)),
    ]
    return build(records(frame), columns, [text("screening.tests", lang)] if len(frame) else [])


def _counts(row: Row, lang: str) -> str:
    return numbers.MISSING if numbers.is_missing(row["numerator"]) else both_counts(row, lang)


def _measure(row: Row, lang: str) -> str:
    if row["measure"] == _RATIO:
        limits = numbers.interval(row["lower"], row["upper"], per=1, lang=lang, decimals=2)
        return f"{numbers.half_up(row['value'], 2)}\n{limits}"
    ends = {name: 100 * row[name] for name in ("value", "lower", "upper")}
    return percent_with_limits(ends, lang)


def look_back_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out women with a test in its look-back, beside the tests that were counted.

    Examples
    --------
    >>> look_back_table(pd.DataFrame({"test": [], "look_back_years": []}), "en").rows
    ()
    """
    columns: list[Column] = [
        (head("test", lang), False, lambda row: word(row["test"], lang)),
        (
            head("look back", lang),
            True,
            lambda row: text("screening.years", lang, years=row["look_back_years"]),
        ),
        (head("years held", lang), False, period),
        (head("tests", lang), True, lambda row: numbers.count(row["test_records"], lang)),
        (head("women", lang), True, lambda row: numbers.count(row["women"], lang)),
    ]
    return build(records(frame), columns, [text("screening.look back", lang)] if len(frame) else [])


def pace_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out persons done by the end of each month, this year beside the last.

    Examples
    --------
    >>> pace_table(pd.DataFrame({"year": [], "month": [], "done_so_far": []}), "en").rows
    ()
    """
    wide = frame.pivot_table(index="month", columns="year", values="done_so_far").reset_index()
    years = [name for name in wide.columns if name != "month"]
    columns: list[Column] = [
        (head("by end of month", lang), True, lambda row: numbers.count(row["month"], lang))
    ]
    columns += [(str(year), True, _of_year(year, lang)) for year in reversed(years)]
    return build(records(wide), columns, [text("screening.pace", lang)] if len(frame) else [], merge=False)


def _of_year(year: Any, lang: str) -> Callable[[Row], str]:
    return lambda row: numbers.count(row[year], lang)


def elimination_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out the criteria of elimination: counts first, then what they can tell.

    Examples
    --------
    >>> elimination_table(pd.DataFrame({"numerator": [], "denominator": [], "size_if_none": []}), "en").rows
    ()
    """
    rows = records(frame[frame["numerator"].notna() & frame["denominator"].notna()])
    columns: list[Column] = [
        (head("indicator", lang), False, lambda row: indicator_name(row["indicator"], lang)),
        (head("role", lang), False, lambda row: text(f"screening.role.{row['role']}", lang)),
        (head("events", lang), True, lambda row: both_counts(row, lang)),
        (head("rate", lang), True, lambda row: _rate(row, lang)),
        (head("criterion", lang), True, lambda row: _criterion(row, lang)),
        (head("reached", lang), False, lambda row: _reached(row, lang)),
        (head("size if none", lang), True, lambda row: numbers.count(row["size_if_none"], lang)),
    ]
    return build(rows, columns, [text("screening.elimination", lang)] if rows else [], merge=False)


def _rate(row: Row, lang: str) -> str:
    if numbers.is_missing(row["value"]):
        return numbers.MISSING
    written = numbers.quotient(row["numerator"], row["denominator"], per=row["per"])
    value = numbers.measure(written, row["per"], lang)
    limits = numbers.interval(row["lower"], row["upper"], per=row["per"], lang=lang)
    return value if limits == numbers.MISSING else f"{value}\n{limits}"


def _criterion(row: Row, lang: str) -> str:
    sign = {"<=": "≤", ">=": "≥"}.get(row["comparator"], row["comparator"])
    return f"{sign}{numbers.level(row['target'], row['per'], lang)}"


def _reached(row: Row, lang: str) -> str:
    if numbers.is_missing(row["reached"]):
        return text("screening.nobody", lang)
    said = text("screening.reached" if row["reached"] else "screening.missed", lang)
    if not row["verdict"]:
        return said
    return f"{said}\n{text('screening.underlying', lang, verdict=verdict_text(row, lang))}"


def where_to_act(cascades: pd.DataFrame, timely: pd.DataFrame, *, lang: str) -> list[str]:
    """Say at which steps most persons are lost, and how many are overdue now: numbers, never who.

    Parameters
    ----------
    cascades, timely : pandas.DataFrame
        Tables of `mchepi.outcomes.screening_register`; empty without registers.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> where_to_act(pd.DataFrame(), pd.DataFrame(), lang="en")
    []
    """
    later = [row for row in records(cascades) if row["step"] not in _STARTS and row["lost"]]
    most = sorted(later, key=lambda row: -row["lost"])[:_FEW]
    lost = [
        text(
            "screening.lost item",
            lang,
            program=text(f"program.{row['program']}", lang),
            step=word(row["step"], lang),
            lost=numbers.count(row["lost"], lang),
            needed=numbers.count(row["needed"], lang),
        )
        for row in most
    ]
    late = [
        text(
            "screening.overdue item",
            lang,
            program=text(f"program.{row['program']}", lang),
            step=word(row["due_step"], lang),
            count=numbers.count(row["overdue"], lang),
        )
        for row in records(timely)
        if row["overdue"]
    ]
    items = [
        text("screening.most lost", lang, items=listed(lost, lang)) if lost else "",
        text("screening.overdue", lang, items=listed(late, lang)) if late else "",
    ]
    return [sentence_case(one) for one in items if one]


LAYOUTS: dict[str, Callable[[pd.DataFrame, str], ReaderTable]] = {
    "finished": cascades_table,
    "due_step": timely_table,
    "measure": yields_table,
    "look_back_years": look_back_table,
    "done_so_far": pace_table,
    "size_if_none": elimination_table,
}
