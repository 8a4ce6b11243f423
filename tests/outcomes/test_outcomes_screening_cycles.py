"""Bounds of the persons screened at least once in a cycle."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import unique_persons, women_in_cycle

COLUMNS = [
    *("year", "persons", "repeated", "added_up", "lower", "upper"),
    *("lower_coverage", "upper_coverage", "added_up_coverage", "note"),
]


def every_history(persons, eligible, repeated):
    """All numbers of different persons that these counts allow, by trying every number of repeats."""
    found = set()
    for again in product(
        *(range(n + 1) if r is None else [r] for n, r in zip(persons, repeated, strict=True))
    ):
        seen = 0
        for n, r in zip(persons, again, strict=True):
            if r > seen or seen + n - r > eligible:
                break
            seen += n - r
        else:
            found.add(seen)
    return found


def test_the_bounds_of_three_years():
    found = unique_persons([6000, 8000, 17000], eligible=24000)
    assert found.columns.tolist() == COLUMNS
    assert found["lower"].tolist() == [6000, 8000, 17000]
    assert found["upper"].tolist() == [6000, 14000, 24000]
    assert found["added_up_coverage"].iloc[-1] == pytest.approx(31 / 24)
    assert found["note"].tolist() == ["", "", "added up: more than there are persons"]


def test_known_repeats_make_the_count_certain():
    found = unique_persons([600, 500, 400], eligible=2000, repeated=[0, 100, 250])
    assert found["lower"].tolist() == found["upper"].tolist() == [600, 1000, 1150]
    partly = unique_persons([600, 500, 400], eligible=2000, repeated=[0, None, 250])
    assert partly[["lower", "upper"]].iloc[-1].tolist() == [750, 1250]
    # That 550 had come before shows that at least 550 were screened before.
    looked_back = unique_persons([300, 400, 600], eligible=2000, repeated=[0, None, 550])
    assert looked_back[["lower", "upper"]].iloc[-1].tolist() == [600, 750]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"persons": [5, None]}, "`persons` must be known in every year"),
        ({"persons": [5, 30]}, "`persons` must be at most `eligible`; got 30 of 20"),
        ({"persons": [5, 2.5]}, "a whole number of persons"),
        ({"repeated": [0, 9]}, "`repeated` must be at most `persons`; got 9 of 8"),
        ({"repeated": [0, 6]}, "`repeated` must be possible after the years before"),
        ({"persons": [15, 15], "repeated": [0, 3]}, "`repeated` must be possible after the years before"),
        ({"repeated": [1, 0]}, "`repeated` must be possible after the years before"),
        ({"eligible": [20, 20]}, "`eligible` must be one number"),
        ({"eligible": None}, "`eligible` must be one number"),
    ],
)
def test_impossible_counts_are_refused(arguments, message):
    usual = {"persons": [5, 8], "eligible": 20, "repeated": None}
    with pytest.raises(ValueError, match=message):
        unique_persons(**(usual | arguments))


def test_series_arrays_and_a_single_year_agree():
    index = pd.Index([2022, 2023], name="year")
    series = unique_persons(pd.Series([5, 8], index), eligible=20, repeated=pd.Series([0, 2], index))
    array = unique_persons(np.array([5, 8]), eligible=20, repeated=np.array([0, 2]))
    assert series["year"].tolist() == [2022, 2023]
    pd.testing.assert_frame_equal(series.drop(columns="year"), array.drop(columns="year"))
    assert unique_persons(5, eligible=20)["upper"].tolist() == [5]
    assert unique_persons([0], eligible=0)["lower_coverage"].isna().all()


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 7).flatmap(
        lambda eligible: st.tuples(
            st.just(eligible),
            st.lists(
                st.integers(0, eligible).flatmap(
                    lambda n: st.tuples(st.just(n), st.one_of(st.none(), st.integers(0, n)))
                ),
                min_size=1,
                max_size=3,
            ),
        )
    )
)
def test_the_bounds_are_those_of_all_histories(case):
    eligible, years = case
    persons, repeated = ([year[k] for year in years] for k in (0, 1))
    possible = every_history(persons, eligible, repeated)
    if not possible:
        with pytest.raises(ValueError, match="`repeated` must be possible"):
            unique_persons(persons, eligible=eligible, repeated=repeated)
        return
    found = unique_persons(persons, eligible=eligible, repeated=repeated)
    assert found["lower"].iloc[-1] == min(possible)
    assert found["upper"].iloc[-1] == max(possible)


COUNTS = pd.DataFrame(
    {
        "year": [2020, 2021, 2022, 2023, 2024],
        "women_screened_cervical": [500, None, 600, 700, 650],
        "women_35_64": 1500,
    }
)


def test_a_cycle_is_of_the_last_years_without_a_gap():
    cycle = women_in_cycle(COUNTS)
    assert cycle["year"].tolist() == [2022, 2023, 2024]
    last = cycle.iloc[-1]
    assert last[["lower", "upper", "added_up", "eligible"]].tolist() == [700, 1500, 1950, 1500]
    assert last["upper_coverage"] == 1
    assert women_in_cycle(COUNTS, cycle_years=5)["year"].tolist() == [2022, 2023, 2024]
    assert women_in_cycle(COUNTS.iloc[:3]).empty  # 2022 alone
    assert women_in_cycle(COUNTS[["year"]]).empty


@pytest.mark.parametrize("counts", [COUNTS.drop(columns="women_35_64"), COUNTS.assign(women_35_64=690)])
def test_without_women_eligible_the_sum_is_the_upper_bound(counts: pd.DataFrame):
    last = women_in_cycle(counts).iloc[-1]
    assert last[["lower", "upper"]].tolist() == [700, 1950]
    assert np.isnan(last["upper_coverage"])
    assert pd.isna(last["eligible"])


def test_the_register_counts_each_woman_once_by_the_end_of_each_year():
    women = pd.DataFrame(
        {
            "record_id": pd.array([1, 1, 2, 3, 1, None, 9], dtype="Int64"),
            "year": [2022, 2023, 2023, 2024, 2024, 2024, 2025],
        }
    )
    assert women_in_cycle(COUNTS, women)["in_register"].tolist() == [1, 2, 4]
    assert women_in_cycle(COUNTS, women.iloc[:0])["in_register"].isna().all()
