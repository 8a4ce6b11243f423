"""Registers of screening for a page: cascades, waiting with censoring, tests, look-back, elimination."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mchepi.intake import deadlines, open_dataset
from mchepi.intake.worklist import worklist
from mchepi.outcomes import elimination_of_register, screening_yield, timeliness
from mchepi.outcomes import screening_register as with_deadlines
from mchepi.outcomes.screening_registers import ScreeningRegister

REGISTERS = Path(__file__).parents[2] / "data" / "example_registers"


def screening_register(newborns: pd.DataFrame, women: pd.DataFrame, **named: float) -> ScreeningRegister:
    return with_deadlines(newborns, women, deadlines(), **named)


def newborns(**columns: object) -> pd.DataFrame:
    own = {
        "program": "hearing",
        "result": "negative",
        "rescreen_result": None,
        "diagnosis": None,
        "days_to_screened": 3.0,
        "days_to_rescreened": np.nan,
        "days_to_diagnosed": np.nan,
        "days_to_treated": np.nan,
        "observed_days": 400.0,
        "followed": True,
        "closed_reason": None,
        **columns,
    }
    return pd.DataFrame(own).astype({"diagnosis": "boolean", "result": "str", "rescreen_result": "str"})


@pytest.fixture(scope="module")
def found() -> dict[str, ScreeningRegister]:
    dataset = open_dataset(REGISTERS)
    return {
        one: screening_register(
            dataset.register("newborn_screening", one), dataset.register("cervical_screening", one)
        )
        for one in dataset.districts()
    }


def test_without_registers_every_table_is_empty():
    dataset = open_dataset(REGISTERS)
    empty = [dataset.register(f"{name}_screening", "R01").iloc[:0] for name in ("newborn", "cervical")]
    assert all(table.empty for table in screening_register(*empty))


def test_who_needs_a_diagnosis():
    given = newborns(
        result=["positive", "positive", "positive", "negative", None],
        rescreen_result=["positive", "negative", None, None, None],
    )
    timely = screening_register(given, pd.DataFrame()).timely.set_index("due_step")
    assert timely.loc["diagnosed", ["persons", "overdue"]].tolist() == [2, 2]  # one was cleared
    assert timely.loc["screened", "persons"] == 5
    assert "treated" not in timely.index  # no case, no row


def test_who_moved_away_is_neither_in_time_nor_overdue():
    given = newborns(
        result=["positive"] * 3,
        rescreen_result=["positive"] * 3,
        days_to_diagnosed=[60.0, np.nan, np.nan],
        observed_days=[400.0, 50.0, 400.0],
    )
    row = screening_register(given, pd.DataFrame()).timely.set_index("due_step").loc["diagnosed"]
    assert row[["done", "late", "overdue", "not_yet_due"]].tolist() == [1, 0, 1, 1]
    assert row["value"] == pytest.approx(50)  # of two who were watched on day 60


def test_a_negative_screen_is_no_loss_and_the_heart_has_no_second_screen():
    given = newborns(
        program=["hearing"] * 3 + ["heart"] * 2,
        result=["positive", "negative", "negative", "positive", "negative"],
        rescreen_result=["positive", None, None, None, None],
        days_to_rescreened=[30.0, *[np.nan] * 4],
    )
    cascades = screening_register(given, pd.DataFrame()).cascades.set_index(["program", "step"])
    assert cascades.loc[("hearing", "rescreened"), ["needed", "lost", "finished"]].tolist() == [1, 0, 2]
    assert cascades.loc[("hearing", "diagnosed"), ["needed", "lost"]].tolist() == [1, 1]
    assert cascades.loc[("heart", "diagnosed"), ["needed", "lost", "finished"]].tolist() == [1, 1, 1]
    assert ("heart", "rescreened") not in cascades.index


def test_who_is_not_yet_due_is_not_lost():
    given = newborns(
        result="positive",
        rescreen_result="positive",
        days_to_rescreened=30.0,
        observed_days=[90.0, 91.0, 60.0],
        followed=[True, True, False],
    )
    cascades = screening_register(given, pd.DataFrame()).cascades.set_index("step")
    row = cascades.loc["diagnosed", ["needed", "lost", "not_yet_due", "gone"]]
    assert row.tolist() == [3, 1, 1, 1]  # a register that ends on the day itself has seen the day


def test_death_competes_moving_is_censored_and_refusing_waits():
    given = newborns(
        result=["positive"] * 5,
        rescreen_result=["positive"] * 5,
        days_to_diagnosed=[60.0, *[np.nan] * 4],
        observed_days=[400.0, 50.0, 50.0, 400.0, 400.0],
        followed=[True, False, False, True, True],
        closed_reason=[None, "died", "moved", "refused", "lost"],
    )
    found = screening_register(given, pd.DataFrame())
    row = found.timely.set_index("due_step").loc["diagnosed"]
    states = ["done", "overdue", "not_yet_due", "competing", "to_follow", "refused", "lost_sight"]
    assert row[states].tolist() == [1, 2, 1, 1, 2, 1, 1]
    assert row["value"] == pytest.approx(100 * (4 / 5) / 3)  # one of five died on day 50, one left unseen
    assert found.curves["competing"].sum() == 1


def test_who_was_overdue_and_then_left_is_not_to_be_called():
    given = newborns(
        result="positive", rescreen_result="positive", followed=[True, False], observed_days=[400.0, 200.0]
    )
    row = screening_register(given, pd.DataFrame()).timely.set_index("due_step").loc["diagnosed"]
    assert row[["overdue", "to_follow"]].tolist() == [2, 1]


@pytest.mark.parametrize("district", ["R01", "R02", "R03", "R04"])
def test_the_page_and_the_worklist_count_the_same_persons(district: str, found: dict[str, ScreeningRegister]):
    listed = worklist(REGISTERS, district)
    program = listed["program"].where(listed["program"] != "", "cervical")
    by_step = listed.groupby([program, listed["step"]]).size().to_dict()
    timely = found[district].timely
    timely = timely.assign(program=timely["program"].str.replace(r"_.*", "", regex=True))
    counted = timely.groupby(["program", "due_step"])["to_follow"].sum()
    assert counted[counted > 0].to_dict() == by_step


def test_another_deadline_is_another_page():
    given = newborns(days_to_screened=[3.0, 40.0])
    later = deadlines().assign(due_days=lambda table: table["due_days"] + 30, verified=True)
    usual = with_deadlines(given, pd.DataFrame(), deadlines()).timely.iloc[0]
    moved = with_deadlines(given, pd.DataFrame(), later).timely.iloc[0]
    assert [usual["done"], moved["done"]] == [1, 2]
    assert [usual["limit_verified"], moved["limit_verified"]] == [False, True]


@pytest.mark.parametrize(
    ("district", "program"),
    [(one, program) for one in ("R01", "R02", "R03", "R04") for program in ("metabolic", "hearing", "heart")],
)
def test_the_planted_screens_are_given_back(district: str, program: str, found: dict[str, ScreeningRegister]):
    truth = pd.read_csv(REGISTERS / "truth.csv").query("district == @district").set_index("quantity")
    row = found[district].cascades.set_index(["program", "step"]).loc[(program, "screened")]
    planted = truth.loc[f"{program}_screened", "shown_value"]
    spread = np.sqrt(planted * (100 - planted) / row["needed"])
    assert abs(row["step_value"] - planted) < 3.5 * spread


def test_the_planted_delay_of_hearing_diagnosis_is_given_back():
    """Limits of four banners at once, right for 999 of 1,000 seeds (Bonferroni); R02 is the late one."""
    dataset, banners = open_dataset(REGISTERS), ("R01", "R02", "R03", "R04")
    truth = pd.read_csv(REGISTERS / "truth.csv").query("quantity == 'hearing_diagnosed_in_time'")
    planted = truth.set_index("district")["shown_value"]
    upper = {}
    for one in banners:
        own = dataset.register("newborn_screening", one).query("program == 'hearing'")
        again = own[(own["result"] == "positive") & (own["rescreen_result"] == "positive")]
        days, seen = again["days_to_diagnosed"], again["observed_days"]
        level = 1 - 0.001 / len(banners)
        limits = timeliness(days, observed=seen, by=91, per=100, confidence_level=level).iloc[0]
        assert limits["lower"] < planted[one] < limits["upper"]
        upper[one] = timeliness(days, observed=seen, by=91, per=100)["upper"].iloc[0]
    assert upper["R02"] < planted.drop("R02").min()


def test_the_banner_with_late_diagnosis_has_most_overdue(found: dict[str, ScreeningRegister]):
    overdue = {
        one: register.timely.set_index(["program", "due_step"]).loc[("hearing", "diagnosed"), "overdue"]
        for one, register in found.items()
    }
    assert max(overdue, key=lambda one: overdue[one]) == "R02"


def test_every_person_is_in_one_state(found: dict[str, ScreeningRegister]):
    states = ["done", "late", "overdue", "not_yet_due", "competing"]
    for register in found.values():
        assert (register.timely[states].sum(axis=1) == register.timely["persons"]).all()


def test_timely_is_timeliness_of_those_who_need_it():
    own = open_dataset(REGISTERS).register("newborn_screening", "R02").query("program == 'hearing'")
    wanted = own[(own["result"] == "positive") & (own["rescreen_result"] != "negative")]
    direct = timeliness(
        wanted["days_to_diagnosed"],
        observed=wanted["observed_days"],
        by=91,
        competing=(wanted["closed_reason"] == "died").to_numpy(),
        per=100,
        confidence_level=0.9,
    )
    timely = screening_register(own, pd.DataFrame(), confidence_level=0.9).timely.set_index("due_step")
    for name in ("persons", "done", "value", "lower", "upper"):
        assert timely.loc["diagnosed", name] == direct[name].iloc[0]


def test_tests_are_compared_by_detection_never_by_sensitivity(found: dict[str, ScreeningRegister]):
    own = open_dataset(REGISTERS).register("cervical_screening", "R01")
    tests = found["R01"].tests.set_index(["test", "measure"])
    hpv, cytology = (tests.loc[(one, "detection_rate")] for one in ("hpv", "cytology"))
    ratio = tests.loc[("hpv", "relative_detection"), "value"]
    assert ratio == pytest.approx(hpv["value"] / cytology["value"])
    confirmed = own[(own["test"] == "hpv") & own["histology"].isin(["cin2plus", "cancer"])]
    assert hpv["numerator"] == len(confirmed)
    direct = screening_yield(
        int(hpv["denominator"]),
        int(tests.loc[("hpv", "positive_rate"), "numerator"]),
        int(hpv["numerator"]),
        assessed=int(tests.loc[("hpv", "assessment"), "numerator"]),
    )
    assert (
        tests.loc[("hpv", "positive_predictive_value"), "lower"]
        == direct.loc["positive_predictive_value", "lower"]
    )
    assert not any("sensitivity" in measure for _, measure in tests.index)


def test_a_woman_who_came_twice_is_one_woman():
    women = pd.DataFrame(
        {
            "record_id": pd.array([1, 1, 2, 3], dtype="Int64"),
            "year": [2020, 2024, 2024, 2019],
            "month": [1, 2, 3, 4],
            "test": "hpv",
            "result": "negative",
            "histology": None,
            "days_to_colposcopy": np.nan,
            "days_to_treated": np.nan,
            "observed_days": 400.0,
        }
    )
    register = screening_register(newborns(result=["negative"]).iloc[:0], women)
    row = register.look_back.iloc[0]
    assert row[["year", "year_end", "test_records", "women"]].tolist() == [2020, 2024, 3, 2]


def test_what_the_yearly_counts_do_not_state_is_counted_in_the_register():
    dataset = open_dataset(REGISTERS)
    counts, mothers = dataset.read("R02"), dataset.register("emtct", "R02")
    stated = elimination_of_register(counts, mothers.iloc[:0]).set_index("indicator")
    bare = counts[["district", "year", "live_births"]]
    counted = elimination_of_register(bare, mothers).set_index("indicator")
    for one in ("hiv_mtct_rate", "congenital_syphilis_rate", "hbv_mtct_rate", "hbig_timely_rate"):
        assert counted.loc[one, "numerator"] == stated.loc[one, "numerator"]
        assert counted.loc[one, "denominator"] == stated.loc[one, "denominator"]
    assert elimination_of_register(bare, mothers.iloc[:0]).empty
    assert (counted["year"] == 2024).all()
