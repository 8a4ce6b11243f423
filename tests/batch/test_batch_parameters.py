"""The parameters cell: read in full or refused, and every value checked against its type."""

from __future__ import annotations

import pytest
from toy_project import PARAMETERS, code, notebook

from mchepi.batch.notebooks import parse_notebook
from mchepi.batch.parameters import as_declared, faults_of, misfit, read_parameters
from mchepi.batch.refusal import Refused


def cell(source: str) -> object:
    return notebook(code(source, "parameters"))


def test_a_plain_cell_is_read_with_types_defaults_and_help():
    found = read_parameters(cell(PARAMETERS), "toy")
    assert list(found) == ["district", "data", "year_to", "confidence_level", "groups", "strict", "lang"]
    assert (found["year_to"].type, found["year_to"].default) == ("int", 0)
    assert found["year_to"].help == "last year; 0 means all"
    assert found["groups"].default == ["a", "b"]
    assert found["district"].help == "id of the district"


def test_comments_and_blank_lines_are_passed_over():
    assert list(read_parameters(cell("# what it is\n\na: int = 1\n"), "toy")) == ["a"]


@pytest.mark.parametrize(
    "line",
    [
        "year = 2020",
        "year: int | None = None",
        'how: Literal["a"] = "a"',
        "year: int = 2000 + 20",
        "year: int = here()",
        "year: int",
        'year: int = "2020"',
        "share: bool = 1",
        "import os",
        "a: int = 1; b: int = 2",
        "a: int = b = 2",
        "items: list[int] = [\n    1]",
        "%matplotlib inline",
        "year: int = 2020\nyear: int = 2021",
    ],
)
def test_a_line_that_is_not_plain_is_refused(line: str):
    with pytest.raises(Refused, match=r"toy, parameters cell, line \d: must be `name: type = value"):
        read_parameters(cell(line), "toy")


def test_a_line_that_papermill_would_miss_is_refused(caplog: pytest.LogCaptureFixture):
    for line in ('rule: str = "a = b"', "rule: int = 0  # 0 = all"):
        with pytest.raises(Refused, match="papermill cannot read rule; keep a second = out of the line"):
            read_parameters(cell(line), "toy")
    assert caplog.records == []


@pytest.mark.parametrize("cells", [[], [code("a: int = 1", "parameters"), code("b: int = 1", "parameters")]])
def test_there_is_exactly_one_parameters_cell(cells: list[object]):
    with pytest.raises(Refused, match=f"exactly one code cell tagged `parameters`; found {len(cells)}"):
        read_parameters(notebook(*cells), "toy")


@pytest.mark.parametrize(
    ("value", "type_name", "wrong"),
    [
        (2020, "int", ""),
        (2020, "float", ""),
        (0.5, "float", ""),
        ("x", "str", ""),
        (True, "bool", ""),
        (["a"], "list[str]", ""),
        ([], "list[int]", ""),
        ("2020", "int", 'must be a whole number; got the text "2020"'),
        (2020.5, "int", "must be a whole number; got 2020.5"),
        (True, "int", "must be a whole number; got true"),
        (True, "float", "must be a number; got true"),
        (True, "str", "must be text; got true"),
        (1, "bool", "must be true or false; got 1"),
        (152223, "str", 'must be text; got the number 152223; quote it: "152223"'),
        (None, "str", "must be text; got None"),
        ("a", "list[str]", 'must be a list; got the text "a"'),
        (["a", 1], "list[str]", "must be a list, each item text; got 1"),
        ({"a": 1}, "int", "must be a whole number; got {'a': 1}"),
    ],
)
def test_a_value_fits_its_type_or_not(value: object, type_name: str, wrong: str):
    assert misfit(value, type_name) == wrong


def test_unknown_parameters_are_refused_with_the_nearest_name():
    parameters = read_parameters(cell(PARAMETERS), "toy")
    assert faults_of({"yaer_to": 1, "zzz": 2, "year_to": "x"}, parameters, "defaults", "toy.ipynb") == [
        "defaults: `yaer_to` is not a parameter of toy.ipynb; did you mean `year_to`?",
        "defaults: `zzz` is not a parameter of toy.ipynb.",
        'defaults: `year_to` must be a whole number; got the text "x".',
    ]


def test_a_whole_number_becomes_a_float_where_one_is_declared():
    parameters = read_parameters(cell("a: float = 0.5\nb: list[float] = []\nc: int = 1"), "toy")
    assert [repr(as_declared(1, parameters[name])) for name in ("a", "c")] == ["1.0", "1"]
    assert as_declared([1, 0.5], parameters["b"]) == [1.0, 0.5]


def test_cells_without_an_id_get_one_that_stays():
    text = '{"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": [%s]}'
    markdown = '{"cell_type": "markdown", "metadata": {}, "source": "x"}'
    assert [cell.id for cell in parse_notebook(text % f"{markdown}, {markdown}").cells] == [
        "cell-1",
        "cell-2",
    ]
