"""Charts of births and days between events: R's quantiles and p-values, laws, signals by chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi.stats.between_events import g_chart, t_chart

BIRTHS, SINCE = [5200, 9100, 3300, 7400], 24000
DAYS = [61, 140, 203, 88, 9, 4, 0]

# R 4.2.2:
#
# root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-20, maxiter = 10000)$root
# g <- c(5200, 9100, 3300, 7400); since <- 24000; t <- .001; p <- 15 / 1e5
# c(log1p(-t) / log1p(-p), 1 + log(t) / log1p(-p))
# 2 * pmin(pgeom(g - 1, p), pgeom(g - 2, p, lower.tail = FALSE)); pgeom(since - 1, p, lower.tail = FALSE)
# more <- function(x, N, k) prod((N - x - 0:(k - 1)) / (N - 0:(k - 1)))   # choose(N - x, k) / choose(N, k)
# N <- sum(g) + since; k <- 4                                            # without `since`: N - 1 and k - 1
# root(function(x) more(x, N, k) - (1 - t), 0, N / 2); 1 + root(function(x) more(x, N, k) - t, 0, N - k)
# 2 * pmin(1 - phyper(0, k, N - k, g), phyper(0, k, N - k, g - 1)); phyper(0, k, N - k, since)


def test_births_against_a_reference_as_in_r():
    chart = g_chart(BIRTHS, births_since_last=SINCE, reference=15, per=100_000)
    assert chart["lower"].to_numpy() == pytest.approx(6.66950196121624, rel=1e-8)
    assert chart["upper"].to_numpy() == pytest.approx(46049.247895888, rel=1e-8)
    in_r = [0.916895919700189, 0.510785678081949, 0.780903449733513, 0.659161921668258, 0.0273163453004675]
    assert chart["p_value"].to_numpy() == pytest.approx(in_r, rel=1e-8)
    assert chart["center"].to_numpy() == pytest.approx(1e5 / 15)


def test_births_against_themselves_as_in_r():
    chart = g_chart(BIRTHS, births_since_last=SINCE)
    assert (chart["lower"][0], chart["upper"][0]) == pytest.approx(
        (12.2542212844455, 40286.1975632597), rel=1e-8
    )
    in_r = [0.723161986699712, 0.879363972277163, 0.486764101240247, 0.961014377426638, 0.0677523961530314]
    assert chart["p_value"].to_numpy() == pytest.approx(in_r, rel=1e-8)
    assert chart["open"].tolist() == [False] * 4 + [True]

    chart = g_chart(BIRTHS)
    assert (chart["lower"][0], chart["upper"][0]) == pytest.approx(
        (8.33544575744418, 22499.1998679894), rel=1e-8
    )
    in_r = [0.993674102004998, 0.514545318851124, 0.69210367686809, 0.697875862590274]
    assert chart["p_value"].to_numpy() == pytest.approx(in_r, rel=1e-8)


# R 4.2.2: m <- mean(g); c(m, m + 3 * sqrt(m * (m - 1)))
def test_three_sigma_as_in_r():
    chart = g_chart(BIRTHS, method="three_sigma")
    in_r = (6250, 0, 24998.4999399952)
    assert tuple(chart.loc[0, ["center", "lower", "upper"]]) == pytest.approx(in_r, rel=1e-8)
    assert chart["p_value"].isna().all()
    long = g_chart([10, 12, 9, 11], births_since_last=80, reference=0.1, method="three_sigma")
    assert list(long["signal"]) == ["", "", "", "", "less often"]


# R 4.2.2:
#
# d <- c(61, 140, 203, 88, 9, 4, 0); o <- 30; t <- .025
# c(qexp(t, 1/80) - .5, qexp(1 - t, 1/80) + .5)
# 2 * pmin(pexp(d + .5, 1/80), pexp(pmax(d - .5, 0), 1/80, lower.tail = FALSE))
# pexp(o - .5, 1/80, lower.tail = FALSE)
# T <- sum(d) + o; k <- 7; c(qbeta(t, 1, k) * T - .5, qbeta(1 - t, 1, k) * T + .5)
# 2 * pmin(pbeta((d + .5) / T, 1, k), pbeta(pmax(d - .5, 0) / T, 1, k, lower.tail = FALSE))
# T <- sum(d); k <- 6: the same without .5
# y <- d^(1/3.6); s <- mean(abs(diff(y))) / (2 / sqrt(pi))
# c(mean(y), max(0, mean(y) - 3 * s), mean(y) + 3 * s)^3.6
def test_days_against_a_reference_as_in_r():
    chart = t_chart(DAYS, days_since_last=30, reference=80, level=0.95)
    assert (chart["lower"][0], chart["upper"][0]) == pytest.approx(
        (1.52542463874319, 295.610356329115), rel=1e-8
    )
    in_r = [0.938846937009934, 0.349726863402571, 0.159119017436455, 0.66991608585059, 0.223940439083107,
            0.109394438695881, 0.0124610187532105, 0.691598288411766]  # fmt: skip
    assert chart["p_value"].to_numpy() == pytest.approx(in_r, rel=1e-8)
    assert list(chart["signal"]) == [""] * 6 + ["more often", ""]


def test_days_against_themselves_as_in_r():
    chart = t_chart(DAYS, days_since_last=30, level=0.95)
    assert (chart["lower"][0], chart["upper"][0]) == pytest.approx(
        (1.43150882111681, 219.644772515377), rel=1e-8
    )
    in_r = [0.863390048939383, 0.241312009580994, 0.0716300194342988, 0.572934268385174, 0.235740096164045,
            0.114826877861278, 0.0130474848104239, 0.672313211133242]  # fmt: skip
    assert chart["p_value"].to_numpy() == pytest.approx(in_r, rel=1e-8)
    chart = t_chart(DAYS, resolution=0, level=0.95)
    assert (chart["lower"][0], chart["upper"][0]) == pytest.approx(
        (2.12642597981718, 231.92535385215), rel=1e-8
    )
    assert chart["p_value"][2] == pytest.approx(0.09147941626657, rel=1e-8)
    assert chart["p_value"][6] == 0


def test_nelson_as_in_r():
    row = t_chart(DAYS, method="nelson").iloc[0]
    in_r = (31.38485544701, 0.000424191910725093, 351.012232308308)
    assert tuple(row[["center", "lower", "upper"]]) == pytest.approx(in_r, rel=1e-8)
    steady = [50, 52, 50, 53, 51] * 6
    for odd, signal in ((400, "less often"), (4, "more often"), (51, "")):
        assert t_chart([*steady, odd], method="nelson")["signal"].tolist()[-1] == signal
    assert t_chart(steady, days_since_last=400, method="nelson")["signal"].tolist()[-1] == "less often"
    assert t_chart(steady, days_since_last=4, method="nelson")["signal"].tolist()[-1] == ""


@given(
    st.lists(st.integers(1, 5000), min_size=2, max_size=12),
    st.integers(0, 5000),
    st.sampled_from([0.8, 0.95]),
)
def test_a_signal_lies_beyond_a_limit(between, since, level):
    for given_ in ({}, {"reference": 0.002}):
        chart = g_chart(between, births_since_last=since, level=level, **given_)
        complete = chart[~chart["open"]]
        beyond = (complete["between"] > complete["upper"]) | (complete["between"] < complete["lower"])
        assert ((complete["signal"] != "") == beyond).all()
        assert (complete["signal"] == "").equals(complete["p_value"] >= 1 - level)
        last = chart.iloc[-1]
        assert last["signal"] in ("", "less often")
        assert (last["signal"] != "") == (last["p_value"] < (1 - level) / 2)


@given(st.lists(st.floats(0.1, 500), min_size=2, max_size=10), st.floats(0.1, 100))
def test_days_may_be_counted_in_any_unit(between, factor):
    plain = t_chart(between, resolution=0)
    scaled = t_chart([days * factor for days in between], resolution=0)
    assert scaled["p_value"].to_numpy() == pytest.approx(plain["p_value"].to_numpy(), rel=1e-6, abs=1e-12)
    assert scaled["upper"][0] == pytest.approx(plain["upper"][0] * factor)


def test_chance_signals_as_often_as_the_level_says_whatever_the_rate():
    generator = np.random.default_rng(11)
    # Births are whole numbers: where there are few between events, signals are rarer than the level says.
    for rate, at_least in ((0.002, 0.085), (0.05, 0.06)):
        intervals = [generator.geometric(rate, 5) for _ in range(300)]
        p_values = np.concatenate([g_chart(five)["p_value"].to_numpy() for five in intervals])
        assert at_least < np.mean(p_values < 0.1) < 0.12


def test_few_intervals_and_labels():
    alone = g_chart([5200])
    assert alone[["lower", "upper", "p_value"]].isna().all(axis=None)
    assert list(alone["signal"]) == [""]
    labelled = g_chart(pd.Series([10, 30], index=["2019", "2021"]))
    assert list(labelled.index) == ["2019", "2021"]
    assert list(g_chart(pd.Series([10, 30], index=["2019", "2021"]), births_since_last=5).index) == [0, 1, 2]
    same_day = t_chart([0, 0])
    assert same_day["p_value"].isna().all()


@pytest.mark.parametrize(
    ("chart", "arguments", "message"),
    [
        (g_chart, {"births_between": [10, 0]}, "`births_between` must be 1 or more; got 0 at position 1"),
        (g_chart, {"births_between": [10, 2.5]}, "whole number of births, 0 or more; got 2.5 at position 1"),
        (g_chart, {"births_between": []}, "`births_between` must be one number an interval"),
        (
            g_chart,
            {"births_between": [10], "births_since_last": [1, 2]},
            "`births_since_last` must be a single",
        ),
        (
            g_chart,
            {"births_between": [10], "reference": 15},
            "`reference` must be below `per` \\(1\\); got 15",
        ),
        (
            g_chart,
            {"births_between": [10], "method": "sigma"},
            "`method` must be one of 'exact', 'three_sigma'",
        ),
        (
            t_chart,
            {"days_between": [10, -1]},
            "`days_between` must be a number, 0 or more; got -1 at position 1",
        ),
        (t_chart, {"days_between": [10, None]}, "`days_between` must be known; got nan at position 1"),
        (t_chart, {"days_between": [10], "method": "nelson"}, "two intervals or more"),
        (
            t_chart,
            {"days_between": [10, 9], "method": "nelson", "reference": 3},
            "`reference` must not be given",
        ),
        (t_chart, {"days_between": [10, 9], "level": 95}, "`level` must be between 0 and 1; got 95"),
    ],
)
def test_faults_are_named(chart, arguments, message):
    with pytest.raises(ValueError, match=message):
        chart(**arguments)
