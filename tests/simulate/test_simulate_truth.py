"""The generator gives back its own truth, and what is planted is where the list says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mchepi
from mchepi.indicators import indicator
from mchepi.simulate import Region, region

STANDARD_ERRORS = 4


@pytest.fixture(scope="module")
def many() -> Region:
    """4,000 district-years without plants."""
    return region(districts=400, seed=3, changes=False, reporting_errors=False)


@pytest.fixture(scope="module")
def regions() -> list[Region]:
    """The same plants under twenty kinds of luck."""
    return [region(seed=seed) for seed in range(20)]


def residuals(made: Region, name: str, expected: str = "expected_value") -> pd.DataFrame:
    """How far the counts lie from what the truth expects; district-years with a cell typed wrong left out."""
    row = indicator(name)
    columns = list({*row.numerator_columns, *row.denominator_columns})
    counts = made.counts[columns].astype(float)
    found = made.truth[made.truth["indicator"] == name].reset_index(drop=True)
    above = counts[list(row.numerator_columns)].sum(axis=1, skipna=False)
    below = counts[list(row.denominator_columns)].sum(axis=1, skipna=False)
    found["residual"] = above - found[expected] / row.per * below
    entries = made.faults[(made.faults["nature"] == "entry") & made.faults["columns"].isin(columns)]
    for fault in entries.itertuples():
        found = found[(found["district"] != fault.district) | (found["year"] != fault.year_from)]
    return found


def standard_errors(residual: pd.Series) -> float:
    """How many standard errors the sum of independent residuals lies from 0."""
    return float(residual.sum() / np.sqrt((residual**2).sum()))


def test_the_mean_of_every_count_is_its_truth(many: Region):
    names = many.truth["indicator"].unique()
    assert len(names) > 70
    off = {}
    for name in names[names != "live_births"]:
        found = standard_errors(residuals(many, name)["residual"])
        if not abs(found) < STANDARD_ERRORS:
            off[name] = found
    assert off == {}


def test_the_mean_of_births_is_their_truth(many: Region):
    truth = many.truth[many.truth["indicator"] == "live_births"]["true_value"].to_numpy()
    off = many.counts["live_births"].to_numpy(dtype=float) - truth
    assert abs(standard_errors(pd.Series(off))) < STANDARD_ERRORS
    assert (off / truth).std() == pytest.approx(0.05, abs=0.02)  # 4 % a year and Poisson chance


def test_residuals_vary_as_a_binomial_count_does(many: Region):
    """No variation but chance: the squared residuals add up to the binomial variance."""
    found = residuals(many, "neonatal_mortality_rate")["residual"].to_numpy(dtype=float)
    births = many.counts["live_births"].to_numpy(dtype=float)
    truth = many.truth[many.truth["indicator"] == "neonatal_mortality_rate"]["true_value"].to_numpy()
    risk = truth / 1000
    scaled = found**2 / (births * risk * (1 - risk))
    assert scaled.mean() == pytest.approx(1.0, abs=STANDARD_ERRORS * scaled.std() / np.sqrt(scaled.size))


def test_exact_limits_hold_the_planted_neonatal_risk(many: Region):
    truth = many.truth[many.truth["indicator"] == "neonatal_mortality_rate"]["true_value"].to_numpy()
    events, births = (
        many.counts[name].to_numpy(dtype=np.int64) for name in ("neonatal_deaths", "live_births")
    )
    for level in (0.90, 0.95):
        limits = mchepi.rate(events, births, per=1000, confidence_level=level)
        held = (limits.lower <= truth) & (truth <= limits.upper)
        assert held.mean() >= level
        assert held.mean() < 1


def test_wilson_limits_hold_the_planted_prevalence_as_often_as_they_say(many: Region):
    truth = many.truth[many.truth["indicator"] == "anemia_prevalence_pregnant"]["true_value"].to_numpy()
    events, women = (
        many.counts[name].to_numpy(dtype=np.int64) for name in ("women_anemic_pregnant", "women_delivered")
    )
    limits = mchepi.proportion(events, women, per=100)
    held = ((limits.lower <= truth) & (truth <= limits.upper)).mean()
    assert held == pytest.approx(0.95, abs=STANDARD_ERRORS * np.sqrt(0.95 * 0.05 / truth.size))


def test_districts_differ_as_stated(many: Region):
    """On the log scale: level 0.25; trend 0.010 over 9 years."""
    truth = many.truth[many.truth["indicator"] == "neonatal_mortality_rate"]
    logs = np.log(truth.pivot(index="district", columns="year", values="true_value"))
    level_error = 0.25 / np.sqrt(2 * 400)
    assert logs[2015].std() == pytest.approx(0.25, abs=STANDARD_ERRORS * level_error)
    assert (logs[2024] - logs[2015]).std() == pytest.approx(
        0.09, abs=STANDARD_ERRORS * 0.09 / np.sqrt(2 * 400)
    )
    np.testing.assert_allclose(logs.diff(axis=1).iloc[:, 2:], logs.diff(axis=1).iloc[:, 1:-1], atol=1e-12)


def test_with_all_plants_the_expected_value_is_what_counts_show(regions: list[Region]):
    names = {name for made in regions for name in made.truth.loc[made.truth["note"] != "", "indicator"]}
    assert {"neonatal_mortality_rate", "anemia_prevalence_u5", "cervical_screening_coverage_35_64"} <= names
    off = {}
    for name in names - {"live_births"}:
        found = pd.concat([residuals(made, name) for made in regions])
        for kind, rows in found[found["note"] != ""].groupby("note"):
            value = standard_errors(rows["residual"])
            if not abs(value) < STANDARD_ERRORS:
                off[name, kind] = value
    assert off == {}


@pytest.mark.parametrize(
    ("name", "kind", "sign"),
    [
        ("neonatal_mortality_rate", "under_reporting", -1),
        ("under5_mortality_rate", "under_reporting", -1),
        ("anemia_prevalence_u5", "analyzer_change", 1),
    ],
)
def test_the_true_value_is_not_what_counts_show(regions: list[Region], name: str, kind: str, sign: int):
    found = pd.concat([residuals(made, name, "true_value") for made in regions])
    planted = found[found["note"] == kind]
    assert sign * standard_errors(planted["residual"]) > STANDARD_ERRORS
    assert set(planted["year"]) == set(range(2018, 2021) if kind == "under_reporting" else range(2021, 2025))


def test_planted_sizes(regions: list[Region]):
    made, null = regions[5], region(seed=5, changes=False, reporting_errors=False)

    def values(source: Region, district: str, name: str, column: str = "true_value") -> pd.Series:
        chosen = (source.truth["district"] == district) & (source.truth["indicator"] == name)
        return source.truth[chosen].set_index("year")[column]

    def ratio(district: str, name: str) -> list[float]:
        return (values(made, district, name) / values(null, district, name)).round(9).tolist()

    assert ratio("S03", "neonatal_mortality_rate") == [1.0] * 5 + [0.5] * 5
    assert ratio("S07", "early_neonatal_mortality_rate") == [1.0] * 6 + [2.0] * 4
    assert ratio("S03", "postneonatal_mortality_rate") == [1.0] * 10
    assert values(made, "S11", "infant_mortality_rate").pipe(np.ptp) < 1e-9
    assert values(null, "S11", "infant_mortality_rate").pipe(np.ptp) > 1
    rise = values(made, "S23", "live_births").pct_change().dropna()
    assert rise.between(0.0100, 0.0102).all()  # births rise by 1 %, of which ever fewer are stillbirths
    assert values(made, "S14", "live_births")[2015] == pytest.approx(180, rel=0.02)

    for name in (
        "early_neonatal_mortality_rate",
        "neonatal_mortality_rate",
        "postneonatal_mortality_rate",
        "infant_mortality_rate",
        "child_mortality_1_4",
        "under5_mortality_rate",
        "birth_defect_u5_mortality_rate",
    ):
        reported = values(made, "S09", name, "reporting_probability").round(9)
        assert reported.tolist() == [1.0] * 3 + [0.5] * 3 + [1.0] * 4, name
    for name in ("stillbirth_rate", "maternal_mortality_ratio"):
        assert values(made, "S09", name, "reporting_probability").eq(1.0).all(), name
    shown = values(made, "S05", "anemia_prevalence_u5", "expected_value") / values(
        made, "S05", "anemia_prevalence_u5"
    )
    assert shown.round(9).tolist() == [1.0] * 6 + [1.6] * 4
    assert values(made, "S05", "anemia_prevalence_u5", "reporting_probability").eq(1.0).all()


def test_planted_practices_show_in_the_counts(regions: list[Region]):
    counts = pd.concat([made.counts for made in regions]).drop(columns=["name_zh", "name_en"])
    sums = counts.groupby("district").sum()
    recalled = sums["newborns_metabolic_recalled"] / sums["newborns_metabolic_screen_positive"]
    assert recalled["S16"] == pytest.approx(0.6, abs=0.02)
    assert recalled.drop("S16").min() > 0.85
    completion = sums["preconception_check_couples"] / sums["preconception_check_quota"]
    assert completion["S20"] == pytest.approx(1.06, abs=0.005)
    assert completion.drop("S20").max() < 1
    coverage = sums["women_35_64_screened_cervical"] / sums["women_35_64"]
    assert coverage["S19"] < 0.75 * coverage.drop("S19").min()
    yearly = sums["two_cancer_checks_completed"] / sums["two_cancer_checks_quota"]
    assert yearly["S19"] == pytest.approx(yearly.mean(), abs=0.01)


def test_deaths_at_1_to_4_weigh_more_where_births_fall():
    """The same risk a child, 4 % fewer births a year: 1.04 ** 2.5 more deaths per live birth of the year."""
    made = region(spread=0, reporting_errors=False)
    truth = made.truth[(made.truth["indicator"] == "child_mortality_1_4") & (made.truth["year"] == 2024)]
    risk = truth.set_index("district")["true_value"]
    assert risk["S23"] < 0.92 * risk.drop(["S23", "S11"]).min()
    assert risk["S01"] > 2.1 * 0.95**9


def test_faults_name_real_places(regions: list[Region]):
    for made in regions:
        for fault in made.faults.itertuples():
            assert fault.district in set(made.counts["district"])
            assert set(fault.columns.split(";")) <= set(made.counts.columns)
            assert 2015 <= fault.year_from <= fault.year_to <= 2024
        kinds = made.faults["kind"].tolist()
        assert len(set(kinds)) == len(kinds)
        assert set(made.faults["nature"]) == {"truth", "counting", "entry"}


def test_cells_typed_wrong_are_few_and_as_listed():
    made, clean = region(), region(reporting_errors=False)
    entries = made.faults[made.faults["nature"] == "entry"]
    assert entries["kind"].tolist() == ["contradiction", "missing", "missing_code", "ten_times"]
    shown, meant = (source.counts.set_index(["district", "year"]).iloc[:, 2:] for source in (made, clean))
    quiet = [district for district in clean.counts["district"].unique() if district not in {"S05", "S09"}]
    differ = (shown.loc[quiet].fillna(-9) != meant.loc[quiet].fillna(-9)).stack()
    assert set(differ[differ].index) == {
        (row.district, row.year_from, row.columns) for row in entries.itertuples()
    }
    for row in entries.itertuples():
        assert meant.loc[(row.district, row.year_from), row.columns] == row.true_count
    contradiction, ten_times = (
        entries[entries["kind"] == kind].iloc[0] for kind in ("contradiction", "ten_times")
    )
    cell = shown.loc[(contradiction["district"], contradiction["year_from"])]
    assert cell["infant_deaths"] == cell["neonatal_deaths"] - 1 == int(contradiction["written"])
    assert int(ten_times["written"]) == 10 * ten_times["true_count"]


def test_without_reporting_errors_nothing_is_hidden():
    made = region(reporting_errors=False)
    assert set(made.faults["nature"]) == {"truth"}
    assert made.counts.notna().all(axis=None)
    assert made.truth["true_value"].equals(made.truth["expected_value"])
    assert region(changes=False, reporting_errors=False).faults.empty
