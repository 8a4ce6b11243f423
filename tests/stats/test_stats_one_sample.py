"""Exact one-sample tests, against R 4.2 (base)."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi.stats import proportion_interval, proportion_test, rate_test
from mchepi.stats.one_sample import one_sided_level

# > options(digits = 17)
# > poisson.test(3, 1430, r = .0031, alternative = "less")$p.value       0.35372594462980639
# > ppois(2, 4.433, lower.tail = FALSE)                                  0.81874442941310477
# > poisson.test(12, 1430, r = .0031, alternative = "greater")$p.value   0.002132068290024288
# > poisson.test(836, 422392, r = .002, alternative = "less")$p.value    0.38983927944598584
RATES = [
    (3, 1430, 0.0031, "less", 0.35372594462980639),
    (3, 1430, 0.0031, "greater", 0.81874442941310477),
    (3, 1430, 0.0031, "two-sided", 2 * 0.35372594462980639),
    (12, 1430, 0.0031, "greater", 0.002132068290024288),
    (836, 422392, 0.002, "less", 0.38983927944598584),
]
# > pbinom(1, 8, .02)                                                    0.98966310790126077
# > pbinom(0, 8, .02, lower.tail = FALSE)                                0.14923697741821437
# > binom.test(2, 183, p = .02, alternative = "less")$p.value            0.28937654146485858
# > binom.test(17, 23, p = .5, alternative = "greater")$p.value          0.017344832420349142
# > 2 * min(pbinom(17, 23, .5), pbinom(16, 23, .5, lower.tail = FALSE))  0.034689664840698284
PROPORTIONS = [
    (1, 8, 0.02, "less", 0.98966310790126077),
    (1, 8, 0.02, "greater", 0.14923697741821437),
    (2, 183, 0.02, "less", 0.28937654146485858),
    (17, 23, 0.5, "greater", 0.017344832420349142),
    (17, 23, 0.5, "two-sided", 0.034689664840698284),
]


@pytest.mark.parametrize(("events", "person_time", "reference", "alternative", "p_value"), RATES)
def test_rate_test_agrees_with_r(events, person_time, reference, alternative, p_value):
    found = rate_test(events, person_time, reference=reference, alternative=alternative)
    assert found.p_value == pytest.approx(p_value, rel=1e-12)
    assert found.statistic == events
    assert found.method == f"exact Poisson, {alternative}"
    in_units = rate_test(events, person_time, reference=reference * 1000, per=1000, alternative=alternative)
    assert in_units.p_value == pytest.approx(p_value, rel=1e-12)


@pytest.mark.parametrize(("events", "total", "reference", "alternative", "p_value"), PROPORTIONS)
def test_proportion_test_agrees_with_r(events, total, reference, alternative, p_value):
    found = proportion_test(events, total, reference=reference, alternative=alternative)
    assert found.p_value == pytest.approx(p_value, rel=1e-12)
    assert found.method == f"exact binomial, {alternative}"


def test_no_event_and_nothing_but_events():
    none = [rate_test(0, 100, reference=0.05, alternative=side).p_value for side in ("less", "greater")]
    assert none == pytest.approx([np.exp(-5), 1.0], rel=1e-14)
    every = [proportion_test(4, 4, reference=0.5, alternative=side).p_value for side in ("less", "greater")]
    assert every == pytest.approx([1.0, 0.0625], rel=1e-14)
    assert proportion_test(0, 5, reference=0, alternative="greater").p_value == 1
    assert proportion_test(1, 5, reference=0, alternative="greater").p_value == 0
    assert rate_test(1, 5, reference=0, alternative="greater").p_value == 0


def test_no_information_gives_nan():
    assert np.isnan(rate_test(0, 0, reference=0.01).p_value)
    assert np.isnan(proportion_test(0, 0, reference=0.01).p_value)
    assert np.isnan(rate_test(None, 10, reference=0.01).p_value)
    assert np.isnan(proportion_test(2, np.nan, reference=0.01).p_value)


def test_series_keep_their_labels():
    districts = pd.Index(["152223", "150600"], name="district")
    found = rate_test(
        pd.Series([3, 0], districts), pd.Series([1430, 900], districts), reference=3.1, per=1000
    )
    assert found.p_value.index.equals(districts)
    with pytest.raises(ValueError, match="`events` must be at most `total`; got 9 of 8 at district 152223"):
        proportion_test(pd.Series([9, 0], districts), pd.Series([8, 8], districts), reference=0.02)


@pytest.mark.parametrize(
    ("test", "arguments", "message"),
    [
        (rate_test, {"reference": 0.1, "alternative": "below"}, "`alternative` must be one of 'two-sided'"),
        (rate_test, {"reference": -1}, "`reference` must be a number, 0 or more"),
        (proportion_test, {"reference": 2}, "between 0 and 1; got 2. Did you mean 0.02"),
    ],
)
def test_impossible_arguments_are_refused(test, arguments, message):
    with pytest.raises(ValueError, match=message):
        test(1, 10, **arguments)


@given(st.integers(0, 60), st.integers(1, 60), st.floats(0.001, 0.999))
def test_tails_overlap_in_the_observed_count(events, more, reference):
    total = events + more
    less, greater, both = (
        proportion_test(events, total, reference=reference, alternative=side).p_value
        for side in ("less", "greater", "two-sided")
    )
    assert less + greater >= 1 - 1e-12
    assert both == pytest.approx(min(1, 2 * min(less, greater)))


@given(st.integers(0, 40), st.integers(1, 40), st.floats(0.01, 0.99), st.sampled_from([0.9, 0.95, 0.99]))
def test_one_sided_tests_agree_with_clopper_pearson(events, more, reference, confidence_level):
    total = events + more
    lower, upper = proportion_interval(events, total, method="exact", confidence_level=confidence_level)
    level = one_sided_level(confidence_level)
    shown_below = proportion_test(events, total, reference=reference, alternative="less").p_value <= level
    shown_above = proportion_test(events, total, reference=reference, alternative="greater").p_value <= level
    if abs(upper - reference) > 1e-9:
        assert shown_below == (upper < reference)
    if abs(lower - reference) > 1e-9:
        assert shown_above == (lower > reference)


def test_zero_maternal_deaths_are_the_usual_result():
    # At 15.1 per 100,000 a year of 1,430 births has at least one with probability 19 %.
    # > 1 - exp(-1430 * 15.1e-5)      0.19420829468129164
    chance = rate_test(1, 1430, reference=15.1, per=100_000, alternative="greater").p_value
    assert chance == pytest.approx(0.19420829468129164, rel=1e-12)


def test_a_p_value_equal_to_the_level_rejects():
    # (1 - 0.9) / 2 is 0.04999999999999999 in binary; one event of one at 5 % has p = 0.05 exactly.
    p_value = proportion_test(1, 1, reference=0.05, alternative="greater").p_value
    assert p_value <= one_sided_level(0.9)
    assert p_value > one_sided_level(0.901)


def test_the_statistic_is_not_the_array_of_the_caller():
    events = np.array([3.0, 4.0])
    found = rate_test(events, 1000, reference=0.002)
    events[0] = 9
    assert found.statistic.tolist() == [3.0, 4.0]
