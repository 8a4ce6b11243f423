"""The server: one thread, one loop. It imports, forks, reaps, passes signals on, and leaves nobody behind."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from typing import Any

from . import STATE, child, command, preload, wire
from .kernel import Application

PATIENCE = 10.0
"""Seconds that a client may take over one message."""


@dataclass
class Child:
    """A kernel that was forked, and the connection of its owner."""

    pid: int
    watch: int
    owner: socket.socket
    report: int | None


class Server:
    """What a server knows; its methods are called by its loop."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.listener = socket.socket(fileno=state["listener"])
        self.modules: list[str] = state["modules"]
        self.without: list[str] = state["without"]
        self.learns: bool = state["learns"]
        self.ready: tuple[str, list[str]] | None = state["ready"]
        self.is_ready = False
        self.env = _environment_at_start()
        self.loop = selectors.DefaultSelector()
        self.children: dict[int, Child] = {}
        self.waiting: set[socket.socket] = set()
        self.app = Application.instance()
        self.app.prepare()
        self._import()
        self.loop.register(0, selectors.EVENT_READ, self._abandoned)
        self.loop.register(self.listener, selectors.EVENT_READ, self._accept)
        for pid, owner, report in state["children"]:
            self._watch(pid, socket.socket(fileno=owner), report)
        for descriptor in state["waiting"]:
            self._await_request(socket.socket(fileno=descriptor))

    def run(self) -> None:
        """Serve until whoever started the server has gone."""
        while True:
            for key, _ in self.loop.select():
                if key.fileobj in self.loop.get_map() and self.loop.get_key(key.fileobj) is key:
                    key.data(key.fileobj)

    def _import(self) -> None:
        names = [name for name in self.modules if name.partition(".")[0] not in self.without]
        assert self.app.shell
        with self.app.shell.builtin_trap:  # pandas looks for get_ipython, which cells find among the builtins
            spoils = preload.preload(names, self.app.said_something)
        if spoils:
            self.without.append(spoils.partition(".")[0])
            self._start_anew()
        self.known = frozenset(sys.modules)
        self.set_by_imports = {
            name: value for name, value in os.environ.items() if self.env.get(name) != value
        }
        self.stamps = preload.stamps()
        gc.collect()
        gc.freeze()

    def _make_ready(self) -> None:
        """Call what leaves at hand what every child would make, once there is a second child."""
        if self.ready and self.modules and not self.is_ready:
            self.is_ready = True
            preload.call(*self.ready)
            gc.collect()
            gc.freeze()

    def _start_anew(self) -> None:
        """Become a fresh server in the same process, with the same children and the same door."""
        children = [(each.pid, each.owner.fileno(), each.report) for each in self.children.values()]
        kept = [self.listener.fileno()]
        kept += [descriptor for _, owner, report in children for descriptor in (owner, report) if descriptor]
        waiting = [each.fileno() for each in self.waiting]
        kept += waiting
        for descriptor in kept:
            os.set_inheritable(descriptor, True)
        state = {
            "listener": self.listener.fileno(),
            "modules": self.modules,
            "without": self.without,
            "learns": self.learns,
            "ready": self.ready,
            "children": children,
            "waiting": waiting,
        }
        os.execve(sys.executable, command(), {**self.env, STATE: json.dumps(state)})

    def _abandoned(self, _: Any) -> None:
        """End together with whoever started the server: it holds the other end of our standard input."""
        for each in self.children.values():
            _kill(each.pid, signal.SIGKILL)
        os._exit(0)

    def _accept(self, _: Any) -> None:
        connection, _address = self.listener.accept()
        self._await_request(connection)

    def _await_request(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        self.waiting.add(connection)
        self.loop.register(connection, selectors.EVENT_READ, self._asked)

    def _asked(self, connection: socket.socket) -> None:
        """Answer a request for a child."""
        self.loop.unregister(connection)
        self.waiting.discard(connection)
        try:
            request, descriptors = wire.receive(connection)
        except (OSError, ValueError):
            connection.close()
            return
        try:
            self._make_ready()
            if not self._refused(connection, request):
                self._fork(connection, request, descriptors)
        except wire.Closed:
            connection.close()
        finally:
            for descriptor in descriptors:
                with contextlib.suppress(OSError):
                    os.close(descriptor)

    def _refused(self, connection: socket.socket, request: dict[str, Any]) -> bool:
        if preload.changed(self.stamps):
            wire.send(connection, {"again": True})
            connection.close()
            self._start_anew()
        why = None
        if threading.active_count() > 1:
            why = "the fork server has a thread"
        elif hidden := preload.hidden_by(request["cwd"]):
            why = f"{hidden!r} in the working folder hides a package that is loaded already"
        if why:
            wire.send(connection, {"refused": why})
            connection.close()
        return why is not None

    def _fork(self, connection: socket.socket, request: dict[str, Any], descriptors: list[int]) -> None:
        report = os.pipe() if self.learns else None
        server = os.getpid()
        pid = os.fork()
        if pid:
            if report:
                os.close(report[1])
            self._watch(pid, connection, report[0] if report else None)
            with contextlib.suppress(wire.Closed):  # its owner has gone: the next look at it says so
                wire.send(connection, {"pid": pid})
            return
        try:
            self._close_all(connection, report)
            order = child.Order(
                argv=request["argv"],
                env=request["env"],
                cwd=request["cwd"],
                memory_limit=request["memory_limit"],
                standard=descriptors[:3],
                pair=socket.socket(fileno=descriptors[3]) if len(descriptors) > 3 else None,
                report=report[1] if report else None,
                known=self.known,
                set_by_imports=self.set_by_imports,
            )
            child.become(order, self.app, server)
        finally:
            os._exit(1)

    def _close_all(self, connection: socket.socket, report: tuple[int, int] | None) -> None:
        """Close in the child what belongs to the server."""
        self.listener.close()
        for waiting in self.waiting:
            waiting.close()
        for each in self.children.values():
            each.owner.close()
            os.close(each.watch)
            if each.report is not None:
                os.close(each.report)
        connection.close()
        if report:
            os.close(report[0])
        self.loop.close()

    def _watch(self, pid: int, owner: socket.socket, report: int | None) -> None:
        watch = os.pidfd_open(pid)
        self.children[watch] = Child(pid, watch, owner, report)
        self.loop.register(watch, selectors.EVENT_READ, self._ended)
        self.loop.register(owner, selectors.EVENT_READ, lambda _: self._told(watch))

    def _told(self, watch: int) -> None:
        """Pass a signal on; kill a child whose owner has gone."""
        each = self.children[watch]
        try:
            message, _ = wire.receive(each.owner)
            _kill(each.pid, message["signal"])
        except (OSError, ValueError, KeyError):
            self.loop.unregister(each.owner)
            _kill(each.pid, signal.SIGKILL)

    def _ended(self, watch: int) -> None:
        """Reap a child, take what it left running with it, tell its owner."""
        each = self.children.pop(watch)
        self.loop.unregister(watch)
        os.close(watch)
        _kill(each.pid, signal.SIGKILL)
        _, status = os.waitpid(each.pid, 0)
        with contextlib.suppress(KeyError, ValueError):
            self.loop.unregister(each.owner)
        with contextlib.suppress(wire.Closed):
            wire.send(each.owner, {"exit": os.waitstatus_to_exitcode(status)})
        each.owner.close()
        if each.report is not None:
            with open(each.report, encoding="utf-8") as report:
                self._learn(report.read())

    def _learn(self, report: str) -> None:
        """Import what the first kernel that ended well had brought in."""
        if report and self.learns:
            self.learns = False
            self.modules += json.loads(report)
            self._import()


def _environment_at_start() -> dict[str, str]:
    """Read the environment that this process was given; some packages add to it as they are imported."""
    with open("/proc/self/environ", "rb") as file:
        items = (os.fsdecode(item).partition("=") for item in file.read().split(b"\0") if item)
        return {name: value for name, _, value in items if name != STATE}


def _kill(pid: int, number: int) -> None:
    """Send a signal to a child and to all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def main() -> None:
    """Be a server, as the environment describes it."""
    state = json.loads(os.environ.pop(STATE))
    if sys.path[0] == "":
        del sys.path[0]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    Server(state).run()
