"""Frames become sentences: one function a kind of statement, none stronger than its interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .labels import (
    column_name,
    column_names,
    has_note,
    indicator_name,
    listed,
    lower_first,
    marked_name,
    period,
    phrases,
)
from .rows import absent_columns, is_absent, records
from .wording import text

Row = Mapping[str, Any]
_MOST_NAMED = 6


def sentence_case(sentence: str) -> str:
    """A sentence with a capital at its beginning.

    Examples
    --------
    >>> sentence_case("one death fewer")
    'One death fewer'
    """
    return sentence[:1].upper() + sentence[1:]


def joined(sentences: Iterable[str], lang: str) -> str:
    """Sentences one after the other; empty ones vanish.

    Examples
    --------
    >>> joined(["One.", "", "Two."], "en"), joined(["一。", "二。"], "zh")
    ('One. Two.', '一。二。')
    """
    return ("" if lang == "zh" else " ").join(sentence for sentence in sentences if sentence)


def value_text(row: Row, lang: str) -> str:
    """The value of a row with its unit, rounded on its exact counts.

    Examples
    --------
    >>> value_text({"numerator": 3, "denominator": 1430, "value": 2.0979, "per": 1000}, "en")
    '2.10 per 1,000'
    """
    written = numbers.quotient(row["numerator"], row["denominator"], per=row["per"])
    return numbers.measure(written, row["per"], lang)


def counts_text(row: Row, lang: str) -> str:
    """The two counts of a row: 3 of 1,430.

    Examples
    --------
    >>> counts_text({"numerator": 3, "denominator": 1430}, "en"), counts_text({"numerator": 3,
    ...     "denominator": 1430}, "zh")
    ('3 of 1,430', '3/1430')
    """
    events, total = (numbers.count(row[side], lang) for side in ("numerator", "denominator"))
    return text("counts", lang, events=events, total=total)


def flags_text(row: Row, lang: str) -> str:
    """The flags that a number carries wherever it is shown: counts deduced, definition unverified.

    Examples
    --------
    >>> flags_text({"note": "deduced: infant_deaths; definition unverified"}, "en")
    '; deduced; definition unverified'
    """
    doubts = ("deduced", "denominator disputed", "definition unverified")
    codes = [code for code in doubts if has_note(row.get("note"), code)]
    return "".join(text(f"flag.{code}", lang) for code in codes)


def level_text(row: Row, lang: str, *, first: bool = True) -> str:
    """Value, counts and interval of one indicator, as part of a sentence.

    The interval is named where it is the `first` of a sentence.

    Examples
    --------
    >>> row = {"indicator": "neonatal_mortality_rate", "year": 2023, "numerator": 3, "denominator": 1430,
    ...        "value": 2.0979, "lower": 0.4326, "upper": 6.1309, "per": 1000, "confidence_level": 0.95}
    >>> level_text(row, "en")
    'neonatal mortality rate at 2.10 per 1,000 (3 of 1,430; 95% interval 0.43 to 6.13)'
    >>> level_text(row, "zh", first=False)
    '新生儿死亡率2.10‰（3/1430，0.43～6.13）'
    """
    said = {
        "name": _name(row, lang),
        "value": value_text(row, lang),
        "counts": counts_text(row, lang),
        "flags": flags_text(row, lang),
    }
    if numbers.is_missing(row["lower"]):
        return text("level.without limits", lang, **said)
    limits = numbers.interval(row["lower"], row["upper"], per=row["per"], lang=lang)
    if not first:
        return text("level.again", lang, **said, limits=limits)
    return text("level", lang, **said, limits=limits, level=numbers.percent(row["confidence_level"]))


def meaning_of_interval(row: Row, lang: str) -> str:
    """What the interval of a level says, and what it does not cover.

    Examples
    --------
    >>> row = {"indicator": "neonatal_mortality_rate", "numerator": 3, "denominator": 1430}
    >>> meaning_of_interval(row, "zh")
    '活产与死亡为全数登记，3/1430是实际结果，无抽样误差；区间为与该死亡数相容的潜在死亡风险范围，不反映漏报。'
    """
    key = (
        "meaning.deaths" if str(indicator(row["indicator"]).numerator).endswith("deaths") else "meaning.cases"
    )
    return text(key, lang, counts=counts_text(row, lang))


def deduced(frame: pd.DataFrame, lang: str) -> list[str]:
    """Which counts were deduced from published figures, with their size.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["neonatal_mortality_rate"], "numerator": [3],
    ...     "denominator": [1430],
    ...                      "note": ["deduced: neonatal_deaths"]})
    >>> deduced(rows, "en")
    ['The deaths (3) are deduced from the published rate and births, not published.']
    """
    deaths, others = [], {}
    for row in records(frame):
        one = indicator(row["indicator"])
        for code, columns in phrases(row["note"]):
            for column in columns if code == "deduced" else []:
                side = "numerator" if column in one.numerator_columns else "denominator"
                if column.endswith("deaths"):
                    deaths.append(numbers.count(row[side], lang))
                else:
                    gap = "" if lang == "zh" else " "
                    others[column] = f"{column_name(column, lang)}{gap}{numbers.count(row[side], lang)}"
    said = []
    if deaths:
        kept = list(dict.fromkeys(deaths))
        said.append(
            text("deduced.deaths" if len(kept) > 1 else "deduced.death", lang, counts=listed(kept, lang))
        )
    if others:
        said.append(text("deduced.others", lang, counts=listed(others.values(), lang)))
    return said


def dated(counts: str, row: Row, newest: int, lang: str) -> str:
    """Counts already written, with their period where it is an older one than the newest.

    Examples
    --------
    >>> dated("1/1", {"year": 2022}, 2022, "zh"), dated("1/1", {"year": 2022}, 2024, "zh")
    ('1/1', '1/1，2022年')
    """
    return counts if row["year"] >= newest else text("counts.older", lang, counts=counts, period=period(row))


def absent(frame: pd.DataFrame, lang: str, *, published: bool) -> str:
    """Which counts are not there, in one line; empty if all are.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["maternal_mortality_ratio"], "value": [float("nan")],
    ...                      "note": ["missing: maternal_deaths"]})
    >>> absent(rows, "en", published=True)
    'Not published for this place: maternal deaths; none is assumed.'
    """
    columns = absent_columns(frame)
    if not columns:
        return ""
    deaths = any(column.endswith(("deaths", "cases", "stillbirths")) for column in columns)
    key = f"absent.{'published' if published else 'stated'}{'' if deaths else ' only'}"
    names = [column_name(column, lang) for column in columns]
    if len(names) > _MOST_NAMED:
        more = numbers.count(len(names) - _MOST_NAMED, lang)
        named = text(
            "absent.and more",
            lang,
            columns=("、" if lang == "zh" else ", ").join(names[:_MOST_NAMED]),
            count=more,
        )
        return text(key, lang, columns=named)
    return text(key, lang, columns=column_names(columns, lang))


def zero_events(row: Row, lang: str) -> str:
    """What no event in so many births says of the risk: its upper limit.

    Examples
    --------
    >>> row = {"indicator": "maternal_mortality_ratio", "year": 2023, "numerator": 0, "denominator": 1430,
    ...        "upper": 257.964, "per": 100_000, "confidence_level": 0.95}
    >>> zero_events(row, "en")
    'No maternal deaths in 1,430 live births (2023) does not mean no risk: the maternal mortality ratio
    may be as high as 258.0 per 100,000 (two-sided 95% limit).'
    """
    one = indicator(row["indicator"])
    upper = numbers.measure(numbers.half_up(row["upper"], numbers.decimals_of(row["per"])), row["per"], lang)
    return text(
        "zero",
        lang,
        events=column_names(one.numerator_columns, lang).removesuffix("人数").removesuffix("数"),
        total=numbers.count(row["denominator"], lang),
        population=column_names(one.denominator_columns, lang).removesuffix("人数").removesuffix("数"),
        period=period(row),
        name=marked_name(row, lang, inside=True),
        upper=upper,
        level=numbers.percent(row["confidence_level"]),
    )


def above_hundred(frame: pd.DataFrame, lang: str) -> list[str]:
    """Coverages above 100 percent: a finding about the two counts, not an error of the page.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["antenatal_care_coverage"], "numerator": [101],
    ...     "denominator": [100],
    ...                      "value": [101.0], "per": [100], "note": ["above 100 %"]})
    >>> above_hundred(rows, "en")
    ['Antenatal care coverage (≥1 visit) is 101.00% (101 of 100): more were counted than the denominator
    holds; check whether both count the same people.']
    """
    chosen = [
        row
        for row in records(frame)
        if has_note(row["note"], "above 100 %") and indicator(row["indicator"]).kind != "administrative"
    ]
    return [
        text(
            "above 100",
            lang,
            name=marked_name(row, lang),
            value=value_text(row, lang),
            counts=counts_text(row, lang),
        )
        for row in chosen
    ]


def disputed(frame: pd.DataFrame, lang: str) -> list[str]:
    """Rates whose denominator is itself in question, and what they say nonetheless.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["emtct_early_testing_rate_13w"], "numerator": [855],
    ...     "denominator": [877], "value": [97.49], "per": [100], "note": ["denominator disputed"]})
    >>> disputed(rows, "zh")
    ['孕早期（13周前）检测率97.49%（855/877）以所报检测人数877为分母，而应以谁为分母并不清楚：此率只说明受检者中多少人检测得早，不是全部产妇的早检率。']
    """
    return [
        text(
            "disputed denominator",
            lang,
            name=indicator_name(row["indicator"], lang),
            value=value_text(row, lang),
            counts=counts_text(row, lang),
            total=numbers.count(row["denominator"], lang),
        )
        for row in records(frame)
        if has_note(row["note"], "denominator disputed")
    ]


def unverified(frame: pd.DataFrame, judged: pd.DataFrame | None, lang: str) -> list[str]:
    """Which definitions and targets behind the numbers shown were recalled, not seen in their source.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["stillbirth_rate"], "value": [4.2],
    ...     "note": ["definition unverified"]})
    >>> unverified(rows, None, "zh")
    ['以下指标的定义凭记忆录入，尚未与原文件核对：死胎死产率。']
    """
    shown = frame[~is_absent(frame)]
    loose = shown[shown["note"].map(lambda note: has_note(note, "definition unverified")).astype(bool)]
    said = []
    if len(loose):
        names = [indicator_name(one, lang) for one in dict.fromkeys(loose["indicator"])]
        said.append(text("unverified.definitions", lang, names=listed(names, lang)))
    if judged is not None and len(judged):
        doubtful = judged[~judged["target_verified"].astype(bool)]
        if len(doubtful):
            names = [indicator_name(one, lang) for one in dict.fromkeys(doubtful["indicator"])]
            said.append(text("unverified.targets", lang, names=listed(names, lang)))
    return said


def _name(row: Row, lang: str) -> str:
    """The name inside a sentence that carries the flags of the row elsewhere."""
    name = indicator_name(row["indicator"], lang)
    return lower_first(name) if lang == "en" else name
