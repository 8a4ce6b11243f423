"""The one exception for what a user can put right, and the nearest name to suggest to him."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

MOST_ALIKE = 20
"""Messages of one kind that are given."""
LONGEST_VALUE = 100
"""Characters of a faulty value that a message repeats."""


class Refused(Exception):
    """Why nothing was started: every fault that was found, one clear message each."""

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = tuple(messages)
        super().__init__("\n".join(self.messages))


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """End a sentence about the unknown `word`: with the known name nearest to it, or a full stop."""
    near = nearest(word, known)
    return f"; did you mean `{near}`?" if near else "."


def nearest(word: object, known: Iterable[str]) -> str | None:
    """Find the known name that is spelt most like `word`, if one is near."""
    near = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.5)
    return near[0] if near else None


def few(messages: Sequence[str]) -> list[str]:
    """Keep the first of many messages of one kind, and say how many more there are."""
    rest = len(messages) - MOST_ALIKE
    return [*messages[:MOST_ALIKE], *([f"and {rest} more of this kind."] if rest > 0 else [])]


def clipped(text: str) -> str:
    """Cut a value that a file gives down to what a message can carry."""
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def shown(path: Path) -> str:
    """Write `path` as a user types it: relative to where he stands if it lies below, else in full."""
    absolute = path.absolute()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)
