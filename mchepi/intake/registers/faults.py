"""What should hold across the cells of a register's row, and across its rows; none of it stops work."""

from __future__ import annotations

import datetime
from itertools import pairwise

import numpy as np
import pandas as pd

from mchepi.intake.registers.reading import NO_DATE, Reading
from mchepi.intake.registers.sheet import Integers, Mask

# What, with the id, makes a row of its own; a second one is a duplicate.
OF_ITS_OWN = {
    "births": (),
    "deaths": (),
    "hemoglobin": ("exam_date",),
    "growth": ("exam_date",),
    "newborn_screening": ("program",),
    "cervical_screening": ("exam_date", "test"),
    "emtct": ("infection",),
}
_PER_G_L = {"g/L": 1.0, "g/dL": 10.0, "mmol/L": 16.11}
_PLAUSIBLE_HEMOGLOBIN = (40, 200)  # g/L
_FIX_DATES = "Correct the dates; until then the interval between them is missing."


def mark_faults(reading: Reading, today: datetime.date) -> Mask:
    """Tell of what should be looked at, empty dates that lie ahead, and mark rows that repeat another whole.

    Days after `today` cannot have happened: they become missing.
    """
    _future(reading, today)
    _order_of_dates(reading)
    _implausible(reading)
    return _repeated(reading)


def ordered_dates(reading: Reading) -> list[tuple[str, str]]:
    """Give the pairs of dates of which the first must not lie after the second."""
    schema = reading.schema
    pairs = [(schema.birth, schema.event)] if schema.birth else []
    steps = [name for name in schema.of_kind("step") if name in reading.dates]
    pairs += [(schema.event, name) for name in (*steps, *schema.of_kind("end")) if name in reading.dates]
    return [*pairs, *pairwise(steps)]


def _future(reading: Reading, today: datetime.date) -> None:
    last = today.toordinal() - datetime.date(1970, 1, 1).toordinal()
    for name, days in reading.dates.items():
        ahead = days > last
        fix = "Correct it; until then it is read as missing."
        reading.say("finding", "future_date", "must not lie in the future", fix, [name], ahead)
        if ahead.any():
            reading.dates[name] = np.where(ahead, NO_DATE, days)


def _order_of_dates(reading: Reading) -> None:
    for first, second in ordered_dates(reading):
        early, late = reading.day(first), reading.day(second)
        reversed_ = (early != NO_DATE) & (late != NO_DATE) & (early > late)
        said = reading.sheet.headers.get(first, first)
        message = f"must be on or after {said}; it is before"
        reading.say("finding", "date_order", message, _FIX_DATES, [second], reversed_)


def _implausible(reading: Reading) -> None:
    for name, values in reading.numbers.items():
        column = reading.schema.columns[name]
        lowest, highest = column.lowest, column.highest
        if name == "hemoglobin":
            unit = reading.words.get("unit", np.full(len(reading), None, dtype=object))
            values = values * np.array([_PER_G_L.get(word, np.nan) for word in unit.tolist()])
            lowest, highest = _PLAUSIBLE_HEMOGLOBIN
        if lowest is None or highest is None:
            continue
        strange = (values < lowest) | (values > highest)
        said = f"{lowest:g} to {highest:g}" + (" g/L" if name == "hemoglobin" else "")
        message = f"is not plausible: outside {said}"
        fix = "Check the value and its unit; it is kept, and the analyses flag it."
        reading.say("finding", "implausible", message, fix, [name], strange)


def _repeated(reading: Reading) -> Mask:
    """Tell of ids that stand twice; mark the rows that are copies of an earlier one in every column."""
    ids = reading.ids.get("record_id")
    nothing = np.zeros(len(reading), dtype=bool)
    if ids is None:
        return nothing
    keys: dict[str, object] = {"id": ids.codes, "district": reading.districts}
    for name in OF_ITS_OWN[reading.schema.name]:
        keys[name] = reading.dates[name] if name in reading.dates else reading.words.get(name, "")
    has_id = ids.where([bool(text) for text in ids.texts])
    twice = pd.DataFrame(keys).duplicated().to_numpy() & has_id
    if not twice.any():
        return nothing
    whole = pd.DataFrame({name: column.codes for name, column in reading.sheet.cells.items()})
    copies: Integers = whole.duplicated().to_numpy()
    copied = np.asarray(copies & twice)
    fix = "Delete it if it is a copy; it is left out."
    reading.say("finding", "repeated_row", "is the same as an earlier row", fix, [], copied)
    fix = "Delete or correct one of the two; both are kept."
    named = ["record_id", *OF_ITS_OWN[reading.schema.name]]
    message = "must stand once; an earlier row has the same"
    reading.say("finding", "duplicate_record", message, fix, named, twice & ~copied)
    return copied
