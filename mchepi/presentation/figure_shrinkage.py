"""The picture of shrinkage: each district's own rate, and where the others draw it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import canvas, numbers
from .figure_labels import spread_out
from .labels import dagger_note, daggered, period
from .rows import records
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT = 3.6
_ABOVE, _BELOW = 0.62, 0.30
_NAMED = 8  # districts with the highest and those with the lowest rates, by halves
_LINE = 0.19  # inches between names


def plot_shrinkage(compared: pd.DataFrame, *, lang: str) -> Figure | None:
    """Draw the rates of one indicator twice or three times: raw, smoothed, smoothed towards neighbors.

    A line joins the rates of one district; the area of its dots is its number of births.

    Parameters
    ----------
    compared : pandas.DataFrame
        What `mchepi.indicators.compare_districts` gives, of one indicator (see `leading`).
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None if nothing was smoothed.

    Examples
    --------
    >>> plot_shrinkage(pd.DataFrame({"smoothed": []}), lang="zh") is None
    True
    """
    rows = compared[compared["smoothed"].notna()]
    if rows.empty:
        return None
    rows = rows.sort_values(["value", "denominator"], kind="stable")
    columns = ["value", "smoothed", *(["local"] if rows["local"].notna().any() else [])]
    with canvas.ink():
        title = text("figure.shrinkage", lang, period=period(records(rows)[0]))
        figure = canvas.sheet(_HEIGHT + _ABOVE + _BELOW, title, dots_per_inch=canvas.COARSE)
        labeled = pd.concat([rows.iloc[: _NAMED // 2], rows.iloc[_NAMED // 2 :].iloc[-_NAMED // 2 :]])
        names = [
            text("figure.name and counts", lang, name=row[f"name_{lang}"], **_counts(row, lang))
            for row in records(labeled)
        ]
        left = 0.75 + canvas.widest(figure, names, canvas.SMALL)
        axes = canvas.place_axes(figure, left, _ABOVE, canvas.WIDTH - left - 0.9, _HEIGHT)
        _lines(axes, rows, columns)
        _names(axes, labeled["value"].tolist(), names)
        heads = [text(f"figure.column.{column}", lang) for column in columns]
        axes.set_xticks(range(len(columns)), heads)
        axes.tick_params(axis="x", length=0, labeltop=True, labelbottom=False)
        place: dict[str, Any] = {"transform": axes.transAxes, "ha": "left", "va": "bottom"}
        unit = text("figure.unit in heading", lang, unit=numbers.unit(rows["per"].iloc[0], lang).strip())
        axes.text(-0.1, 1.11, f"{daggered(records(rows)[0], lang)}{unit}", fontsize=canvas.SIZE, **place)
        canvas.foot(figure, dagger_note(records(rows), lang))
    return figure


def _counts(row: dict[str, Any], lang: str) -> dict[str, str]:
    return {
        "events": numbers.count(row["numerator"], lang),
        "total": numbers.count(row["denominator"], lang),
    }


def _lines(axes: Axes, rows: pd.DataFrame, columns: list[str]) -> None:
    reference = float(rows["reference"].iloc[0])
    axes.axhline(reference, color=canvas.SECOND, linewidth=1.0, dashes=(4, 3), zorder=1)
    where = np.arange(len(columns))
    for row in records(rows):
        axes.plot(
            where,
            [row[column] for column in columns],
            color=canvas.shade(canvas.DATA, 4),
            linewidth=0.8,
            zorder=2,
        )
    area = rows["denominator"].astype(float) / float(rows["denominator"].max()) * 90 + 5
    for place, column in enumerate(columns):
        axes.scatter(
            np.full(len(rows), place), rows[column], s=area, facecolor=canvas.DATA, edgecolor="white",
            linewidth=0.5, zorder=3, clip_on=False,
        )  # fmt: skip
    axes.set_xlim(-0.06, len(columns) - 0.94)
    axes.set_ylim(0, float(rows[columns].max().max()) * 1.06)
    axes.yaxis.tick_right()
    axes.spines["left"].set_visible(False)
    axes.spines["right"].set_visible(True)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(labelsize=canvas.SMALL)
    axes.locator_params(axis="y", nbins=7)


def _names(axes: Axes, values: list[float], names: list[str]) -> None:
    """Write the names to the left of their dots, apart from each other, with a thin leader."""
    top = axes.get_ylim()[1]
    heights = spread_out(values, _LINE / _HEIGHT * top, least=0, most=top)
    leader = {"arrowstyle": "-", "color": canvas.FAINT, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3}
    for height, value, name in zip(heights, values, names, strict=True):
        place = axes.get_yaxis_transform()
        axes.text(-0.1, height, name, transform=place, ha="right", va="center", fontsize=canvas.SMALL)
        start: dict[str, Any] = {"xytext": (-0.095, height), "textcoords": place, "annotation_clip": False}
        axes.annotate("", (0, value), arrowprops=leader, **start)
