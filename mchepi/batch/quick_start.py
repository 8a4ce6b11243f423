"""Start without what takes a second and nobody asks for."""

from __future__ import annotations

import importlib
import sys

GRAMMAR = "rfc3987_syntax"
"""What jsonschema imports, where it is installed, to tell whether a text is a web address: to build its
grammar takes a second of every process that imports nbformat or papermill, and no notebook's schema asks."""


def without_the_grammar() -> None:
    """Import jsonschema as where that package is not installed; a process that has it already keeps it."""
    if "jsonschema" in sys.modules or GRAMMAR in sys.modules:
        return
    sys.modules[GRAMMAR] = None  # type: ignore[assignment]
    try:
        importlib.import_module("jsonschema")
    finally:
        del sys.modules[GRAMMAR]
