"""The power of a trend test and the judged trend: R's sums over all series, laws, the fixed vocabulary."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi import annual_percent_change, detectable_change, judge_trend, trend_power
from mchepi.stats import _trend_power
from mchepi.stats.trend_judgment import FEWEST_EVENTS, REASONS, VERDICTS

# R 4.2.2: every series of counts that is possible, its likelihood ratio and its probability.
#
# power <- function(x, w, total, change, level, most) { z2 <- qchisq(level, 1); b <- log1p(change/100)
#   share <- function(s) { v <- w * exp(s * (x - mean(x))); v / sum(v) }
#   rise <- function(N, T) { if (N == 0) return(0); p0 <- share(0); m <- T/N
#     if (m == min(x)) return(-2 * N * log(p0[which.min(x)]))
#     if (m == max(x)) return(-2 * N * log(p0[which.max(x)]))
#     s <- uniroot(function(s) sum(share(s) * x) - m, c(-60, 60), tol = 1e-14, maxiter = 1e4)$root
#     2 * N * (s * (m - mean(x)) - log(sum(p0 * exp(s * (x - mean(x)))))) }
#   y <- as.matrix(expand.grid(rep(list(0:most), length(x)))); N <- rowSums(y); T <- drop(y %*% x)
#   key <- paste(N, T); first <- !duplicated(key)
#   stat <- mapply(rise, N[first], T[first]); names(stat) <- key[first]; stat <- stat[key]
#   sign <- sign(T - N * sum(share(0) * x)); mean <- total * share(b)
#   chance <- exp(rowSums(sapply(seq_along(x), function(i) dpois(y[, i], mean[i], log = TRUE))))
#   c(sum(chance[stat > z2 & sign < 0]), sum(chance[stat > z2 & sign > 0])) }
# show <- function(...) cat(sprintf("%.15g", power(...)), "\n")
# show(c(0, 1, 2), c(1810, 1700, 1600), 6, -30, .95, 30)
# show(c(0, 1, 2), c(1810, 1700, 1600), 6, 60, .9, 34)
# show(c(0, 1, 2, 3), c(500, 480, 470, 400), 5, -45, .95, 24)
# show(c(0, 1, 4), c(1, 2, 1.5), 4, -20, .8, 26)
# show(c(0, .5, 2), c(1, 2, 1.5), 8, 40, .95, 34)
IN_R = [
    ([0, 1, 2], [1810, 1700, 1600], 6, -30, 0.95, 0.126683702166789, 0.00700597450027314),
    ([0, 1, 2], [1810, 1700, 1600], 6, 60, 0.9, 0.0073017098357892, 0.253768956528418),
    ([0, 1, 2, 3], [500, 480, 470, 400], 5, -45, 0.95, 0.279507779706527, 0.00109218328429159),
    ([0, 1, 4], [1, 2, 1.5], 4, -20, 0.8, 0.358202807849606, 0.0314704627762247),
    ([0, 0.5, 2], [1, 2, 1.5], 8, 40, 0.95, 0.00485827133738981, 0.12111237661402),
]


@pytest.mark.parametrize(("years", "births", "total", "change", "level", "falls", "rises"), IN_R)
def test_power_as_in_r(years, births, total, change, level, falls, rises):
    events = np.full(len(years), total / len(years))
    power = trend_power(years, events, births, assumed_change=change, confidence_level=level)
    assert power == pytest.approx(falls if change < 0 else rises, rel=1e-8)
    test = _trend_power.trend_test(np.array(years, float), events, np.array(births, float), level)
    assert test.power(np.log1p(change / 100)) == pytest.approx((falls, rises), rel=1e-8)


def test_power_is_the_share_of_simulated_series_whose_limits_exclude_no_change():
    years, births = np.arange(8), np.linspace(1800, 1400, 8)
    expected = births * 0.93**years
    expected *= 30 / expected.sum()
    counts = np.random.default_rng(5).poisson(expected, (2000, 8))
    shown = np.mean(annual_percent_change(years, counts, births).upper < 0)
    power = trend_power(years, expected, births, assumed_change=-7)
    assert shown == pytest.approx(power, abs=4 * np.sqrt(power * (1 - power) / 2000))


series = st.lists(st.floats(0.2, 15), min_size=3, max_size=8)


@given(series, st.floats(-40, -1), st.floats(0.1, 1))
@settings(max_examples=12)
def test_laws_of_power(events, change, part):
    years, births = np.arange(len(events)), np.linspace(900, 1400, len(events))
    power = trend_power(years, events, births, assumed_change=change)
    assert 0 <= power <= 1
    assert trend_power(years, events, births, assumed_change=change * part) <= power + 1e-12
    assert trend_power(years, events, births, assumed_change=change, confidence_level=0.99) <= power + 1e-12
    # Backwards in time a fall is a rise; the births' unit and the origin of time drop out.
    back = trend_power(years, events[::-1], births[::-1], assumed_change=100 * (1 / (1 + change / 100) - 1))
    assert back == pytest.approx(power, abs=1e-9)
    moved = trend_power(2015 + years, events, births / 7, assumed_change=change)
    assert moved == pytest.approx(power, abs=1e-9)
    # Only the sum of the events counts.
    assert trend_power(years, np.roll(events, 1), births, assumed_change=change) == pytest.approx(power)


@given(series, st.sampled_from(["falling", "rising"]), st.sampled_from([0.5, 0.8]))
@settings(max_examples=15)
def test_the_detectable_change_has_the_power_asked_for(events, direction, power):
    years = np.arange(len(events))
    change = detectable_change(years, events, 100, direction=direction, power=power)
    if np.isnan(change):
        steepest = {"falling": -99.999, "rising": 1e5}[direction]
        assert trend_power(years, events, 100, assumed_change=steepest) < power
    else:
        assert (change < 0) == (direction == "falling")
        assert trend_power(years, events, 100, assumed_change=change) == pytest.approx(power, abs=1e-9)


@pytest.mark.parametrize("direction", ["falling", "rising"])
def test_more_events_show_less_change(direction):
    found = [
        abs(detectable_change(range(10), [each] * 10, 1, direction=direction)) for each in (1, 3, 10, 50)
    ]
    assert found == sorted(found, reverse=True)


def test_the_sums_stay_the_same_where_they_become_coarse(monkeypatch):
    # Beyond about 140 events totals are thinned; beyond 4,000 events times years their places are normal.
    changes = [-3, -1.5, 0.5, 2.5]
    found = {}
    for name, steps, most in (("exact", 1e9, 1e9), ("thinned", 6, 1e9), ("normal", 6, 1)):
        monkeypatch.setattr(_trend_power, "_STEPS", steps)
        monkeypatch.setattr(_trend_power, "_MOST_EXACT", most)
        found[name] = trend_power(range(10), [60] * 10, 1, assumed_change=changes)
    assert found["thinned"] == pytest.approx(found["exact"], abs=2e-4)
    assert found["normal"] == pytest.approx(found["exact"], abs=1e-3)


def test_months_and_years_are_the_same_time():
    yearly = trend_power([0, 1, 2, 3], [4] * 4, 1, assumed_change=-20)
    monthly = trend_power(np.arange(4) / 12, [4] * 4, 1, assumed_change=100 * (0.8**12 - 1))
    assert monthly == pytest.approx(yearly, rel=1e-9)


def test_shapes_labels_and_missing_years():
    many = trend_power(range(6), [[3] * 6, [0] * 6, [None] * 4 + [3, 3]], 1, assumed_change=-9)
    assert many[0] == trend_power(range(6), [3] * 6, 1, assumed_change=-9)
    assert many[1] == 0
    assert np.isnan(many[2])
    changes = pd.Series([-9, 0, None], index=["fall", "none", "unknown"])
    labelled = trend_power(range(6), [3] * 6, 1, assumed_change=changes)
    assert labelled["fall"] == many[0]
    both = sum(_trend_power.trend_test(np.arange(6.0), np.full(6, 3.0), np.ones(6), 0.95).power(0.0))
    assert labelled["none"] == pytest.approx(both)
    assert np.isnan(labelled["unknown"])
    gap = trend_power(range(6), [3, None, 3, 3, 3, 3], 1, assumed_change=-9)
    assert gap == trend_power([0, 2, 3, 4, 5], [3] * 5, 1, assumed_change=-9)
    assert np.isnan(detectable_change([0, 1], [3, 3], 1))
    assert detectable_change(range(6), [[3] * 6] * 2, 1).shape == (2,)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([0, 1, 2], [1, 2, 3], 1), {"assumed_change": -100}, "`assumed_change` must be a number above -100"),
        (([0, 1, 2], [1, -2, 3], 1), {"assumed_change": -5}, "`events` must be a number, 0 or more; got -2"),
        (([0, 0.01, 2], [1, 2, 3], 1), {"assumed_change": -5}, "`year` must be whole or in parts down to 12"),
        (([0, 1, 2], [1, 2, 3], [1, 0, 1]), {"assumed_change": -5}, "`events` must be 0 where `person_time`"),
    ],
)
def test_power_refuses(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        trend_power(*arguments, **options)


def test_a_direction_is_falling_or_rising():
    with pytest.raises(ValueError, match="Did you mean 'falling'"):
        detectable_change([0, 1, 2], [1, 2, 3], 1, direction="fall")


YEARS = range(2015, 2025)
JUDGED = [
    ([12, 9, 11, 8, 9, 5, 6, 4, 2, 3], "falling", "limits exclude no change"),
    ([3, 2, 4, 6, 5, 9, 8, 11, 9, 12], "rising", "limits exclude no change"),
    ([4, 6, 3, 5, 4, 6, 3, 5, 4, 4], "cannot tell", "could have been missed"),
    ([40, 44, 39, 41, 43, 38, 42, 40, 41, 39], "cannot tell", "would have shown"),
    ([2, 1, 0, 3, 1, 2, 0, 1, 1, 1], "too few events", "too few events"),
    ([9, 3, 0, 0, 0, 0, 0, 0, 0, 0], "too few events", "too few events"),
    ([0] * 10, "too few events", "no events"),
    ([None] * 8 + [30, 20], "cannot tell", "too few periods"),
]


@pytest.mark.parametrize(("events", "verdict", "reason"), JUDGED)
def test_verdicts(events, verdict, reason):
    judged = judge_trend(YEARS, events, 1430)
    assert (judged.verdict, judged.reason) == (verdict, reason)
    change = annual_percent_change(YEARS, events, 1430)
    assert judged.value == pytest.approx(change.value, nan_ok=True)
    assert judged.note == change.note
    assert judged.events == sum(one for one in events if one is not None)
    if reason != "too few periods":
        assert judged.power == trend_power(YEARS, events, 1430, assumed_change=-5)
        assert judged.detectable_fall == pytest.approx(detectable_change(YEARS, events, 1430), nan_ok=True)


def test_many_series_are_judged_at_once():
    judged = judge_trend(YEARS, [events for events, _, _ in JUDGED], 1430)
    assert list(judged.verdict) == [verdict for _, verdict, _ in JUDGED]
    assert list(judged.reason) == [reason for _, _, reason in JUDGED]
    assert judged.power.shape == judged.detectable_rise.shape == (len(JUDGED),)
    assert set(judged.verdict) <= set(VERDICTS)
    assert set(judged.reason) <= set(REASONS)


def test_a_model_without_limits_tells_nothing():
    judged = judge_trend(YEARS, [25] + [0] * 9, 1430, model="quasi_poisson")
    assert (judged.verdict, judged.reason) == ("cannot tell", "no limits")
    assert "dispersion cannot be estimated" in judged.note


def test_the_fewest_events_and_the_power_can_be_asked_for():
    steep = [9, 3, 1, 0, 0, 0, 0, 0, 0, 0]
    assert sum(steep) < FEWEST_EVENTS
    assert judge_trend(YEARS, steep, 1430, fewest_events=10).verdict == "falling"
    level = JUDGED[3][0]
    assert judge_trend(YEARS, level, 1430, assumed_change=-2).reason == "could have been missed"
    assert judge_trend(YEARS, level, 1430, assumed_change=-2, power=0.2).reason == "would have shown"
    risen = judge_trend(YEARS, level, 1430, assumed_change=6)
    assert risen.power == trend_power(YEARS, level, 1430, assumed_change=6)


@pytest.mark.parametrize("change", [0, -100, [1, 2], None])
def test_the_assumed_change_is_one_number(change):
    with pytest.raises(ValueError, match="`assumed_change` must be one number above -100 other than 0"):
        judge_trend(YEARS, [3] * 10, 1430, assumed_change=change)
