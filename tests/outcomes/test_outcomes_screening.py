"""The cascade of a screening program."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import cascade

COLUMNS = [
    *("step", "persons", "lost", "step_value", "step_lower", "step_upper"),
    *("cumulative_value", "cumulative_lower", "cumulative_upper", "method", "note"),
]


# > prop.test(25, 28, correct = FALSE)$conf.int     0.72804148451327855 0.96288163317070008
# > prop.test(21, 25, correct = FALSE)$conf.int     0.65346378392821147 0.93596548543323566
# > prop.test(21, 28, correct = FALSE)$conf.int     0.56644329681001038 0.87323505080706687
WILSON = {
    "25/28": (0.72804148451327855, 0.96288163317070008),
    "21/25": (0.65346378392821147, 0.93596548543323566),
    "21/28": (0.56644329681001038, 0.87323505080706687),
}


def test_limits_agree_with_r():
    found = cascade({"referred": 28, "diagnosed": 25, "treated": 21})
    assert list(found) == COLUMNS
    assert found["step"].tolist() == ["referred", "diagnosed", "treated"]
    assert found["lost"].tolist() == [pd.NA, 3, 4]
    assert found["step_value"].tolist()[1:] == pytest.approx([25 / 28, 21 / 25])
    assert found["cumulative_value"].tolist() == pytest.approx([1, 25 / 28, 21 / 28])
    for row, kind, key in [
        (1, "step", "25/28"),
        (2, "step", "21/25"),
        (1, "cumulative", "25/28"),
        (2, "cumulative", "21/28"),
    ]:
        limits = found.loc[row, [f"{kind}_lower", f"{kind}_upper"]].tolist()
        assert limits == pytest.approx(WILSON[key], rel=1e-8)
    assert (found["method"] == "wilson").all()
    assert (found["note"] == "").all()


def test_the_first_step_has_nothing_before_it():
    first = cascade({"born": 1430, "screened": 1401}, per=100).loc[0]
    assert first["cumulative_value"] == 100
    assert first[["step_value", "step_lower", "cumulative_lower", "cumulative_upper"]].isna().all()
    assert len(cascade({"born": 1430})) == 1


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_step_is_said_and_bridged(missing):
    found = cascade({"born": 100, "screened": missing, "positive": 20, "treated": 10})
    assert found["persons"].tolist() == [100, pd.NA, 20, 10]
    assert found["lost"].tolist() == [pd.NA, pd.NA, pd.NA, 10]
    assert found["note"].tolist() == ["", "missing: persons", "missing: step before", ""]
    assert found["step_value"].isna().tolist() == [True, True, True, False]
    assert found["cumulative_value"].tolist()[2:] == [0.2, 0.1]


def test_nobody_left_gives_no_proportion():
    found = cascade({"born": 100, "positive": 0, "treated": 0})
    assert found["step_value"].tolist()[1] == 0
    assert np.isnan(found.loc[2, "step_value"])
    assert found.loc[2, "note"] == "denominator zero"
    assert found.loc[2, "cumulative_value"] == 0


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ({"born": 10, "screened": 11}, "must never grow; got 11 at screened after 10"),
        ({"born": 10, "screened": None, "treated": 11}, "got 11 at treated after 10"),
        ({"born": -1}, "`steps` must be a whole number of persons, 0 or more; got -1 at step born"),
        ({"born": 1.5}, "got 1.5 at step born"),
        ({"born": "ten"}, "`steps` must be numbers; got 'ten' at step born"),
        ({}, "`steps` must hold at least one step"),
    ],
)
def test_impossible_steps_are_refused_by_name(steps, message):
    with pytest.raises(ValueError, match=message):
        cascade(steps)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=6))
def test_losses_add_up_and_shares_multiply(drawn):
    persons = sorted(drawn, reverse=True)
    found = cascade({f"step {i}": count for i, count in enumerate(persons)})
    assert found["lost"].fillna(0).sum() == persons[0] - persons[-1]
    if persons[-1] > 0:
        assert found["step_value"].fillna(1).prod() == pytest.approx(persons[-1] / persons[0])
    inside = found.dropna(subset="step_lower")
    assert (inside["step_lower"] <= inside["step_value"] + 1e-12).all()
    assert (inside["step_value"] <= inside["step_upper"] + 1e-12).all()
