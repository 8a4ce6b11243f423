"""Where the notebooks of a batch run, chosen by an address: on this machine, or on the machines of a cluster.

An executor takes jobs and gives back what became of them, in any order; paths travel to it, data do not.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Generator
from functools import partial

from ..pool import do_jobs
from ..refusal import Refused
from ..resources import Workers, choose_workers
from ..worker import Job, Outcome
from .lost import ExecutorLost

__all__ = ["LOCAL", "DoJobs", "ExecutorLost", "choose_executor", "workers_of"]

LOCAL = "local"
DASK_LOCAL = "dask://local"
FORMS = "local, dask://HOST:PORT, dask:///FOLDER/SCHEDULER.json, or dask://local"

DoJobs = Callable[..., Generator[tuple[Job, Outcome | None], None, None]]
"""Has the signature of `pool.do_jobs`."""


def choose_executor(address: str) -> DoJobs:
    """Choose what does the jobs, by its address.

    Parameters
    ----------
    address
        `local`: worker processes of this machine. `dask://HOST:PORT`: the workers of the dask scheduler that
        listens there. `dask:///FOLDER/SCHEDULER.json`: of the one that wrote this file. `dask://local`: a
        cluster of dask workers on this machine, for as long as the batch runs.

    Raises
    ------
    Refused
        Where there is no such executor, or where it cannot be used.
    """
    if address == LOCAL:
        return do_jobs
    if not re.fullmatch(r"dask://(local|[^/:\s]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}|/.*\.json)", address):
        raise Refused([f"--executor must be {FORMS}; got {address}."])
    if importlib.util.find_spec("distributed") is None:
        raise Refused([f'--executor {address} needs dask: pip install "mchepi[dask]".'])
    from . import dask

    if address == DASK_LOCAL:
        return partial(dask.do_jobs, scheduler=None)
    place = address.removeprefix("dask://")
    scheduler = place if place.startswith("/") else f"tcp://{place}"
    dask.check(scheduler, address)
    return partial(dask.do_jobs, scheduler=scheduler)


def workers_of(address: str, pages: int, *, asked: int | None, memory_limit: int | None) -> Workers:
    """Tell how many workers an executor has for so many pages; of a cluster this is not known beforehand.

    Parameters
    ----------
    address
        The executor's.
    pages, asked, memory_limit
        As in `choose_workers`.
    """
    if address in (LOCAL, DASK_LOCAL):
        return choose_workers(pages, asked=asked, memory_limit=memory_limit)
    return Workers(0, f"those of {address}")
