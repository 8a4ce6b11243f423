"""The registers of a dataset, each read when it is first asked for, a district at a time."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mchepi.intake.contents import Contents
from mchepi.intake.findings import DataError, Finding, did_you_mean, refuse_errors
from mchepi.intake.registers.check import names_of
from mchepi.intake.registers.faults import mark_faults
from mchepi.intake.registers.handed_out import empty_frame, handed_out, running_numbers
from mchepi.intake.registers.reading import Reading, read
from mchepi.intake.registers.schema import schemas
from mchepi.intake.registers.sheet import Coded, Integers, Mask, read_register_sheet

REMARKS = ["register", "rule", "column", "rows"]


class Shelf:
    """The registers of a dataset.

    What it keeps of a register is what notebooks may see; ids, names and dates are forgotten once read.

    Parameters
    ----------
    files : mapping of str to Path
        Register → its file.
    districts : mapping of str to tuple of str
        District → its names, by which rows are assigned to it.
    """

    def __init__(self, files: Mapping[str, Path], districts: Mapping[str, tuple[str, ...]]) -> None:
        self._files = dict(files)
        self._known = names_of(districts)
        self._frames: dict[str, pd.DataFrame] = {}
        self._places: dict[str, dict[str, Integers]] = {}
        self._contents: dict[str, Contents] = {}
        self._remarks: dict[str, pd.DataFrame] = {}

    def names(self) -> list[str]:
        """Name the registers there are, in the order of the schema."""
        return [name for name in schemas() if name in self._files]

    def read_all(self) -> None:
        """Read every register; raises DataError with the faults of all of them."""
        faults: list[Finding] = []
        for name in self.names():
            try:
                self._read(name)
            except DataError as error:
                faults += error.findings
        if faults:
            raise DataError(faults)

    def of(self, name: str, district: str | None) -> pd.DataFrame:
        """Give the rows of a district (None: of all) of a register; no rows where there is no such file."""
        if name not in schemas():
            raise ValueError(
                f"`name` must be a register; got {name!r}. {did_you_mean(name, schemas())}"
                f"There are {', '.join(schemas())}."
            )
        if name not in self._files:
            return empty_frame(schemas()[name])
        frame = self._read(name)
        if district is None:
            return frame.copy()
        return frame.take(self._rows(name, district)).reset_index(drop=True)

    def remarks(self, district: str | None) -> pd.DataFrame:
        """Count what was found in the registers of a district (None: of all): see `Dataset`."""
        parts = []
        for name in self.names():
            self._read(name)
            found = self._remarks[name]
            if district is not None:
                found = found[found["district"] == district]
            parts.append(
                found.groupby(["register", "rule", "column"], sort=False)["rows"].sum().reset_index()
            )
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=REMARKS)

    def content(self, name: str, district: str | None) -> bytes:
        """Give what is handed out of a register, and said of it, as bytes."""
        frame = self._read(name)
        if name not in self._contents:
            self._contents[name] = Contents(frame)
        return self._contents[name].of(None if district is None else self._rows(name, district).tolist())

    def _rows(self, name: str, district: str) -> Integers:
        return self._places[name].get(district, np.empty(0, dtype=np.int64))

    def _read(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            self._open(name)
        return self._frames[name]

    def _open(self, name: str) -> None:
        together = ["births", "deaths"] if name in ("births", "deaths") else [name]
        opened = [one for one in together if one in self._files]  # a death has the number of its birth
        readings = {one: open_register(self._files[one], one, self._known) for one in opened}
        numbers = iter(_numbers_across([reading for reading, _ in readings.values()]))
        for one, (reading, copies) in readings.items():
            frame = handed_out(reading, next(numbers), ~copies)
            self._frames[one] = frame
            self._remarks[one] = _remarks(reading, one, copies)
            self._places[one] = {
                str(district): np.asarray(rows, dtype=np.int64)
                for district, rows in frame.groupby("district").indices.items()
            }


def open_register(path: Path, name: str | None, known: Mapping[str, str] | None) -> tuple[Reading, Mask]:
    """Read a register with its ids and dates, and mark its copied rows; raises DataError with all faults."""
    schema = None if name is None else schemas()[name]
    reading = read(read_register_sheet(path, schema), known)
    copies = mark_faults(reading, datetime.date.today())
    refuse_errors(reading.findings)
    return reading, copies


def _numbers_across(readings: list[Reading]) -> list[Integers]:
    """Number the persons of several registers together, so that the same id has the same number."""
    codes, texts = pd.factorize(np.concatenate([_ids(reading) for reading in readings]))
    districts = np.concatenate([reading.districts for reading in readings])
    numbers = running_numbers(Coded(codes.astype(np.int64), [str(text) for text in texts]), districts)
    ends = np.cumsum([len(reading) for reading in readings])
    return list(np.split(numbers, ends[:-1]))


def _ids(reading: Reading) -> NDArray[np.object_]:
    ids = reading.ids.get("record_id")
    if ids is None:
        return np.full(len(reading), "", dtype=object)
    return np.array(ids.texts, dtype=object)[ids.codes]


def _remarks(reading: Reading, name: str, copies: Mask) -> pd.DataFrame:
    """Count by district what was found; of copied rows only that they are copies."""
    parts = [
        pd.DataFrame(
            {
                "register": name,
                "rule": rule,
                "column": ";".join(columns),
                "rows": 1,
                "district": reading.districts[bad],
            }
        )
        for rule, columns, found in reading.remarks
        if (bad := found if rule == "repeated_row" else found & ~copies).any()
    ]
    if not parts:
        return pd.DataFrame(columns=[*REMARKS, "district"])
    counted = pd.concat(parts, ignore_index=True)
    return counted.groupby([*REMARKS[:3], "district"], sort=False)["rows"].sum().reset_index()
