"""Sentences say what the frames hold, and never more than the interval does."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest
from hand_made import LANGUAGES, Analysis, analyze, rows
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.indicators import change, compute, contradictions
from mchepi.presentation import (
    change_sentences,
    counted_sentences,
    level_sentences,
    maternal_sentences,
    mortality_findings,
    target_sentences,
    telling_sentences,
    told_changes,
    undisputed,
)
from mchepi.presentation.anemia_class import class_text
from mchepi.presentation.findings_screening import _no_rate
from mchepi.presentation.over_time import difference, pooled, trend_text, years_missing
from mchepi.presentation.rows import latest, next_targets, records
from mchepi.presentation.targets_in_words import allowance_text, judgement, reached_text, size_text, sizes

STRONG = re.compile(r"significan|显著", re.IGNORECASE)


def findings(one: Analysis, lang: str, *, published: bool = True) -> list[str]:
    return mortality_findings(one.levels, one.judged, one.changes, lang=lang, published=published)


def test_findings_on_one_published_year_in_english(one_year: Analysis):
    assert findings(one_year, "en") == [
        "2023, 1,430 live births: neonatal mortality rate at 2.10 per 1,000 (3 of 1,430; 95% interval "
        "0.43 to 6.13; deduced), infant mortality rate at 2.80 per 1,000 (4 of 1,430; 0.76 to 7.16; deduced) "
        "and under-five mortality rate at 3.50 per 1,000 (5 of 1,430; 1.14 to 8.16; deduced).",
        "Neonatal mortality rate, infant mortality rate and under-five mortality rate (national target for "
        "2025 ≤3.1 per 1,000, ≤5.2 per 1,000 and ≤6.6 per 1,000): Observed value within the target; whether "
        "the underlying level meets it cannot be told. To show the neonatal mortality rate ≤3.1 per 1,000 at "
        "the observed 2.10 per 1,000 takes 22,364 live births (power 80%), about 16 years at this size: not "
        "by this district alone.",
        "At 1,430 live births the 2025 level allows 4 neonatal deaths (3 counted), 7 infant deaths "
        "(4 counted) and 9 under-five deaths (5 counted).",
        "One period only: no rise or fall can be stated.",
        "Not published for this place: maternal deaths; none is assumed.",
    ]


def test_findings_on_one_published_year_in_chinese(one_year: Analysis):
    assert findings(one_year, "zh") == [
        "2023年活产1430例：新生儿死亡率2.10‰（3/1430，95%置信区间0.43～6.13，推算）、"
        "婴儿死亡率2.80‰（4/1430，0.76～7.16，推算）、5岁以下儿童死亡率3.50‰（5/1430，1.14～8.16，推算）。",
        "新生儿死亡率、婴儿死亡率、5岁以下儿童死亡率（2025年国家目标≤3.1‰、≤5.2‰、≤6.6‰）："
        "观察值在目标以内；潜在水平是否达到，尚不能判断。按观察到的2.10‰，要证明新生儿死亡率≤3.1‰，"
        "需活产22364例（检验效能80%），按该地规模约需16年：仅凭该地数据无法判断。",
        "按活产1430例计，要保持在2025年目标水平以内，全年至多：新生儿死亡4例（实有3例）、"
        "婴儿死亡7例（实有4例）、5岁以下儿童死亡9例（实有5例）。",
        "仅有一个时期的数据，不能判断升降。",
        "该地未公布孕产妇死亡数，本报告不推定为零。",
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_at_most_five_findings_and_none_too_strong(one_year, ten_years, two_periods, lang: str):
    for one in (one_year, ten_years, two_periods):
        found = findings(one, lang)
        assert 1 <= len(found) <= 5
        assert not STRONG.search(" ".join(found))


def test_two_periods_are_compared_by_their_rates_not_their_deaths(two_periods: Analysis):
    found = findings(two_periods, "en", published=False)
    assert found == [
        "1979–84, 5,767 live births: sudden infant death rate at 1.91 per 1,000 (11 of 5,767; 95% interval "
        "0.95 to 3.41).",
        "Sudden infant death rate: 0.69 (0.28 to 1.66) times that of 1974–78, within chance variation "
        "(11 against 13 cases).",
    ]


def test_places_without_chinese_rates_hear_nothing_of_chinese_targets(two_periods: Analysis):
    for lang in LANGUAGES:
        said = [
            *findings(two_periods, lang, published=False),
            *target_sentences(two_periods.judged, lang=lang),
            *telling_sentences(two_periods.judged, two_periods.changes, lang=lang),
            *maternal_sentences(two_periods.levels, two_periods.levels, two_periods.judged, lang=lang),
        ]
        assert not re.search("National target|国家目标|maternal|孕产妇", " ".join(said))


def test_no_maternal_death_is_an_upper_limit_not_a_zero_risk(ten_years: Analysis):
    found = findings(ten_years, "en", published=False)[-1]
    assert found.startswith("No maternal deaths in 1,360 live births (2024) does not mean no risk")
    assert "as high as 271.2 per 100,000 (two-sided 95% limit)" in found  # -ln(0.025) / 1360


def test_a_deduced_count_is_called_so_in_every_language(one_year: Analysis):
    assert "deduced" in findings(one_year, "en")[0]
    assert "推算" in findings(one_year, "zh")[0]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(300, 3000), st.integers(300, 3000))
def test_a_change_within_its_interval_is_never_called_more_than_chance(
    now: int, before: int, births: int, earlier: int
):
    counts = rows(year=[2022, 2023], live_births=[earlier, births], infant_deaths=[before, now])
    row = records(change(counts, "infant_mortality_rate"))[0]
    said = difference(row, "en", {})
    holds_one = not math.isnan(row["ratio"]) and row["ratio_lower"] <= 1 <= row["ratio_upper"]
    assert ("within chance variation" in said) == holds_one
    assert ("more than chance variation explains" in said) == (not math.isnan(row["ratio"]) and not holds_one)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (3, 4, "One death fewer than last year"),
        (
            6,
            4,
            "Infant deaths: 6, 2 more than last year; the rate went from 2.67 to 4.20 per 1,000 (ratio 1.57",
        ),
        (
            4,
            4,
            "Infant deaths: 4, as many as last year; the rate went from 2.67 to 2.80 per 1,000 (ratio 1.05",
        ),
    ],
)
def test_fewer_more_as_many(now: int, before: int, said: str):
    one = analyze(rows(year=[2022, 2023], live_births=[1500, 1430], infant_deaths=[before, now]))
    row = records(one.changes[one.changes["indicator"] == "infant_mortality_rate"])[0]
    assert said in difference(row, "en", {})


def test_a_rate_that_is_the_same_is_not_said_to_change():
    one = analyze(rows(year=[2022, 2023], live_births=[1430, 1430], infant_deaths=[4, 4]))
    row = records(one.changes[one.changes["indicator"] == "infant_mortality_rate"])[0]
    assert "与上年例数相同；率仍为2.80‰（率比1.00" in difference(row, "zh", {})
    assert "the rate is still 2.80 per 1,000 (ratio 1.00" in difference(row, "en", {})


def test_a_gap_between_the_years_is_named():
    one = analyze(rows(year=[2020, 2023], live_births=[1500, 1430], infant_deaths=[4, 3]))
    row = records(one.changes[one.changes["indicator"] == "infant_mortality_rate"])[0]
    assert "One death fewer than in 2020" in difference(row, "en", {2020: "2020"})
    assert "较2020年少1例" in difference(row, "zh", {2020: "2020"})


def test_too_few_events_state_no_trend():
    row = {"annual_percent_change": -9.0, "apc_lower": -20.0, "apc_upper": 4.0, "note": "too few events: 12"}
    assert trend_text(row, "en") == "too few events: no trend stated"
    assert trend_text({**row, "note": ""}, "en") == "−9.0% (−20.0% to 4.0%) a year"


def test_the_pool_is_named_by_its_years(ten_years: Analysis):
    row = records(ten_years.changes[ten_years.changes["indicator"] == "under5_mortality_rate"])[0]
    assert pooled(row, "zh").startswith("5岁以下儿童死亡率2022–24年合并为")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_births_that_fall_are_told_apart_from_deaths(ten_years: Analysis, lang: str):
    said = " ".join(change_sentences(ten_years.levels, ten_years.changes, lang=lang))
    assert "1,420" in said or "1420" in said
    assert "−4.2%" in said
    assert "使率上升4.4%" in said or "alone raises the rate by 4.4%" in said


def test_targets_reached_and_due():
    row = {"reached": True, "due": True, "target_year": 2020, "comparator": "<="}
    assert reached_text(row, "zh") == "已达标"
    assert reached_text({**row, "reached": False}, "en") == "not reached"
    assert (
        reached_text({**row, "reached": False, "due": False, "target_year": 2025}, "en")
        == "still above the 2025 level"
    )
    above = {"reached": False, "due": False, "target_year": 2027, "comparator": ">="}
    assert reached_text(above, "zh") == "尚低于2027年水平"
    assert reached_text({**row, "reached": pd.NA}, "zh") == "–"


def test_allowance_left_and_passed():
    row = {"allowance": 4, "allowance_left": 0, "comparator": "<="}
    assert allowance_text({**row, "open_year": True}, "zh") == "4（余0）"
    assert allowance_text({**row, "allowance_left": -1, "open_year": True}, "en") == "4 (1 over)"
    assert allowance_text(row, "zh") == "4（实有4）"
    assert allowance_text({**row, "allowance_left": -1}, "en") == "4 (5 counted)"
    assert allowance_text({"allowance": pd.NA, "allowance_left": pd.NA, "comparator": "<="}, "en") == "–"


def test_sizes_that_would_tell(one_year: Analysis, ten_years: Analysis):
    said = sizes(one_year.judged.query("target_id == 'CN_HCPLAN2025_NMR'"), "zh")
    assert said == [
        "按观察到的2.10‰，要证明新生儿死亡率≤3.1‰，需活产22364例（检验效能80%），按该地规模约需16年：仅凭该地数据无法判断。"
    ]
    maternal = ten_years.judged.query("target_id == 'CN_MSPLAN2025_MMR'")
    assert "takes 25,441 live births without a single event" in sizes(maternal, "en")[0]
    assert sizes(maternal, "en")[0].endswith("not by this district alone.")
    row = {"size_that_would_tell": 128.0, "years_at_this_size": 0.03, "size_that_would_miss": math.inf}
    assert size_text(row, "zh").splitlines() == ["128", "不足1年"]
    assert size_text({**row, "size_that_would_tell": math.inf}, "en") == "no number would"


def test_beyond_the_target_the_size_is_the_one_that_would_show_it_missed():
    one = analyze(rows(year=[2024], live_births=[1125], neonatal_deaths=[7]))
    judged = one.judged.query("target_id == 'CN_HCPLAN2025_NMR'")
    assert size_text(records(judged)[0], "en").splitlines() == ["to show it missed: 3,975", "about 3.5 years"]
    assert sizes(judged, "zh") == [
        "按观察到的6.22‰，要证明新生儿死亡率未达目标（≤3.1‰），需活产3975例（检验效能80%），按该地规模约需3.5年。"
    ]


def test_national_targets_are_for_reference(one_year: Analysis):
    assert "国家目标，仅供参考，并非本旗县指标。" in target_sentences(one_year.judged, lang="zh")


def test_unverified_targets_and_definitions_carry_their_flag(ten_years: Analysis):
    judged = ten_years.judged.assign(target_verified=False)
    assert any("目标未核实" in one for one in target_sentences(judged, lang="zh"))
    said = level_sentences(ten_years.levels, lang="en")
    assert any(one.startswith("The definitions of these indicators were recalled") for one in said)
    assert any("Stillbirth rate" in one for one in said)


def test_a_yearly_fall_happens_by_chance(one_year: Analysis):
    said = " ".join(telling_sentences(one_year.judged, one_year.changes, lang="en"))
    assert "With no true change and 3.0 deaths expected a year" in said
    assert "falls in 42% of years" in said
    assert "A better rule" in said


def test_what_a_year_without_maternal_deaths_would_tell(one_year: Analysis):
    from mchepi.indicators import compute, judge, targets

    without = compute(one_year.counts.assign(maternal_deaths=0), "maternal_mortality_ratio")
    if_none = judge(latest(without), targets=targets().query("level == 'nation'"))
    said = maternal_sentences(one_year.levels, without.iloc[:0], if_none, lang="zh")
    assert "即使全年无孕产妇死亡，按活产1430例计，孕产妇死亡率的95%置信上限仍为258.0/10万" in said[0]
    assert "需连续25441例活产无一孕产妇死亡，约18年" in said[0]
    none = maternal_sentences(pd.concat([one_year.levels, without]), without.iloc[:0], if_none, lang="zh")
    assert "最高可达258.0/10万" in none[0]
    assert none[1] == "要证明孕产妇死亡率≤14.5/10万，需连续25441例活产无一孕产妇死亡，约18年。", (
        "not said twice"
    )


def test_many_indicators_stand_beside_their_own_targets(one_year: Analysis):
    three = records(next_targets(one_year.judged[one_year.judged["reached"].notna()]))
    assert judgement(three, "zh").startswith("新生儿死亡率、婴儿死亡率、5岁以下儿童死亡率（2025年")
    four = [*three, {**three[0], "target": 2.9}]
    assert judgement(four, "zh").startswith("2025年国家目标（新生儿死亡率≤3.1‰、婴儿死亡率≤5.2‰、")
    english = judgement(four, "en")
    assert english.startswith("National targets for 2025 (neonatal mortality rate ≤3.1 per 1,000, ")


def test_changes_beyond_chance_are_named_and_among_how_many():
    row = {"indicator": "wasting_prevalence_u5", "previous_year": 2023, "events": 15, "note": "",
           "previous_events": 4, "ratio": 3.75, "ratio_lower": 1.19, "ratio_upper": 15.52,
           "annual_percent_change": 22.3, "apc_lower": -21.2, "apc_upper": 92.4}  # fmt: skip
    calm = row | {"ratio": 1.1, "ratio_lower": 0.4, "ratio_upper": 3.1}
    few = calm | {"apc_lower": 2.0, "note": "too few events: 12"}
    rising = calm | {"apc_lower": 2.0}
    assert told_changes(pd.DataFrame([calm, few]), lang="zh") == [
        "2项指标与上期之比的区间均含1，所列年均变化的区间均含0：不能判断升降。"
    ]
    assert told_changes(pd.DataFrame([row, calm]), lang="zh")[0] == (
        "与上期相比超出随机波动的：消瘦率（15例对4例，率比3.75，1.19～15.52）。"
    )
    moved, many = told_changes(pd.DataFrame([rising, calm]), lang="zh")
    assert moved == "年均变化的区间不含0的：消瘦率年均22.3%（2.0%～92.4%）。"
    assert "2项指标" in many
    assert told_changes(pd.DataFrame([row | {"ratio_lower": None}]), lang="en") == []
    broken = rising | {"break_kind": "step"}
    assert "22.3" not in "".join(told_changes(pd.DataFrame([broken, row]), lang="en")), "not to be quoted"
    assert told_changes(pd.DataFrame([broken, calm]), lang="en") == [], "nor is all said to be calm"


def test_the_class_of_an_anemia_prevalence_and_its_doubt():
    assert (
        class_text({"value": 6.36, "lower": 5.3, "upper": 7.6}, "zh")
        == "按世界卫生组织分级为轻度公共卫生问题"
    )
    doubtful = class_text({"value": 21.0, "lower": 18.0, "upper": 24.0}, "en")
    assert "the lower limit is in the class “mild”" in doubtful


def test_a_year_without_counts_is_named_and_contradictory_deaths_are_not_pooled_silently():
    one = analyze(
        rows(
            year=[2021, 2022, 2023, 2024],
            live_births=[1500, 1450, 1430, 1400],
            neonatal_deaths=[3, 4, None, 4],
            infant_deaths=[4, 3, 4, 6],
        )
    )
    row = records(one.changes[one.changes["indicator"] == "neonatal_mortality_rate"])[0]
    assert years_missing({**row, "note": "years left out: 2019, 2023"}, "en") == " (2023 missing)"
    assert (
        "2022年新生儿死亡数（4）多于婴儿死亡数（3），涉及该年的合并率和趋势不宜引用。"
        in counted_sentences(one.counts, one.levels, lang="zh")
    )
    assert (
        "2022: neonatal deaths (4) exceed infant deaths (3); pooled rates and trends that use that year "
        "should not be quoted." in counted_sentences(one.counts, one.levels, lang="en")
    )


def test_persons_tested_without_a_stated_denominator_get_no_rate():
    counts = rows(year=[2023], emtct_tested_in_pregnancy=[877], women_delivered=[1422])
    found = contradictions(counts)
    levels = undisputed(compute(counts, ["emtct_testing_rate"], by=["district", "year"]), found)
    assert levels.empty
    said = _no_rate(found, "zh")
    assert len(said) == 1
    assert "877人：分母未说明（" in said[0]
    assert said[0].endswith("1422人），不计算率。")


def test_a_trend_whose_interval_includes_zero_tells_no_rise_or_fall(ten_years: Analysis):
    row = records(ten_years.changes[ten_years.changes["indicator"] == "under5_mortality_rate"])[0]
    assert pooled(row, "en").endswith("; the interval includes 0: no rise or fall can be told.")
