"""From counts to indicators: sum, divide, set limits, and note what a reader has to know."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mchepi.indicators.catalog import Indicator
from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.notes import Notes
from mchepi.stats import proportion, rate
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    Mask,
    align,
    check_amounts,
    check_counts,
    check_level,
    check_part,
)

Positions: TypeAlias = NDArray[np.intp]

PERSON_TIME_COLUMNS = frozenset({"women_years"})
"""Columns of the catalog that need not be whole numbers."""

NO_LIMITS = "none"
"""The method of a number that carries no limits."""

_GIVEN = (
    *("indicator", "numerator", "denominator", "value", "lower", "upper"),
    *("per", "method", "confidence_level", "note"),
)

_WOMEN = "women_delivered"


def compute(
    data: pd.DataFrame,
    indicator: str | Iterable[str],
    *,
    by: str | Sequence[str] = ("district", "year"),
    confidence_level: float = 0.95,
    limits: bool = False,
) -> pd.DataFrame:
    r"""Value of each indicator, per its own unit and with limits, for each group of a district-year table.

    The value is :math:`per \cdot \sum numerator / \sum denominator` over the rows of a group that hold every
    count it needs; the note names what was left out. Proportions get Wilson limits, rates and ratios exact
    Poisson limits (Garwood). Coverage from a full register (basis enumeration) gets none unless `limits` asks
    for them: nothing was sampled. Quotas and resources (kind administrative) never have any.

    The limits say which underlying risk is compatible with the counts; they do not cover under-reporting. A
    proportion from a survey is taken as a simple random sample, which the note says. Do not pool figures of
    different periods, population bases or source systems.

    Parameters
    ----------
    data : DataFrame
        One row a district and year (and stratum), one column a count, named as in the catalog. A column
        `deduced` names the columns of its row whose values were deduced, joined by ";".
    indicator : str or several
        Ids of the catalog.
    by : str or sequence of str
        Key columns that make a group; an empty sequence pools the whole table. Where the table has rows of
        several years, `year` brings `year_end` with it.
    confidence_level : float
        Level of the limits.
    limits : bool
        Give limits to enumerations too.

    Returns
    -------
    DataFrame
        The by-keys, then indicator, numerator (Int64), denominator (Int64; Float64 for fractional
        person-time), value, lower, upper, per, method ("none" without limits), confidence_level and note
        (phrases of NOTE_CODES). Indicators in the order given, groups in the order of their keys. A missing
        column gives NaN and a note.

    Raises
    ------
    ValueError
        If an id or key is unknown, a count is negative or no whole number, or more events than persons are
        counted where that is impossible. More women than live births is possible, and noted.

    References
    ----------
    Wilson EB (1927). doi:10.1080/01621459.1927.10502953.
    Garwood F (1936). doi:10.1093/biomet/28.3-4.437.

    Examples
    --------
    Jalaid Banner (扎赉特旗) 2023: 1,430 live births; 3 neonatal deaths, deduced from the published rate.

    >>> import pandas as pd
    >>> from mchepi.indicators import compute
    >>> counts = pd.DataFrame(
    ...     {"district": ["152223"], "year": [2023], "live_births": [1430], "neonatal_deaths": [3],
    ...      "deduced": ["neonatal_deaths"]}
    ... )
    >>> found = compute(counts, "neonatal_mortality_rate")
    >>> found[["value", "lower", "upper", "per", "method", "note"]].round(2)
       value  lower  upper   per method                      note
    0    2.1   0.43   6.13  1000  exact  deduced: neonatal_deaths
    """
    level = check_level(confidence_level)
    ids = [indicator] if isinstance(indicator, str) else list(indicator)
    keys = [by] if isinstance(by, str) else list(by)
    require_columns(data, keys, "by")
    taken = [key for key in keys if key in _GIVEN]
    if taken:
        raise ValueError(
            f"`by` must not name columns that `compute` gives; got {', '.join(taken)}. Rename the column."
        )
    if "year" in keys and "year_end" in data and "year_end" not in keys:
        # Rows of several years are no rows of their first year.
        keys.insert(keys.index("year") + 1, "year_end")
    if not ids:
        raise ValueError("`indicator` must name at least one indicator; got none. Give an id or several.")
    ones = [find_indicator(id) for id in ids]
    data = needed(data, ones, keys)
    group, names = _groups(data, keys)
    labels = _row_labels(data)
    found = [_compute_one(data, one, group, names, labels, level, limits) for one in ones]
    total = np.concatenate([each["denominator"] for each in found])
    # One frame of all indicators: to make many and join them takes several times as long.
    return (
        names.iloc[np.tile(np.arange(len(names)), len(ones))]
        .reset_index(drop=True)
        .assign(
            indicator=pd.Series(np.repeat([one.id for one in ones], len(names)), dtype="str"),
            numerator=pd.Series(np.concatenate([each["numerator"] for each in found])).astype("Int64"),
            denominator=pd.Series(total).astype("Int64" if _are_whole(total) else "Float64"),
            **{name: np.concatenate([each[name] for each in found]) for name in ("value", "lower", "upper")},
            per=np.repeat([one.per for one in ones], len(names)),
            method=pd.Series(np.repeat([each["method"] for each in found], len(names)), dtype="str"),
            confidence_level=level,
            note=pd.Series([note for each in found for note in each["note"]], dtype="str"),
        )
    )


def needed(data: pd.DataFrame, ones: Iterable[Indicator], keys: Sequence[str]) -> pd.DataFrame:
    """Keep the columns that the indicators need: a table of 150 columns takes long to take rows from."""
    wanted = {*keys, "district", "year", "year_end", "deduced", _WOMEN}
    wanted.update(column for one in ones for column in one.columns)
    return data[[column for column in data.columns if column in wanted]]


def require_columns(data: pd.DataFrame, names: Sequence[str], argument: str) -> None:
    """Require that `argument` names columns of the table."""
    unknown = [name for name in names if name not in data.columns]
    if unknown:
        near = difflib.get_close_matches(str(unknown[0]), [str(column) for column in data.columns], 1)
        fix = f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(map(str, data.columns[:12]))}."
        raise ValueError(f"`{argument}` must name columns of the table; got {unknown[0]!r}. {fix}")


def _groups(data: pd.DataFrame, keys: list[str]) -> tuple[Positions, pd.DataFrame]:
    """Give the number of every row's group, and the names of the groups in the order of these numbers."""
    if not keys:
        return np.zeros(len(data), dtype=np.intp), pd.DataFrame(index=pd.RangeIndex(1))
    group = np.asarray(data.groupby(keys, sort=True, dropna=False).ngroup(), dtype=np.intp)
    firsts = np.unique(group, return_index=True)[1]
    return group, data[keys].iloc[firsts].reset_index(drop=True)


def _compute_one(
    data: pd.DataFrame,
    one: Indicator,
    group: Positions,
    names: pd.DataFrame,
    labels: pd.Index[Any],
    level: float,
    limits: bool,
) -> dict[str, Any]:
    """Compute one indicator for each group: its columns, value by value; one method for all."""
    counts = {column: _counts(data, column, labels) for column in one.columns}
    numerator = np.sum([counts[column] for column in one.numerator_columns], axis=0)
    denominator = np.sum([counts[column] for column in one.denominator_columns], axis=0)
    if one.numerator_in_denominator or one.basis == "risk":
        check_part(one.numerator, numerator, one.denominator, denominator, Layout((len(data),), labels))
    complete = ~np.isnan(numerator + denominator)
    has_complete = _any(complete, group, len(names))
    # A group without one complete row still shows the side that is known.
    used = complete | ~has_complete[group]
    events, total = (_sum(side, used, group, len(names)) for side in (numerator, denominator))
    total_or_nan = np.where(total > 0, total, np.nan)
    lower, upper, method = _limits(one, events, total_or_nan, level, limits)
    value = events / total_or_nan * one.per

    notes = Notes(len(names))
    for column in one.columns:
        notes.add("missing", _any(np.isnan(counts[column]), group, len(names)) & ~has_complete, column)
    notes.add("denominator zero", total == 0)
    for place, code, label in _left_out(data, list(names.columns), np.flatnonzero(~used), group):
        notes.add_to(place, code, label)
    for column, deduced in _deduced(data, one):
        notes.add("deduced", _any(deduced & complete, group, len(names)), column)
    notes.add("above 100 %", (one.per == 100) & (value > 100))
    if one.kind == "proportion" and not one.numerator_in_denominator:
        women = _sum(_counts(data, _WOMEN, labels), used, group, len(names))
        for position in np.flatnonzero(~np.isnan(women * value)):
            notes.add_to(int(position), "ceiling", f"{women[position]:.0f}/{total[position]:.0f}")
    notes.add("random sample assumed", (one.basis == "survey") & ~np.isnan(lower))
    notes.add("definition unverified", np.full(len(names), not one.is_verified))
    return {
        "numerator": events,
        "denominator": total,
        "value": value,
        "lower": lower,
        "upper": upper,
        "method": method,
        "note": notes.texts(),
    }


def _limits(
    one: Indicator, events: FloatArray, total: FloatArray, level: float, limits: bool
) -> tuple[FloatArray, FloatArray, str]:
    if one.kind == "administrative" or (one.basis == "enumeration" and not limits):
        nothing = np.full(len(events), np.nan)
        return nothing, nothing, NO_LIMITS
    if one.kind == "proportion":
        # Above 100 % it is no proportion of these persons, and has no limits.
        inside = np.where(events <= total, events, np.nan)
        found = proportion(inside, total, per=one.per, confidence_level=level)
    else:
        found = rate(events, total, per=one.per, confidence_level=level)
    return found.lower, found.upper, found.method


def _counts(data: pd.DataFrame, column: str, labels: pd.Index[Any]) -> FloatArray:
    """Read one column, checked; an absent column is missing throughout."""
    if column not in data:
        return np.full(len(data), np.nan)
    (counts,), layout = align(**{column: data[column].set_axis(labels)})
    if column in PERSON_TIME_COLUMNS:
        check_amounts(column, counts, layout)
    else:
        check_counts(column, counts, layout, of="persons or events")
    return counts


def _row_labels(data: pd.DataFrame) -> pd.Index[Any]:
    keys = [key for key in ("district", "year") if key in data]
    return pd.MultiIndex.from_frame(data[keys]) if keys else data.index


def _sum(values: FloatArray, used: Mask, group: Positions, length: int) -> FloatArray:
    """Sum by group; NaN where a used row lacks the value, or no row is there."""
    sums = np.bincount(group[used], weights=values[used], minlength=length)
    return np.where(np.bincount(group[used], minlength=length) > 0, sums, np.nan)


def _any(holds: Mask, group: Positions, length: int) -> Mask:
    return np.bincount(group[holds], minlength=length) > 0


def _are_whole(values: FloatArray) -> bool:
    return bool(np.all(np.isnan(values) | (values == np.floor(values))))


def _left_out(
    data: pd.DataFrame, keys: Sequence[str], rows: Positions, group: Positions
) -> Iterator[tuple[int, str, str]]:
    """Name the rows that each group leaves out by the keys that do not make it, or else count them."""
    if not rows.size:
        return
    named = [key for key in ("district", "year") if key in data and key not in keys]
    if not named:
        for place, count in zip(*np.unique(group[rows], return_counts=True), strict=True):
            yield int(place), "rows left out", str(count)
        return
    code = f"{named[0]}s left out" if len(named) == 1 else "rows left out"
    for row in data[named].iloc[rows].assign(_group=group[rows]).sort_values(named).to_dict("records"):
        yield row["_group"], code, " ".join(str(row[key]) for key in named)


def _deduced(data: pd.DataFrame, one: Indicator) -> Iterator[tuple[str, Mask]]:
    """Give for each of the indicator's columns the rows where it was deduced."""
    if "deduced" not in data:
        return
    texts = ";" + data["deduced"].fillna("").astype(str).str.replace(" ", "") + ";"
    for column in one.columns:
        yield column, texts.str.contains(f";{column};", regex=False).to_numpy(dtype=bool)
