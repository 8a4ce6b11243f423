"""What must hold of the catalog's tables; every fault is told at once, by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

Row = Mapping[str, str]

INDICATOR_COLUMNS = (
    "id",
    "name_zh",
    "name_en",
    "domain",
    "numerator",
    "denominator",
    "numerator_zh",
    "numerator_en",
    "denominator_zh",
    "denominator_en",
    "synonyms_zh",
    "per",
    "kind",
    "basis",
    "numerator_in_denominator",
    "direction",
    "source",
    "verified",
    "note",
)
TARGET_COLUMNS = (
    "target_id",
    "indicator",
    "level",
    "scope",
    "value",
    "unit",
    "comparator",
    "year",
    "baseline_year",
    "baseline_value",
    "source",
    "verified",
    "note",
)
COMPARATORS = ("<", "<=", "=", ">=", ">")

_INDICATOR_WORDS = {
    "per": ("1", "100", "1000", "10000", "100000"),
    "kind": ("proportion", "rate", "ratio", "administrative"),
    "basis": ("enumeration", "risk", "survey"),
    "numerator_in_denominator": ("yes", "no"),
    "direction": ("lower_better", "higher_better", "context"),
}
_TARGET_WORDS = {
    "level": ("world", "nation", "region", "prefecture", "county"),
    "comparator": COMPARATORS,
}
_INDICATOR_TEXTS = (
    "name_zh",
    "name_en",
    "domain",
    "numerator_zh",
    "numerator_en",
    "denominator_zh",
    "denominator_en",
    "source",
    "verified",
)
_COLUMN_NAME = re.compile(r"[a-z][a-z0-9_]*")


def column_names(expression: str) -> tuple[str, ...]:
    """Name the table columns of a numerator or denominator: `a`, or the sum `a + b`."""
    return tuple(part.strip() for part in expression.split("+"))


def header_groups(synonyms_zh: str, side: str) -> list[list[str]]:
    """Split `numerator: a;b + c | denominator: d` into the headers of each column of one side."""
    for part in synonyms_zh.split("|"):
        name, _, groups = part.partition(":")
        if name.strip() == side:
            return [
                [header.strip() for header in group.split(";") if header.strip()]
                for group in groups.split(" + ")
            ]
    return []


def faults_of_indicators(rows: Sequence[Row]) -> list[str]:
    """Tell every fault of the table of indicators."""
    faults = list(_faults_of_keys(rows, "id"))
    for label, row in _labeled(rows, "id"):
        faults += _faults_of_words(label, row, _INDICATOR_WORDS)
        faults += _faults_of_missing_texts(label, row, _INDICATOR_TEXTS)
        if row["kind"] == "proportion" and row["per"] != "100":
            faults.append(f"{label}: `per` of a proportion must be 100; got {row['per']!r}.")
        for side in ("numerator", "denominator"):
            names = column_names(row[side])
            if not all(map(_COLUMN_NAME.fullmatch, names)) or len(set(names)) < len(names):
                faults.append(
                    f"{label}: `{side}` must be a column name or a sum of different ones, "
                    f"such as live_births + stillbirths; got {row[side]!r}."
                )
            if len(header_groups(row["synonyms_zh"], side)) != len(names):
                faults.append(
                    f"{label}: `synonyms_zh` must hold as many groups of headers as `{side}` has columns, "
                    f"written '{side}: a;b + c'; got {row['synonyms_zh']!r}."
                )
    return faults


def faults_of_targets(rows: Sequence[Row], per_of_indicator: Mapping[str, int]) -> list[str]:
    """Tell every fault of the table of targets, given the unit of every indicator of the catalog."""
    faults = list(_faults_of_keys(rows, "target_id"))
    for label, row in _labeled(rows, "target_id"):
        faults += _faults_of_words(label, row, _TARGET_WORDS)
        faults += _faults_of_missing_texts(label, row, ("source", "verified"))
        faults += _faults_of_numbers(label, row, {"value": float}, required=True)
        faults += _faults_of_numbers(
            label, row, {"year": int, "baseline_year": int, "baseline_value": float}, required=False
        )
        if row["indicator"] not in per_of_indicator:
            faults.append(f"{label}: `indicator` must be in the catalog; got {row['indicator']!r}.")
        elif per_of_unit(row["unit"]) != per_of_indicator[row["indicator"]]:
            faults.append(
                f"{label}: `unit` must agree with the indicator's per "
                f"({per_of_indicator[row['indicator']]}); got {row['unit']!r}."
            )
    return faults


def faults_of_synonyms(pairs: Sequence[tuple[str, str]], columns: set[str]) -> list[str]:
    """Tell every Chinese header that names more than one column, or is a column's own name."""
    meanings: dict[str, set[str]] = {}
    for header, column in pairs:
        meanings.setdefault(header, set()).add(column)
    return [
        f"`synonyms_zh`: a header must name one column only; {header!r} names {', '.join(sorted(named))}."
        for header, named in meanings.items()
        if len(named) > 1 or header in columns
    ]


def per_of_unit(unit: str) -> int | None:
    """Give the number that a target's unit stands for: percent is 100, per_1000_population 1000."""
    if unit == "percent":
        return 100
    match = re.fullmatch(r"per_(\d+)(_[a-z_]+)?", unit)
    return int(match[1]) if match else None


def _labeled(rows: Sequence[Row], key: str) -> Iterator[tuple[str, Row]]:
    # A spreadsheet shows the header as row 1.
    return ((f"row {number} ({row[key]})", row) for number, row in enumerate(rows, start=2))


def _faults_of_keys(rows: Sequence[Row], key: str) -> Iterator[str]:
    seen: set[str] = set()
    for label, row in _labeled(rows, key):
        if not row[key].strip():
            yield f"{label}: `{key}` must not be empty."
        elif row[key] in seen:
            yield f"{label}: `{key}` must be unique; got {row[key]!r} again."
        seen.add(row[key])


def _faults_of_words(label: str, row: Row, words: Mapping[str, Sequence[str]]) -> list[str]:
    return [
        f"{label}: `{field}` must be one of {', '.join(known)}; got {row[field]!r}."
        for field, known in words.items()
        if row[field] not in known
    ]


def _faults_of_missing_texts(label: str, row: Row, fields: Sequence[str]) -> list[str]:
    return [
        f"{label}: `{field}` must be stated; got {row[field]!r}."
        for field in fields
        if not re.search(r"\w", row[field])
    ]


def _faults_of_numbers(
    label: str, row: Row, readers: Mapping[str, Callable[[str], float]], *, required: bool
) -> Iterator[str]:
    for field, reader in readers.items():
        if not row[field] and not required:
            continue
        try:
            reader(row[field])
        except ValueError:
            yield f"{label}: `{field}` must be a number; got {row[field]!r}."
