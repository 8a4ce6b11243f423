"""Counts far outside their own history: a slipped digit, a column shifted, a year's total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mchepi.indicators.columns import floats
from mchepi.stats._validate import FloatArray
from mchepi.stats.one_sample import poisson_tails

OUTSIDE_OWN_HISTORY = "outside_own_history"
FEWEST_OTHER_YEARS = 4
TAIL = 1e-4
SPREADS = 4.0
RATIO = 1.5
MOST_SERIES = 10_000
"""How many series of one column and district are looked at together: more would take much memory."""

_KEYS = ("district", "year", "year_end")


def outside_own_history(counts: pd.DataFrame, read: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
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
    read : mapping of str to array
        What was read of its columns before.

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
    columns = sorted(
        str(column)
        for column, dtype in counts.dtypes.items()
        if pd.api.types.is_numeric_dtype(dtype) and dtype != np.dtype(bool) and column not in _KEYS
    )
    found: list[dict[str, Any]] = []
    if not columns:
        return found
    stated = np.array([read[column] if column in read else floats(counts[column]) for column in columns])
    several = "year_end" in counts
    length = floats(counts["year_end"] - counts["year"]) if several else np.zeros(len(counts))
    for years_of_row in np.unique(length):
        rows = np.flatnonzero(np.isnan(length) if np.isnan(years_of_row) else length == years_of_row)
        tables, districts, years = _tables(counts, rows, stated[:, rows])
        at_once = max(1, MOST_SERIES // max(1, len(districts)))
        for start in range(0, len(columns), at_once):
            some = slice(start, start + at_once)
            found += _of_columns(tables[some], columns[some], districts, years)
    return found


def _tables(
    counts: pd.DataFrame, rows: NDArray[np.intp], stated: FloatArray
) -> tuple[FloatArray, pd.Index[Any], pd.Index[Any]]:
    """Make of each column a table of districts and years; rows of the same place and year are added up."""
    row, districts = pd.factorize(pd.Index(counts["district"].array[rows]), sort=True)
    place, years = pd.factorize(pd.Index(counts["year"].array[rows]), sort=True)
    keyed = (row >= 0) & (place >= 0)
    own, values = (row[keyed], place[keyed]), stated.T[keyed]
    sums = np.zeros((len(districts), len(years), len(stated)))
    known = np.zeros_like(sums, dtype=bool)
    np.add.at(sums, own, np.nan_to_num(values))
    np.logical_or.at(known, own, ~np.isnan(values))
    return np.where(known, sums, np.nan).transpose(2, 0, 1), districts, years


def _of_columns(
    tables: FloatArray, columns: list[str], districts: pd.Index[Any], years: pd.Index[Any]
) -> Iterator[dict[str, Any]]:
    """Look at some columns, each with its table of districts and years."""
    # One row a column and district: the years of each are judged by themselves.
    values = tables.reshape(-1, len(years))
    for place, year in enumerate(years):
        others = np.delete(values, place, axis=1)
        distance = np.delete(years.to_numpy(dtype=np.float64), place) - float(year)
        for row in _unlike(values[:, place], others, distance):
            column, district = columns[row // len(districts)], districts[row % len(districts)]
            known = others[row][~np.isnan(others[row])]
            shown = {
                "value": f"{values[row, place]:.15g}",
                "median": f"{np.median(known):.15g}",
                "low": f"{known.min():.15g}",
                "high": f"{known.max():.15g}",
                "side": "高于" if values[row, place] > np.median(known) else "低于",
            }
            yield {
                "district": district,
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
    middle = _medians(others)
    unlike = np.flatnonzero(_far_from(values, middle, others - middle[:, None]))
    values, others = values[unlike], others[unlike]
    line = _line(others, distance)
    return np.asarray(usable[unlike[_far_from(values, line[:, 0], others - line[:, 1:])]])


def _far_from(values: FloatArray, expected: FloatArray, residuals: FloatArray) -> NDArray[np.bool_]:
    """Whether each value is far from what is expected, as the residuals of the other years measure it."""
    spread = 1.4826 * _medians(np.abs(residuals))
    far = np.abs(values - expected) > SPREADS * spread
    expected = np.maximum(expected, 0.5)
    far &= (values > RATIO * expected) | (values < expected / RATIO)
    far[far] = np.minimum(*poisson_tails(values[far], expected[far])) < TAIL
    return np.asarray(far)


def _line(others: FloatArray, distance: FloatArray) -> FloatArray:
    """Counts on the Theil-Sen line of each row: in the year itself first, then in the other years."""
    logs = np.log(others + 0.5)
    first, second = np.triu_indices(len(distance), 1)
    slopes = (logs[:, second] - logs[:, first]) / (distance[second] - distance[first])
    slope = _medians(slopes)[:, None]
    level = _medians(logs - slope * distance)[:, None]
    return np.asarray(np.exp(level + slope * np.concatenate([[0.0], distance])) - 0.5)


def _medians(values: FloatArray) -> FloatArray:
    """Median of the known values of each row: NumPy's own, at a hundredth of its time on short rows."""
    known = (~np.isnan(values)).sum(axis=1, keepdims=True)
    ordered = np.sort(values, axis=1)  # the unknown come last
    middle = np.concatenate([np.maximum(known - 1, 0) // 2, known // 2], axis=1)
    return np.asarray(np.take_along_axis(ordered, middle, axis=1).sum(axis=1) / 2)
