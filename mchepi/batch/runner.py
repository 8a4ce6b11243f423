"""The batch: every run of a plan in worker processes, each page published and recorded as it ends."""

from __future__ import annotations

import contextlib
import errno
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .events import Event, Kind
from .executors import LOCAL, ExecutorLost, choose_executor, workers_of
from .keys import key_of
from .limits import USUAL, Limits
from .page import Failure, Head
from .plan import Analysis, Plan, Run
from .provenance import environment_sha256, version
from .selection import Select, choose
from .shelf import Shelf, open_shelf
from .worker import PAGE, Job, Outcome, leave_failure

FULL = {errno.ENOSPC: "no space is left on the disk", errno.EDQUOT: "the disk quota is used up"}


class DiskFull(Exception):
    """Why no further page can be made: neither a fault of this page nor one of its notebook."""


@dataclass(frozen=True, slots=True)
class Ended:
    """One run that ended: what stopped it (None: nothing), and the command that repeats it if it failed."""

    analysis: str
    run: Run
    failure: Failure | None
    base: Path
    repeat: str = ""

    @property
    def page(self) -> Path:
        """Its page."""
        return self.base / self.run.folder / PAGE


@dataclass
class BatchResult:
    """What became of a batch."""

    total: int
    done: list[Ended] = field(default_factory=list)
    failed: list[Ended] = field(default_factory=list)
    skipped: int = 0
    stopped_by: int | None = None
    stopped_for: str | None = None

    @property
    def left(self) -> int:
        """How many runs have not ended."""
        return self.total - len(self.done) - len(self.failed) - self.skipped


def run_batch(
    plan: Plan,
    *,
    jobs: int | None = None,
    limits: Limits = USUAL,
    select: Select = "changed",
    verify: bool = False,
    executor: str = LOCAL,
    fork: bool = True,
    on_event: Callable[[Event], None] = lambda event: None,
) -> BatchResult:
    """Run everything in `plan`.

    Parameters
    ----------
    plan
        From `plan_runs`.
    jobs
        Worker processes; default: as many as cores and free memory allow.
    limits
        What each notebook may use.
    select
        `changed`: pages whose key changed, that failed, or whose files are not as they were published;
        `all`: every page; `failed`: only pages that failed.
    verify
        Whether to read every file of the finished pages, also those that look untouched since they were last
        compared with the ledger.
    executor
        Where notebooks run: an address for `choose_executor`.
    fork
        Whether notebooks run in kernels forked from a warm server, where the system can do that.
    on_event
        Called with each event as it happens; a page that is told as ended is published.

    Returns
    -------
    BatchResult
        With `stopped_by` where a signal ended the batch, `stopped_for` where the disk became full or
        the executor was lost; what was published until then stays.

    Raises
    ------
    Refused
        Where another batch is writing to the same pages, a ledger is damaged, or there is no such executor.
    """
    result = BatchResult(plan.size)
    under_way: dict[Path, tuple[Shelf, Analysis, Run]] = {}
    trouble: list[str] = []
    reason: str | None = None

    def tell(kind: Kind, **more: Any) -> None:
        on_event(Event(kind, len(result.done), len(result.failed), result.skipped, result.left, **more))

    do_jobs = choose_executor(executor)
    with contextlib.ExitStack() as stack:
        signals = stack.enter_context(_caught_signals())
        shelves = {base: stack.enter_context(open_shelf(base)) for base in _bases(plan)}
        wanted: list[tuple[Shelf, Analysis, Run]] = []
        unchanged: list[tuple[Shelf, Analysis, Run]] = []
        for analysis in plan.analyses:
            for lang in analysis.languages:
                shelf = shelves[plan.base(analysis, lang)]
                for district in shelf.withdraw(analysis, lang):
                    tell("removed", analysis=analysis.params.analysis, lang=lang, district=district)
                for run, is_wanted in choose(
                    select, analysis, lang, shelf, verify=verify, stop=lambda: bool(signals)
                ):
                    (wanted if is_wanted else unchanged).append((shelf, analysis, run))

        workers = workers_of(executor, len(wanted), asked=jobs, memory_limit=limits.memory_limit)
        pages = dict.fromkeys((each.params.analysis for each in plan.analyses), 0)
        for _, analysis, _ in wanted:
            pages[analysis.params.analysis] += 1
        tell("start", pages=pages, workers=workers.count or None, why=workers.why)
        for shelf, analysis, run in unchanged:
            result.skipped += 1
            tell("skipped", **_which(analysis, run), page=str(shelf.base / run.folder / PAGE))
        del unchanged

        def prepared() -> Iterator[Job]:
            for shelf, analysis, run in wanted:
                try:
                    job = _job(plan, shelf, analysis, run, limits)
                except OSError as error:
                    trouble.append(FULL.get(error.errno or 0, str(error)))
                    return
                under_way[job.staging] = shelf, analysis, run
                tell("started", **_which(analysis, run))
                yield job

        ends = do_jobs(prepared(), workers=workers.count, stop=lambda: bool(signals or trouble), fork=fork)
        stack.enter_context(contextlib.closing(ends))
        for job, outcome in _until_lost(ends, trouble):
            shelf, analysis, run = under_way.pop(job.staging)
            try:
                failure = _publish(shelf, analysis, run, job, outcome)
            except DiskFull as error:
                trouble.append(str(error))
                continue
            repeat = analysis.repeat_command(run, plan.output, Path.cwd()) if failure else ""
            ended = Ended(analysis.params.analysis, run, failure, shelf.base, repeat)
            (result.failed if failure else result.done).append(ended)
            told = {**_which(analysis, run), "page": str(ended.page), "seconds": _seconds(outcome)}
            if failure:
                tell("failed", **told, error=str(failure), repeat=repeat)
            else:
                tell("done", **told)
        if result.left and signals:
            result.stopped_by = signals[0]
            reason = signal.Signals(signals[0]).name
        elif result.left and trouble:
            result.stopped_for = reason = trouble[0]
        if reason:
            tell("stopped", reason=reason)
    tell("end", reason=reason)
    return result


def _until_lost(
    ends: Iterator[tuple[Job, Outcome | None]], trouble: list[str]
) -> Iterator[tuple[Job, Outcome | None]]:
    """Hand on what ends, until the executor is lost; that is trouble."""
    try:
        yield from ends
    except ExecutorLost as lost:
        trouble.append(str(lost))


def _which(analysis: Analysis, run: Run) -> dict[str, Any]:
    """Name a page in an event."""
    return {
        "analysis": analysis.params.analysis,
        "lang": run.lang,
        "district": run.district,
        "names": run.names,
    }


def _seconds(outcome: Outcome | None) -> float | None:
    return outcome.times.get("seconds") if outcome else None


def _bases(plan: Plan) -> Iterator[Path]:
    for analysis in plan.analyses:
        for lang in analysis.languages:
            yield plan.base(analysis, lang)


def _job(plan: Plan, shelf: Shelf, analysis: Analysis, run: Run, limits: Limits) -> Job:
    params = analysis.params
    return Job(
        notebook_text=analysis.notebook_text,
        parameters=run.parameters,
        staging=shelf.stage(run.folder),
        project=params.project,
        head=Head(
            analysis=params.analysis,
            lang=run.lang,
            district=run.district,
            names=run.names,
            parameters=run.parameters,
            version=version(),
            repeat=analysis.repeat_command(run, plan.output, params.project),
            by_hand=analysis.by_hand_command(run, plan.output, params.project),
            cell_timeout=limits.cell_timeout,
            notebook_timeout=limits.notebook_timeout,
            memory_limit=limits.memory_limit,
        ),
        cell_timeout=limits.cell_timeout,
        key=key_of(analysis.key_parts(run)),
        notebook_timeout=limits.notebook_timeout,
        memory_limit=limits.memory_limit,
        ready=analysis.ready,
    )


def _publish(shelf: Shelf, analysis: Analysis, run: Run, job: Job, outcome: Outcome | None) -> Failure | None:
    """Publish what a worker left and write it down; what went wrong, with the notebook or here."""
    try:
        if outcome is None:
            outcome = leave_failure(job, Failure("WorkerDied", "the worker process ended suddenly"))
        if outcome.failure:
            _refuse_full_disk(outcome.failure)
            if not outcome.outputs:
                return outcome.failure
        entry = _entry(analysis, run, job.key, outcome)
        times = {"district": run.district, "failed": outcome.failure is not None, **outcome.times}
        shelf.publish(run.folder, job.staging, entry, times)
    except DiskFull:
        raise
    except Exception as error:  # one page must never end the batch
        failure = Failure(type(error).__name__, f"the page could not be published: {error}")
        _refuse_full_disk(failure)
        return failure
    return outcome.failure


def _refuse_full_disk(failure: Failure) -> None:
    """Raise DiskFull where this is what the failure says, wherever in the machine it was noticed."""
    for number, words in FULL.items():
        if failure.name == "OSError" and f"[Errno {number}]" in failure.message:
            raise DiskFull(words)


def _entry(analysis: Analysis, run: Run, key: str, outcome: Outcome) -> dict[str, Any]:
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
        "key": key,
        "key_parts": analysis.key_parts(run),
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
