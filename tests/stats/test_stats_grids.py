"""Random tables against R 4.2.2: tests/published/grids_in_r.R makes tests/published/grids_in_r.csv."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

import mchepi
from mchepi.stats import (
    _funnel,
    comparisons,
    indirect_standardization,
    intervals,
    rate_differences,
    standardization,
    stratified,
    two_proportions,
)

PUBLISHED = Path(__file__).parents[1] / "published"
RING = [[(place - 1) % 12, (place + 1) % 12] for place in range(12)]  # the neighbors of twelve areas

with (PUBLISHED / "grids_in_r.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
SHOWN = sorted({(row["function"], row["method"]) for row in ROWS})


def arguments(row: dict[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for part in row["inputs"].split("; "):
        name, text = part.split("=")
        numbers = [] if text[0].isalpha() else [float(number) for number in text.split()]
        given[name] = text if not numbers else numbers if len(numbers) > 1 else numbers[0]
    if row["method"]:
        given["method"] = row["method"]
    if row["function"] == "local_empirical_bayes":
        given["neighbors"] = RING
    given["levels" if row["function"] == "funnel_limits" else "confidence_level"] = float(row["level"])
    return given


def found(row: dict[str, str]) -> dict[str, Any]:
    given = arguments(row)
    area = given.pop("at", None)
    result = getattr(mchepi, row["function"])(**given)
    if isinstance(result, tuple):
        return {"lower": result[0], "upper": result[1]}
    if row["function"] == "funnel_limits":
        return dict(result.iloc[0][["lower", "upper"]])
    limits = {name: getattr(result, name) for name in ("value", "lower", "upper", "p_value")}
    if area is not None:
        limits = {name: None if each is None else each[int(area)] for name, each in limits.items()}
    return limits


@pytest.mark.parametrize(("function", "method"), SHOWN)
def test_random_tables_agree_with_r(function, method):
    for row in ROWS:
        if (row["function"], row["method"]) == (function, method):
            got = found(row)
            told = {name: float(row[name]) for name in got if row[name] != "NA"}
            assert len(told) >= 2
            for name, value in told.items():
                assert got[name] == pytest.approx(value, rel=1e-8, abs=1e-300), (name, row)


def test_every_method_has_random_tables():
    methods: dict[str, set[str]] = {}
    for function, method in SHOWN:
        methods.setdefault(function, set()).add(method)
    assert methods["proportion_interval"] == methods["proportion"] == set(intervals.PROPORTION_LIMITS)
    assert methods["count_interval"] == methods["rate"] == set(intervals.COUNT_LIMITS)
    assert methods["standardized_ratio"] == set(indirect_standardization.RATIO_METHODS)
    assert methods["indirect_standardized_rate"] == set(indirect_standardization.RATE_METHODS)
    assert methods["risk_difference"] == set(two_proportions.DIFFERENCE_METHODS)
    assert methods["risk_ratio"] == set(two_proportions.RATIO_METHODS)
    assert methods["odds_ratio"] == set(two_proportions.ODDS_METHODS)
    assert methods["rate_ratio"] == set(comparisons.METHODS)
    assert methods["rate_difference"] == set(rate_differences.METHODS)
    assert methods["direct_standardized_rate"] == set(standardization.RATE_METHODS)
    assert methods["direct_standardized_proportion"] == set(standardization.PROPORTION_METHODS)
    assert methods["funnel_limits"] == {method for own in _funnel.METHODS.values() for method in own}
    measures = {row["inputs"].split("measure=")[1] for row in ROWS if row["function"] == "mantel_haenszel"}
    assert measures == set(stratified.VARIANCES)
    assert {"empirical_bayes", "local_empirical_bayes"} <= set(methods)
