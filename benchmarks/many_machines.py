"""What many jobs cost a dask scheduler: its memory and the pace, first to last; and 10,000 all at once.

The jobs carry what real ones carry (a notebook and its parameters) and do nothing, so that only the handing
out is measured. Scheduler and two workers are processes of their own on this machine.

Run as `python benchmarks/many_machines.py` (20,000 jobs, minutes) or with a number of jobs: 100000.
"""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import distributed
import psutil

from mchepi.batch.executors import dask
from mchepi.batch.worker import Job, Outcome

WORKERS = 2
USUAL = 20_000
AT_ONCE = 10_000
NOTEBOOK = (Path(__file__).parents[1] / "notebooks" / "mortality.ipynb").read_text("utf-8")


def nothing(job: Job, desk: str) -> tuple[Outcome, None]:
    """Stands for a notebook that takes no time."""
    return Outcome(), None


def jobs(count: int) -> Iterator[SimpleNamespace]:
    for number in range(count):
        parameters = {"district": str(number), "data": "published", "lang": "zh"}
        yield SimpleNamespace(notebook_text=NOTEBOOK, parameters=parameters)


@contextlib.contextmanager
def cluster() -> Iterator[tuple[str, psutil.Process]]:
    """A scheduler and its workers; the scheduler's file and process."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
        command += ["--scheduler-file", str(file)]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file)]
        worker += [
            "--nthreads",
            "1",
            "--nworkers",
            str(WORKERS),
            "--no-dashboard",
            "--local-directory",
            folder,
        ]
        with contextlib.ExitStack() as started:
            for argv in (command, worker):
                process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
                started.callback(process.wait)
                started.callback(process.terminate)
                if argv is command:
                    scheduler = psutil.Process(process.pid)
                    while not file.exists():
                        time.sleep(0.1)
            yield str(file), scheduler


def megabytes(process: psutil.Process) -> float:
    return process.memory_info().rss / 1e6


def in_a_window(count: int) -> None:
    """As `mchepi run` hands them out."""
    dask.attempt = nothing
    here = psutil.Process()
    with cluster() as (file, scheduler):
        began, marks = time.perf_counter(), []
        print("jobs ended   jobs a second   scheduler, MB   runner, MB")
        ends = dask.do_jobs(jobs(count), workers=0, stop=lambda: False, scheduler=file)
        for number, _ in enumerate(ends, 1):
            if number % (count // 10) == 0 or number == count // 100:
                marks.append((number, time.perf_counter()))
                before = marks[-2] if len(marks) > 1 else (0, began)
                pace = (number - before[0]) / (marks[-1][1] - before[1])
                print(
                    f"{number:10,}   {pace:13,.0f}   {megabytes(scheduler):13,.0f}   {megabytes(here):10,.0f}"
                )


def all_at_once(count: int) -> None:
    """As a loop over `client.submit` does."""
    with cluster() as (file, scheduler), distributed.Client(scheduler_file=file) as client:
        began = time.perf_counter()
        futures = [client.submit(nothing, job, "", pure=False) for job in jobs(count)]
        first = next(iter(distributed.as_completed(futures)))
        waited = time.perf_counter() - began
        assert first.result()
        most = megabytes(scheduler)
        distributed.wait(futures)
        print(
            f"all {count:,} at once: the first ended after {waited:.1f} s, the last after "
            f"{time.perf_counter() - began:.1f} s; scheduler {max(most, megabytes(scheduler)):,.0f} MB"
        )


if __name__ == "__main__":
    total = int(sys.argv[1]) if len(sys.argv) > 1 else USUAL
    print(
        f"Python {platform.python_version()}, distributed {distributed.__version__}, "
        f"{os.cpu_count()} cores; a job of {len(NOTEBOOK) / 1000:.0f} kB, {WORKERS} workers"
    )
    in_a_window(total)
    all_at_once(min(total, AT_ONCE))
