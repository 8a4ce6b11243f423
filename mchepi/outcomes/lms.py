"""Z-scores by Cole's L, M and S, restricted beyond 3 as WHO computes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from mchepi.outcomes._records import read, refuse
from mchepi.stats._validate import FloatArray


def lms_z_scores(measurement: Any, l: Any, m: Any, s: Any, *, restricted: bool = True) -> Any:  # noqa: E741
    """Z-scores of measurements by the L, M and S of any growth reference; no unit.

    Parameters
    ----------
    measurement : float, array or Series
        In the unit of `m`.
    l, m, s : float, array or Series
        Power, median and coefficient of variation at the child's age (or length) and sex.
    restricted : bool
        Whether z goes on evenly beyond -3 and 3. WHO: True for weight and body mass index, and without effect
        for length, whose L is 1.

    Returns
    -------
    float, array or Series
        NaN where a number is missing.

    Raises
    ------
    ValueError
        Words, measurements, medians or variations that are not above 0, or Series with unequal indexes.

    Notes
    -----
    z = ((x / M)^L - 1) / (L S), or log(x / M) / S where L is 0. Restricted: with SD(k) = M (1 + k L S)^(1/L),
    z above 3 is 3 + (x - SD(3)) / (SD(3) - SD(2)), below -3 it is -3 + (x - SD(-3)) / (SD(-2) - SD(-3)).

    With the tables of WHO's reference for 5 to 19 years this gives its z-scores (L, M and S linear between
    months). Not for references that restrict otherwise, as those of the CDC.

    References
    ----------
    Cole TJ, Green PJ (1992). Smoothing reference centile curves: the LMS method and penalized likelihood.
    Statistics in Medicine 11(10): 1305-1319. doi:10.1002/sim.4780111005

    Examples
    --------
    A girl of 365 days with 9 kg, by hand in Grellety (2016), figshare item 4294085:

    >>> from mchepi.outcomes import lms_z_scores
    >>> print(f"{lms_z_scores(9, -0.2022, 8.9462, 0.12267):.5f}")
    0.04885
    """
    arrays, layout, places = read(measurement=measurement, l=l, m=m, s=s)
    for name, values in (("measurement", arrays[0]), ("m", arrays[2]), ("s", arrays[3])):
        fix = "Correct them, or give them as missing."
        refuse(values <= 0, name, "above 0", values, places, fix)
    return layout.restore(z_scores(*arrays, restricted=restricted), "z")


def z_scores(
    values: FloatArray,
    l: FloatArray,  # noqa: E741
    m: FloatArray,
    s: FloatArray,
    *,
    restricted: bool = True,
) -> FloatArray:
    """As `lms_z_scores`, of arrays; NaN wherever something is missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        score: FloatArray = np.where(l == 0, np.log(values / m) / s, ((values / m) ** l - 1) / (l * s))
    beyond = np.abs(score) > 3
    if not restricted or not beyond.any():
        return score
    found = np.array(score)
    values, l, m, s = (np.broadcast_to(given, score.shape)[beyond] for given in (values, l, m, s))  # noqa: E741
    sign = np.sign(score[beyond])
    third, second = _at(3 * sign, l, m, s), _at(2 * sign, l, m, s)
    found[beyond] = 3 * sign + (values - third) / np.abs(third - second)
    return found


def _at(score: FloatArray, l: FloatArray, m: FloatArray, s: FloatArray) -> FloatArray:  # noqa: E741
    """The measurement at a z-score."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = np.where(l == 0, m * np.exp(score * s), m * (1 + score * l * s) ** (1 / l))
    return found
