"""What is put together of papermill's pieces is what papermill makes, byte for byte."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import papermill
import pytest
from nbclient import NotebookClient
from nbformat.v4 import output_from_msg
from toy_project import code, notebook, prose

from mchepi.batch.forkserver.execution import plain_output
from mchepi.batch.notebooks import notebook_text, parse_notebook
from mchepi.batch.papermill_pieces import execute, with_parameters


def without_random_ids(node: Any) -> str:
    for name in ("input_path", "output_path"):
        node.metadata.papermill.pop(name, None)
    for number, cell in enumerate(node.cells):
        cell.id = f"cell-{number}"
    return notebook_text(node)


@pytest.mark.parametrize("parameters", [{}, {"district": "150102", "years": [2020, 2021], "x": None}])
def test_a_notebook_gets_its_parameters_as_from_papermill(parameters: dict[str, Any]):
    marked = prose("An Exception was encountered", "papermill-error-cell-tag")
    cells = [prose("# 标题"), code("district = ''", "parameters"), marked, code("district")]
    text = nbformat.writes(notebook(*cells))
    expected = papermill.execute_notebook(
        parse_notebook(text), None, parameters, prepare_only=True, kernel_name="python3", language="python"
    )
    for _ in range(2):  # what one run writes into its notebook is not there in the next
        ours = with_parameters(text, parameters)
        assert without_random_ids(ours) == without_random_ids(expected)
        ours.cells[0].source = "changed"


def test_an_error_is_marked_as_by_papermill():
    ours = with_parameters(nbformat.writes(notebook(prose("a"), code("1 / 0"), code("2"))), {})
    error = execute(ours, "mchepi-plain")
    assert (error.ename, error.cell_index, error.source) == ("ZeroDivisionError", 1, "1 / 0")
    tagged = ["papermill-error-cell-tag" in cell.metadata.get("tags", []) for cell in ours.cells]
    assert tagged == [True, False, True, False, False]


def message(kind: str, **content: Any) -> dict[str, Any]:
    return {"msg_type": kind, "header": {"msg_type": kind}, "content": content}


TEXT = {"text/plain": "<Figure>", "image/png": "cG5n", "application/json": "1"}


@pytest.mark.parametrize(
    "said",
    [
        message("stream", name="stdout", text="one\n"),
        message("stream", name="stderr", text=""),
        message("display_data", data=TEXT, metadata={"image/png": {"alt": "a"}}, transient={}),
        message("execute_result", data=TEXT, metadata={}, execution_count=3),
    ],
)
def test_outputs_of_text_are_those_of_nbformat(said: dict[str, Any]):
    made, expected = plain_output(said), output_from_msg(said)
    assert made == expected
    assert isinstance(made, nbformat.NotebookNode)
    assert json.dumps(made, sort_keys=True) == json.dumps(expected, sort_keys=True)
    if "data" in made:
        assert isinstance(made.metadata, nbformat.NotebookNode)


@pytest.mark.parametrize(
    "said",
    [
        message("stream", name="stdout", text=None),
        message("stream", text="nobody"),
        message("display_data", data={"text/plain": 5}, metadata={}),
        message("display_data", data={"application/json": {"a": 1}}, metadata={}),
        message("display_data", data="text", metadata={}),
        message("display_data", data=TEXT),
        message("execute_result", data=TEXT, metadata={}, execution_count="3"),
        message("error", ename="E", evalue="v", traceback=[]),
        message("debug_event"),
    ],
)
def test_all_else_is_left_to_nbformat(said: dict[str, Any]):
    assert plain_output(said) is None


def test_nbclient_still_has_what_a_forked_kernel_puts_in_its_place():
    for name in ("execute_cell", "wait_for_reply", "output", "process_message", "setup_kernel"):
        assert callable(getattr(NotebookClient, name))
