"""The Cochran-Armitage test and the trend of published rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mchepi import cochran_armitage, log_linear_trend

# R 4.2.2; prop.trend.test gives the square of z, its sign is that of the trend:
#
# z2 <- function(x, n, s) { r <- prop.trend.test(x, n, s); sprintf("%.15g", c(sqrt(r$statistic), r$p.value)) }
# z2(c(6, 7, 9, 14, 23), c(32, 33, 32, 32, 32), 0:4)
# z2(c(9, 7, 8, 5, 4, 3), c(1810, 1760, 1690, 1600, 1520, 1430), c(2018, 2019, 2020, 2021, 2023, 2024))
# z2(c(1, 0, 4), c(10, 10, 10), 1:3)
# z2(c(100, 120), c(5000, 4000), 0:1)
IN_R = [
    ([6, 7, 9, 14, 23], [32, 33, 32, 32, 32], None, 4.79181257603957, 1.65281268875672e-06),
    ([9, 7, 8, 5, 4, 3], [1810, 1760, 1690, 1600, 1520, 1430], [2018, 2019, 2020, 2021, 2023, 2024],
     -1.58606459285007, 0.112724657759504),
    ([1, 0, 4], [10, 10, 10], [1, 2, 3], 1.8, 0.0718606382258514),
    ([100, 120], [5000, 4000], None, 3.05265450447818, 0.00226826928154284),
]  # fmt: skip


@pytest.mark.parametrize(("events", "total", "scores", "z", "p_value"), IN_R)
def test_cochran_armitage_as_in_r(events, total, scores, z, p_value):
    result = cochran_armitage(events, total, scores=scores)
    assert result.statistic == pytest.approx(z, rel=1e-8)
    assert result.p_value == pytest.approx(p_value, rel=1e-8)
    assert type(result.p_value) is float
    rising = cochran_armitage(events, total, scores=scores, alternative="increasing")
    falling = cochran_armitage(events, total, scores=scores, alternative="decreasing")
    assert rising.p_value + falling.p_value == pytest.approx(1)
    assert min(rising.p_value, falling.p_value) == pytest.approx(p_value / 2, rel=1e-8)
    assert (rising.p_value < 0.5) == (z > 0)
    assert rising.method == "Cochran-Armitage test for trend, increasing"


groups = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=2, max_size=8)


@given(groups, st.floats(-50, 50), st.floats(0.1, 50))
def test_origin_and_unit_of_the_scores_drop_out(rows, origin, unit):
    events, others = np.array(rows).T
    assume(events.any())
    scores = np.arange(len(rows))
    one = cochran_armitage(events, events + others)
    two = cochran_armitage(events, events + others, scores=origin + unit * scores)
    assert two.statistic == pytest.approx(one.statistic, rel=1e-6, abs=1e-6)


@given(groups)
def test_reversed_groups_reverse_the_sign_and_the_others_too(rows):
    events, others = np.array(rows).T
    assume(events.any())
    one = cochran_armitage(events, events + others).statistic
    assert cochran_armitage(events[::-1], (events + others)[::-1]).statistic == pytest.approx(-one, abs=1e-9)
    assert cochran_armitage(others, events + others).statistic == pytest.approx(-one, abs=1e-9)


@given(groups)
def test_a_group_of_nobody_is_passed_over(rows):
    events, others = np.array(rows).T
    assume(events.any())
    scores = np.arange(len(rows), dtype=float)
    one = cochran_armitage(events, events + others, scores=scores)
    two = cochran_armitage([*events, 0], [*(events + others), 0], scores=[*scores, 99])
    assert two.statistic == pytest.approx(one.statistic, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("events", "total", "scores"),
    [
        ([0, 0, 0], [10, 10, 10], None),
        ([10, 10, 10], [10, 10, 10], None),
        ([1, 2, 3], [10, 10, 10], [2020, 2020, 2020]),
        ([1, 2, 3], [3, 7, 11], [2020.1, 2020.1, 2020.1]),  # their mean is not 2020.1 to the last digit
        ([1, None, 3], [10, 10, 10], None),
        ([3], [10], None),
        ([0, 0], [0, 0], None),
    ],
)
def test_nothing_to_test(events, total, scores):
    result = cochran_armitage(events, total, scores=scores)
    assert np.isnan(result.statistic)
    assert np.isnan(result.p_value)


def test_many_districts_at_once():
    result = cochran_armitage([[6, 7, 9, 14, 23], [23, 14, 9, 7, 6], [0] * 5], [32, 33, 32, 32, 32])
    assert result.statistic[0] == pytest.approx(4.79181257603957)
    assert result.statistic[1] < -4
    assert np.isnan(result.statistic[2])


def test_cochran_armitage_refuses():
    with pytest.raises(ValueError, match="`events` must be at most `total`; got 11 of 10 at position 0"):
        cochran_armitage([11, 1], [10, 10])
    with pytest.raises(ValueError, match="`events` must be one number a period"):
        cochran_armitage(1, 10)
    with pytest.raises(ValueError, match=r"`alternative` must be one of .* Did you mean 'increasing'"):
        cochran_armitage([1, 2], [10, 10], alternative="increase")
    series = pd.Series([1, 2], index=["a", "b"])
    with pytest.raises(ValueError, match="`events` and `scores` must have equal indexes"):
        cochran_armitage(series, 10, scores=pd.Series([0, 1], index=["b", "a"]))


# R 4.2.2:
#
# u <- 0:5; value <- c(6.1, 5.6, 5.0, 4.4, 4.1, 3.6); error <- c(.5, .45, .4, .4, .35, .35)
# for (weights in list(rep(1, 6), (value/error)^2)) for (level in c(.9, .95, .998)) {
#   fit <- lm(log(value) ~ u, weights = weights)
#   cat(level, sprintf("%.15g", c(100 * expm1(c(coef(fit)[[2]], confint(fit, 2, level))),
#                                 summary(fit)$coefficients[2, 4])), "\n") }
# y <- log(c(3, 2.5, 1)); x <- 0:2; fit <- lm(y ~ x)
# sprintf("%.15g", c(100 * expm1(c(coef(fit)[[2]], confint(fit, 2))), summary(fit)$coefficients[2, 4]))
# 0.9 -10.0316971076943 -10.7148463114589 -9.34332091136348 7.791719174051e-06
# 0.95 -10.0316971076943 -10.9203843434014 -9.13414403891086 7.791719174051e-06
# 0.998 -10.0316971076943 -12.3097733918952 -7.69443941004084 7.791719174051e-06
# 0.9 -10.0033151358558 -10.6916401561909 -9.30968499812244 8.11648896031756e-06
# 0.95 -10.0033151358558 -10.8987279315125 -9.09890399420459 8.11648896031756e-06
# 0.998 -10.0033151358558 -12.2985011637966 -7.64806310023252 8.11648896031756e-06
# [1] "-42.2649730810374" "-96.0894011126546" "752.384360901826"  "0.234362781466994"
YEARS = range(2018, 2024)
VALUES = [6.1, 5.6, 5.0, 4.4, 4.1, 3.6]
ERRORS = [0.5, 0.45, 0.4, 0.4, 0.35, 0.35]


@pytest.mark.parametrize(
    ("errors", "level", "limits", "p_value"),
    [
        (None, 0.9, (-10.0316971076943, -10.7148463114589, -9.34332091136348), 7.791719174051e-06),
        (None, 0.95, (-10.0316971076943, -10.9203843434014, -9.13414403891086), 7.791719174051e-06),
        (None, 0.998, (-10.0316971076943, -12.3097733918952, -7.69443941004084), 7.791719174051e-06),
        (ERRORS, 0.9, (-10.0033151358558, -10.6916401561909, -9.30968499812244), 8.11648896031756e-06),
        (ERRORS, 0.95, (-10.0033151358558, -10.8987279315125, -9.09890399420459), 8.11648896031756e-06),
        (ERRORS, 0.998, (-10.0033151358558, -12.2985011637966, -7.64806310023252), 8.11648896031756e-06),
    ],
)
def test_log_linear_trend_as_in_r(errors, level, limits, p_value):
    change = log_linear_trend(YEARS, VALUES, standard_error=errors, confidence_level=level)
    assert (change.value, change.lower, change.upper) == pytest.approx(limits, rel=1e-8)
    assert change.p_value == pytest.approx(p_value, rel=1e-8)
    assert change.method == ("weighted least squares" if errors else "least squares")
    assert change.note is None


def test_three_years_leave_one_degree_of_freedom():
    change = log_linear_trend([0, 1, 2], [3, 2.5, 1])
    expected = (-42.2649730810374, -96.0894011126546, 752.384360901826)
    assert (change.value, change.lower, change.upper) == pytest.approx(expected, rel=1e-8)
    assert change.p_value == pytest.approx(0.234362781466994, rel=1e-8)


@pytest.mark.parametrize(
    ("years", "values", "errors", "note"),
    [
        ([2022, 2023], [3.0, 4.0], None, "fewer than three periods"),
        ([2021, 2022, 2023], [3.0, None, 4.0], None, "years left out: 2022; fewer than three periods"),
        ([2021, 2022, 2023], [3.0, 3.0, 4.0], [1, None, 1], "years left out: 2022; fewer than three periods"),
        ([2021, 2022, 2023], [3.0, 0.0, 4.0], None, "zero has no logarithm"),
    ],
)
def test_no_information(years, values, errors, note):
    change = log_linear_trend(years, values, standard_error=errors)
    assert np.isnan([change.value, change.lower, change.upper, change.p_value]).all()
    assert change.note == note


def test_a_series_without_scatter_has_no_interval_and_says_so():
    constant = log_linear_trend(YEARS, [5.0] * 6)
    assert (constant.value, constant.lower, constant.upper) == (0.0, 0.0, 0.0)
    assert constant.note == "no scatter about the trend"
    halving = log_linear_trend([0, 1, 2, 3], [8.0, 4.0, 2.0, 1.0])
    assert (halving.value, halving.lower, halving.upper) == pytest.approx((-50, -50, -50))


rates = st.lists(st.floats(0.1, 100), min_size=3, max_size=10)


@given(rates, st.floats(0.01, 100))
def test_the_unit_of_the_rate_drops_out(values, factor):
    one = log_linear_trend(range(len(values)), values)
    two = log_linear_trend(range(2000, 2000 + len(values)), [factor * value for value in values])
    assert (two.value, two.lower, two.upper) == pytest.approx(
        (one.value, one.lower, one.upper), rel=1e-6, abs=1e-6
    )
    assert one.lower <= one.value <= one.upper


@given(rates, st.floats(0.01, 10))
def test_equal_relative_errors_are_ordinary_least_squares(values, relative):
    one = log_linear_trend(range(len(values)), values)
    errors = [relative * value for value in values]
    two = log_linear_trend(range(len(values)), values, standard_error=errors)
    assert (two.value, two.lower, two.upper) == pytest.approx(
        (one.value, one.lower, one.upper), rel=1e-6, abs=1e-6
    )


def test_many_series_of_rates_at_once():
    change = log_linear_trend(YEARS, [VALUES, [5, 4, 0, 3, 2, 1], VALUES[::-1]])
    assert change.value[0] == pytest.approx(-10.0316971076943)
    assert np.isnan(change.value[1])
    assert (1 + change.value[0] / 100) * (1 + change.value[2] / 100) == pytest.approx(1)
    assert list(change.note) == ["", "zero has no logarithm", ""]


def test_log_linear_trend_refuses():
    with pytest.raises(ValueError, match="`value` must be a number, 0 or more; got -1 at position 1"):
        log_linear_trend([1, 2, 3], [5, -1, 3])
    with pytest.raises(ValueError, match="`standard_error` must be a number above 0; got 0 at position 2"):
        log_linear_trend([1, 2, 3], [5, 4, 3], standard_error=[1, 1, 0])
    with pytest.raises(ValueError, match="`year` must be a number; got nan at position 0"):
        log_linear_trend([None, 2, 3], [5, 4, 3])
    with pytest.raises(ValueError, match="`value` must be one number a period"):
        log_linear_trend(2020, 5)
