"""Lot quality assurance sampling: decision rules and plans."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import lqas_plan, lqas_rules

PUBLISHED = Path(__file__).parents[1] / "published" / "lqas.csv"

# R 4.2.2, options(digits = 16):
# > c(1 - pbinom(6, 19, .2), pbinom(6, 19, .5)); c(1 - pbinom(4, 40, .05), pbinom(4, 40, .2))
# > c(1 - pbinom(2, 8, .2), pbinom(2, 8, .5))
BINOMIAL_IN_R = {
    (8, 2, 0.8, 0.5): (0.2030822400000000, 0.14453125),
    (19, 6, 0.8, 0.5): (0.06760006589711642, 0.08353424072265626),
    (40, 4, 0.95, 0.8): (0.04802826025421536, 0.07591449544989434),
}
# > c(1 - phyper(3, 8, 32, 15), phyper(3, 20, 20, 15)); c(1 - phyper(2, 16, 284, 28), phyper(2, 60, 240, 28))
HYPERGEOMETRIC_IN_R = {
    (15, 3, 0.8, 0.5, 40): (0.336038825202911839, 0.003955846836825685),
    # 94.5 % of 300 is 283.5 persons: 284 are covered.
    (28, 2, 0.945, 0.8, 300): (0.178526835051375454, 0.052732008545809908),
}


def test_the_published_table():
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (len(rows), sum(row["misprint"] != "" for row in rows)) == (30, 3)
    for row in rows:
        rule = lqas_rules(int(row["sample"]), target=0.8, floor=0.5).loc[int(row["allowed"])]
        assert rule["best"] == (row["best"] == "yes")
        printed = float(row["wrongly_failed"]), float(row["wrongly_passed"])
        agrees = (rule["wrongly_failed"], rule["wrongly_passed"]) == pytest.approx(printed, abs=0.0055)
        assert agrees == (row["misprint"] == ""), row


@pytest.mark.parametrize("case", BINOMIAL_IN_R, ids=str)
def test_binomial_risks_agree_with_r(case):
    sample, allowed, target, floor = case
    rule = lqas_rules(sample, target=target, floor=floor).loc[allowed]
    found = rule["wrongly_failed"], rule["wrongly_passed"]
    assert found == pytest.approx(BINOMIAL_IN_R[case], rel=1e-8)
    assert rule["needed"] == sample - allowed


@pytest.mark.parametrize("case", HYPERGEOMETRIC_IN_R, ids=str)
def test_hypergeometric_risks_agree_with_r(case):
    sample, allowed, target, floor, population = case
    rule = lqas_rules(sample, target=target, floor=floor, population=population).loc[allowed]
    found = rule["wrongly_failed"], rule["wrongly_passed"]
    assert found == pytest.approx(HYPERGEOMETRIC_IN_R[case], rel=1e-8)


def test_the_sample_in_common_use_is_the_smallest():
    # > for (n in 1:60) for (d in 0:n) if (1 - pbinom(d, n, .2) <= .1 & pbinom(d, n, .5) <= .1) cat(n, d, ";")
    # 19 6 ;20 6 ;21 7 ; ...
    plan = lqas_plan(target=0.8, floor=0.5).loc[0]
    assert plan[["sample", "allowed", "needed"]].tolist() == [19, 6, 13]
    few = lqas_plan(target=0.8, floor=0.5, population=40).loc[0]
    assert few["sample"] < 19
    strict = lqas_plan(target=0.8, floor=0.5, wrongly_failed=0.01, wrongly_passed=0.02).loc[0]
    assert strict["sample"] > 19
    assert strict["wrongly_failed"] <= 0.01
    assert strict["wrongly_passed"] <= 0.02


def test_everyone_asked_is_never_judged_wrongly():
    rules = lqas_rules(50, target=0.9, floor=0.6, population=50)
    right = rules[(rules["wrongly_failed"] == 0) & (rules["wrongly_passed"] == 0)]
    assert right["allowed"].tolist() == list(range(5, 20))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sample": 0}, "`sample` must be one whole number above 0; got 0"),
        ({"sample": 19.5}, "`sample` must be one whole number above 0; got 19.5"),
        ({"target": 80}, "`target` must be between 0 and 1; got 80. Did you mean 0.8"),
        ({"floor": 0.9}, "`floor` must be below `target`; got 0.9 and 0.8. Swap them"),
        ({"population": 10}, "`sample` must be at most `population`; got 19 of 10"),
        ({"sample": 5, "population": 20, "floor": 0.8 - 1e-12}, "must differ by a person"),
    ],
)
def test_impossible_plans_are_refused(arguments, message):
    usual = {"sample": 19, "target": 0.8, "floor": 0.5}
    with pytest.raises(ValueError, match=message):
        lqas_rules(**(usual | arguments))


def test_what_no_sample_tells_apart_is_refused():
    with pytest.raises(ValueError, match=r"no sample of up to 1,000 tells apart"):
        lqas_plan(target=0.8, floor=0.795)


coverage = st.integers(1, 99)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 60), st.tuples(coverage, coverage).filter(lambda p: p[0] != p[1]), st.booleans())
def test_laws(sample, coverages, small):
    floor, target = sorted(percent / 100 for percent in coverages)
    population = 100 if small else None
    rules = lqas_rules(sample, target=target, floor=floor, population=population)
    # Allowing more fails fewer areas and passes more, good and bad.
    assert (np.diff(rules["wrongly_failed"]) <= 1e-12).all()
    assert (np.diff(rules["wrongly_passed"]) >= -1e-12).all()
    assert rules["best"].sum() == 1
    assert rules[["wrongly_failed", "wrongly_passed"]].stack().between(0, 1).all()
    # The service turned into its lack: passing and failing change places.
    turned = lqas_rules(sample, target=1 - floor, floor=1 - target, population=population)
    expected = turned["wrongly_failed"].to_numpy()[::-1][1:]
    np.testing.assert_allclose(rules["wrongly_passed"][:-1], expected, rtol=1e-8, atol=1e-12)
