"""Spread of z-scores, preferred digits, heaped ages, figures too good."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import (
    age_heaping,
    digit_preference,
    growth_z_scores,
    implied_z_distribution,
    z_score_quality,
)


# > x <- c(-2.1, -1.4, -0.3, 0.2, 0.9, 1.1, 2.8); m <- mean(x); options(digits = 15)
# > c(m, sd(x), mean((x - m)^3) / mean((x - m)^2)^1.5, mean((x - m)^4) / mean((x - m)^2)^2 - 3)
def test_moments_agree_with_r():
    values = [-2.1, -1.4, -0.3, 0.2, 0.9, 1.1, 2.8]
    scores = pd.DataFrame({name: [*values, 7.0, np.nan] for name in ("haz", "waz", "whz", "baz")})
    for name in list(scores):
        scores[f"{name}_flag"] = [*[False] * 7, True, False]
    found = z_score_quality(scores)
    assert found.index.tolist() == ["haz", "waz", "whz", "baz"]
    row = found.loc["whz"]
    assert row[["records", "missing", "flagged", "counted"]].tolist() == [9, 1, 1, 7]
    assert row[["mean", "standard_deviation", "skewness", "excess_kurtosis"]].tolist() == pytest.approx(
        [0.171428571428571, 1.640847632286725, 0.148522765796411, -0.813006252933429], rel=1e-8
    )


def test_well_measured_children_have_a_spread_of_1():
    generator = np.random.default_rng(5)
    n = 20_000
    days = generator.integers(0, 1826, n)
    table = growth_z_scores(days, "f", length=60.0)
    median = 60 - table["haz"] * (60 - growth_z_scores(days, "f", length=59.0)["length_used"]) / (
        table["haz"] - growth_z_scores(days, "f", length=59.0)["haz"]
    )
    spread = 1 / (table["haz"] - growth_z_scores(days, "f", length=59.0)["haz"])
    length = median + spread * generator.normal(size=n)
    quality = z_score_quality(growth_z_scores(days, "f", length=length)).loc["haz"]
    assert quality["mean"] == pytest.approx(0, abs=0.03)
    assert quality["standard_deviation"] == pytest.approx(1, abs=0.02)
    worse = z_score_quality(growth_z_scores(days, "f", length=length + 3 * generator.normal(size=n))).loc[
        "haz"
    ]
    assert worse["standard_deviation"] > 1.2


def test_nobody_has_no_moments():
    found = z_score_quality(growth_z_scores([400], "f", length=[None]))
    assert found[["mean", "standard_deviation", "skewness"]].isna().all(axis=None)
    assert found["missing"].tolist() == [1, 1, 1, 1]
    one = z_score_quality(growth_z_scores([400], "f", length=[72])).loc["haz"]
    assert np.isnan(one["standard_deviation"])
    with pytest.raises(ValueError, match="`scores` must come from growth_z_scores; got no haz"):
        z_score_quality(pd.DataFrame({"waz": [1.0]}))


# > chisq.test(c(66, rep(6, 9)))$statistic          270
# > chisq.test(c(14, rep(9, 4), 14, rep(9, 4)))$p.value     0.911412526831679
def test_digits():
    lengths = [80.0] * 60 + [80 + i / 10 for i in range(10)] * 6
    found = digit_preference(lengths)
    assert found["count"].tolist() == [66, *[6] * 9]
    assert found["score"].tolist() == pytest.approx([100 * np.sqrt(270 / (9 * 120))] * 10)
    even = digit_preference([i / 10 for i in range(800, 900)])
    assert even["score"].tolist() == [0] * 10
    assert even["p_value"].tolist() == [1] * 10
    some = digit_preference([80.0] * 14 + [80.5] * 14 + [80 + i / 10 for i in (1, 2, 3, 4, 6, 7, 8, 9)] * 9)
    assert some["p_value"].iloc[0] == pytest.approx(0.911412526831679, rel=1e-8)
    assert digit_preference([80.5] * 50)["score"].iloc[0] == pytest.approx(100)


def test_digits_survive_floating_point_and_say_what_is_finer():
    assert digit_preference([0.1 + 0.2, 70.7 + 0.6])["count"].tolist() == [0, 0, 0, 2, 0, 0, 0, 0, 0, 0]
    assert digit_preference([80.25, 80.3])["finer"].iloc[0] == 1
    whole = digit_preference([112, 115, 110, None], decimals=0)
    assert whole["count"].tolist() == [1, 0, 1, 0, 0, 1, 0, 0, 0, 0]
    assert whole["counted"].iloc[0] == 3
    nobody = digit_preference([None])
    assert nobody[["score", "p_value", "value"]].isna().all(axis=None)
    with pytest.raises(ValueError, match="`decimals` must be a whole number from 0 to 6"):
        digit_preference([80.1], decimals=-1)


def test_heaped_ages():
    even = age_heaping(list(range(60)) * 10)
    assert even[["counted", "heaped", "ratio", "p_value"]].iloc[0].tolist() == pytest.approx([480, 40, 1, 1])
    heaped = age_heaping(list(range(12, 60)) + [24.9] * 24)
    assert heaped["heaped"].iloc[0] == 28
    assert heaped["ratio"].iloc[0] == pytest.approx(28 / 72 * 12)
    assert heaped["p_value"].iloc[0] < 1e-10
    assert np.isnan(age_heaping([3, 5])["value"].iloc[0])
    for wrong in ({"every": 7}, {"every": 1}, {"age_from": 60}, {"age_below": 60.0}):
        with pytest.raises(ValueError, match="must be a whole number of periods"):
            age_heaping([24], **wrong)


# > options(digits = 15); q <- qnorm(0.0011); c(-2 - q, -2 / q, 100 * pnorm(-2))
def test_a_stunting_of_0_11_percent():
    row = implied_z_distribution(0.11).iloc[0]
    assert row[["implied_mean", "implied_standard_deviation", "expected"]].tolist() == pytest.approx(
        [1.061814151761757, 0.653207510602564, 2.275013194817921], rel=1e-8
    )
    assert round(row["implied_mean"], 2) == 1.06
    assert round(row["implied_standard_deviation"], 2) == 0.65


def test_implied_distribution_at_the_edges():
    found = implied_z_distribution(pd.Series([0, 100, 50, 60, None], list("abcde")))
    assert found.index.tolist() == list("abcde")
    assert found["implied_mean"].isna().tolist() == [True, True, False, False, True]
    assert found["implied_standard_deviation"].isna().all()
    assert found["implied_mean"]["c"] == -2
    with pytest.raises(ValueError, match="`prevalence` must be 0 to 100; got 101"):
        implied_z_distribution(101)
    with pytest.raises(ValueError, match="`cutoff` must be a z-score other than 0"):
        implied_z_distribution(1, cutoff=0)


@settings(deadline=None, max_examples=40)
@given(st.floats(0.001, 40))
def test_the_implied_distribution_has_that_prevalence(prevalence):
    from scipy.stats import norm

    row = implied_z_distribution(prevalence).iloc[0]
    assert 100 * norm.cdf(-2, loc=row["implied_mean"]) == pytest.approx(prevalence)
    assert 100 * norm.cdf(-2, scale=row["implied_standard_deviation"]) == pytest.approx(prevalence)
