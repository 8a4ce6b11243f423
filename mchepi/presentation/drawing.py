"""A figure of many small panels, drawn as a few shapes.

An axes of matplotlib with its ticks costs ten milliseconds, and a batch draws thousands of such figures. Here
all strokes of one kind are one path, all labels of one color another; panels are scales only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import canvas
from .lettering import Label, box_of, outline

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

_TICK = 0.05  # inches


@dataclass(frozen=True)
class Pen:
    """How strokes are drawn; those that lie below others come first in the order of `above`."""

    color: str
    width: float
    above: float
    dashes: tuple[float, float] | None = None
    cap: str = "butt"


INTERVAL = Pen(canvas.DATA, 1.8, 2)
TARGET_LINE = Pen(canvas.TARGET, 1.2, 1, dashes=(5, 3))
TARGET_BAR = Pen(canvas.TARGET, 2.2, 2, cap="projecting")
_GRID = Pen(canvas.GRID, 0.6, 0.5)
_AXIS = Pen(canvas.FAINT, 0.8, 2.5, cap="projecting")


@dataclass(frozen=True)
class Scale:
    """A straight scale: values `low` to `high` stand from `start` to `end`, in inches.

    Examples
    --------
    >>> Scale(0, 10, 1.0, 3.0).at(5)
    2.0
    """

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Place of a value, in inches."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """Round values on the scale and how they are written, `most` intervals or fewer.

        Examples
        --------
        >>> Scale(0, 8.2, 0, 1).ticks(5)
        [(0.0, '0'), (2.0, '2'), (4.0, '4'), (6.0, '6'), (8.0, '8')]
        >>> [label for _, label in Scale(0, 1, 0, 1).ticks(4)]
        ['0.00', '0.25', '0.50', '0.75', '1.00']
        """
        from matplotlib.ticker import MaxNLocator

        locator = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10])
        values = [float(value) for value in locator.tick_values(self.low, self.high)]
        step = values[1] - values[0]
        decimals = next((count for count in range(12) if abs(step - round(step, count)) < step * 1e-6), 12)
        slack = step * 1e-9
        return [
            (value, f"{value:.{decimals}f}")
            for value in values
            if self.low - slack <= value <= self.high + slack
        ]


class Drawing:
    """A sheet to draw on, by inches from the upper left corner below the title strip."""

    def __init__(self, height: float, title: str, *, dots_per_inch: int = canvas.DOTS_PER_INCH) -> None:
        self._height = height
        self._title = title
        self._dots_per_inch = dots_per_inch
        self._strokes: dict[Pen, list[tuple[float, float]]] = {}
        self._dots: dict[tuple[float, bool], list[tuple[float, float]]] = {}
        self._labels: dict[str, list[Label]] = {}

    def stroke(self, pen: Pen, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw a straight stroke between two places."""
        self._strokes.setdefault(pen, []).extend((self._up(start), self._up(end)))

    def dot(self, place: tuple[float, float], size: float, *, hollow: bool = False) -> None:
        """Draw a dot, over all strokes; a hollow one where there were no events."""
        self._dots.setdefault((size, hollow), []).append(self._up(place))

    def write(
        self,
        place: tuple[float, float],
        content: str,
        *,
        size: float = canvas.SIZE,
        color: str = canvas.TEXT,
        horizontal: str = "left",
        vertical: str = "center",
    ) -> None:
        """Write a label; `horizontal` and `vertical` say which part of it stands at the place."""
        if content:
            x, y = self._up(place)
            label = Label(x, y, content, size, horizontal, vertical)
            self._labels.setdefault(color, []).append(label)

    def upright_axis(self, scale: Scale, left: float, right: float, *, most: int) -> None:
        """Draw an axis at the left of a panel: labels, ticks, and lines across to the right."""
        for value, label in scale.ticks(most):
            y = scale.at(value)
            self.stroke(_GRID, (left, y), (right, y))
            self.stroke(_AXIS, (left - _TICK, y), (left, y))
            self.write((left - 2 * _TICK, y), label, size=canvas.SMALL, horizontal="right")
        self.stroke(_AXIS, (left, scale.start), (left, scale.end))

    def level_axis(self, scale: Scale, top: float, bottom: float, *, most: int) -> None:
        """Draw an axis at the foot of a panel: labels, ticks, and lines up to the top."""
        for value, label in scale.ticks(most):
            x = scale.at(value)
            self.stroke(_GRID, (x, bottom), (x, top))
            self.foot_tick(x, bottom, label, size=canvas.SIZE)
        self.stroke(_AXIS, (scale.start, bottom), (scale.end, bottom))

    def foot_line(self, left: float, right: float, bottom: float) -> None:
        """Draw the line at the foot of a panel."""
        self.stroke(_AXIS, (left, bottom), (right, bottom))

    def foot_tick(self, x: float, bottom: float, label: str, *, size: float) -> None:
        """Draw a tick below a panel, with its label."""
        self.stroke(_AXIS, (x, bottom), (x, bottom + _TICK))
        self.write((x, bottom + 2 * _TICK), label, size=size, horizontal="center", vertical="top")

    def foot(self, note: str) -> None:
        """Write a note at the foot of the sheet."""
        place = (0.012 * canvas.WIDTH, self._height - 0.06)
        self.write(place, note, size=canvas.SMALL, color=canvas.FAINT, vertical="bottom")

    def figure(self) -> Figure:
        """The figure of all that was drawn; to be called within `canvas.ink`.

        Examples
        --------
        >>> drawing = Drawing(1, "Level")
        >>> drawing.write((1, 0.5), "4.4")
        >>> with canvas.ink():
        ...     figure = drawing.figure()
        >>> [content for content, _ in written(figure)]
        ['4.4']
        """
        from matplotlib.lines import Line2D

        figure = canvas.sheet(self._height, self._title, dots_per_inch=self._dots_per_inch)
        inches = figure.dpi_scale_trans
        artists: list[Artist] = [_stroked(pen, ends) for pen, ends in self._strokes.items()]
        artists += [
            Line2D(
                *zip(*places, strict=True), linestyle="none", marker="o", markersize=size, zorder=3,
                color=canvas.DATA, markerfacecolor="white" if hollow else canvas.DATA,
            )
            for (size, hollow), places in self._dots.items()
        ]  # fmt: skip
        artists += [_lettered(color, labels) for color, labels in self._labels.items()]
        for artist in artists:
            artist.set_transform(inches)
            figure.add_artist(artist)
        return figure

    def _up(self, place: tuple[float, float]) -> tuple[float, float]:
        return place[0], self._height - place[1]


def written(figure: Figure) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Each label of a drawing, with its left, lower, right and upper edge in pixels.

    Examples
    --------
    >>> with canvas.ink():
    ...     written(Drawing(1, "Level").figure())
    []
    """
    labels: Any = [label for artist in figure.get_children() for label in getattr(artist, "labels", ())]
    found = []
    for label in labels:
        left, lower, right, upper = (edge * figure.dpi for edge in box_of(label))
        found.append((label.content, (left, lower, right, upper)))
    return found


def _stroked(pen: Pen, ends: list[tuple[float, float]]) -> Artist:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    codes = np.tile(np.array([Path.MOVETO, Path.LINETO], Path.code_type), len(ends) // 2)
    return PathPatch(
        Path(np.asarray(ends), codes), fill=False, edgecolor=pen.color, linewidth=pen.width, zorder=pen.above,
        linestyle="solid" if pen.dashes is None else (0, pen.dashes), capstyle=pen.cap,
    )  # fmt: skip


def _lettered(color: str, labels: list[Label]) -> Artist:
    from matplotlib.patches import PathPatch

    patch = PathPatch(outline(labels), facecolor=color, linewidth=0, zorder=4)
    vars(patch)["labels"] = labels  # for `written`
    return patch
