"""Registers of screening on the page: persons lost, waiting times, tests, cycles, elimination."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from . import numbers
from .acting import act_table, due_text, to_follow_text
from .labels import indicator_name, period
from .layout import Column, Row, both_counts, build, head
from .markup import ReaderTable
from .rows import records
from .tables_of_registers import percent_with_limits, word
from .targets_in_words import verdict_text
from .wording import text

_RATIO = "relative_detection"


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
        (head("not yet due", lang), True, lambda row: numbers.count(row["not_yet_due"], lang)),
        (head("gone before", lang), True, lambda row: numbers.count(row["gone"], lang)),
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
        (
            head("step due", lang),
            False,
            lambda row: due_text({**row, "step": row["due_step"], "due_days": row["by"]}, lang),
        ),
        (head("persons", lang), True, lambda row: numbers.count(row["persons"], lang)),
        (head("in time and late", lang), True, lambda row: _two(row["done"], row["late"], lang)),
        (head("overdue", lang), True, lambda row: numbers.count(row["overdue"], lang)),
        (head("to follow", lang), True, lambda row: to_follow_text(row, lang)),
        (
            head("not yet due and died", lang),
            True,
            lambda row: _two(row["not_yet_due"], row["competing"], lang),
        ),
        (head("share in time", lang), True, lambda row: percent_with_limits(row, lang)),
    ]
    return build(records(frame), columns, [text("screening.timely", lang)] if len(frame) else [])


def _two(one: float, other: float, lang: str) -> str:
    """Two counts in one column: the page is as wide as paper."""
    return f"{numbers.count(one, lang)} / {numbers.count(other, lang)}"


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


def cycle_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out the bounds of women screened at least once in a cycle of which yearly counts are known.

    Examples
    --------
    >>> cycle_table(pd.DataFrame({"upper_coverage": []}), "en").rows
    ()
    """
    rows = records(frame)
    columns: list[Column] = [
        (head("to the end of", lang), False, lambda row: str(row["year"])),
        (head("women of the year", lang), True, lambda row: numbers.count(row["persons"], lang)),
        (head("added up", lang), True, lambda row: numbers.count(row["added_up"], lang)),
        (head("at least once", lang), True, lambda row: _bounds(row, lang)),
        (head("of women 35 to 64", lang), True, lambda row: _coverage(row, lang)),
    ]
    if rows and any(not numbers.is_missing(row["in_register"]) for row in rows):
        columns.append(
            (head("in the register", lang), True, lambda row: numbers.count(row["in_register"], lang))
        )
    notes = [text("screening.cycle", lang, years=len(rows))] if rows else []
    return build(rows, columns, notes, merge=False)


def _bounds(row: Row, lang: str) -> str:
    lower, upper = (numbers.count(row[name], lang) for name in ("lower", "upper"))
    return lower if lower == upper else text("screening.between", lang, lower=lower, upper=upper)


def _coverage(row: Row, lang: str) -> str:
    if numbers.is_missing(row["upper_coverage"]):
        return numbers.MISSING
    lower, upper = (numbers.half_up(100 * row[f"{name}_coverage"], 1) for name in ("lower", "upper"))
    whole = numbers.count(row["eligible"], lang)
    ends = f"{lower}%" if lower == upper else text("screening.between", lang, lower=lower, upper=f"{upper}%")
    return f"{ends}\n/ {whole}"


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


LAYOUTS: dict[str, Callable[[pd.DataFrame, str], ReaderTable]] = {
    "finished": cascades_table,
    "due_step": timely_table,
    "measure": yields_table,
    "look_back_years": look_back_table,
    "upper_coverage": cycle_table,
    "act_rank": act_table,
    "size_if_none": elimination_table,
}
