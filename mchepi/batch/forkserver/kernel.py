"""The IPython kernel as far as it can be made before the fork: what opens no socket and starts no thread.

Its streams and its shell exist before anything is preloaded, as in a kernel that was started: pandas and
matplotlib look for them as they are imported.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
from traitlets import Any as AnyTrait

from . import ARGUMENTS
from .pair import PUBLISHED, REPLY, Outlet


class Timers:
    """What streams need of an event loop: to be flushed a moment after they were written to."""

    def __init__(self) -> None:
        self.may_run = False
        self._due: list[tuple[float, Callable[[], None]]] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def call_later(self, delay: float, call: Callable[[], None]) -> None:
        """Call `call` in a thread of our own, which is started as it is needed; never before the fork."""
        if not self.may_run:
            return
        with self._changed:
            self._due.append((time.monotonic() + delay, call))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="IOPub", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due:
                    self._changed.wait()
                when, call = self._due.pop(0)
            time.sleep(max(0.0, when - time.monotonic()))
            call()


class Publisher(IOPubThread):
    """Takes the place of the kernel's publishing thread; what is published goes down the pair at once."""

    def __init__(self) -> None:
        self.thread = None  # type: ignore[assignment]
        self.socket = None
        self.timers = Timers()
        self.io_loop = self.timers  # type: ignore[assignment]
        self.background_socket = self  # type: ignore[assignment]
        self.outlet: Outlet | None = None
        self.unheard = 0

    def schedule(self, f: Callable[[], None]) -> None:
        """Call `f` in the thread that asks for it."""
        f()

    def send_multipart(self, parts: list[Any], *_: Any, **__: Any) -> None:
        """Publish a message; before the fork there is nobody to read it."""
        if self.outlet:
            self.outlet.send(PUBLISHED, parts)
        else:
            self.unheard += 1


class Stream(OutStream):
    """A kernel's stdout or stderr, made before the fork and awakened after it."""

    def __init__(self, session: Any, pub_thread: Any, name: str, **options: Any) -> None:
        super().__init__(session, pub_thread, name, **{**options, "watchfd": False})

    def awaken(self) -> None:
        """Also catch what is written past Python, by its file descriptor."""
        self._master_pid = os.getpid()
        self._should_watch = True
        ours = getattr(sys, self.name)
        setattr(sys, self.name, getattr(sys, f"__{self.name}__"))
        self._setup_stream_redirects(self.name)
        setattr(sys, self.name, ours)


class Replies:
    """Takes the place of the shell channel: answers go down the socket pair."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def send_multipart(self, parts: list[Any], *_: Any, **__: Any) -> None:
        """Answer a request."""
        assert self._publisher.outlet
        self._publisher.outlet.send(REPLY, parts)

    def on_recv(self, *_: Any, **__: Any) -> None:
        """Do nothing: requests are handed to the kernel one by one."""

    def flush(self, *_: Any) -> None:
        """Do nothing: nothing is held back."""


class PairKernel(IPythonKernel):
    """An IPython kernel that talks through a socket pair."""

    shell_stream = AnyTrait()

    def start(self) -> None:
        """Start without channels to listen to and without a debugger."""
        assert self.shell
        self.shell.exit_now = False
        Kernel.start(self)

    @property
    def _supports_kernel_subshells(self) -> bool:
        return False

    def _abort_queues(self, *_: Any) -> None:
        """Do nothing: there is never more than one request."""


class MainThread:
    """What the kernel asks its channel thread for, though it has none."""

    def __init__(self) -> None:
        self.parent_thread = threading.main_thread()

    def __bool__(self) -> bool:
        return False


class Application(IPKernelApp):
    """The kernel's application in two steps, with the fork between them."""

    def prepare(self) -> None:
        """Do what needs no socket and no thread, in the order of a kernel that is started."""
        self.publisher = Publisher()
        super(IPKernelApp, self).initialize(list(ARGUMENTS))
        self.init_pdb()
        self.iopub_thread = self.publisher
        self.iopub_socket = self.publisher
        self.outstream_class = f"{Stream.__module__}.{Stream.__name__}"
        self.init_io()
        self.session.key = b""  # nobody else can write into a socket pair
        self.kernel = PairKernel.instance(
            parent=self,
            session=self.session,
            shell_stream=Replies(self.publisher),
            shell_channel_thread=MainThread(),
            iopub_thread=self.publisher,
            iopub_socket=self.publisher,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count
        self.init_path()
        self.init_shell()
        self.said_something()
        self.publisher.unheard = 0  # what a kernel says of itself as it starts belongs to no cell

    def said_something(self) -> bool:
        """Tell whether anything was printed that nobody heard."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        return self.publisher.unheard > 0

    def awaken(self, outlet: Outlet) -> None:
        """Do the rest, in the child."""
        self.publisher.outlet = outlet
        self.publisher.timers.may_run = True
        self.session.pid = os.getpid()
        for stream in (sys.stdout, sys.stderr):
            assert isinstance(stream, Stream)
            stream.awaken()
        self.init_signal()
        assert self.shell
        self.shell.init_environment()
        self.init_gui_pylab()
        self.init_extensions()
        self.init_code()
        sys.stdout.flush()
        sys.stderr.flush()
        self.kernel.start()
