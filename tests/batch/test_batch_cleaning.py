"""What differs from run to run is taken out of a notebook, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import pytest
from toy_project import code, notebook

from mchepi.batch import cleaning
from mchepi.batch.cleaning import clean, hider, take_times

FOLDER, PROJECT = Path("/home/me/proj/outputs/zh/toy/.staging/B01"), Path("/home/me/proj")


def stream(name: str, text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("stream", name=name, text=text)


def png(data: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("display_data", data={"image/png": data, "text/plain": "<Figure>"})


def cleaned(*outputs: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    ran = notebook(code("x"))
    ran.cells[0].outputs = list(outputs)
    clean(ran, folder=FOLDER, project=PROJECT)
    return ran.cells[0].outputs


def test_how_a_stream_was_cut_makes_no_difference():
    whole = [
        stream("stdout", "one\ntwo\n"),
        stream("stderr", "careful\n"),
        png("AAAA"),
        stream("stdout", "three\n"),
    ]
    cut = [
        stream("stdout", "one\n"),
        stream("stderr", "care"),
        stream("stdout", "two\n"),
        stream("stderr", "ful\n"),
        png("AAAA"),
        stream("stdout", "thr"),
        stream("stdout", "ee\n"),
    ]
    assert cleaned(*cut) == cleaned(*whole) == whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{FOLDER}/tables/a.csv", "./tables/a.csv"),
        ("/home/me/proj/notebooks", "./notebooks"),
        ("/home/me/project2/notebooks", "/home/me/project2/notebooks"),
        ("/tmp/ipykernel_4711/123456.py:3: UserWarning: no", "[cell]:3: UserWarning: no"),
        ("<Thing at 0x7f1ffe1c8040>", "<Thing at 0x…>"),
        ("0x1F", "0x1F"),
        (f"{sys.prefix}/bin/python", "[environment]/bin/python"),
        (f"\x1b[32m{Path(nbformat.__file__)}:3\x1b[39m", "\x1b[32m[packages]/nbformat/__init__.py:3\x1b[39m"),
        ("rate 2.10 (0.43 to 6.13)", "rate 2.10 (0.43 to 6.13)"),
    ],
)
def test_machine_paths_become_what_they_are_to_the_reader(text: str, expected: str):
    assert hider(FOLDER, PROJECT)(text) == expected


def test_a_home_folder_shortened_by_ipython_is_seen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert hider(FOLDER, PROJECT)("File ~/proj/mchepi/x.py:12") == "File ./mchepi/x.py:12"


def test_errors_and_texts_are_cleaned_but_pictures_are_not():
    error = nbformat.v4.new_output(
        "error", ename="E", evalue=f"no {FOLDER}", traceback=[f"File {PROJECT}/a.py", "0x7f1ffe1c8040"]
    )
    table = nbformat.v4.new_output(
        "execute_result", data={"text/html": f"<p>{PROJECT}/x</p>", "image/png": str(PROJECT)}
    )
    error, table = cleaned(error, table)
    assert error.evalue == "no ."
    assert error.traceback == ["File ./a.py", "0x…"]
    assert table.data == {"text/html": "<p>./x</p>", "image/png": str(PROJECT)}


def test_times_move_out_of_the_notebook():
    ran = notebook(code("x"), code("y"))
    ran.metadata.papermill = {"start_time": "t0", "end_time": "t1", "duration": 1.5, "parameters": {"a": 1}}
    for cell, duration in zip(ran.cells, (0.5, None), strict=True):
        cell.metadata.papermill = {
            "start_time": "t0",
            "end_time": "t1",
            "duration": duration,
            "status": "completed",
        }
        cell.metadata.execution = {"iopub.execute_input": "t0"}
    assert take_times(ran) == {"started": "t0", "seconds": 1.5, "cells": [0.5, None]}
    assert ran.metadata.papermill == {"parameters": {"a": 1}}
    assert all(cell.metadata == {"tags": [], "papermill": {"status": "completed"}} for cell in ran.cells)


def test_cells_that_papermill_inserts_have_fixed_ids():
    tags = ["papermill-error-cell-tag", "injected-parameters", "papermill-error-cell-tag"]
    ran = notebook(*[code("x", tag) for tag in tags], code("y"))
    clean(ran, folder=FOLDER, project=PROJECT)
    assert [cell.id for cell in ran.cells] == [
        "papermill-error-1",
        "injected-parameters",
        "papermill-error-2",
        "c4",
    ]


def test_a_long_output_without_a_blank_is_searched_in_linear_time():
    text = "x" * 2_000_000  # quadratic search would take hours
    assert cleaning.CELL_FILE.sub("", text) == text
    assert (
        cleaning.CELL_FILE.sub("<cell>", 'File "/t/ipykernel_12/345.py", line 1') == 'File "<cell>", line 1'
    )
