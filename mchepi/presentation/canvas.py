"""What all figures share: paper, ink, measured text, the marks of place and of simulation, the PNG file.

Figures are plain `matplotlib.figure.Figure` objects: pyplot keeps no state, and no display is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from .fonts import register_font
from .markup import display_width
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL import Image

WIDTH = 9.0  # inches; shown 900 pixels wide
TOP = 0.46  # the strip for title and marks
DOTS_PER_INCH = 144
COARSE = 100  # for figures of hundreds of lines

# Inks that differ in hue and in gray value (after Okabe & Ito), for print and for color-blind readers.
DATA = "#0072B2"
TARGET = "#B34700"
SECOND = "#4D4D4D"
TEXT = "#1A1A1A"
FAINT = "#6B6B6B"
GRID = "#D9D9D9"

SIZE = 9.5
SMALL = 8.5
TITLE = 11.0


@contextmanager
def ink() -> Iterator[None]:
    """Set the house style while figures are drawn or saved, and leave no trace of it.

    Examples
    --------
    >>> import matplotlib
    >>> with ink():
    ...     matplotlib.rcParams["font.family"]
    ['Noto Sans SC']
    """
    from matplotlib import rc_context

    style: Any = {
        "font.family": [register_font()],
        "font.size": SIZE,
        "text.hinting": "none",
        "axes.edgecolor": FAINT,
        "axes.labelcolor": TEXT,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "text.color": TEXT,
        "xtick.color": FAINT,
        "xtick.labelcolor": TEXT,
        "ytick.color": FAINT,
        "ytick.labelcolor": TEXT,
        "svg.hashsalt": "mchepi",
    }
    with rc_context(style):
        yield


def sheet(height: float, title: str, *, dots_per_inch: int = DOTS_PER_INCH) -> Figure:
    """A white figure `height` inches tall below its title strip; `dots_per_inch` makes a large file smaller.

    Examples
    --------
    >>> with ink():
    ...     sheet(2, "Level").get_suptitle()
    'Level'
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height + TOP), dpi=dots_per_inch, facecolor="white")
    FigureCanvasAgg(figure)
    _write_title(figure, title)
    return figure


def place_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes by inches from the upper left corner, below the title strip.

    Examples
    --------
    >>> with ink():
    ...     axes = place_axes(sheet(2, ""), 1, 0.5, 3, 1)
    >>> round(float(axes.get_position().height), 3)
    0.407
    """
    page_width, page_height = figure.get_size_inches()
    box = (
        left / page_width,
        1 - (TOP + top + height) / page_height,
        width / page_width,
        height / page_height,
    )
    return figure.add_axes(box, facecolor="none")


def widest(figure: Figure, texts: Iterable[str], size: float = SIZE) -> float:
    """Width in inches of the widest of `texts`, as it will be drawn.

    Examples
    --------
    >>> with ink():
    ...     figure = sheet(1, "")
    ...     0 < widest(figure, ["1"]) < widest(figure, ["11", "1"])
    True
    """
    width = 0.0
    for content in texts:
        mark = figure.text(0, 0, content, fontsize=size)
        width = max(width, float(mark.get_window_extent().width) / figure.dpi)
        mark.remove()
    return width


def wrap(content: str, columns: int) -> str:
    """Break a label into lines of much the same length, about `columns` Latin (half as many Chinese) letters.

    Examples
    --------
    >>> wrap("Mortality rate of newborn infants", 24).splitlines()
    ['Mortality rate of', 'newborn infants']
    >>> wrap("出生缺陷导致的5岁以下儿童死亡率", 30).splitlines()
    ['出生缺陷导致的5岁', '以下儿童死亡率']
    """
    lines = -(-display_width(content) // columns)
    if lines < 2:
        return content
    # In Chinese a number stays with what it counts.
    pieces = content.split(" ") if " " in content else re.findall(r"[0-9A-Za-z]+.?|.", content)
    glue = " " if " " in content else ""
    aim = display_width(content) / lines
    broken: list[str] = []
    line = ""
    for piece in pieces:
        longer = f"{line}{glue}{piece}" if line else piece
        over = display_width(longer) - aim
        if line and len(broken) < lines - 1 and over > aim - display_width(line):
            broken.append(line)
            longer = piece
        line = longer
    return "\n".join([*broken, line])


def foot(figure: Figure, note: str) -> None:
    """Write a note at the foot of a figure.

    Examples
    --------
    >>> with ink():
    ...     figure = sheet(2, "Level")
    ...     foot(figure, "† definition unverified")
    >>> figure.texts[-1].get_text()
    '† definition unverified'
    """
    figure.text(0.012, 0.06 / figure.get_size_inches()[1], note, fontsize=SMALL, color=FAINT, va="bottom")


def stamp(figure: Figure, *, place: str, simulated: bool, lang: str) -> None:
    """Write the place before the title and, on simulated data, the mark that it is simulated.

    The mark stands twice: in the title strip, and pale across the whole figure, so that a part cut out of
    it still says what it is.

    Examples
    --------
    >>> with ink():
    ...     figure = sheet(2, "Level")
    ...     stamp(figure, place="Jalaid Banner", simulated=False, lang="en")
    >>> figure.get_suptitle()
    'Jalaid Banner · Level'
    """
    title = figure.get_suptitle()
    _write_title(figure, " · ".join(part for part in (place, title) if part))
    if not simulated:
        return
    height = figure.get_size_inches()[1]
    label: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": SMALL, "color": "white"}
    box = {"boxstyle": "square,pad=0.35", "facecolor": TARGET, "edgecolor": "none"}
    figure.text(0.985, 1 - 0.12 / height, text("simulated.mark", lang), bbox=box, **label)
    figure.text(
        0.5, 0.45, text("simulated.mark", lang), fontsize=54, color="#000000", alpha=0.055,
        rotation=12, ha="center", va="center", zorder=-10,
    )  # fmt: skip


def _write_title(figure: Figure, title: str) -> None:
    y = 1 - 0.10 / figure.get_size_inches()[1]
    figure.suptitle(title, x=0.012, y=y, ha="left", va="top", fontsize=TITLE)


def png(figure: Figure) -> bytes:
    r"""Draw a figure as a small PNG: the same bytes for the same figure, without date or program name.

    Examples
    --------
    >>> with ink():
    ...     figure = sheet(1, "Level")
    >>> png(figure)[:4], png(figure) == png(figure)
    (b'\x89PNG', True)
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    # The canvas of `sheet` still knows the texts that were measured on it.
    page = figure.canvas if isinstance(figure.canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
    with ink():
        page.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(page.buffer_rgba())  # type: ignore[no-untyped-call]
    drawn = Image.fromarray(pixels).convert("RGB")
    file = BytesIO()
    drawn.quantize(palette=_palette(), dither=Image.Dither.NONE).save(
        file,
        format="PNG",
        compress_level=6,  # a tenth larger than the smallest, in an eighth of the time
    )
    return file.getvalue()


def shade(ink_color: str, step: int) -> str:
    """One of the shades of a house ink: 8 is the ink itself, 0 is white.

    Examples
    --------
    >>> shade(DATA, 8), shade(DATA, 4), shade(DATA, 0)
    ('#0072B2', '#80B8D8', '#FFFFFF')
    """
    parts = [int(ink_color[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (255 - part) * (8 - step) / 8):02X}" for part in parts)


@cache
def _palette() -> Image.Image:
    """The few inks of the house with their shades to white: small files, and hues that stay true."""
    from PIL import Image

    shades = [[level] * 3 for level in range(0, 256, 15)]
    for color in (DATA, TARGET, SECOND):
        ink_rgb = [int(color[place : place + 2], 16) for place in (1, 3, 5)]
        shades += [[round(part + (255 - part) * step / 8) for part in ink_rgb] for step in range(8)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for shade in shades for part in shade])
    return palette
