"""The tables that come with this package, read as rows of text."""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib.resources import files


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of data/NAME.csv, each a mapping from column to text.

    Examples
    --------
    >>> table("cascades")[0]["program"]
    'metabolic'
    """
    content = (files(__package__) / "data" / f"{name}.csv").read_text("utf-8")
    return tuple(csv.DictReader(io.StringIO(content, newline="")))
