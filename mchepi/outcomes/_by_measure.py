"""Several estimates of the same persons as one table, a row a measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from mchepi.stats import Estimate
from mchepi.stats._validate import Layout

if TYPE_CHECKING:
    import pandas as pd


def by_measure(
    estimates: Mapping[str, Estimate],
    layout: Layout,
    *,
    methods: Mapping[str, str],
    notes: Callable[[str, str], str],
) -> pd.DataFrame:
    """Rows (label, measure), or measure alone for single numbers, methods and notes in other words.

    The estimates are those of plain arrays; the labels come from `layout`.
    """
    import pandas as pd

    frames = []
    for name, estimate in estimates.items():
        frame = estimate.to_frame()[["value", "lower", "upper", "method", "note"]].reset_index(drop=True)
        frame["method"] = methods.get(estimate.method, estimate.method)
        frame["note"] = [notes(name, note) for note in frame["note"]]
        frames.append(frame.assign(measure=name))
    table = pd.concat(frames, keys=range(len(frames)), names=["order", "position"])
    table = table.sort_index(level=["position", "order"])
    if not layout.shape:
        return table.set_index("measure")
    size = int(np.prod(layout.shape))
    own = layout.index if layout.index is not None else _positions(layout.shape)
    labels = own.take(np.repeat(np.arange(size), len(frames)))
    levels = [labels.get_level_values(level) for level in range(labels.nlevels)]
    names = [name if name is not None else f"level_{i}" for i, name in enumerate(own.names)]
    if own.nlevels == 1 and own.names[0] is None:
        names = ["label"]
    table.index = pd.MultiIndex.from_arrays([*levels, table.pop("measure")], names=[*names, "measure"])
    return table


def _positions(shape: tuple[int, ...]) -> pd.Index:
    import pandas as pd

    if len(shape) == 1:
        return pd.RangeIndex(shape[0])
    return pd.MultiIndex.from_product([range(length) for length in shape])
