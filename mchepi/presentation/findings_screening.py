"""The key findings on screening: who is missed, and where most are lost."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .acting import act_finding
from .cascades import step_kinds
from .labels import column_name, counted, has_note, listed, lower_first, marked_name, period
from .levels_in_words import (
    above_hundred,
    counts_text,
    dated,
    deduced,
    level_text,
    sentence_case,
    value_text,
)
from .quotas_in_words import quota_sentences
from .rows import DISPUTED, latest, next_targets, records, stated
from .sections import part_of
from .targets_in_words import target_text
from .wording import text

_FEW = 3
_SHORT = 4  # targets that are named as not reached
_QUOTAS = 2
# Programs of which the first loss is what coverage says already.
_BY_COVERAGE = ("hpv_vaccine", "premarital", "preconception")
_FEWEST_DUE = 10
_WOMEN_35_64 = (
    "cervical_screening_coverage_35_64",
    "breast_screening_coverage_35_64",
    "two_cancer_screening_coverage",
)


def screening_findings(
    levels: pd.DataFrame,
    judged: pd.DataFrame,
    cascades: pd.DataFrame,
    found: pd.DataFrame,
    quotas: pd.DataFrame | None = None,
    acts: pd.DataFrame | None = None,
    *,
    lang: str,
) -> list[str]:
    """The findings on screening: who is missed, which targets are not reached, where most are lost.

    Parameters
    ----------
    levels, judged : pandas.DataFrame
        As for `mortality_findings`, of all programs.
    cascades : pandas.DataFrame
        What `each_cascade` gives.
    found : pandas.DataFrame
        What `mchepi.indicators.contradictions` gives. A coverage whose two counts contradict each other is
        named, not counted among those that miss persons.
    quotas : pandas.DataFrame, optional
        Forecasts of `mchepi.outcomes.quota_forecasts`.
    acts : pandas.DataFrame, optional
        What `where_to_act` gives. Where a register says who is overdue, it is named instead of the losses of
        yearly counts, which hold those not yet due.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    list of str
        At most five findings, the most useful first.

    Examples
    --------
    >>> frame = pd.DataFrame({"district": ["a"], "year": [2023],
    ...     "indicator": ["newborn_hearing_screening_rate"],
    ...                       "value": [float("nan")], "note": ["missing: newborns_hearing_screened"]})
    >>> screening_findings(frame, pd.DataFrame({"indicator": []}), pd.DataFrame({"program": []}),
    ...                    pd.DataFrame({"year": [], "columns": []}), lang="en")
    ['No rate can be given: the counts are not stated.']
    """
    now = stated(latest(levels)).dropna(subset=["value"])
    overdue = "" if acts is None else act_finding(acts, lang)
    by_register = [*([] if quotas is None else quota_sentences(quotas, lang=lang)[:_QUOTAS]), overdue]
    if now.empty:
        return [one for one in by_register if one] or [text("findings.nothing", lang)]
    doubtful = _in_doubt(now, found)
    sound = now[~now["indicator"].isin(list(doubtful))]
    doubts = [_doubt(str(row[f"message_{lang}"]), lang) for row in doubtful.values()]
    said = [
        *by_register,
        *(doubts if any(by_register) else []),  # what registers say would push them out
        _missed(sound, lang),
        _against(next_targets(judged[~judged["indicator"].isin(list(doubtful))]), lang),
        "" if overdue else _most_lost(cascades, lang),
        _quotas(now, lang),
        *_no_rate(found, lang),
        *([] if any(by_register) else doubts),
        *deduced(now, lang),
        *above_hundred(sound, lang),
    ]
    return [one for one in said if one][:5]


def _in_doubt(now: pd.DataFrame, found: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Each indicator whose numerator and denominator contradict each other, with what is said of it."""
    doubtful = {}
    for row in records(now):
        one = indicator(row["indicator"])
        columns = {*one.numerator_columns, *one.denominator_columns}
        for other in records(found):
            if other["year"] == row["year"] and columns <= set(str(other["columns"]).split(";")):
                doubtful[one.id] = other
    return doubtful


def _no_rate(found: pd.DataFrame, lang: str) -> list[str]:
    """Name the persons tested whose denominator the source does not state."""
    said = []
    for row in records(found[found["rule"].isin(DISPUTED)] if "rule" in found else found.iloc[:0]):
        (tested, total), values = str(row["columns"]).split(";"), str(row["values"]).split(";")
        items, whole = (
            counted(column, float(value), lang) for column, value in zip((tested, total), values, strict=True)
        )
        said.append(text("findings.no rate", lang, items=sentence_case(items), total=whole))
    return said


def _missed(now: pd.DataFrame, lang: str) -> str:
    """The three coverages that miss the most persons; of deduced counts the coverage only."""
    covered = part_of(now, "screening", "coverage")
    rows = [row for row in records(covered) if indicator(row["indicator"]).basis == "enumeration"]
    sure = [
        row for row in rows if not has_note(row["note"], "deduced") and row["numerator"] < row["denominator"]
    ]
    ordered = sorted(sure, key=lambda row: int(row["numerator"]) - int(row["denominator"]))
    women = [row["indicator"] for row in ordered if row["indicator"] in _WOMEN_35_64]
    most = [row for row in ordered if row["indicator"] not in women[1:]][:_FEW]
    if most:
        return text("findings.missed", lang, items=listed([_missed_item(row, lang) for row in most], lang))
    items = [
        text("findings.covered item", lang, level=level_text(row, lang), period=period(row)) for row in rows
    ]
    return text("findings.covered", lang, items=listed(items[:_FEW], lang)) if items else ""


def _missed_item(row: Mapping[str, Any], lang: str) -> str:
    missed = numbers.count(int(row["denominator"]) - int(row["numerator"]), lang)
    name, value = marked_name(row, lang, inside=True), value_text(row, lang)
    return text("findings.missed item", lang, name=name, value=value, missed=missed)


def _against(goals: pd.DataFrame, lang: str) -> str:
    rows = [row for row in records(goals) if not numbers.is_missing(row["reached"])]
    if not rows:
        return ""
    beyond = sorted((row for row in rows if not row["reached"]), key=lambda row: -_persons_short(row))
    newest = max(row["year"] for row in rows)
    short = [_short_item(row, lang, newest) for row in beyond]
    within = [row for row in rows if row["reached"]]
    if not short and len(within) <= _FEW:
        reached = [_short_item(row, lang, newest) for row in within]
        return text("findings.few reached", lang, items=listed(reached, lang))
    small = sum(row["denominator"] < _FEWEST_DUE for row in rows)
    few = text("findings.few persons", lang, count=numbers.count(small, lang)) if small else ""
    common = {"count": numbers.count(len(rows), lang), "few": few}
    if not short:
        return text("findings.all reached", lang, **common)
    common["reached"] = numbers.count(len(rows) - len(short), lang)
    if len(short) > _SHORT + 1:
        more = text("findings.more short", lang, count=len(short) - _SHORT)
        return text("findings.short", lang, **common, items=listed([*short[:_SHORT], more], lang))
    return text("findings.short", lang, **common, items=listed(short, lang))


def _persons_short(row: Mapping[str, Any]) -> float:
    """By how many persons the target is missed."""
    goal = float(row["target"]) / float(row["per"]) * float(row["denominator"])
    return abs(goal - float(row["numerator"]))


def _short_item(row: Mapping[str, Any], lang: str, newest: int) -> str:
    """An indicator beside its target; with its year where that is not the newest."""
    doubts = [code for code in ("deduced", "denominator disputed") if has_note(row.get("note"), code)]
    flag = "".join(text(f"flag.{code}", lang) for code in doubts)
    said = {
        "name": marked_name(row, lang, inside=True),
        "value": value_text(row, lang),
        "counts": dated(counts_text(row, lang), row, newest, lang) + flag,
        "target": target_text(row, lang),
    }
    return text("findings.short item", lang, **said)


def _most_lost(cascades: pd.DataFrame, lang: str) -> str:
    """The step at which the largest share of those due is lost; of equal ones the one with more persons."""
    worst: tuple[float, int, str, str, int] | None = None
    for program, frame in cascades[~cascades["program"].isin(_BY_COVERAGE)].groupby("program", sort=False):
        kinds, rows = (
            step_kinds(str(program)),
            [row for row in records(frame) if not numbers.is_missing(row["persons"])],
        )
        for before, row in pairwise(rows):
            due, lost = int(before["persons"]), int(before["persons"]) - int(row["persons"])
            if kinds[row["step"]] == "passed" and lost > 0 and due >= _FEWEST_DUE:
                candidate = (lost / due, lost, str(program), row["step"], due)
                worst = candidate if worst is None or candidate[:2] > worst[:2] else worst
    if worst is None:
        return ""
    return text(
        "findings.lost",
        lang,
        program=_in_sentence(text(f"program.{worst[2]}", lang), lang),
        step=column_name(worst[3], lang),
        lost=numbers.count(worst[1], lang),
        due=numbers.count(worst[4], lang),
        share=numbers.percent(worst[0]),
    )


def _quotas(now: pd.DataFrame, lang: str) -> str:
    rows = [
        row
        for row in records(now)
        if indicator(row["indicator"]).kind == "administrative" and indicator(row["indicator"]).per == 100
    ]
    items = [level_text(row, lang) for row in rows]
    return text("findings.quota", lang, items=listed(items, lang)) if items else ""


def _doubt(message: str, lang: str) -> str:
    """The sentence on counts that contradict each other, closed unless the message asks something."""
    sentence = text("findings.doubt", lang, message=message)
    return sentence if sentence.endswith(("?", "？")) else sentence + text("stop", lang)


def _in_sentence(name: str, lang: str) -> str:
    return lower_first(name) if lang == "en" else name
