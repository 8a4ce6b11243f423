"""The other side of a fork server: starting one, asking it for a child, watching over the child."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import selectors
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any

from . import STATE, command, unsupported, wire

START_LIMIT = 60.0
"""Seconds that a server may take to answer: it may be importing."""
PATIENCE = 10.0
"""Seconds that it may take to pass a signal on."""
ATTEMPTS = 3
BACKLOG = 128
PASSING = re.compile(r"(JPY_|JUPYTER_).*|PWD|OLDPWD|SHLVL|_|PYTEST_CURRENT_TEST")
"""Settings that differ from one kernel to the next and that nobody reads as they are imported."""


Call = tuple[str, tuple[str, ...]]
"""A function, as `module:name`, and what it is called with."""


class Unavailable(Exception):
    """No child can be had; the message says why."""


class ServerGone(Unavailable):
    """There is no server at that address."""


class ServerLost(Exception):
    """The server ended while its child was running."""


def kind_of(cells: Iterable[Mapping[str, Any]]) -> str:
    """Name what notebooks with the same code have in common, whatever parameters were put into them."""
    code = [
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "code" and "injected-parameters" not in cell["metadata"].get("tags", [])
    ]
    return hashlib.sha256(json.dumps(code).encode()).hexdigest()


@dataclass(frozen=True)
class Address:
    """Where a server answers."""

    path: str
    log: str


class Forked:
    """A child of a fork server, with the manners of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.connection = connection
        self.returncode: int | None = None
        self.lost = False

    def poll(self) -> int | None:
        """Tell the exit code, negative for a signal; None while the child runs."""
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code; `TimeoutExpired` after `timeout` seconds."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(["fork"], timeout or 0.0)
        return code

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            try:
                self.connection.settimeout(timeout)
                message, _ = wire.receive(self.connection)
                self.returncode = int(message["exit"])
            except (BlockingIOError, TimeoutError):
                return None
            except wire.Closed:
                self.returncode, self.lost = -9, True
            self.connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the child and all that it started."""
        if self.poll() is None:
            with contextlib.suppress(wire.Closed):
                self.connection.settimeout(PATIENCE)
                wire.send(self.connection, {"signal": int(number)})

    def end(self, patience: float, meanwhile: socket.socket) -> None:
        """Wait for the child to end by itself, for `patience` seconds, deaf to what it says meanwhile."""
        if self.poll() is not None:
            return
        until = time.monotonic() + patience
        with selectors.DefaultSelector() as both, contextlib.suppress(OSError):
            both.register(self.connection, selectors.EVENT_READ)
            both.register(meanwhile, selectors.EVENT_READ)
            while self.poll() is None and (left := until - time.monotonic()) > 0:
                for key, _ in both.select(left):
                    if key.fileobj is meanwhile and not meanwhile.recv(2**20):
                        both.unregister(meanwhile)
        self.kill()
        self.wait()

    def terminate(self) -> None:
        """Ask the child to end."""
        self.send_signal(15)

    def kill(self) -> None:
        """End the child at once."""
        self.send_signal(9)


@contextlib.contextmanager
def standard_files(*given: Any) -> Iterator[list[int]]:
    """Open what a started kernel has: no input; as output and errors what is given, or ours if there are any.

    Parameters
    ----------
    given
        Where output and errors are to go, as `subprocess.Popen` takes it.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        yield [nothing, *(_number(file, usual, nothing) for file, usual in zip_longest(given, (1, 2)))]
    finally:
        os.close(nothing)


def _number(file: Any, usual: int, nothing: int) -> int:
    number = usual if file is None else file if isinstance(file, int) else file.fileno()
    return number if number >= 0 and _is_open(number) else nothing


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def fork(
    address: Address,
    *,
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
    memory_limit: int | None = None,
    standard: Sequence[int],
    pair: socket.socket | None = None,
) -> Forked:
    """Ask the server at `address` for a child.

    Raises
    ------
    Unavailable
        Where there is no server, or where it refuses.
    """
    request = {"argv": list(argv), "env": dict(env), "cwd": cwd, "memory_limit": memory_limit}
    descriptors = [*standard, *([pair.fileno()] if pair else [])]
    for left in reversed(range(ATTEMPTS)):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(START_LIMIT)
            connection.connect(address.path)
            wire.send(connection, request, descriptors)
            answer, _none = wire.receive(connection)
        except (OSError, ValueError) as error:
            connection.close()
            if left and isinstance(error, wire.Closed):  # it may be starting itself anew
                continue
            raise ServerGone(_why(address, error)) from error
        if "pid" in answer:
            return Forked(answer["pid"], connection)
        connection.close()
        if "refused" in answer:
            raise Unavailable(answer["refused"])
    raise Unavailable("packages change faster than the fork server can load them")


def _why(address: Address, error: Exception) -> str:
    """Say why a server does not answer: the last line that it wrote, if there is one."""
    with contextlib.suppress(OSError):
        lines = Path(address.log).read_text("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        if last:
            return f"the fork server ended: {last}"
    return f"the fork server does not answer: {error or type(error).__name__}"


class Servers:
    """The fork servers that a process has started, one for each kind of notebook; they end with it.

    Parameters
    ----------
    most
        How many are kept; the one that was not asked for the longest goes first.
    """

    def __init__(self, most: int = 2) -> None:
        self._most = most
        self._started: dict[str, tuple[Address, subprocess.Popen[bytes]]] = {}
        self._folder: str | None = None

    def __enter__(self) -> Servers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def address(
        self,
        kind: str,
        *,
        modules: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        ready: Call | None = None,
    ) -> Address:
        """Give the address of the server for notebooks of this kind; it is started if there is none.

        Parameters
        ----------
        kind
            Names what the notebooks have in common: a server learns from the first of them what to import.
        modules
            What to import instead; nothing is learned then.
        env
            The environment in which it imports; default: ours.
        ready
            What it calls, once it has learned what to import, to have at hand what every child would make.

        Raises
        ------
        Unavailable
            Where this system cannot fork kernels.
        """
        if why := unsupported():
            raise Unavailable(why)
        env = dict(os.environ if env is None else env)
        lasting = sorted(item for item in env.items() if not PASSING.fullmatch(item[0]))
        kind = hashlib.sha256(json.dumps([kind, list(modules), lasting, ready]).encode()).hexdigest()
        if kind in self._started:
            if self._started[kind][1].poll() is None:
                self._started[kind] = self._started.pop(kind)  # the one asked for last comes last
                return self._started[kind][0]
            self._stop(kind)
        while len(self._started) >= self._most:
            self._stop(next(iter(self._started)))
        self._started[kind] = self._start(list(modules), lasting, ready)
        return self._started[kind][0]

    def close(self) -> None:
        """End all servers, and with them their children."""
        for kind in list(self._started):
            self._stop(kind)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _start(
        self, modules: list[str], lasting: list[tuple[str, str]], ready: Call | None
    ) -> tuple[Address, subprocess.Popen[bytes]]:
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="mchepi-fork-", dir=_short_folder())
        name = os.path.join(self._folder, str(time.monotonic_ns()))
        address = Address(f"{name}.socket", f"{name}.log")
        with socket.socket(socket.AF_UNIX) as listener, open(address.log, "wb") as log:
            listener.bind(address.path)
            listener.listen(BACKLOG)
            state = {
                "listener": listener.fileno(),
                "modules": modules,
                "without": [],
                "learns": not modules,
                "ready": ready,
                "children": [],
                "waiting": [],
            }
            process = subprocess.Popen(
                command(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**dict(lasting), STATE: json.dumps(state)},
                pass_fds=[listener.fileno()],
                start_new_session=True,
                cwd=self._folder,
            )
        return address, process

    def _stop(self, kind: str) -> None:
        address, process = self._started.pop(kind)
        assert process.stdin
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for path in (address.path, address.log):
            with contextlib.suppress(OSError):
                os.unlink(path)


def _short_folder() -> str | None:
    """Choose a folder whose name is short: the path of a socket has at most 107 bytes."""
    return "/tmp" if len(tempfile.gettempdir()) > 40 and os.access("/tmp", os.W_OK | os.X_OK) else None
