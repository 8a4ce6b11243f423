"""What a batch says: a line redrawn on a terminal, a plain log where nobody watches, or events as JSON."""

from __future__ import annotations

import contextlib
import os
import re
import time
import unicodedata
from collections.abc import Callable
from itertools import accumulate, islice
from typing import TextIO

from .events import Event
from .time_left import TimeLeft, shown_time

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
LONGEST_MESSAGE = 300
USUAL_WIDTH = 80
MOST_NAMES = 20
"""More districts under way than this fit on no line."""
SPARE = 2
"""Columns left free: some terminals wrap at the last, and some give "…" two."""
ERASE = "\r\x1b[2K"
BETWEEN_SKIPPED = 0.1
"""Seconds between two redrawn lines while pages are only skipped."""


class Progress:
    """Shows a batch as it runs; `on_event` is what `run_batch` calls.

    A terminal that can no longer be written to (a full disk, a reader that has left) stops no batch.

    Parameters
    ----------
    out
        The terminal, or the file that keeps the log.
    clock
        Tells the seconds.
    """

    def __init__(self, out: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.out = out
        self.clock = clock
        self.live = out.isatty()
        self.time_left = TimeLeft()
        self.under_way: dict[tuple[str | None, ...], str] = {}
        self.failed: list[Event] = []
        self.drawn = float("-inf")

    def on_event(self, event: Event) -> None:
        """Say what happened."""
        now = self.clock()
        self.time_left.heed(event, now)
        which = event.analysis, event.lang, event.district
        if event.event == "started":
            self.under_way[which] = _plain((event.names or ("",))[0] or event.district or "")
        else:
            self.under_way.pop(which, None)
        if event.event == "failed":
            self.failed.append(event)
        with contextlib.suppress(OSError):
            if event.event == "start":
                self.out.write(_beginning(event))
            elif event.event == "end":
                self._summary(event)
            elif event.event == "removed":
                self.out.write(f"removed: {_which(event)}, which is no longer in the data\n")
            elif self.live:
                self._redraw(event, now)
            elif event.event in ("done", "failed"):
                self.out.write(f"{_counts(event)}: {_which(event)} {event.event}\n")
            self.out.flush()

    def _redraw(self, event: Event, now: float) -> None:
        if event.event == "skipped" and now - self.drawn < BETWEEN_SKIPPED:
            return
        self.drawn = now
        line = _counts(event)
        seconds = self.time_left.seconds(now) if event.left else None
        if seconds is not None:
            line += f" (about {shown_time(seconds)})"
        if self.under_way:
            line += ": " + ", ".join(islice(self.under_way.values(), MOST_NAMES))
        self.out.write(ERASE + fitted(line, self._width() - SPARE))

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self.out.fileno()).columns or USUAL_WIDTH
        except (OSError, ValueError):  # not a terminal that can tell
            return USUAL_WIDTH

    def _summary(self, event: Event) -> None:
        """Say what became of the batch, and how to repeat what failed."""
        if self.live:
            self.out.write(ERASE)
        for failed in self.failed:
            self.out.write(f"\nfailed: {_which(failed)}\n  {_plain(failed.error or '')}\n")
            self.out.write(f"  repeat: {failed.repeat}\n")
        if self.failed:
            self.out.write("\n")
        self.out.write(_counts(event) + "\n")
        if event.reason:
            self.out.write(
                f"Stopped: {event.reason}. Finished pages are published, none is half-written; "
                "the same command goes on.\n"
            )


def as_lines(out: TextIO) -> Callable[[Event], None]:
    """Make what prints each event as a line of JSON on `out`; a reader that has left stops no batch."""

    def print_event(event: Event) -> None:
        with contextlib.suppress(OSError):
            out.write(event.as_line() + "\n")
            out.flush()

    return print_event


def width(text: str) -> int:
    """How many columns of a terminal `text` takes.

    Examples
    --------
    >>> width("B01"), width("扎赉特旗")
    (3, 8)
    """
    return sum(_columns(letter) for letter in text)


def fitted(text: str, columns: int) -> str:
    """Cut `text` to so many columns of a terminal.

    Examples
    --------
    >>> fitted("left 2: 扎赉特旗", 13)
    'left 2: 扎赉…'
    """
    if width(text) <= columns:
        return text
    kept = sum(taken < columns for taken in accumulate(map(_columns, text)))
    return text[:kept] + "…"


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _beginning(event: Event) -> str:
    pages = sum((event.pages or {}).values())
    how_many = f"{event.workers} " if event.workers else ""
    return f"pages to make {pages}" + (f", workers {how_many}({event.why})\n" if pages else "\n")


def _counts(event: Event) -> str:
    return f"done {event.done}, failed {event.failed}, skipped {event.skipped}, left {event.left}"


def _which(event: Event) -> str:
    who = dict.fromkeys(filter(None, (event.district, *(event.names or ()))))
    return _plain(" ".join((event.analysis or "", event.lang or "", *who)))


def _plain(text: str) -> str:
    """`text` on one line and without control characters, which a name could bring along."""
    flat = CONTROL.sub(" ", text)
    return flat if len(flat) <= LONGEST_MESSAGE else flat[: LONGEST_MESSAGE - 1] + "…"
