"""Permutation tests: of the number of joinpoints, and of two series."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mchepi.stats.joinpoint_regression import joinpoint, joinpoint_comparison
from mchepi.stats.joinpoint_regression.candidates import Spacing, tree
from mchepi.stats.joinpoint_regression.nested import nested
from mchepi.stats.joinpoint_regression.permutation import Rules, _permutations


def sums(time, scaled, root, joinpoints):
    """Sums of squares of the best sets of so many joinpoints, a response a row, by plain least squares."""
    sets = tree(len(time), joinpoints, Spacing())[-1].positions if joinpoints else [()]
    best = np.full(len(scaled), np.inf)
    for places in sets:
        hinges = [np.maximum(time - time[place], 0) for place in places]
        columns = root[:, np.newaxis] * np.column_stack([np.ones_like(time), time - time[0], *hinges])
        residual = scaled.T - columns @ np.linalg.lstsq(columns, scaled.T, rcond=None)[0]
        best = np.minimum(best, (residual**2).sum(axis=0))
    return best


def permutation_p(time, y, root, null, alternative, order):
    """The p-value of one test: scaled residuals of the null fit permuted, both models searched anew."""
    scaled = root * y
    sets = tree(len(time), null, Spacing())[-1].positions if null else [()]
    fits = []
    for places in sets:
        hinges = [np.maximum(time - time[place], 0) for place in places]
        columns = root[:, np.newaxis] * np.column_stack([np.ones_like(time), time - time[0], *hinges])
        fitted = columns @ np.linalg.lstsq(columns, scaled, rcond=None)[0]
        fits.append((((scaled - fitted) ** 2).sum(), tuple(fitted)))
    fitted = np.array(min(fits)[1])
    permuted = np.vstack([scaled, fitted + (scaled - fitted)[order.T]])
    ratio = sums(time, permuted, root, null) / sums(time, permuted, root, alternative)
    return ratio[0], (1 + (ratio[1:] >= ratio[0] * (1 - 1e-9)).sum()) / len(ratio)


def noisy(seed: int, observations: int = 14) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    time = np.sort(generator.choice(np.arange(1995, 2020), observations, replace=False)).astype(float)
    y = 2 + np.where(time > 2008, -0.02, 0.05) * (time - 2008) + 0.05 * generator.normal(size=observations)
    return time, y, generator.uniform(0.02, 0.2, observations)


@pytest.mark.parametrize("variance", ["constant", "standard_error"])
def test_sequence_of_tests_is_that_of_kim_2000(variance: str):
    time, y, error = noisy(1)
    value = np.exp(y)
    weighted = {"variance": variance, "standard_error": value * error} if variance != "constant" else {}
    fit = joinpoint(time, value, **weighted, selection="permutation", permutations=199, seed=4)
    root = 1 / error if weighted else np.ones_like(y)
    table = fit.permutation_tests
    null, alternative = 0, 2
    for row in table.itertuples():
        assert (row.null, row.alternative) == (null, alternative)
        assert row.level == pytest.approx(0.05 / (2 - null))
        order = _permutations(len(y), Rules(199, 0.05, 4, False), null, alternative)
        statistic, p_value = permutation_p(time, y, root, null, alternative, order)
        assert row.statistic == pytest.approx(statistic, rel=1e-8)
        assert row.p_value == pytest.approx(p_value)
        assert row.permutations == 199
        rejected = p_value < row.level
        assert row.decision == (alternative if rejected else null)
        null, alternative = (null + 1, alternative) if rejected else (null, alternative - 1)
    assert null == alternative == fit.n_joinpoints


def test_a_p_value_at_the_level_does_not_reject():
    # 19 permutations: the smallest p is 1 / 20, the level of the test itself.
    time, y, _ = noisy(1)
    fit = joinpoint(time, np.exp(y), selection="permutation", permutations=19, max_joinpoints=1)
    assert fit.permutation_tests["p_value"].tolist() == [0.05]
    assert fit.n_joinpoints == 0


def test_nested_maxima_are_plain_maxima():
    generator = np.random.default_rng(0)
    levels = tree(16, 4, Spacing())
    found = [generator.normal(size=(len(level), 16)) for level in levels]
    response = generator.normal(size=(16, 7))
    explained = [(found[0] @ response) ** 2]
    for vectors, level in zip(found[1:], levels[1:], strict=True):
        explained.append(explained[-1][level.parent] + (vectors @ response) ** 2)
    for smaller in range(4):
        for larger in range(smaller + 1, 5):
            pair = nested(16, smaller, larger, Spacing())
            low, high = pair.explained((pair.matrix(found[:larger]) @ response) ** 2)
            np.testing.assert_allclose(high, explained[larger - 1].max(axis=0))
            np.testing.assert_allclose(low, explained[smaller - 1].max(axis=0) if smaller else 0)


def thirty_series() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(9)
    year = np.arange(2005, 2020)
    bend = generator.integers(0, 2, (30, 1)) * 0.15
    y = 2 - 0.03 * (year - 2005) + bend * np.maximum(year - 2012, 0) + 0.1 * generator.normal(size=(30, 15))
    return year, np.exp(y)


def test_the_same_seed_gives_the_same_p_values_however_the_work_is_split():
    year, values = thirty_series()
    options = {"selection": "permutation", "permutations": 299, "seed": 3}
    alone = [joinpoint(year, row, **options) for row in values]
    for workers in (1, 2, 5):
        together = joinpoint(year, values, **options, workers=workers)
        for one, other in zip(alone, together, strict=True):
            assert one.permutation_tests.equals(other.permutation_tests)
    other_seed = joinpoint(year, values, **{**options, "seed": 4})
    assert any(
        not a.permutation_tests.equals(b.permutation_tests) for a, b in zip(alone, other_seed, strict=True)
    )


def test_curtailed_tests_decide_the_same_with_fewer_permutations():
    year, values = thirty_series()
    options = {"selection": "permutation", "permutations": 999}
    for full, curtailed in zip(
        joinpoint(year, values, **options), joinpoint(year, values, **options, curtailed=True), strict=True
    ):
        one, other = full.permutation_tests, curtailed.permutation_tests
        assert one["decision"].tolist() == other["decision"].tolist()
        kept = other["decision"] == other["null"]
        assert (other["p_value"] >= other["level"])[kept].all()
        assert other["p_value"][~kept].tolist() == one["p_value"][~kept].tolist()
    used = sum(fit.permutation_tests["permutations"].sum() for fit in joinpoint(year, values, **options))
    less = [fit.permutation_tests for fit in joinpoint(year, values, **options, curtailed=True)]
    assert sum(table["permutations"].sum() for table in less) < used / 2


def test_p_values_are_uniform_without_joinpoints():
    generator = np.random.default_rng(12)
    values = np.exp(1 - 0.02 * np.arange(12) + 0.1 * generator.normal(size=(400, 12)))
    fits = joinpoint(range(12), values, selection="permutation", permutations=199, max_joinpoints=1)
    p_values = np.array([fit.permutation_tests["p_value"].iloc[0] for fit in fits])
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert abs((p_values <= 0.05).mean() - 0.05) < 0.03


def two_series(shift: float, change: float) -> list:
    generator = np.random.default_rng(21)
    year = np.arange(2000, 2016)
    y = 2 - 0.02 * (year - 2000) + 0.1 * np.maximum(year - 2008, 0)
    first = np.exp(y + 0.03 * generator.normal(size=16))
    second = np.exp(y + shift + change * (year - 2000) + 0.03 * generator.normal(size=16))
    return joinpoint(year, np.array([first, second]))


@pytest.mark.parametrize(
    ("shift", "change", "parallel", "identical"),
    [(0, 0, True, True), (0.5, 0, True, False), (0, -0.1, False, False)],
)
def test_comparison_tells_parallel_from_identical(
    shift: float, change: float, parallel: bool, identical: bool
):
    fits = two_series(shift, change)
    for test, same in (("parallel", parallel), ("identical", identical)):
        result = joinpoint_comparison(*fits, test=test, permutations=499)
        assert (result.p_value > 0.05) == same
        assert result.method.startswith(f"{test}, ")
        assert result.p_value == joinpoint_comparison(*fits, test=test, permutations=499).p_value
        swapped = joinpoint_comparison(*fits[::-1], test=test, permutations=499)
        assert swapped.statistic == pytest.approx(result.statistic)


def test_comparison_of_straight_lines_is_the_f_test():
    generator = np.random.default_rng(2)
    year = np.arange(2010.0, 2022)
    y = generator.normal(size=(2, 12))
    fits = joinpoint(year, np.exp(y), selection=0)
    rows = np.ones(12)
    apart = sum(np.linalg.lstsq(np.column_stack([rows, year]), row, rcond=None)[1][0] for row in y)
    both = np.concatenate(y)
    for test, constraints in (("identical", 2), ("parallel", 1)):
        level = np.eye(2) if test == "parallel" else np.ones((2, 1))
        columns = np.column_stack([np.kron(level, rows[:, np.newaxis]), np.tile(year, 2)])
        together = np.linalg.lstsq(columns, both, rcond=None)[1][0]
        expected = (together - apart) / constraints / (apart / (24 - 4))
        result = joinpoint_comparison(*fits, test=test, permutations=999)
        assert result.statistic == pytest.approx(expected, rel=1e-8)
        assert result.p_value == pytest.approx(stats.f.sf(expected, constraints, 20), abs=0.05)


def test_comparison_under_the_null_is_roughly_uniform():
    generator = np.random.default_rng(8)
    values = np.exp(1 - 0.03 * np.arange(10) + 0.1 * generator.normal(size=(160, 10)))
    fits = joinpoint(range(10), values, selection=1)
    p_values = [
        joinpoint_comparison(one, other, test="identical", permutations=99).p_value
        for one, other in zip(fits[::2], fits[1::2], strict=True)
    ]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_comparison_of_series_without_errors():
    year = np.arange(2001, 2013)
    bent = 10 * 1.05 ** np.minimum(year - 2001, 5)
    same, double, other = joinpoint(year, [bent, 2 * bent, 10 * 0.9 ** (year - 2001)])
    assert joinpoint_comparison(same, double).p_value == 1
    assert joinpoint_comparison(same, double, test="identical", permutations=99).p_value == 0.01
    assert joinpoint_comparison(same, other, permutations=99).p_value == 0.01


def test_comparison_refuses_what_cannot_be_compared():
    year = range(2001, 2013)
    values = np.exp(np.random.default_rng(0).normal(size=(2, 12)))
    first, second = joinpoint(year, values)
    with pytest.raises(ValueError, match=r"`test` must be one of 'parallel', 'identical'; got 'same'"):
        joinpoint_comparison(first, second, test="same")
    with pytest.raises(ValueError, match="fitted in the same way"):
        joinpoint_comparison(first, joinpoint(year, values[1], model="linear"))
    with pytest.raises(ValueError, match="the same observed years"):
        joinpoint_comparison(first, joinpoint(range(2002, 2014), values[1]))
