"""The pages of one analysis in one language: staged, published, recorded by one batch at a time."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from .folders import publish, recover, sole_writer, stage, take_away
from .ledger import TIMINGS, Entry, Ledger, append_line, mend_tail
from .plan import Analysis
from .stamps import Stamps

SETTLED = 1.0
"""Seconds after which a page is compared once more, so that the next run need not read it."""


class Shelf:
    """The pages in `base`; from `open_shelf`."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self._ledger = Ledger(base)
        self._batch = f"batch-{os.urandom(4).hex()}"
        self._young: deque[tuple[float, str, Mapping[str, str]]] = deque()

    def entries(self) -> list[Entry]:
        """Give what the ledger says of each page."""
        return self._ledger.entries()

    def stamps(self, *, trusted: bool) -> Stamps:
        """Give what was noted of how the files of the pages look."""
        return Stamps(self.base, trusted=trusted)

    def stage(self, folder: str) -> Path:
        """Make the folder in which the page `folder` is built."""
        return stage(self.base, folder, self._batch)

    def publish(self, folder: str, staged: Path, entry: Entry, times: dict[str, Any]) -> None:
        """Publish a page, and write down what it was made from and how long that took."""
        publish(self.base, folder, staged)
        self._ledger.record(entry)
        append_line(self.base / TIMINGS, times)
        self._young.append((time.monotonic(), folder, entry["outputs"]))
        self._compare_settled()

    def _compare_settled(self) -> None:
        """Compare with the ledger what was published a while ago: a page just written could still change."""
        while self._young and time.monotonic() - self._young[0][0] > SETTLED:
            _, folder, outputs = self._young.popleft()
            self._looks.note(self.base / folder, outputs)

    @cached_property
    def _looks(self) -> Stamps:
        return self.stamps(trusted=True)

    def close(self) -> None:
        """Fold the journal into the ledger, and note how the pages look."""
        self._ledger.fold()
        self._compare_settled()
        if "_looks" in vars(self):
            self._looks.save({str(entry.get("folder")) for entry in self.entries()})

    def withdraw(self, analysis: Analysis, lang: str) -> list[str]:
        """Take away pages that no longer are what they seem; the ids of districts that left the data.

        A district that is no longer in the data loses its page when all of the analysis is run, so that
        nobody takes it for current. A page whose folder has another name by now leaves none in the old one.
        """
        folders = {run.district: run.folder for run in analysis.runs if run.lang == lang}
        left, moved = {}, {}
        for entry in self.entries():
            district, folder = entry["district"], str(entry.get("folder"))
            if district in folders:
                if folder != folders[district]:
                    moved[district] = folder
            elif analysis.whole and district not in analysis.known:
                left[district] = folder
        if left or moved:
            for folder in (*left.values(), *moved.values()):
                take_away(self.base, folder)
            self._ledger.drop({*left, *moved})
        return sorted(left)


@contextlib.contextmanager
def open_shelf(base: Path) -> Iterator[Shelf]:
    """Open the pages in `base` for writing.

    What an interrupted batch left half-done is cleared first. `Refused` where another batch is writing there,
    or the ledger is damaged.
    """
    base.mkdir(parents=True, exist_ok=True)
    with sole_writer(base):
        recover(base)
        mend_tail(base / TIMINGS)
        shelf = Shelf(base)
        try:
            yield shelf
        finally:
            with contextlib.suppress(OSError):  # a full disk: the journal has what the ledger lacks
                shelf.close()
            recover(base)
