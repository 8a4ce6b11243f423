"""Ranks of areas: expected ranks as in R, limits as by enumeration of random rankings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi.stats.ranks import area_ranks, expected_ranks

EVENTS, BIRTHS = [0, 3, 14, 10, 4, 40], [300, 410, 5000, 2900, 350, 4000]

# R 4.2.2:
#
# o <- c(0, 3, 14, 10, 4, 40); n <- c(300, 410, 5000, 2900, 350, 4000); m <- sum(o) / sum(n)
# a <- sum(n * (o / n - m)^2) / sum(n) - m / mean(n); s <- o + m^2 / a; r <- n + m / a
# sapply(1:6, function(i) 1 + sum(sapply((1:6)[-i], function(j) pbeta(r[j] / (r[j] + r[i]), s[j], s[i]))))
# and, of 400,000 random rankings: set.seed(1); d <- sapply(1:6, function(i) rgamma(4e5, s[i], r[i]))
# apply(t(apply(d, 1, rank)), 2, quantile, c(.025, .975), type = 1)
IN_R = [
    2.30213825365804,
    4.0122087274053,
    1.86861827033523,
    2.54328750004686,
    4.69824276656872,
    5.57550448198585,
]


def test_ranks_as_in_r():
    found = area_ranks(EVENTS, BIRTHS)
    assert found.value == pytest.approx(IN_R, rel=1e-8)
    assert list(found.lower) == [1, 1, 1, 1, 2, 4]
    assert list(found.upper) == [5, 6, 4, 4, 6, 6]


@given(st.lists(st.tuples(st.floats(0.5, 50), st.floats(1, 1e4)), min_size=1, max_size=12))
def test_expected_ranks_add_up(gammas):
    shape, rate = map(np.array, zip(*gammas, strict=True))
    ranks = expected_ranks(shape, rate)
    assert ranks.sum() == pytest.approx(len(gammas) * (len(gammas) + 1) / 2)
    assert (ranks >= 1 - 1e-9).all()
    assert (ranks <= len(gammas) + 1e-9).all()


def test_many_areas_are_ranked_in_pieces():
    generator = np.random.default_rng(3)
    shape, rate = generator.uniform(1, 9, 1100), generator.uniform(1, 9, 1100)
    few = slice(700, 720)
    alone = [
        1 + sum(_chance_below(shape[j], rate[j], shape[i], rate[i]) for j in range(1100) if j != i)
        for i in range(*few.indices(1100))
    ]
    assert expected_ranks(shape, rate)[few] == pytest.approx(alone, rel=1e-10)


def _chance_below(shape, rate, other_shape, other_rate):
    from scipy import stats

    return stats.beta.cdf(rate / (rate + other_rate), shape, other_shape)


def test_the_seed_settles_the_limits_and_hardly_matters():
    first, again = area_ranks(EVENTS, BIRTHS), area_ranks(EVENTS, BIRTHS)
    assert (first.lower == again.lower).all()
    assert (first.upper == again.upper).all()
    other = area_ranks(EVENTS, BIRTHS, seed=5)
    assert (other.value == first.value).all()
    assert np.abs(other.upper - first.upper).max() <= 1


def test_narrower_levels_lie_within():
    wide, narrow = area_ranks(EVENTS, BIRTHS), area_ranks(EVENTS, BIRTHS, confidence_level=0.5)
    assert (narrow.lower >= wide.lower).all()
    assert (narrow.upper <= wide.upper).all()


def test_areas_alike_may_have_any_rank():
    found = area_ranks([2, 4, 3], [1000, 2000, 1500])
    assert list(found.value) == [2, 2, 2]
    assert (list(found.lower), list(found.upper)) == ([1, 1, 1], [3, 3, 3])
    assert set(found.note) == {"no variation beyond chance: any rank"}


def test_areas_without_information_take_no_rank():
    events = pd.Series([0, None, 40, 9], index=list("abcd"), dtype="Int64")
    found = area_ranks(events, pd.Series([300, 500, 4000, 5000], index=list("abcd")))
    three = area_ranks([0, 40, 9], [300, 4000, 5000])
    assert found.value[["a", "c", "d"]].to_list() == pytest.approx(three.value)
    assert np.isnan(found.value["b"])
    assert np.isnan(found.upper["b"])
    assert found.note["b"] == "missing: events"


def test_draws_are_enough():
    with pytest.raises(ValueError, match="`draws` must be a whole number, 100 or more; got 10"):
        area_ranks(EVENTS, BIRTHS, draws=10)
