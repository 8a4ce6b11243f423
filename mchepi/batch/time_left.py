"""How long a batch will still take, by what its pages took so far."""

from __future__ import annotations

from collections import deque
from statistics import median

from .events import Event

REMEMBERED = 101
"""Of each analysis as many of the latest times are kept."""
ROUNDS = 2
"""Each worker has ended this many pages before the speed is measured instead of supposed."""


class TimeLeft:
    """An estimate from the median time of each analysis, so that one page that hangs does not spoil it.

    Skipped pages are not among those to be made, and teach nothing. How many pages are made at once is
    measured, as soon as there is something to measure: the machine may have more to do.
    """

    def __init__(self) -> None:
        self.left: dict[str, int] = {}
        self.times: dict[str, deque[float]] = {}
        self.workers: int | None = None
        self.began: float | None = None
        self.ended = 0
        self.spent = 0.0

    def heed(self, event: Event, now: float) -> None:
        """Learn from an event that happened at `now`, in seconds."""
        if event.event == "start":
            self.left = dict(event.pages or {})
            self.workers = event.workers
        if event.event == "started" and self.began is None:
            self.began = now
        if event.event in ("done", "failed") and event.analysis:
            self.left[event.analysis] -= 1
            self.ended += 1
            self.spent += event.seconds or 0.0
        if event.event == "done" and event.analysis and event.seconds is not None:
            self.times.setdefault(event.analysis, deque(maxlen=REMEMBERED)).append(event.seconds)

    def seconds(self, now: float) -> float | None:
        """Estimate the seconds left; None where no page has told anything yet."""
        known = [second for times in self.times.values() for second in times]
        if not known:
            return None
        usual = median(known)
        work = sum(
            count * (median(self.times[analysis]) if analysis in self.times else usual)
            for analysis, count in self.left.items()
        )
        return work / self._at_once(now)

    def _at_once(self, now: float) -> float:
        if self.workers and self.ended < ROUNDS * self.workers:
            return self.workers
        elapsed = now - (now if self.began is None else self.began)
        return self.spent / elapsed if self.spent and elapsed else 1.0


def shown_time(seconds: float) -> str:
    """Write a time as coarsely as it is known.

    Examples
    --------
    >>> shown_time(3), shown_time(44), shown_time(251), shown_time(8000)
    ('10 s', '50 s', '5 min', '2 h 20 min')
    """
    if seconds <= 60:
        return f"{max(1, -(-seconds // 10)) * 10:.0f} s"
    minutes = int(-(-seconds // 60))
    if minutes < 60:
        return f"{minutes} min"
    minutes = -(-minutes // 10) * 10
    return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
