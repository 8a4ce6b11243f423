"""Papermill's own engine, with three differences.

The kernel is always the Python that runs the batch; it listens on local sockets instead of ports; and a
notebook whose kernel dies or hangs is kept, with the error in its cell.
"""

from __future__ import annotations

import os
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import from_dict
from papermill.engines import NBClientEngine, papermill_engines
from traitlets import default

NAME = "mchepi"
LONGEST_SOCKET_FOLDER = 48
"""The path of a local socket has at most about 104 characters; its name takes up to 54 of them."""
STARTS = 3
"""How often a kernel that does not come up is started: another program may take one of its ports first."""
LAST_OUTPUT = 60
"""Seconds that the last outputs of a cell may take to arrive; nbclient's 4 are too few on a busy machine."""


class OwnKernelManager(AsyncKernelManager):
    """Starts the interpreter that runs the batch, whatever is registered on the machine as `python3`."""

    @default("kernel_spec_manager")
    def _without_registered_kernels(self) -> KernelSpecManager:
        return KernelSpecManager(parent=self, kernel_dirs=[])

    @default("transport")
    def _local_sockets(self) -> str:
        folder = os.environ.get("JUPYTER_RUNTIME_DIR", "")
        return "ipc" if os.name == "posix" and 0 < len(folder) <= LONGEST_SOCKET_FOLDER else "tcp"


class KeepingEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's engine; a dead or hanging kernel becomes an error of the cell that was running."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
        """Run the cells of the notebook that `nb_man` holds."""
        options |= {
            "kernel_manager_class": OwnKernelManager,
            "record_timing": False,
            "iopub_timeout": LAST_OUTPUT,
        }
        for attempt in range(1, STARTS + 1):
            try:
                super().execute_managed_notebook(nb_man, kernel_name, **options)
            except CellTimeoutError:
                limit = f"the cell took longer than {options['execution_timeout']:g} seconds"
                _note(nb_man, "CellTimeoutError", limit)
            except DeadKernelError:
                _note(nb_man, "DeadKernelError", "the kernel died")
            except RuntimeError:  # the kernel did not come up
                if attempt < STARTS and not _started(nb_man):
                    continue
                raise
            return


def _started(nb_man: Any) -> list[int]:
    """List the positions of the cells that were started."""
    return [
        at for at, cell in enumerate(nb_man.nb.cells) if cell.metadata.papermill["status"] != nb_man.PENDING
    ]


def _note(nb_man: Any, name: str, message: str) -> None:
    """Write an error into the cell that was running: the last that was started."""
    cells = nb_man.nb.cells
    number = _started(nb_man)[-1]
    # Whether the kernel still told the count is a matter of luck.
    cells[number].execution_count = sum(cell.cell_type == "code" for cell in cells[: number + 1])
    # A kernel that is shut down while it hangs may still answer with a KeyboardInterrupt.
    cells[number].outputs = [one for one in cells[number].outputs if one.output_type != "error"]
    error = {"output_type": "error", "ename": name, "evalue": message, "traceback": [f"{name}: {message}"]}
    cells[number].outputs.append(from_dict(error))  # type: ignore[no-untyped-call]
    nb_man.cell_exception(cells[number], cell_index=number)


papermill_engines.register(NAME, KeepingEngine)
