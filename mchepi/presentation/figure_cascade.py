"""The picture of cascades: of those due at each step, who got there, and how many were lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import canvas, numbers
from .cascades import step_kinds
from .drawing import Drawing, Pen
from .labels import column_name
from .lettering import width_of
from .rows import records
from .wording import text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 0.36
_HEAD = 0.40
_GAP = 0.22
_THICK = 0.58 * _ROW * 72  # points
_LOST = Pen("#E6E6E6", _THICK, 1)
_PASSED = Pen(canvas.DATA, _THICK, 2)
_ANEW = Pen(canvas.shade(canvas.DATA, 4), 1.0, 2)


def plot_cascades(frame: pd.DataFrame, programs: Sequence[str], *, lang: str) -> Figure | None:
    """Draw the cascades of some programs, one below the other.

    A bar is the share of those due who got to the step; the pale rest are those lost, with their number.
    What a step finds (positives, cases) starts anew at 100 %: a positive rate of 2 % is no loss of 98 %.

    Parameters
    ----------
    frame : pandas.DataFrame
        What `each_cascade` gives.
    programs : sequence of str
        Which programs, in order.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None if no program has two steps that were stated.

    Examples
    --------
    >>> nobody = pd.DataFrame({"program": ["breast"], "step": ["women_screened_breast"], "persons": [None]})
    >>> plot_cascades(nobody, ["breast"], lang="en") is None
    True
    """
    drawn = {program: _lines(frame[frame["program"] == program], step_kinds(program)) for program in programs}
    drawn = {program: lines for program, lines in drawn.items() if len(lines) > 1}
    if not drawn:
        return None
    height = sum(_HEAD + _ROW * len(lines) for lines in drawn.values()) + 0.12
    drawing = Drawing(height, text("figure.cascades", lang), dots_per_inch=canvas.COARSE)
    every = [line for lines in drawn.values() for line in lines]
    labels = {line["step"]: canvas.wrap(column_name(line["step"], lang), 38) for line in every}
    left = 0.25 + _widest(labels.values())
    persons = _widest(_beside(line, lang) for line in every)
    right = canvas.WIDTH - persons - _widest(_lost(line, lang) for line in every) - 2 * _GAP - 0.15
    top = 0.0
    for program, lines in drawn.items():
        drawing.write(
            (left, top + _HEAD - 0.06),
            text(f"program.{program}", lang),
            color=canvas.FAINT,
            vertical="bottom",
        )
        for place, line in enumerate(lines):
            y = top + _HEAD + (place + 0.5) * _ROW
            _bar(drawing, line, left, right, y)
            drawing.write((left - 0.09, y), labels[line["step"]], horizontal="right")
            drawing.write((right + _GAP, y), _beside(line, lang))
            drawing.write((right + 2 * _GAP + persons, y), _lost(line, lang), color=canvas.TARGET)
        top += _HEAD + _ROW * len(lines)
    with canvas.ink():
        return drawing.figure()


def _widest(contents: Iterable[str]) -> float:
    return max(width_of(content, canvas.SIZE) for content in contents)


def _lines(frame: pd.DataFrame, kinds: Mapping[str, str]) -> list[dict[str, Any]]:
    """The steps that were stated, each with those due: the step before for `passed`, itself otherwise."""
    lines: list[dict[str, Any]] = []
    for row in records(frame):
        if numbers.is_missing(row["persons"]):
            continue
        kind, persons = kinds[row["step"]], int(row["persons"])
        before = lines[-1]["persons"] if lines else persons
        due = before if kind == "passed" else persons
        lines.append({"step": row["step"], "kind": kind, "persons": persons, "due": due, "before": before})
    return lines


def _beside(line: dict[str, Any], lang: str) -> str:
    persons = numbers.count(line["persons"], lang)
    if line["kind"] == "start":
        return persons
    if not line["before"]:
        return text("figure.nobody due", lang)
    key = "figure.found" if line["kind"] == "found" else "figure.passed"
    share = numbers.quotient(line["persons"], line["before"], per=100, decimals=1)
    return text(key, lang, persons=persons, before=numbers.count(line["before"], lang), share=share)


def _lost(line: dict[str, Any], lang: str) -> str:
    lost = line["due"] - line["persons"]
    return text("figure.lost", lang, count=numbers.count(lost, lang)) if lost else ""


def _bar(drawing: Drawing, line: dict[str, Any], left: float, right: float, y: float) -> None:
    if line["kind"] == "passed" and line["due"]:
        share = line["persons"] / line["due"]
        drawing.stroke(_LOST, (left, y), (right, y))
        drawing.stroke(_PASSED, (left, y), (left + share * (right - left), y))
    elif line["kind"] != "passed":
        drawing.stroke(_ANEW, (left, y), (right, y))
