"""The permutation test for the number of joinpoints.

Kim HJ, Fay MP, Feuer EJ, Midthune DN. Stat Med 2000;19:335-351 (correction 2001;20:655).

To test `null` against `alternative` joinpoints, the scaled residuals of the null fit are permuted and added
to its fitted values; both models are searched anew in each permuted series. The statistic is the ratio of
their sums of squared errors, p = (1 + number of permutations with a ratio as large) / (permutations + 1).

All sets of joinpoints are tried for all permutations by one matrix product with the directions of the sets
and nested maxima over the tree of sets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np

from mchepi.stats._validate import FloatArray
from mchepi.stats.joinpoint_regression.candidates import Rows, Spacing, tree
from mchepi.stats.joinpoint_regression.design import Design, directions, off_the_line
from mchepi.stats.joinpoint_regression.nested import Nested, nested
from mchepi.stats.joinpoint_regression.search import BestSets, effort

# Permutations at a time, fewer where there are many sets: the results stay in the processor's cache.
_BLOCK = 256
_CACHED = 84_000
# Columns, and multiplications, of one matrix product: small enough that the linear algebra library uses one
# thread only. Its own threads wait for each other where the series are spread over threads already.
_COLUMNS = 128
_PRODUCT = 850_000
# A permuted ratio this close to the observed one is a tie (the identity among the permutations, for one).
_TIE = 1e-9
# What is left of the total by rounding alone.
_ROUNDING = 1e-13
# Numbers of directions held at once, and those beyond which the tests of one series would take too long.
_HELD = 4_000_000
_TOO_MANY = 40_000_000


@dataclass(frozen=True)
class PermutationTest:
    """One test of the sequence: numbers of joinpoints, ratio of sums of squares, p-value and decision."""

    null: int
    alternative: int
    statistic: float
    p_value: float
    level: float
    rejected: bool
    permutations: int


@dataclass(frozen=True)
class Rules:
    """What the tests of a sequence have in common."""

    permutations: int
    significance_level: float
    seed: int
    curtailed: bool


def choose_by_permutation(
    design: Design, best: BestSets, sse: FloatArray, spacing: Spacing, rules: Rules
) -> list[list[PermutationTest]]:
    """Run the sequence of tests of every series.

    It begins with 0 against the largest number of joinpoints. A rejection raises the null by one, anything
    else lowers the alternative, until they meet.
    """
    most = sse.shape[1] - 1
    if effort(design.times, most, spacing) > _TOO_MANY:
        raise ValueError(
            f"`max_joinpoints` must be small enough for permutation tests; got {most} with {design.times} "
            "observations. Give a smaller number, or use selection='wbic'."
        )
    batch = len(sse) if design.shared else max(1, _HELD // max(1, effort(design.times, most, spacing)))
    tests = []
    for start in range(0, len(sse), batch):
        some = slice(start, start + batch)
        fitted = [fit.fitted[some] for fit in best.fits]
        tests += _test_batch(design.take(some), fitted, sse[some], spacing, rules)
    return tests


def _test_batch(
    design: Design, fitted: list[FloatArray], sse: FloatArray, spacing: Spacing, rules: Rules
) -> list[list[PermutationTest]]:
    most = len(fitted) - 1
    found = directions(design, tree(design.times, most, spacing)) if most else []
    # The fits without their straight lines, which add the same to both models.
    smooth = [off_the_line(replace(design, response=values)) for values in fitted]
    stacks: dict[tuple[int, int], FloatArray] = {}
    tests = []
    for series in range(len(sse)):
        own = [vectors[0 if design.shared else series] for vectors in found]
        line = np.linalg.qr(design.base[0 if design.shared else series].T)[0]
        done: list[PermutationTest] = []
        null, alternative = 0, most
        while null < alternative:
            pair = nested(design.times, null, alternative, spacing)
            if not design.shared or (null, alternative) not in stacks:
                stacks[null, alternative] = np.concatenate([pair.matrix(own[:alternative]), line.T])
            residual = design.response[series] - fitted[null][series]
            ratio = _Ratio(pair, stacks[null, alternative], smooth[null][series], residual, line.shape[1])
            observed = float(sse[series, null]), float(sse[series, alternative])
            done.append(_test(ratio, observed, null, alternative, most, rules))
            null, alternative = (null + 1, alternative) if done[-1].rejected else (null, alternative - 1)
        tests.append(done)
    return tests


@dataclass(frozen=True)
class _Ratio:
    """What it takes to fit both models to permuted series of one district."""

    pair: Nested
    stack: FloatArray
    smooth: FloatArray
    residual: FloatArray
    line: int

    def sums(self, permuted: Rows) -> tuple[FloatArray, FloatArray]:
        """Give the sums of squared errors of both models; the columns of `permuted` are permutations."""
        response = self.residual[permuted]
        response += self.smooth[:, np.newaxis]
        gains = np.empty((len(self.stack), permuted.shape[1]))
        height = max(1, _PRODUCT // (_COLUMNS * len(response)))
        for top, left in product(range(0, len(gains), height), range(0, gains.shape[1], _COLUMNS)):
            rows, columns = slice(top, top + height), slice(left, left + _COLUMNS)
            np.matmul(self.stack[rows], response[:, columns], out=gains[rows, columns])
        np.multiply(gains, gains, out=gains)
        total = np.einsum("rp,rp->p", response, response) - gains[-self.line :].sum(axis=0)
        null, alternative = self.pair.explained(gains)
        nothing = _ROUNDING * total
        return _at_least(total - null, nothing), _at_least(total - alternative, nothing)


def _test(
    ratio: _Ratio,
    observed: tuple[float, float],
    null: int,
    alternative: int,
    most: int,
    rules: Rules,
) -> PermutationTest:
    level = rules.significance_level / (most - null)
    # The smallest number of permutations as extreme that keeps p from falling below the level.
    enough = int(np.ceil(level * (rules.permutations + 1) - 1e-9)) - 1
    order = _permutations(len(ratio.residual), rules, null, alternative)
    block = max(_BLOCK // 4, min(_BLOCK, _CACHED // len(ratio.stack)))
    count, used, done = 0, 0, observed[0] == 0
    while not done:
        sums = ratio.sums(order[:, used : used + block])
        counted = count + np.cumsum(sums[0] * observed[1] >= observed[0] * sums[1] * (1 - _TIE))
        done = bool(rules.curtailed and counted[-1] >= enough)
        last = int(np.argmax(counted >= enough)) if done else len(counted) - 1
        used, count = used + last + 1, int(counted[last])
        done = done or used == rules.permutations
    statistic = observed[0] / observed[1] if observed[1] else np.inf if observed[0] else np.nan
    rejected = observed[0] > 0 and count < enough
    return PermutationTest(null, alternative, statistic, (1 + count) / (1 + used), level, rejected, used)


@lru_cache(maxsize=32)
def _permutations(rows: int, rules: Rules, null: int, alternative: int) -> Rows:
    """Give the permutations of a test as columns: the same for every series of that length."""
    generator = np.random.default_rng([rules.seed, null, alternative])
    order = np.tile(np.arange(rows), (rules.permutations, 1))
    return np.ascontiguousarray(generator.permuted(order, axis=1).T)


def _at_least(values: FloatArray, nothing: FloatArray) -> FloatArray:
    return np.where(values > nothing, values, 0.0)
