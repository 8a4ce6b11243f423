"""Mann-Kendall and Sen: R's answers, laws, exact counts of orders, and series that hold no information."""

from __future__ import annotations

import csv
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi import mann_kendall, sens_slope

# tests/published/rank_trends_in_r.csv, random series made and answered by R 4.2.2. The limits are written
# out, since base R has no Sen slope:
#
# rank_test <- function(y, side) { n <- length(y); exact <- n <= 10 && !anyDuplicated(y)
#   suppressWarnings(cor.test(seq_len(n), y, method = "kendall", exact = exact, continuity = !exact,
#                             alternative = side))$p.value }
# S <- function(y) { d <- outer(y, y, "-"); sum(sign(d[lower.tri(d)])) }
# variance <- function(y) { n <- length(y); t <- table(y); (n*(n-1)*(2*n+5) - sum(t*(t-1)*(2*t+5)))/18 }
# sen <- function(x, y, level) { d <- outer(y, y, "-"); u <- outer(x, x, "-"); b <- sort((d/u)[lower.tri(d)])
#   m <- length(b); C <- qnorm((1 + level)/2) * sqrt(variance(y))
#   c(median(b), b[round((m - C)/2)], b[round((m + C)/2 + 1)]) }
# num <- function(x) paste(sprintf("%.15g", x), collapse = " ")
# set.seed(20); cat("year,value,level,s,two_sided,increasing,decreasing,slope,lower,upper\n")
# for (n in c(5, 6, 8, 10, 10, 11, 14, 20)) for (kind in 1:3) { x <- sort(sample(2000:2030, n))
#   y <- switch(kind, round(exp(rnorm(n, 2, .4) - .05*(x - 2000)), 4), rpois(n, 4), round(rnorm(n, 10, 2), 1))
#   for (level in c(.9, .95)) { b <- sen(x, y, level); if (length(b) < 3 || anyNA(b)) next
#     cat(paste(num(x), num(y), num(level), num(S(y)), num(rank_test(y, "two.sided")),
#         num(rank_test(y, "greater")), num(rank_test(y, "less")), num(b[1]), num(b[2]), num(b[3]),
#         sep = ","), "\n", sep = "") } }
WITNESS = Path(__file__).parents[1] / "published" / "rank_trends_in_r.csv"


def numbers(text: str) -> list[float]:
    return [float(one) for one in text.split()]


def in_r() -> list[dict[str, list[float]]]:
    with WITNESS.open(encoding="utf-8", newline="") as file:
        return [{name: numbers(text) for name, text in row.items()} for row in csv.DictReader(file)]


@pytest.mark.parametrize("row", in_r(), ids=lambda row: f"{len(row['year'])} at {row['level'][0]}")
def test_as_in_r(row):
    for alternative in ("two-sided", "increasing", "decreasing"):
        test = mann_kendall(row["value"], alternative=alternative)
        assert test.statistic == row["s"][0]
        assert test.p_value == pytest.approx(row[alternative.replace("-", "_")][0], rel=1e-8)
    slope = sens_slope(row["year"], row["value"], confidence_level=row["level"][0])
    expected = (row["slope"][0], row["lower"][0], row["upper"][0])
    assert (slope.value, slope.lower, slope.upper) == pytest.approx(expected, rel=1e-8, abs=1e-12)
    assert slope.p_value == pytest.approx(row["two_sided"][0], rel=1e-8)


def test_the_grid_holds_exact_and_normal_p_values():
    methods = [mann_kendall(row["value"]).method.split(", ")[-1] for row in in_r()]
    assert methods.count("exact") > 10
    assert methods.count("normal") > 10


def test_as_hollander_and_wolfe():
    # Nonparametric Statistical Methods (1973), lightness and quality of tuna, as in the help of R's cor.test:
    # T = 26, p = 0.1194; S = 2 T - 36.
    lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    quality = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    test = mann_kendall([quality[place] for place in np.argsort(lightness)])
    assert test.statistic == 2 * 26 - 36
    assert test.p_value == pytest.approx(0.1194, abs=5e-5)
    # Example 9.3: all ten slopes of the double ratios, and their median.
    slope = sens_slope(range(1, 6), [1.26, 1.27, 1.12, 1.16, 1.03])
    assert slope.value == pytest.approx(-0.056, abs=5e-4)


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_exact_p_values_count_the_orders(count):
    found = np.array(list(permutations(range(count))))
    test = mann_kendall(found, alternative="increasing")
    at_least = [np.mean(test.statistic >= statistic) for statistic in test.statistic]
    assert test.p_value == pytest.approx(at_least, rel=1e-12)
    assert test.method == "Mann-Kendall test for trend, increasing, exact"


def test_the_method_says_how_each_kind_was_found():
    long, tied = list(range(11)), [1, 1, 2, 3]
    assert mann_kendall(long).method.endswith("two-sided, normal")
    assert mann_kendall(tied).method.endswith("two-sided, normal")
    assert mann_kendall([tied, [1, 2, 3, 4]]).method.endswith("two-sided, exact or normal")
    # Missing values leave ten, which is short enough.
    assert mann_kendall([*long, None][1:]).method.endswith("exact")


values = st.lists(st.integers(0, 9), min_size=3, max_size=14)


@given(values, st.sampled_from([0.8, 0.9, 0.95]))
@settings(max_examples=60)
def test_laws_of_the_slope(series, level):
    years = np.arange(len(series)) * 2.0
    found = sens_slope(years, series, confidence_level=level)
    wider = sens_slope(years, series, confidence_level=0.99)
    assert wider.lower <= found.lower <= found.value <= found.upper <= wider.upper
    back = sens_slope(years, series[::-1], confidence_level=level)
    assert (back.value, back.lower, back.upper) == pytest.approx((-found.value, -found.upper, -found.lower))
    scaled = sens_slope(years / 2, np.array(series) * 3.0 + 7, confidence_level=level)
    assert (scaled.value, scaled.lower) == pytest.approx((6 * found.value, 6 * found.lower))


@given(values)
@settings(max_examples=60)
def test_laws_of_the_test(series):
    both = mann_kendall(series)
    rising, falling = (mann_kendall(series, alternative=side) for side in ("increasing", "decreasing"))
    back = mann_kendall(series[::-1], alternative="increasing")
    assert back.statistic == -rising.statistic
    if len(set(series)) == 1:
        assert np.isnan(both.p_value)
        return
    assert back.p_value == pytest.approx(falling.p_value)
    assert both.p_value == pytest.approx(min(1, 2 * min(rising.p_value, falling.p_value)))
    assert mann_kendall(np.exp(series)).p_value == pytest.approx(both.p_value)


@given(st.permutations(range(6)), st.integers(0, 5))
def test_order_of_rows_and_missing_years_do_not_matter(order, gap):
    years, series = np.array([2015, 2016, 2018, 2019, 2022, 2023]), np.array([9.0, 7.5, 8.0, 5.5, 4.0, 4.5])
    straight = sens_slope(years, series)
    shuffled = sens_slope(years[order], series[order])
    assert (shuffled.value, shuffled.lower, shuffled.upper) == (
        straight.value,
        straight.lower,
        straight.upper,
    )
    with_gap = np.where(np.arange(6) == gap, np.nan, series)
    kept = np.arange(6) != gap
    without = sens_slope(years[kept], series[kept])
    holed = sens_slope(years, with_gap)
    assert (holed.value, holed.lower, holed.p_value) == (without.value, without.lower, without.p_value)
    assert holed.note == f"years left out: {years[gap]}"
    assert mann_kendall(with_gap).p_value == mann_kendall(series[kept]).p_value


def test_many_series_at_once_equal_one_by_one():
    generator = np.random.default_rng(1)
    series = generator.poisson(3, (40, 9)).astype(float)
    series[generator.random(series.shape) < 0.1] = np.nan
    slopes, tests = sens_slope(range(9), series), mann_kendall(series)
    for place, row in enumerate(series):
        one, test = sens_slope(range(9), row), mann_kendall(row)
        assert (slopes.value[place], slopes.lower[place], slopes.upper[place]) == (
            one.value, one.lower, one.upper)  # fmt: skip
        assert (tests.statistic[place], tests.p_value[place]) == (test.statistic, test.p_value)
        assert slopes.note[place] == (one.note or "")
    assert sens_slope(range(9), series.reshape(4, 10, 9)).value.shape == (4, 10)


def test_series_in_numbers_out():
    index = pd.Index(range(2018, 2024), name="year")
    value = pd.Series([6.1, 5.6, 5.0, 4.4, 4.1, 3.6], index)
    slope = sens_slope(index.to_series(), value)
    assert type(slope.value) is float
    assert slope.value == sens_slope(list(index), list(value)).value
    assert type(mann_kendall(value).p_value) is float
    with pytest.raises(ValueError, match="`year` and `value` must have equal indexes"):
        sens_slope(pd.Series(index), value)


@pytest.mark.parametrize(
    ("years", "series", "note"),
    [
        ([2022, 2023], [3.0, 4.0], "fewer than three periods"),
        ([2021, 2022, 2023], [3.0, None, 4.0], "years left out: 2022; fewer than three periods"),
        ([], [], "fewer than three periods"),
    ],
)
def test_no_information(years, series, note):
    slope = sens_slope(years, series)
    assert np.isnan([slope.value, slope.lower, slope.upper, slope.p_value]).all()
    assert slope.note == note


def test_too_few_years_have_no_finite_limits():
    # Even a perfect order of four has p = 2 / 24 > 0.05: there is no slope that 95 % limits could exclude.
    for years in (3, 4):
        slope = sens_slope(range(years), range(years))
        assert (slope.value, slope.lower, slope.upper) == (1, -np.inf, np.inf)
        assert slope.note == "too few years for finite limits"
    assert sens_slope(range(4), range(4), confidence_level=0.8).note is None
    assert sens_slope(range(5), range(5)).note is None


def test_equal_values_show_no_scatter():
    slope = sens_slope(range(6), [2.0] * 6)
    assert (slope.value, slope.lower, slope.upper) == (0, 0, 0)
    assert np.isnan(slope.p_value)
    assert slope.note == "no scatter about the trend"
    for nothing in ([5], [None, None], []):
        test = mann_kendall(nothing)
        assert np.isnan(test.statistic)
        assert np.isnan(test.p_value)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (sens_slope, ([2020, 2020], [1, 2]), "`year` must name each year once; got a year twice"),
        (sens_slope, ([2020, None], [1, 2]), "`year` must be a number; got nan at position 1"),
        (sens_slope, ([2020, 2021], [1, np.inf]), "`value` must be a finite number; got inf at position 1"),
        (sens_slope, (2020, 1), "`value` must be one number a period"),
        (mann_kendall, (1,), "`value` must be one number a period"),
        (mann_kendall, ([1, -np.inf],), "`value` must be a finite number; got -inf at position 1"),
    ],
)
def test_refuses(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


def test_an_unknown_alternative_is_answered_by_the_nearest():
    with pytest.raises(ValueError, match=r"`alternative` must be one of .* Did you mean 'decreasing'"):
        mann_kendall([1, 2, 3], alternative="decrease")
