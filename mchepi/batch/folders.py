"""Where a page lies, and how it gets there: built in a staging folder, published by renaming.

`outputs/<lang>/<analysis>/<district>/` is either the old page or the new one, never half of each. Nothing is
written through a symbolic link.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from .ledger import RECORDS
from .refusal import Refused, shown

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
TAKEN = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""Names that Windows keeps for itself."""
STAGING = ".staging"
ASIDE = ".old"
AWAY = ".gone"


def folder_names(districts: Iterable[str]) -> dict[str, str]:
    """Name the folder of each district: its id if that is a plain word, else a slug with a short hash."""
    districts = list(districts)
    alike = Counter(district.casefold() for district in districts)
    return {
        district: district
        if PLAIN.fullmatch(district) and not TAKEN.fullmatch(district) and alike[district.casefold()] == 1
        else _slug(district)
        for district in districts
    }


def _slug(district: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9]+", "-", district).strip("-")[:40] or "district"
    return f"{readable}-{hashlib.sha256(district.encode()).hexdigest()[:8]}"


def check_places(output: Path, places: Iterable[tuple[str, str, str]]) -> list[str]:
    """Say what keeps pages from being published below `output`; `places` are (language, analysis, folder)."""
    for folder in (output, *output.parents):
        if folder.exists():
            if not folder.is_dir() or not os.access(folder, os.W_OK):
                return [
                    f"the output folder {shown(output)} cannot be written: {shown(folder)} is not writable."
                ]
            break
    wanted: dict[tuple[str, str], set[str]] = {}
    for lang, analysis, name in places:
        wanted.setdefault((lang, analysis), set()).add(name)
    faults: dict[Path, str] = {}
    for (lang, analysis), names in wanted.items():
        base = output / lang / analysis
        there = {entry.name for entry in os.scandir(base)} if base.is_dir() else set()
        pages = [base / name for name in sorted(names & there)]
        records = [base / name for name in RECORDS]
        for place in (output, output / lang, base, base / STAGING, *pages, *records):
            if place.is_symlink():
                faults[place] = (
                    f"{shown(place)} is a symbolic link; name the real folder with --output, or remove it."
                )
            elif place.is_dir() and not os.access(place, os.W_OK):
                faults[place] = f"{shown(place)} is not writable; change its owner, or use another --output."
            elif place.exists() and place.is_dir() == (place in records):
                faults[place] = f"{shown(place)} is in the way of the output; move it away."
    return list(faults.values())


def stage(base: Path, folder: str, batch: str = "batch") -> Path:
    """Make an empty staging folder for the page `folder` of the analysis whose pages lie in `base`.

    Each batch has staging folders of its own: what a worker of a dead batch may still write goes astray
    instead of into a page.
    """
    place = base / STAGING / batch / folder
    place.mkdir(parents=True, exist_ok=True)
    empty(place)
    return place


def empty(folder: Path) -> None:
    """Take everything out of a staging folder; a symbolic link in it goes, what it leads to stays."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def publish(base: Path, folder: str, staged: Path) -> None:
    """Put the staged page in the place of the older one, if there is one."""
    place, aside = base / folder, base / STAGING / (folder + ASIDE)
    if place.is_symlink():
        raise OSError(f"{place} has become a symbolic link")
    if place.exists():
        os.rename(place, aside)
    os.rename(staged, place)
    shutil.rmtree(aside, ignore_errors=True)


def take_away(base: Path, folder: str) -> None:
    """Take the page `folder` out of `base` in one step, if there is one; never what a link leads to."""
    place, away = base / folder, base / STAGING / (folder + AWAY)
    if PLAIN.fullmatch(folder) and place.is_dir() and not place.is_symlink():
        (base / STAGING).mkdir(exist_ok=True)
        os.rename(place, away)
        shutil.rmtree(away, ignore_errors=True)


def recover(base: Path) -> None:
    """Clear what an interrupted batch left in the staging folder; a page that it had set aside comes back."""
    staging = base / STAGING
    if not staging.is_dir() or staging.is_symlink():
        return
    for left in staging.iterdir():
        place = base / left.name.removesuffix(ASIDE)
        if left.name.endswith(ASIDE) and not place.exists():
            os.rename(left, place)
        else:
            shutil.rmtree(left, ignore_errors=True)
    with contextlib.suppress(OSError):
        staging.rmdir()


def files_below(folder: Path) -> list[Path]:
    """List every file of a staged page, sorted; a symbolic link among them is an error."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise OSError(
                f"the notebook left a symbolic link, {path.relative_to(folder)}, which is not published"
            )
        if path.is_file():
            found.append(path)
    return found


@contextlib.contextmanager
def sole_writer(base: Path) -> Iterator[None]:
    """Keep a second batch from writing to the same analysis; `Refused` if one is at it."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(base, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused([f"another mchepi run is writing to {shown(base)}; wait for it to end."]) from None
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(handle)
