"""What must hold of joinpoint regression for any series."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.stats.joinpoint_regression import joinpoint

EXAMPLES = settings(max_examples=40)


@st.composite
def series(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Years with gaps and positive values that no two sets of joinpoints fit equally well."""
    observations = draw(st.integers(7, 18))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    year = np.sort(generator.choice(np.arange(1990, 2020), observations, replace=False))
    return year, np.exp(
        generator.normal(size=observations).cumsum() * draw(st.sampled_from([0.01, 0.2, 1.0]))
    )


@given(series(), st.floats(1e-6, 1e6))
@EXAMPLES
def test_the_unit_of_the_values_changes_nothing_but_the_fitted_ones(data, factor):
    year, value = data
    one, other = joinpoint(year, value), joinpoint(year, factor * value)
    assert one.joinpoints == other.joinpoints
    np.testing.assert_allclose(other.sse, one.sse, rtol=1e-6, atol=1e-20)
    np.testing.assert_allclose(other.fitted, factor * one.fitted, rtol=1e-9)
    for column in ("slope", "slope_se", "lower", "upper"):
        np.testing.assert_allclose(other.segments[column], one.segments[column], rtol=1e-6, atol=1e-9)
    assert one.joinpoint_intervals.equals(other.joinpoint_intervals)


@given(series(), st.floats(0.1, 1e3), st.floats(-1e3, 1e3))
@EXAMPLES
def test_the_linear_model_follows_unit_and_origin(data, factor, shift):
    year, value = data
    one = joinpoint(year, value, model="linear", selection=1)
    other = joinpoint(year, factor * value + shift, model="linear", selection=1)
    assert one.joinpoints == other.joinpoints
    scale = factor * one.segments["slope"].abs().max() + abs(shift) * 1e-6
    np.testing.assert_allclose(
        other.segments["slope"], factor * one.segments["slope"], rtol=1e-6, atol=1e-6 * scale
    )
    np.testing.assert_allclose(other.segments["value"], other.segments["slope"], rtol=0)


@given(series())
@EXAMPLES
def test_reversing_time_negates_the_slopes(data):
    year, value = data
    one = joinpoint(year, value, selection="bic")
    back = joinpoint(-year, value, selection="bic")
    assert back.joinpoints == tuple(-tau for tau in one.joinpoints[::-1])
    np.testing.assert_allclose(back.segments["slope"][::-1], -one.segments["slope"], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(back.segments["slope_se"][::-1], one.segments["slope_se"], rtol=1e-6)
    np.testing.assert_allclose(back.fitted, one.fitted, rtol=1e-9)


@given(series(), st.integers(-3000, 3000), st.sampled_from([1, 4, 0.25]))
@EXAMPLES
def test_shifting_and_stretching_time(data, shift, stretch):
    year, value = data
    one, other = joinpoint(year, value), joinpoint(shift + stretch * year, value)
    assert other.joinpoints == tuple(shift + stretch * tau for tau in one.joinpoints)
    np.testing.assert_allclose(stretch * other.segments["slope"], one.segments["slope"], rtol=1e-6, atol=1e-9)


@given(series(), st.randoms(use_true_random=False))
@EXAMPLES
def test_the_order_of_the_years_does_not_matter(data, random):
    year, value = data
    order = list(range(len(year)))
    random.shuffle(order)
    one, other = joinpoint(year, value), joinpoint(year[order], value[order])
    assert one.models.equals(other.models)
    np.testing.assert_array_equal(other.fitted, np.asarray(one.fitted)[order])


@given(series(), st.floats(1e-3, 1e3))
@EXAMPLES
def test_the_size_of_all_standard_errors_together_does_not_matter(data, factor):
    year, value = data
    error = value * (1 + np.arange(len(value)) % 3) / 10
    one, other = (
        joinpoint(year, value, variance="standard_error", standard_error=scale * error)
        for scale in (1, factor)
    )
    assert one.joinpoints == other.joinpoints
    np.testing.assert_allclose(other.sse * factor**2, one.sse, rtol=1e-6)
    np.testing.assert_allclose(
        other.segments["slope_se"], one.segments["slope_se"], rtol=1e-6, equal_nan=True
    )


@given(series())
@EXAMPLES
def test_more_joinpoints_never_fit_worse(data):
    year, value = data
    models = joinpoint(year, value, selection="bic3").models
    assert (np.diff(models["sse"]) <= 1e-9 * models["sse"].iloc[0]).all()
    finite = np.isfinite(models["bic"])
    assert (models["bic"] <= models["wbic"] + 1e-12)[finite].all()
    assert (models["wbic"] <= models["bic3"] + 1e-12)[finite].all()


@given(series(), st.data())
@EXAMPLES
def test_a_missing_year_is_a_year_that_is_not_there(data, draw):
    year, value = data
    kept = np.ones(len(year), dtype=bool)
    kept[draw.draw(st.integers(1, len(year) - 2))] = False
    holed = np.where(kept, value, np.nan)
    one, other = joinpoint(year, holed), joinpoint(year[kept], value[kept])
    assert one.models.equals(other.models)
    assert one.segments.equals(other.segments)
    np.testing.assert_allclose(np.asarray(one.fitted)[kept], other.fitted, rtol=1e-14)
    assert np.isfinite(one.fitted).all()
    assert one.note == f"years left out: {year[~kept][0]}"


@given(st.integers(0, 2**32 - 1), st.sampled_from(["constant", "standard_error"]))
@settings(max_examples=15)
def test_many_series_are_fitted_as_each_alone(seed, variance):
    generator = np.random.default_rng(seed)
    year = np.arange(2008, 2020)
    values = np.exp(generator.normal(size=(5, 12)).cumsum(axis=1) * 0.1)
    values[1, 4] = np.nan
    error = np.abs(generator.normal(size=(5, 12))) + 0.1
    options = [
        {"variance": variance, "standard_error": error[row]} if variance != "constant" else {}
        for row in [slice(None), *range(5)]
    ]
    together = joinpoint(year, values, **options[0])
    for fit, value, option in zip(together, values, options[1:], strict=True):
        alone = joinpoint(year, value, **option)
        assert fit.models.equals(alone.models)
        assert fit.segments.equals(alone.segments)
        assert fit.joinpoint_intervals.equals(alone.joinpoint_intervals)
        assert fit.note == alone.note


@given(st.integers(0, 2**32 - 1), st.integers(0, 3))
@EXAMPLES
def test_series_without_noise_are_recovered(seed, joinpoints):
    generator = np.random.default_rng(seed)
    year = np.arange(2000, 2020)
    room = 16 - 2 * (joinpoints - 1)
    places = np.sort(generator.choice(room, joinpoints, replace=False)) + 2 * np.arange(joinpoints) + 2
    slope = generator.choice([-1, 1], joinpoints + 1) * generator.uniform(0.02, 0.1, joinpoints + 1)
    slope = np.cumsum(np.where(np.arange(joinpoints + 1) % 2, 1, -1) * np.abs(slope))
    steps = slope[np.searchsorted(year[places], year[:-1], side="right")]
    value = 50 * np.exp(np.concatenate([[0], np.cumsum(steps)]))
    for selection in ("wbic", "bic", "bic3", "permutation"):
        fit = joinpoint(year, value, selection=selection, max_joinpoints=3, permutations=999)
        assert fit.joinpoints == tuple(year[places])
        assert fit.sse == 0
        np.testing.assert_allclose(fit.segments["value"], 100 * np.expm1(slope), rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(fit.fitted, value, rtol=1e-10)
        assert (fit.segments["slope_se"] == 0).all()
