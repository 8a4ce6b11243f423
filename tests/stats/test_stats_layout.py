"""Numbers, arrays and Series in: the same out, joined by label, with faults named by label."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mchepi
from mchepi import proportion, proportion_interval, rate, rate_ratio

districts = pd.Index(["152223", "150600", "152525"], name="district")
deaths = pd.Series([3, 0, 12], index=districts)
births = pd.Series([1430, 210, 3050], index=districts)


def test_numbers_give_python_floats():
    for given_events in (3, 3.0, np.int64(3), np.float32(3), np.array(3), Decimal(3)):
        estimate = rate(given_events, 1430)
        assert {type(estimate.value), type(estimate.lower), type(estimate.upper)} == {float}
    ratio = rate_ratio(3, 1430, 7, 1512)
    assert type(ratio.p_value) is float
    assert type(rate(None, 1).note) is str


def test_arrays_and_lists_give_arrays():
    for events in ([3, 0, 12], (3, 0, 12), np.array([3, 0, 12])):
        estimate = rate(events, [1430, 210, 3050])
        assert type(estimate.value) is np.ndarray
        assert estimate.lower.shape == (3,)


def test_shapes_broadcast():
    estimate = proportion([[1], [2]], [10, 20, 30])
    assert estimate.value.shape == estimate.upper.shape == (2, 3)
    assert estimate.value[1, 2] == pytest.approx(2 / 30)
    lower, _ = mchepi.count_interval(np.zeros((2, 2)))
    assert lower.shape == (2, 2)
    assert rate([], 1).value.shape == (0,)


def test_series_give_series_with_their_index():
    estimate = rate(deaths, births)
    for part in (estimate.value, estimate.lower, estimate.upper):
        pd.testing.assert_index_equal(part.index, districts)
    lower, upper = proportion_interval(deaths, births)
    assert (lower.name, upper.name) == ("lower", "upper")
    pd.testing.assert_index_equal(upper.index, districts)
    pd.testing.assert_index_equal(rate(deaths, 100).value.index, districts)
    pd.testing.assert_index_equal(rate(3, births).value.index, districts)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(50, 5000)), min_size=1, max_size=8),
    st.sampled_from(["rate", "proportion"]),
)
def test_one_by_one_equals_all_at_once(counts, name):
    function = getattr(mchepi, name)
    events, total = np.array(counts).T
    index = pd.Index([f"d{i}" for i in range(len(counts))])
    at_once = function(events, total)
    labelled = function(pd.Series(events, index), pd.Series(total, index))
    for i, (one, of) in enumerate(counts):
        single = function(one, of)
        expected = (single.value, single.lower, single.upper)
        assert (at_once.value[i], at_once.lower[i], at_once.upper[i]) == pytest.approx(expected, rel=1e-14)
        assert (labelled.value.iloc[i], labelled.lower.iloc[i]) == pytest.approx(expected[:2], rel=1e-14)


@given(st.permutations(range(3)), st.sampled_from(["midp", "exact"]))
def test_the_order_of_labels_never_matters(order, method):
    straight = rate(deaths, births, method=method)
    shuffled = rate(deaths.iloc[list(order)], births.iloc[list(order)], method=method)
    pd.testing.assert_series_equal(shuffled.upper.loc[districts], straight.upper)


def test_one_missing_value_leaves_the_others_alone():
    with_gap = rate(deaths.astype("Int64").where(deaths > 0), births)
    assert np.isnan(with_gap.value["150600"])
    assert with_gap.upper["152525"] == rate(12, 3050).upper
    assert list(with_gap.note) == ["", "missing: events", ""]


@pytest.mark.parametrize(
    "missing",
    [
        pd.Series([3, pd.NA], dtype="Int64"),
        pd.Series([3, None], dtype=object),
        pd.Series([3, np.nan]),
        pd.array([3, pd.NA], dtype="Int64"),
        np.ma.masked_array([3, 99], mask=[False, True]),
        [3, None],
        [3, pd.NA],
        [Decimal(3), pd.NaT],
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_way_to_say_missing(missing):
    value = np.asarray(rate(missing, 10).value)
    assert value[0] == pytest.approx(0.3)
    assert np.isnan(value[1])


def test_a_masked_value_never_counts():
    assert rate(np.ma.masked_array([3, -99], mask=[False, True]), 10).note[1] == "missing: events"


def refused(function, *arguments, **options) -> str:
    with pytest.raises(ValueError, match="must") as caught:
        function(*arguments, **options)
    return str(caught.value)


def test_series_join_by_label_or_not_at_all():
    message = refused(rate, deaths, births.iloc[::-1])
    assert "`events` and `person_time` must have equal indexes" in message
    assert "the same labels in another order" in message
    assert "person_time.reindex(events.index)" in message
    assert "3 labels against 2, 2 in common" in refused(rate, deaths, births.iloc[:2])
    assert "3 labels against 3, 0 in common" in refused(rate, deaths, births.set_axis([1, 2, 3]))


def test_the_house_style_of_errors():
    events = pd.Series([-1, 3.5, 2], index=districts)
    assert refused(rate, events, births) == (
        "`events` must be a whole number of events, 0 or more; got -1 at district 152223, 3.5 at district "
        "150600. Correct the counts or drop those rows."
    )
    many = pd.Series([-1, -2, 3, -4, -5], index=pd.MultiIndex.from_product([["a"], range(2019, 2024)]))
    assert (
        "got -1 at index a index 2019, -2 at index a index 2020, -4 at index a index 2022 (first three of 4)."
        in (refused(rate, many, 10))
    )
    named = many.rename_axis(["district", "year"])
    assert "-1 at district a year 2019" in refused(rate, named, 10)
    assert "-1 at position 2. Correct" in refused(rate, [-1, -1, -1], 10)
    assert refused(proportion, [1, 5], [3, 4]) == (
        "`events` must be at most `total`; got 5 of 4 at position 1. Correct the counts or drop those rows."
    )
    assert "got 5 of 4. " in refused(proportion, 5, 4)
    assert "got -1 at position (0, 1)." in refused(rate, [[1, -1]], 10)


def test_labels_may_be_anything():
    dated = pd.Series([-1], index=pd.Index([pd.Timestamp(2024, 1, 1)], name="month"))
    assert "got -1 at month 2024-01-01 00:00:00." in refused(rate, dated, 10)
    tuples = pd.Series([-1], index=pd.Index([("a", 1)], tupleize_cols=False))
    assert "got -1 at index ('a', 1)." in refused(rate, tuples, 10)


def test_a_single_fault_is_not_repeated_for_every_label():
    assert "got -1. " in refused(rate, -1, births)
    assert "got -10. " in refused(rate, deaths, -10)


@pytest.mark.parametrize(
    ("events", "person_time", "said"),
    [
        (-1, 10, "`events` must be a whole number of events, 0 or more; got -1."),
        (2.5, 10, "got 2.5."),
        (np.inf, 10, "got inf."),
        (1, -0.5, "`person_time` must be a number, 0 or more; got -0.5."),
        (1, np.inf, "`person_time` must be a number, 0 or more; got inf."),
        ("three", 10, "`events` must be numbers; got 'three'."),
        (["3", 4], 10, "`events` must be numbers; got '3' at position 0"),
        (pd.Series(["3"], index=["152223"]), 10, "`events` must be numbers; got '3' at index 152223."),
        (
            np.array(["2020-01-01"], dtype="M8[D]"),
            10,
            "`events` must be numbers; got datetime.date(2020, 1, 1)",
        ),
        (1 + 2j, 10, "`events` must be numbers; got (1+2j)."),
        (pd.DataFrame({"a": [1]}), 10, "`events` must be a number, an array or a Series; got a DataFrame."),
        ([[1], [1, 2]], 10, "got rows of unequal length"),
        ([1, 2], [1, 2, 3], "got shapes `events` (2,), `person_time` (3,)"),
        (pd.Series([1, 2]), [[1, 2], [3, 4]], "must have equal shapes"),
        (pd.Series([1]), [1, 2, 3], "must have equal shapes"),
    ],
    ids=str,
)
def test_impossible_input_is_named(events, person_time, said):
    assert said in refused(rate, events, person_time)


@pytest.mark.parametrize(
    ("level", "said"),
    [
        (95, "got 95. Did you mean 0.95?"),
        (99.8, "Did you mean 0.998?"),
        (1, "must be between 0 and 1; got 1."),
        (0, "got 0."),
        (-0.5, "got -0.5."),
        (200, "got 200. Write 95 % as 0.95."),
        (np.nan, "got nan."),
        ("0.95", "got '0.95'."),
        (True, "got True."),
        ([0.9, 0.95], "got [0.9, 0.95]."),
    ],
    ids=str,
)
def test_the_level_is_a_proportion(level, said):
    for function, arguments in (
        (rate, (1, 10)),
        (proportion_interval, (1, 10)),
        (rate_ratio, (1, 10, 1, 10)),
    ):
        message = refused(function, *arguments, confidence_level=level)
        assert message.startswith("`confidence_level` must be between 0 and 1")
        assert said in message


def test_a_level_may_be_a_numpy_number():
    assert rate(1, 10, confidence_level=np.float64(0.9)).confidence_level == 0.9
    assert rate(1, 10, confidence_level=np.array(0.9)).confidence_level == 0.9


@pytest.mark.parametrize("per", [0, -1, np.inf, np.nan, "1000", None, [1, 2]], ids=str)
def test_the_unit_is_positive(per):
    assert refused(rate, 1, 10, per=per).startswith("`per` must be one number above 0; got ")


def test_an_unknown_method_is_answered_by_the_nearest():
    message = refused(proportion, 1, 10, method="wilsn")
    assert "`method` must be one of 'wilson', 'wilson_cc'" in message
    assert message.endswith("got 'wilsn'. Did you mean 'wilson'?")
    assert refused(rate, 1, 10, method=None).endswith("got None. Choose one of them.")
    assert "'exact', 'midp', 'wald'" in refused(rate_ratio, 1, 1, 1, 1, method="byar")


def test_unequal_indexes_are_told_apart():
    text, numbers = pd.Series([10, 20], index=["1", "2"]), pd.Series([1, 2], index=[1, 2])
    with pytest.raises(ValueError, match=r"one holds text, the other numbers.*astype"):
        rate(numbers, text)
    twice = pd.Series([10, 20], index=[2, 2])
    with pytest.raises(ValueError, match=r"labels that repeat in `person_time`. Give every row"):
        rate(numbers, twice)


def test_numbers_beyond_floats_and_masked_words():
    with pytest.raises(ValueError, match=r"`person_time` must be numbers below 1e308; got a larger number"):
        rate(3, 10**400)
    hidden = np.ma.MaskedArray(np.array([3, "word"], dtype=object), mask=[False, True])
    assert rate(hidden, 1000).value[0] == 0.003
    assert np.isnan(rate(hidden, 1000).value[1])
