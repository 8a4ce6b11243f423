"""Every public statistic is documented the same way."""

from __future__ import annotations

import importlib
import inspect

import pytest

PACKAGES = ["mchepi.stats", "mchepi.outcomes", "mchepi.indicators"]


def public() -> list[tuple[str, object]]:
    found = []
    for package in PACKAGES:
        module = importlib.import_module(package)
        found += [(f"{package}.{name}", getattr(module, name)) for name in module.__all__]
    return [(name, thing) for name, thing in found if inspect.isfunction(thing)]


@pytest.mark.parametrize(
    ("name", "function"), public(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_docstring_is_complete(name: str, function: object):
    text = inspect.getdoc(function) or ""
    for section in ("Parameters", "Returns", "Examples"):
        if section == "Parameters" and not inspect.signature(function).parameters:
            continue
        assert f"{section}\n{'-' * len(section)}" in text, f"{name} has no section {section}"
    if name.startswith("mchepi.stats"):
        assert "doi" in text.lower(), f"{name} names no reference with DOI"
    for parameter in inspect.signature(function).parameters:
        assert parameter in text, f"{name} does not document `{parameter}`"
    assert ">>>" in text
