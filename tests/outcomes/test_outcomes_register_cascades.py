"""The cascade of a program from its register."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import cascade, register_cascade

NAN = float("nan")
COLUMNS = [
    *("step", "needed", "persons", "lost", "not_yet_due", "gone", "finished", "unknown", "watched", "taken"),
    *("step_value", "step_lower", "step_upper"),
    *("cumulative_value", "cumulative_lower", "cumulative_upper", "method", "note"),
]
CUMULATIVE = ["cumulative_value", "cumulative_lower", "cumulative_upper"]

# R 4.2.2, options(digits = 16):
# > n <- c(40, 4, 3); d <- c(38, 3, 2); S <- cumprod(d/n); g <- cumsum((n-d)/(n*d)); z <- qnorm(.975)
# > cbind(S, S^exp(z*sqrt(g)/abs(log(S))), S^exp(-z*sqrt(g)/abs(log(S))))
BRANCHING_IN_R = [
    (0.9500000000000000, 0.81454612014452699, 0.9872555238603085),
    (0.7124999999999999, 0.16155772816460262, 0.9389115101307949),
    (0.4750000000000000, 0.06164486150619029, 0.8196366936223308),
]
# 28 referred, 25 diagnosed, 21 treated as a life table, survival 3.5-3:
# > t <- c(rep(1,3), rep(2,4), rep(3,21)); e <- c(rep(1,7), rep(0,21))
# > s <- summary(survfit(Surv(t, e) ~ 1, conf.type = "log-log"), times = 1:2); cbind(s$surv, s$lower, s$upper)
NESTED_IN_R = [
    (0.8928571428571429, 0.7035640778388532, 0.9641303287970453),
    (0.7500000000000000, 0.5460805583717855, 0.8721467842977457),
]


def first(count, total, day=1.0):
    """Days of a step that the first `count` of `total` persons took."""
    return np.where(np.arange(total) < count, day, NAN)


def test_branching_cascade_agrees_with_r():
    found = register_cascade(
        {"screened": first(38, 40), "rescreened": first(3, 40), "diagnosed": first(2, 40)},
        needed={"rescreened": np.arange(40) < 4},
    )
    assert found.columns.tolist() == COLUMNS
    np.testing.assert_allclose(found[CUMULATIVE], BRANCHING_IN_R, rtol=1e-8)
    assert found["needed"].tolist() == [40, 4, 3]
    assert found["lost"].tolist() == [2, 1, 1]
    assert found["finished"].tolist() == [0, 34, 0]
    assert found["method"].tolist() == ["log_log"] * 3


def test_nested_cascade_agrees_with_r_and_with_cascade():
    found = register_cascade({"diagnosed": first(25, 28), "treated": first(21, 28)})
    np.testing.assert_allclose(found[CUMULATIVE], NESTED_IN_R, rtol=1e-8)
    plain = cascade({"referred": 28, "diagnosed": 25, "treated": 21}).iloc[1:]
    for name in ("persons", "lost", "step_value", "step_lower", "step_upper", "cumulative_value"):
        np.testing.assert_allclose(found[name], plain[name].astype(float), rtol=1e-12)


def test_a_result_that_is_not_known_is_neither_lost_nor_finished():
    positive = pd.Series([True, True, False, pd.NA], dtype="boolean")
    found = register_cascade(
        {"screened": [1, 1, 1, 1], "diagnosed": [NAN, 9, NAN, NAN]}, needed={"diagnosed": positive}
    )
    row = found.loc[1, ["needed", "persons", "lost", "finished", "unknown"]]
    assert row.tolist() == [2, 1, 1, 1, 1]


def test_a_later_step_without_the_earlier_one_is_said():
    found = register_cascade({"screened": [1, NAN, NAN], "diagnosed": [30, 40, NAN]})
    assert found["persons"].tolist() == [1, 1]
    assert found["note"].tolist() == ["1 of the lost have a later step", ""]


def test_who_is_not_yet_due_or_left_before_is_not_lost():
    found = register_cascade(
        {"screened": [3.0] * 6, "diagnosed": [40, NAN, NAN, NAN, NAN, 20]},
        due={"screened": 30, "diagnosed": 91},
        observed=[400, 400, 60, 60, 100, 25],
        left=[False, False, False, True, True, False],
    )
    row = found.loc[1, ["needed", "persons", "lost", "not_yet_due", "gone", "watched", "taken"]]
    assert row.tolist() == [6, 2, 2, 1, 1, 3, 1]  # who left on day 100 was overdue before
    assert found.loc[1, "step_value"] == pytest.approx(1 / 3)
    assert found.loc[0, ["persons", "not_yet_due", "watched"]].tolist() == [6, 0, 5]


def test_a_step_without_a_day_of_its_own_is_due_with_the_next():
    steps = {"screened": [3.0, 3.0], "rescreened": [NAN, NAN], "diagnosed": [NAN, NAN]}
    found = register_cascade(steps, due={"screened": 30, "diagnosed": 91}, observed=[90, 91])
    assert found.loc[1, ["lost", "not_yet_due"]].tolist() == [1, 1]


def test_a_step_shows_that_its_person_was_watched_to_it():
    found = register_cascade({"a": [50.0]}, due={"a": 40}, observed=[10])
    assert found.loc[0, ["watched", "taken"]].tolist() == [1, 1]


def test_who_was_watched_nobody_knows_how_long_is_unknown():
    found = register_cascade({"a": [1.0, NAN]}, due={"a": 40}, observed=[NAN, NAN])
    assert found.loc[0, ["needed", "persons", "unknown"]].tolist() == [1, 1, 1]
    assert found.loc[0, "note"] == "nobody watched until it was due"


@pytest.mark.parametrize(
    ("due", "observed", "message"),
    [
        ({"a": 1, "b": 2}, None, "`observed` must be given with `due`"),
        ({"c": 1}, [9], "`due` must name steps; got 'c'"),
        ({"a": 1}, [9], "`due` must name the last step, 'b'"),
        ({"b": -1}, [9], "`due` must be a number, 0 or more"),
        ({"b": 1}, [-77], "`observed` must be 0 or more; got something else at position 0"),
    ],
)
def test_impossible_limits_are_refused(due, observed, message):
    with pytest.raises(ValueError, match=message):
        register_cascade({"a": [1], "b": [2]}, due=due, observed=observed)


def test_edges():
    kept = register_cascade({"screened": first(20, 20), "diagnosed": first(20, 20)}).loc[1]
    assert kept["method"] == "beta_product"
    assert kept[CUMULATIVE].tolist() == pytest.approx([1, 0.025 ** (1 / 20), 1])
    none = register_cascade({"screened": first(0, 20), "diagnosed": first(0, 20)})
    assert none.loc[0, CUMULATIVE].tolist() == pytest.approx([0, 0, 1 - 0.025 ** (1 / 20)])
    assert none.loc[1, "note"] == "nobody needs it"
    assert none.loc[1, CUMULATIVE].isna().all()
    assert register_cascade({"screened": []}).loc[0, "note"] == "nobody needs it"


@pytest.mark.parametrize(
    ("steps", "needed", "message"),
    [
        ({}, None, "`steps` must hold at least one step"),
        ({"a": [1], "b": [2]}, {"a": [True]}, "got 'a'. Leave it out: everyone needs the first step"),
        ({"a": [1], "b": [2]}, {"c": [True]}, "got 'c'. Leave it out: steps are a, b"),
        ({"a": [1, -77]}, None, "`days to a` must be 0 or more; got something else at position 1"),
        ({"a": [1, 2], "b": [2, 3, 4]}, None, "must have equal shapes"),
    ],
)
def test_impossible_registers_are_refused(steps, needed, message):
    with pytest.raises(ValueError, match=message) as error:
        register_cascade(steps, needed=needed)
    assert "77" not in str(error.value)


def test_series_and_arrays_agree():
    index = pd.Index([5, 6, 7], name="record_id")
    days, positive = [1.0, 2.0, NAN], [True, False, True]
    series = register_cascade(
        {"a": pd.Series(days, index), "b": pd.Series([NAN] * 3, index)},
        needed={"b": pd.Series(positive, index)},
    )
    array = register_cascade({"a": days, "b": [NAN] * 3}, needed={"b": positive})
    pd.testing.assert_frame_equal(series, array)


step = st.lists(st.tuples(st.booleans(), st.sampled_from([True, False, None])), min_size=3, max_size=3)


@settings(deadline=None, max_examples=40)
@given(st.lists(step, min_size=1, max_size=20))
def test_laws(persons):
    done = np.array([[one for one, _ in person] for person in persons])
    wants = np.array([[want for _, want in person] for person in persons], dtype=object)
    steps = {name: np.where(done[:, i], 1.0, NAN) for i, name in enumerate("abc")}
    needed = {"b": wants[:, 1], "c": wants[:, 2]}
    found = register_cascade(steps, needed=needed)
    assert (found["persons"] + found["lost"] == found["needed"]).all()
    watching = {"due": {"a": 1, "c": 5}, "observed": [place % 7 for place in range(len(persons))]}
    timed = register_cascade(steps, needed=needed, left=done[:, 0], **watching)
    parts = timed[["persons", "lost", "not_yet_due", "gone"]].sum(axis=1)
    assert (parts == timed["needed"]).all()
    assert (timed["lost"] <= found["lost"]).all()
    assert (timed["watched"] == timed["taken"] + timed["lost"]).all()
    before = np.concatenate([[len(persons)], found["persons"].to_numpy()[:-1]])
    assert (found["needed"] + found["finished"] + found["unknown"] == before).all()
    known = found[found["cumulative_value"].notna()]
    assert (known["cumulative_lower"] <= known["cumulative_value"] + 1e-12).all()
    assert (known["cumulative_value"] <= known["cumulative_upper"] + 1e-12).all()
    assert known["cumulative_value"].is_monotonic_decreasing
    wider = register_cascade(steps, needed=needed, confidence_level=0.99)
    assert (wider["cumulative_lower"].dropna() <= known["cumulative_lower"] + 1e-12).all()
    order = np.arange(len(persons))[::-1]
    turned = register_cascade(
        {name: days[order] for name, days in steps.items()},
        needed={name: mask[order] for name, mask in needed.items()},
    )
    pd.testing.assert_frame_equal(turned, found)
