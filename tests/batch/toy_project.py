"""A small project of its own for the batch: a notebook, and data of a few districts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import nbformat

PARAMETERS = """\
district: str = "152223"  # id of the district
data: str = "toy"  # dataset
year_to: int = 0  # last year; 0 means all
confidence_level: float = 0.95  # of the limits
groups: list[str] = ["a", "b"]
strict: bool = False
lang: str = "zh"  # zh or en"""

DISTRICTS: dict[str, tuple[str, ...]] = {
    "152223": ("扎赉特旗", "Jalaid Banner"),
    "B01": ("错误县", "Error County"),
    "K01": ("崩溃县", "Crash County"),
    "T01": ("超时县", "Timeout County"),
    "W01": ("断线县", "Worker County"),
    "甲/乙": ("<script>alert(1)</script>", "A & B"),
}


class ToyDataset:
    """Satisfies the batch's `Dataset`, and nothing more."""

    def __init__(self, folder: Path, districts: Mapping[str, tuple[str, ...]] = DISTRICTS) -> None:
        self.folder = folder
        self.known = districts

    def districts(self) -> Mapping[str, tuple[str, ...]]:
        return self.known

    def digest(self, district: str | None) -> str:
        return hashlib.sha256(f"{district}".encode()).hexdigest()

    def files(self) -> list[Path]:
        return [self.folder / "counts.csv"]


PLACES = {"A": ("甲县", "A County"), "B": ("乙县", "B County"), "C": ("丙县", "C County")}
"""The names of districts; others are called by their id."""


class Rows(ToyDataset):
    """A dataset whose file holds a line a district: id, number."""

    def districts(self) -> dict[str, tuple[str, ...]]:
        return {id: PLACES.get(id, (id, "")) for id in self.rows()}

    def rows(self) -> dict[str, str]:
        return dict(line.split(",") for line in (self.folder / "counts.csv").read_text("utf-8").splitlines())

    def digest(self, district: str | None) -> str:
        rows = self.rows() if district is None else self.rows()[district]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def open_rows(data: str | Path, *, start: Path | None = None) -> Rows:
    assert start is not None
    return Rows(start / "data" / data)


def code(source: str, *tags: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


def prose(source: str, *tags: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def notebook(*cells: nbformat.NotebookNode, language: str = "python") -> nbformat.NotebookNode:
    """A notebook with the ids c1, c2 …."""
    for number, cell in enumerate(cells, 1):
        cell.id = f"c{number}"
    spec = {"name": "python3", "display_name": "Python 3", "language": language}
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"kernelspec": spec})


def write_project(root: Path, *cells: nbformat.NotebookNode, parameters: str = PARAMETERS) -> Path:
    """A project with the notebook `toy`, holding `cells`, and the dataset `toy`."""
    for folder in ("params", "notebooks", "data/toy"):
        (root / folder).mkdir(parents=True)
    nbformat.write(notebook(code(parameters, "parameters"), *cells), root / "notebooks" / "toy.ipynb")
    (root / "data" / "toy" / "counts.csv").write_text("district\n152223\n", "utf-8")
    return root


def open_toy(data: str | Path, *, start: Path | None = None) -> ToyDataset:
    assert start is not None
    return ToyDataset(data if isinstance(data, Path) else start / "data" / data)


def read_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
