"""Search, choice and limits of joinpoint regression, rule by rule.

The witnesses for weighted fits come from base R 4.2.2, which tried all sets with lm:

    > year <- c(2000,2004,2005,2010,2011,2012,2014,2015,2016,2017,2018,2020,2021,2022,2023,2024)
    > ratio <- c(53.0,48.3,47.7,30.0,26.1,24.5,21.7,20.1,19.9,19.6,18.3,16.9,16.1,15.7,15.1,14.3)
    > se <- c(2.1,1.9,1.8,1.4,1.3,1.2,1.3,1.2,1.1,1.1,1.0,0.9,0.9,1.1,1.0,0.8)
    > events <- c(60,0,48,35,31,28,25,24,22,20,21,15,17,12,14,9)
    > person <- c(1.10,1.12,1.05,1.20,1.18,1.21,1.19,1.23,1.17,1.22,1.25,1.10,1.12,0.98,0.95,0.90)*1e5
    > n <- length(year)
    > best <- function(y, w, k) {
    +   sets <- Filter(function(s) all(diff(s) >= 3), combn(3:(n-2), k, simplify=FALSE))
    +   fits <- lapply(sets, function(s)
    +     lm(y ~ year + outer(year, year[s], function(a, b) pmax(a - b, 0)), weights=w))
    +   i <- which.min(sapply(fits, deviance)); list(set=sets[[i]], fit=fits[[i]]) }
    > report <- function(y, w, k) {
    +   b <- best(y, w, k); keep <- !(seq_len(n) %in% b$set)
    +   d <- data.frame(y, year, w, seg=factor(findInterval(seq_len(n), b$set)))[keep,]
    +   own <- lm(y ~ 0 + seg + seg:year, data=d, weights=w)
    +   c(year[b$set], deviance(b$fit), cumsum(coef(b$fit)[-1]),
    +     sqrt(diag(vcov(own)))[-(1:(k+1))], own$df.residual) }
    > e <- ifelse(events == 0, .5, events); rate <- e / person
    > report(log(ratio), (ratio/se)^2, 2); report(ratio, 1/se^2, 2)       # standard_error: log, linear
    > report(log(rate), e, 2); report(rate, e/rate^2, 2)                  # poisson: log, linear
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from mchepi.stats.joinpoint_regression import joinpoint
from mchepi.stats.joinpoint_regression.candidates import Spacing, branches, tree
from mchepi.stats.joinpoint_regression.design import Design, off_the_line
from mchepi.stats.joinpoint_regression.envelope import profile_by_envelopes, search_by_envelopes
from mchepi.stats.joinpoint_regression.resampling import average_slopes
from mchepi.stats.joinpoint_regression.search import best_sets, profile
from mchepi.stats.joinpoint_regression.selection import default_max_joinpoints

YEAR = [2000, 2004, 2005, 2010, 2011, 2012, 2014, 2015, 2016, 2017, 2018, 2020, 2021, 2022, 2023, 2024]
RATIO = [53.0, 48.3, 47.7, 30.0, 26.1, 24.5, 21.7, 20.1, 19.9, 19.6, 18.3, 16.9, 16.1, 15.7, 15.1, 14.3]
SE = [2.1, 1.9, 1.8, 1.4, 1.3, 1.2, 1.3, 1.2, 1.1, 1.1, 1.0, 0.9, 0.9, 1.1, 1.0, 0.8]
EVENTS = [60, 0, 48, 35, 31, 28, 25, 24, 22, 20, 21, 15, 17, 12, 14, 9]
PERSON = [1e5 * t for t in (1.10, 1.12, 1.05, 1.20, 1.18, 1.21, 1.19, 1.23, 1.17, 1.22, 1.25, 1.10,
                            1.12, 0.98, 0.95, 0.90)]  # fmt: skip

WITNESSES = {
    "standard_error, log": (
        {"value": RATIO, "variance": "standard_error", "standard_error": SE},
        1.56523223856302,
        [-0.0210127019453309, -0.0981440378184806, -0.0434332053489496],
        [0.00360996214884418, 0.0176521421335082, 0.00146734052394597],
    ),
    "standard_error, linear": (
        {"value": RATIO, "variance": "standard_error", "standard_error": SE, "model": "linear"},
        2.35987903175159,
        [-1.11314680404278, -3.46322000021108, -0.755196177837593],
        [0.191203277706797, 0.515958263368992, 0.0268543018960151],
    ),
    "poisson, log": (
        {"events": EVENTS, "person_time": PERSON, "variance": "poisson"},
        11.8906852050109,
        [-0.0398440092999405, -0.0902304761463854, -0.0586034075738921],
        [0.126466909461884, 0.0878571145121569, 0.00839298619323547],
    ),
    "poisson, linear": (
        {"events": EVENTS, "person_time": PERSON, "variance": "poisson", "model": "linear"},
        84.3539823101465,
        [-8.96346822097022e-05, 4.81020124077989e-05, -1.3403134300241e-05],
        [6.22883074960134e-06, 2.40488757245019e-05, 1.27327939941695e-06],
    ),
}


@pytest.mark.parametrize("case", WITNESSES)
def test_weighted_fits_agree_with_r(case: str):
    arguments, sse, slope, se = WITNESSES[case]
    fit = joinpoint(YEAR, **arguments, selection=2)
    assert fit.joinpoints == (2005, 2012)
    np.testing.assert_allclose(fit.sse, sse, rtol=1e-8)
    np.testing.assert_allclose(fit.segments["slope"], slope, rtol=1e-8)
    np.testing.assert_allclose(fit.segments["slope_se"], se, rtol=1e-8)


def brute_force(time, y, weight, joinpoints, between, end):
    """The smallest sum of squares by one statsmodels fit a set."""
    import statsmodels.api as sm

    best = np.inf, ()
    for places in itertools.combinations(range(end, len(time) - end), joinpoints):
        if any(right - left <= between for left, right in itertools.pairwise(places)):
            continue
        hinges = [np.maximum(time - time[place], 0) for place in places]
        fit = sm.WLS(y, np.column_stack([np.ones_like(time), time, *hinges]), weights=weight).fit()
        best = min(best, (fit.ssr, places))
    return best


@pytest.mark.parametrize(
    ("joinpoints", "between", "end"), [(0, 2, 2), (1, 2, 2), (2, 2, 2), (2, 0, 1), (2, 1, 3)]
)
def test_search_agrees_with_a_loop_of_statsmodels_fits(joinpoints: int, between: int, end: int):
    generator = np.random.default_rng(joinpoints + between)
    time = np.sort(generator.choice(np.arange(1990, 2020), 11, replace=False)).astype(float)
    value = np.exp(generator.normal(size=11).cumsum() * 0.2)
    error = value * generator.uniform(0.05, 0.3, 11)
    fit = joinpoint(
        time,
        value,
        variance="standard_error",
        standard_error=error,
        selection=joinpoints,
        min_observations_between=between,
        min_observations_end=end,
    )
    sse, places = brute_force(time, np.log(value), (value / error) ** 2, joinpoints, between, end)
    np.testing.assert_allclose(fit.sse, sse, rtol=1e-8)
    assert fit.joinpoints == tuple(time[list(places)])


def test_admissible_sets_are_those_of_a_plain_loop():
    spacing = Spacing(between=2, end=2)
    for joinpoints, level in enumerate(tree(14, 3, spacing), start=1):
        plain = [
            places
            for places in itertools.combinations(range(2, 12), joinpoints)
            if all(right - left > 2 for left, right in itertools.pairwise(places))
        ]
        assert list(map(tuple, level.positions)) == plain
        assert len(plain) == spacing.count(14, joinpoints)
    cut = [set(map(tuple, levels[-1].positions)) for levels in branches(14, 3, spacing, limit=300)]
    assert len(cut) > 1
    assert set.union(*cut) == set(map(tuple, tree(14, 3, spacing)[-1].positions))
    assert sum(map(len, cut)) == spacing.count(14, 3)


def test_missing_years_do_not_count_as_observations():
    # Joinpoints 2007 and 2010 have two years between them, but 2009 was not observed.
    year = np.array([2001, 2002, 2003, 2004, 2005, 2006, 2007, 2008, 2010, 2011, 2012, 2013])
    value = 10 * 1.1 ** np.minimum(year - 2001, 6) * 0.7 ** np.clip(year - 2007, 0, 3)
    assert joinpoint(year, value, selection=2).joinpoints != (2007, 2010)
    full = np.arange(2001, 2014)
    value = 10 * 1.1 ** np.minimum(full - 2001, 6) * 0.7 ** np.clip(full - 2007, 0, 3)
    assert joinpoint(full, value, selection=2).joinpoints == (2007, 2010)


@pytest.mark.parametrize("weighted", [False, True])
def test_following_envelopes_finds_what_trying_all_sets_finds(weighted: bool):
    generator = np.random.default_rng(5)
    for observations, joinpoints in ((15, 2), (20, 3), (25, 4)):
        time = np.sort(generator.choice(np.arange(60), observations, replace=False)).astype(float)
        y = generator.normal(size=(4, observations)).cumsum(axis=1)
        root = generator.uniform(0.3, 2, (4, observations)) if weighted else np.ones((1, observations))
        design = Design.of_series(time, y, root)
        tried = best_sets(design, joinpoints, Spacing()).positions[1:]
        followed = search_by_envelopes(design, off_the_line(design), joinpoints, Spacing())
        for one, other in zip(tried, followed, strict=True):
            np.testing.assert_array_equal(one, other)
        alone = design.take(slice(1))
        np.testing.assert_allclose(
            profile_by_envelopes(alone, off_the_line(alone), joinpoints, Spacing()),
            profile(alone, joinpoints, Spacing()),
            rtol=1e-8,
        )


def test_long_series_with_many_joinpoints_are_recovered():
    year = np.arange(1900, 2020)
    knots = [1912, 1925, 1937, 1950, 1970, 1988, 2003]
    y = 3 + 0.02 * (year - 1900) + sum(
        change * np.maximum(year - knot, 0)
        for knot, change in zip(knots, [-0.05, 0.06, -0.04, 0.03, -0.05, 0.06, -0.03], strict=True)
    )  # fmt: skip
    fit = joinpoint(year, np.exp(y))
    assert fit.joinpoints == tuple(knots)
    assert fit.sse == 0
    noisy = joinpoint(year, np.exp(y) * (1 + 0.01 * np.sin(year**2)), selection=7)
    intervals = noisy.joinpoint_intervals
    assert (intervals["lower"] < knots).all()
    assert (intervals["upper"] > knots).all()
    assert (intervals["upper"] - intervals["lower"] < 10).all()
    with pytest.raises(ValueError, match="The number of joinpoints must be smaller for 5000 refits of 120"):
        noisy.average_annual_percent_change(method="empirical_quantile")


def test_default_largest_number_of_joinpoints():
    edges = {
        6: 0,
        7: 1,
        11: 1,
        12: 2,
        16: 2,
        17: 3,
        21: 3,
        22: 4,
        26: 4,
        27: 5,
        31: 5,
        32: 6,
        36: 6,
        37: 7,
        90: 7,
    }
    assert {n: default_max_joinpoints(n) for n in edges} == edges


def test_limits_of_slopes_and_their_average():
    fit = joinpoint(YEAR, RATIO, selection=2)
    segments = fit.segments
    # 16 observations less 2 joinpoints and 2 coefficients a segment leave 8 degrees of freedom.
    quantile = stats.t.ppf(0.975, 8)
    for side, column in ((-1, "lower"), (1, "upper")):
        limit = 100 * np.expm1(segments["slope"] + side * quantile * segments["slope_se"])
        np.testing.assert_allclose(segments[column], limit, rtol=1e-10)
    p_value = 2 * stats.t.sf(np.abs(segments["slope"] / segments["slope_se"]), 8)
    np.testing.assert_allclose(segments["p_value"], p_value, rtol=1e-10)

    share = np.array([5, 7, 12]) / 24
    slope, se = share @ segments["slope"], np.sqrt(((share * segments["slope_se"]) ** 2).sum())
    whole = fit.average_annual_percent_change()
    # Over several segments the normal quantile, within one that of t.
    expected = 100 * np.expm1([slope, slope - stats.norm.ppf(0.975) * se, slope + stats.norm.ppf(0.975) * se])
    np.testing.assert_allclose([whole.value, whole.lower, whole.upper], expected, rtol=1e-10)
    recent = fit.average_annual_percent_change(2015, 2020)
    last = segments.iloc[2]
    np.testing.assert_allclose(
        [recent.value, recent.lower, recent.upper],
        last[["value", "lower", "upper"]].astype(float),
        rtol=1e-10,
    )
    part = fit.average_annual_percent_change(2010, 2014).value
    slopes = segments["slope"].to_numpy()
    np.testing.assert_allclose(part, 100 * np.expm1((slopes[1] + slopes[2]) / 2), rtol=1e-10)


def test_joinpoint_intervals():
    fit = joinpoint(YEAR, RATIO, selection=2)
    design = fit.analysis.design
    smallest = profile(design, 2, Spacing())
    for nth, place in enumerate(fit.analysis.positions[2]):
        for position in range(16):
            others = [
                brute_sse(places)
                for places in itertools.combinations(range(2, 14), 2)
                if places[1] - places[0] > 2 and places[nth] == position
            ]
            expected = min(others, default=np.inf)
            np.testing.assert_allclose(smallest[nth, position], expected, rtol=1e-8)
        np.testing.assert_allclose(smallest[nth, place], fit.sse, rtol=1e-8)
    bound = fit.sse * (1 + 2 * stats.f.ppf(0.95, 2, 10) / 10)
    for nth, row in enumerate(fit.joinpoint_intervals.itertuples()):
        inside = np.flatnonzero(smallest[nth] <= bound)
        # One time outward, within the room that the other joinpoint and the ends leave.
        first, last = (2, 10) if nth == 0 else (5, 13)
        assert row.lower == YEAR[max(inside[0] - 1, first)]
        assert row.upper == YEAR[min(inside[-1] + 1, last)]


def brute_sse(places: tuple[int, ...]) -> float:
    time, y = np.array(YEAR, dtype=float), np.log(RATIO)
    hinges = [np.maximum(time - time[place], 0) for place in places]
    columns = np.column_stack([np.ones(16), time - 2000, *hinges])
    return float(np.linalg.lstsq(columns, y, rcond=None)[1][0])


def test_no_degrees_of_freedom_leave_limits_undefined_and_say_so():
    fit = joinpoint(range(5), [1, 2, 1.5, 3, 2.2], selection=1)
    assert fit.note == "no degrees of freedom left: limits undefined"
    assert fit.segments[["slope_se", "lower", "upper", "p_value"]].isna().all(axis=None)
    assert np.isfinite(fit.segments["value"]).all()
    change = fit.average_annual_percent_change()
    assert np.isfinite(change.value)
    assert np.isnan([change.lower, change.upper]).all()


def test_a_segment_without_a_line_of_its_own_has_no_limits_and_the_others_do():
    time = np.arange(2000.0, 2017)
    value = 10 * np.exp(-0.05 * (time - 2000)) * np.exp(np.random.default_rng(30).normal(0, 0.02, 17))
    value[-1] *= 1.6
    fit = joinpoint(time, value, selection=1, min_observations_end=1)
    assert fit.joinpoints == (2015,)
    assert fit.note == "fewer than two observations off the joinpoints, no limits: 2015 to 2016"
    segments = fit.segments
    assert np.isfinite(segments["value"]).all()
    assert segments.loc[1, ["slope_se", "lower", "upper", "p_value"]].isna().all()
    # The errors are those of the first segment alone: its line without 2015, 15 observations less two.
    line = stats.linregress(time[:15], np.log(value[:15]))
    assert segments.loc[0, "slope_se"] == pytest.approx(line.stderr, rel=1e-9)
    reach = stats.t.ppf(0.975, 13) * line.stderr
    wanted = 100 * np.expm1(segments.loc[0, "slope"] + np.array([-reach, reach]))
    np.testing.assert_allclose(segments.loc[0, ["lower", "upper"]].astype(float), wanted, rtol=1e-9)
    within = fit.average_annual_percent_change(2003, 2014)
    assert np.isfinite([within.lower, within.upper]).all()
    across = fit.average_annual_percent_change()
    assert np.isfinite(across.value)
    assert np.isnan([across.lower, across.upper]).all()


def test_empirical_quantiles_are_seeded_and_near_the_t_limits_without_joinpoints():
    generator = np.random.default_rng(3)
    fit = joinpoint(
        range(30), np.exp(2 - 0.03 * np.arange(30) + 0.1 * generator.normal(size=30)), selection=0
    )
    one, same, other = (
        fit.average_annual_percent_change(method="empirical_quantile", resamples=2000, seed=seed)
        for seed in (1, 1, 2)
    )
    assert (one.lower, one.upper, one.p_value) == (same.lower, same.upper, same.p_value)
    assert one.lower != other.lower
    assert one.method == "empirical_quantile"
    parametric = fit.average_annual_percent_change()
    width = parametric.upper - parametric.lower
    assert abs(one.lower - parametric.lower) < 0.12 * width
    assert abs(one.upper - parametric.upper) < 0.12 * width


def test_joinpoint_intervals_end_where_the_other_joinpoints_leave_no_room():
    # Noise tells nothing of the joinpoints: each may lie wherever the other and the ends allow.
    noise = np.exp(np.random.default_rng(1).normal(size=12))
    intervals = joinpoint(range(12), noise, selection=2).joinpoint_intervals
    assert intervals[["lower", "upper"]].to_numpy().tolist() == [[2, 6], [5, 9]]


def test_average_of_refitted_slopes_over_a_part_of_the_series():
    bounds, slope = np.array([[0.0, 4, 10], [0, 8, 10]]), np.array([[1.0, 3], [2, 5]])
    np.testing.assert_allclose(average_slopes(bounds, slope, 2, 6), [2, 2])
    np.testing.assert_allclose(average_slopes(bounds, slope, 0, 10), [2.2, 2.6])
