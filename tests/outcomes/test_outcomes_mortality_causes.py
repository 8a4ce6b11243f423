"""Causes of death in groups, ages at death, days between deaths."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi import t_chart
from mchepi.outcomes import age_at_death, cause_group, causes_of_death, days_between_deaths
from mchepi.outcomes._tables import rows_of


# Codes and their groups as WHO's Maternal and Child Epidemiology Estimation prints them.
@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("A09", "diarrhea"),
        ("A10", "other_infection"),
        ("J00", "pneumonia"),
        ("J22", "pneumonia"),
        ("P23.9", "pneumonia"),
        ("H65", "pneumonia"),
        ("P01.0", "preterm"),
        ("P01.1", "preterm"),
        ("P07.2", "preterm"),
        ("P22.0", "preterm"),
        ("P28", "preterm"),
        ("P61.2", "preterm"),
        ("P77", "preterm"),
        ("P01.7", "asphyxia"),
        ("P02.1", "asphyxia"),
        ("P21.9", "asphyxia"),
        ("P24", "asphyxia"),
        ("P91", "asphyxia"),
        ("P35", "neonatal_sepsis"),
        ("P39.9", "neonatal_sepsis"),
        ("P01", "other_perinatal"),  # .0 and .7 are of two groups: the three characters do not tell
        ("P02.2", "other_perinatal"),
        ("Q00.0", "neural_tube_defect"),
        ("Q24.9", "congenital_heart_disease"),
        ("Q90", "other_birth_defect"),
        ("C91.0", "neoplasm"),
        ("D48", "neoplasm"),
        ("D50", "other"),
        ("W69", "drowning"),
        ("W75", "suffocation"),
        ("W85", "other_injury"),
        ("V03", "traffic"),
        ("Y89.9", "other_injury"),
        ("R95", "ill_defined"),
        ("U07.1", "other"),
        ("Z00", "unclear"),
        ("p220 新生儿呼吸窘迫综合征", "preterm"),
        (" Q249", "congenital_heart_disease"),
        ("极低出生体重儿", "preterm"),
        ("出生窒息", "asphyxia"),
        ("意外窒息", "suffocation"),
        ("新生儿败血症", "neonatal_sepsis"),
        ("败血症", "other_infection"),
        ("肺炎", "pneumonia"),
        ("先天性心脏病", "congenital_heart_disease"),
        ("溺水", "drowning"),
        ("早产；肺炎", "unclear"),
        ("摔", "unclear"),
        ("  ", "not_stated"),
    ],
)
def test_causes_of_children(code, group):
    assert cause_group(code) == group


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("O00", "abortive"),
        ("O14.1", "hypertension"),
        ("O72.1", "hemorrhage"),
        ("O71.2", "other"),
        ("O85", "infection"),
        ("O88.1", "amniotic_embolism"),
        ("O88.2", "other_embolism"),
        ("O99", "indirect"),
        ("O96", "late"),
        ("O95", "undetermined"),
        ("V03", "coincidental"),
        ("重度子痫前期", "hypertension"),
        ("产后出血", "hemorrhage"),
        ("羊水栓塞", "amniotic_embolism"),
    ],
)
def test_causes_of_mothers(code, group):
    assert cause_group(code, kind="maternal") == group


def test_every_code_has_a_group():
    codes = [
        f"{letter}{number:02}.{fourth}"
        for letter in "ABCDEFGHIJKLMNOPQRSTU"
        for number in range(99)
        for fourth in (0, 9)
    ]
    codes += [f"{letter}{number:02}" for letter in "VWX" for number in range(1, 99)]
    absent = ("D49", "P97", "P98")  # ICD-10 has no such codes
    codes = [code for code in codes if not code.startswith(absent)]
    assert "unclear" not in set(cause_group(codes))
    mothers = [code for code in codes if code[0] not in "ABCDEFGHIJKLMN"]
    assert "unclear" not in set(cause_group(mothers, kind="maternal"))


def test_layouts_are_kept():
    series = pd.Series(["P22.0", None], index=["x", "y"])
    assert cause_group(series).to_dict() == {"x": "preterm", "y": "not_stated"}
    assert cause_group(np.array([["P22.0"], ["W75"]], dtype=object)).tolist() == [
        ["preterm"],
        ["suffocation"],
    ]
    assert cause_group(None) == "not_stated"


def test_the_table_is_whole():
    for row in rows_of("causes_of_death"):
        assert row["name_zh"]
        assert row["name_en"]
        assert row["source"]
        assert row["verified"]
        # A word that stands in two groups of a kind would decide nothing.
        for other in rows_of("causes_of_death"):
            if other["kind"] == row["kind"] and other is not row:
                assert not {*filter(None, row["words_zh"].split(";"))} & {*other["words_zh"].split(";")}


def deaths(causes, district="a", kind="child", **columns):
    return pd.DataFrame({"district": district, "kind": kind, "cause": causes, **columns})


# > z <- qnorm(.975); m <- (5 + z^2/2) / (24 + z^2); h <- z * sqrt(5 * 19/24 + z^2/4) / (24 + z^2)
# > c(m - h, m + h) * 100    9.24482535285186 40.47045325318865
def test_shares_agree_with_r_and_are_not_shown_of_few():
    many = deaths(["W75"] * 5 + ["J18.9"] * 19)
    found = causes_of_death(pd.concat([many, deaths(["W75"] * 19, "b"), deaths(["O72"], "a", "maternal")]))
    assert found[["district", "cause", "deaths", "total"]].to_numpy().tolist() == [
        ["a", "pneumonia", 19, 24],
        ["a", "suffocation", 5, 24],
        ["b", "suffocation", 19, 19],
    ]
    row = found.iloc[1]
    assert row[["share", "lower", "upper"]].tolist() == pytest.approx(
        [500 / 24, 9.24482535285186, 40.47045325318865], rel=1e-8
    )
    assert row["name_zh"] == "意外窒息"
    assert found["share"].isna().tolist() == [False, False, True]
    assert found["note"].iloc[2] == "fewer than 20 deaths: without shares"


def test_no_deaths_are_an_empty_table():
    none = causes_of_death(deaths(["O72"], kind="maternal"))
    assert none.empty
    assert none.columns.tolist() == causes_of_death(deaths(["W75"])).columns.tolist()


def test_ages_at_their_edges():
    days = [0, 1, 6, 7, 27, 28, 31, 182, 183, 365, 366, 730, 1825, 1826, np.nan]
    months = [0, 0, 0, 0, 0, 0, 1, 5, 6, 11, 12, 23, 59, 60, np.nan]
    found = age_at_death(
        pd.DataFrame({"district": "a", "kind": "child", "age_days": days, "age_months": months})
    )
    assert found.set_index("age")["deaths"].to_dict() == {
        "day_0": 1,
        "days_1_6": 2,
        "days_7_27": 2,
        "days_28_to_5_months": 3,
        "months_6_11": 2,
        "months_12_23": 2,
        "months_24_59": 1,
    }
    assert (found["total"] == 13).all()
    assert found["note"].str.endswith("of unknown age: 1").all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 1825)), min_size=1, max_size=40))
def test_every_death_under_five_has_one_age(rows):
    frame = pd.DataFrame(rows, columns=["district", "age_days"]).assign(kind="child")
    frame["age_months"] = np.floor(frame["age_days"] / 30.4375)
    found = age_at_death(frame)
    assert found.groupby("district")["deaths"].sum().to_dict() == frame["district"].value_counts().to_dict()
    shares = found.dropna(subset=["share"])
    assert ((shares["lower"] <= shares["share"]) & (shares["share"] <= shares["upper"])).all()


def maternal(**columns):
    return pd.DataFrame(
        {
            "district": ["a", "b", "a", "a"],
            "kind": "maternal",
            "year": [2023, 2020, 2019, 2021],
            "month": [1, 1, 3, 5],
            "days_since_previous": [610.0, np.nan, np.nan, 800.0],
            **columns,
        }
    )


def test_days_between_deaths_are_those_of_the_chart():
    found = days_between_deaths(maternal(), reference=400, through=2024)
    # 31 January 2023 to 31 December 2024: 700 days; district b has one death and no interval.
    expected = t_chart([800, 610], days_since_last=700, reference=400)
    assert (found.pop("district") == "a").all()
    pd.testing.assert_frame_equal(found, expected, check_index_type=False)
    assert not days_between_deaths(maternal())["open"].any()


def test_the_open_interval_ends_with_the_year_of_reports():
    found = days_between_deaths(maternal(), through=2024, year="mch")
    assert found["between"].tolist() == [800, 610, 608]  # to 30 September 2024
    early = days_between_deaths(maternal(), through=2022)
    assert early["between"].tolist() == [800, 610, 0]


def test_fewer_than_two_deaths_have_no_intervals():
    found = days_between_deaths(maternal().iloc[:0], through=2024)
    assert found.empty
    assert found.columns.tolist() == days_between_deaths(maternal()).columns.tolist()


@pytest.mark.parametrize(
    ("function", "frame", "message"),
    [
        (causes_of_death, deaths(["zhang"], kind="zhang"), "`kind` must be child or maternal"),
        (causes_of_death, deaths(["x"]).drop(columns="cause"), "got none called cause"),
        (age_at_death, deaths(["x"], age_days=-1, age_months=0), "`age_days` must be 0 or more"),
        (age_at_death, deaths(["x"], age_days="zhang", age_months=0), "`age_days` must be numbers"),
        (days_between_deaths, maternal(days_since_previous=-1.0), "`days_since_previous` must be 0 or more"),
    ],
)
def test_what_is_refused(function, frame, message):
    with pytest.raises(ValueError, match=message) as error:
        function(frame)
    assert "zhang" not in str(error.value)


def test_unknown_words_of_arguments_are_refused():
    with pytest.raises(ValueError, match="Did you mean 'maternal'"):
        cause_group("O72", kind="maternity")
    with pytest.raises(ValueError, match="Did you mean 'calendar'"):
        days_between_deaths(maternal(), year="calender")
