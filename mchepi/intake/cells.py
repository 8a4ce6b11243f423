"""From the text of one cell to its value, or to the rule that it breaks."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Read = TypeVar("Read")

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "null", "missing", "未报", "缺失", "缺", "不详", "未填"})
CODES = {"-1": "unknown or not reported", "-2": "not applicable"}
"""What -1 and -2 mean in exports of the reporting system, as we read them: no form says so."""

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
LARGEST_COUNT = 9_999_999_999  # more than there are people
_POWERS_OF_TEN = 10 ** np.arange(len(str(LARGEST_COUNT)), dtype=np.int64)
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))
_GROUPED = re.compile(r"[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?")
_WHOLE = re.compile(r"(\d+)(\.0+)?")
_DECIMAL = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?|\.\d+")
_YEAR = re.compile(r"(\d{4})(?:\.0+)?(?:年|年度)?")
_YEARS = re.compile(r"(\d{4})年?(?:[-~–—−至]+)(\d{4})(?:年|年度)?")
_EXCEL_TEXT = re.compile(r'="(.*)"')


class Fault(NamedTuple):
    """A broken rule: its code, what the cell must be, and what to do."""

    rule: str
    must: str
    fix: str


_COUNT_FIX = "Write the number alone, in digits: 0 where there was none, nothing where it is not known."
_NEGATIVE = Fault(
    "not_negative",
    "0 or more",
    "Correct it; leave the cell empty where it is not known (-1 and -2 are read as missing).",
)


def each_once(read: Callable[[str], Read], cells: Sequence[str]) -> list[Read]:
    """Apply `read` to many cells, once to each text: a column of a large table holds few different ones."""
    known = {text: read(text) for text in set(cells)}
    return list(map(known.__getitem__, cells))


def cleaned(cells: Sequence[str]) -> list[str]:
    """Clean many cells; a column of ASCII letters and digits alone is seen to be clean at once."""
    together = "".join(cells)
    if together.isascii() and (together.isalnum() or not together):
        return list(cells)
    return each_once(clean, cells)


def in_digits(cells: Sequence[str]) -> NDArray[np.int64] | None:
    """Read a column as counts, if each of its cells is one written in its digits alone."""
    together = "".join(cells)
    if not (together.isascii() and together.isdecimal()) or "" in cells:
        return None
    if max(map(len, cells)) > len(_POWERS_OF_TEN):
        return None
    counts = np.fromiter(map(int, cells), dtype=np.int64, count=len(cells))
    return counts if digits_of(counts) == len(together) else None


def digits_of(counts: NDArray[np.int64]) -> int:
    """Count the digits that it takes to write these counts."""
    return int(np.searchsorted(_POWERS_OF_TEN, np.maximum(counts, 1), side="right").sum())


def clean(text: str) -> str:
    """Take away what spreadsheets put around a value: spaces of all kinds, `="…"`, an apostrophe."""
    if text.isascii() and text.isalnum():
        return text  # nearly every cell, and far quicker
    text = text.translate(_INVISIBLE).strip()
    unwrapped = _EXCEL_TEXT.fullmatch(text)
    return (unwrapped[1].strip() if unwrapped else text.removeprefix("'")).strip()


def plain(text: str) -> str:
    """Clean a value and write full-width digits, letters, brackets and signs in their plain forms."""
    if text.isascii():
        return clean(text)
    return unicodedata.normalize("NFKC", clean(text)).replace("−", "-").strip()


def is_grouped(value: str) -> bool:
    """Whether a plain value is a number with thousands separators: `1,430` or `1 430`."""
    return _GROUPED.fullmatch(value) is not None


def whole_number(value: str) -> int | Fault | None:
    """Read a plain value as a count; None where it is missing. The codes -1 and -2 are the caller's."""
    if value.isascii() and value.isdecimal():
        count = int(value)
    elif value.lower() in MISSING_WORDS:
        return None
    else:
        number = _ungrouped(value)
        whole = _WHOLE.fullmatch(number.removeprefix("+"))
        if not whole:
            if _is_negative(number):
                return _NEGATIVE
            return Fault("whole_number", "a whole number, 0 or more", _COUNT_FIX)
        count = int(whole[1])
    if count > LARGEST_COUNT:
        return Fault("whole_number", f"a whole number of at most {LARGEST_COUNT:,}", "Correct it.")
    return count


def amount(value: str) -> float | Fault | None:
    """Read a plain value as a number, 0 or more, that may be fractional; None where it is missing."""
    if value.lower() in MISSING_WORDS:
        return None
    number = _ungrouped(value).removeprefix("+")
    if _is_negative(number):
        return _NEGATIVE
    if not _DECIMAL.fullmatch(number) or not math.isfinite(float(number)):
        return Fault("number", "a number, 0 or more", _COUNT_FIX)
    return float(number)


def years(value: str) -> tuple[int, int | None] | Fault:
    """Read a plain value as a year, or as the first and last of several: `2023`, `2023年`, `2021-2024`."""
    compact = re.sub(r"\s", "", value)
    one, several = _YEAR.fullmatch(compact), _YEARS.fullmatch(compact)
    first = int(one[1]) if one else int(several[1]) if several else 0
    last = int(several[2]) if several else None
    if not _FIRST_YEAR <= first <= _LAST_YEAR or (last is not None and not first <= last <= _LAST_YEAR):
        fix = "Write it as 2023, several as 2021-2024. Merged cells leave blanks: fill every row."
        return Fault("year", f"a year from {_FIRST_YEAR} to {_LAST_YEAR}", fix)
    return first, last


def identifier(value: str) -> str | Fault:
    """Read a plain value as a district's id: any word that can name a folder."""
    whole = _WHOLE.fullmatch(value)
    if whole and whole[2]:
        value = whole[1]  # 152223.0: a code that went through a column of numbers
    if not value:
        return Fault("district", "filled in", "Merged cells leave blanks: fill every row.")
    if value in (".", "..") or re.search(r"[/\\]", value) or not value.isprintable():
        return Fault("district", "free of / \\ and control characters", "Take them out of the id.")
    return value


def _ungrouped(value: str) -> str:
    return re.sub(r"[, ]", "", value) if is_grouped(value) else value


def _is_negative(number: str) -> bool:
    return re.fullmatch(r"-\d+(\.\d+)?", number) is not None
