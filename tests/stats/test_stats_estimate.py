"""The result types."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import mchepi
from mchepi import Estimate, TestResult

COLUMNS = ["value", "lower", "upper", "per", "method", "confidence_level", "p_value", "note"]


def test_estimate_is_frozen_and_compares_by_identity():
    estimate = mchepi.rate(3, 1430)
    with pytest.raises(dataclasses.FrozenInstanceError):
        estimate.value = 0.0
    assert estimate != mchepi.rate(3, 1430)  # its fields may be arrays, which have no single truth


def test_only_the_three_numbers_are_positional():
    estimate = Estimate(1.0, 0.5, 2.0, method="exact", confidence_level=0.95)
    assert (estimate.per, estimate.p_value, estimate.note) == (1, None, None)
    with pytest.raises(TypeError):
        Estimate(1.0, 0.5, 2.0, "exact", 0.95)


def test_a_number_makes_one_row():
    frame = mchepi.rate(3, 1430, per=1000).to_frame()
    assert list(frame.columns) == COLUMNS
    assert len(frame) == 1
    row = frame.iloc[0]
    assert row["method"] == "exact"
    assert row["per"] == 1000
    assert row["note"] == ""
    assert np.isnan(row["p_value"])


def test_a_series_keeps_its_index():
    index = pd.MultiIndex.from_tuples([("a", 2020), ("b", 2021)], names=["district", "year"])
    frame = mchepi.rate_ratio(
        pd.Series([3, 0], index=index), 10, pd.Series([2, 0], index=index), 10
    ).to_frame()
    pd.testing.assert_index_equal(frame.index, index)
    assert list(frame.columns) == COLUMNS
    assert list(frame["note"]) == ["", "no events in either group"]
    assert frame["p_value"].iloc[0] == pytest.approx(1.0)


def test_arrays_have_a_row_an_element():
    frame = mchepi.proportion([1, 2, 3], 10).to_frame()
    assert list(frame.index) == [0, 1, 2]
    table = mchepi.proportion([[1, 2, 3], [4, 5, 6]], 10).to_frame()
    assert table.index.nlevels == 2
    assert table.loc[(1, 2), "value"] == pytest.approx(0.6)
    assert len(mchepi.rate([], 1).to_frame()) == 0


def test_the_columns_and_their_types_never_depend_on_the_data():
    types = [
        mchepi.rate(*counts).to_frame().dtypes.astype(str).to_dict()
        for counts in ((3, 10), (0, 0), ([1, 2], 10), (pd.Series([1, None], dtype="Int64"), 10))
    ]
    types.append(mchepi.rate_ratio(3, 10, 1, 10).to_frame().dtypes.astype(str).to_dict())
    for found in types:
        assert found["value"] == found["lower"] == found["p_value"] == found["per"] == "float64"
        assert found["confidence_level"] == "float64"
        assert found["note"] == types[0]["note"]


def test_test_result_is_no_test_case():
    assert TestResult.__test__ is False
    result = mchepi.cochran_armitage([1, 2, 3], [10, 10, 10])
    assert dataclasses.asdict(result).keys() == {"statistic", "p_value", "method"}
