"""The pages of one analysis in one language: staged, published, recorded by one batch at a time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .folders import publish, recover, sole_writer, stage, take_away
from .ledger import TIMINGS, Entry, Ledger, append_line, mend_tail
from .plan import Analysis
from .stamps import Stamps


class Shelf:
    """The pages in `base`; from `open_shelf`."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self._ledger = Ledger(base)
        self._batch = f"batch-{os.urandom(4).hex()}"

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
                shelf._ledger.fold()
            recover(base)
