"""Reached, due, verdict, allowance and the size that would tell.

tests/published/targets.csv holds worked judgments. p_value, verdict and size are R's (see also
tests/stats/test_stats_planning.py for poisson_size and binomial_size, which try every size):

> low <- ppois(events, total * t); high <- ppois(events - 1, total * t, lower.tail = FALSE)   # or pbinom
> met <- if (comparator is < or <=) low else high; not <- the other
> verdict <- if (met <= 0.025) "met" else if (not <= 0.025) "not met" else "cannot tell"
> sprintf("%.17g", min(met, not)); poisson_size(events / total, t, 60000)
"""

import csv
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.indicators import compute, indicator, judge, targets
from mchepi.stats import proportion_test, rate_test

PUBLISHED = Path(__file__).parents[1] / "published" / "targets.csv"
EXAMPLES = list(csv.DictReader(PUBLISHED.read_text("utf-8").splitlines()))
NMR = "neonatal_mortality_rate"


def counted(id, events, total, year=2023):
    """What compute gives for so many events of an indicator with one numerator and one denominator."""
    one = indicator(id)
    table = {"district": ["152223"], "year": [year], one.denominator: [total], one.numerator: [events]}
    return compute(pd.DataFrame(table), id)


def target(id, value, comparator, **columns):
    return pd.DataFrame(
        {"target_id": ["X"], "indicator": [id], "value": [value], "comparator": [comparator], **columns}
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e['target_id']}-{e['events']}/{e['total']}")
def test_worked_judgments_agree_with_r(example):
    table = targets().set_index("target_id").loc[example["target_id"]]
    computed = counted(table["indicator"], int(example["events"]), int(example["total"]))
    found = judge(computed, targets=example["target_id"]).loc[0]
    assert found["reached"] == (example["reached"] == "yes")
    assert found["verdict"] == example["verdict"]
    assert found["p_value"] == pytest.approx(float(example["p_value"]), rel=1e-8)
    assert found["size_that_would_tell"] == float(example["size_that_would_tell"])
    assert found["years_at_this_size"] == pytest.approx(found["size_that_would_tell"] / int(example["total"]))
    if example["allowance"]:
        assert found["allowance"] == int(example["allowance"])
        assert found["allowance_left"] == int(example["allowance"]) - int(example["events"])
    else:
        assert found["allowance"] is pd.NA


def test_allowances_of_1430_births():
    counts = pd.DataFrame(
        {"district": ["a"], "year": [2023], "live_births": [1430], "neonatal_deaths": [3],
         "infant_deaths": [4], "under5_deaths": [12]}
    )  # fmt: skip
    computed = compute(counts, [NMR, "infant_mortality_rate", "under5_mortality_rate"])
    ids = ["CN_HCPLAN2025_NMR", "CN_HCPLAN2025_IMR", "CN_HCPLAN2025_U5MR"]
    found = judge(computed, targets=ids)
    assert found["allowance"].tolist() == [4, 7, 9]
    assert found["allowance_left"].tolist() == [1, 3, -3]
    assert found["reached"].tolist() == [True, True, False]
    assert found["due"].tolist() == [False] * 3


def test_a_stated_truth_replaces_the_observed_rate():
    computed = counted(NMR, 3, 1430)
    sizes = [
        judge(computed, targets="CN_HCPLAN2025_NMR", **options).loc[0, "size_that_would_tell"]
        for options in (
            {"assumed_rate": 2.10},
            {"assumed_rate": 2.10, "power": 0.5},
            {"assumed_rate": {NMR: 2.8}},
            {"assumed_rate": {}},
            {"assumed_rate": 3.1},
        )
    ]
    assert sizes == [22364, 12290, 265233, 22364, np.inf]
    both = pd.concat([computed, counted("infant_mortality_rate", 4, 1430)])
    with pytest.raises(ValueError, match="`assumed_rate` must be a mapping"):
        judge(both, targets=targets(), assumed_rate=2.1)


def test_wilson_would_call_one_of_eight_not_below_2_percent():
    computed = counted("hiv_mtct_rate", 1, 8)
    assert computed.loc[0, "lower"] > 2
    found = judge(computed, targets="CN_EMTCT2025_HIV").loc[0]
    assert found["verdict"] == "cannot tell"
    assert found["p_value"] == pytest.approx(0.149, abs=0.001)


def test_enumerations_are_reached_or_not_and_judged_only_if_asked():
    computed = counted("hiv_testing_rate_pregnant", 1400, 1422)
    found = judge(computed, targets="CN_EMTCT2025_TESTHIV").loc[0]
    assert found["reached"]
    assert (found["verdict"], found["allowance"], found["allowance_left"]) == ("", 71, 49)
    assert np.isnan(found[["p_value", "size_that_would_tell"]].astype(float)).all()
    asked = judge(computed, targets="CN_EMTCT2025_TESTHIV", verdicts_for_enumeration=True).loc[0]
    # > pbinom(1399, 1422, .95, lower.tail = FALSE) is below 0.025
    assert asked["verdict"] == "met"


def test_quotas_and_resources_never_get_a_verdict():
    computed = counted("childcare_places_per_1000", 10789, 2219959)
    found = judge(computed, targets="CN_CARE2025", verdicts_for_enumeration=True).loc[0]
    assert found["reached"]
    assert found["verdict"] == ""
    assert found["allowance"] is pd.NA


def test_coverage_above_100_percent_is_reached_and_not_judged():
    computed = counted("antenatal_care_coverage", 1440, 1430)
    found = judge(computed, targets="CN_EMTCT2025_ANC", verdicts_for_enumeration=True).loc[0]
    assert found["reached"]
    assert found["verdict"] == ""
    assert found["allowance"] is pd.NA


def test_a_target_of_no_death_can_be_broken_but_never_shown():
    none, one = (
        judge(counted("maternal_mortality_ratio", events, 1430), targets="NAIMAN2025_MMD").loc[0]
        for events in (0, 1)
    )
    assert none["reached"]
    assert (none["verdict"], none["size_that_would_tell"], none["allowance_left"]) == (
        "cannot tell",
        np.inf,
        0,
    )
    assert not one["reached"]
    assert (one["verdict"], one["p_value"], one["allowance_left"]) == ("not met", 0, -1)


@pytest.mark.parametrize(
    ("comparator", "reached", "allowance"),
    [("<", False, 19), ("<=", True, 20), ("=", True, 20), (">=", True, 980), (">", False, 979)],
)
def test_on_the_target_exactly(comparator, reached, allowance):
    # 20 of 1,000 is 2 %, which no binary fraction is
    found = judge(
        counted("preterm_birth_rate", 20, 1000), targets=target("preterm_birth_rate", 2, comparator)
    ).loc[0]
    assert found["reached"] == reached
    assert found["allowance"] == allowance
    assert found["verdict"] == "cannot tell"


# The binary number next to 3.1 lies above it, that next to 6.6 below.
@pytest.mark.parametrize(
    ("id", "target_id", "events", "total"),
    [
        (NMR, "CN_HCPLAN2025_NMR", 31, 10_000),
        (NMR, "CN_HCPLAN2025_NMR", 217, 70_000),
        ("under5_mortality_rate", "CN_HCPLAN2025_U5MR", 66, 10_000),
        ("under5_mortality_rate", "CN_HCPLAN2025_U5MR", 198, 30_000),
    ],
)
def test_decimals_of_a_target_are_exact(id, target_id, events, total):
    found = judge(counted(id, events, total), targets=target_id).loc[0]
    assert found["reached"]
    assert found["allowance_left"] == 0


def test_due_needs_a_year_on_both_sides():
    computed = pd.concat([counted(NMR, 3, 1430, year) for year in (2024, 2025)])
    assert judge(computed, targets="CN_HCPLAN2025_NMR")["due"].tolist() == [False, True]
    undated = judge(computed, targets=target(NMR, 3.1, "<="))
    assert undated["due"].isna().all()
    assert undated["target_year"].isna().all()
    pooled = judge(computed.drop(columns="year"), targets="CN_HCPLAN2025_NMR")
    assert pooled["due"].isna().all()
    assert pooled["years_at_this_size"].isna().all()


def test_a_row_of_five_years_is_due_at_its_end_and_has_five_years_births():
    counts = pd.DataFrame(
        {
            "district": ["a"],
            "year": [2021],
            "year_end": [2025],
            "live_births": [7150],
            "neonatal_deaths": [15],
        }
    )
    found = judge(compute(counts, NMR, by=("district", "year", "year_end")), targets="CN_HCPLAN2025_NMR").loc[
        0
    ]
    assert found["due"]
    assert found["years_at_this_size"] == pytest.approx(22364 / 1430)


def test_rows_are_those_of_compute_times_the_targets():
    counts = pd.DataFrame(
        {"district": ["a", "b"], "year": [2023, 2023], "live_births": [1430, 0], "neonatal_deaths": [3, 0]}
    )
    computed = compute(counts, [NMR, "stillbirth_rate"])
    found = judge(computed, targets=targets())
    known = targets()[targets()["indicator"] == NMR]["target_id"].tolist()
    assert found["target_id"].tolist() == known * 2  # no target is set for stillbirths
    assert list(found)[: len(list(computed))] == list(computed)
    nobody = found[found["district"] == "b"]
    assert nobody["reached"].isna().all()
    assert (nobody["verdict"] == "").all()
    assert nobody[["p_value", "size_that_would_tell", "years_at_this_size"]].isna().all(axis=None)
    assert judge(computed.iloc[:0], targets=targets()).empty


def test_a_number_that_rests_on_an_unverified_target_says_so():
    computed = counted("stunting_prevalence_u5", 241, 5529)
    found = judge(computed, targets=targets()).set_index("target_id")["target_verified"]
    assert not found["CN_CHILD2030_STUNTING"]
    assert found["CN_NUTR2030_STUNTING"]
    assert not judge(counted(NMR, 3, 1430), targets=target(NMR, 3, "<=")).loc[0, "target_verified"]


@pytest.mark.parametrize(
    ("given_targets", "message"),
    [
        ("CN_HCPLAN2025_NMX", "Did you mean 'CN_HCPLAN2025_NMR'"),
        (target(NMR, 3, "≤"), "`comparator of X` must be one of"),
        (target(NMR, 3, "<=", unit=["percent"]), "`unit` of X must agree"),
        (target("nmr", 3, "<="), "`id` must be an indicator of the catalog"),
        (target(NMR, 3, "<=").drop(columns="value"), "`targets` must name columns of the table; got 'value'"),
    ],
)
def test_a_faulty_target_is_refused(given_targets, message):
    with pytest.raises(ValueError, match=message):
        judge(counted(NMR, 3, 1430), targets=given_targets)


@settings(deadline=None, max_examples=50)
@given(
    st.integers(0, 60),
    st.integers(60, 4000),
    st.sampled_from([NMR, "preterm_birth_rate"]),
    st.floats(0.1, 60).map(lambda value: round(value, 1)),
    st.sampled_from(["<", "<=", ">=", ">"]),
    st.sampled_from([0.9, 0.95, 0.99]),
)
def test_the_verdict_is_that_of_the_exact_tests(events, total, id, value, comparator, confidence_level):
    one = indicator(id)
    counts = {"district": ["a"], "year": [2023], one.denominator: [total], one.numerator: [events]}
    computed = compute(pd.DataFrame(counts), id, confidence_level=confidence_level)
    found = judge(computed, targets=target(id, value, comparator)).loc[0]
    test = proportion_test if one.kind == "proportion" else rate_test
    less, greater = (
        test(events, total, reference=value / one.per, alternative=side).p_value
        for side in ("less", "greater")
    )
    met, not_met = (less, greater) if comparator in ("<", "<=") else (greater, less)
    level = (1 - confidence_level) / 2
    assert found["verdict"] == ("met" if met <= level else "not met" if not_met <= level else "cannot tell")
    assert found["p_value"] == pytest.approx(min(met, not_met), rel=1e-12)
    if found["verdict"] == "met" and confidence_level >= 0.95:
        assert found["reached"]


@settings(deadline=None, max_examples=50)
@given(
    st.integers(0, 300),
    st.integers(300, 5000),
    st.integers(1, 999).map(lambda tenths: tenths / 10),
    st.sampled_from(["<", "<=", ">=", ">"]),
)
def test_the_allowance_is_the_largest_count_that_is_reached(events, total, value, comparator):
    id = "preterm_birth_rate"

    def at(count):
        return judge(counted(id, count, total), targets=target(id, value, comparator)).loc[0]

    found = at(events)
    allowance = int(found["allowance"])
    counts = [allowance, allowance + 1]
    if comparator in (">=", ">"):
        counts = [total - count for count in counts]
    for count, reached in zip(counts, (True, False), strict=True):
        if 0 <= count <= total:
            assert at(count)["reached"] == reached
    assert (found["allowance_left"] >= 0) == found["reached"]


def test_three_thousand_districts_take_seconds():
    rng = np.random.default_rng(0)
    births = rng.integers(200, 5000, 3000)
    counts = pd.DataFrame(
        {"district": [f"S{i}" for i in range(3000)], "year": 2023, "live_births": births,
         "neonatal_deaths": rng.poisson(births * 0.0025)}
    )  # fmt: skip
    computed = compute(counts, NMR)
    start = time.perf_counter()
    judge(computed, targets=targets())
    assert time.perf_counter() - start < 6


def test_beyond_the_target_the_size_that_shows_it_missed_is_given():
    # R 4.2.2: with 7 of 1,125 as the true rate and 3.1 per 1,000 as the target, one-sided 0.025,
    # n <- 3000:6000; m <- n * 0.0031; k <- qpois(0.025, m, lower.tail = FALSE) + 1
    # power <- ppois(k - 1, n * 7 / 1125, lower.tail = FALSE); n[max(which(power < 0.8)) + 1]  # 3975
    counts = pd.DataFrame(
        {"district": ["a", "b"], "year": 2024, "live_births": [1125, 1430], "neonatal_deaths": [7, 3]}
    )
    judged = judge(compute(counts, "neonatal_mortality_rate"), targets="CN_HCPLAN2025_NMR")
    assert judged["size_that_would_miss"].tolist() == [3975, np.inf]
    assert judged["size_that_would_tell"].tolist() == [np.inf, 22364]
    assert judged["years_that_would_miss"].iloc[0] == pytest.approx(3975 / 1125)


@pytest.mark.parametrize("value", [np.nan, "word", -1, None, np.inf])
def test_a_target_needs_a_number(value):
    with pytest.raises(ValueError, match="`value` of X must be a number, 0 or more; got"):
        judge(counted(NMR, 3, 1430), targets=target(NMR, value, "<="))


def test_a_target_above_100_percent_is_refused():
    ids = [id for id in targets()["indicator"].unique() if indicator(id).per == 100]
    id = next(
        id for id in ids if indicator(id).kind == "proportion" and indicator(id).numerator_in_denominator
    )
    with pytest.raises(ValueError, match=r"`value` of X must be a number from 0 to 100; got 101"):
        judge(compute(pd.DataFrame({"district": ["1"], "year": [2023]}), id), targets=target(id, 101, ">="))


def test_what_judge_cannot_use_is_refused():
    computed = counted(NMR, 3, 1430)
    goal = target(NMR, 3.1, "<=")
    with pytest.raises(ValueError, match=r"`targets` must be a table of targets or their ids; got 3.1"):
        judge(computed, targets=3.1)
    with pytest.raises(ValueError, match=r"ids of targets.*and [0-9]+ more") as refused:
        judge(computed, targets="??")
    assert len(str(refused.value)) < 500
    with pytest.raises(ValueError, match=r"`assumed_rate` must name indicators.*Did you mean 'neonatal_mort"):
        judge(computed, targets=goal, assumed_rate={"neonatal_mortality": 2.0})
    with pytest.raises(ValueError, match=r"no columns that `judge` gives; got target_id"):
        judge(judge(computed, targets=goal), targets=goal)
    with pytest.raises(ValueError, match=r"got 'confidence_level'"):
        judge(computed.drop(columns="confidence_level"), targets=goal)
