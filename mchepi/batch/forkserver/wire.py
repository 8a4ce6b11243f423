"""Messages between a fork server and those who ask it: JSON behind its length, file descriptors beside it."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Sequence
from typing import Any

LENGTH = struct.Struct("!I")
MOST_DESCRIPTORS = 8
LONGEST = 16 * 2**20
"""Bytes of the longest message; anything longer is not one of ours."""


class Closed(OSError):
    """The other side has gone."""


def send(connection: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send one message, with open files that the other side gets copies of."""
    written = json.dumps(message).encode()
    framed = LENGTH.pack(len(written)) + written
    try:
        sent = socket.send_fds(connection, [framed], descriptors) if descriptors else 0
        connection.sendall(framed[sent:])
    except (BrokenPipeError, ConnectionError) as error:
        raise Closed(str(error)) from error


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Receive one message and the files that came with it; `Closed` at the end."""
    try:
        head, descriptors, _, _ = socket.recv_fds(connection, LENGTH.size, MOST_DESCRIPTORS)
    except ConnectionError as error:
        raise Closed(str(error)) from error
    if not head:
        raise Closed("closed")
    try:
        (length,) = LENGTH.unpack(_exactly(connection, LENGTH.size, head))
        if length > LONGEST:
            raise Closed("a message that is not one")
        return json.loads(_exactly(connection, length)), descriptors
    except BaseException:
        for descriptor in descriptors:
            os.close(descriptor)
        raise


def _exactly(connection: socket.socket, length: int, begun: bytes = b"") -> bytes:
    pieces = [begun] if begun else []
    missing = length - len(begun)
    while missing:
        try:
            piece = connection.recv(min(missing, 2**20))
        except ConnectionError as error:
            raise Closed(str(error)) from error
        if not piece:
            raise Closed("closed")
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
