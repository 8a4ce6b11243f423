"""Reading columns of individual records, whose errors must not show a person.

A message names the column, the rule and the positions of the records: never a label of the index (it may be
an identity number), never text that stood where a number belongs (it may be a name), never a date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats._validate import FloatArray, Layout, Mask, align, refuse_where

if TYPE_CHECKING:
    import pandas as pd

Codes = Mapping[Any, float]

SEXES: Codes = {
    **dict.fromkeys(("male", "m", "男", "1", 1), 1.0),
    **dict.fromkeys(("female", "f", "女", "2", 2), 2.0),
}
YES_NO: Codes = {
    **dict.fromkeys((True, "yes", "y", "是"), 1.0),
    **dict.fromkeys((False, "no", "n", "否"), 0.0),
}


def read(**columns: Any) -> tuple[list[FloatArray], Layout, Layout]:
    """Numeric columns (missing is NaN) of one shape, their layout, and a layout that knows positions only."""
    for name, given in columns.items():
        _refuse_text(name, given)
    arrays, layout = align(**columns)
    shaped = [np.broadcast_to(array, layout.shape) for array in arrays]
    return shaped, layout, Layout(layout.shape)


def encode(name: str, given: Any, codes: Codes, choices: str) -> Any:
    """Words as the numbers they stand for, in the layout they came in; missing is NaN, case is no matter."""
    import pandas as pd

    values = np.asarray(given.astype(object) if isinstance(given, pd.Series) else given, dtype=object)
    places, words = pd.factorize(values.ravel())
    numbers = np.array([*(_code(word, codes) for word in words), np.nan])
    unknown = np.append(np.isneginf(numbers[:-1]), False)[places]
    if unknown.any():
        positions = ", ".join(f"position {i}" for i in np.flatnonzero(unknown)[:3])
        raise ValueError(
            f"`{name}` must be {choices}; got something else in {unknown.sum()} of {values.size} records "
            f"({positions}). Translate those words first, or give them as missing."
        )
    found = numbers[places].reshape(values.shape)
    if isinstance(given, pd.Series):
        return pd.Series(found, index=given.index)
    return found if found.shape else float(found)


def notes(reasons: Sequence[tuple[Mask, str]], layout: Layout) -> pd.Categorical[str]:
    """Which reasons hold for which record, as one word column with few distinct values."""
    code = np.zeros(layout.shape, dtype=np.int64)
    for place, (mask, _) in enumerate(reasons):
        code |= np.asarray(mask, dtype=np.int64) << place
    present, positions = np.unique(code, return_inverse=True)
    said = [
        "; ".join(text for place, (_, text) in enumerate(reasons) if number >> place & 1)
        for number in present.tolist()
    ]
    return categorical(positions.ravel(), said)


def categorical(codes: Any, words: Sequence[str], *, ordered: bool = False) -> pd.Categorical[str]:
    """A column of few words by their positions; -1 is missing."""
    import pandas as pd

    return pd.Categorical.from_codes(codes, categories=pd.Index(list(words)), ordered=ordered)


def refuse(bad: Mask, name: str, rule: str, values: FloatArray, places: Layout, fix: str) -> None:
    """As `refuse_where`, for measurements that may be shown; `places` knows positions only."""
    refuse_where(np.asarray(bad), name, rule, values, places, fix)


def refuse_unshown(bad: Mask, name: str, rule: str, fix: str) -> None:
    """Refuse values that must not be shown, by the positions of their records."""
    if bad.any():
        positions = ", ".join(f"position {i}" for i in np.flatnonzero(bad)[:3])
        more = f" (first three of {int(bad.sum())})" if bad.sum() > 3 else ""
        raise ValueError(f"`{name}` must be {rule}; got something else at {positions}{more}. {fix}")


def _refuse_text(name: str, given: Any) -> None:
    import pandas as pd

    if isinstance(given, pd.Series) and given.dtype.kind in "biuf":
        return
    values = np.asarray(given)
    if values.dtype.kind in "biuf":
        return
    values = np.asarray(given, dtype=object)  # a list of numbers and words would become words
    flat = values.ravel()
    fine = np.array([isinstance(value, Real | Decimal) for value in flat.tolist()], dtype=bool)
    bad = ~fine & ~np.asarray(pd.isna(flat))
    refuse_unshown(bad, name, "numbers", "Convert words to numbers, or give them as missing.")


def _code(word: Any, codes: Codes) -> float:
    key = word.strip().lower() if isinstance(word, str) else word
    try:
        return codes.get(key, -np.inf)
    except TypeError:
        return -np.inf
