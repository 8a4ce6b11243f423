"""Breaks of a steady trend and scatter about it: against R, by laws, and at the edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.stats import dispersion_about_trend, trend_break

YEARS = list(range(2015, 2025))
BIRTHS = [1417, 1382, 1330, 1290, 1220, 1180, 1150, 1110, 1060, 1010]
STEADY = [20, 17, 19, 14, 16, 13, 28, 25, 24, 22]
ODD = [40, 38, 35, 36, 33, 31, 8, 29, 27, 26]

# R 4.2.2: y <- 2015:2024; n <- BIRTHS; g <- function(f) glm(f, family = poisson, offset = log(n),
#   control = list(epsilon = 1e-14, maxit = 100)); m0 <- g(x ~ y)
# step: m <- g(x ~ y + I(y >= 2021)); one year: m <- g(x ~ y + I(y == 2021))
# d <- deviance(m0) - deviance(m); phi <- sum(residuals(m, "pearson")^2) / 7
# 17 * pchisq(d, 1, lower = FALSE); 17 * pf(d / phi, 1, 7, lower = FALSE)
# exp(coef(m)[3] + c(0, -1, 1) * qt(0.975, 7) * sqrt(vcov(m)[3, 3]) * sqrt(max(1, phi)))
# p <- sum(residuals(m0, "pearson")^2); p / 8; pchisq(p, 8, lower = FALSE)


def test_the_step_that_r_finds():
    found = trend_break(YEARS, STEADY, BIRTHS)
    assert (found.year, found.tested, found.kind) == (2021, 17, "")
    assert found.ratio == pytest.approx(2.1706298409856, rel=1e-9)
    assert found.p_value == pytest.approx(0.114065923585499, rel=1e-9)
    assert found.p_value_of_scatter == pytest.approx(0.00137940367544874, rel=1e-8)
    assert np.log(found.upper / found.ratio) == pytest.approx(2.364624251592785 * 0.290546402934906, rel=1e-9)


def test_the_odd_year_that_r_finds():
    found = trend_break(YEARS, ODD, BIRTHS)
    assert (found.kind, found.year) == ("one period", 2021)
    assert found.p_value == pytest.approx(8.14215340344807e-05, rel=1e-9)
    assert found.p_value_of_scatter == pytest.approx(4.08178170388754e-08, rel=1e-8)
    assert (found.ratio, found.lower, found.upper) == pytest.approx(
        (0.264624888394694, 0.112775015799025, 0.620938344027349), rel=1e-9
    )


@pytest.mark.parametrize(
    ("events", "dispersion", "p_value"),
    [(STEADY, 0.992104988270742, 0.439664038478938), (ODD, 1.97876648600637, 0.0448769925830265)],
)
def test_dispersion_as_r_has_it(events: list[int], dispersion: float, p_value: float):
    found = dispersion_about_trend(YEARS, events, BIRTHS)
    assert found.statistic == pytest.approx(dispersion, rel=1e-9)
    assert found.p_value == pytest.approx(p_value, rel=1e-9)


def test_a_lasting_step_is_named_with_its_first_year():
    found = trend_break(YEARS, [252, 249, 235, 241, 228, 221, 348, 335, 322, 318], [4500] * 10)
    assert (found.kind, found.year) == ("step", 2021)
    assert 1.3 < found.lower < found.ratio < found.upper < 2


@pytest.mark.parametrize(
    ("years", "events", "note"),
    [
        (range(4), [90, 10, 90, 10], "too few periods"),
        (range(10), [0, 9, 0, 9, 0, 9, 0, 9, 0, 9], "too few events"),
    ],
)
def test_too_little_is_not_tested(years: range, events: list[int], note: str):
    found = trend_break(years, events, [1000] * len(events))
    assert (found.kind, found.tested, found.note) == ("", 0, note)
    assert np.isnan(dispersion_about_trend(years, events, [1000] * len(events)).p_value)


def test_missing_years_are_passed_over():
    gaps = trend_break([*YEARS, 2025], [*ODD, np.nan], [*BIRTHS, 900])
    whole = trend_break(YEARS, ODD, BIRTHS)
    assert gaps == whole


def test_a_year_without_events_among_many_is_odd():
    found = trend_break(YEARS, [40, 38, 35, 36, 0, 31, 30, 29, 27, 26], BIRTHS)
    assert (found.kind, found.year, found.ratio) == ("one period", 2019, 0)
    assert np.isnan(found.lower)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"year": [2015] * 10}, "once"),
        ({"events": [-1] * 10}, "whole number"),
        ({"person_time": [0] * 10}, "0 where `person_time` is 0"),
        ({"year": [np.nan, *YEARS[1:]]}, "`year` must be a number"),
        ({"false_alarm": 1.5}, "`false_alarm` must be between 0 and 1"),
        ({"year": 2015, "events": 3, "person_time": 100}, "one number a period"),
    ],
)
def test_impossible_input_is_named(change: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message):
        trend_break(**{"year": YEARS, "events": ODD, "person_time": BIRTHS, **change})


def test_a_step_without_any_scatter_is_found_without_a_warning():
    found = trend_break(range(10), [50] * 5 + [90] * 5, [1000] * 10)
    assert (found.kind, found.year, found.p_value_of_scatter) == ("step", 5, 0)
    assert found.ratio == pytest.approx(1.8)


series = st.lists(st.integers(0, 60), min_size=6, max_size=9).filter(lambda events: sum(events) >= 60)


@settings(max_examples=30, deadline=None)
@given(series, st.randoms(use_true_random=False))
def test_neither_order_nor_unit_of_time_matters(events: list[int], random):
    years = list(range(len(events)))
    found = trend_break(years, events, [100.0] * len(events))
    order = list(years)
    random.shuffle(order)
    moved = trend_break(
        pd.Series([2000 + year for year in order]),
        pd.Series([events[year] for year in order]),
        pd.Series([1e5] * len(events)),
    )
    assert moved.kind == found.kind
    assert moved.p_value == pytest.approx(found.p_value, rel=1e-6)
    assert moved.p_value_of_scatter == pytest.approx(found.p_value_of_scatter, rel=1e-4, abs=1e-12)
    assert 0 <= found.p_value <= 1
    assert not found.lower > found.ratio
    assert not found.ratio > found.upper


def test_one_break_in_a_hundred_steady_series_at_most():
    random = np.random.default_rng(20240601)
    expected = 60 * np.exp(-0.05 * np.arange(10))
    named = [trend_break(YEARS, random.poisson(expected), [1000] * 10).kind for _ in range(300)]
    assert sum(kind != "" for kind in named) <= 6  # 3 are expected at most; 7 and more in 3 of 100 seeds
