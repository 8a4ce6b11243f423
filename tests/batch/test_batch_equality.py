"""A forked kernel shows what a started one shows: engine, provisioner and plain papermill on every notebook.

Compared are cells, counts, text, HTML, images and metadata, and every file that a notebook wrote. Left out is
what differs from one run to the next in any kernel, as `cleaning` takes it out of every page: times, machine
paths, addresses, where a stream was cut into pieces.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mchepi.batch.forkserver import unsupported
from mchepi.batch.worker import ONE_THREAD

pytestmark = pytest.mark.skipif(unsupported() is not None, reason=str(unsupported()))

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NASTY = HERE / "nasty.ipynb"
NOTEBOOKS = [*sorted((ROOT / "notebooks").glob("*.ipynb")), NASTY]
TWICE = {"engine": [ROOT / "notebooks" / "mortality.ipynb", NASTY]}
"""The first of a kind runs in a server that knows nothing yet; these run once more when it does."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each way, in which all notebooks have run."""
    folders = {way: tmp_path_factory.mktemp(way) for way in ("plain", "engine", "provisioner")}
    # A kernel that finds itself below pytest does not catch what is written past Python.
    left_out = ("MPLBACKEND", "COLUMNS", "PYTEST_CURRENT_TEST")
    env = {name: value for name, value in os.environ.items() if name not in left_out}
    env |= {**dict.fromkeys(ONE_THREAD, "1"), "PYTHONHASHSEED": "0", "MCHEPI_FORK_PRELOAD": ""}
    for way, folder in folders.items():
        sources = [*NOTEBOOKS, *TWICE.get(way, [])]
        command = [sys.executable, str(HERE / "run_notebooks.py"), way, str(folder), *map(str, sources)]
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "plain papermill" not in done.stderr
        assert "started, not forked" not in done.stderr
    return folders


def files(folder: Path) -> dict[str, bytes]:
    """Every file that a notebook left, and its notebook."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("way", ["engine", "provisioner"])
@pytest.mark.parametrize("number", range(len(NOTEBOOKS)), ids=[path.stem for path in NOTEBOOKS])
def test_every_notebook_is_the_same(ran: dict[str, Path], way: str, number: int):
    name = f"{number + 1}-{NOTEBOOKS[number].stem}"
    plain, ours = files(ran["plain"] / name), files(ran[way] / name)
    assert ours.keys() == plain.keys()
    assert [file for file in plain if ours[file] != plain[file]] == []


@pytest.mark.parametrize("number", range(len(TWICE["engine"])), ids=[path.stem for path in TWICE["engine"]])
def test_a_server_that_has_learned_shows_the_same(ran: dict[str, Path], number: int):
    source = TWICE["engine"][number]
    first = ran["plain"] / f"{NOTEBOOKS.index(source) + 1}-{source.stem}"
    again = ran["engine"] / f"{len(NOTEBOOKS) + number + 1}-{source.stem}"
    assert files(again) == files(first)


def test_the_nasty_notebook_came_to_its_end(ran: dict[str, Path]):
    left = files(ran["plain"] / f"{len(NOTEBOOKS)}-nasty")
    assert sorted(left) == ["goodbye.txt", "ran.ipynb", "written.txt"]
    assert left["goodbye.txt"] == b"somebody left"
    assert b"somebody came to the end" in left["ran.ipynb"]
