"""The page: where its files go, what stands in them, and what it shows where data are absent."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hand_made import Analysis, declaration, rows
from hypothesis import given
from hypothesis import strategies as st

import mchepi
from mchepi.intake import open_dataset
from mchepi.presentation import Page, ages_at_death, latest, level_summary, methods, plot_levels
from mchepi.presentation.page import output_folder
from mchepi.presentation.tidy_csv import ENCODING, cell, write_csv


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What the page shows, in order."""
    found: list[dict[str, str]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: found.append(data))
    return found


def page(analysis: Analysis, folder: Path, monkeypatch: pytest.MonkeyPatch, **changed: Any) -> Page:
    monkeypatch.chdir(folder)
    lang = changed.pop("lang", "zh")
    return Page("mortality", lang=lang, declaration=declaration(**changed), counts=analysis.counts)


def html(shown: list[dict[str, str]]) -> str:
    return "".join(data.get("text/html", "") for data in shown)


def test_files_go_to_the_staging_folder_or_by_hand_to_the_project(tmp_path: Path):
    project, staging = tmp_path / "project", tmp_path / "project" / "outputs" / "zh" / ".152223"
    (project / "params").mkdir(parents=True)
    by_hand = project / "outputs" / "_manual" / "mortality"
    assert output_folder("mortality", project) == by_hand
    assert output_folder("mortality", project / "notebooks") == by_hand
    assert output_folder("mortality", staging) == staging
    assert output_folder("mortality", tmp_path / "notebooks") == tmp_path / "notebooks"


def test_a_page_without_rows_says_what_to_change(one_year: Analysis):
    with pytest.raises(ValueError, match=r"at least one row; .* Set year_from and year_to to 0"):
        Page("mortality", lang="zh", declaration=declaration(), counts=one_year.counts.iloc[:0])


def test_the_header_declares_the_data(one_year, tmp_path, monkeypatch, shown):
    page(one_year, tmp_path, monkeypatch).header()
    said = html(shown)
    for part in (
        "扎赉特旗",
        "2023",
        "手工数据",
        "妇幼卫生年报",
        "户籍人口",
        "最终数",
        "上年10月1日至当年9月30日",
    ):
        assert part in said
    assert "模拟" not in said


@pytest.mark.parametrize(("lang", "mark"), [("zh", "模拟数据"), ("en", "SIMULATED DATA")])
def test_simulated_data_is_called_simulated_at_the_top_and_in_the_figure(
    one_year, tmp_path, monkeypatch, shown, lang: str, mark: str
):
    one = page(one_year, tmp_path, monkeypatch, lang=lang, simulated=True, source_system="simulated")
    one.header()
    assert mark in html(shown)
    figure = plot_levels(latest(one_year.levels), lang=lang)
    one.figure(figure, "level")
    assert mark in [text.get_text() for text in figure.texts]
    one.summary(level_summary(one_year.levels, one_year.judged, lang=lang))
    summary = pd.read_csv(tmp_path / "tables" / "summary.csv")
    assert summary["simulated"].astype(str).unique().tolist() == ["True"]


def test_a_table_is_tidy_in_its_file_and_readable_on_the_page(one_year, tmp_path, monkeypatch, shown):
    page(one_year, tmp_path, monkeypatch).table(latest(one_year.levels), "level")
    written = pd.read_csv(tmp_path / "tables" / "level.csv", encoding=ENCODING)
    assert written.columns.tolist() == one_year.levels.columns.tolist()
    row = written[written["indicator"] == "neonatal_mortality_rate"].iloc[0]
    expected = mchepi.rate(3, 1430, per=1000)
    raw = (tmp_path / "tables" / "level.csv").read_text("utf-8-sig").splitlines()[2].split(",")
    assert [float(raw[written.columns.get_loc(name)]) for name in ("value", "lower", "upper")] == [
        expected.value,
        expected.lower,
        expected.upper,
    ]
    assert row["numerator"] == 3
    assert "2.10‰" in html(shown)


def test_absent_counts_are_named_in_one_line_and_none_is_assumed(one_year, tmp_path, monkeypatch, shown):
    page(one_year, tmp_path, monkeypatch).table(latest(one_year.levels), "level")
    said = html(shown)
    assert "年度计数中未提供早期新生儿死亡数、死胎死产数、孕产妇死亡数，本报告不推定为零。" in said
    assert said.count("本报告不推定为零") == 1


def test_what_is_published_is_told_from_what_is_stated(one_year, tmp_path, monkeypatch, shown):
    one = page(one_year, tmp_path, monkeypatch, lang="en", source_system="published_text")
    one.table(latest(one_year.levels), "level")
    assert (
        "Not published for this place: early neonatal deaths, stillbirths and maternal deaths; none is "
        in html(shown)
    )


def test_a_section_without_data_says_so_in_one_line(one_year, tmp_path, monkeypatch, shown):
    one = page(one_year, tmp_path, monkeypatch)
    one.table(ages_at_death(one_year.counts.drop(columns=["under5_deaths"])), "ages_at_death")
    one.table(pd.DataFrame({"group": []}), "anything")
    one.figure(None, "nothing")
    assert "年度计数未按年龄分列死亡数" in html(shown)
    assert "本节无可显示的数据。" in html(shown)
    assert not (tmp_path / "figures").exists()


def test_no_contradictions_are_reported_as_none(one_year, tmp_path, monkeypatch, shown):
    page(one_year, tmp_path, monkeypatch).table(
        mchepi.indicators.contradictions(one_year.counts), "contradictions"
    )
    assert "未发现矛盾" in html(shown)


def test_a_figure_is_the_file_that_is_shown(one_year, tmp_path, monkeypatch, shown):
    page(one_year, tmp_path, monkeypatch).figure(plot_levels(latest(one_year.levels), lang="zh"), "level")
    assert b64decode(shown[-1]["image/png"]) == (tmp_path / "figures" / "level.png").read_bytes()
    assert shown[-1]["text/plain"].startswith("扎赉特旗 · 2023年")


def test_the_numbers_of_record_are_plain_sorted_rounded(one_year, tmp_path, monkeypatch, capsys):
    page(one_year, tmp_path, monkeypatch).record(one_year.judged)
    lines = capsys.readouterr().out.splitlines()
    assert lines == sorted(lines)
    assert (
        "152223 | 2023 | neonatal_mortality_rate | CN_HCPLAN2025_NMR | 3/1430 | "
        "value 2.0979 | lower 0.4326 | upper 6.1310 | cannot tell | allowance 4 | met at 22364" in lines
    )


def test_methods_name_definitions_limits_targets_and_files(one_year, tmp_path, monkeypatch, shown):
    one = page(one_year, tmp_path, monkeypatch)
    one.table(latest(one_year.levels), "level")
    one.table(one_year.judged, "targets")
    one.methods([Path("/somewhere/data/mine/counts.csv")], "ab12")
    said = html(shown)
    for part in (
        "不满1岁死亡数",
        "已与原文件核对",
        "Garwood 1936",
        "健康儿童行动提升计划",
        "mine/counts.csv",
        "ab12",
        "四舍五入",
    ):
        assert part in said
    assert "/somewhere" not in said
    assert (
        "孕产妇" not in said.partition("置信区间（95%）")[0].partition("定义来源")[2]
    )  # nothing that was not shown


def test_an_unverified_definition_is_flagged_in_the_methods(ten_years, tmp_path, monkeypatch, shown):
    one = page(ten_years, tmp_path, monkeypatch)
    one.table(latest(ten_years.levels), "level")
    one.methods()
    assert "凭记忆录入，未核实" in html(shown)


def test_a_hostile_name_is_inert_on_the_page_and_in_the_files(one_year, tmp_path, monkeypatch, shown):
    name = '=HYPERLINK("http://x")<script>'
    counts = one_year.counts.assign(name_zh=name, note_zh=name)
    monkeypatch.chdir(tmp_path)
    one = Page("mortality", lang="zh", declaration=declaration(), counts=counts)
    one.header()
    one.table(counts.merge(one_year.levels, on=["district", "year"]), "raw")
    assert "<script" not in html(shown)
    assert f"'{name}" in pd.read_csv(tmp_path / "tables" / "raw.csv")["name_zh"].tolist()


def test_a_new_analysis_needs_no_entry_anywhere(one_year, tmp_path, monkeypatch, shown):
    monkeypatch.chdir(tmp_path)
    one = Page("breastfeeding", lang="zh", declaration=declaration(), counts=one_year.counts)
    one.summary(level_summary(one_year.levels, one_year.judged, lang="zh"))
    assert pd.read_csv(tmp_path / "tables" / "summary.csv")["analysis_title"].unique().tolist() == [
        "breastfeeding"
    ]


def test_excel_in_china_reads_the_tables_as_utf_8(tmp_path: Path):
    write_csv(pd.DataFrame({"名": ["扎赉特旗"]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_in_full(value: float):
    assert float(cell(value)) == value


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (-3, "-3"),
        (pd.NA, ""),
        (None, ""),
        (float("nan"), ""),
        (True, "true"),
        ("2023年", "2023年"),
        (float("inf"), "inf"),
    ],
)
def test_other_cells(value: object, written: str):
    assert cell(value) == written


def test_nullable_columns_are_written_whole(tmp_path: Path):
    write_csv(rows(year=[2023, 2024], maternal_deaths=[0, None]), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text("utf-8-sig").splitlines()[1:] == [
        "152223,扎赉特旗,Jalaid Banner,2023,0",
        "152223,扎赉特旗,Jalaid Banner,2024,",
    ]


def test_rows_over_several_years_keep_their_last_year_as_a_key():
    counts = open_dataset("nc_sids").read("37001")
    one = Page("mortality", lang="en", declaration=open_dataset("nc_sids").declaration, counts=counts)
    assert one.by == ["district", "year", "year_end"]
    assert one.place == "Alamance"


def test_methods_of_published_series_claim_no_test_and_no_counts():
    compared = pd.DataFrame({"indicator": ["neonatal_mortality_rate"], "target_id": ["CN_HCPLAN2025_NMR"]})
    said = " ".join(methods.statements([compared], "en"))
    assert "the underlying level is not tested" in said
    assert "exact one-sided" not in said
    assert "quotient of the counts" not in said
