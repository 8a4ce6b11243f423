"""Where districts lie: which of them share a border, and their outlines for a map."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from mchepi.intake.encoding import read_text
from mchepi.intake.findings import DataError, Finding, did_you_mean, file_error, listed, shown_path
from mchepi.intake.headers import header_key
from mchepi.intake.table import Table, read_sheet, to_table

Neighbors: TypeAlias = dict[str, tuple[str, ...]]
Ring: TypeAlias = tuple[tuple[float, float], ...]
Outline: TypeAlias = tuple[tuple[Ring, ...], ...]
"""The parts of a district; of each its outer ring, then its holes, as longitude and latitude."""

KINDS = ("neighbors", "outlines")

_WORDS = {
    header_key(header): column
    for column, headers in {
        "district": ("district", "区划代码", "地区"),
        "neighbor": ("neighbor", "相邻区划代码", "相邻地区"),
    }.items()
    for header in headers
}
_SHORTEST_RING = 4  # a triangle, closed


def read_geography(
    files: Mapping[str, Path], districts: Collection[str]
) -> tuple[Neighbors, dict[str, Outline], list[Finding]]:
    """Read the neighbors and the outlines of a dataset, each where there is a file of it.

    Parameters
    ----------
    files : mapping
        "neighbors" → a CSV file with the columns district and neighbor, a row a pair and direction;
        "outlines" → a GeoJSON file, a feature a district with its id and a Polygon or MultiPolygon.
    districts : collection of str
        The ids of the dataset's tables.

    Returns
    -------
    neighbors : dict
        Every district → those that it borders on, none for an island; empty without a file.
    outlines : dict
        District → outline; empty without a file.
    findings : list of Finding
        All that is wrong in the files.
    """
    neighbors: Neighbors = {}
    outlines: dict[str, Outline] = {}
    findings: list[Finding] = []
    try:
        if "neighbors" in files:
            neighbors, faults = _neighbors(files["neighbors"], districts)
            findings += faults
    except DataError as error:
        findings += error.findings
    try:
        if "outlines" in files:
            outlines, faults = _outlines(files["outlines"], districts)
            findings += faults
    except DataError as error:
        findings += error.findings
    return neighbors, outlines, findings


def _neighbors(path: Path, districts: Collection[str]) -> tuple[Neighbors, list[Finding]]:
    table, findings = to_table(read_sheet(path), _WORDS, [("district",), ("neighbor",)])
    if any(found.severity == "error" for found in findings):
        return {}, findings
    pairs = list(zip(table.cells["district"], table.cells["neighbor"], strict=True))
    findings += _faults_of_pairs(pairs, table, districts)
    neighbors: dict[str, list[str]] = {district: [] for district in districts}
    for district, neighbor in dict.fromkeys(pairs):
        neighbors.setdefault(district, []).append(neighbor)
    return {district: tuple(own) for district, own in neighbors.items()}, findings


def _faults_of_pairs(
    pairs: list[tuple[str, str]], table: Table, districts: Collection[str]
) -> Iterator[Finding]:
    stated = set(pairs)
    for row, pair in zip(table.row_numbers, pairs, strict=True):
        for column, id in zip(("district", "neighbor"), pair, strict=True):
            if id not in districts:
                fix = did_you_mean(id, districts) + "Correct the id, or take the row out."
                message = f"must be a district of the dataset; got {id!r}"
                yield table.found("error", "neighbor", message, fix, row=row, columns=[column], value=id)
        if pair[0] == pair[1]:
            message = f"must be another district; got {pair[0]!r} beside itself"
            yield table.found("error", "neighbor", message, "Take the row out.", row=row, value=pair[0])
        elif pair[::-1] not in stated:
            message = f"must stand in both directions; {pair[1]} does not name {pair[0]}"
            fix = f"Add the row {pair[1]},{pair[0]}."
            yield table.found("error", "neighbor", message, fix, row=row, value=pair[1])


def _outlines(path: Path, districts: Collection[str]) -> tuple[dict[str, Outline], list[Finding]]:
    file = shown_path(path)
    try:
        content = json.loads(read_text(path)[0])
        features = content["features"]
        found = {str(feature["id"]): _outline(feature["geometry"]) for feature in features}
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, DataError):
            raise
        message = "must be a GeoJSON FeatureCollection of polygons, each feature with an id; it is not"
        fix = "Export the areas again as GeoJSON (longitude, latitude), with the district's id as its id."
        raise DataError([file_error(file, "outlines", message, fix)]) from None
    unknown = [id for id in found if id not in districts]
    findings = []
    if unknown:
        message = f"must hold districts of the dataset only; got {listed(unknown)}"
        fix = did_you_mean(unknown[0], districts) + "Correct the id of the feature, or take it out."
        findings.append(file_error(file, "outlines", message, fix))
    if len(found) < len(features):
        message = f"must hold a feature a district; {len(features)} features have {len(found)} ids"
        findings.append(file_error(file, "outlines", message, "Make one MultiPolygon of each district."))
    return found, findings


def _outline(geometry: Mapping[str, Any]) -> Outline:
    parts = {"Polygon": lambda one: [one], "MultiPolygon": list}[geometry["type"]](geometry["coordinates"])
    return tuple(tuple(_ring(ring) for ring in part) for part in parts)


def _ring(points: list[list[float]]) -> Ring:
    ring = tuple((float(point[0]), float(point[1])) for point in points)
    if len(ring) < _SHORTEST_RING or ring[0] != ring[-1]:
        raise ValueError("a ring is closed and has an area")
    return ring
