"""No change or trend of anemia is worked out across another specimen or analyzer."""

from __future__ import annotations

import pandas as pd

from mchepi.indicators import change, like_with_like

IDS = ["anemia_prevalence_u5", "stunting_prevalence_u5"]


def counts() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "district": ["a"] * 4 + ["b"] * 4,
            "name_zh": "甲",
            "name_en": "A",
            "year": [2021, 2022, 2023, 2024] * 2,
            "children_anemic": [40, 42, 39, 70] * 2,
            "children_examined_hemoglobin": 600,
            "children_stunted": [20, 21, 19, 18] * 2,
            "children_measured_height": 600,
        }
    )
    return frame.astype({name: "Int64" for name in frame if name.startswith("children")})


def broken(*years: object) -> pd.DataFrame:
    return pd.DataFrame({"district": "a", "broken_from": pd.array(list(years), dtype="Int64")})


def test_the_district_with_a_break_has_no_change_across_it():
    found = change(like_with_like(counts(), broken(2024)), IDS).set_index(["district", "indicator"])
    assert pd.isna(found.loc[("a", "anemia_prevalence_u5"), "previous_year"])
    assert pd.isna(found.loc[("a", "anemia_prevalence_u5"), "annual_percent_change"])
    assert found.loc[("a", "stunting_prevalence_u5"), "previous_year"] == 2023
    assert found.loc[("b", "anemia_prevalence_u5"), "ratio"] > 1.7


def test_the_last_break_decides():
    found = like_with_like(counts(), broken(pd.NA, 2022, 2023))
    assert found.query("district == 'a'")["children_anemic"].isna().tolist() == [True, True, False, False]
    assert found["children_examined_hemoglobin"].notna().all()


def test_without_a_break_nothing_changes():
    own = counts()
    assert like_with_like(own, broken(pd.NA)).equals(own)
    assert like_with_like(own, broken()).equals(own)
