"""Published results, and constructed ones marked so: the tables of tests/published/ named in FILES."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import mchepi
from mchepi.stats import comparisons, intervals, trends

PUBLISHED = Path(__file__).parents[1] / "published"
FILES = ("intervals.csv", "trends.csv", "comparisons.csv", "standardization.csv")


def rows() -> list[dict[str, str]]:
    found = []
    for name in FILES:
        with (PUBLISHED / name).open(encoding="utf-8", newline="") as file:
            found += list(csv.DictReader(file))
    return found


def arguments(row: dict[str, str]) -> dict[str, object]:
    """`events=3; total=20` as numbers; several numbers with blanks between as a list."""
    given: dict[str, object] = {}
    for part in row["inputs"].split("; "):
        name, text = part.split("=")
        if text[0].isalpha():
            given[name] = text
        else:
            numbers = [float(number) for number in text.split()]
            given[name] = numbers if len(numbers) > 1 else numbers[0]
    if row["method"]:
        given["method"] = row["method"]
    if row["level"]:
        given["confidence_level"] = float(row["level"])
    return given


@pytest.mark.parametrize(
    "row", rows(), ids=lambda row: f"{row['function']}-{row['method']}-{row['inputs'][:40]}"
)
def test_agrees_with_the_publication(row: dict[str, str]):
    result = getattr(mchepi, row["function"])(**arguments(row))
    if isinstance(result, tuple):
        got = {"lower": result[0], "upper": result[1]}
    elif isinstance(result, mchepi.TestResult):
        got = {"value": result.statistic}
    else:
        got = {"value": result.value, "lower": result.lower, "upper": result.upper}
    printed = {name: float(row[name]) for name in ("value", "lower", "upper") if row[name]}
    assert printed
    half_a_digit = 0.5 * 10.0 ** -int(row["digits"]) * (1 + 1e-6)
    for name, value in printed.items():
        assert got[name] == pytest.approx(value, rel=0, abs=half_a_digit), name


def test_every_method_has_a_row():
    shown = {(row["function"], row["method"]) for row in rows()}
    methods = {method for function, method in shown if function in ("proportion", "proportion_interval")}
    assert methods == set(intervals.PROPORTION_LIMITS)
    methods = {method for function, method in shown if function in ("rate", "count_interval")}
    assert methods == set(intervals.COUNT_LIMITS)
    assert {method for function, method in shown if function == "rate_ratio"} == set(comparisons.METHODS)
    pairs = {(row["inputs"].split("model=")[1], row["method"]) for row in rows() if "model=" in row["inputs"]}
    assert pairs == {(model, method) for model in trends.MODELS for method in trends.METHODS}


def test_every_row_says_where_it_is_from():
    for row in rows():
        assert row["citation"], row
        assert row["status"] in ("published", "constructed"), row
