"""What a screening register can give."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi import proportion, risk_ratio
from mchepi.outcomes import screening_yield

MEASURES = [
    *("attendance", "positive_rate", "assessment"),
    *("positive_predictive_value", "detection_rate", "relative_detection"),
]
TESTS = pd.Index(["hpv", "cytology"], name="test")


def two_tests(**options):
    return screening_yield(
        pd.Series([3000, 17000], TESTS),
        pd.Series([330, 510], TESTS),
        pd.Series([24, 68], TESTS),
        assessed=pd.Series([290, 510], TESTS),
        **options,
    )


# > prop.test(330, 3000, correct = FALSE)$conf.int    0.0992983919562982 0.1216991100494561
# > prop.test(24, 290, correct = FALSE)$conf.int      0.0562424189634465 0.1201842126928047
def test_proportions_agree_with_r():
    found = two_tests().loc["hpv"]
    assert found.loc["positive_rate", ["value", "lower", "upper"]].tolist() == pytest.approx(
        [0.11, 0.0992983919562982, 0.1216991100494561], rel=1e-8
    )
    assert found.loc["positive_predictive_value", ["value", "lower", "upper"]].tolist() == pytest.approx(
        [24 / 290, 0.0562424189634465, 0.1201842126928047], rel=1e-8
    )


def test_there_is_never_a_sensitivity():
    found = two_tests(reference="cytology", eligible=pd.Series([4000, 20000], TESTS))
    assert found.index.get_level_values("measure").unique().tolist() == MEASURES
    assert found.columns.tolist() == ["value", "lower", "upper", "method", "note"]


def test_relative_detection_is_the_risk_ratio_of_the_programs():
    found = two_tests(reference="cytology")
    expected = risk_ratio(24, 3000, 68, 17000)
    row = found.loc[("hpv", "relative_detection")]
    assert row[["value", "lower", "upper"]].tolist() == [expected.value, expected.lower, expected.upper]
    own = found.loc[("cytology", "relative_detection")]
    assert own["note"] == "the reference"
    assert np.isnan(own["value"])
    turned = two_tests(reference="hpv").loc[("cytology", "relative_detection")]
    assert turned["value"] == pytest.approx(1 / row["value"])
    assert turned["lower"] == pytest.approx(1 / row["upper"])


def test_what_is_not_stated_is_said():
    found = screening_yield(100, 10, 2)
    assert found.index.tolist() == MEASURES
    notes = found["note"]
    assert notes["attendance"] == "missing: eligible"
    assert notes["assessment"] == "missing: assessed"
    assert notes["positive_predictive_value"] == "over all positive: assessed not stated"
    assert notes["relative_detection"] == "no reference"
    assert found.loc["positive_predictive_value", "value"] == 0.2


def test_positives_without_assessment_make_the_detection_rate_a_lower_bound():
    found = two_tests()
    assert found.loc[("hpv", "detection_rate"), "note"] == "lower bound: 40 of the positive not assessed"
    assert found.loc[("cytology", "detection_rate"), "note"] == ""
    nobody = screening_yield(100, 10, 0, assessed=0)
    assert nobody.loc["positive_predictive_value", "note"] == "denominator zero"


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ((100, 101, 0), {}, "`positive` must be at most `screened`; got 101 of 100"),
        ((100, 10, 11), {}, "`confirmed` must be at most `positive`; got 11 of 10"),
        ((100, 10, 5), {"assessed": 4}, "`confirmed` must be at most `assessed`; got 5 of 4"),
        ((100, 10, 5), {"eligible": 99}, "`screened` must be at most `eligible`; got 100 of 99"),
        ((100, 10, 5), {"reference": "hpv"}, "`reference` must be the label of one element; got 'hpv'"),
        (([100, 90], [10, 9], [5, 4]), {"reference": 2}, "Labels: 0, 1"),
    ],
)
def test_impossible_registers_are_refused(counts, options, message):
    with pytest.raises(ValueError, match=message):
        screening_yield(*counts, **options)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 2000), min_size=5, max_size=5))
def test_laws(drawn):
    confirmed, assessed, positive, screened, eligible = sorted(drawn)
    found = screening_yield(screened, positive, confirmed, assessed=assessed, eligible=eligible)
    known = found[found["value"].notna()]
    assert (known["lower"] <= known["value"] + 1e-12).all()
    assert (known["value"] <= known["upper"] + 1e-12).all()
    if screened:
        assert found.loc["detection_rate", "value"] == proportion(confirmed, screened).value
