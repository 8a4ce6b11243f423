"""Worker processes: each does one job at a time, one that dies costs its own job only."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from .forkserver.client import Address, Servers, Unavailable
from .worker import Job, Outcome, kernel_environment, serve

logger = logging.getLogger(__name__)

PLAIN = "Notebooks run in kernels that are started one by one (plain papermill): %s."
LOOK_EVERY = 0.2
"""Seconds between two looks at whether to stop."""
PATIENCE = 8.0
"""Seconds a worker has to shut its kernel down before it is killed."""


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    job: Job | None = None


def do_jobs(
    jobs: Iterable[Job], *, workers: int, stop: Callable[[], bool], fork: bool = True
) -> Generator[tuple[Job, Outcome | None], None, None]:
    """Each job with its outcome as it ends; None where its worker died. Ends early when `stop` says so.

    Jobs are taken from the iterable one by one, as a worker becomes free. With `fork`, notebooks run in
    kernels that one server forks; where that cannot be, in kernels that are started, and a warning says why.
    """
    waiting = iter(jobs)
    told = False
    team: list[_Worker] = []
    with (
        tempfile.TemporaryDirectory(
            prefix="mchepi-", dir=_scratch_home(), ignore_cleanup_errors=True
        ) as scratch,
        Servers() as servers,
    ):

        def give(worker: _Worker, job: Job | None) -> None:
            _give(worker, job, _address(servers, Path(scratch), job) if fork and job else None)

        try:
            while not stop():
                for worker in team:
                    if worker.job is None:
                        give(worker, next(waiting, None))
                while len(team) < workers and (job := next(waiting, None)):
                    team.append(_start(Path(scratch), fork))
                    give(team[-1], job)
                busy = {worker.connection: worker for worker in team if worker.job}
                if not busy:
                    return
                for ready in wait(list(busy), LOOK_EVERY):
                    worker = busy[ready]  # type: ignore[index]
                    job, worker.job = worker.job, None
                    assert job is not None
                    outcome = _received(worker)
                    if outcome is None:
                        team.remove(worker)
                        _end([worker])
                    elif outcome.plain and not told:
                        told = True
                        logger.warning(PLAIN, outcome.plain)
                    yield job, outcome
        finally:
            _end(team)


def _scratch_home() -> str:
    """Choose the shortest folder for temporary files: the path of a local socket may not be long."""
    usual = tempfile.gettempdir()
    if os.name == "posix" and len(usual) > len("/tmp") and os.access("/tmp", os.W_OK | os.X_OK):
        return "/tmp"
    return usual


def _address(servers: Servers, scratch: Path, job: Job) -> Address | None:
    """Give the server for this kind of notebook; a worker finds out by itself why there is none."""
    own = scratch / "server"
    own.mkdir(mode=0o700, exist_ok=True)
    try:
        return servers.address(job.kind, env=kernel_environment(own), ready=job.ready)
    except (Unavailable, OSError):
        return None


def _start(scratch: Path, fork: bool) -> _Worker:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(there, scratch, fork), daemon=True
    )
    process.start()
    there.close()
    return _Worker(process, here)


def _give(worker: _Worker, job: Job | None, address: Address | None) -> None:
    worker.job = job
    if job:
        # A worker that is gone is noticed when its answer is awaited.
        with contextlib.suppress(ConnectionError):
            worker.connection.send((job, address))


def _received(worker: _Worker) -> Outcome | None:
    try:
        return worker.connection.recv()  # type: ignore[no-any-return]
    except (EOFError, ConnectionError):
        return None


def _end(team: list[_Worker]) -> None:
    """Let idle workers go; stop the others together with their kernels."""
    for worker in team:
        if worker.job is None:
            worker.connection.close()
        else:
            worker.process.terminate()
    for worker in team:
        worker.process.join(PATIENCE)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.connection.close()
