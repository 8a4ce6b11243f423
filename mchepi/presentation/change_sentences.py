"""What is said of change: against the year before, over pooled years, by a trend, by the births alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .labels import column_name, has_note, indicator_name, period
from .rows import records
from .sentences import name_in_text, sentence_case
from .wording import text

Row = Mapping[str, Any]


def period_labels(levels: pd.DataFrame) -> dict[int, str]:
    """The label of each period by its first year.

    Examples
    --------
    >>> period_labels(pd.DataFrame({"year": [1974, 1979], "year_end": [1978, 1984]}))
    {1974: '1974–78', 1979: '1979–84'}
    """
    return {int(row["year"]): period(row) for row in records(levels)}


def ratio_text(row: Row, lang: str) -> str:
    """The ratio to the period before, with its limits.

    Examples
    --------
    >>> ratio_text({"ratio": 0.7512, "ratio_lower": 0.1101, "ratio_upper": 4.44}, "zh")
    '0.75（0.11～4.44）'
    """
    if numbers.is_missing(row["ratio"]):
        return numbers.MISSING
    limits = numbers.interval(row["ratio_lower"], row["ratio_upper"], per=1, lang=lang, decimals=2)
    return text("with limits", lang, value=numbers.half_up(row["ratio"], 2), limits=limits)


def trend_text(row: Row, lang: str) -> str:
    """The annual percent change with its limits, or why there is none.

    Examples
    --------
    >>> trend_text({"annual_percent_change": -4.52, "apc_lower": -9.13, "apc_upper": 0.41, "note": ""}, "en")
    '−4.5% (−9.1% to 0.4%) a year'
    >>> trend_text({"annual_percent_change": float("nan"), "note": "too few events: 6"}, "zh")
    '例数过少，不作趋势判断'
    """
    value = row["annual_percent_change"]
    if numbers.is_missing(value):
        reasons = [code for code in ("too few events", "too few periods", "one period") if has_note(row["note"], code)]
        return text(f"note.{reasons[0]}", lang) if reasons else numbers.MISSING
    said = {name: _signed(row[column]) for name, column in (("value", "annual_percent_change"), ("lower", "apc_lower"), ("upper", "apc_upper"))}
    return text("trend", lang, **said)


def _signed(percent: Any) -> str:
    written = numbers.half_up(percent, 1)
    return written if written in (numbers.MISSING, "∞") else f"{written.replace('-', '−')}%"


def within_chance(row: Row) -> bool:
    """Whether the interval of the ratio holds 1: the difference is within chance variation.

    Examples
    --------
    >>> within_chance({"ratio_lower": 0.11, "ratio_upper": 4.44})
    True
    """
    return bool(row["ratio_lower"] <= 1 <= row["ratio_upper"])


def difference(row: Row, lang: str, labels: Mapping[int, str]) -> str:
    """Fewer, more or as many events as in the period before, and whether chance alone explains it.

    Cases among persons examined, and periods of unequal length, are compared by their ratio only.

    Examples
    --------
    >>> row = {"indicator": "neonatal_mortality_rate", "year": 2023, "previous_year": 2022, "events": 3,
    ...        "previous_events": 4, "ratio": 0.75, "ratio_lower": 0.11, "ratio_upper": 4.44, "note": ""}
    >>> difference(row, "en", {})
    'Neonatal mortality rate: One death fewer than last year, within chance variation (3 against 4; ratio of rates 0.75 (0.11 to 4.44)).'
    >>> difference(row, "zh", {})
    '新生儿死亡率：较上年少1例，在随机波动范围内（3例对4例；率比0.75（0.11～4.44））。'
    """
    name = indicator_name(row["indicator"], lang)
    if numbers.is_missing(row["previous_year"]):
        return text("change.one period", lang, name=name)
    previous = int(row["previous_year"])
    last_year = int(row["year"]) - previous == 1
    said = {
        "name": name,
        "events": numbers.count(row["events"], lang),
        "previous": numbers.count(row["previous_events"], lang),
    }
    deaths = str(indicator(row["indicator"]).numerator).endswith("deaths")
    if numbers.is_missing(row["ratio"]):
        return text("change.none", lang, **said)
    chance = text("chance.within" if within_chance(row) else "chance.beyond", lang)
    if not deaths or has_note(row["note"], "periods of unequal length"):
        before = text("before.last year", lang) if last_year else text("before.period", lang, period=labels.get(previous, str(previous)))
        return text("change.by ratio", lang, **said, before=before, chance=chance, ratio=ratio_text(row, lang))
    than = text("than.last year", lang) if last_year else text("than.period", lang, period=labels.get(previous, str(previous)))
    more = int(row["events"]) - int(row["previous_events"])
    kind = "same" if not more else "more" if more > 0 else "fewer"
    step = text(f"change.{kind}", lang, count=numbers.count(abs(more), lang), than=than)
    return text("change", lang, **said, step=step, chance=chance, ratio=ratio_text(row, lang))


def pooled(row: Row, lang: str) -> str:
    """The rate of the last years together, with its trend.

    Examples
    --------
    >>> row = {"indicator": "neonatal_mortality_rate", "pooled_from": 2020, "pooled_to": 2024, "pooled_value": 3.51,
    ...        "pooled_lower": 2.23, "pooled_upper": 5.27, "annual_percent_change": float("nan"),
    ...        "note": "too few events: 6"}
    >>> pooled(row, "en")
    'Neonatal mortality rate 2020 to 2024 pooled: 3.51 per 1,000 (2.23 to 5.27); trend: too few events: no trend stated.'
    """
    if numbers.is_missing(row["pooled_value"]) or row["pooled_from"] == row["pooled_to"]:
        return ""
    per = indicator(row["indicator"]).per
    limits = numbers.interval(row["pooled_lower"], row["pooled_upper"], per=per, lang=lang)
    value = numbers.measure(numbers.half_up(row["pooled_value"], numbers.decimals_of(per)), per, lang)
    return text(
        "pooled",
        lang,
        name=indicator_name(row["indicator"], lang),
        first=int(row["pooled_from"]),
        last=int(row["pooled_to"]),
        value=text("with limits", lang, value=value, limits=limits),
        trend=trend_text(row, lang),
    )


def births_alone(levels: pd.DataFrame, id: str, lang: str) -> str:
    """How much of a rate's change is its denominator: births fell, deaths unchanged, the rate rises.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["infant_mortality_rate"] * 2, "year": [2022, 2023],
    ...                      "denominator": [1600, 1430], "value": [2.5, 2.8]})
    >>> births_alone(rows, "infant_mortality_rate", "en")
    'Live births went from 1,600 (2022) to 1,430 (2023), −10.6%; with the same number of deaths that alone changes the rate by +11.9%.'
    """
    own = records(levels[(levels["indicator"] == id) & levels["value"].notna()].sort_values("year"))[-2:]
    if len(own) < 2 or any(numbers.is_missing(row.get("year_end", row["year"])) or row.get("year_end", row["year"]) != row["year"] for row in own):
        return ""
    before, now = (int(row["denominator"]) for row in own)
    if before == now or not before or not now:
        return ""
    return text(
        "births alone",
        lang,
        population=sentence_case(column_name(indicator(id).denominator_columns[0], lang).removesuffix("数")),
        before=numbers.count(before, lang),
        now=numbers.count(now, lang),
        year_before=own[0]["year"],
        year_now=own[1]["year"],
        change=_with_sign((now / before - 1) * 100),
        effect=_with_sign((before / now - 1) * 100),
    )


def _with_sign(percent: float) -> str:
    return f"{'+' if percent > 0 else ''}{_signed(percent)}"


def chance_of_fall(row: Row, lang: str) -> str:
    """How often the count falls by chance alone, for a rule that asks it to fall each year.

    Examples
    --------
    >>> row = {"indicator": "neonatal_mortality_rate", "events": 3, "chance_of_fall": 0.4173}
    >>> chance_of_fall(row, "en")
    'With no true change and 3 deaths expected a year, the count behind the neonatal mortality rate falls in 42% of years: a rule that it fall every year is met or broken by luck.'
    """
    if numbers.is_missing(row["chance_of_fall"]) or numbers.is_missing(row["events"]):
        return ""
    said = {"events": numbers.count(row["events"], lang), "chance": numbers.percent(row["chance_of_fall"])}
    return text("chance of fall", lang, name=name_in_text(row["indicator"], lang), **said)
