"""Notebooks as text: nbformat's reader and writer, without its random ids."""

from __future__ import annotations

import json
from typing import Any

from .quick_start import without_the_grammar


def parse_notebook(text: str) -> Any:
    """Read a notebook of version 4; every cell gets an id that stays the same, where it has none."""
    without_the_grammar()
    import nbformat

    written = json.loads(text)
    if written["nbformat"] != 4:
        raise ValueError("a notebook of an old version")
    written["nbformat_minor"] = max(5, written["nbformat_minor"])
    for number, cell in enumerate(written["cells"], 1):
        cell.setdefault("id", f"cell-{number}")
    return nbformat.reads(json.dumps(written), as_version=4)  # type: ignore[no-untyped-call]


def notebook_text(notebook: Any) -> str:
    """Write a notebook's node as the text of its file."""
    import nbformat

    return str(nbformat.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]
