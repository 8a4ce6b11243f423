"""What a page was made from: hashes of files, the versions installed, the commit of the project."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Hash a file: SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_by_path(paths: Iterable[Path], start: Path) -> dict[str, str]:
    """Hash each file by its path from `start`, in the order of the paths."""
    found = {Path(os.path.relpath(path, start)).as_posix(): sha256_of(path) for path in paths}
    return dict(sorted(found.items()))


@functools.cache
def version() -> str:
    """Tell the version of mchepi."""
    return importlib.metadata.version("mchepi")


@functools.cache
def environment_sha256() -> str:
    """Hash the Python version and the name and version of every package installed beside it."""
    installed = {
        f"{package.name.lower()}=={package.version}" for package in importlib.metadata.distributions()
    }
    listed = "\n".join([f"python=={platform.python_version()}", *sorted(installed)])
    return hashlib.sha256(listed.encode()).hexdigest()


def commit_of(project: Path) -> str | None:
    """Tell the git commit that `project` stands at; None where there is no git or no commit."""
    try:
        asked = subprocess.run(
            ["git", "-C", str(project), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() or None if asked.returncode == 0 else None
