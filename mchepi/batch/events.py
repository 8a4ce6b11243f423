"""What happens in a batch, as `run_batch` tells it and `mchepi run --json` prints it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal["removed", "start", "started", "done", "failed", "skipped", "stopped", "end"]


@dataclass(frozen=True)
class Event:
    """One event of a batch.

    Parameters
    ----------
    event
        `removed`, as a page is taken away whose district left the data; `start`, once; `started`, as a page
        is handed to a worker; `done`, `failed` or `skipped`, as a page ends; `stopped`, where the batch ends
        before its last page; `end`, once.
    done, failed, skipped, left
        How many pages are published, failed, skipped because nothing had changed, and not ended.
    analysis, lang, district, names
        Which page (`removed`, `started`, `done`, `failed`, `skipped`).
    page
        Path of the page (`done`, `failed`, `skipped`).
    seconds
        How long its notebook ran (`done`, `failed`).
    error, repeat
        What stopped the notebook, and the command that makes this page again (`failed`).
    pages
        How many pages each analysis will make (`start`).
    workers, why
        How many pages are made at once, None where that is not known; and why as many (`start`).
    reason
        What ended the batch early (`stopped`, `end`).
    """

    event: Kind
    done: int
    failed: int
    skipped: int
    left: int
    analysis: str | None = None
    lang: str | None = None
    district: str | None = None
    names: tuple[str, ...] | None = None
    page: str | None = None
    seconds: float | None = None
    error: str | None = None
    repeat: str | None = None
    pages: dict[str, int] | None = None
    workers: int | None = None
    why: str | None = None
    reason: str | None = None

    def as_line(self) -> str:
        """Write the event as one line of JSON; what does not apply to it is left out."""
        known = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(known, ensure_ascii=False)
