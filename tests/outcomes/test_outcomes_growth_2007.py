"""WHO's reference for 5 to 19 years against WHO's own program and printed table."""

from __future__ import annotations

import hashlib
import sys
from importlib import metadata
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import _growth_tables as tables
from mchepi.outcomes import growth_status, growth_z_scores

PUBLISHED = Path(__file__).parents[1] / "published"
MONTH = 30.4375
BOTH = "who_2006_2007"
INDICES = ["haz", "waz", "baz"]

# 240 children of both sexes at 24 ages from 1,827 to 6,940 days, z-scores from -9 to 15. R 4.2.2, functions
# of WHO's packages anthroplus 1.0.0.9000 and anthro 1.1.0 (before their rounding to 0.01):
# > zscore_height_for_age(sex, age_days / 30.4375, length)
# > zscore_weight_for_age(sex, age_days / 30.4375, rep("n", n), weight)
# > zscore_bmi_for_age(sex, age_days / 30.4375, rep("n", n), compute_bmi(weight, length))
# Of these and 409,200 children of every day, and a quarter of a day later, none differs by more than 2e-10.
WITNESS = PUBLISHED / "growth_who_anthroplus.csv"


def z_scores(children: pd.DataFrame) -> pd.DataFrame:
    return growth_z_scores(
        children["age_days"],
        children["sex"],
        weight=children["weight"],
        length=children["length"],
        standard=BOTH,
    )


@pytest.mark.parametrize("index", INDICES)
def test_agrees_with_who(index: str):
    witness = pd.read_csv(WITNESS)
    found, expected = z_scores(witness)[index], witness[index]
    assert (found.isna() == expected.isna()).all()
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8)
    assert expected.min() < -3.5
    assert expected.max() > 3.5
    assert (expected.abs() > 3).sum() > 50


def test_agrees_with_what_who_publishes_in_its_tests():
    """The example "computes correct value for age ~ 60 months" of the package anthroplus."""
    found = growth_z_scores(
        np.array([60.32, 60.911701]) * MONTH, "f", weight=[18.7, 20.5], length=[113.8, 113.6], standard=BOTH
    )
    assert found["waz"].round(2).tolist() == [0.21, 0.79]
    assert found["baz"].round(2).tolist() == [-0.58, 0.42]
    assert found["haz"].round(2).tolist() == [0.96, 0.85]


def test_agrees_with_the_printed_table():
    """A body mass index printed to 0.1 has its z-score between those of 0.05 less and more.

    And 0.0005: what L, M and S, themselves printed to 0.0001 and 0.00001, leave open.
    """
    printed = pd.read_csv(PUBLISHED / "growth_who_2007_bmi.csv")
    names = ["sd3neg", "sd2neg", "sd1neg", "median", "sd1", "sd2", "sd3"]
    days = (printed["years"] * 12 + printed["months"]) * MONTH
    checked = 0
    for z, name in zip(range(-3, 4), names, strict=True):
        low, high = (
            growth_z_scores(days, printed["sex"], weight=printed[name] + half, length=100.0, standard=BOTH)[
                "baz"
            ]
            for half in (-0.0505, 0.0505)
        )
        known = printed[name].notna()
        assert ((low < z) & (z < high))[known].all()
        checked += int(known.sum())
    assert checked == 107


def test_the_tables_are_those_of_who():
    """Of the package rcpchgrowth: equal, month by month, to those of WHO's R package anthroplus."""
    content = hashlib.sha256()
    for indicator in tables.OF_2007:
        of = tables.table(indicator)
        for values in (np.array([of.first, of.last]), of.l, of.m, of.s):
            content.update(np.round(values, 6).astype("<f8").tobytes())
    assert content.hexdigest() == "7b60162cdc02cc75c6ded2a29610afca97742048fc73a21bc1c455f78fbbe881"


def test_the_standard_of_each_child_is_named():
    found = growth_z_scores(
        [1826, 1827, 228 * MONTH, 228.01 * MONTH, None], "m", weight=40, length=120, standard=BOTH
    )
    assert found["standard"].tolist() == ["who_2006", "who_2007", "who_2007", "who_2007", "who_2006"]
    assert found["haz"].notna().tolist() == [True, True, True, False, False]
    assert found["whz"].notna().tolist() == [True, False, False, False, True]
    assert found["note"].tolist() == [
        "",
        "5 years or older: no weight for height",
        "5 years or older: no weight for height; older than 10 years: no weight for age",
        "older than 19 years: not in this reference",
        "missing: age",
    ]
    under_five = growth_z_scores(1826, "m", weight=18, length=108)
    pd.testing.assert_frame_equal(
        under_five[["haz", "waz", "whz", "baz"]],
        growth_z_scores(1826, "m", weight=18, length=108, standard=BOTH)[["haz", "waz", "whz", "baz"]],
    )
    with pytest.raises(ValueError, match="`standard` must be who_2006 or who_2006_2007; got 'cdc'"):
        growth_z_scores(2000, "m", standard="cdc")


def test_weight_for_age_ends_at_ten_years():
    waz = growth_z_scores([120 * MONTH, 120.01 * MONTH], "f", weight=30, standard=BOTH)["waz"]
    assert waz.notna().tolist() == [True, False]


def test_status_by_the_cut_offs_of_the_age():
    """Constructed z-scores of children of four, eight and twelve years, at and beyond each cut-off."""
    scores = growth_z_scores(
        [1500, 3000, 4400], "m", weight=[16, 25, 40], length=[104, 127, 150], standard=BOTH
    )

    def status(**values: float) -> pd.DataFrame:
        return growth_status(scores.assign(**values))

    assert status(baz=1.0, whz=1.0)["overweight"].tolist() == [False, False, False]
    assert status(baz=1.01, whz=1.01)["overweight"].tolist() == [False, True, True]
    assert status(baz=2.01, whz=2.01)["obese"].tolist() == [False, True, True]
    assert status(baz=2.0, whz=3.01)["obese"].tolist() == [True, False, False]
    assert status(baz=-2.01)["thin"].tolist() == [pd.NA, True, True]
    assert status(baz=-2.0)["thin"].tolist() == [pd.NA, False, False]
    assert status(baz=-3.01)["severely_thin"].tolist() == [pd.NA, True, True]
    assert status(whz=-2.01)["wasted"].tolist() == [True, pd.NA, pd.NA]
    assert status(haz=-3.01)["severely_stunted"].tolist() == [True, True, True]
    assert status(baz=2.5, baz_flag=True)["overweight"].tolist() == [False, pd.NA, pd.NA]


def test_edema_by_age():
    """As WHO's programs count it: below -3 of every index of weight that the age has."""
    ages = [1500, 3000, 4400, 8000]
    scores = growth_z_scores(ages, "m", weight=40, length=140, edema=True, standard=BOTH)
    status = growth_status(scores, edema=True)
    assert scores[["waz", "whz", "baz"]].isna().all(axis=None)
    assert status["severely_wasted"].tolist() == [True, pd.NA, pd.NA, pd.NA]
    assert status["severely_thin"].tolist() == [pd.NA, True, True, pd.NA]
    assert status["severely_underweight"].tolist() == [True, True, pd.NA, pd.NA]
    assert status["overweight"].tolist() == [pd.NA] * 4


def test_without_the_package_the_message_has_the_command(monkeypatch: pytest.MonkeyPatch):
    def absent(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    tables.table.cache_clear()
    monkeypatch.setattr(tables.metadata, "files", absent)
    with pytest.raises(ImportError, match=r'AGPL-3.0-or-later.*pip install "mchepi\[who2007\]"'):
        growth_z_scores(2000, "m", length=110, standard=BOTH)
    assert growth_z_scores(1000, "m", length=95)["haz"].notna().all()
    tables.table.cache_clear()


def test_no_code_of_the_package_is_run():
    growth_z_scores(3000, "m", length=130, standard=BOTH)
    assert "rcpchgrowth" not in sys.modules


child = st.tuples(st.integers(0, 7000), st.sampled_from([1, 2]), st.floats(2, 100), st.floats(45, 195))


@settings(deadline=None, max_examples=30)
@given(st.lists(child, min_size=2, max_size=6), st.randoms())
def test_laws(drawn: list[tuple[int, int, float, float]], luck: Random):
    days, sexes, weights, lengths = map(list, zip(*drawn, strict=True))
    index = pd.Index([f"child {place}" for place in range(len(days))])
    table = pd.DataFrame({"age_days": days, "sex": sexes, "weight": weights, "length": lengths}, index)
    # the unit is told by the median: enough children in kg and cm besides
    usual = pd.DataFrame({"age_days": 3000, "sex": 1, "weight": 25.0, "length": 127.0}, range(7))
    found = z_scores(pd.concat([table, usual])).loc[index]
    order = luck.sample(list(index), len(index))
    shuffled = z_scores(pd.concat([table.loc[order], usual])).loc[index]
    pd.testing.assert_frame_equal(found[INDICES], shuffled[INDICES])
    heavier = z_scores(pd.concat([table.assign(weight=table["weight"] + 1), usual])).loc[index]
    for name in ("waz", "baz"):
        both = found[name].notna()
        assert (heavier.loc[both, name] > found.loc[both, name]).all()
    status = growth_status(found)
    assert not (status["severely_thin"].fillna(False) & ~status["thin"].fillna(False)).any()
    assert not (status["obese"].fillna(False) & ~status["overweight"].fillna(False)).any()
    assert not (status["thin"].notna() & status["wasted"].notna()).any()
