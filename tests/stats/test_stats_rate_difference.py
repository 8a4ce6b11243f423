"""Difference of two rates: R's answers, laws, no events."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mchepi import count_interval, rate_difference
from mchepi.stats.rate_differences import METHODS

counts = st.integers(0, 8) | st.integers(0, 20_000)
times = st.floats(1, 1e6)

# R 4.2.2; the limits are solved to machine precision:
#
# root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-20, maxiter = 10000)$root
# score <- function(e1, t1, e0, t0, level) { z2 <- qchisq(level, 1); d <- e1/t1 - e0/t0; T <- t1 + t0
#   # the rate r0 that fits best under r1 - r0 = D: the larger root of its quadratic likelihood equation
#   f <- function(D) { a <- T; b <- T*D - e1 - e0; k <- -e0*D
#     r0 <- max(0, -D, (-b + sqrt(b^2 - 4*a*k)) / (2*a)); r1 <- r0 + D
#     (d - D)^2 - z2 * (r1/t1 + r0/t0) }
#   far <- 10 * (z2 + e1 + e0 + 1) / min(t1, t0)
#   c(root(f, d - far, d - 1e-13/T), root(f, d + 1e-13/T, d + far)) }
# g <- function(...) paste(sprintf("%.15g", c(...)), collapse = ", ")
# for (a in list(c(3,1430,7,1512,.95), c(5,1000.5,0,1200,.95), c(0,1430,5,1512,.9),
#     c(0,100,0,200,.95), c(1,10,40,90,.998), c(120,98000,90,91000,.95))) {
#   h <- g(a); d <- a[1]/a[2] - a[3]/a[4]; s <- sqrt(a[1]/a[2]^2 + a[3]/a[4]^2);
#     r <- (a[1]+a[3])/(a[2]+a[4])
#   cat(sprintf("    (%s, \"score\", %s),\n", h, g(d, do.call(score, as.list(a)), if (a[1]+a[3] == 0)
#     1 else 2*pnorm(-abs(d)/sqrt(r*(1/a[2] + 1/a[4]))))))
#   if (a[1] + a[3] > 0) cat(sprintf("    (%s, \"wald\", %s),\n", h, g(d, d + c(-1,
#     1)*qnorm((1+a[5])/2)*s, 2*pnorm(-abs(d)/s)))) }
IN_R = [
    (
        3,
        1430,
        7,
        1512,
        0.95,
        "score",
        -0.00253172753172753,
        -0.00770918244064249,
        0.00206545336154148,
        0.239104195924042,
    ),
    (
        3,
        1430,
        7,
        1512,
        0.95,
        "wald",
        -0.00253172753172753,
        -0.00670280938538927,
        0.00163935432193421,
        0.234187072032653,
    ),
    (
        5,
        1000.5,
        0,
        1200,
        0.95,
        "score",
        0.00499750124937531,
        0.00179628556546354,
        0.011699907729256,
        0.0143302136420961,
    ),
    (
        5,
        1000.5,
        0,
        1200,
        0.95,
        "wald",
        0.00499750124937531,
        0.000617078757738225,
        0.0093779237410124,
        0.0253473186774683,
    ),
    (
        0,
        1430,
        5,
        1512,
        0.9,
        "score",
        -0.00330687830687831,
        -0.00679342789374632,
        -0.00141488987744095,
        0.0296609524850661,
    ),
    (
        0,
        1430,
        5,
        1512,
        0.9,
        "wald",
        -0.00330687830687831,
        -0.00573942098075435,
        -0.000874335633002268,
        0.0253473186774683,
    ),
    (0, 100, 0, 200, 0.95, "score", 0, -0.0192072941034706, 0.0384145882069412, 1),
    (
        1,
        10,
        40,
        90,
        0.998,
        "score",
        -0.344444444444444,
        -0.652982762781663,
        0.705170446403163,
        0.106571782392641,
    ),
    (
        1,
        10,
        40,
        90,
        0.998,
        "wald",
        -0.344444444444444,
        -0.722139504087177,
        0.0332506151982883,
        0.00482964525593995,
    ),
    (
        120,
        98000,
        90,
        91000,
        0.95,
        "score",
        0.000235478806907378,
        -6.6218172867801e-05,
        0.000538423774824438,
        0.124898858292145,
    ),
    (
        120,
        98000,
        90,
        91000,
        0.95,
        "wald",
        0.000235478806907378,
        -6.41012006219262e-05,
        0.000535058814436683,
        0.123416589546981,
    ),
]


@pytest.mark.parametrize(
    ("e1", "t1", "e0", "t0", "level", "method", "value", "lower", "upper", "p_value"), IN_R
)
def test_as_in_r(e1, t1, e0, t0, level, method, value, lower, upper, p_value):
    got = rate_difference(e1, t1, e0, t0, per=1000, method=method, confidence_level=level)
    wanted = (1000 * value, 1000 * lower, 1000 * upper, p_value)
    assert (got.value, got.lower, got.upper, got.p_value) == pytest.approx(wanted, rel=1e-8, abs=0)
    assert (got.method, got.confidence_level, got.per) == (method, level, 1000)


@given(counts, times, counts, times, st.sampled_from(METHODS))
def test_swapping_the_groups_negates_the_difference(events, time, others, other_time, method):
    one = rate_difference(events, time, others, other_time, method=method)
    two = rate_difference(others, other_time, events, time, method=method)
    scale = 1e-12 * (abs(one.value) + 1 / min(time, other_time))
    assert (-two.value, -two.upper, -two.lower) == pytest.approx(
        (one.value, one.lower, one.upper), rel=1e-9, abs=scale
    )
    assert two.p_value == pytest.approx(one.p_value, rel=1e-9, nan_ok=True)


@given(counts, times, counts, times, st.sampled_from(METHODS), st.sampled_from([0.5, 0.9, 0.99]))
def test_it_lies_between_limits_that_widen_with_the_level(events, time, others, other_time, method, level):
    one = rate_difference(events, time, others, other_time, method=method, confidence_level=level)
    two = rate_difference(events, time, others, other_time, method=method, confidence_level=level + 0.009)
    assert two.lower <= one.lower <= one.value <= one.upper <= two.upper
    assert one.lower < one.upper


@given(counts, times, counts, times, st.sampled_from([0.8, 0.95, 0.998]))
def test_p_is_small_exactly_where_the_limits_exclude_zero(events, time, others, other_time, level):
    got = rate_difference(events, time, others, other_time, confidence_level=level)
    assume(abs(got.p_value - (1 - level)) > 1e-9)
    assert (got.p_value < 1 - level) == (got.lower > 0 or got.upper < 0)


def test_no_events_leave_the_score_limit_of_one_zero_count():
    # z^2 / T is the score limit of a rate with no event in T
    got = rate_difference(0, 100, 0, 200)
    assert (got.lower, got.value, got.upper) == pytest.approx(
        (-3.841458820694 / 200, 0, 3.841458820694 / 100)
    )
    assert 0 < got.upper < count_interval(0)[1] / 100 * 1.05
    assert rate_difference(0, 100, 0, 200, method="wald").upper == np.inf
    assert rate_difference(0, 100, 0, 200, method="wald").note == "wald limits need events"


def test_no_information():
    got = rate_difference([1, 1, None], [10, 0, 10], [1, 1, 1], [10, 10, 10])
    assert list(got.note) == ["", "denominator zero", "missing: exposed_events"]
    np.testing.assert_array_equal(np.isnan(got.lower), [False, True, True])
    np.testing.assert_array_equal(np.isnan(got.p_value), [False, True, True])
