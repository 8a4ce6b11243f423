"""Running a notebook in a forked kernel: papermill's client, nbclient's bookkeeping, a socket pair."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import Iterator
from queue import Empty
from typing import Any

import ipykernel_launcher
from jupyter_client.session import Session
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient

from . import ARGUMENTS
from .client import Address, Forked, ServerLost, fork, standard_files
from .pair import GOODBYE, PUBLISHED, REPLY, REQUEST, Inlet, framed

FAREWELL = 5.0
"""Seconds that a kernel may take to end by itself, as nbclient gives it."""


class Channel:
    """The messages of one kind that have arrived."""

    def __init__(self, client: PairClient) -> None:
        self._client = client
        self._messages: deque[dict[str, Any]] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()

    def put(self, message: dict[str, Any]) -> None:
        """Add a message, and wake who waits for it."""
        self._messages.append(message)
        self.wake()

    def wake(self) -> None:
        """Let those who wait look again."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Take the next message; `Empty` after `timeout` seconds, `DeadKernelError` if there will be none."""
        loop = asyncio.get_running_loop()
        until = None if timeout is None else loop.time() + timeout
        while not self._messages:
            self._client.watch(loop)
            waiting = loop.create_future()
            self._waiting.append(waiting)
            try:
                await asyncio.wait_for(waiting, None if until is None else max(0.0, until - loop.time()))
            except TimeoutError:
                raise Empty from None
        return self._messages.popleft()

    def send(self, message: dict[str, Any]) -> None:
        """Send a request."""
        self._client.send(message)


class PairClient:
    """What nbclient expects of a kernel's client."""

    allow_stdin = False

    def __init__(self, child: Forked, pair: socket.socket) -> None:
        self.child = child
        self.session = Session()
        self.session.key = b""
        self.shell_channel = Channel(self)
        self.iopub_channel = Channel(self)
        self._pair = pair
        self._inlet = Inlet()
        self._loop: asyncio.AbstractEventLoop | None = None

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
        self._pair.setblocking(True)
        with contextlib.suppress(OSError):  # a kernel that is gone is noticed when its answer is awaited
            self._pair.sendall(framed(REQUEST, self.session.serialize(message)))
        return str(message["header"]["msg_id"])

    async def is_alive(self) -> bool:
        """Tell whether the kernel runs."""
        return self.child.returncode is None

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """See to it that what arrives is read while `loop` runs; raise where nothing can arrive any more."""
        if self.child.returncode is not None:
            if self.child.lost:
                raise ServerLost("the fork server ended")
            raise DeadKernelError("Kernel died")
        if self._loop is not loop:
            self.unwatch()
            self._loop = loop
            loop.add_reader(self._pair, self._readable)
            loop.add_reader(self.child.connection, self._ended)

    def unwatch(self) -> None:
        """Leave the loop."""
        if self._loop and not self._loop.is_closed():
            self._loop.remove_reader(self._pair)
            if self.child.connection.fileno() >= 0:
                self._loop.remove_reader(self.child.connection)
        self._loop = None

    def _readable(self) -> bool:
        self._pair.setblocking(False)
        try:
            received = self._pair.recv(2**20)
        except BlockingIOError:
            return False
        except OSError:
            received = b""
        if not received:
            assert self._loop
            self._loop.remove_reader(self._pair)  # its end is told by the server
            return False
        for kind, parts in self._inlet.feed(received):
            _, frames = self.session.feed_identities(parts)
            channel = {PUBLISHED: self.iopub_channel, REPLY: self.shell_channel}[kind]
            channel.put(self.session.deserialize(frames))
        return True

    def _ended(self) -> None:
        """Notice the end of the kernel, after the last that it said."""
        assert self._loop
        self._loop.remove_reader(self.child.connection)
        while self._readable():
            pass
        self.child.poll()
        for channel in (self.shell_channel, self.iopub_channel):
            channel.wake()

    def goodbye(self) -> None:
        """Let the kernel end as it likes, for a while."""
        self.unwatch()
        with contextlib.suppress(OSError):
            self._pair.setblocking(True)
            self._pair.sendall(framed(GOODBYE, []))
        self._pair.setblocking(False)
        self.child.end(FAREWELL, self._pair)


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
                self.kc.unwatch()
                self.kc.child.kill()
            self.kc.goodbye()
            self._ours.close()
