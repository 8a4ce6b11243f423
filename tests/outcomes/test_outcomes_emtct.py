"""Criteria of the elimination of mother-to-child transmission."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.indicators import indicators, targets
from mchepi.outcomes import emtct_counts, emtct_indicators, emtct_status
from mchepi.outcomes._tables import rows_of
from mchepi.outcomes.emtct import STANDARDS

COLUMNS = [
    *("indicator", "role", "numerator", "denominator", "value", "lower", "upper", "per", "comparator"),
    *("target", "reached", "verdict", "short", "size_if_none", "note", "verified"),
]
NUMBERS = ["value", "lower", "upper"]


def of(counts, indicator, **more):
    return emtct_indicators(counts, **more).set_index("indicator").loc[indicator]


def test_the_criteria_are_those_of_the_catalog():
    catalog = indicators().set_index("id")
    goals = targets().set_index("target_id")
    for row in rows_of("emtct_criteria"):
        own, goal = catalog.loc[row["indicator"]], goals.loc[row["target_id"]]
        assert goal["indicator"] == row["indicator"]
        assert (goal["comparator"], goal["source"]) == (row["comparator"], row["source"])
        assert float(goal["value"]) == float(row["target"])
        assert float(own["per"]) == float(row["per"])
        for name in ("numerator", "denominator", "kind"):
            assert own[name] == row[name], row
        assert bool(own["numerator_in_denominator"]) == (row["numerator_in_denominator"] == "yes")


def test_three_outcomes_and_ten_processes():
    found = emtct_indicators({})
    assert found.columns.tolist() == COLUMNS
    assert found["role"].value_counts().to_dict() == {"process": 10, "outcome": 3}
    assert found["reached"].isna().all()
    assert (found["note"] == "missing: numerator; missing: denominator").all()
    assert found["verdict"].tolist() == ["cannot tell"] * 3 + [""] * 10
    for standard in STANDARDS[1:]:
        assert "recalled, unverified" in emtct_indicators({}, standard=standard).loc[0, "verified"]


def test_what_it_takes_to_show_a_target_met():
    # > c(pbinom(0,183,.02), pbinom(0,182,.02), pbinom(0,368,.01), pbinom(0,367,.01),
    # +   ppois(0,7378*5e-4), ppois(0,7377*5e-4))
    # 0.02479 0.02530 0.02477 0.02502 0.02500 0.02501: below 0.025 from 183, 368 and 7,378 on
    found = emtct_indicators({}).set_index("indicator")["size_if_none"]
    assert found[["hiv_mtct_rate", "hbv_mtct_rate", "congenital_syphilis_rate"]].tolist() == [183, 368, 7378]
    for name, above, below in (
        ("hiv_mtct_rate", "hiv_exposed_children_infected", "hiv_exposed_children_final_status"),
        ("hbv_mtct_rate", "hbv_exposed_children_hbsag_positive", "hbv_exposed_children_tested"),
        ("congenital_syphilis_rate", "congenital_syphilis_cases", "live_births"),
    ):
        enough = of({above: 0, below: int(found[name])}, name)
        assert (enough["verdict"], enough["note"]) == ("met", "")
        too_few = of({above: 0, below: int(found[name]) - 1}, name)
        assert (too_few["verdict"], too_few["reached"]) == ("cannot tell", True)
        assert too_few["note"] == "too few to show it met, even without a case"


def test_one_case_of_congenital_syphilis_is_70_per_100000():
    found = of({"congenital_syphilis_cases": 1, "live_births": 1430}, "congenital_syphilis_rate")
    # > c(1, qchisq(.025, 2) / 2, qchisq(.975, 4) / 2) / 1430 * 1e5
    assert found[NUMBERS].tolist() == pytest.approx(
        [69.93006993006993, 1.770476082817474, 389.625411953769117], rel=1e-8
    )
    assert (found["reached"], found["verdict"]) == (False, "cannot tell")
    many = of({"congenital_syphilis_cases": 5, "live_births": 1430}, "congenital_syphilis_rate")
    assert many["verdict"] == "not met"


def test_limits_among_exposed_children_agree_with_r():
    # > prop.test(2, 41, correct = FALSE)$conf.int * 100
    counts = {"hiv_exposed_children_infected": 2, "hiv_exposed_children_final_status": 41}
    found = of(counts, "hiv_mtct_rate")
    assert found[["lower", "upper"]].tolist() == pytest.approx(
        [1.348094536516904, 16.138978870370845], rel=1e-8
    )


def test_reached_is_arithmetic():
    def testing(done, total):
        found = of({"women_tested_hiv": done, "women_delivered": total}, "hiv_testing_rate_pregnant")
        return found["reached"], found["short"]

    assert testing(1351, 1422) == (True, 0)
    assert testing(1350, 1422) == (False, 1)
    assert testing(19, 20) == (True, 0)
    assert testing(0, 20) == (False, 19)
    # "Below 2 %" is strict, "50 per 100,000 and below" is not.
    strict = {"hiv_exposed_children_infected": 1, "hiv_exposed_children_final_status": 50}
    assert not of(strict, "hiv_mtct_rate")["reached"]
    edge = {"congenital_syphilis_cases": 1, "live_births": 2000}
    assert of(edge, "congenital_syphilis_rate")["reached"]


def test_few_mothers_must_all_be_treated():
    found = of({"women_hiv_on_art": 3, "women_hiv_positive": 4}, "hiv_art_rate_mothers")
    assert (found["reached"], found["short"]) == (False, 1)
    assert found["note"] == "fewer than 20: the target asks for everyone"
    assert np.isnan(found["lower"])
    none = of({"women_hiv_on_art": 0, "women_hiv_positive": 0}, "hiv_art_rate_mothers")
    assert pd.isna(none["reached"])
    assert none["note"] == "denominator zero"


def test_women_with_visits_may_exceed_the_births():
    found = of({"women_antenatal_visits_1plus": 1440, "live_births": 1430}, "antenatal_care_coverage")
    assert found["note"] == "above 100 %: the denominator is not those women"
    assert found["reached"]


def test_who_allows_more_where_children_are_breastfed():
    counts = {"hiv_exposed_children_infected": 3, "hiv_exposed_children_final_status": 100}
    assert of(counts, "hiv_mtct_rate", standard="who_breastfeeding")["reached"]
    assert not of(counts, "hiv_mtct_rate", standard="who_not_breastfeeding")["reached"]


def test_mapping_series_and_frame_agree():
    counts = {"live_births": 1430, "congenital_syphilis_cases": 0}
    alone = emtct_indicators(counts)
    pd.testing.assert_frame_equal(emtct_indicators(pd.Series(counts)), alone)
    years = emtct_indicators(pd.DataFrame([counts, counts], index=[2023, 2024]))
    assert years.columns.tolist() == ["period", *COLUMNS]
    second = years[years["period"] == 2024].drop(columns="period").reset_index(drop=True)
    pd.testing.assert_frame_equal(second, alone)
    assert emtct_indicators(pd.DataFrame(columns=list(counts))).empty


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"live_births": 10, "congenital_syphilis_cases": 11}, "`numerator` must be at most `denominator`"),
        ({"women_tested_hiv": 11, "women_delivered": 10}, "at indicator hiv_testing_rate_pregnant"),
        ({"live_births": -1}, "a whole number of persons, 0 or more; got -1"),
        ({"live_births": "many"}, "must be numbers"),
    ],
)
def test_impossible_counts_are_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        emtct_indicators(counts)
    with pytest.raises(ValueError, match="`standard` must be one of"):
        emtct_indicators({}, standard="who")


def every(value):
    """Counts with which every criterion has this denominator, and no case or everyone reached."""
    counts = {}
    for row in rows_of("emtct_criteria"):
        counts[row["denominator"]] = value
        counts[row["numerator"]] = 0 if row["role"] == "outcome" else value
    return counts


def test_status_asks_for_one_year_of_outcomes_and_two_of_processes():
    good = every(1000)
    bad = good | {"women_tested_hiv": 900, "congenital_syphilis_cases": 3}

    def holds(*years):
        counts = pd.DataFrame(list(years), index=range(2021, 2021 + len(years)))
        return emtct_status(emtct_indicators(counts))["holds"].tolist()

    assert holds(good, good) == [True, True]
    assert holds(bad, good) == [True, False]
    assert holds(bad, good, good) == [True, True]
    assert holds(good, bad) == [False, False]
    assert holds(good) == [True, pd.NA]
    with pytest.raises(ValueError, match="`indicators` must hold a column `period`"):
        emtct_status(emtct_indicators(good))
    with pytest.raises(ValueError, match="`period` must be years in a row; got 2021, 2023"):
        emtct_status(emtct_indicators(pd.DataFrame([good, good], index=[2021, 2023])))


def test_counts_from_a_register():
    register = pd.DataFrame(
        [
            ("hiv", "yes", True, True, False),
            ("hiv", "late", True, False, None),
            ("syphilis", "late", False, True, True),
            ("syphilis", "no", None, True, False),
            ("hepatitis_b", None, True, True, True),
        ],
        columns=["infection", "mother_treated", "infant_prophylaxis", "infant_tested", "infant_infected"],
        index=[7, 9, 11, 13, 15],
    )
    counts = emtct_counts(register["infection"], **{name: register[name] for name in register.columns[1:]})
    assert counts[counts.index.str.contains("hiv")].tolist() == [2, 2, 2, 2, 1, 0]
    assert counts[counts.index.str.contains("syphilis")].tolist() == [2, 1, 0, 2, 0, 1]
    assert counts[counts.index.str.contains("hbv")].tolist() == [1, 1, 1, 1, 1]
    found = of(counts, "hbv_mtct_rate")
    assert (found["numerator"], found["denominator"]) == (1, 1)


def test_a_register_without_a_record_gives_missing_counts():
    names = ("mother_treated", "infant_prophylaxis", "infant_tested", "infant_infected")
    empty = emtct_counts([], **{name: [] for name in names})
    assert empty.isna().all()
    assert (emtct_indicators(empty)["note"] == "missing: numerator; missing: denominator").all()


def test_a_register_shows_no_value_in_its_errors():
    columns = {"mother_treated": ["yes"], "infant_prophylaxis": ["yes"], "infant_tested": ["yes"]}
    with pytest.raises(
        ValueError, match=r"`infection` must be hiv, syphilis or hepatitis_b.*position 0"
    ) as e:
        emtct_counts(["Zhang San"], **columns, infant_infected=["no"])
    assert "Zhang" not in str(e.value)
    with pytest.raises(ValueError, match="`infant_tested` must be yes where a child is infected"):
        emtct_counts(["hiv"], **(columns | {"infant_tested": ["no"]}), infant_infected=["yes"])


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 9000).flatmap(lambda n: st.tuples(st.integers(0, min(n, 30)), st.just(n))))
def test_laws(counts):
    cases, births = counts
    given_counts = {"congenital_syphilis_cases": cases, "live_births": births}
    found = of(given_counts, "congenital_syphilis_rate")
    if births == 0:
        assert found["note"] == "denominator zero"
        return
    assert found["lower"] <= found["value"] <= found["upper"]
    # The verdict and the exact limits are one test.
    assert (found["verdict"] == "met") == (found["upper"] <= 50)
    assert (found["verdict"] == "not met") == (found["lower"] >= 50)
    wider = of(given_counts, "congenital_syphilis_rate", confidence_level=0.99)
    assert wider["lower"] <= found["lower"]
    assert wider["upper"] >= found["upper"]
