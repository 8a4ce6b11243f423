"""Standardized rates, proportions and ratios: R's answers, England's test data, laws, empty strata."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mchepi import (
    count_interval,
    direct_standardized_proportion,
    direct_standardized_rate,
    indirect_standardized_rate,
    proportion,
    rate,
    standard_population,
    standard_populations,
    standardized_ratio,
)
from mchepi.stats.standardization import RATE_METHODS

# Down's syndrome in Michigan by the mother's age, first (1) and fifth or later births (5): Fleiss (1981),
# page 249, as in Fay and Feuer (1997) and in the help of R's epitools::ageadjust.direct
CASES = {1: [107, 141, 60, 40, 39, 25], 5: [0, 8, 63, 112, 262, 295]}
BIRTHS = {
    1: [230061, 329449, 114920, 39487, 14208, 3052],
    5: [327, 30666, 123419, 149919, 104088, 34392],
}
ALL_BIRTHS = [319933, 931318, 786511, 488235, 237863, 61313]

# R 4.2.2 with epitools 0.5-10.1 (gamma limits):
#
# library(epitools)
# g <- function(...) paste(sprintf("%.15g", c(...)), collapse = ", ")
# byar <- function(x, level) { z <- qnorm((1 + level)/2); y <- x + 1
#   c(x * max(0, 1 - 1/(9*x) - z/(3*sqrt(x)))^3, y * (1 - 1/(9*y) + z/(3*sqrt(y)))^3) }
# exact <- function(x, level) c(if (x == 0) 0 else qgamma((1 - level)/2, x), qgamma((1 + level)/2, x + 1))
# dobson <- function(x, t, s, limits, level) { w <- s/sum(s)/t; y <- sum(w*x); v <- sum(w^2*x); X <- sum(x)
#   c(y, pmax(0, y + sqrt(v/X) * (limits(X, level) - X))) }
# gam <- function(x, t, s, level) unname(ageadjust.direct(x, t, stdpop = s, conf.level = level)[-1])
# binomial <- function(x, n, s, level) { w <- s/sum(s); p <- x/n; y <- sum(w*p); X <- sum(x);
#     N <- sum(n); P <- X/N; z <- qnorm((1 + level)/2)
#   wilson <- (X + z^2/2 + c(-1, 1) * z * sqrt(z^2/4 + N*P*(1 - P))) / (N + z^2)
#   c(y, y + sqrt(sum(w^2*p*(1 - p)/n) / sum(n*p*(1 - p))) * (N*wilson - X)) }
# births <- matrix(c(230061,329449,114920,39487,14208,3052,72202,326701,208667,83228,28466,5375,15050,1
#     75702,207081,117300,45026,8660,2293,68800,132424,98301,46075,9834,327,30666,123419,149919,104088,
#     34392),6)
# cases <- matrix(c(107,141,60,40,39,25,25,150,110,84,82,39,3,71,114,103,108,75,1,26,64,89,137,96,0,8,6
#     3,112,262,295),6)
# total <- c(319933, 931318, 786511, 488235, 237863, 61313)
# for (level in c(.95, .998)) for (k in c(1, 5)) { x <- cases[, k]; t <- births[, k]
#   cat(sprintf("    (%d, \"dobson\", %s),\n", k, g(level, dobson(x, t, total, exact, level))))
#   cat(sprintf("    (%d, \"dobson_byar\", %s),\n", k, g(level, dobson(x, t, total, byar, level))))
#   cat(sprintf("    (%d, \"fay_feuer\", %s),\n", k, g(level, gam(x, t, total, level)))) }
# for (a in list(list(c(30, 41, 12), c(150, 400, 310), c(1, 1, 1), .95), list(c(0, 3, 40, 2), c(12,
#     90, 55, 4), c(10, 20.5, 30, 5), .998)))
#   cat("BIN", g(do.call(binomial, a)), "\n")
# x<-c(0,0,1); t<-c(120,80,10); s<-c(1,1,1)
# for (m in list(exact,byar)) cat("ONE", g(dobson(x,t,s,m,.95)), "\n"); cat("ONE", g(gam(x,t,s,.95)),"\n")
# w<-s/sum(s)/t; cat("ZERO", g(max(w)*qgamma(.975,1)),"\n")
# ref<-c(410,520); rt<-c(310000,48000); tt<-c(3100,900); E<-sum(tt*ref/rt);
#     for (m in list(exact,byar)) cat("ISR", g(9/E*sum(ref)/sum(rt), m(9,.95)/E*sum(ref)/sum(rt)), "\n")
# for (m in list(exact,byar)) cat("SMR", g(9/7.25, m(9,.9)/7.25), "\n")
DIRECT_IN_R = [
    (1, "dobson", 0.95, 0.000923045255331994, 0.000803294808320033, 0.00105187005529163),
    (1, "dobson_byar", 0.95, 0.000923045255331994, 0.000803292214194844, 0.00105187209208417),
    (1, "fay_feuer", 0.95, 0.000923045255331994, 0.000804417498507042, 0.00105763345749261),
    (5, "dobson", 0.95, 0.000755290074452568, 0.00067632835258305, 0.000838670317435181),
    (5, "dobson_byar", 0.95, 0.000755290074452568, 0.000676327431226896, 0.000838671087085424),
    (5, "fay_feuer", 0.95, 0.000755290074452568, 0.000677021204176466, 0.00188300172727776),
    (1, "dobson", 0.998, 0.000923045255331994, 0.000738344281330888, 0.00112863780093169),
    (1, "dobson_byar", 0.998, 0.000923045255331994, 0.000738316504607206, 0.00112866680102027),
    (1, "fay_feuer", 0.998, 0.000923045255331994, 0.000741619686694918, 0.00113707193600222),
    (5, "dobson", 0.998, 0.000755290074452568, 0.000632810612013119, 0.000887956359322913),
    (5, "dobson_byar", 0.998, 0.000755290074452568, 0.000632800408746509, 0.000887966897731887),
    (5, "fay_feuer", 0.998, 0.000755290074452568, 0.000634846105949684, 0.00249778359406407),
]


@pytest.mark.parametrize(("order", "method", "level", "value", "lower", "upper"), DIRECT_IN_R)
def test_direct_rate_as_in_r(order, method, level, value, lower, upper):
    got = direct_standardized_rate(
        CASES[order], BIRTHS[order], ALL_BIRTHS, per=1e5, method=method, confidence_level=level
    )
    wanted = (1e5 * value, 1e5 * lower, 1e5 * upper)
    assert (got.value, got.lower, got.upper) == pytest.approx(wanted, rel=1e-8, abs=0)
    assert (got.method, got.confidence_level, got.per, got.note) == (method, level, 1e5, None)


@pytest.mark.parametrize(
    ("method", "lower", "upper"),
    [
        ("dobson", 0.000843926932809665, 0.18572144636463),
        ("dobson_byar", 0.00043573776338348, 0.185458519415842),
        ("fay_feuer", 0.000843926932809663, 0.18572144636463),
    ],
)
def test_a_single_event_as_in_r(method, lower, upper):
    got = direct_standardized_rate([0, 0, 1], [120, 80, 10], [1, 1, 1], method=method)
    assert (got.value, got.lower, got.upper) == pytest.approx((1 / 30, lower, upper), rel=1e-8, abs=0)


def test_direct_proportion_as_in_r():
    got = direct_standardized_proportion([30, 41, 12], [150, 400, 310], [1, 1, 1])
    wanted = (0.113736559139785, 0.090927358224075, 0.141098461415936)
    assert (got.value, got.lower, got.upper) == pytest.approx(wanted, rel=1e-8, abs=0)
    got = direct_standardized_proportion(
        [0, 3, 40, 2], [12, 90, 55, 4], [10, 20.5, 30, 5], per=100, confidence_level=0.998
    )
    wanted = (38.1702521397178, 24.7210796435315, 55.1315163323143)
    assert (got.value, got.lower, got.upper) == pytest.approx(wanted, rel=1e-8, abs=0)


def test_indirect_rate_and_ratio_as_in_r():
    by_stratum = indirect_standardized_rate([6, 3], [3100, 900], [410, 520], [310000, 48000])
    wanted = (0.00168807857531815, 0.000771897017236119, 0.00320449896331804)
    assert (by_stratum.value, by_stratum.lower, by_stratum.upper) == pytest.approx(wanted, rel=1e-8, abs=0)
    in_all = indirect_standardized_rate(9, [3100, 900], [410, 520], [310000, 48000], method="byar")
    wanted = (0.00168807857531815, 0.000770304957814617, 0.00320468225810038)
    assert (in_all.value, in_all.lower, in_all.upper) == pytest.approx(wanted, rel=1e-8, abs=0)
    for method, lower, upper in (
        ("exact", 0.647617591771654, 2.16623674787799),
        ("byar", 0.647319427804548, 2.16563352805005),
        ("phe", 0.647617591771654, 2.16623674787799),
    ):
        got = standardized_ratio(9, 7.25, method=method, confidence_level=0.9)
        assert (got.value, got.lower, got.upper) == pytest.approx((9 / 7.25, lower, upper), rel=1e-8, abs=0)
    midp = standardized_ratio(9, 7.25, per=100, method="midp")
    assert midp.upper == pytest.approx(100 * count_interval(9, method="midp")[1] / 7.25)


# tests/testthat/DSR and ISR test data of PHEindicatormethods 2.1.0 (R/sysdata.rda), to all digits given
ENGLAND_PERSONS = [
    636, 558, 609, 543, 384, 594, 669, 843, 660, 576, 606, 522, 426, 273, 300, 288, 153, 123, 207,
]  # fmt: skip
ENGLAND_BIG = [127, 25, 18, 21, 12, 27, 48, 27, 29, 32, 32, 34, 45, 65, 38, 68, 74, 82, 91]
ENGLAND_SMALL = [12, 4, 3, 2, 3, 4, 8, 2, 2, 3, 4, 5, 6, 8, 5, 6, 5, 5, 4]
REFERENCE_EVENTS = [
    10303, 2824, 0, 3615, 3641, 3490, 3789, 3213, 3031, 2771,
    3089, 3490, 3595, 4745, 5514, 7125, 5694, 6210, 5757,
]  # fmt: skip
REFERENCE_PERSONS = [
    50520, 57173, 60213, 54659, 44345, 50128, 62163, 67423, 62899, 55463,
    60479, 49974, 44140, 40888, 37239, 30819, 18136, 15325, 13918,
]  # fmt: skip


@pytest.mark.parametrize(
    ("events", "level", "value", "lower", "upper"),
    [
        (ENGLAND_BIG, 0.95, 1043.024799146942, 971.7709067985680, 1117.894091547925),
        (ENGLAND_BIG, 0.998, 1043.024799146942, 932.3287880219904, 1162.059599952206),
        (ENGLAND_SMALL, 0.95, 110.321202530010, 87.7455767536709, 136.708822272518),
        (ENGLAND_SMALL, 0.998, 110.321202530010, 76.3642035793988, 153.003289482448),
    ],
)
def test_direct_rate_as_england(events, level, value, lower, upper):
    esp = standard_population("european_2013", from_ages=[0, *range(5, 95, 5)]).to_numpy()
    got = direct_standardized_rate(
        events, ENGLAND_PERSONS, esp, per=10_000, method="dobson_byar", confidence_level=level
    )
    assert (got.value, got.lower, got.upper) == pytest.approx((value, lower, upper), rel=1e-11)


@pytest.mark.parametrize(
    ("events", "level", "value", "lower", "upper"),
    [
        (ENGLAND_BIG, 0.95, 1.00111376220911e04, 9.36591600297888e03, 1.06890975829106e04),
        (ENGLAND_SMALL, 0.998, 1.01789220515116e03, 7.19513290352824e02, 1.39293815089917e03),
        (9, 0.95, 1.00670657652312e02, 4.60330351330789e01, 1.91104266590540e02),
    ],
)
def test_indirect_rate_as_england(events, level, value, lower, upper):
    got = indirect_standardized_rate(
        events,
        ENGLAND_PERSONS,
        REFERENCE_EVENTS,
        REFERENCE_PERSONS,
        per=100_000,
        method="phe",
        confidence_level=level,
    )
    assert (got.value, got.lower, got.upper) == pytest.approx((value, lower, upper), rel=1e-8)


@st.composite
def strata(draw: st.DrawFn) -> tuple[list[int], list[int], list[float]]:
    rows = draw(st.integers(1, 6))
    persons = [draw(st.integers(50, 100_000)) for _ in range(rows)]
    events = [draw(st.integers(0, 40)) for _ in range(rows)]
    return events, persons, [draw(st.floats(0.1, 1e6)) for _ in range(rows)]


@given(strata(), st.sampled_from(RATE_METHODS), st.sampled_from([0.5, 0.9, 0.99]))
def test_direct_rate_lies_between_limits_that_widen_with_the_level(table, method, level):
    assume(sum(table[0]) > 0)
    one = direct_standardized_rate(*table, method=method, confidence_level=level)
    two = direct_standardized_rate(*table, method=method, confidence_level=level + 0.009)
    assert 0 <= two.lower <= one.lower < one.value < one.upper < two.upper


@given(strata(), st.sampled_from([0.5, 0.9, 0.99]))
def test_direct_proportion_lies_between_limits_that_widen_with_the_level(table, level):
    one = direct_standardized_proportion(*table, confidence_level=level)
    assume(not np.isnan(one.lower))
    two = direct_standardized_proportion(*table, confidence_level=level + 0.009)
    assert 0 <= two.lower <= one.lower < one.value < one.upper <= two.upper <= 1


@given(strata(), st.floats(0.01, 1000))
def test_a_standard_of_the_own_composition_gives_the_crude_rate_and_its_limits(table, factor):
    events, persons, _ = table
    assume(sum(events) > 0)
    own = [factor * number for number in persons]
    crude = rate(sum(events), sum(persons))
    for method in ("dobson", "fay_feuer"):
        got = direct_standardized_rate(events, persons, own, method=method)
        wanted = (crude.value, crude.lower, crude.upper)
        assert (got.value, got.lower, got.upper) == pytest.approx(wanted, rel=1e-7)
    got = direct_standardized_proportion(events, persons, own)
    wilson = proportion(sum(events), sum(persons))
    assert (got.value, got.lower, got.upper) == pytest.approx(
        (wilson.value, wilson.lower, wilson.upper), rel=1e-7
    )


@given(strata(), st.randoms(use_true_random=False))
def test_the_standard_is_joined_by_label_in_whatever_order(table, random):
    index = pd.Index([f"age {row}" for row in range(len(table[0]))])
    events, persons, standard = (pd.Series(part, index=index) for part in table)
    order = list(index)
    random.shuffle(order)
    for function in (direct_standardized_rate, direct_standardized_proportion):
        one, two = function(*table), function(events, persons, standard[order])
        assert (two.value, two.lower, two.upper) == pytest.approx(
            (one.value, one.lower, one.upper), rel=1e-12, nan_ok=True
        )


def test_a_standard_with_other_labels_is_refused():
    events = pd.Series([1, 2], index=["0-4", "5-9"])
    persons = pd.Series([100, 200], index=["0-4", "5-9"])
    who = standard_population("who_2000_2025")
    with pytest.raises(
        ValueError, match="`events` must have the labels of `standard_population`; got none for"
    ):
        direct_standardized_rate(events, persons, who)
    with pytest.raises(ValueError, match=r"`standard_population` must have the labels of `events`; .*'5-9'"):
        direct_standardized_rate(events, persons, who[["0-4"]])
    with pytest.raises(ValueError, match="each label once; got '0-4'"):
        direct_standardized_rate(events, persons, who[["0-4", "0-4", "5-9"]])
    with pytest.raises(ValueError, match="without labels where `events` has none"):
        direct_standardized_rate([1, 2], [100, 200], who[["0-4", "5-9"]])
    assert direct_standardized_rate(events, persons, who[["5-9", "0-4"]]).value > 0


def test_empty_strata_count_as_nothing_and_are_named():
    got = direct_standardized_rate([3, 0], [1000, 0], [75, 25], per=1000)
    assert got.value == pytest.approx(0.75 * 3)
    assert got.note == "no person-time in strata with 25 % of the standard"
    assert direct_standardized_rate([3, 0], [1000, 0], [75, 25], method="fay_feuer").upper < np.inf
    got = direct_standardized_proportion([3, 0], [1000, 0], [75, 25])
    assert got.note == "no persons in strata with 25 % of the standard"
    assert indirect_standardized_rate([3, 0], [1000, 0], [5, 0], [900, 0]).note is None
    assert indirect_standardized_rate([3, 0], [1000, 5], [5, 0], [900, 0]).note == (
        "no reference rate for a stratum with person-time"
    )
    for function in (direct_standardized_rate, direct_standardized_proportion):
        with pytest.raises(ValueError, match=r"`events` must be .*; got 1.* at position 1"):
            function([3, 1], [1000, 0], [75, 25])


def test_no_events():
    got = direct_standardized_rate([0, 0], [100, 50], [1, 1])
    assert (got.value, got.note) == (0, "no events: only fay_feuer has limits")
    assert np.isnan([got.lower, got.upper]).all()
    # R: max(w) * qgamma(.975, 1) for three strata of 120, 80 and 10
    gamma = direct_standardized_rate([0, 0, 0], [120, 80, 10], [1, 1, 1], method="fay_feuer")
    assert (gamma.value, gamma.lower) == (0, 0)
    assert gamma.upper == pytest.approx(0.122962648470465, rel=1e-10)
    nobody = direct_standardized_proportion([0, 5], [10, 5], [1, 1])
    assert (nobody.value, nobody.note) == (0.5, "every stratum has all or nothing: no limits")
    assert standardized_ratio(0, 4).upper == pytest.approx(count_interval(0)[1] / 4)


@pytest.mark.parametrize("method", RATE_METHODS)
def test_events_outside_the_standard_give_no_width_of_zero(method):
    got = direct_standardized_rate([3, 0], [500, 400], [0, 1], method=method)
    assert got.value == 0
    if method == "fay_feuer":
        # The largest weight over its person-time, times the exact upper limit of no event.
        assert (got.lower, got.note) == (0, None)
        assert got.upper == pytest.approx(count_interval(0)[1] / 400)
    else:
        assert np.isnan([got.lower, got.upper]).all()
        assert got.note == "no events in strata of the standard: only fay_feuer has limits"


def test_a_standard_wholly_in_empty_strata_tells_nothing():
    for method in RATE_METHODS:
        got = direct_standardized_rate([3, 0, 1], [500, 0, 20], [0, 0.1, 0], method=method)
        assert np.isnan([got.value, got.lower, got.upper]).all()
        assert got.note == "no person-time in strata with 100 % of the standard"
    got = direct_standardized_proportion([3, 0], [500, 0], [0, 1])
    assert np.isnan([got.value, got.lower, got.upper]).all()
    assert got.note == "no persons in strata with 100 % of the standard"
    # Nearly all is not all.
    got = direct_standardized_rate([3, 0], [500, 0], [1, 99_999])
    assert got.value == pytest.approx(3 / 500 / 100_000)
    assert got.note == "no person-time in strata with 99.9 % of the standard"


def test_all_or_nothing_in_the_strata_of_the_standard_has_no_limits():
    for events, persons, value in ([3, 0], [500, 400], 0), ([250, 20], [500, 20], 1):
        got = direct_standardized_proportion(events, persons, [0, 1])
        assert got.value == value
        assert np.isnan([got.lower, got.upper]).all()
        assert got.note == "every stratum of the standard has all or nothing: no limits"


@given(st.data())
def test_limits_never_have_a_width_of_zero(data):
    rows = data.draw(st.integers(1, 4))
    persons = [data.draw(st.integers(0, 40)) for _ in range(rows)]
    events = [data.draw(st.integers(0, number)) for number in persons]
    standard = [data.draw(st.sampled_from([0, 0, 1, 3])) for _ in range(rows)]
    found = [direct_standardized_rate(events, persons, standard, method=method) for method in RATE_METHODS]
    for got in [*found, direct_standardized_proportion(events, persons, standard)]:
        if np.isnan(got.lower) or np.isnan(got.upper):
            assert np.isnan([got.lower, got.upper]).all()
            assert got.note is not None
        else:
            assert got.lower < got.upper
            assert got.lower <= got.value <= got.upper


def test_totals_of_districts_keep_their_labels():
    districts = pd.Index(["152223", "152224"], name="district")
    deaths = pd.Series([9, 4], index=districts)
    strata = np.array([[3100, 900], [2500, 700]])
    got = indirect_standardized_rate(deaths, strata, [410, 520], [310_000, 48_000])
    plain = indirect_standardized_rate(deaths.to_numpy(), strata, [410, 520], [310_000, 48_000])
    for name in ("value", "lower", "upper"):
        pd.testing.assert_index_equal(getattr(got, name).index, districts)
        np.testing.assert_array_equal(getattr(got, name), getattr(plain, name))
    missing = indirect_standardized_rate(
        pd.Series([9, None], index=districts), strata, [410, 520], [310_000, 48_000]
    )
    assert missing.note["152224"] == "missing: events"
    assert list(got.to_frame().index) == list(districts)
    with pytest.raises(ValueError, match=r"one total a set of strata \(2,\); got \(3,\)"):
        indirect_standardized_rate(pd.Series([9, 4, 1]), strata, [410, 520], [310_000, 48_000])


def test_a_table_is_refused_with_what_to_pass():
    table = pd.DataFrame([[3, 1], [2, 0]], index=["152223", "152224"])
    persons = np.array([[3100, 900], [2500, 700]])
    for function in (direct_standardized_rate, direct_standardized_proportion):
        with pytest.raises(ValueError, match=r"`events` must be .*DataFrame.*events\.to_numpy\(\)"):
            function(table, persons, [1, 1])
        assert function(table.to_numpy(), persons, [1, 1]).value.shape == (2,)
    with pytest.raises(ValueError, match=r"`person_time` must be .*person_time\.to_numpy\(\)"):
        indirect_standardized_rate([9, 4], pd.DataFrame(persons), [410, 520], [310_000, 48_000])


def test_no_information():
    nothing = direct_standardized_rate([[0, 0], [1, 1], [1, None]], [[0, 0], [5, 5], [5, 5]], [1, 1])
    assert list(nothing.note) == ["denominator zero", "", "missing: events"]
    np.testing.assert_array_equal(np.isnan(nothing.value), [True, False, True])
    assert standardized_ratio([1, None, 1], [0, 1, None]).note.tolist() == [
        "denominator zero",
        "missing: observed",
        "missing: expected",
    ]
    assert indirect_standardized_rate(2, [10, 20], [0, 0], [5, 5]).note == "nothing is expected"
    assert np.isnan(indirect_standardized_rate(2, [10, 20], [0, 0], [5, 5]).value)
    with pytest.raises(ValueError, match="`events` must be one number a stratum"):
        direct_standardized_rate(1, 2, 3)


def test_many_districts_at_once():
    random = np.random.default_rng(3)
    persons = random.integers(100, 5000, (4, 21))
    events = random.poisson(0.01 * persons)
    who = standard_population("who_2000_2025").to_numpy()
    many = direct_standardized_rate(events, persons, who)
    for row in range(4):
        alone = direct_standardized_rate(events[row], persons[row], who)
        assert (many.value[row], many.upper[row]) == pytest.approx((alone.value, alone.upper), rel=1e-13)
    in_all = indirect_standardized_rate(events.sum(axis=1), persons, [1] * 21, [90] * 21)
    np.testing.assert_allclose(
        in_all.lower, indirect_standardized_rate(events, persons, [1] * 21, [90] * 21).lower, rtol=1e-14
    )


def test_standard_populations_add_up_as_published():
    totals = {name: standard_population(name).sum() for name in standard_populations()["standard"]}
    assert totals == pytest.approx(
        {
            "who_2000_2025": 100.035,  # as printed by WHO, rounded to two decimals each
            "european_2013": 100_000,
            "china_census_2000": 1_242_612_226,
            "china_census_2010": 1_332_810_869,
        }
    )
    for name in totals:
        groups = standard_population(name)
        assert groups.index.is_unique
        assert (groups > 0).all()
        assert groups.index[-1].endswith("+")


def test_the_census_of_2000_has_the_shares_of_a_second_table():
    # 标准人口构成及标化率计算 (wendangku.net, 6d8e1ebd5727a5e9846a6141): 中国2000年合计, ages 0 to 34
    groups = standard_population("china_census_2000", from_ages=range(0, 90, 5))
    shares = (groups / groups.sum()).round(6).tolist()
    assert shares[:7] == [0.055511, 0.072551, 0.100914, 0.082915, 0.076108, 0.094641, 0.102457]


def test_the_world_standard_agrees_with_a_second_copy():
    # per million, ages 0-4 to 85 and over: wld2000 in R package canregtools (0 and 1-4 added up)
    copy = [
        88569, 86870, 85970, 84670, 82171, 79272, 76073, 71475, 65877,
        60379, 53681, 45484, 37187, 29590, 22092, 15195, 9097, 6348,
    ]  # fmt: skip
    groups = standard_population("who_2000_2025", from_ages=range(0, 90, 5))
    assert (1e6 * groups / groups.sum()).tolist() == pytest.approx(copy, abs=1.5)


def test_the_census_of_2010_agrees_with_a_second_copy():
    # ages 0-4 to 90-94, as in the post of yuanfan.rbind.io of 20 June 2023
    copy = [
        75532610, 70881549, 74908462, 99889114, 127412518, 101013852, 97138203, 118025959, 124753964,
        105594553, 78753171, 81312474, 58667282, 41113282, 32972397, 23852133, 13373198, 5631928, 1578307,
    ]  # fmt: skip
    assert standard_population("china_census_2010", from_ages=range(0, 100, 5)).tolist()[:-1] == copy


def test_ages_can_be_merged():
    merged = standard_population("european_2013", from_ages=[0, 1, 85])
    assert merged.to_dict() == {"0": 1000, "1-84": 96500, "85+": 2500}
    assert standard_population("who_2000_2025", from_ages=[15, 50]).index.tolist() == ["15-49", "50+"]
    for wrong in ([], [0, 3], [5, 0], [0, 0]):
        with pytest.raises(
            ValueError, match="`from_ages` must be rising first ages of groups of european_2013"
        ):
            standard_population("european_2013", from_ages=wrong)
    with pytest.raises(ValueError, match="Did you mean 'european_2013'"):
        standard_population("european2013")
