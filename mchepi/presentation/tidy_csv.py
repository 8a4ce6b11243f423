"""Tables as files: tidy, English column names, numbers at full precision, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd

from .numbers import is_missing

# Excel in China reads a CSV as GB18030 unless it begins with this mark.
ENCODING = "utf-8-sig"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> str:
    """One value as it stands in the file: numbers in full, missing as nothing, text inert.

    Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers keep their sign.

    Examples
    --------
    >>> cell(0.1 + 0.2), cell(float("nan")), cell("=1+1"), cell(-3), cell(True)
    ('0.30000000000000004', '', "'=1+1", '-3', 'true')
    """
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if is_missing(value):
        return ""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else cell(str(value))


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a tidy frame to `path`, making its folder.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns are written in order; the index is not.
    path : pathlib.Path
        The file. An existing one is replaced.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "tables" / "level.csv"
    ...     write_csv(pd.DataFrame({"district": ["152223"], "value": [3 / 1430 * 1000]}), path)
    ...     path.read_text("utf-8-sig").splitlines()
    ['district,value', '152223,2.097902097902098']
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=ENCODING, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(frame.columns)
        writer.writerows(zip(*(map(cell, values.tolist()) for _, values in frame.items()), strict=True))
