"""`mchepi check`: all that can be said of a file or dataset, without raising."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mchepi.intake.counts import counts_of
from mchepi.intake.findings import DataError, Finding, by_row
from mchepi.intake.geography import KINDS as GEOGRAPHY
from mchepi.intake.geography import read_geography
from mchepi.intake.places import describe
from mchepi.intake.registers import check_register, header_of, recognize, schemas
from mchepi.intake.registers.quotas import KIND as QUOTAS
from mchepi.intake.registers.quotas import read_quotas
from mchepi.intake.remarks import remarks_on_counts
from mchepi.intake.series import series_of
from mchepi.intake.table import is_series, read_sheet


def check(path: str | Path) -> list[Finding]:
    r"""Find all that is wrong or worth knowing in a table or a dataset's folder.

    A table is recognized by its columns, wherever the file lies. Of a register of persons only rows and
    columns are named; what stands in a cell is never shown.

    Parameters
    ----------
    path : str or Path
        A CSV file, or a folder with a dataset.yaml or with one CSV file.

    Returns
    -------
    list of Finding
        Errors (the file cannot be used), findings (they stop no work) and notes (how it was read), by file
        and row; empty if there is nothing to say.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
    >>> table = "district,year,live_births,infant_deaths\nA,2023,12,many\nA,2024,12,13\n"
    >>> _ = path.write_text(table, "utf-8")
    >>> for found in check(path):
    ...     print(found.row, found.column, found.severity, found.message)
    2 infant_deaths error must be a whole number, 0 or more; got 'many'
    3 infant_deaths error must be at most live_births (12); got 13
    """
    path = Path(path)
    try:
        files = describe(path)[1] if path.is_dir() else {_register_in(path): path}
    except DataError as error:
        return list(error.findings)
    findings: list[Finding] = []
    names: dict[str, tuple[str, ...]] = {}
    registers = {kind: file for kind, file in files.items() if kind in schemas()}
    for kind, file in files.items():
        if kind not in (*GEOGRAPHY, QUOTAS) and kind not in registers:
            found, own = _check_table(file)
            findings += found
            names |= own
    for kind, file in registers.items():
        findings += check_register(file, kind, names or None)
    if not any(found.severity == "error" for found in findings):
        findings += by_row(read_geography(files, dict.fromkeys(names))[2])
        findings += by_row(read_quotas(files, dict.fromkeys(names) if names else None)[1])
    return findings


def _register_in(path: Path) -> str:
    """Name the register that a file holds, or nothing."""
    register = recognize(header_of(path))
    return register.name if register else ""


def _check_table(path: Path) -> tuple[list[Finding], dict[str, tuple[str, ...]]]:
    """All that can be said of a table, and the districts it names."""
    try:
        sheet = read_sheet(path)
    except DataError as error:
        return list(error.findings), {}
    if is_series(sheet):
        series = series_of(sheet)
        return series.findings, _districts(series.frame)
    reading = counts_of(sheet)
    remarks = remarks_on_counts(reading.frame, reading.table)
    return by_row([*reading.findings, *remarks]), _districts(reading.frame)


def _districts(frame: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    columns = (frame[name] for name in ("district", "name_zh", "name_en"))
    return {id: (zh, en) for id, zh, en in zip(*columns, strict=True)}
