"""Ratios of two rates: R's answers, laws, empty groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mchepi import proportion_interval, rate_ratio
from mchepi.stats.comparisons import METHODS

inf = np.inf
counts = st.integers(0, 60) | st.integers(0, 20_000)
times = st.floats(1, 1e6)
methods = st.sampled_from(METHODS)

# R 4.2.2; every limit is solved to machine precision on the log ratio:
#
# root <- function(f) exp(uniroot(f, c(-40, 40), tol = 1e-20, maxiter = 10000)$root)
# ratio <- function(method, e1, t1, e0, t0, level, t = (1 - level)/2, n = e1 + e0, r = e1/t1 / (e0/t0)) {
#   if (method == "wald") { s <- sqrt(1/e1 + 1/e0); z <- qnorm(t, lower.tail = FALSE)
#     return(c(r, r * exp(-z*s), r * exp(z*s), 2 * pnorm(-abs(log(r))/s))) }
#   half <- if (method == "midp") 1/2 else 0
#   share <- function(u) plogis(u + log(t1/t0))  # of all events among the exposed, at a ratio of exp(u)
#   above <- function(u) pbinom(e1 - 1, n, share(u), lower.tail = FALSE) - half * dbinom(e1, n, share(u))
#   below <- function(u) pbinom(e1, n, share(u)) - half * dbinom(e1, n, share(u))
#   c(r, if (e1 == 0) 0 else root(function(u) above(u) - t),
#     if (e0 == 0) Inf else root(function(u) below(u) - t), min(1, 2 * above(0), 2 * below(0)))
# }
# for (a in list(c(3, 1430, 7, 1512, .95), c(0, 1430, 5, 1512, .95), c(5, 210.5, 0, 1512, .9),
#                c(120, 98000, 90, 91000, .998), c(1000000, 3e8, 990000, 2.9e8, .95)))
#   for (method in c("exact", "midp", "wald")) if (method != "wald" || a[1] * a[3] > 0)
#     cat(method, sprintf("%.15g", ratio(method, a[1], a[2], a[3], a[4], a[5])), "\n")
IN_R = [
    (
        (3, 1430, 7, 1512),
        0.95,
        "exact",
        0.453146853146853,
        0.0756129000890927,
        1.98495723642769,
        0.391387610797093,
    ),
    (
        (3, 1430, 7, 1512),
        0.95,
        "midp",
        0.453146853146853,
        0.0952002982053069,
        1.72454186148359,
        0.260883193254807,
    ),
    (
        (3, 1430, 7, 1512),
        0.95,
        "wald",
        0.453146853146853,
        0.11718016342887,
        1.75236204241634,
        0.251361359825555,
    ),
    ((0, 1430, 5, 1512), 0.95, "exact", 0, 0, 1.15385594897623, 0.0717093208763912),
    ((0, 1430, 5, 1512), 0.95, "midp", 0, 0, 0.867617534947855, 0.0358546604381956),
    ((5, 210.5, 0, 1512), 0.9, "exact", inf, 8.75360859728423, inf, 5.45122795807026e-05),
    ((5, 210.5, 0, 1512), 0.9, "midp", inf, 12.2807000574046, inf, 2.72561397903513e-05),
    (
        (120, 98000, 90, 91000),
        0.998,
        "exact",
        1.23809523809524,
        0.799251011199389,
        1.9343175569053,
        0.142339839329164,
    ),
    (
        (120, 98000, 90, 91000),
        0.998,
        "midp",
        1.23809523809524,
        0.80610696719634,
        1.91685629654661,
        0.125313217378086,
    ),
    (
        (120, 98000, 90, 91000),
        0.998,
        "wald",
        1.23809523809524,
        0.804657782454098,
        1.90500837998363,
        0.125616419552125,
    ),
    (
        (1000000, 300000000, 990000, 290000000),
        0.95,
        "exact",
        0.976430976430976,
        0.973720463951415,
        0.979149043453234,
        1.69269837059324e-63,
    ),
    (
        (1000000, 300000000, 990000, 290000000),
        0.95,
        "midp",
        0.976430976430976,
        0.973721441903929,
        0.979148060035803,
        1.67268157952955e-63,
    ),
    (
        (1000000, 300000000, 990000, 290000000),
        0.95,
        "wald",
        0.976430976430976,
        0.973721438021232,
        0.979148054572421,
        1.65760533205212e-63,
    ),
]


@pytest.mark.parametrize(("groups", "level", "method", "value", "lower", "upper", "p_value"), IN_R)
def test_as_in_r(groups, level, method, value, lower, upper, p_value):
    got = rate_ratio(*groups, method=method, confidence_level=level)
    assert (got.value, got.lower, got.upper) == pytest.approx((value, lower, upper), rel=1e-8, abs=0)
    assert got.p_value == pytest.approx(p_value, rel=1e-8, abs=0)
    assert (got.method, got.confidence_level, got.per) == (method, level, 1)


def test_the_p_value_doubles_the_smaller_tail():
    # 17 of 20 events in 45 % of the person-time: OpenEpi prints 0.0005538 (Fisher) and 0.0003127 (mid-P);
    # R's poisson.test sums the tables at most as likely and gives another number.
    groups = (17, 100025, 3, 122268)
    assert rate_ratio(*groups).p_value == pytest.approx(0.0005538, abs=5e-8)
    assert rate_ratio(*groups, method="midp").p_value == pytest.approx(0.0003127, abs=5e-8)


def test_a_p_value_is_at_most_one():
    assert rate_ratio(3, 100, 3, 100).p_value == 1.0
    assert rate_ratio(3, 100, 3, 100, method="midp").p_value == pytest.approx(1.0)


def test_a_very_large_ratio_keeps_its_digits():
    large, small = rate_ratio(10**6, 1, 1, 1), rate_ratio(1, 1, 10**6, 1)
    assert large.lower * small.upper == pytest.approx(1, rel=1e-14)
    assert large.upper * small.lower == pytest.approx(1, rel=1e-14)


@given(counts, times, counts, times, methods)
def test_swapping_the_groups_inverts_the_ratio(events, time, others, other_time, method):
    assume(events + others > 0)
    one = rate_ratio(events, time, others, other_time, method=method)
    two = rate_ratio(others, other_time, events, time, method=method)

    def inverse(x: float) -> float:
        return 1 / x if x else inf

    assert (two.value, two.lower, two.upper) == pytest.approx(
        (inverse(one.value), inverse(one.upper), inverse(one.lower)), rel=1e-9
    )
    assert two.p_value == pytest.approx(one.p_value, rel=1e-9, nan_ok=True)


@given(counts, times, counts, times, methods)
def test_value_lies_between_its_limits(events, time, others, other_time, method):
    assume(events + others > 0)
    ratio = rate_ratio(events, time, others, other_time, method=method)
    assert 0 <= ratio.lower <= ratio.value <= ratio.upper
    assert ratio.lower < inf


@given(
    counts,
    times,
    counts,
    times,
    st.sampled_from([0.8, 0.95, 0.998]),
    st.sampled_from(["exact", "midp", "wald"]),
)
def test_p_is_small_exactly_where_the_limits_exclude_one(events, time, others, other_time, level, method):
    assume(events + others > 0)
    ratio = rate_ratio(events, time, others, other_time, method=method, confidence_level=level)
    assume(not np.isnan(ratio.p_value))
    assume(abs(ratio.p_value - (1 - level)) > 1e-9)
    assert (ratio.p_value < 1 - level) == (ratio.lower > 1 or ratio.upper < 1)


@given(counts, times, counts, times, st.floats(0.01, 100), methods)
def test_the_unit_of_time_drops_out(events, time, others, other_time, factor, method):
    assume(events + others > 0)
    one = rate_ratio(events, time, others, other_time, method=method)
    two = rate_ratio(events, time * factor, others, other_time * factor, method=method)
    assert (two.value, two.lower, two.upper) == pytest.approx((one.value, one.lower, one.upper), rel=1e-9)


@given(counts, counts)
def test_with_equal_times_it_is_the_odds_of_the_share(events, others):
    assume(events > 0)
    assume(others > 0)
    lower, upper = proportion_interval(events, events + others, method="exact")
    ratio = rate_ratio(events, 1, others, 1)
    assert (ratio.lower, ratio.upper) == pytest.approx((lower / (1 - lower), upper / (1 - upper)), rel=1e-8)


@given(counts, times, counts, times)
def test_exact_limits_contain_midp(events, time, others, other_time):
    assume(events + others > 0)
    exact = rate_ratio(events, time, others, other_time)
    midp = rate_ratio(events, time, others, other_time, method="midp")
    assert exact.lower <= midp.lower
    assert midp.upper <= exact.upper
    assert midp.p_value <= exact.p_value * (1 + 1e-12)


@pytest.mark.parametrize("method", ["exact", "midp"])
def test_an_empty_reference_group(method):
    ratio = rate_ratio(5, 1000, 0, 1200, method=method)
    assert ratio.value == ratio.upper == inf
    assert 0.5 < ratio.lower < inf
    assert ratio.note == "no events in the reference group"


def test_wald_knows_nothing_of_an_empty_group():
    for groups in ((5, 1000, 0, 1200), (0, 1000, 5, 1200)):
        ratio = rate_ratio(*groups, method="wald")
        assert (ratio.lower, ratio.upper) == (0.0, inf)
        assert np.isnan(ratio.p_value)
        assert "wald limits need events in both groups" in ratio.note


def test_no_information():
    ratio = rate_ratio([0, 1, 1, 1, None], [10, 0, 10, None, 10], [0, 1, 1, 1, 1], [10, 10, 0, 10, 10])
    for part in (ratio.value, ratio.lower, ratio.upper, ratio.p_value):
        assert np.isnan(part).all()
    assert list(ratio.note) == [
        "no events in either group",
        "denominator zero",
        "denominator zero",
        "missing: exposed_person_time",
        "missing: exposed_events",
    ]


@given(st.permutations(range(3)))
def test_the_order_of_labels_never_matters(order):
    index = pd.Index(["a", "b", "c"])
    parts = [
        pd.Series(part, index=index) for part in ([3, 0, 12], [1430, 210, 3050], [7, 2, 9], [1512, 190, 3100])
    ]
    straight = rate_ratio(*parts)
    shuffled = rate_ratio(*(part.iloc[list(order)] for part in parts))
    pd.testing.assert_series_equal(shuffled.upper.loc[index], straight.upper)
    pd.testing.assert_series_equal(shuffled.p_value.loc[index], straight.p_value)


def test_faults_name_their_argument():
    with pytest.raises(ValueError, match="`unexposed_events` must be a whole number of events"):
        rate_ratio(1, 10, 1.5, 10)
    with pytest.raises(ValueError, match="`exposed_person_time` must be a number, 0 or more"):
        rate_ratio(1, -10, 1, 10)
