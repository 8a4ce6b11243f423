"""Fixtures of the batch's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from toy_project import write_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty notebook's project, in which we stand."""
    root = write_project(tmp_path / "project")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def write_params(project: Path) -> Callable[..., str]:
    """Writes params/NAME.yaml; hands out its path."""

    def write(text: str | bytes, name: str = "toy") -> str:
        path = project / "params" / f"{name}.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return f"params/{name}.yaml"

    return write
