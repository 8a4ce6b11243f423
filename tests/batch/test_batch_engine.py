"""The engine around papermill's: a kernel that does not come up is started again, one that ran is not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine
from toy_project import code, notebook

from mchepi.batch.engine import STARTS, KeepingEngine


class Manager(SimpleNamespace):
    """What papermill hands an engine, as far as ours looks at it."""

    PENDING = "pending"

    def cell_exception(self, cell: object, cell_index: int) -> None:
        self.failed = cell_index


@pytest.fixture
def manager() -> Manager:
    cells = [code("a"), code("b"), code("c")]
    for cell in cells:
        cell.metadata.papermill = {"status": "pending"}
    return Manager(nb=notebook(*cells), failed=None)


def run(
    monkeypatch: pytest.MonkeyPatch, manager: Manager, *errors: Exception | None, started: int = 0
) -> int:
    """Count the attempts with a papermill that answers with these errors, having started some cells."""
    attempts = iter(errors)
    used = []

    def papermills(nb_man: Manager, kernel_name: str, **options: object) -> None:
        error = next(attempts)
        used.append(error)
        for cell in nb_man.nb.cells[:started]:
            cell.metadata.papermill["status"] = "completed"
        if error:
            raise error

    monkeypatch.setattr(NBClientEngine, "execute_managed_notebook", papermills)
    KeepingEngine.execute_managed_notebook(manager, "python3", execution_timeout=5)
    return len(used)


def test_a_kernel_that_does_not_come_up_is_started_again(monkeypatch: pytest.MonkeyPatch, manager: Manager):
    lost = RuntimeError("Kernel died before replying to kernel_info")
    assert run(monkeypatch, manager, lost, None) == 2
    with pytest.raises(RuntimeError, match="before replying"):
        run(monkeypatch, manager, *[lost] * STARTS)


def test_cells_that_ran_are_not_run_again(monkeypatch: pytest.MonkeyPatch, manager: Manager):
    with pytest.raises(RuntimeError, match="lost"):
        run(monkeypatch, manager, RuntimeError("lost"), None, started=1)


@pytest.mark.parametrize(
    ("error", "name", "message"),
    [
        (DeadKernelError("Kernel died"), "DeadKernelError", "the kernel died"),
        (CellTimeoutError("late"), "CellTimeoutError", "the cell took longer than 5 seconds"),
    ],
)
def test_a_dead_or_hanging_kernel_is_an_error_of_its_cell(
    monkeypatch: pytest.MonkeyPatch, manager: Manager, error: Exception, name: str, message: str
):
    assert run(monkeypatch, manager, error, started=2) == 1
    assert manager.failed == 1
    (output,) = manager.nb.cells[1].outputs
    assert (output.ename, output.evalue) == (name, message)
    assert manager.nb.cells[1].execution_count == 2
