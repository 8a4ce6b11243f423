"""What a batch says on the terminal: one line that is updated, or a plain log where nobody watches."""

from __future__ import annotations

import contextlib
import re
from typing import TextIO

from .runner import BatchResult, Ended

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
LONGEST_MESSAGE = 300


class Progress:
    """Shows a batch as it runs; `ended` is what `run_batch` calls as each run ends.

    A terminal that can no longer be written to (a full disk, a reader that has left) stops no batch.
    """

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.live = out.isatty()

    def ended(self, ended: Ended, result: BatchResult) -> None:
        """Say how far the batch is."""
        counts = f"done {len(result.done)}, failed {len(result.failed)}, left {result.left}"
        what = "failed" if ended.failure else "done"
        line = f"{counts}: {ended.analysis} {ended.run.lang} {_who(ended)} {what}\n"
        with contextlib.suppress(OSError):
            self.out.write(f"\r\x1b[2K{counts}" if self.live else line)
            self.out.flush()

    def summary(self, result: BatchResult) -> None:
        """Say what became of the batch, and how to repeat what failed."""
        if self.live:
            self.out.write("\r\x1b[2K")
        for ended in result.failed:
            self.out.write(
                f"\nfailed: {ended.analysis} {ended.run.lang} {_who(ended)}\n  {_plain(str(ended.failure))}\n"
            )
            self.out.write(f"  repeat: {ended.repeat}\n")
        if result.failed:
            self.out.write("\n")
        self.out.write(f"done {len(result.done)}, failed {len(result.failed)}, left {result.left}\n")
        if result.stopped_by:
            self.out.write("Stopped. The finished pages are published, nothing is half-written.\n")
        self.out.flush()


def _who(ended: Ended) -> str:
    return _plain(" ".join(dict.fromkeys(filter(None, (ended.run.district, *ended.run.names)))))


def _plain(text: str) -> str:
    """`text` on one line and without control characters, which a name could bring along."""
    flat = CONTROL.sub(" ", text)
    return flat if len(flat) <= LONGEST_MESSAGE else flat[: LONGEST_MESSAGE - 1] + "…"
