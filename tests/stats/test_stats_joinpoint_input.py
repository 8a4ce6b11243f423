"""What joinpoint regression takes, what it answers to what it cannot take, and the edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mchepi.stats.joinpoint_regression import joinpoint, joinpoint_comparison

YEAR = list(range(2010, 2020))
RATE = [8.1, 7.9, 7.2, 7.0, 6.3, 6.4, 5.6, 5.5, 5.6, 5.9]
EVENTS = [3, 0, 2, 5, 1, 0, 2, 1, 3, 2]
PERSON = [1000, 1100, 1200, 1000, 900, 950, 1000, 1000, 1050, 1000]
FEW = "only 19 events in all: the 0.5 for zeros makes the trend, use annual_percent_change or pool"


def test_zero_counts_are_half_an_event_in_weight_and_value():
    half = [count or 0.5 for count in EVENTS]
    fit = joinpoint(YEAR, events=EVENTS, person_time=PERSON, variance="poisson", selection=1)
    np.testing.assert_array_equal(fit.analysis.weight, half)
    np.testing.assert_allclose(np.exp(fit.analysis.y), np.divide(half, PERSON))
    assert fit.note == f"zero counts taken as 0.5: 2011, 2015; {FEW}"
    # Rates per 1,000 in place of the counts' own scale: the same but for the scale.
    rate = 1000 * np.divide(EVENTS, PERSON)
    scaled = joinpoint(YEAR, rate, events=EVENTS, person_time=PERSON, variance="poisson", selection=1)
    assert scaled.joinpoints == fit.joinpoints
    np.testing.assert_allclose(scaled.fitted, 1000 * fit.fitted, rtol=1e-10)
    np.testing.assert_allclose(scaled.segments["value"], fit.segments["value"], rtol=1e-8)


def test_counts_without_poisson_weights_give_the_value_only():
    fit = joinpoint(YEAR, events=EVENTS, person_time=PERSON, selection=0)
    np.testing.assert_array_equal(fit.analysis.weight, 1)
    assert fit.note == f"zero counts taken as 0.5: 2011, 2015; {FEW}"
    linear = joinpoint(YEAR, events=EVENTS, person_time=PERSON, selection=0, model="linear")
    np.testing.assert_allclose(linear.analysis.y, np.divide(EVENTS, PERSON))
    assert linear.note is None


@pytest.mark.parametrize("variance", ["poisson", "constant"])
@pytest.mark.parametrize("model", ["log", "linear"])
@pytest.mark.parametrize("selection", ["wbic", "permutation", 2])
def test_no_events_at_all_tell_nothing(variance, model, selection):
    # The persons change: half an event in each year would make a trend of them.
    persons = [1000 + 150 * year for year in range(10)]
    fit = joinpoint(
        YEAR, events=[0] * 10, person_time=persons, variance=variance, model=model, selection=selection
    )
    assert (fit.joinpoints, fit.n_joinpoints, fit.note) == ((), 0, "no events")
    assert np.isnan(fit.fitted).all()
    assert fit.segments[["slope", "value", "lower", "upper", "p_value"]].isna().all(axis=None)
    assert fit.models.empty
    if model == "log":
        for method in ("parametric", "empirical_quantile"):
            change = fit.average_annual_percent_change(2012, 2016, method=method)
            assert np.isnan([change.value, change.lower, change.upper, change.p_value]).all()
            assert change.note == "no events"


def test_a_series_without_events_leaves_the_others_as_they_are():
    events = np.array([EVENTS, [0] * 10, [9, 8, 9, 7, 5, 6, 5, 4, 4, 2]])
    fits = joinpoint(YEAR, events=events, person_time=PERSON, variance="poisson", workers=2)
    assert [fit.note for fit in fits] == [
        f"zero counts taken as 0.5: 2011, 2015; {FEW}", "no events", None
    ]  # fmt: skip
    for row in (0, 2):
        alone = joinpoint(YEAR, events=events[row], person_time=PERSON, variance="poisson")
        assert (alone.joinpoints, alone.sse) == (fits[row].joinpoints, fits[row].sse)
    for pair in (fits[:2], fits[1::-1]):
        test = joinpoint_comparison(*pair)
        assert np.isnan([test.statistic, test.p_value]).all()
        assert test.method == "parallel, no events"
    part = joinpoint(YEAR, events=[0, 0, *[None] * 8], person_time=PERSON, variance="poisson")
    assert part.note.endswith("fewer than 3 observations")


def test_few_events_say_that_the_half_for_zeros_makes_the_trend():
    def note(events):
        fit = joinpoint(range(2000, 2000 + len(events)), events=events, person_time=[900] * len(events),
                        variance="poisson")  # fmt: skip
        return fit.note or ""

    assert "only 1 event in all: the 0.5 for zeros" in note([0] * 9 + [1])
    assert "only 19 events in all" in note([0] + [2] * 8 + [3])
    assert "events in all" not in note([0] + [2] * 8 + [4])
    assert "events in all" not in note([1] * 10)  # nothing was taken as 0.5
    # Enough events for a rate, but no more than years without any.
    assert "only 24 events in all" in note([0] * 24 + [6] * 4)


def test_series_keep_their_index():
    years = pd.Series(YEAR, index=list("abcdefghij"))
    fit = joinpoint(years, pd.Series(RATE, index=years.index))
    assert fit.fitted.index.tolist() == list("abcdefghij")
    assert fit.fitted.name == "fitted"
    with pytest.raises(ValueError, match="`year` and `value` must have equal indexes"):
        joinpoint(years, pd.Series(RATE))


def test_tables_of_many_series():
    values = pd.DataFrame([RATE, RATE[::-1]], index=["152223", "37001"], columns=YEAR)
    fits = joinpoint(YEAR, values)
    assert [fit.sse for fit in fits] == [fit.sse for fit in joinpoint(YEAR, [RATE, RATE[::-1]])]
    # One row of standard errors holds for all series.
    weighted = joinpoint(YEAR, values, variance="standard_error", standard_error=[0.3] * 10)
    alone = joinpoint(YEAR, RATE, variance="standard_error", standard_error=[0.3] * 10)
    assert weighted[0].segments.equals(alone.segments)
    with pytest.raises(ValueError, match="`value` must have the years as columns, in the order of `year`"):
        joinpoint(YEAR, values[YEAR[::-1]])
    with pytest.raises(ValueError, match="`value` and `standard_error` must have equal indexes"):
        joinpoint(YEAR, values, variance="standard_error", standard_error=values[::-1] / 10)
    values.loc["37001", 2012] = 0
    with pytest.raises(
        ValueError, match=r"`value` must be above 0 for model='log'; got 0 at series 37001, year 2012"
    ):
        joinpoint(YEAR, values)


def test_a_constant_series_has_no_change():
    fit = joinpoint(YEAR, [5.0] * 10)
    assert fit.joinpoints == ()
    assert fit.sse == 0
    row = fit.segments.iloc[0]
    assert (row["value"], row["lower"], row["upper"], row["p_value"]) == (0, 0, 0, 1)
    for method in ("parametric", "empirical_quantile"):
        change = fit.average_annual_percent_change(method=method)
        assert (change.value, change.lower, change.upper, change.p_value) == (0, 0, 0, 1)
    assert joinpoint(YEAR, [5.0] * 10, selection="permutation").permutation_tests["decision"].tolist() == [0]


@pytest.mark.parametrize("value", [[1, np.nan, 3], [np.nan] * 3, [1.0, 2.0, np.nan]])
def test_too_few_observations_tell_nothing(value: list[float]):
    fit = joinpoint([2001, 2002, 2003], value)
    assert fit.n_joinpoints == 0
    assert np.isnan(fit.sse)
    assert fit.note is not None
    assert fit.note.endswith("fewer than 3 observations")
    assert np.isnan(fit.fitted).all()
    assert fit.segments[["slope", "value", "lower", "upper", "p_value"]].isna().all(axis=None)
    assert fit.models.empty
    assert fit.joinpoint_intervals.empty
    assert fit.permutation_tests.empty
    for method in ("parametric", "empirical_quantile"):
        change = fit.average_annual_percent_change(method=method)
        assert np.isnan([change.value, change.lower, change.upper, change.p_value]).all()


def test_a_short_series_among_many_does_not_stop_the_others():
    values = np.array([RATE, [1, 2, *[np.nan] * 8], [1, 2, 4, 3, *[np.nan] * 6]])
    fits = joinpoint(YEAR, values, max_joinpoints=2)
    assert [len(fit.models) for fit in fits] == [3, 0, 1]
    assert fits[2].note == "years left out: 2014, 2015, 2016, 2017, 2018, 2019"
    assert np.isnan(fits[2].fitted[4:]).all()


def test_three_years_are_a_line_with_limits():
    segments = joinpoint([2001, 2002, 2003], [1, 3, 4]).segments
    assert len(segments) == 1
    assert np.isfinite(segments[["value", "lower", "upper", "p_value"]]).all(axis=None)


def test_tables_have_the_promised_columns():
    fit = joinpoint(YEAR, RATE, selection=1)
    assert list(fit.segments) == ["start", "end", "slope", "slope_se", "value", "lower", "upper", "p_value"]
    assert list(fit.joinpoint_intervals) == ["joinpoint", "lower", "upper"]
    assert list(fit.models) == ["n_joinpoints", "joinpoints", "sse", "bic", "bic3", "wbic"]
    assert list(fit.permutation_tests)[:6] == [
        "null",
        "alternative",
        "statistic",
        "p_value",
        "level",
        "decision",
    ]
    assert fit.segments["start"].dtype == np.int64
    assert repr(fit).startswith("JoinpointFit(joinpoints=(2017,), sse=")
    narrow = joinpoint(YEAR, RATE, selection=1, confidence_level=0.9).segments
    assert (narrow["lower"] > fit.segments["lower"]).all()
    assert narrow["lower"].equals(fit.segment_table(confidence_level=0.9)["lower"])


def test_fractional_times_stay_fractional():
    fit = joinpoint(np.arange(12) / 4 + 2010, np.exp(np.abs(np.arange(12) - 6)))
    assert fit.joinpoints == (2011.5,)
    assert fit.segments["end"].tolist() == [2011.5, 2012.75]


REFUSED = {
    "zero rate": (
        {"value": [1, 2, 0, 3, 0]},
        r"got 0 at year 2012, 0 at year 2014\. A rate of 0 has no logarithm",
    ),
    "negative": (
        {"value": [1, 2, -1, 3, 4]},
        r"`value` must be above 0 for model='log'; got -1 at year 2012",
    ),
    "infinite": (
        {"value": [1, 2, np.inf, 3, 4], "model": "linear"},
        "`value` must be finite; got inf at year 2012",
    ),
    "nothing": ({}, "`value` must be given, or `events` with `person_time`; got neither"),
    "lengths": ({"value": [1, 2, 3, 4]}, "must have equal shapes"),
    "model": ({"value": [1, 2, 3, 4, 5], "model": "lin"}, "Did you mean 'linear'"),
    "variance": ({"value": [1, 2, 3, 4, 5], "variance": "poison"}, "Did you mean 'poisson'"),
    "selection": ({"value": [1, 2, 3, 4, 5], "selection": "aic"}, "`selection` must be one of 'wbic', 'bic'"),
    "no room": (
        {"value": [1, 2, 3, 4, 5], "selection": 2},
        "`selection` must be at most 1 for 5 observations; got 2",
    ),
    "unused errors": (
        {"value": [1, 2, 3, 4, 5], "standard_error": [1, 1, 1, 1, 1]},
        "`variance` must be 'standard_error' for `standard_error` to be used; got 'constant'",
    ),
    "no errors": ({"value": [1, 2, 3, 4, 5], "variance": "standard_error"}, "`standard_error` must be given"),
    "error of 0": (
        {"value": [1, 2, 3, 4, 5], "variance": "standard_error", "standard_error": [1, 0, 1, 1, 1]},
        "`standard_error` must be a number above 0 wherever there is a value; got 0 at year 2011",
    ),
    "no events": (
        {"value": [1, 2, 3, 4, 5], "variance": "poisson"},
        "`events` must be given for variance='poisson'",
    ),
    "fractional events": (
        {"events": [1, 2.5, 3, 4, 5], "person_time": [9, 9, 9, 9, 9]},
        "`events` must be a whole number, 0 or more; got 2.5 at year 2011",
    ),
    "no person-time": (
        {"events": [1, 2, 3, 4, 5], "person_time": [9, 0, 9, 9, 9]},
        "`person_time` must be a number above 0; got 0 at year 2011",
    ),
    "zero count alone": (
        {"value": [1, 2, 3, 4, 5], "events": [1, 0, 3, 4, 5], "variance": "poisson"},
        "`events` must be above 0 without `person_time`; got 0 at year 2011",
    ),
    "wrong order": (
        {
            "value": [1, 2, 3, 4, 50],
            "events": [50, 4, 3, 2, 1],
            "person_time": [9] * 5,
            "variance": "poisson",
        },
        "`value` must be proportional to `events` / `person_time`",
    ),
    "permutations": (
        {"value": [1, 2, 3, 4, 5], "permutations": 0},
        "`permutations` must be a whole number, 1 or more",
    ),
    "seed": ({"value": [1, 2, 3, 4, 5], "seed": -1}, "`seed` must be a whole number, 0 or more; got -1"),
    "percent": ({"value": [1, 2, 3, 4, 5], "confidence_level": 95}, r"Did you mean 0\.95"),
    "level": (
        {"value": [1, 2, 3, 4, 5], "significance_level": 5},
        "`significance_level` must be between 0 and 1",
    ),
    "end": (
        {"value": [1, 2, 3, 4, 5], "min_observations_end": 0},
        "`min_observations_end` must be a whole number, 1",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_taken_is_answered_by_one_sentence(case: str):
    arguments, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        joinpoint(range(2010, 2015), **arguments)


def test_repeated_years_are_refused():
    with pytest.raises(ValueError, match="`year` must name every year once; got 2001 more than once"):
        joinpoint([2001, 2001, 2002], [1, 2, 3])


def test_permutation_tests_of_too_many_sets_are_refused():
    value = np.exp(np.random.default_rng(0).normal(size=80))
    with pytest.raises(
        ValueError, match="`max_joinpoints` must be small enough for permutation tests; got 7"
    ):
        joinpoint(range(80), value, selection="permutation")


def test_averages_stay_within_the_series():
    fit = joinpoint(YEAR, RATE)
    with pytest.raises(ValueError, match="`start` and `end` must lie within the series"):
        fit.average_annual_percent_change(2005, 2015)
    with pytest.raises(ValueError, match="`method` must be one of 'parametric', 'empirical_quantile'"):
        fit.average_annual_percent_change(method="bootstrap")
    with pytest.raises(ValueError, match="`model` must be 'log' for a percent change"):
        joinpoint(YEAR, RATE, model="linear").average_annual_percent_change()
