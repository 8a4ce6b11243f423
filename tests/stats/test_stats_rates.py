"""Proportions and rates: value, unit, limits, notes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi import count_interval, proportion, proportion_interval, rate
from mchepi.stats.intervals import COUNT_LIMITS, PROPORTION_LIMITS


def test_the_rate_of_record():
    # Jalaid Banner 2023, deduced counts: 3 neonatal deaths of 1,430 births
    neonatal = rate(3, 1430, per=1000)
    assert (round(neonatal.value, 2), round(neonatal.lower, 2), round(neonatal.upper, 2)) == (
        2.10,
        0.43,
        6.13,
    )
    assert neonatal.method == "exact"
    assert neonatal.confidence_level == 0.95
    assert neonatal.per == 1000
    assert neonatal.note is None
    assert neonatal.p_value is None


@pytest.mark.parametrize("method", sorted(COUNT_LIMITS))
def test_rate_divides_the_limits_of_the_count(method):
    estimate = rate(7, 250.5, per=100, method=method, confidence_level=0.9)
    lower, upper = count_interval(7, method=method, confidence_level=0.9)
    assert estimate.value == pytest.approx(7 / 250.5 * 100)
    assert estimate.lower == pytest.approx(lower / 250.5 * 100)
    assert estimate.upper == pytest.approx(upper / 250.5 * 100)
    assert (estimate.method, estimate.confidence_level) == (method, 0.9)


@pytest.mark.parametrize("method", sorted(PROPORTION_LIMITS))
def test_proportion_scales_the_limits(method):
    estimate = proportion(7, 250, per=100, method=method, confidence_level=0.998)
    lower, upper = proportion_interval(7, 250, method=method, confidence_level=0.998)
    assert estimate.value == pytest.approx(2.8)
    assert (estimate.lower, estimate.upper) == pytest.approx((100 * lower, 100 * upper))


def test_defaults_survive_tiny_districts():
    assert proportion(0, 1).method == "wilson"
    assert rate(0, 1).method == "exact"
    assert (proportion(0, 1).value, proportion(0, 1).lower) == (0.0, 0.0)
    assert proportion(0, 1).upper == pytest.approx(0.7934506856227626)
    assert rate(0, 1430, per=100_000).upper == pytest.approx(257.96, abs=0.005)


def test_a_rate_may_exceed_its_denominator():
    # more deaths under five (of earlier birth cohorts) than births: a ratio, not a contradiction
    assert rate(3, 2).value == 1.5


def test_notes_name_what_is_missing():
    estimate = rate([3, None, 4, None, 0, 2], [10, 10, None, None, 0, 0])
    assert list(estimate.note) == [
        "",
        "missing: events",
        "missing: person_time",
        "missing: events; missing: person_time",
        "denominator zero",
        "denominator zero",
    ]
    np.testing.assert_array_equal(np.isnan(estimate.value), [False, True, True, True, True, True])
    np.testing.assert_array_equal(np.isnan(estimate.lower), np.isnan(estimate.value))
    np.testing.assert_array_equal(np.isnan(estimate.upper), np.isnan(estimate.value))
    assert proportion(None, 10).note == "missing: events"
    assert proportion(0, 0).note == "denominator zero"
    assert proportion(1, None).note == "missing: total"
    assert np.isnan(proportion(0, 0).value)


@given(st.integers(0, 10_000), st.floats(0.5, 1e7), st.sampled_from(sorted(COUNT_LIMITS)))
def test_twice_the_person_time_halves_the_rate(events, person_time, method):
    one = rate(events, person_time, method=method)
    two = rate(events, 2 * person_time, method=method)
    assert (2 * two.value, 2 * two.lower, 2 * two.upper) == pytest.approx((one.value, one.lower, one.upper))


@given(st.integers(1, 10_000), st.sampled_from(sorted(PROPORTION_LIMITS)), st.data())
def test_a_proportion_lies_between_its_limits_in_its_unit(total, method, data):
    estimate = proportion(data.draw(st.integers(0, total)), total, per=1000, method=method)
    assert 0 <= estimate.lower <= estimate.value * (1 + 1e-12)
    assert estimate.value * (1 - 1e-12) <= estimate.upper <= 1000


@given(st.integers(1, 2000), st.data())
def test_exact_poisson_limits_exceed_exact_binomial_ones_for_the_same_count(total, data):
    # A Poisson count has no ceiling: its upper limit lies above that of the proportion.
    events = data.draw(st.integers(0, total))
    assert rate(events, total).upper > proportion(events, total, method="exact").upper
