"""The form of a region, what it is made of, and that its parts do not lean on each other."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from mchepi.indicators import indicator, indicators
from mchepi.simulate import Region, region
from mchepi.simulate._draws import Draws
from mchepi.simulate.columns import EXTRA_COLUMNS

KEYS = ["district", "name_zh", "name_en", "year"]


@pytest.fixture(scope="module")
def usual() -> Region:
    return region()


@pytest.fixture(scope="module")
def null() -> Region:
    return region(changes=False, reporting_errors=False)


def rows(frame: pd.DataFrame, **keys: object) -> pd.DataFrame:
    chosen = pd.Series(True, index=frame.index)
    for key, value in keys.items():
        chosen &= frame[key].isin(value if isinstance(value, list | range) else [value])
    return frame[chosen].reset_index(drop=True)


def test_form(usual: Region):
    assert list(usual.counts.columns[:4]) == KEYS
    assert (usual.counts.dtypes.iloc[4:] == "Int64").all()
    assert usual.counts["year"].dtype == "int64"
    assert len(usual.counts) == 240
    assert usual.counts["district"].unique().tolist() == [f"S{n:02d}" for n in range(1, 25)]
    assert sorted(usual.counts["year"].unique()) == list(range(2015, 2025))
    assert not usual.counts.duplicated(["district", "year"]).any()
    assert not usual.truth.duplicated(["district", "year", "indicator"]).any()
    assert usual.truth[["true_value", "expected_value", "reporting_probability"]].notna().all(axis=None)


def test_every_name_says_that_it_is_simulated():
    names = region(districts=60, years=(2024, 2024)).counts
    assert names["name_zh"].str.endswith("旗（模拟）").all()
    assert names["name_en"].str.endswith(" Banner (simulated)").all()
    assert names["name_zh"].is_unique
    assert names["name_en"].is_unique
    assert names["district"].is_unique


def test_every_column_is_explained(usual: Region):
    catalog = [indicator(name) for name in indicators()["id"]]
    known = {column for row in catalog for column in (*row.numerator_columns, *row.denominator_columns)}
    columns = set(usual.counts.columns[4:])
    assert columns - known == set(EXTRA_COLUMNS)


@pytest.mark.parametrize("domain", ["mortality", "anemia_nutrition", "screening"])
def test_yearly_counts_carry_the_indicators_of_the_notebooks(usual: Region, domain: str):
    # what needs a sample, a cancer register or another country's codes is not in a district's yearly counts
    elsewhere = {
        "sudden_infant_death_rate",
        "anemia_prevalence_wra",
        "exclusive_breastfeeding_u6m",
        "early_breastfeeding",
        "minimum_dietary_diversity",
        "hbsag_prevalence_children",
        "cervical_cancer_incidence",
    }
    catalog = indicators()
    wanted = set(catalog.loc[catalog["domain"] == domain, "id"]) - elsewhere
    assert wanted
    assert wanted <= set(usual.truth["indicator"])


def test_sizes_are_those_of_districts(null: Region):
    births = null.counts.groupby("district")["live_births"].mean()
    assert 200 < births.min() < 400
    assert 2500 < births.max() < 4000
    first, last = (rows(null.counts, year=year)["live_births"].sum() for year in (2015, 2024))
    assert -0.06 < (last / first) ** (1 / 9) - 1 < -0.03


def test_levels_are_of_the_size_of_china(null: Region):
    """2024: infant 4.0 and under five 5.6 per 1,000, maternal 14.3 per 100,000 (data/national)."""
    means = null.truth.groupby(["indicator", "year"])["true_value"].mean()
    assert means["neonatal_mortality_rate", 2015] == pytest.approx(5.0, rel=0.15)
    assert means["neonatal_mortality_rate", 2024] == pytest.approx(3.0, rel=0.15)
    assert means["infant_mortality_rate", 2024] == pytest.approx(4.4, rel=0.15)
    assert means["under5_mortality_rate", 2015] == pytest.approx(10.0, rel=0.15)
    assert means["maternal_mortality_ratio", 2024] == pytest.approx(14.3, rel=0.15)
    assert (rows(null.counts, year=2024)["maternal_deaths"] == 0).mean() > 0.7


def test_the_same_arguments_give_the_same_region(usual: Region):
    again = region()
    for name in ("counts", "truth", "faults"):
        assert_frame_equal(getattr(usual, name), getattr(again, name))


def test_another_seed_gives_another_region(usual: Region):
    other = region(seed=1)
    assert (other.counts["neonatal_deaths"] != usual.counts["neonatal_deaths"]).mean() > 0.5


def test_truth_stands_in_the_order_of_counts():
    made = region(districts=101, years=(2023, 2024))  # "S101" sorts before "S11"
    one = made.truth[made.truth["indicator"] == "infant_mortality_rate"]
    assert one[["district", "year"]].values.tolist() == made.counts[["district", "year"]].values.tolist()


def test_more_districts_leave_the_others_alone(usual: Region):
    few, many = region(districts=5), region(districts=30)
    assert_frame_equal(few.counts, rows(usual.counts, district=few.counts["district"].unique().tolist()))
    assert_frame_equal(rows(many.counts, district=usual.counts["district"].unique().tolist()), usual.counts)
    assert_frame_equal(few.truth, rows(usual.truth, district=few.counts["district"].unique().tolist()))


def test_other_years_leave_the_others_alone(usual: Region):
    late = region(years=(2020, 2026))
    assert_frame_equal(rows(late.counts, year=range(2020, 2025)), rows(usual.counts, year=range(2020, 2025)))
    early = region(years=(2008, 2016))
    assert_frame_equal(rows(early.counts, year=range(2015, 2017)), rows(usual.counts, year=range(2015, 2017)))


def test_what_is_planted_leaves_other_counts_alone(usual: Region, null: Region):
    # all but the banners with something planted agree cell by cell
    quiet = sorted(set(usual.counts["district"]) - set(usual.faults["district"]))
    assert len(quiet) == 10
    assert_frame_equal(rows(usual.counts, district=quiet), rows(null.counts, district=quiet))
    # and where an analyzer was changed, so do deaths and screening
    changed = {column for column in usual.counts if "anemi" in column and "children" in column}
    same = [column for column in usual.counts if column not in changed]
    assert_frame_equal(rows(usual.counts, district="S05")[same], rows(null.counts, district="S05")[same])
    more = rows(usual.counts, district="S05", year=2022)["children_anemic"]
    assert (more > rows(null.counts, district="S05", year=2022)["children_anemic"]).all()


def test_streams_do_not_depend_on_what_else_is_asked():
    draws = Draws(7, 3, 2015, 2024)
    alone = draws.uniform("neonatal_deaths")
    draws.uniform("anything else")
    np.testing.assert_array_equal(Draws(7, 3, 2015, 2024).uniform("neonatal_deaths"), alone)
    np.testing.assert_array_equal(Draws(7, 2, 2015, 2024).uniform("neonatal_deaths"), alone[:2])
    np.testing.assert_array_equal(Draws(7, 3, 2018, 2020).uniform("neonatal_deaths"), alone[:, 3:6])


def test_streams_are_uncorrelated_and_uniform():
    draws = Draws(11, 400, 2001, 2050)
    streams = np.stack([draws.uniform(name).ravel() for name in ("a", "b", "live_births", "neonatal_deaths")])
    size = streams.shape[1]
    assert np.abs(np.corrcoef(streams)[np.triu_indices(4, 1)]).max() < 4 / np.sqrt(size)
    assert np.abs(streams.mean(axis=1) - 0.5).max() < 4 * np.sqrt(1 / 12 / size)
    across = draws.uniform("a")
    assert abs(np.corrcoef(across[:-1].ravel(), across[1:].ravel())[0, 1]) < 4 / np.sqrt(size)


def test_no_two_columns_share_a_stream(usual: Region):
    keys = [zlib.crc32(column.encode()) for column in usual.counts.columns]
    assert len(set(keys)) == len(keys)


def test_no_spread_makes_all_alike():
    truth = region(districts=30, spread=0, changes=False, reporting_errors=False).truth
    same = truth[truth["indicator"].isin(["neonatal_mortality_rate", "anemia_prevalence_pregnant"])]
    assert same.groupby(["indicator", "year"])["true_value"].agg(np.ptp).max() < 1e-9


PARTS = [
    ("early_neonatal_deaths", "neonatal_deaths"),
    ("neonatal_deaths", "infant_deaths"),
    ("infant_deaths", "under5_deaths"),
    ("birth_defect_infant_deaths", "infant_deaths"),
    ("birth_defect_under5_deaths", "under5_deaths"),
    ("under5_deaths", "live_births"),
    ("stillbirths", "total_births"),
    ("women_delivered", "total_births"),
    ("maternal_deaths", "women_delivered"),
    ("children_anemic_moderate_severe", "children_anemic"),
    ("children_examined_hemoglobin", "children_6_59_months"),
    ("women_anemic_moderate_severe", "women_anemic_pregnant"),
    ("newborns_metabolic_recalled", "newborns_metabolic_screen_positive"),
    ("metabolic_cases_confirmed", "newborns_metabolic_recalled"),
    ("metabolic_cases_treated_2_weeks", "metabolic_cases_treated"),
    ("infants_hearing_diagnosed_3_months", "infants_hearing_diagnosed"),
    ("infants_hearing_loss_confirmed", "infants_hearing_diagnosed"),
    ("emtct_tested_in_pregnancy", "women_tested_hiv"),
    ("congenital_syphilis_cases", "syphilis_exposed_children"),
    ("women_screened_cervical", "women_35_64_screened_cervical"),
    ("women_35_64_screened_two_cancers", "women_35_64_screened_breast"),
    ("cin2plus_cases", "women_colposcopy"),
    ("hpv_vaccinated_girls", "hpv_girls_first_dose"),
    ("premarital_check_couples", "marriage_registration_couples"),
]
SUMS = {
    "infant_deaths": ["neonatal_deaths", "postneonatal_deaths"],
    "under5_deaths": ["infant_deaths", "child_deaths_1_4"],
    "total_births": ["live_births", "stillbirths"],
    "children_anemic": ["children_6_23_months_anemic", "children_24_59_months_anemic"],
    "women_screened_cervical": ["women_screened_cervical_hpv", "women_screened_cervical_tct"],
}
CAUSES = ["birth_defect_under5_deaths", *(c for c in EXTRA_COLUMNS if c.startswith("under5_deaths_"))]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**63),
    districts=st.integers(1, 25),
    first=st.integers(2000, 2050),
    length=st.integers(1, 4),
    spread=st.sampled_from([0.0, 1.0, 3.0]),
    changes=st.booleans(),
)
def test_counts_are_consistent_for_any_seed(seed, districts, first, length, spread, changes):
    years = (first, min(first + length - 1, 2050))
    counts = region(districts=districts, years=years, seed=seed, spread=spread, changes=changes).counts
    fault_free = region(
        districts=districts, years=years, seed=seed, spread=spread, changes=changes, reporting_errors=False
    ).counts
    assert (fault_free.iloc[:, 4:] >= 0).all(axis=None)
    for part, whole in PARTS:
        assert (fault_free[part] <= fault_free[whole]).all(), (part, whole)
    for whole, parts in SUMS.items():
        assert (fault_free[whole] == fault_free[parts].sum(axis=1)).all(), whole
    assert (fault_free["under5_deaths"] == fault_free[CAUSES].sum(axis=1)).all()
    for row in indicators().to_dict("records"):
        above, below = (row[side].split(" + ") for side in ("numerator", "denominator"))
        if row["numerator_in_denominator"] and set(above + below) <= set(counts.columns):
            for table in (counts, fault_free):  # not even a cell typed wrong makes a table unusable
                inside = table[above].sum(axis=1, skipna=False) <= table[below].sum(axis=1, skipna=False)
                assert inside.fillna(True).all(), row["id"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"districts": 0}, r"`districts` must be from 1 to 9999; got 0\."),
        ({"districts": 2.5}, r"`districts` must be a whole number; got 2\.5\."),
        ({"seed": -1}, r"`seed` must be 0 or more; got -1\."),
        ({"seed": "a"}, r"`seed` must be a whole number; got 'a'\."),
        ({"years": (2024, 2015)}, r"`years` must be in order .*; got 2024, 2015\."),
        ({"years": (1990, 2015)}, r"`years` must be .* within 2000 to 2050; got 1990, 2015\."),
        ({"years": 2015}, r"`years` must be a first and a last year; got 2015\."),
        ({"years": (2015,)}, r"`years` must be a first and a last year; got \(2015,\)\."),
        ({"spread": -1}, r"`spread` must be from 0 to 3; got -1\."),
        ({"spread": float("nan")}, r"`spread` must be from 0 to 3; got nan\."),
    ],
)
def test_wrong_arguments_are_answered(wrong: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message):
        region(**wrong)
