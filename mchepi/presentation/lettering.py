"""Many labels drawn as one shape.

matplotlib lays out and draws each text for itself, about a third of a millisecond a label; a panel of years
has a hundred of them. Here the outline of each letter is taken from the font once a process, and all labels
of one color become one path. Letters follow each other by their widths: right for numbers, Chinese and short
labels without kerning; titles and sentences stay matplotlib's own text.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .fonts import font_path

if TYPE_CHECKING:
    from matplotlib.path import Path
    from numpy.typing import NDArray

_POINTS = 72.0  # an inch
_EM = 100  # size at which outlines are taken
_LINE = 1.25  # from baseline to baseline, in sizes
_RISE = {"bottom": 0.22, "center": -0.36, "top": -0.86}  # of a baseline above the place, in sizes


@dataclass(frozen=True)
class Label:
    """A text and where it stands: inches from the lower left corner, size in points."""

    x: float
    y: float
    content: str
    size: float
    horizontal: str = "left"
    vertical: str = "center"


def width_of(content: str, size: float) -> float:
    r"""Width of a text in inches, the widest of its lines.

    Examples
    --------
    >>> width_of("12", 9.5) == 2 * width_of("1", 9.5) == width_of("1\n12", 9.5)
    True
    """
    lines = [sum(_letter(character)[2] for character in line) for line in content.split("\n")]
    return max(lines) * size / _POINTS


def box_of(label: Label) -> tuple[float, float, float, float]:
    """Left, lower, right and upper edge of a label in inches.

    Examples
    --------
    >>> left, lower, right, upper = box_of(Label(1, 1, "12", 9.5, "right"))
    >>> right, lower < 1 < upper
    (1.0, True)
    """
    placed = list(_lines(label))
    scale = label.size / _POINTS
    left = min(x for x, _, _ in placed)
    right = max(x + width_of(line, label.size) for x, _, line in placed)
    return left, placed[-1][1] - 0.12 * scale, right, placed[0][1] + 0.82 * scale


def outline(labels: Iterable[Label]) -> Path:
    """All labels as one path to be filled, in inches.

    Examples
    --------
    >>> path = outline([Label(0, 0, "1", 72, vertical="bottom")])
    >>> bool(path.get_extents().width < width_of("1", 72))
    True
    """
    from matplotlib.path import Path

    shapes: list[NDArray[np.float64]] = []
    codes: list[NDArray[np.uint8]] = []
    moves: list[tuple[float, float, float]] = []
    for label in labels:
        scale = label.size / _POINTS
        for left, base, line in _lines(label):
            along = left
            for character in line:
                shape, code, advance = _letter(character)
                shapes.append(shape)
                codes.append(code)
                moves.append((scale, along, base))
                along += advance * scale
    if not shapes:
        return Path(np.empty((0, 2)))
    each = np.repeat(np.asarray(moves), [len(shape) for shape in shapes], axis=0)
    return Path(np.concatenate(shapes) * each[:, :1] + each[:, 1:], np.concatenate(codes))


def _lines(label: Label) -> Iterable[tuple[float, float, str]]:
    """Where each line of a label begins: left edge and baseline, in inches."""
    scale = label.size / _POINTS
    lines = label.content.split("\n")
    below = (len(lines) - 1) * _LINE * scale
    raised = {"bottom": below, "center": below / 2, "top": 0.0}[label.vertical]
    base = label.y + _RISE[label.vertical] * scale + raised
    back = {"left": 0.0, "center": 0.5, "right": 1.0}[label.horizontal]
    for number, line in enumerate(lines):
        yield label.x - back * width_of(line, label.size), base - number * _LINE * scale, line


@cache
def _letter(character: str) -> tuple[NDArray[np.float64], NDArray[np.uint8], float]:
    """Outline of a letter at the size of one, and how far it moves what follows."""
    from matplotlib.font_manager import get_font
    from matplotlib.ft2font import LoadFlags

    font: Any = get_font(str(font_path()))
    font.set_size(_EM, _POINTS)
    place = font.get_char_index(ord(character))
    if not place:  # the box that stands there says so in the figure
        warnings.warn(f"The font of the figures has no letter {character!r}.", stacklevel=2)
    glyph = font.load_glyph(place, flags=LoadFlags.NO_HINTING)
    vertices, codes = font.get_path()
    return vertices.reshape(-1, 2) / _EM, codes, glyph.linearHoriAdvance / 65536 / _EM
