"""Helpers of the fork server's tests: cells run in a forked kernel, and what became of processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from papermill.engines import NotebookExecutionManager
from toy_project import code, notebook

from mchepi.batch.forkserver.client import Address
from mchepi.batch.forkserver.execution import ForkedNotebookClient


def run_cells(address: Address, *sources: str, memory_limit: int | None = None, **options: Any) -> list[Any]:
    """Run code cells in one forked kernel; they come back with their outputs."""
    ran = notebook(*[code(source) for source in sources])
    ran.metadata.papermill = {}
    manager = NotebookExecutionManager(ran, progress_bar=False)
    manager.notebook_start()
    client = ForkedNotebookClient(
        manager, address=address, memory_limit=memory_limit, record_timing=False, iopub_timeout=30, **options
    )
    client.execute()
    return list(ran.cells)


def said(address: Address, *sources: str, **options: Any) -> str:
    """What the last of these cells printed, or its result."""
    return told(run_cells(address, *sources, **options)[-1])


def told(cell: Any) -> str:
    """What a cell printed, its result, or its error."""
    texts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        elif output.output_type == "error":
            texts.append(f"{output.ename}: {output.evalue}")
        else:
            texts.append(output.data["text/plain"])
    return "".join(texts).strip()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def soon(condition: Callable[[], bool], limit: float = 10.0) -> bool:
    """Whether a condition holds before the limit."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def threads_of(pid: int) -> int:
    """How many threads a process has, as the system counts them."""
    return len(os.listdir(f"/proc/{pid}/task"))
