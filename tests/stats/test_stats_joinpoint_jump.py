"""A jump of the level at a known year: against all sets by plain least squares, and laws.

What NCI's program printed for series with a jump is in test_stats_joinpoint_published.py.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mchepi import joinpoint, joinpoint_comparison

YEARS = np.arange(2000, 2016)


def series(seed: int, jump: float = 0.0, noise: float = 0.05) -> np.ndarray:
    generator = np.random.default_rng(seed)
    bent = 3 - 0.03 * (YEARS - 2000) - 0.08 * np.maximum(YEARS - 2009, 0)
    return np.exp(bent + jump * (YEARS >= 2005) + noise * generator.normal(size=len(YEARS)))


def test_without_noise_everything_is_recovered():
    fit = joinpoint(YEARS, series(0, jump=np.log(0.7), noise=0), jump=2005)
    assert fit.joinpoints == (2009,)
    assert fit.segments["value"].to_numpy() == pytest.approx(100 * np.expm1([-0.03, -0.11]), rel=1e-9)
    assert fit.jump.value == pytest.approx(0.7, rel=1e-10)
    assert (fit.jump.lower, fit.jump.upper) == pytest.approx((0.7, 0.7), rel=1e-10)
    assert fit.fitted == pytest.approx(series(0, jump=np.log(0.7), noise=0), rel=1e-10)


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("model", ["log", "linear"])
def test_the_best_of_all_sets_is_found(number, model):
    value = series(3, jump=0.3, noise=0.1)
    y = np.log(value) if model == "log" else value
    fit = joinpoint(YEARS, value, model=model, selection=number, jump=2005)
    least = {}
    for places in itertools.combinations(range(2, len(YEARS) - 2), number):
        if all(right - left > 2 for left, right in itertools.pairwise(places)):
            hinges = [np.maximum(YEARS - YEARS[place], 0) for place in places]
            design = np.column_stack([np.ones(len(YEARS)), YEARS >= 2005, YEARS - 2000, *hinges])
            found, rest = np.linalg.lstsq(design, y, rcond=None)[:2]
            least[float(rest[0])] = found
    sse = min(least)
    assert fit.sse == pytest.approx(sse, rel=1e-9)
    step = least[sse][1]
    assert fit.jump.value == pytest.approx(np.exp(step) if model == "log" else step, rel=1e-8)
    assert fit.segments["slope"].to_numpy() == pytest.approx(np.cumsum(least[sse][2:]), rel=1e-7)


@settings(max_examples=15)
@given(st.integers(0, 1000), st.floats(0.2, 5))
def test_a_new_way_of_counting_changes_the_jump_and_nothing_else(seed, factor):
    value = series(seed)
    plain = joinpoint(YEARS, value, jump=2005, selection=1)
    scaled = joinpoint(YEARS, np.where(YEARS >= 2005, factor * value, value), jump=2005, selection=1)
    assert scaled.joinpoints == plain.joinpoints
    assert scaled.segments["slope"].to_numpy() == pytest.approx(plain.segments["slope"].to_numpy(), abs=1e-9)
    assert scaled.jump.value == pytest.approx(factor * plain.jump.value, rel=1e-8)
    assert plain.jump.lower <= plain.jump.value <= plain.jump.upper
    wide = joinpoint(YEARS, value, jump=2005, selection=1, confidence_level=0.99).jump
    assert wide.lower < plain.jump.lower
    assert wide.upper > plain.jump.upper


def test_years_between_two_observed_ones_give_the_same_jump():
    value = series(4, jump=0.2)
    found = [joinpoint(YEARS, value, jump=year, selection=1).jump for year in (2005, 2004.5)]
    assert found[0].value == found[1].value
    with_gap = np.where(YEARS == 2005, np.nan, value)
    fit = joinpoint(YEARS, with_gap, jump=2005, selection=0)
    assert fit.jump.value == pytest.approx(
        joinpoint(YEARS[YEARS != 2005], value[YEARS != 2005], jump=2006, selection=0).jump.value
    )
    expected = fit.jump.value * np.exp(fit.segments["slope"].iloc[0])
    assert fit.fitted[5] / fit.fitted[4] == pytest.approx(expected)


def test_many_series_are_what_each_is_alone():
    values = np.stack([series(seed, jump=0.1 * seed) for seed in range(4)])
    options = {"jump": 2005, "selection": "permutation", "permutations": 99}
    for many, value in zip(joinpoint(YEARS, values, **options, workers=2), values, strict=True):
        alone = joinpoint(YEARS, value, **options)
        assert many.joinpoints == alone.joinpoints
        pd.testing.assert_frame_equal(many.permutation_tests, alone.permutation_tests)
        assert many.jump.value == alone.jump.value


def test_a_jump_makes_no_joinpoints_more_often_than_the_level_says():
    generator = np.random.default_rng(5)
    line = 3 - 0.02 * (YEARS - 2000) + 0.5 * (YEARS >= 2005)
    values = np.exp(line + 0.1 * generator.normal(size=(150, len(YEARS))))
    options = {"selection": "permutation", "permutations": 199, "max_joinpoints": 1}
    fits = joinpoint(YEARS, values, **options, jump=2005)
    p_values = [fit.permutation_tests["p_value"].iloc[0] for fit in fits]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    ignored = joinpoint(YEARS, values, **options)
    assert np.mean([fit.n_joinpoints > 0 for fit in ignored]) > 0.5


def test_limits_by_resampling_hold_the_same_change():
    fit = joinpoint(YEARS, series(6, jump=0.4), jump=2005, selection=1)
    table = fit.segment_table(method="empirical_quantile", resamples=200)
    assert (table["lower"] < table["value"]).all()
    assert (table["value"] < table["upper"]).all()


def test_a_series_too_short_has_no_jump():
    fit = joinpoint([2000, 2001, 2002], [3.0, 2.0, 2.5], jump=2001)
    assert fit.note == "fewer than 4 observations"
    assert np.isnan(fit.jump.value)
    assert joinpoint(YEARS, series(1)).jump is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"jump": "ICD-10"}, "`jump` must be a year; got 'ICD-10'"),
        ({"jump": np.inf}, "`jump` must be a year; got inf"),
        (
            {"jump": 2000},
            "`jump` must lie behind the first and not behind the last observed year, 2000 to 2015",
        ),
        ({"jump": 2016}, "got 2016"),
        (
            {"jump": 2005, "min_observations_end": 1},
            "`min_observations_end` 2 or more with `jump`; got 2 and 1",
        ),
        ({"jump": 2005, "min_observations_between": 0}, "got 0 and 2"),
    ],
)
def test_impossible_jumps_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        joinpoint(YEARS, series(1), **options)


def test_too_many_sets_with_a_jump_are_refused():
    year = np.arange(1900, 2020)
    with pytest.raises(
        ValueError, match="`max_joinpoints` must be small enough to try every set with `jump`"
    ):
        joinpoint(year, np.exp(np.sin(year / 9)), jump=1950, max_joinpoints=7)


def test_fits_with_a_jump_are_not_compared():
    fits = [joinpoint(YEARS, series(seed), jump=2005) for seed in (1, 2)]
    with pytest.raises(ValueError, match="must be fitted without `jump`; got 2005"):
        joinpoint_comparison(*fits)
