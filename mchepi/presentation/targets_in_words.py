"""What is said of targets: the observed value as arithmetic, the underlying level as it can be told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .labels import column_name, counted, listed, marked_name
from .levels_in_words import sentence_case, value_text
from .rows import records
from .wording import text

Row = Mapping[str, Any]
_LONGEST_YEARS = 5
_MOST_APART = 3  # indicators that are named first and then their targets
_UPPER = ("<", "<=", "=")


def target_text(row: Row, lang: str) -> str:
    """A target as it is met: ≤3.1‰.

    Examples
    --------
    >>> target_text({"comparator": "<=", "target": 3.1, "per": 1000}, "en")
    '≤3.1 per 1,000'
    """
    sign = {"<=": "≤", ">=": "≥", "<": "＜" if lang == "zh" else "<"}.get(
        row["comparator"], row["comparator"]
    )
    flag = "" if row.get("target_verified", True) else text("flag.target", lang)
    return f"{sign}{numbers.level(row['target'], row['per'], lang)}{flag}"


def reached_text(row: Row, lang: str) -> str:
    """Whether the observed value is within the target; before its year, whether it is so already.

    Examples
    --------
    >>> row = {"reached": True, "due": False, "target_year": 2025, "comparator": "<="}
    >>> reached_text(row, "en"), reached_text(row, "zh")
    ('within the 2025 level already', '已在2025年水平以内')
    """
    if numbers.is_missing(row["reached"]):
        return numbers.MISSING
    side = "ceiling" if row["comparator"] in _UPPER else "floor"
    answer = "yes" if row["reached"] else "no"
    due = numbers.is_missing(row["due"]) or bool(row["due"])
    if due:
        return text(f"reached.due.{answer}", lang)
    return text(f"reached.early.{side}.{answer}", lang, year=row["target_year"])


def verdict_text(row: Row, lang: str) -> str:
    """What can be known of the underlying level: met, not met, cannot tell; a dash where none is judged.

    Examples
    --------
    >>> verdict_text({"verdict": "cannot tell"}, "zh"), verdict_text({"verdict": ""}, "zh")
    ('尚不能判断', '–')
    """
    return text(f"verdict.{row['verdict']}", lang) if row["verdict"] else numbers.MISSING


def one_sided(confidence_level: float) -> str:
    """The level of a one-sided test: half of what the confidence level leaves.

    Examples
    --------
    >>> one_sided(0.95), one_sided(0.998)
    ('0.025', '0.001')
    """
    return f"{(1 - confidence_level) / 2:.4g}"


def told_at(rows: Iterable[Row], lang: str) -> str:
    """Below which p the underlying level is told; empty where it is not judged.

    Examples
    --------
    >>> told_at([{"verdict": "cannot tell", "confidence_level": 0.95}], "en")
    'The underlying level is told where the one-sided p is below 0.025.'
    """
    levels = dict.fromkeys(one_sided(row["confidence_level"]) for row in rows if row["verdict"])
    return text("verdict.told at", lang, level=listed(levels, lang)) if levels else ""


def allowance_text(row: Row, lang: str) -> str:
    r"""The most events within the target, and how many were counted; left, while the year is open.

    Examples
    --------
    >>> allowance_text({"allowance": 4, "allowance_left": 1, "comparator": "<="}, "en")
    '4 (3 counted)'
    >>> open_year = {"allowance": 4, "allowance_left": 1, "comparator": "<=", "open_year": True}
    >>> allowance_text(open_year, "en")
    '4 (1 left)'
    >>> allowance_text({"allowance": 4, "allowance_left": -2, "comparator": ">="}, "zh")
    '可缺4\n实缺6'
    """
    if numbers.is_missing(row["allowance"]):
        return numbers.MISSING
    most = numbers.count(row["allowance"], lang)
    left = int(row["allowance_left"])
    side = "" if row["comparator"] in _UPPER else "floor."
    if not row.get("open_year", False):
        return text(f"allowance.{side}counted", lang, most=most, events=_counted(row, lang))
    key = f"allowance.{side}{'left' if left >= 0 else 'over'}"
    return text(key, lang, most=most, left=numbers.count(abs(left), lang))


def _counted(row: Row, lang: str) -> str:
    return numbers.count(int(row["allowance"]) - int(row["allowance_left"]), lang)


def telling_size(row: Row) -> tuple[str, float, float]:
    """The size that would decide at the assumed rate: what it would show, how many, how many years that is.

    Within the target it is the size that would show it met, beyond the target the one that would show it
    missed.

    Examples
    --------
    >>> telling_size({"size_that_would_tell": math.inf, "years_at_this_size": math.inf,
    ...               "size_that_would_miss": 3975.0, "years_that_would_miss": 3.5})
    ('missed', 3975.0, 3.5)
    """
    met, missed = row["size_that_would_tell"], row["size_that_would_miss"]
    if math.isinf(met) and not math.isinf(missed):
        return "missed", float(missed), float(row["years_that_would_miss"])
    return "met", float(met), float(row["years_at_this_size"])


def size_text(row: Row, lang: str) -> str:
    r"""The births or persons that would tell, with the years that is at this size.

    Examples
    --------
    >>> size_text({"size_that_would_tell": 22364.0, "years_at_this_size": 15.64,
    ...            "size_that_would_miss": math.inf}, "en")
    '22,364\nabout 16 years'
    >>> size_text({"size_that_would_tell": math.inf, "years_at_this_size": math.inf,
    ...            "size_that_would_miss": math.inf}, "zh")
    '任何规模均不能'
    >>> size_text({"size_that_would_tell": 78.0, "verdict": "met"}, "en")
    'already told'
    """
    if numbers.is_missing(row["size_that_would_tell"]):
        return numbers.MISSING
    if row.get("verdict") in ("met", "not met"):
        return text("size.told", lang)
    what, size, years = telling_size(row)
    if math.isinf(size):
        return text("size.never", lang)
    shown = numbers.size(size, lang)
    if what == "missed":
        shown = text("size.missed", lang, size=shown)
    if years < 1:
        return text("size.year", lang, size=shown)
    return text("size.years", lang, size=shown, years=numbers.years(years, lang))


def judgement(rows: Iterable[Row], lang: str) -> str:
    """One sentence on rows that share target year, `reached` and `verdict`.

    Examples
    --------
    >>> row = {"indicator": "neonatal_mortality_rate", "reached": True, "due": False, "target_year": 2025,
    ...        "verdict": "cannot tell", "comparator": "<=", "target": 3.1, "per": 1000}
    >>> judgement([row], "en")
    'Neonatal mortality rate (national target for 2025 ≤3.1 per 1,000): Observed value within the target;
    whether the underlying level meets it cannot be told.'
    >>> judgement([row], "zh")
    '新生儿死亡率（2025年国家目标≤3.1‰）：观察值在目标以内；潜在水平是否达到，尚不能判断。'
    """
    every = list(rows)
    first = every[0]
    if len(every) > _MOST_APART and not numbers.is_missing(first["target_year"]):
        return _judgement_of_many(every, lang)
    names = listed([marked_name(row, lang, inside=True) for row in every], lang)
    goals = listed([target_text(row, lang) for row in every], lang)
    verdict = first["verdict"] or "none"
    said = text(f"judgement.{'within' if first['reached'] else 'beyond'}.{verdict}", lang)
    head = "judgement.undated" if numbers.is_missing(first["target_year"]) else "judgement"
    year = {} if head == "judgement.undated" else {"year": first["target_year"]}
    return sentence_case(text(head, lang, names=names, targets=goals, said=said, **year))


def _judgement_of_many(rows: list[Row], lang: str) -> str:
    """Each of many indicators with its own target beside it: two long lists cannot be matched by eye."""
    gap = "" if lang == "zh" else " "
    items = [f"{marked_name(row, lang, inside=True)}{gap}{target_text(row, lang)}" for row in rows]
    verdict = rows[0]["verdict"] or "none"
    said = text(f"judgement.{'within' if rows[0]['reached'] else 'beyond'}.{verdict}", lang)
    year = str(rows[0]["target_year"])
    return text("judgement.many", lang, items=listed(items, lang), said=said, year=year)


def judgements(judged: pd.DataFrame, lang: str) -> list[str]:
    """One sentence for each group of indicators that stand alike against their targets of one year.

    Examples
    --------
    >>> judgements(pd.DataFrame({"target_year": [], "reached": [], "verdict": []}), "en")
    []
    """
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in records(judged):
        if not numbers.is_missing(row["reached"]):
            groups.setdefault((str(row["target_year"]), bool(row["reached"]), row["verdict"]), []).append(row)
    return [judgement(rows, lang) for rows in groups.values()]


def allowances(judged: pd.DataFrame, lang: str) -> list[str]:
    """Say how many deaths the targets of each year allow at this many births, and how many there were.

    While the year is open (`open_year`) it is said how many are left.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["neonatal_mortality_rate"], "numerator": [3],
    ...     "denominator": [1430],
    ...                      "allowance": [4], "allowance_left": [1], "target_year": [2025]})
    >>> allowances(rows, "en")
    ['At 1,430 live births the 2025 level allows 4 neonatal deaths (3 counted).']
    >>> allowances(rows.assign(open_year=True), "en")
    ['At 1,430 live births the 2025 level allows 4 neonatal deaths (1 left).']
    """
    groups: dict[tuple[int, int], list[Row]] = {}
    for row in records(judged):
        numerator = indicator(row["indicator"]).numerator_columns[-1]
        known = not numbers.is_missing(row["allowance"]) and not numbers.is_missing(row["target_year"])
        if known and numerator.endswith(("deaths", "cases")):
            groups.setdefault((int(row["target_year"]), int(row["denominator"])), []).append(row)
    said = []
    for (year, _), rows in groups.items():
        births = counted(indicator(rows[0]["indicator"]).denominator_columns[0], rows[0]["denominator"], lang)
        items = listed([_allowance_item(row, lang) for row in rows], lang)
        said.append(text("allowances", lang, births=births, year=year, items=items))
    return said


def _allowance_item(row: Row, lang: str) -> str:
    left = int(row["allowance_left"])
    most = counted(indicator(row["indicator"]).numerator_columns[-1], row["allowance"], lang)
    if not row.get("open_year", False):
        return text("allowance.item.counted", lang, most=most, events=_counted(row, lang))
    key = "allowance.item.left" if left >= 0 else "allowance.item.over"
    return text(key, lang, most=most, left=numbers.count(abs(left), lang))


def sizes(judged: pd.DataFrame, lang: str) -> list[str]:
    """How many births or persons would show each target met or missed at the observed rate.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["neonatal_mortality_rate"], "numerator": [3],
    ...     "denominator": [1430], "value": [2.0979], "per": [1000], "comparator": ["<="], "target": [3.1],
    ...     "verdict": ["cannot tell"], "size_that_would_tell": [22364.0], "years_at_this_size": [15.64],
    ...     "size_that_would_miss": [math.inf], "years_that_would_miss": [math.inf]})
    >>> sizes(rows, "en")
    ['To show the neonatal mortality rate ≤3.1 per 1,000 at the observed 2.10 per 1,000 takes 22,364 live
    births (power 80%), about 16 years at this size: not by this district alone.']
    """
    rows = [row for row in records(judged) if row["verdict"] == "cannot tell"]
    return [_size_sentence(row, lang) for row in rows if not numbers.is_missing(row["size_that_would_tell"])]


def _size_sentence(row: Row, lang: str) -> str:
    shown, size, years = telling_size(row)
    said = {"name": marked_name(row, lang, inside=True), "target": target_text(row, lang)}
    if math.isinf(size):
        return sentence_case(text("sizes.never", lang, **said, value=value_text(row, lang)))
    column = indicator(row["indicator"]).denominator_columns[0]
    said["population"] = column_name(column, lang).removesuffix("人数").removesuffix("数")
    said["size"], said["years"] = numbers.size(size, lang), numbers.years(years, lang)
    said["alone"] = "" if years <= _LONGEST_YEARS else text("sizes.not alone", lang)
    if row["numerator"] == 0:
        return text("sizes.event free", lang, **said)
    return text(f"sizes.{shown}", lang, **said, value=value_text(row, lang))


def national_reference(judged: pd.DataFrame, lang: str) -> str:
    """That the national targets are for reference; empty if none is shown.

    Examples
    --------
    >>> national_reference(pd.DataFrame({"level": ["nation"]}), "en")
    'National target, for reference; not set for this county.'
    """
    return text("national reference", lang) if len(judged) and (judged["level"] == "nation").any() else ""
