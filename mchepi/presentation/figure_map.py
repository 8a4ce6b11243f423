"""The map of districts: raw and smoothed rates in the same classes, and which lie outside the funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mchepi.indicators import FALSE_DISCOVERIES

from . import canvas, numbers
from .figure_labels import name_points
from .labels import indicator_name, lower_first, period
from .rows import records
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

Outline = Sequence[Sequence[Sequence[tuple[float, float]]]]

# Classes are multiples of the rate of all districts, the same above and below on the logarithm.
BREAKS = (0.5, 0.8, 1.25, 2.0)
_GAP = 0.15
_HEAD = 0.30
_LEGEND = 0.36
_TALLEST = 4.2
_EMPTY = "#FFFFFF"


def plot_map(compared: pd.DataFrame, outlines: Mapping[str, Outline], *, lang: str) -> Figure | None:
    """Draw the districts four times: raw rate, smoothed, smoothed to neighbors (where known), and flags.

    All rates share one scale, whose classes are multiples (0.5, 0.8, 1.25, 2) of the rate of all districts.

    Parameters
    ----------
    compared : pandas.DataFrame
        What `mchepi.indicators.compare_districts` gives, of one indicator (see `leading`).
    outlines : mapping
        District → its parts, each an outer ring of (longitude, latitude) and holes.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None without outlines, or if nothing can be compared.

    Examples
    --------
    >>> plot_map(pd.DataFrame({"reference": [1.0]}), {}, lang="en") is None
    True
    """
    rows = compared[compared["reference"].notna()]
    if rows.empty or not outlines:
        return None
    columns = ["value", "smoothed", *(["local"] if rows["local"].notna().any() else [])]
    shapes = {district: _flat(outline, _squeeze(outlines)) for district, outline in outlines.items()}
    corners = np.concatenate([shape.vertices for shape in shapes.values()])
    (left, bottom), (right, top) = corners.min(axis=0), corners.max(axis=0)
    width = (canvas.WIDTH - 3 * _GAP) / 2
    tall = min(width * (top - bottom) / (right - left), _TALLEST)
    lines = -(-(len(columns) + 1) // 2)
    first = records(rows)[0]
    name = indicator_name(first["indicator"], lang)
    with canvas.ink():
        title = text(
            "figure.map",
            lang,
            period=period(first),
            name=lower_first(name) if lang == "en" else name,
            unit=numbers.unit(first["per"], lang).strip(),
        )
        figure = canvas.sheet(_LEGEND + lines * (_HEAD + tall + _GAP), title, dots_per_inch=canvas.COARSE)
        box = canvas.place_axes(figure, _GAP, 0, canvas.WIDTH - 2 * _GAP, _LEGEND)
        _legend(box, first, lang, missing=not set(shapes) <= set(rows["district"]))
        for place, column in enumerate([*columns, "flags"]):
            across, down = _GAP + (place % 2) * (width + _GAP), place // 2 * (_HEAD + tall + _GAP)
            axes = canvas.place_axes(figure, across, _LEGEND + down + _HEAD, width, tall)
            axes.set_xlim(left, right)
            axes.set_ylim(bottom, top)
            axes.set_aspect("equal")
            axes.axis("off")
            axes.text(
                0, 1 + 0.06 / tall, text(f"figure.map.{column}", lang), transform=axes.transAxes, va="bottom"
            )
            _draw(axes, shapes, _colors(rows, column))
            if column == "flags":
                _name_flags(axes, shapes, rows, lang)
    return figure


def _squeeze(outlines: Mapping[str, Outline]) -> float:
    """How much shorter a degree of longitude is than one of latitude, in the middle of the map."""
    latitudes = [point[1] for outline in outlines.values() for part in outline for point in part[0]]
    return float(np.cos(np.radians((min(latitudes) + max(latitudes)) / 2)))


def _flat(outline: Outline, squeeze: float) -> Path:
    """The path of a district: outer rings run one way, holes the other, so that holes stay open."""
    from matplotlib.path import Path

    points: list[Any] = []
    codes: list[Any] = []
    for part in outline:
        for place, ring in enumerate(part):
            line = np.asarray(ring) * (squeeze, 1.0)
            x, y = line[:-1].T
            counterclockwise = np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) > 0
            points.append(line if counterclockwise == (place == 0) else line[::-1])
            codes += [Path.MOVETO, *[Path.LINETO] * (len(ring) - 2), Path.CLOSEPOLY]
    return Path(np.concatenate(points), codes)


def _colors(rows: pd.DataFrame, column: str) -> dict[str, str]:
    if column == "flags":
        named = rows["adjusted_p_value"] <= FALSE_DISCOVERIES
        outside = rows["outside"].notna() & ~named
        above = rows["side"] == "above"
        strength = np.where(named, 7, np.where(outside, 3, 0))
        inks = np.where(above, canvas.TARGET, canvas.DATA)
        shades = [
            canvas.shade(ink, step) if step else _classes()[2]
            for ink, step in zip(inks, strength, strict=True)
        ]
    else:
        shades = [_class_color(ratio) for ratio in rows[column] / rows["reference"]]
    return dict(zip(rows["district"], shades, strict=True))


def _class_color(ratio: float) -> str:
    classes = [*_classes()]
    return classes[int(np.searchsorted(BREAKS, ratio, side="right"))]


def _classes() -> tuple[str, ...]:
    """Blue below, orange above, pale in the middle."""
    return (
        canvas.shade(canvas.DATA, 7),
        canvas.shade(canvas.DATA, 3),
        canvas.shade(canvas.SECOND, 1),
        canvas.shade(canvas.TARGET, 3),
        canvas.shade(canvas.TARGET, 7),
    )


def _draw(axes: Axes, shapes: Mapping[str, Path], colors: Mapping[str, str]) -> None:
    """Draw every district; one without data is white and hatched."""
    from matplotlib.patches import PathPatch

    for district, shape in shapes.items():
        known = district in colors
        patch = PathPatch(
            shape,
            facecolor=colors[district] if known else _EMPTY,
            edgecolor="white",
            linewidth=0.4,
            hatch=None if known else "////",
        )
        axes.add_patch(patch)


def _name_flags(axes: Axes, shapes: Mapping[str, Path], rows: pd.DataFrame, lang: str) -> None:
    flagged = rows[rows["outside"].notna()].sort_values("adjusted_p_value", kind="stable")
    points = []
    for row in records(flagged):
        if row["district"] in shapes:
            middle = shapes[row["district"]].get_extents()
            x, y = (middle.x0 + middle.x1) / 2, (middle.y0 + middle.y1) / 2
            points.append((x, y, row[f"name_{lang}"], canvas.TEXT))
    name_points(axes, points, [(x, y) for x, y, *_ in points], away=2.2)


def _legend(axes: Axes, row: dict[str, Any], lang: str, *, missing: bool) -> None:
    """The classes in a row, in the unit of the rate, and what hatching means where it is there."""
    from matplotlib.patches import Rectangle

    axes.axis("off")
    axes.set_xlim(0, 6 if missing else 5)
    axes.set_ylim(0, 1)
    decimals = numbers.decimals_of(row["per"])
    limits = [numbers.half_up(part * row["reference"], decimals) for part in BREAKS]
    words = [text("figure.class.below", lang, high=limits[0])]
    words += [text("figure.class.between", lang, low=low, high=high) for low, high in pairwise(limits)]
    words.append(text("figure.class.above", lang, low=limits[-1]))
    looks: list[dict[str, Any]] = [{"facecolor": color} for color in _classes()]
    if missing:
        looks.append({"facecolor": _EMPTY, "hatch": "////"})
        words.append(text("figure.class.none", lang))
    for place, (look, word) in enumerate(zip(looks, words, strict=True)):
        axes.add_patch(Rectangle((place, 0.25), 0.16, 0.5, edgecolor=canvas.FAINT, linewidth=0.4, **look))
        axes.text(place + 0.22, 0.5, word, fontsize=canvas.SMALL, va="center")
