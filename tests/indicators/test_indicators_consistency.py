"""Contradictions between counts, and counts outside their own history."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from mchepi.indicators import column_synonyms, contradictions, indicator, indicators
from mchepi.indicators.consistency import ABOVE_DENOMINATOR, COLUMNS, consistency_rules
from mchepi.indicators.history import OUTSIDE_OWN_HISTORY


def row(**columns):
    return pd.DataFrame(
        {"district": ["152223"], "year": [2023], **{name: [n] for name, n in columns.items()}}
    )


def rules_broken(**columns):
    return contradictions(row(**columns))["rule"].tolist()


def test_rules_are_sound_data():
    known = {column for id in indicators()["id"] for column in indicator(id).columns}
    rules = consistency_rules()
    assert len({rule.rule for rule in rules}) == len(rules)
    for rule in rules:
        assert set(rule.columns) <= known
        assert rule.relation in ("<=", "=", ">=")
        assert rule.severity in ("error", "warning")
        for message in (rule.message_zh, rule.message_en):
            assert message.format(left=1, right=2) != message
        assert rule.message_en.isascii()


@pytest.mark.parametrize("rule", consistency_rules(), ids=lambda rule: rule.rule)
def test_every_rule_finds_its_fault_and_nothing_else(rule):
    def table(left, right):
        counts = dict.fromkeys(rule.columns, 0)
        counts[rule.left.split(" + ")[0]] = left
        counts[rule.right.split(" + ")[0]] = right
        return row(**counts)

    left, right = {"<=": (11, 10), "=": (11, 10), ">=": (10, 100)}[rule.relation]
    found = contradictions(table(left, right))
    found = found[found["rule"] == rule.rule]
    assert found["severity"].tolist() == [rule.severity]
    assert f"（{left}）" in found["message_zh"].iloc[0]
    assert f"({left})" in found["message_en"].iloc[0]
    assert rule.rule not in contradictions(table(100, 100))["rule"].tolist()
    assert rule.rule not in rules_broken(**{rule.columns[0]: 10})


def test_nested_deaths():
    assert rules_broken(neonatal_deaths=3, infant_deaths=4, under5_deaths=5, postneonatal_deaths=1) == []
    found = contradictions(row(neonatal_deaths=5, infant_deaths=4, postneonatal_deaths=1))
    assert found["rule"].tolist() == ["neonatal_and_postneonatal_are_infant", "neonatal_within_infant"]
    assert found["values"].tolist() == ["5;1;4", "5;4"]
    assert found["columns"].tolist()[1] == "neonatal_deaths;infant_deaths"
    assert found["message_zh"].tolist()[1] == "新生儿死亡数（5）多于婴儿死亡数（4）"


def test_errors_alone_are_what_is_found_without_the_questions():
    slipped = pd.DataFrame(
        {
            "district": "S01",
            "year": range(2019, 2025),
            "live_births": [1500, 1490, 1480, 1470, 1460, 14600],
            "neonatal_deaths": [5, 4, 6, 5, 4, 5],
            "infant_deaths": [6, 5, 7, 6, 5, 3],
        }
    )
    every, errors = contradictions(slipped), contradictions(slipped, errors_only=True)
    assert set(every["severity"]) == {"error", "warning"}
    assert_frame_equal(errors, every[every["severity"] == "error"].reset_index(drop=True))


def test_which_denominator_is_meant():
    # Jalaid Banner (扎赉特旗) 2023: 877 women tested, published as 100 %, and 1,422 women delivered
    found = contradictions(row(emtct_tested_in_pregnancy=877, women_delivered=1422, live_births=1430))
    assert found["rule"].tolist() == ["few_tested_three_infections"]
    assert found["severity"].tolist() == ["warning"]
    assert found["message_en"].iloc[0].endswith("which denominator is meant?")
    assert found["message_zh"].iloc[0].endswith("检测率以谁为分母？")


def test_women_delivered_include_those_of_stillbirths():
    assert rules_broken(women_delivered=1422, live_births=1430, stillbirths=7) == []
    assert rules_broken(women_delivered=1422, live_births=1410, stillbirths=7) == ["delivered_within_births"]
    assert rules_broken(women_delivered=1422, live_births=1410) == []  # stillbirths are not stated
    assert rules_broken(women_delivered=1200, live_births=1430) == ["few_delivered_for_births"]


@pytest.mark.parametrize(
    ("numerator", "denominator"),
    [
        ("live_births_in_hospital", "live_births"),
        ("newborns_hearing_screened", "live_births"),
        ("children_anemic", "children_examined_hemoglobin"),
        ("maternal_deaths", "live_births"),
        ("women_tested_hiv", "women_delivered"),
    ],
)
def test_no_more_are_counted_than_there_are(numerator, denominator):
    found = contradictions(row(**{numerator: 11, denominator: 10}))
    assert found["rule"].tolist() == [ABOVE_DENOMINATOR]
    assert found["severity"].tolist() == ["error"]


def test_coverage_of_women_and_quotas_may_exceed_100_percent():
    assert rules_broken(women_antenatal_visits_1plus=1440, live_births=1430) == []
    assert rules_broken(preconception_check_couples=1201, preconception_check_quota=1200) == []


def test_missing_counts_break_no_rule():
    counts = pd.DataFrame(
        {"district": ["a"], "year": [2023], "neonatal_deaths": pd.array([5], dtype="Int64"),
         "infant_deaths": pd.array([None], dtype="Int64")}
    )  # fmt: skip
    assert contradictions(counts).empty
    assert list(contradictions(counts)) == list(COLUMNS)
    assert list(contradictions(counts.iloc[:0])) == list(COLUMNS)


def history(values, **columns):
    return pd.DataFrame(
        {"district": "a", "year": range(2014, 2014 + len(values)), "live_births": values, **columns}
    )


def test_a_lost_digit_is_found():
    found = contradictions(history([1430, 1400, 1380, 1300, 1290, 1210, 1195, 115, 1150, 1100]))
    assert found["rule"].tolist() == [OUTSIDE_OWN_HISTORY]
    assert found["year"].tolist() == [2021]
    assert found["values"].tolist() == ["115"]
    assert found["message_en"].iloc[0] == "115, far from the other years (median 1290, 1100 to 1430)"
    assert found["message_zh"].iloc[0] == "115例，明显低于其他年份（中位数1290例，1100～1430例）"


@pytest.mark.parametrize(
    "values",
    [
        [3, 4, 2, 5, 3, 7, 3, 2, 4, 0],
        [1430, 1290, 1160, 1045, 940, 846, 760, 685, 616, 555],  # births falling by a tenth a year
        [287_000, 285_500, 284_000, 282_000, 280_500, 279_000],
        [287_000, 287_010, 286_990, 287_005, 286_995, 290_000],
        [0, 0, 0, 0, 0, 1],
        [1400, 1400, 1400, 1400, 1400, 1300],
        [10, 1400, 1390, 1410],  # too short a history
    ],
)
def test_what_chance_or_a_trend_explains_is_let_go(values):
    assert contradictions(history(values)).empty


@pytest.mark.parametrize(
    ("values", "year"),
    [
        ([3, 4, 2, 5, 3, 12, 3, 2, 4, 0], 2019),
        ([15, 14, 17, 0, 15, 16], 2017),
        ([0, 0, 0, 0, 0, 9], 2019),
        ([1400, 1400, 1400, 1400, 14000], 2018),
    ],
)
def test_what_neither_explains_is_found(values, year):
    assert contradictions(history(values))["year"].tolist() == [year]


def test_rows_of_several_years_have_a_history_of_their_own():
    years = history([100, 101, 99, 102, 100, 98])
    five = pd.DataFrame({"district": ["a"], "year": [2009], "year_end": [2013], "live_births": [500]})
    table = pd.concat([years.assign(year_end=years["year"]), five], ignore_index=True)
    assert contradictions(table).empty
    assert contradictions(table.drop(columns="year_end"))["year"].tolist() == [2009]


def test_a_steady_fall_is_no_slip_but_a_slip_within_it_is():
    falling = [round(4000 * 0.85**year) for year in range(10)]
    assert contradictions(history(falling)).empty
    slipped = [*falling[:8], falling[8] * 10, falling[9]]
    assert contradictions(history(slipped))["year"].tolist() == [history(slipped)["year"].iloc[8]]


def test_simulated_poisson_counts_are_rarely_called_outside():
    rng = np.random.default_rng(7)
    table = pd.DataFrame(
        {"district": np.repeat([f"S{i}" for i in range(500)], 10), "year": np.tile(range(2014, 2024), 500),
         **{f"mean_{mean}": rng.poisson(mean, 5000) for mean in (1, 3, 10, 100)}}
    )  # fmt: skip
    start = time.perf_counter()
    found = contradictions(table)
    assert time.perf_counter() - start < 3
    assert len(found) < 0.002 * 20_000


def test_words_and_missing_keys_are_refused():
    with pytest.raises(ValueError, match="`neonatal_deaths` must be numbers; got 'three'"):
        contradictions(row(neonatal_deaths="three", infant_deaths=4))
    with pytest.raises(ValueError, match="`counts` must name columns of the table; got 'district'"):
        contradictions(pd.DataFrame({"year": [2023], "live_births": [1]}))


def test_columns_of_no_rule_are_let_be():
    assert rules_broken(name_zh="扎赉特旗", notes="x", whatever=3) == []
    assert set(column_synonyms().values())  # the catalog is readable beside the rules


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(2019, 2023), st.integers(0, 9), st.integers(0, 9)),
        min_size=1,
        max_size=10,
        unique_by=lambda drawn: drawn[:2],
    ),
    st.randoms(),
)
def test_the_order_of_rows_never_matters(drawn, random):
    table = pd.DataFrame(drawn, columns=["district", "year", "neonatal_deaths", "infant_deaths"])
    order = list(range(len(table)))
    random.shuffle(order)
    found = contradictions(table)
    assert_frame_equal(contradictions(table.iloc[order].reset_index(drop=True)), found)
    nested = found[found["rule"] == "neonatal_within_infant"]
    assert len(nested) == (table["neonatal_deaths"] > table["infant_deaths"]).sum()
