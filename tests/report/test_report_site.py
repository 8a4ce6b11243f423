"""The site: every page of every ledger, reachable in both languages, and nothing of others overwritten."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from mchepi.report import SiteError, build_site, site

PAGE = '<html><body><nav id="site"><!-- site navigation --></nav><h1>{}</h1></body></html>'


def leave(
    outputs: Path,
    lang: str,
    analysis: str,
    district: str,
    *,
    names=("青山旗", "Qingshan"),
    error=None,
    summary=(),
) -> None:
    """Leave behind what a run leaves: page, tables, a line in the ledger."""
    base = outputs / lang / analysis
    folder = base / district
    (folder / "tables").mkdir(parents=True)
    (folder / "report.html").write_text(PAGE.format(district), "utf-8")
    files = ["report.html"]
    if summary:
        with (folder / "tables/summary.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(summary[0]))
            writer.writeheader()
            writer.writerows(summary)
        files.append("tables/summary.csv")
    entry = {
        "district": district,
        "names": list(names),
        "folder": district,
        "status": "failed" if error else "done",
        "error": error,
        "outputs": dict.fromkeys(files, "0" * 64),
    }
    with (base / "ledger.jsonl").open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps(entry, ensure_ascii=False) + "\n")


def row(**over: str) -> dict[str, str]:
    return {
        "analysis_title": "Mortality",
        "dataset_title": "Published figures",
        "simulated": "False",
        "label": "Neonatal mortality rate, 2023",
        "text": "2.10 (0.43–6.13)",
        "verdict": "cannot tell",
    } | over


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    folder = tmp_path / "outputs"
    for lang in ("zh", "en"):
        leave(folder, lang, "mortality_published", "152223", summary=[row()])
        leave(folder, lang, "screening_published", "152223", summary=[row(analysis_title="Screening")])
        leave(folder, lang, "mortality_example", "S01", names=("甲旗（模拟）", "A <b> (simulated)"),
              summary=[row(simulated="True")])  # fmt: skip
        leave(folder, lang, "mortality_example", "S02", names=("", ""), error="ValueError: no births")
    return folder


def links(path: Path) -> list[str]:
    return re.findall(r'href="([^"#][^"]*)"', path.read_text("utf-8"))


def test_every_link_of_every_page_leads_to_a_file(outputs: Path, tmp_path: Path):
    build_site(outputs, tmp_path / "site")
    pages = sorted((tmp_path / "site").rglob("*.html"))
    assert len(pages) == 3 + 8
    for page in pages:
        for href in links(page):
            assert (page.parent / href).is_file(), f"{page.name}: {href}"


def test_page_knows_its_index_its_other_language_and_its_sisters(outputs: Path, tmp_path: Path):
    build_site(outputs, tmp_path / "site")
    found = links(tmp_path / "site/en/mortality_published/152223/report.html")
    assert found == [
        "../../index.html",
        "../../../zh/mortality_published/152223/report.html",
        "../../screening_published/152223/report.html",
        "tables/summary.csv",
    ]


def test_index_shows_figures_simulation_and_failures(outputs: Path, tmp_path: Path):
    build_site(outputs, tmp_path / "site")
    text = (tmp_path / "site/en/index.html").read_text("utf-8")
    assert '<html lang="en">' in text
    assert "2.10 (0.43–6.13)" in text
    assert text.count("simulated data") == 2
    assert "could not be completed: ValueError: no births" in text
    assert text.index("screening_published") < text.index("mortality_example"), "real figures come first"
    assert '<html lang="zh-CN">' in (tmp_path / "site/zh/index.html").read_text("utf-8")


def test_names_are_inert(outputs: Path, tmp_path: Path):
    build_site(outputs, tmp_path / "site")
    text = (tmp_path / "site/en/index.html").read_text("utf-8")
    assert "A &lt;b&gt; (simulated)" in text
    assert "A <b>" not in text


def test_a_district_without_a_name_is_shown_by_its_id(outputs: Path, tmp_path: Path):
    build_site(outputs, tmp_path / "site")
    assert ">S02</a>" in (tmp_path / "site/zh/index.html").read_text("utf-8")


def test_building_again_replaces_the_site_whole(outputs: Path, tmp_path: Path):
    index = build_site(outputs, tmp_path / "site")
    before = {path: path.read_bytes() for path in index.parent.rglob("*") if path.is_file()}
    stale = index.parent / "en/stale.html"
    stale.write_text("old", "utf-8")
    build_site(outputs, tmp_path / "site")
    assert {path: path.read_bytes() for path in index.parent.rglob("*") if path.is_file()} == before


def test_a_folder_of_something_else_is_refused(outputs: Path, tmp_path: Path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/thesis.docx").write_bytes(b"mine")
    with pytest.raises(SiteError, match="holds other files"):
        build_site(outputs, tmp_path / "site")
    assert (tmp_path / "site/thesis.docx").read_bytes() == b"mine"


def test_no_ledger_is_answered_by_what_to_run(tmp_path: Path):
    (tmp_path / "outputs").mkdir()
    with pytest.raises(SiteError, match=r"holds no ledger\. Run: mchepi run params"):
        build_site(tmp_path / "outputs", tmp_path / "site")


@pytest.mark.parametrize("line", ["{not json", '{"district": "1"}', "[]"])
def test_a_damaged_ledger_is_named_with_its_line(outputs: Path, tmp_path: Path, line: str):
    ledger = outputs / "en/mortality_example/ledger.jsonl"
    ledger.write_text(ledger.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(SiteError, match=r"ledger\.jsonl, line 3, must be .* it is damaged"):
        build_site(outputs, tmp_path / "site")


def test_a_site_that_is_a_file_is_refused(outputs: Path, tmp_path: Path):
    (tmp_path / "site").write_text("mine", "utf-8")
    with pytest.raises(SiteError, match="or is no folder"):
        build_site(outputs, tmp_path / "site")


def test_folders_that_are_no_language_are_left_alone(outputs: Path, tmp_path: Path):
    leave(outputs, "_manual", "mortality", "1")
    build_site(outputs, tmp_path / "site")
    assert sorted(path.name for path in (tmp_path / "site").iterdir() if path.is_dir()) == ["en", "zh"]


def test_a_ledger_that_a_batch_is_still_writing_is_read_with_its_journal(outputs: Path, tmp_path: Path):
    base = outputs / "en/mortality_published"
    entry = json.loads((base / "ledger.jsonl").read_text("utf-8"))
    leave(outputs, "en", "mortality_published", "150600")
    new = json.loads((base / "ledger.jsonl").read_text("utf-8").splitlines()[1])
    (base / "ledger.jsonl").write_text(json.dumps(entry) + "\n", "utf-8")
    failed = entry | {"status": "failed", "error": "ValueError: no births"}
    lines = [json.dumps(line) for line in (new, failed)]
    (base / "journal.jsonl").write_text("\n".join([*lines, lines[0][:40]]), "utf-8")
    build_site(outputs, tmp_path / "site")
    text = (tmp_path / "site/en/index.html").read_text("utf-8")
    assert "mortality_published/150600/report.html" in text
    assert text.count("ValueError: no births") == 2


def test_a_site_is_built_in_proportion_to_its_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Each page looks at the other pages of its district only."""
    looked = []
    navigation = site._navigation
    monkeypatch.setattr(
        site, "_navigation", lambda page, sisters: looked.append(len(sisters)) or navigation(page, sisters)
    )
    for number in range(50):
        for lang in ("zh", "en"):
            leave(tmp_path / "outputs", lang, "mortality", f"S{number:02}")
    build_site(tmp_path / "outputs", tmp_path / "site")
    assert looked == [2] * 100


def test_a_page_over_all_districts_is_no_district_and_no_other_analysis_of_a_place(tmp_path: Path):
    names = ("全部地区", "all districts")
    for analysis in ("region_one", "region_two"):
        leave(tmp_path / "outputs", "en", analysis, "all", names=names, summary=[row()])
    index = build_site(tmp_path / "outputs", tmp_path / "site").parent / "en/index.html"
    text = index.read_text("utf-8")
    assert "Districts that stand out" in text
    assert "Against the target" not in text
    assert "1 districts" not in text
    page = (tmp_path / "site/en/region_one/all/report.html").read_text("utf-8")
    assert "region_two" not in page
