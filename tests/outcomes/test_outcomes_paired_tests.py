"""Two tests in the same women: relative detection."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import paired_relative_detection

# R 4.2.2, options(digits = 16):
# > f <- function(a, b, c, l = .95) { z <- qnorm(1 - (1-l)/2); r <- (a+b)/(a+c)
# +   s <- sqrt((b+c)/((a+b)*(a+c)))
# +   c(r, r*exp(-z*s), r*exp(z*s), binom.test(b, b+c)$p.value) }
# The variance is that of the delta method on the multinomial: a <- 90; b <- 40; c <- 10; p <- c(a,b,c)/140
# > V <- (diag(p) - p %o% p)/140; g <- c(1/(a+b) - 1/(a+c), 1/(a+b), -1/(a+c))*140; sqrt(t(g) %*% V %*% g)
# 0.06201736729460423, as sqrt((b+c)/((a+b)*(a+c)))
IN_R = {
    (90, 40, 10, 0.95): (1.3, 1.151208727928473, 1.468022226552302, 2.38613316767556e-05),
    (90, 40, 10, 0.90): (1.3, 1.173927274752462, 1.439612177301493, 2.38613316767556e-05),
    (0, 3, 8, 0.95): (0.375, 0.09948671680394391, 1.413505285103803, 0.2265624999999999),
    (12, 1, 0, 0.95): (1.083333333333333, 0.9260009675085142, 1.267397283902212, 1),
}


@pytest.mark.parametrize("case", IN_R, ids=str)
def test_agrees_with_r(case):
    found = paired_relative_detection(*case[:3], confidence_level=case[3])
    assert (found.value, found.lower, found.upper, found.p_value) == pytest.approx(IN_R[case], rel=1e-8)
    assert found.note is None


def test_edges():
    found = paired_relative_detection([0, 0, 5, 0, None], [4, 0, 0, 0, 1], [0, 4, 0, 0, 1])
    np.testing.assert_array_equal(found.value, [np.inf, 0, 1, np.nan, np.nan])
    assert found.lower[:2].tolist() == [0, 0]
    assert found.upper[:2].tolist() == [np.inf, np.inf]
    # None of 5 cases was found by one test alone: that share is at most 1 - 0.025 ** (1 / 5).
    assert (found.lower[2], found.upper[2]) == pytest.approx((0.025**0.2, 0.025**-0.2))
    assert found.p_value[2] == 1
    assert np.isnan(found.p_value[3])
    assert found.note.tolist() == [
        "one test found no case: no limits",
        "one test found no case: no limits",
        "both tests found the same cases",
        "neither test found a case",
        "missing: both",
    ]


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="`first_only` must be a whole number of cases"):
        paired_relative_detection(1, -2, 3)
    with pytest.raises(ValueError, match="`confidence_level` must be between 0 and 1"):
        paired_relative_detection(1, 2, 3, confidence_level=95)


def test_series_arrays_and_numbers_agree():
    index = pd.Index(["a", "b"], name="district")
    series = paired_relative_detection(*(pd.Series([n, 1], index) for n in (90, 40, 10)))
    array = paired_relative_detection([90, 1], [40, 1], [10, 1])
    assert series.lower.index.equals(index)
    np.testing.assert_array_equal(series.upper, array.upper)
    assert array.value[0] == paired_relative_detection(90, 40, 10).value


cases = st.integers(0, 200)


@settings(deadline=None, max_examples=60)
@given(cases, cases, cases)
def test_laws(both, first, second):
    found = paired_relative_detection(both, first, second)
    if np.isnan(found.value):
        assert both + first + second == 0
        return
    assert found.lower <= found.value <= found.upper
    wider = paired_relative_detection(both, first, second, confidence_level=0.99)
    assert wider.lower <= found.lower
    assert wider.upper >= found.upper
    turned = paired_relative_detection(both, second, first)
    assert turned.p_value == pytest.approx(found.p_value)
    if 0 < found.value < np.inf:
        assert turned.value == pytest.approx(1 / found.value)
        assert turned.lower == pytest.approx(1 / found.upper)
