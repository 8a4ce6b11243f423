"""What happens after the fork, in the child: it becomes a kernel like any other, and ends like one."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import ctypes
import gc
import json
import os
import random
import resource
import signal
import socket
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import preload
from .pair import GOODBYE, REQUEST, Inlet, Outlet

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
SIGNALS = set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}
IGNORED = {signal.SIGPIPE, signal.SIGXFSZ}
"""What Python itself ignores as it starts."""


@dataclass
class Order:
    """How a child is to be: the request of a client, and the open files that came with it."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    memory_limit: int | None
    standard: list[int]
    pair: socket.socket | None
    report: int | None
    known: frozenset[str]
    set_by_imports: dict[str, str]


def become(order: Order, app: Any, server: int) -> None:
    """Become a kernel; never returns."""
    code = 1
    try:
        _separate(order, server)
        if order.pair:
            _serve_pair(app, order.pair)
        else:
            _serve_zmq(order.argv)
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        _end(order, code)


def _separate(order: Order, server: int) -> None:
    """Take nothing over from the server: session, signals, files, folder, environment, arguments, chance."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != server:  # it died in between
        os._exit(1)
    os.setsid()
    for each in SIGNALS:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(each, signal.SIG_IGN if each in IGNORED else signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, descriptor in enumerate(order.standard):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(order.cwd)
    os.environ.clear()
    os.environ.update(order.env)
    os.environ.update(order.set_by_imports)
    sys.argv[:] = order.argv
    if order.memory_limit:
        resource.setrlimit(resource.RLIMIT_DATA, (order.memory_limit, order.memory_limit))
    random.seed()
    if numpy_random := sys.modules.get("numpy.random"):
        numpy_random.seed()
    gc.enable()


def _serve_pair(app: Any, pair: socket.socket) -> None:
    """Run the cells that come through the socket pair, until it is over."""
    import zmq
    from tornado.ioloop import IOLoop

    loop = IOLoop.current()
    work: list[asyncio.Task[None]] = []

    def begin() -> None:
        work.append(asyncio.ensure_future(_serve(app, pair, zmq.Frame)))
        work[0].add_done_callback(lambda _: loop.stop())

    loop.add_callback(begin)
    with contextlib.suppress(KeyboardInterrupt):
        loop.start()
    if work and work[0].done():
        work[0].result()


async def _serve(app: Any, pair: socket.socket, frame: Callable[[bytes], Any]) -> None:
    app.awaken(Outlet(pair))
    loop, inlet = asyncio.get_running_loop(), Inlet()
    arrived: asyncio.Queue[bytes] = asyncio.Queue()
    loop.add_reader(pair, lambda: arrived.put_nowait(pair.recv(2**20)))
    while received := await arrived.get():
        for kind, parts in inlet.feed(received):
            if kind == GOODBYE:
                return
            if kind == REQUEST:
                await app.kernel.dispatch_shell([frame(part) for part in parts])


def _serve_zmq(argv: list[str]) -> None:
    """Be an ordinary kernel with its connection file; only what was imported is there already."""
    from ipykernel.ipkernel import IPythonKernel
    from ipykernel.kernelapp import IPKernelApp
    from ipykernel.zmqshell import ZMQInteractiveShell

    made_before = (sys.stdout, sys.stderr)
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    for single in (IPKernelApp, IPythonKernel, ZMQInteractiveShell):
        single.clear_instance()
    app = IPKernelApp.instance(parent_handle=os.getppid())
    filters = warnings.filters[:]
    app.initialize(argv[1:])
    if set(warnings.filters) == set(filters):  # set once more, and so put before those of the packages
        warnings.filters[:] = filters  # type: ignore[index]
    for before, now in zip(made_before, (sys.stdout, sys.stderr), strict=True):
        # A module may have kept the stream that was there as it was imported.
        before.write, before.flush = now.write, now.flush  # type: ignore[method-assign,union-attr]
    app.start()


def _end(order: Order, code: int) -> None:
    """End as the interpreter does: wait for threads, call what asked to be called, and go."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        if order.report is not None and code == 0:
            with open(order.report, "w", encoding="utf-8") as report:
                json.dump(preload.learned(order.known), report)
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(Exception):
                stream.flush()  # type: ignore[union-attr]
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)
