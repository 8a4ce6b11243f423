"""`ledger.jsonl`: one line a district, what its page was made from; `timings.jsonl`: how long that took."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .refusal import Refused, shown

NAME = "ledger.jsonl"
TIMINGS = "timings.jsonl"


def read_ledger(base: Path) -> dict[str, str]:
    """Read the lines of the ledger in `base` by district."""
    path = base / NAME
    if not path.exists():
        return {}
    lines = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            lines[str(json.loads(line)["district"])] = line
        except (ValueError, KeyError, TypeError):
            raise Refused(
                [f"{shown(path)}, line {number} is damaged; move the file away and run again."]
            ) from None
    return lines


def as_line(entry: dict[str, Any]) -> str:
    """Write `entry` as a line of a ledger."""
    return json.dumps(entry, ensure_ascii=False, separators=(", ", ": "))


def write_ledger(base: Path, lines: dict[str, str]) -> None:
    """Replace the ledger in `base` in one step, sorted by district."""
    temporary = base / f".{NAME}.new"
    temporary.unlink(missing_ok=True)
    with temporary.open("x", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{lines[district]}\n" for district in sorted(lines))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, base / NAME)


def append_timing(base: Path, entry: dict[str, Any]) -> None:
    """Add a line to the times of the analysis in `base`."""
    with (base / TIMINGS).open("a", encoding="utf-8", newline="\n") as file:
        file.write(as_line(entry) + "\n")
