"""Rules that praise and blame: against R 4.2 (every outcome summed), and laws."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mchepi import (
    chance_all_fall,
    chance_of_fall,
    rule_beyond_target,
    rule_falls_every_year,
    rule_worst_blamed,
)

# > falls <- function(m, n, top = 60) { # m: expected, n: births, each year
# +   f <- dpois(0:top, m[1]); sapply(2:length(m), function(t) { f <<- sapply(0:top, function(x)
# +     dpois(x, m[t]) * sum(f[(0:top) / n[t-1] > x / n[t]])); sum(f) }) }
# > falls(3.003 * c(1, 1, 1, 1), rep(1430, 4)); falls(3.003 * .8^(0:3), rep(1430, 4))
# > n <- c(1430, 1300, 1210, 1100); falls(.0021 * n, n); falls(.0021 * n * .8^(0:3), n)
FALLS_IN_R = [
    (
        1430,
        [0.41671506680081305, 0.093988918105367955, 0.012489572784674493],
        [0.51423440920045627, 0.16758043229733025, 0.035105895192668136],
    ),
    (
        [1430, 1300, 1210, 1100],
        [0.45952941878821246, 0.12056881294011915, 0.020299233399852519],
        [0.55253365218767148, 0.19509994524617041, 0.043902741749183599],
    ),
]


@pytest.mark.parametrize(("births", "by_chance", "found"), FALLS_IN_R)
def test_runs_of_falls_agree_with_r(births, by_chance, found):
    table = rule_falls_every_year(births, 2.1, ratio=0.8, per=1000)
    assert table.index.tolist() == [1, 2, 3]
    assert table["by_chance"].tolist() == pytest.approx(by_chance, rel=1e-12)
    assert table["found"].tolist() == pytest.approx(found, rel=1e-12)


def test_the_small_facts_of_a_district_come_out():
    """3, 4 and 5 deaths among 1,430 births: a fall by chance in 42 %, of all three in 30 %, 41 % if true."""
    one = rule_falls_every_year(1430, 3 / 1.43, ratio=0.8, years=1, per=1000)
    three = rule_falls_every_year(1430, np.array([3, 4, 5]) / 1.43, ratio=0.8, years=1, per=1000)
    maternal = rule_beyond_target(1430, 15.1, 0, ratio=2, per=100_000)
    assert round(100 * one.loc[1, "by_chance"]) == 42
    assert round(100 * three.loc[1, "by_chance"]) == 30
    assert round(100 * three.loc[1, "found"]) == 41
    assert round(100 * maternal.loc[0, "by_chance"]) == 19


@settings(max_examples=30)
@given(st.lists(st.floats(0.05, 8), min_size=1, max_size=3), st.floats(0.3, 2))
def test_one_year_is_the_chance_of_one_fall(parts, ratio):
    found = rule_falls_every_year(1, np.cumsum(parts), ratio=ratio, years=1)
    assert found.loc[1, "by_chance"] == pytest.approx(chance_all_fall(parts), abs=1e-11)
    assert found.loc[1, "found"] == pytest.approx(chance_all_fall(parts, ratio=ratio), abs=1e-11)
    if len(parts) == 1:
        assert found.loc[1, "by_chance"] == pytest.approx(chance_of_fall(parts[0]), abs=1e-11)


@pytest.mark.parametrize("births", [(100, 100, 100), (100, 80, 125)])
def test_nested_runs_of_falls_agree_with_a_sum_over_all_counts(births):
    parts, top, ratio = (0.6, 0.3), 10, 0.8
    counts = np.meshgrid(*[np.arange(top + 1.0)] * 6, indexing="ij", sparse=True)
    chance, rates = np.ones(()), []
    for year, size in enumerate(births):
        first, second = counts[2 * year], counts[2 * year + 1]
        for count, part in ((first, parts[0]), (second, parts[1])):
            chance = chance * stats.poisson.pmf(count, part * ratio**year * size / 100)
        rates.append((first / size, (first + second) / size))
    falls = [
        np.logical_and(*(new < old - 1e-12 for old, new in zip(rates[year], rates[year + 1], strict=True)))
        for year in (0, 1)
    ]
    found = rule_falls_every_year(births, np.cumsum(parts), ratio=ratio, years=2, per=100)["found"]
    assert found[1] == pytest.approx((chance * falls[0]).sum(), rel=1e-8)
    assert found[2] == pytest.approx((chance * (falls[0] & falls[1])).sum(), rel=1e-8)


@settings(max_examples=20)
@given(st.floats(0.1, 30), st.floats(0.5, 1), st.integers(1, 6))
def test_a_longer_run_of_falls_is_rarer(expected, ratio, years):
    found = rule_falls_every_year(1, expected, ratio=ratio, years=years)
    assert (np.diff(found, axis=0) <= 0).all()


@given(st.floats(20, 200), st.floats(0.7, 0.99))
def test_with_events_enough_a_true_fall_makes_it_likelier(expected, ratio):
    found = rule_falls_every_year(1, expected, ratio=ratio)
    assert (found["found"] > found["by_chance"]).all()


def test_with_one_event_a_true_halving_makes_three_falls_rarer_since_zero_falls_no_further():
    found = rule_falls_every_year(1, 1, ratio=0.5).loc[3]
    assert found["found"] < found["by_chance"] / 2


def test_many_deaths_fall_without_ties_one_year_in_two_and_three_in_a_row_once_in_24():
    found = rule_falls_every_year(1e6, 100, ratio=0.99, per=1000)
    assert found["by_chance"].tolist() == pytest.approx([1 / 2, 1 / 6, 1 / 24], rel=0.01)


# > p <- ppois(4, c(3.003, 6.006), lower.tail = FALSE)
# > pbinom(ceiling(148 * .95) - 1, 148, c(.95, .855)); pbinom(10, 148, c(.06, .12), lower.tail = FALSE)
@pytest.mark.parametrize(
    ("given_", "options", "chances"),
    [
        ((1430, 2.1, 3.1), {"ratio": 2, "per": 1000}, [0.18524110133837637, 0.71574581227370571]),
        (
            (148, 95, 95),
            {"ratio": 0.9, "per": 100, "kind": "proportion", "worse": "low"},
            [0.46216730417936008, 0.99987307679488913],
        ),
        (
            (148, 6, 7),
            {"ratio": 2, "per": 100, "kind": "proportion"},
            [0.27573107134731561, 0.97343033084211639],
        ),
    ],
)
def test_blame_against_a_target_agrees_with_r(given_, options, chances):
    found = rule_beyond_target(*given_, **options)
    assert found.loc[0, ["by_chance", "found"]].tolist() == pytest.approx(chances, rel=1e-11)


@given(st.integers(1, 100_000), st.integers(0, 40), st.sampled_from(["high", "low"]))
def test_to_be_at_the_target_is_to_have_reached_it(births, events, worse):
    # the target is the rate of exactly so many events
    found = rule_beyond_target(births, 2, events / births * 1000, ratio=1, worse=worse, per=1000)
    expected = births * 2 / 1000
    beyond = (
        stats.poisson.sf(events, expected) if worse == "high" else stats.poisson.cdf(events - 1, expected)
    )
    assert found.loc[0, "by_chance"] == pytest.approx(beyond, rel=1e-9, abs=1e-300)
    assert found.loc[0, "found"] == found.loc[0, "by_chance"]


# > worst <- function(m, n, k, top) { e <- as.matrix(expand.grid(lapply(m, function(x) 0:top)))
# +   pr <- apply(sapply(seq_along(m), function(j) dpois(e[, j], m[j])), 1, prod); r <- sweep(e, 2, n, "/")
# +   sapply(seq_along(m), function(i) { w <- rowSums(r > r[, i] + 1e-12)
# +     t <- rowSums(abs(r - r[, i]) <= 1e-12); sum(pr * pmin(1, pmax(0, (k - w) / t))) }) }
# > m <- c(.6, .8, 1.2, 1.6); n <- c(300, 400, 600, 800)
# > worst(m, n, 2, 17); worst(m * c(2, 1, 1, 1), n, 2, 20)[1]
def test_the_worst_few_agree_with_r():
    found = rule_worst_blamed([300, 400, 600, 800], 2, ratio=2, blamed=2, per=1000)
    by_chance = [0.45789019639661371, 0.47599552317712068, 0.52825994550780864, 0.53785433491812973]
    assert found["by_chance"].tolist() == pytest.approx(by_chance, rel=1e-9)  # R's outcomes end at 17
    assert found.loc[0, "found"] == pytest.approx(0.68132570517771884, rel=1e-9)


# > worst with dbinom and 0:n[j] for each, w <- rowSums(r < r[, i] - 1e-12)
# > worst(rep(.9, 4), c(10, 15, 20, 12), 1); worst(c(.9, .9, .45, .9), c(10, 15, 20, 12), 1)[3]
def test_the_lowest_coverage_agrees_with_r():
    found = rule_worst_blamed(
        [10, 15, 20, 12], 90, ratio=0.5, blamed=1, kind="proportion", worse="low", per=100
    )
    by_chance = [0.28149740429875159, 0.23920602923713336, 0.2326381331993172, 0.24665843326479794]
    assert found["by_chance"].tolist() == pytest.approx(by_chance, rel=1e-11)
    assert found.loc[2, "found"] == pytest.approx(0.99515674710036373, rel=1e-11)


@settings(max_examples=20)
@given(
    st.lists(st.integers(50, 3000), min_size=4, max_size=9),
    st.floats(0.0005, 0.01),
    st.integers(1, 3),
    st.sampled_from(["rate", "proportion"]),
    st.sampled_from(["high", "low"]),
)
def test_somebody_is_always_blamed_and_more_often_if_worse(sizes, rate, blamed, kind, worse):
    ratio = 2 if worse == "high" else 0.5
    found = rule_worst_blamed(sizes, rate, ratio=ratio, blamed=blamed, kind=kind, worse=worse)
    assert found["by_chance"].sum() == pytest.approx(blamed, rel=1e-9)
    assert (found["found"] > found["by_chance"]).all()


def test_equal_districts_are_blamed_equally_and_order_does_not_matter():
    assert rule_worst_blamed([1430] * 12, 3, ratio=2, per=1000)["by_chance"].to_numpy() == pytest.approx(0.25)
    sizes = pd.Series([600, 1430, 900, 3000, 5000], list("abcde"), name="births")
    straight = rule_worst_blamed(sizes, 3, ratio=2, per=1000)
    turned = rule_worst_blamed(sizes[::-1], 3, ratio=2, per=1000)
    pd.testing.assert_frame_equal(straight, turned.loc[straight.index])


def test_a_hundred_districts_take_seconds():
    sizes = np.random.default_rng(1).integers(200, 8000, 100)
    start = time.perf_counter()
    found = rule_worst_blamed(sizes, 3.1, ratio=2, per=1000)
    assert time.perf_counter() - start < 10
    assert found["by_chance"].sum() == pytest.approx(3, rel=1e-9)


def test_unknown_stays_unknown_and_labels_are_kept():
    districts = pd.Index(["152223", "S01", "S02"], name="district")
    found = rule_beyond_target(pd.Series([1430, np.nan, 0], districts), 2.1, 3.1, ratio=2, per=1000)
    assert found.index.equals(districts)
    assert found["by_chance"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("function", "given_", "options", "message"),
    [
        (
            rule_falls_every_year,
            ([1430, 1300], 2.1),
            {"ratio": 0.8},
            r"one number or 4 \(`years` \+ 1\); got 2",
        ),
        (rule_falls_every_year, (1430, [3, 2]), {"ratio": 0.8}, "`rate` must rise from each nested rate"),
        (rule_falls_every_year, (0, 2.1), {"ratio": 0.8}, "`size` must be above 0"),
        (
            rule_falls_every_year,
            (1430, np.nan),
            {"ratio": 0.8},
            "`rate` must be one number or a list of known",
        ),
        (rule_falls_every_year, (1430, 2.1), {"ratio": 0.8, "years": 0.5}, "`years` must be a whole number"),
        (rule_falls_every_year, (1e6, [1, 2, 3]), {"ratio": 0.8}, "possible counts a year"),
        (rule_beyond_target, (1430, 95, 95), {"ratio": 1, "kind": "proportion"}, "at most 1; got 95"),
        (
            rule_beyond_target,
            (1430, 95, 95),
            {"ratio": 2, "kind": "proportion", "per": 100},
            "`rate times ratio` must be a proportion, at most 100; got 190",
        ),
        (
            rule_beyond_target,
            (1430, 2, 3),
            {"ratio": 1, "worse": "up"},
            "`worse` must be one of 'high', 'low'",
        ),
        (rule_beyond_target, ([[1430, 2]], 2, 3), {"ratio": 1}, "one number a district; got shape"),
        (rule_worst_blamed, ([100, 200], 1), {"ratio": 2}, "of 4 to 300 districts; got shape"),
        (rule_worst_blamed, ([100, 200, 0, 4], 1), {"ratio": 2}, "`size` must be known and above 0"),
        (rule_worst_blamed, ([100] * 5, 0.1), {"ratio": 2, "blamed": 1.5}, "`blamed` must be a whole number"),
    ],
)
def test_impossible_rules_are_refused(function, given_, options, message):
    with pytest.raises(ValueError, match=message):
        function(*given_, **options)
