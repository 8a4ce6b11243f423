"""The executor on many machines: as locally, byte for byte, though a worker is killed in mid-batch."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster
from toy_project import code, open_toy, read_lines, write_project

from mchepi.batch import BatchResult, Refused, plan_runs, run_batch
from mchepi.batch.executors import choose_executor, workers_of
from mchepi.batch.executors import dask as executor
from mchepi.batch.ledger import STAMPS
from mchepi.batch.resources import Workers

ACTIONS = """\
import os, time
from pathlib import Path
root = next(folder for folder in Path.cwd().parents if (folder / "params").is_dir())
Path("tables").mkdir()
Path("tables/where.csv").write_text(district, "utf-8")
if district == "B01":
    raise ValueError("no births in " + str(Path.cwd()))
if district == "K01" and (root / "hang").exists():
    with (root / "tries").open("a") as file:
        file.write(f"{os.getpid()}\\n")
    if len((root / "tries").read_text().split()) == 1:
        time.sleep(600)"""
ONLY = ["152223", "B01", "K01"]


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, memory_limit=0, dashboard_address="127.0.0.1:0", silence_logs=60
    ) as cluster:
        yield cluster


@pytest.fixture
def clustered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = write_project(tmp_path / "project", code(ACTIONS), code("district"))
    (root / "params/toy.yaml").write_text("notebook: toy\ndata: toy\ndistricts: all\n", "utf-8")
    monkeypatch.chdir(root)
    return root


def batch(where: str, only: list[str] = ONLY) -> BatchResult:
    return run_batch(plan_runs(["params/toy.yaml"], open_dataset=open_toy, only=only), executor=where, jobs=1)


def address(cluster: LocalCluster) -> str:
    return cluster.scheduler_address.replace("tcp://", "dask://")


def at_work(client: Client) -> list[str]:
    """The workers that have something to do."""
    return [worker for worker, keys in client.processing().items() if keys]


def wait_until(happened: Callable[[], object]) -> None:
    for _ in range(600):
        if happened():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen within a minute")


def test_a_stopped_batch_ends_its_notebooks(cluster: LocalCluster, clustered: Path):
    (clustered / "hang").touch()

    def interrupt() -> None:
        wait_until((clustered / "tries").exists)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    result = batch(address(cluster), ["K01"])
    assert (result.stopped_by, result.left) == (signal.SIGINT, 1)
    assert not [path for path in (clustered / "outputs").rglob("*") if path.is_dir() and path.name[0] == "."]
    wait_until(lambda: not Path("/proc", (clustered / "tries").read_text("utf-8").strip()).exists())


def test_a_killed_worker_costs_nothing_and_the_bytes_are_those_of_a_local_run(
    cluster: LocalCluster, clustered: Path
):
    assert len(batch("local").done) == 2
    Path("outputs").rename("local")
    (clustered / "hang").touch()

    def kill() -> None:
        wait_until((clustered / "tries").exists)
        with Client(cluster, set_as_default=False) as client:
            wait_until(lambda: len(at_work(client)) == 1)
            (busy,) = at_work(client)
            os.kill(client.run(os.getpid, workers=[busy])[busy], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    result = batch(address(cluster))
    killer.join()
    assert (len(result.done), len(result.failed), result.left) == (2, 1, 0)
    first, second = (clustered / "tries").read_text("utf-8").split()
    assert first != second
    wait_until(lambda: not Path("/proc", first).exists())

    local, dask = clustered / "local", clustered / "outputs"
    names, there = (
        sorted(path.relative_to(base) for path in base.rglob("*") if path.is_file() and path.name != STAMPS)
        for base in (local, dask)
    )
    assert names == there
    assert len(names) == 2 + 3 * 2 + 2
    different = {path.name for path in names if (dask / path).read_bytes() != (local / path).read_bytes()}
    assert different == {"timings.jsonl"}
    ledger = read_lines(dask / "zh/toy/ledger.jsonl")
    assert [entry["status"] for entry in ledger] == ["done", "failed", "done"]


def test_where_all_workers_are_gone_the_batch_says_once_that_it_waits(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """As after `scancel` of all that Slurm ran: silence would look like a hang."""

    class Deserted:
        def nthreads(self) -> dict[str, int]:
            return {}

        def cancel(self, *_: object, **__: object) -> None:
            pass

    monkeypatch.setattr(executor, "COUNT_EVERY", 0.0)
    monkeypatch.setattr(executor, "LOOK_EVERY", 0.001)
    looks = iter([False] * 5 + [True])
    assert list(executor._handed_out(Deserted(), "desk", iter(()), lambda: next(looks))) == []
    assert caplog.messages == [executor.ALONE]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("cloud", "--executor must be local, dask://HOST:PORT, .* or dask://local; got cloud."),
        ("dask://host", "--executor must be local"),
        ("dask://host:8786/path", "--executor must be local"),
        ("dask:///nowhere/scheduler.json", "no dask scheduler answers at .*: there is no file /nowhere"),
        ("dask://127.0.0.1:1", "no dask scheduler answers at dask://127.0.0.1:1: "),
    ],
)
def test_an_executor_that_is_not_there_is_refused(
    where: str, message: str, clustered: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(executor, "ANSWER", 0.5)
    with pytest.raises(Refused, match=message):
        batch(where)
    assert not (clustered / "outputs").exists()


def test_without_dask_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(Refused, match=r'needs dask: pip install "mchepi\[dask\]"'):
        choose_executor("dask://local")
    assert choose_executor("local")


def test_the_workers_of_a_cluster_are_not_counted_beforehand():
    asked = {"asked": 3, "memory_limit": None}
    assert workers_of("dask://head:8786", 9, **asked) == Workers(0, "those of dask://head:8786")
    for here in ("dask://local", "local"):
        assert workers_of(here, 9, **asked) == Workers(3, "as asked for")
