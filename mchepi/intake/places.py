"""Where a dataset is, and which of its files holds what."""

from __future__ import annotations

from pathlib import Path

from mchepi.indicators import Declaration
from mchepi.intake.declaration_file import NAME, read_declaration, undeclared
from mchepi.intake.findings import DataError, did_you_mean, file_error, listed, shown_path
from mchepi.intake.registers import header_of, recognize
from mchepi.intake.table import is_series, read_sheet


def find(data: str | Path, start: Path) -> Path:
    """Give the folder or file that `data` names; see `open_dataset`."""
    if isinstance(data, Path) or "/" in data or "\\" in data:
        return Path(data) if Path(data).is_absolute() else start / data
    project = next(
        (folder for folder in (start.absolute(), *start.absolute().parents) if (folder / "params").is_dir()),
        None,
    )
    home = project / "data" if project else None
    for folder in filter(None, (home, start)):
        if data and (folder / data).exists():
            return folder / data
    known = sorted(entry.name for entry in home.iterdir() if entry.is_dir()) if home and home.is_dir() else []
    where = f"a folder of {shown_path(home)}" if home else "a path: no folder above holds params/"
    message = f"must be {where}, or the path of a folder or CSV file; there is none"
    fix = did_you_mean(data, known) + (f"It holds {', '.join(known)}." if known else "Give the path.")
    raise DataError([file_error(f"Dataset {data!r}", "dataset", message, fix)])


def describe(path: Path) -> tuple[Declaration, dict[str, Path]]:
    """Give the declaration and the files (kind → file) of a folder or CSV file."""
    if (path / NAME).is_file():
        return read_declaration(path / NAME)
    if not path.is_dir():
        return undeclared(path.stem), {_kind(path): path}
    found = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in (".csv", ".tsv"))
    if len(found) != 1:
        got = listed([entry.name for entry in found]) or "none"
        fix = f"Write a {NAME} that names the tables, or give the path of the one file."
        message = f"must hold a {NAME} or one CSV file; got {got}"
        raise DataError([file_error(shown_path(path), "dataset", message, fix)])
    return undeclared(path.absolute().name), {_kind(found[0]): found[0]}


def _kind(path: Path) -> str:
    """Tell a file by its columns; one with persons in it is never read as a table of counts."""
    register = recognize(header_of(path))
    if register is not None:
        return register.name
    return "series" if is_series(read_sheet(path)) else "counts"
