"""The page on anemia names the rule of the yearly counts, or says that nobody stated it."""

from __future__ import annotations

import pandas as pd
import pytest
from hand_made import LANGUAGES, declaration, rows

from mchepi.indicators import compute
from mchepi.presentation import anemia_rule_sentence

COUNTS = rows(year=[2023], children_anemic=[61], children_examined_hemoglobin=[960])
LEVELS = compute(COUNTS, ["anemia_prevalence_u5"], by=["district", "year"])


def said(lang: str, levels: pd.DataFrame = LEVELS, **declared: str) -> str:
    return anemia_rule_sentence(declaration(**declared), levels, lang=lang)


def test_an_undeclared_rule_is_said_to_be_unknown():
    assert "数据未说明" in said("zh")
    assert "is not known" in said("en")


@pytest.mark.parametrize(
    ("declared", "zh", "en"),
    [
        (
            {"anemia_rule": "who_2024", "hemoglobin_adjusted_for": "altitude"},
            "年度计数中的贫血按WHO 2024界值判定，血红蛋白已校正海拔。",
            "Anemia in the yearly counts is by the cut-offs of WHO 2024, hemoglobin adjusted for altitude.",
        ),
        (
            {"anemia_rule": "cn_child_care_norm"},
            "年度计数中的贫血按中国儿童保健规范界值判定，血红蛋白是否校正海拔和吸烟未说明。",
            "Anemia in the yearly counts is by the cut-offs of China's child care norm, hemoglobin perhaps "
            "adjusted for altitude or smoking (not stated).",
        ),
        (
            {"hemoglobin_adjusted_for": "nothing"},
            "年度计数中的贫血按未说明的界值判定，血红蛋白未校正海拔和吸烟。",
            "Anemia in the yearly counts is by cut-offs that are not stated, hemoglobin not adjusted for "
            "altitude or smoking.",
        ),
    ],
)
def test_a_declared_rule_is_named(declared: dict[str, str], zh: str, en: str):
    assert said("zh", **declared) == zh
    assert said("en", **declared) == en


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_counts_of_anemia_nothing_is_said(lang: str):
    none = compute(rows(year=[2023]), ["anemia_prevalence_u5"], by=["district", "year"])
    assert said(lang, none) == ""
