"""Datasets: a folder of tables with what it says of itself, found by name, read a district at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from mchepi.indicators import Declaration
from mchepi.intake.cells import plain
from mchepi.intake.contents import Contents
from mchepi.intake.counts import counts_of, left_out_of
from mchepi.intake.declaration_file import NAME
from mchepi.intake.findings import DataError, Finding, did_you_mean, listed, refuse_errors
from mchepi.intake.geography import Neighbors, Outline, read_geography
from mchepi.intake.kept import recall
from mchepi.intake.places import describe, find
from mchepi.intake.registers import Shelf, schemas, years_of_registers
from mchepi.intake.registers.quotas import read_quotas
from mchepi.intake.series import read_series
from mchepi.intake.table import read_sheet


@dataclass(frozen=True)
class Dataset:
    """A dataset as read: what it says of itself, its districts, and the rows of each.

    Parameters
    ----------
    declaration : Declaration
        Title, source, period, whether it is simulated.
    paths : tuple of Path
        Every file that was read.
    tables : mapping of str to pandas.DataFrame
        "counts", "series": as `read_counts` and `read_series` give them. Of a dataset of registers alone
        "counts" holds its districts and years, and no counts.
    neighbors : mapping of str to tuple of str
        District → those that it borders on; empty where the dataset does not say.
    outlines : mapping of str to tuple
        District → its parts, each an outer ring of (longitude, latitude) and its holes; empty without a map.
    left_out : pandas.DataFrame, optional
        What the table of counts says and its frame does not: see `remarks`.
    register_files : mapping of str to Path
        "births", "deaths" and so on: the registers of individual records, read when first asked for.
    quotas : pandas.DataFrame, optional
        What is to be done by which day: see `courses`.
    """

    declaration: Declaration
    paths: tuple[Path, ...]
    tables: Mapping[str, pd.DataFrame]
    neighbors: Neighbors = field(default_factory=dict)
    outlines: Mapping[str, Outline] = field(default_factory=dict)
    left_out: pd.DataFrame | None = None
    register_files: Mapping[str, Path] = field(default_factory=dict)
    quotas: pd.DataFrame | None = None

    def districts(self) -> dict[str, tuple[str, str]]:
        """Give the districts in the order of the tables: id → (name_zh, name_en), the latest names."""
        return dict(self._districts)

    def read(
        self,
        district: str | None = None,
        *,
        year_from: int | None = None,
        year_to: int | None = None,
        table: str | None = None,
    ) -> pd.DataFrame:
        """Give the rows of one district, and of it alone; or of all districts.

        Parameters
        ----------
        district : str, optional
            Its id, or its Chinese or English name. None: all districts.
        year_from, year_to : int, optional
            The first and last year; None or 0: no limit. A row over several years is given only if all of
            them lie within.
        table : {"counts", "series"}, optional
            Which table; the default is counts, or the only table there is.

        Returns
        -------
        pandas.DataFrame
            A copy with the columns of the whole table.

        Raises
        ------
        ValueError
            If the district is not in the dataset, or its name is that of several; if the years are reversed.
        """
        name = self._table(table)
        frame = self.tables[name]
        if district is not None:
            frame = frame.take(self._rows[name].get(self.district_id(district), []))
        _refuse_reversed(year_from, year_to)
        if year_from:
            frame = frame[frame["year"] >= year_from]
        if year_to:
            last = "year_end" if "year_end" in frame else "year"
            frame = frame[frame[last] <= year_to]
        return frame.reset_index(drop=True)

    def district_id(self, district: str) -> str:
        """Give the id of a district called by its id or by one of its names."""
        if district in self._districts:
            return district
        wanted = plain(str(district)).casefold()
        found = [
            id
            for id, names in self._districts.items()
            if wanted in {plain(word).casefold() for word in (id, *names)}
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(
                f"`district` must name one district; {district!r} is the name of {listed(found)}. "
                "Give the id."
            )
        known = [word for id, names in self._districts.items() for word in (id, *names)]
        raise ValueError(
            f"`district` must be a district of the dataset {self.declaration.name}; got {district!r}. "
            f"{did_you_mean(str(district), known)}It holds {listed(list(self._districts))}."
        )

    def digest(self, district: str | None = None) -> str:
        """Give the SHA-256 (hex) of the declaration and of all that is handed out for this district.

        None: of all districts, and of where they lie.
        """
        content = hashlib.sha256(self._declared)
        for name in sorted(self.tables):
            content.update(f"\n{name}\n".encode())
            rows = self._rows[name]
            content.update(self._contents[name].of(None if district is None else rows.get(district, [])))
        if district is None and (self.neighbors or self.outlines):
            content.update(json.dumps([self.neighbors, dict(self.outlines)], sort_keys=True).encode())
        for name in self._shelf.names():
            content.update(f"\n{name}\n".encode())
            content.update(self._shelf.content(name, district))
        if self.register_files:
            content.update(self.register_remarks(district).to_csv(index=False).encode())
        if self.quotas is not None and len(self.quotas):
            content.update(self.courses(district).to_csv(index=False, lineterminator="\n").encode())
        if self._told(district):
            content.update(self.remarks(district).to_csv(index=False, lineterminator="\n").encode())
        return content.hexdigest()

    def remarks(self, district: str | None = None) -> pd.DataFrame:
        """Give what was not taken as a count: codes for missing values of a district, rows of totals.

        Returns
        -------
        pandas.DataFrame
            Columns rule (missing_code, total_row), district and year (of the cell; "" and NA for a row of
            totals, which is told to every district), column, value.
        """
        if self.left_out is None:
            return pd.DataFrame(columns=["rule", "district", "year", "column", "value"])
        if district is None:
            return self.left_out
        return self.left_out.take(self._told(self.district_id(district))).reset_index(drop=True)

    def registers(self) -> list[str]:
        """Name the registers of individual records that the dataset holds."""
        return self._shelf.names()

    def register(
        self,
        name: str,
        district: str | None = None,
        *,
        year_from: int | None = None,
        year_to: int | None = None,
    ) -> pd.DataFrame:
        """Give a register of one district, and of it alone, without ids, names or dates; or of all districts.

        Parameters
        ----------
        name : {"births", "deaths", "hemoglobin", "growth", "newborn_screening", "cervical_screening", \
"emtct"}
            Which register.
        district : str, optional
            Its id, or its Chinese or English name. None: all districts.
        year_from, year_to : int, optional
            The first and last year; None or 0: no limit. Years are those of the dataset: from October to
            September where it declares mch_year. Rows without a date are given in any case.

        Returns
        -------
        pandas.DataFrame
            The columns of the register that are known, in the order of its schema, with what stands for
            dates and ids: `record_id`, a running number of the persons of the district (a death has that of
            its birth where their ids are equal); `year`, `mch_year` (2024: October 2023 to September 2024)
            and `month` of the event; `age_months` (completed calendar months), `age_days` (deaths, growth);
            `birth_year`, `birth_mch_year` and `days_since_previous` (the death before of its kind) of deaths;
            `days_to_diagnosed` and so on (NaN: not done), `observed_days` (to the closing of the record, or
            to the last date of the district's register). Strata and clusters are running numbers. Columns of
            no register are dropped. No rows where the dataset has no such register.

        Raises
        ------
        ValueError
            If there is no such register or district, or the years are reversed.
        DataError
            With all faults of the file: rows and columns, never what stands in a cell.
        """
        own = None if district is None else self.district_id(district)
        frame = self._shelf.of(name, own)
        _refuse_reversed(year_from, year_to)
        year = frame["mch_year" if self.declaration.period == "mch_year" else "year"]
        outside = (year < (year_from or year)) | (year > (year_to or year))
        return frame[~outside.fillna(False).to_numpy(dtype=bool)].reset_index(drop=True)

    def courses(
        self,
        district: str | None = None,
        *,
        year_from: int | None = None,
        year_to: int | None = None,
    ) -> pd.DataFrame:
        """Count persons done by each day of the quotas of a district, this year and earlier; or of all.

        Parameters
        ----------
        district : str, optional
            Its id, or its Chinese or English name. None: all districts.
        year_from, year_to : int, optional
            The first and last year in which a quota's period may begin; None or 0: no limit.

        Returns
        -------
        pandas.DataFrame
            Columns district, item (the count), unit (persons, tests), quota; start_year, start_month and
            start_day of its period; deadline and as_of (the last date of the register), as days of that
            period, the first being 1; years_before (0: the quota's own period), day, done (so far). No rows
            without quotas, or without the register that they are counted in.
        """
        found = self._shelf.courses()
        if district is not None:
            found = found[found["district"] == self.district_id(district)]
        begins = found["start_year"]
        inside = (begins >= (year_from or begins)) & (begins <= (year_to or begins))
        return found[inside].reset_index(drop=True)

    def register_remarks(self, district: str | None = None) -> pd.DataFrame:
        """Count what was found in the registers: dates out of order, implausible values, copies of rows.

        Returns
        -------
        pandas.DataFrame
            Columns register, rule (as `Finding.rule`), column (several joined by ";"), rows.
        """
        return self._shelf.remarks(None if district is None else self.district_id(district))

    def read_registers(self) -> None:
        """Read every register now; raises DataError with the faults of all of them."""
        self._shelf.read_all()

    def files(self) -> list[Path]:
        """Give every file that the dataset was read from, as absolute paths."""
        return list(self.paths)

    @cached_property
    def _districts(self) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for frame in self.tables.values():
            # Rows of a district stand by year: the last one has the name of today.
            for id, zh, en in zip(frame["district"], frame["name_zh"], frame["name_en"], strict=True):
                found[id] = (zh, en)
        return found

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf(self.register_files, self._districts, self.quotas)

    @cached_property
    def _declared(self) -> bytes:
        return json.dumps(asdict(self.declaration), sort_keys=True).encode()

    @cached_property
    def _contents(self) -> dict[str, Contents]:
        return {name: Contents(frame) for name, frame in self.tables.items()}

    @cached_property
    def _rows(self) -> dict[str, dict[str, list[int]]]:
        """Table → district → positions of its rows."""
        return {
            name: {str(id): list(rows) for id, rows in frame.groupby("district").indices.items()}
            for name, frame in self.tables.items()
        }

    def _told(self, district: str | None) -> list[int]:
        """Give the positions in `left_out` of what a district is told; None: of all."""
        if self.left_out is None:
            return []
        if district is None:
            return list(range(len(self.left_out)))
        return sorted([*self._left_out_of.get("", []), *self._left_out_of.get(district, [])])

    @cached_property
    def _left_out_of(self) -> dict[str, list[int]]:
        """District → positions in `left_out`; "" → those that every district is told."""
        places: dict[str, list[int]] = {}
        for position, district in enumerate([] if self.left_out is None else self.left_out["district"]):
            places.setdefault(district, []).append(position)
        return places

    def _table(self, table: str | None) -> str:
        if table is None:
            return "counts" if "counts" in self.tables else next(iter(self.tables))
        if table not in self.tables:
            raise ValueError(
                f"`table` must be a table of the dataset {self.declaration.name}; got {table!r}. "
                f"It holds {listed(list(self.tables))}."
            )
        return table


def open_dataset(data: str | Path, *, start: str | Path | None = None) -> Dataset:
    """Open a dataset by its name or path and read all its tables.

    Parameters
    ----------
    data : str or Path
        The name of a folder in data/, which is found by walking up from `start` to the folder that holds
        params/; or the path of a dataset's folder, of a folder with one CSV file, or of a CSV file.
    start : str or Path, optional
        Where to walk up from; the working directory by default.

    Raises
    ------
    DataError
        If there is no such dataset, or with all faults of its files at once.

    Examples
    --------
    >>> published = open_dataset("published")
    >>> published.districts()["152223"]
    ('扎赉特旗', 'Jalaid Banner')
    >>> published.read("扎赉特旗")[["district", "year", "live_births", "neonatal_deaths"]]
      district  year  live_births  neonatal_deaths
    0   152223  2023         1430                3
    """
    path = find(data, Path(start) if start is not None else Path.cwd()).resolve()
    return recall(path) or load(path)


def load(path: Path) -> Dataset:
    """Read the dataset at a path; raises DataError with the faults of all its files."""
    declaration, tables = describe(path)
    frames = {}
    left_out = None
    faults: list[Finding] = []
    for name, table in tables.items():
        try:
            if name == "counts":
                reading = counts_of(read_sheet(table))
                refuse_errors(reading.findings)
                frames[name], left_out = reading.frame.reset_index(drop=True), left_out_of(reading)
            elif name == "series":
                frames[name] = read_series(table)
        except DataError as error:
            faults += error.findings
    registers = {name: file for name, file in tables.items() if name in schemas()}
    if not frames and not faults:
        frames["counts"] = years_of_registers(registers, mch_year=declaration.period == "mch_year")
    districts = dict.fromkeys(id for frame in frames.values() for id in frame["district"])
    if not faults:  # whose ids are known only from tables without faults
        neighbors, outlines, found = read_geography(tables, districts)
        quotas, more = read_quotas(tables, districts)
        faults += [one for one in (*found, *more) if one.severity == "error"]
    if faults:
        raise DataError(faults)
    own = (path / NAME,) if (path / NAME).is_file() else ()
    paths = (*own, *tables.values())
    return Dataset(declaration, paths, frames, neighbors, outlines, left_out, registers, quotas)


def _refuse_reversed(year_from: int | None, year_to: int | None) -> None:
    if year_from and year_to and year_from > year_to:
        raise ValueError(
            f"`year_from` must be at most `year_to` ({year_to}); got {year_from}. Exchange the two."
        )
