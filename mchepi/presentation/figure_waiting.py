"""The picture of waiting times: who was diagnosed by which day, with limits, censoring, numbers at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import canvas, numbers
from .rows import records
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANEL = 1.35
_ABOVE = 0.46
_BELOW = 0.62
_FOOT = 0.30
_SHOWN = 365.0  # days; later ones are few
_FEWEST = 5  # persons; the curve of fewer tells of single ones
_AT = (0, 30, 60, 91, 122, 183, 274, 365)


def plot_waiting(curves: pd.DataFrame, timely: pd.DataFrame, *, lang: str) -> Figure | None:
    """Draw days from birth to diagnosis as curves with limits, a panel a program, with the day it is due.

    Parameters
    ----------
    curves, timely : pandas.DataFrame
        Tables of `mchepi.outcomes.screening_register`.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None without a program in which five or more need a diagnosis.

    Examples
    --------
    >>> plot_waiting(pd.DataFrame({"program": []}), pd.DataFrame(), lang="en") is None
    True
    """
    known = {str(program): _at_risk(rows, 0) for program, rows in curves.groupby("program", sort=False)}
    programs = [program for program, waiting in known.items() if waiting >= _FEWEST]
    if not programs:
        return None
    with canvas.ink():
        height = len(programs) * (_ABOVE + _PANEL + _BELOW) + _FOOT
        figure = canvas.sheet(height, text("figure.waiting", lang), dots_per_inch=canvas.COARSE)
        label = text("figure.waiting.at risk", lang)
        left = 0.35 + max(0.3, canvas.widest(figure, [label], canvas.SMALL))
        for place, program in enumerate(programs):
            top = place * (_ABOVE + _PANEL + _BELOW) + _ABOVE
            axes = canvas.place_axes(figure, left, top, canvas.WIDTH - left - 0.3, _PANEL)
            due = timely[(timely["program"] == program) & (timely["due_step"] == "diagnosed")]
            _panel(axes, curves[curves["program"] == program], records(due), program, lang)
            axes.text(
                -0.02, -0.38, label, transform=axes.transAxes, ha="right", va="center", fontsize=canvas.SMALL
            )
        canvas.foot(figure, text("figure.waiting.note", lang, fewest=_FEWEST))
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, due: list[dict[str, Any]], program: str, lang: str) -> None:
    own = rows[rows["day"] <= _SHOWN]
    days = np.array([0.0, *own["day"], min(_SHOWN, float(rows["day"].max()))])
    lower, value, upper = (_to_the_end(own[name].tolist()) for name in ("lower", "value", "upper"))
    axes.fill_between(
        days, lower, upper, step="post", color=canvas.shade(canvas.DATA, 2), linewidth=0, zorder=1
    )
    axes.step(days, value, where="post", color=canvas.DATA, linewidth=1.8)
    gone = own[own["censored"] > 0]
    axes.plot(gone["day"], gone["value"], "|", color=canvas.SECOND, markersize=6, zorder=3)
    for row in due:
        axes.axvline(row["by"], color=canvas.TARGET, linewidth=1.2, dashes=(5, 3))
    axes.set_xlim(0, _SHOWN)
    axes.set_ylim(0, 100)
    axes.set_xticks(_AT)
    axes.set_yticks([0, 50, 100])
    axes.tick_params(labelsize=canvas.SMALL)
    axes.grid(axis="y", color=canvas.GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for day in _AT:
        axes.text(
            day, -0.38, numbers.count(_at_risk(rows, day), lang), transform=axes.get_xaxis_transform(),
            ha="center", va="center", fontsize=canvas.SMALL,
        )  # fmt: skip
    head = text(
        "figure.waiting.head", lang, program=text(f"program.{program}", lang), count=_at_risk(rows, 0)
    )
    axes.text(0, 1.07, head, transform=axes.transAxes, fontsize=canvas.SIZE, ha="left", va="bottom")


def _to_the_end(values: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """From nobody on day 0, and the last value once more for the day at which the curve ends."""
    return np.array([0.0, *values, values[-1] if values else 0.0])


def _at_risk(rows: pd.DataFrame, day: float) -> int:
    """Those still waiting and watched on a day."""
    later = rows[rows["day"] >= day]
    return int(later["at_risk"].iloc[0]) if len(later) else 0
