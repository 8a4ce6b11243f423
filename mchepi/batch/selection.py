"""Which pages of a plan are made again, and why: what has not changed is skipped."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

from .keys import ALL_DATA, PARTS, key_of
from .params import ALL
from .plan import Analysis, Run
from .shelf import Shelf

Select = Literal["changed", "all", "failed"]
"""What is made: pages that changed or failed; every page; or only those that failed."""

HASHING_THREADS = 4

Entry = dict[str, Any]


def choose(
    select: Select, analysis: Analysis, lang: str, shelf: Shelf, *, stop: Callable[[], bool]
) -> Iterator[tuple[Run, bool]]:
    """Say of each run of `analysis` in `lang` whether its page is to be made; hurry when `stop` says so."""
    entries = {entry["district"]: entry for entry in shelf.entries()}

    def is_wanted(run: Run) -> bool:
        entry = entries.get(run.district)
        if stop():
            return True
        if select == "failed":
            return entry is not None and entry["status"] == "failed"
        return select == "all" or next(reasons(analysis, run, entry, shelf.base), None) is not None

    runs = [run for run in analysis.runs if run.lang == lang]
    with ThreadPoolExecutor(HASHING_THREADS) as team:  # hashing a file leaves the others the interpreter
        yield from zip(runs, team.map(is_wanted, runs), strict=True)


def reasons(analysis: Analysis, run: Run, entry: Entry | None, base: Path) -> Iterator[str]:
    """Say why the page of `run` has to be made again; nothing where it does not."""
    if entry is None:
        yield "there is no page of it yet"
        return
    if entry["status"] != "done":
        yield f"it failed the last time: {entry['error']}"
    parts, before = analysis.key_parts(run), entry.get("key_parts")
    if not isinstance(before, dict):
        yield "an older mchepi made it, which kept no key"
        return
    changed = [name for name in parts if before.get(name) != parts[name]]
    for name in changed:
        if name == "parameters":
            yield f"{PARTS[name]}: {_differences(entry['parameters'], run.parameters)}"
        elif name == "data" and analysis.params.reads == ALL:
            yield ALL_DATA
        else:
            yield PARTS[name]
    if not changed and entry.get("key") != key_of(parts):
        yield "its key in the ledger is damaged"
    if entry["folder"] != run.folder:
        yield f"its folder is now named {run.folder}"
    elif damage := damage_of(base / run.folder, entry["outputs"]):
        yield damage


def _differences(before: dict[str, Any], now: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} was {before.get(name, 'not set')}, is {now.get(name, 'not set')}"
        for name in dict.fromkeys([*before, *now])
        if name not in before or name not in now or before[name] != now[name]
    )


def damage_of(folder: Path, outputs: dict[str, str]) -> str:
    """Say how the files of a page differ from those that were published; nothing where they do not."""
    there = set(_files_below(str(folder)))
    if missing := sorted(outputs.keys() - there):
        return f"{missing[0]} is missing from its page"
    if strange := sorted(there - outputs.keys()):
        return f"{strange[0]} does not belong to its page"
    for name, sha256 in outputs.items():
        with open(folder / name, "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                return f"{name} is not as it was published"
    return ""


def _files_below(folder: str, below: str = "") -> Iterator[str]:
    """List the files of a page by their path from its folder; what is no file or folder is listed as well."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(entry.path, f"{below}{entry.name}/")
        else:
            yield below + entry.name
