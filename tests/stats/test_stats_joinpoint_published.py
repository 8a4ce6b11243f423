"""Published analyses with their data: where the trend turned, and percent changes to the printed digits.

The National Center for Health Statistics judged both with NCI's program. tests/published/joinpoint_series.csv
holds the yearly rates, joinpoint_segments.csv what was printed. Of the rates 11 were read in reports of the
Center, 7 on pages that repeat them, and 21 recalled and not seen (15 of the 19 for drug overdose); suicide in
2005 is 10.9 here and 11.0 on one such page.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mchepi import joinpoint

PUBLISHED = Path(__file__).parents[1] / "published"
SERIES = pd.read_csv(PUBLISHED / "joinpoint_series.csv")
SEGMENTS = pd.read_csv(PUBLISHED / "joinpoint_segments.csv")


@pytest.mark.parametrize("selection", ["permutation", "wbic", "bic", "bic3"])
@pytest.mark.parametrize("analysis", SEGMENTS["analysis"].unique())
def test_joinpoints_and_changes_are_as_printed(analysis, selection):
    own, wanted = (table[table["analysis"] == analysis] for table in (SERIES, SEGMENTS))
    fit = joinpoint(own["year"].to_numpy(), own["rate_per_100000"].to_numpy(), selection=selection)
    found = fit.segments
    assert found[["start", "end"]].to_numpy().tolist() == wanted[["start", "end"]].to_numpy().tolist()
    rounded = [round(value, places) for value, places in zip(found["value"], wanted["decimals"], strict=True)]
    assert rounded == wanted["annual_percent_change"].tolist()


def test_every_analysis_says_where_it_is_from():
    assert set(SERIES["analysis"]) == set(SEGMENTS["analysis"])
    assert SEGMENTS["citation"].str.contains("public domain").all()
    assert set(SERIES["verified"]) == {"yes (NCHS)", "yes (secondary page)", "recalled, unverified"}
