"""The tables of rules that come with the package."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a table, each by its column names."""
    text = resources.files("mchepi.outcomes").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
