"""One table of texts: both languages complete, every key used, no claim stronger than the numbers."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import mchepi.presentation
from mchepi.indicators import NOTE_CODES, indicators, targets
from mchepi.indicators.declaration import (
    ANEMIA_RULES,
    HEMOGLOBIN_ADJUSTMENTS,
    PERIODS,
    POPULATION_BASES,
    SOURCE_SYSTEMS,
    STATUSES,
)
from mchepi.presentation.labels import column_name
from mchepi.presentation.package_data import table
from mchepi.presentation.wording import check_language, text, wording

SOURCE = "\n".join(path.read_text("utf-8") for path in Path(mchepi.presentation.__file__).parent.glob("*.py"))
STRONG = re.compile(r"significan(t|ce)|显著|prove[sdn]?\b", re.IGNORECASE)
BRITISH = re.compile(
    r"an(a)emi[ac]|haemo|\w+is(ed|ing|ation)\b|behaviour|colour|\bcentre\b|programme|paediatric|caesarean|labour\b"
)
US_WORDS = {"raised", "revised", "advised", "compared", "premised", "exercised", "supervised", "comprised"}


def placeholders(form: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(form) if name}


def test_both_languages_have_the_declared_placeholders():
    wrong = [
        key
        for key, row in wording().items()
        for lang in ("zh", "en")
        if placeholders(row[lang]) != set(filter(None, row["placeholders"].split(";")))
    ]
    assert wrong == []


def test_no_text_is_empty_and_no_key_stands_twice():
    keys = [row["key"] for row in table("wording")]
    assert len(keys) == len(set(keys))
    assert [key for key, row in wording().items() if not row["zh"] or not row["en"]] == []


def used(key: str) -> bool:
    """Whether the source names the key, or builds it from the family it begins with."""
    if f'"{key}"' in SOURCE or f"'{key}'" in SOURCE:
        return True
    families = re.findall(r'f"([a-z_ .]+)\{', SOURCE)
    return any(key.startswith(family) and len(family) > 3 for family in families)


def test_every_key_is_used():
    assert [key for key in wording() if not used(key)] == []


def test_an_unused_key_would_be_found():
    assert not used("nobody.asks for this")


def test_every_key_that_the_source_names_is_there():
    named = set(re.findall(r'\btext\(\s*"([^"{]+)"', SOURCE))
    assert named - set(wording()) == set()
    assert len(named) > 50


def families() -> list[str]:
    keys = [f"note.{code}" for code in NOTE_CODES]
    keys += [f"system.{one}" for one in (*SOURCE_SYSTEMS, "un_mmeig")]
    keys += [f"period.{one}" for one in PERIODS] + [f"population.{one}" for one in POPULATION_BASES]
    keys += [f"status.{one}" for one in STATUSES]
    keys += [f"anemia_rule.{one}" for one in ANEMIA_RULES]
    keys += [f"hemoglobin_adjusted.{one}" for one in HEMOGLOBIN_ADJUSTMENTS]
    keys += [f"program.{row['program']}" for row in table("cascades")]
    keys += [f"class.{row['class_id']}" for row in table("anemia_classes")]
    keys += [f"verdict.{verdict}" for verdict in ("met", "not met", "cannot tell")]
    sides = ("within", "beyond")
    keys += [
        f"judgement.{side}.{verdict}"
        for side in sides
        for verdict in ("met", "not met", "cannot tell", "none")
    ]
    return keys


@pytest.mark.parametrize("key", families())
def test_every_word_of_a_vocabulary_has_its_text(key: str):
    assert key in wording()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_sentence_claims_what_the_numbers_cannot_carry(lang: str):
    assert [row["key"] for row in wording().values() if STRONG.search(row[lang])] == []


def test_us_spelling():
    wrong = []
    for row in wording().values():
        wrong += [
            found[0]
            for found in BRITISH.finditer(row["en"].lower())
            if found[0] not in US_WORDS and found[0][:4] != "anem"
        ]
    assert wrong == []


@pytest.mark.parametrize(
    ("key", "values", "zh", "en"),
    [
        (
            "meaning.deaths",
            {"counts": ("3/1430", "3 of 1,430")},
            "活产与死亡为全数登记，3/1430是实际结果，无抽样误差；"
            "区间为与该死亡数相容的潜在死亡风险范围，不反映漏报。",
            "All births are counted: 3 of 1,430 is what happened, without sampling error. The interval is "
            "the range of underlying risk compatible with that count; it does not cover unreported deaths.",
        ),
        (
            "judgement.within.cannot tell",
            {},
            "观察值在目标以内；潜在水平是否达到，尚不能判断。",
            "Observed value within the target; whether the underlying level meets it cannot be told.",
        ),
        (
            "deduced.death",
            {"counts": ("3", "3")},
            "死亡数（3例）由公布的率和活产数推算，并非公布数。",
            "The deaths (3) are deduced from the published rate and births, not published.",
        ),
        (
            "national reference",
            {},
            "国家目标，仅供参考，并非本旗县指标。",
            "National target, for reference; not set for this county.",
        ),
        (
            "change.fewer",
            {"count": ("1", "1"), "than": ("上年", "last year")},
            "较上年少1例",
            "One death fewer than last year",
        ),
        ("chance.within", {}, "在随机波动范围内", "within chance variation"),
    ],
)
def test_standard_wording(key: str, values: dict[str, tuple[str, str]], zh: str, en: str):
    assert text(key, "zh", **{name: pair[0] for name, pair in values.items()}) == zh
    assert text(key, "en", **{name: pair[1] for name, pair in values.items()}) == en


def test_another_language_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r'`lang` must be "zh" or "en"; got .fr.\. Write'):
        check_language("fr")


def catalog_columns() -> set[str]:
    parts = [*indicators()["numerator"], *indicators()["denominator"]]
    return {column.strip() for part in parts for column in part.split("+")}


def test_every_count_has_a_chinese_name():
    columns = catalog_columns() | {row["step"] for row in table("cascades")}
    assert [
        column for column in columns if not re.search(r"[\u4e00-\u9fff]", column_name(column, "zh"))
    ] == []
    assert [column for column in columns if "_" in column_name(column, "en")] == []


def test_no_two_counts_of_the_catalog_share_a_name():
    for lang in ("zh", "en"):
        names = [column_name(column, lang) for column in catalog_columns()]
        assert sorted({name for name in names if names.count(name) > 1}) == []


def test_sections_name_indicators_of_the_catalog_once_a_section():
    rows = [(row["analysis"], row["section"], row["indicator"]) for row in table("sections")]
    assert len(rows) == len(set(rows))
    assert {row[2] for row in rows} <= set(indicators()["id"])
    assert {row["expected"] for row in table("sections")} == {"yes", "no"}


def test_every_national_mortality_target_is_shown_somewhere():
    shown = {row["indicator"] for row in table("sections")}
    national = targets().query("level == 'nation'")
    mortality = set(indicators().query("domain == 'mortality'")["id"])
    assert set(national["indicator"]) & mortality <= shown
