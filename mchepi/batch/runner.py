"""The batch: every run of a plan in worker processes, each page published and recorded as it ends."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .folders import publish, recover, sole_writer, stage
from .ledger import append_timing, as_line, read_ledger, write_ledger
from .page import Failure, Head
from .plan import Analysis, Plan, Run
from .pool import default_workers, do_jobs
from .provenance import environment_sha256, version
from .worker import PAGE, Job, Outcome, leave_failure

CELL_TIMEOUT = 1800
"""Seconds after which a cell that still runs counts as failed."""


@dataclass(frozen=True)
class Ended:
    """One run that ended: its page, what stopped it (None: nothing), the command that repeats it."""

    analysis: str
    run: Run
    failure: Failure | None
    page: Path
    repeat: str


@dataclass
class BatchResult:
    """What became of a batch."""

    total: int
    done: list[Ended] = field(default_factory=list)
    failed: list[Ended] = field(default_factory=list)
    stopped_by: int | None = None

    @property
    def left(self) -> int:
        """How many runs have not ended."""
        return self.total - len(self.done) - len(self.failed)


def run_batch(
    plan: Plan,
    *,
    jobs: int | None = None,
    cell_timeout: int = CELL_TIMEOUT,
    on_end: Callable[[Ended, BatchResult], None] = lambda ended, result: None,
) -> BatchResult:
    """Run everything in `plan`.

    Parameters
    ----------
    plan
        From `plan_runs`.
    jobs
        Worker processes; default: one a core.
    cell_timeout
        Seconds after which a cell that still runs counts as failed.
    on_end
        Called as each run ends, its page being published.

    Returns
    -------
    BatchResult
        With `stopped_by` where a signal ended the batch; what was published until then stays.

    Raises
    ------
    Refused
        Where another batch is writing to the same pages, or a ledger is damaged.
    """
    result = BatchResult(plan.size)
    under_way: dict[Path, tuple[Analysis, Run]] = {}
    ledgers: dict[Path, dict[str, str]] = {}
    with contextlib.ExitStack() as stack:
        signals = stack.enter_context(_caught_signals())
        for analysis, run in _all_runs(plan):
            base = _base(plan, analysis, run)
            if base not in ledgers:
                ledgers[base] = _opened(base, stack)

        def prepared() -> Iterator[Job]:
            for analysis, run in _all_runs(plan):
                job = _job(plan, analysis, run, cell_timeout)
                under_way[job.staging] = analysis, run
                yield job

        workers = min(jobs or default_workers(), plan.size)
        ends = do_jobs(prepared(), workers=workers, stop=lambda: bool(signals))
        for job, outcome in stack.enter_context(contextlib.closing(ends)):
            analysis, run = under_way.pop(job.staging)
            base = _base(plan, analysis, run)
            failure = _publish(base, analysis, run, job, outcome, ledgers[base])
            repeat = analysis.repeat_command(run, plan.output, Path.cwd())
            ended = Ended(analysis.params.analysis, run, failure, base / run.folder / PAGE, repeat)
            (result.failed if failure else result.done).append(ended)
            on_end(ended, result)
        result.stopped_by = signals[0] if signals and result.left else None
    return result


def _all_runs(plan: Plan) -> Iterator[tuple[Analysis, Run]]:
    for analysis in plan.analyses:
        for run in analysis.runs:
            yield analysis, run


def _base(plan: Plan, analysis: Analysis, run: Run) -> Path:
    return plan.output / run.lang / analysis.params.analysis


def _opened(base: Path, stack: contextlib.ExitStack) -> dict[str, str]:
    """Open the ledger of the pages in `base`, which this batch alone writes until `stack` is closed."""
    base.mkdir(parents=True, exist_ok=True)
    stack.enter_context(sole_writer(base))
    recover(base)
    stack.callback(recover, base)
    return read_ledger(base)


def _job(plan: Plan, analysis: Analysis, run: Run, cell_timeout: int) -> Job:
    params = analysis.params
    return Job(
        notebook_text=analysis.notebook_text,
        parameters=run.parameters,
        staging=stage(_base(plan, analysis, run), run.folder),
        project=params.project,
        head=Head(
            analysis=params.analysis,
            lang=run.lang,
            district=run.district,
            names=run.names,
            parameters=run.parameters,
            version=version(),
            repeat=analysis.repeat_command(run, plan.output, params.project),
            cell_timeout=cell_timeout,
        ),
        cell_timeout=cell_timeout,
    )


def _publish(
    base: Path, analysis: Analysis, run: Run, job: Job, outcome: Outcome | None, ledger: dict[str, str]
) -> Failure | None:
    """Publish what a worker left and write it down; what went wrong, with the notebook or here."""
    try:
        if outcome is None:
            outcome = leave_failure(job, Failure("WorkerDied", "the worker process ended suddenly"))
        publish(base, run.folder)
        ledger[run.district] = as_line(_entry(analysis, run, outcome))
        write_ledger(base, ledger)
        append_timing(
            base, {"district": run.district, "failed": outcome.failure is not None, **outcome.times}
        )
    except Exception as error:  # one page must never end the batch
        return Failure(type(error).__name__, f"the page could not be published: {error}")
    return outcome.failure


def _entry(analysis: Analysis, run: Run, outcome: Outcome) -> dict[str, Any]:
    """Gather what the ledger says of a page."""
    params = analysis.params
    return {
        "district": run.district,
        "names": run.names,
        "folder": run.folder,
        "status": "failed" if outcome.failure else "done",
        "error": str(outcome.failure) if outcome.failure else None,
        "parameters": run.parameters,
        "notebook": params.notebook_path.relative_to(params.project).as_posix(),
        "notebook_sha256": analysis.notebook_sha256,
        "inputs": analysis.inputs,
        "slice_sha256": run.slice_sha256,
        "outputs": outcome.outputs,
        "mchepi_version": version(),
        "commit": analysis.commit,
        "environment_sha256": environment_sha256(),
    }


@contextlib.contextmanager
def _caught_signals() -> Iterator[list[int]]:
    """Collect the signals that ask the batch to stop: between two pages is the time to obey."""
    caught: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield caught
        return
    asked = (signal.SIGINT, signal.SIGTERM)
    before = {signum: signal.signal(signum, lambda number, _: caught.append(number)) for signum in asked}
    try:
        yield caught
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
