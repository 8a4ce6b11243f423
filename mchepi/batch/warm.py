"""Where a worker finds warm kernels: at the runner's fork server, else at its own, else nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from .forkserver.client import Address, Call, ServerGone, ServerLost, Servers, Unavailable

Result = TypeVar("Result")


@dataclass
class Warm:
    """The fork servers of one process.

    Parameters
    ----------
    env
        The environment in which they import.
    wanted
        Whether notebooks are to run in forked kernels at all.
    """

    env: Mapping[str, str]
    wanted: bool = True
    servers: Servers = field(default_factory=Servers)

    def run(
        self,
        kind: str,
        given: Address | None,
        run: Callable[[Address | None], Result],
        between: Callable[[], None],
        ready: Call | None = None,
    ) -> tuple[Result, str | None]:
        """Run something in a forked kernel, or without one; its result, and why without if so.

        Parameters
        ----------
        kind
            Of which kind of notebook it is.
        given
            The server to be asked first.
        run
            Called with a server, or with None for a kernel that is started.
        between
            Called before it is tried again: what a kernel left that was lost with its server must go.
        ready
            What a server calls, to have at hand what every notebook of this kind would make.
        """
        if not self.wanted:
            return run(None), None
        why = ""
        for first in (True, False):
            try:
                return run(given if first and given else self._own(kind, ready)), None
            except (ServerLost, ServerGone) as error:
                why = str(error)
                between()
            except Unavailable as error:
                return run(None), str(error)
        return run(None), why

    def _own(self, kind: str, ready: Call | None) -> Address:
        return self.servers.address(kind, env=self.env, ready=ready)
