"""What is said of the whole course: breaks of the trend, judged pools, and what births did over the years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .labels import column_name, has_note, listed, marked_name, period
from .levels_in_words import counts_text, value_text
from .over_time import holds_zero, signed, trend_text, with_sign, within_chance
from .rows import next_targets, records
from .targets_in_words import target_text
from .wording import text

Row = Mapping[str, Any]


def break_text(row: Row, lang: str) -> str:
    """The break of a series in words, and that its cause is not known; empty where it shows none.

    Examples
    --------
    >>> row = {"indicator": "anemia_prevalence_u5", "break_kind": "step", "break_year": 2021, "note": "",
    ...        "break_ratio": 1.59, "break_lower": 1.33, "break_upper": 1.91}
    >>> break_text(row, "en")
    'Anemia prevalence, under 5: from 2021 on the level is about 1.59 times that of the trend before (1.33 to
    1.91), unlike a steady trend (fewer than 1 in 100 steady series look so). Cause not known: check whether
    the analyzer, the method or the definition changed. A trend across that year should not be quoted.'
    """
    if not row.get("break_kind"):
        return ""
    deaths = any(column.endswith("deaths") for column in indicator(row["indicator"]).numerator_columns)
    limits = numbers.interval(row["break_lower"], row["break_upper"], per=1, lang=lang, decimals=2)
    return text(
        "break.step" if row["break_kind"] == "step" else "break.one period",
        lang,
        name=marked_name(row, lang),
        year=row["break_year"],
        ratio=numbers.half_up(row["break_ratio"], 2),
        limits=limits,
        cause=text("break.cause.deaths" if deaths else "break.cause.cases", lang),
    )


def broken_mark(row: Row, lang: str) -> str:
    r"""The break of a series as a further line of a table's cell; empty where it shows none.

    Examples
    --------
    >>> broken_mark({"break_kind": "step", "break_year": 2021}, "zh")
    '\n2021年有突变'
    """
    return "\n" + text("break.mark", lang, year=row["break_year"]) if row.get("break_kind") else ""


def pools_judged(pooled: pd.DataFrame, chosen: set[str], lang: str) -> list[str]:
    """Judge the shortest pool of the chosen indicators in words, with the trend inside it.

    Parameters
    ----------
    pooled : pandas.DataFrame
        What `judge` gives of what `pools` gives.
    chosen : set of str
        Indicators to speak of.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> from mchepi.indicators import judge, pools
    >>> counts = pd.DataFrame({"district": ["a"] * 3, "year": [2021, 2022, 2023], "live_births": [1500] * 3,
    ...                        "neonatal_deaths": [8, 7, 6]})
    >>> pooled = judge(pools(counts, "neonatal_mortality_rate"), targets="CN_HCPLAN2025_NMR")
    >>> pools_judged(pooled, {"neonatal_mortality_rate"}, "en")
    ['Neonatal mortality rate, 2021–23 pooled: 4.67 per 1,000 (21 of 4,500; 2.89 to 7.13), national target
    for 2025 ≤3.1 per 1,000: Observed value beyond the target; whether the underlying level misses it cannot
    be told. Trend within the pool: −13.4% (−49.5% to 46.6%) a year; the interval includes 0: no rise or fall
    can be told.']
    """
    own = pooled[pooled["indicator"].isin(list(chosen)) & pooled["reached"].notna()]
    if own.empty:
        return []
    shortest = own[own["pool_years"] == own["pool_years"].min()]
    return [_pool(row, lang) for row in records(next_targets(shortest))]


def _pool(row: Row, lang: str) -> str:
    goal = {"target": target_text(row, lang)}
    key = "pools.goal undated"
    if not numbers.is_missing(row["target_year"]):
        key, goal["year"] = "pools.goal", str(row["target_year"])
    return text(
        "pools.judged",
        lang,
        name=marked_name(row, lang),
        years=period(row),
        value=value_text(row, lang),
        counts=counts_text(row, lang),
        limits=numbers.interval(row["lower"], row["upper"], per=row["per"], lang=lang),
        goal=text(key, lang, **goal),
        said=text(f"judgement.{'within' if row['reached'] else 'beyond'}.{row['verdict'] or 'none'}", lang),
        trend=trend_text(row, lang) + (text("trend.not told", lang) if holds_zero(row) else ""),
        moving=text("pools.moving", lang) if _moves(row) else "",
    )


def told_changes(changes: pd.DataFrame, *, lang: str) -> list[str]:
    """Name the indicators whose change or trend is beyond chance, and among how many they were found.

    A trend across a break is not named: it should not be quoted.

    Parameters
    ----------
    changes : pandas.DataFrame
        What `mchepi.indicators.change` gives.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    list of str
        Empty where no indicator has two periods with limits.

    Examples
    --------
    >>> row = {"indicator": "wasting_prevalence_u5", "previous_year": 2023, "events": 15, "note": "",
    ...        "previous_events": 4, "ratio": 3.75, "ratio_lower": 1.19, "ratio_upper": 15.52,
    ...        "annual_percent_change": 22.3, "apc_lower": -21.2, "apc_upper": 92.4}
    >>> told_changes(pd.DataFrame([row]), lang="en")[0]
    'Beyond chance variation against the period before: wasting, under 5 (15 against 4; ratio 3.75, 1.19 to
    15.52).'
    """
    rows = [row for row in records(changes) if not numbers.is_missing(row["ratio_lower"])]
    beyond = [_beyond_item(row, lang) for row in rows if not within_chance(row)]
    moved = [_moved_item(row, lang) for row in rows if _moves(row) and not row.get("break_kind")]
    if not rows:
        return []
    count = numbers.count(len(rows), lang)
    if not beyond and not moved:
        calm = not any(_moves(row) for row in rows)
        return [text("changes.none", lang, count=count)] if calm else []
    said = [text("changes.beyond", lang, items=listed(beyond, lang))] if beyond else []
    said += [text("changes.moved", lang, items=listed(moved, lang))] if moved else []
    return [*said, text("changes.many", lang, count=count)]


def _beyond_item(row: Row, lang: str) -> str:
    return text(
        "changes.beyond item",
        lang,
        name=marked_name(row, lang, inside=True),
        events=numbers.count(row["events"], lang),
        previous=numbers.count(row["previous_events"], lang),
        ratio=numbers.half_up(row["ratio"], 2),
        limits=numbers.interval(row["ratio_lower"], row["ratio_upper"], per=1, lang=lang, decimals=2),
    )


def _moved_item(row: Row, lang: str) -> str:
    name = marked_name(row, lang, inside=True)
    return text("between.trend", lang, name=name, trend=trend_text(row, lang))


def births_over_the_years(levels: pd.DataFrame, chosen: str, lang: str) -> str:
    """How much of the rate's change from the first year to the last is its denominator; empty for two years.

    Examples
    --------
    >>> levels = pd.DataFrame({"district": "a", "indicator": "infant_mortality_rate",
    ...     "year": [2015, 2020, 2024], "numerator": [12, 8, 5], "denominator": [1900, 1600, 1360],
    ...     "value": [6.3, 5.0, 3.7]})
    >>> births_over_the_years(levels, "infant_mortality_rate", "en")
    'From 2015 to 2024 live births went from 1,900 to 1,360 (−28.4%) and deaths from 12 to 5; the denominator
    alone raises the rate by 39.7%.'
    """
    own = levels[(levels["indicator"] == chosen) & levels["value"].notna()].sort_values("year")
    lengths = (own["year_end"] - own["year"]).nunique() if "year_end" in own else 1
    if len(own) < 3 or lengths > 1:
        return ""
    first, last = records(own.iloc[[0, -1]])
    before, now = int(first["denominator"]), int(last["denominator"])
    if before == now:
        return ""
    population = column_name(indicator(chosen).denominator_columns[0], lang).removesuffix("数")
    return text(
        "births.span",
        lang,
        first=period(first),
        last=period(last),
        population=population,
        before=numbers.count(before, lang),
        now=numbers.count(now, lang),
        change=with_sign((now / before - 1) * 100),
        deaths_before=numbers.count(first["numerator"], lang),
        deaths_now=numbers.count(last["numerator"], lang),
        direction=text("births.rise" if now < before else "births.fall", lang),
        effect=signed(abs(before / now - 1) * 100),
    )


def pools_in_short(pooled: pd.DataFrame, chosen: set[str], lang: str) -> list[str]:
    """Judge the shortest pool of the chosen indicators, those that stand alike in one sentence.

    Examples
    --------
    >>> pools_in_short(pd.DataFrame({"indicator": [], "reached": [], "pool_years": []}), set(), "en")
    []
    """
    own = pooled[pooled["indicator"].isin(list(chosen)) & pooled["reached"].notna()]
    if own.empty:
        return []
    groups: dict[tuple[str, bool, str, bool], list[Row]] = {}
    for row in records(next_targets(own[own["pool_years"] == own["pool_years"].min()])):
        key = (period(row), bool(row["reached"]), row["verdict"], _moves(row))
        groups.setdefault(key, []).append(row)
    return [
        text(
            "pools.short",
            lang,
            years=years,
            names=listed([_in_short(row, lang) for row in rows], lang),
            said=text(f"judgement.{'within' if reached else 'beyond'}.{verdict or 'none'}", lang)
            + (text("pools.moving", lang) if moves else ""),
        )
        for (years, reached, verdict, moves), rows in groups.items()
    ]


def _moves(row: Row) -> bool:
    """Whether a trend inside the pool is stated and excludes no change."""
    stated = not numbers.is_missing(row["apc_lower"]) and not has_note(row["note"], "too few events")
    return stated and not holds_zero(row)


def _in_short(row: Row, lang: str) -> str:
    return text(
        "pools.short item",
        lang,
        name=marked_name(row, lang, inside=True),
        value=value_text(row, lang),
        counts=counts_text(row, lang),
    )


def deaths_apart(apart: pd.DataFrame, lang: str) -> list[str]:
    """How births between maternal deaths are to be read, and whether an interval signals.

    Parameters
    ----------
    apart : pandas.DataFrame
        What `mchepi.indicators.between_deaths` gives.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> deaths_apart(pd.DataFrame(), "zh")
    []
    """
    rows = records(apart)
    if not rows:
        return []
    said = [text("apart.meaning", lang)]
    if numbers.is_missing(rows[0]["reference"]):
        return said
    reference = numbers.level(rows[0]["reference"], rows[0]["per"], lang)
    signals = sum(bool(row["signal"]) for row in rows)
    found = text("apart.signals", lang, count=signals) if signals else text("apart.no signal", lang)
    center = numbers.count(round(rows[0]["center"]), lang)
    said.append(text("apart.level", lang, reference=reference, center=center, signal=found))
    return said + [
        text(
            "apart.chance of none",
            lang,
            least=numbers.count(row["births_at_least"], lang),
            reference=reference,
            chance=numbers.percent(row["chance_of_none"]),
        )
        for row in rows
        if not numbers.is_missing(row["chance_of_none"]) and row["births_at_least"]
    ]
