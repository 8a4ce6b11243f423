"""The key findings on anemia: prevalence with its rule and class, who was tested, target, change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import numbers
from .anemia_class import class_text
from .anemia_registers_in_words import break_of_measurement, height_alarm, register_finding
from .course_in_words import break_text
from .labels import listed, period
from .levels_in_words import joined, level_text
from .over_time import difference, period_labels
from .rows import latest, next_targets, records, stated
from .targets_in_words import judgements
from .wording import text

if TYPE_CHECKING:
    from mchepi.indicators import Declaration

_ANEMIA = "anemia_prevalence_u5"


def anemia_findings(
    levels: pd.DataFrame,
    judged: pd.DataFrame,
    changes: pd.DataFrame,
    tested: pd.DataFrame,
    *,
    lang: str,
    register: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame] | None = None,
    declaration: Declaration | None = None,
) -> list[str]:
    """The findings on anemia: prevalence with its rule, class, target, change, who was tested.

    Parameters
    ----------
    levels, judged, changes : pandas.DataFrame
        As for `mortality_findings`.
    tested : pandas.DataFrame
        The counts of the district, for who was tested of those eligible.
    register : (pandas.DataFrame, pandas.DataFrame, pandas.DataFrame), optional
        What `mchepi.outcomes.anemia_prevalence`, `hemoglobin_measurement` and `growth_quality` give. Across a
        change of specimen or analyzer no change is stated.
    declaration : Declaration, optional
        What the dataset says of itself: by which rule anemia was counted. Without a rule the cut-off of the
        catalog is named.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    list of str
        At most five findings.

    Examples
    --------
    >>> frame = pd.DataFrame({"district": ["a"], "year": [2023], "indicator": ["anemia_prevalence_u5"],
    ...                       "value": [float("nan")], "note": ["missing: children_anemic"]})
    >>> nothing = pd.DataFrame({"indicator": []})
    >>> anemia_findings(frame, nothing, nothing, frame, lang="zh")
    ['缺少计数，无法给出率。']
    """
    now = stated(latest(levels)).dropna(subset=["value"])
    own = now[now["indicator"] == _ANEMIA]
    if own.empty:
        return [text("findings.nothing", lang)]
    row = records(own)[0]
    goals = next_targets(judged[judged["indicator"].isin(now["indicator"])])
    change = [
        one
        for one in records(changes)
        if one["indicator"] == _ANEMIA and not numbers.is_missing(one["events"])
    ]
    of_register = "" if register is None else register_finding(register[0], register[1], lang)
    if register is not None and break_of_measurement(register[1], lang):
        change = []
    others = [level_text(one, lang, first=False) for one in records(now) if one["indicator"] != _ANEMIA][:3]
    found = [
        _level(row, declaration, lang),
        of_register,
        "" if register is None else height_alarm(register[2], lang),
        _tested(tested, row, lang),
        joined(judgements(goals[goals["indicator"] == _ANEMIA], lang), lang),
        *(
            joined(
                [
                    difference(one, lang, period_labels(levels)),
                    break_text(one, lang) or ("" if of_register else text("findings.break", lang)),
                ],
                lang,
            )
            for one in change[:1]
        ),
        text("findings.others", lang, period=period(row), items=listed(others, lang)) if others else "",
    ]
    return [one for one in found if one][:5]


def _level(row: Mapping[str, Any], declaration: Declaration | None, lang: str) -> str:
    """The prevalence by the rule that the data declare, or beside the cut-off of the catalog."""
    said = {
        "period": period(row),
        "level": level_text(row, lang),
        "anemia_class": class_text(row, lang),
    }
    if declaration is None or declaration.anemia_rule == "not_stated":
        return text("findings.anemia", lang, **said)
    rule = text(f"anemia_rule.{declaration.anemia_rule}", lang)
    adjusted = text(f"hemoglobin_adjusted.{declaration.hemoglobin_adjusted_for}", lang)
    return text("findings.anemia by rule", lang, **said, rule=rule, adjusted=adjusted)


def _tested(counts: pd.DataFrame, row: Mapping[str, Any], lang: str) -> str:
    tested = numbers.count(row["denominator"], lang)
    own = counts.loc[counts["year"] == row["year"]].reindex(columns=["children_6_59_months"]).squeeze()
    if numbers.is_missing(own):
        return text("findings.tested unknown", lang, tested=tested)
    share = numbers.quotient(row["denominator"], own, per=100, decimals=1)
    key = "findings.tested" if row["denominator"] <= own else "findings.tested too many"
    return text(key, lang, tested=tested, eligible=numbers.count(own, lang), share=share)
