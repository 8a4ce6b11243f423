"""Reader's tables: which layout, what stands in the cells, and that a name is never more than a name."""

from __future__ import annotations

import pandas as pd
import pytest
from hand_made import LANGUAGES, Analysis, analyze, rows

from mchepi.indicators import (
    between_deaths,
    change,
    compute,
    contradictions,
    judge,
    pools,
    rules_by_luck,
    targets,
)
from mchepi.outcomes import cascade
from mchepi.presentation import (
    ages_at_death,
    causes_of_death,
    each_cascade,
    each_series,
    latest,
    reader_table,
    undisputed,
)
from mchepi.presentation.labels import place_name
from mchepi.presentation.markup import facts_html, lines_html, list_html, place_html, table_html
from mchepi.presentation.series import against_targets, latest_values
from mchepi.stats import log_linear_trend

ATTACK = "<script>alert(1)</script>&\"'"


def test_levels_show_counts_rate_limits_and_what_is_to_be_known(one_year: Analysis):
    table = reader_table(latest(one_year.levels), "zh")
    assert table.headings == ("指标", "年份", "例数 / 分母", "率", "95%置信区间", "备注")
    assert table.rows == (
        ("新生儿死亡率", "2023", "3 / 1430", "2.10‰", "0.43～6.13", "推算"),
        ("婴儿死亡率", "2023", "4 / 1430", "2.80‰", "0.76～7.16", "推算"),
        ("5岁以下儿童死亡率", "2023", "5 / 1430", "3.50‰", "1.14～8.16", "推算"),
    )


def test_targets_put_observed_and_underlying_apart(one_year: Analysis):
    table = reader_table(one_year.judged, "en")
    first = table.rows[0]
    assert first[0].splitlines() == ["Neonatal mortality rate", "2.10 per 1,000", "3 / 1,430"]
    assert first[1].splitlines() == ["≤3.1 per 1,000", "by 2025"]
    assert first[2] == "within the 2025 level already"
    assert first[3].splitlines() == ["cannot tell", "p = 0.354"]
    assert first[4:] == ("4 (3 counted)", "22,364\nabout 16 years")


def test_the_same_target_of_two_plans_is_one_row_and_the_next_target_first(one_year: Analysis):
    table = reader_table(one_year.judged, "zh")
    infant = [row[1].replace("\n", " ") for row in table.rows[2:4]]
    assert infant == ["≤5.2‰ 2025年", "≤5.0‰ 2030年"]
    assert len(table.rows) == 6


def test_an_unverified_target_is_flagged_in_its_row(one_year: Analysis):
    table = reader_table(one_year.judged.assign(target_verified=False), "zh")
    assert all(row[1].endswith("目标未核实") for row in table.rows)


def test_an_unverified_definition_is_flagged_in_its_row(ten_years: Analysis):
    table = reader_table(latest(ten_years.levels), "zh")
    flags = {row[0]: row[-1] for row in table.rows}
    assert flags["死胎死产率"] == "定义未核实"
    assert flags["婴儿死亡率"] == ""


def test_changes_name_both_periods_in_full(two_periods: Analysis):
    with_ends = two_periods.changes.assign(year_end=1984, previous_year_end=1978)
    (row,) = reader_table(with_ends, "zh").rows
    assert row[1:3] == ("1979–84：11", "1974–78：13")
    assert row[4] == "–"  # nothing but the last period is pooled
    assert row[5] == "不足三个时期，不作趋势判断"


def test_one_period_leaves_no_rows_of_change(one_year: Analysis):
    assert reader_table(one_year.changes, "en").rows == ()


def test_contradictions_name_the_counts():
    counts = rows(year=[2023], live_births=[1430], neonatal_deaths=[5], infant_deaths=[4], under5_deaths=[6])
    (row,) = reader_table(contradictions(counts), "en").rows
    assert row[0] == "2023"
    assert row[1] == "neonatal deaths and infant deaths"
    assert row[3] == "error"


def test_ages_at_death_pool_three_years_and_leave_out_a_year_that_contradicts_itself():
    counts = rows(
        year=[2021, 2022, 2023],
        neonatal_deaths=[3, 5, 3],
        infant_deaths=[4, 4, 4],
        under5_deaths=[6, 6, 5],
        early_neonatal_deaths=[2, 4, 1],
    )
    found = ages_at_death(counts)
    assert found["group"].tolist() == ["early_neonatal", "late_neonatal", "postneonatal", "age_1_4"]
    assert found["numerator"].tolist() == [3, 3, 2, 3]
    assert found["denominator"].unique().tolist() == [11]
    few = reader_table(found, "zh")
    assert [row[2:] for row in few.rows] == [("3",), ("3",), ("2",), ("3",)]
    assert few.notes == ("不足20例，只列例数，不列构成。",)
    enough = reader_table(found.assign(denominator=22, numerator=found["numerator"] * 2), "zh")
    assert [row[3] for row in enough.rows] == ["27%", "27%", "18%", "27%"]


def test_judged_pools_carry_their_trend_and_rules_their_chances(ten_years: Analysis):
    ids = ["neonatal_mortality_rate", "maternal_mortality_ratio"]
    judged = judge(pools(ten_years.counts, ids), targets=targets().query("level == 'nation'"))
    table = reader_table(judged, "en")
    assert [row[1] for row in table.rows] == [
        "2022–24\n12 / 4,260",
        "2020–24\n22 / 7,400",
        "2022–24\n0 / 4,260",
        "2020–24\n1 / 7,400",
    ]
    assert table.rows[0][5].startswith("cannot tell")
    assert "a year" in table.rows[1][6]
    assert {table.rows[place][6] for place in (0, 2, 3)} == {"too few events: no trend stated"}
    rules = reader_table(rules_by_luck(ten_years.changes, ten_years.judged), "zh")
    assert [row[1] for row in rules.rows] == ["每年降20%"] * 4 + ["风险为2倍"]
    assert rules.rows[-1][0] == "有1例孕产妇死亡即问责"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_births_between_deaths_are_bounds(ten_years: Analysis, lang: str):
    apart = between_deaths(ten_years.counts, reference=14.5)
    rows = reader_table(apart, lang).rows
    assert len(rows) == 2  # 1,780 + 1,720 + 1,660 + 1,600 born between, and some of 1,840 and 1,540
    assert rows[0][1] == ("6761～10139" if lang == "zh" else "6,761 to 10,139")
    assert ("判断" if lang == "zh" else "told") in rows[0][3]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_scatter_and_breaks_are_said_in_the_cell_of_the_trend(lang: str):
    anemic = [252, 249, 235, 241, 228, 221, 348, 335, 322, 318]
    counts = rows(
        year=list(range(2015, 2025)), children_anemic=anemic, children_examined_hemoglobin=[4500] * 10
    )
    cell = reader_table(change(counts, "anemia_prevalence_u5"), lang).rows[0][5]
    assert ("准泊松" if lang == "zh" else "quasi-Poisson") in cell
    assert cell.endswith("2021年有突变" if lang == "zh" else "break in 2021")


def test_causes_stand_by_size_with_the_rest_at_the_end():
    counts = rows(
        year=[2023],
        under5_deaths=[9],
        birth_defect_under5_deaths=[2],
        under5_deaths_injury=[3],
        under5_deaths_other_causes=[4],
    )
    assert causes_of_death(counts)["group"].tolist() == ["injury", "birth_defects", "other_causes"]
    assert causes_of_death(counts.drop(columns=["under5_deaths"])).empty


def test_cascades_leave_out_a_step_that_contradicts_the_one_before():
    counts = rows(
        year=[2023], live_births=[1400], newborns_hearing_screened=[1500], infants_hearing_referred=[15]
    )
    found = each_cascade(counts, cascade).query("program == 'hearing'")
    assert found["persons"].tolist()[:3] == [1400, pd.NA, 15]


def test_series_keep_systems_apart_and_modeled_estimates_without_limits():
    series = pd.DataFrame(
        {
            "district": "CHN",
            "indicator": "under5_mortality_rate",
            "source_system": ["surveillance"] * 5 + ["un_igme"] * 5 + ["published_text"] * 5,
            "area": "total",
            "year": [2020, 2021, 2022, 2023, 2024] * 3,
            "value": [7.5, 7.1, 6.8, 6.2, 5.6, 8.0, 7.6, 7.2, 6.9, 6.6, 1, 2, 3, 4, 5],
        }
    )
    trends = each_series(series, log_linear_trend)
    assert trends["source_system"].tolist() == ["surveillance", "un_igme"]
    assert trends["lower"].isna().tolist() == [False, True]
    rows_shown = reader_table(trends, "en").rows
    assert rows_shown[0][3:] == ("7.5 → 5.6 per 1,000", "−6.9% a year\n−9.1% to −4.7%")
    assert "modeled" in rows_shown[1][-1]
    goals = pd.DataFrame(
        {
            "target_id": ["a", "b"],
            "indicator": "under5_mortality_rate",
            "comparator": ["<", "<="],
            "value": [5.6, 5.6],
            "year": pd.array([2025, 2025], dtype="Int64"),
            "verified": ["yes", "no"],
        }
    )
    compared = against_targets(latest_values(series.query("source_system == 'surveillance'")), goals)
    assert compared["reached"].tolist() == [False, True]
    assert reader_table(compared, "zh").rows[1][4].endswith("目标未核实")


@pytest.mark.parametrize(
    "html",
    [
        place_html(ATTACK),
        lines_html([ATTACK]),
        list_html([ATTACK]),
        facts_html([(ATTACK, ATTACK)]),
        table_html(
            reader_table(
                pd.DataFrame(
                    {"year": [2023], "rule": ["x"], "columns": [ATTACK], "message_zh": [ATTACK],
                     "message_en": [ATTACK], "severity": ["error"]}
                ),
                "en",
            )
        ),
    ],
)  # fmt: skip
def test_a_name_is_inert_wherever_it_stands(html: str):
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_a_place_without_a_name_is_called_by_its_id():
    frame = pd.DataFrame({"district": ["X1", "X1"], "name_zh": ["", None], "name_en": [None, None]})
    assert place_name(frame, "zh") == place_name(frame, "en") == "X1"


def test_a_rate_of_nobody_keeps_its_row_with_the_reason():
    one = analyze(rows(year=[2023], live_births=[0], infant_deaths=[0]))
    (row,) = reader_table(latest(one.levels), "zh").rows
    assert row[:5] == ("婴儿死亡率", "2023", "0 / 0", "–", "分母为零")


def test_a_derived_value_of_a_series_is_marked():
    series = pd.DataFrame(
        {
            "district": "CHN",
            "indicator": "under5_mortality_rate",
            "source_system": "surveillance",
            "area": "total",
            "year": [2010, 2011, 2012],
            "value": [16.4, 15.6, 13.2],
            "verified": ["derived", "yes", "yes"],
        }
    )
    trends = each_series(series, log_linear_trend)
    assert "（推算） → " in reader_table(trends, "zh").rows[0][3]
    goals = targets().query("level == 'nation'")
    early = against_targets(latest_values(series[series["year"] == 2010]), goals)
    assert "(derived)" in reader_table(early, "en").rows[0][3]
    late = against_targets(latest_values(series), goals)
    assert "(derived)" not in reader_table(late, "en").rows[0][3]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_rate_of_a_disputed_denominator_says_so(lang: str):
    counts = rows(
        year=[2023],
        women_delivered=[1422],
        emtct_tested_in_pregnancy=[877],
        emtct_tested_before_13_weeks=[855],
    )
    levels = compute(counts, "emtct_early_testing_rate_13w")
    noted = undisputed(levels, contradictions(counts))
    assert noted["note"].tolist() == ["denominator disputed"]
    said = {"zh": "分母有疑问", "en": "denominator in question"}
    assert reader_table(noted, lang).rows[0][-1] == said[lang]
