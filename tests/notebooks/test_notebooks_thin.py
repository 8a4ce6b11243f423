"""Notebooks hold no logic: few cells, short ones, prose before each, one parameters cell of plain lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PARAMS = sorted((ROOT / "params").glob("*.yaml"))

MOST_CODE_CELLS = 14
MOST_LINES = 8
CHECKED = "# NBVAL_CHECK_OUTPUT"
PARAMETER = re.compile(r"^[a-z_]+: (str|int|float|bool) = [^=#]+  # .+$")
LOGIC = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While, ast.If, ast.IfExp,
    ast.Lambda, ast.Try, ast.With, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
EVERYWHERE = {
    "district": "str",
    "data": "str",
    "year_from": "int",
    "year_to": "int",
    "lang": "str",
    "confidence_level": "float",
}


def tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", []))


def parameters(notebook: Any) -> dict[str, str]:
    """The parameters by name, with their types as written."""
    cells = [cell for cell in notebook.cells if "parameters" in tags(cell)]
    lines = [line for cell in cells for line in cell.source.splitlines()]
    return {line.partition(":")[0]: line.partition(":")[2].partition("=")[0].strip() for line in lines}


def faults(notebook: Any) -> list[str]:
    """Every way in which a notebook is not thin."""
    found = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if len(code) > MOST_CODE_CELLS:
        found.append(f"{len(code)} code cells")
    if sum("parameters" in tags(cell) for cell in notebook.cells) != 1:
        found.append("not one parameters cell")
    for before, cell in zip([None, *notebook.cells], notebook.cells, strict=False):
        if cell.cell_type != "code":
            continue
        where = f"cell {cell.get('id')}"
        lines = [line for line in cell.source.splitlines() if line.strip() and line != CHECKED]
        if before is None or before.cell_type != "markdown":
            found.append(f"{where}: no prose before it")
        if "parameters" in tags(cell):
            found += [
                f"{where}: not a plain parameter: {line}" for line in lines if not PARAMETER.match(line)
            ]
        elif len(lines) > MOST_LINES:
            found.append(f"{where}: {len(lines)} lines")
        logic = [type(node).__name__ for node in ast.walk(ast.parse(cell.source)) if isinstance(node, LOGIC)]
        found += [f"{where}: {name}" for name in logic]
        if cell.outputs and not cell.source.startswith(CHECKED):
            found.append(f"{where}: stored output that nothing checks")
        if cell.source.startswith(CHECKED) and not cell.outputs:
            found.append(f"{where}: no output to check")
        if (cell.execution_count is not None) != bool(cell.outputs):
            found.append(f"{where}: execution count")
    return found + language_faults(notebook)


def language_faults(notebook: Any) -> list[str]:
    """Markdown stands in pairs, Chinese first; every cell has an id that is a word of its own."""
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    found = []
    for zh, en in zip(prose[::2], [*prose[1::2], None], strict=False):
        if en is None or "lang-zh" not in tags(zh) or "lang-en" not in tags(en):
            found.append(f"cell {zh.get('id')}: not a pair of lang-zh and lang-en")
        elif not re.search(r"[\u4e00-\u9fff]", zh.source) or re.search(r"[\u4e00-\u9fff]", en.source):
            found.append(f"cell {zh.get('id')}: languages exchanged")
    ids = [cell.get("id", "") for cell in notebook.cells]
    found += [f"cell id {one!r}" for one in ids if not re.fullmatch(r"[a-z]+(-[a-z]+)*", one)]
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_thin(path: Path):
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    assert faults(notebook) == []
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}  # no machine, no time
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_takes_the_parameters_that_every_notebook_takes(path: Path):
    assert parameters(nbformat.read(path, 4)) == EVERYWHERE


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_papermill_sees_every_parameter(path: Path):
    from papermill.inspection import inspect_notebook

    seen = inspect_notebook(str(path))
    assert {name: one["inferred_type_name"] for name, one in seen.items()} == EVERYWHERE
    assert all(one["help"] for one in seen.values())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_checks_its_numbers_of_record(path: Path):
    checked = [cell for cell in nbformat.read(path, 4).cells if cell.source.startswith(CHECKED)]
    assert len(checked) >= 1
    for cell in checked:
        assert [output.output_type for output in cell.outputs] == ["stream"]
        assert not re.search("0x|/home|/tmp", cell.outputs[0].text)


def test_the_record_of_the_banner_is_what_was_published_and_deduced():
    notebook = nbformat.read(ROOT / "notebooks" / "mortality.ipynb", 4)
    text = "".join(
        output.text for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
    )
    assert (
        "152223 | 2023 | neonatal_mortality_rate | CN_HCPLAN2025_NMR | 3/1430 | value 2.0979 | "
        "lower 0.4326 | upper 6.1310 | cannot tell | allowance 4 | met at 22364"
    ) in text.splitlines()
    assert "maternal" not in text  # none published, none recorded


def test_all_five_analyses_and_the_template_are_there():
    assert {path.stem for path in NOTEBOOKS} == {
        "_template",
        "anemia",
        "mortality",
        "national_trend",
        "region",
        "screening",
    }


def change(break_it: Callable[[Any], None]) -> list[str]:
    notebook = nbformat.read(ROOT / "notebooks" / "mortality.ipynb", 4)
    break_it(notebook)
    return faults(notebook)


def code_cell(notebook: Any) -> Any:
    return next(cell for cell in notebook.cells if cell.get("id") == "findings")


def with_source(source: str) -> Callable[[Any], None]:
    def put(notebook: Any) -> None:
        code_cell(notebook).source = source

    return put


def with_parameter(line: str) -> Callable[[Any], None]:
    def put(notebook: Any) -> None:
        next(cell for cell in notebook.cells if "parameters" in tags(cell)).source += f"\n{line}"

    return put


def many_cells(notebook: Any) -> None:
    for number in range(10):
        cell = nbformat.v4.new_code_cell("1")
        cell.id = "x" * (number + 1)
        notebook.cells += [nbformat.v4.new_markdown_cell("字"), cell]


def without_prose(notebook: Any) -> None:
    place = notebook.cells.index(code_cell(notebook))
    del notebook.cells[place - 2 : place]


def second_parameters(notebook: Any) -> None:
    code_cell(notebook).metadata["tags"] = ["parameters"]


def stored_output(notebook: Any) -> None:
    code_cell(notebook).outputs = [nbformat.v4.new_output("stream", text="1")]


def unchecked_record(notebook: Any) -> None:
    next(cell for cell in notebook.cells if cell.get("id") == "record").outputs = []


def random_id(notebook: Any) -> None:
    code_cell(notebook).id = "3f2a91bc"


def one_language(notebook: Any) -> None:
    del notebook.cells[1]


@pytest.mark.parametrize(
    ("break_it", "fault"),
    [
        (many_cells, "code cells"),
        (with_source("\n".join(["x = 1"] * 9)), "9 lines"),
        (with_source("def f():\n    pass"), "FunctionDef"),
        (with_source("class C:\n    pass"), "ClassDef"),
        (with_source("for x in []:\n    pass"), "For"),
        (with_source("if True:\n    x = 1"), "If"),
        (with_source("x = [y for y in []]"), "ListComp"),
        (with_source("f = lambda: 1"), "Lambda"),
        (with_parameter("x = 1"), "not a plain parameter"),
        (with_parameter("x: int = 1"), "not a plain parameter"),
        (with_parameter("x: int | None = None  # help"), "not a plain parameter"),
        (without_prose, "no prose before it"),
        (second_parameters, "not one parameters cell"),
        (stored_output, "stored output that nothing checks"),
        (unchecked_record, "no output to check"),
        (random_id, "cell id"),
        (one_language, "not a pair"),
    ],
)
def test_a_notebook_that_is_not_thin_is_found(break_it: Callable[[Any], None], fault: str):
    found = change(break_it)
    assert any(fault in one for one in found), found


@pytest.mark.parametrize("path", PARAMS, ids=lambda path: path.stem)
def test_params_name_a_notebook_and_a_dataset_that_are_there(path: Path):
    params = yaml.safe_load(path.read_text("utf-8"))
    assert (ROOT / "notebooks" / f"{params['notebook']}.ipynb").is_file()
    assert (ROOT / "data" / params["data"]).is_dir()
    assert params["lang"] == ["zh", "en"]
    assert set(params) <= {"notebook", "data", "reads", "lang", "defaults", "districts", "runs"}
    districts = params.get("districts")
    if params.get("reads") == "all":
        assert districts is None  # run once
    else:
        assert districts == "all" or all(isinstance(one, str) for one in districts)


def test_every_analysis_has_params():
    named = {yaml.safe_load(path.read_text("utf-8"))["notebook"] for path in PARAMS}
    assert named == {path.stem for path in NOTEBOOKS} - {"_template"}
