"""Datasets that a process keeps at hand for the processes that it forks: read once, not once a notebook."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mchepi.intake.dataset import Dataset

Stamps = tuple[tuple[int, int, int], ...]

_kept: dict[Path, tuple[Stamps, Dataset]] = {}


def keep(data: str, start: str) -> None:
    """Read the dataset that `data` names, seen from `start`, and keep it while its files stay as they are.

    `open_dataset` then hands it out. Whoever writes into its frames changes them for this process; a forked
    process has a copy of its own.
    """
    from mchepi.intake.dataset import load
    from mchepi.intake.places import find

    path = find(data, Path(start)).resolve()
    started = time.time_ns()
    dataset = load(path)
    dataset.read_registers()
    dataset.digest(next(iter(dataset.districts()), None))  # finds the rows of every district, and their bytes
    stamps = _stamps([path, *dataset.paths])
    if stamps and max(stamps)[0] < started:  # else it may have been written to while it was read
        _kept[path] = stamps, dataset


def recall(path: Path) -> Dataset | None:
    """Give the dataset at `path` if it is kept and none of its files has changed since."""
    stamps, dataset = _kept.get(path, ((), None))
    return dataset if dataset and stamps == _stamps([path, *dataset.paths]) else None


def _stamps(paths: Iterable[Path]) -> Stamps:
    found = []
    for path in paths:
        try:
            about = os.stat(path)
        except OSError:
            return ()
        found.append((about.st_mtime_ns, about.st_size, about.st_ino))
    return tuple(found)
