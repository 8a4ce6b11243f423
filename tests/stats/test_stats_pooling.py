"""Pooling: the pooled rate is the rate of the sums, and what it hides stands beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi import annual_percent_change, rate, rate_ratio
from mchepi.stats.pooling import pool_neighbors, pool_years

YEARS, DEATHS, BIRTHS = [2019, 2020, 2021, 2022, 2023], [9, 8, 5, 4, 3], [1760, 1690, 1600, 1520, 1430]


def test_every_pool_is_the_rate_of_its_sums_with_its_trend():
    pools = pool_years(YEARS, DEATHS, BIRTHS, minimum_events=12, per=1000)
    assert list(pools["year_from"]) == [2023, 2022, 2021, 2020, 2019]
    assert set(pools["year_to"]) == {2023}
    for count in range(1, 6):
        row = pools.iloc[count - 1]
        pooled = rate(sum(DEATHS[-count:]), sum(BIRTHS[-count:]), per=1000)
        assert tuple(row[["value", "lower", "upper"]]) == pytest.approx(
            (pooled.value, pooled.lower, pooled.upper)
        )
        if count > 2:
            trend = annual_percent_change(YEARS[-count:], DEATHS[-count:], BIRTHS[-count:])
            got = tuple(row[["annual_percent_change", "change_lower", "change_upper", "change_p_value"]])
            assert got == pytest.approx((trend.value, trend.lower, trend.upper, trend.p_value))
    assert list(pools["chosen"]) == [False, False, True, False, False]
    assert np.isnan(pools["annual_percent_change"][0])


def test_two_years_are_compared_by_their_exact_ratio():
    row = pool_years([2020, 2023], [8, 3], [1690, 1430]).iloc[1]
    ratio = rate_ratio(3, 1430, 8, 1690)
    assert row["annual_percent_change"] == pytest.approx(100 * (ratio.value ** (1 / 3) - 1))
    assert row["change_upper"] == pytest.approx(100 * (ratio.upper ** (1 / 3) - 1))
    assert row["change_p_value"] == pytest.approx(ratio.p_value)


def test_a_trend_within_the_pool_is_said():
    pools = pool_years([2020, 2021, 2022, 2023], [40, 30, 20, 10], [5000] * 4)
    assert list(pools["note"]) == ["", "", "trend within the pool", "trend within the pool"]
    assert list(pools["chosen"]) == [False, True, False, False]


def test_too_few_events_in_all_is_said_of_the_largest_pool():
    pools = pool_years(YEARS, [1, 0, 0, 1, 0], BIRTHS)
    assert list(pools["chosen"]) == [False] * 4 + [True]
    assert pools["note"].iloc[-1] == "fewer than 20 events in all"
    assert pools["upper"].iloc[0] == pytest.approx(rate(0, 1430).upper)


def test_years_without_numbers_are_left_out_and_named():
    pools = pool_years(YEARS, [9, 8, None, 4, 3], BIRTHS, minimum_events=10)
    row = pools.iloc[3]
    assert (row["years"], row["events"], row["person_time"]) == (3, 15, 4640)
    assert row["note"] == "years left out: 2021"
    latest = pool_years([2022, 2023], [4, None], [1520, 1430]).iloc[0]
    assert (latest["years"], latest["events"]) == (0, 0)
    assert np.isnan(latest["value"])


@given(st.permutations(range(5)))
def test_order_of_the_years_does_not_matter(order):
    shuffled = [[column[place] for place in order] for column in (YEARS, DEATHS, BIRTHS)]
    pd.testing.assert_frame_equal(pool_years(*shuffled), pool_years(YEARS, DEATHS, BIRTHS))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([2020, 2020], [1, 2], [10, 20]), "`year` must name each year once"),
        (([2020, 2020.5], [1, 2], [10, 20]), "`year` must be a whole number; got 2020.5 at position 1"),
        (([2020, 2021], [1, 2], [10, 0]), "`events` must be 0 where `person_time` is 0; got 2 at position 1"),
        ((2020, 1, 10), "`events` must be one number a year"),
    ],
)
def test_faults_of_years_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        pool_years(*arguments)


ROW = [[1], [0, 2], [1, 3], [2]]


def test_an_area_takes_in_rings_of_neighbors_until_it_has_enough():
    found = pool_neighbors([24, 2, 5, 9], [1900, 900, 1000, 1800], ROW, per=1000)
    assert list(found["steps"]) == [0, 1, 2, 2]
    assert list(found["areas"]) == [1, 3, 4, 3]
    assert list(found["events"]) == [24, 31, 40, 16]
    pooled = rate(31, 3800, per=1000)
    assert (found["value"][1], found["lower"][1]) == pytest.approx((pooled.value, pooled.lower))
    ratio = rate_ratio(2, 900, 29, 2900)
    assert found["own_ratio"][1] == pytest.approx(ratio.value)
    assert found["own_ratio_upper"][1] == pytest.approx(ratio.upper)
    assert list(found["note"]) == ["", "differs from its pool", "", "fewer than 20 events in the pool"]
    assert np.isnan(found["own_ratio"][0])


def test_no_step_is_no_pooling_and_islands_stay_alone():
    alone = pool_neighbors([24, 2, 5, 9], [1900, 900, 1000, 1800], ROW, maximum_steps=0)
    assert alone["value"].to_numpy() == pytest.approx(np.array([24, 2, 5, 9]) / [1900, 900, 1000, 1800])
    island = pool_neighbors([3, 25], [200, 900], [[], []])
    assert list(island["steps"]) == [0, 0]
    assert island["note"][0] == "fewer than 20 events in the pool"


def test_areas_without_information_do_not_count_in_pools():
    index = pd.Index(["A", "B", "C"], name="district")
    events = pd.Series([6, None, 9], index, dtype="Int64")
    links = {"A": ["B", "C"], "B": ["A"], "C": ["A"]}
    found = pool_neighbors(events, pd.Series([300, 500, 400], index), links, minimum_events=10)
    assert found.index.equals(index)
    assert found.loc["A", ["areas", "events", "population"]].to_list() == [2, 15, 700]
    assert found.loc["B", "note"] == "missing: events"
    assert found.loc["B", ["value", "own_value", "own_ratio"]].isna().all()


@given(st.lists(st.integers(0, 30), min_size=2, max_size=12), st.integers(0, 4))
def test_wider_reach_never_loses_events(events, steps):
    size = len(events)
    links = [[place for place in (area - 1, area + 1) if 0 <= place < size] for area in range(size)]
    near = pool_neighbors(events, [500] * size, links, maximum_steps=steps)
    far = pool_neighbors(events, [500] * size, links, maximum_steps=steps + 1)
    assert (far["events"] >= near["events"]).all()
    assert (near["events"] >= np.array(events)).all()
    assert (near["steps"] <= steps).all()
    assert (near.loc[near["steps"] > 0, "own_events"] < 20).all()


def test_faults_of_pools_are_named():
    for neighbors in (None, [1, 0], {0: None, 1: []}):
        with pytest.raises(
            ValueError, match=r"`neighbors` must be .*; got .* Give the neighbors of each area"
        ):
            pool_neighbors([1, 2], [10, 20], neighbors)
    with pytest.raises(ValueError, match=r"`maximum_steps` must be a whole number, 0 or more; got 1\.5"):
        pool_neighbors([1, 2], [10, 20], [[1], [0]], maximum_steps=1.5)
    with pytest.raises(ValueError, match="`minimum_events` must be one number above 0; got 0"):
        pool_neighbors([1, 2], [10, 20], [[1], [0]], minimum_events=0)
