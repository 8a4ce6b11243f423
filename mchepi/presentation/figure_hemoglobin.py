"""The picture of hemoglobin values: how many children have which, and where the cut-off is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from . import canvas, numbers
from .tables_of_registers import word
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANEL = 1.35
_ABOVE = 0.42
_BELOW = 0.34
_FOOT = 0.28
_LOWEST, _HIGHEST = 60, 180  # g/L; values beyond are counted in words


def plot_hemoglobin(frame: pd.DataFrame, *, lang: str) -> Figure | None:
    """Draw adjusted hemoglobin by whole g/L, a panel a group of the cut-offs, those below the cut-off dark.

    Parameters
    ----------
    frame : pandas.DataFrame
        What `mchepi.outcomes.hemoglobin_distribution` gives, of one district.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None without values.

    Examples
    --------
    >>> plot_hemoglobin(pd.DataFrame({"group": []}), lang="en") is None
    True
    """
    if frame.empty:
        return None
    groups = list(dict.fromkeys(frame["group"]))
    with canvas.ink():
        year, rule = int(frame["year"].max()), word(frame["standard"].iloc[0], lang)
        height = len(groups) * (_ABOVE + _PANEL + _BELOW) + _FOOT
        title = text("figure.hemoglobin", lang, year=year, rule=rule)
        figure = canvas.sheet(height, title, dots_per_inch=canvas.COARSE)
        for place, group in enumerate(groups):
            top = place * (_ABOVE + _PANEL + _BELOW) + _ABOVE
            axes = canvas.place_axes(figure, 0.6, top, canvas.WIDTH - 0.85, _PANEL)
            _panel(axes, frame[frame["group"] == group], str(group), lang)
        outside = frame[(frame["value_from"] < _LOWEST) | (frame["value_from"] >= _HIGHEST)]["count"].sum()
        note = text("figure.hemoglobin.note", lang)
        if outside:
            note += text("figure.hemoglobin.beyond", lang, count=numbers.count(outside, lang))
        canvas.foot(figure, note)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, group: str, lang: str) -> None:
    edge = float(rows["anemic_below"].iloc[0])
    for below, color in ((True, canvas.TARGET), (False, canvas.DATA)):
        own = rows[(rows["value_from"] < edge) == below]
        axes.bar(own["value_from"] + 0.5, own["count"], width=0.9, color=color, edgecolor="none")
    axes.axvline(edge, color=canvas.TARGET, linewidth=1.2, dashes=(5, 3))
    axes.set_xlim(_LOWEST, _HIGHEST)
    axes.set_ylim(0, float(rows["count"].max()) * 1.12)
    axes.tick_params(labelsize=canvas.SMALL)
    axes.locator_params(axis="y", nbins=4, integer=True)
    axes.grid(axis="y", color=canvas.GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    anemic = numbers.count(rows.loc[rows["value_from"] < edge, "count"].sum(), lang)
    total = numbers.count(rows["count"].sum(), lang)
    label = text(
        "figure.hemoglobin.group",
        lang,
        group=word(group, lang),
        edge=numbers.half_up(edge, 0),
        anemic=anemic,
        total=total,
    )
    axes.text(0, 1.06, label, transform=axes.transAxes, fontsize=canvas.SIZE, ha="left", va="bottom")
