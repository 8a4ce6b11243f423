"""What lies outside a funnel: R's p-values, the flags to be expected by chance, false discoveries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mchepi import rate_test
from mchepi.stats.flags import benjamini_hochberg, expected_flags, funnel_flags
from mchepi.stats.funnel import funnel_limits

NC_SIDS = Path(__file__).parents[2] / "data" / "nc_sids" / "counts.csv"


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    counts = pd.read_csv(NC_SIDS, dtype={"district": str})
    return counts[counts["year"] == 1974].set_index("district")


# R 4.2.2:
#
# nc <- subset(read.csv("data/nc_sids/counts.csv"), year == 1974)
# e <- nc$live_births * 2.02 / 1000; o <- nc$sudden_infant_deaths
# p <- pmin(1, 2 * pmin(ppois(o, e), ppois(o - 1, e, lower.tail = FALSE))); q <- p.adjust(p, "BH")
# i <- order(p)[c(1, 2, 3, 4, 10, 50, 99)]; c(sum(p < .05), sum(p < .002), sum(q <= .05)); c(sum(p), sum(q))
COUNTIES_IN_R = [
    ("37007", 2.63295553897915e-06, 0.000263295553897915),
    ("37155", 0.001064095720177, 0.0382209506242061),
    ("37083", 0.00114662851872618, 0.0382209506242061),
    ("37067", 0.0022326401136136, 0.0558160028403401),
    ("37157", 0.0435675360151076, 0.435675360151076),
    ("37059", 0.600458233977215, 1),
    ("37177", 1, 1),
]


def test_counties_as_in_r(counties):
    flags = funnel_flags(
        counties["sudden_infant_deaths"], counties["live_births"], 2.02, kind="rate", per=1000
    )
    for district, p_value, adjusted in COUNTIES_IN_R:
        row = flags.loc[district]
        assert (row["p_value"], row["adjusted_p_value"]) == pytest.approx((p_value, adjusted), rel=1e-8)
    assert flags["outside"].notna().sum() == 10
    assert (flags["outside"] == 0.998).sum() == 3
    assert (flags["adjusted_p_value"] <= 0.05).sum() == 3
    assert flags["p_value"].sum() == pytest.approx(56.2619558743661, rel=1e-8)
    assert flags["adjusted_p_value"].sum() == pytest.approx(84.954842739265, rel=1e-8)
    assert flags.loc["37007", "side"] == "above"


# R 4.2.2 (e as above; every count with its chance):
#
# up <- sapply(e, function(m) { x <- 0:400; c(sum(dpois(x, m)[ppois(x - 1, m, lower.tail = FALSE) < .025]),
#                                             sum(dpois(x, m)[ppois(x, m) < .025])) })
# c(sum(up[1, ]), sum(up[2, ]), 1 - prod(1 - colSums(up)))
# n <- c(20, 55, 148, 400): the same with dbinom(x, n, .1); for "phe" with x / n beyond
# .1 -+ qnorm(.975) * sqrt(.09 / n)
def test_expected_flags_as_in_r(counties):
    row = expected_flags(counties["live_births"], 2.02, kind="rate", per=1000, levels=0.95).iloc[0]
    in_r = (1.74787630112676, 0.794230402153365, 0.924350115253467)
    assert tuple(row[["above", "below", "chance_of_any"]]) == pytest.approx(in_r, rel=1e-8)
    size = [20, 55, 148, 400]
    row = expected_flags(size, 0.1, kind="proportion", levels=0.95).iloc[0]
    in_r = (0.0741420336683493, 0.0609806005273725, 0.128753735252176)
    assert tuple(row[["above", "below", "chance_of_any"]]) == pytest.approx(in_r, rel=1e-8)
    row = expected_flags(size, 0.1, kind="proportion", method="phe", levels=0.95).iloc[0]
    in_r = (0.157400782983175, 0.0609806005273725, 0.201256518785769)
    assert tuple(row[["above", "below", "chance_of_any"]]) == pytest.approx(in_r, rel=1e-8)


@given(st.lists(st.floats(0.05, 60), min_size=1, max_size=20), st.sampled_from([0.9, 0.95, 0.998]))
def test_exact_limits_flag_at_most_as_many_as_they_say(expected, level):
    row = expected_flags(expected, 1, kind="ratio", levels=level).iloc[0]
    assert 0 <= row["both"] <= len(expected) * (1 - level) * (1 + 1e-9)
    assert row["chance_of_any"] <= row["both"] * (1 + 1e-9)


def test_sizes_without_information_are_passed_over():
    found = expected_flags([100.0, 0, np.nan, 250], 0.02, kind="rate")
    assert list(found["areas"]) == [2, 2]


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0.2, 50)), min_size=1, max_size=12))
def test_flags_agree_with_limits_and_with_the_exact_test(areas):
    events, expected = map(np.array, zip(*areas, strict=True))
    flags = funnel_flags(events, expected, 1, kind="ratio", levels=0.95)
    limits = funnel_limits(expected, 1, kind="ratio", levels=0.95)
    outside = (flags["value"] > limits["upper"]) | (flags["value"] < limits["lower"])
    assert (flags["outside"].notna() == outside).all()
    tested = rate_test(events, expected, reference=1).p_value
    assert flags["p_value"].to_numpy() == pytest.approx(tested, rel=1e-9)


@given(st.integers(0, 40), st.integers(0, 200), st.floats(0.01, 0.9))
def test_proportion_p_value_is_twice_the_smaller_tail(events, more, reference):
    total = max(1, events + more)
    found = funnel_flags(events, total, reference, kind="proportion")["p_value"][0]
    tails = stats.binom.cdf(events, total, reference), stats.binom.sf(events - 1, total, reference)
    assert found == pytest.approx(min(1, 2 * min(tails)), rel=1e-9, abs=1e-300)


def test_overdispersion_makes_flags_rarer():
    plain = funnel_flags([30, 4], [15, 15], 1, kind="ratio")
    wide = funnel_flags([30, 4], [15, 15], 1, kind="ratio", dispersion=2)
    assert (wide["p_value"] > plain["p_value"]).all()
    assert wide["p_value"][0] == pytest.approx(2 * stats.gamma.cdf(7.5, 15), rel=1e-9)
    assert list(plain["outside"]) == [0.998, 0.998]
    assert list(wide["outside"]) == [0.95, 0.95]


def test_flags_keep_labels_and_say_what_is_missing():
    index = pd.Index(["A", "B", "C"], name="district")
    events = pd.Series([3, None, 0], index, dtype="Int64")
    found = funnel_flags(events, pd.Series([100, 200, 0], index), 5, kind="rate", per=100)
    assert found.index.equals(index)
    assert list(found["note"]) == ["", "missing: events", "denominator zero"]
    assert found["p_value"].isna().tolist() == [False, True, True]
    assert found["adjusted_p_value"]["A"] == found["p_value"]["A"]  # it is the only one
    assert list(found["side"]) == ["below", "", ""]


def test_impossible_areas_are_named():
    with pytest.raises(ValueError, match="`events` must be at most `size`; got 12 of 10 at position 0"):
        funnel_flags([12, 1], [10, 10], 0.1, kind="proportion")
    with pytest.raises(ValueError, match="`events` must be 0 where `size` is 0; got 2 at position 1"):
        funnel_flags([1, 2], [10, 0], 0.1, kind="rate")
    with pytest.raises(ValueError, match="one number an area"):
        funnel_flags([[1, 2]], [[10, 5]], 0.1, kind="rate")


# R 4.2.2: p.adjust(c(.01, .04, .03, .005, .5, .04), "BH")
def test_benjamini_hochberg_as_in_r():
    adjusted = benjamini_hochberg([0.01, 0.04, 0.03, 0.005, 0.5, 0.04])
    assert adjusted == pytest.approx([0.03, 0.048, 0.048, 0.03, 0.5, 0.048], rel=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_benjamini_hochberg_as_in_scipy(p_value):
    assert benjamini_hochberg(p_value) == pytest.approx(stats.false_discovery_control(p_value), rel=1e-12)


def test_benjamini_hochberg_passes_over_missing_ones_and_keeps_the_shape():
    series = pd.Series([0.02, np.nan, 0.01], index=list("abc"))
    adjusted = benjamini_hochberg(series)
    assert adjusted.index.equals(series.index)
    assert adjusted["a"] == adjusted["c"] == 0.02
    assert np.isnan(adjusted["b"])
    assert benjamini_hochberg(0.3) == 0.3
    with pytest.raises(ValueError, match="`p_value` must be at most 1; got 5"):
        benjamini_hochberg([0.1, 5])
