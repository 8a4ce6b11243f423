"""Annual percent change from counts: R's answers, laws, and series that hold little or no information."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mchepi import annual_percent_change, log_linear_trend
from mchepi.stats._negative_binomial import _log_products, _slope_of_log_products
from mchepi.stats.trends import METHODS, MODELS

inf = np.inf
YEARS = range(2014, 2024)
BIRTHS = [1810.5, 1760, 1755, 1700, 1690, 1600, 1580, 1520, 1490, 1430]
SERIES = {
    "falling": [12, 9, 11, 8, 9, 5, 6, 4, 2, 3],
    "scattered": [12, 9, 30, 8, 11, 3, 5, 25, 4, 3],
    "sparse": [0, 1, 0, 0, 2, 0, 0, 0, 1, 0],
    "large": [120034, 118020, 119500, 116001, 113000, 110400, 109999, 105300, 104000, 101002],
    "clustered": [40, 3, 22, 60, 5, 18, 33, 2, 14, 9],
}

# R 4.2.2. Poisson: glm for the slope, uniroot at machine precision for the profile limits; the likelihood
# ratio of a quasi-Poisson slope is divided by the Pearson dispersion and compared with t^2 on 8 degrees.
#
# births <- c(1810.5, 1760, 1755, 1700, 1690, 1600, 1580, 1520, 1490, 1430); u <- 0:9; off <- log(births)
# series <- list(falling = c(12, 9, 11, 8, 9, 5, 6, 4, 2, 3), scattered = c(12, 9, 30, 8, 11, 3, 5, 25, 4, 3),
#                sparse = c(0, 1, 0, 0, 2, 0, 0, 0, 1, 0),
#                large = c(120034, 118020, 119500, 116001, 113000, 110400, 109999, 105300, 104000, 101002))
# percent <- function(slope) 100 * expm1(slope)
# both_sides <- function(rise, cut, b, reach) sapply(c(-1, 1), function(side)
#   uniroot(function(d) rise(b + side * d) - cut, c(0, reach), tol = 1e-20, maxiter = 10000)$root * side + b)
# for (name in names(series)) { y <- series[[name]]
#   fit <- glm(y ~ u + offset(off), poisson, control = glm.control(epsilon = 1e-12))
#   b <- coef(fit)[[2]]; se <- sqrt(solve(crossprod(cbind(1, u) * sqrt(fitted(fit))))[2, 2])
#   phi <- sum((y - fitted(fit))^2 / fitted(fit)) / 8
#   log_lik <- function(b) sum(y * log(exp(off + b*u) / sum(exp(off + b*u))))  # the level at its maximum
#   rise <- function(other) 2 * (log_lik(b) - log_lik(other))
#   for (level in c(.95, .998)) { z <- qnorm((1 + level)/2); t <- qt((1 + level)/2, 8); w <- c(-1, 1) * se
#     show <- function(model, method, limits, p)
#       cat(sprintf('("%s", "%s", "%s", %s, %.15g, %.15g, %.15g, %.15g),\n',
#                   name, model, method, level, percent(b), percent(limits[1]), percent(limits[2]), p))
#     show("poisson", "wald", b + z*w, 2 * pnorm(-abs(b)/se))
#     show("poisson", "profile", both_sides(rise, z^2, b, 20*se), pchisq(rise(0), 1, lower.tail = FALSE))
#     show("quasi_poisson", "wald", b + t*w*sqrt(phi), 2 * pt(-abs(b)/se/sqrt(phi), 8))
#     p_quasi <- 2 * pt(-sqrt(rise(0)/phi), 8)
#     show("quasi_poisson", "profile", both_sides(rise, t^2*phi, b, 20*se*sqrt(phi)), p_quasi) }
# }
#
# Negative binomial: level, theta = 1/k and slope by their score equations, nested, each at machine precision
# (MASS::glm.nb gives the same slope, -6.74233769832, and theta, 2.44612969893, for "scattered"):
#
# births <- c(1810.5, 1760, 1755, 1700, 1690, 1600, 1580, 1520, 1490, 1430); u <- 0:9; off <- log(births)
# series <- list(scattered = c(12, 9, 30, 8, 11, 3, 5, 25, 4, 3),
#                clustered = c(40, 3, 22, 60, 5, 18, 33, 2, 14, 9),
#                large = c(120034, 118020, 119500, 116001, 113000, 110400, 109999, 105300, 104000, 101002))
# percent <- function(slope) 100 * expm1(slope)
# root <- function(g, low, high) uniroot(g, c(low, high), tol = 1e-20, maxiter = 10000)$root
# for (name in names(series)) { y <- series[[name]]
#   level_of <- function(b, th)
#     root(function(a) { m <- exp(a + b*u + off); sum((y - m)/(1 + m/th)) }, -30, 10)
#   by_theta <- function(b, th) { m <- exp(level_of(b, th) + b*u + off)
#     sum(digamma(y + th) - digamma(th) + log(th) + 1 - log(th + m) - (y + th)/(m + th)) }
#   theta <- function(b) exp(root(function(v) by_theta(b, exp(v)), -4, 15))
#   mean_of <- function(b) exp(level_of(b, theta(b)) + b*u + off)
#   b <- root(function(b) { m <- mean_of(b); sum((y - m)/(1 + m/theta(b)) * u) }, -.4, .3)
#   w <- mean_of(b)/(1 + mean_of(b)/theta(b)); se <- 1/sqrt(sum(w*(u - sum(w*u)/sum(w))^2))
#   log_lik <- function(b) sum(dnbinom(y, size = theta(b), mu = mean_of(b), log = TRUE))
#   rise <- function(other) 2 * (log_lik(b) - log_lik(other))
#   for (level in c(.95, .998)) { z <- qnorm((1 + level)/2)
#     side <- function(d) root(function(other) rise(other) - z^2, b, b + d)
#     show <- function(method, limits, p)
#       cat(sprintf('("%s", "negative_binomial", "%s", %s, %.15g, %.15g, %.15g, %.15g),\n',
#                   name, method, level, percent(b), percent(limits[1]), percent(limits[2]), p))
#     show("wald", b + c(-z, z)*se, 2 * pnorm(-abs(b)/se))
#     show("profile", c(side(-8*se), side(8*se)), pchisq(rise(0), 1, lower.tail = FALSE)) }
# }
IN_R = [
    (
        "falling",
        "poisson",
        "wald",
        0.95,
        -12.6677206810395,
        -20.0067028648626,
        -4.65542383932103,
        0.00249093685822711,
    ),
    (
        "falling",
        "poisson",
        "profile",
        0.95,
        -12.6677206810395,
        -20.181627697246,
        -4.81341181137574,
        0.00187700835827505,
    ),
    (
        "falling",
        "quasi_poisson",
        "wald",
        0.95,
        -12.6677206810395,
        -17.3197965299452,
        -7.75389160952824,
        0.000451227773909498,
    ),
    (
        "falling",
        "quasi_poisson",
        "profile",
        0.95,
        -12.6677206810395,
        -17.3869280156302,
        -7.81691458122199,
        0.000376059269010682,
    ),
    (
        "falling",
        "poisson",
        "wald",
        0.998,
        -12.6677206810395,
        -23.9551271995991,
        0.295085390750039,
        0.00249093685822711,
    ),
    (
        "falling",
        "poisson",
        "profile",
        0.998,
        -12.6677206810395,
        -24.396788307798,
        -0.0802162789888633,
        0.00187700835827505,
    ),
    (
        "falling",
        "quasi_poisson",
        "wald",
        0.998,
        -12.6677206810395,
        -21.51713476948,
        -2.82048204225076,
        0.000451227773909498,
    ),
    (
        "falling",
        "quasi_poisson",
        "profile",
        0.998,
        -12.6677206810395,
        -21.7779829792029,
        -3.05079323424895,
        0.000376059269010682,
    ),
    (
        "scattered",
        "poisson",
        "wald",
        0.95,
        -6.09264673581041,
        -12.1413688498986,
        0.372506168679574,
        0.0642401123950442,
    ),
    (
        "scattered",
        "poisson",
        "profile",
        0.95,
        -6.09264673581041,
        -12.2082905644162,
        0.320223053341495,
        0.0622450867001087,
    ),
    (
        "scattered",
        "quasi_poisson",
        "wald",
        0.95,
        -6.09264673581041,
        -25.2836084253613,
        18.0275279792639,
        0.543722788326621,
    ),
    (
        "scattered",
        "quasi_poisson",
        "profile",
        0.95,
        -6.09264673581041,
        -26.2076568601525,
        17.7025931923795,
        0.540744511200022,
    ),
    (
        "scattered",
        "poisson",
        "wald",
        0.998,
        -6.09264673581041,
        -15.4507638416708,
        4.30124975430136,
        0.0642401123950442,
    ),
    (
        "scattered",
        "poisson",
        "profile",
        0.998,
        -6.09264673581041,
        -15.6254077637591,
        4.18406512815372,
        0.0622450867001087,
    ),
    (
        "scattered",
        "quasi_poisson",
        "wald",
        0.998,
        -6.09264673581041,
        -39.893619193508,
        46.7163864927434,
        0.543722788326621,
    ),
    (
        "scattered",
        "quasi_poisson",
        "profile",
        0.998,
        -6.09264673581041,
        -43.6431478701798,
        47.5988477171159,
        0.540744511200022,
    ),
    (
        "sparse",
        "poisson",
        "wald",
        0.95,
        -0.459710999131559,
        -29.3763630639971,
        40.2967839698626,
        0.979006789015567,
    ),
    (
        "sparse",
        "poisson",
        "profile",
        0.95,
        -0.459710999131559,
        -30.9530395326644,
        41.7652089992241,
        0.979002030695928,
    ),
    (
        "sparse",
        "quasi_poisson",
        "wald",
        0.95,
        -0.459710999131559,
        -37.6374688631936,
        58.8817668840345,
        0.982427495326661,
    ),
    (
        "sparse",
        "quasi_poisson",
        "profile",
        0.95,
        -0.459710999131559,
        -40.8243392034761,
        63.6829838845676,
        0.982423512195885,
    ),
    (
        "sparse",
        "poisson",
        "wald",
        0.998,
        -0.459710999131559,
        -42.0575455170683,
        71.0018883872984,
        0.979006789015567,
    ),
    (
        "sparse",
        "poisson",
        "profile",
        0.998,
        -0.459710999131559,
        -46.4161740053659,
        79.3721264936744,
        0.979002030695928,
    ),
    (
        "sparse",
        "quasi_poisson",
        "wald",
        0.998,
        -0.459710999131559,
        -60.0384085049395,
        147.944808094071,
        0.982427495326661,
    ),
    (
        "sparse",
        "quasi_poisson",
        "profile",
        0.998,
        -0.459710999131559,
        -71.0081772254601,
        213.681421594624,
        0.982423512195885,
    ),
    (
        "large",
        "poisson",
        "wald",
        0.95,
        0.624113426360672,
        0.558880881051489,
        0.689388288021531,
        6.96556601501965e-79,
    ),
    (
        "large",
        "poisson",
        "profile",
        0.95,
        0.624113426360672,
        0.558879465327941,
        0.689386893231609,
        7.53751652592811e-79,
    ),
    (
        "large",
        "quasi_poisson",
        "wald",
        0.95,
        0.624113426360672,
        0.38506852800613,
        0.863727557413534,
        0.000312003418705374,
    ),
    (
        "large",
        "quasi_poisson",
        "profile",
        0.95,
        0.624113426360672,
        0.385049109243592,
        0.863709171978397,
        0.000312468922547179,
    ),
    (
        "large",
        "poisson",
        "wald",
        0.998,
        0.624113426360672,
        0.521281927324142,
        0.727050120207607,
        6.96556601501965e-79,
    ),
    (
        "large",
        "poisson",
        "profile",
        0.998,
        0.624113426360672,
        0.52127839295951,
        0.727046667929082,
        7.53751652592811e-79,
    ),
    (
        "large",
        "quasi_poisson",
        "wald",
        0.998,
        0.624113426360672,
        0.158080114464345,
        1.09231518085842,
        0.000312003418705374,
    ),
    (
        "large",
        "quasi_poisson",
        "profile",
        0.998,
        0.624113426360672,
        0.158004280781167,
        1.09224703012837,
        0.000312468922547179,
    ),
    (
        "scattered",
        "negative_binomial",
        "wald",
        0.95,
        -6.74233769815039,
        -20.0495622113782,
        8.77978680991716,
        0.374200604116692,
    ),
    (
        "scattered",
        "negative_binomial",
        "profile",
        0.95,
        -6.74233769815039,
        -22.0759814781291,
        11.1375995858937,
        0.399750267226166,
    ),
    (
        "scattered",
        "negative_binomial",
        "wald",
        0.998,
        -6.74233769815039,
        -26.8419659120319,
        18.8795145526767,
        0.374200604116692,
    ),
    (
        "scattered",
        "negative_binomial",
        "profile",
        0.998,
        -6.74233769815039,
        -33.2277783572051,
        28.7693583133329,
        0.399750267226166,
    ),
    (
        "clustered",
        "negative_binomial",
        "wald",
        0.95,
        -9.53824461536974,
        -24.7979137018457,
        8.81784788289218,
        0.287572444747177,
    ),
    (
        "clustered",
        "negative_binomial",
        "profile",
        0.95,
        -9.53824461536974,
        -27.2847133705749,
        12.2231614575481,
        0.327142657367747,
    ),
    (
        "clustered",
        "negative_binomial",
        "wald",
        0.998,
        -9.53824461536974,
        -32.3979211777529,
        21.0514429413618,
        0.287572444747177,
    ),
    (
        "clustered",
        "negative_binomial",
        "profile",
        0.998,
        -9.53824461536974,
        -39.4672664046116,
        34.3871026686061,
        0.327142657367747,
    ),
    (
        "large",
        "negative_binomial",
        "wald",
        0.95,
        0.624705655217532,
        0.444841311656,
        0.804892077859107,
        8.94884062489101e-12,
    ),
    (
        "large",
        "negative_binomial",
        "profile",
        0.95,
        0.624705655217532,
        0.426300479346815,
        0.823559187662916,
        3.09644272684364e-05,
    ),
    (
        "large",
        "negative_binomial",
        "wald",
        0.998,
        0.624705655217532,
        0.341263680448894,
        0.908948291151018,
        8.94884062489101e-12,
    ),
    (
        "large",
        "negative_binomial",
        "profile",
        0.998,
        0.624705655217532,
        0.258708754854385,
        0.992148684508099,
        3.09644272684364e-05,
    ),
]


@pytest.mark.parametrize(("name", "model", "method", "level", "value", "lower", "upper", "p_value"), IN_R)
def test_as_in_r(name, model, method, level, value, lower, upper, p_value):
    got = annual_percent_change(
        YEARS, SERIES[name], BIRTHS, model=model, method=method, confidence_level=level
    )
    assert (got.value, got.lower, got.upper) == pytest.approx((value, lower, upper), rel=1e-8, abs=0)
    assert got.p_value == pytest.approx(p_value, rel=1e-8, abs=0)
    assert got.method == f"{model}, {method}"


def test_the_default_is_poisson_with_profile_limits():
    default = annual_percent_change(YEARS, SERIES["falling"], BIRTHS)
    assert default.method == "poisson, profile"
    assert default.note is None
    assert default.upper == pytest.approx(-4.81341181137574, rel=1e-8)


# R 4.2.2, all three events in the first (last) of six years:
#
# births <- c(1810, 1760, 1690, 1600, 1520, 1430); u <- 0:5
# rise <- function(b, year) -2 * 3 * log(births[year] * exp(b * u[year]) / sum(births * exp(b * u)))
# limit <- function(year, level) 100 * expm1(uniroot(function(b) rise(b, year) - qnorm((1 + level)/2)^2,
#                                                    c(-9, 9), tol = 1e-20, maxiter = 10000)$root)
# sprintf("%.15g", c(limit(1, .95), limit(1, .998), pchisq(rise(0, 1), 1, lower.tail = FALSE)))
# sprintf("%.15g", c(limit(6, .95), limit(6, .998), pchisq(rise(0, 6), 1, lower.tail = FALSE)))
# [1] "-50.3210968869775"   "-4.1909340354805"    "0.00145050546966363"
# [1] "120.751699530593"     "14.6735510990491"     "0.000675903164232246"
SIX_BIRTHS = [1810, 1760, 1690, 1600, 1520, 1430]


@pytest.mark.parametrize(
    ("events", "level", "limits", "p_value", "end"),
    [
        ([3, 0, 0, 0, 0, 0], 0.95, (-100.0, -100.0, -50.3210968869775), 0.00145050546966363, "first"),
        ([3, 0, 0, 0, 0, 0], 0.998, (-100.0, -100.0, -4.1909340354805), 0.00145050546966363, "first"),
        ([0, 0, 0, 0, 0, 3], 0.95, (inf, 120.751699530593, inf), 0.000675903164232246, "last"),
        ([0, 0, 0, 0, 0, 3], 0.998, (inf, 14.6735510990491, inf), 0.000675903164232246, "last"),
    ],
)
def test_all_events_at_one_end(events, level, limits, p_value, end):
    for method in METHODS:
        change = annual_percent_change(range(6), events, SIX_BIRTHS, method=method, confidence_level=level)
        assert (change.value, change.lower, change.upper) == pytest.approx(limits, rel=1e-8)
        assert change.p_value == pytest.approx(p_value, rel=1e-8)
        assert f"all events in the {end} period" in change.note
    assert change.note.endswith("profile limit")  # what was asked for, wald, has no limits here


def test_all_events_at_one_end_in_the_other_models():
    change = annual_percent_change(range(6), [3, 0, 0, 0, 0, 0], SIX_BIRTHS, model="negative_binomial")
    # where the likelihood ratio reaches its quantile, the counts show no overdispersion: the Poisson limit
    assert (change.value, change.lower) == (-100.0, -100.0)
    assert change.upper == pytest.approx(-50.3210968869775, rel=1e-8)
    change = annual_percent_change(range(6), [3, 0, 0, 0, 0, 0], SIX_BIRTHS, model="quasi_poisson")
    assert (change.value, change.lower) == (-100.0, -100.0)
    assert np.isnan([change.upper, change.p_value]).all()
    assert change.note == "all events in the first period; dispersion cannot be estimated"


def test_counts_without_overdispersion_are_poisson_whatever_was_asked():
    poisson = annual_percent_change(YEARS, SERIES["falling"], BIRTHS)
    negative = annual_percent_change(YEARS, SERIES["falling"], BIRTHS, model="negative_binomial")
    assert (negative.value, negative.lower, negative.upper) == pytest.approx(
        (poisson.value, poisson.lower, poisson.upper), rel=1e-9
    )
    assert negative.note == "no overdispersion"
    quasi = annual_percent_change(YEARS, SERIES["falling"], BIRTHS, model="quasi_poisson")
    assert quasi.note == "dispersion below 1"
    assert annual_percent_change(YEARS, SERIES["scattered"], BIRTHS, model="quasi_poisson").note is None


def test_a_steep_fall_over_sixty_years_neither_overflows_nor_warns():
    change = annual_percent_change(range(60), [10**6, 1, *[0] * 58], [1] * 60)
    assert change.value == pytest.approx(-99.9999, abs=1e-6)
    assert -100 < change.lower < change.value < change.upper < -99.999
    assert change.p_value == 0.0


def test_a_limit_that_is_never_reached_is_infinite_and_said():
    # One event in a middle year: with k free to grow, hardly any slope can be refused at 99.8 %.
    change = annual_percent_change(
        range(5), [0, 1, 0, 0, 0], [1000] * 5, model="negative_binomial", confidence_level=0.998
    )
    assert change.lower == -100.0
    assert change.value == pytest.approx(-43.22626390593205)
    assert change.note == "no overdispersion; no finite profile limit"


@pytest.mark.parametrize("k", [1e-9, 1e-4, 0.019, 0.021, 0.5, 30])
def test_closed_forms_of_the_negative_binomial_sums(k):
    for events in (0, 1, 2, 7, 5000):
        each = np.arange(events)
        product = math.fsum(np.log1p(k * each))
        slope = math.fsum(each / (1 + k * each))
        count = np.array([float(events)])
        assert _log_products(k, count) == pytest.approx(product, rel=1e-11, abs=1e-12)
        assert _slope_of_log_products(k, count) == pytest.approx(slope, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("years", "events", "births", "note"),
    [
        ([2022, 2023], [3, 4], [1500, 1430], "fewer than three periods"),
        ([2022, 2022, 2023], [3, 4, 2], [1500, 1430, 800], "fewer than three periods"),
        ([2023], [3], [1430], "fewer than three periods"),
        ([], [], [], "fewer than three periods"),
        ([2021, 2022, 2023], [0, 0, 0], [1500, 1430, 1400], "no events"),
        ([2020, 2021, 2022, 2023], [3, None, None, 2], [1500] * 4,
         "years left out: 2021, 2022; fewer than three periods"),
        ([2020, 2021, 2022, 2023], [3, 0, 1, 2], [1500, 0, None, 1500],
         "years left out: 2021, 2022; fewer than three periods"),
    ],
)  # fmt: skip
def test_no_information(years, events, births, note, model, method):
    change = annual_percent_change(years, events, births, model=model, method=method)
    assert np.isnan([change.value, change.lower, change.upper, change.p_value]).all()
    assert change.note == note


def test_left_out_years_are_named_and_change_nothing_else():
    with_gap = annual_percent_change(YEARS, [None, *SERIES["falling"][1:]], BIRTHS)
    without = annual_percent_change(YEARS[1:], SERIES["falling"][1:], BIRTHS[1:])
    assert with_gap.note == "years left out: 2014"
    assert (with_gap.value, with_gap.upper) == (without.value, without.upper)


def test_many_series_at_once():
    names = ["falling", "sparse", "large"]
    table = annual_percent_change(YEARS, [*(SERIES[name] for name in names), [0] * 10], BIRTHS)
    assert table.value.shape == (4,)
    for i, name in enumerate(names):
        single = annual_percent_change(YEARS, SERIES[name], BIRTHS)
        assert (table.value[i], table.lower[i], table.upper[i]) == (single.value, single.lower, single.upper)
    assert list(table.note) == ["", "", "", "no events"]
    assert len(table.to_frame()) == 4
    cube = annual_percent_change(YEARS, np.reshape([SERIES["falling"]] * 4, (2, 2, 10)), BIRTHS)
    assert cube.value.shape == (2, 2)
    assert cube.note is None


def test_series_join_by_label():
    index = pd.Index(YEARS, name="year")
    events = pd.Series(SERIES["falling"], index=index)
    change = annual_percent_change(index.to_series(), events, pd.Series(BIRTHS, index=index))
    assert type(change.value) is float
    assert change.value == pytest.approx(-12.6677206810396)
    with pytest.raises(ValueError, match="`year` and `events` must have equal indexes"):
        annual_percent_change(index.to_series(), events.iloc[::-1], BIRTHS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([1, 2, 3], [1, -1, 2], [5, 5, 5]), "`events` must be a whole number of events"),
        (([1, 2, 3], [1, 1, 2], [5, 5, -5]), "`person_time` must be a number, 0 or more"),
        (
            ([1, 2, 3], [1, 1, 2], [5, 0, 5]),
            "`events` must be 0 where `person_time` is 0; got 1 at position 1",
        ),
        (([1, None, 3], [1, 1, 2], [5, 5, 5]), "`year` must be a number; got nan at position 1"),
        ((2020, 1, 5), "`events` must be one number a period; got a single number"),
        (([1, 2, 3], [1, 1], [5, 5, 5]), "must have equal shapes"),
    ],
)
def test_impossible_input_is_named(arguments, said):
    with pytest.raises(ValueError, match="must") as caught:
        annual_percent_change(*arguments)
    assert said in str(caught.value)


def test_unknown_words_are_refused():
    with pytest.raises(ValueError, match="Did you mean 'quasi_poisson'"):
        annual_percent_change([1, 2, 3], [1, 1, 2], [5, 5, 5], model="quasipoisson")
    with pytest.raises(ValueError, match="`method` must be one of 'profile', 'wald'"):
        annual_percent_change([1, 2, 3], [1, 1, 2], [5, 5, 5], method="exact")


@st.composite
def small_series(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A district's years, with events in at least two of them."""
    periods = draw(st.integers(3, 8))
    events = np.array(draw(st.lists(st.integers(0, 40), min_size=periods, max_size=periods)), dtype=float)
    assume((events > 0).sum() >= 2)
    births = np.array(draw(st.lists(st.floats(50, 5000), min_size=periods, max_size=periods)))
    return np.arange(2010.0, 2010.0 + periods), events, births


def parts(change) -> tuple[float, float, float]:
    return change.value, change.lower, change.upper


methods = st.sampled_from(METHODS)


@given(small_series(), methods)
def test_value_lies_between_its_limits(series, method):
    change = annual_percent_change(*series, method=method)
    assert -100 < change.lower < change.value < change.upper < inf


@given(small_series(), methods)
def test_a_higher_level_gives_a_wider_interval(series, method):
    narrow, wide = (
        annual_percent_change(*series, method=method, confidence_level=level) for level in (0.9, 0.99)
    )
    assert wide.lower < narrow.lower
    assert narrow.upper < wide.upper


@given(small_series(), methods)
def test_p_is_small_exactly_where_the_limits_exclude_no_change(series, method):
    change = annual_percent_change(*series, method=method)
    assume(abs(change.p_value - 0.05) > 1e-6)
    assert (change.p_value < 0.05) == (change.lower > 0 or change.upper < 0)


@given(small_series(), methods, st.randoms())
def test_neither_order_nor_origin_nor_unit_matters(series, method, random):
    year, events, births = series
    order = list(range(len(year)))
    random.shuffle(order)
    straight = annual_percent_change(*series, method=method)
    other = annual_percent_change(year[order] - 1990, events[order], births[order] / 1000, method=method)
    assert parts(other) == pytest.approx(parts(straight), rel=1e-6, abs=1e-6)


@given(small_series(), methods)
def test_time_reversed_inverts_the_change(series, method):
    year, events, births = series
    forward = annual_percent_change(*series, method=method)
    backward = annual_percent_change(-year, events, births, method=method)
    factors = [1 + change / 100 for change in parts(forward)]
    inverted = [100 * (1 / factors[i] - 1) for i in (0, 2, 1)]
    assert parts(backward) == pytest.approx(inverted, rel=1e-6, abs=1e-6)


@settings(max_examples=8)  # this model is slow: its level and k are solved anew for each slope
@given(small_series(), st.randoms())
def test_the_laws_hold_for_the_negative_binomial_model_too(series, random):
    year, events, births = series
    order = list(range(len(year)))
    random.shuffle(order)
    model = "negative_binomial"
    straight = annual_percent_change(*series, model=model)
    assert -100 < straight.lower < straight.value < straight.upper < inf
    if abs(straight.p_value - 0.05) > 1e-6:
        assert (straight.p_value < 0.05) == (straight.lower > 0 or straight.upper < 0)
    shuffled = annual_percent_change(year[order] - 1990, events[order], births[order] / 1000, model=model)
    assert parts(shuffled) == pytest.approx(parts(straight), rel=1e-6, abs=1e-6)
    narrow = annual_percent_change(*series, model=model, confidence_level=0.8)
    assert straight.lower < narrow.lower
    assert narrow.upper < straight.upper


@given(small_series())
def test_a_year_split_in_two_strata_of_equal_rate_changes_nothing(series):
    year, events, births = series
    whole = annual_percent_change(year, 2 * events, births)
    split = annual_percent_change(np.tile(year, 2), np.tile(events, 2), np.tile(births / 2, 2))
    assert parts(split) == pytest.approx(parts(whole), rel=1e-8, abs=1e-8)


@given(st.integers(1, 500), st.integers(3, 10))
def test_a_constant_rate_does_not_change(events, periods):
    change = annual_percent_change(range(periods), [events] * periods, [1000] * periods)
    assert change.value == pytest.approx(0, abs=1e-9)
    assert change.p_value == pytest.approx(1, abs=1e-6)


def test_limits_cover_the_truth_about_as_often_as_they_say():
    # 400 simulated districts, 8 years, 5 deaths a year falling by 6 %: misses are binomial(400, about 0.05)
    rng = np.random.default_rng(20240501)
    year = np.arange(8)
    events = rng.poisson(5 * 0.94**year, size=(400, 8))
    change = annual_percent_change(year, events, np.ones(8))
    misses = ((change.lower > -6) | (change.upper < -6)).sum()
    assert 8 <= misses <= 34


# R 4.2.2, the likelihood maximized over level, k and slope in turn, k and slope from a grid of starts:
# nll <- function(p, y) -sum(dnbinom(y, size = exp(-p[3]), log = TRUE,
#                                    mu = exp(p[1] + p[2] * (seq_along(y) - 1))))
# prof <- function(b) { lk <- function(u)
#     optimize(function(a) nll(c(a,b,u), y), c(-20, 25), tol=1e-14)$objective
#   us <- seq(-8, 8, .5); i <- which.min(sapply(us, lk))
#   optimize(lk, us[i] + c(-.5,.5), tol=1e-14)$objective }
# bs <- seq(-6, 2, .1); i <- which.min(sapply(bs, prof)); o <- optimize(prof, bs[i]+c(-.1,.1), tol=1e-14)
# c(o$minimum, 2*(prof(0)-o$objective))
@pytest.mark.parametrize(
    ("events", "slope", "ratio_statistic"),
    [
        ([12, 0, 0, 1], -1.0086451682, 1.78534095908),
        ([100, 0, 0, 1], -1.6303417523, 2.27995890365),
        ([1000000, 0, 0, 1], -4.64052635002, 3.09054974198),
    ],
)
def test_the_highest_maximum_is_found_not_the_one_next_to_poisson(events, slope, ratio_statistic):
    change = annual_percent_change(range(4), events, [1000] * 4, model="negative_binomial")
    assert math.log1p(change.value / 100) == pytest.approx(slope, rel=1e-7)
    # the slope of the witness is good to 1e-8 only: its function is flat there; its height is not
    p_value = math.erfc(math.sqrt(ratio_statistic / 2))
    assert change.p_value == pytest.approx(p_value, rel=1e-8)
    assert change.lower < 0 < change.upper
    assert change.note is None


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("events", "births", "value", "p_value"),
    [
        ([5, 5, 5, 5], [1000] * 4, 0.0, np.nan),
        ([3, 6, 9, 12], [0.1, 0.2, 0.3, 0.4], 0.0, np.nan),
        ([1, 2, 4, 8], [1000] * 4, 100.0, 0.0),
    ],
)
def test_quasi_poisson_without_scatter(events, births, value, p_value, method):
    change = annual_percent_change(range(4), events, births, model="quasi_poisson", method=method)
    assert change.value == pytest.approx(value, rel=1e-14, abs=0)
    assert math.copysign(1, change.value) == 1
    assert change.lower == change.value == change.upper
    assert change.p_value == pytest.approx(p_value, nan_ok=True, abs=0)
    assert change.note == "no scatter about the trend"


def test_rates_on_their_trend_line_have_no_scatter():
    change = log_linear_trend([1, 2, 3, 4], [10, 8, 6.4, 5.12])
    assert change.value == pytest.approx(-20, rel=1e-14)
    assert change.lower == change.value == change.upper
    assert (change.p_value, change.note) == (0.0, "no scatter about the trend")
    assert log_linear_trend([1, 2, 3, 4], [10, 8, 6.4, 5.12001]).note is None
