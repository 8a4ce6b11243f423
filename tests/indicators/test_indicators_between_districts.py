"""Districts side by side: the counties of North Carolina as others analyzed them, and the laws of it all."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.indicators import (
    blamed_by_chance,
    change_together,
    compare_districts,
    last_years,
    order_kept,
    spread_of_districts,
)
from mchepi.stats import overdispersion

ROOT = Path(__file__).parents[2]
SIDS = "sudden_infant_death_rate"

# R 4.2.2 with spdep 1.2-7:
#
# nc <- subset(read.csv("data/nc_sids/counts.csv"), year == 1974)
# ch <- choynowski(nc$sudden_infant_deaths, nc$live_births); nc$name_en[ch$pmap < 0.025]
# probmap(nc$sudden_infant_deaths, nc$live_births)[nc$name_en == "Anson", ]
# summary(glm(sudden_infant_deaths ~ offset(log(live_births)), data = nc, family = quasipoisson,
#             epsilon = 1e-14))$dispersion
CHOYNOWSKI_HIGH = {"Anson", "Columbus", "Halifax", "Northampton", "Robeson", "Rockingham", "Rutherford"}
CHOYNOWSKI_LOW = {"Forsyth", "Rowan", "Wake"}
EXPECTED_IN_ANSON = 3.17366848303744
DISPERSION = 2.27850805149612
# cor(rate of 1974-78, rate of 1979-84, method = "spearman")
SPEARMAN = 0.29869966202509


@cache
def north_carolina(year: int) -> pd.DataFrame:
    counts = pd.read_csv(ROOT / "data/nc_sids/counts.csv", dtype={"district": str})
    links = pd.read_csv(ROOT / "data/nc_sids/neighbors.csv", dtype=str)
    neighbors = {one: [] for one in counts["district"]} | links.groupby("district")["neighbor"].agg(
        list
    ).to_dict()
    return compare_districts(counts[counts["year"] == year], SIDS, neighbors=neighbors)


def table(deaths: list[int], births: list[int], year: int = 2024) -> pd.DataFrame:
    names = [f"d{place:02d}" for place in range(len(deaths))]
    return pd.DataFrame(
        {"district": names, "name_zh": names, "name_en": names, "year": year, "live_births": births,
         "neonatal_deaths": deaths}
    )  # fmt: skip


def compare(deaths: list[int], births: list[int]) -> pd.DataFrame:
    return compare_districts(table(deaths, births), "neonatal_mortality_rate")


# Published analyses: Symons, Grimson & Yuan (1983) doi:10.2307/2530821, Cressie & Read (1985), Cressie & Chan
# (1989) doi:10.1080/01621459.1989.10478783, Cressie (1993) pp. 386-399, and spdep's vignette "sids".


def test_the_rate_of_the_state():
    summed = spread_of_districts(north_carolina(1974)).iloc[0]
    assert (summed["numerator"], summed["denominator"]) == (667, 329_962)
    assert summed["value"] == pytest.approx(2.02, abs=0.005)


def test_anson_is_the_outlier_that_they_set_aside():
    """Cressie & Chan leave Anson out of their models as an outlier: 15 deaths where 3.2 were expected."""
    highest = north_carolina(1974).sort_values("adjusted_p_value").iloc[0]
    assert highest["name_en"] == "Anson"
    assert (highest["numerator"], highest["denominator"]) == (15, 1570)
    assert highest["value"] == pytest.approx(9.554, abs=0.001)
    assert highest["expected"] == pytest.approx(EXPECTED_IN_ANSON, rel=1e-8)
    assert highest["outside"] == 0.998
    assert highest["rank_lower"] > 80


def test_outside_the_funnel_are_the_counties_of_the_probability_map():
    """Choynowski's map at 2.5 % a tail, the first analysis of Cressie & Read and of spdep's vignette."""
    found = north_carolina(1974).dropna(subset=["outside"])
    assert set(found.loc[found["side"] == "above", "name_en"]) == CHOYNOWSKI_HIGH
    assert set(found.loc[found["side"] == "below", "name_en"]) == CHOYNOWSKI_LOW


def test_counts_vary_beyond_chance_as_in_the_vignette():
    """Its quasi-Poisson dispersion of 2.28 "much greater than unity" is the mean square with n - 1."""
    compared = north_carolina(1974)
    found = overdispersion(
        compared["numerator"].astype(float), compared["denominator"].astype(float),
        compared["reference"].iloc[0], kind="rate", per=1000, winsorized=0,
    )  # fmt: skip
    assert found.mean_square * 100 / 99 == pytest.approx(DISPERSION, rel=1e-8)
    assert spread_of_districts(compared)["dispersion_p_value"].iloc[0] < 1e-8


def test_smoothing_towards_neighbors_is_spdeps():
    witness = pd.read_csv(ROOT / "tests/published/empirical_bayes_nc_sids.csv", dtype={"district": str})
    own = witness[witness["year"] == 1974].set_index("district")["local_value"]
    found = north_carolina(1974).set_index("district")["local"]
    assert found.to_numpy() / 1000 == pytest.approx(own[found.index].to_numpy(), rel=1e-8)


def test_smoothed_rates_lie_near_the_moment_estimates_and_between_raw_and_common():
    witness = pd.read_csv(ROOT / "tests/published/empirical_bayes_nc_sids.csv", dtype={"district": str})
    moment = witness[witness["year"] == 1974].set_index("district")["value"] * 1000
    found = north_carolina(1974).set_index("district")
    assert np.corrcoef(found["smoothed"], moment[found.index])[0, 1] > 0.99
    low, high = (found[["value", "reference"]].agg(which, axis=1) for which in ("min", "max"))
    # The prior mean is a little off the common rate: it weighs districts, not births.
    assert (found["smoothed"] > low - 0.25).all()
    assert (found["smoothed"] < high + 0.25).all()


def test_the_order_of_the_counties_did_not_last():
    kept = order_kept(north_carolina(1979), north_carolina(1974)).iloc[0]
    assert (kept["previous_from"], kept["previous_to"], kept["year"], kept["year_end"]) == (
        1974, 1978, 1979, 1984,
    )  # fmt: skip
    assert kept["correlation"] == pytest.approx(SPEARMAN, rel=1e-8)
    assert kept["kept"] == 0
    assert kept["error_smoothed"] < kept["error_raw"]


def test_a_small_county_is_blamed_for_being_small():
    chances = blamed_by_chance(north_carolina(1979)).set_index("name_en")
    assert chances["by_chance"].sum() == pytest.approx(3)
    assert chances["by_chance"].idxmin() == "Mecklenburg"  # the largest
    assert chances.loc["Clay", "by_chance"] > 0.15


# Rows, years, names


def test_a_row_of_several_years_counts_by_its_last():
    counts = pd.DataFrame({"year": [1974, 1979, 2021, 2023], "year_end": [1978, 1984, None, None]})
    assert last_years(counts[counts["year"] < 2000]).index.tolist() == [1]
    assert last_years(counts).index.tolist() == [2, 3]
    assert last_years(counts, 2).index.tolist() == [3]
    assert last_years(counts.iloc[:0]).empty


def test_years_are_pooled_and_the_latest_name_is_shown():
    counts = pd.concat([table([2, 1, 0], [900, 800, 700], 2023), table([1, 4, 2], [850, 790, 640], 2024)])
    counts["name_en"] = counts["name_en"] + counts["year"].astype(str)
    found = compare_districts(counts, "neonatal_mortality_rate")
    assert found["numerator"].tolist() == [3, 5, 2]
    assert found["denominator"].tolist() == [1750, 1590, 1340]
    assert found["name_en"].tolist() == ["d002024", "d012024", "d022024"]
    assert (found["year"].unique(), found["year_end"].unique()) == ([2023], [2024])


def test_years_without_counts_are_not_said_to_be_compared():
    counts = pd.concat([table([2, 1, 0], [900, 800, 700], 2023), table([0], [0], 2024)])
    counts.loc[counts["year"] == 2024, ["live_births", "neonatal_deaths"]] = np.nan
    assert compare_districts(counts, "neonatal_mortality_rate")["year_end"].unique().tolist() == [2023]


@pytest.mark.parametrize(("deaths", "births"), [([3, 2], [900, 800]), ([0, 0, 0], [900, 800, 700])])
def test_too_few_districts_and_no_events_compare_nothing(deaths: list[int], births: list[int]):
    compared = compare(deaths, births)
    assert compared["value"].notna().all()
    assert compared[["reference", "expected", "p_value", "smoothed", "local", "rank"]].isna().all(axis=None)
    summed = spread_of_districts(compared).iloc[0]
    assert summed["districts"] == len(deaths)
    assert np.isnan(summed["by_chance_95"])
    assert order_kept(compared, compared).empty
    assert blamed_by_chance(compared).empty


def test_a_district_without_births_is_not_compared():
    found = compare([3, 2, 1, 0], [900, 800, 700, 0])
    assert found["district"].tolist() == ["d00", "d01", "d02"]


def test_no_rows_and_no_indicators_give_no_rows():
    counts = table([3, 2, 1], [900, 800, 700])
    columns = compare_districts(counts, "neonatal_mortality_rate").columns.tolist()
    for found in (compare_districts(counts.iloc[:0], SIDS), compare_districts(counts, [])):
        assert found.empty
        assert found.columns.tolist() == columns
        assert spread_of_districts(found).empty
        assert change_together(counts, found).empty


def test_coverage_is_refused():
    with pytest.raises(
        ValueError, match="must be a rate or ratio of rare events; got hpv_vaccination_coverage"
    ):
        compare_districts(table([1], [9]), "hpv_vaccination_coverage")


def test_neighbors_outside_the_table_are_passed_over():
    near = {f"d{place:02d}": ["d00" if place else "d01", "elsewhere"] for place in range(5)}
    counts = table([9, 3, 4, 2, 8], [1500, 1400, 900, 800, 700])
    found = compare_districts(counts, "neonatal_mortality_rate", neighbors=near)
    assert found["local"].notna().all()
    assert compare_districts(counts, "neonatal_mortality_rate", neighbors={})["local"].isna().all()


# Laws

districts = st.lists(st.tuples(st.integers(0, 12), st.integers(300, 6000)), min_size=3, max_size=8)


@settings(max_examples=12, deadline=None)
@given(districts)
def test_limits_hold_their_values_and_counts_add_up(rows: list[tuple[int, int]]):
    compared = compare(*map(list, zip(*rows, strict=True)))
    if compared["reference"].isna().all():
        return
    # An expected rank may lie within less than a place beyond limits that are whole ranks.
    assert (compared["rank_lower"] <= np.ceil(compared["rank"])).all()
    assert (np.floor(compared["rank"]) <= compared["rank_upper"]).all()
    for name in ("", "smoothed"):
        lower, upper = (f"{name}_lower", f"{name}_upper") if name else ("lower", "upper")
        value = compared[name or "value"]
        assert (compared[lower] <= value + 1e-9).all()
        assert (value <= compared[upper] + 1e-9).all()
    assert compared["expected"].sum() == pytest.approx(compared["numerator"].sum())
    assert compared["rank"].sum() == pytest.approx(len(rows) * (len(rows) + 1) / 2)
    summed = spread_of_districts(compared).iloc[0]
    assert summed["outside_998"] <= summed["outside_95"] <= len(rows)
    assert summed["outside_allowed"] <= summed["outside_95"]
    assert 0 <= summed["pairs_apart"] <= summed["pairs"]


@settings(max_examples=8, deadline=None)
@given(districts, st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows: list[tuple[int, int]], shuffle):
    counts = table(*map(list, zip(*rows, strict=True)))
    order = list(range(len(rows)))
    shuffle.shuffle(order)
    first, second = (
        compare_districts(one, "neonatal_mortality_rate") for one in (counts, counts.iloc[order])
    )
    pd.testing.assert_frame_equal(first, second)
