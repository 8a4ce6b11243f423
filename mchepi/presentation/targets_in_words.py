"""What is said of targets: the observed value as arithmetic, the underlying level as it can be told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .labels import column_names, counted, listed
from .levels_in_words import name_in_text, sentence_case, value_text
from .rows import records
from .wording import text

Row = Mapping[str, Any]
_LONGEST_YEARS = 5
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


def allowance_text(row: Row, lang: str) -> str:
    """The most events within the target and how many are left.

    Examples
    --------
    >>> allowance_text({"allowance": 4, "allowance_left": 1, "comparator": "<="}, "en")
    '4 (1 left)'
    >>> allowance_text({"allowance": 4, "allowance_left": -2, "comparator": ">="}, "zh")
    '可缺4（已超2）'
    """
    if numbers.is_missing(row["allowance"]):
        return numbers.MISSING
    most = numbers.count(row["allowance"], lang)
    left = int(row["allowance_left"])
    side = "" if row["comparator"] in _UPPER else "floor."
    key = f"allowance.{side}{'left' if left >= 0 else 'over'}"
    return text(key, lang, most=most, left=numbers.count(abs(left), lang))


def size_text(row: Row, lang: str) -> str:
    r"""The births or persons that would tell, with the years that is at this size.

    Examples
    --------
    >>> size_text({"size_that_would_tell": 22364.0, "years_at_this_size": 15.64}, "en")
    '22,364\nabout 16 years'
    >>> size_text({"size_that_would_tell": math.inf, "years_at_this_size": math.inf}, "zh")
    '任何规模均不能'
    """
    size = row["size_that_would_tell"]
    if numbers.is_missing(size):
        return numbers.MISSING
    if math.isinf(size):
        return text("size.never", lang)
    if row["years_at_this_size"] < 1:
        return text("size.year", lang, size=numbers.size(size, lang))
    return text(
        "size.years",
        lang,
        size=numbers.size(size, lang),
        years=numbers.years(row["years_at_this_size"], lang),
    )


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
    names = listed([name_in_text(row["indicator"], lang) for row in every], lang)
    goals = listed([target_text(row, lang) for row in every], lang)
    verdict = first["verdict"] or "none"
    said = text(f"judgement.{'within' if first['reached'] else 'beyond'}.{verdict}", lang)
    head = "judgement.undated" if numbers.is_missing(first["target_year"]) else "judgement"
    year = {} if head == "judgement.undated" else {"year": first["target_year"]}
    return sentence_case(text(head, lang, names=names, targets=goals, said=said, **year))


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
    """Say how many deaths the targets of each year allow at this many births, and what is left of them.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["neonatal_mortality_rate"], "numerator": [3],
    ...     "denominator": [1430],
    ...                      "allowance": [4], "allowance_left": [1], "target_year": [2025]})
    >>> allowances(rows, "en")
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
    key = "allowance.item.left" if left >= 0 else "allowance.item.over"
    return text(key, lang, most=most, left=numbers.count(abs(left), lang))


def sizes(judged: pd.DataFrame, lang: str) -> list[str]:
    """How many births or persons would show each target met at the observed rate; one sentence an indicator.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["neonatal_mortality_rate"], "numerator": [3],
    ...     "denominator": [1430],
    ...     "value": [2.0979], "per": [1000], "comparator": ["<="], "target": [3.1],
    ...     "verdict": ["cannot tell"],
    ...     "size_that_would_tell": [22364.0], "years_at_this_size": [15.64]})
    >>> sizes(rows, "en")
    ['To show a neonatal mortality rate ≤3.1 per 1,000 at the observed 2.10 per 1,000 takes 22,364 live
    births (power 80%), about 16 years at this size: not by this district alone.']
    """
    said = []
    for row in records(judged):
        size = row["size_that_would_tell"]
        if row["verdict"] != "cannot tell" or numbers.is_missing(size):
            continue
        one = indicator(row["indicator"])
        value = value_text(row, lang)
        population = column_names(one.denominator_columns[:1], lang).removesuffix("人数").removesuffix("数")
        common = {
            "name": name_in_text(row["indicator"], lang),
            "target": target_text(row, lang),
            "population": population,
        }
        if math.isinf(size):
            said.append(
                sentence_case(
                    text("sizes.never", lang, name=common["name"], target=common["target"], value=value)
                )
            )
        elif row["numerator"] == 0:
            said.append(
                text(
                    "sizes.event free",
                    lang,
                    **common,
                    size=numbers.size(size, lang),
                    years=numbers.years(row["years_at_this_size"], lang),
                )
            )
        else:
            alone = row["years_at_this_size"] > _LONGEST_YEARS
            years = numbers.years(row["years_at_this_size"], lang)
            key = "sizes.not alone" if alone else "sizes"
            said.append(text(key, lang, **common, value=value, size=numbers.size(size, lang), years=years))
    return said


def national_reference(judged: pd.DataFrame, lang: str) -> str:
    """That the national targets are for reference; empty if none is shown.

    Examples
    --------
    >>> national_reference(pd.DataFrame({"level": ["nation"]}), "en")
    'National target, for reference; not set for this county.'
    """
    return text("national reference", lang) if len(judged) and (judged["level"] == "nation").any() else ""
