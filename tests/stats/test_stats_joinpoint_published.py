"""Published analyses with their data: the numbers that NCI's program printed, with and without a jump.

tests/published/joinpoint_series.csv holds the yearly rates, joinpoint_analyses.csv and joinpoint_segments.csv
what the program printed; their source stands in each row of joinpoint_analyses.csv.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mchepi import JoinpointFit, joinpoint

PUBLISHED = Path(__file__).parents[1] / "published"
SERIES = pd.read_csv(PUBLISHED / "joinpoint_series.csv")
SEGMENTS = pd.read_csv(PUBLISHED / "joinpoint_segments.csv")
ANALYSES = pd.read_csv(PUBLISHED / "joinpoint_analyses.csv").set_index("analysis")
JUMPS = ANALYSES[ANALYSES["jump"].notna()]


def fit_of(analysis: str, **options: object) -> JoinpointFit:
    own = SERIES[SERIES["analysis"] == analysis]
    row = ANALYSES.loc[analysis]
    return joinpoint(
        own["year"].to_numpy(),
        own["value"].to_numpy(),
        variance="standard_error",
        standard_error=own["standard_error"].to_numpy(),
        jump=None if np.isnan(row["jump"]) else row["jump"],
        **{"selection": int(row["n_joinpoints"]), **options},
    )


def printed(analysis: str) -> pd.DataFrame:
    return SEGMENTS[SEGMENTS["analysis"] == analysis].reset_index(drop=True)


@pytest.mark.parametrize("analysis", ANALYSES.index)
def test_joinpoints_slopes_and_changes_are_as_printed(analysis):
    fit, wanted = fit_of(analysis), printed(analysis)
    assert fit.joinpoints == tuple(wanted["end"][:-1])
    assert fit.sse == pytest.approx(ANALYSES.loc[analysis, "sse"], abs=1e-6)
    found = fit.segments
    assert found[["start", "end"]].to_numpy().tolist() == wanted[["start", "end"]].to_numpy().tolist()
    for name, digits in (
        ("slope", 6),
        ("slope_se", 6),
        ("value", 3),
        ("lower", 3),
        ("upper", 3),
        ("p_value", 6),
    ):
        half = 0.5 * 10.0**-digits * 1.001
        assert found[name].to_numpy() == pytest.approx(wanted[name].to_numpy(), abs=half), name


@pytest.mark.parametrize("analysis", ANALYSES.index)
def test_intervals_of_joinpoints_and_average_changes_are_as_printed(analysis):
    fit, wanted, row = fit_of(analysis), printed(analysis), ANALYSES.loc[analysis]
    intervals = fit.joinpoint_intervals
    assert intervals["lower"].tolist() == wanted["joinpoint_lower"].dropna().tolist()
    assert intervals["upper"].tolist() == wanted["joinpoint_upper"].dropna().tolist()
    average = fit.average_annual_percent_change()
    limits = (average.value, average.lower, average.upper)
    assert limits == pytest.approx(tuple(row[["aapc", "aapc_lower", "aapc_upper"]]), abs=0.0005005)


@pytest.mark.parametrize("analysis", JUMPS.index)
def test_jumps_are_as_printed(analysis):
    """Inside a segment (two analyses) and next to a joinpoint (heroin): two rules of the program."""
    jump, row = fit_of(analysis).jump, JUMPS.loc[analysis]
    limits = np.log([jump.value, jump.lower, jump.upper])
    assert limits == pytest.approx(
        row[["jump_value", "jump_lower", "jump_upper"]].to_numpy(dtype=float), abs=5.005e-6
    )
    assert jump.p_value == pytest.approx(row["jump_p_value"], abs=5e-6)


def test_the_program_and_we_choose_the_same_number_by_permutation():
    for analysis in ANALYSES.index[ANALYSES["jump"].isna()]:
        most = 5 if "over" in analysis else 3
        fit = fit_of(analysis, selection="permutation", max_joinpoints=most, permutations=999, curtailed=True)
        assert fit.n_joinpoints == ANALYSES.loc[analysis, "n_joinpoints"]


def test_every_analysis_says_where_it_is_from():
    assert set(SERIES["analysis"]) == set(SEGMENTS["analysis"]) == set(ANALYSES.index)
    assert ANALYSES["citation"].str.len().min() > 20
    assert set(ANALYSES["status"]) == {"published"}
