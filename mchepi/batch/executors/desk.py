"""The desk in a dask worker at which its jobs are done: a local executor with one worker of its own.

Whatever a notebook does to the process that runs it, the dask worker lives on; and a notebook runs exactly as
it does without dask.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import threading
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from ..keys import library_sha256
from ..page import Failure
from ..pool import do_jobs
from ..provenance import environment_sha256
from ..worker import Job, Outcome


class Mismatch(Exception):
    """Why this machine cannot take part."""


class Stopped(Exception):
    """The desk was cleared away while its job was being done."""


def signature() -> tuple[str, str]:
    """Hash what must be the same on all machines: installed packages with Python, and mchepi itself."""
    return environment_sha256(), library_sha256()


class Desk(WorkerPlugin):
    """A plugin of a dask worker, set up in each of them as it joins, cleared away as the batch ends.

    Parameters
    ----------
    name
        A name that no other batch on the cluster has.
    expected
        The `signature` of the machine that the batch was started on.
    fork
        Whether notebooks run in forked processes.
    """

    def __init__(self, name: str, expected: tuple[str, str], fork: bool) -> None:
        self.name = name
        self.expected = expected
        self.fork = fork
        self.host = socket.gethostname()

    def setup(self, worker: Any) -> None:
        """Open the desk in a dask worker."""
        # Nannies start dask workers as daemons, to which multiprocessing refuses children of their own. Ours
        # end by themselves when the pipe to this process breaks.
        multiprocessing.current_process().daemon = False
        self._stopping = threading.Event()
        self._at_desk = threading.Lock()
        self._next: Job | None = None
        self._ends = do_jobs(iter(self._handed, None), workers=1, stop=self._stopping.is_set, fork=self.fork)

    async def teardown(self, worker: Any) -> None:
        """Close the desk, whatever it is doing."""
        self._stopping.set()
        await asyncio.to_thread(self._close)

    def do(self, job: Job) -> Outcome | None:
        """Do one job; None where what did it died."""
        if signature() != self.expected:
            raise Mismatch(
                f"{socket.gethostname()} has another version of Python, mchepi or a package than "
                f"{self.host}; install the same on all"
            )
        with self._at_desk:
            self._next = job
            ended = next(self._ends, None)
        if ended is None:
            raise Stopped
        return ended[1]

    def _handed(self) -> Job | None:
        job, self._next = self._next, None
        return job

    def _close(self) -> None:
        with self._at_desk:
            self._ends.close()


def attempt(job: Job, name: str) -> tuple[Outcome | None, Path | None]:
    """Do a job in a dask worker, in a folder that no other attempt at it writes to; hand that out as well.

    A worker that was given up as lost may still be at work: the job is then under way twice.
    """
    own = job.staging.with_name(f"{job.staging.name}.{uuid.uuid4().hex}")
    try:
        own.mkdir()
    except OSError as error:
        what = f"{socket.gethostname()} cannot write to the output folder: {error.strerror}"
        return Outcome(Failure(type(error).__name__, what)), None
    desk: Any = get_worker().plugins[name]
    return desk.do(replace(job, staging=own)), own


def handed_in(job: Job, own: Path) -> None:
    """Put what an attempt left into the job's own staging folder."""
    job.staging.rmdir()
    own.rename(job.staging)
