"""What a worker process does: run a notebook in its staging folder, leave there what is to be published."""

from __future__ import annotations

import contextlib
import gc
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from .cleaning import clean, hider, take_times
from .folders import empty, files_below
from .forkserver.client import Address, Call, kind_of
from .notebooks import notebook_text
from .page import Failure, Head, render_page
from .papermill_pieces import execute, with_parameters
from .provenance import sha256_of
from .quick_start import without_the_grammar
from .warm import Warm

NOTEBOOK = "notebook.ipynb"
PAGE = "report.html"
ERROR_MARKER = "papermill-error-cell-tag"
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
FROM_THE_TERMINAL = ("MPLBACKEND", "COLUMNS", "LINES", "PYTHONWARNINGS", "PYTHONSTARTUP")
"""Settings of the user's terminal that would show in the results."""


@dataclass(frozen=True)
class Job:
    """A notebook to be run, and all that a worker must know for it."""

    notebook_text: str
    parameters: dict[str, Any]
    staging: Path
    project: Path
    head: Head
    cell_timeout: int
    key: str = ""
    notebook_timeout: int | None = None
    memory_limit: int | None = None
    ready: Call | None = None

    @property
    def kind(self) -> str:
        """Name what jobs of the same notebook have in common."""
        return kind_of(json.loads(self.notebook_text)["cells"])


@dataclass(frozen=True)
class Outcome:
    """What became of a job: its failure if there was one, the hashes of what it left, and its times.

    Without any output there is nothing to publish: not even the page of the failure could be written. `plain`
    says why the notebook ran in a kernel that was started for it, where a forked one was wanted.
    """

    failure: Failure | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    times: dict[str, Any] = field(default_factory=dict)
    plain: str | None = None


def serve(connection: Connection, scratch: Path, fork: bool) -> None:
    """Do the jobs that come through `connection` until it closes; the work of a worker process.

    Each comes with the address of the runner's fork server, if there is one.
    """
    _be_quiet()
    threading.Thread(target=_die_with_the_runner, daemon=True).start()
    is_new = True
    with prepared(scratch, fork=fork) as warm:
        while True:
            try:
                job, address = connection.recv()
            except EOFError:
                return
            connection.send(do(job, warm, address))
            if is_new:
                is_new = False
                gc.collect()
                gc.freeze()  # what the first job imported stays: no collection need look at it again


@contextlib.contextmanager
def prepared(scratch: Path, *, fork: bool = True) -> Iterator[Warm]:
    """Make this process fit to do jobs, one after the other; what it hands out is given to `do`.

    Parameters
    ----------
    scratch
        A folder for temporary files, with a short path.
    fork
        Whether notebooks run in kernels forked from a warm server.
    """
    without_the_grammar()
    own = scratch / str(os.getpid())
    own.mkdir(mode=0o700, exist_ok=True)
    env = kernel_environment(own)
    os.environ.clear()
    os.environ.update(env)
    warm = Warm(env, fork)
    with warm.servers:
        yield warm


def kernel_environment(own: Path) -> dict[str, str]:
    """Make the environment of kernels, independent of the user's terminal and of other kernels."""
    env = {name: value for name, value in os.environ.items() if name not in FROM_THE_TERMINAL}
    alone = {"IPYTHONDIR": str(own), "JUPYTER_RUNTIME_DIR": str(own)}
    return {**env, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONHASHSEED": "0", **alone}


def do(job: Job, warm: Warm, address: Address | None = None) -> Outcome:
    """Run the notebook of `job`; whatever happens, its staging folder then holds a notebook and a page.

    Parameters
    ----------
    job
        What is to be done.
    warm
        From `prepared`.
    address
        The fork server that is asked first; without it the process has its own.
    """
    try:
        (notebook, failure), plain = warm.run(
            job.kind, address, lambda server: _execute(job, server), lambda: empty(job.staging), job.ready
        )
        times = take_times(notebook)
        clean(notebook, folder=job.staging, project=job.project)
        if failure:
            empty(job.staging)
        return Outcome(failure, _leave(job, notebook, failure), times, plain)
    except Exception as error:
        return leave_failure(job, Failure(type(error).__name__, _tidy(job, str(error))))


def leave_failure(job: Job, failure: Failure) -> Outcome:
    """Leave the page of a failure outside the notebook, beside the notebook as it would have run."""
    try:
        return _leave_failure(job, failure)
    except OSError as error:  # the disk is full, or the folder is gone
        return Outcome(Failure(type(error).__name__, _tidy(job, str(error))))


def _leave_failure(job: Job, failure: Failure) -> Outcome:
    empty(job.staging)
    notebook = with_parameters(job.notebook_text, job.parameters)
    clean(notebook, folder=job.staging, project=job.project)
    return Outcome(failure, _leave(job, notebook, failure))


def _execute(job: Job, server: Address | None) -> tuple[Any, Failure | None]:
    """Execute the notebook in a kernel from `server`, or in one that is started; say what stopped it."""
    import papermill  # noqa: F401 - looks for engines as it is imported, and so comes before ours

    from . import engine

    os.chdir(job.staging)
    try:
        notebook = with_parameters(job.notebook_text, job.parameters)
        error = execute(
            notebook,
            engine.NAME if server else engine.PLAIN,
            execution_timeout=job.cell_timeout,
            notebook_timeout=job.notebook_timeout,
            memory_limit=job.memory_limit,
            **({"address": server} if server else {}),
        )
    finally:
        os.chdir(job.project)
    if error is None:
        return notebook, None
    unmarked = [cell for cell in notebook.cells if ERROR_MARKER not in cell.metadata.get("tags", [])]
    cell = sum(cell.cell_type == "code" for cell in unmarked[: error.cell_index + 1])
    return notebook, Failure(error.ename, _tidy(job, error.evalue), cell, error.source)


def _leave(job: Job, notebook: Any, failure: Failure | None) -> dict[str, str]:
    """Write the notebook and its page; the hashes of all that lies in the staging folder then."""
    notebook.metadata["mchepi"] = {"key": job.key}
    (job.staging / NOTEBOOK).write_text(notebook_text(notebook), encoding="utf-8", newline="\n")
    tables = [path.relative_to(job.staging).as_posix() for path in sorted(job.staging.glob("tables/*.csv"))]
    html = render_page(notebook, job.head, tables, failure)
    (job.staging / PAGE).write_text(html, encoding="utf-8", newline="\n")
    return {path.relative_to(job.staging).as_posix(): sha256_of(path) for path in files_below(job.staging)}


def _tidy(job: Job, message: str) -> str:
    return hider(job.staging, job.project)(message)


def _be_quiet() -> None:
    """Leave interrupts to the runner, and the terminal to it as well."""
    signal.signal(signal.SIGINT, lambda *_: None)  # the batch decides what an interrupt means
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with open(os.devnull, "r+b") as nowhere:
        for standard in (1, 2):
            os.dup2(nowhere.fileno(), standard)


def _die_with_the_runner() -> None:
    """End at once when the runner has gone: another may soon work in the same folders."""
    runner = multiprocessing.parent_process()
    if runner:
        runner.join()
        os._exit(1)
