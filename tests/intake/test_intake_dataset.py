"""Datasets: found by name or path, read a district at a time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mchepi.intake import DataError, Dataset, check, open_dataset

DECLARATION = """\
title_zh: 本地数据
title_en: Local data
source_zh: 年报
source_en: annual report
licence: internal
simulated: false
period: mch_year
population_basis: registered
source_system: annual_report
status: final
tables: {counts: counts.csv}
"""
COUNTS = (
    "district,name_zh,name_en,year,live_births,infant_deaths\n"
    "B,乙旗,Second,2022,200,2\nA,甲旗,First,2022,100,1\nB,乙旗,Second,2021,190,0\nA,甲旗,First,2023,110,0\n"
    "C,丙旗,First,2023,50,0\n"
)


def dataset(folder: Path, counts: str = COUNTS, declaration: str = DECLARATION) -> Dataset:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.yaml").write_text(declaration, "utf-8")
    (folder / "counts.csv").write_text(counts, "utf-8")
    return open_dataset(folder)


def test_a_folder_with_its_declaration(tmp_path):
    opened = dataset(tmp_path / "mine")
    assert opened.declaration.name == "mine"
    assert opened.declaration.period == "mch_year"
    assert opened.districts() == {"B": ("乙旗", "Second"), "A": ("甲旗", "First"), "C": ("丙旗", "First")}
    assert opened.files() == [tmp_path / "mine/dataset.yaml", tmp_path / "mine/counts.csv"]
    assert len(opened.read()) == 5


@pytest.mark.parametrize("district", ["A", "甲旗", " 甲旗", "Ａ"])
def test_a_district_gets_its_own_rows_only(tmp_path, district):
    frame = dataset(tmp_path).read(district)
    assert frame["district"].tolist() == ["A", "A"]
    assert frame["year"].tolist() == [2022, 2023]
    assert list(frame.index) == [0, 1]


def test_every_row_belongs_to_one_district(tmp_path):
    opened = dataset(tmp_path)
    parts = [opened.read(id) for id in opened.districts()]
    assert all(set(part["district"]) == {id} for id, part in zip(opened.districts(), parts, strict=True))
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), opened.read())


def test_what_is_handed_out_is_a_copy(tmp_path):
    opened = dataset(tmp_path)
    before = opened.digest()
    for frame in (opened.read(), opened.read("A")):
        frame["live_births"] = 0
    opened.districts().clear()
    assert opened.digest() == before
    assert opened.read("A").loc[0, "live_births"] == 100


@pytest.mark.parametrize(
    ("district", "message"),
    [
        ("D", "`district` must be a district of the dataset mine; got 'D'. It holds B, A, C."),
        ("甲", "`district` must be a district of the dataset mine; got '甲'. "
               "Did you mean '甲旗'? It holds B, A, C."),
        ("Secnd", "`district` must be a district of the dataset mine; got 'Secnd'. "
                  "Did you mean 'Second'? It holds B, A, C."),
        ("first", "`district` must name one district; 'first' is the name of A, C. Give the id."),
        ("", "`district` must be a district of the dataset mine; got ''. It holds B, A, C."),
    ],
)  # fmt: skip
def test_a_district_that_is_not_one(tmp_path, district, message):
    with pytest.raises(ValueError, match=r"^`district`") as caught:
        dataset(tmp_path / "mine").read(district)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [
        (None, None, [2021, 2022]),
        (0, 0, [2021, 2022]),
        (2022, None, [2022]),
        (None, 2021, [2021]),
        (2021, 2021, [2021]),
        (2030, 0, []),
    ],
)
def test_years(tmp_path, first, last, years):
    assert dataset(tmp_path).read("B", year_from=first, year_to=last)["year"].tolist() == years


def test_a_row_over_several_years_is_given_only_whole(tmp_path):
    counts = "district,year,year_end,live_births\nA,2021,2024,40\nA,2025,,9\n"
    opened = dataset(tmp_path, counts)
    assert opened.read("A", year_to=2023).empty
    assert opened.read("A", year_from=2022)["year"].tolist() == [2025]
    assert opened.read("A", year_from=2021, year_to=2024)["year"].tolist() == [2021]


def test_years_the_wrong_way_round(tmp_path):
    with pytest.raises(
        ValueError, match=r"^`year_from` must be at most `year_to` \(2020\); got 2023\. Exchange"
    ):
        dataset(tmp_path).read("A", year_from=2023, year_to=2020)


def test_the_digest_depends_on_what_is_handed_out_and_on_nothing_else(tmp_path):
    digest = dataset(tmp_path / "mine").digest("A")
    lines = COUNTS.splitlines(keepends=True)
    shuffled = "".join([lines[0], *reversed(lines[1:])])
    assert dataset(tmp_path / "mine", shuffled).digest("A") == digest
    others = COUNTS.replace("200,2", "201,3").replace("C,丙旗", "X,丁旗")
    assert dataset(tmp_path / "mine", others).digest("A") == digest
    assert dataset(tmp_path / "mine", others).digest("B") != dataset(tmp_path / "mine").digest("B")
    assert dataset(tmp_path / "mine", COUNTS.replace("110,0", "110,1")).digest("A") != digest
    chinese = COUNTS.replace("live_births", "活产数").replace("110,0", '"110",0')
    assert dataset(tmp_path / "mine", chinese).digest("A") == digest
    final = DECLARATION.replace("final", "provisional")
    assert dataset(tmp_path / "mine", declaration=final).digest("A") != digest
    assert len(digest) == 64


def test_the_name_of_a_district_is_its_latest(tmp_path):
    counts = "district,name_zh,year,live_births\nA,新名,2023,5\nA,旧名,2020,5\n"
    opened = dataset(tmp_path, counts)
    assert opened.districts() == {"A": ("新名", "新名")}
    assert len(opened.read("新名")) == 2


def project(tmp_path: Path) -> Path:
    (tmp_path / "params").mkdir()
    dataset(tmp_path / "data" / "mine")
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    return tmp_path


def test_a_name_is_found_from_anywhere_below_the_project(tmp_path, monkeypatch):
    root = project(tmp_path)
    assert open_dataset("mine", start=root / "notebooks" / "deep").declaration.name == "mine"
    monkeypatch.chdir(root / "notebooks")
    assert open_dataset("mine").files()[1] == root / "data/mine/counts.csv"


def test_a_path_is_taken_from_the_start(tmp_path, monkeypatch):
    root = project(tmp_path)
    monkeypatch.chdir(root)
    for data in (
        "data/mine",
        Path("data/mine"),
        root / "data/mine",
        "./data/mine",
        str(root / "data" / "mine"),
    ):
        assert len(open_dataset(data).read()) == 5
    assert len(open_dataset("../data/mine", start=root / "notebooks").read()) == 5


def test_a_bare_file_and_a_bare_folder_declare_nothing(tmp_path, monkeypatch):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "births.csv").write_text(COUNTS, "utf-8")
    monkeypatch.chdir(tmp_path / "own")
    for data, name in (("births.csv", "births"), ("../own", "own"), (Path("births.csv"), "births")):
        opened = open_dataset(data)
        assert len(opened.read("B")) == 2
        declared = opened.declaration
        assert (declared.name, declared.title_zh, declared.simulated) == (name, name, False)
        assert {declared.period, declared.population_basis, declared.source_system, declared.status} == {
            "not_stated"
        }
        assert opened.files() == [tmp_path / "own" / "births.csv"]


def test_a_bare_series_is_recognized(table):
    path = table(
        "district,indicator,source_system,year,value,unit\nCHN,infant_mortality_rate,mixed,2023,4.5,per_1000\n"
    )
    opened = open_dataset(path)
    assert list(opened.tables) == ["series"]
    assert opened.read("CHN").loc[0, "value"] == 4.5
    assert opened.districts() == {"CHN": ("CHN", "CHN")}


def test_a_dataset_with_both_tables(tmp_path):
    folder = tmp_path / "both"
    folder.mkdir()
    (folder / "series.csv").write_text(
        "district,indicator,source_system,year,value,unit\n"
        "A,infant_mortality_rate,mixed,2023,4.5,per_1000\nZ,infant_mortality_rate,mixed,2023,5,per_1000\n",
        "utf-8",
    )
    opened = dataset(folder, declaration=DECLARATION.replace("}", ", series: series.csv}"))
    assert "live_births" in opened.read("A")
    assert opened.read("A", table="series")["value"].tolist() == [4.5]
    assert opened.read("Z").empty
    assert list(opened.districts()) == ["B", "A", "C", "Z"]
    with pytest.raises(
        ValueError,
        match=r"^`table` must be a table of the dataset both; got 'x'\. It holds counts, series\.$",
    ):
        opened.read(table="x")


def test_an_unknown_name_is_answered_by_the_nearest(tmp_path):
    root = project(tmp_path)
    with pytest.raises(DataError) as caught:
        open_dataset("mien", start=root)
    assert str(caught.value) == (
        f"Dataset 'mien': must be a folder of {root / 'data'}, or the path of a folder or CSV file; "
        "there is none. Did you mean 'mine'? It holds mine."
    )
    with pytest.raises(DataError, match="no folder above holds params/"):
        open_dataset("mine", start="/")


def test_a_folder_with_several_tables_needs_a_declaration(table):
    for name in ("a.csv", "b.csv"):
        table(COUNTS, name)
    with pytest.raises(DataError) as caught:
        open_dataset(Path())
    assert str(caught.value) == (
        ".: must hold a dataset.yaml or one CSV file; got a.csv, b.csv. "
        "Write a dataset.yaml that names the tables, or give the path of the one file."
    )
    assert [str(found) for found in check(".")] == [str(caught.value)]


def test_faults_of_the_tables_stop_the_opening(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        dataset(Path("mine"), COUNTS.replace("110", "many"))
    assert str(caught.value).startswith("mine/counts.csv row 5, column live_births: must be a whole number")
    assert [str(found) for found in check("mine") if found.severity == "error"] == [str(caught.value)]


def test_codes_and_rows_of_totals_are_handed_on_and_are_part_of_the_digest(tmp_path: Path):
    header = "district,year,live_births,infant_deaths\n"
    told = header + "A,2022,100,-1\nB,2022,200,2\n合计,2022,300,2\n"
    plain = header + "A,2022,100,\nB,2022,200,2\n"
    read = {}
    for name, content in (("told", told), ("plain", plain)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "dataset.yaml").write_text(DECLARATION, "utf-8")
        (folder / "counts.csv").write_text(content, "utf-8")
        read[name] = open_dataset(folder)
    rows = read["told"].remarks("A").values.tolist()
    assert rows[0] == ["missing_code", "A", 2022, "infant_deaths", "-1"]
    assert rows[1][0] == "total_row"
    assert rows[1][4] == "合计"
    assert read["told"].remarks("B")["rule"].tolist() == ["total_row"]
    assert len(read["told"].remarks()) == 2
    assert read["plain"].remarks("A").empty
    assert read["told"].read("A").equals(read["plain"].read("A"))
    assert read["told"].digest("A") != read["plain"].digest("A")
