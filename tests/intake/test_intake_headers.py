"""Which column is which."""

from __future__ import annotations

import pytest

from mchepi.indicators import column_synonyms
from mchepi.intake import DataError, check, read_counts
from mchepi.intake.headers import column_of, count_columns, similar_column, words_of_counts


def name_of(header: str) -> str | None:
    return column_of(header, words_of_counts())


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("live_births", "live_births"),
        ("Live births", "live_births"),
        ("LIVE_BIRTHS ", "live_births"),
        ("活产数", "live_births"),
        (" 活 产 数 ", "live_births"),
        ("活产数（人）", "live_births"),
        ("活产数(例)", "live_births"),
        ("活产数（称重）", "live_births_weighed"),
        ("活产数(称重)", "live_births_weighed"),
        ("５岁以下儿童死亡数", "under5_deaths"),
        ("１－４岁死亡数", "child_deaths_1_4"),
        ("1—4岁死亡数", "child_deaths_1_4"),
        ("≥35岁产妇数", "women_delivered_35plus"),
        ("旗县", "name_zh"),
        ("地区", "name_zh"),
        ("单位", "name_zh"),
        ("机构名称", "name_zh"),
        ("行政区划代码", "district"),
        ("地区代码", "district"),
        ("年份", "year"),
        ("年度", "year"),
        ("备注", "note_zh"),
    ],
)
def test_headers_that_are_known(header, name):
    assert name_of(header) == name


def test_every_name_and_synonym_of_the_catalog_is_known():
    assert {name: name_of(name) for name in count_columns()} == {name: name for name in count_columns()}
    assert {header: name_of(header) for header in column_synonyms()} == column_synonyms()


def test_no_header_of_a_key_is_a_header_of_a_count():
    keys = {"district", "name_zh", "name_en", "year", "year_end", "stratum", "deduced", "note_zh", "note_en"}
    assert keys.isdisjoint(count_columns())
    assert keys.isdisjoint({name_of(header) for header in column_synonyms()})


@pytest.mark.parametrize("header", ["结婚登记人数（对）", "受益人次（人次）", "活产率", "x", ""])
def test_headers_that_are_not_guessed(header):
    """Couples are not persons, a rate is not a count."""
    assert name_of(header) is None


@pytest.mark.parametrize(
    ("header", "similar"),
    [
        ("nenatal_deaths", "neonatal_deaths"),
        ("infant_death", "infant_deaths"),
        ("新生儿死亡人数", "新生儿死亡数"),
        ("孕产妇数", "产妇数"),
        ("5岁以下儿童数", None),  # 3 and 7 years are known: other digits are another group
        ("women_screened_cervical_tct", None),
        ("nonwhite_live_births", None),
        ("new thing", None),
    ],
)
def test_names_that_nearly_match(header, similar):
    assert similar_column(header, words_of_counts()) == similar


def test_names_in_both_languages_and_any_order(table):
    frame = read_counts(table("活产数,year,infant_deaths,旗县\n1430,2023,4,扎赉特旗\n"))
    assert list(frame) == ["district", "name_zh", "name_en", "year", "live_births", "infant_deaths"]


def test_unknown_columns_are_kept_at_the_end_and_said(table):
    path = table("新列,district,第二列,year,live_births,第三列\nx,A,1,2023,5,1.5\n,A,2,2024,6,\n")
    frame = read_counts(path)
    assert list(frame)[-4:] == ["live_births", "新列", "第二列", "第三列"]
    assert [str(frame[name].dtype) for name in ("新列", "第二列", "第三列")] == [
        frame["district"].dtype,
        "Int64",
        "Float64",
    ]
    assert frame["新列"].tolist() == ["x", ""]
    assert [(found.severity, str(found)) for found in check(path)] == [
        ("note", "a.csv row 1, column 新列, 第二列, 第三列: are not known columns; kept as they are.")
    ]


def test_codes_with_leading_zeros_stay_text(table):
    assert read_counts(table("district,year,live_births,post\nA,2023,5,0410\n"))["post"].tolist() == ["0410"]


def test_a_misspelt_column_is_a_finding(table):
    (found,) = check(table("district,year,live_births,nenatal_deaths\nA,2023,5,0\n"))
    assert found.severity == "finding"
    assert str(found) == (
        "a.csv row 1, column nenatal_deaths: is not a known column, but near one. "
        "Did you mean neonatal_deaths? Rename it if so; until then it is kept, but no indicator uses it."
    )


def test_no_suggestion_of_a_column_that_is_there(table):
    (found,) = check(table("district,year,live_births,livebirth\nA,2023,5,5\n"))
    assert found.rule == "unknown_column"


def test_two_columns_of_one_meaning(table):
    with pytest.raises(DataError) as caught:
        read_counts(table("旗县,地区,年份,live_births,活产数\nA,A,2023,5,5\n"))
    assert str(caught.value) == (
        "a.csv row 1, column 地区: must be the only column for name_zh; '旗县' and '地区' both are. "
        "Delete or rename one of them.\n"
        "a.csv row 1, column 活产数: must be the only column for live_births; "
        "'live_births' and '活产数' both are. Delete or rename one of them."
    )


def test_required_columns_that_are_missing(table):
    with pytest.raises(DataError) as caught:
        read_counts(table("盟市,人口,面积,备用\n兴安盟,1,2,3\n"))
    assert str(caught.value) == (
        "a.csv: must have at least one column of counts that the catalog names. "
        "Name it as the catalog does, such as live_births or 活产数; `mchepi indicators` lists them.\n"
        "a.csv row 1, column district: must have a column district; "
        "got '盟市', '人口', '面积' (first three of 4). "
        "Add it, or rename the column that holds it (行政区划代码, 区划代码, 地区代码 are read too).\n"
        "a.csv row 1, column year: must have a column year; got '盟市', '人口', '面积' (first three of 4). "
        "Add it, or rename the column that holds it (年份, 年度, 年 are read too)."
    )
