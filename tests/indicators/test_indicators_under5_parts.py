"""The change of the under-five rate apart: years chosen, parts that add up, districts that tell nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mchepi.indicators import under5_parts
from mchepi.outcomes import under5_change

BIRTHS = [2600, 2500, 2400, 2300, 2200, 2000, 1700, 1500]
INFANTS = [13, 12, 12, 11, 11, 10, 8, 7]
UNDER5 = [19, 18, 17, 16, 16, 15, 13, 12]
COUNTS = pd.DataFrame(
    {
        "district": "S01",
        "year": range(2017, 2025),
        "live_births": BIRTHS,
        "infant_deaths": INFANTS,
        "under5_deaths": UNDER5,
    }
)


def test_the_first_and_last_year_with_four_years_of_births_before():
    row = under5_parts(COUNTS).iloc[0]
    assert (row["year"], row["year_end"], row["deaths"]) == (2021, 2024, 28)
    by_year = COUNTS.set_index("year")
    direct = under5_change(
        by_year["live_births"],
        by_year["infant_deaths"],
        by_year["under5_deaths"] - by_year["infant_deaths"],
        first=2021,
        last=2024,
    )["effect"]
    for name in ("infant_risk", "child_risk", "births", "total"):
        assert row[name] == pytest.approx(direct[name])
    assert row["infant_risk"] + row["child_risk"] + row["births"] == pytest.approx(row["total"])
    assert row["total"] == pytest.approx(row["rate_end"] - row["rate"])
    assert (row["rate"], row["rate_end"]) == pytest.approx((1000 * 16 / 2200, 1000 * 12 / 1500))
    assert row["births"] > 0  # births fell


def test_a_gap_in_the_births_moves_the_first_year():
    gap = COUNTS.assign(live_births=COUNTS["live_births"].where(COUNTS["year"] != 2018).astype("Int64"))
    assert under5_parts(gap)[["year", "year_end"]].to_numpy().tolist() == [[2023, 2024]]
    without = COUNTS[COUNTS["year"] != 2018]
    pd.testing.assert_frame_equal(under5_parts(without), under5_parts(gap))


@pytest.mark.parametrize(
    "counts",
    [
        COUNTS.drop(columns="infant_deaths"),
        COUNTS[COUNTS["year"] >= 2020],
        COUNTS.assign(under5_deaths=9, infant_deaths=6),  # 18 deaths in the two years
        COUNTS.assign(infant_deaths=30),  # more than under five
        COUNTS.assign(year_end=COUNTS["year"] + 1),
        COUNTS.assign(live_births=np.nan),
        COUNTS.iloc[:0],
    ],
    ids=["column", "years", "few", "contradiction", "several years", "no births", "nothing"],
)
def test_districts_that_tell_nothing_have_no_row(counts: pd.DataFrame):
    found = under5_parts(counts)
    assert found.empty
    assert found.columns.tolist() == under5_parts(COUNTS).columns.tolist()


def test_each_district_for_itself_whatever_the_order():
    two = pd.concat([COUNTS, COUNTS.assign(district="S02", under5_deaths=COUNTS["under5_deaths"] + 5)])
    found = under5_parts(two.sample(frac=1, random_state=1)).set_index("district").sort_index()
    assert found.loc["S01", "total"] == pytest.approx(under5_parts(COUNTS)["total"].iloc[0])
    assert found.loc["S02", "deaths"] == 38
    with pytest.raises(ValueError, match="district"):
        under5_parts(COUNTS.drop(columns="district"))
