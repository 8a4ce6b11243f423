"""Screening on the page: quotas with their forecasts, where to act, cycles, key findings at most five."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hand_made import LANGUAGES

from mchepi import indicators, outcomes
from mchepi.intake import deadlines, open_dataset
from mchepi.outcomes.quotas_ahead import QuotaForecasts
from mchepi.presentation import (
    act_sentences,
    each_cascade,
    indicators_of,
    latest,
    plot_quotas,
    quota_sentences,
    reader_table,
    screening_findings,
    where_to_act,
)
from mchepi.presentation.acting import act_finding

DATASET = open_dataset(Path(__file__).parents[2] / "data" / "example_registers")
REGISTERS = ("newborn_screening", "cervical_screening")


@pytest.fixture(scope="module")
def paces() -> dict[str, QuotaForecasts]:
    return {one: outcomes.quota_forecasts(DATASET.courses(one)) for one in DATASET.districts()}


def acts(district: str) -> pd.DataFrame:
    own = outcomes.screening_register(*(DATASET.register(name, district) for name in REGISTERS), deadlines())
    return where_to_act(own.timely, own.cascades, each_cascade(DATASET.read(district), outcomes.cascade))


@pytest.mark.parametrize("district", ["R01", "R03"])
def test_the_finding_on_the_overdue_names_what_the_table_ranks_first(district: str):
    found = acts(district)
    table = reader_table(found, "zh")
    said = act_finding(found, "zh")
    for line in table.rows[:3]:
        assert f"{line[4]}人" in said
    assert ("未设时限" in said) == found["to_follow"].iloc[:3].isna().any()


def test_an_old_year_is_named_beside_a_target_and_small_denominators_are_counted():
    counts = DATASET.read("R01")
    levels = indicators.compute(counts, indicators_of("screening", counts))
    judged = indicators.judge(latest(levels), targets=indicators.targets().query("level == 'nation'"))
    observed = {line[0] for line in reader_table(judged, "zh").rows}
    assert any("艾滋病感染孕产妇抗艾滋病病毒用药率" in one and "2022年" in one for one in observed)
    assert not any("2024年" in one for one in observed)
    nothing = pd.DataFrame({"rule": [], "year": [], "columns": []})
    found = screening_findings(levels, judged, pd.DataFrame({"program": []}), nothing, lang="zh")
    assert any("项的分母不足10，一人之差即可改变结果" in one for one in found)


def row(**changes: object) -> pd.DataFrame:
    usual = {
        "item": "women_screened_cervical", "unit": "persons", "quota": 480, "start_year": 2025,
        "start_month": 1, "start_day": 1, "deadline": 304, "as_of": 241, "done": 204, "forecast": 325.0,
        "lower": 238.0, "upper": 479.0, "chance_met": 0.0246, "still_needed": 276, "needed_a_day": 4.381,
        "usual_a_day": 2.153, "earlier_years": 3, "confidence_level": 0.95,
    }  # fmt: skip
    return pd.DataFrame([usual | changes])


def test_a_forecast_in_words():
    (zh,) = quota_sentences(row(), lang="zh")
    assert zh == (
        "2025年宫颈癌检查人数：截至8月29日完成204人，任务480人。按往年进程，到10月31日约325人"
        "（95%预测区间238～479），完成任务的机会为2%；完成任务需每天4.4人，按常速每天2.2人。"
    )
    (en,) = quota_sentences(row(), lang="en")
    assert "204 of 480 by 29 August" in en
    assert "the chance to meet the quota is 2%" in en


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        ({"done": 500}, "任务480人已完成", "the quota of 480 is met"),
        ({"as_of": 304, "done": 400, "still_needed": 80}, "差80人", "80 short"),
        ({"as_of": 330, "done": 400, "still_needed": 80}, "截止日10月31日", "by the deadline, 31 October"),
        ({"forecast": None, "earlier_years": 0}, "没有往年进程，不作预测", "there is no forecast"),
        ({"as_of": -20, "done": 0}, "登记册尚无该期记录", "the register ends before the period begins"),
        ({"chance_met": 0.003}, "完成任务的机会为不足1%", "is under 1%"),
        ({"upper": float("inf")}, "238～∞", "238 to ∞"),
    ],
)
def test_other_quotas_in_words(changes: dict[str, object], zh: str, en: str):
    assert zh in quota_sentences(row(**changes), lang="zh")[0]
    assert en in quota_sentences(row(**changes), lang="en")[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_quotas_are_laid_out_and_drawn(paces: dict[str, QuotaForecasts], lang: str):
    found = paces["R01"]
    table = reader_table(found.forecasts, lang)
    assert len(table.rows) == 2
    assert [line[2] for line in table.rows] == ["560", "300"]
    figure = plot_quotas(found.path, found.forecasts, lang=lang)
    assert figure is not None
    assert len(figure.axes) == 2
    assert "560" in figure.axes[0].texts[0].get_text()
    nothing = outcomes.quota_forecasts(DATASET.courses("R01").iloc[:0])
    assert plot_quotas(nothing.path, nothing.forecasts, lang=lang) is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_date_of_the_register_is_in_a_table_of_quotas(paces: dict[str, QuotaForecasts], lang: str):
    written = paces["R02"].forecasts.to_csv() + paces["R02"].path.to_csv()
    assert "2025-" not in written


def test_where_to_act_ranks_by_persons():
    found = acts("R02")
    assert found["overdue"].is_monotonic_decreasing
    assert found["act_rank"].tolist() == list(range(1, len(found) + 1))
    hearing = found[(found["program"] == "hearing") & (found["step"] == "diagnosed")].iloc[0]
    assert hearing[["needed", "overdue", "to_follow", "refused", "lost_sight"]].tolist() == [44, 11, 10, 2, 2]
    assert not (found["step"] == "rescreened").any()  # who was not rescreened is overdue for diagnosis
    heart = found[(found["program"] == "heart") & (found["step"] == "screened")].iloc[0]
    assert heart["overdue"] == 133
    assert pd.isna(heart["to_follow"])


def test_yearly_counts_speak_only_for_programs_without_a_register():
    programs = set(acts("R02")["program"])
    assert {"hepatitis_b"} <= programs
    assert "cervical" not in programs
    yearly = each_cascade(DATASET.read("R02"), outcomes.cascade)
    nothing = pd.DataFrame({"program": []})
    alone = where_to_act(nothing, nothing, yearly)
    assert {"cervical", "hearing"} <= set(alone["program"])
    assert alone["to_follow"].isna().all()
    assert "anemia" not in set(alone["program"])
    assert reader_table(alone, "en").headings[-1] == "Of those who needed it"
    assert reader_table(acts("R02"), "en").headings[-1] == "Can be called"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_where_to_act_gives_numbers_and_names_the_local_list(lang: str):
    found = acts("R02")
    table = reader_table(found, lang)
    assert table.rows[0][0] == "1"
    marked = [line[1] for line in table.rows if "年度计数" in line[1] or "yearly counts" in line[1]]
    assert len(marked) == 1  # hepatitis B; every other step is of a register
    limits = {line[2]: line[1] for line in table.rows if "91" in line[2]}
    assert any(step.endswith("‡") for step in limits)
    assert not all(step.endswith("‡") for step in limits)
    assert table.notes[0].startswith("‡")
    said = " ".join(act_sentences(found, lang=lang))
    assert "mchepi worklist" in said
    assert ("不能说明是否在外地做过" if lang == "zh" else "whether it was done elsewhere") in said
    by_years = found[found["program"] == "hepatitis_b"]
    assert "worklist" not in " ".join(act_sentences(by_years, lang=lang))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("district", ["R01", "R02", "R03", "R04"])
def test_five_findings_at_most_the_quota_first(paces: dict[str, QuotaForecasts], district: str, lang: str):
    counts = DATASET.read(district)
    levels = indicators.compute(counts, indicators_of("screening", counts))
    judged = indicators.judge(latest(levels), targets=indicators.targets().query("level == 'nation'"))
    yearly = each_cascade(counts, outcomes.cascade)
    found = screening_findings(
        levels,
        judged.assign(open_year=False),
        yearly,
        indicators.contradictions(counts),
        paces[district].forecasts,
        acts(district),
        lang=lang,
    )
    assert 3 <= len(found) <= 5
    assert "2025" in found[0]
    overdue = found[len(paces[district].forecasts)]
    assert ("登记册" if lang == "zh" else "by the registers") in overdue


@pytest.mark.parametrize("lang", LANGUAGES)
def test_findings_of_registers_alone(paces: dict[str, QuotaForecasts], lang: str):
    counts = DATASET.read("R02")[["district", "name_zh", "name_en", "year"]]
    levels = indicators.compute(counts, indicators_of("screening", counts))
    judged = indicators.judge(latest(levels), targets=indicators.targets().query("level == 'nation'"))
    nothing = pd.DataFrame({"program": []})
    found = screening_findings(
        levels, judged, nothing, indicators.contradictions(counts), paces["R02"].forecasts, acts("R02"),
        lang=lang,
    )  # fmt: skip
    assert len(found) == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_cycle_has_bounds_and_the_register_lies_between(lang: str):
    counts, women = DATASET.read("R01"), DATASET.register("cervical_screening", "R01")
    cycle = outcomes.women_in_cycle(counts, women)
    assert cycle["in_register"].between(cycle["lower"], cycle["upper"]).all()
    table = reader_table(cycle, lang)
    assert table.rows[-1][2].replace(",", "") == "1950"
    assert table.rows[-1][3].replace(",", "").startswith("650")
    without = outcomes.women_in_cycle(counts.drop(columns="women_35_64"))
    assert reader_table(without, lang).rows[-1][-1] == "–"
