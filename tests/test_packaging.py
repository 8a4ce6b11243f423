"""One list of dependencies, however a user installs."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def declared() -> dict[str, str]:
    """Name -> bound of every dependency and extra in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    listed = [
        *project["dependencies"],
        *(row for extra in project["optional-dependencies"].values() for row in extra),
    ]
    return dict(split(row) for row in listed)


def split(requirement: str) -> tuple[str, str]:
    name, bound = re.fullmatch(r"([A-Za-z0-9_.-]+)(>=[0-9.]+)", requirement).groups()
    return name.lower(), bound


def test_conda_names_and_bounds_equal_pyproject():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    (pip,) = [row["pip"] for row in listed if isinstance(row, dict)]
    conda = [
        row for row in listed if isinstance(row, str) and row != "pip" and not row.startswith("python>=")
    ]
    assert pip[-1] == "--editable ."
    assert dict(split(row) for row in [*conda, *pip[:-1]]) == declared()


def test_conda_python_equals_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    listed = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    assert f"python{project['requires-python']}" in listed


def test_every_dependency_is_pinned_within_its_bound():
    pins = {}
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        if found := re.match(r"([A-Za-z0-9_.-]+)==([0-9.]+)", line):
            pins.setdefault(found[1].lower(), []).append(found[2])
    for name, bound in declared().items():
        floor = tuple(int(part) for part in bound.removeprefix(">=").split("."))
        for pin in pins[name]:
            assert tuple(int(part) for part in pin.rstrip(".").split(".")) >= floor, name


def test_version_is_one():
    import mchepi

    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert mchepi.__version__ == version
    assert f"version: {version}" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_import_is_light():
    """`import mchepi` and a rate bring in neither pandas nor scipy.stats nor anything of Jupyter."""
    code = "import sys, mchepi; mchepi.rate(3, 1430); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"pandas", "scipy.stats", "statsmodels", "matplotlib", "papermill", "IPython", "nbformat", "yaml"}
    assert heavy.isdisjoint(loaded)
