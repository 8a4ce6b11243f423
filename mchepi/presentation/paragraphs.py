"""The sentences below the table of each section, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import pandas as pd

from mchepi.indicators import contradictions, indicator

from . import numbers
from .course_in_words import births_over_the_years, break_text
from .findings_mortality import CHILDREN, headline_rates
from .labels import column_name, counted, listed
from .levels_in_words import (
    above_hundred,
    deduced,
    disputed,
    level_text,
    meaning_of_interval,
    sentence_case,
    unverified,
    value_text,
    zero_events,
)
from .over_time import births_alone, chance_of_fall, difference, period_labels, pooled
from .rows import latest, next_targets, records, stated
from .targets_in_words import allowances, judgements, national_reference, sizes, target_text
from .wording import text

_MATERNAL = "maternal_mortality_ratio"
# Counts that texts publish without a denominator, each with the rate for which it would be wanted.
_ALONE = (
    ("premarital_check_rate", "premarital_check_couples"),
    ("high_risk_pregnancy_share", "high_risk_pregnancy_case_managed"),
    ("cervical_screening_coverage_35_64", "women_screened_cervical_tct"),
    ("cervical_screening_coverage_35_64", "women_screened_cervical_hpv"),
    ("cervical_screening_coverage_35_64", "women_screened_breast"),
)


def counted_sentences(
    counts: pd.DataFrame,
    levels: pd.DataFrame,
    remarks: pd.DataFrame | None = None,
    *,
    lang: str,
    signs: pd.DataFrame | None = None,
) -> list[str]:
    """Say what must be known of the counts: what was deduced, left out, and what their source says of them.

    Parameters
    ----------
    counts : pandas.DataFrame
        The counts of one district.
    levels : pandas.DataFrame
        What `compute` gives by year.
    remarks : pandas.DataFrame, optional
        How the table was read (`Dataset.remarks`): rule, year, column, value.
    lang : str
        ``zh`` or ``en``.
    signs : pandas.DataFrame, optional
        Signs of under-reporting; where there are any, completeness was looked into.

    Examples
    --------
    >>> counts = pd.DataFrame({"district": ["a"], "year": [2023],
    ...     "note_en": ["877 tested and 1,422 delivered differ."]})
    >>> levels = pd.DataFrame({"district": ["a"], "indicator": ["infant_mortality_rate"], "year": [2023],
    ...     "numerator": [4], "denominator": [1430], "value": [2.8], "note": [""]})
    >>> counted_sentences(counts, levels, lang="en")
    ['877 tested and 1,422 delivered differ.', 'Completeness of reporting was not assessed.']
    """
    now = stated(latest(levels))
    column = f"note_{lang}"
    notes = [str(note) for note in counts[column].dropna() if note] if column in counts else []
    return [
        *dict.fromkeys(notes),
        *deduced(now, lang),
        *disputed(now, lang),
        *_wrong_counts(contradictions(counts, errors_only=True), lang),
        *(_not_counted(remarks, lang) if remarks is not None else []),
        *counts_without_rate(counts, levels, lang),
        *([text("completeness", lang)] if signs is None or signs.empty else []),
    ]


def _not_counted(remarks: pd.DataFrame, lang: str) -> list[str]:
    """Name the cells that hold a code for missing, and the rows of totals that were left out."""
    coded, totals = (remarks[remarks["rule"] == rule] for rule in ("missing_code", "total_row"))
    items = [
        text("codes.item", lang, year=row["year"], name=column_name(row["column"], lang), code=row["value"])
        for row in records(coded)
    ]
    said = [text("codes.missing", lang, items=listed(items, lang))] if items else []
    if len(totals):
        count = numbers.count(len(totals), lang)
        said.append(text("totals.left out", lang, count=count, labels=listed(totals["value"], lang)))
    return said


def _wrong_counts(found: pd.DataFrame, lang: str) -> list[str]:
    """Name the counts of deaths that exceed what holds them: no pooled rate with them can be quoted."""
    said = []
    for row in records(found):
        columns, values = str(row["columns"]).split(";"), str(row["values"]).split(";")
        if len(columns) != 2 or not all(column.endswith("deaths") for column in columns):
            continue
        inner, outer = sorted(zip(columns, values, strict=True), key=lambda pair: -float(pair[1]))
        left, right = (
            f"{column_name(column, lang)}{'（' if lang == 'zh' else ' ('}{numbers.count(float(value), lang)}"
            f"{'）' if lang == 'zh' else ')'}"
            for column, value in (inner, outer)
        )
        said.append(text("counts.wrong", lang, year=row["year"], left=left, right=right))
    return said


def counts_without_rate(counts: pd.DataFrame, levels: pd.DataFrame, lang: str) -> list[str]:
    """Name the counts of the latest year that stand by themselves: no denominator for them is stated.

    Examples
    --------
    >>> counts = pd.DataFrame({"year": [2023], "premarital_check_couples": [1326]})
    >>> levels = pd.DataFrame({"indicator": ["premarital_check_rate"], "value": [None]})
    >>> counts_without_rate(counts, levels, "zh")
    ['另有计数而无对应的分母，不计算率：婚前医学检查对数1326。']
    """
    known = set(levels["indicator"][levels["value"].notna()])
    unused = set(levels["indicator"]) - known
    alone = [column for one, column in _ALONE if column in counts and one in unused]
    row = records(counts[["year", *dict.fromkeys(alone)]].sort_values("year"))[-1]
    gap = "" if lang == "zh" else " "
    items = [
        f"{column_name(column, lang)}{gap}{numbers.count(row[column], lang)}"
        for column in alone
        if not numbers.is_missing(row[column])
    ]
    return [text("counts alone", lang, items=listed(items, lang))] if items else []


def level_sentences(levels: pd.DataFrame, *, lang: str) -> list[str]:
    """Say what the intervals mean, which coverages pass 100 percent and which definitions are unverified.

    Examples
    --------
    >>> levels = pd.DataFrame({"district": ["a"], "indicator": ["infant_mortality_rate"], "year": [2023],
    ...     "numerator": [4], "denominator": [1430], "value": [2.8], "lower": [0.76], "upper": [7.16],
    ...     "note": [""]})
    >>> len(level_sentences(levels, lang="zh"))
    1
    """
    now = stated(latest(levels)).dropna(subset=["value"])
    with_limits = records(now.dropna(subset=["lower"]))
    enumerated = any(indicator(one).basis == "enumeration" for one in now["indicator"])
    return [
        *(meaning_of_interval(row, lang) for row in with_limits[:1]),
        *([text("enumerated", lang)] if enumerated else []),
        *above_hundred(now, lang),
        *unverified(now, None, lang),
    ]


def target_sentences(judged: pd.DataFrame, *, lang: str) -> list[str]:
    """Say how each indicator stands against its next target, what is still allowed, and whose target it is.

    Examples
    --------
    >>> target_sentences(pd.DataFrame({"indicator": [], "reached": []}), lang="en")
    []
    """
    known = judged[judged["reached"].notna()]
    if known.empty:
        return []
    goals = next_targets(known)
    return [
        *judgements(goals, lang),
        *allowances(goals, lang),
        national_reference(known, lang),
        *unverified(known, known, lang)[-1:],
    ]


def change_sentences(levels: pd.DataFrame, changes: pd.DataFrame, *, lang: str) -> list[str]:
    """Say how each indicator moved, what its last years come to, where it breaks, what births alone did.

    Examples
    --------
    >>> levels = pd.DataFrame({"year": [2023]})
    >>> changes = pd.DataFrame({"indicator": ["infant_mortality_rate"], "events": [4],
    ...     "previous_year": [None]})
    >>> change_sentences(levels, changes, lang="en")
    []
    """
    rows = [row for row in records(changes) if not numbers.is_missing(row["previous_year"])]
    if not rows:
        return []
    headline = set(headline_rates(latest(levels))["indicator"])
    rows = [row for row in rows if row["indicator"] in headline]
    labels = period_labels(levels)
    most = sorted(rows, key=lambda row: -int(row["events"]))[:1]
    return [
        *(difference(row, lang, labels) for row in rows),
        *(pooled(row, lang) for row in most),
        *break_sentences(changes, lang=lang),
        *(births_alone(row, lang, labels) for row in most),
        *(births_over_the_years(levels, row["indicator"], lang) for row in most if _counts_births(row)),
    ]


def break_sentences(changes: pd.DataFrame, *, lang: str) -> list[str]:
    """Say where the course of an indicator breaks, and that the cause is not known.

    Examples
    --------
    >>> break_sentences(pd.DataFrame({"indicator": []}), lang="en")
    []
    """
    return [said for row in records(changes) if (said := break_text(row, lang))]


def _counts_births(row: Mapping[str, Any]) -> bool:
    return indicator(row["indicator"]).denominator_columns[0].endswith("births")


def maternal_sentences(
    levels: pd.DataFrame, together: pd.DataFrame, if_none: pd.DataFrame, *, lang: str
) -> list[str]:
    """Say what is known of maternal deaths: the latest year, all years together, what none would tell.

    Parameters
    ----------
    levels : pandas.DataFrame
        What `compute` gives by district and year.
    together : pandas.DataFrame
        The same for all years pooled (`by=["district"]`).
    if_none : pandas.DataFrame
        What `judge` gives for the latest births with no maternal death: what such a year would tell.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> rows = pd.DataFrame({"district": ["a"], "indicator": ["infant_mortality_rate"], "year": [2023],
    ...                      "value": [2.8], "note": [""]})
    >>> maternal_sentences(rows, rows, rows.iloc[:0], lang="zh")
    []
    """
    own = levels[(levels["indicator"] == _MATERNAL) & levels["value"].notna()]
    said = []
    if len(own):
        row = records(latest(own))[0]
        said.append(
            zero_events(row, lang)
            if row["numerator"] == 0
            else sentence_case(level_text(row, lang)) + text("stop", lang)
        )
    pooled_rows = records(together[(together["indicator"] == _MATERNAL) & together["value"].notna()])
    if len(own) > 1 and pooled_rows:
        end = "year_end" if "year_end" in own else "year"
        years = numbers.period(own["year"].min(), own[end].max())
        said.append(text("maternal.together", lang, years=years, level=level_text(pooled_rows[0], lang)))
    if levels.loc[levels["indicator"].isin(CHILDREN), "value"].notna().any() and len(if_none):
        known = [row for row in records(next_targets(if_none)) if not numbers.is_missing(row["value"])]
        none_now = len(own) > 0 and records(latest(own))[0]["numerator"] == 0
        said += [_to_show(row, lang) if none_now else _if_none(row, lang) for row in known]
    return said


def _to_show(row: Mapping[str, Any], lang: str) -> str:
    """How many births without a maternal death would show the target met."""
    return text(
        "maternal.to show",
        lang,
        target=target_text(row, lang),
        size=numbers.size(row["size_that_would_tell"], lang),
        years=numbers.years(row["years_at_this_size"], lang),
    )


def _if_none(row: Mapping[str, Any], lang: str) -> str:
    """What a year without a maternal death would tell at this number of births."""
    return text(
        "maternal.if none",
        lang,
        births=counted("live_births", row["denominator"], lang),
        upper=numbers.measure(
            numbers.half_up(row["upper"], numbers.decimals_of(row["per"])), row["per"], lang
        ),
        level=numbers.percent(row["confidence_level"]),
        target=target_text(row, lang),
        size=numbers.size(row["size_that_would_tell"], lang),
        years=numbers.years(row["years_at_this_size"], lang),
    )


def telling_sentences(judged: pd.DataFrame, changes: pd.DataFrame, *, lang: str) -> list[str]:
    """Say what the district's size can tell: births needed, what chance does to a yearly rule, a better rule.

    Examples
    --------
    >>> nothing = pd.DataFrame({"indicator": [], "reached": [], "chance_of_fall": []})
    >>> telling_sentences(nothing, nothing, lang="en")
    []
    """
    known = judged[judged["reached"].notna()]
    by_luck = [row for row in records(changes) if not numbers.is_missing(row["chance_of_fall"])]
    by_luck = sorted(by_luck, key=lambda row: -float(row["events"]))
    deaths = [
        row
        for row in by_luck
        if str(indicator(row["indicator"]).numerator).endswith("deaths") and row["events"]
    ]
    by_name = {row["indicator"]: row for row in deaths}
    children = [by_name[one] for one in CHILDREN if one in by_name]
    falls = [chance_of_fall(row, lang) for row in (children or deaths)[:1]]
    return [
        *(sizes(next_targets(known), lang) if len(known) else []),
        *falls,
        *([text("better rule", lang)] if falls and len(known) else []),
    ]


def growth_sentences(levels: pd.DataFrame, *, lang: str) -> list[str]:
    """Say which mean z-score the observed stunting would imply: an alarm on the measurements.

    Stunting is the share below -2; with normal z-scores of standard deviation 1 their mean is -2 minus the
    normal quantile of that share.

    Examples
    --------
    >>> levels = pd.DataFrame({"district": ["a"], "indicator": ["stunting_prevalence_u5"], "year": [2023],
    ...     "numerator": [11], "denominator": [10000], "value": [0.11], "per": [100], "note": [""]})
    >>> growth_sentences(levels, lang="en")[0][:88]
    'Stunting of 0.11% implies, at a standard deviation of 1, a mean height-for-age z-score o'
    """
    own = stated(latest(levels))
    rows = records(
        own[(own["indicator"] == "stunting_prevalence_u5") & (own["value"] > 0) & (own["value"] < 100)]
    )
    if not rows:
        return []
    mean = -2 - NormalDist().inv_cdf(float(rows[0]["value"]) / 100)
    written = numbers.half_up(mean, 2)
    signed = written.replace("-", "−") if mean < 0 else f"+{written}"
    return [text("growth.implied", lang, value=value_text(rows[0], lang), mean=signed)]


def cascade_sentences(
    cascades: pd.DataFrame, registers: pd.DataFrame | None = None, *, lang: str
) -> list[str]:
    """Say that a cascade cannot be shown where no program states two of its steps, or how to read it.

    Parameters
    ----------
    cascades : pandas.DataFrame
        What `each_cascade` gives.
    registers : pandas.DataFrame, optional
        Cascades of registers: where there are any, the losses of yearly counts are not the last word.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> cascade_sentences(pd.DataFrame({"program": [], "step": [], "persons": []}), lang="en")
    ['Too few steps are stated to show a cascade.']
    """
    steps = cascades[cascades["persons"].notna()].groupby("program").size()
    if not (steps > 1).any():
        return [text("nothing.cascades", lang)]
    return [] if registers is None or registers.empty else [text("cascades.register", lang)]


def trend_sentences(trends: pd.DataFrame, *, lang: str) -> list[str]:
    """Say how trends of published series are to be read.

    Examples
    --------
    >>> trend_sentences(pd.DataFrame({"value": []}), lang="zh")
    []
    """
    return [text("trend.meaning", lang)] if len(trends) else []
