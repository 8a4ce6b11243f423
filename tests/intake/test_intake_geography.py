"""Neighbors and outlines: read with the dataset, every fault by its whole message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_intake_dataset import COUNTS, DECLARATION

from mchepi.intake import DataError, Dataset, check, open_dataset

PAIRS = "district,neighbor\nA,B\nB,A\n"
SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


def feature(id: object, kind: str = "Polygon", coordinates: Any = None) -> dict[str, Any]:
    return {"id": id, "geometry": {"type": kind, "coordinates": coordinates or [SQUARE]}}


def dataset(neighbors: str | None = None, features: Any = None) -> Dataset:
    """A dataset of the districts A, B and C in the working directory."""
    kinds = ["counts: counts.csv"]
    Path("counts.csv").write_text(COUNTS, "utf-8")
    if neighbors is not None:
        Path("near.csv").write_text(neighbors, "utf-8")
        kinds.append("neighbors: near.csv")
    if features is not None:
        Path("map.json").write_text(json.dumps({"features": features}), "utf-8")
        kinds.append("outlines: map.json")
    tables = f"tables: {{{', '.join(kinds)}}}"
    Path("dataset.yaml").write_text(DECLARATION.replace("tables: {counts: counts.csv}", tables), "utf-8")
    return open_dataset("./")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def faults(**files: Any) -> list[str]:
    with pytest.raises(DataError) as caught:
        dataset(**files)
    assert [str(found) for found in check(".")] == str(caught.value).split("\n")
    return str(caught.value).split("\n")


def test_every_district_has_its_neighbors_an_island_none():
    assert dataset(PAIRS).neighbors == {"A": ("B",), "B": ("A",), "C": ()}


def test_outlines_keep_their_parts_and_holes():
    hole = [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4], [0.2, 0.2]]
    opened = dataset(features=[feature("A"), feature("B", "MultiPolygon", [[SQUARE, hole], [SQUARE]])])
    assert [len(part) for part in opened.outlines["A"]] == [1]
    assert [len(part) for part in opened.outlines["B"]] == [2, 1]
    assert opened.outlines["A"][0][0][1] == (1.0, 0.0)
    assert "C" not in opened.outlines


def test_data_without_them_have_neither():
    opened = dataset()
    assert (opened.neighbors, opened.outlines) == ({}, {})


def test_where_districts_lie_is_part_of_what_all_may_read_and_of_no_district():
    without, with_pairs = dataset(), dataset(PAIRS)
    assert without.digest() != with_pairs.digest()
    assert without.digest("A") == with_pairs.digest("A")
    assert [path.name for path in with_pairs.files()] == ["dataset.yaml", "counts.csv", "near.csv"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "A,D\nD,A",
            "near.csv row 4, column neighbor: must be a district of the dataset; got 'D'. "
            "Correct the id, or take the row out.",
        ),
        ("C,C", "near.csv row 4: must be another district; got 'C' beside itself. Take the row out."),
        (
            "A,C",
            "near.csv row 4: must stand in both directions; C does not name A. Add the row C,A.",
        ),
    ],
)
def test_faults_of_neighbors(row: str, message: str):
    assert faults(neighbors=f"{PAIRS}{row}\n")[0] == message


NO_POLYGONS = (
    "map.json: must be a GeoJSON FeatureCollection of polygons, each feature with an id; it is not. "
    "Export the areas again as GeoJSON (longitude, latitude), with the district's id as its id."
)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (
            [feature("a")],
            "map.json: must hold districts of the dataset only; got a. "
            "Correct the id of the feature, or take it out.",
        ),
        (
            [feature("A"), feature("A")],
            "map.json: must hold a feature a district; 2 features have 1 ids. "
            "Make one MultiPolygon of each district.",
        ),
        ([{"geometry": {"type": "Polygon", "coordinates": [SQUARE]}}], NO_POLYGONS),
        ([feature("A", "Point", [0, 0])], NO_POLYGONS),
        ([feature("A", coordinates=[SQUARE[:3]])], NO_POLYGONS),
        ([feature("A", coordinates=[["x", "y"]])], NO_POLYGONS),
        ({"A": 1}, NO_POLYGONS),
    ],
)
def test_faults_of_outlines(features: Any, message: str):
    assert faults(features=features) == [message]


def test_a_map_that_is_no_json():
    dataset(features=[])
    Path("map.json").write_text("district,neighbor\n", "utf-8")
    with pytest.raises(DataError, match="must be a GeoJSON"):
        open_dataset("./")


def test_geography_alone_is_no_dataset():
    dataset(PAIRS)
    text = Path("dataset.yaml").read_text("utf-8").replace("counts: counts.csv, ", "")
    Path("dataset.yaml").write_text(text, "utf-8")
    with pytest.raises(DataError, match="must name a table of counts or series, or registers; got"):
        open_dataset("./")


def test_the_counties_of_north_carolina():
    opened = open_dataset("nc_sids", start=Path(__file__).parents[2] / "data")
    assert list(opened.neighbors) == list(opened.districts())
    assert sum(map(len, opened.neighbors.values())) == 462
    assert set(opened.outlines) == set(opened.districts())
    assert opened.neighbors["37055"] == ("37053", "37095")  # Dare: Currituck, Hyde
