from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes a file into an empty working directory, so that messages name it without its folder."""
    monkeypatch.chdir(tmp_path)

    def write(content: str | bytes, name: str = "a.csv", encoding: str = "utf-8") -> Path:
        data = content if isinstance(content, bytes) else content.encode(encoding)
        Path(name).write_bytes(data)
        return Path(name)

    return write
