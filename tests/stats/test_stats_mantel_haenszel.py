"""Mantel-Haenszel and the test of homogeneity: R's answers, laws, empty strata."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import stats

from mchepi import homogeneity_test, mantel_haenszel
from mchepi.stats.stratified import VARIANCES

measures = st.sampled_from(sorted(VARIANCES))

TABLES = {
    # the migraine trial in the documentation of SAS's FREQ procedure
    "migraine": ([16, 12], [27, 28], [5, 7], [25, 26]),
    "sparse": ([3, 0, 5, 1], [143, 98, 210, 31], [1, 2, 2, 0], [151, 120, 190, 40]),
    "large": ([120, 340, 95], [2100, 4300, 1150], [80, 310, 120], [1900, 4100, 1300]),
}

# R 4.2.2 (odds ratios: stats::mantelhaen.test; homogeneity: each stratum's likelihood by its own search):
#
# mh <- function(measure, a, n1, c, n0, level) {
#   N <- n1 + n0; b <- n1 - a; d <- n0 - c; z <- qnorm((1 + level)/2)
#   if (measure == "risk_difference") {
#     v <- sum((a*n0 - c*n1)/N) / sum(n1*n0/N)
#     P <- (n1^2*c - n0^2*a + n1*n0*(n0 - n1)/2) / N^2; Q <- (a*d + c*b) / (2*N)
#     s <- sqrt((v*sum(P) + sum(Q)) / sum(n1*n0/N)^2)
#     return(c(v, v - z*s, v + z*s, 2*pnorm(-abs(v)/s))) }
#   if (measure == "odds_ratio") {
#     m <- mantelhaen.test(array(rbind(a, c, b, d), c(2, 2, length(a))), correct = FALSE,
#     conf.level = level)
#     v <- unname(m$estimate); s <- log(m$conf.int[2]/v) / z
#     return(c(v, m$conf.int, 2*pnorm(-abs(log(v))/s))) }
#   R <- sum(a*n0/N); S <- sum(c*n1/N); v <- R/S
#   s <- sqrt(sum(if (measure == "risk_ratio") (n1*n0*(a + c) - a*c*N)/N^2 else n1*n0*(a + c)/N^2) / (R*S))
#   c(v, v*exp(-z*s), v*exp(z*s), 2*pnorm(-abs(log(v))/s)) }
# root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-18, maxiter = 10000)$root
# # homogeneity: each stratum's likelihood, held at the common value v;
#     score and information by its own search
# homogeneity <- function(measure, a, n1, c, n0, v) { U <- I <- numeric(length(a))
#   for (i in seq_along(a)) { x <- a[i]; y <- c[i]; n <- n1[i]; m <- n0[i]
#     if (measure == "rate_ratio") { p <- v*n/(v*n + m); U[i] <- x - (x + y)*p;
#     I[i] <- (x + y)*p*(1 - p); next }
#     q <- function(k, p) if (k == 0) 0 else k/p
#     link <- switch(measure, risk_ratio = function(p) v*p, odds_ratio = function(p)
#     v*p/(1 - p + v*p), risk_difference = function(p) p + v)
#     low <- if (measure == "risk_difference") max(0, -v) else 0
#     high <- switch(measure, risk_ratio = min(1, 1/v), odds_ratio = 1, risk_difference = min(1, 1 - v))
#     slope <- function(p) { r <- link(p); j <- switch(measure, risk_ratio = v,
#     odds_ratio = v/(1 - p + v*p)^2, risk_difference = 1)
#       j * (q(x, r) - q(n - x, 1 - r)) + q(y, p) - q(m - y, 1 - p) }
#     p <- root(slope, low + 1e-14, high - 1e-14); r <- link(p)
#     if (measure == "risk_ratio") { V <- (1 - r)/(n*r) + (1 - p)/(m*p); U[i] <- (x - n*r)/(1 - r);
#     I[i] <- 1/V }
#     if (measure == "risk_difference") { U[i] <- (x - n*r)/(r*(1 - r));
#     I[i] <- 1/(r*(1 - r)/n + p*(1 - p)/m) }
#     if (measure == "odds_ratio") { U[i] <- x - n*r; I[i] <- 1/(1/(n*r) + 1/(n*(1-r)) + 1/(m*p)
#     + 1/(m*(1-p))) } }
#   x2 <- sum(U^2/I) - sum(U)^2/sum(I); c(x2, pchisq(x2, length(a) - 1, lower.tail = FALSE)) }
# g <- function(...) paste(sprintf("%.15g", c(...)), collapse = ", ")
# tables <- list(migraine = list(c(16, 12), c(27, 28), c(5, 7), c(25, 26)),
#   sparse = list(c(3, 0, 5, 1), c(143, 98, 210, 31), c(1, 2, 2, 0), c(151, 120, 190, 40)),
#   large = list(c(120, 340, 95), c(2100, 4300, 1150), c(80, 310, 120), c(1900, 4100, 1300)))
# for (name in names(tables)) for (measure in c("risk_ratio", "odds_ratio", "risk_difference",
#     "rate_ratio")) {
#   r <- do.call(mh, c(list(measure), tables[[name]], .95)); h <- do.call(homogeneity,
#     c(list(measure), tables[[name]], r[1]))
#   cat(sprintf("    (\"%s\", \"%s\", %s),\n", name, measure, g(r, h))) }
IN_R = [
    (
        "migraine",
        "risk_ratio",
        2.16359684246654,
        1.23356795117687,
        3.79480618985374,
        0.00709814477415101,
        1.16975573900632,
        0.279451435244891,
    ),
    (
        "migraine",
        "odds_ratio",
        3.31316806913805,
        1.44561319018612,
        7.59337472075961,
        0.00464201624907938,
        1.49053733734712,
        0.222133107641235,
    ),
    (
        "migraine",
        "risk_difference",
        0.273759857884962,
        0.0965028250948667,
        0.451016890675058,
        0.00246982786423697,
        1.6822671883293,
        0.194623468725627,
    ),
    (
        "migraine",
        "rate_ratio",
        2.16359684246654,
        1.10015036040078,
        4.25501046513845,
        0.0253147671917298,
        0.79935815762675,
        0.371285339137486,
    ),
    (
        "sparse",
        "risk_ratio",
        1.83914542216121,
        0.610789265890943,
        5.5378443478744,
        0.278642356342844,
        4.0421856967751,
        0.256944720658319,
    ),
    (
        "sparse",
        "odds_ratio",
        1.85145291526287,
        0.612066330806349,
        5.60050067272845,
        0.275404687072014,
        4.0429675422266,
        0.256861635059999,
    ),
    (
        "sparse",
        "risk_difference",
        0.00835517180274482,
        -0.00649095669005736,
        0.023201300295547,
        0.270010899179952,
        3.81391479951655,
        0.282271749575104,
    ),
    (
        "sparse",
        "rate_ratio",
        1.83914542216121,
        0.607373059844557,
        5.56899228411971,
        0.281083008851656,
        3.99402332023895,
        0.262110227026228,
    ),
    (
        "large",
        "risk_ratio",
        1.06358932281672,
        0.947071509146414,
        1.19444227461693,
        0.297702627471338,
        4.80245912409455,
        0.0906064784836806,
    ),
    (
        "large",
        "odds_ratio",
        1.0688391470536,
        0.943102958937823,
        1.21133871063338,
        0.297146583870676,
        4.74390440286717,
        0.0932984110860969,
    ),
    (
        "large",
        "risk_difference",
        0.00440940979981004,
        -0.00387467257382113,
        0.0126934921734412,
        0.296837246682181,
        3.79021528056192,
        0.150302155609377,
    ),
    (
        "large",
        "rate_ratio",
        1.06358932281672,
        0.942791219364732,
        1.19986506489949,
        0.316224999967957,
        4.49660364855246,
        0.105578363027566,
    ),
]


@pytest.mark.parametrize(
    ("name", "measure", "value", "lower", "upper", "p_value", "statistic", "homogeneity"), IN_R
)
def test_as_in_r(name, measure, value, lower, upper, p_value, statistic, homogeneity):
    got = mantel_haenszel(*TABLES[name], measure=measure)
    wanted = (value, lower, upper, p_value)
    assert (got.value, got.lower, got.upper, got.p_value) == pytest.approx(wanted, rel=1e-8, abs=0)
    assert got.method == f"{measure}, {VARIANCES[measure]}"
    test = homogeneity_test(*TABLES[name], measure=measure)
    assert (test.statistic, test.p_value) == pytest.approx((statistic, homogeneity), rel=1e-8, abs=0)


@st.composite
def strata(draw: st.DrawFn) -> list[list[int]]:
    rows = draw(st.integers(1, 5))
    totals = [draw(st.integers(1, 400)) for _ in range(2 * rows)]
    events = [draw(st.integers(0, min(total, 12))) for total in totals]
    return [events[:rows], totals[:rows], events[rows:], totals[rows:]]


@given(strata(), measures)
def test_swapping_the_groups_turns_the_measure_round(table, measure):
    one = mantel_haenszel(*table, measure=measure)
    two = mantel_haenszel(*table[2:], *table[:2], measure=measure)
    assume(not np.isnan(one.value))
    if measure == "risk_difference":
        turned = (-two.value, -two.upper, -two.lower)
    else:
        turned = tuple(1 / x if x else np.inf for x in (two.value, two.upper, two.lower))
    assert turned == pytest.approx((one.value, one.lower, one.upper), rel=1e-7, abs=1e-12)


@given(strata(), measures, st.randoms(use_true_random=False))
def test_the_order_of_strata_never_matters(table, measure, random):
    order = list(range(len(table[0])))
    random.shuffle(order)
    index = pd.Index([f"age {row}" for row in order])
    shuffled = [pd.Series([part[row] for row in order], index=index) for part in table]
    one, two = mantel_haenszel(*table, measure=measure), mantel_haenszel(*shuffled, measure=measure)
    assert (two.value, two.lower, two.upper) == pytest.approx(
        (one.value, one.lower, one.upper), rel=1e-9, abs=1e-13, nan_ok=True
    )
    tests = homogeneity_test(*table, measure=measure), homogeneity_test(*shuffled, measure=measure)
    assert tests[1].statistic == pytest.approx(tests[0].statistic, rel=1e-6, abs=1e-9, nan_ok=True)


@given(strata(), measures, st.sampled_from([0.5, 0.9, 0.99]))
def test_it_lies_between_limits_that_widen_with_the_level(table, measure, level):
    one = mantel_haenszel(*table, measure=measure, confidence_level=level)
    assume(not np.isnan(one.value))
    two = mantel_haenszel(*table, measure=measure, confidence_level=level + 0.009)
    assert two.lower <= one.lower <= one.value <= one.upper <= two.upper
    assert one.lower < one.upper


@given(strata(), measures)
def test_strata_that_say_nothing_change_nothing(table, measure):
    more = [[*part, *extra] for part, extra in zip(table, ([0, 0], [0, 7], [0, 0], [0, 0]), strict=True)]
    one, two = mantel_haenszel(*table, measure=measure), mantel_haenszel(*more, measure=measure)
    assert (two.value, two.lower, two.upper, two.p_value) == pytest.approx(
        (one.value, one.lower, one.upper, one.p_value), rel=1e-12, nan_ok=True
    )
    tests = homogeneity_test(*table, measure=measure), homogeneity_test(*more, measure=measure)
    assert tests[1].p_value == pytest.approx(tests[0].p_value, rel=1e-9, nan_ok=True)


@given(st.integers(1, 40), st.integers(41, 400), st.integers(1, 40), st.integers(41, 400))
def test_equal_strata_are_homogeneous_and_one_stratum_is_its_own_measure(events, total, others, other_total):
    crude = {
        "risk_ratio": events / total / (others / other_total),
        "rate_ratio": events / total / (others / other_total),
        "odds_ratio": events * (other_total - others) / (others * (total - events)),
        "risk_difference": events / total - others / other_total,
    }
    for measure, value in crude.items():
        three = [[part] * 3 for part in (events, total, others, other_total)]
        assert mantel_haenszel(*three, measure=measure).value == pytest.approx(value, rel=1e-9, abs=1e-13)
        assert homogeneity_test(*three, measure=measure).statistic == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("measure", sorted(VARIANCES))
def test_homogeneity_holds_its_level(measure):
    # Simulated: four strata with the same measure, 2,000 times; chi-squared would reject 5 %.
    random = np.random.default_rng(20)
    total, others = np.array([400, 300, 500, 350]), np.array([350, 420, 300, 500])
    base = np.array([0.10, 0.16, 0.07, 0.12])
    risk = {
        "risk_ratio": 1.5 * base,
        "odds_ratio": 1.5 * base / (1 - base + 1.5 * base),
        "risk_difference": base + 0.05,
        "rate_ratio": 1.5 * base,
    }[measure]
    if measure == "rate_ratio":
        events, other_events = (
            random.poisson(risk * total, (2000, 4)),
            random.poisson(base * others, (2000, 4)),
        )
    else:
        events, other_events = (
            random.binomial(total, risk, (2000, 4)),
            random.binomial(others, base, (2000, 4)),
        )
    test = homogeneity_test(events, total, other_events, others, measure=measure)
    rejected = int((test.p_value < 0.05).sum())
    assert stats.binomtest(rejected, 2000, 0.05).pvalue > 0.001, rejected


def test_zero_sums_are_never_filled():
    no_reference = mantel_haenszel([1, 2], [27, 28], [0, 0], [25, 26])
    assert (no_reference.value, no_reference.lower, no_reference.upper) == (np.inf, 0, np.inf)
    assert no_reference.note.startswith("no events in the reference group")
    nothing = mantel_haenszel([0, 0], [27, 28], [0, 0], [25, 26], measure="risk_difference")
    assert (nothing.value, nothing.lower, nothing.upper) == (0, -1, 1)
    assert np.isnan(mantel_haenszel([0, 0], [27, 28], [0, 0], [25, 26]).value)
    assert np.isnan(homogeneity_test([1, 2], [27, 28], [0, 0], [25, 26]).p_value)
    assert np.isnan(homogeneity_test([1], [27], [2], [25]).p_value)


def test_shapes_missing_values_and_faults():
    table = [np.array([part, part]) for part in TABLES["sparse"]]
    table[0] = table[0].astype(float)
    table[0][1, 2] = np.nan
    got = mantel_haenszel(*table, measure="odds_ratio")
    assert got.value.shape == (2,)
    assert got.value[0] == mantel_haenszel(*TABLES["sparse"], measure="odds_ratio").value
    assert list(got.note) == ["", "missing: exposed_events"]
    assert np.isnan(homogeneity_test(*table).p_value).tolist() == [False, True]
    with pytest.raises(ValueError, match="`exposed_events` must be one number a stratum"):
        mantel_haenszel(1, 10, 2, 20)
    with pytest.raises(
        ValueError, match="`exposed_events` must be 0 where `exposed_total` is 0; got 1 at position 1"
    ):
        mantel_haenszel([1, 1], [10.5, 0], [2, 1], [20, 10], measure="rate_ratio")
    with pytest.raises(ValueError, match="Did you mean 'odds_ratio'"):
        mantel_haenszel([1], [10], [2], [20], measure="odd_ratio")


def exact_variance(table, measure):
    """Sums of the measure and its variance in whole fractions: Greenland and Robins's, Sato's."""
    up = down = first = second = weight = Fraction(0)
    for a, n1, c, n0 in zip(*(map(Fraction, part) for part in table), strict=True):
        if not n1 or not n0:
            continue
        both = n1 + n0
        if measure == "risk_difference":
            up += (a * n0 - c * n1) / both
            weight += n1 * n0 / both
            first += (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / both**2
            second += (a * (n0 - c) + c * (n1 - a)) / (2 * both)
        else:
            up += a * n0 / both
            down += c * n1 / both
            first += (n1 * n0 * (a + c) - a * c * both) / both**2
    if measure == "risk_difference":
        return None if not weight else (up / weight * first + second) / weight**2
    return None if not up and not down else first / (up * down) if up and down else Fraction(0)


@st.composite
def all_or_nothing(draw: st.DrawFn) -> list[list[int]]:
    """Strata in whose groups everybody or nobody has the event; one of them may be mixed."""
    rows = draw(st.integers(1, 5))
    totals = [draw(st.integers(0, 60)) for _ in range(2 * rows)]
    # Often the same in all strata, as a variance of 0 takes it.
    pattern = draw(st.lists(st.booleans(), min_size=2, max_size=2))
    free = draw(st.booleans())
    shares = [draw(st.booleans()) if free else pattern[place // rows] for place in range(2 * rows)]
    events = [total * share for total, share in zip(totals, shares, strict=True)]
    if draw(st.booleans()):
        events[0] = draw(st.integers(0, totals[0]))
    return [events[:rows], totals[:rows], events[rows:], totals[rows:]]


@settings(max_examples=300)
@given(all_or_nothing(), st.sampled_from(["risk_ratio", "risk_difference"]))
@example(([36, 20], [36, 20], [24, 38], [24, 38]), "risk_ratio")
@example(([25, 20, 11], [25, 20, 11], [13, 2, 3], [13, 2, 3]), "risk_ratio")
@example(([7], [7], [0], [32]), "risk_difference")
def test_a_variance_of_0_is_seen_in_spite_of_rounding(table, measure):
    variance = exact_variance(table, measure)
    got = mantel_haenszel(*table, measure=measure)
    if variance is None:
        assert np.isnan([got.value, got.lower, got.upper]).all()
    elif variance == 0:
        widest = (-1, 1) if measure == "risk_difference" else (0, np.inf)
        assert (got.lower, got.upper) == widest
        assert np.isnan(got.p_value)
        assert "limits need events" in got.note
        if measure == "risk_difference":
            assert got.value in (-1, 0, 1)
    else:
        reach = got.upper - got.value if measure == "risk_difference" else np.log(got.upper / got.value)
        assert reach == pytest.approx(stats.norm.ppf(0.975) * float(variance) ** 0.5, rel=1e-6)


@settings(max_examples=100)
@given(all_or_nothing(), measures)
@example(([3], [3], [2], [2]), "risk_ratio")
@example(([3, 4], [3, 4], [2, 9], [2, 9]), "odds_ratio")
def test_homogeneity_of_all_or_nothing_never_warns_and_repeats_itself(table, measure):
    test = homogeneity_test(*table, measure=measure)
    assert np.isnan(test.p_value) or 0 <= test.p_value <= 1
    # Strata that are certain whatever the measure is say nothing.
    more = [[*part, extra] for part, extra in zip(table, (0, 7, 0, 9), strict=True)]
    if measure in ("odds_ratio", "rate_ratio", "risk_ratio"):
        again = homogeneity_test(*more, measure=measure)
        assert again.p_value == pytest.approx(test.p_value, rel=1e-9, nan_ok=True)
    if measure == "odds_ratio":
        more = [[*part, extra] for part, extra in zip(table, (7, 7, 9, 9), strict=True)]
        again = homogeneity_test(*more, measure=measure)
        assert again.p_value == pytest.approx(test.p_value, rel=1e-9, nan_ok=True)


def test_no_events_at_all_is_said():
    for measure in ("risk_ratio", "odds_ratio", "rate_ratio"):
        got = mantel_haenszel([0, 0, 4], [10, 10, 9], [0, 0, 0], [10, 12, 0], measure=measure)
        assert got.note == "no events in either group"
        got = mantel_haenszel([4], [9], [0], [0], measure=measure)
        assert got.note == "no stratum can be compared"
    many = mantel_haenszel([[0, 0], [1, 0]], [[9, 9], [9, 9]], [[0, 0], [2, 0]], [[9, 9], [9, 9]])
    assert list(many.note) == ["no events in either group", ""]
