"""The socket pair between a forked kernel and who runs it: messages of Jupyter's protocol, without ZeroMQ."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from typing import Any

PUBLISHED, REPLY, REQUEST, GOODBYE = b"P", b"R", b"Q", b"G"
HEAD = struct.Struct("!cQH")
LENGTH = struct.Struct("!Q")
PIECE = 2**20


def framed(kind: bytes, parts: Sequence[Any]) -> bytes:
    """Write a message as bytes: its kind, how long it is, how many parts it has, and the parts."""
    pieces: list[bytes | memoryview] = []
    for part in parts:
        view = memoryview(part).cast("B")
        pieces += [LENGTH.pack(view.nbytes), view]
    body = b"".join(pieces)
    return HEAD.pack(kind, len(body), len(parts)) + body


class Outlet:
    """The writing end; threads take turns, and so do processes that a notebook forks."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._turn = threading.RLock()
        self._file = os.memfd_create("turn")

    def send(self, kind: bytes, parts: Sequence[Any]) -> None:
        """Send one message whole."""
        written = framed(kind, parts)
        with self._turn:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                self._connection.sendall(written)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


class Inlet:
    """The reading end: bytes in as they come, whole messages out."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, received: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
        """Take what has arrived; hand out the messages that are complete."""
        self._held += received
        while len(self._held) >= HEAD.size:
            kind, length, count = HEAD.unpack_from(self._held)
            end = HEAD.size + length
            if len(self._held) < end:
                return
            body = bytes(memoryview(self._held)[HEAD.size : end])
            del self._held[:end]
            yield kind, list(_parts(body, count))


def _parts(body: bytes, count: int) -> Iterator[bytes]:
    at = 0
    for _ in range(count):
        (length,) = LENGTH.unpack_from(body, at)
        at += LENGTH.size
        yield body[at : at + length]
        at += length
