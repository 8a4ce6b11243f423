"""Tidy frames become tables that people read; which layout, the frame's own columns say."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .groups import FEWEST_FOR_SHARES
from .labels import column_name, column_names, dagger_note, daggered, indicator_name, note_text, period
from .layout import Column
from .layout import both_counts as _counts
from .layout import build as _build
from .layout import head as _head
from .levels_in_words import dated, value_text
from .markup import ReaderTable
from .mortality_registers import LAYOUTS as _OF_MORTALITY
from .over_time import series_trend, trend_text
from .quotas_in_words import LAYOUTS as _OF_QUOTAS
from .rows import records, stated_rows
from .screening_registers import LAYOUTS as _OF_SCREENING
from .tables_between import LAYOUTS as _BETWEEN_DISTRICTS
from .tables_of_registers import LAYOUTS as _OF_REGISTERS
from .tables_of_years import LAYOUTS as _OF_YEARS
from .targets_in_words import allowance_text, reached_text, size_text, target_text, told_at, verdict_text
from .wording import check_language, text

Row = Mapping[str, Any]
_SAME_TARGET = ("indicator", "year", "comparator", "target", "target_year")


def reader_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out a tidy frame for readers.

    The columns of the frame decide: those of registers (`tables_of_registers`, `mortality_registers`,
    `screening_registers`) and of quotas (`quotas_in_words`),
    `pool_years` (what `judge` gives of `pools`), `previous_year` (`change`),
    `births_at_least` (`between_deaths`), `true_change` (`rules_by_luck`), `verdict` (`judge`), `step`
    (`cascade`), `outside` and `by_chance_95` (districts compared), `rule` (`contradictions`), `source_system`
    (published series and their trends), `group` (counts by age or cause), otherwise the levels that `compute`
    gives.

    Parameters
    ----------
    frame : pandas.DataFrame
        A tidy frame with English column names.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    ReaderTable
        Text cells; rows without a stated count are left out.

    Examples
    --------
    >>> frame = pd.DataFrame({"indicator": ["neonatal_mortality_rate"], "year": [2023], "numerator": [3],
    ...     "denominator": [1430], "value": [2.0979], "lower": [0.4326], "upper": [6.1309], "per": [1000],
    ...     "confidence_level": [0.95], "note": ["deduced: neonatal_deaths"]})
    >>> reader_table(frame, "zh").rows
    (('新生儿死亡率', '2023', '3 / 1430', '2.10‰', '0.43～6.13', '推算'),)
    """
    check_language(lang)
    for column, layout in (
        _OF_REGISTERS | _OF_MORTALITY | _OF_SCREENING | _OF_QUOTAS | _OF_YEARS | _LAYOUTS | _BETWEEN_DISTRICTS
    ).items():
        if column in frame:
            return layout(frame, lang)
    return _levels(frame, lang)


def _level(rows: Sequence[Row]) -> str:
    levels = (row["confidence_level"] for row in rows)
    return next((numbers.percent(float(one)) for one in levels if not numbers.is_missing(one)), "")


def _levels(frame: pd.DataFrame, lang: str) -> ReaderTable:
    rows = stated_rows(frame)
    columns: list[Column] = [
        (_head("indicator", lang), False, lambda row: indicator_name(row["indicator"], lang)),
        (_head("period", lang), False, period),
        (_head("events", lang), True, lambda row: _counts(row, lang)),
        (_head("value", lang), True, lambda row: value_text(row, lang)),
    ]
    if any(not numbers.is_missing(row["lower"]) for row in rows):
        limits = _head("limits", lang, level=_level(rows))
        columns.append(
            (
                limits,
                True,
                lambda row: numbers.interval(row["lower"], row["upper"], per=row["per"], lang=lang),
            )
        )
    if any(row["note"] for row in rows):
        columns.append(
            (
                _head("note", lang),
                False,
                lambda row: note_text(row["note"], lang, known=indicator(row["indicator"]).numerator_columns),
            )
        )
    return _build(rows, columns)


def _targets(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """One row a target, the next one first; the same target of two plans is one row."""
    shown = stated_rows(frame)
    kept: dict[tuple[Any, ...], int] = {}
    for place, row in sorted(enumerate(shown), key=lambda pair: not pair[1]["target_verified"]):
        kept.setdefault(tuple(_known(row.get(key)) for key in _SAME_TARGET), place)
    once = [shown[place] for place in sorted(kept.values())]
    order = {one: place for place, one in enumerate(dict.fromkeys(row["indicator"] for row in once))}
    rows = sorted(once, key=lambda row: _turn(row, order))
    newest = max((row["year"] for row in rows), default=0)
    columns: list[Column] = [
        (_head("observed", lang), False, lambda row: _observed(row, lang, newest)),
        (_head("goal", lang), True, lambda row: _goal(row, lang)),
        (_head("reached", lang), False, lambda row: reached_text(row, lang)),
    ]
    if any(row["verdict"] for row in rows):
        columns.append((_head("verdict", lang), False, lambda row: _verdict(row, lang)))
    if any(not numbers.is_missing(row["allowance"]) for row in rows):
        columns.append((_head("allowance", lang), True, lambda row: allowance_text(row, lang)))
    if any(not numbers.is_missing(row["size_that_would_tell"]) for row in rows):
        columns.append((_head("size", lang), True, lambda row: size_text(row, lang)))
    return _build(rows, columns, [dagger_note(rows, lang), told_at(rows, lang)])


def _known(value: Any) -> Any:
    return None if numbers.is_missing(value) else value


def _turn(row: Row, order: Mapping[str, int]) -> tuple[int, float]:
    """Where a target stands: with its indicator, the next one first, those without a year last."""
    year = row["target_year"]
    return order[row["indicator"]], math.inf if numbers.is_missing(year) else float(year)


def _observed(row: Row, lang: str, newest: int) -> str:
    counts = dated(_counts(row, lang), row, newest, lang)
    beside = f"（{counts}）" if lang == "zh" else f"\n{counts}"
    return f"{daggered(row, lang)}\n{value_text(row, lang)}{beside}"


def _goal(row: Row, lang: str) -> str:
    year = "" if numbers.is_missing(row["target_year"]) else text("goal.year", lang, year=row["target_year"])
    return "\n".join(
        part
        for part in (target_text({**row, "target_verified": True}, lang), year, _doubt(row, lang))
        if part
    )


def _doubt(row: Row, lang: str) -> str:
    return "" if bool(row["target_verified"]) else text("goal.unverified", lang)


def _verdict(row: Row, lang: str) -> str:
    if not row["verdict"]:
        return numbers.MISSING
    return f"{verdict_text(row, lang)}\n{numbers.p_value(row['p_value'], lang)}"


def _cascade(frame: pd.DataFrame, lang: str) -> ReaderTable:
    rows = [row for row in records(frame) if not numbers.is_missing(row["persons"])]
    columns: list[Column] = [
        (_head("step", lang), False, lambda row: column_name(row["step"], lang)),
        (_head("persons", lang), True, lambda row: numbers.count(row["persons"], lang)),
        (_head("of step before", lang), True, lambda row: _share(row, "step", lang)),
        (_head("of first", lang), True, lambda row: _share(row, "cumulative", lang)),
    ]
    if "program" in frame:
        columns.insert(
            0, (_head("program", lang), False, lambda row: text(f"program.{row['program']}", lang))
        )
    return _build(rows, columns)


def _share(row: Row, which: str, lang: str) -> str:
    value, lower, upper = (row[f"{which}_{part}"] for part in ("value", "lower", "upper"))
    if numbers.is_missing(value) or numbers.is_missing(lower):
        return numbers.MISSING
    limits = numbers.interval(lower, upper, per=100, lang=lang, decimals=1)
    return text("with limits", lang, value=f"{numbers.half_up(value, 1)}%", limits=limits)


def _contradictions(frame: pd.DataFrame, lang: str) -> ReaderTable:
    columns: list[Column] = [
        (_head("period", lang), False, lambda row: str(row["year"])),
        (_head("columns", lang), False, lambda row: column_names(str(row["columns"]).split(";"), lang)),
        (_head("contradiction", lang), False, lambda row: str(row[f"message_{lang}"])),
        (_head("severity", lang), False, lambda row: text(f"severity.{row['severity']}", lang)),
    ]
    return _build(records(frame), columns)


def _groups(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Counts by age or cause, with their share of all."""
    rows = records(frame)
    columns: list[Column] = [
        (_head("group", lang), False, lambda row: text(f"group.{row['group']}", lang)),
        (_head("period", lang), False, period),
    ]
    if "lower" in frame:
        columns += [
            (_head("events", lang), True, lambda row: _counts(row, lang)),
            (_head("value", lang), True, lambda row: value_text(row, lang)),
            (
                _head("limits", lang, level=_level(rows)),
                True,
                lambda row: numbers.interval(row["lower"], row["upper"], per=row["per"], lang=lang),
            ),
        ]
    else:
        columns.append((_head("count", lang), True, lambda row: numbers.count(row["numerator"], lang)))
    few = "lower" not in frame and any(row["denominator"] < FEWEST_FOR_SHARES for row in rows)
    if "lower" not in frame and not few:
        columns.append((_head("share", lang), True, lambda row: _part(row, lang)))
    doubtful = any(not row.get("definition_verified", True) for row in rows)
    notes = [
        text("note.definition unverified", lang) if doubtful else "",
        text("groups.few", lang, fewest=FEWEST_FOR_SHARES) if few else "",
    ]
    return _build(rows, columns, notes, merge=False)


def _part(row: Row, lang: str) -> str:
    written = numbers.quotient(row["numerator"], row["denominator"], per=100, decimals=0)
    return numbers.measure(written, 100, lang)


def _series(frame: pd.DataFrame, lang: str) -> ReaderTable:
    columns: list[Column] = [
        (_head("indicator", lang), False, lambda row: indicator_name(row["indicator"], lang)),
        (_head("system", lang), False, lambda row: _system(row, lang)),
    ]
    if "target_id" in frame:
        columns += [
            (_head("period", lang), False, period),
            (_head("value", lang), True, lambda row: _value_of_series(row, "", lang)),
            (_head("goal", lang), True, lambda row: _goal(row, lang)),
            (_head("reached", lang), False, lambda row: reached_text(row, lang)),
        ]
    elif "first_year" in frame:
        columns += [
            (
                _head("span", lang),
                True,
                lambda row: text(
                    "span", lang, first=row["first_year"], last=row["last_year"], count=row["values"]
                ),
            ),
            (_head("from to", lang), True, lambda row: _from_to(row, lang)),
            (_head("trend", lang), False, lambda row: trend_text(series_trend(row), lang, broken=True)),
        ]
    else:
        columns += [
            (_head("period", lang), False, period),
            (_head("value", lang), True, lambda row: _published(row["value"], row["indicator"], lang)),
        ]
    return _build(records(frame), columns)


def _from_to(row: Row, lang: str) -> str:
    first = numbers.level(row["first_value"], indicator(row["indicator"]).per, lang, bare=True)
    flag = text("flag.derived", lang) if row.get("first_derived", False) else ""
    return f"{first}{flag} → {_value_of_series(row, 'last_', lang)}"


def _value_of_series(row: Row, which: str, lang: str) -> str:
    flag = text("flag.derived", lang) if row.get(f"{which}derived", False) else ""
    return _published(row[f"{which}value"], row["indicator"], lang) + flag


def _system(row: Row, lang: str) -> str:
    system = text(f"system.{row['source_system']}", lang)
    if row["area"] == "total":
        return system
    area = text(f"area.{row['area']}", lang)
    return f"{system}\n{area}"


def _published(value: Any, id: str, lang: str) -> str:
    """A value as it was published: no counts stand behind it that could be rounded anew."""
    return numbers.level(value, indicator(id).per, lang)


_LAYOUTS: dict[str, Callable[[pd.DataFrame, str], ReaderTable]] = {
    "verdict": _targets,
    "step": _cascade,
    "rule": _contradictions,
    "group": _groups,
    "source_system": _series,
}
