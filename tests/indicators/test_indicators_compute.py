"""Sums, quotients and notes of compute."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from mchepi.indicators import NOTE_CODES, compute, indicators

NMR = "neonatal_mortality_rate"
COLUMNS = [
    *("indicator", "numerator", "denominator", "value", "lower", "upper"),
    *("per", "method", "confidence_level", "note"),
]


def counts(**columns):
    table = pd.DataFrame(columns)
    return table.assign(
        **{name: table[name].astype("Int64") for name in table if name not in ("district", "year", "deduced")}
    )


JALAID = counts(district=["152223"], year=[2023], live_births=[1430], neonatal_deaths=[3])


def test_the_known_example():
    found = compute(JALAID, NMR).loc[0]
    assert [found["value"], found["lower"], found["upper"]] == pytest.approx([2.10, 0.43, 6.13], abs=0.005)
    assert (found["per"], found["method"], found["note"]) == (1000, "exact", "")


# One maternal death in 1,430 births is 69.9 per 100,000, none has the upper limit 258: -log(0.025) / 1430.
# One congenital syphilis case is 70 per 100,000.
def test_small_facts():
    table = counts(district=["a", "b"], year=[2023, 2023], live_births=[1430, 1430], maternal_deaths=[1, 0])
    found = compute(table, "maternal_mortality_ratio")
    assert found["value"].round(1).tolist() == [69.9, 0.0]
    assert found.loc[1, "lower"] == 0
    assert found.loc[1, "upper"] == pytest.approx(-np.log(0.025) / 1430 * 1e5)
    assert round(found.loc[1, "upper"]) == 258
    table = table.assign(congenital_syphilis_cases=[1, 0])
    assert compute(table, "congenital_syphilis_rate").loc[0, "value"] == pytest.approx(70, abs=0.1)


def test_columns_and_order_are_settled():
    table = counts(
        district=["b", "a", "a"], year=[2023, 2023, 2022], live_births=[3, 2, 1], neonatal_deaths=[0, 0, 0],
        infant_deaths=[0, 0, 0],
    )  # fmt: skip
    found = compute(table, ["infant_mortality_rate", NMR])
    assert list(found) == ["district", "year", *COLUMNS]
    assert found["indicator"].tolist() == ["infant_mortality_rate"] * 3 + [NMR] * 3
    assert list(zip(found["district"], found["year"], strict=True))[:3] == [
        ("a", 2022),
        ("a", 2023),
        ("b", 2023),
    ]
    assert list(compute(table, NMR, by="year")) == ["year", *COLUMNS]
    assert list(compute(table, NMR, by=())) == COLUMNS
    assert list(compute(table.iloc[:0], NMR)) == ["district", "year", *COLUMNS]
    assert found["numerator"].dtype == found["denominator"].dtype == "Int64"


def test_every_indicator_can_be_computed_from_an_empty_table():
    found = compute(pd.DataFrame({"district": ["a"], "year": [2023]}), indicators()["id"])
    assert len(found) == 100
    assert found["value"].isna().all()
    assert found["note"].str.startswith("missing: ").all()


def test_missing_is_never_zero():
    table = counts(
        district=["a", "b"], year=[2023, 2023], live_births=[1430, None], neonatal_deaths=[None, 2]
    )
    found = compute(table, [NMR, "maternal_mortality_ratio"])
    assert found["value"].isna().all()
    assert found["lower"].isna().all()
    assert found["note"].tolist() == [
        "missing: neonatal_deaths",
        "missing: live_births",
        "missing: maternal_deaths",
        "missing: maternal_deaths, live_births",
    ]
    assert found.loc[0, "denominator"] == 1430
    assert found.loc[0, "numerator"] is pd.NA


def test_nobody_in_the_denominator():
    found = compute(counts(district=["a"], year=[2023], live_births=[0], neonatal_deaths=[0]), NMR).loc[0]
    assert np.isnan(found["value"])
    assert found["note"] == "denominator zero"


def test_pooling_leaves_out_and_names_what_is_incomplete():
    table = counts(
        district=["a", "a", "a", "b"], year=[2021, 2022, 2023, 2023], live_births=[1500, 1480, 1430, 900],
        neonatal_deaths=[4, None, 3, 1],
    )  # fmt: skip
    by_district = compute(table, NMR, by="district")
    assert by_district["numerator"].tolist() == [7, 1]
    assert by_district["denominator"].tolist() == [2930, 900]
    assert by_district["note"].tolist() == ["years left out: 2022", ""]
    strata = pd.concat([table, table.iloc[[1]]])
    assert compute(strata, NMR).loc[1, "note"] == "missing: neonatal_deaths"
    strata.loc[1, "neonatal_deaths"] = pd.array([2, None], dtype="Int64")
    assert compute(strata, NMR).loc[1, "note"] == "rows left out: 1"
    by_year = compute(table.assign(year=2023), NMR, by="year")
    assert by_year["note"].tolist() == ["districts left out: a"]
    assert compute(table, NMR, by=()).loc[0, "note"] == "rows left out: a 2022"
    assert compute(table, NMR, by=()).loc[0, "numerator"] == 8


def test_deduced_counts_are_called_deduced():
    table = counts(
        district=["a", "a", "b"], year=[2022, 2023, 2023], live_births=[1500, 1430, 900],
        neonatal_deaths=[2, 3, 1], infant_deaths=[3, 4, 1],
        deduced=["", "neonatal_deaths;infant_deaths", "infant_deaths"],
    )  # fmt: skip
    assert compute(table, NMR)["note"].tolist() == ["", "deduced: neonatal_deaths", ""]
    assert compute(table, NMR, by="district")["note"].tolist() == ["deduced: neonatal_deaths", ""]
    assert compute(table, "infant_mortality_rate")["note"].tolist() == [
        "", "deduced: infant_deaths", "deduced: infant_deaths",
    ]  # fmt: skip


def test_a_deduced_count_that_is_left_out_is_not_named():
    table = counts(
        district=["a", "a"], year=[2022, 2023], live_births=[1500, 1430], neonatal_deaths=[None, 3],
        deduced=["live_births", ""],
    )  # fmt: skip
    assert compute(table, NMR, by="district").loc[0, "note"] == "years left out: 2022"


def test_coverage_of_women_over_births_may_exceed_100_percent():
    table = counts(
        district=["a", "b"], year=[2023, 2023], live_births=[1430, 1430], women_delivered=[1422, None],
        women_antenatal_visits_1plus=[1440, 1400],
    )  # fmt: skip
    found = compute(table, "antenatal_care_coverage", limits=True)
    assert found["value"].tolist() == pytest.approx([100.6993, 97.9021], abs=1e-4)
    assert np.isnan(found.loc[0, "upper"])
    assert found.loc[1, "upper"] < 100
    assert found["note"].tolist() == ["above 100 %; ceiling: 1422/1430", ""]


def test_quotas_may_be_exceeded_and_have_no_limits():
    table = counts(
        district=["152223"], year=[2023], preconception_check_couples=[1201], preconception_check_quota=[1200]
    )
    found = compute(table, "preconception_check_task_completion", limits=True).loc[0]
    assert found["value"] == pytest.approx(100.0833, abs=1e-4)
    assert np.isnan(found["lower"])
    assert (found["method"], found["note"]) == ("none", "above 100 %")


@pytest.mark.parametrize(
    ("columns", "id", "message"),
    [
        (
            {"neonatal_deaths": [3]},
            NMR,
            "`neonatal_deaths` must be at most `live_births`; got 3 of 2 at district a year 2023",
        ),
        ({"under5_deaths": [3]}, "under5_mortality_rate", "`under5_deaths` must be at most `live_births`"),
        ({"maternal_deaths": [3]}, "maternal_mortality_ratio", "`maternal_deaths` must be at most"),
        (
            {"newborns_hearing_screened": [3]},
            "newborn_hearing_screening_rate",
            "`newborns_hearing_screened` must be at most",
        ),
        ({"neonatal_deaths": [-1]}, NMR, "`neonatal_deaths` must be a whole number .* got -1 at district a"),
    ],
)
def test_impossible_counts_are_refused_by_name(columns, id, message):
    with pytest.raises(ValueError, match=message):
        compute(counts(district=["a"], year=[2023], live_births=[2], **columns), id)


def test_a_word_or_a_fraction_is_refused():
    with pytest.raises(ValueError, match="`neonatal_deaths` must be numbers; got 'three' at district 152223"):
        compute(JALAID.assign(neonatal_deaths=["three"]), NMR)
    with pytest.raises(ValueError, match="`neonatal_deaths` must be a whole number"):
        compute(JALAID.assign(neonatal_deaths=[2.5]), NMR)


def test_person_time_may_be_fractional():
    table = pd.DataFrame(
        {"district": ["a"], "year": [2023], "cervical_cancer_new_cases": [14], "women_years": [92500.5]}
    )
    found = compute(table, "cervical_cancer_incidence").loc[0]
    assert found["denominator"] == 92500.5
    assert found["value"] == pytest.approx(14 / 92500.5 * 1e5)


def test_a_fault_shows_its_nearest_name():
    with pytest.raises(
        ValueError, match=r"`by` must name columns of the table; got 'yaer'. Did you mean 'year'"
    ):
        compute(JALAID, NMR, by=("district", "yaer"))
    with pytest.raises(ValueError, match="Did you mean 'neonatal_mortality_rate'"):
        compute(JALAID, "neonatal_mortality")
    with pytest.raises(ValueError, match=r"Did you mean 0.95"):
        compute(JALAID, NMR, confidence_level=95)
    with pytest.raises(ValueError, match="at least one indicator"):
        compute(JALAID, [])


def test_the_table_is_not_changed():
    before = JALAID.copy()
    compute(JALAID, indicators()["id"])
    assert_frame_equal(JALAID, before)


tables = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from([2021, 2022, 2023]),
        st.integers(0, 2000),
        st.one_of(st.none(), st.integers(0, 100)),
        st.one_of(st.none(), st.integers(100, 200)),
    ),
    min_size=1,
    max_size=12,
).map(
    lambda rows: counts(
        district=[row[0] for row in rows],
        year=[row[1] for row in rows],
        live_births=[None if row[4] is None else row[2] + row[4] for row in rows],
        neonatal_deaths=[row[3] for row in rows],
        stillbirths=[row[3] for row in rows],
        early_neonatal_deaths=[row[3] for row in rows],
    )
)


@settings(deadline=None, max_examples=50)
@given(tables, st.sampled_from([("district", "year"), ("district",), ("year",), ()]))
def test_a_pooled_value_is_that_of_the_sums(table, by):
    found = compute(table, NMR, by=by)
    complete = table.dropna(subset=["neonatal_deaths", "live_births"])
    assert (
        found["numerator"].where(found["value"].notna()).sum()
        == complete["neonatal_deaths"].where(complete["live_births"] > 0).sum()
    )
    for row in found.to_dict("records"):
        if not np.isnan(row["value"]):
            rows = complete
            for key in by:
                rows = rows[rows[key] == row[key]]
            assert row["value"] == pytest.approx(
                1000 * rows["neonatal_deaths"].sum() / rows["live_births"].sum(), rel=1e-12
            )
            assert row["lower"] <= row["value"] <= row["upper"]


@settings(deadline=None, max_examples=50)
@given(tables, st.randoms())
def test_the_order_of_rows_never_matters(table, random):
    order = list(range(len(table)))
    random.shuffle(order)
    ids = [NMR, "perinatal_mortality_rate"]
    expected = compute(table, ids, by=("district", "year"))
    found = compute(table.iloc[order].reset_index(drop=True), ids, by=("district", "year"))
    assert_frame_equal(found, expected)


@settings(deadline=None, max_examples=50)
@given(tables, st.sampled_from([("district", "year"), ("district",), ()]))
def test_notes_keep_to_their_vocabulary(table, by):
    ids = [NMR, "perinatal_mortality_rate", "maternal_mortality_ratio", "preterm_birth_rate"]
    for text in compute(table, ids, by=by)["note"]:
        for phrase in filter(None, text.split("; ")):
            assert phrase.partition(":")[0] in NOTE_CODES


def test_a_row_of_several_years_is_no_row_of_its_first_year():
    counts = pd.DataFrame(
        {
            "district": ["a", "a"],
            "year": [2021, 2021],
            "year_end": [2023, 2021],
            "live_births": [3000, 1000],
            "neonatal_deaths": [9, 3],
        }
    )
    found = compute(counts, "neonatal_mortality_rate")
    assert found[["year", "year_end", "numerator"]].to_numpy().tolist() == [[2021, 2021, 3], [2021, 2023, 9]]


def test_by_must_not_name_what_compute_gives():
    with pytest.raises(ValueError, match="`by` must not name columns that `compute` gives; got value"):
        compute(JALAID.assign(value=1), NMR, by=["district", "value"])


def test_the_note_of_no_rows_is_text():
    assert compute(JALAID.iloc[:0], NMR)["note"].dtype == compute(JALAID, NMR)["note"].dtype
