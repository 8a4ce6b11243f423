"""Registers on the page: tables and sentences in both languages, rule sets named, breaks and alarms said."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hand_made import LANGUAGES, analyze, rows

from mchepi import outcomes
from mchepi.intake import deadlines, open_dataset
from mchepi.outcomes.mortality_registers import MortalityRegister
from mchepi.outcomes.screening_registers import ScreeningRegister
from mchepi.presentation import (
    anemia_findings,
    break_of_measurement,
    growth_register_sentences,
    measurement_sentences,
    mortality_findings,
    plot_hemoglobin,
    plot_waiting,
    prevalence_sentences,
    reader_table,
    register_sentences,
    remark_sentences,
    rule_set_sentences,
)

DATASET = open_dataset(Path(__file__).parents[2] / "data" / "example_registers")
_HAND = analyze(
    rows(year=[2023], live_births=[1430], neonatal_deaths=[3], infant_deaths=[4], under5_deaths=[5])
)
ANALYSIS = (_HAND.levels, _HAND.judged, _HAND.changes)
NOTHING = pd.DataFrame({"register": [], "rule": [], "column": [], "rows": []})


@pytest.fixture(scope="module")
def tests_of() -> dict[str, pd.DataFrame]:
    return {
        one: outcomes.anemia_results(DATASET.register("hemoglobin", one)) for one in ("R01", "R02", "R04")
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_table_of_anemia_names_its_rule_set(tests_of: dict[str, pd.DataFrame], lang: str):
    results = tests_of["R02"]
    tables = [outcomes.anemia_prevalence(results), outcomes.anemia_standardized(results)]
    for frame in tables:
        assert any("WHO 2024" in note for note in reader_table(frame, lang).notes)
    rules = reader_table(outcomes.anemia_under_rules(results), lang)
    assert [row[0].split(" (")[0].split("（")[0] for row in rules.rows[:3]] == [
        "WHO 2024",
        "WHO 2024",
        "WHO 2011",
    ]
    assert ("未核实" if lang == "zh" else "not verified") in rules.rows[3][0]


def test_the_last_year_comes_by_age_and_the_others_whole(tests_of: dict[str, pd.DataFrame]):
    rows = reader_table(outcomes.anemia_prevalence(tests_of["R02"]), "en").rows
    assert [row[:2] for row in rows] == [
        ("6 to 59 months", "2024"),
        ("6 to 11 months", "2024"),
        ("12 to 23 months", "2024"),
        ("24 to 35 months", "2024"),
        ("36 to 59 months", "2024"),
        ("6 to 59 months", "2023"),
        ("6 to 59 months", "2022"),
    ]
    assert rows[0][2:] == ("89 / 675", "13.2%\n10.8 to 15.9", "79 / 10 / 0")


def test_a_survey_shows_its_design_effect(tests_of: dict[str, pd.DataFrame]):
    table = reader_table(outcomes.anemia_prevalence(tests_of["R01"]), "en")
    assert table.headings[-1] == "Design effect"
    assert table.rows[0][-1] == "1.68"
    assert any("A survey" in note for note in table.notes)


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "2024年起更换了分析仪：前后数值不可比"), ("en", "From 2024 on another analyzer")],
)
def test_a_new_analyzer_is_a_break_in_words(tests_of: dict[str, pd.DataFrame], lang: str, said: str):
    measured = outcomes.hemoglobin_measurement(tests_of["R02"])
    assert break_of_measurement(measured, lang).startswith(said)
    assert measurement_sentences(measured, NOTHING, lang=lang)[0].startswith(said)
    assert break_of_measurement(outcomes.hemoglobin_measurement(tests_of["R01"]), lang) == ""


def test_what_was_found_on_reading_is_counted_never_shown():
    said = measurement_sentences(
        pd.DataFrame(columns=["year", "broken_from", "what_changed", "digit_score", "implausible"]),
        DATASET.register_remarks("R02"),
        lang="en",
    )
    assert said == [
        "On reading: hemoglobin register, hemoglobin: implausible, 1 row; growth register, height: "
        "implausible, 1 row."
    ]


def test_of_rows_that_stand_twice_no_column_is_named():
    remarks = pd.DataFrame({"register": ["births"], "rule": ["repeated_row"], "column": [""], "rows": [1]})
    said = {lang: remark_sentences(remarks, ("births",), lang=lang) for lang in LANGUAGES}
    assert said["zh"] == ["读取登记时发现：出生登记：整行重复（只计一次），1行。"]
    assert said["en"] == ["On reading: births register: whole row repeated (counted once), 1 row."]


def test_values_adjusted_before_say_so(tests_of: dict[str, pd.DataFrame]):
    measured = outcomes.hemoglobin_measurement(tests_of["R04"])
    assert any("not adjusted again" in one for one in measurement_sentences(measured, NOTHING, lang="en"))
    table = reader_table(outcomes.anemia_prevalence(tests_of["R04"]), "en")
    assert any("is not verified" in note for note in table.notes)
    assert (
        "(values adjusted before, not again)"
        in prevalence_sentences(outcomes.anemia_prevalence(tests_of["R04"]), lang="en")[0]
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_class_is_given_with_its_probabilities(tests_of: dict[str, pd.DataFrame], lang: str):
    said, design = prevalence_sentences(outcomes.anemia_prevalence(tests_of["R01"]), lang=lang)
    assert "1.68" in design, "children of one place are alike: the yearly counts say more than is known"
    assert ("不构成问题11%，轻度89%" if lang == "zh" else "no problem 11%, mild 89%") in said
    (sure,) = prevalence_sentences(outcomes.anemia_prevalence(tests_of["R02"]), lang=lang)
    assert "%）" not in sure.split("WHO", 2)[-1]


def test_how_many_change_class_is_said(tests_of: dict[str, pd.DataFrame]):
    results = tests_of["R02"]
    said = rule_set_sentences(
        outcomes.anemia_under_rules(results), outcomes.anemia_standardized(results), lang="en"
    )
    assert said[0].startswith(
        "By WHO 2011 42 of the same 675 children change class (0 newly anemic, 36 no longer)"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_heights_too_alike_raise_the_alarm(lang: str):
    grown = {one: outcomes.growth_results(DATASET.register("growth", one)) for one in ("R01", "R02", "R03")}
    said = {
        one: "".join(
            growth_register_sentences(
                outcomes.growth_prevalence(frame), outcomes.growth_quality(frame), lang=lang
            )
        )
        for one, frame in grown.items()
    }
    alike = "请先核查身高是否实测" if lang == "zh" else "whether heights were measured at all"
    assert [alike in said[one] for one in grown] == [False, False, True]
    assert [("凑整" if lang == "zh" else "rounded") in said[one] for one in grown] == [False, True, False]
    assert all(part in said["R03"] for part in ("0.11%", "1.06", "0.65"))
    assert "0.11%" not in said["R01"], "4.6% are stunted there: nothing is near zero"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_histogram_has_a_panel_a_group_and_its_cut_off(tests_of: dict[str, pd.DataFrame], lang: str):
    figure = plot_hemoglobin(outcomes.hemoglobin_distribution(tests_of["R02"]), lang=lang)
    assert figure is not None
    labels = [axes.texts[0].get_text() for axes in figure.axes]
    assert ["105" in labels[0], "110" in labels[1]] == [True, True]
    assert "46" in labels[1]


@pytest.fixture(scope="module")
def deaths() -> MortalityRegister:
    births, died = (DATASET.register(name, "R01") for name in ("births", "deaths"))
    return outcomes.mortality_register(births, died, DATASET.read("R01"), held=DATASET.registers())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_rate_by_cohort_waits_for_its_children(deaths: MortalityRegister, lang: str):
    table = reader_table(deaths.definitions, lang)
    last = [row for row in table.rows if row[1] == "2024"][-1]
    assert "\n" in last[2]
    assert "\n" not in last[3]  # counts only
    assert last[4].startswith("随访未满，尚无率" if lang == "zh" else "not followed to the end yet")
    assert "2029" in last[4]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sign_is_a_question_not_an_estimate(deaths: MortalityRegister, lang: str):
    quiet = register_sentences(deaths.beside, deaths.signs, lang=lang)
    assert quiet[-1].startswith("未见漏报迹象" if lang == "zh" else "No sign")
    loud = deaths.signs.assign(signal=["below", *[""] * (len(deaths.signs) - 1)])
    said = register_sentences(deaths.beside, loud, lang=lang)[-1]
    assert ("对登记的疑问" if lang == "zh" else "a question to the register") in said
    findings = mortality_findings(*ANALYSIS, lang=lang, registers=(deaths.beside, loud))
    assert findings[1] == said
    assert mortality_findings(
        *ANALYSIS, lang=lang, registers=(deaths.beside, deaths.signs)
    ) == mortality_findings(*ANALYSIS, lang=lang)


def test_differences_are_named_with_both_counts(deaths: MortalityRegister):
    wrong = deaths.beside.copy()
    wrong.loc[0, ["yearly_count", "difference"]] = [wrong.loc[0, "register_count"] + 2, -2]
    assert reader_table(wrong, "en").rows[0][-1] == "−2"
    assert "live births 2022 (632 against 634)" in register_sentences(wrong, deaths.signs, lang="en")[0]


def test_ages_and_causes_of_24_deaths_have_shares(deaths: MortalityRegister):
    ages, causes = reader_table(deaths.ages, "zh"), reader_table(deaths.causes, "zh")
    assert ages.rows[0] == ("出生当日", "2022–24", "3", "13%（4～31）")
    assert causes.headings[0] == "死因"
    assert ages.notes == ("共24例。", "构成后为Wilson区间。")


def test_days_between_deaths_of_mothers():
    died = pd.DataFrame(
        {
            "district": "a",
            "kind": "maternal",
            "year": [2019, 2021, 2023],
            "month": [3, 5, 1],
            "days_since_previous": [None, 800.0, 610.0],
        }
    )
    table = reader_table(outcomes.days_between_deaths(died, through=2024), "en")
    assert [row[:2] for row in table.rows] == [
        ("after the death before", "800"),
        ("after the death before", "610"),
        ("since the last death", "at least 700"),
    ]


@pytest.fixture(scope="module")
def screens() -> ScreeningRegister:
    return outcomes.screening_register(
        *(DATASET.register(f"{name}_screening", "R02") for name in ("newborn", "cervical")), deadlines()
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_of_screening_registers(screens: ScreeningRegister, lang: str):
    tables = {
        name: reader_table(frame, lang) for name, frame in screens._asdict().items() if name != "curves"
    }
    assert all(table.rows for table in tables.values())
    hearing = next(row for row in tables["timely"].rows if "91" in row[1])
    refused = "拒绝2人\n失访2人" if lang == "zh" else "2 refused\n2 lost sight of"
    assert hearing[2:7] == ("44", "9 / 17", "11", f"10\n{refused}", "4 / 3")
    limits = [row[1] for row in tables["timely"].rows]
    assert [limit.endswith("‡") for limit in limits][:6] == [True, False, False, True, False, False]
    assert any("‡" in note for note in tables["timely"].notes)
    lost = next(row for row in tables["cascades"].rows if "1481" in row[2].replace(",", ""))
    assert [cell.replace(",", "") for cell in lost[2:7]] == ["1481", "1435", "32", "8", "6"]
    said = " ".join(tables["tests"].notes)
    assert ("不是灵敏度" if lang == "zh" else "no sensitivity") in said


def test_criteria_of_elimination_say_what_they_can_tell():
    frame = outcomes.elimination_of_register(DATASET.read("R02"), DATASET.register("emtct", "R02"))
    rows = {row[0]: row for row in reader_table(frame, "en").rows}
    assert rows["Congenital syphilis rate"][2] == "1 / 492"
    assert rows["Congenital syphilis rate"][-2:] == ("missed\nunderlying: cannot tell", "7,378")
    assert rows["HIV mother-to-child transmission rate"][-2] == "nobody to count"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_waiting_is_drawn_with_its_numbers_at_risk(screens: ScreeningRegister, lang: str):
    figure = plot_waiting(screens.curves, screens.timely, lang=lang)
    assert figure is not None
    assert len(figure.axes) == 3
    written = [one.get_text() for one in figure.axes[1].texts]
    assert written[:3] == ["44", "38", "32"]
    single = screens.curves.assign(at_risk=1)
    assert plot_waiting(single, screens.timely, lang=lang) is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_alarm_on_heights_is_a_key_finding(tests_of: dict[str, pd.DataFrame], lang: str):
    levels = pd.DataFrame(
        {
            "district": ["a"],
            "year": [2024],
            "indicator": ["anemia_prevalence_u5"],
            "numerator": [52],
            "denominator": [837],
            "value": [6.2],
            "lower": [4.8],
            "upper": [8.1],
            "per": [100],
            "confidence_level": [0.95],
            "note": [""],
        }
    )
    judged, changes = _HAND.judged.iloc[:0], _HAND.changes.iloc[:0]
    told = (outcomes.anemia_prevalence(tests_of["R01"]), outcomes.hemoglobin_measurement(tests_of["R01"]))
    alike = "请先核查身高是否实测" if lang == "zh" else "whether heights were measured at all"
    for district, alarmed in (("R03", True), ("R01", False)):
        quality = outcomes.growth_quality(outcomes.growth_results(DATASET.register("growth", district)))
        found = anemia_findings(levels, judged, changes, levels, lang=lang, register=(*told, quality))
        assert (alike in "".join(found)) == alarmed
        assert "110 g/L" in found[0], "no declaration, no rule: the catalog's cut-off"
    declared = {"register": (*told, quality), "declaration": DATASET.declaration}
    by_rule = anemia_findings(levels, judged, changes, levels, lang=lang, **declared)[0]
    assert "110 g/L" not in by_rule
    assert ("按WHO 2024界值判定" if lang == "zh" else "by the cut-offs of WHO 2024") in by_rule
