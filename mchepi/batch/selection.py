"""Which pages of a plan are made again, and why: what has not changed is skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

from .keys import ALL_DATA, PARTS, key_of
from .ledger import Entry
from .params import ALL
from .plan import Analysis, Run
from .shelf import Shelf
from .stamps import damage_of

Select = Literal["changed", "all", "failed"]
"""What is made: pages that changed or failed; every page; or only those that failed."""

HASHING_THREADS = 4


def choose(
    select: Select, analysis: Analysis, lang: str, shelf: Shelf, *, verify: bool, stop: Callable[[], bool]
) -> Iterator[tuple[Run, bool]]:
    """Say of each run of `analysis` in `lang` whether its page is to be made; hurry when `stop` says so.

    Without `verify`, files that look as when they were last compared with the ledger are not read again.
    """
    entries = {entry["district"]: entry for entry in shelf.entries()}
    stamps = shelf.stamps(trusted=not verify)

    def is_wanted(run: Run) -> bool:
        entry = entries.get(run.district)
        if stop():
            return True
        if select == "failed":
            return entry is not None and entry["status"] == "failed"
        if select == "all":
            return True
        return any(reasons(analysis, run, entry, shelf.base, stamps.damage_of))

    runs = [run for run in analysis.runs if run.lang == lang]
    with ThreadPoolExecutor(HASHING_THREADS) as team:  # hashing a file leaves the others the interpreter
        yield from zip(runs, team.map(is_wanted, runs), strict=True)
    stamps.save({str(entry.get("folder")) for entry in entries.values()})


def reasons(
    analysis: Analysis,
    run: Run,
    entry: Entry | None,
    base: Path,
    damage_of: Callable[[Path, Mapping[str, str]], str] = damage_of,
) -> Iterator[str]:
    """Say why the page of `run` has to be made again; nothing where it does not.

    `damage_of` says how the files in a page's folder differ from those that were published.
    """
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
