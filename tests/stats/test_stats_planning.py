"""Sizes that would tell, power and chance, against R 4.2 (base) and against trying every size."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from mchepi.stats import chance_of_fall, event_free_size, size_to_tell
from mchepi.stats._exact_power import _settle
from mchepi.stats.planning import chance_all_fall, power_to_tell

BIRTHS = {"kind": "rate", "per": 1000}
TAIL = 0.025

# > tail <- 0.025
# > stays <- function(ok, n) n[max(which(!ok)) + 1]
# > poisson_size <- function(a, t, top, power = 0.8, first = FALSE) {
# +   n <- 1:top; c <- qpois(tail, n * t); c <- ifelse(ppois(c, n * t) <= tail, c, c - 1)
# +   ok <- ifelse(c < 0, 0, ppois(c, n * a)) >= power; if (first) which(ok)[1] else stays(ok, n) }
# > poisson_size(2.10e-3, 3.1e-3, 60000)                     22364
# > poisson_size(2.10e-3, 3.1e-3, 60000, first = TRUE)       20897
# > poisson_size(2.10e-3, 3.1e-3, 60000, .5)                 12290
# > poisson_size(2.10e-3, 3.1e-3, 60000, .5, TRUE)           10745
# > poisson_size(2.8e-3, 3.1e-3, 500000)                     265233
# > greater <- the same with c <- the smallest count of which ppois(c - 1, n * t, lower.tail = FALSE) <= tail
# > greater(3.1e-3, 2.1e-3, 60000); greater(3.1e-3, 2.1e-3, 60000, first = TRUE)      21421 19718
SIZES_OF_RATES = [
    (2.10, 3.1, {}, 22364),
    (2.10, 3.1, {"first": True}, 20897),
    (2.10, 3.1, {"power": 0.5}, 12290),
    (2.10, 3.1, {"power": 0.5, "first": True}, 10745),
    (2.80, 3.1, {}, 265233),
    (3.1, 2.1, {"alternative": "greater"}, 21421),
    (3.1, 2.1, {"alternative": "greater", "first": True}, 19718),
]


@pytest.mark.parametrize(("assumed", "target", "options", "size"), SIZES_OF_RATES)
def test_sizes_of_rates_agree_with_r(assumed, target, options, size):
    assert size_to_tell(assumed, target, **{**BIRTHS, "alternative": "less", **options}) == size


# > binomial_size <- poisson_size with qbinom and pbinom
# > binomial_size(.06, .10, 5000); binomial_size(.03, .05, 20000); binomial_size(.12, .2, 5000)   411 851 185
@pytest.mark.parametrize(
    ("assumed", "target", "alternative", "size"),
    [(6, 10, "less", 411), (97, 95, "greater", 851), (12, 20, "less", 185), (3, 5, "less", 851)],
)
def test_sizes_of_proportions_agree_with_r(assumed, target, alternative, size):
    assert size_to_tell(assumed, target, kind="proportion", per=100, alternative=alternative) == size


def test_event_free_sizes_are_those_of_the_two_sided_limit():
    # ln(0.025) / 14.5e-5 and / 50e-5; ln(0.025) / ln(1 - 0.02) and / ln(1 - 0.01)
    assert event_free_size([14.5, 50], kind="rate", per=100_000).tolist() == [25441, 7378]
    assert event_free_size([2, 1], kind="proportion", per=100).tolist() == [183, 368]
    # the rule of three, 3 / n, is the one-sided 0.05
    assert event_free_size(0.01, kind="rate", confidence_level=0.90) == 300
    assert event_free_size(0, kind="rate") == np.inf


@given(st.floats(1e-5, 0.9), st.sampled_from(["rate", "proportion"]), st.sampled_from([0.9, 0.95, 0.99]))
def test_event_free_size_follows_its_formula(target, kind, confidence_level):
    tail = (1 - confidence_level) / 2
    needed = np.log(tail) / (np.log1p(-target) if kind == "proportion" else -target)
    found = event_free_size(target, kind=kind, confidence_level=confidence_level)
    assert found - 1 - 1e-6 < needed <= found + 1e-6


def test_at_or_beyond_the_target_no_size_tells():
    found = size_to_tell([3.1, 4, np.nan], 3.1, alternative="less", **BIRTHS)
    assert found[:2].tolist() == [np.inf, np.inf]
    assert np.isnan(found[2])
    assert size_to_tell(2, 3.1, alternative="greater", **BIRTHS) == np.inf
    assert size_to_tell(90, 95, kind="proportion", per=100, alternative="greater") == np.inf
    assert size_to_tell(0, 0, kind="rate", alternative="less") == np.inf


def test_at_the_end_of_the_scale_one_event_tells():
    # 1 - exp(-1.61) = 0.8; 1 - 0.9^16 = 0.81
    assert size_to_tell(1e-3, 0, kind="rate", alternative="greater") == 1610
    assert size_to_tell(0.1, 0, kind="proportion", alternative="greater") == 16
    assert size_to_tell(0.9, 1, kind="proportion", alternative="less") == 16
    assert size_to_tell(0, 1, kind="proportion", alternative="less") == 1


def test_a_rate_next_to_its_target_needs_a_size_beyond_use():
    assert size_to_tell(1 - 1e-9, 1, kind="rate", alternative="less") == np.inf
    assert np.isfinite(size_to_tell(0.999, 1, kind="rate", alternative="less"))


@pytest.mark.parametrize(("kind", "size"), [("rate", 1190), ("proportion", 1189)])
def test_a_whole_size_off_by_one_is_settled(kind, size):
    # > c(ppois(0, 1190 * .0031), ppois(0, 1189 * .0031))         0.024996986534482492 0.025074597427470147
    # > c(pbinom(0, 1189, .0031), pbinom(0, 1188, .0031))         0.024931455998403258 0.025008983848333097
    off = size + np.array([-1.0, 0.0, 1.0])
    settled = _settle(off, np.zeros(3), np.full(3, 0.0031), kind, TAIL)
    assert settled.tolist() == [size] * 3


def powers_of_every_size(assumed, target, kind, alternative, top):
    """The exact power at 1, 2, ... top, from scipy's distributions."""
    sizes = np.arange(1, top + 1)
    if kind == "proportion" and alternative == "greater":
        assumed, target = 1 - assumed, 1 - target
    if kind == "proportion":
        by_target, by_assumed = stats.binom(sizes, target), stats.binom(sizes, assumed)
    else:
        by_target, by_assumed = stats.poisson(sizes * target), stats.poisson(sizes * assumed)
    if kind == "rate" and alternative == "greater":
        count = by_target.isf(TAIL)
        count = np.where(by_target.sf(count - 1) <= TAIL, count, count + 1)
        return by_assumed.sf(count - 1)
    count = by_target.ppf(TAIL)
    count = np.where(by_target.cdf(count) <= TAIL, count, count - 1)
    return np.where(count < 0, 0, by_assumed.cdf(count))


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.005, 0.9),
    st.floats(0.1, 0.85),
    st.sampled_from(["rate", "proportion"]),
    st.sampled_from(["less", "greater"]),
    st.sampled_from([0.5, 0.8, 0.9]),
)
def test_sizes_are_those_found_by_trying_every_size(low, share, kind, alternative, power):
    assumed, target = (low * share, low) if alternative == "less" else (low, low * share)
    arguments = {"kind": kind, "alternative": alternative, "power": power}
    for_good = size_to_tell(assumed, target, **arguments)
    if for_good > 20_000:
        return
    top = int(for_good * 1.6) + 60
    enough = powers_of_every_size(assumed, target, kind, alternative, top) >= power
    assert size_to_tell(assumed, target, first=True, **arguments) == np.flatnonzero(enough)[0] + 1
    short = np.flatnonzero(~enough)
    assert for_good == (short[-1] + 2 if short.size else 1)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.001, 0.99),
    st.floats(0.001, 0.99),
    st.sampled_from(["rate", "proportion"]),
    st.sampled_from(["less", "greater"]),
)
def test_power_is_that_of_scipys_distributions(assumed, target, kind, alternative):
    expected = powers_of_every_size(assumed, target, kind, alternative, 300)
    found = power_to_tell(np.arange(1, 301), assumed, target, kind=kind, alternative=alternative)
    assert found == pytest.approx(expected, abs=1e-12)


# > power <- function(n, a, t) { c <- qpois(tail, n*t); if (ppois(c, n*t) > tail) c <- c - 1; ppois(c, n*a) }
# > c(power(1430, .0021, .0031), power(22364, .0021, .0031), power(22363, .0021, .0031))
# 0.049637930980694148 0.830612629075504261 0.792993313319305226
# > pb <- the same with qbinom and pbinom; c(pb(411, .06, .1), pb(410, .06, .1))
# 0.84287340526135257 0.79445217883141539
def test_power_agrees_with_r():
    found = power_to_tell([1430, 22364, 22363], 2.1, 3.1, alternative="less", **BIRTHS)
    assert found == pytest.approx(
        [0.049637930980694148, 0.830612629075504261, 0.792993313319305226], rel=1e-9
    )
    found = power_to_tell([411, 410], 6, 10, kind="proportion", per=100, alternative="less")
    assert found == pytest.approx([0.84287340526135257, 0.79445217883141539], rel=1e-11)


# > fall <- function(m, r) { x <- 0:400; sum(dpois(x, m) * ppois(x - 1, m * r)) }
# > c(fall(3, 1), fall(3, .8), fall(.2, 1), fall(60, .95))
CHANCES = [
    (3, 1, 0.41667128368009176),
    (3, 0.8, 0.51413501526446415),
    (0.2, 1, 0.15129891472023346),
    (60, 0.95, 0.59137195626963135),
]


@pytest.mark.parametrize(("expected", "ratio", "chance"), CHANCES)
def test_chance_of_a_fall_agrees_with_r(expected, ratio, chance):
    assert chance_of_fall(expected, ratio=ratio) == pytest.approx(chance, rel=1e-12)


# > d <- function(e, r, k) { x <- 0:80; sapply(k, function(k) sum(dpois(x, e * r) * dpois(x - k, e))) }
# > all3 <- function(e, r) { k <- -60:60; d1 <- d(e[1], r, k); d2 <- d(e[2], r, k); d3 <- d(e[3], r, k)
# +   s <- 0; for (i in which(k < 0)) for (j in which(k[i] + k < 0))
# +     s <- s + d1[i] * d2[j] * sum(d3[k[i] + k[j] + k < 0]); s }
# > c(all3(c(3, 1, 1), 1), all3(c(3, 1, 1), .8))      0.30327152405665331 0.41249714444127655
def test_chance_that_all_three_child_rates_fall_agrees_with_r():
    assert chance_all_fall([3, 1, 1]) == pytest.approx(0.30327152405665331, rel=1e-10)
    assert chance_all_fall([3, 1, 1], ratio=0.8) == pytest.approx(0.41249714444127655, rel=1e-10)


@given(st.floats(0.05, 80), st.floats(0.2, 3))
def test_one_count_falls_as_all_of_one_do(expected, ratio):
    assert chance_all_fall([expected], ratio=ratio) == pytest.approx(
        chance_of_fall(expected, ratio=ratio), abs=1e-11
    )


@given(st.floats(0, 1e5))
def test_without_change_a_count_falls_as_often_as_it_rises(expected):
    fall = chance_of_fall(expected)
    same = special.ive(0, 2 * expected)
    assert 2 * fall + same == pytest.approx(1, abs=1e-9)


def test_the_chance_keeps_labels_and_refuses_nonsense():
    districts = pd.Index(["152223", "S01"], name="district")
    found = chance_of_fall(pd.Series([3.0, np.nan], districts))
    assert found.index.equals(districts)
    assert np.isnan(found["S01"])
    with pytest.raises(ValueError, match="`expected` must be a number, 0 or more"):
        chance_of_fall(-1)
    with pytest.raises(ValueError, match="known numbers"):
        chance_all_fall([3, np.nan])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "risk", "alternative": "less"}, "`kind` must be one of 'rate', 'proportion'"),
        ({"kind": "rate", "alternative": "below"}, "`alternative` must be one of 'less', 'greater'"),
        ({"kind": "rate", "alternative": "less", "power": 80}, "`power` must be between 0 and 1"),
        ({"kind": "proportion", "alternative": "less"}, "at most 1; got 2"),
        ({"kind": "rate", "alternative": "less", "per": 0}, "`per` must be one number above 0"),
    ],
)
def test_impossible_plans_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        size_to_tell(2, 3, **arguments)


def test_ten_thousand_districts_take_seconds():
    rng = np.random.default_rng(1)
    assumed = rng.uniform(0, 3.09, 10_000)
    start = time.perf_counter()
    size_to_tell(assumed, 3.1, alternative="less", **BIRTHS)
    size_to_tell(assumed, 3.1, kind="proportion", per=100, alternative="less")
    assert time.perf_counter() - start < 5


def test_chance_all_fall_refuses_large_means():
    with pytest.raises(ValueError, match="`expected` must be at most 20,000 events"):
        chance_all_fall([3, 1e7])
