"""Who is overdue by the deadlines of `data/deadlines.csv`: the one place where ids are given out."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mchepi.intake.registers.deadlines import Deadline, every_deadline
from mchepi.intake.registers.handed_out import STAYING, end_days, gone_without_a_date, last_days
from mchepi.intake.registers.reading import NO_DATE, Reading
from mchepi.intake.registers.sheet import Integers, Mask
from mchepi.intake.registers.shelf import open_register

Words = NDArray[np.object_]
COLUMNS = ["record_id", "register", "program", "step", "due_days", "limit_verified", "said_before"]


def overdue(
    files: Mapping[str, Path],
    known: Mapping[str, str] | None,
    district: str | None,
    as_of: datetime.date | None = None,
) -> pd.DataFrame:
    """List the ids of persons whose step is overdue, the longest overdue first.

    Parameters
    ----------
    files : mapping of str to Path
        Register → its file; registers without deadlines are passed over.
    known : mapping, optional
        Ids and names of districts, as `names_of` gives them; None: as the file writes them.
    district : str, optional
        Its id; None: all rows.
    as_of : date, optional
        The day on which it is asked; the last date of the district's register by default.

    Returns
    -------
    pandas.DataFrame
        Columns record_id, register, program, step, due_days, limit_verified (yes or no: whether the limit
        was checked against its source), said_before (refused or lost, where the record was closed for that).
        Persons who died or moved away before are not in it.
    """
    parts = [pd.DataFrame(columns=[*COLUMNS, "days"])]
    for name in dict.fromkeys(deadline.register for deadline in every_deadline()):
        if name in files:
            reading, copies = open_register(files[name], name, known)
            asked = ~copies if district is None else ~copies & (reading.districts == district)
            own = [one for one in every_deadline() if one.register == name]
            parts += [_late(reading, one, asked, as_of) for one in own]
    late = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    return late.sort_values("days", ascending=False, kind="stable")[COLUMNS].reset_index(drop=True)


def _late(reading: Reading, deadline: Deadline, asked: Mask, as_of: datetime.date | None) -> pd.DataFrame:
    day = _asked_on(reading, asked, as_of)
    start, done = reading.day(reading.schema.event), reading.day(f"{deadline.step}_date")
    open_ = ((done == NO_DATE) | (done > day)) & ~gone_without_a_date(reading)
    for name in reading.schema.of_kind("end"):
        closed = end_days(reading, name)
        open_ &= (closed == NO_DATE) | (closed > day)
    days = day - (np.where(start == NO_DATE, day, start) + deadline.due_days)
    late = asked & open_ & (start != NO_DATE) & (days > 0) & _needed(reading, deadline)
    ids = reading.ids.get("record_id")
    texts = np.array(ids.texts, dtype=object)[ids.codes] if ids else np.full(len(reading), "", dtype=object)
    row = [f"(row {number})" for number in reading.sheet.rows[late]]
    return pd.DataFrame(
        {
            "record_id": [text or place for text, place in zip(texts[late], row, strict=True)],
            "register": deadline.register,
            "program": deadline.program,
            "step": deadline.step,
            "due_days": deadline.due_days,
            "limit_verified": "yes" if deadline.verified else "no",
            "said_before": _said_before(reading)[late],
            "days": days[late],
        }
    )


def _said_before(reading: Reading) -> Words:
    """Why a record was closed whose person stays to be followed; empty where it was not."""
    reasons = reading.words.get("closed_reason", np.full(len(reading), None, dtype=object))
    return np.where(np.isin(reasons.astype(str), STAYING), reasons, "")


def _asked_on(reading: Reading, asked: Mask, as_of: datetime.date | None) -> Integers:
    if as_of is None:
        return last_days(reading, asked)
    day = as_of.toordinal() - datetime.date(1970, 1, 1).toordinal()
    return np.full(len(reading), day, dtype=np.int64)


def _needed(reading: Reading, deadline: Deadline) -> Mask:
    needed = np.ones(len(reading), dtype=bool)
    if deadline.program:
        needed &= reading.words["program"] == deadline.program
    if deadline.needed_where:
        needed &= _holds(reading, deadline.needed_where)
    if deadline.not_needed_where:
        needed &= ~_holds(reading, deadline.not_needed_where)
    return needed


def _holds(reading: Reading, condition: str) -> Mask:
    column, _, words = condition.partition("=")
    said = reading.words.get(column, np.full(len(reading), None, dtype=object))
    return np.isin(said.astype(str), words.split("|"))
