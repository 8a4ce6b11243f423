"""What registers of hemoglobin and growth say in sentences: breaks, digits, rules, classes, alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from . import numbers
from .labels import listed
from .rows import records
from .tables_of_registers import word
from .wording import text

Row = Mapping[str, Any]
_ROUNDED = 20.0  # digit scores above are rounding, not reading
_NARROW, _WIDE = 0.8, 1.5  # spreads of height-for-age that call for a look at the measuring
_STANDARD = 0.023  # of the children of WHO's standard are below -2
_FEWEST = 50  # children, for a spread to be judged
_LIKELY = 0.05  # probabilities of classes that are named
_CLASSES = ("none", "mild", "moderate", "severe")


def measurement_sentences(measured: pd.DataFrame, remarks: pd.DataFrame, *, lang: str) -> list[str]:
    """Say what a register tells of measuring hemoglobin: a break, rounded digits, what was left out.

    Parameters
    ----------
    measured : pandas.DataFrame
        What `mchepi.outcomes.hemoglobin_measurement` gives.
    remarks : pandas.DataFrame
        What `Dataset.register_remarks` gives.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> measured = pd.DataFrame({"year": [2024], "broken_from": [2024], "what_changed": ["analyzer"],
    ...                          "digit_score": [4.0], "implausible": [0], "already_adjusted": [False]})
    >>> remarks = pd.DataFrame({"register": [], "rule": [], "column": [], "rows": []})
    >>> measurement_sentences(measured, remarks, lang="en")[0][:58]
    'From 2024 on another analyzer was used. Values before and '
    """
    rows = records(measured)
    said = [break_of_measurement(measured, lang)]
    rounded = [str(row["year"]) for row in rows if row["digit_score"] > _ROUNDED]
    if rounded:
        said.append(text("registers.rounded", lang, years=listed(dict.fromkeys(rounded), lang)))
    implausible = sum(row["implausible"] for row in rows)
    if implausible:
        said.append(text("registers.implausible", lang, count=numbers.count(implausible, lang)))
    if any(not numbers.is_missing(row["already_adjusted"]) and row["already_adjusted"] for row in rows):
        said.append(text("registers.never twice", lang))
    said += remark_sentences(remarks, ("hemoglobin", "growth"), lang=lang)
    return [one for one in said if one]


def break_of_measurement(measured: pd.DataFrame, lang: str) -> str:
    """Say that values before and after a change of specimen or analyzer are not one series.

    Examples
    --------
    >>> break_of_measurement(pd.DataFrame({"broken_from": [None], "what_changed": [""]}), "en")
    ''
    """
    broken = records(measured.dropna(subset=["broken_from"]))
    return "".join(
        text(
            "registers.break",
            lang,
            year=int(row["broken_from"]),
            what=listed([text(f"word.{one}", lang) for one in row["what_changed"].split(";")], lang),
        )
        for row in broken
    )


def remark_sentences(remarks: pd.DataFrame, registers: tuple[str, ...], *, lang: str) -> list[str]:
    """Say what was found in some registers when they were read: counts of rows, never what stood there.

    Examples
    --------
    >>> remarks = pd.DataFrame({"register": ["growth"], "rule": ["implausible"], "column": ["height_cm"],
    ...                         "rows": [1]})
    >>> remark_sentences(remarks, ("growth",), lang="en")
    ['On reading: growth register, height: implausible, 1 row.']
    """
    own = [row for row in records(remarks) if row["register"] in registers]
    if not own:
        return []
    items = [_remark(row, lang) for row in own]
    return [text("registers.on reading", lang, items=("；" if lang == "zh" else "; ").join(items))]


def _remark(row: Row, lang: str) -> str:
    """One finding; of whole rows no column is named."""
    said = {
        "register": text(f"register.{row['register']}", lang),
        "rule": text(f"remark.{row['rule']}", lang),
        "count": numbers.count(row["rows"], lang),
    }
    if numbers.is_missing(row["column"]) or not row["column"]:
        return text("registers.remark on rows", lang, **said)
    columns = [word(one, lang) for one in str(row["column"]).split(";")]
    return text("registers.remark", lang, column=listed(columns, lang), **said)


def prevalence_sentences(prevalence: pd.DataFrame, *, lang: str) -> list[str]:
    """Say the prevalence of the last year by the register, with its rule set and its class.

    Examples
    --------
    >>> prevalence_sentences(pd.DataFrame({"year": [], "age_group": []}), lang="en")
    []
    """
    row = _last(prevalence)
    if row is None:
        return []
    said = [register_level(row, lang) + class_by_chance(row, lang)]
    if row["design_effect"] > 1:
        said.append(text("registers.design", lang, effect=numbers.half_up(row["design_effect"], 2)))
    return said


def register_level(row: Row, lang: str) -> str:
    """The prevalence of a row with its counts, limits and rule set, as a sentence.

    Examples
    --------
    >>> register_level({"year": 2024, "age_group": "months_6_59", "value": 6.25, "lower": 4.4, "upper": 8.9,
    ...     "numerator": 52, "denominator": 837, "standard": "who_2024", "design_effect": 1.7,
    ...     "altitude_standard": "who_2024"}, "en")
    'Register, 2024: anemia at 6 to 59 months 6.3% (4.4 to 8.9; 52 of 837; survey, weighted), by WHO 2024.'
    """
    survey = "" if numbers.is_missing(row["design_effect"]) else text("registers.weighted", lang)
    before = "already_adjusted" in row["altitude_standard"]
    return text(
        "registers.level",
        lang,
        year=row["year"],
        group=word(row["age_group"], lang),
        value=f"{numbers.half_up(row['value'], 1)}%",
        limits=numbers.interval(row["lower"], row["upper"], per=100, lang=lang, decimals=1),
        numerator=numbers.count(row["numerator"], lang),
        denominator=numbers.count(row["denominator"], lang),
        survey=survey,
        rule=word(row["standard"], lang) + (text("registers.as written", lang) if before else ""),
    )


def class_by_chance(row: Row, lang: str) -> str:
    """The class of the prevalence and how likely each class is, where more than one is.

    Examples
    --------
    >>> class_by_chance({"class": "mild", "probability_none": 0.11, "probability_mild": 0.89,
    ...                  "probability_moderate": 0.0, "probability_severe": 0.0}, "en")
    ' Class by WHO: mild (probability: no problem 11%, mild 89%).'
    """
    if numbers.is_missing(row["class"]):
        return ""
    chances = {name: row[f"probability_{name}"] for name in _CLASSES}
    likely = [
        f"{text(f'class.{name}.short', lang)} {numbers.percent(chance)}".replace(
            " ", "" if lang == "zh" else " "
        )
        for name, chance in chances.items()
        if chance >= _LIKELY
    ]
    said = text(f"class.{row['class']}.short", lang)
    if len(likely) < 2:
        return text("registers.class", lang, said=said)
    return text("registers.class uncertain", lang, said=said, chances=listed_by_comma(likely, lang))


def listed_by_comma(items: list[str], lang: str) -> str:
    """Items with commas only.

    Examples
    --------
    >>> listed_by_comma(["a", "b"], "en")
    'a, b'
    """
    return ("，" if lang == "zh" else ", ").join(items)


def rule_set_sentences(compared: pd.DataFrame, standardized: pd.DataFrame, *, lang: str) -> list[str]:
    """Say how many of the same children another rule set puts in another class, and what ages do.

    Examples
    --------
    >>> rule_set_sentences(pd.DataFrame(), pd.DataFrame(), lang="en")
    []
    """
    said = [
        text(
            "registers.changed class",
            lang,
            compared=numbers.count(row["compared"], lang),
            changed=numbers.count(row["change_class"], lang),
            newly=numbers.count(row["newly_anemic"], lang),
            no_longer=numbers.count(row["no_longer_anemic"], lang),
        )
        for row in records(compared)
        if row["rule_set"] == "who_2011"
    ]
    if len(standardized):
        said.append(text("registers.standardized", lang))
    return said


def growth_register_sentences(prevalence: pd.DataFrame, quality: pd.DataFrame, *, lang: str) -> list[str]:
    """Say whether z-scores are spread as measured children are, and what a stunting near zero would imply.

    Parameters
    ----------
    prevalence, quality : pandas.DataFrame
        What `mchepi.outcomes.growth_prevalence` and `growth_quality` give.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> quality = pd.DataFrame({"year": [2024], "z_index": ["haz"], "counted": [556], "mean": [0.29],
    ...                         "standard_deviation": [0.74], "digit_score": [4.3]})
    >>> growth_register_sentences(pd.DataFrame({"year": [], "state": []}), quality, lang="en")[0][:52]
    'Height-for-age z-scores of 2024: mean +0.29, standar'
    """
    row = _heights(quality)
    if row is None:
        return []
    said = [_height_z(row, lang) + _spread_alarm(row, lang)]
    if row["digit_score"] > _ROUNDED:
        said.append(text("registers.heights rounded", lang, score=numbers.half_up(row["digit_score"], 0)))
    stunted = records(prevalence[prevalence["state"] == "stunted"].tail(1)) if len(prevalence) else []
    if not stunted or not stunted[0]["numerator"] < _STANDARD * stunted[0]["denominator"]:
        return said
    if not stunted[0]["numerator"]:
        said.append(
            text("registers.nobody stunted", lang, count=numbers.count(stunted[0]["denominator"], lang))
        )
    return [*said, text("registers.stunting near zero", lang)]


def height_alarm(quality: pd.DataFrame, lang: str) -> str:
    """The finding that heights are spread as measured children are not; empty where they are.

    Examples
    --------
    >>> height_alarm(pd.DataFrame({"z_index": ["haz"], "year": [2024], "counted": [500], "mean": [0.1],
    ...                            "standard_deviation": [1.05]}), "en")
    ''
    """
    row = _heights(quality)
    alarm = "" if row is None else _spread_alarm(row, lang)
    return _height_z(row, lang) + alarm if row is not None and alarm else ""


def _heights(quality: pd.DataFrame) -> dict[str, Any] | None:
    """Of the last year."""
    rows = records(quality[quality["z_index"] == "haz"].tail(1)) if len(quality) else []
    return rows[0] if rows else None


def _height_z(row: Row, lang: str) -> str:
    mean = numbers.half_up(row["mean"], 2)
    return text(
        "registers.height z",
        lang,
        year=row["year"],
        mean=f"+{mean}" if row["mean"] > 0 else mean.replace("-", "−"),
        spread=numbers.half_up(row["standard_deviation"], 2),
    )


def _spread_alarm(row: Row, lang: str) -> str:
    if row["counted"] < _FEWEST:
        return ""
    if row["standard_deviation"] < _NARROW:
        return text("registers.too alike", lang)
    return text("registers.too wide", lang) if row["standard_deviation"] > _WIDE else ""


def register_finding(prevalence: pd.DataFrame, measured: pd.DataFrame, lang: str) -> str:
    """The finding of the register: prevalence with rule set and class, and the break if there is one.

    Examples
    --------
    >>> register_finding(pd.DataFrame({"year": [], "age_group": []}), pd.DataFrame({"broken_from": []}), "en")
    ''
    """
    row = _last(prevalence)
    if row is None:
        return ""
    said = [register_level(row, lang) + class_by_chance(row, lang), break_of_measurement(measured, lang)]
    return ("" if lang == "zh" else " ").join(one.strip() for one in said if one)


def _last(prevalence: pd.DataFrame) -> dict[str, Any] | None:
    own = records(prevalence[prevalence["age_group"] == "months_6_59"])
    known = [row for row in own if not numbers.is_missing(row["value"])]
    return known[-1] if known else None
