"""What a run leaves in a notebook that is no result: times, machine paths, random ids.

Without them the same inputs give the same bytes.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

CELL_FILE = re.compile(r"(?<![^\s\"'])[^\s\"']*ipykernel_\d+[/\\]\d+\.py")
ADDRESS = re.compile(r"\b0x[0-9a-f]{8,}\b")
INSERTED = ("injected-parameters", "papermill-error-cell-tag")
"""Tags of the cells that papermill inserts, each with a random id."""
TIMES = ("start_time", "end_time", "duration")


def take_times(notebook: Any) -> dict[str, Any]:
    """Move the times from the metadata of an executed notebook into the answer."""
    taken = notebook.metadata.get("papermill", {})
    times = {name: taken.pop(name, None) for name in TIMES}
    seconds = []
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        own = cell.metadata.get("papermill", {})
        spent = {name: own.pop(name, None) for name in TIMES}["duration"]
        if cell.cell_type == "code":
            seconds.append(spent)
    return {"started": times["start_time"], "seconds": times["duration"], "cells": seconds}


def clean(notebook: Any, *, folder: Path, project: Path) -> None:
    """Take everything out of an executed notebook that would differ if it were run again.

    Parameters
    ----------
    notebook
        The notebook's node; its times are taken already.
    folder
        Where it ran.
    project
        The project it belongs to.
    """
    for name in ("input_path", "output_path"):
        notebook.metadata.get("papermill", {}).pop(name, None)
    inserted = 0
    hide = hider(folder, project)
    for cell in notebook.cells:
        tag = next((tag for tag in cell.metadata.get("tags", []) if tag in INSERTED), None)
        if tag == INSERTED[0]:
            cell.id = tag
        elif tag:
            inserted += 1
            cell.id = f"papermill-error-{inserted}"
        if cell.cell_type == "code":
            cell.outputs = [_clean_output(output, hide) for output in _joined_streams(cell.outputs)]


def _joined_streams(outputs: list[Any]) -> list[Any]:
    """Join the pieces of stdout, then of stderr: how they were cut depends on the clock."""
    joined: list[Any] = []
    for is_stream, group in groupby(outputs, key=lambda output: output.output_type == "stream"):
        if not is_stream:
            joined += group
            continue
        pieces = list(group)
        for name in ("stdout", "stderr"):
            own = [piece for piece in pieces if piece.name == name]
            if own:
                own[0].text = "".join(piece.text for piece in own)
                joined.append(own[0])
    return joined


def _clean_output(output: Any, hide: Callable[[str], str]) -> Any:
    if output.output_type == "stream":
        output.text = hide(output.text)
    elif output.output_type == "error":
        output.evalue = hide(output.evalue)
        output.traceback = [hide(line) for line in output.traceback]
    else:
        for kind, text in output.data.items():
            if kind.startswith("text/") and isinstance(text, str):
                output.data[kind] = hide(text)
    return output


def hider(folder: Path, project: Path) -> Callable[[str], str]:
    """Make what replaces the machine's paths in a text by what they are to the reader, addresses by 0x…."""
    places = {
        sys.prefix: "[environment]",
        sysconfig.get_path("stdlib"): "[python]",
        sysconfig.get_path("platlib"): "[packages]",
        sysconfig.get_path("purelib"): "[packages]",
        str(Path(__file__).parents[2]): "[mchepi]",
        str(project): ".",
        str(folder): ".",
    }
    for shared in ("/usr", "/usr/local"):
        places.pop(shared, None)
    home = os.path.expanduser("~")
    # IPython shortens the home folder to ~ in tracebacks.
    places |= {
        "~" + place.removeprefix(home): short
        for place, short in places.items()
        if place.startswith(home + "/")
    }
    longest_first = sorted(places, key=len, reverse=True)
    pattern = re.compile("(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w.-])")

    def hide(text: str) -> str:
        if "ipykernel_" in text:  # a search for a word costs less than one for a pattern
            text = CELL_FILE.sub("[cell]", text)
        text = pattern.sub(lambda found: places[found[0]], text)
        return ADDRESS.sub("0x…", text) if "0x" in text else text

    return hide
