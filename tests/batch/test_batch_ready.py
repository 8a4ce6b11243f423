"""A fork server has the data at hand, from its second notebook on; what is read is the same."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from toy_project import code, write_project

from mchepi.batch import plan_runs, run_batch
from mchepi.batch.forkserver import unsupported
from mchepi.intake import open_dataset

CELLS = [
    code("from mchepi.intake import kept, open_dataset"),
    code("open_dataset(data).read(district)['live_births'].tolist()"),
    code("len(kept._kept)"),
]
COUNTS = "district,year,live_births\nA,2023,10\nB,2023,20\nC,2023,30\n"


@pytest.mark.skipif(unsupported() is not None, reason="no kernels are forked here")
def test_the_data_are_read_once_not_once_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    root = write_project(tmp_path / "project", *CELLS)
    monkeypatch.chdir(root)
    (root / "params" / "toy.yaml").write_text("notebook: toy\ndata: toy\ndistricts: all\n", "utf-8")
    (root / "data" / "toy" / "counts.csv").write_text(COUNTS, "utf-8")
    for place in (root / "data" / "toy", root / "data" / "toy" / "counts.csv"):
        os.utime(place, (1_700_000_000, 1_700_000_000))
    plan = plan_runs(["params/toy.yaml"], open_dataset=open_dataset, keep="mchepi.intake.kept:keep")
    assert len(run_batch(plan, jobs=1).done) == 3
    shown = {}
    for district in "ABC":
        ran = nbformat.read(root / "outputs" / "zh" / "toy" / district / "notebook.ipynb", as_version=4)
        shown[district] = [cell.outputs[0].data["text/plain"] for cell in ran.cells[-2:]]
    assert shown == {"A": ["[10]", "0"], "B": ["[20]", "1"], "C": ["[30]", "1"]}
