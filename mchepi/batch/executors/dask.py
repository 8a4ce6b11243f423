"""The executor on many machines: dask.distributed hands the jobs out and repeats those of lost workers."""

from __future__ import annotations

import contextlib
import logging
import queue
import time
import uuid
from asyncio import CancelledError
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from distributed import Client, KilledWorker, LocalCluster
from distributed.utils import silence_logging_cmgr

from ..pool import PLAIN
from ..refusal import Refused
from ..worker import Job, Outcome
from .desk import Desk, Mismatch, Stopped, attempt, handed_in, signature
from .lost import ExecutorLost

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.2
"""Seconds between two looks at whether to stop."""
COUNT_EVERY = 2.0
"""Seconds between two counts of the workers, which come and go."""
ALONE = "No dask worker is there at the moment: the batch waits until one comes; Ctrl-C ends it."
AHEAD = 2
"""Jobs handed out for each worker: one that it does, one that waits beside it."""
ANSWER = 10
"""Seconds that a scheduler has to answer."""
SILENT = logging.CRITICAL + 1


def check(scheduler: str, address: str) -> None:
    """Refuse a scheduler that does not answer."""
    try:
        with _quiet(), _client(scheduler):
            pass
    except (OSError, ValueError) as error:
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Refused([f"no dask scheduler answers at {address}: {what}."]) from None


def do_jobs(
    jobs: Iterable[Job],
    *,
    workers: int,
    stop: Callable[[], bool],
    fork: bool = True,
    scheduler: str | None,
) -> Generator[tuple[Job, Outcome | None], None, None]:
    """Each job with its outcome as it ends, like `pool.do_jobs`; None where whatever did it died.

    The scheduler is handed two jobs a worker, and the next as one ends: however many there are, it never
    holds more.

    Parameters
    ----------
    jobs
        The jobs; they are taken one by one, as they can be handed out.
    workers
        How many workers a cluster of our own has.
    stop
        Asks whether to end early; notebooks that run are then ended.
    fork
        Whether notebooks run in forked processes.
    scheduler
        The scheduler's address or file; None: a cluster of our own.

    Raises
    ------
    ExecutorLost
        Where the scheduler no longer answers, or where a machine cannot take part.
    """
    waiting = iter(jobs)
    first = next(waiting, None)
    if first is None:
        return
    desk = Desk(f"mchepi-{uuid.uuid4().hex}", signature(), fork)
    with _quiet(), _cluster(scheduler, workers) as place, _client(place) as client:
        try:
            _set_up(client, desk)
            yield from _handed_out(client, desk.name, chain([first], waiting), stop)
        finally:
            with contextlib.suppress(Exception):  # the scheduler may be gone
                client.unregister_worker_plugin(desk.name)


def _handed_out(
    client: Any, desk: str, waiting: Iterator[Job], stop: Callable[[], bool]
) -> Generator[tuple[Job, Outcome | None], None, None]:
    under_way: dict[str, tuple[Job, Any]] = {}
    ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
    counted, window, told, alone = float("-inf"), 0, False, False

    def hand_out(job: Job) -> None:
        future = client.submit(attempt, job, desk, pure=False)
        under_way[future.key] = job, future
        future.add_done_callback(ended.put)

    try:
        while not stop():
            if time.monotonic() - counted > COUNT_EVERY:
                counted, window = time.monotonic(), AHEAD * _count_workers(client)
                if not window and not alone:
                    logger.warning(ALONE)
                alone = not window
            while len(under_way) < window and (job := next(waiting, None)):
                hand_out(job)
            if window and not under_way:
                return
            try:
                future = ended.get(timeout=LOOK_EVERY)
            except queue.Empty:
                continue
            job, _ = under_way[future.key]
            try:
                outcome, own = _result(future)
            except TimeoutError:  # its worker died before it gave the answer out; dask does the job again
                ended.put(future)
                continue
            except Stopped:  # its worker was asked to leave
                del under_way[future.key]
                hand_out(job)
                continue
            del under_way[future.key]
            if own:
                handed_in(job, own)
            if outcome and outcome.plain and not told:
                told = True
                logger.warning(PLAIN, outcome.plain)
            yield job, outcome
    finally:
        with contextlib.suppress(Exception):
            client.cancel([future for _, future in under_way.values()])


def _set_up(client: Any, desk: Desk) -> None:
    """Open a desk in each worker that there is or will be."""
    try:
        client.register_plugin(desk, name=desk.name)
    except Exception as error:
        raise ExecutorLost(f"the dask workers cannot use mchepi ({type(error).__name__}: {error})") from None


def _count_workers(client: Any) -> int:
    """Count the workers that there are at the moment."""
    try:
        threads = client.nthreads()
    except (OSError, ValueError) as error:
        raise ExecutorLost(f"the dask scheduler no longer answers ({error})") from None
    for worker, count in threads.items():
        if count > 1:
            raise ExecutorLost(
                f"the dask worker {worker} has {count} threads; start workers with --nthreads 1"
            )
    return len(threads)


def _result(future: Any) -> tuple[Outcome | None, Path | None]:
    """Tell what became of an attempt, and where it left its files."""
    try:
        answer: tuple[Outcome | None, Path | None] = future.result(timeout=LOOK_EVERY)
        return answer
    except KilledWorker:
        return None, None
    except (Stopped, TimeoutError):
        raise
    except (Exception, CancelledError) as error:
        what = str(error) if isinstance(error, Mismatch) else f"{type(error).__name__}: {error}"
        raise ExecutorLost(what) from None


@contextlib.contextmanager
def _client(place: Any) -> Iterator[Any]:
    """Connect to a scheduler, given by its address, its file or its cluster."""
    if isinstance(place, str) and place.startswith("/"):
        if not Path(place).is_file():
            raise FileNotFoundError(f"there is no file {place}")
        where = {"scheduler_file": place}
    else:
        where = {"address": place}
    with Client(**where, timeout=ANSWER, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        yield client


@contextlib.contextmanager
def _cluster(scheduler: str | None, workers: int) -> Iterator[Any]:
    """Give the scheduler, or start a cluster on this machine."""
    if scheduler:
        yield scheduler
        return
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        memory_limit=0,
        dashboard_address="127.0.0.1:0",
        silence_logs=SILENT,
    ) as cluster:
        yield cluster


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what dask has to say about lost workers and its own shutdown off the terminal."""
    with silence_logging_cmgr(SILENT):
        yield
