"""Groups, classes and records of anemia; the traps seen in public code."""

import csv
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import (
    adjust_hemoglobin,
    anemia_group,
    anemia_records,
    classify_anemia,
    compare_rule_sets,
    public_health_class,
)

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "tests" / "published"
CLASSES = ["none", "mild", "moderate", "severe"]


def table(name):
    with (PUBLISHED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def edges(printed):
    """Lowest and highest whole g/L of a printed range."""
    if printed.startswith(">="):
        return float(printed[2:]), 200.0
    if printed.startswith("<"):
        return 0.0, float(printed[1:]) - 1
    low, high = printed.split("-")
    return float(low), float(high)


@pytest.mark.parametrize(
    "row", table("hemoglobin_cutoffs.csv"), ids=lambda row: f"{row['standard']}-{row['group']}"
)
def test_every_class_of_the_published_tables(row):
    for name in CLASSES:
        low, high = edges(row[name])
        # 0.9 above the last whole number still belongs to the class: nothing is rounded.
        for value in (low, (low + high) / 2, high, high + 0.9):
            if value >= 25:
                found = classify_anemia(value, group=row["group"], standard=row["standard"])
                assert found == name, (value, found)


@pytest.mark.parametrize(
    "band", table("hemoglobin_altitude.csv"), ids=lambda row: f"{row['standard']}-{row['from_m']}"
)
def test_every_group_class_and_altitude_band(band):
    """The value at a cut-off plus the adjustment is in the better class; a tenth less is in the worse."""
    rows = [row for row in table("hemoglobin_cutoffs.csv") if row["standard"] == band["standard"]]
    for row in rows:
        for better, worse in pairwise(CLASSES):
            cut = edges(row[better])[0] + float(band["adjustment_g_per_l"])
            for altitude in (float(band["from_m"]), float(band["to_m"]) + 0.9):
                adjusted = adjust_hemoglobin([cut, cut - 0.1], altitude=altitude, standard=band["standard"])
                found = classify_anemia(adjusted, group=row["group"], standard=band["standard"])
                assert list(found) == [better, worse]


def test_the_same_child_under_all_rule_sets():
    sets = {
        "who_2024": {"standard": "who_2024"},
        "who_2011": {"standard": "who_2011"},
        "norm": {"standard": "cn_child_care_norm", "altitude_standard": "none"},
        "statistics": {"standard": "cn_stat_moderate_severe", "altitude_standard": "none"},
        "screening": {"standard": "wst_441_2013"},
    }
    child = {"sex": "male", "altitude": 0, "already_adjusted": False}

    def classes(value, months):
        return {
            name: anemia_records(value, age_months=months, **child, **rule)["severity"].iloc[0]
            for name, rule in sets.items()
        }

    assert classes(92, 30) == {
        "who_2024": "moderate",
        "who_2011": "moderate",
        "norm": "mild",
        "statistics": "mild",
        "screening": pytest.approx(np.nan, nan_ok=True),
    }
    infant = classes(107, 12)
    assert (infant["who_2024"], infant["who_2011"], infant["norm"]) == ("none", "mild", "mild")


@pytest.mark.parametrize(
    ("months", "of_2024", "of_2011"),
    [
        (5.99, None, None),
        (6, "children_6_23mo", "children_6_59mo"),
        (23.9, "children_6_23mo", "children_6_59mo"),
        (24, "children_24_59mo", "children_6_59mo"),
        (59.9, "children_24_59mo", "children_6_59mo"),
        (60, "children_5_11y", "children_5_11y"),
        (143.9, "children_5_11y", "children_5_11y"),
        (144, "children_12_14y", "children_12_14y"),
        (179.9, "children_12_14y", "children_12_14y"),
        (180, "women_15plus_nonpregnant", "women_15plus_nonpregnant"),
        (1200, "women_15plus_nonpregnant", "women_15plus_nonpregnant"),
    ],
)
def test_months_are_never_rounded(months, of_2024, of_2011):
    """Trap 7."""
    for standard, expected in (("who_2024", of_2024), ("who_2011", of_2011)):
        found = anemia_group(months, sex="female", standard=standard)
        assert found == expected or (expected is None and np.isnan(found))


def test_pregnancy_decides_whatever_the_age():
    """Trap 8."""
    for months in (150, 170, 179, 300, np.nan):
        groups = [anemia_group(months, sex="female", pregnant=True, trimester=t) for t in (1, 2, 3, None)]
        assert groups == ["pregnant_t1", "pregnant_t2", "pregnant_t3", "pregnant_t1"]
        assert anemia_group(months, sex=2, pregnant="是", standard="who_2011") == "pregnant"
    with pytest.raises(
        ValueError, match="`pregnant` must be False for males; got something else at position 1"
    ):
        anemia_group([300, 300], sex=["female", "male"], pregnant=True)


def test_sex_may_be_missing_for_children_alone():
    assert anemia_group(30, sex=None) == "children_24_59mo"
    assert np.isnan(anemia_group(300, sex=None))
    assert anemia_group(300, sex="男") == "men_15plus"
    assert np.isnan(anemia_group(300, sex="f", standard="cn_child_care_norm"))
    with pytest.raises(ValueError, match='`sex` must be "male" or "female"; got something else in 1 of 2'):
        anemia_group([30, 30], sex=["male", "王小明"])


def test_values_are_compared_unrounded_and_without_drift():
    """Traps 3 and 4."""
    assert classify_anemia(104.6, group="children_6_23mo") == "mild"
    assert classify_anemia(104.999, group="children_6_23mo") == "mild"
    assert classify_anemia(10.5 * 10, group="children_6_23mo") == "none"
    assert classify_anemia((11.0 - 0.5) * 10, group="children_6_23mo") == "none"
    assert 128.2 - 8.2 < 120
    assert classify_anemia(128.2 - 8.2, group="children_12_14y") == "none"


def test_a_severe_value_high_up_is_no_unit_error():
    adjusted = adjust_hemoglobin(48.0, altitude=2700)
    assert classify_anemia(adjusted, group="children_24_59mo") == "severe"
    assert list(classify_anemia([-2.0, 110], group="children_24_59mo")) == ["severe", "none"]


def test_layouts_agree():
    groups = ["children_6_23mo", "men_15plus", None]
    array = classify_anemia([104.0, 140, 120], group=groups)
    assert list(array) == ["mild", "none", np.nan]
    assert array.ordered
    assert array.categories.tolist() == CLASSES
    assert array.max() == "mild"
    index = pd.Index(["a", "b", "c"], name="child")
    series = classify_anemia(pd.Series([104.0, 140, 120], index), group=pd.Series(groups, index))
    assert series.index.equals(index)
    assert list(series) == list(array)
    assert classify_anemia(104.0, group=groups[0]) == "mild"
    ages = pd.Series([10, 30, 300], index)
    found = anemia_group(ages, sex=pd.Series(["f", "f", "m"], index))
    assert found.index.equals(index)
    assert found.tolist() == anemia_group([10, 30, 300], sex=["f", "f", "m"]).tolist()
    assert np.isnan(classify_anemia(None, group="men_15plus"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: classify_anemia(100, group="children"),
            "`group` must be groups of who_2024: children_6_23mo",
        ),
        (lambda: classify_anemia(100, group="children_6_59mo"), "`group` must be groups of who_2024"),
        (lambda: classify_anemia(11.2, group="men_15plus"), "must be in g/L; got a median of 11.2"),
        (lambda: classify_anemia(100, group="a", standard="who_2023"), "Did you mean 'who_2024'"),
        (
            lambda: classify_anemia(100, group="children_6_71mo", standard="wst_441_2013"),
            "only parts anemia from none",
        ),
        (lambda: anemia_group(-1, sex="f"), "`age_months` must be 0 to 1440 months; got -1"),
        (lambda: anemia_group(30, sex="f", pregnant=True, trimester=4), "`trimester` must be 1, 2 or 3"),
    ],
)
def test_impossible_records_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


RECORDS = {
    "age_months": [12, 30, 40, 300, 300, 300, 3, 40],
    "sex": ["f", "m", "m", "f", "f", "m", "f", "f"],
    "pregnant": [0, 0, 0, True, True, False, False, False],
    "trimester": [None, None, None, 2, None, None, None, None],
    "altitude": [1300, 1300, 5200, 1300, 1300, 1300, 1300, None],
    "cigarettes": [20, None, None, 0, "unknown", None, None, None],
}


def test_records_say_what_was_out_of_order():
    found = anemia_records([113.0, 35, 120, 113, 121, 150, 110, 110], already_adjusted=False, **RECORDS)
    assert found["adjusted"].tolist()[:2] == [105, 27]
    assert found["severity"].tolist()[:5] == ["none", "severe", np.nan, "none", "none"]
    assert found["implausible"].tolist() == [False, True, *[False] * 6]
    assert found["note"].tolist() == [
        "",
        "implausible",
        "altitude beyond the table",
        "",
        "trimester unknown, as 1st or 3rd",
        "smoking not stated",
        "missing: age, sex or group",
        "missing: altitude",
    ]
    # 121 - 8 - 3 of a smoker of unknown quantity is 110; the infant's 20 cigarettes play no part.
    assert found["adjusted"].iloc[4] == 110
    assert found["anemic"].isna().tolist() == [False, False, True, False, False, False, True, True]
    assert set(found["standard"]) == {"who_2024"}
    assert found["verified"].all()


def test_columns_may_be_of_any_type_and_empty():
    columns = {
        "age_months": pd.Series([20, 300, 40], dtype="Int64"),
        "sex": pd.Series(["男", "女", None], dtype="category"),
        "pregnant": pd.Series([None, True, None], dtype="boolean"),
    }
    for hemoglobin in (
        [112, None, 98],
        [Decimal(112), None, Decimal(98)],
        pd.array([112, pd.NA, 98], dtype="Float64"),
    ):
        found = anemia_records(pd.Series(hemoglobin), altitude=500, already_adjusted=False, **columns)
        assert found["severity"].tolist() == ["none", np.nan, "moderate"]
    nobody = anemia_records([], age_months=[], sex=[], altitude=[], already_adjusted=False)
    assert nobody.columns.tolist() == found.columns.tolist()
    assert nobody.empty
    none = compare_rule_sets([], age_months=[], sex=[], altitude=[], already_adjusted=False)
    assert none["counted"].tolist() == [0, 0, 0]
    assert none["value"].isna().all()


def test_implausible_values_are_flagged_not_dropped():
    found = anemia_records([39.9, 40, 200, 200.1], age_months=30, sex="f", altitude=0, already_adjusted=False)
    assert found["implausible"].tolist() == [True, False, False, True]
    assert found["severity"].notna().all()


def test_whether_values_were_adjusted_is_asked():
    """Trap 5."""
    child = {"age_months": 30, "sex": "f", "altitude": 1300}
    with pytest.raises(ValueError, match="`already_adjusted` must be True or False; got None"):
        anemia_records([113.0], already_adjusted=None, **child)
    with pytest.raises(ValueError, match="must be as measured; got a column called hw56"):
        anemia_records(pd.Series([113.0], name="hw56"), already_adjusted=False, **child)
    found = anemia_records(pd.Series([113.0], name="hw56"), already_adjusted=True, **child)
    assert found["adjusted"].tolist() == [113]
    assert found["altitude_standard"].tolist() == ["already_adjusted"]
    assert not found["verified"].any()


def test_chinese_practices_need_an_explicit_choice_and_show_their_flag():
    child = {"age_months": 30, "sex": "f", "altitude": 1300, "already_adjusted": False}
    with pytest.raises(ValueError, match="`altitude_standard` must be said for cn_child_care_norm"):
        anemia_records([113.0], standard="cn_child_care_norm", **child)
    for by, adjusted in (("none", 113), ("who_2011", 111), ("cn_1992_2002", 113 / 1.052)):
        found = anemia_records([113.0], standard="cn_child_care_norm", altitude_standard=by, **child)
        assert found["adjusted"].iloc[0] == pytest.approx(adjusted, abs=1e-6)
        assert not found["verified"].any()
    screening = anemia_records([111.0], standard="wst_441_2013", **child)
    assert screening[["adjusted", "anemic"]].iloc[0].tolist() == [109, True]
    statistics = anemia_records([89.0], standard="cn_stat_moderate_severe", altitude_standard="none", **child)
    assert statistics["severity"].tolist() == ["moderate"]
    assert statistics["note"].tolist() == ["moderate or severe, not parted"]
    assert anemia_records([113.0], standard="who_2011", **child)["verified"].all()
    assert not anemia_records([113.0], standard="who_2011", how="equation", **child)["verified"].any()


def test_no_label_or_word_of_a_record_is_shown():
    index = ["152223198901010012", "152223198901010013"]
    for columns in (
        {"age_months": pd.Series([30, -30], index), "sex": "f"},
        {"age_months": pd.Series([30, 30], index), "sex": pd.Series(["f", "王小明"], index)},
        {"age_months": pd.Series([30, "王小明"], index), "sex": "f"},
    ):
        with pytest.raises(ValueError, match="position 1") as error:
            anemia_records(pd.Series([110.0, 120], index), altitude=0, already_adjusted=False, **columns)
        assert "1522" not in str(error.value)
        assert "王小明" not in str(error.value)


def test_rule_sets_side_by_side_at_1300_m():
    """24-59 months, hemoglobin N(122, 10): 15.9 % by WHO 2011, 34.5 % by WHO 2024."""
    values = np.random.default_rng(3).normal(122, 10, 200_000)
    found = compare_rule_sets(values, age_months=36, sex="m", altitude=1300, already_adjusted=False)
    assert found.index.tolist() == ["who_2024", "who_2024_equation", "who_2011"]
    assert found.loc["who_2024", "value"] == pytest.approx(34.5, abs=0.3)
    assert found.loc["who_2011", "value"] == pytest.approx(15.9, abs=0.3)
    assert found.loc["who_2011", "no_longer_anemic"] == found["anemic"].iloc[0] - found["anemic"].iloc[2]
    assert found.loc["who_2011", "newly_anemic"] == 0


def test_the_comparison_counts_what_it_leaves_out():
    found = compare_rule_sets(
        [113.0, 35, 120, 113, 121, 150, 110, 110],
        already_adjusted=False,
        rule_sets={
            "2024": {"standard": "who_2024"},
            "2011": {"standard": "who_2011"},
            "screening": {"standard": "wst_441_2013"},
        },
        **RECORDS,
    )
    assert (found["records"] == 8).all()
    assert (found["implausible"] == 1).all()
    assert found["unclassified"].tolist() == [3, 2, 5]
    assert (found["records"] == found[["implausible", "unclassified", "counted"]].sum(axis=1)).all()
    assert found["verified"].tolist() == [True, True, False]
    counted = found[CLASSES].sum(axis=1)
    assert counted.tolist()[:2] == found["counted"].tolist()[:2]
    with pytest.raises(ValueError, match="must hold at least one rule set"):
        compare_rule_sets([110], age_months=30, sex="f", altitude=0, already_adjusted=False, rule_sets={})
    with pytest.raises(ValueError, match="must give standard, and at most altitude_standard and how"):
        compare_rule_sets(
            [110],
            age_months=30,
            sex="f",
            altitude=0,
            already_adjusted=False,
            rule_sets={"a": {"standart": "x"}},
        )


def test_changes_count_in_either_direction():
    """At 1,300 m a child of 115 is worse off by WHO 2024 than by WHO 2011, an infant of 107 better."""
    sets = {"2011": {"standard": "who_2011"}, "2024": {"standard": "who_2024"}}
    children = {"age_months": [36, 12, 36], "sex": "f", "altitude": [1300, 0, 0], "already_adjusted": False}
    values = [115.0, 107, 130]
    found = compare_rule_sets(values, rule_sets=sets, **children).loc["2024"]
    turned = compare_rule_sets(values, rule_sets=dict(reversed(sets.items())), **children).loc["2011"]
    columns = ["change_class", "newly_anemic", "no_longer_anemic"]
    assert found[columns].tolist() == [2, 1, 1]
    assert turned[columns].tolist() == [2, 1, 1]


def test_who_is_implausible_and_unclassified_is_left_out_once():
    found = compare_rule_sets(
        [35.0, 120], age_months=30, sex="f", altitude=[None, 0], already_adjusted=False
    ).loc["who_2024"]
    assert found[["records", "implausible", "unclassified", "counted"]].tolist() == [2, 1, 0, 1]


def test_a_rule_set_that_does_not_grade_has_no_grades():
    found = compare_rule_sets(
        [92.0, 120],
        age_months=30,
        sex="f",
        altitude=0,
        already_adjusted=False,
        rule_sets={"screening": {"standard": "wst_441_2013"}},
    )
    assert found[CLASSES].iloc[0].tolist() == [1, pd.NA, pd.NA, pd.NA]
    assert found["anemic"].iloc[0] == 1


@pytest.mark.parametrize(
    ("anemic", "total", "expected"),
    [
        (0, 100, "none"),
        (49, 1000, "none"),
        (1, 20, "mild"),
        (199, 1000, "mild"),
        (1, 5, "moderate"),
        (399, 1000, "moderate"),
        (2, 5, "severe"),
        (20, 20, "severe"),
    ],
)
def test_an_edge_belongs_to_the_class_above(anemic, total, expected):
    assert public_health_class(anemic, total)["class"].tolist() == [expected]


# > options(digits = 15); edges <- c(0, .05, .2, .4, 1)
# > c(diff(pbeta(edges, 7.5, 103.5))[1:2], -diff(pbeta(edges, 7.5, 103.5, lower.tail = FALSE))[3:4])
# > c(diff(pbeta(edges, 4, 52))[1:2], -diff(pbeta(edges, 4, 52, lower.tail = FALSE))[3:4])
def test_probabilities_of_the_classes_agree_with_r():
    names = [f"probability_{name}" for name in CLASSES]
    found = public_health_class(7, 110)[names].iloc[0]
    assert found.tolist() == pytest.approx(
        [2.43691564454512e-01, 7.56278988433623e-01, 2.94471118649928e-05, 2.62356766152946e-16], rel=1e-8
    )
    found = public_health_class(7, 110, design_effect=2)[names].iloc[0]
    assert found.tolist() == pytest.approx(
        [2.95467664880420e-01, 7.02112161483242e-01, 2.42016831214924e-03, 5.32418886541175e-09], rel=1e-8
    )


def test_no_persons_no_class():
    found = public_health_class(
        pd.Series([3, 0, None], ["a", "b", "c"]), pd.Series([40, 0, 10], ["a", "b", "c"])
    )
    assert found.index.tolist() == ["a", "b", "c"]
    assert found["class"].isna().tolist() == [False, True, True]
    assert found["probability_mild"].isna().tolist() == [False, True, True]
    with pytest.raises(ValueError, match="`anemic` must be at most `total`"):
        public_health_class(3, 2)


def test_classes_are_those_that_pages_show():
    def rows(package, name):
        path = ROOT / "mchepi" / package / "data" / name
        with path.open(encoding="utf-8", newline="") as file:
            return [(row["class_id"], row["lower_inclusive"], row["upper"]) for row in csv.DictReader(file)]

    assert rows("outcomes", "hb_public_health_classes.csv") == rows("presentation", "anemia_classes.csv")


persons = st.tuples(
    st.floats(75, 200), st.integers(6, 700), st.sampled_from(["male", "female"]), st.integers(-50, 4900)
)


@settings(deadline=None, max_examples=40)
@given(st.lists(persons, min_size=1, max_size=8), st.sampled_from(["who_2024", "who_2011"]))
def test_laws(drawn, standard):
    values, months, sexes, altitudes = map(list, zip(*drawn, strict=True))
    rule = {"standard": standard, "already_adjusted": False}
    found = anemia_records(values, age_months=months, sex=sexes, altitude=altitudes, **rule)
    # By steps as by one call, and one by one as together.
    adjusted = adjust_hemoglobin(values, altitude=altitudes, standard=standard)
    groups = anemia_group(months, sex=sexes, standard=standard)
    assert list(classify_anemia(adjusted, group=groups, standard=standard)) == found["severity"].tolist()
    alone = anemia_records(values[0], age_months=months[0], sex=sexes[0], altitude=altitudes[0], **rule)
    assert alone["severity"].iloc[0] == found["severity"].iloc[0]
    # More hemoglobin never makes it worse, more altitude never better.
    more = anemia_records([v + 5 for v in values], age_months=months, sex=sexes, altitude=altitudes, **rule)
    higher = anemia_records(
        values, age_months=months, sex=sexes, altitude=[a + 90 for a in altitudes], **rule
    )
    assert (more["severity"].cat.codes <= found["severity"].cat.codes).all()
    assert (higher["severity"].cat.codes >= found["severity"].cat.codes).all()
