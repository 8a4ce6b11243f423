"""`stamps.json`: how the files of each page looked when their content was last compared with the ledger.

A page whose files look so still is not read again. As in the index of git, a look is only noted if no file
was touched since before it was compared, by the clock of its own file system: whoever writes to a file later
gives it a later time of change, which nobody can set back as size and time of writing can be. What a failing
disk does to a file that nobody writes to shows only when it is read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from .ledger import STAMPS

TOLD = os.name == "posix"
"""Whether the system tells when a file was changed, not only when it was written."""

Looks = dict[str, os.stat_result]


class Stamps:
    """The looks that were noted of the pages in `base`.

    Without `trusted` every page is read, whatever was noted.
    """

    def __init__(self, base: Path, *, trusted: bool = True) -> None:
        self.base = base
        self._before = _read(base / STAMPS)
        self._now = dict(self._before)
        self._trusted = trusted and TOLD
        self._began = _time_there(base)

    def damage_of(self, folder: Path, outputs: Mapping[str, str]) -> str:
        """Say how the files of a page differ from those that were published; nothing where they do not."""
        looks = looks_below(folder)
        stamp = _stamp(looks, outputs)
        if self._trusted and self._before.get(folder.name) == stamp:
            return ""
        self._now.pop(folder.name, None)
        damage = damage_of(folder, outputs, looks)
        if not damage and self._is_settled(looks):
            self._now[folder.name] = stamp
        return damage

    def note(self, folder: Path, outputs: Mapping[str, str]) -> None:
        """Compare a page that was published a while ago; one that has gone or cannot be read is not noted."""
        self._began = _time_there(self.base)
        with contextlib.suppress(OSError):
            self.damage_of(folder, outputs)

    def save(self, folders: Collection[str]) -> None:
        """Note how the pages look, as far as they are in `folders`; a disk that is full forgets it."""
        noted = {folder: self._now[folder] for folder in sorted(self._now) if folder in folders}
        if noted == self._before:
            return
        new = self.base / f".{STAMPS}.new"
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
            with new.open("x", encoding="utf-8") as file:
                json.dump(noted, file, indent=0)
            os.replace(new, self.base / STAMPS)
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)

    def _is_settled(self, looks: Looks) -> bool:
        """Whether whoever writes to one of these files from now on gives it another look."""
        return TOLD and all(
            stat.S_ISREG(look.st_mode) and max(look.st_mtime_ns, look.st_ctime_ns) < self._began
            for look in looks.values()
        )


def damage_of(folder: Path, outputs: Mapping[str, str], looks: Looks | None = None) -> str:
    """Say how the files of a page differ from those that were published, by reading them.

    Parameters
    ----------
    folder
        The folder of the page.
    outputs
        The SHA-256 of each file by its path from there.
    looks
        What `looks_below` found there, if that is known.
    """
    there = looks_below(folder) if looks is None else looks
    if missing := sorted(outputs.keys() - there.keys()):
        return f"{missing[0]} is missing from its page"
    if strange := sorted(there.keys() - outputs.keys()):
        return f"{strange[0]} does not belong to its page"
    for name, sha256 in outputs.items():
        if _sha256(f"{folder}/{name}") != sha256:
            return f"{name} is not as it was published"
    return ""


def looks_below(folder: Path) -> Looks:
    """Look at the files of a page, by their path from its folder; also at what is neither file nor folder."""
    return dict(_looks_below(str(folder), ""))


def _looks_below(folder: str, below: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _looks_below(entry.path, f"{below}{entry.name}/")
        else:
            yield below + entry.name, entry.stat(follow_symlinks=False)


def _stamp(looks: Looks, outputs: Mapping[str, str]) -> str:
    """Hash how the files look, and what was published as them."""
    seen = [
        [name, look.st_mode, look.st_ino, look.st_size, look.st_mtime_ns, look.st_ctime_ns]
        for name, look in sorted(looks.items())
    ]
    return hashlib.sha256(json.dumps([seen, sorted(outputs.items())]).encode()).hexdigest()


def _sha256(path: str) -> str:
    """Hash a file; of many small ones, opening each in Python's own way would take longer than that."""
    content = hashlib.sha256()
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        while part := os.read(handle, 1 << 20):
            content.update(part)
    finally:
        os.close(handle)
    return content.hexdigest()


def _read(path: Path) -> dict[str, str]:
    """Read what was noted; what cannot be read was not noted."""
    try:
        noted = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _time_there(base: Path) -> int:
    """Tell the time by the clock that stamps the files in `base`; 0, before them all, if it is not told."""
    try:
        with tempfile.TemporaryFile(dir=base) as file:
            return os.fstat(file.fileno()).st_mtime_ns
    except OSError:
        return 0
