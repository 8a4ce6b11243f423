"""Tables of what several years hold: changes, judged pools, births between deaths, rules by luck."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .course_in_words import broken_mark
from .labels import column_name, dagger_note, daggered, listed, marked_name, period
from .layout import Column, Row, both_counts, build, head
from .levels_in_words import value_text
from .markup import ReaderTable
from .over_time import pools_several, ratio_text, trend_text, years_missing
from .quotas_in_words import chance_text
from .rows import next_targets, records
from .targets_in_words import reached_text, target_text, told_at, verdict_text
from .wording import text


def changes_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.indicators.change` gives: a row an indicator, none where each has one period only.

    Examples
    --------
    >>> changes_table(pd.DataFrame({"indicator": ["i"], "previous_year": [None]}), "en").rows
    ()
    """
    rows = [row for row in records(frame) if not numbers.is_missing(row["previous_year"])]
    columns: list[Column] = [
        (head("indicator", lang), False, lambda row: daggered(row, lang)),
        (head("this period", lang), True, lambda row: _year_and_events(row, "", lang)),
        (head("period before", lang), True, lambda row: _year_and_events(row, "previous_", lang)),
        (head("ratio", lang), True, lambda row: ratio_text(row, lang)),
        (head("pooled", lang), True, lambda row: _pooled(row, lang)),
        (head("trend", lang), False, lambda row: trend_text(row, lang, broken=True) + broken_mark(row, lang)),
    ]
    return build(rows, columns, [dagger_note(rows, lang)])


def _year_and_events(row: Row, which: str, lang: str) -> str:
    if numbers.is_missing(row[f"{which}year"]):
        return numbers.MISSING
    label = period({"year": row[f"{which}year"], "year_end": row.get(f"{which}year_end")})
    return text("year and events", lang, period=label, count=numbers.count(row[f"{which}events"], lang))


def _pooled(row: Row, lang: str) -> str:
    if not pools_several(row):
        return numbers.MISSING
    per = indicator(row["indicator"]).per
    value = numbers.measure(numbers.half_up(row["pooled_value"], numbers.decimals_of(per)), per, lang)
    limits = numbers.interval(row["pooled_lower"], row["pooled_upper"], per=per, lang=lang)
    years = numbers.period(row["pooled_from"], row["pooled_to"]) + years_missing(row, lang)
    return text("pooled cell", lang, years=years, value=value, limits=limits)


def pools_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out judged pools: a row an indicator and length, against its next target.

    Examples
    --------
    >>> nothing = pd.DataFrame({"pool_years": [], "indicator": [], "due": [], "target_year": [], "note": []})
    >>> pools_table(nothing, "zh").rows
    ()
    """
    known = [next_targets(rows) for _, rows in frame.groupby("pool_years", sort=True)]
    order = list(dict.fromkeys(frame["indicator"]))
    rows = sorted(
        (row for pool in known for row in records(pool)), key=lambda row: order.index(row["indicator"])
    )
    columns: list[Column] = [
        (head("indicator", lang), False, lambda row: daggered(row, lang)),
        (head("pool", lang), True, lambda row: f"{period(row)}\n{both_counts(row, lang)}"),
        (head("rate", lang), True, lambda row: f"{value_text(row, lang)}\n{_limits(row, lang)}"),
        (head("goal", lang), True, lambda row: _goal(row, lang)),
        (head("reached", lang), False, lambda row: reached_text(row, lang)),
        (head("verdict", lang), False, lambda row: _verdict(row, lang)),
        (head("inside", lang), False, lambda row: trend_text(row, lang, broken=True)),
    ]
    return build(rows, columns, [dagger_note(rows, lang), told_at(rows, lang)])


def _limits(row: Row, lang: str) -> str:
    return numbers.interval(row["lower"], row["upper"], per=row["per"], lang=lang)


def _goal(row: Row, lang: str) -> str:
    year = "" if numbers.is_missing(row["target_year"]) else text("goal.year", lang, year=row["target_year"])
    return "\n".join(part for part in (target_text(row, lang), year) if part)


def _verdict(row: Row, lang: str) -> str:
    if not row["verdict"]:
        return numbers.MISSING
    return f"{verdict_text(row, lang)}\n{numbers.p_value(row['p_value'], lang)}"


def between_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.indicators.between_deaths` gives: a row an interval.

    Examples
    --------
    >>> rows = pd.DataFrame({"year": [2016], "year_end": [2021], "open": [False], "births_at_least": [5200],
    ...                      "births_at_most": [7900], "chart_lower": [None], "signal": [""]})
    >>> between_table(rows, "en").rows
    (('2016 to 2021', '5,200 to 7,900'),)
    """
    rows = records(frame)
    columns: list[Column] = [
        (head("interval", lang), False, lambda row: _interval(row, lang)),
        (head("births between", lang), True, lambda row: births_text(row, lang)),
    ]
    if any(not numbers.is_missing(row["chart_lower"]) for row in rows):
        columns += [
            (head("chart", lang), True, lambda row: _chart(row, lang)),
            (
                head("signal", lang),
                False,
                lambda row: text(f"apart.signal.{row['signal'] or 'none'}", lang),
            ),
        ]
    return build(rows, columns)


def _interval(row: Row, lang: str) -> str:
    last = row["year_end"]
    if numbers.is_missing(row["year"]):
        return text("apart.no death", lang, last=last)
    if row["open"]:
        return text("apart.open", lang, first=row["year"], last=last)
    if row["year"] == last:
        return text("apart.same year", lang, year=last)
    return text("apart.closed", lang, first=row["year"], last=last)


def births_text(row: Row, lang: str) -> str:
    """The least and the most births of an interval.

    Examples
    --------
    >>> births_text({"births_at_least": 6000, "births_at_most": None}, "en")
    'at least 6,000'
    """
    least = numbers.count(row["births_at_least"], lang)
    if numbers.is_missing(row["births_at_most"]):
        return text("apart.at least", lang, least=least)
    return text("apart.range", lang, least=least, most=numbers.count(row["births_at_most"], lang))


def _chart(row: Row, lang: str) -> str:
    lower, upper = (numbers.count(round(row[f"chart_{end}"]), lang) for end in ("lower", "upper"))
    return text("apart.range", lang, least=lower, most=upper)


def rules_table(frame: pd.DataFrame, lang: str) -> ReaderTable:
    """Lay out what `mchepi.indicators.rules_by_luck` gives: a row a rule.

    Examples
    --------
    >>> rows = pd.DataFrame({"rule": ["falls"], "indicator": ["neonatal_mortality_rate"], "years": [1],
    ...                      "true_change": [0.8], "by_chance": [0.417], "found": [0.514]})
    >>> rules_table(rows, "en").rows
    (('Neonatal mortality rate lower than last year', '20% lower each year', '42%', '51%'),)
    """
    columns: list[Column] = [
        (head("rule", lang), False, lambda row: _rule(row, lang)),
        (head("true change", lang), False, lambda row: _true_change(row, lang)),
        (head("by chance", lang), True, lambda row: chance_text(row["by_chance"], lang)),
        (head("found", lang), True, lambda row: chance_text(row["found"], lang)),
    ]
    return build(records(frame), columns)


def _rule(row: Row, lang: str) -> str:
    ids = str(row["indicator"]).split(";")
    if row["rule"] == "any is blamed":
        column = indicator(ids[0]).numerator_columns[0]
        return text("rule.any is blamed", lang, name=column_name(column, lang).removesuffix("数"))
    names = [
        marked_name({"indicator": one, "note": ""}, lang, inside=place > 0) for place, one in enumerate(ids)
    ]
    years = {} if row["rule"] in ("falls", "all fall") else {"years": row["years"]}
    return text(f"rule.{row['rule']}", lang, name=listed(names, lang), **years)


def _true_change(row: Row, lang: str) -> str:
    if row["true_change"] > 1:
        return text("rule.change.twice", lang)
    return text("rule.change.fall", lang, percent=numbers.percent(1 - row["true_change"]))


LAYOUTS: dict[str, Callable[[pd.DataFrame, str], ReaderTable]] = {
    "pool_years": pools_table,
    "previous_year": changes_table,
    "births_at_least": between_table,
    "true_change": rules_table,
}
