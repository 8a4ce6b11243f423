"""The picture of ranks: each district's place with the places it may as well have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from . import canvas, numbers
from .labels import dagger_note, indicator_name
from .rows import records
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NAMED_ROWS = 40  # so many districts have a row with their name each; more stand side by side
_ROW = 0.19
_PANEL = 2.6
_ABOVE, _BELOW = 0.10, 0.55


def plot_ranks(compared: pd.DataFrame, *, lang: str) -> Figure | None:
    """Draw the expected rank of each district and the limits of its rank, in the order of the ranks.

    Parameters
    ----------
    compared : pandas.DataFrame
        What `mchepi.indicators.compare_districts` gives, of one indicator (see `leading`).
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None if there are no ranks.

    Examples
    --------
    >>> plot_ranks(pd.DataFrame({"rank": []}), lang="en") is None
    True
    """
    rows = compared[compared["rank"].notna()]
    if rows.empty:
        return None
    rows = rows.sort_values(["rank", "district"], kind="stable")
    by_rows = len(rows) <= _NAMED_ROWS
    tall = len(rows) * _ROW if by_rows else _PANEL
    name = indicator_name(rows["indicator"].iloc[0], lang)
    level = numbers.percent(rows["confidence_level"].iloc[0])
    with canvas.ink():
        figure = canvas.sheet(tall + _ABOVE + _BELOW, text("figure.ranks", lang, name=name, level=level))
        names = rows[f"name_{lang}"] if by_rows else rows[f"name_{lang}"].iloc[[0, -1]]
        space = canvas.widest(figure, names, canvas.SMALL) + 0.2
        left, right = (0.15 + space, 0.25) if by_rows else (0.62, 0.15)
        axes = canvas.place_axes(figure, left, _ABOVE, canvas.WIDTH - left - right, tall)
        if by_rows:
            _rows(axes, rows, lang)
        else:
            _columns(axes, rows, space / (canvas.WIDTH - left - right), lang)
        canvas.foot(figure, dagger_note(records(rows), lang))
    return figure


def _rows(axes: Axes, rows: pd.DataFrame, lang: str) -> None:
    for place, row in enumerate(records(rows)):
        axes.plot([row["rank_lower"], row["rank_upper"]], [place, place], color=canvas.DATA, linewidth=1.6)
        axes.plot(row["rank"], place, "o", color=canvas.DATA, markersize=5, zorder=3)
    axes.set_yticks(range(len(rows)), rows[f"name_{lang}"], fontsize=canvas.SMALL)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0.5, len(rows) + 0.5)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=canvas.SMALL)
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", integer=True, nbins=10)
    axes.grid(axis="x", color=canvas.GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    label = text("figure.rank axis", lang, last=len(rows))
    axes.set_xlabel(label, fontsize=canvas.SMALL, color=canvas.FAINT)


def _columns(axes: Axes, rows: pd.DataFrame, space: float, lang: str) -> None:
    """A column a district; the first and the last one are named, in a `space` of the width beside them."""
    where = range(1, len(rows) + 1)
    axes.vlines(where, rows["rank_lower"], rows["rank_upper"], color=canvas.DATA, linewidth=1.6)
    axes.plot(where, rows["rank"], "o", color=canvas.DATA, markersize=3.2, zorder=3)
    beside = len(rows) * space / (1 - 2 * space)
    axes.set_xlim(0.4 - beside, len(rows) + 0.6 + beside)
    axes.set_ylim(0, len(rows) + 1)
    axes.set_xticks([])
    axes.tick_params(axis="y", labelsize=canvas.SMALL)
    axes.grid(axis="y", color=canvas.GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for place, right, stands in ((0, -6, "right"), (-1, 6, "left")):
        point = (where[place], rows["rank"].iloc[place])
        axes.annotate(
            rows[f"name_{lang}"].iloc[place], point, xytext=(right, 0), textcoords="offset points", ha=stands,
            va="center", fontsize=canvas.SMALL,
        )  # fmt: skip
    label = text("figure.rank axis", lang, last=len(rows))
    axes.set_ylabel(label, fontsize=canvas.SMALL, color=canvas.FAINT)
    axes.set_xlabel(text("figure.each line", lang), fontsize=canvas.SMALL, color=canvas.FAINT)
