"""Empirical Bayes: spdep's answers on the counties of North Carolina, laws, and what holds no information."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi import rate
from mchepi.stats.shrinkage import empirical_bayes, local_empirical_bayes

ROOT = Path(__file__).parents[2]
NC_SIDS = ROOT / "data" / "nc_sids"

# tests/published/empirical_bayes_nc_sids.csv is R 4.2.2 with spdep 1.2-7:
#
# nc <- read.csv("data/nc_sids/counts.csv"); links <- read.csv("data/nc_sids/neighbors.csv")
# for (y in c(1974, 1979)) { d <- nc[nc$year == y, ]; o <- d$sudden_infant_deaths; n <- d$live_births
#   nb <- lapply(d$district, function(i) sort(match(links$neighbor[links$district == i], d$district)))
#   class(nb) <- "nb"; attr(nb, "region.id") <- as.character(d$district)
#   g <- EBest(o, n); a <- attr(g, "parameters")$a; b <- attr(g, "parameters")$b
#   g$estmm; qgamma(.025, o + b^2/a, n + b/a); qgamma(.975, o + b^2/a, n + b/a)
#   l <- EBlocal(o, n, nb, geoda = TRUE); la <- attr(l, "parameters")$a; lm <- attr(l, "parameters")$m; l$est
#   so <- sapply(seq_along(nb), function(i) sum(o[c(i, nb[[i]])])); sn <- likewise with n
#   ifelse(la > 0, qgamma(.025, o + lm^2/la, n + lm/la), ifelse(so == 0, 0, qgamma(.025, so) / sn))
#   ifelse(la > 0, qgamma(.975, o + lm^2/la, n + lm/la), qgamma(.975, so + 1) / sn) }


@pytest.fixture(scope="module")
def in_r() -> pd.DataFrame:
    path = ROOT / "tests" / "published" / "empirical_bayes_nc_sids.csv"
    return pd.read_csv(path, dtype={"district": str}).set_index("district")


@pytest.fixture(scope="module")
def links() -> dict[str, list[str]]:
    pairs = pd.read_csv(NC_SIDS / "neighbors.csv", dtype=str)
    return {district: list(own["neighbor"]) for district, own in pairs.groupby("district")}


def counties(year: int) -> tuple[pd.Series, pd.Series]:
    counts = pd.read_csv(NC_SIDS / "counts.csv", dtype={"district": str})
    counts = counts[counts["year"] == year].set_index("district")
    return counts["sudden_infant_deaths"], counts["live_births"]


@pytest.mark.parametrize("year", [1974, 1979])
def test_counties_as_in_spdep(year, in_r):
    expected = in_r[in_r["year"] == year]
    found = empirical_bayes(*counties(year))
    for name in ("value", "lower", "upper"):
        got = getattr(found, name)
        assert got.index.equals(expected.index)
        assert got.to_numpy() == pytest.approx(expected[name].to_numpy(), rel=1e-8)
    assert found.note is None
    assert found.method == "marshall"


@pytest.mark.parametrize("year", [1974, 1979])
def test_neighborhoods_as_in_spdep(year, in_r, links):
    expected = in_r[in_r["year"] == year]
    found = local_empirical_bayes(*counties(year), links)
    for name in ("value", "lower", "upper"):
        # Where no neighbor has a death either, spdep divides 0 by 0; here the rate is 0.
        wanted = expected[f"local_{name}"].fillna(0).to_numpy()
        assert getattr(found, name).to_numpy() == pytest.approx(wanted, rel=1e-8)
    cut_off = expected["local_variance"] == 0
    said = found.note == "no variation beyond chance: common rate of the neighborhood"
    assert 40 < cut_off.sum() < 70
    assert (said == cut_off).all()


# R 4.2.2; the prior as in the docstring, the mean m integrated by pieces on its logarithm:
#
# e <- c(0, 2, 12, 3, 40); P <- c(200, 410, 3000, 350, 4000); cs <- seq(.025, 1.475, .05)
# log_h <- function(m, a) sapply(m, function(m) { r <- a / m
#   sum(lgamma(e + a) - lgamma(a) + a * log(r) - (e + a) * log(P + r)) }) - .5 * log(m)
# peak <- function(a) optimize(function(x) log_h(exp(x), a) + x, c(-12, 0), maximum = TRUE, tol = 1e-10)
# top <- max(sapply(1 / cs^2, function(a) peak(a)$objective))
# cuts <- c(-30, -4, -2, -1, -.5, 0, .5, 1, 2, 4, 30)
# over <- function(f) sum(sapply(1 / cs^2, function(a) { s <- peak(a)$maximum
#   g <- function(x) f(exp(x), a) * exp(log_h(exp(x), a) + x - top)
#   sum(sapply(1:10, function(b) integrate(g, s + cuts[b], s + cuts[b+1], rel.tol = 1e-12,
#     subdivisions = 2000)$value)) }))
# all <- over(function(m, a) rep(1, length(m)))
# for (i in 1:5) over(function(m, a) (e[i] + a) / (P[i] + a / m)) / all
# below <- function(x, i) over(function(m, a) pgamma(x, e[i] + a, P[i] + a / m)) / all
# for (p in c(.025, .975)) uniroot(function(x) below(x, i) - p, c(1e-6, .05), tol = 1e-16)$root
INTEGRATED_IN_R = [
    (0.00447053921102909, 0.000124124027941016, 0.0115806647745817),
    (0.00588316812417155, 0.00148146925391233, 0.0125379509454044),
    (0.00449074215547436, 0.00238492654343014, 0.00724011413461565),
    (0.00767050633528788, 0.00252495763364066, 0.0163888224591762),
    (0.0095092223857775, 0.00670106541817508, 0.0127915933027428),
]


def test_integrated_as_in_r():
    found = empirical_bayes([0, 2, 12, 3, 40], [200, 410, 3000, 350, 4000], method="integrated")
    got = np.column_stack([found.value, found.lower, found.upper])
    assert got == pytest.approx(np.array(INTEGRATED_IN_R), rel=1e-8)
    assert found.method == "integrated"


def test_integrated_nears_marshall_where_much_is_known(in_r):
    expected = in_r[in_r["year"] == 1979]
    found = empirical_bayes(*counties(1979), method="integrated")
    assert found.value.to_numpy() == pytest.approx(expected["value"].to_numpy(), rel=0.2)
    widths = (found.upper - found.lower) / (expected["upper"] - expected["lower"])
    assert 1 < widths.median() < 1.5


def test_integrated_limits_cover_where_those_of_known_moments_do_not():
    generator = np.random.default_rng(8)
    shares = {"marshall": [], "integrated": []}
    for _ in range(25):
        births = generator.integers(500, 3500, 12)
        truth = generator.gamma(1 / 0.3**2, 0.3**2 * 1e-3, 12)
        deaths = generator.poisson(births * truth)
        for method, share in shares.items():
            found = empirical_bayes(deaths, births, method=method)
            share.append(np.mean((found.lower <= truth) & (truth <= found.upper)))
    assert np.mean(shares["integrated"]) > 0.9
    assert np.mean(shares["marshall"]) < 0.88


def test_integrated_needs_three_areas_and_takes_no_events():
    two = empirical_bayes([1, 5], [100, 300], method="integrated")
    assert np.isnan(two.value).all()
    assert set(two.note) == {"fewer than three areas"}
    none = empirical_bayes([0, 0, 0], [800, 630, 900], method="integrated")
    assert (none.value > 0).all()
    assert (none.upper > none.value).all()
    with pytest.raises(ValueError, match="`method` must be one of 'marshall', 'integrated'"):
        empirical_bayes([1, 5], [100, 300], method="gamma")


areas = st.lists(
    st.integers(1, 20_000).flatmap(
        lambda births: st.tuples(st.integers(0, min(births, 60)), st.just(births))
    ),
    min_size=1,
    max_size=25,
)


@given(areas)
def test_every_estimate_lies_between_the_area_and_the_whole(counts):
    events, births = map(np.array, zip(*counts, strict=True))
    found = empirical_bayes(events, births)
    whole, own = events.sum() / births.sum(), events / births
    slack = 1e-12 * (1 + whole)
    assert (found.value >= np.minimum(own, whole) - slack).all()
    assert (found.value <= np.maximum(own, whole) + slack).all()
    assert (found.lower <= found.value + slack).all()
    assert (found.value <= found.upper + slack).all()
    assert (found.upper > found.lower).all()


@given(areas, st.randoms(use_true_random=False))
def test_order_of_the_areas_does_not_matter(counts, random):
    events, births = map(np.array, zip(*counts, strict=True))
    order = list(range(len(counts)))
    random.shuffle(order)
    found, shuffled = empirical_bayes(events, births), empirical_bayes(events[order], births[order])
    assert shuffled.value == pytest.approx(found.value[order], rel=1e-6, abs=1e-12)


@given(areas)
def test_neighborhood_of_all_is_the_whole(counts):
    events, births = map(np.array, zip(*counts, strict=True))
    everyone = [[other for other in range(len(counts)) if other != area] for area in range(len(counts))]
    local, whole = local_empirical_bayes(events, births, everyone), empirical_bayes(events, births)
    if len(counts) > 1:
        assert local.value == pytest.approx(whole.value, rel=1e-6, abs=1e-12)


def test_areas_alike_have_the_exact_limits_of_their_common_rate():
    found = empirical_bayes([2, 4, 3], [1000, 2000, 1500], per=1000)
    whole = rate(9, 4500, per=1000)
    assert found.value == pytest.approx([2.0] * 3)
    assert found.lower == pytest.approx([whole.lower] * 3)
    assert found.upper == pytest.approx([whole.upper] * 3)
    assert set(found.note) == {"no variation beyond chance: common rate"}


def test_no_event_anywhere_has_a_real_upper_limit():
    found = empirical_bayes([0, 0], [800, 630], per=100_000)
    assert list(found.value) == [0, 0]
    assert found.upper == pytest.approx([rate(0, 1430, per=100_000).upper] * 2)


def test_areas_without_information_stand_aside():
    events = pd.Series([5, 0, None, 30], index=list("abcd"), dtype="Int64")
    births = pd.Series([1000, 0, 700, 1500], index=list("abcd"))
    found = empirical_bayes(events, births)
    two = empirical_bayes([5, 30], [1000, 1500])
    assert found.value[["a", "d"]].to_list() == pytest.approx(two.value)
    assert found.value[["b", "c"]].isna().all()
    assert found.upper[["b", "c"]].isna().all()
    assert found.note.to_list() == ["", "denominator zero", "missing: events", ""]

    everyone = {"a": ["b", "d"], "b": ["a"], "c": ["a", "d"], "d": ["a", "c"]}
    local = local_empirical_bayes(events, births, everyone)
    assert local.value[["a", "d"]].to_list() == pytest.approx(two.value)
    assert local.note.to_list() == ["", "denominator zero", "missing: events", ""]


def test_an_island_keeps_its_own_rate_and_limits():
    found = local_empirical_bayes([2, 30, 0], [300, 2000, 1500], [[], [2], [1]], per=1000)
    own = rate(2, 300, per=1000)
    assert (found.value[0], found.lower[0], found.upper[0]) == pytest.approx(
        (own.value, own.lower, own.upper)
    )
    assert found.note[0] == "no neighbors: own rate"


def test_neighbors_by_label_and_by_position_agree(links):
    events, births = counties(1974)
    places = {label: place for place, label in enumerate(events.index)}
    by_place = [[places[label] for label in links[own]] for own in events.index]
    labelled, placed = (
        local_empirical_bayes(events, births, links),
        local_empirical_bayes(events, births, by_place),
    )
    assert labelled.value.equals(placed.value)
    plain = local_empirical_bayes(events.to_numpy(), births.to_numpy(), by_place)
    assert isinstance(plain.value, np.ndarray)
    assert plain.value == pytest.approx(labelled.value.to_numpy(), rel=0)
    doubled = [own + own[:1] for own in by_place]
    assert local_empirical_bayes(events, births, doubled).value.equals(placed.value)


@pytest.mark.parametrize(
    ("neighbors", "message"),
    [
        ([[1], [0]], "one list an area \\(3\\); got 2 lists"),
        ([[1], [0], [3]], "positions from 0 to 2; got 3 at district C"),
        ([[1], [1], []], "other areas; got itself at district B"),
        ([["B"], ["A"], []], "whole positions from 0 to 2; got 'B'. Use a mapping"),
        ({"A": ["B"], "B": ["A"]}, "given for every area; got no entry for 'C'"),
        ({"A": ["B"], "B": ["A"], "C": ["D"]}, "labels of `events`; got 'D'"),
        ({"A": ["B"], "B": ["A"], "C": [], "D": []}, "labels of `events`; got 'D'"),
        (None, "one list an area, or a mapping of labels to labels; got None. Give the neighbors"),
        (2, "one list an area, or a mapping of labels to labels; got 2"),
        ("ABC", "one list an area, or a mapping of labels to labels; got 'ABC'"),
        ([1, 0, []], "a list for every area; got 1 at district A. Give"),
        ([[1], "A", []], "a list for every area; got 'A' at district B"),
        ([[1], [True], []], "whole positions from 0 to 2; got True"),
        ([[1], [[0]], []], "whole positions from 0 to 2; got \\[0\\]"),
        ({"A": None, "B": ["A"], "C": []}, "a list for every area; got None at district A"),
        ({"A": "B", "B": "A", "C": "AB"}, "a list for every area; got 'B' at district A"),
        ({"A": [["B"]], "B": [], "C": []}, "labels of `events`; got \\['B'\\]"),
    ],
)
def test_faults_of_neighbors_are_named(neighbors, message):
    index = pd.Index(["A", "B", "C"], name="district")
    with pytest.raises(ValueError, match=message):
        local_empirical_bayes(pd.Series([1, 2, 3], index), pd.Series([10, 20, 30], index), neighbors)


def test_faults_of_counts_are_named():
    with pytest.raises(ValueError, match="`events` must be one number an area; got shape \\(\\)"):
        empirical_bayes(3, 100)
    with pytest.raises(ValueError, match="`events` must be 0 where `population` is 0; got 2 at position 1"):
        empirical_bayes([1, 2], [100, 0])
    with pytest.raises(ValueError, match="equal indexes"):
        empirical_bayes(pd.Series([1, 2], list("ab")), pd.Series([10, 20], list("ba")))
