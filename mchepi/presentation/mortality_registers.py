"""Registers of births and deaths on the page: both counts, both definitions, signs, ages, causes, days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from . import numbers
from .labels import column_name, daggered, listed, period
from .layout import Column, Row, build, head
from .levels_in_words import sentence_case
from .markup import ReaderTable
from .outcome_notes import outcome_note
from .rows import records
from .tables_of_registers import word
from .wording import text

_RATIO = "stillbirths_per_early_neonatal_death"
_SMALL = ("births_below_1500_g",)  # shares of less than a percent


def beside_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out yearly counts beside those of the registers: what differs, and of the last year everything.

    Examples
    --------
    >>> beside_table(pd.DataFrame({"year": [], "register_count": [], "difference": []}), "en").rows
    ()
    """
    shown = frame[(frame["year"] == frame["year"].max()) | (frame["difference"] != 0)]
    columns: list[Column] = [
        (head("counted what", lang), False, lambda row: column_name(row["column"], lang)),
        (head("period", lang), False, lambda row: str(row["year"])),
        (head("yearly count", lang), True, lambda row: numbers.count(row["yearly_count"], lang)),
        (head("register count", lang), True, lambda row: numbers.count(row["register_count"], lang)),
        (head("difference", lang), True, lambda row: _signed(row["difference"], lang)),
    ]
    return build(records(shown), columns)


def _signed(value: Any, lang: str) -> str:
    written = numbers.count(abs(int(value)), lang)
    return written if not value else f"+{written}" if value > 0 else f"−{written}"


def definitions_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out rates by events of the year beside those of the cohort born in it.

    Examples
    --------
    >>> definitions_table(pd.DataFrame({"cohort_value": []}), "en").rows
    ()
    """
    columns: list[Column] = [
        (head("indicator", lang), False, lambda row: daggered(row, lang)),
        (head("period", lang), False, period),
        (head("by events", lang), True, lambda row: _rate(row, "events", lang)),
        (head("by cohort", lang), True, lambda row: _rate(row, "cohort", lang)),
        (head("note", lang), False, lambda row: outcome_note(row["note"], lang)),
    ]
    return build(records(frame), columns, [text("registers.definitions", lang)] if len(frame) else [])


def _rate(row: Row, which: str, lang: str) -> str:
    counts = numbers.count(row[f"{which}_numerator"], lang)
    total = numbers.count(row[f"{which}_denominator"], lang)
    if numbers.is_missing(row[f"{which}_value"]):
        return f"{counts} / {total}"
    value = numbers.measure(numbers.half_up(row[f"{which}_value"], 2), row["per"], lang)
    limits = numbers.interval(row[f"{which}_lower"], row[f"{which}_upper"], per=row["per"], lang=lang)
    return f"{value}\n{counts} / {total}\n{limits}"


def signs_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.under_reporting_signs` gives; signs without counts are left out.

    Examples
    --------
    >>> signs_table(pd.DataFrame({"sign": [], "value": []}), "en").rows
    ()
    """
    rows = records(frame[frame["value"].notna()])
    columns: list[Column] = [
        (head("sign", lang), False, lambda row: str(row[f"name_{lang}"])),
        (head("events", lang), True, lambda row: _counts(row, lang)),
        (head("found value", lang), True, lambda row: _sign_value(row, lang)),
        (head("usual range", lang), True, lambda row: _sign_range(row, "expected_", lang)),
        (head("reading", lang), False, lambda row: text(f"registers.sign.{row['signal'] or 'none'}", lang)),
    ]
    return build(rows, columns, [text("registers.signs", lang)] if rows else [], merge=False)


def _counts(row: Row, lang: str) -> str:
    return f"{numbers.count(row['numerator'], lang)} / {numbers.count(row['denominator'], lang)}"


def _sign_value(row: Row, lang: str) -> str:
    return f"{_sign_number(row['value'], row['sign'])}\n{_sign_range(row, '', lang)}"


def _sign_number(value: Any, sign: str) -> str:
    if sign == _RATIO:
        return numbers.half_up(value, 2)
    return numbers.percent(value, decimals=1 if sign in _SMALL else 0)


def _sign_range(row: Row, which: str, lang: str) -> str:
    lower, upper = row[f"{which}lower"], row[f"{which}upper"]
    if numbers.is_missing(lower):
        return numbers.MISSING
    ends = (_sign_number(end, row["sign"]) for end in (lower, upper))
    return text("registers.range", lang, lower=next(ends), upper=next(ends))


def ages_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.age_at_death` gives.

    Examples
    --------
    >>> ages_table(pd.DataFrame({"age": [], "share": []}), "en").rows
    ()
    """
    return _shares(frame, head("age", lang), lambda row: word(row["age"], lang), lang)


def causes_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.causes_of_death` gives.

    Examples
    --------
    >>> causes_table(pd.DataFrame({"cause": [], "share": []}), "en").rows
    ()
    """
    return _shares(frame, head("cause", lang), lambda row: str(row[f"name_{lang}"]), lang)


def _shares(frame: pd.DataFrame, heading: str, name: Callable[[Row], str], lang: str) -> ReaderTable:
    rows = records(frame)
    columns: list[Column] = [
        (heading, False, name),
        (head("period", lang), False, period),
        (head("count", lang), True, lambda row: numbers.count(row["deaths"], lang)),
    ]
    few = bool(frame["share"].isna().all())
    if not few:
        columns.append((head("share", lang), True, lambda row: _share(row, lang)))
    notes = [text("registers.of deaths", lang, count=numbers.count(rows[0]["total"], lang))] if rows else []
    notes += [] if few or not rows else [text("registers.limits of shares", lang)]
    stop = "。" if lang == "zh" else "."
    said = (outcome_note(note, lang) for note in dict.fromkeys(row["note"] for row in rows) if note)
    notes += [f"{sentence_case(one)}{stop}" for one in said]
    return build(rows, columns, notes, merge=False)


def _share(row: Row, lang: str) -> str:
    limits = numbers.interval(row["lower"], row["upper"], per=100, lang=lang, decimals=0)
    return text("with limits", lang, value=f"{numbers.half_up(row['share'], 0)}%", limits=limits)


def days_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.days_between_deaths` gives.

    Examples
    --------
    >>> days_table(pd.DataFrame({"between": [], "open": [], "center": []}), "en").rows
    ()
    """
    columns: list[Column] = [
        (
            head("interval", lang),
            False,
            lambda row: text("registers.since last" if row["open"] else "registers.to next", lang),
        ),
        (head("days", lang), True, lambda row: _days(row, lang)),
        (head("chart", lang), True, lambda row: _chart(row, lang)),
        (head("signal", lang), False, lambda row: text(f"apart.signal.{row['signal'] or 'none'}", lang)),
    ]
    return build(records(frame), columns, merge=False)


def _days(row: Row, lang: str) -> str:
    written = numbers.count(round(row["between"]), lang)
    return text("apart.at least", lang, least=written) if row["open"] else written


def _chart(row: Row, lang: str) -> str:
    if numbers.is_missing(row["lower"]):
        return numbers.MISSING
    lower, upper = (numbers.count(round(row[end]), lang) for end in ("lower", "upper"))
    return text("apart.range", lang, least=lower, most=upper)


def register_sentences(beside: pd.DataFrame, signs: pd.DataFrame, *, lang: str) -> list[str]:
    """Say whether registers and yearly counts agree, and which signs of unwritten deaths there are.

    Parameters
    ----------
    beside, signs : pandas.DataFrame
        Tables of `mchepi.outcomes.mortality_register`; both empty without registers.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> register_sentences(pd.DataFrame(), pd.DataFrame(), lang="en")
    []
    """
    if beside.empty and signs.empty:
        return []
    said = [differing(beside, lang) or text("registers.agree", lang)] if len(beside) else []
    return [*said, signs_found(signs, lang) or text("registers.no sign", lang)]


def differing(beside: pd.DataFrame, lang: str) -> str:
    """Say in which years and counts the registers differ from the yearly counts; empty where in none.

    Examples
    --------
    >>> differing(pd.DataFrame({"column": ["neonatal_deaths"], "year": [2023], "yearly_count": [2],
    ...                         "register_count": [1], "difference": [-1]}), "en")
    'Register and yearly counts differ: neonatal deaths 2023 (1 against 2). Both are to be checked.'
    """
    rows = records(beside[beside["difference"] != 0]) if len(beside) else []
    items = [
        text(
            "registers.differing item",
            lang,
            name=column_name(row["column"], lang),
            year=row["year"],
            register=numbers.count(row["register_count"], lang),
            yearly=numbers.count(row["yearly_count"], lang),
        )
        for row in rows
    ]
    return text("registers.differ", lang, items=listed(items, lang)) if items else ""


def signs_found(signs: pd.DataFrame, lang: str) -> str:
    """Say which signs lie outside their usual range with all of their limits; empty where none does.

    Examples
    --------
    >>> signs_found(pd.DataFrame({"signal": ["below"], "sign": ["early_share_of_neonatal_deaths"],
    ...     "name_en": ["Share of neonatal deaths in the first week"], "numerator": [6], "denominator": [24],
    ...     "value": [0.25], "expected_lower": [0.6], "expected_upper": [0.85]}), "en")
    'A sign of deaths that were not written down: share of neonatal deaths in the first week 25% (6 / 24;
    usual 60% to 85%). It is a question to the register, not an estimate of what is missing.'
    """
    rows = records(signs[signs["signal"] != ""]) if len(signs) else []
    items = [
        text(
            "registers.sign item",
            lang,
            name=_inside(str(row[f"name_{lang}"]), lang),
            value=_sign_number(row["value"], row["sign"]),
            counts=_counts(row, lang),
            usual=_sign_range(row, "expected_", lang),
        )
        for row in rows
    ]
    return text("registers.sign found", lang, items=listed(items, lang)) if items else ""


def _inside(name: str, lang: str) -> str:
    return name[:1].lower() + name[1:] if lang == "en" else name


LAYOUTS: dict[str, Callable[[pd.DataFrame, str], ReaderTable]] = {
    "register_count": beside_table,
    "cohort_value": definitions_table,
    "sign": signs_table,
    "age": ages_table,
    "cause": causes_table,
    "between": days_table,
}
