"""Tables of hemoglobin and growth from registers: who was tested, how, what came of it by which rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from . import numbers
from .layout import Column, Row, both_counts, build, head
from .markup import ReaderTable
from .rows import records
from .wording import text, wording

_LEFT_OUT = ("implausible", "unit_not_stated", "adjustment_not_stated", "unclassified")
_WHOLE = ("months_6_59", "pregnant")


def word(value: Any, lang: str) -> str:
    """A word of a register in the reader's language; one that is not in the table (an analyzer) as it is.

    Examples
    --------
    >>> word("venous", "zh"), word("A-301", "en"), word(None, "en")
    ('静脉血', 'A-301', '–')
    """
    if numbers.is_missing(value) or value == "":
        return numbers.MISSING
    key = f"word.{value}"
    return text(key, lang) if key in wording() else str(value)


def percent_with_limits(row: Row, lang: str, which: str = "") -> str:
    r"""A share in percent above its limits.

    Examples
    --------
    >>> percent_with_limits({"value": 6.25, "lower": 4.4, "upper": 8.9}, "en")
    '6.3%\n4.4 to 8.9'
    """
    if numbers.is_missing(row[f"{which}value"]):
        return numbers.MISSING
    limits = numbers.interval(row[f"{which}lower"], row[f"{which}upper"], per=100, lang=lang, decimals=1)
    value = f"{numbers.half_up(row[f'{which}value'], 1)}%"
    return value if limits == numbers.MISSING else f"{value}\n{limits}"


def rule_note(rows: list[dict[str, Any]], lang: str) -> str:
    """Name the rule set behind a table, and say what of it was not verified.

    Examples
    --------
    >>> rule_note([{"standard": "who_2006"}], "en")
    'Rule set: WHO growth standards 2006.'
    """
    if not rows:
        return ""
    names = dict.fromkeys(word(row["standard"], lang) for row in rows)
    said = text("registers.rule", lang, rule="; ".join(names))
    before = any("already_adjusted" in str(row.get("altitude_standard", "")) for row in rows)
    return said + (text("registers.adjusted before", lang) if before else "")


def who_was_tested_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.anemia_tested` gives, for the last year.

    Examples
    --------
    >>> who_was_tested_table(pd.DataFrame({"year": [], "adjustment_not_stated": []}), "en").rows
    ()
    """
    rows = records(frame[frame["year"] == frame["year"].max()])
    columns: list[Column] = [
        (head("tested group", lang), False, lambda row: word(row["age_group"], lang)),
        (head("period", lang), False, lambda row: str(row["year"])),
        (head("tests", lang), True, lambda row: numbers.count(row["tests"], lang)),
        (head("repeated", lang), True, lambda row: numbers.count(row["repeated"], lang)),
        (
            head("left out", lang),
            True,
            lambda row: numbers.count(sum(row[name] for name in _LEFT_OUT), lang),
        ),
        (head("counted", lang), True, lambda row: numbers.count(row["counted"], lang)),
    ]
    return build(rows, columns, [text("registers.one result", lang)] if rows else [], merge=False)


def measurement_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.hemoglobin_measurement` gives.

    Examples
    --------
    >>> measurement_table(pd.DataFrame({"year": [], "what_changed": []}), "en").rows
    ()
    """
    columns: list[Column] = [
        (head("period", lang), False, lambda row: str(row["year"])),
        (head("specimen", lang), False, lambda row: word(row["specimen"], lang)),
        (head("analyzer", lang), False, lambda row: word(row["analyzer"], lang)),
        (head("unit written", lang), False, lambda row: word(row["unit"], lang)),
        (head("adjusted", lang), False, lambda row: _adjusted(row, lang)),
        (head("altitude", lang), True, lambda row: _altitude(row, lang)),
        (head("tests", lang), True, lambda row: numbers.count(row["tests"], lang)),
        (head("implausible", lang), True, lambda row: numbers.count(row["implausible"], lang)),
        (head("mean", lang), True, lambda row: _spread(row, 1)),
        (head("digits", lang), True, lambda row: numbers.half_up(row["digit_score"], 0)),
    ]
    return build(records(frame), columns, [text("registers.digits", lang)] if len(frame) else [], merge=False)


def _adjusted(row: Row, lang: str) -> str:
    given = row["already_adjusted"]
    if numbers.is_missing(given):
        return text("word.not stated", lang)
    return text("word.yes" if given else "word.no", lang)


def _altitude(row: Row, lang: str) -> str:
    low, high = row["altitude_from"], row["altitude_to"]
    if numbers.is_missing(low):
        return numbers.MISSING
    return (
        numbers.count(low, lang) if low == high else f"{numbers.count(low, lang)}–{numbers.count(high, lang)}"
    )


def _spread(row: Row, decimals: int) -> str:
    mean, spread = (numbers.half_up(row[name], decimals) for name in ("mean", "standard_deviation"))
    return f"{mean.replace('-', '−')} ({spread})" if mean != numbers.MISSING else mean


def prevalence_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.anemia_prevalence` gives: the last year by group, then earlier years.

    Examples
    --------
    >>> prevalence_table(pd.DataFrame({"year": [], "age_group": [], "design_effect": []}), "en").rows
    ()
    """
    last = frame["year"].max()
    kept = frame[(frame["year"] == last) | frame["age_group"].isin(_WHOLE)]
    kept = kept[(kept["denominator"] > 0) | kept["age_group"].isin(_WHOLE)] if len(kept) else kept
    rows = records(
        kept.assign(_earlier=kept["year"] != last).sort_values(
            ["_earlier", "year"], ascending=[True, False], kind="stable"
        )
    )
    columns: list[Column] = [
        (head("tested group", lang), False, lambda row: word(row["age_group"], lang)),
        (head("period", lang), False, lambda row: str(row["year"])),
        (head("anemic", lang), True, lambda row: both_counts(row, lang)),
        (head("prevalence", lang), True, lambda row: percent_with_limits(row, lang)),
        (head("severity counts", lang), True, lambda row: _severities(row, lang)),
    ]
    survey = bool(kept["design_effect"].notna().any())
    if survey:
        columns.append(
            (head("design effect", lang), True, lambda row: numbers.half_up(row["design_effect"], 2))
        )
    notes = [rule_note(rows, lang), text("registers.survey" if survey else "registers.no survey", lang)]
    return build(rows, columns, notes if rows else [], merge=False)


def _severities(row: Row, lang: str) -> str:
    return " / ".join(numbers.count(row[name], lang) for name in ("mild", "moderate", "severe"))


def rule_sets_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.anemia_under_rules` gives.

    Examples
    --------
    >>> rule_sets_table(pd.DataFrame({"rule_set": []}), "en").rows
    ()
    """
    columns: list[Column] = [
        (head("rule set", lang), False, lambda row: _rule_set(row, lang)),
        (
            head("anemic", lang),
            True,
            lambda row: f"{numbers.count(row['anemic'], lang)} / {numbers.count(row['counted'], lang)}",
        ),
        (head("prevalence", lang), True, lambda row: percent_with_limits(row, lang)),
        (head("change class", lang), True, lambda row: numbers.count(row["change_class"], lang)),
        (head("newly anemic", lang), True, lambda row: numbers.count(row["newly_anemic"], lang)),
        (head("no longer anemic", lang), True, lambda row: numbers.count(row["no_longer_anemic"], lang)),
    ]
    notes = []
    if len(frame):
        notes.append(text("registers.same children", lang, year=frame["year"].max()))
        if frame["already_adjusted"].all():
            notes.append(text("registers.cut-offs only", lang))
    return build(records(frame), columns, notes)


def _rule_set(row: Row, lang: str) -> str:
    flag = "" if row["verified"] else f"\n{text('registers.not verified', lang)}"
    return text(f"rule_set.{row['rule_set']}", lang) + flag


def standardized_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.anemia_standardized` gives.

    Examples
    --------
    >>> standardized_table(pd.DataFrame({"standardized_value": []}), "en").rows
    ()
    """
    rows = records(frame)
    columns: list[Column] = [
        (head("compared", lang), False, lambda row: f"{row['year']} {word(row['compared'], lang)}"),
        (head("anemic", lang), True, lambda row: both_counts(row, lang)),
        (head("crude", lang), True, lambda row: percent_with_limits(row, lang, "crude_")),
        (head("standardized", lang), True, lambda row: percent_with_limits(row, lang, "standardized_")),
    ]
    notes = [rule_note(rows, lang), text("registers.standard", lang)] if rows else []
    return build(rows, columns, notes, merge=False)


def growth_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.growth_prevalence` gives, for the last year.

    Examples
    --------
    >>> growth_table(pd.DataFrame({"year": [], "state": []}), "en").rows
    ()
    """
    rows = records(frame[frame["year"] == frame["year"].max()])
    columns: list[Column] = [
        (head("state", lang), False, lambda row: word(row["state"], lang)),
        (head("period", lang), False, lambda row: str(row["year"])),
        (head("events", lang), True, lambda row: both_counts(row, lang)),
        (head("prevalence", lang), True, lambda row: percent_with_limits(row, lang)),
        (head("implied mean", lang), True, lambda row: _signed(row["implied_mean"])),
        (
            head("implied spread", lang),
            True,
            lambda row: numbers.half_up(row["implied_standard_deviation"], 2),
        ),
    ]
    notes = [rule_note(rows, lang), text("registers.implied", lang)] if rows else []
    return build(rows, columns, notes, merge=False)


def _signed(value: Any) -> str:
    written = numbers.half_up(value, 2)
    return written if numbers.is_missing(value) else f"+{written}" if value > 0 else written.replace("-", "−")


def z_scores_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.outcomes.growth_quality` gives, for the last year.

    Examples
    --------
    >>> z_scores_table(pd.DataFrame({"year": [], "z_index": []}), "en").rows
    ()
    """
    rows = records(frame[frame["year"] == frame["year"].max()])
    columns: list[Column] = [
        (head("z index", lang), False, lambda row: word(row["z_index"], lang)),
        (head("period", lang), False, lambda row: str(row["year"])),
        (head("counted", lang), True, lambda row: numbers.count(row["counted"], lang)),
        (head("missing", lang), True, lambda row: numbers.count(row["missing"], lang)),
        (head("flagged", lang), True, lambda row: numbers.count(row["flagged"], lang)),
        (head("z mean", lang), True, lambda row: _spread(row, 2)),
        (head("digits", lang), True, lambda row: numbers.half_up(row["digit_score"], 0)),
    ]
    return build(rows, columns, [text("registers.z scores", lang)] if rows else [], merge=False)


LAYOUTS: dict[str, Callable[[pd.DataFrame, str], ReaderTable]] = {
    "adjustment_not_stated": who_was_tested_table,
    "what_changed": measurement_table,
    "rule_set": rule_sets_table,
    "standardized_value": standardized_table,
    "age_group": prevalence_table,
    "state": growth_table,
    "z_index": z_scores_table,
}
