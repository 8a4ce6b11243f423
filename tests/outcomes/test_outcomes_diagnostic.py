"""Accuracy of a test in studies that verified everyone."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import diagnostic_accuracy

PUBLISHED = Path(__file__).parents[1] / "published" / "diagnostic_accuracy.csv"
MEASURES = [
    *("prevalence", "apparent_prevalence", "sensitivity", "specificity"),
    *("positive_predictive_value", "negative_predictive_value"),
    *("positive_likelihood_ratio", "negative_likelihood_ratio", "diagnostic_odds_ratio", "accuracy"),
]

# R 4.2.2 with epiR 2.0.57, options(digits = 15):
# > epi.tests(matrix(c(tp, fp, fn, tn), nrow = 2, byrow = TRUE), method = "exact")$detail
# rows tp ap se sp pv.pos pv.neg lr.pos lr.neg diag.or diag.ac
IN_R = {
    (670, 202, 74, 640): [
        (0.469104665825977, 0.444305538282399, 0.494018358894298),
        (0.549810844892812, 0.524937347656391, 0.574499625066228),
        (0.900537634408602, 0.876746176795711, 0.921092299583694),
        (0.760095011876485, 0.729776463203555, 0.788580324575101),
        (0.768348623853211, 0.738892627379757, 0.79597842916536),
        (0.896358543417367, 0.871639286290146, 0.917740174663071),
        (3.75372617906952, 3.32068843550748, 4.24323464880513),
        (0.130855174731183, 0.105064323511923, 0.162977080911631),
        (28.6861118544287, 21.5181916566352, 38.2417364086937),
        (0.825977301387137, 0.806404888026424, 0.844334642377048),
    ],
    (9, 5, 3, 83): [
        (0.12, 0.0635689025611593, 0.200235683619969),
        (0.14, 0.0787054049269658, 0.223727981370568),
        (0.75, 0.428141538121811, 0.945139355472007),
        (0.943181818181818, 0.872367598730967, 0.981296136516966),
        (0.642857142857143, 0.351380110615992, 0.872401570140841),
        (0.965116279069767, 0.901423836011468, 0.992747543571697),
        (13.2, 5.30386102503703, 32.8515395063135),
        (0.265060240963855, 0.0993485469761466, 0.707176234360887),
        (49.8, 10.1753608367774, 243.729931525989),
        (0.92, 0.848442364135579, 0.964828437481837),
    ],
    (1, 2, 1, 996): [
        (0.002, 0.000242301116877286, 0.00720583891145754),
        (0.003, 0.000619099931649547, 0.00874202323847828),
        (0.5, 0.0125791170934251, 0.987420882906575),
        (0.997995991983968, 0.992779758328887, 0.999757213125195),
        (0.333333333333333, 0.00840375865961263, 0.905700675949754),
        (0.998996990972919, 0.994424387103363, 0.99997460633247),
        (249.5, 35.1799783054817, 1769.47948800469),
        (0.501004016064257, 0.125299579291387, 2.0032391611531),
        (498, 22.4435371176957, 11050.1298747808),
        (0.997, 0.991257976761522, 0.99938090006835),
    ],
}


@pytest.mark.parametrize("cells", IN_R, ids=str)
def test_agrees_with_r(cells):
    found = diagnostic_accuracy(*cells)
    assert found.index.tolist() == MEASURES
    assert found.columns.tolist() == ["value", "lower", "upper", "method", "note"]
    np.testing.assert_allclose(found[["value", "lower", "upper"]], IN_R[cells], rtol=1e-8)
    assert found["method"].tolist() == ["exact"] * 6 + ["simel", "simel", "woolf", "exact"]
    assert (found["note"] == "").all()


def test_agrees_with_the_publication():
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    for row in rows:
        cells = [
            int(row[f"{a}_{b}"])
            for a, b in (
                ("true", "positives"),
                ("false", "positives"),
                ("false", "negatives"),
                ("true", "negatives"),
            )
        ]
        found = diagnostic_accuracy(*cells).loc[row["measure"]]
        for name in ("value", "lower", "upper"):
            assert found[name] == pytest.approx(float(row[name]), abs=0.5 * 10 ** -int(row["digits"]))


def test_the_method_governs_the_proportions_alone():
    found = diagnostic_accuracy(9, 5, 3, 83, method="wilson", confidence_level=0.9)
    assert found["method"].tolist() == ["wilson"] * 6 + ["simel", "simel", "woolf", "wilson"]
    wider = diagnostic_accuracy(9, 5, 3, 83, method="wilson")
    assert (wider["lower"] < found["lower"]).all()
    assert (wider["upper"] > found["upper"]).all()


def test_zero_cells_are_answered_without_a_half():
    perfect = diagnostic_accuracy(5, 0, 0, 7)
    assert perfect.loc["positive_likelihood_ratio", ["value", "lower", "upper"]].tolist() == [
        np.inf,
        0,
        np.inf,
    ]
    assert perfect.loc["negative_likelihood_ratio", "value"] == 0
    assert perfect.loc["diagnostic_odds_ratio", "value"] == np.inf
    assert perfect.loc["diagnostic_odds_ratio", "note"] == "zero below the line; zero cell: no limits"
    nobody = diagnostic_accuracy(0, 5, 0, 7)
    assert np.isnan(nobody.loc["sensitivity", "value"])
    assert nobody.loc["sensitivity", "note"] == "denominator zero"
    never_positive = diagnostic_accuracy(0, 0, 3, 4)
    assert np.isnan(never_positive.loc["positive_likelihood_ratio", "value"])
    assert never_positive.loc["positive_likelihood_ratio", "note"] == "zero cells: 0 over 0"
    assert diagnostic_accuracy(0, 0, 0, 0)["value"].isna().all()
    assert diagnostic_accuracy(3, None, 2, 4).loc["specificity", "note"] == "missing: persons"


def test_series_arrays_and_numbers_agree():
    alone = diagnostic_accuracy(9, 5, 3, 83)
    labels = pd.Index(["first", "second"], name="study")
    series = diagnostic_accuracy(*(pd.Series([cell, 1], labels) for cell in (9, 5, 3, 83)))
    assert series.index.names == ["study", "measure"]
    pd.testing.assert_frame_equal(series.loc["first"], alone)
    array = diagnostic_accuracy([9, 1], [5, 1], [3, 1], [83, 1])
    pd.testing.assert_frame_equal(array.loc[0], alone)
    grid = diagnostic_accuracy([[9], [1]], [[5], [1]], [[3], [1]], [[83], [1]])
    pd.testing.assert_frame_equal(grid.loc[0, 0], alone)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ((1, 2, 3, -1), "`true_negatives` must be a whole number of persons, 0 or more; got -1"),
        ((1.5, 2, 3, 1), "`true_positives` must be a whole number"),
    ],
)
def test_impossible_cells_are_refused(cells, message):
    with pytest.raises(ValueError, match=message):
        diagnostic_accuracy(*cells)
    with pytest.raises(ValueError, match="Did you mean 'exact'"):
        diagnostic_accuracy(1, 2, 3, 4, method="exakt")


cell = st.integers(0, 300)


@settings(deadline=None, max_examples=40)
@given(cell, cell, cell, cell)
def test_laws(tp, fp, fn, tn):
    found = diagnostic_accuracy(tp, fp, fn, tn)
    known = found[found["value"].notna()]
    assert (known["lower"] <= known["value"]).all()
    assert (known["value"] <= known["upper"]).all()
    # Calling the other result positive swaps sensitivity with specificity, and inverts the odds ratio.
    turned = diagnostic_accuracy(tn, fn, fp, tp)
    for one, other in (
        ("sensitivity", "specificity"),
        ("positive_predictive_value", "negative_predictive_value"),
    ):
        np.testing.assert_allclose(
            found.loc[one, ["value", "lower", "upper"]].astype(float),
            turned.loc[other, ["value", "lower", "upper"]].astype(float),
        )
    assert found.loc["diagnostic_odds_ratio", "value"] == pytest.approx(
        turned.loc["diagnostic_odds_ratio", "value"], nan_ok=True
    )
