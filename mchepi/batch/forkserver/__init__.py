"""A process that has imported everything already, and forks an isolated child for each notebook.

`server` is that process and knows nothing of notebooks: requests come over a Unix socket, exit codes go back.
`preload` decides what it imports, `kernel` makes the IPython kernel as far as that can be done before the
fork, `child` is what happens after it. On the other side, `client` starts servers and asks them for children,
`execution` runs a notebook in one without ZeroMQ, and `provisioner` offers the same server to every program
that starts kernels through Jupyter.
"""

from __future__ import annotations

import os
import sys

ARGUMENTS = ("--HistoryManager.hist_file=:memory:",)
"""What nbclient tells the kernels that it starts: to keep no history on disk."""

STATE = "MCHEPI_FORK_SERVER"
"""The environment variable that carries a server's state when it is started, or starts itself anew."""


def command() -> list[str]:
    """Write the command that starts a server; who starts one need not import what a server does."""
    # `-c` puts "" before the other folders, as `-m` in an empty folder would: no script's folder is searched.
    return [sys.executable, "-c", f"from {__name__}.server import main; main()"]


def unsupported() -> str | None:
    """Say why this system cannot fork warm kernels; None where it can."""
    if not sys.platform.startswith("linux"):
        return f"warm kernels are forked on Linux only; this is {sys.platform}"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return "this Linux has no process descriptors (5.3 or newer has)"
    return None
