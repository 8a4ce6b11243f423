"""A batch in a process of its own that is killed, and what is looked at afterwards."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from mchepi.batch.ledger import read_ledger

MARK = "MCHEPI_FAULT_TEST"
PATIENCE = 30.0
"""Seconds that processes may take to end on a busy machine."""
SCRIPT = """\
import sys
sys.path.insert(0, {tests!r})
if __name__ == "__main__":
    from toy_project import open_rows
    from mchepi.batch import plan_runs, run_batch
    result = run_batch(plan_runs(["params/toy.yaml"], open_dataset=open_rows, output={output!r}), jobs=2)
    print(result.stopped_for)
    sys.exit(0 if not result.left and not result.failed else 1)
"""


def start(project: Path, output: str = "outputs") -> subprocess.Popen[bytes]:
    """Start the batch of the toy project, two pages at a time."""
    script = project / f"{output}.py"
    script.write_text(SCRIPT.format(tests=str(Path(__file__).parent), output=output), "utf-8")
    with (project / "errors.txt").open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, str(script)],
            cwd=project,
            env={**os.environ, MARK: str(project)},
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )


def processes(project: Path) -> dict[int, str]:
    """Every living process of the project's batches: runner, worker, server, kernel or other."""
    found, parents = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if f"{MARK}={project}".encode() not in (entry / "environ").read_bytes().split(b"\0"):
                    continue
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state not in "ZX":
                    found[int(entry.name)] = (entry / "cmdline").read_text()
                    parents[int(entry.name)] = int(parent)
    return {pid: _role(pid, found, parents) for pid in found}


def _role(pid: int, commands: dict[int, str], parents: dict[int, int]) -> str:
    command = commands[pid]
    if "spawn_main" in command:
        return "worker"
    if "forkserver" in command:
        # A forked kernel has its server's command.
        return "kernel" if "forkserver" in commands.get(parents[pid], "") else "server"
    return "runner" if command.rstrip("\0").endswith(".py") else "other"


def all_gone(project: Path) -> bool:
    """Wait until no process of the project's batches is left."""
    until = time.monotonic() + PATIENCE
    while processes(project):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def kill(pid: int, number: int = signal.SIGKILL) -> bool:
    """Send a signal; whether the process was still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


def contents(output: Path) -> dict[str, bytes]:
    """All files below the output folder except the times and how files looked when they were compared."""
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file() and path.name not in ("timings.jsonl", "stamps.json")
    }


def finished(base: Path, keys: Collection[str] | None = None) -> dict[str, int]:
    """The districts whose pages are as the ledger says, with the number of the folder that holds each.

    With `keys`, only pages that have one of them.
    """
    done = {}
    for district, line in read_ledger(base).items():
        entry = json.loads(line)
        page = base / entry["folder"]
        is_current = entry["status"] == "done" and (keys is None or entry["key"] in keys)
        if is_current and hashes(page) == entry["outputs"]:
            done[district] = page.stat().st_ino
    return done


def hashes(page: Path) -> dict[str, str]:
    """The hashes of a page's files."""
    return {
        path.relative_to(page).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in page.rglob("*")
        if path.is_file()
    }


def half_written(base: Path) -> Iterator[Path]:
    """The published files that do not end as they should."""
    for page in base.iterdir():
        if page.is_dir() and not page.name.startswith("."):
            if not (page / "report.html").read_text("utf-8").endswith("</html>\n"):
                yield page / "report.html"
            if not (page / "notebook.ipynb").read_text("utf-8").endswith("}\n"):
                yield page / "notebook.ipynb"
