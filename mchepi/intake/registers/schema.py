"""The registers that a dataset may hold, and their columns: rows of `data/registers.csv`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from mchepi.intake.cells import plain
from mchepi.intake.headers import header_key

DATES = ("event", "birth", "step", "end")
UNIT_IN_HEADER = re.compile(
    r"\((g|kg|cm|m|克|千克|公斤|厘米|米|周|岁|支|支/日|支/天|g/l|g/dl|mmol/l|克/升|克/分升|毫摩尔/升)\)$"
)

_YES_NO = "yes=是|y|1|true|有|已;no=否|n|0|false|无|未"


@dataclass(frozen=True)
class Column:
    """One column of a register.

    `kind` is what its cells hold: id, district, word, yes_no, number, weeks, cigarettes, label (short text),
    design (of a sample), or a date: event (the row's own), birth, step (of a cascade), end (of observation).
    """

    name: str
    kind: str
    required: bool
    synonyms: tuple[str, ...]
    words: Mapping[str, str]
    lowest: float | None
    highest: float | None

    @property
    def is_date(self) -> bool:
        """Whether the cells hold dates, which are never handed out."""
        return self.kind in DATES


@dataclass(frozen=True)
class Schema:
    """One register: its columns by name, in the order in which they are handed out."""

    name: str
    columns: Mapping[str, Column]

    @cached_property
    def headers(self) -> dict[str, str]:
        """Header key → column name."""
        found = {header_key(name): name for name in self.columns}
        found |= {header_key(word): name for name, one in self.columns.items() for word in one.synonyms}
        return found

    def of_kind(self, *kinds: str) -> list[str]:
        """Name the columns of these kinds."""
        return [name for name, column in self.columns.items() if column.kind in kinds]

    @property
    def event(self) -> str:
        """The date to which a row belongs."""
        return self.of_kind("event")[0]

    @property
    def birth(self) -> str | None:
        """The date of birth, where it is not the event itself."""
        return next(iter(self.of_kind("birth")), None)

    @property
    def required(self) -> list[str]:
        """The columns without which the register says nothing."""
        return [name for name, column in self.columns.items() if column.required]

    def column_of(self, header: str) -> str | None:
        """Give the column name of a header, or None; a unit in brackets may follow it."""
        key = header_key(header)
        return self.headers.get(key) or self.headers.get(UNIT_IN_HEADER.sub("", key))


@cache
def schemas() -> Mapping[str, Schema]:
    """Give every register by its name."""
    text = resources.files("mchepi.intake").joinpath("data", "registers.csv").read_text("utf-8")
    columns: dict[str, dict[str, Column]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        words = row["words"]
        if row["kind"] == "yes_no":
            words = f"{_YES_NO};{words}" if words else _YES_NO
        columns.setdefault(row["register"], {})[row["column"]] = Column(
            row["column"],
            row["kind"],
            row["required"] == "yes",
            tuple(row["synonyms_zh"].split()),
            _words(words),
            float(row["lowest"]) if row["lowest"] else None,
            float(row["highest"]) if row["highest"] else None,
        )
    return {name: Schema(name, of) for name, of in columns.items()}


@cache
def words_of_registers() -> Mapping[str, str]:
    """Map the key of every header of any register to a column name, to find the header row of a file."""
    return {key: name for schema in schemas().values() for key, name in schema.headers.items()}


def recognize(headers: Iterable[str]) -> Schema | None:
    """Give the register that a header row belongs to: all its required columns are there, and most others.

    Every register needs a date, which no table of counts has. A row that has an id and a date but not all
    that a register needs is taken as that register too: what is missing is then said without showing persons.
    """
    headers = list(headers)
    best: tuple[bool, int, Schema] | None = None
    for schema in schemas().values():
        known = {name for name in map(schema.column_of, headers) if name}
        complete = known.issuperset(schema.required)
        if not complete and not ("record_id" in known and known & set(schema.of_kind(*DATES))):
            continue
        if best is None or (complete, len(known)) > best[:2]:
            best = complete, len(known), schema
    return best[2] if best else None


def word_key(text: str) -> str:
    """Write a word so that two spellings of it are equal."""
    return plain(text).casefold().replace(" ", "")


def _words(stated: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in filter(None, stated.split(";")):
        word, _, others = one.partition("=")
        found |= dict.fromkeys(map(word_key, (word, *filter(None, others.split("|")))), word)
    return found
