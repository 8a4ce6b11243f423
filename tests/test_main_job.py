"""The main job through the real path: params → kernels → pages → site, three districts an analysis."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from mchepi.cli import main
from mchepi.intake import open_dataset

ROOT = Path(__file__).parents[1]
PARAMS = sorted((ROOT / "params").glob("*.yaml"))
CHOSEN = {
    "mortality_nc": ["37001", "37063", "37185"],
    "mortality_example": ["S01", "S09", "S14"],
    "anemia_example": ["S01", "S05", "S14"],
    "screening_example": ["S01", "S16", "S20"],
    "mortality_registers": ["R03"],
    "anemia_registers": ["R02"],
    "screening_registers": ["R01"],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Outputs and site of every params file, for at most three districts each."""
    folder = tmp_path_factory.mktemp("main_job")
    for params in PARAMS:
        only = [word for district in CHOSEN.get(params.stem, []) for word in ("--only", district)]
        assert main(["run", str(params), "--output", str(folder / "outputs"), *only]) == 0, params.stem
    assert main(["report", str(folder / "outputs"), "--site", str(folder / "site")]) == 0
    return folder


def text_of(page: Path) -> str:
    """The words of a page as a reader sees them."""
    body = re.sub(r"<style>.*?</style>", " ", page.read_text("utf-8").partition("<body")[2], flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def test_every_analysis_left_every_page_in_both_languages(built: Path):
    assert len(PARAMS) == 13
    for params in PARAMS:
        for lang in ("zh", "en"):
            base = built / "outputs" / lang / params.stem
            entries = [json.loads(line) for line in (base / "ledger.jsonl").read_text("utf-8").splitlines()]
            assert entries
            assert len(entries) <= 3
            for entry in entries:
                assert entry["status"] == "done"
                assert (base / entry["folder"] / "report.html").is_file()
                assert entry["inputs"]


def test_every_link_of_the_site_leads_to_a_file(built: Path):
    pages = sorted((built / "site").rglob("*.html"))
    assert len(pages) == 3 + 2 * (1 + 2 + 3 + 3 + 3 + 3 + 1 + 3 + 3)
    for page in pages:
        for href in re.findall(r'href="([^"#][^"]*)"', page.read_text("utf-8")):
            assert (page.parent / href).is_file(), f"{page.relative_to(built)}: {href}"


def test_pages_fetch_nothing_and_stay_small(built: Path):
    for page in (built / "outputs").rglob("report.html"):
        text = page.read_text("utf-8")
        assert not re.search(r"<script|<link|@import|\bsrc=\"(?!data:)|https?://(?!doi\.org)", text), page
        assert len(text) < 300_000, page


def test_no_page_has_more_than_five_key_findings(built: Path):
    for page in (built / "outputs").rglob("report.html"):
        for found in re.findall(
            r'<ol class="mchepi-findings">(.*?)</ol>', page.read_text("utf-8"), re.DOTALL
        ):
            assert found.count("<li>") <= 5, page


def test_simulated_pages_say_so_and_real_pages_do_not(built: Path):
    for page in (built / "outputs/en").rglob("report.html"):
        simulated = page.parent.parent.name.endswith(("_example", "_registers"))
        assert ("imulated" in text_of(page)) == simulated, page


def test_the_page_of_jalaid_banner(built: Path):
    english = text_of(built / "site/en/mortality_published/152223/report.html")
    chinese = text_of(built / "site/zh/mortality_published/152223/report.html")
    for page in (english, chinese):
        assert "2.10" in page
        assert re.search(r"0\.43\D+6\.13", page)
        assert re.search(r"22,?364", page)
    assert "cannot be told" in english
    assert "deduced" in english
    assert "none is assumed" in english
    assert "尚不能判断" in chinese
    assert "推算" in chinese
    assert "不推定为零" in chinese


def test_the_numbers_of_jalaid_banner(built: Path):
    targets = pd.read_csv(built / "outputs/en/mortality_published/152223/tables/targets.csv")
    row = targets.set_index("target_id").loc["CN_HCPLAN2025_NMR"]
    assert (row["numerator"], row["denominator"], row["verdict"]) == (3, 1430, "cannot tell")
    assert bool(row["reached"])
    assert not row["due"]
    assert (row["allowance"], row["allowance_left"], row["size_that_would_tell"]) == (4, 1, 22364)
    assert "deduced: neonatal_deaths" in row["note"]
    maternal = targets[targets["indicator"] == "maternal_mortality_ratio"]
    assert maternal["value"].isna().all(), "no maternal deaths are published; none is assumed"


def test_every_county_of_north_carolina_has_a_run():
    assert len(open_dataset("nc_sids").districts()) == 100
    assert main(["run", str(ROOT / "params/mortality_nc.yaml"), "--check"]) == 0
