"""The picture of cascades: of those due at each step, who got there, and how many were lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import canvas, numbers
from .cascades import step_kinds
from .labels import column_name
from .rows import records
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW = 0.36
_HEAD = 0.40
_GAP = 0.22


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
    with canvas.ink():
        height = sum(_HEAD + _ROW * len(lines) for lines in drawn.values()) + 0.12
        figure = canvas.sheet(height, text("figure.cascades", lang), dots_per_inch=canvas.COARSE)
        every = [line for lines in drawn.values() for line in lines]
        labels = {line["step"]: canvas.wrap(column_name(line["step"], lang), 38) for line in every}
        left = 0.25 + canvas.widest(figure, labels.values())
        persons = canvas.widest(figure, (_beside(line, lang) for line in every))
        lost = canvas.widest(figure, (_lost(line, lang) for line in every))
        width = canvas.WIDTH - left - persons - lost - 2 * _GAP - 0.15
        top = 0.0
        for program, lines in drawn.items():
            axes = canvas.place_axes(figure, left, top + _HEAD, width, _ROW * len(lines))
            _bars(axes, lines, labels, text(f"program.{program}", lang))
            for place, line in enumerate(lines):
                axes.text(1 + _GAP / width, place, _beside(line, lang), va="center")
                edge = 1 + (2 * _GAP + persons) / width
                axes.text(edge, place, _lost(line, lang), va="center", color=canvas.TARGET)
            top += _HEAD + _ROW * len(lines)
    return figure


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
    key = "figure.found" if line["kind"] == "found" else "figure.passed"
    share = numbers.quotient(line["persons"], line["before"], per=100, decimals=1)
    return text(key, lang, persons=persons, before=numbers.count(line["before"], lang), share=share)


def _lost(line: dict[str, Any], lang: str) -> str:
    lost = line["due"] - line["persons"]
    return text("figure.lost", lang, count=numbers.count(lost, lang)) if lost else ""


def _bars(axes: Axes, lines: list[dict[str, Any]], labels: dict[str, str], title: str) -> None:
    for place, line in enumerate(lines):
        if line["kind"] == "passed":
            share = line["persons"] / line["due"] if line["due"] else 0.0
            axes.barh(place, 1, height=0.58, color="#E6E6E6", edgecolor="none")
            axes.barh(place, share, height=0.58, color=canvas.DATA, edgecolor="none")
        else:
            axes.plot(
                [0, 1], [place, place], color=canvas.DATA, linewidth=1.0, alpha=0.5, solid_capstyle="butt"
            )
    axes.set_xlim(0, 1)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_yticks(range(len(lines)), [labels[line["step"]] for line in lines])
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0, pad=6)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_title(title, loc="left", fontsize=canvas.SIZE, color=canvas.FAINT, pad=4)
