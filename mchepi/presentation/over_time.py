"""What is said of change: against the year before, over pooled years, by a trend, by the births alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .labels import column_name, has_note, listed, marked_name, period, phrases
from .levels_in_words import sentence_case
from .rows import records
from .wording import text

Row = Mapping[str, Any]
_NO_TREND = ("one period", "too few periods", "too few events")


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
    value = numbers.half_up(row["ratio"], 2)
    if numbers.is_missing(row["ratio_lower"]):
        return value
    limits = numbers.interval(row["ratio_lower"], row["ratio_upper"], per=1, lang=lang, decimals=2)
    return text("with limits", lang, value=value, limits=limits)


def series_trend(row: Row) -> dict[str, Any]:
    """The trend of a published series under the names that a change has.

    Examples
    --------
    >>> series_trend({"value": -6.9, "lower": -9.1, "upper": -4.7})["annual_percent_change"]
    -6.9
    """
    return {
        **row,
        "annual_percent_change": row["value"],
        "apc_lower": row["lower"],
        "apc_upper": row["upper"],
    }


def trend_text(row: Row, lang: str, *, broken: bool = False) -> str:
    """The annual percent change with its limits, or why there is none; `broken` into two lines for tables.

    Examples
    --------
    >>> trend_text({"annual_percent_change": -4.52, "apc_lower": -9.13, "apc_upper": 0.41, "note": ""}, "en")
    '−4.5% (−9.1% to 0.4%) a year'
    >>> scattered = {"annual_percent_change": 2.0, "apc_lower": -7.0, "apc_upper": 12.0, "note": "",
    ...              "trend_model": "quasi_poisson", "dispersion": 5.12}
    >>> trend_text(scattered, "en")
    '2.0% (−7.0% to 12.0%) a year; quasi-Poisson (dispersion 5.1)'
    >>> trend_text({"annual_percent_change": float("nan"), "note": "too few events: 6"}, "zh")
    '例数过少，不作趋势判断'
    """
    reasons = [code for code in _NO_TREND if has_note(row["note"], code)]
    if reasons:
        return text(f"note.{reasons[0]}", lang)
    if numbers.is_missing(row["annual_percent_change"]):
        return numbers.MISSING
    if numbers.is_missing(row["apc_lower"]):
        return text("trend.modeled", lang, value=signed(row["annual_percent_change"]))
    said = {
        name: signed(row[column])
        for name, column in (
            ("value", "annual_percent_change"),
            ("lower", "apc_lower"),
            ("upper", "apc_upper"),
        )
    }
    stated = text("trend.broken" if broken else "trend", lang, **said)
    if row.get("trend_model") != "quasi_poisson":
        return stated
    scattered = text("trend.scattered", lang, dispersion=numbers.half_up(row["dispersion"], 1))
    apart = "\n" if broken else "；" if lang == "zh" else "; "
    return f"{stated}{apart}{scattered}"


def signed(percent: Any) -> str:
    """A percent change with a true minus sign.

    Examples
    --------
    >>> signed(-4.52)
    '−4.5%'
    """
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
    'Neonatal mortality rate: One death fewer than last year, within chance variation (3 against 4; ratio
    of rates 0.75, interval 0.11 to 4.44).'
    >>> difference(row, "zh", {})
    '新生儿死亡率：较上年少1例，在随机波动范围内（3例对4例；率比0.75，区间0.11～4.44）。'
    """
    name = marked_name(row, lang)
    if numbers.is_missing(row["previous_year"]):
        return text("change.one period", lang, name=name)
    limits = numbers.interval(row["ratio_lower"], row["ratio_upper"], per=1, lang=lang, decimals=2)
    said = {
        "name": name,
        "events": numbers.count(row["events"], lang),
        "previous": numbers.count(row["previous_events"], lang),
    }
    deaths = str(indicator(row["indicator"]).numerator).endswith("deaths")
    if numbers.is_missing(row["ratio"]):
        return text("change.none", lang, **said)
    if numbers.is_missing(row["ratio_lower"]):
        return text(
            "change.enumerated",
            lang,
            **said,
            before=_before(row, labels, lang, "by"),
            ratio=ratio_text(row, lang),
        )
    chance = text("chance.within" if within_chance(row) else "chance.beyond", lang)
    if not deaths or has_note(row["note"], "periods of unequal length"):
        before = _before(row, labels, lang, "by")
        return text(
            "change.by ratio", lang, **said, before=before, chance=chance, ratio=ratio_text(row, lang)
        )
    than = _before(row, labels, lang, "than")
    more = int(row["events"]) - int(row["previous_events"])
    kind = "same" if not more else "more" if more > 0 else "fewer"
    if more != -1 and not numbers.is_missing(row.get("previous_denominator")):
        per = indicator(row["indicator"]).per
        before, now = (
            numbers.quotient(row[f"{which}events"], row[f"{which}denominator"], per=per)
            for which in ("previous_", "")
        )
        column = indicator(row["indicator"]).numerator_columns[0]
        of_whom = sentence_case(column_name(column, lang).removesuffix("数"))
        flag = text("flag.name", lang) if has_note(row["note"], "definition unverified") else ""
        moved = (
            {}
            if before == now
            else {"before": numbers.measure(before, per, lang) if lang == "zh" else before}
        )
        return text(
            "change.rate" if moved else "change.rate same",
            lang,
            **moved,
            name=of_whom + flag,
            events=said["events"],
            step=text(f"change.step.{kind}", lang, count=numbers.count(abs(more), lang), than=than),
            now=numbers.measure(now, per, lang),
            ratio=numbers.half_up(row["ratio"], 2),
            limits=limits,
            chance=chance,
        )
    step = text(f"change.{kind}", lang, count=numbers.count(abs(more), lang), than=than)
    return text(
        "change",
        lang,
        **said,
        step=step,
        chance=chance,
        ratio=numbers.half_up(row["ratio"], 2),
        limits=limits,
    )


def _before(row: Row, labels: Mapping[int, str], lang: str, form: str) -> str:
    previous = int(row["previous_year"])
    if int(row["year"]) - previous == 1:
        return text(f"before.{form}.last year", lang)
    return text(f"before.{form}.period", lang, period=labels.get(previous, str(previous)))


def pools_several(row: Row) -> bool:
    """Tell whether the pooled value holds more than the last period.

    Examples
    --------
    >>> pools_several({"pooled_value": 3.5, "pooled_from": 2022, "year": 2024})
    True
    """
    return not numbers.is_missing(row["pooled_value"]) and int(row["pooled_from"]) < int(row["year"])


def pooled(row: Row, lang: str) -> str:
    """The rate of the last years together, with its trend.

    Examples
    --------
    >>> row = {"indicator": "neonatal_mortality_rate", "year": 2024, "pooled_from": 2020, "pooled_to": 2024,
    ...     "pooled_value": 3.51,
    ...        "pooled_lower": 2.23, "pooled_upper": 5.27, "annual_percent_change": float("nan"),
    ...        "note": "too few events: 6"}
    >>> pooled(row, "en")
    'Neonatal mortality rate 2020–24 pooled: 3.51 per 1,000 (2.23 to 5.27); trend over all years: too few
    events: no trend stated.'
    """
    if not pools_several(row):
        return ""
    per = indicator(row["indicator"]).per
    limits = numbers.interval(row["pooled_lower"], row["pooled_upper"], per=per, lang=lang)
    value = numbers.measure(numbers.half_up(row["pooled_value"], numbers.decimals_of(per)), per, lang)
    return text(
        "pooled",
        lang,
        name=marked_name(row, lang),
        years=numbers.period(row["pooled_from"], row["pooled_to"]),
        missing=years_missing(row, lang),
        value=text("with limits", lang, value=value, limits=limits),
        trend=trend_text(row, lang) + (text("trend.not told", lang) if holds_zero(row) else ""),
    )


def years_missing(row: Row, lang: str) -> str:
    """The years of the pool that lack a count, in brackets; empty where none does.

    Examples
    --------
    >>> years_missing({"pooled_from": 2022, "pooled_to": 2024, "note": "years left out: 2020, 2023"}, "zh")
    '（缺2023）'
    """
    years = [
        year
        for code, details in phrases(row["note"])
        if code == "years left out"
        for year in details
        if row["pooled_from"] <= int(year) <= row["pooled_to"]
    ]
    return text("years.missing", lang, years=listed(years, lang)) if years else ""


def holds_zero(row: Row) -> bool:
    """Whether a trend is stated and its interval includes no change.

    Examples
    --------
    >>> holds_zero({"apc_lower": -9.1, "apc_upper": 0.4, "note": ""})
    True
    """
    unstated = any(has_note(row["note"], code) for code in _NO_TREND)
    if unstated or numbers.is_missing(row.get("apc_lower")):
        return False
    return bool(row["apc_lower"] <= 0 <= row["apc_upper"])


def births_alone(row: Row, lang: str, labels: Mapping[int, str]) -> str:
    """How much of a rate's change is its denominator: births fell, deaths unchanged, the rate rises.

    Examples
    --------
    >>> row = {"indicator": "infant_mortality_rate", "year": 2023, "previous_year": 2022, "denominator": 1430,
    ...        "previous_denominator": 1600, "note": ""}
    >>> births_alone(row, "en", {})
    'Live births went from 1,600 (2022) to 1,430 (2023), −10.6%; with the same number of deaths that alone
    raises the rate by 11.9%.'
    """
    unlike = has_note(row["note"], "periods of unequal length") or numbers.is_missing(
        row["previous_denominator"]
    )
    if unlike or row["denominator"] in (0, row["previous_denominator"]) or row["previous_denominator"] == 0:
        return ""
    before, now = int(row["previous_denominator"]), int(row["denominator"])
    column = indicator(row["indicator"]).denominator_columns[0]
    return text(
        "births alone",
        lang,
        population=sentence_case(column_name(column, lang).removesuffix("数")),
        before=numbers.count(before, lang),
        now=numbers.count(now, lang),
        year_before=labels.get(int(row["previous_year"]), str(row["previous_year"])),
        year_now=labels.get(int(row["year"]), str(row["year"])),
        change=with_sign((now / before - 1) * 100),
        direction=text("births.rise" if now < before else "births.fall", lang),
        effect=signed(abs(before / now - 1) * 100),
    )


def with_sign(percent: float) -> str:
    """A percent change with its sign, also where it is a plus.

    Examples
    --------
    >>> with_sign(4.5)
    '+4.5%'
    """
    return f"{'+' if percent > 0 else ''}{signed(percent)}"


def chance_of_fall(row: Row, lang: str) -> str:
    """How often the count falls by chance alone, for a rule that asks it to fall each year.

    Examples
    --------
    >>> row = {"indicator": "neonatal_mortality_rate", "pooled_value": 2.0979, "per": 1000,
    ...     "denominator": 1430,
    ...        "chance_of_fall": 0.4173}
    >>> chance_of_fall(row, "en")
    'With no true change and 3.0 deaths expected a year, the count behind the neonatal mortality rate
    falls in 42% of years: a rule that it fall every year is met or broken by luck.'
    """
    if numbers.is_missing(row["chance_of_fall"]):
        return ""
    expected = row["pooled_value"] / row["per"] * row["denominator"]
    said = {"expected": numbers.half_up(float(expected), 1), "chance": numbers.percent(row["chance_of_fall"])}
    several = not numbers.is_missing(row.get("year_end")) and row["year_end"] != row["year"]
    key = "chance of fall.period" if several else "chance of fall"
    return text(key, lang, name=marked_name(row, lang, inside=True), **said)
