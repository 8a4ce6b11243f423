"""Power of the comparison of two periods, against R 4.2 (every table summed) and rate_ratio."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mchepi import detectable_ratio, power_two_periods, rate_ratio, years_to_detect

BIRTHS = {"per": 1000}

# > power <- function(m0, m1, s, tail, way, half = 0) {   # s: share of the second period
# +   e <- expand.grid(x = 0:200, y = 0:200); n <- e$x + e$y
# +   q <- if (way == "less") pbinom(e$y, n, s) - half * dbinom(e$y, n, s)
# +        else pbinom(e$y - 1, n, s, lower.tail = FALSE) - half * dbinom(e$y, n, s)
# +   sum((dpois(e$x, m0) * dpois(e$y, m1))[q <= tail * (1 + 1e-12)]) }
# > power(9.009, 9.009 * .5, .5, .025, "less"); power(9.009, 9.009, .5, .025, "less")
# > power(9.009, 9.009 * 2 * 1200/1430, 1200/2630, .025, "greater")
# > power(9.009, 9.009 * .5, .5, .025, "less", .5)
# > power(15.015, 15.015 * 1.8 * 1200/1430, 1200/2630, .05, "greater", .5)
IN_R = [
    (0.5, {"alternative": "less", "years": 3}, 0.15604789192128726),
    (1, {"alternative": "less", "years": 3}, 0.014430850237985137),
    (2, {"alternative": "greater", "years": 3, "size_after": 1200}, 0.32135305419286642),
    (0.5, {"alternative": "less", "years": 3, "method": "midp"}, 0.21508154449093625),
    (
        1.8,
        {
            "alternative": "greater",
            "years": 5,
            "size_after": 1200,
            "method": "midp",
            "confidence_level": 0.9,
        },
        0.55404491204779582,
    ),
]


@pytest.mark.parametrize(("ratio", "options", "power"), IN_R)
def test_power_agrees_with_r(ratio, options, power):
    assert power_two_periods(1430, 2.1, ratio, **options, **BIRTHS) == pytest.approx(power, rel=1e-12)


# > b <- function(f, a, z) { for (i in 1:200) { m <- (a + z)/2; if (f(m) > 0) a <- m else z <- m }; m }
# > b(function(r) power(15.015, 15.015 * r, .5, .025, "less") - .8, 0, 1)         0.19313248309034814
# > b(function(r) .8 - power(15.015, 15.015 * r, .5, .025, "greater"), 1, 8)      2.362251616168261
@pytest.mark.parametrize(
    ("alternative", "ratio"), [("less", 0.19313248309034814), ("greater", 2.362251616168261)]
)
def test_detectable_ratios_agree_with_r(alternative, ratio):
    found = detectable_ratio(1430, 2.1, alternative=alternative, years=5, **BIRTHS)
    assert found == pytest.approx(ratio, rel=1e-12)


@settings(max_examples=20)
@given(
    st.floats(0.3, 25),
    st.floats(0, 4),
    st.floats(0.3, 3),
    st.sampled_from(["less", "greater"]),
    st.sampled_from(["exact", "midp"]),
    st.sampled_from([0.8, 0.95, 0.998]),
)
def test_power_is_how_often_the_limits_exclude_one(expected, ratio, sizes, alternative, method, level):
    after = expected * ratio * sizes
    first, second = np.arange(expected + 10 * expected**0.5 + 30), np.arange(after + 10 * after**0.5 + 30)
    limits = rate_ratio(second, sizes, first[:, np.newaxis], 1, method=method, confidence_level=level)
    told = limits.upper < 1 if alternative == "less" else limits.lower > 1
    chance = stats.poisson.pmf(first, expected) @ told @ stats.poisson.pmf(second, after)
    found = power_two_periods(
        1,
        expected,
        ratio,
        size_after=sizes,
        alternative=alternative,
        method=method,
        confidence_level=level,
    )
    assert found == pytest.approx(chance, abs=1e-10)


@settings(max_examples=30)
@given(st.floats(0.05, 200), st.floats(0.2, 5), st.sampled_from(["less", "greater"]))
def test_without_change_the_exact_limits_keep_their_level(expected, sizes, alternative):
    assert power_two_periods(1, expected, 1, size_after=sizes, alternative=alternative) <= 0.025 + 1e-9


@settings(max_examples=30)
@given(st.floats(0.5, 100), st.floats(0.2, 5), st.sampled_from(["less", "greater"]), st.floats(0.1, 0.95))
def test_the_detectable_ratio_has_the_power_asked_for(expected, sizes, alternative, power):
    options = {"size_after": sizes, "alternative": alternative}
    ratio = detectable_ratio(1, expected, power=power, **options)
    if np.isnan(ratio):
        assert alternative == "less"
        assert power_two_periods(1, expected, 0, **options) < power
    else:
        assert ratio < 1 if alternative == "less" else ratio > 1
        assert power_two_periods(1, expected, ratio, **options) == pytest.approx(power, abs=1e-9)


@settings(max_examples=20)
@given(st.floats(0.5, 60), st.floats(0.05, 0.95))
def test_a_fall_seen_backwards_is_a_rise(expected, ratio):
    fall = power_two_periods(1, expected, ratio, alternative="less", size_after=1.3)
    rise = power_two_periods(1.3, expected * ratio, 1 / ratio, alternative="greater", size_after=1)
    assert fall == pytest.approx(rise, abs=1e-10)


def test_more_years_and_larger_changes_show_more_often():
    falls = power_two_periods(1430, 2.1, [0, 0.2, 0.5, 0.9], alternative="less", years=5, **BIRTHS)
    assert (np.diff(falls) < 0).all()
    ratios = [detectable_ratio(1430, 2.1, alternative="less", years=years, **BIRTHS) for years in (3, 5, 10)]
    assert ratios == sorted(ratios)


@pytest.mark.parametrize(("births", "ratio"), [(1430, 0.5), (14300, 0.5), (14300, 1.5)])
def test_years_are_those_from_which_the_power_stays(births, ratio):
    years = int(years_to_detect(births, 2.1, ratio, **BIRTHS))
    options = {"alternative": "less" if ratio < 1 else "greater", **BIRTHS}
    powers = [power_two_periods(births, 2.1, ratio, years=k, **options) for k in range(1, 51)]
    assert years == max([k for k, power in enumerate(powers, 1) if power < 0.8], default=0) + 1


def test_beyond_most_years_or_without_a_change_no_number_of_years_shows_it():
    assert years_to_detect(1430, 2.1, [1, 0.8, 0.5], most_years=16, **BIRTHS).tolist() == [np.inf] * 3
    assert years_to_detect(1430, 0, 0.5, **BIRTHS) == np.inf
    assert years_to_detect(1e5, 2.1, 0.5, most_years=9, **BIRTHS) == 1


def test_a_small_district_sees_nothing_in_one_year_and_unknown_stays_unknown():
    districts = pd.Index(["152223", "S01", "S02"], name="district")
    births = pd.Series([1430, np.nan, 0], districts)
    found = detectable_ratio(births, 2.1, alternative="less", **BIRTHS)
    assert found.index.equals(districts)
    assert found.isna().all()
    assert power_two_periods(births, 2.1, 0.5, alternative="less", **BIRTHS).isna().tolist() == [
        False,
        True,
        True,
    ]
    assert np.isnan(detectable_ratio(1430, 0, alternative="greater"))


def test_large_counts_agree_with_the_normal_approximation():
    found = power_two_periods(1_000_000, 2, 0.95, alternative="less", per=1000, years=2)
    z = (-np.log(0.95)) / np.sqrt(1 / 4000 + 1 / 3800)
    assert found == pytest.approx(stats.norm.cdf(z - 1.959963984540054), abs=0.01)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alternative": "lower"}, "`alternative` must be one of 'less', 'greater'"),
        ({"alternative": "less", "years": 1.5}, "`years` must be a whole number of years; got 1.5"),
        ({"alternative": "less", "method": "wald"}, "`method` must be one of 'exact', 'midp'"),
        ({"alternative": "less", "size_after": -1}, "`size_after` must be a number, 0 or more"),
        ({"alternative": "less", "size_after": np.inf}, "`size_after` must be a number, 0 or more; got inf"),
        ({"alternative": "less", "years": 10_000_000}, "at most 10,000,000 events a period"),
    ],
)
def test_impossible_comparisons_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        power_two_periods(1430, 2.1, 0.5, **options, **BIRTHS)


def test_a_power_below_the_level_is_refused():
    with pytest.raises(ValueError, match="`power` must be above the level of the one-sided test"):
        detectable_ratio(1430, 2.1, alternative="less", power=0.02, **BIRTHS)
