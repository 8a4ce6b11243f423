"""Differences and ratios of two risks: R's answers, laws, zero cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mchepi import odds_ratio, risk_difference, risk_ratio
from mchepi.stats.two_proportions import DIFFERENCE_METHODS, ODDS_METHODS, RATIO_METHODS

inf = np.inf


@st.composite
def groups(draw: st.DrawFn, most: int = 3000) -> tuple[int, int, int, int]:
    total, other = draw(st.integers(1, most) | st.integers(1, 20)), draw(st.integers(1, most))
    return (
        draw(st.integers(0, total) | st.integers(0, min(4, total))),
        total,
        draw(st.integers(0, other) | st.integers(0, min(4, other))),
        other,
    )


# R 4.2.2; limits and restricted fits are solved to machine precision:
#
# root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-18, maxiter = 10000)$root
# # the restricted fit by Newton-free search: the score equation of the reference risk, given the measure
# mn_d <- function(x1, n1, x0, n0, level) {
#   N <- n1 + n0; z2 <- qchisq(level, 1) * N / (N - 1); d <- x1/n1 - x0/n0
#   fit <- function(D) { low <- max(0, -D); high <- min(1, 1 - D); e <- (high - low) * 1e-15
#     q <- function(x, p) if (x == 0) 0 else x / p
#     g <- function(p) q(x1, p + D) - q(n1 - x1, 1 - p - D) + q(x0, p) - q(n0 - x0, 1 - p)
#     if (g(low + e) <= 0) low else if (g(high - e) >= 0) high else root(g, low + e, high - e) }
#   f <- function(D) { p0 <- fit(D); p1 <- p0 + D
#     (d - D)^2 - z2 * (p1*(1 - p1)/n1 + p0*(1 - p0)/n0) }
#   c(if (d == -1) -1 else root(f, -1 + 1e-13, d - 1e-12), if (d == 1) 1 else root(f, d + 1e-12,
#     1 - 1e-13)) }
# mn_r <- function(x1, n1, x0, n0, level) {
#   N <- n1 + n0; z2 <- qchisq(level, 1) * N / (N - 1); r <- (x1/n1) / (x0/n0)
#   f <- function(u) { R <- exp(u); a <- N*R; b <- R*(n1 + x0) + x1 + n0; k <- x1 + x0
#     p0 <- 2*k / (b + sqrt(b^2 - 4*a*k)); p1 <- R*p0
#     (x1/n1 - R*x0/n0)^2 - z2 * (p1*(1 - p1)/n1 + R^2*p0*(1 - p0)/n0) }
#   c(if (x1 == 0) 0 else exp(root(f, -40, if (x0 == 0) 40 else log(r))), if (x0 == 0)
#     Inf else exp(root(f, if (x1 == 0) -40 else log(r), 40))) }
# score_p <- function(x1, n1, x0, n0) { N <- n1 + n0; p <- (x1 + x0)/N
#   2*pnorm(-abs(x1/n1 - x0/n0) / sqrt(p*(1-p)*(1/n1 + 1/n0)*N/(N-1))) }
# newcombe <- function(x1, n1, x0, n0, level) { w <- function(x, n) { z <- qnorm((1 + level)/2); p <- x/n
#     (x + z^2/2 + c(-1, 1) * z * sqrt(z^2/4 + n*p*(1-p))) / (n + z^2) }
#   p1 <- x1/n1; p0 <- x0/n0; a <- w(x1, n1); b <- w(x0, n0)
#   c(p1 - p0 - sqrt((p1 - a[1])^2 + (b[2] - p0)^2), p1 - p0 + sqrt((a[2] - p1)^2 + (p0 - b[1])^2)) }
# wald_d <- function(x1, n1, x0, n0, level) { p1 <- x1/n1; p0 <- x0/n0;
#     s <- sqrt(p1*(1-p1)/n1 + p0*(1-p0)/n0)
#   p1 - p0 + c(-1, 1) * qnorm((1 + level)/2) * s }
# katz <- function(x1, n1, x0, n0, level) { s <- sqrt(1/x1 - 1/n1 + 1/x0 - 1/n0)
#   exp(log(x1/n1/(x0/n0)) + c(-1, 1) * qnorm((1 + level)/2) * s) }
# woolf <- function(x1, n1, x0, n0, level) { s <- sqrt(1/x1 + 1/(n1-x1) + 1/x0 + 1/(n0-x0))
#   exp(log(x1*(n0-x0)/(x0*(n1-x1))) + c(-1, 1) * qnorm((1 + level)/2) * s) }
# exact_or <- function(x1, n1, x0, n0, level) { m <- x1 + x0; k <- max(0, m - n0):min(n1, m);
#     t <- (1 - level)/2
#   logw <- lchoose(n1, k) + lchoose(n0, m - k)
#   prob <- function(u) { e <- logw + k*u; e <- exp(e - max(e)); e / sum(e) }
#   mean <- function(u) sum((k - x1) * prob(u)); ge <- function(u) sum(prob(u)[k >= x1]);
#     le <- function(u) sum(prob(u)[k <= x1])
#   lo <- x1 == min(k); hi <- x1 == max(k)
#   c(if (lo) 0 else if (hi) Inf else exp(root(mean, -30, 30)), if (lo) 0 else exp(root(function(u)
#     ge(u) - t, -30, 30)),
#     if (hi) Inf else exp(root(function(u) le(u) - t, -30, 30)), min(1, 2*ge(0), 2*le(0))) }
# g <- function(...) paste(sprintf("%.15g", c(...)), collapse = ", ")
# for (a in list(c(56,70,48,80,.95), c(9,10,3,10,.95), c(5,56,0,29,.95), c(0,10,0,20,.9),
#     c(10,10,0,20,.95), c(7,10,10,10,.95), c(10,10,2,10,.9), c(7,1430,3,1512,.998),
#     c(120,9800,90,9100,.95))) {
#   b <- as.list(a); h <- g(a)
#   cat(sprintf("    (%s, \"newcombe\", %s),\n", h, g(do.call(newcombe, b))))
#   cat(sprintf("    (%s, \"miettinen_nurminen\", %s),\n", h, g(do.call(mn_d, b))))
#   if (a[1]*a[3] + (a[2]-a[1])*(a[4]-a[3]) > 0 ) cat(sprintf("    (%s, \"wald\", %s),\n", h,
#     g(do.call(wald_d, b)))) }
# cat("RATIO\n")
# for (a in list(c(56,70,48,80,.95), c(9,10,3,10,.95), c(5,56,0,29,.95), c(0,10,5,20,.9),
#     c(10,10,0,20,.95), c(7,10,10,10,.95), c(10,10,2,10,.9), c(7,1430,3,1512,.998),
#     c(120,9800,90,9100,.95))) {
#   b <- as.list(a); h <- g(a); p <- do.call(score_p, b[1:4])
#   cat(sprintf("    (%s, \"miettinen_nurminen\", %s),\n", h, g(do.call(mn_r, b), p)))
#   if (a[1]*a[3] > 0) { s <- sqrt(1/a[1] - 1/a[2] + 1/a[3] - 1/a[4]);
#     p <- 2*pnorm(-abs(log(a[1]*a[4]/(a[2]*a[3])))/s)
#    cat(sprintf("    (%s, \"katz\", %s),\n", h, g(do.call(katz, b), p)))} }
# cat("ODDS\n")
# for (a in list(c(56,70,48,80,.95), c(2,17,10,13,.95), c(9,10,3,10,.9), c(5,56,0,29,.95),
#     c(0,10,5,20,.95), c(7,10,10,10,.95), c(7,1430,3,1512,.998), c(1200,98000,900,91000,.95))) {
#   b <- as.list(a); h <- g(a)
#   cat(sprintf("    (%s, \"exact\", %s),\n", h, g(do.call(exact_or, b))))
#   if (a[1]*a[3]*(a[2]-a[1])*(a[4]-a[3]) > 0) { s <- sqrt(1/a[1] + 1/(a[2]-a[1])
#     + 1/a[3] + 1/(a[4]-a[3])); v <- a[1]*(a[4]-a[3])/(a[3]*(a[2]-a[1]))
#     cat(sprintf("    (%s, \"woolf\", %s),\n", h, g(v, do.call(woolf, b), 2*pnorm(-abs(log(v))/s)))) }}
DIFFERENCES_IN_R = [
    (56, 70, 48, 80, 0.95, "newcombe", 0.0524314724023649, 0.333872654036906),
    (56, 70, 48, 80, 0.95, "miettinen_nurminen", 0.0528297132458447, 0.338172940015868),
    (56, 70, 48, 80, 0.95, "wald", 0.0575048991490372, 0.342495100850963),
    (9, 10, 3, 10, 0.95, "newcombe", 0.170522723934503, 0.809017973535488),
    (9, 10, 3, 10, 0.95, "miettinen_nurminen", 0.170025016424399, 0.840649543943328),
    (9, 10, 3, 10, 0.95, "wald", 0.260524279777149, 0.939475720222851),
    (5, 56, 0, 29, 0.95, "newcombe", -0.0381371479035369, 0.192560013855112),
    (5, 56, 0, 29, 0.95, "miettinen_nurminen", -0.0325965617435137, 0.193330976690881),
    (5, 56, 0, 29, 0.95, "wald", 0.014600240442592, 0.163971188128837),
    (0, 10, 0, 20, 0.9, "newcombe", -0.119157837360964, 0.212941970083407),
    (0, 10, 0, 20, 0.9, "miettinen_nurminen", -0.122762311355118, 0.218679074125583),
    (10, 10, 0, 20, 0.95, "newcombe", 0.679086037141915, 1),
    (10, 10, 0, 20, 0.95, "miettinen_nurminen", 0.715618660465623, 1),
    (7, 10, 10, 10, 0.95, "newcombe", -0.603221852538855, 0.0375924345790506),
    (7, 10, 10, 10, 0.95, "miettinen_nurminen", -0.610138497517912, 0.0319484283330112),
    (7, 10, 10, 10, 0.95, "wald", -0.584025765089325, -0.0159742349106747),
    (10, 10, 2, 10, 0.9, "newcombe", 0.464541131871034, 0.931442012262468),
    (10, 10, 2, 10, 0.9, "miettinen_nurminen", 0.522037678953235, 0.933221791849783),
    (10, 10, 2, 10, 0.9, "wald", 0.591940644849777, 1.00805935515022),
    (7, 1430, 3, 1512, 0.998, "newcombe", -0.00558509184935001, 0.0128873174096543),
    (7, 1430, 3, 1512, 0.998, "miettinen_nurminen", -0.00538784281636536, 0.0129663903197888),
    (7, 1430, 3, 1512, 0.998, "wald", -0.00379991048631942, 0.00962186630827524),
    (120, 9800, 90, 9100, 0.95, "newcombe", -0.000651792602063566, 0.00535811234540657),
    (120, 9800, 90, 9100, 0.95, "miettinen_nurminen", -0.00064500023480709, 0.00536535994071483),
    (120, 9800, 90, 9100, 0.95, "wald", -0.000624264395488629, 0.0053338405336362),
]
RATIOS_IN_R = [
    (56, 70, 48, 80, 0.95, "miettinen_nurminen", 1.07904711953443, 1.67214535908977, 0.00825828792938076),
    (56, 70, 48, 80, 0.95, "katz", 1.07662642276319, 1.65124851126639, 0.00837292351756878),
    (9, 10, 3, 10, 0.95, "miettinen_nurminen", 1.32795657348352, 8.69191494901729, 0.00760164147522016),
    (9, 10, 3, 10, 0.95, "katz", 1.13835035744767, 7.90617751478479, 0.026279740134467),
    (5, 56, 0, 29, 0.95, "miettinen_nurminen", 0.717495078277114, inf, 0.0991756545705508),
    (0, 10, 5, 20, 0.9, "miettinen_nurminen", 0, 0.939875662806304, 0.0885795525797769),
    (10, 10, 0, 20, 0.95, "miettinen_nurminen", 6.03281025145544, inf, 7.23782987174002e-08),
    (7, 10, 10, 10, 0.95, "miettinen_nurminen", 0.389861502482088, 1.04370947343053, 0.0670850494190506),
    (7, 10, 10, 10, 0.95, "katz", 0.466533226139489, 1.05030032706287, 0.0849059478630327),
    (10, 10, 2, 10, 0.9, "miettinen_nurminen", 2.14490610885291, 14.974945086135, 0.000372232565736578),
    (10, 10, 2, 10, 0.9, "katz", 1.76674900371964, 14.1502839098061, 0.010935763537629),
    (7, 1430, 3, 1512, 0.998, "miettinen_nurminen", 0.387055345238631, 15.745243083633, 0.17520978489895),
    (7, 1430, 3, 1512, 0.998, "katz", 0.293359241720491, 20.7484330419923, 0.190017555460269),
    (120, 9800, 90, 9100, 0.95, "miettinen_nurminen", 0.944238014996234, 1.6235215246018, 0.12280944205455),
    (120, 9800, 90, 9100, 0.95, "katz", 0.943426963285921, 1.62479966997672, 0.123551847038243),
]
ODDS_IN_R = [
    (56, 70, 48, 80, 0.95, "exact", 2.64918729572369, 1.20911547892412, 6.03987301313345, 0.0126494222597968),
    (
        56,
        70,
        48,
        80,
        0.95,
        "woolf",
        2.66666666666667,
        1.27621787053643,
        5.57201969607438,
        0.00908994769629547,
    ),
    (
        2,
        17,
        10,
        13,
        0.95,
        "exact",
        0.04693663904968,
        0.00331716395065737,
        0.363189602356681,
        0.000930361886725811,
    ),
    (2, 17, 10, 13, 0.95, "woolf", 0.04, 0.0056345397637287, 0.283962855369253, 0.00128694202582775),
    (9, 10, 3, 10, 0.9, "exact", 17.2690339379717, 1.83662111811319, 514.470588365915, 0.0197666110978805),
    (9, 10, 3, 10, 0.9, "woolf", 21, 2.64375870575321, 166.807961346971, 0.0156698905101414),
    (5, 56, 0, 29, 0.95, "exact", inf, 0.483271501042005, inf, 0.232904837907344),
    (0, 10, 5, 20, 0.95, "exact", 0, 0, 2.06396221156716, 0.217590838280494),
    (7, 10, 10, 10, 0.95, "exact", 0, 0, 2.25522758580892, 0.210526315789474),
    (
        7,
        1430,
        3,
        1512,
        0.998,
        "exact",
        2.47362692612834,
        0.271872615222429,
        49.4391203709752,
        0.299099930362613,
    ),
    (
        7,
        1430,
        3,
        1512,
        0.998,
        "woolf",
        2.47434996486297,
        0.292426977446581,
        20.9365353432064,
        0.18985499415151,
    ),
    (
        1200,
        98000,
        900,
        91000,
        0.95,
        "exact",
        1.24104542452319,
        1.13678397498344,
        1.35523813465186,
        1.12638714825141e-06,
    ),
    (
        1200,
        98000,
        900,
        91000,
        0.95,
        "woolf",
        1.24104683195592,
        1.13775157902731,
        1.35372015077719,
        1.11237961625743e-06,
    ),
]


@pytest.mark.parametrize(("x1", "n1", "x0", "n0", "level", "method", "lower", "upper"), DIFFERENCES_IN_R)
def test_difference_as_in_r(x1, n1, x0, n0, level, method, lower, upper):
    got = risk_difference(x1, n1, x0, n0, method=method, confidence_level=level)
    assert (got.lower, got.upper) == pytest.approx((lower, upper), rel=1e-8, abs=0)
    assert got.value == pytest.approx(x1 / n1 - x0 / n0, rel=1e-14)
    assert (got.method, got.confidence_level, got.per) == (method, level, 1)


@pytest.mark.parametrize(
    ("x1", "n1", "x0", "n0", "level", "method", "lower", "upper", "p_value"), RATIOS_IN_R
)
def test_ratio_as_in_r(x1, n1, x0, n0, level, method, lower, upper, p_value):
    got = risk_ratio(x1, n1, x0, n0, method=method, confidence_level=level)
    assert (got.lower, got.upper, got.p_value) == pytest.approx((lower, upper, p_value), rel=1e-8, abs=0)
    assert got.value == (pytest.approx(x1 * n0 / (n1 * x0), rel=1e-14) if x0 else inf)


@pytest.mark.parametrize(
    ("x1", "n1", "x0", "n0", "level", "method", "value", "lower", "upper", "p_value"), ODDS_IN_R
)
def test_odds_as_in_r(x1, n1, x0, n0, level, method, value, lower, upper, p_value):
    got = odds_ratio(x1, n1, x0, n0, method=method, confidence_level=level)
    wanted = (value, lower, upper, p_value)
    assert (got.value, got.lower, got.upper, got.p_value) == pytest.approx(wanted, rel=1e-8, abs=0)


@given(groups(), st.sampled_from(DIFFERENCE_METHODS))
def test_swapping_the_groups_negates_the_difference(group, method):
    one = risk_difference(*group, method=method)
    two = risk_difference(*group[2:], *group[:2], method=method)
    assert (-two.value, -two.upper, -two.lower) == pytest.approx(
        (one.value, one.lower, one.upper), rel=1e-9, abs=1e-13
    )


@given(groups(), st.sampled_from(RATIO_METHODS))
def test_swapping_the_groups_inverts_the_ratio(group, method):
    assume(group[0] + group[2] > 0)
    one, two = risk_ratio(*group, method=method), risk_ratio(*group[2:], *group[:2], method=method)
    assert [inverse(x) for x in (two.value, two.upper, two.lower)] == pytest.approx(
        [one.value, one.lower, one.upper], rel=1e-9
    )
    assert two.p_value == pytest.approx(one.p_value, rel=1e-9, nan_ok=True)


@given(groups(most=300), st.sampled_from(ODDS_METHODS))
def test_swapping_the_groups_or_the_outcome_inverts_the_odds(group, method):
    events, total, others, other_total = group
    assume(0 < events + others < total + other_total)
    one = odds_ratio(*group, method=method)
    swapped = odds_ratio(others, other_total, events, total, method=method)
    reversed_ = odds_ratio(total - events, total, other_total - others, other_total, method=method)
    for two in (swapped, reversed_):
        assert [inverse(x) for x in (two.value, two.upper, two.lower)] == pytest.approx(
            [one.value, one.lower, one.upper], rel=1e-8
        )
        assert two.p_value == pytest.approx(one.p_value, rel=1e-8, nan_ok=True)


def inverse(x: float) -> float:
    return 1 / x if x else inf


@given(groups(), st.sampled_from(DIFFERENCE_METHODS), st.sampled_from([0.5, 0.9, 0.99]))
def test_difference_lies_between_limits_that_widen_with_the_level(group, method, level):
    one = risk_difference(*group, method=method, confidence_level=level)
    two = risk_difference(*group, method=method, confidence_level=level + 0.009)
    assert one.lower - 1e-13 <= one.value <= one.upper + 1e-13
    assert two.lower <= one.lower + 1e-13
    assert two.upper >= one.upper - 1e-13
    if method != "wald":
        assert one.lower >= -1
        assert one.upper <= 1
        assert one.lower < one.upper


@given(
    groups(most=300),
    st.sampled_from(
        [(risk_ratio, method) for method in RATIO_METHODS] + [(odds_ratio, method) for method in ODDS_METHODS]
    ),
    st.sampled_from([0.5, 0.9, 0.99]),
)
def test_ratio_lies_between_limits_that_widen_with_the_level(group, measure, level):
    function, method = measure
    one = function(*group, method=method, confidence_level=level)
    assume(not np.isnan(one.value))
    two = function(*group, method=method, confidence_level=level + 0.009)
    assert 0 <= two.lower <= one.lower * (1 + 1e-12)
    assert one.lower <= one.value * (1 + 1e-12)
    assert one.value <= one.upper * (1 + 1e-12)
    assert one.upper <= two.upper * (1 + 1e-12)
    assert one.lower < one.upper


@given(groups(), st.sampled_from([0.8, 0.95, 0.998]))
def test_score_limits_exclude_equality_exactly_where_p_is_small(group, level):
    difference = risk_difference(*group, method="miettinen_nurminen", confidence_level=level)
    assume(abs(difference.p_value - (1 - level)) > 1e-9)
    small = difference.p_value < 1 - level
    assert small == (difference.lower > 0 or difference.upper < 0)
    assume(group[0] + group[2] > 0)
    ratio = risk_ratio(*group, confidence_level=level)
    assert small == (ratio.lower > 1 or ratio.upper < 1)


@given(groups(most=300), st.sampled_from([0.8, 0.95, 0.998]))
def test_exact_odds_exclude_one_exactly_where_p_is_small(group, level):
    odds = odds_ratio(*group, confidence_level=level)
    assume(not np.isnan(odds.value))
    assume(abs(odds.p_value - (1 - level)) > 1e-9)
    assert (odds.p_value < 1 - level) == (odds.lower > 1 or odds.upper < 1)


def test_zero_cells_are_never_filled():
    ratio = risk_ratio([5, 0, 0, 10], [56, 10, 10, 10], [0, 5, 0, 0], [29, 20, 20, 10])
    assert list(ratio.note) == [
        "no events in the reference group",
        "",
        "no events in either group",
        "no events in the reference group",
    ]
    np.testing.assert_array_equal(ratio.value, [inf, 0, np.nan, inf])
    np.testing.assert_array_equal(ratio.upper[[0, 3]], [inf, inf])
    assert 0 < ratio.lower[0] < inf
    odds = odds_ratio([5, 0, 0, 10, 10], [56, 10, 10, 10, 10], [0, 5, 0, 4, 20], [29, 20, 20, 10, 20])
    np.testing.assert_array_equal(odds.value, [inf, 0, np.nan, inf, np.nan])
    assert list(odds.note)[2:] == [
        "no events in either group",
        "nothing but events in the exposed group",
        "nothing but events in both groups",
    ]


@pytest.mark.parametrize(("function", "method"), [(risk_ratio, "katz"), (odds_ratio, "woolf")])
def test_normal_limits_know_nothing_of_an_empty_group(function, method):
    for group in ((5, 56, 0, 29), (0, 56, 5, 29)):
        ratio = function(*group, method=method)
        assert (ratio.lower, ratio.upper) == (0.0, inf)
        assert np.isnan(ratio.p_value)
        assert f"{method} limits need" in ratio.note


def test_wald_difference_without_variance_has_no_narrow_limits():
    nothing = risk_difference(0, 10, 0, 20, method="wald")
    assert (nothing.value, nothing.lower, nothing.upper) == (0, -1, 1)
    assert nothing.note == "wald limits need events and non-events"


def test_a_wide_support_gives_the_same_odds_in_a_batch_and_alone():
    many = [np.array(part) for part in ([5, 1200, 3], [56, 98000, 40], [2, 900, 9], [29, 91000, 50])]
    batch = odds_ratio(*many)
    for place in range(3):
        alone = odds_ratio(*(int(part[place]) for part in many))
        got = [part[place] for part in (batch.value, batch.lower, batch.upper)]
        assert got == pytest.approx([alone.value, alone.lower, alone.upper], rel=1e-12)


def test_shapes_labels_and_missing_values():
    index = pd.Index(["a", "b", "c"], name="district")
    given_ = [pd.Series(part, index=index) for part in ([3, None, 0], [30, 20, 0], [4, 5, 1], [40, 50, 10])]
    for function in (risk_difference, risk_ratio, odds_ratio):
        series = function(*given_)
        assert list(series.value.index) == ["a", "b", "c"]
        assert list(series.note) == ["", "missing: exposed_events", "denominator zero"]
        assert series.lower.isna().tolist() == [False, True, True]
        shuffled = function(*(part.iloc[[2, 0, 1]] for part in given_))
        pd.testing.assert_series_equal(shuffled.upper.loc[index], series.upper)
        assert function(3, 30, 4, 40).upper == series.upper["a"]
        assert function([[3, 3]], 30, [[4, 4]], 40).upper.shape == (1, 2)
    with pytest.raises(ValueError, match="`exposed_events` must be at most `exposed_total`; got 5 of 4"):
        risk_ratio(5, 4, 1, 10)
    with pytest.raises(ValueError, match="same labels in another order"):
        risk_ratio(given_[0], given_[1].iloc[::-1], given_[2], given_[3])
