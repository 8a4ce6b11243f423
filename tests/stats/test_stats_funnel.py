"""Limits of a funnel: R's answers, agreement with the exact intervals, and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi import count_interval, proportion_interval
from mchepi.stats.funnel import funnel_limits

# R 4.2.2; every root is solved to machine precision:
#
# root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-20, maxiter = 10000)$root
# poisson_limits <- function(e, t) c(
#   if (exp(-e) >= t) 0 else root(function(o) pgamma(e, o + 1, lower.tail = FALSE) - t, 0, e),
#   root(function(o) pgamma(e, o) - t, e, 2 * e + 50))
# binomial_limits <- function(n, p, t) c(
#   if ((1 - p)^n >= t) 0 else root(function(o) pbeta(p, o + 1, n - o, lower.tail = FALSE) - t, 0, n * p),
#   if (p^n >= t) n else root(function(o) pbeta(p, o, n - o + 1) - t, n * p, n))
# poisson_limits(size * reference, (1 - level) / 2) / size; binomial_limits(size, ...) / size
IN_R = [
    ("rate", 500, 0.0031, 0.95, 0, 0.00973530742717518),
    ("rate", 1430, 0.0031, 0.95, 0.000260324770434418, 0.0066225195584365),
    ("rate", 1430, 0.0031, 0.998, 0, 0.00887409741054528),
    ("rate", 64000, 0.0031, 0.998, 0.00243492152210949, 0.00380967080930736),
    ("rate", 20.5, 0.05, 0.9, 0, 0.165491633022346),
    ("ratio", 3, 1, 0.95, 0, 2.43142933046021),
    ("ratio", 250.25, 1, 0.998, 0.808482269049794, 1.20291858137804),
    ("proportion", 20, 0.02, 0.95, 0, 0.12150072858599),
    ("proportion", 148, 0.1, 0.95, 0.0511466139028834, 0.154030920937542),
    ("proportion", 148, 0.1, 0.998, 0.0293094008973349, 0.186465644333847),
    ("proportion", 1, 0.02, 0.95, 0, 0.95399288871485),
    ("proportion", 30.5, 0.97, 0.998, 0.824670393156109, 1),
    ("proportion", 2000, 0.97, 0.95, 0.96206080868008, 0.977492912172309),
    ("proportion", 100000, 0.5, 0.9, 0.497394261757011, 0.502605738242989),
]


@pytest.mark.parametrize(("kind", "size", "reference", "level", "lower", "upper"), IN_R)
def test_limits_as_in_r(kind, size, reference, level, lower, upper):
    row = funnel_limits(size, reference, kind=kind, levels=level).iloc[0]
    assert (row["lower"], row["upper"]) == pytest.approx((lower, upper), rel=1e-8, abs=0)


# R 4.2.2, with the functions above:
#
# n <- c(20, 148, 2000); pmax(0, .1 - qnorm(.975) * sqrt(.09 / n)); .1 + qnorm(.975) * sqrt(.09 / n)
# e <- 1430 * .0031 / 2.5; poisson_limits(e, .025) / e * .0031
# v <- 1 + .0012^2 / (.0031 / 1430); e <- 1430 * .0031 / v; poisson_limits(e, .001) / e * .0031
# n <- 148 / (1 + .02^2 / (.09 / 148)); binomial_limits(n, .1, .025) / n
def test_normal_form_as_in_r():
    found = funnel_limits([20, 148, 2000], 0.1, kind="proportion", method="phe", levels=0.95)
    lower = [0, 0.0516675858679963, 0.0868521618913513]
    upper = [0.231478381086487, 0.148332414132004, 0.113147838108649]
    assert found["lower"].to_numpy() == pytest.approx(lower, rel=1e-8, abs=1e-15)
    assert found["upper"].to_numpy() == pytest.approx(upper, rel=1e-8)


COUNTY = {"size": 1430, "reference": 3.1, "kind": "rate", "per": 1000}
SCHOOL = {"size": 148, "reference": 10, "kind": "proportion", "per": 100}


@pytest.mark.parametrize(
    ("arguments", "lower", "upper"),
    [
        (COUNTY | {"levels": 0.95, "dispersion": 2.5}, 0, 9.20537203940943),
        (COUNTY | {"levels": 0.998, "between_variance": 1.44}, 0, 10.9650448037853),
        (SCHOOL | {"levels": 0.95, "between_variance": 4}, 3.70686984211495, 17.1576759595161),
    ],
)
def test_overdispersed_limits_as_in_r(arguments, lower, upper):
    row = funnel_limits(**arguments).iloc[0]
    assert (row["lower"], row["upper"]) == pytest.approx((lower, upper), rel=1e-8, abs=0)


def test_normal_form_with_overdispersion_is_spiegelhalters():
    wide = funnel_limits(400, 0.2, kind="proportion", method="phe", levels=0.95, dispersion=1.7)
    reach = 1.959963984540054 * np.sqrt(1.7 * 0.16 / 400)
    assert wide["upper"][0] == pytest.approx(0.2 + reach, rel=1e-12)
    added = funnel_limits(400, 0.2, kind="proportion", method="phe", levels=0.95, between_variance=0.03**2)
    reach = 1.959963984540054 * np.sqrt(0.16 / 400 + 0.03**2)
    assert added["lower"][0] == pytest.approx(0.2 - reach, rel=1e-12)


levels = st.sampled_from([0.8, 0.95, 0.998])


@given(st.integers(0, 300), st.floats(0.01, 200), levels)
def test_outside_exactly_if_the_exact_rate_excludes_the_reference(events, expected, level):
    row = funnel_limits(expected, 1, kind="ratio", levels=level).iloc[0]
    lower, upper = count_interval(events, confidence_level=level)
    ratio = events / expected
    assert (ratio > row["upper"]) == (lower > expected)
    assert (ratio < row["lower"]) == (upper < expected)


@given(st.integers(1, 400), st.data(), st.floats(0.005, 0.995), levels, st.sampled_from(["exact", "phe"]))
def test_outside_exactly_if_the_interval_excludes_the_reference(total, data, reference, level, method):
    events = data.draw(st.integers(0, total))
    row = funnel_limits(total, reference, kind="proportion", method=method, levels=level).iloc[0]
    interval = {"exact": "exact", "phe": "wilson"}[method]
    lower, upper = proportion_interval(events, total, method=interval, confidence_level=level)
    assert (events / total > row["upper"]) == (lower > reference)
    assert (events / total < row["lower"]) == (upper < reference)


@given(st.floats(0.5, 1e6), st.floats(1.0, 20.0), st.sampled_from(["rate", "proportion"]))
def test_dispersion_acts_like_a_smaller_size(size, dispersion, kind):
    wide = funnel_limits(size, 0.03, kind=kind, dispersion=dispersion)
    small = funnel_limits(size / dispersion, 0.03, kind=kind)
    assert wide[["lower", "upper"]].to_numpy() == pytest.approx(
        small[["lower", "upper"]].to_numpy(), rel=1e-12
    )


@given(st.floats(0.5, 1e5), st.floats(1.01, 5.0), st.sampled_from(["ratio", "proportion"]))
def test_larger_areas_have_narrower_limits(size, factor, kind):
    found = funnel_limits([size, size * factor], 0.2, kind=kind, levels=0.95)
    assert found["upper"][1] <= found["upper"][0]
    assert found["lower"][1] >= found["lower"][0]
    assert (found["lower"] < 0.2).all()
    assert (found["upper"] > 0.2).all()


@given(st.floats(1, 1e5), st.sampled_from([100, 1000, 100_000]))
def test_unit_is_that_of_the_reference(size, per):
    plain = funnel_limits(size, 0.004, kind="rate")[["lower", "upper"]].to_numpy()
    scaled = funnel_limits(size, 0.004 * per, kind="rate", per=per)[["lower", "upper"]].to_numpy()
    assert scaled == pytest.approx(plain * per, rel=1e-9)


def test_frame_is_long_and_keeps_labels():
    size = pd.Series([200, 0, 300.5], index=pd.Index(["A", "B", "C"], name="district"))
    found = funnel_limits(size, 0.01, kind="rate", levels=[0.95, 0.998])
    assert list(found.columns) == ["size", "level", "lower", "upper"]
    assert list(found.index) == ["A", "A", "B", "B", "C", "C"]
    assert found.index.name == "district"
    assert list(found["level"]) == [0.95, 0.998] * 3
    assert found.loc["B", ["lower", "upper"]].isna().all(axis=None)
    assert found.loc["A"].reset_index(drop=True).equals(funnel_limits(200, 0.01, kind="rate"))


def test_a_very_large_size_closes_the_funnel_only_to_the_spread_between_areas():
    closed = funnel_limits(1e12, 1, kind="ratio", levels=0.95)
    assert closed["upper"][0] - closed["lower"][0] < 1e-5
    open_ = funnel_limits([1e9, 1e12], 1, kind="ratio", levels=0.95, between_variance=0.04)
    assert open_["upper"].to_numpy() == pytest.approx(open_["upper"][0], rel=1e-6)
    assert 1.35 < open_["upper"][0] < 1.45


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"size": [10, -1], "reference": 1, "kind": "ratio"},
            "`size` must be a number, 0 or more; got -1 at",
        ),
        ({"size": 10, "reference": 2, "kind": "proportion"}, "`reference` must be below `per` \\(1\\)"),
        ({"size": 10, "reference": 0, "kind": "rate"}, "`reference` must be one number above 0; got 0"),
        ({"size": 10, "reference": 1, "kind": "rates"}, "Did you mean 'rate'?"),
        ({"size": 10, "reference": 1, "kind": "rate", "method": "phe"}, "`method` must be one of 'exact'"),
        (
            {"size": 10, "reference": 1, "kind": "rate", "levels": (0.95, 99.8)},
            "`levels` .* Did you mean 0.998?",
        ),
        ({"size": 10, "reference": 1, "kind": "rate", "dispersion": 0.8}, "`dispersion` must be 1 or more"),
        (
            {"size": 10, "reference": 1, "kind": "rate", "between_variance": -1},
            "`between_variance` must be one",
        ),
        ({"size": 10, "reference": 1, "kind": "rate", "dispersion": 2, "between_variance": 1}, "not both"),
    ],
)
def test_faults_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        funnel_limits(**arguments)
