"""The content of rows as bytes: the same where the rows are the same, another where anything differs."""

from __future__ import annotations

import pandas as pd
import pytest

from mchepi.intake.contents import Contents


def frame(**changes: object) -> pd.DataFrame:
    columns = {
        "district": pd.array(["A", "A", "B"], dtype="str"),
        "year": pd.array([2020, 2021, 2020], dtype="int64"),
        "live_births": pd.array([10, None, 10], dtype="Int64"),
        "woman_years": pd.array([0.1, 0.0, None], dtype="Float64"),
    }
    return pd.DataFrame(columns | changes)


def test_rows_have_the_same_content_wherever_they_stand():
    turned = frame().iloc[[2, 0, 1]]
    assert Contents(frame()).of([0, 1]) == Contents(turned).of([1, 2])
    assert Contents(frame()).of(None) == Contents(frame()).of([0, 1, 2])
    assert Contents(frame()).of([]) == Contents(turned).of([])


@pytest.mark.parametrize(
    "changes",
    [
        {"district": pd.array(["A", "A'", "B"], dtype="str")},
        {"district": pd.array(["A", None, "B"], dtype="str")},
        {"year": pd.array([2020, 2022, 2020], dtype="int64")},
        {"live_births": pd.array([10, 0, 10], dtype="Int64")},
        {"live_births": pd.array([10.0, None, 10.0], dtype="Float64")},
        {"live_births": pd.array(["10", "", "10"], dtype="str")},
        {"woman_years": pd.array([0.1, 5e-324, None], dtype="Float64")},
        {"woman_years": pd.array([0.1 + 2**-56, 0.0, None], dtype="Float64")},
        {"extra": [1, 1, 1]},
    ],
)
def test_whatever_differs_shows(changes: dict[str, object]):
    assert Contents(frame(**changes)).of([0, 1]) != Contents(frame()).of([0, 1])


def test_cells_do_not_run_into_each_other():
    split = {"district": pd.array(["AA", "", "B"], dtype="str")}
    assert Contents(frame(**split)).of([0, 1]) != Contents(frame()).of([0, 1])
    assert Contents(frame()).of([0]) + Contents(frame()).of([1]) != Contents(frame()).of([0, 1])
