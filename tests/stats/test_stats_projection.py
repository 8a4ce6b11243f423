"""Projected rates: R's predictive distributions, laws, edges, and the probability under a named prior."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mchepi import annual_percent_change, probability_at_or_below, project_rate, rate

BIRTHS = [1810.5, 1760, 1755, 1700, 1690, 1600, 1580, 1520, 1490, 1430]
FALLING = [12, 9, 11, 8, 9, 5, 6, 4, 2, 3]
SCATTERED = [12, 9, 30, 8, 11, 3, 5, 25, 4, 3]
SPARSE = [0, 1, 0, 0, 2, 0, 0, 0, 1, 0]
YEARS = list(range(2014, 2024))

# R 4.2.2: level, slope, k and the log rate at each z by their equations, each at machine precision.
#
# project <- function(y, x, w, ahead, wa, model, level = .95, least = 2) { u <- x - ahead; n <- length(y)
#   root <- function(g, a, b) uniroot(g, c(a, b), tol = 1e-15, maxiter = 1e4, extendInt = "yes")$root
#   mu <- function(a, b) w * exp(a + b * u); score <- function(m, k) (y - m) / (1 + k * m)
#   ll <- function(m, k) if (k == 0) sum(y*log(m) - m) else sum(y*log(m) - (y + 1/k)*log1p(k*m))
#   level_of <- function(b, k) root(function(a) sum(score(mu(a, b), k)), -15, 3)
#   fit <- function(k) { b <- root(function(b) sum(score(mu(level_of(b, k), b), k) * u), -.5, .3)
#     c(level_of(b, k), b) }
#   k <- 0; phi <- 1; q <- function(z) z
#   if (model == "negative_binomial") k <- exp(root(function(v) { ab <- fit(exp(v)); m <- mu(ab[1], ab[2])
#     th <- exp(-v); sum(digamma(y+th) - digamma(th) + log(th) + 1 - log(th+m) - (y+th)/(m+th)) }, -3, 1))
#   best <- fit(k); m <- mu(best[1], best[2])
#   if (model == "quasi_poisson") phi <- sum((y - m)^2 / m) / (n - 2)
#   if (model != "poisson") q <- function(z) sign(z) * -qt(pnorm(-abs(z)), n - 2)
#   steep <- function(a) root(function(b) sum(score(mu(a, b), k) * u), -.5, .3)
#   rise <- function(a) 2 * (ll(m, k) - ll(mu(a, steep(a)), k))
#   at <- function(z) { if (z == 0) return(best[1]); t <- q(z)^2 * phi; d <- 1e-3
#     while (rise(best[1] + sign(z) * d) < t && d < 60) d <- 2 * d
#     if (d >= 60) return(sign(z) * 60)
#     root(function(d) rise(best[1] + sign(z) * d) - t, d/2, d) * sign(z) + best[1] }
#   cdf <- function(c, m) if (k > 0) pnbinom(c, size = 1/k, mu = m) else
#     if (phi > 1) pnbinom(c, size = m/(phi - 1), prob = 1/phi) else ppois(c, m)
#   z <- seq(-7, 7, .125); means <- wa * exp(sapply(z, at)); p <- dnorm(z) / sum(dnorm(z))
#   at_most <- function(c) sum(p * cdf(c, means)); tail <- (1 - level)/2
#   lower <- 0; while (at_most(lower) <= tail) lower <- lower + 1
#   upper <- lower; while (at_most(upper) < 1 - tail) upper <- upper + 1
#   cat(sprintf("%.15g", c(exp(best[1]) * wa, wa * exp(at(qnorm(tail))), wa * exp(at(-qnorm(tail))),
#                          lower, upper, at_most(least))), sep = ", "); cat("\n") }
# x <- 2014:2023; w <- c(1810.5, 1760, 1755, 1700, 1690, 1600, 1580, 1520, 1490, 1430)
# falling <- c(12, 9, 11, 8, 9, 5, 6, 4, 2, 3); scattered <- c(12, 9, 30, 8, 11, 3, 5, 25, 4, 3)
# sparse <- c(0, 1, 0, 0, 2, 0, 0, 0, 1, 0)
# project(falling, x, w, 2026, 1400, "poisson"); project(scattered, x, w, 2026, 1400, "poisson")
# project(sparse, x, w, 2026, 1400, "poisson"); project(scattered, x, w, 2026, 1400, "quasi_poisson")
# project(scattered, x, w, 2025, 900, "negative_binomial", least = 5)
# set.seed(7); for (i in 1:4) { y <- rpois(8, 9 * .93^(0:7)); e <- round(runif(8, 800, 2000))
#   project(y, 2016:2023, e, 2024 + i, 1100, "poisson", level = c(.9, .95, .99, .8)[i]) }
RANDOM = [
    ([17, 7, 5, 3, 5, 8, 5, 10], [999, 1351, 1006, 1078, 1727, 916, 1344, 902]),
    ([9, 2, 14, 6, 8, 5, 13, 9], [1986, 879, 1552, 1389, 1965, 1235, 1616, 1116]),
    ([6, 6, 7, 10, 7, 8, 8, 5], [1759, 1258, 1712, 1324, 1885, 1183, 899, 1780]),
    ([13, 14, 8, 9, 9, 7, 7, 5], [995, 1025, 1269, 1129, 1030, 1405, 1717, 1632]),
]
IN_R = [
    (FALLING, BIRTHS, 2026, 1400, "poisson", 0.95, 2,
     (1.93409696121679, 0.827513551693123, 4.15885028002465, 0, 6, 0.662210497188258)),
    (SCATTERED, BIRTHS, 2026, 1400, "poisson", 0.95, 2,
     (5.71335937316171, 3.13521400567608, 9.98380407857218, 1, 13, 0.109353177398344)),
    (SPARSE, BIRTHS, 2026, 1400, "poisson", 0.95, 2,
     (0.330814590910598, 0.0105935325224884, 3.87797211494833, 0, 5, 0.919525038681802)),
    (SCATTERED, BIRTHS, 2026, 1400, "quasi_poisson", 0.95, 2,
     (5.71335937316171, 0.589215201314327, 33.6834208735454, 0, 44, 0.432573962635257)),
    (SCATTERED, BIRTHS, 2025, 900, "negative_binomial", 0.95, 5,
     (3.72370445523341, 1.00328988295073, 15.5879087537994, 0, 21, 0.712491743669146)),
    (*RANDOM[0], 2025, 1100, "poisson", 0.9, 2,
     (4.50395327422013, 2.38292423563798, 8.11333392596269, 1, 10, 0.21771943534184)),
    (*RANDOM[1], 2026, 1100, "poisson", 0.95, 2,
     (9.55798952681306, 4.56835850172755, 19.1480114296934, 3, 22, 0.0226292934424932)),
    (*RANDOM[2], 2027, 1100, "poisson", 0.99, 2,
     (6.44946576002809, 1.92881291515522, 19.2571330801642, 0, 22, 0.104932729060149)),
    (*RANDOM[3], 2028, 1100, "poisson", 0.8, 2,
     (1.41005657652118, 0.739166448680127, 2.60301506898346, 0, 4, 0.779725420823592)),
]  # fmt: skip


@pytest.mark.parametrize(("events", "births", "ahead", "at_target", "model", "level", "least", "found"), IN_R)
def test_as_in_r(events, births, ahead, at_target, model, level, least, found):
    years = range(2024 - len(events), 2024)
    got = project_rate(
        years, events, births, ahead, person_time_at_target=at_target, target=least / at_target * 1000,
        model=model, per=1000, confidence_level=level,
    )  # fmt: skip
    expected, low, high, lower, upper, chance = found
    assert got.expected_events == pytest.approx(expected, rel=1e-8)
    assert got.value == pytest.approx(1000 * expected / at_target, rel=1e-8)
    assert got.underlying_lower == pytest.approx(1000 * low / at_target, rel=1e-8)
    assert got.underlying_upper == pytest.approx(1000 * high / at_target, rel=1e-8)
    assert (got.lower, got.upper) == pytest.approx((1000 * lower / at_target, 1000 * upper / at_target))
    assert got.allowance == least
    assert got.chance_of_meeting == pytest.approx(chance, rel=1e-8)


counts = st.lists(st.integers(0, 20), min_size=3, max_size=9).filter(any)


@given(counts, st.integers(1, 5), st.floats(0.5, 8))
@settings(max_examples=25)
def test_laws(events, years_ahead, target):
    years = np.arange(len(events))
    ahead = len(events) - 1 + years_ahead

    def project(**options):
        return project_rate(
            years,
            events,
            1000,
            ahead,
            **{"person_time_at_target": 800, "target": target, "per": 1000, **options},
        )

    one, wider = project(), project(confidence_level=0.99)
    assert wider.lower <= one.lower <= one.upper <= wider.upper
    assert wider.underlying_lower <= one.underlying_lower <= one.value <= one.underlying_upper
    assert one.underlying_upper <= wider.underlying_upper
    # What is observed varies more than what underlies it, and comes in whole events.
    for limit in (one.lower, one.upper):
        if np.isfinite(limit):
            assert limit * 800 / 1000 == pytest.approx(round(limit * 800 / 1000), abs=1e-6)
    assert 0 <= one.chance_of_meeting <= 1 + 1e-12
    assert project(target=target + 2).chance_of_meeting >= one.chance_of_meeting - 1e-12
    assert one.allowance == np.floor(target * 0.8)
    assert project(per=100_000).value == pytest.approx(100 * one.value)
    moved = project_rate(
        2000 + years, events, 1, 2000 + ahead, person_time_at_target=0.8, target=target, per=1
    )
    assert moved.chance_of_meeting == pytest.approx(one.chance_of_meeting, abs=1e-9)


@given(counts, st.permutations(range(9)))
@settings(max_examples=10)
def test_order_of_the_years_does_not_matter(events, order):
    places = [place for place in order if place < len(events)]
    births = np.linspace(900, 1300, len(events))
    one = project_rate(range(len(events)), events, births, 12, person_time_at_target=900)
    two = project_rate(places, np.array(events)[places], births[places], 12, person_time_at_target=900)
    assert (two.value, two.upper) == pytest.approx((one.value, one.upper))


def test_the_value_lies_on_the_trend_line():
    change = annual_percent_change(YEARS, FALLING, BIRTHS).value / 100
    ahead = [
        project_rate(YEARS, FALLING, BIRTHS, year, person_time_at_target=1000).value for year in (2024, 2027)
    ]
    assert ahead[1] / ahead[0] == pytest.approx((1 + change) ** 3)


def test_a_steady_series_of_many_events_predicts_the_plain_poisson_count():
    # With 200 events a year over 40 years the next year's rate is all but known.
    got = project_rate(range(40), [200] * 40, 1, 40, person_time_at_target=1, target=210)
    assert got.value == pytest.approx(200)
    assert got.lower == pytest.approx(stats.poisson.ppf(0.025, 200), abs=3)
    assert got.chance_of_meeting == pytest.approx(stats.poisson.cdf(210, 200), abs=0.02)


def test_scatter_widens_what_may_be_observed():
    width = {}
    for model in ("poisson", "quasi_poisson", "negative_binomial"):
        got = project_rate(YEARS, SCATTERED, BIRTHS, 2024, person_time_at_target=1400, model=model)
        width[model] = got.upper - got.lower
        assert got.method == f"{model}, log-linear trend"
    assert width["poisson"] < min(width["quasi_poisson"], width["negative_binomial"])
    calm = project_rate(YEARS, FALLING, BIRTHS, 2024, person_time_at_target=1400, model="quasi_poisson")
    assert calm.note == "dispersion below 1 taken as 1"


def test_all_events_at_one_end():
    first = project_rate(range(6), [9, 0, 0, 0, 0, 0], 1000, 7, person_time_at_target=1000, target=1)
    assert (first.value, first.lower, first.note) == (0, 0, "all events in the first period")
    assert 0 < first.underlying_upper < 0.01
    last = project_rate(range(6), [0, 0, 0, 0, 0, 9], 1000, 7, person_time_at_target=1000, target=0.02)
    assert (last.value, last.upper, last.underlying_upper) == (np.inf, np.inf, np.inf)
    assert last.lower > 0.009
    assert last.chance_of_meeting < 0.2
    assert last.note == "all events in the last period"
    unknown = project_rate(
        range(6), [9, 0, 0, 0, 0, 0], 1000, 7, person_time_at_target=1000, model="quasi_poisson"
    )
    assert np.isnan(unknown.upper)
    assert unknown.note == "all events in the first period; dispersion cannot be estimated"


@pytest.mark.parametrize(
    ("years", "events", "note"),
    [
        ([2022, 2023], [3, 4], "fewer than three periods"),
        ([2021, 2022, 2023], [3, None, 4], "years left out: 2022; fewer than three periods"),
        ([2021, 2022, 2023], [0, 0, 0], "no events"),
    ],
)
def test_no_information(years, events, note):
    got = project_rate(years, events, 1000, 2026, person_time_at_target=1000, target=1)
    assert np.isnan([got.value, got.lower, got.upper, got.chance_of_meeting]).all()
    assert got.note == note


def test_far_projections_are_noted_and_targets_may_be_left_out():
    got = project_rate([2021, 2022, 2023], [3, 4, 3], 1000, 2026, person_time_at_target=1000)
    assert got.note == "projected farther than the series is long"
    assert np.isnan([got.target, got.allowance, got.chance_of_meeting]).all()
    assert project_rate(YEARS, FALLING, BIRTHS, 2026, person_time_at_target=1000).note is None


def test_a_target_allows_the_whole_number_it_says():
    # 1.15 per 1,000 of 100,000 is 115 events, though 1.15 * 100,000 falls short of it in binary.
    assert 1.15 * 100_000 / 1000 < 115
    got = project_rate(YEARS, FALLING, BIRTHS, 2026, person_time_at_target=100_000, target=1.15, per=1000)
    assert got.allowance == 115


def test_many_districts_each_with_its_births_and_target():
    index = pd.Index(["152223", "150600"], name="district")
    many = project_rate(
        YEARS, [FALLING, SCATTERED], BIRTHS, 2026,
        person_time_at_target=pd.Series([1400, 1400], index), target=pd.Series([1.5, None], index), per=1000,
    )  # fmt: skip
    assert many.value.index.equals(index)
    one = project_rate(YEARS, FALLING, BIRTHS, 2026, person_time_at_target=1400, target=1.5, per=1000)
    for name in ("value", "lower", "upper", "underlying_upper", "chance_of_meeting", "allowance"):
        assert getattr(many, name)["152223"] == getattr(one, name)
    assert np.isnan(many.chance_of_meeting["150600"])
    assert many.upper["150600"] == pytest.approx(13 / 1.4)
    assert list(many.to_frame().index) == list(index)


@pytest.mark.parametrize(
    ("ahead", "options", "message"),
    [
        (2023, {"person_time_at_target": 1}, "`target_year` must be one year after all others; got 2023"),
        (2026, {"person_time_at_target": 0}, "`person_time_at_target` must be a number above 0; got 0"),
        (2026, {"person_time_at_target": 1, "target": -1}, "`target` must be a number, 0 or more; got -1"),
        (2026, {"person_time_at_target": [1, 2]}, r"must be one number, or one a series; got shape \(2,\)"),
        (2026, {"person_time_at_target": 1, "model": "poison"}, "Did you mean 'poisson'"),
    ],
)
def test_refuses(ahead, options, message):
    with pytest.raises(ValueError, match=message):
        project_rate(YEARS, FALLING, BIRTHS, ahead, **options)


# R 4.2.2: sprintf("%.15g", pgamma(3.1/1000, c(3.5, 4, .5, 1), c(1430, 1430, 900, 900)))
@pytest.mark.parametrize(
    ("events", "births", "prior", "probability"),
    [
        (3, 1430, "jeffreys", 0.737579539105752),
        (3, 1430, "uniform", 0.646274055370194),
        (0, 900, "jeffreys", 0.981833277339718),
        (0, 900, "uniform", 0.938578786085),
    ],
)
def test_probability_as_in_r(events, births, prior, probability):
    got = probability_at_or_below(events, births, 3.1, prior=prior, per=1000)
    assert got == pytest.approx(probability, rel=1e-8)


@given(st.integers(0, 40), st.floats(100, 5000), st.floats(0.1, 20))
def test_laws_of_the_probability(events, births, target):
    jeffreys = probability_at_or_below(events, births, target, per=1000)
    uniform = probability_at_or_below(events, births, target, per=1000, prior="uniform")
    assert 0 <= uniform <= jeffreys <= 1
    assert probability_at_or_below(events + 1, births, target, per=1000) <= jeffreys
    # The exact upper limit has the level as its probability under the uniform prior.
    upper = rate(events, births, per=1000).upper
    assert probability_at_or_below(events, births, upper, per=1000, prior="uniform") == pytest.approx(0.975)


def test_probability_of_nothing():
    got = probability_at_or_below([3, None, 0], [1430, 900, 0], 3.1, per=1000)
    assert np.isnan(got[1:]).all()
    with pytest.raises(ValueError, match="`prior` must be one of 'jeffreys', 'uniform'"):
        probability_at_or_below(3, 1430, 3.1, prior="flat")
