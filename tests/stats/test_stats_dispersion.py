"""Overdispersion: Spiegelhalter's factor and variance as in R, and what chance alone gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi.stats.dispersion import overdispersion

NC_SIDS = Path(__file__).parents[2] / "data" / "nc_sids" / "counts.csv"
EVENTS, TOTAL = [1, 4, 9, 30, 22, 7, 15, 2], [20, 55, 148, 400, 180, 60, 90, 50]

# R 4.2.2:
#
# phi <- function(o, e, v, s2, q) { z <- (o - e) / sqrt(v)
#   zw <- pmin(pmax(z, quantile(z, q)), quantile(z, 1 - q)); I <- length(z); w <- 1 / s2; phi <- mean(zw^2)
#   c(phi, max(0, (I * phi - (I - 1)) / (sum(w) - sum(w^2) / sum(w)))) }
# nc <- subset(read.csv("data/nc_sids/counts.csv"), year == 1974)
# e <- nc$live_births * 2.02 / 1000; o <- nc$sudden_infant_deaths
# for (q in c(.1, 0, .2)) phi(o, e, e, 2.02 / 1000 / nc$live_births * 1e6, q)
# c0 <- mean(2 + 1 / e) / 2; pchisq(sum((o - e)^2 / e) / c0, length(e) / c0, lower.tail = FALSE)
# x <- c(1, 4, 9, 30, 22, 7, 15, 2); n <- c(20, 55, 148, 400, 180, 60, 90, 50); v <- n * .09
# phi(x, n * .1, v, .09 / n * 1e4, .1)
# c0 <- mean(2 + (1 - .54) / v) / 2; pchisq(sum((x - n * .1)^2 / v) / c0, length(n) / c0, lower.tail = FALSE)
COUNTIES_IN_R = [
    (0.1, 1.27535734769695, 0.178891128588969),
    (0, 2.25733988340577, 0.794498070149735),
    (0.2, 0.691815542681054, 0),
]


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    counts = pd.read_csv(NC_SIDS)
    return counts[counts["year"] == 1974]


@pytest.mark.parametrize(("winsorized", "mean_square", "variance"), COUNTIES_IN_R)
def test_counties_as_in_r(counties, winsorized, mean_square, variance):
    found = overdispersion(
        counties["sudden_infant_deaths"],
        counties["live_births"],
        2.02,
        kind="rate",
        per=1000,
        winsorized=winsorized,
    )
    assert found.mean_square == pytest.approx(mean_square, rel=1e-8)
    assert found.dispersion == pytest.approx(max(1, mean_square), rel=1e-8)
    assert found.between_variance == pytest.approx(variance, rel=1e-8)
    assert found.p_value == pytest.approx(3.87673665441733e-10, rel=1e-8)
    assert found.areas == 100
    assert found.note == ("no more variation than chance" if winsorized == 0.2 else None)


def test_proportions_as_in_r():
    found = overdispersion(EVENTS, TOTAL, 10, kind="proportion", per=100)
    assert found.mean_square == pytest.approx(1.38403905243754, rel=1e-8)
    assert found.between_variance == pytest.approx(4.74896189164293, rel=1e-8)
    assert found.p_value == pytest.approx(0.0869303567078608, rel=1e-8)
    assert found.note == "fewer than ten areas"


def test_p_value_keeps_its_level_with_few_expected_events():
    generator = np.random.default_rng(7)
    for expected in (0.5, 2.0, 10.0):
        p_values = [
            overdispersion(generator.poisson(expected, 60), np.full(60, expected), 1, kind="ratio").p_value
            for _ in range(600)
        ]
        assert 0.025 < np.mean(np.array(p_values) < 0.05) < 0.08


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0.5, 40)), min_size=1, max_size=30))
def test_winsorizing_never_adds_and_nothing_is_ever_below_none(areas):
    events, expected = map(np.array, zip(*areas, strict=True))
    drawn_in = overdispersion(events, expected, 1, kind="ratio", winsorized=0.2)
    plain = overdispersion(events, expected, 1, kind="ratio", winsorized=0)
    assert plain.mean_square == pytest.approx(np.mean((events - expected) ** 2 / expected))
    assert drawn_in.dispersion >= 1
    assert drawn_in.between_variance >= 0
    # Drawing in moves scores towards the middle ones, which lie on both sides of 0 or are the smaller ones.
    z = (events - expected) / np.sqrt(expected)
    if np.quantile(z, 0.2) <= 0 <= np.quantile(z, 0.8):
        assert drawn_in.mean_square <= plain.mean_square * (1 + 1e-12)
    assert 0 <= plain.p_value <= 1


def test_areas_at_the_reference_show_none():
    found = overdispersion([5, 10, 20], [5, 10, 20], 1, kind="ratio")
    assert (found.dispersion, found.between_variance, found.mean_square) == (1, 0, 0)
    assert found.p_value == pytest.approx(1)


def test_areas_without_information_are_passed_over():
    found = overdispersion([3, 5, None, 0], [4, 4, 9, 0], 1, kind="ratio")
    assert found == overdispersion([3, 5], [4, 4], 1, kind="ratio")
    assert found.areas == 2
    nobody = overdispersion([None], [4], 1, kind="ratio")
    assert (nobody.dispersion, nobody.between_variance, nobody.note) == (1, 0, "no areas")


def test_winsorizing_is_a_share():
    with pytest.raises(ValueError, match=r"`winsorized` must be .* below 0\.5; got 10\. Write 10 % as 0\.1"):
        overdispersion([3, 5], [4, 4], 1, kind="ratio", winsorized=10)
