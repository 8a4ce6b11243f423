"""Annual rates of reduction: published figures, the two methods against each other, levels of zero."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi import average_annual_rate_of_reduction, log_linear_trend, required_rate_of_reduction

# UN IGME, Levels and Trends in Child Mortality 2013: a rate of 4.4 % or more meets MDG 4 (two thirds in 25
# years); from 48 in 2012 to a third of 90 in 2015 the world needs 15.6 %, of unrounded levels.
# Targets of the World Health Assembly, 2012 to 2025, as AARR: anemia (half) 5.2 %, stunting (40 %) 3.9 %.
PUBLISHED = [
    ("logarithmic", 3, 1, 25, 4.4, 0.05),
    ("logarithmic", 48, 30, 3, 15.6, 0.4),
    ("compound", 100, 50, 13, 5.2, 0.05),
    ("compound", 100, 60, 13, 3.9, 0.05),
]


@pytest.mark.parametrize(("method", "start", "end", "years", "printed", "within"), PUBLISHED)
def test_as_published(method, start, end, years, printed, within):
    other = {"compound": "logarithmic", "logarithmic": "compound"}[method]
    for function in (average_annual_rate_of_reduction, required_rate_of_reduction):
        assert function(start, end, years, method=method) == pytest.approx(printed, abs=within)
    if end != 60:  # 3.85 and 3.93 both print as 3.9
        assert average_annual_rate_of_reduction(start, end, years, method=other) != pytest.approx(
            printed, abs=within
        )


levels = st.floats(1, 100)


@given(levels, levels, st.floats(1, 40))
def test_the_rate_leads_from_start_to_end(start, end, years):
    compound = average_annual_rate_of_reduction(start, end, years) / 100
    logarithmic = average_annual_rate_of_reduction(start, end, years, method="logarithmic") / 100
    assert start * (1 - compound) ** years == pytest.approx(end, rel=1e-9)
    assert start * np.exp(-logarithmic * years) == pytest.approx(end, rel=1e-9)
    assert compound <= logarithmic + 1e-15
    back = average_annual_rate_of_reduction(end, start, years, method="logarithmic") / 100
    assert back == pytest.approx(-logarithmic, abs=1e-12)


@given(levels, st.floats(0.5, 40))
def test_no_change_is_zero(level, years):
    for method in ("compound", "logarithmic"):
        rate = average_annual_rate_of_reduction(level, level, years, method=method)
        assert rate == 0
        assert not np.signbit(rate)


def test_an_exact_trend_has_the_same_rate_with_the_sign_of_a_fall():
    series = 20 * 0.93 ** np.arange(8)
    assert average_annual_rate_of_reduction(series[0], series[-1], 7) == pytest.approx(7)
    assert log_linear_trend(range(8), series).value == pytest.approx(-7)


@pytest.mark.parametrize("function", [average_annual_rate_of_reduction, required_rate_of_reduction])
def test_zero_levels(function):
    before, after = [0, 0, 5], [0, 1, 0]
    assert function(before, after, 10) == pytest.approx([np.nan, -np.inf, 100], nan_ok=True)
    assert function(before, after, 10, method="logarithmic") == pytest.approx(
        [np.nan, -np.inf, np.inf], nan_ok=True
    )


def test_shapes_and_missing_values():
    index = pd.Index(["152223", "150600"], name="district")
    rates = required_rate_of_reduction(pd.Series([6.0, None], index), 5.0, 7)
    assert rates.index.equals(index)
    assert rates["152223"] == required_rate_of_reduction(6.0, 5.0, 7)
    assert np.isnan(rates["150600"])
    assert type(required_rate_of_reduction(6, 5, 7)) is float
    assert required_rate_of_reduction([[6], [4]], [5, 4, 3], 7).shape == (2, 3)
    assert required_rate_of_reduction(4, 5, 7) < 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 5, 7), "`current` must be a number, 0 or more; got -1"),
        ((6, 5, 0), "`years` must be a number above 0; got 0"),
        ((6, 5, -1), "`years` must be a number, 0 or more; got -1"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        required_rate_of_reduction(*arguments)


def test_an_unknown_method_is_answered_by_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'logarithmic'"):
        average_annual_rate_of_reduction(6, 5, 7, method="logarithm")
