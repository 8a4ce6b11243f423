"""Signs of deaths that were not written down."""

from __future__ import annotations

import datetime
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_registers import births_of, deaths_of

from mchepi.outcomes import under_reporting_signs
from mchepi.outcomes._tables import rows_of

SIGNS = [row["sign"] for row in rows_of("under_reporting_signs")]
YEAR = {"years": (2023, 2023)}


def registers(
    live=200, still=7, light=4, early=4, first_day=1, late=2, dead_light=1, elsewhere=0, district="a"
):
    """One year of a district: so many of each."""
    day = datetime.date(2023, 3, 1)
    births = [(district, at, day, "live_birth", 39, 1400 if at < light else 3000) for at in range(live)]
    births += [(district, 10_000 + at, day, "stillbirth", 30, 1200) for at in range(still)]
    ages = [0] * first_day + [3] * (early - first_day) + [10] * late
    heavy = iter(range(light, live))
    numbers = [at if at < dead_light else next(heavy) for at in range(len(ages))]
    numbers = [None if at < elsewhere else number for at, number in enumerate(reversed(numbers))][::-1]
    deaths = [
        (district, number, day, day + datetime.timedelta(age), "child", "")
        for number, age in zip(numbers, ages, strict=True)
    ]
    return births_of(births), deaths_of(deaths)


def signs(*frames, **options):
    return under_reporting_signs(*frames, **{**YEAR, **options}).set_index("sign")


def test_what_is_counted():
    found = signs(*registers(elsewhere=1), certificates=205)
    assert found.index.tolist() == SIGNS
    assert found[["numerator", "denominator"]].to_numpy().tolist() == [
        [7, 4],
        [4, 6],
        [1, 6],
        [4, 200],
        [1, 4],
        [1, 6],
        [200, 205],
    ]
    assert found["value"].tolist() == pytest.approx([7 / 4, 4 / 6, 1 / 6, 0.02, 0.25, 1 / 6, 200 / 205])


# > poisson.test(c(7, 4))$conf.int     0.4448877512825017 8.1521918497795891
# > binom.test(6, 24)$conf.int         0.09773040947453307 0.46711280242266928
def test_limits_agree_with_r():
    found = signs(*registers(early=6, late=18))
    ratio = signs(*registers()).loc["stillbirths_per_early_neonatal_death"]
    assert ratio[["lower", "upper"]].tolist() == pytest.approx(
        [0.4448877512825017, 8.1521918497795891], rel=1e-8
    )
    share = found.loc["early_share_of_neonatal_deaths"]
    assert share[["lower", "upper"]].tolist() == pytest.approx(
        [0.09773040947453307, 0.46711280242266928], rel=1e-8
    )
    assert (found["method"].drop("live_births_per_certificate") == "exact").all()


def test_a_sign_lies_outside_its_range_as_a_whole():
    assert (signs(*registers())["signal"] == "").all()
    few_early = signs(*registers(early=6, late=18))["signal"]
    assert few_early["early_share_of_neonatal_deaths"] == "below"
    no_light = signs(*registers(live=2000, light=0, dead_light=0))
    assert no_light.loc["births_below_1500_g", "signal"] == "below"
    hidden = signs(*registers(live=600, light=60, dead_light=0)).loc["neonatal_deaths_of_births_below_1500_g"]
    assert hidden["signal"] == "below"
    assert hidden["value"] == 0
    still = signs(*registers(still=60, early=2)).loc["stillbirths_per_early_neonatal_death"]
    assert still["signal"] == "above"
    unknown = signs(*registers(live=400, early=20, elsewhere=12)).loc["child_deaths_without_birth_record"]
    assert unknown["signal"] == "above"
    certified = [
        signs(*registers(), certificates=n).loc["live_births_per_certificate", "signal"]
        for n in (190, 200, 207)
    ]
    assert certified == ["above", "", "below"]


def test_what_cannot_be_told_is_said():
    births, deaths = registers()
    apart = signs(births.drop(columns="record_id"), deaths)
    linked = ["neonatal_deaths_of_births_below_1500_g", "child_deaths_without_birth_record"]
    assert apart.loc[linked, "value"].isna().all()
    assert (apart.loc[linked, "note"] == "deaths and births cannot be linked").all()
    other = signs(births, deaths.assign(record_id=deaths["record_id"] + 50_000))
    assert other.loc[linked, "value"].isna().all()
    assert apart.loc["live_births_per_certificate", "note"] == "certificates not stated"
    nothing = signs(births.query("outcome == 'live_birth'"), deaths.iloc[:0])
    assert nothing.loc["early_share_of_neonatal_deaths", "note"] == "nobody below the line"
    assert nothing["signal"].eq("").all()
    assert nothing.loc["neonatal_deaths_of_births_below_1500_g", "numerator"] == 0
    alone = signs(births, None)
    assert alone["value"].dropna().index.tolist() == ["births_below_1500_g"]
    assert (alone.loc[linked, "note"] == "no register of deaths").all()
    assert alone.loc["early_share_of_neonatal_deaths", "note"] == "no register of deaths"
    no_early = signs(births, deaths.iloc[:0]).loc["stillbirths_per_early_neonatal_death"]
    assert np.isinf(no_early["value"])
    assert no_early["lower"] > 0


def test_the_first_day_and_1500_g_at_their_edges():
    births, deaths = registers()
    births.loc[births["birth_weight"] == 1400, "birth_weight"] = [1499, 1499, 1500, 1500]
    deaths.loc[1, "age_days"] = 1
    found = signs(births, deaths)
    assert found.loc["births_below_1500_g", "numerator"] == 2
    assert found.loc["first_day_share_of_neonatal_deaths", "numerator"] == 1


def test_districts_stand_apart():
    pairs = [registers(), registers(live=100, district="b")]
    both = [pd.concat(frames) for frames in zip(*pairs, strict=True)]
    found = under_reporting_signs(*both, certificates={"b": 100}, **YEAR)
    assert found["district"].tolist() == ["a"] * 7 + ["b"] * 7
    columns = ["numerator", "denominator", "value", "lower", "upper"]
    own = under_reporting_signs(*pairs[1], certificates=100, **YEAR)
    pd.testing.assert_frame_equal(found[7:][columns].reset_index(drop=True), own[columns])
    series = under_reporting_signs(*both, certificates=pd.Series({"b": 100}), **YEAR)
    pd.testing.assert_frame_equal(series, found)


def test_only_the_years_asked_for_count():
    births, deaths = registers()
    later = (
        births.assign(year=births["year"] + 1),
        deaths.assign(year=deaths["year"] + 1, birth_year=deaths["birth_year"] + 1),
    )
    both = [pd.concat(frames) for frames in zip((births, deaths), later, strict=True)]
    found = signs(*both)
    assert found.loc["births_below_1500_g", "denominator"] == 200
    assert found.loc["early_share_of_neonatal_deaths", "denominator"] == 6
    assert found.loc["child_deaths_without_birth_record", "denominator"] == 6


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_limits_hold_the_value_and_widen(still, early, late):
    made = registers(still=still, early=early, first_day=min(early, 1), late=late, dead_light=0)
    found, wide = signs(*made), signs(*made, confidence_level=0.99)
    told = found.dropna(subset=["lower", "upper"]).index
    assert (found["lower"][told] <= found["value"][told]).all()
    assert (found["value"][told] <= found["upper"][told]).all()
    assert (wide["lower"][told] <= found["lower"][told]).all()
    assert (wide["upper"][told] >= found["upper"][told]).all()


def test_every_range_has_its_source():
    for row in rows_of("under_reporting_signs"):
        assert float(row["expected_lower"]) < float(row["expected_upper"])
        assert "unverified" in row["verified"]
        assert row["source"].startswith("range: ")


@pytest.mark.parametrize(
    ("certificates", "message"),
    [
        ({"c": 5}, "`certificates` must be of districts in the registers; got 'c'. They hold a"),
        (-5, "`certificates` must be a whole number of certificates"),
    ],
)
def test_what_is_refused(certificates, message):
    with pytest.raises(ValueError, match=message):
        signs(*registers(), certificates=certificates)


def test_one_number_of_certificates_is_of_one_district():
    both = [pd.concat(frames) for frames in zip(registers(), registers(district="b"), strict=True)]
    with pytest.raises(ValueError, match="must be given by district; got one value for 2"):
        signs(*both, certificates=5)


def test_chances_are_as_printed():
    root = Path(__file__).parents[2]
    page = (root / "docs" / "methods" / "mortality.md").read_text("utf-8")
    printed = runpy.run_path(str(root / "benchmarks" / "under_reporting.py"))["rows"]()
    assert len(printed) == 6
    for line in printed:
        assert line in page
