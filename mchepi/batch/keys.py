"""The key of a page: a hash of all that decides what is on it.

A page whose key has not changed is not made again. Its parts are kept with it, to say which of them changed.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

PARTS = {
    "template": "the cells of its notebook changed",
    "parameters": "its parameters changed",
    "data": "its rows of the data changed",
    "library": "mchepi itself changed",
    "helpers": "a module that notebooks can import changed",
    "environment": "the installed packages or Python changed",
}
"""What is said where a part of the key differs from that of the page; `data` with `reads: all` aside."""
ALL_DATA = "the data changed, all of which it reads"
PACKAGE = Path(__file__).parents[1]
PASSED_OVER = {"__pycache__", "node_modules", "site-packages"}


def hashed(value: Any) -> str:
    """Hash what can be written as JSON: SHA-256 in hexadecimal."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def template_sha256(text: str) -> str:
    """Hash the cells of a notebook: kind, source, tags and attached pictures.

    Prose counts as code does, since it reaches the page. Outputs, counts and other metadata do not: running
    the template by hand makes no page stale.
    """
    return hashed(
        [
            [
                cell["cell_type"],
                "".join(cell["source"]),
                cell.get("metadata", {}).get("tags", []),
                cell.get("attachments", {}),
            ]
            for cell in json.loads(text)["cells"]
        ]
    )


@functools.cache
def library_sha256() -> str:
    """Hash every file of the mchepi package."""
    return _contents(sorted(_files_below(PACKAGE)), PACKAGE)


@functools.cache
def helpers_sha256(project: Path) -> str:
    """Hash the modules of the user's own that notebooks of `project` can import.

    These are the .py files below notebooks/, below the folders of PYTHONPATH, and of packages that are
    installed as editable.
    """
    folders = [project / "notebooks", *_python_path(), *_editable_folders()]
    # mchepi has its own part of the key, its project with tests and data lies around it.
    folders = [folder for folder in dict.fromkeys(folders) if not PACKAGE.is_relative_to(folder)]
    return hashed([_contents(sorted(_files_below(folder, ".py")), folder) for folder in folders])


def key_of(parts: dict[str, str]) -> str:
    """Hash the parts of a key together."""
    return hashed(parts)


def _python_path() -> Iterator[Path]:
    for place in filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        yield Path(place).absolute()


def _editable_folders() -> Iterator[Path]:
    """Give the folder of every package but this one that is installed as editable (PEP 610)."""
    from urllib.parse import unquote, urlsplit

    for package in importlib.metadata.distributions():
        origin = package.read_text("direct_url.json")
        if origin and package.name != PACKAGE.name:
            told = json.loads(origin)
            if told.get("dir_info", {}).get("editable"):
                yield Path(unquote(urlsplit(told["url"]).path))


def _files_below(folder: Path, suffix: str = "") -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if name not in PASSED_OVER
            and not name.startswith(".")
            and not os.path.exists(os.path.join(place, name, "pyvenv.cfg"))
        ]
        yield from (Path(place, name) for name in files if name.endswith(suffix) and not name.startswith("."))


def _contents(paths: Iterable[Path], start: Path) -> str:
    content = hashlib.sha256()
    for path in paths:
        content.update(f"{path.relative_to(start).as_posix()}\0".encode())
        content.update(hashlib.sha256(path.read_bytes()).digest())
    return content.hexdigest()
