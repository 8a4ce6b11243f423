"""What the pages say, from the notebooks' own cells run in this process, in both languages."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
LANGUAGES = ("zh", "en")


class Run:
    """A notebook run top to bottom: what it showed, printed and wrote."""

    def __init__(
        self, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **parameters: object
    ) -> None:
        self.shown: list[dict[str, str]] = []
        self.folder = folder
        monkeypatch.setattr("IPython.display.display", lambda data, **_: self.shown.append(data))
        monkeypatch.chdir(folder)
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
        space: dict[str, Any] = {}
        for cell in notebook.cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, f"{name}:{cell.id}", "exec"), space)
            if "parameters" in cell.metadata.get("tags", []):
                space.update(parameters)
                space["data"] = str(ROOT / "data" / space["data"])

    @property
    def text(self) -> str:
        html = " ".join(data.get("text/html", "") for data in self.shown)
        return re.sub(
            r"\s+", " ", unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL))
        )

    @property
    def figures(self) -> list[str]:
        return sorted(path.stem for path in (self.folder / "figures").glob("*.png"))

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / "tables" / f"{name}.csv", dtype={"district": str})


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    return lambda name, **parameters: Run(name, tmp_path, monkeypatch, **parameters)


REQUIRED = {
    "zh": [
        "新生儿死亡率2.10‰（3/1430，95%置信区间0.43～6.13，推算）",
        "观察值在目标以内；潜在水平是否达到，尚不能判断。",
        "已在2025年水平以内",
        "22364 约16年",
        "仅凭该地数据无法判断",
        "4（实有3）",
        "该地未公布孕产妇死亡数，本报告不推定为零。",
        "死亡数（3、4、5例）由公布的率和活产数推算，并非公布数。",
        "国家目标，仅供参考，并非本旗县指标。",
        "活产与死亡为全数登记，3/1430是实际结果",
        "仅有一个时期的数据，不能判断升降。",
    ],
    "en": [
        "neonatal mortality rate at 2.10 per 1,000 (3 of 1,430; 95% interval 0.43 to 6.13; deduced)",
        "Observed value within the target; whether the underlying level meets it cannot be told.",
        "within the 2025 level already",
        "22,364 about 16 years",
        "not by this district alone",
        "4 (3 counted)",
        "Not published for this place: maternal deaths; none is assumed.",
        "The deaths (3, 4 and 5) are deduced from the published rates and births, not published.",
        "National target, for reference; not set for this county.",
        "All births are counted: 3 of 1,430 is what happened",
        "One period only: no rise or fall can be stated.",
    ],
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_mortality_of_the_banner(run, capsys: pytest.CaptureFixture[str], lang: str):
    page = run("mortality", lang=lang)
    assert [said for said in REQUIRED[lang] if said not in page.text] == []
    assert page.figures == ["level"]
    assert not re.search("模拟|simulated", page.text, re.IGNORECASE)
    levels = page.table("level").set_index("indicator")
    assert pd.isna(levels.loc["maternal_mortality_ratio", "value"])
    assert "cannot tell | allowance 4 | met at 22364" in capsys.readouterr().out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_mortality_of_a_county_in_north_carolina(run, lang: str):
    page = run("mortality", data="nc_sids", district="37001", lang=lang)
    for said in ("1974–78", "1979–84", "13", "11 / 5767" if lang == "zh" else "11 / 5,767"):
        assert said in page.text
    assert not re.search("国家目标|National target|健康儿童|14.5", page.text)
    assert page.figures == ["by_year", "level"]
    assert page.table("by_year")["year_end"].unique().tolist() == [1978, 1984]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["mortality", "anemia", "screening"])
def test_every_section_of_the_simulated_region(run, name: str, lang: str):
    page = run(name, data="example_region", district="S16", lang=lang)
    assert ("模拟数据" if lang == "zh" else "SIMULATED DATA") in page.text
    assert len(page.figures) >= 2
    absent = "未提供" if lang == "zh" else "are stated in the data"
    assert absent not in page.text
    assert page.table("summary")["simulated"].astype(str).unique().tolist() == ["True"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_slip_in_the_data_is_on_the_page(run, lang: str):
    page = run("mortality", data="example_region", district="S08", lang=lang)
    assert (
        "新生儿死亡数（4）多于婴儿死亡数（3）"
        if lang == "zh"
        else "neonatal deaths (4) exceed infant deaths (3)"
    ) in page.text


def test_ten_times_the_children_tested_is_said_not_believed(run):
    page = run("anemia", data="example_region", district="S18", year_to=2022, lang="zh")
    assert "两数至少有一个有误，患病率不可用" in page.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_new_analyzer_is_a_step_in_words(run, lang: str):
    page = run("anemia", data="example_region", district="S05", lang=lang)
    said = (
        "2021年起的水平约为此前趋势的1.56倍" if lang == "zh" else "from 2021 on the level is about 1.56 times"
    )
    assert said in page.shown[1]["text/html"]
    assert ("原因不明" if lang == "zh" else "Cause not known") in page.text
    assert ("准泊松" if lang == "zh" else "quasi-Poisson") in page.text


SAID_OF_HEMOGLOBIN = {
    "R01": ("抽样调查：患病率按权重计算", "A survey: the prevalence is weighted"),
    "R02": ("2024年起更换了分析仪：前后数值不可比", "From 2024 on another analyzer was used."),
    "R03": ("请先核查身高是否实测", "check whether heights were measured at all"),
    "R04": ("2024年起更换了采血部位", "From 2024 on another specimen was used."),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("district", SAID_OF_HEMOGLOBIN)
def test_anemia_of_a_register_says_what_was_planted(run, district: str, lang: str):
    page = run("anemia", data="example_registers", district=district, lang=lang)
    assert SAID_OF_HEMOGLOBIN[district][LANGUAGES.index(lang)] in page.text
    assert page.figures == ["by_year", "hemoglobin", "level"]
    changes = page.table("change").set_index("indicator")
    broken = district in ("R02", "R04")
    assert pd.isna(changes.loc["anemia_prevalence_u5", "previous_year"]) == broken
    assert page.table("rule_sets")["rule_set"].tolist()[:3] == ["who_2024", "who_2024_equation", "who_2011"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_mortality_of_registers_stands_beside_the_yearly_counts(run, lang: str):
    page = run("mortality", data="example_registers", district="R01", lang=lang)
    assert (page.table("register_counts")["difference"] == 0).all()
    definitions = page.table("definitions").set_index(["indicator", "year"])
    infants = definitions.loc[("infant_mortality_rate", 2022)]
    assert infants[["events_numerator", "cohort_numerator"]].tolist() == [4, 7]
    assert pd.isna(definitions.loc[("infant_mortality_rate", 2024), "cohort_value"])
    assert len(page.table("signs")) == 7
    assert page.table("register_ages")["deaths"].sum() == 24
    assert (
        "漏报情况未作评估" if lang == "zh" else "Completeness of reporting was not assessed"
    ) not in page.text
    agree = "个案登记汇总与年度计数一致" if lang == "zh" else "Registers and yearly counts agree."
    assert agree in page.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_screening_of_registers_counts_the_lost_and_the_overdue(run, lang: str):
    page = run("screening", data="example_registers", district="R02", lang=lang)
    assert {"waiting", "newborn", "cancer", "pace"} <= set(page.figures)
    timely = page.table("register_timeliness").set_index(["program", "due_step"])
    assert timely.loc[("hearing", "diagnosed"), "overdue"] == 11
    findings = page.shown[1]["text/html"]
    assert 3 <= findings.count("<li>") <= 5
    quota, overdue = findings.split("<li>")[1:3]
    assert ("完成任务的机会为2%" if lang == "zh" else "chance to meet the quota is 2%") in quota
    assert ("仍可追踪50人" if lang == "zh" else "50 can be called") in overdue
    local = "名单请用 mchepi worklist 在本地生成" if lang == "zh" else "this page gives numbers only"
    assert local in page.text
    assert page.table("act")["overdue"].tolist()[:3] == [133, 62, 32]
    assert page.table("cycle")["in_register"].tolist() == [500, 955, 1408]
    assert len(page.table("elimination")) == 13


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_quota_one_line_says_so(run, lang: str):
    page = run("screening", data="example_region", district="S01", lang=lang)
    said = "数据集未申报任务数与截止日期" if lang == "zh" else "The dataset declares no quota with a deadline"
    assert said in page.text
    assert "pace" not in page.figures
    assert {"prevention", "cancer"} <= set(page.figures)


@pytest.mark.parametrize("name", ["mortality", "anemia", "screening"])
def test_registers_alone_make_a_page(run, tmp_path: Path, name: str):
    folder = tmp_path / "alone"
    folder.mkdir()
    declared = (ROOT / "data" / "example_registers" / "dataset.yaml").read_text("utf-8")
    alone = declared.replace("  counts: counts.csv\n", "").replace("name: example_registers\n", "")
    (folder / "dataset.yaml").write_text(alone, "utf-8")
    for path in (ROOT / "data" / "example_registers").glob("*.csv"):
        if path.stem not in ("counts", "truth", "faults"):
            (folder / path.name).symlink_to(path)
    page = run(name, data=str(folder), district="R04", lang="zh")
    assert "没有年度计数表" in page.text
    shown = {"mortality": "definitions", "anemia": "prevalence", "screening": "register_timeliness"}
    assert len(page.table(shown[name])) > 3


IDENTIFIER = re.compile(r"\bR0[1-4][A-Z]+\d{4,}\b")
EXACT_DATE = re.compile(r"\b(19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}\b")


@pytest.mark.parametrize("name", ["mortality", "anemia", "screening"])
def test_no_identifier_and_no_exact_date_reaches_a_page(run, name: str):
    raw = (ROOT / "data" / "example_registers" / "newborn_screening.csv").read_text("utf-8-sig")
    assert IDENTIFIER.search(raw)  # the patterns would find them
    assert EXACT_DATE.search(raw)
    page = run(name, data="example_registers", district="R01", lang="en")
    written = [path.read_text("utf-8-sig") for path in page.folder.rglob("*.csv")]
    assert len(written) > 10
    for content in [page.text, *written]:
        assert not IDENTIFIER.search(content)
        assert not EXACT_DATE.search(content)
        assert "record_id" not in content


def test_a_code_for_missing_is_on_the_page(run):
    page = run("anemia", data="example_region", district="S15", lang="en")
    assert "stunted children in 2018 (-1)" in page.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pools_are_judged_and_rules_have_their_chances(run, lang: str):
    page = run("mortality", data="example_region", district="S01", lang=lang)
    pooled = page.table("pooled")
    assert set(pooled["pool_years"]) == {3, 5}
    assert set(pooled["verdict"]) <= {"met", "not met", "cannot tell"}
    assert {"falls", "all fall", "two periods"} <= set(page.table("rules")["rule"])
    assert page.table("between_deaths")["births_at_least"].notna().all()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sources_of_a_page_are_those_of_its_rows(run, lang: str):
    page = run("mortality", lang=lang)
    assert (
        "扎赉特旗卫生健康系统2023年妇联工作回顾" if lang == "zh" else "Jalaid Banner, review of 2023"
    ) in page.text
    assert not re.search("鄂尔多斯|Ordos", page.text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_screening_of_the_banner_does_not_divide_877_by_1422_in_its_findings(run, lang: str):
    page = run("screening", lang=lang)
    findings = page.shown[1]["text/html"]
    assert "61.67" not in findings
    assert "61.67" not in page.text
    assert ("不计算率" if lang == "zh" else "no rate is computed") in page.text
    assert "100.08%" in findings
    assert ("分母有疑问" if lang == "zh" else "denominator in question") in findings


def test_cumulative_coverage_is_not_a_year(run):
    page = run("screening", district="150600", lang="zh")
    assert "2021–24" in page.text
    assert "推算" in page.shown[1]["text/html"]
    assert "缺" not in page.shown[1]["text/html"]  # nobody counted the women who were missed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_national_trend_keeps_its_systems_apart(run, lang: str):
    page = run("national_trend", lang=lang)
    assert page.figures == ["joinpoint", "series"]
    trends = page.table("trends")
    assert trends.loc[trends["source_system"] == "un_igme", "lower"].isna().all()
    assert trends.loc[trends["source_system"] == "surveillance", "lower"].notna().all()
    segments = page.table("joinpoint")
    assert set(segments["source_system"]) == {"surveillance"}  # no joinpoint of what a model smoothed
    assert ("转折点2014年（2011—2015年）" if lang == "zh" else "joinpoints 2014 (2011 to 2015)") in page.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_counties_of_north_carolina_side_by_side(run, capsys: pytest.CaptureFixture[str], lang: str):
    page = run("region", lang=lang)
    assert page.figures == ["funnel", "map", "ranks", "smoothed"]
    for said in ("1979–84", "Mecklenburg", "Clay", "100个地区" if lang == "zh" else "100 districts"):
        assert said in page.text
    assert "Cumberland、" not in page.text  # a hundred names are no title
    assert len(page.table("districts")) == 100
    out = capsys.readouterr().out
    assert "37165 | 1979 | sudden_infant_death_rate | 16/2617 | value 6.1139" in out


def test_the_first_period_is_that_of_the_published_analyses(run):
    page = run("region", year_to=1978, lang="en")
    assert "Anson (15, where 3.2 were expected)" in page.text
    assert "2.02 per 1,000 (667 of 329,962)" in page.text
    assert "There is no earlier period to compare with" in page.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_simulated_banners_side_by_side_say_that_they_are_simulated(run, lang: str):
    page = run("region", data="example_region", lang=lang)
    assert ("模拟数据" if lang == "zh" else "SIMULATED DATA") in page.text
    assert page.figures == ["funnel", "ranks", "smoothed"]
    absent = (
        ("不含地区边界", "未说明哪些地区相邻") if lang == "zh" else ("no outlines", "border on each other")
    )
    assert all(said in page.text for said in absent)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_published_places_are_not_compared(run, lang: str):
    page = run("region", data="published", lang=lang)
    assert page.figures == []
    assert ("不能比较" if lang == "zh" else "nothing can be compared") in page.text
    assert ("鄂尔多斯市" if lang == "zh" else "Ordos City") in page.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_template_runs(run, lang: str):
    assert "2.10" in run("_template", lang=lang).text


def test_another_language_is_refused(run):
    with pytest.raises(ValueError, match="`lang` must be"):
        run("mortality", lang="fr")


def test_years_without_data_are_answered_with_the_remedy(run):
    with pytest.raises(ValueError, match="Set year_from and year_to to 0"):
        run("mortality", year_from=2030)


@pytest.mark.parametrize("level", [0.90, 0.99])
def test_the_level_asked_for_is_the_level_shown(run, level: float):
    page = run("mortality", lang="en", confidence_level=level)
    assert f"{level:.0%} interval" in page.text
    assert "95%" not in page.text
