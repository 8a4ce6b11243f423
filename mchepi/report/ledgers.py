"""What the runs left behind: ledgers and summary tables, read without opening a notebook."""

from __future__ import annotations

import contextlib
import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LANGUAGES = ("zh", "en")
ALL = "all"
"""The district of a page over all districts of its data."""
SUMMARY = "tables/summary.csv"
"""The table in which a notebook repeats the few figures that an index shows."""


class SiteError(ValueError):
    """The site cannot be built; the message says why and what to do."""


@dataclass(frozen=True)
class RunPage:
    """One district's page of one analysis in one language."""

    lang: str
    analysis: str
    district: str
    names: tuple[str, ...]
    failed: bool
    error: str
    folder: Path
    tables: tuple[str, ...]
    summary: tuple[dict[str, str], ...]

    @property
    def href(self) -> str:
        """The page's place below the folder of its language."""
        return f"{self.analysis}/{self.folder.name}/report.html"

    def name(self, lang: str) -> str:
        """The district's name in `lang`, else any name it has, else its id."""
        position = 0 if lang == "zh" else 1
        named = [name for name in self.names if name]
        if len(self.names) > position and self.names[position]:
            return self.names[position]
        return named[0] if named else self.district


def read_pages(outputs: Path) -> list[RunPage]:
    """Every page that the ledgers below `outputs` name, in the order of language, analysis, district."""
    pages = []
    for base in sorted(path for lang in LANGUAGES for path in outputs.glob(f"{lang}/*") if path.is_dir()):
        found = _pages_of_ledger(base) | _pages_of_journal(base)
        pages += [page for page in found.values() if (page.folder / "report.html").is_file()]
    return sorted(pages, key=lambda page: (page.lang, page.analysis, page.district))


def _pages_of_ledger(base: Path) -> dict[str, RunPage]:
    """Give the pages that the ledger in `base` names, by district."""
    ledger = base / "ledger.jsonl"
    pages = {}
    lines = ledger.read_text("utf-8").splitlines() if ledger.is_file() else []
    for number, line in enumerate(lines, 1):
        try:
            page = _page_of(base, json.loads(line))
        except (ValueError, KeyError, TypeError):
            raise SiteError(
                f"{ledger}, line {number}, must be a line that `mchepi run` wrote; it is damaged. "
                "Move the file away and run the analysis again."
            ) from None
        pages[page.district] = page
    return pages


def _pages_of_journal(base: Path) -> dict[str, RunPage]:
    """Give the pages that the ledger lacks: what a batch under way, or one that was cut short, has added.

    A line that was cut short says nothing; its page is made again by the next batch.
    """
    journal = base / "journal.jsonl"
    pages = {}
    for line in journal.read_bytes().split(b"\n") if journal.is_file() else []:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            page = _page_of(base, json.loads(line))
            pages[page.district] = page
    return pages


def _page_of(base: Path, entry: dict[str, Any]) -> RunPage:
    folder = base / entry["folder"]
    return RunPage(
        lang=base.parent.name,
        analysis=base.name,
        district=entry["district"],
        names=tuple(entry["names"]),
        failed=entry["status"] != "done",
        error=entry["error"] or "",
        folder=folder,
        tables=tuple(sorted(name for name in entry["outputs"] if name.startswith("tables/"))),
        summary=tuple(read_summary(folder)),
    )


def read_summary(folder: Path) -> list[dict[str, str]]:
    """The rows of a page's summary table; none where the page has no such table."""
    path = folder / SUMMARY
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
