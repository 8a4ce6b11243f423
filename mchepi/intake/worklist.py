"""The list of the overdue: ids for those who must call them, and for nobody else."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd

from mchepi.intake.dataset import load
from mchepi.intake.findings import DataError, file_error, listed, shown_path
from mchepi.intake.places import find
from mchepi.intake.registers import header_of, recognize
from mchepi.intake.registers.check import names_of
from mchepi.intake.registers.deadlines import every_deadline
from mchepi.intake.registers.overdue import overdue

_FIX = "Name a file elsewhere, where only those who call the families can read it."


def worklist(
    data: str | Path, district: str | None = None, *, as_of: datetime.date | None = None
) -> pd.DataFrame:
    """List the persons whose next step of screening is overdue, by their ids, the longest overdue first.

    Parameters
    ----------
    data : str or Path
        A dataset, as for `open_dataset`, or the file of a register.
    district : str, optional
        Id or name of a district; None: all rows of a register's file.
    as_of : date, optional
        The day on which it is asked; the last date of the district's register by default.

    Returns
    -------
    pandas.DataFrame
        Columns record_id, register, program, step, due_days, limit_verified, said_before: screening,
        diagnosis and treatment by the deadlines in `mchepi/intake/data/deadlines.csv`, with whether the limit
        was verified, and whether the family refused or was lost sight of. Persons who died or moved away are
        not in it.

    Raises
    ------
    DataError
        If the data cannot be used, or hold no register that has deadlines.
    ValueError
        If there is no such district.
    """
    path = find(data, Path.cwd()).resolve()
    if path.is_dir():
        dataset = load(path)
        if district is None:
            raise ValueError("`district` must be given for a dataset; got none. Name one district.")
        files, known = dict(dataset.register_files), names_of(dataset.districts())
        return _overdue(path, files, known, dataset.district_id(district), as_of)
    schema = recognize(header_of(path))
    return _overdue(path, {schema.name: path} if schema else {}, None, district, as_of)


def _overdue(
    path: Path,
    files: dict[str, Path],
    known: dict[str, str] | None,
    district: str | None,
    as_of: datetime.date | None,
) -> pd.DataFrame:
    with_deadlines = list(dict.fromkeys(one.register for one in every_deadline()))
    if not set(files) & set(with_deadlines):
        message = f"must hold a register that has deadlines; got {listed(sorted(files)) or 'none'}"
        fix = f"Deadlines are known for {' and '.join(with_deadlines)}."
        raise DataError([file_error(shown_path(path), "register", message, fix)])
    return overdue(files, known, district, as_of)


def write_worklist(late: pd.DataFrame, output: str | Path) -> Path:
    """Write the list as CSV that only its owner can read, to a new file outside of all that is passed on.

    Parameters
    ----------
    late : pandas.DataFrame
        From `worklist`.
    output : str or Path
        A file that is not there yet. Not in a project (a folder with params/), nor in a folder of pages or of
        a site: those are passed on.

    Raises
    ------
    ValueError
        If it may not be written there.
    """
    path = Path(output).expanduser().absolute()
    for folder in path.resolve().parents:
        if (kind := _passed_on(folder)) is not None:
            raise ValueError(f"`output` must not lie in {kind}; got {path}. {_FIX}")
    if path.exists():
        raise ValueError(
            f"`output` must be a new file; got {path}, which is there. Delete it or name another."
        )
    if not path.parent.is_dir():
        raise ValueError(f"`output` must lie in a folder that exists; got {path}. Make the folder first.")
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(late.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))
    return path


def _passed_on(folder: Path) -> str | None:
    """Say what kind of folder this is, if its files reach others."""
    if (folder / ".mchepi-site").is_file():
        return "a site"
    ledgers = (folder / "ledger.jsonl", *folder.glob("zh/*/ledger.jsonl"), *folder.glob("en/*/ledger.jsonl"))
    if folder.name == "outputs" or any(ledger.is_file() for ledger in ledgers):
        return "a folder of pages"
    if (folder / "params").is_dir() and (folder / "data").is_dir():
        return "the project"
    return None
