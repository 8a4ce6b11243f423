"""What is said of an input file: one finding a fault, and the error that carries all of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "finding", "note"]

_LONGEST_SHOWN = 40
_SHOWN = 3


@dataclass(frozen=True)
class Finding:
    """One thing that a reader of an input file has to know.

    Parameters
    ----------
    file : str
        The file, as a path from the working directory where it lies below it.
    row : int or None
        The row as a spreadsheet numbers it; None where the finding is on the whole file or column.
    column : str or None
        The header as the file writes it; several are joined by ", ".
    value : str or None
        The value as the file writes it.
    rule : str
        A short code of the rule, for programs. Errors of a file: file, quotation_marks, required_column,
        duplicate_column, no_rows, width; of a row: district, year, whole_number, number, not_negative,
        deduced, events_within_total, duplicate_district_year; of a series: indicator, source_system, area,
        value, unit, limits, duplicate_year; of a dataset: dataset, yaml, unknown_key, missing_key, tables,
        neighbor, outlines, declaration. Findings of registers: repeated_row, duplicate_record, missing_value,
        missing_code, future_date, date_order, implausible; their errors: date, word, label and those above.
        Errors of quotas: quota.
        Findings: missing_count, missing_code, total_row, note_row,
        similar_column, unnamed_column, overlap, renamed, and the rules of `indicators.contradictions`.
        Notes: encoding, title_row, unknown_column, column_left_out, thousands_separator.
    severity : {"error", "finding", "note"}
        An error makes the file unusable; a finding stops no work; a note only says how the file was read.
    message : str
        What is the matter: "must be RULE; got VALUE".
    fix : str
        What to do about it, a whole sentence; empty for some notes.

    Examples
    --------
    >>> print(Finding("a.csv", 3, "live_births", "many", "whole_number", "error",
    ...               "must be a whole number, 0 or more; got 'many'", "Write it in digits."))
    a.csv row 3, column live_births: must be a whole number, 0 or more; got 'many'. Write it in digits.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    rule: str
    severity: Severity
    message: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.file} row {self.row}" if self.row is not None else self.file
        if self.column is not None:
            place += f"{',' if self.row is not None else ''} column {self.column}"
        end = "" if self.message.endswith("?") else "."
        return f"{place}: {self.message}{end} {self.fix}".rstrip()


class DataError(ValueError):
    """An input file that cannot be used; its text lists every fault, a line each.

    Parameters
    ----------
    findings : sequence of Finding
        All that was found; the text lists those that are errors.

    Attributes
    ----------
    findings : tuple of Finding
        All that was found, notes included.

    Examples
    --------
    >>> fault = file_error("a.csv", "file", "must be a table; got an empty file", "Save it again.")
    >>> raise DataError([fault])
    Traceback (most recent call last):
        ...
    mchepi.intake.findings.DataError: a.csv: must be a table; got an empty file. Save it again.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(found) for found in self.findings if found.severity == "error"))


def file_error(file: str, rule: str, message: str, fix: str) -> Finding:
    """Give an error that concerns a whole file."""
    return Finding(file, None, None, None, rule, "error", message, fix)


def refuse_errors(findings: Sequence[Finding]) -> None:
    """Raise them all at once if one of them is an error."""
    if any(found.severity == "error" for found in findings):
        raise DataError(findings)


def by_row(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings: what concerns the whole file first, then row by row."""
    return sorted(findings, key=lambda found: found.row or 0)


def shown_path(path: Path) -> str:
    """Write a path from the working directory where it lies below it, else in full."""
    path = path.absolute()
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def shown(value: str) -> str:
    """Write a value of a file so that its ends and control characters show; long ones are cut."""
    return repr(value if len(value) <= _LONGEST_SHOWN else value[: _LONGEST_SHOWN - 1] + "…")


def listed(items: Sequence[object]) -> str:
    """List the first few of many: `2, 5, 9 (first three of 12)`."""
    words = ", ".join(str(item) for item in items[:_SHOWN])
    return words if len(items) <= _SHOWN else f"{words} (first three of {len(items)})"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the known word that is spelt most like `word`, if one is near."""
    near = difflib.get_close_matches(word, list(known), 1)
    return near[0] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Write "Did you mean 'x'? " before a fix, or nothing where no known word is near."""
    near = nearest(word, known)
    return f"Did you mean {near!r}? " if near else ""
