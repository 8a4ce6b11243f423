"""Values against targets as arithmetic: reached or not, due or not, and what the target still allows."""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from mchepi.indicators.catalog import Indicator
from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.catalog import targets as all_targets
from mchepi.indicators.catalog_checks import COMPARATORS, per_of_unit
from mchepi.indicators.columns import texts
from mchepi.indicators.computation import require_columns
from mchepi.stats._validate import FloatArray, check_choice

_LISTED = 12

_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


def read_targets(given: pd.DataFrame | str | Iterable[str]) -> dict[str, ExtensionArray]:
    """Read a table of targets, or ids of the catalog's, into the columns that a judgment carries."""
    if isinstance(given, pd.DataFrame):
        table = given
    else:
        table = all_targets()
        if not isinstance(given, Iterable):
            raise ValueError(
                f"`targets` must be a table of targets or their ids; got {given!r}. Give a table with the "
                "columns target_id, indicator, value and comparator, or an id of targets()."
            )
        ids = [given] if isinstance(given, str) else list(given)
        for id in ids:
            _require_known(id, table["target_id"].tolist())
        table = table[table["target_id"].isin(ids)]
    require_columns(table, ["target_id", "indicator", "value", "comparator"], "targets")
    values = pd.to_numeric(table["value"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    _check_targets(table, values)
    verified = table["verified"].tolist() if "verified" in table else ["no"] * len(table)
    year = table["year"] if "year" in table else pd.Series(pd.NA, index=table.index)
    return {
        "indicator": table["indicator"].array,
        "target_id": table["target_id"].array,
        "target": pd.array(values, dtype="float64"),
        "comparator": table["comparator"].array,
        "level": table["level"].array if "level" in table else texts([""] * len(table)),
        "target_year": year.astype("Int64").array,
        "target_verified": pd.array([str(one).startswith("yes") for one in verified], dtype=bool),
    }


def _check_targets(table: pd.DataFrame, values: FloatArray) -> None:
    names = [name for name in ("target_id", "indicator", "comparator", "value", "unit") if name in table]
    columns = (table[name].tolist() for name in names)
    for number, *cells in zip(values.tolist(), *columns, strict=True):
        row = dict(zip(names, cells, strict=True))
        check_choice(f"comparator of {row['target_id']}", row["comparator"], COMPARATORS)
        one = find_indicator(row["indicator"])
        if "unit" in row and per_of_unit(str(row["unit"])) != one.per:
            raise ValueError(
                f"`unit` of {row['target_id']} must agree with the indicator's per ({one.per}); got "
                f"{row['unit']!r}. Give the target in the indicator's unit."
            )
        _check_value(row["target_id"], row["value"], number, one)


def _require_known(id: object, known: Sequence[str]) -> None:
    if id in known:
        return
    near = difflib.get_close_matches(str(id), known, 1)
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    fix = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(known[:_LISTED])}{more}."
    raise ValueError(f"`targets` must be ids of targets(); got {id!r}. {fix}")


def _check_value(target_id: object, value: object, number: float, one: Indicator) -> None:
    part = one.kind == "proportion" and one.numerator_in_denominator
    if not 0 <= number < (math.inf if not part else math.nextafter(one.per, math.inf)):
        rule = f"a number from 0 to {one.per}" if part else "a number, 0 or more"
        raise ValueError(
            f"`value` of {target_id} must be {rule}; got {value!r}. Give the target per {one.per} or drop it."
        )


def within(
    ones: Sequence[Indicator],
    events: FloatArray,
    total: FloatArray,
    target: FloatArray,
    comparators: Sequence[str],
) -> tuple[ExtensionArray, ExtensionArray, ExtensionArray]:
    """Whether each value is within its target, the most events that are, and how many of them are left."""
    rows = [
        _within_one(*row)
        for row in zip(ones, events.tolist(), total.tolist(), target.tolist(), comparators, strict=True)
    ]
    reached, allowance, left = zip(*rows, strict=True) if rows else ((), (), ())
    return (
        pd.array(reached, dtype="boolean"),
        pd.array(allowance, dtype="Int64"),
        pd.array(left, dtype="Int64"),
    )


def _within_one(
    one: Indicator, events: float, total: float, target: float, comparator: str
) -> tuple[bool | None, int | None, int | None]:
    if not total > 0 or math.isnan(events):
        return None, None, None
    # The decimal number of the target as it is written: 3.1 and not the binary number next to it.
    at_target = Fraction(str(target)) * Fraction(total) / one.per
    reached = _COMPARE[comparator](Fraction(events), at_target)
    if one.kind == "administrative" or one.basis == "survey":
        return reached, None, None
    if comparator in ("<", "<=", "="):
        most = math.ceil(at_target) - 1 if comparator == "<" else math.floor(at_target)
        return reached, most, most - int(events)
    if one.kind != "proportion" or not one.numerator_in_denominator:
        return reached, None, None
    fewest = math.floor(at_target) + 1 if comparator == ">" else math.ceil(at_target)
    may_be_missed = int(total) - fewest
    return reached, may_be_missed, may_be_missed - int(total - events)


def due(last_year: FloatArray, target_year: FloatArray) -> ExtensionArray:
    """Whether the target year has come; unknown without a year on either side."""
    return pd.arrays.BooleanArray(last_year >= target_year, np.isnan(last_year + target_year))
