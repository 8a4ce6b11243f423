"""How jobs are handed out to a cluster: never too many at once, again where a worker leaves; loss is told."""

from __future__ import annotations

import socket
from asyncio import CancelledError
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import pytest
from distributed import KilledWorker
from toy_project import open_toy

from mchepi.batch import Event, plan_runs, run_batch, runner
from mchepi.batch.executors import ExecutorLost
from mchepi.batch.executors import dask as executor
from mchepi.batch.executors.desk import Desk, Mismatch, Stopped, attempt, handed_in, signature
from mchepi.batch.worker import Outcome

DONE = Outcome()


@dataclass
class Future:
    """What dask hands out for a job: it ends when the test says so."""

    key: int
    answers: list[object]
    tell: Callable[[object], None] = lambda _: None

    def add_done_callback(self, tell: Callable[[object], None]) -> None:
        self.tell = tell
        tell(self)

    def result(self, timeout: float) -> object:
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass
class Cluster:
    """A client of a cluster whose workers answer at once: with `script`, then with success."""

    script: list[list[object]] = field(default_factory=list)
    workers: int = 3
    threads: int = 1
    held: int = 0
    most: int = 0
    taken: int = 0
    cancelled: list[object] = field(default_factory=list)

    def nthreads(self) -> dict[str, int]:
        return {f"tcp://worker-{number}": self.threads for number in range(self.workers)}

    def submit(self, _: object, job: object, desk: str, pure: bool) -> Future:
        self.held, self.taken = self.held + 1, self.taken + 1
        self.most = max(self.most, self.held)
        return Future(self.taken, self.script.pop(0) if self.script else [(DONE, None)])

    def cancel(self, futures: list[object]) -> None:
        self.cancelled = futures


def handed_out(cluster: Cluster, jobs: int, stop: Callable[[], bool] = lambda: False) -> Iterator[object]:
    numbered = (SimpleNamespace(number=number) for number in range(jobs))
    for job, outcome in executor._handed_out(cluster, "desk", numbered, stop):
        cluster.held -= 1
        yield job.number, outcome


def test_the_scheduler_never_holds_more_than_two_jobs_a_worker():
    cluster = Cluster(workers=3)
    assert [number for number, _ in handed_out(cluster, 10_000)] == list(range(10_000))
    assert cluster.most == 6


def test_jobs_are_taken_only_as_they_can_be_handed_out():
    cluster = Cluster(workers=2)
    ends = handed_out(cluster, 10_000)
    assert len(list(islice(ends, 100))) == 100
    assert cluster.taken <= 100 + 4
    ends.close()
    assert len(cluster.cancelled) == 3


def test_a_cluster_without_workers_is_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(executor, "LOOK_EVERY", 0.001)
    monkeypatch.setattr(executor, "COUNT_EVERY", 0.005)
    cluster = Cluster(workers=0)
    asked = iter([False] * 20)

    def stop() -> bool:
        if next(asked, True):
            cluster.workers = 1
        return False

    assert len(list(handed_out(cluster, 3, stop))) == 3


def test_stopping_cancels_what_is_under_way():
    cluster = Cluster(workers=2)
    ends = handed_out(cluster, 9, stop=lambda: cluster.taken > 5)
    assert len(list(ends)) < 9
    assert cluster.cancelled


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([[(DONE, None)]], DONE),
        ([[TimeoutError(), (DONE, None)]], DONE),  # its worker died with the answer
        ([[Stopped()], [(DONE, None)]], DONE),  # its worker was asked to leave
        ([[KilledWorker("attempt", None, 3)]], None),  # whatever does it dies
    ],
)
def test_a_job_of_a_lost_worker_is_done_again(answers: list[list[object]], outcome: Outcome | None):
    cluster = Cluster(script=answers)
    assert list(handed_out(cluster, 1)) == [(0, outcome)]
    assert not cluster.script


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CancelledError("attempt"), "CancelledError: attempt"),
        (OSError("gone"), "OSError: gone"),
        (Mismatch("host-7 has another version"), "^host-7 has another version$"),
    ],
)
def test_what_is_no_fault_of_a_job_loses_the_executor(error: BaseException, words: str):
    with pytest.raises(ExecutorLost, match=words):
        list(handed_out(Cluster(script=[[error]]), 1))


def test_plain_papermill_is_announced_once(caplog: pytest.LogCaptureFixture):
    plain = Outcome(plain="this Linux is old")
    assert len(list(handed_out(Cluster(script=[[(plain, None)] for _ in range(5)]), 5))) == 5
    (record,) = caplog.records
    assert record.getMessage().endswith("(plain papermill): this Linux is old.")


def test_workers_with_threads_are_not_used():
    with pytest.raises(ExecutorLost, match="tcp://worker-0 has 4 threads; start workers with --nthreads 1"):
        list(handed_out(Cluster(threads=4), 1))


def test_a_lost_executor_stops_the_batch_and_what_is_finished_stays(
    project: Path, monkeypatch: pytest.MonkeyPatch
):
    def lost(jobs: Iterator[object], **_: object) -> Iterator[tuple[object, Outcome]]:
        job = next(jobs)
        (job.staging / "report.html").write_text("a page", "utf-8")
        yield job, Outcome(outputs={"report.html": ""})
        next(jobs)
        raise ExecutorLost("the dask scheduler no longer answers")

    monkeypatch.setattr(runner, "choose_executor", lambda _: lost)
    (project / "params/toy.yaml").write_text("notebook: toy\ndata: toy\ndistricts: all\n", "utf-8")
    events: list[Event] = []
    result = run_batch(plan_runs(["params/toy.yaml"], open_dataset=open_toy), on_event=events.append)
    assert (len(result.done), len(result.failed), result.left) == (1, 0, 5)
    assert result.stopped_for == "the dask scheduler no longer answers"
    assert [event.reason for event in events[-2:]] == [result.stopped_for] * 2
    assert not (project / "outputs/zh/toy/.staging").exists()


def test_a_machine_with_other_versions_takes_no_part():
    assert signature() == signature()
    desk = Desk("batch", ("other", signature()[1]), fork=True)
    with pytest.raises(Mismatch, match=f"^{socket.gethostname()} has another version of .* than"):
        desk.do(SimpleNamespace())


def test_a_machine_that_does_not_see_the_output_folder_says_so(tmp_path: Path):
    job = SimpleNamespace(staging=tmp_path / "not shared" / "B01")
    outcome, own = attempt(job, "batch")
    assert own is None
    assert outcome.failure.name == "FileNotFoundError"
    assert outcome.failure.message.startswith(f"{socket.gethostname()} cannot write to the output folder")


def test_an_attempt_takes_the_place_of_the_staging_folder(tmp_path: Path):
    job = SimpleNamespace(staging=tmp_path / "B01")
    own = tmp_path / "B01.0123"
    for folder in (job.staging, own):
        folder.mkdir()
    (own / "report.html").write_text("a page", "utf-8")
    handed_in(job, own)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == [
        "B01",
        "B01/report.html",
    ]
