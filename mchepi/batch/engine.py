"""Papermill's engines for a batch: a kernel forked from a warm server, or one that is started as ever.

Both keep a notebook whose kernel dies or takes too long, with the error in its cell. The second differs from
papermill's engine in that its kernel is always the Python that runs the batch, and listens on local sockets
instead of ports.
"""

from __future__ import annotations

import atexit
import functools
import logging
import os
import time
from collections.abc import Callable
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import from_dict
from papermill.engines import NBClientEngine, papermill_engines
from traitlets import Integer, default
from traitlets.config import Config

from .forkserver.client import Address, ServerLost, Servers, Unavailable, kind_of

NAME = "mchepi"
PLAIN = "mchepi-plain"
LONGEST_SOCKET_FOLDER = 48
"""The path of a local socket has at most about 104 characters; its name takes up to 54 of them."""
STARTS = 3
"""How often a kernel that does not come up is started: another program may take one of its ports first."""
LAST_OUTPUT = 60
"""Seconds that the last outputs of a cell may take to arrive; nbclient's 4 are too few on a busy machine."""

logger = logging.getLogger(__name__)


class OwnKernelManager(AsyncKernelManager):
    """Starts the interpreter that runs the batch, whatever is registered on the machine as `python3`."""

    memory_limit = Integer(0, config=True, help="bytes of memory that the kernel may have; 0: any")

    @default("kernel_spec_manager")
    def _without_registered_kernels(self) -> KernelSpecManager:
        return KernelSpecManager(parent=self, kernel_dirs=[])

    @default("transport")
    def _local_sockets(self) -> str:
        folder = os.environ.get("JUPYTER_RUNTIME_DIR", "")
        return "ipc" if os.name == "posix" and 0 < len(folder) <= LONGEST_SOCKET_FOLDER else "tcp"

    async def _async_launch_kernel(self, kernel_cmd: list[str], **options: Any) -> None:
        if self.memory_limit and os.name == "posix":
            options["preexec_fn"] = functools.partial(_limit_memory, self.memory_limit)
        await super()._async_launch_kernel(kernel_cmd, **options)


def _limit_memory(limit: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


class Clock:
    """How long the next cell may take: its own limit, or what is left of the notebook's."""

    def __init__(self, cell: float | None, notebook: float | None) -> None:
        self._cell = cell
        self._notebook = notebook
        self._end = time.monotonic() + notebook if notebook else None
        self._by_notebook = False

    def limit(self, _cell: Any) -> float | None:
        """Give the seconds for the next cell; None for as many as it likes."""
        left = None if self._end is None else max(0.001, self._end - time.monotonic())
        self._by_notebook = left is not None and (not self._cell or left < self._cell)
        return left if self._by_notebook else self._cell

    def error(self) -> tuple[str, str]:
        """Name the limit that was passed, and say what it is."""
        if self._by_notebook:
            return "NotebookTimeoutError", f"the notebook took longer than {self._notebook:g} seconds"
        return "CellTimeoutError", f"the cell took longer than {self._cell:g} seconds"


class KeepingEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's engine; a dead or hanging kernel becomes an error of the cell that was running."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        execution_timeout: float | None = None,
        notebook_timeout: float | None = None,
        memory_limit: int | None = None,
        **options: Any,
    ) -> None:
        """Run the cells of the notebook that `nb_man` holds.

        Parameters
        ----------
        execution_timeout
            Seconds after which a cell that still runs counts as failed.
        notebook_timeout
            Seconds after which the notebook counts as failed in the cell that is running.
        memory_limit
            Bytes of memory that the kernel may have.
        """
        clock = Clock(execution_timeout, notebook_timeout)
        options |= {"record_timing": False, "iopub_timeout": LAST_OUTPUT, "timeout_func": clock.limit}
        try:
            cls._run(nb_man, kernel_name, memory_limit, options)
        except CellTimeoutError:
            _note(nb_man, *clock.error())
        except DeadKernelError:
            _note(nb_man, "DeadKernelError", "the kernel died")

    @classmethod
    def _run(cls, nb_man: Any, kernel_name: str, memory_limit: int | None, options: dict[str, Any]) -> None:
        """Run them in a kernel that is started."""
        run: Callable[..., None] = super().execute_managed_notebook
        config = Config({"OwnKernelManager": {"memory_limit": memory_limit or 0}})
        for attempt in range(1, STARTS + 1):
            try:
                run(nb_man, kernel_name, kernel_manager_class=OwnKernelManager, config=config, **options)
            except (CellTimeoutError, DeadKernelError):
                raise
            except RuntimeError:  # the kernel did not come up
                if attempt < STARTS and not _started(nb_man):
                    continue
                raise
            return


class ForkingEngine(KeepingEngine):
    """Runs a notebook in a kernel that a fork server makes; where none can be had, it starts one and says so.

    With `address` in the options that server is asked and no other: its absence is then an error,
    `Unavailable` or `ServerLost`, and the caller decides.
    """

    @classmethod
    def _run(cls, nb_man: Any, kernel_name: str, memory_limit: int | None, options: dict[str, Any]) -> None:
        address: Address | None = options.pop("address", None)
        try:
            _run_forked(nb_man, address or _own_server(nb_man, kernel_name), memory_limit, options)
        except Unavailable as reason:
            if address:
                raise
            logger.warning("The notebook runs in a kernel of its own (plain papermill): %s.", reason)
            super()._run(nb_man, kernel_name, memory_limit, options)
        except ServerLost:
            if address:
                raise
            raise DeadKernelError("Kernel died") from None


@functools.cache
def _servers() -> Servers:
    """The servers of a process that runs papermill by itself; they end with it."""
    servers = Servers()
    atexit.register(servers.close)
    return servers


def _own_server(nb_man: Any, kernel_name: str) -> Address:
    if kernel_name != "python3":
        raise Unavailable(f"its kernel is {kernel_name!r}")
    return _servers().address(kind_of(nb_man.nb.cells))


def _run_forked(nb_man: Any, address: Address, memory_limit: int | None, options: dict[str, Any]) -> None:
    from papermill.log import logger as papermill_log

    from .forkserver.execution import LEFT_OUT, ForkedNotebookClient

    if left_out := LEFT_OUT & options.keys():
        raise Unavailable(f"a forked one does not know {min(left_out)}")
    unused = ("input_path", "start_timeout", "timeout", "startup_timeout")
    wanted = {name: value for name, value in options.items() if name not in unused}
    ForkedNotebookClient(
        nb_man, address=address, memory_limit=memory_limit, log=papermill_log, **wanted
    ).execute()


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


papermill_engines.register(NAME, ForkingEngine)
papermill_engines.register(PLAIN, KeepingEngine)
