"""Survey proportions: the answers of R's survey package, laws, and what a sample cannot tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi import Estimate, proportion_interval
from mchepi.stats.surveys import METHODS, SurveyEstimate, survey_proportion

PUBLISHED = Path(__file__).parents[1] / "published"

# tests/published/surveys.csv is R 4.2.2 with survey 4.1-1 on the simulated persons of surveys_samples.csv:
#
# all <- svydesign(ids = ~cluster, strata = ~stratum, weights = ~weight, data = s, nest = TRUE)
# domain <- subset(all, domain == 1); weights_only <- svydesign(ids = ~1, weights = ~weight, data = s)
# m <- svymean(~outcome, d, deff = "replace"); nrow(d); degf(d); coef(m); deff(m)
# svyciprop(~outcome, d, method = "xlogit")    # "logit" without the tolerance of glm
# svyciprop(~outcome, d, method = "beta")
# p <- coef(m); ne <- nrow(d) / deff(m); z <- qnorm(.975)
# (p * ne + z^2 / 2 + c(-1, 1) * z * sqrt(z^2 / 4 + p * (1 - p) * ne)) / (ne + z^2)
# "first cluster only in S": s[s$stratum != S | s$cluster == 1, ], options(survey.lonely.psu = rule)
SAMPLES = pd.read_csv(PUBLISHED / "surveys_samples.csv", dtype={"design": str})
ROWS = pd.read_csv(PUBLISHED / "surveys.csv", dtype={"design": str}).to_dict("records")


def persons(row: dict) -> tuple[pd.DataFrame, dict]:
    sample = SAMPLES[SAMPLES["design"] == row["design"]]
    design = {}
    if row["subset"].startswith("first cluster only in"):
        single = sample["stratum"].isin(row["subset"].split()[4:])
        sample = sample[~single | (sample["cluster"] == 1)]
        design["single_cluster"] = row["rule"]
    design["weights"] = sample["weight"]
    if row["subset"] != "weights only":
        design |= {"strata": sample["stratum"], "clusters": sample["cluster"]}
    if row["subset"] == "domain":
        design["domain"] = sample["domain"] == 1
    return sample, design


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['design']}-{row['subset']}-{row['rule']}")
def test_as_in_the_survey_package(row):
    sample, design = persons(row)
    for method in METHODS:
        found = survey_proportion(sample["outcome"], method=method, **design)
        got = (found.value, found.lower, found.upper)
        wanted = (row["value"], row[f"{method}_lower"], row[f"{method}_upper"])
        assert got == pytest.approx(wanted, rel=1e-8)
        assert found.design_effect == pytest.approx(row["design_effect"], rel=1e-8)
        assert found.effective_n == pytest.approx(row["n"] / row["design_effect"], rel=1e-8)
        assert (found.note is None) == ("single_cluster" not in design)


def test_a_sample_drawn_one_by_one_is_nearly_binomial():
    outcome = [1] * 12 + [0] * 88
    found = survey_proportion(outcome, method="wilson")
    assert found.design_effect == pytest.approx(1)
    assert found.effective_n == pytest.approx(100)
    assert (found.lower, found.upper) == pytest.approx(proportion_interval(12, 100))
    exact = survey_proportion(outcome, method="beta")
    size = 99  # p (1 - p) over the variance, whose divisor is n - 1
    from scipy import stats

    assert exact.lower == pytest.approx(stats.beta.ppf(0.025, size * 0.12, size * 0.88 + 1))


@st.composite
def samples(draw: st.DrawFn) -> dict[str, list]:
    persons = []
    for stratum in range(draw(st.integers(1, 3))):
        for cluster in range(draw(st.integers(2, 4))):
            size = draw(st.integers(1, 6))
            cases = draw(st.integers(0, size))
            weight = draw(st.sampled_from([0.5, 1.0, 3.0]))
            persons += [(stratum, cluster, weight, int(person < cases)) for person in range(size)]
    strata, clusters, weights, outcome = map(list, zip(*persons, strict=True))
    return {"strata": strata, "clusters": clusters, "weights": weights, "outcome": outcome}


@given(samples(), st.sampled_from(METHODS))
def test_limits_enclose_the_value_and_are_never_of_no_width(sample, method):
    found = survey_proportion(**sample, method=method, assumed_design_effect=2)
    assert 0 <= found.lower <= found.value <= found.upper <= 1
    assert found.lower < found.upper
    healthy = survey_proportion(**sample | {"outcome": [1 - y for y in sample["outcome"]]}, method=method,
                                assumed_design_effect=2)  # fmt: skip
    assert (1 - healthy.upper, 1 - healthy.lower) == pytest.approx((found.lower, found.upper), abs=1e-9)


@given(samples(), st.floats(0.01, 1000))
def test_the_scale_of_weights_and_the_names_of_clusters_do_not_matter(sample, factor):
    found = survey_proportion(**sample)
    renamed = sample | {
        "weights": [weight * factor for weight in sample["weights"]],
        "clusters": [
            f"village {10 * s + c}" for s, c in zip(sample["strata"], sample["clusters"], strict=True)
        ],
        "strata": [["north", "south", "west"][stratum] for stratum in sample["strata"]],
    }
    other = survey_proportion(**renamed)
    got, wanted = (other.value, other.lower, other.upper), (found.value, found.lower, found.upper)
    assert got == pytest.approx(wanted, rel=1e-9, abs=1e-12, nan_ok=True)


def test_a_domain_is_not_what_remains_when_the_rest_is_dropped():
    clusters = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]
    outcome = [1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0]
    domain = np.array([1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0]) == 1
    found = survey_proportion(outcome, clusters=clusters, domain=domain)
    dropped = survey_proportion(np.array(outcome)[domain], clusters=np.array(clusters)[domain])
    assert found.value == dropped.value
    assert found.design_effect != pytest.approx(dropped.design_effect)


def test_no_case_at_all_has_the_exact_limit_of_the_assumed_size():
    clusters = np.repeat(range(8), 25)
    found = survey_proportion([0] * 200, clusters=clusters, assumed_design_effect=1.6, per=100)
    assert (found.value, found.lower) == (0, 0)
    assert found.upper == pytest.approx(100 * (1 - 0.025 ** (1.6 / 200)))
    assert (found.design_effect, found.effective_n) == (1.6, 125)
    assert found.note == "no case: exact limit, design effect 1.6 assumed"
    whole = survey_proportion([0] * 200, clusters=clusters, assumed_design_effect=1)
    assert whole.upper == pytest.approx(proportion_interval(0, 200, method="exact")[1])


def test_the_design_effect_is_asked_for_and_not_guessed():
    asked = survey_proportion([0, 0, 0, 0], clusters=[1, 1, 2, 2])
    assert (asked.value, asked.lower) == (0, 0)
    assert np.isnan(asked.upper)
    assert asked.note == "no case: give assumed_design_effect for a limit"
    without_design = survey_proportion([0, 0, 0, 0])
    assert without_design.upper == pytest.approx(1 - 0.025**0.25)
    assert without_design.note == "no case: exact limit"


def test_nothing_but_cases_mirrors_no_case():
    found = survey_proportion([1] * 30, clusters=[1, 2, 3] * 10, assumed_design_effect=2)
    assert found.upper == 1
    assert found.lower == pytest.approx(0.025 ** (2 / 30))


def test_a_single_cluster_follows_the_named_rule():
    # Two clusters of a with 2 cases of 2 and 0 of 3, a single one of b with 3 of 5: p is 1/2, and the sums of
    # scores are 1/10 times 1, -1.5 and 0.5.
    sample = {
        "outcome": [1, 1, 0, 0, 0, 1, 1, 1, 0, 0],
        "strata": list("aaaaabbbbb"),
        "clusters": [1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    }
    simple = 0.25 / 9
    of_a = 2 * (1.25**2 + 1.25**2) / 100
    adjusted = survey_proportion(**sample)
    assert adjusted.design_effect == pytest.approx((of_a + 0.5**2 / 100) / simple)
    assert adjusted.note == "single cluster in stratum b (adjust)"
    averaged = survey_proportion(**sample, single_cluster="average")
    assert averaged.design_effect == pytest.approx(2 * of_a / simple)
    assert averaged.note == "single cluster in stratum b (average)"
    with pytest.raises(ValueError, match="two or more in every stratum; got a single one in stratum b"):
        survey_proportion(**sample, single_cluster="raise")


def test_one_cluster_alone_tells_no_variance():
    for method in METHODS:
        found = survey_proportion([1, 0, 0, 1], clusters=[7] * 4, method=method)
        assert found.value == 0.5
        assert np.isnan([found.lower, found.upper]).all()
        assert "variance unknown" in found.note


def test_as_many_strata_as_clusters_leave_no_degrees_of_freedom():
    sample = {"outcome": [1, 1, 0, 1, 0, 0], "strata": [1, 1, 1, 2, 2, 2], "clusters": [1, 1, 1, 2, 2, 2]}
    for method in ("logit", "beta"):
        found = survey_proportion(**sample, method=method)
        assert np.isnan([found.lower, found.upper]).all()
        assert found.note.endswith("no degrees of freedom: as many strata as clusters")
    assert survey_proportion(**sample, method="wilson").upper < 1


def test_notes_do_not_contradict_the_limits():
    sample = {"outcome": [1, 0, 1, 0], "strata": [1, 1, 2, 2], "clusters": [1, 1, 2, 2]}
    found = survey_proportion(**sample)
    assert np.isnan([found.lower, found.upper]).all()
    assert found.note == (
        "single cluster in stratum 1, 2 (adjust); no variation between clusters; "
        "no limits, no degrees of freedom: as many strata as clusters"
    )
    wilson = survey_proportion(**sample, method="wilson")
    assert np.isfinite([wilson.lower, wilson.upper]).all()
    assert wilson.note.endswith("no variation between clusters: limits of a simple random sample")


def test_a_single_person_is_called_so():
    # Without strata and clusters every person is a cluster; no rule is needed where all are alike.
    assert survey_proportion([1]).note == "nothing but cases: exact limit"
    assert (
        survey_proportion([1], clusters=[4]).note
        == "nothing but cases: give assumed_design_effect for a limit"
    )
    mixed = survey_proportion([1, 0, 1], strata=list("aab"))
    assert mixed.note == "single person in stratum b (adjust)"
    whole = survey_proportion([1, 0, 1], clusters=[1, 1, 1])
    assert whole.note == (
        "single cluster in the whole sample (adjust); variance unknown: no stratum with two clusters"
    )
    with pytest.raises(ValueError, match="got a single one in the whole sample"):
        survey_proportion([1], single_cluster="raise")


def test_clusters_all_alike_have_the_limits_of_a_simple_random_sample():
    found = survey_proportion([0, 1, 0, 1, 0, 1], clusters=list("aabbcc"), method="wilson")
    assert (found.lower, found.upper) == pytest.approx(proportion_interval(3, 6))
    assert "simple random sample" in found.note


def test_persons_without_outcome_stay_in_the_design():
    outcome = pd.Series([1, None, 0, 1, 0, 0], dtype="Int64")
    found = survey_proportion(outcome, clusters=[1, 1, 2, 2, 3, 3])
    known = outcome.notna()
    masked = survey_proportion(outcome.fillna(0), clusters=[1, 1, 2, 2, 3, 3], domain=known)
    assert (found.value, found.lower) == pytest.approx((masked.value, masked.lower))
    assert found.note == "missing: outcome (1)"


def test_a_weight_of_zero_leaves_the_person_out():
    found = survey_proportion([1, 0, 1, 0], weights=[2, 1, 0, 1])
    assert found.value == 0.5
    assert found.effective_n == pytest.approx(3 / found.design_effect)


def test_nobody_in_the_domain():
    found = survey_proportion([1, 0], domain=[False, False])
    assert np.isnan(found.value)
    assert found.note == "denominator zero"


def test_result_is_an_estimate_with_the_usual_columns():
    found = survey_proportion([1, 0, 0, 1, 0], per=100)
    assert isinstance(found, SurveyEstimate)
    assert isinstance(found, Estimate)
    assert found.to_frame().columns.tolist()[:4] == ["value", "lower", "upper", "per"]
    assert all(isinstance(x, float) for x in (found.value, found.lower, found.design_effect))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"outcome": [1, 2, 0]}, "`outcome` must be 0, 1 or missing; got 2 at position 1"),
        ({"outcome": 1}, "`outcome` must be one value a person"),
        (
            {"outcome": [1, 0], "weights": [1, -2]},
            "`weights` must be a number, 0 or more; got -2 at position 1",
        ),
        ({"outcome": [1, 0], "weights": [1, None]}, "`weights` must be known for every person; got nan at"),
        ({"outcome": [1, 0], "strata": ["a", None]}, "`strata` must be known .* missing one at position 1"),
        ({"outcome": [1, 0], "clusters": [1.0, np.nan]}, "`clusters` must be known .* position 1"),
        ({"outcome": [1, 0], "clusters": [1, 2, 3]}, "equal shapes"),
        ({"outcome": [1, 0], "domain": [1, 5]}, "`domain` must be True or False; got 5 at position 1"),
        ({"outcome": [1, 0], "method": "wald"}, "`method` must be one of"),
        ({"outcome": [1, 0], "single_cluster": "certainty"}, "`single_cluster` must be one of"),
        (
            {"outcome": [0, 0], "assumed_design_effect": 0},
            "`assumed_design_effect` must be one number above 0",
        ),
    ],
)
def test_faults_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        survey_proportion(**arguments)


def test_series_must_have_equal_indexes():
    outcome, clusters = pd.Series([1, 0], index=[1, 2]), pd.Series(["a", "b"], index=[2, 1])
    with pytest.raises(ValueError, match="`outcome` and `clusters` must have equal indexes"):
        survey_proportion(outcome, clusters=clusters)
