"""Running a notebook in a forked kernel: papermill's client, nbclient's bookkeeping, a socket pair."""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import socket
import time
from collections import deque
from collections.abc import Iterator, Sequence
from queue import Empty
from typing import Any

import ipykernel_launcher
from jupyter_client.session import DELIM, Session
from nbclient.exceptions import (
    CellExecutionComplete,
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)
from nbformat import from_dict
from papermill.clientwrap import PapermillNotebookClient

from . import ARGUMENTS
from .client import Address, Forked, ServerLost, fork, standard_files
from .pair import GOODBYE, PUBLISHED, REPLY, REQUEST, Inlet, framed

FAREWELL = 5.0
"""Seconds that a kernel may take to end by itself, as nbclient gives it."""
LEFT_OUT = frozenset(
    (
        *(
            "coalesce_streams",
            "error_on_timeout",
            "interrupt_on_timeout",
            "on_cell_complete",
            "on_cell_error",
        ),
        *("on_cell_execute", "on_cell_executed", "on_cell_start"),
    )
)
"""Options of nbclient that a started kernel has and a forked one has not."""
PIECE = 2**17


class PairClient:
    """What nbclient expects of a kernel's client: requests go out, messages come in as they were sent."""

    def __init__(self, child: Forked, pair: socket.socket) -> None:
        self.child = child
        self.session = Session()
        self.session.key = b""
        self.shell_channel = self  # through it displays of widgets send
        self._pair = pair
        self._inlet = Inlet()
        self._arrived: deque[tuple[bytes, dict[str, Any]]] = deque()
        self._look = select.poll()
        self._look.register(pair, select.POLLIN)
        self._look.register(child.connection, select.POLLIN)

    def execute(
        self, code: str, silent: bool = False, store_history: bool = True, stop_on_error: bool = True
    ) -> str:
        """Ask for a cell to be run; the id of the request."""
        content = {
            "code": code,
            "silent": silent,
            "store_history": store_history,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": stop_on_error,
        }
        return self.send(self.session.msg("execute_request", content))

    def kernel_info(self) -> str:
        """Ask what the kernel is; the id of the request."""
        return self.send(self.session.msg("kernel_info_request", {}))

    def send(self, message: dict[str, Any]) -> str:
        """Send a request; its id."""
        with contextlib.suppress(OSError):  # a kernel that is gone is noticed when its answer is awaited
            self._pair.sendall(framed(REQUEST, self.session.serialize(message)))
        return str(message["header"]["msg_id"])

    def receive(self, until: float | None = None) -> tuple[bytes, dict[str, Any]]:
        """Take the next message, with its kind.

        Parameters
        ----------
        until
            When to give up, by the monotonic clock; None: never.

        Raises
        ------
        Empty
            Where nothing came until then.
        DeadKernelError
            Where the kernel has ended.
        ServerLost
            Where its server has, and the kernel with it.
        """
        while not self._arrived:
            if self.child.returncode is not None:
                if self.child.lost:
                    raise ServerLost("the fork server ended")
                raise DeadKernelError("Kernel died")
            left = None if until is None else max(0, math.ceil((until - time.monotonic()) * 1000))
            ready = {number for number, _ in self._look.poll(left)}
            if not ready:
                raise Empty
            if self._pair.fileno() in ready:
                self._read()
            else:  # the kernel has ended; what it said before comes first
                while self._read():
                    pass
                self.child.poll()
        return self._arrived.popleft()

    def _read(self) -> bool:
        """Read what there is; tell whether there may be more."""
        try:
            received = self._pair.recv(PIECE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            received = b""
        if not received:
            with contextlib.suppress(KeyError):
                self._look.unregister(self._pair)  # its end is told by the server
            return False
        self._arrived += ((kind, _read_message(parts)) for kind, parts in self._inlet.feed(received))
        return True

    def goodbye(self) -> None:
        """Let the kernel end as it likes, for a while."""
        with contextlib.suppress(OSError):
            self._pair.sendall(framed(GOODBYE, []))
        self._pair.setblocking(False)
        self.child.end(FAREWELL, self._pair)


def _read_message(parts: Sequence[bytes]) -> dict[str, Any]:
    """Read a message as `Session.deserialize` does, but for times, which stay text."""
    at = parts.index(DELIM) + 2  # after it a signature, empty here
    header, parent, metadata, content = (
        json.loads(part.decode("utf-8", "replace")) for part in parts[at : at + 4]
    )
    return {
        "header": header,
        "msg_id": header["msg_id"],
        "msg_type": header["msg_type"],
        "parent_header": parent,
        "metadata": metadata,
        "content": content,
        "buffers": list(parts[at + 4 :]),
    }


class ForkedNotebookClient(PapermillNotebookClient):  # type: ignore[misc]
    """Papermill's client with a forked kernel in place of one that is started.

    Parameters
    ----------
    address
        The fork server.
    memory_limit
        Bytes of memory that the kernel may have.
    """

    def __init__(self, nb_man: Any, *, address: Address, memory_limit: int | None, **options: Any) -> None:
        super().__init__(nb_man, **options)
        ours, theirs = socket.socketpair()
        try:
            with standard_files() as standard:
                child = fork(
                    address,
                    argv=[ipykernel_launcher.__file__, *ARGUMENTS],
                    env=os.environ,
                    cwd=os.getcwd(),
                    memory_limit=memory_limit,
                    standard=standard,
                    pair=theirs,
                )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._ours = ours
        self.kc = PairClient(child, ours)

    @contextlib.contextmanager
    def setup_kernel(self, **_: Any) -> Iterator[None]:
        """Have the kernel for as long as the notebook runs."""
        ended_well = False
        try:
            yield
            ended_well = True
        finally:
            if not ended_well:
                self.kc.child.kill()
            self.kc.goodbye()
            self._ours.close()

    def execute_cell(
        self, cell: Any, cell_index: int, execution_count: int | None = None, store_history: bool = True
    ) -> Any:
        """Run a cell, as nbclient's method of this name does, in one loop that waits for one socket."""
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags:
            return cell
        may_fail = not self.force_raise_errors and (self.allow_errors or "raises-exception" in tags)
        request = self.kc.execute(cell.source, store_history=store_history, stop_on_error=not may_fail)
        self.code_cells_executed += 1
        limit = self.timeout_func(cell) if self.timeout_func else self.timeout
        cell.outputs = []
        self.clear_before_next_output = False
        reply = self._attend(request, cell, cell_index, limit if limit and limit > 0 else None)
        if execution_count:
            cell["execution_count"] = execution_count
        may_fail |= not self.force_raise_errors and reply.get("ename") in self.allow_error_names
        if reply["status"] == "error" and not may_fail:
            raise CellExecutionError.from_cell_and_msg(cell, reply)
        self.nb.cells[cell_index] = cell
        return cell

    def _attend(self, request: str, cell: Any, cell_index: int, limit: float | None) -> Any:
        """Take in what a cell shows until it has ended and all has arrived; the content of its reply."""
        until = None if limit is None else time.monotonic() + limit
        reply, is_complete = None, False
        while reply is None or not is_complete:
            try:
                kind, message = self.kc.receive(until)
            except Empty:
                if reply is None:
                    raise _too_long("Cell execution timed out", limit, cell) from None
                if self.raise_on_iopub_timeout:
                    raise _too_long("Timeout waiting for IOPub output", self.iopub_timeout, cell) from None
                return reply
            if message["parent_header"].get("msg_id") != request:
                continue
            if kind == REPLY:
                reply = message["content"]
                until = None if self.iopub_timeout is None else time.monotonic() + self.iopub_timeout
            elif kind == PUBLISHED and not is_complete:
                try:
                    self.process_message(message, cell, cell_index)
                except CellExecutionComplete:
                    is_complete = True
        return reply

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Take in an output, as nbclient's method of this name does; most need no schema to be valid."""
        is_usual = not (
            display_id
            or self.clear_before_next_output
            or self.output_hook_stack.get(msg["parent_header"].get("msg_id"))
        )
        if is_usual and (output := plain_output(msg)):
            outs.append(output)
            return output
        return super().output(outs, msg, display_id, cell_index)

    def wait_for_reply(self, request: str, cell: Any = None) -> Any:
        """Wait for the answer to a request, as nbclient's method of this name does."""
        while True:
            kind, message = self.kc.receive()
            if kind == REPLY and message["parent_header"].get("msg_id") == request:
                return message


def _too_long(words: str, limit: float | None, cell: Any) -> CellTimeoutError:
    return CellTimeoutError.error_from_timeout_and_cell(words, limit, cell)  # type: ignore[arg-type]


def plain_output(message: dict[str, Any]) -> Any:
    """Make the output that nbformat makes of a message of text alone, which must be valid; of others None."""
    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        made = {"name": content.get("name"), "text": content.get("text")}
        is_text = all(isinstance(each, str) for each in made.values())
    elif kind in ("display_data", "execute_result"):
        made = {"metadata": content.get("metadata"), "data": content.get("data")}
        is_text = all(isinstance(each, dict) for each in made.values())
        is_text = is_text and all(isinstance(each, str) for each in made["data"].values())
        if kind == "execute_result":
            made["execution_count"] = content.get("execution_count")
            is_text = is_text and isinstance(made["execution_count"], int)
    else:
        return None
    return from_dict({"output_type": kind, **made}) if is_text else None  # type: ignore[no-untyped-call]
