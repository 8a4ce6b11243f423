"""Simulated registers: the committed folder, the truth that they give back, and what is planted in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from mchepi.indicators import Declaration, compute
from mchepi.intake import open_dataset
from mchepi.outcomes import growth_z_scores, hemoglobin_unit
from mchepi.simulate import Registers, registers, write_registers
from mchepi.simulate.__main__ import main
from mchepi.simulate.persons import PLANS
from mchepi.stats import proportion, rate

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "data" / "example_registers"
TABLES = ["births", "deaths", "hemoglobin", "growth", "newborn_screening", "cervical_screening", "emtct"]
FILES = [
    "counts.csv",
    "quotas.csv",
    *(f"{name}.csv" for name in TABLES),
    "truth.csv",
    "faults.csv",
    "dataset.yaml",
    "README.md",
]
LARGEST_FILE = 1_000_000


@pytest.fixture(scope="module")
def usual() -> Registers:
    return registers()


@pytest.fixture(scope="module")
def large() -> Registers:
    """Banners six times as large, so that the truth shows."""
    return registers(plans=[replace(plan, births=6 * plan.births) for plan in PLANS], entry_errors=False)


def truth(made: Registers, quantity: str, column: str = "shown_value") -> pd.Series:
    rows = made.truth[made.truth["quantity"] == quantity]
    return rows.set_index(["district", "year"] if rows["year"].notna().any() else "district")[column]


def test_the_committed_folder_is_what_the_command_makes(usual: Registers, tmp_path: Path):
    write_registers(usual, tmp_path / "example_registers")
    assert {path.name for path in COMMITTED.iterdir()} == set(FILES)
    for name in FILES:
        made, committed = (
            (folder / name).read_bytes() for folder in (tmp_path / "example_registers", COMMITTED)
        )
        assert made == committed, (
            f"data/example_registers/{name} is not what mchepi.simulate makes: if the generator was changed "
            "on purpose, run the command in data/example_registers/README.md"
        )
        assert len(made) < LARGEST_FILE


def test_everything_says_that_it_is_simulated():
    first = (COMMITTED / "README.md").read_text("utf-8").splitlines()[0]
    assert "simulated" in first
    assert "模拟" in first
    said = yaml.safe_load((COMMITTED / "dataset.yaml").read_text("utf-8"))
    assert list(said.pop("tables")) == ["counts", "quotas", *TABLES]
    declaration = Declaration(**said)
    assert declaration.simulated
    assert "模拟" in declaration.title_zh
    assert pd.read_csv(COMMITTED / "counts.csv")["name_zh"].str.contains("模拟").all()


def test_readme_names_the_command_that_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page = (COMMITTED / "README.md").read_text("utf-8")
    (command,) = [line for line in page.splitlines() if line.startswith("python -m")]
    monkeypatch.chdir(tmp_path)
    assert main(command.removeprefix("python -m mchepi.simulate ").split()) == 0
    for name in ("births.csv", "truth.csv"):
        assert (tmp_path / "data/example_registers" / name).read_bytes() == (COMMITTED / name).read_bytes()


def test_another_plan_of_one_banner_leaves_the_others_as_they_were(usual: Registers):
    other = registers(plans=[*PLANS[:3], replace(PLANS[3], births=300)])
    for name in TABLES:
        left = [
            made.tables[name].query("district != 'R04'").reset_index(drop=True) for made in (usual, other)
        ]
        pd.testing.assert_frame_equal(*left)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"years": (2024, 2022)}, "`years` must be in order"),
        ({"years": 2024}, "`years` must be a first and a last year"),
        ({"seed": -1}, "`seed` must be 0 or more"),
        ({"plans": []}, "`plans` must be of one banner or more"),
        ({"plans": [PLANS[0], PLANS[0]]}, "each with its own id"),
    ],
)
def test_impossible_requests_are_refused(wrong: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message):
        registers(**wrong)


def test_real_data_are_not_overwritten(usual: Registers, tmp_path: Path):
    (tmp_path / "births.csv").write_text("real", "utf-8")
    with pytest.raises(ValueError, match="real data are never overwritten"):
        write_registers(usual, tmp_path)


def test_counts_are_those_of_the_registers():
    data = open_dataset(COMMITTED)
    counts = data.read().set_index(["district", "year"])
    born, died = data.register("births"), data.register("deaths")
    live = born[born["outcome"] == "live_birth"].groupby(["district", "year"]).size()
    assert counts["live_births"].to_dict() == live.to_dict()
    newborn = died.query("kind == 'child' and age_days < 28").groupby(["district", "year"]).size()
    difference = (counts["neonatal_deaths"] - newborn.reindex(counts.index, fill_value=0)).astype(int)
    assert set(difference) <= {0, 1, -1}  # the death that is dated before the birth
    tested = data.register("newborn_screening").query("program == 'heart'")
    screened = tested.groupby(["district", "year"])["days_to_screened"].count()
    assert counts["newborns_chd_screened"].to_dict() == screened.to_dict()


def test_the_catalog_computes_the_counts():
    data = open_dataset(COMMITTED)
    levels = compute(
        data.read(), ["neonatal_mortality_rate", "anemia_prevalence_u5", "stunting_prevalence_u5"]
    )
    assert levels["value"].notna().all()


@pytest.mark.parametrize(
    ("quantity", "deaths"),
    [
        ("early_neonatal_mortality_rate", "early_neonatal_deaths"),
        ("neonatal_mortality_rate", "neonatal_deaths"),
        ("infant_mortality_rate", "infant_deaths"),
        ("under5_mortality_rate", "under5_deaths"),
        ("stillbirth_rate", "stillbirths"),
        ("maternal_mortality_ratio", "maternal_deaths"),
    ],
)
def test_risks_of_death_are_given_back(large: Registers, quantity: str, deaths: str):
    summed = large.counts.groupby("district")[[deaths, "live_births", "total_births"]].sum()
    births = summed["total_births" if deaths == "stillbirths" else "live_births"]
    per = large.truth.set_index("quantity").loc[quantity, "per"].iloc[0]
    found = rate(summed[deaths], births, per=float(per), confidence_level=0.998)
    # deaths at 1 to 4 years come from births of before, when there were more by 3 % a year
    slack = 0.02 if quantity == "under5_mortality_rate" else 0.01
    expected = truth(large, quantity)
    assert (found.lower <= expected * (1 + slack)).all()
    assert (expected * (1 - slack) <= found.upper).all()


def test_deaths_below_1500_g_are_missing_in_one_banner(large: Registers):
    births = large.tables["births"].set_index("record_id")["birth_weight"].astype(float)
    died = large.tables["deaths"].query("kind == 'child'")
    early = died[(pd.to_datetime(died["death_date"]) - pd.to_datetime(died["birth_date"])).dt.days < 7]
    light = early["record_id"].map(births) < 1500
    by_banner = light.groupby(early["district"]).sum()
    assert by_banner["R03"] == 0
    assert (by_banner.drop("R03") > 0).all()


@pytest.mark.parametrize("group", ["6_23", "24_59"])
def test_anemia_as_written_down_is_what_truth_says(large: Registers, group: str):
    counts = large.counts.query("district != 'R01'")  # whose sample is not even over its strata
    keys = [counts["district"], counts["year"]]
    found = proportion(
        counts[f"children_{group}_months_anemic"].to_numpy(),
        counts[f"children_{group}_months_examined_hemoglobin"].to_numpy(),
        per=100,
        confidence_level=0.999,
    )
    expected = truth(large, f"anemia_{group}_months").loc[pd.MultiIndex.from_arrays(keys)].to_numpy()
    assert ((found.lower <= expected) & (expected <= found.upper)).all()


def test_planted_measurement_shows(usual: Registers):
    tested = usual.tables["hemoglobin"]
    values = pd.to_numeric(tested["hemoglobin"])
    assert hemoglobin_unit(values[tested["district"] == "R03"]) == "g/dL"
    assert tested.query("district == 'R04'")["adjusted"].eq("yes").all()
    ends = (values[(tested["district"] == "R02") & (values < 300)] % 5 == 0).mean()
    assert 0.45 < ends < 0.60
    assert tested.groupby("district")["analyzer"].nunique().to_dict() == {
        "R01": 1,
        "R02": 2,
        "R03": 1,
        "R04": 1,
    }
    assert tested.query("district == 'R04'")["specimen"].nunique() == 2


def test_planted_z_scores_are_given_back(large: Registers):
    measured = large.tables["growth"]
    days = (pd.to_datetime(measured["exam_date"]) - pd.to_datetime(measured["birth_date"])).dt.days
    scores = growth_z_scores(
        days,
        measured["sex"],
        weight=measured["weight_kg"].astype(float),
        length=measured["height_cm"].astype(float),
        lying=measured["lying"] == "yes",
    )
    for plan in PLANS:
        own = scores[measured["district"] == plan.id]
        assert own["haz"].mean() == pytest.approx(plan.haz[0], abs=0.05)
        assert own["haz"].std() == pytest.approx(plan.haz[1], abs=0.05)
        assert own["whz"].mean() == pytest.approx(plan.whz[0], abs=0.05)
    stunted = (scores.loc[measured["district"] == "R03", "haz"] < -2).mean()
    assert 0.0004 < stunted < 0.0022


def test_planted_delays_are_given_back(large: Registers):
    born = large.tables["newborn_screening"]
    hearing = born[(born["program"] == "hearing") & (born["rescreen_result"] == "positive")]
    days = (
        pd.to_datetime(hearing["diagnosed_date"].replace("", None)) - pd.to_datetime(hearing["birth_date"])
    ).dt.days
    early = hearing["birth_date"] < "2024-06-01"  # all of them observed for more than 91 days
    stays = hearing["closed_date"] == ""
    for plan in PLANS:
        own = days[(hearing["district"] == plan.id) & early & stays]
        in_time = proportion(int((own <= 91).sum()), len(own), per=100, confidence_level=0.999)
        expected = truth(large, "hearing_diagnosed_in_time")[plan.id]
        assert in_time.lower <= expected <= in_time.upper


def test_why_records_were_closed_is_planted(usual: Registers):
    born = usual.tables["newborn_screening"]
    closed = born["closed_date"] != ""
    reasons = born["closed_reason"]
    assert set(reasons[closed]) == {"died", "moved", "refused", "lost", ""}
    assert (reasons[~closed] == "").all()
    silent = (closed & (reasons == "")).sum() / closed.sum()
    assert 0.05 < silent < 0.15
    given_up = born[reasons.isin(["refused", "lost"])]
    assert (given_up["diagnosed_date"] == "").all()
    died = born[reasons == "died"]
    deaths = usual.tables["deaths"].query("kind == 'child'").set_index("record_id")["death_date"]
    known = died[died["record_id"].isin(deaths.index)]
    assert (known["closed_date"] == known["record_id"].map(deaths)).mean() > 0.9  # one has a date typed wrong


def test_a_campaign_goes_on_into_the_year_after_the_last(usual: Registers):
    women = usual.tables["cervical_screening"]
    assert women["exam_date"].max() <= "2025-08-31"
    by_year = women.groupby(["district", women["exam_date"].str[:4]]).size().unstack()
    for plan in PLANS:
        assert by_year.loc[plan.id, ["2022", "2023", "2024"]].tolist() == [plan.women_checked] * 3
    again = women.groupby("record_id")["exam_date"].agg(lambda days: days.str[:4].nunique())
    once_a_year = women.groupby(["record_id", women["exam_date"].str[:4]]).size()
    assert (once_a_year == 1).all()
    assert 0.04 < (again > 1).mean() < 0.12
    assert usual.quotas["deadline"].eq("2025-10-31").all()


def test_nobody_is_diagnosed_after_the_end_of_observation(usual: Registers):
    born = usual.tables["newborn_screening"]
    closed = born["closed_date"].replace("", "2024-12-31")
    for step in ("screened_date", "rescreened_date", "diagnosed_date", "treated_date"):
        done = born[step].replace(["", "2099-01-05"], "1970-01-01")
        assert (done <= closed).all(), step
    assert np.isin(
        born["record_id"], usual.tables["births"].query("outcome == 'live_birth'")["record_id"]
    ).all()
