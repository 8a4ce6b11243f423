"""The datasets of data/: what their READMEs promise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from mchepi.indicators import contradictions, indicator, indicators, possible_counts
from mchepi.intake import check, open_dataset

DATA = Path(__file__).parents[2] / "data"
DATASETS = sorted(folder.name for folder in DATA.iterdir() if (folder / "dataset.yaml").is_file())
PER = {"percent": 100, "per_1000": 1000}


def test_the_datasets_of_the_project_are_there():
    assert {"published", "nc_sids", "national"} <= set(DATASETS)


@pytest.mark.parametrize("name", DATASETS)
def test_every_dataset_opens_and_has_its_readme(name):
    opened = open_dataset(name, start=DATA)
    assert opened.declaration.name == name
    assert len(opened.read()) > 0
    readme = (DATA / name / "README.md").read_text("utf-8")
    assert all(word in readme for word in ("Source", "Licence", "imulated"))
    for file in (DATA / name).iterdir():
        assert file.name == "README.md" or f"`{file.name}`" in readme or f"## {file.name}" in readme
    assert not [found for found in check(DATA / name) if found.severity == "error"]


# published


def figures() -> pd.DataFrame:
    return pd.read_csv(DATA / "published/figures.csv", dtype=str, keep_default_na=False)


def counts_of_figures(figure: pd.Series) -> Iterator[tuple[str, str, bool]]:
    """The counts that a figure holds: column, value, whether it is deduced."""
    if figure["used_as"] == "count":
        yield figure["indicator"], figure["numerator"], False
    if figure["used_as"] == "rate":
        one = indicator(figure["indicator"])
        for columns, side in ((one.numerator_columns, "numerator"), (one.denominator_columns, "denominator")):
            if len(columns) == 1:
                yield columns[0], figure[side], False
                yield columns[0], figure[f"deduced_{side}"], True


def test_all_82_figures_with_their_quotes():
    table = figures()
    assert table["figure"].tolist() == [str(number) for number in range(1, 83)]
    assert (table["quote_zh"] != "").all()
    assert set(table["source"]) == {
        "jalaid_2023_review",
        "ordos_2024_feature",
        "ordos_2024_10_news",
        "hebi_2022_feature",
        "naiman_2025_tasks",
    }
    assert set(table.loc[table["used_as"] == "rate", "indicator"]) <= set(indicators()["id"])
    assert table["used_as"].value_counts().to_dict() == {
        "count": 42,
        "rate": 13,
        "budget": 10,
        "other": 10,
        "task": 7,
    }


def test_deduced_numerators_are_the_only_ones_that_round_to_the_published_rate():
    table = figures()
    deduced = table[table["deduced_numerator"] != ""]
    assert len(deduced) == 5
    for figure in deduced.itertuples():
        decimals = len(figure.value.partition(".")[2])
        total = int(figure.denominator)
        found = possible_counts(float(figure.value), total, decimals=decimals, per=PER[figure.unit])
        assert found == [int(figure.deduced_numerator)]
        assert figure.deduced_low == figure.deduced_high == figure.deduced_numerator


# What a numerator that is itself rounded may stand for.
ROUNDED = {"two_cancer_screening_coverage": (176_500, 177_499), "hpv_vaccination_coverage": (63_000, 63_999)}


def test_deduced_denominators_lie_between_the_smallest_and_largest_possible():
    table = figures()
    deduced = table[table["deduced_denominator"] != ""]
    assert len(deduced) == 5
    for figure in deduced.itertuples():
        half = Fraction(1, 2 * 10 ** len(figure.value.partition(".")[2]))
        published, per = Fraction(figure.value), PER[figure.unit]
        few, many = ROUNDED.get(figure.indicator, (int(figure.numerator), int(figure.numerator)))
        low, high = int(figure.deduced_low), int(figure.deduced_high)

        def rounds(events: int, total: int, published=published, half=half, per=per) -> bool:
            return published - half <= Fraction(events * per, total) < published + half

        assert rounds(few, low)
        assert rounds(many, high)
        assert not rounds(many, high + 1)
        # All tested of those to be tested: no fewer than 877 can be 100 percent of persons.
        assert not rounds(few, low - 1) or (figure.indicator, low) == ("emtct_testing_rate", 877)
        assert low <= int(figure.deduced_denominator) <= high


def test_every_count_is_a_figure_and_says_whether_it_is_deduced():
    table, counts = figures(), open_dataset("published", start=DATA).read()
    keys = [
        "district",
        "name_zh",
        "name_en",
        "year",
        "year_end",
        "deduced",
        "note_zh",
        "note_en",
        "source_zh",
        "source_en",
    ]
    seen = 0
    for row in counts.to_dict("records"):
        of_place = table[table["district"] == row["district"]]
        held = {found for _, figure in of_place.iterrows() for found in counts_of_figures(figure)}
        # 342 and 1,326 and the like stand under the names of their figures.
        for column in counts.columns.difference(keys):
            if pd.isna(row[column]):
                assert column not in row["deduced"].split(";")
                continue
            value = str(row[column])
            published = (column, value, False) in held
            assert published or (column, value, True) in held, (column, value)
            assert (column in row["deduced"].split(";")) is not published
            seen += 1
    assert seen == 20 + 4 + 3


def test_no_count_of_the_two_places_is_left_out_but_for_a_reason():
    counts = open_dataset("published", start=DATA).read()
    known = {name for id in indicators()["id"] for name in indicator(id).numerator_columns}
    known |= {name for id in indicators()["id"] for name in indicator(id).denominator_columns}
    for district, rows in counts.groupby("district"):
        table = figures()[lambda frame, district=district: frame["district"] == district]
        held = {
            (column, value)
            for _, one in table.iterrows()
            for column, value, _ in counts_of_figures(one)
            if value
        }
        stated = {
            (column, str(value))
            for column in rows
            for value in rows[column]
            if column in known and pd.notna(value)
        }
        left_out = {one for one in held - stated if one[0] in known}
        # 877 as the implied denominator of a testing rate: 1,422 women delivered.
        assert left_out == ({("women_delivered", "877")} if district == "152223" else set())


def test_places_without_counts_that_belong_together_are_in_the_figures_only():
    assert list(open_dataset("published", start=DATA).districts()) == ["152223", "150600"]
    assert set(figures()["district"]) == {
        "152223",
        "150600",
        "150602",
        "150603",
        "410611",
        "410600",
        "150525",
    }


def test_jalaid_banner():
    banner = open_dataset("published", start=DATA).read("扎赉特旗")
    assert banner["year"].tolist() == [2023]
    assert banner.loc[0, ["live_births", "neonatal_deaths", "infant_deaths", "under5_deaths"]].tolist() == [
        1430,
        3,
        4,
        5,
    ]
    assert {"neonatal_deaths", "infant_deaths", "under5_deaths"} <= set(banner.loc[0, "deduced"].split(";"))
    assert "maternal_deaths" not in banner


def test_the_trap_of_877_of_1422_is_asked_about():
    found = contradictions(open_dataset("published", start=DATA).read("152223"))
    assert found[["year", "columns", "values", "severity"]].to_numpy().tolist() == [
        [2023, "emtct_tested_in_pregnancy;women_delivered", "877;1422", "warning"]
    ]


def test_what_is_cumulative_says_so():
    city = open_dataset("published", start=DATA).read("150600")
    assert city[["year", "year_end"]].to_numpy().tolist() == [[2021, 2024], [2024, 2024]]
    assert city["women_35_64_screened_two_cancers"].notna().tolist() == [True, False]
    assert "累计" in city.loc[0, "note_zh"]
    assert "Cumulative" in city.loc[0, "note_en"]


# nc_sids


def test_totals_of_north_carolina():
    counts = open_dataset("nc_sids", start=DATA).read()
    sums = counts.groupby(["year", "year_end"])[["live_births", "sudden_infant_deaths"]].sum()
    assert sums.index.tolist() == [(1974, 1978), (1979, 1984)]
    assert sums.to_numpy().tolist() == [[329_962, 667], [422_392, 836]]
    assert counts["district"].nunique() == 100
    assert (counts["nonwhite_live_births"] <= counts["live_births"]).all()


def test_outlines_and_neighbors_belong_to_the_counties():
    districts = set(open_dataset("nc_sids", start=DATA).districts())
    shapes = json.loads((DATA / "nc_sids/counties.geojson").read_text("utf-8"))["features"]
    assert {shape["properties"]["fips"] for shape in shapes} == districts
    assert len(shapes) == 100
    neighbors = pd.read_csv(DATA / "nc_sids/neighbors.csv", dtype=str)
    pairs = set(neighbors.itertuples(index=False, name=None))
    assert len(pairs) == len(neighbors) == 462
    assert {one for pair in pairs for one in pair} <= districts
    assert pairs == {(second, first) for first, second in pairs}
    assert not any(first == second for first, second in pairs)


# national


def test_the_national_series():
    opened = open_dataset("national", start=DATA)
    series = opened.read("CHN")
    assert opened.districts() == {"CHN": ("中国", "China")}
    assert len(series) == 173
    assert check(DATA / "national") == []
    assert series.groupby("source_system").size().to_dict() == {
        "published_text": 26,
        "surveillance": 63,
        "un_igme": 81,
        "un_mmeig": 3,
    }
    assert (series["verified"] == "derived").sum() == 14
    assert set(series["verified"]) == {"yes", "derived"}
    assert (series[["source", "evidence"]] != "").all(axis=None)


def test_systems_of_the_same_year_stay_apart():
    series = open_dataset("national", start=DATA).read()
    year = series[(series["indicator"] == "under5_mortality_rate") & (series["year"] == 2000)]
    assert dict(zip(year["source_system"], year["value"], strict=True)) == {
        "surveillance": 39.7,
        "un_igme": 36.9,
    }
    line = series[
        (series["indicator"] == "neonatal_mortality_rate") & (series["source_system"] == "surveillance")
    ]
    assert line["year"].is_monotonic_increasing
    assert line["year"].is_unique
    assert series.loc[series["source_system"] == "un_igme", ["lower", "upper"]].notna().all(axis=None)
