"""Reading who is whose neighbor, by position or by label, into pairs of positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from mchepi.stats._validate import Layout

Positions = NDArray[np.intp]


def read_neighbors(neighbors: Any, layout: Layout) -> tuple[Positions, Positions]:
    """Give all links as two arrays of positions: the areas, and beside each one of its neighbors.

    A link that is named twice counts once. Links need not be mutual.
    """
    size = layout.shape[0]
    if isinstance(neighbors, Mapping):
        listed = _by_label(neighbors, layout)
    elif len(neighbors) != size:
        raise ValueError(
            f"`neighbors` must have one list an area ({size}); got {len(neighbors)} lists. "
            "Give an empty list for an area without neighbors."
        )
    else:
        listed = [list(own) for own in neighbors]
    areas = np.repeat(np.arange(size), [len(own) for own in listed])
    flat = [neighbor for own in listed for neighbor in own]
    given = np.asarray(flat if flat else np.empty(0, dtype=np.intp))
    if given.dtype.kind not in "iu":
        _refuse(f"whole positions from 0 to {size - 1}", f"{flat[0]!r}", "Use a mapping to give labels.")
    outside = (given < 0) | (given >= size)
    if outside.any():
        place = int(np.argmax(outside))
        _refuse(
            f"positions from 0 to {size - 1}",
            f"{given[place]} at {layout.label((int(areas[place]),))}",
            "Positions count from 0.",
        )
    own = given == areas
    if own.any():
        label = layout.label((int(areas[int(np.argmax(own))]),))
        _refuse("other areas", f"itself at {label}", "An area is not its own neighbor: take it out.")
    links = np.unique(areas * size + given)
    return (links // size).astype(np.intp), (links % size).astype(np.intp)


def _by_label(neighbors: Mapping[Any, Any], layout: Layout) -> list[list[int]]:
    if layout.index is None:
        labels: list[Any] = list(range(layout.shape[0]))
    else:
        labels = layout.index.tolist()
    positions = {label: position for position, label in enumerate(labels)}
    if len(positions) < len(labels):
        _refuse(
            "a mapping of unique labels", "areas that share a label", "Give every area a label of its own."
        )
    missing = [label for label in labels if label not in neighbors]
    if missing:
        _refuse(
            "given for every area",
            f"no entry for {_named(missing)}",
            "Give an empty list to areas without any.",
        )
    unknown = [label for label in neighbors if label not in positions]
    unknown += [label for own in neighbors.values() for label in own if label not in positions]
    if unknown:
        _refuse(
            "labels of `events`",
            _named(list(dict.fromkeys(unknown))),
            "Correct the labels, or leave out the areas that are not in the data.",
        )
    return [[positions[label] for label in neighbors[own]] for own in labels]


def _named(labels: list[Any]) -> str:
    more = f" (first three of {len(labels)})" if len(labels) > 3 else ""
    return ", ".join(repr(label) for label in labels[:3]) + more


def _refuse(rule: str, got: str, fix: str) -> NoReturn:
    raise ValueError(f"`neighbors` must be {rule}; got {got}. {fix}")
