"""Persons, tests and quotas of a screening program, kept apart."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import screening_coverage


def test_completion_may_exceed_100_percent_and_coverage_may_not():
    # Seed figures: 1,201 couples of a quota of 1,200 are 100.08 %.
    found = screening_coverage(1201, eligible=1500, quota=1200, per=100)
    assert found.index.tolist() == ["coverage", "quota_completion", "tests_a_person"]
    assert found["value"].tolist()[:2] == pytest.approx([80.06666666666667, 100.08333333333333])
    with pytest.raises(ValueError, match=r"`persons` must be at most `eligible`; got 1201 of 1200.*`tests`"):
        screening_coverage(1201, eligible=1200)


def test_a_register_has_no_limits_unless_it_is_a_sample():
    counted = screening_coverage(25, eligible=28)
    assert counted[["lower", "upper"]].isna().all(axis=None)
    assert (counted["method"] == "arithmetic").all()
    sampled = screening_coverage(25, eligible=28, limits=True)
    # > prop.test(25, 28, correct = FALSE)$conf.int
    limits = sampled.loc["coverage", ["lower", "upper"]].tolist()
    assert limits == pytest.approx([0.72804148451327855, 0.96288163317070008], rel=1e-8)
    assert sampled.loc["coverage", "method"] == "wilson"
    assert sampled["method"].tolist()[1:] == ["arithmetic"] * 2


def test_what_is_not_known_is_said():
    found = screening_coverage(20, tests=30)
    assert found["note"].tolist() == ["missing: eligible", "missing: quota", ""]
    assert found.loc["tests_a_person", "value"] == 1.5
    nobody = screening_coverage(0, eligible=0, quota=0, tests=0)
    assert nobody["note"].tolist() == ["denominator zero"] * 3
    unknown = screening_coverage(None, eligible=10, quota=10, tests=10, limits=True)
    assert unknown["note"].tolist() == ["missing: persons"] * 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tests": 19}, "`persons` must be at most `tests`; got 20 of 19. Nobody is screened without a test"),
        ({"quota": -1}, "`quota` must be a whole number of persons"),
        ({"tests": 20.5}, "`tests` must be a whole number of tests"),
        ({"per": 0}, "`per` must be one number above 0"),
    ],
)
def test_impossible_counts_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        screening_coverage(20, **arguments)


def test_series_and_arrays_agree():
    programs = pd.Index(["hpv", "cytology"], name="program")
    series = screening_coverage(pd.Series([3, 17], programs), eligible=20, quota=pd.Series([3, 10], programs))
    array = screening_coverage(np.array([3, 17]), eligible=20, quota=[3, 10])
    assert series.index.names == ["program", "measure"]
    np.testing.assert_array_equal(series["value"], array["value"])
    pd.testing.assert_frame_equal(series.loc["hpv"], screening_coverage(3, eligible=20, quota=3))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.integers(0, 600))
def test_laws(counts, quota):
    persons, eligible = counts
    found = screening_coverage(persons, eligible=eligible, quota=quota, tests=persons + 5, limits=True)
    known = found.loc[["coverage"]].dropna(subset="value")
    assert (known["lower"] <= known["value"]).all()
    assert (known["value"] <= known["upper"]).all()
    assert known["value"].between(0, 1).all()
    if persons:
        assert found.loc["tests_a_person", "value"] >= 1
