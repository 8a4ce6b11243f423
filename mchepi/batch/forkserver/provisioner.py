"""Kernels from a fork server for all that start them through Jupyter: nbval, JupyterLab, papermill.

With `JUPYTER_DEFAULT_PROVISIONER_NAME=mchepi` in its environment a program takes them from here, whatever its
notebooks name as their kernel. What the server imports is said in `MCHEPI_FORK_PRELOAD`, as names of modules
between commas: unlike a batch, such a program does not say which notebooks it will run.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import os
import socket
import sys
from pathlib import Path
from typing import Any

import ipykernel_launcher
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from .client import Address, Forked, Servers, Unavailable, fork, standard_files

PRELOAD = "MCHEPI_FORK_PRELOAD"
LONGEST_PATH = 90
"""Of a connection file: what is added for its sockets must not make it longer than 107 characters."""
PATIENCE = 0.1
"""Seconds until a kernel that was asked to end is looked at again, as Jupyter's manager does it."""


@functools.cache
def _servers() -> Servers:
    """The servers of a program; they end with it."""
    servers = Servers()
    atexit.register(servers.close)
    return servers


class ForkProvisioner(LocalProvisioner):
    """Forks an IPython kernel of this Python from a warm server; starts any other kernel as ever."""

    is_leaving = False

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        """Let the kernel listen on local sockets: none of its five ports can be taken by somebody else."""
        manager = self.parent
        path = getattr(manager, "connection_file", "")
        if manager is not None and manager.transport == "tcp" and not manager.shell_port:
            path = os.path.abspath(path)
            if 0 < len(path) <= LONGEST_PATH and os.path.isdir(os.path.dirname(path)):
                manager.transport = "ipc"
                manager.ip = os.path.splitext(path)[0] + "-ipc"
        return await super().pre_launch(**options)

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        """Fork a kernel, where the command is one that a server can follow."""
        try:
            arguments = _arguments(cmd)
            process = await asyncio.to_thread(_forked, arguments, options)
        except Unavailable as reason:
            self.log.warning("The kernel is started, not forked: %s.", reason)
            return await super().launch_kernel(cmd, **options)
        self.process = process
        self.is_leaving = False
        self.pid = process.pid
        self.pgid = None  # signals go through the server, which knows the group
        self.cwd = options.get("cwd") or Path.cwd()
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Note that the kernel was asked to end."""
        self.is_leaving = True

    async def poll(self) -> int | None:
        """Tell the exit code, None while the kernel runs; of one that was asked to end, as soon as it does.

        Jupyter's manager looks ten times a second.
        """
        code = await super().poll()
        if code is None and self.is_leaving and isinstance(self.process, Forked):
            await _readable(self.process.connection, PATIENCE)
            code = await super().poll()
        return code


async def _readable(connection: socket.socket, patience: float) -> None:
    """Wait until there is something to read, or for `patience` seconds."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ready.wait(), patience)
    finally:
        loop.remove_reader(connection)


def _arguments(command: list[str]) -> list[str]:
    """Give the arguments of a kernel of this Python."""
    if command[1:3] != ["-m", "ipykernel_launcher"] or not _is_this_python(command[0]):
        raise Unavailable(f"its command is {' '.join(command)}")
    return command[3:]


def _is_this_python(command: str) -> bool:
    return os.path.realpath(command) == os.path.realpath(sys.executable)


def _forked(arguments: list[str], options: dict[str, Any]) -> Any:
    env = dict(options.get("env") or os.environ)
    modules = [name.strip() for name in os.environ.get(PRELOAD, "").split(",") if name.strip()]
    address: Address = _servers().address("any notebook", modules=modules or ["IPython"], env=env)
    with standard_files(options.get("stdout"), options.get("stderr")) as standard:
        return fork(
            address,
            argv=[ipykernel_launcher.__file__, *arguments],
            env=env,
            cwd=str(options.get("cwd") or os.getcwd()),
            standard=standard,
        )
