"""EWMA of counts: a smoothed series of events with limits, for small lasting changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from mchepi.stats._periods import read_periods
from mchepi.stats._validate import FloatArray, check_choice, check_level, check_positive

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("gamma", "normal")


def ewma_chart(
    events: Any, expected: Any, *, smoothing: float = 0.2, method: str = "gamma", level: float = 0.998
) -> pd.DataFrame:
    """Exponentially weighted moving average of events a period, with limits around what is expected.

    Parameters
    ----------
    events : int array or Series
        Events in each period, in order of time, none missing.
    expected : float, array or Series
        Events expected in each period if nothing changes (births times a known rate), above 0.
    smoothing : float
        Weight of the newest period, above 0 and up to 1 (1: each period by itself).
    method : {"gamma", "normal"}
        "gamma" (default): quantiles of the shifted gamma distribution with the mean, variance and skewness of
        the average, which few events make lopsided. "normal": mean -+ z standard deviations, the customary
        form; for some ten expected events a period and more.
    level : float
        Chance, approximately, that the average of one period lies within the limits if nothing changes.

    Returns
    -------
    pandas.DataFrame
        One row a period, with the labels of a Series: events, expected, ewma, center, lower, upper, signal
        ("above", "below" or "").

    Raises
    ------
    ValueError
        Missing or impossible counts, expected numbers that are not above 0, single numbers, Series with
        unequal indexes, a smoothing outside (0, 1], a level outside (0, 1), or an unknown method.

    Notes
    -----
    With weight w: z_t = w x_t + (1 - w) z_{t-1}, center m_t = w e_t + (1 - w) m_{t-1}, variance v_t = w^2 e_t
    + (1 - w)^2 v_{t-1}, third central moment k_t = w^3 e_t + (1 - w)^3 k_{t-1}, from z_0 = m_0 = e_1 and v_0
    = k_0 = 0, so that expectations may change from period to period and the first limits are narrow. "gamma":
    shape 4 v^3 / k^2, scale k / (2 v), shifted to the mean m; a lower limit below 0 becomes 0, where nothing
    can lie below it. "normal": m -+ quantile * sqrt(v).

    Signals of neighboring periods share most of their events: after a first one the next say little. For rare
    events `poisson_cusum` has exact run lengths; docs/methods/surveillance.md has the measured ones of this
    chart. Not for events that come in clusters or by season that `expected` does not know of.

    References
    ----------
    Borror CM, Champ CW, Rigdon SE (1998). Poisson EWMA control charts. Journal of Quality Technology 30(4):
    352-361. doi:10.1080/00224065.1998.11979871

    Examples
    --------
    Births with low weight by month, 10 expected (constructed):

    >>> from mchepi.stats.ewma import ewma_chart
    >>> chart = ewma_chart([9, 12, 8, 11, 15, 14, 17, 16], 10)
    >>> chart[["events", "ewma", "lower", "upper", "signal"]].tail(3).round(2)
       events   ewma  lower  upper signal
    5    14.0  11.62   7.08  13.37
    6    17.0  12.70   7.03  13.40
    7    16.0  13.36   7.00  13.43
    """
    import pandas as pd

    check_choice("method", method, METHODS)
    level = check_level(level, "level")
    smoothing = check_positive("smoothing", smoothing)
    if smoothing > 1:
        raise ValueError(f"`smoothing` must be at most 1; got {smoothing:g}. Give a weight such as 0.2.")
    counts, means, layout = read_periods(events, expected)

    average = _sums(smoothing * counts, 1 - smoothing, float(means[0]))
    center = _sums(smoothing * means, 1 - smoothing, float(means[0]))
    variance = _moment(means, smoothing, 2)
    tail = (1 - level) / 2
    if method == "gamma":
        third = _moment(means, smoothing, 3)
        shape, scale = 4 * variance**3 / third**2, third / (2 * variance)
        lower = center + (special.gammaincinv(shape, tail) - shape) * scale
        upper = center + (special.gammainccinv(shape, tail) - shape) * scale
    else:
        reach = -special.ndtri(tail) * np.sqrt(variance)
        lower, upper = center - reach, center + reach
    return pd.DataFrame(
        {
            "events": counts,
            "expected": means,
            "ewma": average,
            "center": center,
            "lower": np.maximum(lower, 0),
            "upper": upper,
            "signal": np.select([average > upper, average < lower], ["above", "below"], ""),
        },
        index=layout.index,
    )


def _moment(means: FloatArray, smoothing: float, order: int) -> FloatArray:
    """Central moment (all of a Poisson count are its mean) of the average, from that of its terms."""
    return _sums(smoothing**order * means, (1 - smoothing) ** order)


def _sums(terms: FloatArray, kept: float, first: float = 0.0) -> FloatArray:
    """Each term plus `kept` times the sum so far."""
    sums = np.empty(terms.size)
    total = first
    for period, term in enumerate(terms.tolist()):
        total = term + kept * total
        sums[period] = total
    return sums
