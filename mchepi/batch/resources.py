"""How many pages to make at once: by the cores and the memory that a machine or its container leaves."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .limits import shown_bytes

ROOT = Path("/")
MEMORY_OF_A_WORKER = 500 * 10**6
"""Bytes that a worker, its notebook and their share of everything else take where no limit is set."""
NO_LIMIT = 2**60
"""Version 1 of control groups writes a number near 2**63 where there is no limit."""


@dataclass(frozen=True)
class Workers:
    """How many workers there are, and why."""

    count: int
    why: str


def choose_workers(
    pages: int, *, asked: int | None = None, memory_limit: int | None = None, root: Path = ROOT
) -> Workers:
    """Choose how many workers make `pages` pages: what was asked for, else as cores and memory allow.

    Parameters
    ----------
    pages
        How many pages there are to make.
    asked
        What the user asked for.
    memory_limit
        Bytes that a notebook may take.
    root
        The root of the file system that tells of cores and memory.
    """
    if asked:
        count, why = asked, "as asked for"
    else:
        cores = usable_cores(root)
        free = available_memory(root)
        each = max(memory_limit or 0, MEMORY_OF_A_WORKER)
        fit = cores if free is None else max(1, free // each)
        count = min(cores, fit)
        why = f"{cores} core{'s' * (cores != 1)}"
        if free is not None:
            why += f", and {shown_bytes(free)} of free memory at {shown_bytes(each)} each"
    if pages < count:
        return Workers(pages, f"{pages} page{'s' * (pages != 1)}")
    return Workers(count, why)


def usable_cores(root: Path = ROOT) -> int:
    """Count the cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux
    cores = len(allowed(0)) if allowed else os.cpu_count() or 1
    return max(1, min([cores, *_quotas(root)]))


def available_memory(root: Path = ROOT) -> int | None:
    """Tell how many bytes of memory this process may still take; None where the system does not say."""
    free = [_of_the_machine(root), *_of_the_groups(root)]
    known = [amount for amount in free if amount is not None]
    return min(known) if known else None


def _of_the_machine(root: Path) -> int | None:
    for line in _text(root / "proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _of_the_groups(root: Path) -> Iterator[int]:
    """What each control group of this process leaves of its limit; file caches can be given up."""
    for folder in _groups(root, "memory"):
        for limit_name, used_name, cache_name in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            limit, used = _number(folder / limit_name), _number(folder / used_name)
            if limit is None or used is None or limit > NO_LIMIT:
                continue
            statistics = dict(line.split() for line in _text(folder / "memory.stat").splitlines())
            yield max(0, limit - used + int(statistics.get(cache_name, 0)))


def _quotas(root: Path) -> Iterator[int]:
    """The cores that each control group's quota of time amounts to."""
    for folder in _groups(root, "cpu"):
        quota, _, period = _text(folder / "cpu.max").strip().partition(" ")
        if not quota:
            quota, period = _text(folder / "cpu.cfs_quota_us").strip(), _text(folder / "cpu.cfs_period_us")
        if quota.isdecimal() and period.strip().isdecimal():
            yield math.ceil(int(quota) / int(period))


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of the control groups of this process, from its own up to the highest, in both versions."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / (controller if controllers else "")
        own = top / path.lstrip("/")
        yield from (folder for folder in (own, *own.parents) if folder.is_relative_to(top))


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdecimal() else None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
