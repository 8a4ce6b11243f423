"""Hemoglobin: units, and adjustment to sea level and to non-smokers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from mchepi.outcomes import _hemoglobin_rules as rules
from mchepi.outcomes._records import encode, read, refuse, refuse_unshown
from mchepi.stats._validate import FloatArray, Layout, check_choice

# g/L times this is mmol/L of the monomer, as laboratories report it.
_MMOL = 0.06206
UNITS = {"g/L": 1.0, "g/dL": 10.0, "mmol/L": 1 / _MMOL}
ADJUSTED_NAME = "hemoglobin_adjusted"
# The adjusted columns of DHS files, and names that say it.
_ALREADY = re.compile(
    r"(hw|hc|ha|hb)56|h?v456|.*(?<!un)(?<!not_)adjusted.*|.*(?<!未)(校正|调整).*", re.IGNORECASE
)
HOW = ("table", "equation")
_UNKNOWN = -1.0  # a smoker of unknown quantity
_CIGARETTES = 'a number, 0 or more, or "unknown"'
_FIX = "Correct them, or give them as missing."
_SMALL, _SMALL_ADJUSTED = 25.0, 20.0  # medians below are hardly g/L
_MOST = 29.0  # cigarettes a day at which the equation of 2024 is highest


def hemoglobin_unit(hemoglobin: Any) -> str:
    """Unit of a column of hemoglobin values, told by their median: "g/L", "g/dL" or "mmol/L".

    Parameters
    ----------
    hemoglobin : float, array or Series
        Measured values of many persons.

    Returns
    -------
    str
        "g/L" for a median of 60 to 250, "g/dL" for 10 to 20, "mmol/L" for 4 to 8.5.

    Raises
    ------
    ValueError
        No values, a median that fits no unit or two of them (8.5 to 10: anemia in g/dL, or mmol/L), or
        values of different units in one column. Ask whoever measured; nothing is guessed.

    Notes
    -----
    Not for a handful of sick persons, whose median may fit another unit.

    Examples
    --------
    >>> from mchepi.outcomes import hemoglobin_unit
    >>> hemoglobin_unit([11.2, 12.4, 10.9]), hemoglobin_unit([112, 124]), hemoglobin_unit([6.9, 7.4])
    ('g/dL', 'g/L', 'mmol/L')
    """
    (values,), _, _ = read(hemoglobin=hemoglobin)
    known = values[~np.isnan(values)]
    if not known.size:
        raise ValueError("`hemoglobin` must hold values; got none. Give the unit yourself.")
    small = int((known < 30).sum())
    if 0.02 * known.size < small < 0.98 * known.size:
        raise ValueError(
            f"`hemoglobin` must be in one unit; got {small} values below 30 and {known.size - small} above. "
            "Convert each part by its own unit."
        )
    median = float(np.median(known))
    for unit, low, high in (("g/L", 60, 250), ("g/dL", 10, 20.001), ("mmol/L", 4, 8.5)):
        if low <= median < high:
            return unit
    raise ValueError(
        f"`hemoglobin` must have a median that fits one unit; got {median:g}. "
        "Ask which unit the laboratory used, and convert with convert_hemoglobin."
    )


def convert_hemoglobin(hemoglobin: Any, *, unit: str) -> Any:
    """Hemoglobin in g/L, from g/dL, mmol/L or g/L.

    Parameters
    ----------
    hemoglobin : float, array or Series
        Values in `unit`; missing is allowed.
    unit : {"g/L", "g/dL", "mmol/L"}
        The unit they are in, see `hemoglobin_unit`.

    Returns
    -------
    float, array or Series
        1 g/dL is 10 g/L; 1 mmol/L (of the monomer) is 1 / 0.06206 = 16.11 g/L.

    Raises
    ------
    ValueError
        Words, negative numbers, or an unknown unit.

    Notes
    -----
    Not for mmol/L of the tetramer, which is a quarter as much.

    Examples
    --------
    >>> from mchepi.outcomes import convert_hemoglobin
    >>> convert_hemoglobin(11.3, unit="g/dL"), round(convert_hemoglobin(7.0, unit="mmol/L"), 1)
    (113.0, 112.8)
    """
    check_choice("unit", unit, list(UNITS))
    (values,), layout, places = read(hemoglobin=hemoglobin)
    refuse(values < 0, "hemoglobin", "0 or more", values, places, _FIX)
    return layout.restore(np.round(values * UNITS[unit], rules.DECIMALS), "hemoglobin")


def adjust_hemoglobin(
    hemoglobin: Any,
    *,
    altitude: Any,
    cigarettes: Any = None,
    standard: str = "who_2024",
    how: str = "table",
    already_adjusted: bool | None = None,
) -> Any:
    """Hemoglobin as it would be at sea level and without smoking, g/L.

    Parameters
    ----------
    hemoglobin : float, array or Series
        Measured values, g/L (see `convert_hemoglobin`).
    altitude : float, array or Series
        Where the persons live, m. Below sea level nothing is adjusted.
    cigarettes : float, "unknown", array or Series, optional
        Cigarettes a day; "unknown" for a smoker of unknown quantity; missing: nothing is adjusted. Not for
        children.
    standard : {"who_2024", "who_2011", "cn_1992_2002", "wst_441_2013"}
        Whose rule. "cn_1992_2002" raises the cut-off by 4 % a 1,000 m; here the value is divided by as much,
        which classifies alike, and smoking plays no part. "wst_441_2013" is recalled, not verified.
    how : {"table", "equation"}
        The table in steps of 500 m, or the equation for the exact altitude (WHO only). They differ by up to
        3 g/L at the edges of a step: always say which.
    already_adjusted : bool, optional
        True returns the values as they are. None refuses a Series whose name says that it was adjusted.

    Returns
    -------
    float, array or Series
        A Series is called "hemoglobin_adjusted". NaN where hemoglobin or altitude is missing, and above the
        end of a table (WHO 2024: 5,000 m).

    Raises
    ------
    ValueError
        Words, negative values, a median below 25 (another unit), altitudes above 9,000 m (feet), a Series
        that was adjusted before, an unknown standard, or an equation that a standard does not have.

    Notes
    -----
    With altitude a (m), n cigarettes a day and f thousands of feet, subtract

    - who_2024: 0.0056384 a + 0.0000003 a^2 and 0.4565 n - 0.0078 n^2, n at most 29;
    - who_2011: 10 (-0.032 f + 0.022 f^2) above 1,000 m (that threshold is recalled, not verified), and for
      smoking the table.

    Steps begin at their lower edge: 999.5 m belongs to 500-999. In WHO 2011 fewer than 10 cigarettes a day
    count as a smoker of unknown quantity. Results are not rounded to whole g/L: that would move persons
    across a cut-off. Not for values of DHS files called adjusted, and never twice. WHO 2024 recommends no
    adjustment for inflammation.

    References
    ----------
    World Health Organization (2024). Guideline on haemoglobin cutoffs to define anaemia in individuals and
    populations. Geneva. ISBN 978-92-4-008854-2.

    World Health Organization (2011). Haemoglobin concentrations for the diagnosis of anaemia and assessment
    of severity. Geneva. WHO/NMH/NHD/MNM/11.1.

    Examples
    --------
    At 1,300 m the two WHO tables differ by 6 g/L:

    >>> from mchepi.outcomes import adjust_hemoglobin
    >>> adjust_hemoglobin(115, altitude=1300), adjust_hemoglobin(115, altitude=1300, standard="who_2011")
    (107.0, 113.0)
    >>> adjust_hemoglobin(115, altitude=1300, how="equation")
    107.16308
    """
    check_adjustment(standard, how)
    require_measured(hemoglobin, already_adjusted)
    smoked = np.nan if cigarettes is None else read_cigarettes(cigarettes)
    arrays, layout, places = read(hemoglobin=hemoglobin, altitude=altitude, cigarettes=smoked)
    values, height, smoking = arrays
    check_hemoglobin(values, places)
    check_altitude(height, places)
    adjusted = values if already_adjusted else adjusted_values(values, height, smoking, standard, how)
    return layout.restore(adjusted, ADJUSTED_NAME)


def check_adjustment(standard: str, how: str) -> None:
    """Require a standard that has an adjustment for altitude, in the form asked for."""
    check_choice("standard", standard, list(rules.altitude_standards()))
    check_choice("how", how, HOW)
    if how == "equation" and not standard.startswith("who"):
        raise ValueError(
            f"`how` must be 'table' for {standard}; got 'equation'. Only the WHO standards have an equation."
        )


def require_measured(hemoglobin: Any, already_adjusted: bool | None) -> None:
    """Refuse to guess where the name of a column says that it was adjusted before."""
    name = getattr(hemoglobin, "name", None)
    if already_adjusted is None and isinstance(name, str) and _ALREADY.fullmatch(name.strip()):
        raise ValueError(
            f"`hemoglobin` must be as measured; got a column called {name}, which sounds adjusted. "
            "Pass the measured column, or say already_adjusted=True (False if it was not)."
        )


def read_cigarettes(given: Any) -> Any:
    """Cigarettes a day with "unknown" as -1, in the layout they came in."""
    import pandas as pd

    values = np.asarray(given)
    if values.dtype.kind in "biuf":
        refuse_unshown(np.ravel(values < 0), "cigarettes", _CIGARETTES, _FIX)
        return given
    values = np.asarray(given, dtype=object)  # a list of numbers and words would become words
    words = np.array([isinstance(value, str) for value in values.ravel().tolist()]).reshape(values.shape)
    said = encode("cigarettes", np.where(words, values, np.nan), {"unknown": _UNKNOWN}, _CIGARETTES)
    (numbers,), _, _ = read(cigarettes=np.where(words, np.nan, values))
    refuse_unshown(np.ravel(numbers < 0), "cigarettes", _CIGARETTES, _FIX)
    mixed = np.where(words, said, numbers)
    if isinstance(given, pd.Series):
        return pd.Series(mixed, index=given.index)
    return mixed if mixed.shape else mixed.item()


def check_hemoglobin(values: FloatArray, places: Layout, *, adjusted: bool = False) -> None:
    """Require values that can be g/L; adjusted ones may be lower than any that was measured."""
    if not adjusted:
        refuse((values < 0) | np.isposinf(values), "hemoglobin", "g/L, 0 or more", values, places, _FIX)
    known = values[~np.isnan(values)]
    if known.size and 0 < np.median(known) < (_SMALL_ADJUSTED if adjusted else _SMALL):
        raise ValueError(
            f"`hemoglobin` must be in g/L; got a median of {np.median(known):g}. "
            "That looks like g/dL or mmol/L: convert it with convert_hemoglobin(values, unit=...)."
        )


def check_altitude(height: FloatArray, places: Layout) -> None:
    """Require altitudes at which people live, in m."""
    rule = f"m, at most {rules.HIGHEST_PLACE:g}"
    refuse(height > rules.HIGHEST_PLACE, "altitude", rule, height, places, "Convert feet to m.")


def adjusted_values(
    values: FloatArray, height: FloatArray, smoking: FloatArray, standard: str, how: str
) -> FloatArray:
    """Values at sea level and without smoking; NaN where the altitude is missing or beyond the table."""
    table = rules.steps(standard, "altitude")
    assert table is not None  # the standard was checked
    above_sea = np.maximum(height, 0)
    if table.kind == "raise_cutoff_per_1000_m":
        adjusted: FloatArray = values / (1 + table.amounts[0] * above_sea / 1000)
    else:
        taken = _by_altitude(table, above_sea, standard, how)
        adjusted = values - taken - _by_smoking(smoking, standard, how)
    return np.round(adjusted, rules.DECIMALS)


def _by_altitude(table: rules.Steps, above_sea: FloatArray, standard: str, how: str) -> FloatArray:
    taken: FloatArray
    if how == "table":
        taken = _step(table, above_sea)
    elif standard == "who_2024":
        taken = 0.0056384 * above_sea + 0.0000003 * above_sea**2
    else:
        feet = above_sea * 0.0032808
        taken = 10 * (-0.032 * feet + 0.022 * feet**2)
        taken = np.where(above_sea > rules.EQUATION_BEGINS_2011, taken, 0 * above_sea)
    return np.where(above_sea < table.end, taken, np.nan)


def _by_smoking(smoking: FloatArray, standard: str, how: str) -> FloatArray:
    table = rules.steps(standard, "smoking")
    counted = np.nan_to_num(smoking)
    if table is None or not counted.any():
        return np.zeros(np.shape(smoking))
    by_default = rules.smoker_of_unknown_quantity(standard)
    if how == "equation" and standard == "who_2024":
        number = np.minimum(counted, _MOST)
        taken: FloatArray = 0.4565 * number - 0.0078 * number**2
    else:
        taken = _step(table, np.maximum(counted, 0))
        if standard == "who_2011":  # its table begins at half a packet
            taken = np.where((counted >= 1) & (counted < 10), by_default, taken)
    return np.where(counted == _UNKNOWN, by_default, taken)


def _step(table: rules.Steps, values: FloatArray) -> FloatArray:
    place = np.searchsorted(table.edges, values, side="right") - 1
    return np.where(np.isnan(values), np.nan, table.amounts[place])
