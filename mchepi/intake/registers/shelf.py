"""The registers of a dataset, each read when it is first asked for, a district at a time."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mchepi.intake.contents import Contents
from mchepi.intake.findings import (
    DataError,
    Finding,
    did_you_mean,
    file_error,
    refuse_errors,
    shown_path,
)
from mchepi.intake.registers.check import names_of
from mchepi.intake.registers.courses import REGISTER as COUNTED_BY_DAY
from mchepi.intake.registers.courses import courses_of, empty_courses
from mchepi.intake.registers.faults import mark_faults
from mchepi.intake.registers.handed_out import calendar_of, empty_frame, handed_out, running_numbers
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
    quotas : pandas.DataFrame, optional
        As `read_quotas` gives it: what is counted by day while the dates are there.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        districts: Mapping[str, tuple[str, ...]],
        quotas: pd.DataFrame | None = None,
    ) -> None:
        self._files = dict(files)
        self._quotas = quotas
        self._courses = empty_courses()
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

    def courses(self) -> pd.DataFrame:
        """Give what was done by each day of the quotas' periods."""
        if self._quotas is not None and len(self._quotas) and COUNTED_BY_DAY in self._files:
            self._read(COUNTED_BY_DAY)
        return self._courses.copy()

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
            if one == COUNTED_BY_DAY and self._quotas is not None:
                self._courses = courses_of(reading, ~copies, self._quotas)
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


def years_of_registers(files: Mapping[str, Path], *, mch_year: bool) -> pd.DataFrame:
    """Give the districts and years of registers that no table of counts stands beside, without counts.

    Every register must name the district of its rows. Raises DataError with all faults.
    """
    faults: list[Finding] = []
    parts = []
    for name, path in files.items():
        try:
            reading, copies = open_register(path, name, None)
        except DataError as error:
            faults += error.findings
            continue
        if "district" not in reading.sheet.cells:
            message = "must have a column district: no table of counts says whose rows these are"
            fix = "Add the column, or a table of counts with the one district."
            faults.append(file_error(shown_path(path), "required_column", message, fix))
            continue
        years = calendar_of(reading.day(reading.schema.event))[1 if mch_year else 0]
        rows = pd.DataFrame({"district": reading.districts, "year": years})
        parts.append(rows[~copies].dropna().drop_duplicates())
    if faults:
        raise DataError(faults)
    found = pd.concat(parts, ignore_index=True).drop_duplicates().sort_values(["district", "year"])
    named = found.assign(name_zh=found["district"], name_en=found["district"])
    return named[["district", "name_zh", "name_en", "year"]].astype({"year": "int64"}).reset_index(drop=True)


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
