"""Names beside points of a figure: each where it covers neither another name nor the edge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from . import canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Bbox

# Right, left, above, below, then farther off: offset in points, and how the text stands to it.
_PLACES = (
    (6, 0, "left", "center"),
    (-6, 0, "right", "center"),
    (0, 6, "center", "bottom"),
    (0, -6, "center", "top"),
    (6, 8, "left", "bottom"),
    (6, -8, "left", "top"),
    (-6, 8, "right", "bottom"),
    (-6, -8, "right", "top"),
)


def name_points(
    axes: Axes,
    points: Iterable[tuple[float, float, str, str]],
    dots: Sequence[tuple[float, float]] = (),
    *,
    away: float = 1,
) -> list[str]:
    """Write a name beside each point, in their order; a name that fits nowhere is left out.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Its limits must be set.
    points : iterable of (x, y, name, color)
        In the units of the axes.
    dots : sequence of (x, y)
        Other points, which no name may cover where that can be helped.
    away : float
        How far from its point a name stands: 1 is beside a dot.

    Returns
    -------
    list of str
        The names that found no place.

    Examples
    --------
    >>> with canvas.ink():
    ...     axes = canvas.place_axes(canvas.sheet(2, ""), 0.5, 0.2, 4, 1.5)
    ...     name_points(axes, [(0.5, 0.5, "one", canvas.DATA), (0.5, 0.5, "other", canvas.DATA)])
    []
    """
    taken: list[Bbox] = []
    left_out = []
    inside = axes.get_window_extent()
    covered: Any = axes.transData.transform(dots) if dots else []
    for x, y, name, color in points:
        tried: list[tuple[int, int, Bbox]] = []
        for place in range(len(_PLACES)):
            mark = _write(axes, (x, y), name, color, place, away)
            box = mark.get_window_extent().padded(1)
            mark.remove()
            if _within(box, inside) and not any(box.overlaps(other) for other in taken):
                hidden = sum(box.contains(*dot) for dot in covered)
                tried.append((hidden, place, box))
        if tried:
            _, place, box = min(tried, key=lambda one: one[:2])
            _write(axes, (x, y), name, color, place, away)
            taken.append(box)
        else:
            left_out.append(name)
    return left_out


def _within(box: Bbox, frame: Bbox) -> bool:
    return bool(frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1)


def _write(axes: Axes, point: tuple[float, float], name: str, color: str, place: int, away: float) -> Any:
    """A name with a white edge, so that lines do not run through its letters."""
    from matplotlib.patheffects import withStroke

    right, up, horizontal, vertical = _PLACES[place]
    edge = [withStroke(linewidth=2.5, foreground="white")]
    return axes.annotate(
        name, point, xytext=(right * away, up * away), textcoords="offset points", fontsize=canvas.SMALL,
        color=color, ha=horizontal, va=vertical, annotation_clip=False, path_effects=edge,
    )  # fmt: skip


def spread_out(wanted: list[float], gap: float, *, least: float, most: float) -> list[float]:
    """Heights for labels in rising order, `gap` apart at least, near those wanted and between two ends.

    Examples
    --------
    >>> spread_out([0.0, 0.0, 5.0], 1.0, least=0, most=9)
    [0.0, 1.0, 5.0]
    >>> spread_out([1.0, 8.5, 9.0], 1.0, least=0, most=9)
    [1.0, 8.0, 9]
    """
    placed: list[float] = []
    for height in wanted:
        placed.append(max(height, placed[-1] + gap if placed else least))
    ceiling = most
    for place in reversed(range(len(placed))):
        placed[place] = min(placed[place], ceiling)
        ceiling = placed[place] - gap
    return placed
