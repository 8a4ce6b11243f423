"""Where a notebook runs when servers are lost or refuse, and that both kinds of kernel fail alike."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import papermill
import pytest
from toy_project import code, notebook

from mchepi.batch import engine, pool
from mchepi.batch.engine import Clock
from mchepi.batch.forkserver import unsupported
from mchepi.batch.forkserver.client import Address, ServerGone, ServerLost, Servers, Unavailable
from mchepi.batch.warm import Warm
from mchepi.batch.worker import ONE_THREAD, Outcome

GIVEN, OWN = Address("given", ""), Address("own", "")


class Kept:
    """Stands in for the servers of a process."""

    def address(self, kind: str, **_: Any) -> Address:
        return OWN


def warm(wanted: bool = True) -> Warm:
    return Warm({}, wanted, Kept())  # type: ignore[arg-type]


def attempts(
    *ends: Exception | None, wanted: bool = True, given: Address | None = GIVEN
) -> tuple[Any, list[Any]]:
    """What came of running something whose attempts end like this, and what was tried."""
    tried: list[Any] = []
    left = iter(ends)

    def run(address: Address | None) -> str:
        tried.append(address)
        if end := next(left):
            raise end
        return "done"

    return warm(wanted).run("kind", given, run, lambda: tried.append("emptied")), tried


def test_the_runners_server_comes_first_then_our_own_then_a_kernel_that_is_started():
    assert attempts(None) == (("done", None), [GIVEN])
    assert attempts(ServerLost("lost"), None) == (("done", None), [GIVEN, "emptied", OWN])
    assert attempts(ServerGone("gone"), ServerLost("lost"), None) == (
        ("done", "lost"),
        [GIVEN, "emptied", OWN, "emptied", None],
    )
    assert attempts(None, given=None) == (("done", None), [OWN])


def test_a_refusal_is_final_and_no_server_is_asked_that_is_not_wanted():
    assert attempts(Unavailable("hidden"), None) == (("done", "hidden"), [GIVEN, None])
    assert attempts(None, wanted=False) == (("done", None), [None])


def test_errors_of_the_notebook_are_not_tried_again():
    with pytest.raises(ZeroDivisionError):
        attempts(ZeroDivisionError())


def test_kernels_that_are_started_are_announced_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    why = "warm kernels are forked on Linux only; this is win32"
    monkeypatch.setattr(pool, "_start", lambda *_: SimpleNamespace(connection=os.pipe()[0], job=None))
    monkeypatch.setattr(pool, "_give", lambda worker, job, address: setattr(worker, "job", job))
    monkeypatch.setattr(pool, "wait", lambda ready, _: ready)
    monkeypatch.setattr(pool, "_received", lambda worker: Outcome(plain=why))
    monkeypatch.setattr(pool, "_address", lambda *_: None)
    monkeypatch.setattr(pool, "_end", lambda team: None)
    with caplog.at_level(logging.WARNING):
        assert len(list(pool.do_jobs(["a", "b", "c"], workers=1, stop=lambda: False))) == 3  # type: ignore[list-item]
    assert [record.getMessage() for record in caplog.records] == [
        f"Notebooks run in kernels that are started one by one (plain papermill): {why}."
    ]


def test_the_clock_names_the_limit_that_was_passed(monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr(engine.time, "monotonic", lambda: now[0])
    clock = Clock(30, 50)
    assert clock.limit(None) == 30
    assert clock.error() == ("CellTimeoutError", "the cell took longer than 30 seconds")
    now[0] = 140.0
    assert clock.limit(None) == 10
    assert clock.error() == ("NotebookTimeoutError", "the notebook took longer than 50 seconds")
    now[0] = 190.0
    assert 0 < clock.limit(None) < 0.1
    assert Clock(None, None).limit(None) is None


# --- both kinds of kernel ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with Servers() as started:
        yield started


FAILURES = [
    ("exit", "import os; os._exit(3)", {}, ("DeadKernelError", "the kernel died")),
    (
        "cell",
        "import time; print('begun', flush=True); time.sleep(99)",
        {"execution_timeout": 2},
        ("CellTimeoutError", "the cell took longer than 2 seconds"),
    ),
    (
        "notebook",
        "import time; time.sleep(99)",
        {"execution_timeout": 60, "notebook_timeout": 3},
        ("NotebookTimeoutError", "the notebook took longer than 3 seconds"),
    ),
    ("memory", "x = bytearray(10**9)", {"memory_limit": 8 * 10**8}, ("MemoryError", "")),
    ("sys.exit", "import sys; sys.exit('so')", {}, ("SystemExit", "so")),
    (
        "input",
        "input()",
        {},
        (
            "StdinNotImplementedError",
            "raw_input was called, but this frontend does not support input requests.",
        ),
    ),
]


@pytest.mark.skipif(unsupported() is not None, reason=str(unsupported()))
@pytest.mark.parametrize("way", ["forked", "started"])
@pytest.mark.parametrize(("name", "source", "limits", "expected"), FAILURES, ids=[one[0] for one in FAILURES])
def test_both_kinds_of_kernel_fail_alike(
    servers: Servers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    name: str,
    source: str,
    limits: dict[str, Any],
    expected: tuple[str, str],
):
    for variable in ONE_THREAD:
        monkeypatch.setenv(variable, "1")
    monkeypatch.chdir(tmp_path)
    address = {"address": servers.address("failures", modules=["IPython"])} if way == "forked" else {}
    with pytest.raises(papermill.PapermillExecutionError) as raised:
        papermill.execute_notebook(
            notebook(code("1"), code(source), code("2")),
            "ran.ipynb",
            engine_name=engine.NAME if address else engine.PLAIN,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            **limits,
            **address,
        )
    assert (raised.value.ename, raised.value.evalue) == expected
    assert raised.value.exec_count == 2
    if name == "cell":
        ran = papermill.iorw.load_notebook_node("ran.ipynb")
        stopped = next(cell for cell in ran.cells if cell.get("execution_count") == 2)
        assert stopped.outputs[0].text == "begun\n"


@pytest.mark.skipif(unsupported() is not None, reason=str(unsupported()))
def test_an_option_that_a_forked_kernel_does_not_know_starts_one(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    heard: list[int] = []
    options = {"on_cell_executed": lambda cell, cell_index, execute_reply: heard.append(cell_index)}
    address = servers.address("failures", modules=["IPython"])
    monkeypatch.setattr(engine, "_own_server", lambda *_: address)
    ran = papermill.execute_notebook(
        notebook(code("1"), code("2")),
        None,
        engine_name=engine.NAME,
        kernel_name="python3",
        progress_bar=False,
        **options,
    )
    assert [cell.outputs[0].data["text/plain"] for cell in ran.cells] == ["1", "2"]
    assert heard == [0, 1]
    assert "a forked one does not know on_cell_executed" in caplog.text
    with pytest.raises(Unavailable):
        papermill.execute_notebook(
            notebook(code("1")),
            None,
            engine_name=engine.NAME,
            kernel_name="python3",
            progress_bar=False,
            address=address,
            **options,
        )
