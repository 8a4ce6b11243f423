"""What a server imports before it forks: what the template brought in from installed packages, in that order.

Never the user's own modules, which change between two runs; never what does not survive a fork.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterable

OWN = __name__.partition(".")[0]
"""This package. It may be installed in place, outside the environment's folders."""
NEVER = frozenset(
    (
        *("cupy", "duckdb", "grpc", "jax", "jaxlib", "MySQLdb", "mysql", "oracledb", "polars", "psycopg"),
        *("psycopg2", "pymongo", "pymysql", "pyodbc", "pyspark", "ray", "sqlalchemy", "tensorflow", "torch"),
    )
)
"""Packages with threads, pools or connections of their own, which a fork would break."""
IN_THE_CHILD = frozenset({"matplotlib_inline.backend_inline", "matplotlib_inline.config"})
"""Modules that tie themselves to the running kernel as they are imported."""


def _folders() -> tuple[str, ...]:
    own = os.path.dirname(os.path.abspath(sys.modules[OWN].__file__ or ""))
    installed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), own}
    return tuple(os.path.realpath(folder) + os.sep for folder in installed)


def learned(before: Iterable[str]) -> list[str]:
    """List what may be preloaded among the modules that were imported since `before`, in their order."""
    folders, known = _folders(), frozenset(before)
    return [
        name
        for name, module in list(sys.modules.items())
        if name not in known and name not in IN_THE_CHILD and _may_be_preloaded(name, module, folders)
    ]


def _may_be_preloaded(name: str, module: object, folders: tuple[str, ...]) -> bool:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or name.partition(".")[0] in NEVER:
        return False
    spec = getattr(module, "__spec__", None)
    return spec is not None and spec.name == name and os.path.realpath(file).startswith(folders)


def preload(names: Iterable[str], said_something: Callable[[], bool]) -> str | None:
    """Import the modules; the name of the first that must not be preloaded, None where all may be.

    One that starts a thread makes forking unsafe; one that prints or warns would say so to nobody. What
    cannot be imported is left to the child, which will say why.
    """
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
        if said_something() or threading.active_count() > 1:
            return name
    for name in IN_THE_CHILD:
        sys.modules.pop(name, None)
    return None


def call(function: str, arguments: Iterable[str]) -> None:
    """Call a function, named as `module:name`; what goes wrong with it is left to the child.

    Not where pyarrow is loaded, which a server may import but not use.
    """
    module, _, name = function.partition(":")
    if "pyarrow" not in sys.modules:
        with contextlib.suppress(Exception):
            getattr(importlib.import_module(module), name)(*arguments)


def stamps() -> dict[str, tuple[int, int]]:
    """Stamp every file that this process has imported from packages, and every file of our own package."""
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    own = os.path.dirname(os.path.abspath(sys.modules[OWN].__file__ or ""))
    for folder, _, names in os.walk(own):
        if not folder.endswith("__pycache__"):
            files |= {os.path.join(folder, name) for name in names}
    standard = sysconfig.get_path("stdlib") + os.sep
    packages = tuple(_folders())
    return {
        file: _stamp(file)
        for file in files
        if isinstance(file, str) and (file.startswith(packages) or not file.startswith(standard))
    }


def changed(stamped: dict[str, tuple[int, int]]) -> str | None:
    """Name a file that is no longer what it was, if there is one."""
    return next((file for file, stamp in stamped.items() if _stamp(file) != stamp), None)


def _stamp(file: str) -> tuple[int, int]:
    try:
        found = os.stat(file)
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def hidden_by(folder: str) -> str | None:
    """Name a file or folder in `folder` that a kernel there would import in place of a preloaded package."""
    try:
        found = {entry.name.removesuffix(".py") for entry in os.scandir(folder)}
    except OSError:
        return None
    here = os.path.realpath(folder) + os.sep
    return next((name for name in sorted(found & sys.modules.keys()) if not _lies_in(here, name)), None)


def _lies_in(folder: str, name: str) -> bool:
    file = getattr(sys.modules[name], "__file__", None)
    return isinstance(file, str) and os.path.realpath(file).startswith(folder)
