"""Mortality from registers: against published counts, R, and a loop over dates."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_registers import births_of, deaths_of

from mchepi.indicators import compute, indicators
from mchepi.outcomes import register_counts, register_mortality

YEARS = {"years": (2022, 2024)}
IDS = [
    "early_neonatal_mortality_rate",
    "late_neonatal_mortality_rate",
    "neonatal_mortality_rate",
    "postneonatal_mortality_rate",
    "infant_mortality_rate",
    "under5_mortality_rate",
    "stillbirth_rate",
    "perinatal_mortality_rate",
    "maternal_mortality_ratio",
]


def test_a_published_region():
    # Huai'an 2010: 60,986 live births, 241 stillbirths, 230 early and 269 neonatal deaths; printed: perinatal
    # 7.7, neonatal 4.4 per 1,000. doi:10.3109/14767058.2013.794208
    size = 60_986 + 241
    births = pd.DataFrame(
        {
            "district": "h",
            "year": 2010,
            "month": 1 + np.arange(size) % 12,
            "outcome": np.where(np.arange(size) < 241, "stillbirth", "live_birth"),
        }
    )
    ages = np.where(np.arange(269) < 230, 2, 15)
    deaths = pd.DataFrame(
        {
            "district": "h",
            "year": 2010,
            "birth_year": 2010,
            "kind": "child",
            "age_days": ages,
            "age_months": 0,
        }
    )
    found = register_mortality(births, deaths).set_index("indicator")
    assert found["value"].round(1)[["perinatal_mortality_rate", "neonatal_mortality_rate"]].tolist() == [
        7.7,
        4.4,
    ]
    assert found["numerator"][["perinatal_mortality_rate", "neonatal_mortality_rate"]].tolist() == [471, 269]


def one_of_each():
    """The edges of every age, in one district and one year, and deaths of the year of earlier births."""
    born = datetime.date(2023, 1, 1)
    live = [
        ("a", number, datetime.date(2023, 1 + number % 12, 1), "live_birth", 39, 3000) for number in range(40)
    ]
    births = births_of([*live, ("a", 90, born, "stillbirth", 30, 1400)])
    days = [0, 6, 7, 27, 28, 29, 364]
    children = [
        ("a", 1 + at, born, born + datetime.timedelta(day), "child", "P22.0") for at, day in enumerate(days)
    ]
    older = [
        ("a", None, datetime.date(2022, 5, 1), datetime.date(2023, 4, 30), "child", "Q24.9"),  # 11 months
        ("a", None, datetime.date(2022, 5, 1), datetime.date(2023, 5, 1), "child", "W75"),  # 12 months
        ("a", None, datetime.date(2018, 5, 2), datetime.date(2023, 5, 1), "child", "C91.0"),  # 59 months
        ("a", None, datetime.date(2018, 5, 1), datetime.date(2023, 5, 1), "child", "C91.0"),  # five years old
        ("a", None, datetime.date(1995, 5, 1), datetime.date(2023, 8, 1), "maternal", "O72.1"),
    ]
    return births, deaths_of([*children, *older])


def test_ages_at_their_edges():
    counts = register_counts(*one_of_each(), years=(2023, 2023)).iloc[0]
    assert counts["early_neonatal_deaths"] == 2
    assert counts["late_neonatal_deaths"] == 2
    assert counts["neonatal_deaths"] == 4
    assert counts["postneonatal_deaths"] == 4
    assert counts["infant_deaths"] == 8
    assert counts["child_deaths_1_4"] == 2
    assert counts["under5_deaths"] == 10
    assert counts["birth_defect_infant_deaths"] == counts["birth_defect_under5_deaths"] == 1
    assert counts["maternal_deaths"] == 1
    assert counts["child_deaths_age_unknown"] == 0
    assert counts["live_births"] == 40
    assert counts["total_births"] == 41


def test_counts_are_those_of_the_catalog_and_give_the_same_rates():
    births, deaths = one_of_each()
    counts = register_counts(births, deaths, years=(2023, 2023))
    known = set(indicators()["id"]) & set(IDS)
    assert known == set(IDS) - {"late_neonatal_mortality_rate"}
    ours = register_mortality(births, deaths, years=(2023, 2023)).set_index("indicator")
    theirs = compute(counts, sorted(known)).set_index("indicator")
    assert ours.columns.tolist() == theirs.columns.tolist()
    columns = ["numerator", "denominator", "value", "lower", "upper", "per"]
    pd.testing.assert_frame_equal(
        ours.loc[theirs.index, columns].astype(float), theirs[columns].astype(float), rtol=1e-12
    )
    assert ours.index.tolist() == IDS


# > 0.5 * qchisq(c(.025, .975), c(2 * 3, 2 * 3 + 2))    0.6186721228956014 8.7672730697423233
# > 0.5 * qchisq(.975, 2) / 2000 * 1e5                  184.4439727056968
# > z <- qnorm(.975); m <- (5 + z^2/2) / (632 + z^2); h <- z * sqrt(5 * 627/632 + z^2/4) / (632 + z^2)
# > c(m - h, m + h) * 1000                              3.383871659255627 18.384854850598117
def test_limits_agree_with_r():
    def registers(size, deaths):
        births = pd.DataFrame(
            {"district": "a", "year": 2023, "month": 1 + np.arange(size) % 12, "outcome": "live_birth"}
        )
        return births, pd.DataFrame(
            {
                "district": ["a"] * deaths,
                "year": 2023,
                "birth_year": 2023,
                "kind": "child",
                "age_days": 2,
                "age_months": 0,
            }
        )

    events = register_mortality(*registers(1000, 3)).set_index("indicator")
    assert events.loc["neonatal_mortality_rate", ["lower", "upper"]].tolist() == pytest.approx(
        [0.6186721228956014, 8.7672730697423233], rel=1e-8
    )
    none = register_mortality(*registers(2000, 0)).set_index("indicator")
    assert none.loc["maternal_mortality_ratio", "upper"] == pytest.approx(184.4439727056968, rel=1e-8)
    cohort = register_mortality(*registers(632, 5), definition="cohort").set_index("indicator")
    row = cohort.loc["neonatal_mortality_rate"]
    assert row[["lower", "upper"]].tolist() == pytest.approx(
        [3.383871659255627, 18.384854850598117], rel=1e-8
    )
    assert row["method"] == "wilson"


def test_a_cohort_is_followed_and_the_year_of_events_is_not():
    births = births_of(
        [
            ("a", at, datetime.date(year, 1 + at % 12, 1), "live_birth", 39, 3000)
            for year in (2022, 2023, 2024)
            for at in range(24)
        ]
    )
    deaths = deaths_of(
        [
            ("a", None, datetime.date(2022, 12, 20), datetime.date(2023, 1, 10), "child", ""),
            ("a", None, datetime.date(2022, 6, 1), datetime.date(2023, 5, 1), "child", ""),
            ("a", None, datetime.date(2024, 2, 1), datetime.date(2024, 2, 3), "child", ""),
        ]
    )
    columns = ["year", "numerator"]
    events = register_mortality(births, deaths).query("indicator == 'infant_mortality_rate'")
    assert events[columns].to_numpy().tolist() == [[2022, 0], [2023, 2], [2024, 1]]
    cohort = register_mortality(births, deaths, definition="cohort")
    infant = cohort.query("indicator == 'infant_mortality_rate'")
    assert infant[columns].to_numpy().tolist() == [[2022, 2], [2023, 0], [2024, 1]]
    assert infant["value"].isna().tolist() == [False, False, True]
    assert (
        infant["note"].tolist()[2]
        == "not followed to the end of the age: deaths to the end of 2025 are needed"
    )
    under5 = cohort.query("indicator == 'under5_mortality_rate'")
    assert under5["value"].isna().all()
    neonatal = cohort.query("indicator == 'neonatal_mortality_rate'")
    assert neonatal["numerator"].tolist() == [1, 0, 1]
    assert neonatal["note"].tolist() == [
        "",
        "",
        "the last births of the year may not be followed to the end of the age",
    ]
    assert "maternal_mortality_ratio" not in set(cohort["indicator"])


def test_the_year_of_reports_begins_in_october():
    births = births_of(
        [
            (
                "a",
                None,
                datetime.date(2022 + (month + 8) // 12, (month + 8) % 12 + 1, 5),
                "live_birth",
                39,
                3000,
            )
            for month in range(24)
        ]
    )
    deaths = deaths_of([("a", None, datetime.date(2023, 9, 30), datetime.date(2023, 10, 1), "child", "")])
    found = register_counts(births, deaths, year="mch")
    # September 2022 to August 2024: the births begin before and end within a month of whole years.
    assert found[["year", "live_births", "neonatal_deaths"]].to_numpy().tolist() == [
        [2023, 12, 0],
        [2024, 11, 1],
    ]


def test_only_whole_years_are_counted_unless_years_are_given():
    births = births_of(
        [("a", None, datetime.date(2023, month, 5), "live_birth", 39, 3000) for month in range(1, 13)]
    )
    tail = births_of([("a", None, datetime.date(2024, 1, 5), "live_birth", 39, 3000)])
    deaths = deaths_of([("a", None, datetime.date(2024, 1, 5), datetime.date(2024, 1, 6), "child", "")])
    both = pd.concat([births, tail])
    assert register_counts(both, deaths)["year"].tolist() == [2023]
    found = register_counts(both, deaths, years=(2023, 2025))
    assert found["live_births"].tolist() == [12, 1, 0]
    assert found["neonatal_deaths"].tolist() == [0, 1, 0]
    rates = register_mortality(both, deaths, years=(2023, 2025)).query("indicator == 'infant_mortality_rate'")
    assert rates["note"].tolist() == ["", "", "no births"]
    assert np.isnan(rates["value"].iloc[2])
    assert register_counts(tail, deaths).empty


def test_births_too_early_to_count_take_their_deaths_with_them():
    day = datetime.date(2023, 3, 1)
    births = births_of(
        [
            ("a", 1, day, "live_birth", 26, 900),
            ("a", 2, day, "live_birth", None, 950),
            ("a", 3, day, "live_birth", None, 1000),
            ("a", 4, day, "live_birth", None, None),
            ("a", 5, day, "live_birth", 28, 900),
            ("a", 6, day, "stillbirth", 27, 1100),
            ("a", 7, day, "stillbirth", 21, 400),
            ("b", 1, day, "live_birth", 39, 3000),
        ]
    )
    deaths = deaths_of(
        [
            (place, number, day, day, "child", "")
            for place in ("a", "b")
            for number in (1, 2, 3)
            if place == "a" or number == 1
        ]
        + [("a", 1, day, day, "maternal", "")]  # a mother's number is not a child's
    )
    at_28 = register_counts(births, deaths, years=(2023, 2023)).set_index("district")
    assert at_28.loc["a", ["live_births", "stillbirths", "neonatal_deaths", "maternal_deaths"]].tolist() == [
        3,
        0,
        1,
        1,
    ]
    assert at_28.loc["b", ["live_births", "neonatal_deaths"]].tolist() == [1, 1]
    at_22 = register_counts(births, deaths, years=(2023, 2023), weeks=22).set_index("district")
    assert at_22.loc["a", ["live_births", "stillbirths", "neonatal_deaths"]].tolist() == [5, 1, 3]
    assert at_28.loc["a", ["live_births_weighed", "low_birth_weight_births", "preterm_births"]].tolist() == [
        2,
        2,
        1,
    ]


def test_small_and_early_births_at_their_edges():
    day = datetime.date(2023, 3, 1)
    sizes = [(36, 2499), (37, 2500), (None, 2499), (36, None)]
    births = births_of([("a", at, day, "live_birth", *size) for at, size in enumerate(sizes)])
    counts = register_counts(births, None, years=(2023, 2023)).iloc[0]
    columns = ["live_births", "live_births_weighed", "low_birth_weight_births", "preterm_births"]
    assert counts[columns].tolist() == [4, 3, 2, 2]


def test_what_is_not_known_is_said():
    births, deaths = one_of_each()
    deaths.loc[0, ["age_days", "age_months"]] = np.nan
    counts = register_counts(births, deaths, years=(2023, 2023)).iloc[0]
    assert counts["child_deaths_age_unknown"] == 1
    assert counts["under5_deaths"] == 9
    rates = register_mortality(births, deaths, years=(2023, 2023)).set_index("indicator")["note"]
    assert rates["neonatal_mortality_rate"] == "deaths of unknown age left out: 1"
    assert rates["stillbirth_rate"] == rates["maternal_mortality_ratio"] == ""
    cohort = register_mortality(births, deaths, years=(2023, 2023), definition="cohort").set_index(
        "indicator"
    )
    assert cohort.loc["infant_mortality_rate", "note"].endswith("; deaths of unknown age left out: 1")
    bare = births.drop(columns=["birth_weight", "gestation_weeks"])
    counts = register_counts(bare, deaths.drop(columns="cause"), years=(2023, 2023)).iloc[0]
    missing = [
        "low_birth_weight_births",
        "preterm_births",
        "birth_defect_infant_deaths",
        "birth_defect_under5_deaths",
    ]
    assert counts[missing].isna().all()
    assert counts["live_births_weighed"] == 0


def test_a_month_of_age_is_past_the_neonatal_age_where_days_are_missing():
    births, deaths = one_of_each()
    deaths.loc[deaths["age_months"] >= 1, "age_days"] = np.nan
    whole = register_counts(*one_of_each(), years=(2023, 2023))
    pd.testing.assert_frame_equal(register_counts(births, deaths, years=(2023, 2023)), whole)


days = st.dates(datetime.date(2021, 1, 1), datetime.date(2025, 12, 31))


@st.composite
def registers(draw):
    place = st.sampled_from(["a", "b"])
    births = draw(
        st.lists(
            st.tuples(
                place,
                st.none(),
                days,
                st.sampled_from(["live_birth", "stillbirth"]),
                st.sampled_from([None, 26, 30, 39]),
                st.sampled_from([None, 800.0, 3000.0]),
            ),
            min_size=1,
            max_size=12,
        )
    )
    deaths = [
        (district, None, born, born + datetime.timedelta(age), "child", "")
        for district, born, age in draw(st.lists(st.tuples(place, days, st.integers(0, 2000)), max_size=12))
    ]
    return births, deaths


def loop(births, deaths, kind, definition):
    """Counts by district and year of the dates themselves."""

    def year_of(date):
        return date.year + (kind == "mch" and date.month >= 10)

    found = {}

    def add(district, date, *names):
        for name in names:
            key = (district, year_of(date), name)
            found[key] = found.get(key, 0) + 1

    for district, _, date, outcome, weeks, grams in births:
        if (weeks is None and (grams is None or grams >= 1000)) or (weeks is not None and weeks >= 28):
            add(district, date, "live_births" if outcome == "live_birth" else "stillbirths")
    for district, _, born, died, _, _ in deaths:
        date = born if definition == "cohort" else died
        day = (died - born).days
        years = died.year - born.year - ((died.month, died.day) < (born.month, born.day))
        if day < 28:
            add(district, date, "neonatal_mortality_rate")
        if years < 1:
            add(district, date, "infant_mortality_rate")
        if years < 5:
            add(district, date, "under5_mortality_rate")
    return found


@settings(max_examples=40, deadline=None)
@given(registers(), st.sampled_from(["calendar", "mch"]), st.sampled_from(["events", "cohort"]))
def test_a_loop_over_dates_counts_the_same(made, kind, definition):
    births, deaths = made
    table = register_mortality(
        births_of(births), deaths_of(deaths), year=kind, definition=definition, **YEARS
    )
    expected = loop(births, deaths, kind, definition)
    for row in table.to_dict("records"):
        key = (row["district"], row["year"])
        if row["indicator"] in ("neonatal_mortality_rate", "infant_mortality_rate", "under5_mortality_rate"):
            assert row["numerator"] == expected.get((*key, row["indicator"]), 0)
            assert row["denominator"] == expected.get((*key, "live_births"), 0)
        if row["indicator"] == "stillbirth_rate":
            assert row["numerator"] == expected.get((*key, "stillbirths"), 0)
    told = table.dropna(subset=["value", "lower"])
    assert ((told["lower"] <= told["value"]) & (told["value"] <= told["upper"])).all()


@settings(max_examples=15, deadline=None)
@given(registers(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(made, chance):
    births, deaths = births_of(made[0]), deaths_of(made[1])
    shuffled = [frame.sample(frac=1, random_state=chance.randint(0, 999)) for frame in (births, deaths)]
    pd.testing.assert_frame_equal(
        register_counts(*shuffled, **YEARS), register_counts(births, deaths, **YEARS)
    )


def test_limits_are_wider_at_a_higher_level():
    narrow, wide = (
        register_mortality(*one_of_each(), years=(2023, 2023), confidence_level=level)
        for level in (0.9, 0.99)
    )
    assert (wide["upper"] > narrow["upper"]).all()
    assert (wide["lower"] <= narrow["lower"]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"births": ("outcome", "zhang san")}, "`outcome` must be live_birth or stillbirth"),
        ({"deaths": ("kind", "zhang san")}, "`kind` must be child or maternal"),
        ({"births": ("birth_weight", "zhang san")}, "`birth_weight` must be numbers"),
        ({"deaths": ("year", "zhang san")}, "`year` must be numbers"),
        ({"births": ("month", 13)}, "`month` must be a month from 1 to 12; got 13 at position 0"),
        ({"births": ("birth_weight", -5)}, "`birth_weight` must be 0 or more; got -5 at position 0"),
        ({"deaths": ("age_days", -1)}, "`age_days` must be 0 or more; got -1 at position 0"),
        ({"weeks": 24}, "`weeks` must be 28 or 22; got 24"),
        ({"year": "mhc"}, "Did you mean 'mch'"),
        ({"years": (2024, 2023)}, "`years` must not end before they begin"),
        ({"years": (2024,)}, "`years` must be the first and the last year"),
        ({"drop": "kind"}, "got none called kind"),
        ({"definition": "cohorts"}, "Did you mean 'cohort'"),
        ({"confidence_level": 95}, "Did you mean 0.95"),
    ],
)
def test_what_is_refused(change, message):
    frames = dict(zip(("births", "deaths"), one_of_each(), strict=True))
    options = {"years": (2023, 2023)}
    for name, value in change.items():
        if name in frames:
            frames[name][value[0]] = [value[1], *frames[name][value[0]].astype(object)[1:]]
        elif name == "drop":
            frames["deaths"] = frames["deaths"].drop(columns=value)
        else:
            options[name] = value
    with pytest.raises(ValueError, match=message) as error:
        register_mortality(**frames, **options)
    assert "zhang" not in str(error.value)


@pytest.mark.parametrize(("first", "last", "whole"), [(2, 11, True), (3, 12, False), (1, 10, False)])
def test_a_year_may_lack_births_in_the_months_at_its_ends(first, last, whole):
    months = range(first, last + 1)
    births = births_of(
        [("a", None, datetime.date(2023, month, 5), "live_birth", 39, 3000) for month in months]
    )
    deaths = deaths_of([("a", None, datetime.date(2023, 5, 5), datetime.date(2023, 5, 6), "child", "")])
    assert register_counts(births, deaths)["live_births"].tolist() == ([10] if whole else [])


def test_registers_that_are_not_there_are_missing_and_not_zero():
    births, deaths = one_of_each()
    counts = register_counts(births, None, years=(2023, 2023)).iloc[0]
    assert counts["live_births"] == 40
    assert counts.drop(["district", "year"]).filter(like="deaths").isna().all()
    rates = register_mortality(births, None, years=(2023, 2023)).set_index("indicator")
    assert rates["value"].dropna().index.tolist() == ["stillbirth_rate"]
    assert (rates["note"].drop("stillbirth_rate") == "no register of deaths").all()
    nobody = register_mortality(births, deaths.iloc[:0], years=(2023, 2023)).set_index("indicator")
    assert nobody.loc["maternal_mortality_ratio", ["value", "note"]].tolist() == [0, ""]
    assert nobody.loc["maternal_mortality_ratio", "upper"] > 0
    for function in (register_counts, register_mortality):
        whole = function(births, deaths, years=(2023, 2023))
        for died in (deaths, deaths.iloc[:0], None):
            empty = function(births.iloc[:0], died)
            assert empty.empty
            pd.testing.assert_series_equal(empty.dtypes, whole.dtypes)
