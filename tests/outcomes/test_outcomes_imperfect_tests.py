"""Prevalence corrected for the errors of a test."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import corrected_prevalence
from mchepi.stats import proportion_interval

# R 4.2.2, epiR 2.0.57, options(digits = 16); epi.prev does not clip.
# > epi.prev(23, 150, .96, .89, method = "c-p", units = 1)$tp
# > epi.prev(23, 150, .96, .89, method = "wilson", units = 1)$tp
IN_R = {
    "exact": (0.05098039215686287, -0.01205652774636872, 0.1307526272295418),
    "wilson": (0.05098039215686287, -0.00658877917035208, 0.1289174490862733),
}
# Equations 6, 7, 16 and 17 of Lang and Reiczigel (2014) written out in R:
# > lr <- function(x, n, se, nse, sp, nsp, level = .95) { z <- qnorm(1 - (1 - level) / 2)
# +   N <- n + z^2; A <- (x + z^2/2) / N; S <- (nse*se + 1)/(nse + 2); C <- (nsp*sp + 1)/(nsp + 2)
# +   J <- S + C - 1; P <- (A + C - 1)/J; vS <- S*(1-S)/(nse+2); vC <- C*(1-C)/(nsp+2)
# +   d <- 2*z^2*(P*vS - (1-P)*vC); v <- (A*(1-A)/N + P^2*vS + (1-P)^2*vC)/J^2
# +   c((x/n + sp - 1)/(se + sp - 1), P + d - z*sqrt(v), P + d + z*sqrt(v)) }
LANG_REICZIGEL_IN_R = {
    (50, 100, 12 / 15, 15, 29 / 30, 30, 0.95): (0.6086956521739132, 0.4386357264893068, 0.8981587211499213),
    (23, 150, 0.96, 100, 0.89, 200, 0.95): (0.05098039215686287, 0, 0.13938709891503065),
    (23, 150, 0.96, 100, 0.89, 200, 0.90): (0.05098039215686287, 0, 0.12361029603093725),
    (300, 2000, 0.8, 60, 0.95, 80, 0.95): (0.1333333333333332, 0.0527448215260760, 0.1888567713952882),
}


@pytest.mark.parametrize("method", IN_R)
def test_known_errors_agree_with_r(method):
    found = corrected_prevalence(23, 150, sensitivity=0.96, specificity=0.89, method=method)
    value, _, upper = IN_R[method]
    assert found.value == pytest.approx(value, rel=1e-8)
    assert found.lower == 0
    assert found.upper == pytest.approx(upper, rel=1e-8)
    # A specificity of 1 leaves the lower limit above 0, where R's can be checked: limits over sensitivity.
    plain = corrected_prevalence(23, 150, sensitivity=0.96, specificity=1, method=method)
    limits = proportion_interval(23, 150, method=method)
    assert (plain.lower, plain.upper) == pytest.approx(tuple(limit / 0.96 for limit in limits), rel=1e-12)


@pytest.mark.parametrize("case", LANG_REICZIGEL_IN_R, ids=str)
def test_estimated_errors_agree_with_the_paper(case):
    positive, tested, sensitivity, diseased, specificity, healthy, level = case
    found = corrected_prevalence(
        positive,
        tested,
        sensitivity=sensitivity,
        specificity=specificity,
        diseased=diseased,
        healthy=healthy,
        confidence_level=level,
    )
    assert (found.value, found.lower, found.upper) == pytest.approx(LANG_REICZIGEL_IN_R[case], rel=1e-8)
    assert found.method == "lang_reiczigel"
    assert found.note is None


def test_agrees_with_the_publication():
    # Help of epiR::epi.prev: 23 of 150 cows, "5.1 cases per 100 cows (95% CI 0 -- 13)".
    found = corrected_prevalence(23, 150, sensitivity=0.96, specificity=0.89, method="exact", per=100)
    assert round(found.value, 1) == 5.1
    assert (found.lower, round(found.upper)) == (0, 13)


def test_what_cannot_be_is_clipped_and_said():
    low = corrected_prevalence(6, 151, sensitivity=0.964, specificity=0.927)
    assert (low.value, low.lower) == (0, 0)
    assert low.note == "fewer positives than false ones expected: 0 shown"
    high = corrected_prevalence(97, 100, sensitivity=0.95, specificity=0.9)
    assert (high.value, high.upper) == (1, 1)
    assert high.note == "more positives than the sensitivity allows: 1 shown"
    never = corrected_prevalence(0, 1000, sensitivity=0.9, specificity=0.9)
    assert never.value == 0
    assert np.isnan([never.lower, never.upper]).all()
    assert never.note.endswith("sensitivity or specificity do not fit: no limits")


def test_without_information_there_is_no_number():
    assert corrected_prevalence(0, 0, sensitivity=0.9, specificity=0.9).note == "denominator zero"
    found = corrected_prevalence([3, None, 3], [50, 50, 50], sensitivity=[0.9, 0.9, None], specificity=0.99)
    assert np.isnan(found.value).tolist() == [False, True, True]
    assert found.note.tolist() == ["", "missing: positive", "missing: sensitivity"]
    few = corrected_prevalence(3, 50, sensitivity=0.9, specificity=0.99, diseased=None, healthy=None)
    assert few.method == "wilson"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sensitivity": 95}, "`sensitivity` must be between 0 and 1; got 95. Write 95 % as 0.95."),
        ({"specificity": 1.5}, "`specificity` must be between 0 and 1; got 1.5"),
        ({"specificity": 0.1}, "A test no better than chance"),
        ({"positive": 60}, "`positive` must be at most `tested`; got 60 of 50"),
        ({"diseased": 30}, "must be given together"),
        ({"per": 0}, "`per` must be one number above 0"),
        ({"method": "wald"}, "`method` must be one of"),
    ],
)
def test_impossible_input_is_refused(arguments, message):
    usual = {"positive": 3, "tested": 50, "sensitivity": 0.9, "specificity": 0.95}
    with pytest.raises(ValueError, match=message):
        corrected_prevalence(**(usual | arguments))


def test_series_arrays_and_numbers_agree():
    index = pd.Index(["a", "b"], name="district")
    series = corrected_prevalence(pd.Series([23, 5], index), 150, sensitivity=0.96, specificity=0.97)
    array = corrected_prevalence([23, 5], 150, sensitivity=0.96, specificity=0.97)
    alone = corrected_prevalence(23, 150, sensitivity=0.96, specificity=0.97)
    assert series.upper.index.equals(index)
    np.testing.assert_array_equal(series.upper, array.upper)
    assert array.lower[0] == alone.lower


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.floats(0.6, 1),
    st.floats(0.6, 1),
    st.one_of(st.none(), st.integers(5, 500)),
)
def test_laws(counts, sensitivity, specificity, studied):
    def found(level=0.95, sensitivity=sensitivity, specificity=specificity, positive=counts[0]):
        return corrected_prevalence(
            positive,
            counts[1],
            sensitivity=sensitivity,
            specificity=specificity,
            diseased=studied,
            healthy=studied,
            confidence_level=level,
        )

    one, wider = found(), found(0.99)
    if not np.isnan(one.lower):
        assert 0 <= one.lower <= one.value <= one.upper <= 1
        assert wider.lower <= one.lower + 1e-12 or studied is not None
        assert wider.upper >= one.upper - 1e-12 or studied is not None
    # Calling the other result positive, and the healthy ill, mirrors the prevalence.
    mirrored = found(sensitivity=specificity, specificity=sensitivity, positive=counts[1] - counts[0])
    assert mirrored.value == pytest.approx(1 - one.value, abs=1e-9)
    assert mirrored.lower == pytest.approx(1 - one.upper, abs=1e-9, nan_ok=True)
