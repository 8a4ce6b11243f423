"""EWMA of counts: R's values, and limits that hold what they say with few events."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi.stats.ewma import ewma_chart

EVENTS, EXPECTED = [9, 12, 8, 11, 15, 14, 17, 16], [10, 10, 11, 11, 12, 10, 9, 9]
# R 4.2.2:
#
# z <- m <- e[1]; v <- k3 <- 0; w <- .2
# for (i in seq_along(x)) { z <- w*x[i] + (1-w)*z; m <- w*e[i] + (1-w)*m; v <- w^2*e[i] + (1-w)^2*v
#   k3 <- w^3*e[i] + (1-w)^3*k3; s <- k3 / v^1.5; a <- 4 / s^2; sc <- sqrt(v) * s / 2
#   c(z, m, m - a*sc + qgamma(c(.001, .999), a)*sc, m + qnorm(c(.001, .999))*sqrt(v)) }
IN_R = np.array(
    [
        (9.8, 10, 8.32599379645838, 12.2419612007882, 8.04556548269498, 11.954434517305),
        (10.24, 10, 7.757037189539, 12.7674866758231, 7.49710259435377, 12.5028974056462),
        (9.792, 10.2, 7.58084914062851, 13.3154637311865, 7.33450304807026, 13.0654969519297),
        (10.0336, 10.36, 7.52010694879652, 13.6735816152559, 7.28479556925909, 13.4352044307409),
        (11.02688, 10.688, 7.65586750834929, 14.1812347666778, 7.42668403783641, 13.9493159621636),
        (11.621504, 10.5504, 7.50975710735364, 14.0320658018816, 7.2904965293933, 13.8103034706067),
        (12.6972032, 10.24032, 7.2520719052014, 13.6541617187307, 7.0404615558964, 13.4401784441036),
        (13.35776256, 9.992256, 7.03990975212398, 13.3639035256516, 6.83142492984414, 13.1530870701559),
    ]
)


def test_chart_as_in_r():
    gamma, normal = ewma_chart(EVENTS, EXPECTED), ewma_chart(EVENTS, EXPECTED, method="normal")
    assert gamma[["ewma", "center", "lower", "upper"]].to_numpy() == pytest.approx(IN_R[:, :4], rel=1e-8)
    assert normal[["lower", "upper"]].to_numpy() == pytest.approx(IN_R[:, 4:], rel=1e-8)
    assert list(gamma["signal"]) == [""] * 8
    assert list(normal["signal"]) == [""] * 7 + ["above"]


def test_borrors_limits_are_the_late_ones_of_the_normal_form():
    last = ewma_chart([20] * 200, 20, smoothing=0.27, method="normal", level=0.9990965).iloc[-1]
    reach = 3.319 * np.sqrt(0.27 * 20 / (2 - 0.27))
    assert (last["lower"], last["upper"]) == pytest.approx((20 - reach, 20 + reach), rel=1e-4)


@pytest.mark.parametrize("expected", [0.2, 1.0, 5.0, 20.0])
def test_gamma_limits_hold_what_they_say(expected):
    generator = np.random.default_rng(2)
    chart = ewma_chart(generator.poisson(expected, 60_000), expected)
    above, below = (chart["signal"] == "above").mean(), (chart["signal"] == "below").mean()
    assert 0.0004 < above < 0.0016
    assert below < 0.0016


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=20),
    st.floats(0.1, 30),
    st.floats(0.05, 1),
    st.sampled_from(["gamma", "normal"]),
)
def test_limits_enclose_what_is_expected(events, expected, smoothing, method):
    chart = ewma_chart(events, expected, smoothing=smoothing, method=method)
    assert (chart["lower"] >= 0).all()
    assert (chart["lower"] < chart["center"]).all()
    assert (chart["upper"] > chart["center"]).all()
    assert chart["center"].to_numpy() == pytest.approx(expected)
    if method == "normal":
        assert (np.diff(chart["upper"]) >= -1e-9).all()


def test_the_weight_one_is_each_period_by_itself():
    chart = ewma_chart(EVENTS, EXPECTED, smoothing=1)
    assert chart["ewma"].tolist() == EVENTS
    assert chart["center"].tolist() == EXPECTED


def test_rises_and_falls_signal_and_labels_stay():
    index = [f"month {month}" for month in range(1, 11)]
    rise = ewma_chart(pd.Series([4, 5, 6, 4, 5, 12, 11, 13, 12, 14], index), 5)
    assert rise["signal"].iloc[-1] == "above"
    assert list(rise.index) == index
    fall = ewma_chart([20, 18, 9, 8, 10, 9, 7], 20)
    assert fall["signal"].iloc[-1] == "below"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, None], 2), "`events` must be known; got nan at position 1"),
        (([1, 2], [2, 0]), "`expected` must be a number above 0; got 0 at position 1"),
        ((1, 2), "`events` must be one number a period"),
    ],
)
def test_faults_of_counts_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ewma_chart(*arguments)


def test_faults_of_choices_are_named():
    with pytest.raises(ValueError, match="`smoothing` must be at most 1; got 20"):
        ewma_chart([1, 2], 2, smoothing=20)
    with pytest.raises(ValueError, match="`method` must be one of 'gamma', 'normal'"):
        ewma_chart([1, 2], 2, method="poisson")
