"""Columns of a table from plain arrays: to make each in one step is most of what a small table costs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from mchepi.stats._validate import FloatArray


def integers(values: FloatArray) -> ExtensionArray:
    """Whole numbers that may be missing (NaN), as a column of Int64."""
    missing = np.isnan(values)
    return pd.arrays.IntegerArray(np.where(missing, 0, values).astype(np.int64), missing)


def amounts(values: FloatArray, among: FloatArray) -> ExtensionArray:
    """Sums of counts as a column of Int64, or of Float64 where one `among` all is no whole number."""
    if np.all(np.isnan(among) | (among == np.floor(among))):
        return integers(values)
    return pd.arrays.FloatingArray(values, np.isnan(values))


def floats(column: Any) -> FloatArray:
    """A column of numbers as floats, with NaN for what is missing."""
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def texts(values: Iterable[str]) -> ExtensionArray:
    """Words as a column of texts."""
    return pd.array(list(values), dtype="str")
