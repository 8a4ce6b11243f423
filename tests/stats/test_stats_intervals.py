"""Limits of a proportion and of a count: R's answers, what defines them, and laws they must keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mchepi import count_interval, proportion_interval
from mchepi.stats.intervals import COUNT_LIMITS, PROPORTION_LIMITS

levels = st.sampled_from([0.8, 0.9, 0.95, 0.99, 0.998])
proportion_methods = st.sampled_from(sorted(PROPORTION_LIMITS))
count_methods = st.sampled_from(sorted(COUNT_LIMITS))


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, int]:
    total = draw(st.integers(1, 1_000_000) | st.integers(1, 40))
    return draw(st.integers(0, total) | st.integers(0, min(total, 5))), total


# R 4.2.2; every root is solved to machine precision:
#
# root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-20, maxiter = 10000)$root
# at_least <- function(x, n, p) pbinom(x - 1, n, p, lower.tail = FALSE)
# at_most <- function(x, n, p) pbinom(x, n, p)
# lower <- function(method, x, n, t, z = qnorm(t, lower.tail = FALSE), p = x / n, q = 1 - p, m = n + z^2)
#   switch(method,
#     wilson = (x + z^2/2 - z * sqrt(z^2/4 + n*p*q)) / m,
#     wilson_cc = if (x == 0) 0 else (2*x + z^2 - 1 - z * sqrt(z^2 - 2 - 1/n + 4*p*(n*q + 1))) / (2*m),
#     exact = if (x == 0) 0 else root(function(p) at_least(x, n, p) - t, 0, x/n),
#     midp = if (x == 0) 0 else
#       root(function(p) at_least(x, n, p) - dbinom(x, n, p)/2 - t, 0, min(1, x/n + 1e-9)),
#     jeffreys = if (x == 0) 0 else root(function(p) pbeta(p, x + .5, n - x + .5) - t, 0, 1),
#     agresti_coull = { c <- (x + z^2/2) / m; max(0, c - z * sqrt(c * (1 - c) / m)) })
# upper <- function(method, x, n, t, z = qnorm(t, lower.tail = FALSE), p = x / n, q = 1 - p, m = n + z^2)
#   switch(method,
#     wilson = (x + z^2/2 + z * sqrt(z^2/4 + n*p*q)) / m,
#     wilson_cc = if (x == n) 1 else (2*x + z^2 + 1 + z * sqrt(z^2 + 2 - 1/n + 4*p*(n*q - 1))) / (2*m),
#     exact = if (x == n) 1 else root(function(p) at_most(x, n, p) - t, x/n, 1),
#     midp = if (x == n) 1 else
#       root(function(p) at_most(x, n, p) - dbinom(x, n, p)/2 - t, max(0, x/n - 1e-9), 1),
#     jeffreys = if (x == n) 1 else root(function(p) pbeta(p, x+.5, n-x+.5, lower.tail = FALSE) - t, 0, 1),
#     agresti_coull = { c <- (x + z^2/2) / m; min(1, c + z * sqrt(c * (1 - c) / m)) })
# for (a in list(c(81, 263, .95), c(15, 148, .9), c(0, 20, .95), c(1, 29, .998), c(29, 29, .95),
#                c(1, 1, .95), c(3, 1430, .95), c(1, 1000000, .998), c(500000, 1000000, .9)))
#   for (method in c("wilson", "wilson_cc", "exact", "midp", "jeffreys", "agresti_coull")) {
#     x <- a[1]; n <- a[2]; t <- (1 - a[3]) / 2
#     cat(sprintf('(%d, %d, %s, "%s", %.15g, %.15g),\n', x, n, a[3], method,
#                 lower(method, x, n, t), upper(method, x, n, t)))
#   }
PROPORTIONS_IN_R = [
    (81, 263, 0.95, "wilson", 0.255288519878274, 0.3662095769828),
    (81, 263, 0.95, "wilson_cc", 0.253508682295185, 0.368176201043004),
    (81, 263, 0.95, "exact", 0.252736745585271, 0.367621922601351),
    (81, 263, 0.95, "midp", 0.254402104945522, 0.365773474257777),
    (81, 263, 0.95, "jeffreys", 0.254521934991023, 0.365647499174082),
    (81, 263, 0.95, "agresti_coull", 0.255220665189997, 0.366277431671078),
    (15, 148, 0.9, "wilson", 0.0674432622468714, 0.1495729317464),
    (15, 148, 0.9, "wilson_cc", 0.0647103596075063, 0.153462439911247),
    (15, 148, 0.9, "exact", 0.0635184488193509, 0.151768370240628),
    (15, 148, 0.9, "midp", 0.0659122996743723, 0.148247572040889),
    (15, 148, 0.9, "jeffreys", 0.0662503672088576, 0.14785302090954),
    (15, 148, 0.9, "agresti_coull", 0.0668353222957738, 0.150180871697498),
    (0, 20, 0.95, "wilson", 0, 0.161125158052819),
    (0, 20, 0.95, "wilson_cc", 0, 0.200453345013487),
    (0, 20, 0.95, "exact", 0, 0.168433470983085),
    (0, 20, 0.95, "midp", 0, 0.139108340668265),
    (0, 20, 0.95, "jeffreys", 0, 0.116638982904875),
    (0, 20, 0.95, "agresti_coull", 0, 0.189809560542489),
    (1, 29, 0.998, "wilson", 0.00301600135871693, 0.296586458036421),
    (1, 29, 0.998, "wilson_cc", 0.000819617700729313, 0.31923861927234),
    (1, 29, 0.998, "exact", 3.44994163843275e-05, 0.276881913578025),
    (1, 29, 0.998, "midp", 6.89655585345258e-05, 0.259515067385682),
    (1, 29, 0.998, "jeffreys", 0.000422504186600444, 0.246455232438646),
    (1, 29, 0.998, "agresti_coull", 0, 0.327424343050823),
    (29, 29, 0.95, "wilson", 0.883030201500259, 1),
    (29, 29, 0.95, "wilson_cc", 0.854383524420427, 1),
    (29, 29, 0.95, "exact", 0.880555130930497, 1),
    (29, 29, 0.95, "midp", 0.901855372322704, 1),
    (29, 29, 0.95, "jeffreys", 0.917713517076176, 1),
    (29, 29, 0.95, "agresti_coull", 0.861260047191147, 1),
    (1, 1, 0.95, "wilson", 0.206549314377238, 1),
    (1, 1, 0.95, "wilson_cc", 0.054620755528852, 1),
    (1, 1, 0.95, "exact", 0.025, 1),
    (1, 1, 0.95, "midp", 0.05, 1),
    (1, 1, 0.95, "jeffreys", 0.146746316309575, 1),
    (1, 1, 0.95, "agresti_coull", 0.167499485479413, 1),
    (3, 1430, 0.95, "wilson", 0.000713726895660447, 0.00614997394110328),
    (3, 1430, 0.95, "wilson_cc", 0.000541968395646351, 0.00666469310110016),
    (3, 1430, 0.95, "exact", 0.000432846980152473, 0.00611860780687315),
    (3, 1430, 0.95, "midp", 0.000533902631947965, 0.00569858238292778),
    (3, 1430, 0.95, "jeffreys", 0.000591205621043601, 0.00558809876647413),
    (3, 1430, 0.95, "agresti_coull", 0.000404831042796589, 0.00645886979396714),
    (1, 1000000, 0.998, "wilson", 8.72425841888444e-08, 1.1462182830244e-05),
    (1, 1000000, 0.998, "wilson_cc", 2.37511992788246e-08, 1.23674889989987e-05),
    (1, 1000000, 0.998, "exact", 1.00050033308304e-09, 9.2333754652917e-06),
    (1, 1000000, 0.998, "midp", 2.00000133199945e-09, 8.57286954562774e-06),
    (1, 1000000, 0.998, "jeffreys", 1.21487958712494e-08, 8.13308705766903e-06),
    (1, 1000000, 0.998, "agresti_coull", 0, 1.32006793196974e-05),
    (500000, 1000000, 0.9, "wilson", 0.499177574299078, 0.500822425700922),
    (500000, 1000000, 0.9, "wilson_cc", 0.499177074300431, 0.500822925699569),
    (500000, 1000000, 0.9, "exact", 0.499177073949477, 0.500822926050523),
    (500000, 1000000, 0.9, "midp", 0.499177573537196, 0.500822426462805),
    (500000, 1000000, 0.9, "jeffreys", 0.499177573948408, 0.500822426051592),
    (500000, 1000000, 0.9, "agresti_coull", 0.499177574299078, 0.500822425700922),
]


@pytest.mark.parametrize(("events", "total", "level", "method", "lower", "upper"), PROPORTIONS_IN_R)
def test_proportion_as_in_r(events, total, level, method, lower, upper):
    got = proportion_interval(events, total, method=method, confidence_level=level)
    assert got == pytest.approx((lower, upper), rel=1e-8, abs=0)


# R 4.2.2:
#
# root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-20, maxiter = 10000)$root
# at_least <- function(x, m) ppois(x - 1, m, lower.tail = FALSE)
# lower <- function(method, x, t, z = qnorm(t, lower.tail = FALSE))
#   if (x == 0) 0 else switch(method,
#     exact = root(function(m) at_least(x, m) - t, 0, x),
#     midp = root(function(m) at_least(x, m) - dpois(x, m)/2 - t, 0, x + 1),
#     byar = x * max(0, 1 - 1/(9*x) - z/(3*sqrt(x)))^3)
# upper <- function(method, x, t, z = qnorm(t, lower.tail = FALSE), y = x + 1, top = x + 10*sqrt(y) + 20)
#   switch(method,
#     exact = root(function(m) ppois(x, m) - t, x, top),
#     midp = root(function(m) ppois(x, m) - dpois(x, m)/2 - t, max(0, x - .5), top),
#     byar = y * (1 - 1/(9*y) + z/(3*sqrt(y)))^3)
# for (a in list(c(0, .95), c(1, .95), c(1, .998), c(3, .95), c(9, .9), c(10, .95), c(65, .998),
#                c(1000000, .95)))
#   for (method in c("exact", "midp", "byar")) { x <- a[1]; t <- (1 - a[2]) / 2
#     cat(sprintf('(%d, %s, "%s", %.15g, %.15g),\n', x, a[2], method,
#                 lower(method, x, t), upper(method, x, t))) }
COUNTS_IN_R = [
    (0, 0.95, "exact", 0, 3.68887945411394),
    (0, 0.95, "midp", 0, 2.99573227355399),
    (0, 0.95, "byar", 0, 3.66801183217375),
    (1, 0.95, "exact", 0.0253178079842899, 5.5716433909389),
    (1, 0.95, "midp", 0.0500203448353355, 4.93186052470677),
    (1, 0.95, "byar", 0.0130721329015044, 5.56375558247526),
    (1, 0.998, "exact", 0.00100050033358353, 9.23341347645158),
    (1, 0.998, "midp", 0.00200000133200346, 8.57290245419562),
    (1, 0.998, "byar", 0, 9.36218021790836),
    (3, 0.95, "exact", 0.618672122895601, 8.76727306974233),
    (3, 0.95, "midp", 0.763096297797782, 8.16446920836836),
    (3, 0.95, "byar", 0.60297257097023, 8.76536439674634),
    (9, 0.9, "exact", 4.69522754034449, 15.7052164221155),
    (9, 0.9, "midp", 5.00077097616215, 15.1451970254698),
    (9, 0.9, "byar", 4.69306585158297, 15.7008430783629),
    (10, 0.95, "exact", 4.79538869613243, 18.3903560420178),
    (10, 0.95, "midp", 5.07952184721734, 17.8248536965697),
    (10, 0.95, "byar", 4.78744991396756, 18.3914586057565),
    (65, 0.998, "exact", 42.9018377497073, 93.9762796484364),
    (65, 0.998, "midp", 43.264679702115, 93.4336731417712),
    (65, 0.998, "byar", 42.8802614714802, 94.000290844318),
    (1000000, 0.95, "exact", 998040.983340294, 1001961.91194543),
    (1000000, 0.95, "midp", 998041.482605426, 1001961.41170056),
    (1000000, 0.95, "byar", 998040.983324986, 1001961.91196067),
]


@pytest.mark.parametrize(("events", "level", "method", "lower", "upper"), COUNTS_IN_R)
def test_count_as_in_r(events, level, method, lower, upper):
    got = count_interval(events, method=method, confidence_level=level)
    assert got == pytest.approx((lower, upper), rel=1e-8, abs=0)


def test_phe_is_exact_below_ten_and_byar_from_ten():
    events = np.arange(30)
    phe = np.array(count_interval(events, method="phe"))
    exact = np.array(count_interval(events, method="exact"))
    byar = np.array(count_interval(events, method="byar"))
    np.testing.assert_array_equal(phe[:, :10], exact[:, :10])
    np.testing.assert_array_equal(phe[:, 10:], byar[:, 10:])


def test_byar_is_zero_where_its_cube_would_be_negative():
    # 1 - 1/9 - 3.09/3 < 0
    lower, upper = count_interval(1, method="byar", confidence_level=0.998)
    assert lower == 0.0
    assert upper == pytest.approx(9.362180217908362, rel=1e-12)  # PHEindicatormethods gives the same


@pytest.mark.parametrize("method", sorted(PROPORTION_LIMITS))
def test_ends_are_exact_numbers(method):
    lower, upper = proportion_interval([0, 7, 0, 1], [7, 7, 1, 1], method=method)
    assert lower[0] == lower[2] == 0.0
    assert upper[1] == upper[3] == 1.0
    assert 0 < upper[0] < 1
    assert 0 < lower[1] < 1


def test_no_event_keeps_the_two_sided_limit():
    # 0 of 1,430: 258 per 100,000 by the Poisson limit, as the verdicts quote it
    assert count_interval(0)[1] / 1430 * 100_000 == pytest.approx(257.96, abs=0.005)


def test_a_million_events_and_tiny_risks_give_numbers():
    for method in PROPORTION_LIMITS:
        limits = np.array(proportion_interval([1, 0, 999_999, 500_000], 10**6, method=method))
        assert np.isfinite(limits).all()
        assert (limits[0] < limits[1]).all()
    for method in COUNT_LIMITS:
        lower, upper = count_interval([10**6, 10**9], method=method)
        np.testing.assert_allclose((upper - lower) / 2, 1.959964 * np.sqrt([1e6, 1e9]), rtol=2e-3)


@given(shares(), levels)
def test_exact_limits_have_the_tails_that_define_them(share, level):
    events, total = share
    lower, upper = proportion_interval(events, total, method="exact", confidence_level=level)
    tail = (1 - level) / 2
    if events > 0:
        assert stats.binom.sf(events - 1, total, lower) == pytest.approx(tail, rel=1e-6)
    if events < total:
        assert stats.binom.cdf(events, total, upper) == pytest.approx(tail, rel=1e-6)


@given(shares(), levels)
def test_midp_limits_have_the_tails_that_define_them(share, level):
    events, total = share
    lower, upper = proportion_interval(events, total, method="midp", confidence_level=level)
    tail = (1 - level) / 2
    if events > 0:
        above = stats.binom.sf(events, total, lower) + stats.binom.pmf(events, total, lower) / 2
        assert above == pytest.approx(tail, rel=1e-6)
    if events < total:
        below = stats.binom.cdf(events, total, upper) - stats.binom.pmf(events, total, upper) / 2
        assert below == pytest.approx(tail, rel=1e-6)


@given(shares(), levels, proportion_methods)
def test_value_lies_between_its_limits(share, level, method):
    events, total = share
    lower, upper = proportion_interval(events, total, method=method, confidence_level=level)
    assert 0 <= lower <= events / total <= upper <= 1
    assert lower < upper


@given(shares(), levels, proportion_methods)
def test_counting_the_others_mirrors_the_limits(share, level, method):
    events, total = share
    lower, upper = proportion_interval(events, total, method=method, confidence_level=level)
    mirrored = proportion_interval(total - events, total, method=method, confidence_level=level)
    assert (1 - mirrored[1], 1 - mirrored[0]) == pytest.approx((lower, upper), abs=1e-12)


@given(shares(), st.sampled_from([(0.8, 0.9), (0.9, 0.95), (0.95, 0.998)]), proportion_methods)
def test_a_higher_level_gives_a_wider_interval(share, levels, method):
    narrow = proportion_interval(*share, method=method, confidence_level=levels[0])
    wide = proportion_interval(*share, method=method, confidence_level=levels[1])
    assert wide[0] <= narrow[0]
    assert narrow[1] <= wide[1]
    assert wide[1] - wide[0] > narrow[1] - narrow[0]


@given(shares(), levels)
def test_which_method_contains_which(share, level):
    limits = {m: proportion_interval(*share, method=m, confidence_level=level) for m in PROPORTION_LIMITS}
    slack = 1e-12
    for outer, inner in (("exact", "midp"), ("wilson_cc", "wilson"), ("agresti_coull", "wilson")):
        assert limits[outer][0] <= limits[inner][0] + slack
        assert limits[outer][1] >= limits[inner][1] - slack


@given(st.integers(2, 200), levels, proportion_methods)
def test_more_events_raise_both_limits(total, level, method):
    lower, upper = proportion_interval(np.arange(total + 1), total, method=method, confidence_level=level)
    assert (np.diff(lower) >= 0).all()
    assert (np.diff(upper) >= 0).all()


@pytest.mark.parametrize("total", [1, 5, 20])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_exact_covers_at_least_as_often_as_it_says(total, level):
    lower, upper = proportion_interval(np.arange(total + 1), total, method="exact", confidence_level=level)
    for p in np.linspace(0.0005, 0.9995, 1999):
        covering = (lower <= p) & (p <= upper)
        assert stats.binom.pmf(np.arange(total + 1), total, p)[covering].sum() >= level - 1e-12


def test_wilson_covers_about_as_often_as_it_says():
    total = 200
    lower, upper = proportion_interval(np.arange(total + 1), total)
    grid = np.linspace(0.02, 0.98, 961)
    covering = (lower[:, None] <= grid) & (grid <= upper[:, None])
    coverage = (stats.binom.pmf(np.arange(total + 1)[:, None], total, grid) * covering).sum(axis=0)
    assert coverage.mean() == pytest.approx(0.95, abs=0.003)


@given(st.integers(0, 100_000), levels, count_methods)
def test_count_lies_between_its_limits(events, level, method):
    lower, upper = count_interval(events, method=method, confidence_level=level)
    assert 0 <= lower <= events <= upper
    assert lower < upper


@given(st.integers(0, 100_000), levels)
def test_exact_count_limits_have_the_tails_that_define_them(events, level):
    lower, upper = count_interval(events, confidence_level=level)
    tail = (1 - level) / 2
    assert stats.poisson.cdf(events, upper) == pytest.approx(tail, rel=1e-6)
    if events > 0:
        assert stats.poisson.sf(events - 1, lower) == pytest.approx(tail, rel=1e-6)


@given(st.integers(0, 100_000), levels)
def test_exact_count_limits_contain_midp(events, level):
    exact = count_interval(events, confidence_level=level)
    midp = count_interval(events, method="midp", confidence_level=level)
    assert exact[0] <= midp[0]
    assert midp[1] < exact[1]


@given(st.integers(0, 100_000), st.sampled_from([(0.8, 0.9), (0.95, 0.998)]), count_methods)
def test_a_higher_level_gives_a_wider_count_interval(events, levels, method):
    narrow = count_interval(events, method=method, confidence_level=levels[0])
    wide = count_interval(events, method=method, confidence_level=levels[1])
    assert wide[0] <= narrow[0]
    assert narrow[1] < wide[1]


@pytest.mark.parametrize("method", sorted(PROPORTION_LIMITS))
def test_no_information_gives_nan_beside_numbers(method):
    lower, upper = proportion_interval([3, 0, None, 2], [10, 0, 10, None], method=method)
    np.testing.assert_array_equal(np.isnan(lower), [False, True, True, True])
    np.testing.assert_array_equal(np.isnan(upper), [False, True, True, True])
    assert (lower[0], upper[0]) == proportion_interval(3, 10, method=method)


@pytest.mark.parametrize("method", sorted(COUNT_LIMITS))
def test_missing_count_gives_nan(method):
    lower, upper = count_interval([3, np.nan], method=method)
    assert np.isnan([lower[1], upper[1]]).all()
    assert (lower[0], upper[0]) == count_interval(3, method=method)
