"""Choosing rows: the latest of each indicator, those that were stated, those that were not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mchepi.indicators import indicator

from .labels import phrases

# Rules that doubt what a published count is a share of.
DISPUTED = ("few_tested_three_infections",)


def latest(frame: pd.DataFrame) -> pd.DataFrame:
    """The last period of each indicator that has a value; the last period at all where none has.

    Parameters
    ----------
    frame : pandas.DataFrame
        What `mchepi.indicators.compute` gives, by district and year.

    Returns
    -------
    pandas.DataFrame
        One row a district and indicator, in the order of the indicators.

    Examples
    --------
    >>> rows = pd.DataFrame({"district": ["a", "a"], "year": [2022, 2023], "indicator": ["i", "i"],
    ...                      "value": [1.5, float("nan")]})
    >>> latest(rows)["year"].tolist()
    [2022]
    """
    order = np.lexsort((_floats(frame, "year"), frame["value"].notna().to_numpy()))
    return frame.iloc[_first_of_each(frame, ["district", "indicator"], order[::-1])]


def next_targets(judged: pd.DataFrame) -> pd.DataFrame:
    """Of each indicator the target that comes next, or the latest that has come; one each.

    Examples
    --------
    >>> judged = pd.DataFrame({"indicator": ["i", "i"], "target_year": [2030, 2025], "due": [False, False],
    ...                        "target": [3.0, 3.1]})
    >>> next_targets(judged)["target"].tolist()
    [3.1]
    """
    return judged.iloc[_next_places(judged)]


def next_target_rows(judged: pd.DataFrame) -> list[dict[str, Any]]:
    """The same as mappings from column to value.

    Examples
    --------
    >>> judged = pd.DataFrame({"indicator": ["i", "i"], "target_year": [2030, 2025], "due": [False, False]})
    >>> next_target_rows(judged)
    [{'indicator': 'i', 'target_year': 2025, 'due': False}]
    """
    rows = records(judged)
    return [rows[place] for place in _next_places(judged)]


def _next_places(judged: pd.DataFrame) -> list[int]:
    year = _floats(judged, "target_year")
    due = judged["due"].astype("boolean").to_numpy(dtype=bool, na_value=True)
    verified = judged["target_verified"] if "target_verified" in judged else np.ones(len(judged))
    order = np.lexsort((-np.asarray(verified, dtype=int), np.where(due, -year, year), due))
    return _first_of_each(judged, ["indicator"], order)


def _floats(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    return frame[column].to_numpy(dtype=np.float64, na_value=np.nan)


def _first_of_each(frame: pd.DataFrame, keys: list[str], order: NDArray[np.intp]) -> list[int]:
    """Places of the rows that come first in `order` of those that are alike in the keys, as they stand."""
    labels = list(zip(*(frame[key].tolist() for key in keys), strict=True))
    firsts: dict[tuple[Any, ...], int] = {}
    for place in order.tolist():
        firsts.setdefault(labels[place], place)
    return sorted(firsts.values())


def is_absent(frame: pd.DataFrame) -> pd.Series[bool]:
    """Which rows have no value because a count was not stated.

    Examples
    --------
    >>> is_absent(pd.DataFrame({"value": [float("nan")], "note": ["missing: maternal_deaths"]})).tolist()
    [True]
    """
    said = [
        hole and any(code == "missing" for code, _ in phrases(note))
        for hole, note in zip(frame["value"].isna(), frame["note"], strict=True)
    ]
    return pd.Series(said, index=frame.index, dtype=bool)


def stated(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows whose counts were stated.

    Examples
    --------
    >>> len(stated(pd.DataFrame({"value": [float("nan")], "note": ["missing: maternal_deaths"]})))
    0
    """
    return frame[~is_absent(frame)]


def stated_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows whose counts were stated, as mappings from column to value.

    Examples
    --------
    >>> stated_rows(pd.DataFrame({"value": [2.1, float("nan")], "note": ["", "missing: maternal_deaths"]}))
    [{'value': 2.1, 'note': ''}]
    """
    return [row for row, absent in zip(records(frame), is_absent(frame), strict=True) if not absent]


def absent_columns(frame: pd.DataFrame) -> list[str]:
    """The count columns for want of which an indicator has no value in any period.

    Examples
    --------
    >>> absent_columns(pd.DataFrame({"indicator": ["i"], "value": [float("nan")],
    ...                              "note": ["missing: maternal_deaths"]}))
    ['maternal_deaths']
    """
    known = set(frame.loc[frame["value"].notna(), "indicator"])
    names: dict[str, None] = {}
    for id, note in zip(frame["indicator"], frame["note"], strict=True):
        for code, details in phrases(note) if id not in known else []:
            if code == "missing":
                names.update(dict.fromkeys(details))
    return list(names)


def concerning(found: pd.DataFrame, ids: Iterable[str]) -> pd.DataFrame:
    """Keep the contradictions that touch a count of these indicators.

    Parameters
    ----------
    found : pandas.DataFrame
        What `mchepi.indicators.contradictions` gives.
    ids : iterable of str
        Indicators of the page.

    Examples
    --------
    >>> found = pd.DataFrame({"columns": ["neonatal_deaths;infant_deaths", "women_delivered"]})
    >>> concerning(found, ["infant_mortality_rate"])["columns"].tolist()
    ['neonatal_deaths;infant_deaths']
    """
    wanted: set[str] = set()
    for one in map(indicator, ids):
        wanted.update(one.numerator_columns)
        wanted.update(one.denominator_columns)
    touched = [bool(wanted & set(str(columns).split(";"))) for columns in found["columns"]]
    return found[pd.Series(touched, index=found.index, dtype=bool)]


def undisputed(levels: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Leave out rates of published counts that do not say what they are shares of; note what rests on them.

    A rate whose denominator is such a count (tested early, of those tested) stays, with the note "denominator
    disputed".

    Parameters
    ----------
    levels : pandas.DataFrame
        What `mchepi.indicators.compute` gives by year.
    found : pandas.DataFrame
        What `mchepi.indicators.contradictions` gives.

    Examples
    --------
    >>> levels = pd.DataFrame({"indicator": ["emtct_testing_rate", "emtct_testing_rate"],
    ...                        "year": [2022, 2023]})
    >>> found = pd.DataFrame({"year": [2023], "rule": ["few_tested_three_infections"],
    ...                       "columns": ["emtct_tested_in_pregnancy;women_delivered"]})
    >>> undisputed(levels, found)["year"].tolist()
    [2022]
    """
    disputed = [
        (row["year"], str(row["columns"]).split(";")) for row in records(found[found["rule"].isin(DISPUTED)])
    ]
    kept, doubted = [], []
    for row in records(levels):
        one = indicator(row["indicator"])
        columns = {*one.numerator_columns, *one.denominator_columns}
        of_year = [named for year, named in disputed if year == row["year"]]
        kept.append(not any(columns <= set(named) for named in of_year))
        doubted.append(any(named[0] in one.denominator_columns for named in of_year))
    if not any(doubted):
        return levels[pd.Series(kept, index=levels.index, dtype=bool)]
    doubt = pd.Series(doubted, index=levels.index, dtype=bool)
    noted = levels["note"].where(~doubt, levels["note"].map(_with_doubt))
    return levels.assign(note=noted)[pd.Series(kept, index=levels.index, dtype=bool)]


def _with_doubt(note: str) -> str:
    return "; ".join(filter(None, (note, "denominator disputed")))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as mappings from column to value.

    Examples
    --------
    >>> records(pd.DataFrame({"year": [2023]}))
    [{'year': 2023}]
    """
    names = list(frame.columns)
    columns = (_plain(values) for _, values in frame.items())
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _plain(values: pd.Series[Any]) -> list[Any]:
    """The values of a column as Python's own, where NumPy's stand among objects too."""
    listed = values.tolist()
    if values.dtype != object:
        return listed
    return [value.item() if isinstance(value, np.generic) else value for value in listed]
