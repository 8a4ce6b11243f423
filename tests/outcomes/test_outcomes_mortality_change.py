"""The part of a change of the under-five rate that is births."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import under5_change

YEARS = range(2018, 2024)


def change(births, infants, children, **options):
    return under5_change(
        pd.Series(births, YEARS),
        pd.Series(infants, [2022, 2023]),
        pd.Series(children, [2022, 2023]),
        first=2022,
        last=2023,
        **options,
    )


# By hand: C is 1600 before 2022 and 1500 before 2023; B is 1200 and 1000.
# 2022: 6 / 1200 = 5, 4 / 1600 = 2.5, C / B = 4/3, rate 5 + 10/3; 2023: 5, 6 / 1500 = 4, 1.5, rate 11.
# child risk (4/3 + 1.5) / 2 * 1.5 = 2.125; births (2.5 + 4) / 2 * (1.5 - 4/3) = 0.541666...
def test_a_change_taken_apart_by_hand():
    found = change([1600, 1800, 1600, 1400, 1200, 1000], [6, 5], [4, 6])
    assert found["first"].tolist() == pytest.approx([5, 2.5, 4 / 3, 25 / 3])
    assert found["last"].tolist() == pytest.approx([5, 4, 1.5, 11])
    assert found["effect"].tolist() == pytest.approx([0, 2.125, 3.25 / 6, 8 / 3])
    assert found["share"].tolist() == pytest.approx([0, 2.125 * 3 / 8, 3.25 / 16, 1])
    assert (found["note"] == "").all()


counts = st.integers(0, 30)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(40, 3000), min_size=6, max_size=6), counts, counts, counts, counts)
def test_parts_add_up_to_the_change_of_the_rate(births, first, last, child_first, child_last):
    found = change(births, [first, last], [child_first, child_last])["effect"]
    rates = [(first + child_first) / births[4], (last + child_last) / births[5]]
    assert found["total"] == pytest.approx(1000 * (rates[1] - rates[0]), abs=1e-9)
    assert found[["infant_risk", "child_risk", "births"]].sum() == pytest.approx(found["total"], abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(100, 3000), counts, counts)
def test_steady_births_have_no_part(births, first, last):
    found = change([births] * 6, [3, 3], [first, last])["effect"]
    assert found["births"] == pytest.approx(0, abs=1e-9)
    assert found["child_risk"] == pytest.approx(1000 * (last - first) / births, abs=1e-9)


five_years = st.lists(st.integers(100, 3000), min_size=5, max_size=5)


@settings(max_examples=40, deadline=None)
@given(five_years, five_years, st.tuples(counts, counts), st.tuples(counts, counts))
def test_exchanging_the_years_turns_the_signs(earlier, later, earlier_deaths, later_deaths):
    def effects(first, last, first_deaths, last_deaths):
        infants, children = (
            pd.Series({2014: before, 2019: after})
            for before, after in zip(first_deaths, last_deaths, strict=True)
        )
        births = pd.Series([*first, *last], range(2010, 2020))
        return under5_change(births, infants, children, first=2014, last=2019)["effect"]

    forth = effects(earlier, later, earlier_deaths, later_deaths)
    back = effects(later, earlier, later_deaths, earlier_deaths)
    assert back.to_numpy() == pytest.approx(-forth.to_numpy(), abs=1e-9)
    ratios = [np.mean(years[:4]) / years[4] for years in (earlier, later)]
    if earlier_deaths[1] + later_deaths[1] and not np.isclose(*ratios):
        assert np.sign(forth["births"]) == np.sign(ratios[1] - ratios[0])


def test_units_and_what_is_missing():
    births = [1600, 1800, 1600, 1400, 1200, 1000]
    thousand, million = (change(births, [6, 5], [4, 6], per=per)["effect"] for per in (1000, 1e6))
    assert million.to_numpy() == pytest.approx(thousand.to_numpy() * 1000)
    for births_given, infants in (
        ([np.nan, *births[1:]], [6, 5]),
        ([*births[:5], 0], [6, 0]),
        (births, [6, np.nan]),
    ):
        found = change(births_given, infants, [4, 6])
        assert np.isnan(found.loc["total", "effect"])
        assert found["note"].str.startswith("missing or zero").all()
    same = change([1000] * 6, [5, 5], [2, 2])
    assert same["effect"].tolist() == [0, 0, 0, 0]
    assert same["share"].isna().all()


def test_what_is_refused():
    births = pd.Series([1000] * 6, YEARS)
    deaths = pd.Series([5, 5], [2022, 2023])
    with pytest.raises(ValueError, match="`last` must be after `first`; got 2022 and 2023"):
        under5_change(births, deaths, deaths, first=2023, last=2022)
    with pytest.raises(ValueError, match="`infant_deaths` must be a Series by year; got list"):
        under5_change(births, [5, 5], deaths, first=2022, last=2023)
    with pytest.raises(ValueError, match="`child_deaths` must hold each year once; got 2022 twice"):
        under5_change(births, deaths, pd.Series([5, 5], [2022, 2022]), first=2022, last=2023)
    with pytest.raises(
        ValueError, match="`live_births` must be a whole number of persons, 0 or more; got -1"
    ):
        under5_change(births.where(births.index != 2020, -1), deaths, deaths, first=2022, last=2023)
    with pytest.raises(
        ValueError, match=r"`infant_deaths` must be at most `live_births`; got 1001 of 1000 at year 2022"
    ):
        under5_change(births, deaths + 996, deaths, first=2022, last=2023)
