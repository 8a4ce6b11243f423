"""Reading arguments: numbers, arrays or Series in, plain float arrays and a memory of their layout out.

Every fault is answered by one sentence that names the argument, the rule, the offending values with their
labels, and the fix.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

FloatArray: TypeAlias = NDArray[np.floating[Any]]
Mask: TypeAlias = NDArray[np.bool_]

_SHOWN = 3
_FIX_COUNTS = "Correct the counts or drop those rows."


@dataclass(frozen=True)
class Layout:
    """The common shape of the arguments, and the labels if one of them was a Series."""

    shape: tuple[int, ...]
    index: pd.Index[Any] | None = None

    def restore(self, values: Any, name: str | None = None) -> Any:
        """Give computed values the layout of the arguments: a float, an array or a Series called `name`."""
        if not self.shape:
            return np.asarray(values).item()
        if np.shape(values) != self.shape:
            values = np.broadcast_to(values, self.shape).copy()
        if self.index is None:
            return values
        import pandas as pd

        return pd.Series(values, index=self.index, name=name)

    def notes(self, reasons: Iterable[tuple[Mask, str]]) -> Any:
        """Say which reason holds where, joined by "; ". None if none holds anywhere."""
        holding = [(np.broadcast_to(mask, self.shape), text) for mask, text in reasons if np.any(mask)]
        if not holding:
            return None
        notes = np.full(self.shape, "", dtype=object)
        for mask, text in holding:
            for position in zip(*np.nonzero(np.atleast_1d(mask)), strict=True):
                place = position if self.shape else ()
                notes[place] = f"{notes[place]}; {text}" if notes[place] else text
        return self.restore(notes, "note")

    def label(self, position: tuple[int, ...]) -> str:
        """Name an element as the user knows it: `district 152223`; `position 4` where there are no labels."""
        if self.index is None:
            return f"position {position[0] if len(position) == 1 else position}"
        label = self.index[position[0]]
        parts = label if self.index.nlevels > 1 else (label,)
        return " ".join(
            f"index {part}" if name is None else f"{name} {part}"
            for name, part in zip(self.index.names, parts, strict=True)
        )


def align(**arguments: Any) -> tuple[list[FloatArray], Layout]:
    """Read the named arguments as float arrays (missing is NaN) that broadcast to one common layout.

    The arrays keep their own shapes. Series must have equal indexes: joining by position is silently wrong.
    """
    read = [_read(name, given) for name, given in arguments.items()]
    arrays = [array for array, _ in read]
    labelled = [(name, own) for name, (_, own) in zip(arguments, read, strict=True) if own is not None]
    for name, own in labelled[1:]:
        _require_equal_indexes(*labelled[0], name, own)
    index = labelled[0][1] if labelled else None
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
        fits = index is None or shape == (len(index),)
    except ValueError:
        fits = False
    if not fits:
        shapes = ", ".join(f"`{name}` {array.shape}" for name, array in zip(arguments, arrays, strict=True))
        raise ValueError(
            f"The arguments must have equal shapes or be single numbers; got shapes {shapes}. "
            "Give one value an element."
        )
    return arrays, Layout(shape, index)


def check_level(confidence_level: Any, name: str = "confidence_level") -> float:
    """Require a level strictly between 0 and 1; a percentage is answered by the proportion it stands for."""
    level = _single_number(confidence_level)
    if level is not None and 0 < level < 1:
        return level
    meant = level / 100 if level is not None and 1 < level < 100 else None
    fix = f"Did you mean {meant:g}?" if meant else "Write 95 % as 0.95."
    raise ValueError(f"`{name}` must be between 0 and 1; got {_show(confidence_level)}. {fix}")


def check_positive(name: str, given: Any) -> float:
    """Require one finite number above 0."""
    number = _single_number(given)
    if number is None or not 0 < number < np.inf:
        raise ValueError(f"`{name}` must be one number above 0; got {_show(given)}. Give a positive number.")
    return number


def check_choice(name: str, given: Any, choices: Sequence[str]) -> None:
    """Require one of the words in `choices`; a near miss is answered by the word it resembles."""
    if isinstance(given, str) and given in choices:
        return
    import difflib

    near = difflib.get_close_matches(str(given), choices, 1)
    fix = f"Did you mean {near[0]!r}?" if near else "Choose one of them."
    listed = ", ".join(map(repr, choices))
    raise ValueError(f"`{name}` must be one of {listed}; got {given!r}. {fix}")


def check_counts(name: str, values: FloatArray, layout: Layout, of: str = "events") -> None:
    """Require whole numbers, 0 or more; missing is allowed."""
    fine = (values >= 0) & (values == np.floor(values)) & (values < np.inf)
    if not fine.all():
        rule = f"a whole number of {of}, 0 or more"
        refuse_where(~fine & ~np.isnan(values), name, rule, values, layout, _FIX_COUNTS)


def check_amounts(name: str, values: FloatArray, layout: Layout, fix: str = "") -> None:
    """Require finite numbers, 0 or more (person-time, expected counts); missing is allowed."""
    fine = (values >= 0) & (values < np.inf)
    if not fine.all():
        fix = fix or "Correct the values or drop those rows."
        refuse_where(~fine & ~np.isnan(values), name, "a number, 0 or more", values, layout, fix)


def check_part(
    name: str, part: FloatArray, whole_name: str, whole: FloatArray, layout: Layout, fix: str = _FIX_COUNTS
) -> None:
    """Require that the part never exceeds the whole."""
    bad = np.asarray(part > whole)
    if bad.any():
        part, whole = (np.broadcast_to(values, bad.shape) for values in (part, whole))
        shown = [f"{_show(part[place])} of {_show(whole[place])}" for place in _positions(bad)]
        _refuse(name, f"at most `{whole_name}`", shown, bad, layout, fix)


def refuse_where(bad: Mask, name: str, rule: str, values: FloatArray, layout: Layout, fix: str) -> None:
    if bad.any():
        _refuse(name, rule, [_show(values[place]) for place in _positions(bad)], bad, layout, fix)


def _refuse(name: str, rule: str, shown: Sequence[str], bad: Any, layout: Layout, fix: str) -> NoReturn:
    if bad.shape:
        # An argument that is itself single has no labels, even where another one has.
        labels = [layout.label(place) for place in _positions(bad)]
        shown = [f"{value} at {label}" for value, label in zip(shown, labels, strict=True)]
    count = int(bad.sum())
    more = f" (first three of {count})" if count > _SHOWN else ""
    raise ValueError(f"`{name}` must be {rule}; got {', '.join(shown)}{more}. {fix}")


def _positions(bad: Any) -> list[tuple[int, ...]]:
    """Positions of the first few offending elements; `()` for a single number."""
    return [tuple(map(int, place)) for place in np.argwhere(bad)[:_SHOWN]]


def _show(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, Real) and not isinstance(value, bool) else repr(value)


def _single_number(given: Any) -> float | None:
    if isinstance(given, np.ndarray) and given.ndim == 0:
        given = given.item()
    return float(given) if isinstance(given, Real) and not isinstance(given, bool) else None


def _read(name: str, given: Any) -> tuple[FloatArray, pd.Index[Any] | None]:
    # Nobody can hold a Series before pandas is imported, and importing it here would cost a second.
    pandas = sys.modules.get("pandas")
    index = None
    if pandas is not None and isinstance(given, pandas.DataFrame):
        raise ValueError(
            f"`{name}` must be a number, an array or a Series; got a DataFrame. Pass one of its columns, "
            f"or {name}.to_numpy() for all of it."
        )
    if pandas is not None and isinstance(given, pandas.Series):
        index = given.index
        if given.dtype.kind in "biuf":
            return given.to_numpy(dtype=np.float64, na_value=np.nan), index
    elif isinstance(given, np.ma.MaskedArray):
        # Filled before the conversion: what the mask hides need not be a number.
        given = np.ma.filled(given.astype(object), np.nan)
    try:
        raw = np.asarray(given)
    except ValueError:
        raise ValueError(
            f"`{name}` must be a number, an array or a Series; got rows of unequal length. "
            "Give every row the same number of values."
        ) from None
    if raw.dtype.kind in "biuf":
        return np.asarray(raw, dtype=np.float64), index
    return _from_objects(name, raw.astype(object), Layout(raw.shape, index)), index


def _from_objects(name: str, raw: NDArray[np.object_], layout: Layout) -> FloatArray:
    read = np.empty(raw.shape)
    bad, large = np.zeros(raw.shape, dtype=bool), np.zeros(raw.shape, dtype=bool)
    for place in np.ndindex(raw.shape):
        value = raw[place]
        if isinstance(value, Real | Decimal):
            try:
                read[place] = float(value)
            except OverflowError:
                large[place] = True
        elif value is None or type(value).__name__ in ("NAType", "NaTType"):
            read[place] = np.nan
        else:
            bad[place] = True
    if bad.any():
        shown = [_show(raw[place]) for place in _positions(bad)]
        _refuse(name, "numbers", shown, bad, layout, "Convert words to numbers, or give them as missing.")
    if large.any():
        shown = ["a larger number"] * len(_positions(large))
        _refuse(name, "numbers below 1e308", shown, large, layout, "Correct the number.")
    return read


def _require_equal_indexes(first: str, index: pd.Index[Any], second: str, other: pd.Index[Any]) -> None:
    if index.equals(other):
        return
    fix = f"Align them first, for example {second}.reindex({first}.index)."
    repeated = [name for name, own in ((first, index), (second, other)) if not own.is_unique]
    same = len(index) == len(other)
    if repeated:
        found = f"labels that repeat in `{repeated[0]}`"
        fix = "Give every row its own label, or pass columns of one table."
    elif same and set(index) == set(other):
        found = "the same labels in another order"
    elif same and set(map(str, index)) == set(map(str, other)):
        found = "labels that are equal as text only: one holds text, the other numbers"
        fix = (
            f"Make both text first: {first}.index = {first}.index.astype(str), "
            f"{second}.index = {second}.index.astype(str)."
        )
    else:
        found = f"{len(index)} labels against {len(other)}, {len(index.intersection(other))} in common"
    raise ValueError(f"`{first}` and `{second}` must have equal indexes; got {found}. {fix}")
