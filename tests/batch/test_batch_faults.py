"""Nothing is lost: the batch is killed at many moments, and ends with the bytes of one that never was."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from faults import all_gone, contents, finished, half_written, hashes, kill, processes, start
from toy_project import code, open_rows, prose, write_project

from mchepi.batch import Event, plan_runs, run_batch, runner
from mchepi.batch.keys import key_of
from mchepi.batch.worker import Job, Outcome

TOY = "notebook: toy\ndata: toy\nlang: [zh, en]\ndistricts: all\n"
CELLS = [
    prose("# A page"),
    code("from pathlib import Path\nPath('tables').mkdir()\nPath('tables/a.csv').write_text(district)"),
    code("import time\ntime.sleep(0.05)\nprint(district, lang)"),
]
KILLS = {"runner": 8, "worker": 8, "server": 8, "kernel": 26}
SEED = 20240601
HOW = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGKILL)


def write_rows(project: Path, version: int, districts: int = 8) -> None:
    rows = "".join(f"D{n:02},{version}\n" for n in range(districts))
    new = project / "data" / "toy" / "new.csv"
    new.write_text(rows, "utf-8")
    new.rename(new.with_name("counts.csv"))


def keys_of(project: Path) -> set[str]:
    """The keys that the pages of the data as they are now have."""
    params = project / "params" / "toy.yaml"
    plan = plan_runs([params], open_dataset=open_rows, output=project / "outputs")
    return {key_of(analysis.key_parts(run)) for analysis in plan.analyses for run in analysis.runs}


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Path]:
    root = write_project(tmp_path / "project", *CELLS)
    (root / "params" / "toy.yaml").write_text(TOY, "utf-8")
    write_rows(root, 0)
    yield root
    for pid in processes(root):
        kill(pid)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes through /proc")
def test_a_batch_that_is_killed_at_random_ends_as_if_it_never_was(killed: Path):
    """Runner, worker, server and kernel are killed; where a batch has ended, all data are corrected."""
    chance = random.Random(SEED)
    planned = [kind for kind, times in KILLS.items() for _ in range(times)]
    chance.shuffle(planned)
    base = killed / "outputs" / "zh" / "toy"
    version = 0
    keys = keys_of(killed)
    kept: dict[str, int] = {}
    ever_kept: set[str] = set()
    batch = start(killed)
    while planned:
        time.sleep(chance.random() * 0.3)
        there = processes(killed)
        meant = [pid for pid, kind in there.items() if kind == planned[-1] and "worker" in there.values()]
        number = chance.choice(HOW) if planned[-1] == "runner" else signal.SIGKILL
        ends = bool(meant) and kill(chance.choice(meant), number) and planned.pop() == "runner"
        if batch.poll() is None and not ends:
            continue
        complete = batch.wait() == 0
        # Half of the time the next batch starts while what the killed one left is still dying.
        assert chance.random() < 0.5 or all_gone(killed), processes(killed)
        assert list(half_written(base) if base.exists() else []) == []
        done = finished(base, keys)
        assert kept.items() <= done.items(), "a finished page was made again"
        kept = {} if complete else done
        ever_kept.update(kept)
        if complete:
            version += 1
            write_rows(killed, version)
            keys = keys_of(killed)
        batch = start(killed)
    while batch.wait() != 0:
        batch = start(killed)
    assert all_gone(killed), processes(killed)
    assert ever_kept, "no batch was killed in its middle"

    undisturbed = start(killed, "undisturbed")
    assert undisturbed.wait() == 0
    assert contents(killed / "outputs") == contents(killed / "undisturbed")
    assert not list((killed / "outputs").rglob(".*"))


@pytest.fixture
def small_disk(killed: Path) -> Iterator[Path]:
    """A disk of the project's own for its outputs, of 300 kB."""
    outputs = killed / "outputs"
    outputs.mkdir()
    if not can_run("mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(outputs)):
        pytest.skip("this user may not mount a file system")
    yield outputs
    can_run("umount", "-l", str(outputs))


def can_run(*command: str) -> bool:
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True).returncode == 0


def test_a_disk_that_is_really_full_stops_the_batch_and_the_next_one_goes_on(small_disk: Path, killed: Path):
    (killed / "params" / "toy.yaml").write_text(TOY.replace(", en", ""), "utf-8")
    notebook = killed / "notebooks" / "toy.ipynb"
    notebook.write_text(
        notebook.read_text("utf-8").replace("write_text(district)", "write_text(district * 30_000)")
    )
    assert start(killed).wait() == 1
    assert all_gone(killed)
    done = finished(small_disk / "zh" / "toy")
    assert 0 < len(done) < 8
    assert list(half_written(small_disk / "zh" / "toy")) == []
    assert "no space is left on the disk" in (killed / "errors.txt").read_text("utf-8")
    assert can_run("mount", "-o", "remount,size=10m", str(small_disk))
    assert start(killed).wait() == 0
    assert done.items() <= finished(small_disk / "zh" / "toy").items(), "a finished page was made again"
    assert start(killed, "undisturbed").wait() == 0
    assert contents(small_disk) == contents(killed / "undisturbed")


class Dead(BaseException):
    """Where the process ended, so to speak: nothing that it does afterwards reaches the disk."""


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of changes to the disk that are still made; 0 and less: the process is dead."""
    left = [10**6]

    def counted(name: str) -> None:
        real = getattr(os, name)

        def step(*arguments: object, **options: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise Dead
            return real(*arguments, **options)

        monkeypatch.setattr(os, name, step)

    for name in ("mkdir", "rename", "replace", "rmdir", "unlink", "write", "ftruncate"):
        counted(name)
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    return left


def without_kernels(
    jobs: Iterable[Job], *, workers: int, stop: Callable[[], bool], fork: bool
) -> Iterator[tuple[Job, Outcome]]:
    """Leave what a worker would leave, at once."""
    for job in jobs:
        if stop():
            return
        (job.staging / "report.html").write_text(f"{job.head.district} {job.key}</html>\n", "utf-8")
        (job.staging / "notebook.ipynb").write_text("{}\n", "utf-8")
        yield job, Outcome(None, hashes(job.staging))


@pytest.fixture
def quick(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of three districts, one page each, whose workers need no kernel."""
    monkeypatch.setattr(runner, "choose_executor", lambda executor: without_kernels)
    (project / "params" / "toy.yaml").write_text(TOY.replace(", en", ""), "utf-8")
    write_rows(project, 0, districts=3)
    return project


def test_wherever_the_runner_ends_the_next_run_completes_it(quick: Path, steps: list[int]):
    """At each single step at which the disk changes, of a first batch and of one that replaces every page."""
    first = plan_runs(["params/toy.yaml"], open_dataset=open_rows)
    run_batch(first)
    expected = {0: contents(quick / "outputs")}
    shutil.copytree(quick / "outputs", quick / "before")
    write_rows(quick, 1, districts=3)
    second = plan_runs(["params/toy.yaml"], open_dataset=open_rows)
    run_batch(second)
    expected[1] = contents(quick / "outputs")
    for version, plan in enumerate((first, second)):
        (analysis,) = plan.analyses
        keys = {key_of(analysis.key_parts(run)) for run in analysis.runs}
        for last in range(1000):
            steps[0] = 10**6
            shutil.rmtree(quick / "outputs")
            if version:
                shutil.copytree(quick / "before", quick / "outputs")
            steps[0] = last
            try:
                run_batch(plan)
            except Dead:
                pass
            else:
                break
            steps[0] = 10**6
            base = quick / "outputs" / "zh" / "toy"
            assert list(half_written(base) if base.exists() else []) == []
            recorded = finished(base, keys)
            assert run_batch(plan).skipped == len(recorded), f"step {last}"
            assert recorded.items() <= finished(base).items(), "a finished page was made again"
            assert contents(quick / "outputs") == expected[version], f"step {last}"
        assert last > 15


def full_after(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the disk full for every change after so many."""
    left = [number]

    def counted(name: str) -> None:
        real = getattr(os, name)

        def step(*arguments: object, **options: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments, **options)

        monkeypatch.setattr(os, name, step)

    for name in ("mkdir", "rename", "replace", "write"):
        counted(name)


def test_wherever_the_disk_becomes_full_the_batch_stops_politely(
    quick: Path, monkeypatch: pytest.MonkeyPatch
):
    plan = plan_runs(["params/toy.yaml"], open_dataset=open_rows)
    run_batch(plan)
    expected = contents(quick / "outputs")
    base = quick / "outputs" / "zh" / "toy"
    for last in range(1000):
        shutil.rmtree(quick / "outputs")
        base.mkdir(parents=True)
        with monkeypatch.context() as patch:
            full_after(last, patch)
            events: list[Event] = []
            result = run_batch(plan, on_event=events.append)
        assert result.failed == []
        assert len(result.done) + result.left == 3
        if not result.left:
            break
        assert result.stopped_for == "no space is left on the disk"
        assert [event.event for event in events][-2:] == ["stopped", "end"]
        assert list(half_written(base)) == []
        assert run_batch(plan).left == 0
        assert contents(quick / "outputs") == expected, f"step {last}"
    assert last > 10
