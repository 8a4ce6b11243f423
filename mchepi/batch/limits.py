"""What a notebook may use: seconds a cell, seconds in all, bytes of memory; and how a user writes these."""

from __future__ import annotations

import re
from dataclasses import dataclass

SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
BYTES = {"MB": 10**6, "GB": 10**9, "MiB": 2**20, "GiB": 2**30}
LEAST_MEMORY = 400 * 10**6
"""Bytes below which no kernel with pandas and matplotlib comes up."""


@dataclass(frozen=True)
class Limits:
    """What each notebook of a batch may use; None: as much as it likes.

    Parameters
    ----------
    cell_timeout
        Seconds after which a cell that still runs counts as failed.
    notebook_timeout
        Seconds after which a notebook that still runs counts as failed.
    memory_limit
        Bytes of memory that a notebook's process may take.
    """

    cell_timeout: int = 1800
    notebook_timeout: int | None = None
    memory_limit: int | None = None


USUAL = Limits()


def seconds(text: str) -> int:
    """Read a time as whole seconds.

    Raises
    ------
    ValueError
        Where `text` is not a positive whole number, alone or followed by s, m or h.

    Examples
    --------
    >>> seconds("90"), seconds("30m"), seconds("2h")
    (90, 1800, 7200)
    """
    match = re.fullmatch(r"(\d{1,9})([smh]?)", text)
    if not match or not int(match[1]):
        raise ValueError(f"must be a whole number of seconds, or as 90s, 30m, 2h; got {text!r}")
    return int(match[1]) * SECONDS[match[2]]


def memory(text: str) -> int:
    """Read an amount of memory as bytes.

    Raises
    ------
    ValueError
        Where `text` is not a number with MB, GB, MiB or GiB, or too little for any notebook.

    Examples
    --------
    >>> memory("2GB"), memory("1.5GiB")
    (2000000000, 1610612736)
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?) ?(MB|GB|MiB|GiB)", text)
    if not match:
        raise ValueError(f"must be an amount as 800MB, 2GB or 1.5GiB; got {text!r}")
    amount = round(float(match[1]) * BYTES[match[2]])
    if amount < LEAST_MEMORY:
        raise ValueError(f"must be at least 400MB, or no notebook can start; got {text!r}")
    return amount


def shown_bytes(amount: int) -> str:
    """Write an amount of memory for a reader.

    Examples
    --------
    >>> shown_bytes(2_000_000_000), shown_bytes(800_000_000), shown_bytes(1610612736)
    ('2 GB', '800 MB', '1.6 GB')
    """
    if amount < 10**9:
        return f"{amount / 10**6:.0f} MB"
    return f"{amount / 10**9:.1f}".removesuffix(".0") + " GB"
