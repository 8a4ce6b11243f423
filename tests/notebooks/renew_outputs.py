"""Run every notebook by hand's defaults and keep the outputs of its checked cells only.

After a change that is meant to change numbers of record: python tests/notebooks/renew_outputs.py, then read
the difference before committing it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHECKED = "# NBVAL_CHECK_OUTPUT"


def renew(path: Path) -> None:
    """Execute one notebook in its own folder and store what its checked cells print."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            checked = cell.source.startswith(CHECKED)
            cell.execution_count = 1 if checked else None  # nbval takes no output of a cell that never ran
            cell.outputs = cell.outputs if checked else []
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    path.write_text(nbformat.writes(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    for path in [Path(name) for name in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")):
        renew(path)
        print(f"renewed {path.name}")
