"""Notebooks stay thin: prose and calls, no logic; outputs only where they are checked."""

from __future__ import annotations

import ast
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
MOST_CODE_CELLS = 14
MOST_LINES = 8
CHECKED = "# NBVAL_CHECK_OUTPUT"
PARAMETER = re.compile(r"[a-z_]+: (str|int|float|bool) = [^=]+  # [^=]+")
LOGIC = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Try, ast.Lambda)
COMMON = ["district", "data", "year_from", "year_to", "lang", "confidence_level"]


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def tags(cell: dict[str, Any]) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def text(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def faults(notebook: dict[str, Any]) -> list[str]:
    """All that keeps a notebook from being thin."""
    found = []
    cells = notebook["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    parameters = [cell for cell in code if "parameters" in tags(cell)]
    if len(code) > MOST_CODE_CELLS:
        found.append(f"{len(code)} code cells")
    if len(parameters) != 1:
        found.append(f"{len(parameters)} parameters cells")
    for cell in parameters:
        found += [
            f"parameter line {row!r}" for row in text(cell).splitlines() if not PARAMETER.fullmatch(row)
        ]
    for before, cell in zip([None, *cells], cells, strict=False):
        if cell["cell_type"] == "markdown":
            if len(tags(cell) & {"lang-zh", "lang-en"}) != 1:
                found.append(f"prose of no language: {text(cell)[:30]!r}")
            continue
        if before is None or before["cell_type"] != "markdown":
            found.append(f"no prose before {text(cell)[:30]!r}")
        if "parameters" not in tags(cell) and len(text(cell).splitlines()) > MOST_LINES:
            found.append(f"{len(text(cell).splitlines())} lines in {text(cell)[:30]!r}")
        for node in ast.walk(ast.parse(text(cell))):
            if isinstance(node, LOGIC):
                found.append(f"{type(node).__name__} in {text(cell)[:30]!r}")
        if bool(cell["outputs"]) != text(cell).startswith(CHECKED):
            found.append(f"outputs belong to checked cells only: {text(cell)[:30]!r}")
    zh = sum("lang-zh" in tags(cell) for cell in cells)
    if 2 * zh != sum(cell["cell_type"] == "markdown" for cell in cells):
        found.append("prose is not in pairs of languages")
    return found


def test_the_analyses_are_there():
    assert [path.stem for path in NOTEBOOKS] == [
        "_template",
        "anemia",
        "mortality",
        "national_trend",
        "screening",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_thin(path: Path):
    assert faults(read(path)) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_has_the_common_parameters(path: Path):
    (cell,) = [cell for cell in read(path)["cells"] if "parameters" in tags(cell)]
    assert [row.partition(":")[0] for row in text(cell).splitlines()][: len(COMMON)] == COMMON


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_checks_its_numbers_of_record(path: Path):
    assert any(text(cell).startswith(CHECKED) for cell in read(path)["cells"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_names_no_machine_and_no_time(path: Path):
    notebook = read(path)
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags"}
        assert cell["id"]


def spoil(notebook: dict[str, Any], kind: str) -> None:
    cells = notebook["cells"]
    last = next(cell for cell in reversed(cells) if cell["cell_type"] == "code")
    match kind:
        case "loop":
            last["source"] = ["for row in []:\n", "    print(row)"]
        case "function":
            last["source"] = ["def rate(a, b):\n", "    return a / b"]
        case "long":
            last["source"] = ["a = 1\n"] * 9
        case "no prose":
            cells.append(copy.deepcopy(last))
        case "many":
            cells.extend(copy.deepcopy(cells[-3:]) * 14)
        case "two parameters cells":
            last["metadata"]["tags"] = ["parameters"]
        case "output":
            last["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["1"]}]
        case "one language":
            cells.append({"cell_type": "markdown", "metadata": {"tags": ["lang-zh"]}, "source": ["只有中文"]})
        case "odd parameter":
            first = next(cell for cell in cells if "parameters" in tags(cell))
            first["source"] = [*first["source"], "\nlevels: list = [0.95]  # limits"]


@pytest.mark.parametrize(
    "kind",
    [
        "loop",
        "function",
        "long",
        "no prose",
        "many",
        "two parameters cells",
        "output",
        "one language",
        "odd parameter",
    ],
)
def test_a_fat_notebook_is_found(kind: str):
    notebook = read(NOTEBOOKS[0])
    spoil(notebook, kind)
    assert faults(notebook)
