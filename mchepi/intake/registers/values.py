"""From the text of a register's cell to its value, or to the rule that it breaks."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from typing import Any

from mchepi.intake.cells import CODES, MISSING_WORDS, Fault, amount, identifier
from mchepi.intake.registers.schema import Column, word_key

UNKNOWN_NUMBER = "unknown"
"""What stands for the cigarettes of a smoker who smokes nobody knows how many."""

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]?\d{1,2}(?::\d{1,2}){1,2}.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NO_DATES = frozenset(
    {"0000-00-00", "1900-01-00", "1900-01-01", "1900/1/0", "1900/1/1"}
)  # empty cells, exported
_DAY_NUMBER = re.compile(r"\d{5}(\.\d+)?")
_FIRST_YEAR, _LAST_YEAR = 1901, 2100
_WEEKS = re.compile(r"(\d{1,2})(?:周|w)?(?:\+?([0-6])(?:天|d)?)?", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"\d{6}")
_LONGEST_LABEL = 60

_DATE_FIX = "Write dates as 2024-03-05; leave the cell empty where there is none."
Read = Callable[[str], Any]


def reader(column: Column) -> Read:
    """Give the function that reads plain text as a value of this column: the value, a Fault, or None."""
    if column.is_date:
        return date
    if column.kind in ("word", "yes_no"):
        return lambda text: _word(text, column)
    readers: dict[str, Read] = {
        "id": lambda text: text or None,
        "design": lambda text: text or None,
        "district": lambda text: identifier(text) if text else None,
        "label": label,
        "weeks": weeks,
        "cigarettes": cigarettes,
        "number": lambda text: number(text, negative=(column.lowest or 0) < 0),
    }
    return readers[column.kind]


def is_missing(text: str) -> bool:
    """Whether a plain text says that nothing is known."""
    return text.lower() in MISSING_WORDS or text in CODES


def date(text: str) -> int | Fault | None:
    """Read a date as a number of days since 1970-01-01."""
    if is_missing(text) or text in _NO_DATES:
        return None
    found = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    if not found:
        fix = _DATE_FIX
        if _DAY_NUMBER.fullmatch(text):
            fix = "These are day numbers of a spreadsheet: format the column as dates, then save it again."
        return Fault("date", "a date", fix)
    year, month, day = (int(part) for part in found.groups())
    try:
        days = datetime.date(year, month, day).toordinal()
    except ValueError:
        return Fault("date", "a date that exists", _DATE_FIX)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return Fault("date", f"a date from {_FIRST_YEAR} to {_LAST_YEAR}", _DATE_FIX)
    return days - datetime.date(1970, 1, 1).toordinal()


def number(text: str, *, negative: bool = False) -> float | Fault | None:
    """Read a number, 0 or more unless it may be negative."""
    if is_missing(text):
        return None
    if negative and text.startswith("-"):
        size = amount(text.removeprefix("-"))
        return -size if isinstance(size, float) else size
    read = amount(text)
    if isinstance(read, Fault):
        fix = "Write the number alone, in the unit of the column; leave the cell empty where it is not known."
        return Fault(read.rule, read.must, fix)
    return read


def weeks(text: str) -> float | Fault | None:
    """Read weeks of gestation: `38`, `38.5`, `38+3` and `38周3天` (38 weeks and 3 days)."""
    if is_missing(text):
        return None
    found = _WEEKS.fullmatch(text.replace(" ", "").replace("周+", "周"))
    if found and found[2] and found[0].isdecimal():
        return number(text)  # 383: no weeks and days without a sign between
    if found:
        return int(found[1]) + int(found[2] or 0) / 7
    return number(text)


def cigarettes(text: str) -> float | str | Fault | None:
    """Read cigarettes a day, or "unknown" of a smoker."""
    return UNKNOWN_NUMBER if word_key(text) in (UNKNOWN_NUMBER, "不详") else number(text)


def label(text: str) -> str | Fault | None:
    """Read a short text, such as a cause of death; long numbers may be someone's, and are refused."""
    if is_missing(text):
        return None
    if _LONG_NUMBER.search(text) or len(text) > _LONGEST_LABEL:
        must = f"a short text, at most {_LONGEST_LABEL} characters and without a number of 6 digits or more"
        return Fault("label", must, "Take out what may be a person's number, and longer remarks.")
    return text


def as_float(value: Any) -> float:
    """Give a number, NaN where there is none."""
    return float(value) if isinstance(value, int | float) else math.nan


def _word(text: str, column: Column) -> str | Fault | None:
    if known := column.words.get(word_key(text)):
        return known
    if is_missing(text):
        return None
    choices = ", ".join(dict.fromkeys(column.words.values()))
    return Fault("word", f"one of {choices}", "Write one of these, or leave the cell empty.")
