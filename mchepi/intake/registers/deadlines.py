"""By which day which step of screening is due, of whom, and whether that was verified: data/deadlines.csv."""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib import resources
from typing import NamedTuple

import pandas as pd


class Deadline(NamedTuple):
    """A step that is due so many days after birth (or the examination), of those who need it."""

    register: str
    program: str
    step: str
    due_days: int
    needed_where: str
    not_needed_where: str
    source: str
    verified: bool


@cache
def every_deadline() -> tuple[Deadline, ...]:
    """Give every deadline, as the table has them."""
    text = resources.files("mchepi.intake").joinpath("data", "deadlines.csv").read_text("utf-8")
    return tuple(
        Deadline(
            row["register"],
            row["program"],
            row["step"],
            int(row["due_days"]),
            row["needed_where"],
            row["not_needed_where"],
            row["source"],
            row["verified"].startswith("yes"),
        )
        for row in csv.DictReader(io.StringIO(text))
    )


def deadlines() -> pd.DataFrame:
    """Days by which each step of screening is due: the one table behind the pages and the worklist.

    Returns
    -------
    pandas.DataFrame
        Columns register, program (empty: every test), step, due_days (from birth, or from the examination),
        needed_where and not_needed_where (who needs the step: `column=word`, several words joined by "|"),
        source, verified (whether the limit was checked against its source).

    Examples
    --------
    >>> from mchepi.intake import deadlines
    >>> deadlines().query("program == 'hearing'")[["step", "due_days", "verified"]].values.tolist()
    [['screened', 30, False], ['diagnosed', 91, True], ['treated', 183, True]]
    """
    return pd.DataFrame(every_deadline(), columns=list(Deadline._fields))
