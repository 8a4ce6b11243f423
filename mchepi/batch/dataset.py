"""All that the batch knows of the data: which districts there are, and what tells one state from another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class Dataset(Protocol):
    """Data that notebooks read by district."""

    def districts(self) -> Mapping[str, tuple[str, ...]]:
        """Give the names of every district by its id, in the order in which they are run."""

    def digest(self, district: str | None) -> str:
        """Give the SHA-256 of all that a notebook of this district is handed; None: of all districts."""

    def files(self) -> Sequence[Path]:
        """List every file that is read."""


class OpenDataset(Protocol):
    """What opens a dataset: by its name in data/ beside params/, found from `start` upwards, or its path."""

    def __call__(self, data: str | Path, *, start: Path | None = None) -> Dataset:
        """Open it; `Refused` with all faults where it cannot be used."""
