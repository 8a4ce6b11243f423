"""Reading who is whose neighbor, by position or by label, into pairs of positions."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sized
from numbers import Integral
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from mchepi.stats._validate import Layout

Positions = NDArray[np.intp]

_GIVE_LISTS = "Give the neighbors of each area as a list, one neighbor as a list of one, none as []."


def read_neighbors(neighbors: Any, layout: Layout) -> tuple[Positions, Positions]:
    """Give all links as two arrays of positions: the areas, and beside each one of its neighbors.

    A link that is named twice counts once. Links need not be mutual.
    """
    size = layout.shape[0]
    if isinstance(neighbors, Mapping):
        listed = _by_label(neighbors, layout)
    elif not _is_list(neighbors):
        _refuse("one list an area, or a mapping of labels to labels", repr(neighbors), _GIVE_LISTS)
    elif len(neighbors) != size:
        raise ValueError(
            f"`neighbors` must have one list an area ({size}); got {len(neighbors)} lists. "
            "Give an empty list for an area without neighbors."
        )
    else:
        listed = [_list_of(own, (place,), layout) for place, own in enumerate(neighbors)]
    areas = np.repeat(np.arange(size), [len(own) for own in listed])
    flat = [neighbor for own in listed for neighbor in own]
    unlike = [one for one in flat if not isinstance(one, Integral) or isinstance(one, bool)]
    if unlike:
        _refuse(f"whole positions from 0 to {size - 1}", f"{unlike[0]!r}", "Use a mapping to give labels.")
    given = np.array(flat, dtype=np.int64)
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
    listed = {label: _list_of(neighbors[label], (place,), layout) for label, place in positions.items()}
    unknown = [label for label in neighbors if label not in positions]
    flat = [label for own in listed.values() for label in own]
    unknown += [label for label in flat if not isinstance(label, Hashable) or label not in positions]
    if unknown:
        _refuse(
            "labels of `events`",
            _named([label for place, label in enumerate(unknown) if label not in unknown[:place]]),
            "Correct the labels, or leave out the areas that are not in the data.",
        )
    return [[positions[label] for label in listed[own]] for own in labels]


def _is_list(given: Any) -> bool:
    """Whether something holds neighbors; a word is one label and never a list of letters."""
    return isinstance(given, Iterable) and isinstance(given, Sized) and not isinstance(given, str | bytes)


def _list_of(own: Any, place: tuple[int, ...], layout: Layout) -> list[Any]:
    if not _is_list(own):
        _refuse("a list for every area", f"{own!r} at {layout.label(place)}", _GIVE_LISTS)
    return list(own)


def _named(labels: list[Any]) -> str:
    more = f" (first three of {len(labels)})" if len(labels) > 3 else ""
    return ", ".join(repr(label) for label in labels[:3]) + more


def _refuse(rule: str, got: str, fix: str) -> NoReturn:
    raise ValueError(f"`neighbors` must be {rule}; got {got}. {fix}")
