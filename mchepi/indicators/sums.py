"""Counts of a table as numbers, checked, and their sums: a row an indicator, a column a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mchepi.indicators.catalog import Indicator
from mchepi.indicators.notes import Notes
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    Mask,
    align,
    check_amounts,
    check_counts,
    check_part,
)
from mchepi.stats.intervals import count_limits, proportion_limits

Positions: TypeAlias = NDArray[np.intp]

PERSON_TIME_COLUMNS = frozenset({"women_years"})
"""Columns of the catalog that need not be whole numbers."""

NO_LIMITS = "none"
"""The method of a number that carries no limits."""

_WOMEN = "women_delivered"


@dataclass(frozen=True)
class Counts:
    """What some indicators need of a table: its counts as numbers, NaN where one is missing.

    `columns` and `deduced` (where a count was deduced) are by the names of the columns; `table` is what they
    were read from.
    """

    ones: tuple[Indicator, ...]
    columns: dict[str, FloatArray]
    deduced: dict[str, Mask]
    table: pd.DataFrame


@dataclass(frozen=True)
class Sums:
    """The sums of each indicator (row) in each group (column), NaN where they are not known.

    `group` is the number of every row's group; `taken` says for each indicator which rows of the table were
    to be summed, `used` which were: those with every count, or else all that a group has.
    """

    counts: Counts
    group: Positions
    taken: Mask
    used: Mask
    complete: Mask
    has_complete: Mask
    numerator: FloatArray
    denominator: FloatArray

    @cached_property
    def total(self) -> FloatArray:
        """The denominators that can be divided by."""
        return np.where(self.denominator > 0, self.denominator, np.nan)

    @cached_property
    def per(self) -> NDArray[np.int64]:
        """The unit of each indicator, as a column beside the groups."""
        return np.array([[one.per] for one in self.counts.ones], dtype=np.int64)

    @cached_property
    def value(self) -> FloatArray:
        """Numerator over denominator, in the indicator's unit."""
        return np.asarray(self.numerator / self.total * self.per)


def read_counts(table: pd.DataFrame, ones: Sequence[Indicator]) -> Counts:
    """Read the columns that indicators need, and require that they are possible."""
    try:
        columns = _read(table, ones, None)
    except ValueError:
        # Once more with the labels of the rows, which take as long to make as all the rest.
        columns = _read(table, ones, _row_labels(table))
    return Counts(tuple(ones), columns, _deduced(table, columns), table)


def _read(
    table: pd.DataFrame, ones: Sequence[Indicator], labels: pd.Index[Any] | None
) -> dict[str, FloatArray]:
    columns: dict[str, FloatArray] = {}
    for one in ones:
        for column in one.columns:
            if column not in columns:
                columns[column] = _counts(table, column, labels)
        if one.numerator_in_denominator or one.basis == "risk":
            sides = (summed(columns, side) for side in (one.numerator_columns, one.denominator_columns))
            layout = Layout((len(table),), labels)
            check_part(one.numerator, next(sides), one.denominator, next(sides), layout)
        if _has_ceiling(one) and _WOMEN not in columns:
            columns[_WOMEN] = _counts(table, _WOMEN, labels)
    return columns


def _counts(table: pd.DataFrame, column: str, labels: pd.Index[Any] | None) -> FloatArray:
    """Read one column, checked; an absent column is missing throughout."""
    if column not in table:
        return np.full(len(table), np.nan)
    given = table[column] if labels is None else table[column].set_axis(labels)
    (counts,), layout = align(**{column: given})
    if column in PERSON_TIME_COLUMNS:
        check_amounts(column, counts, layout)
    else:
        check_counts(column, counts, layout, of="persons or events")
    return counts


def summed(columns: Mapping[str, FloatArray], names: Sequence[str]) -> FloatArray:
    """Add up columns by their names, row by row."""
    return np.asarray(sum(columns[name] for name in names))


def _row_labels(table: pd.DataFrame) -> pd.Index[Any]:
    keys = [key for key in ("district", "year") if key in table]
    return pd.MultiIndex.from_frame(table[keys]) if keys else table.index


def _has_ceiling(one: Indicator) -> bool:
    """Whether women are counted over live births, so that not everybody can be reached."""
    return one.kind == "proportion" and not one.numerator_in_denominator


def _deduced(table: pd.DataFrame, columns: dict[str, FloatArray]) -> dict[str, Mask]:
    """Give for each column the rows where it was deduced."""
    if "deduced" not in table:
        return {}
    names = [
        set(text.replace(" ", "").split(";")) if isinstance(text, str) else set() for text in table["deduced"]
    ]
    found = {column: np.array([column in own for own in names], dtype=bool) for column in columns}
    return {column: rows for column, rows in found.items() if rows.any()}


def sum_counts(counts: Counts, group: Positions, length: int, taken: Mask | None = None) -> Sums:
    """Sum each indicator in each of `length` groups, over the rows `taken` (all of them by default)."""
    sides = (
        [summed(counts.columns, getattr(one, f"{side}_columns")) for one in counts.ones]
        for side in ("numerator", "denominator")
    )
    numerator, denominator = (np.array(side).reshape(len(counts.ones), len(group)) for side in sides)
    if taken is None:
        taken = np.ones(numerator.shape, dtype=bool)
    complete = taken & ~np.isnan(numerator + denominator)
    has_complete = _rows_in(complete, group, length) > 0
    # A group without one complete row still shows the side that is known.
    used = complete | (taken & ~has_complete[:, group])
    return Sums(
        counts,
        group,
        taken,
        used,
        complete,
        has_complete,
        _sums(numerator, used, group, length),
        _sums(denominator, used, group, length),
    )


def _rows_in(chosen: Mask, group: Positions, length: int) -> NDArray[np.intp]:
    """Count the chosen rows of each indicator in each group."""
    places = _places(chosen, group, length)
    return np.bincount(places, minlength=len(chosen) * length).reshape(len(chosen), length)


def _sums(values: FloatArray, used: Mask, group: Positions, length: int) -> FloatArray:
    """Sum by indicator and group; NaN where a used row lacks the value, or no row is there."""
    places = _places(used, group, length)
    sums = np.bincount(places, weights=values[used], minlength=len(used) * length)
    return np.where(_rows_in(used, group, length) > 0, sums.reshape(len(used), length), np.nan)


def _places(chosen: Mask, group: Positions, length: int) -> Positions:
    first = np.arange(len(chosen), dtype=np.intp)[:, None] * length
    return np.asarray((first + group)[chosen])


def limits_of(sums: Sums, level: float, *, enumerations: bool) -> tuple[FloatArray, FloatArray, list[str]]:
    """Limits of every value, and the method of each indicator: none for quotas and unasked enumerations."""
    lower = np.full(sums.numerator.shape, np.nan)
    upper = lower.copy()
    methods = [_method(one, enumerations) for one in sums.counts.ones]
    for method in ("wilson", "exact"):
        rows = np.array([own == method for own in methods], dtype=bool)
        if not rows.any():
            continue
        events, total, per = sums.numerator[rows], sums.total[rows], sums.per[rows]
        if method == "wilson":
            # Above 100 % it is no proportion of these persons, and has no limits.
            inside = np.where(events <= total, events, np.nan)
            ends = proportion_limits(inside, total, method, level)
        else:
            ends = tuple(end / total for end in count_limits(events, method, level))
        lower[rows], upper[rows] = (end * per for end in ends)
    return lower, upper, methods


def has_limits(one: Indicator) -> bool:
    """Whether values of an indicator have limits without being asked for: risks and surveys, no quotas."""
    return one.kind != "administrative" and one.basis != "enumeration"


def _method(one: Indicator, enumerations: bool) -> str:
    if one.kind == "administrative" or (one.basis == "enumeration" and not enumerations):
        return NO_LIMITS
    return "wilson" if one.kind == "proportion" else "exact"


def notes_of(sums: Sums, keys: Sequence[str], lower: FloatArray) -> list[str]:
    """Note what a reader has to know of each sum, indicator by indicator; `keys` make the groups."""
    ones, value = sums.counts.ones, sums.value
    length = value.shape[1]
    notes = Notes(value.size)

    def note(code: str, chosen: Mask, place: int, detail: str) -> None:
        """Note it for the groups of one indicator that hold chosen rows."""
        for group in np.unique(sums.group[chosen]):
            notes.add_to(place * length + int(group), code, detail)

    for place, one in enumerate(ones):
        for column in one.columns:
            holes = sums.taken[place] & np.isnan(sums.counts.columns[column])
            note("missing", holes & ~sums.has_complete[place][sums.group], place, column)
    notes.add("denominator zero", sums.denominator.ravel() == 0)
    for place, group, code, detail in _left_out(sums, keys):
        notes.add_to(place * length + group, code, detail)
    for place, one in enumerate(ones):
        for column in one.columns:
            if column in sums.counts.deduced:
                note("deduced", sums.complete[place] & sums.counts.deduced[column], place, column)
    notes.add("above 100 %", ((sums.per == 100) & (value > 100)).ravel())
    for place, one in enumerate(ones):
        if _has_ceiling(one):
            women = _sums(sums.counts.columns[_WOMEN][None], sums.used[place][None], sums.group, length)[0]
            for own in np.flatnonzero(~np.isnan(women * value[place])).tolist():
                reached = f"{women[own]:.0f}/{sums.denominator[place, own]:.0f}"
                notes.add_to(place * length + own, "ceiling", reached)
    surveys = np.array([[one.basis == "survey"] for one in ones], dtype=bool)
    notes.add("random sample assumed", (surveys & ~np.isnan(lower)).ravel())
    notes.add("definition unverified", np.repeat([not one.is_verified for one in ones], length))
    return notes.texts()


def _left_out(sums: Sums, keys: Sequence[str]) -> Iterator[tuple[int, int, str, str]]:
    """Name the rows that each sum leaves out by the keys that do not make its group, or else count them."""
    left_out = sums.taken & ~sums.used
    if not left_out.any():
        return
    table = sums.counts.table
    named = [key for key in ("district", "year") if key in table and key not in keys]
    if not named:
        counted = _rows_in(left_out, sums.group, sums.numerator.shape[1])
        for at in np.argwhere(counted).tolist():
            yield at[0], at[1], "rows left out", str(counted[tuple(at)])
        return
    code = f"{named[0]}s left out" if len(named) == 1 else "rows left out"
    ordered = table[named].reset_index(drop=True).sort_values(named, kind="stable")
    labels = [" ".join(map(str, row)) for row in ordered.itertuples(index=False)]
    for place, row in np.argwhere(left_out[:, ordered.index]).tolist():
        yield place, int(sums.group[ordered.index[row]]), code, labels[row]
