"""Whether two series have parallel, or identical, joinpoint trends (Kim et al. 2004)."""

from __future__ import annotations

import numpy as np

from mchepi.stats._estimate import TestResult
from mchepi.stats._validate import check_choice
from mchepi.stats.joinpoint_regression.design import Design
from mchepi.stats.joinpoint_regression.fit import choose
from mchepi.stats.joinpoint_regression.result import JoinpointFit
from mchepi.stats.joinpoint_regression.search import best_sets, smallest_sums
from mchepi.stats.joinpoint_regression.selection import criteria
from mchepi.stats.joinpoint_regression.series import whole_number

TESTS = ("parallel", "identical")
# As in the permutation tests of one series: a ratio this close to the observed one is a tie.
_TIE = 1e-9


def joinpoint_comparison(
    first: JoinpointFit,
    second: JoinpointFit,
    *,
    test: str = "parallel",
    permutations: int = 4499,
    seed: int = 0,
) -> TestResult:
    """Test whether two joinpoint trends are parallel or identical, by permutation.

    The joint model has common joinpoints and slopes (``parallel``), or everything in common (``identical``);
    it is compared with separate models. All have K joinpoints, the largest number chosen for the two series
    and, by the same rule, for the joint model. The statistic is

        F = ((SSE_joint - SSE_separate) / m) / (SSE_separate / (n1 + n2 - 2 (2K + 2))),

    m = 2K + 1 for ``parallel``, 2K + 2 for ``identical``. The scaled residuals of the joint model are
    permuted over both series, added to its fitted values, and all models searched anew;
    p = (1 + number of permutations with an F as large) / (permutations + 1).

    Do not use it to show that trends agree: a large p-value from a few years says only that they may.

    Parameters
    ----------
    first, second : JoinpointFit
        Two fits of the same years, asked for in the same way.
    test : {"parallel", "identical"}
        What is tested.
    permutations : int
        Number of random permutations.
    seed : int
        The same seed gives the same p-value.

    Returns
    -------
    TestResult
        The statistic F, the p-value, and in `method` the test with its number of joinpoints.

    References
    ----------
    Kim HJ, Fay MP, Yu B, Barrett MJ, Feuer EJ. Comparability of segmented line regression models. Biometrics
    2004;60:1005-1014. doi:10.1111/j.0006-341X.2004.00256.x

    Examples
    --------
    Two series without noise, one at twice the level of the other: parallel, not identical.

    >>> import mchepi
    >>> year = range(2001, 2013)
    >>> low = [10 * 0.95 ** min(y - 2001, 5) * (1.01 if y % 2 else 0.99) for y in year]
    >>> high = [20 * 0.95 ** min(y - 2001, 5) * (0.98 if y % 3 else 1.03) for y in year]
    >>> fits = [mchepi.joinpoint(year, rates) for rates in (low, high)]
    >>> mchepi.joinpoint_comparison(*fits).p_value > 0.05
    True
    >>> mchepi.joinpoint_comparison(*fits, test="identical").p_value < 0.001
    True
    """
    check_choice("test", test, TESTS)
    permutations = whole_number("permutations", permutations, 1)
    seed = whole_number("seed", seed, 0)
    _require_alike(first, second)
    settings, spacing = first.settings, first.settings.spacing
    pair = first.analysis, second.analysis
    untold = [one.note for one in (first, second) if not one.analysis.positions]
    if untold:
        return TestResult(np.nan, np.nan, f"{test}, {untold[0]}")
    joint = _stack(pair[0].design, pair[1].design, test)
    rounding = pair[0].rounding + pair[1].rounding
    best = best_sets(joint, max(len(part.positions) for part in pair) - 1, spacing)
    chosen, _ = choose(joint, best, criteria(joint, best, np.array([rounding])), settings)
    number = max(first.n_joinpoints, second.n_joinpoints, int(chosen[0]))
    method = f"{test}, {number} joinpoint{'' if number == 1 else 's'}, {permutations} permutations"
    fit = best.fits[number]
    if fit.sse[0] <= rounding:
        return TestResult(np.nan, 1.0, method)

    generator = np.random.default_rng([seed, 2004, number])
    residual = np.tile(joint.response[0] - fit.fitted[0], (permutations, 1))
    responses = np.concatenate([joint.response, fit.fitted + generator.permuted(residual, axis=1)])
    together = smallest_sums(joint, responses, number, spacing)
    halves = responses[:, : joint.times], responses[:, joint.times :]
    apart = sum(
        smallest_sums(part.design, half, number, spacing) for part, half in zip(pair, halves, strict=True)
    )
    apart = np.where(apart <= rounding, 0.0, apart)
    gain = together - apart
    # Compared as products, so that an exact fit divides by nothing.
    extreme = gain[1:] * apart[0] >= gain[0] * apart[1:] * (1 - _TIE)
    statistic = _f(gain[0], apart[0], 2 * number + (1 if test == "parallel" else 2), joint.rows)
    return TestResult(statistic, float((1 + extreme.sum()) / (permutations + 1)), method)


def _stack(first: Design, second: Design, test: str) -> Design:
    """Put both series into one regression with common slopes, and a common level or one each."""
    if test == "identical":
        base = np.concatenate([first.base, second.base], axis=2)
    else:
        level = np.zeros((1, 2, first.rows + second.rows))
        level[:, 0, : first.rows] = first.base[:, 0]
        level[:, 1, first.rows :] = second.base[:, 0]
        time = np.concatenate([first.base[:, 1:], second.base[:, 1:]], axis=2)
        base = np.concatenate([level, time], axis=1)
    return Design(
        base,
        np.concatenate([first.hinges, second.hinges], axis=2),
        np.concatenate([first.response, second.response], axis=1),
        np.concatenate([first.time_of_row, second.time_of_row]),
    )


def _f(gain: float, apart: float, constraints: int, rows: int) -> float:
    """Give F from what the constraints of the joint model cost; 2K + 2 parameters a series without them."""
    parameters = 2 * (constraints + constraints % 2)
    freedom = rows - parameters
    if freedom <= 0 or apart <= 0:
        return np.inf if freedom > 0 else np.nan
    return float(gain / constraints / (apart / freedom))


def _require_alike(first: JoinpointFit, second: JoinpointFit) -> None:
    if first.settings.jump is not None:
        raise ValueError(
            f"`first` and `second` must be fitted without `jump`; got {first.settings.jump:g}. "
            "Compare the years on one side of it."
        )
    if first.settings != second.settings:
        raise ValueError(
            "`first` and `second` must be fitted in the same way; got different settings. "
            "Fit both with the same arguments."
        )
    if not np.array_equal(first.analysis.time, second.analysis.time):
        raise ValueError(
            "`first` and `second` must have the same observed years; got different ones. "
            "Fit both to the years they have in common."
        )
