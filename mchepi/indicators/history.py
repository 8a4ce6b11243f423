"""Counts far outside their own history: a slipped digit, a column shifted, a year's total."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mchepi.stats._validate import FloatArray
from mchepi.stats.one_sample import poisson_tails

OUTSIDE_OWN_HISTORY = "outside_own_history"
FEWEST_OTHER_YEARS = 4
TAIL = 1e-4
SPREADS = 4.0
RATIO = 1.5

_KEYS = ("district", "year", "year_end")


def outside_own_history(counts: pd.DataFrame) -> list[dict[str, Any]]:
    r"""Find counts that the other years of the same district and column make all but impossible.

    What is expected, :math:`m`, is worked out from the other years (at least four of them) in two ways: their
    median, and the Theil-Sen line through the logarithms of their counts (plus one half), so that neither a
    sudden change nor a steady fall is taken for a slip. A count is found when all three hold by both:

    1. its exact Poisson tail, :math:`P(X \ge x \mid m)` or :math:`P(X \le x \mid m)`, is below 0.0001;
    2. it lies more than 4 robust standard deviations from :math:`m`: 1.4826 times the median distance of the
       other years from what is expected of them, which lets counts that scatter more than Poisson's go;
    3. it is more than half as large again as :math:`m`, or less than two thirds of it: a large population
       makes the tail of any small change tiny.

    Rows of several years are compared with rows of as many years. These thresholds are ours: they are meant
    to find slips of recording, not epidemics.

    Parameters
    ----------
    counts : DataFrame
        The district-year table; every numeric column besides the keys is looked at.

    Returns
    -------
    list of dict
        The findings, as rows of `contradictions`; all are warnings.

    References
    ----------
    Leys C, Ley C, Klein O, Bernard P, Licata L (2013). Detecting outliers: do not use standard deviation
    around the mean, use absolute deviation around the median. Journal of Experimental Social Psychology
    49(4):764-766. doi:10.1016/j.jesp.2013.03.013

    Sen PK (1968). Estimates of the regression coefficient based on Kendall's tau. Journal of the American
    Statistical Association 63(324):1379-1389. doi:10.1080/01621459.1968.10480934
    """
    length = counts["year_end"] - counts["year"] if "year_end" in counts else pd.Series(0, counts.index)
    found: list[dict[str, Any]] = []
    for column in counts.columns.difference(list(_KEYS)):
        if not pd.api.types.is_numeric_dtype(counts[column]) or counts[column].dtype == bool:
            continue
        for _, rows in counts.assign(_length=length).groupby("_length", dropna=False):
            found += _of_column(rows, column)
    return found


def _of_column(rows: pd.DataFrame, column: str) -> Iterator[dict[str, Any]]:
    wide = rows.groupby(["district", "year"])[column].sum(min_count=1).unstack("year")
    values = wide.to_numpy(dtype=np.float64, na_value=np.nan)
    for place, year in enumerate(wide.columns):
        others = np.delete(values, place, axis=1)
        distance = np.delete(wide.columns.to_numpy(dtype=np.float64), place) - float(year)
        for row in _unlike(values[:, place], others, distance):
            known = others[row][~np.isnan(others[row])]
            shown = {
                "value": f"{values[row, place]:.15g}",
                "median": f"{np.median(known):.15g}",
                "low": f"{known.min():.15g}",
                "high": f"{known.max():.15g}",
                "side": "高于" if values[row, place] > np.median(known) else "低于",
            }
            yield {
                "district": wide.index[row],
                "year": year,
                "rule": OUTSIDE_OWN_HISTORY,
                "columns": column,
                "values": shown["value"],
                "severity": "warning",
                "message_zh": "{value}例，明显{side}其他年份（中位数{median}例，{low}～{high}例）".format(
                    **shown
                ),
                "message_en": "{value}, far from the other years (median {median}, {low} to {high})".format(
                    **shown
                ),
            }


def _unlike(values: FloatArray, others: FloatArray, distance: FloatArray) -> NDArray[np.intp]:
    """Positions of the values that are unlike the others of their row, which lie `distance` years away."""
    usable = np.flatnonzero(
        ~np.isnan(values) & ((~np.isnan(others)).sum(axis=1) >= FEWEST_OTHER_YEARS) & (values >= 0)
    )
    if not usable.size:
        return usable
    values, others = values[usable], others[usable]
    middle = np.nanmedian(others, axis=1)
    unlike = _far_from(values, middle, others - middle[:, None])
    line = _line(others, distance)
    return np.asarray(usable[unlike & _far_from(values, line[:, 0], others - line[:, 1:])])


def _far_from(values: FloatArray, expected: FloatArray, residuals: FloatArray) -> NDArray[np.bool_]:
    """Whether each value is far from what is expected, as the residuals of the other years measure it."""
    spread = 1.4826 * np.nanmedian(np.abs(residuals), axis=1)
    far = np.abs(values - expected) > SPREADS * spread
    expected = np.maximum(expected, 0.5)
    tail = np.minimum(*poisson_tails(values, expected))
    return np.asarray((tail < TAIL) & far & ((values > RATIO * expected) | (values < expected / RATIO)))


def _line(others: FloatArray, distance: FloatArray) -> FloatArray:
    """Counts on the Theil-Sen line of each row: in the year itself first, then in the other years."""
    logs = np.log(others + 0.5)
    first, second = np.triu_indices(len(distance), 1)
    slopes = (logs[:, second] - logs[:, first]) / (distance[second] - distance[first])
    slope = np.nanmedian(slopes, axis=1)[:, None]
    level = np.nanmedian(logs - slope * distance, axis=1)[:, None]
    return np.asarray(np.exp(level + slope * np.concatenate([[0.0], distance])) - 0.5)
