"""The course of a series, its pools, the births between deaths, and rules by luck."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mchepi.indicators import between_deaths, change, compute, judge, pools, rules_by_luck
from mchepi.stats import annual_percent_change, g_chart, pool_years, power_two_periods, rate_test

YEARS = list(range(2015, 2025))
NEONATAL = "neonatal_mortality_rate"
MATERNAL = "maternal_mortality_ratio"


def table(**columns: list[object]) -> pd.DataFrame:
    length = len(next(iter(columns.values())))
    return pd.DataFrame({"district": ["S01"] * length, "year": YEARS[:length], **columns})


def only(frame: pd.DataFrame) -> pd.Series:
    assert len(frame) == 1
    return frame.iloc[0]


def test_a_trend_is_quasi_poisson_where_counts_scatter_and_says_so():
    births = [1000] * 10
    scattered = table(live_births=births, neonatal_deaths=[35, 8, 30, 6, 28, 9, 25, 5, 20, 4])
    row = only(change(scattered, NEONATAL))
    expected = annual_percent_change(YEARS, scattered["neonatal_deaths"], births, model="quasi_poisson")
    assert row["trend_model"] == "quasi_poisson"
    assert row["dispersion"] > 2
    assert row["dispersion_p_value"] < 0.05
    assert (row["apc_lower"], row["apc_upper"]) == pytest.approx((expected.lower, expected.upper))


@pytest.mark.parametrize("events", [[20, 19, 18, 18, 17, 16, 16, 15, 14, 14], [9, 1, 8, 0, 7, 0, 6, 0, 5, 0]])
def test_a_trend_is_poisson_where_they_do_not_or_are_too_few_to_tell(events: list[int]):
    row = only(change(table(live_births=[1000] * 10, neonatal_deaths=events), NEONATAL))
    expected = annual_percent_change(YEARS, events, [1000] * 10)
    assert row["trend_model"] == "poisson"
    assert row["apc_upper"] == pytest.approx(expected.upper)


def test_the_new_analyzer_is_a_step_in_its_year():
    anemic = [252, 249, 235, 241, 228, 221, 348, 335, 322, 318]
    counts = table(children_anemic=anemic, children_examined_hemoglobin=[4500] * 10)
    row = only(change(counts, "anemia_prevalence_u5"))
    assert (row["break_kind"], row["break_year"]) == ("step", 2021)
    assert row["break_lower"] < row["break_ratio"] < row["break_upper"]


def test_no_break_is_named_in_coverage_from_a_full_register():
    counts = table(
        live_births_in_hospital=[900, 900, 900, 900, 900, 500, 900, 900, 900, 900], live_births=[1000] * 10
    )
    row = only(change(counts, "hospital_delivery_rate"))
    assert row["break_kind"] == ""
    assert pd.isna(row["break_year"])


def test_pools_are_judged_as_their_sums_and_carry_their_trend():
    counts = table(live_births=[1500] * 10, neonatal_deaths=[9, 8, 8, 7, 6, 6, 5, 4, 2, 1])
    found = pools(counts, NEONATAL)
    assert found[["year", "year_end", "pool_years", "numerator", "denominator"]].values.tolist() == [
        [2022, 2024, 3, 7, 4500],
        [2020, 2024, 5, 18, 7500],
    ]
    inside = pool_years(YEARS, counts["neonatal_deaths"], counts["live_births"]).iloc[4]
    assert found["annual_percent_change"].iloc[1] == pytest.approx(inside["annual_percent_change"])
    judged = judge(found, targets="CN_HCPLAN2025_NMR")
    p_value = rate_test(7, 4500, reference=3.1, per=1000, alternative="less").p_value
    assert judged["p_value"].iloc[0] == pytest.approx(p_value)
    assert judged["years_at_this_size"].iloc[0] == pytest.approx(
        judged["size_that_would_tell"].iloc[0] / 1500
    )


def test_pools_leave_out_what_cannot_be_pooled():
    assert pools(table(live_births=[1430], neonatal_deaths=[3]), NEONATAL).empty
    periods = table(live_births=[4672, 5767], neonatal_deaths=[13, 11]).assign(year_end=[2019, 2024])
    assert pools(periods, NEONATAL).empty
    gap = table(live_births=[1500, 1500, None, 1500], neonatal_deaths=[3, 4, 5, 6])
    assert pools(gap, NEONATAL)["note"].tolist() == [
        "years left out: 2017; too few events: 10",
        "years left out: 2017; too few events: 13",
    ]


@pytest.mark.parametrize(("events", "too_few"), [([7, 6, 6], True), ([7, 6, 7], False)])
def test_a_pool_states_a_trend_on_as_many_events_as_change_does(events: list[int], too_few: bool):
    counts = table(live_births=[1500] * 3, neonatal_deaths=events)
    notes = (only(pools(counts, NEONATAL))["note"], only(change(counts, NEONATAL))["note"])
    assert [note.startswith("too few events") for note in notes] == [too_few] * 2


def test_intervals_between_deaths_hold_every_true_one():
    random = np.random.default_rng(7)
    for _ in range(40):
        births = random.integers(5, 40, 6)
        births_died = random.random(births.sum()) < 0.05
        year_of = np.repeat(np.arange(6), births)
        deaths = np.bincount(year_of[births_died], minlength=6)
        places = np.flatnonzero(births_died)
        counts = table(live_births=births.tolist(), maternal_deaths=deaths.tolist())
        found = between_deaths(counts)
        closed = found[~found["open"].astype(bool)]
        true = np.diff(places)
        assert len(closed) == len(true)
        assert (closed["births_at_least"].to_numpy() <= true).all()
        assert (closed["births_at_most"].to_numpy() >= true).all()
        if len(places):
            since = births.sum() - 1 - places[-1]
            last = found[found["open"].astype(bool)].iloc[0]
            assert last["births_at_least"] <= since <= last["births_at_most"]


def test_the_chart_signals_only_where_both_bounds_do():
    counts = table(live_births=[3000] * 10, maternal_deaths=[0, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    found = between_deaths(counts, reference=150)
    assert found["open"].tolist() == [False, True]
    assert found["signal"].tolist() == ["", "less often"]
    chart = g_chart([1, 5999], births_since_last=21_000, reference=150, per=100_000)
    assert chart["signal"].tolist() == [
        "",
        "less often",
        "less often",
    ]  # only its most signals
    assert found["chance_of_none"].iloc[1] == pytest.approx((1 - 0.0015) ** 21_000)


def test_without_any_death_only_a_least_is_known():
    row = only(between_deaths(table(live_births=[1500] * 4, maternal_deaths=[0] * 4)))
    assert (row["births_at_least"], row["open"]) == (6000, True)
    assert pd.isna(row["births_at_most"])
    assert pd.isna(row["year"])


def test_a_year_without_its_count_breaks_the_chain():
    counts = table(live_births=[1500] * 4, maternal_deaths=pd.array([1, None, 1, 0], dtype="Int64"))
    row = only(between_deaths(counts))
    assert (row["year"], row["births_at_least"], row["births_at_most"]) == (2017, 1500, 2999)


def test_the_small_facts_of_three_four_and_five_deaths():
    counts = table(
        live_births=[1430] * 3,
        neonatal_deaths=[3] * 3,
        infant_deaths=[4] * 3,
        under5_deaths=[5] * 3,
        maternal_deaths=[0] * 3,
    )
    ids = [NEONATAL, "infant_mortality_rate", "under5_mortality_rate", MATERNAL]
    judged = judge(compute(counts, ids), targets=["CN_HCPLAN2025_NMR", "CN_MSPLAN2025_MMR"])
    rules = rules_by_luck(change(counts, ids), judged).set_index("rule")
    assert rules.loc["falls", "by_chance"] == pytest.approx(0.417, abs=5e-4)
    assert rules.loc["all fall", ["by_chance", "found"]].tolist() == pytest.approx([0.303, 0.412], abs=5e-4)
    assert rules.loc["any is blamed", "by_chance"] == pytest.approx(-np.expm1(-1430 * 14.5e-5))
    power = power_two_periods(1430, 3000 / 1430, 0.8**3, alternative="less", years=3, per=1000, method="midp")
    assert rules.loc["two periods", "found"] == pytest.approx(power)


def test_rules_of_a_province_are_answered_too():
    counts = table(
        live_births=[900_000] * 3,
        neonatal_deaths=[2700] * 3,
        infant_deaths=[4500] * 3,
        under5_deaths=[6300] * 3,
    )
    ids = [NEONATAL, "infant_mortality_rate", "under5_mortality_rate"]
    rules = rules_by_luck(change(counts, ids), judge(compute(counts, ids), targets="CN_HCPLAN2025_NMR"))
    assert rules.set_index("rule").loc["two periods", "found"] == pytest.approx(1)
