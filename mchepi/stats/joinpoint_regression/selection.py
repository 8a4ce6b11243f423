"""How many joinpoints: the information criteria of the Joinpoint program.

With SSE(k) the smallest (weighted) sum of squared errors with k joinpoints and n observations,

    criterion(k) = ln(SSE(k) / n) + (penalty * k + 2) * ln(n) / n,

penalty 2 for BIC, 3 for BIC3, 2 + R²max for the weighted BIC; the smallest criterion wins. R²max is the
largest partial R² of max(x - tau, 0) given the straight line, over the two segments next to a joinpoint tau
(Kim et al. 2022, doi:10.1080/02664763.2022.2063265).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mchepi.stats._validate import FloatArray
from mchepi.stats.joinpoint_regression.candidates import Rows
from mchepi.stats.joinpoint_regression.design import Design
from mchepi.stats.joinpoint_regression.search import BestSets

# By number of observations: 0 joinpoints up to 6, 1 up to 11, 2 up to 16 …, 7 from 37.
_LAST_WITHOUT_ONE_MORE = (6, 11, 16, 21, 26, 31, 36)


@dataclass(frozen=True)
class Criteria:
    """Sums of squared errors and the criteria made from them, series x numbers of joinpoints."""

    sse: FloatArray
    bic: FloatArray
    bic3: FloatArray
    wbic: FloatArray


def default_max_joinpoints(observations: int) -> int:
    """Give the largest number of joinpoints that the Joinpoint program tries by default."""
    return sum(observations > last for last in _LAST_WITHOUT_ONE_MORE)


def criteria(design: Design, best: BestSets, rounding: FloatArray) -> Criteria:
    """Compute the criteria of every series; errors no larger than `rounding` count as none.

    Where the errors are nothing but rounding, the criteria are minus infinity.
    """
    sse = np.stack([fit.sse for fit in best.fits], axis=1)
    sse = np.where(sse <= rounding[:, np.newaxis], 0.0, sse)
    weight = np.stack([largest_partial_r2(design, positions) for positions in best.positions], axis=1)
    number = np.arange(sse.shape[1])
    with np.errstate(divide="ignore"):
        error = np.log(sse / design.rows)
    price = np.log(design.rows) / design.rows
    bic, bic3, wbic = (error + (penalty * number + 2) * price for penalty in (2, 3, 2 + weight))
    return Criteria(sse, bic, bic3, wbic)


def largest_partial_r2(design: Design, positions: Rows) -> FloatArray:
    """Give R²max of the joinpoints at `positions` (series x joinpoints), one a series; 0 without joinpoints.

    The two segments next to a joinpoint run from behind the joinpoint before it up to and with the one after.
    """
    series, joinpoints = positions.shape
    first, last = np.full((series, 1), -1), np.full((series, 1), design.times - 1)
    bounds = np.concatenate([first, positions, last], axis=1)
    own = np.zeros(series, dtype=np.intp) if design.shared else np.arange(series)
    most = np.zeros(series)
    for nth in range(1, joinpoints + 1):
        inside = (design.time_of_row > bounds[:, [nth - 1]]) & (design.time_of_row <= bounds[:, [nth + 1]])
        q = np.linalg.qr((design.base[own] * inside[:, np.newaxis]).swapaxes(1, 2))[0]
        y = _off(q, design.response * inside)
        hinge = _off(q, design.hinges[own, bounds[:, nth]] * inside)
        with np.errstate(invalid="ignore"):
            r2 = (y * hinge).sum(axis=1) ** 2 / ((y**2).sum(axis=1) * (hinge**2).sum(axis=1))
        most = np.fmax(most, r2)
    return most


def _off(q: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray(values - (q @ (q.swapaxes(1, 2) @ values[..., np.newaxis]))[..., 0])
