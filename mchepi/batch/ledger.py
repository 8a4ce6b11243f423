"""`ledger.jsonl`: one line a district, what its page was made from; `timings.jsonl`: how long that took.

The ledger is only ever replaced whole. Since that would be quadratic if it were done as each district ends,
new lines go to `journal.jsonl` first and are folded in whenever they are an eighth of the ledger, and at the
end: what is written then grows in proportion to the number of districts. A reader takes both files, and where
both have a line for a district, the journal's.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from .refusal import Refused, shown

Entry = dict[str, Any]

NAME = "ledger.jsonl"
JOURNAL = "journal.jsonl"
TIMINGS = "timings.jsonl"
STAMPS = "stamps.json"
RECORDS = (NAME, JOURNAL, TIMINGS, STAMPS)
SHARE = 8
"""The journal is folded in when it has one line for this many of the ledger."""
LONGEST_TAIL = 1_000_000
"""Bytes at the end of a file of lines among which its last whole line is sought."""


class Ledger:
    """The ledger of the pages in `base`, for the one batch that writes it.

    Raises
    ------
    Refused
        Where a line of the ledger is damaged. A damaged line of the journal was cut short by the machine; the
        page that it was for is made again.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        (base / f".{NAME}.new").unlink(missing_ok=True)
        read = list(_read(base))
        lines = {district: line for district, line, _ in read}
        self._entries: dict[str, Entry] | None = {district: entry for district, _, entry in read}
        self._length = len(lines)
        self._new: set[str] = set()
        if (base / JOURNAL).exists():
            write_ledger(base, lines)
            (base / JOURNAL).unlink()

    def entries(self) -> list[Entry]:
        """Give the entries; they are at hand until something is written."""
        if self._entries is None:
            self._entries = read_entries(self.base)
        return list(self._entries.values())

    def record(self, entry: Entry) -> None:
        """Write down the page that has just been published; `OSError` where that cannot be done."""
        self._entries = None
        append_line(self.base / JOURNAL, entry)
        self._new.add(entry["district"])
        if len(self._new) * SHARE >= self._length:
            with contextlib.suppress(OSError):  # the journal has it all; the next line tries again
                self.fold()

    def fold(self) -> None:
        """Fold the journal into the ledger."""
        if self._new:
            self._replace(read_ledger(self.base))

    def drop(self, districts: Collection[str]) -> None:
        """Strike out the lines of `districts`."""
        lines = read_ledger(self.base)
        self._replace({district: line for district, line in lines.items() if district not in districts})

    def _replace(self, lines: dict[str, str]) -> None:
        self._entries = None
        write_ledger(self.base, lines)
        (self.base / JOURNAL).unlink(missing_ok=True)
        self._length = len(lines)
        self._new.clear()


def read_ledger(base: Path) -> dict[str, str]:
    """Read the lines of the ledger in `base` by district, those of its journal included."""
    return {district: line for district, line, _ in _read(base)}


def read_entries(base: Path) -> dict[str, Entry]:
    """Read what these lines say."""
    return {district: entry for district, _, entry in _read(base)}


def _read(base: Path) -> Iterator[tuple[str, str, Entry]]:
    """Read the district, the line and what it says, of the ledger and then of its journal."""
    path = base / NAME
    if path.exists():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            try:
                entry = json.loads(line)
                district = str(entry["district"])
            except (ValueError, KeyError, TypeError):
                raise Refused(
                    [f"{shown(path)}, line {number} is damaged; move the file away and run again."]
                ) from None
            yield district, line, entry
    path = base / JOURNAL
    if path.exists():
        for written in path.read_bytes().split(b"\n"):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                line = written.decode()
                entry = json.loads(line)
                yield str(entry["district"]), line, entry


def as_line(entry: Entry) -> str:
    """Write `entry` as a line of a ledger."""
    return json.dumps(entry, ensure_ascii=False, separators=(", ", ": "))


def write_ledger(base: Path, lines: dict[str, str]) -> None:
    """Replace the ledger in `base` in one step, sorted by district."""
    temporary = base / f".{NAME}.new"
    temporary.unlink(missing_ok=True)
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{lines[district]}\n" for district in sorted(lines))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, base / NAME)
    finally:
        temporary.unlink(missing_ok=True)


def append_line(path: Path, entry: Entry) -> None:
    """Add `entry` to a file of lines, whole or not at all; never through a symbolic link."""
    line = (as_line(entry) + "\n").encode()
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o666)
    try:
        before = os.fstat(handle).st_size
        try:
            if os.write(handle, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, before)
            raise
    finally:
        os.close(handle)


def mend_tail(path: Path) -> None:
    """Cut off what stands after the last whole line of a file, which the machine cut short."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LONGEST_TAIL))
        tail = file.read()
        whole = tail.rfind(b"\n") + 1
        if whole < len(tail):
            file.truncate(size - len(tail) + whole)
