"""All that can be said of a register, without raising and without showing a cell of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

from mchepi.intake.findings import DataError, Finding, by_row
from mchepi.intake.registers.faults import mark_faults
from mchepi.intake.registers.reading import read
from mchepi.intake.registers.schema import schemas, word_key
from mchepi.intake.registers.sheet import read_register_sheet


def check_register(
    path: Path, name: str, districts: Mapping[str, tuple[str, ...]] | None = None
) -> list[Finding]:
    """Find all that is wrong or worth knowing in a register.

    Parameters
    ----------
    path : Path
        Its file.
    name : str
        Which register it is.
    districts : mapping of str to tuple of str, optional
        The districts of its dataset and their names; None: the file stands alone.
    """
    known = None if districts is None else names_of(districts)
    try:
        reading = read(read_register_sheet(path, schemas()[name]), known)
    except DataError as error:
        return list(error.findings)
    mark_faults(reading, datetime.date.today())
    return by_row(reading.findings)


def names_of(districts: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Map ids and names, as they are compared, to ids; a name that two districts share is nobody's."""
    owners: dict[str, set[str]] = {}
    for id, words in districts.items():
        for word in words:
            owners.setdefault(word_key(word), set()).add(id)
    found = {word: next(iter(ids)) for word, ids in owners.items() if len(ids) == 1}
    return found | {word_key(id): id for id in districts}
