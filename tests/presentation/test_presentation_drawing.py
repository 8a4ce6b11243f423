"""Drawings of many panels: labels stand and measure as matplotlib's own text, marks where the numbers are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mchepi.presentation import canvas
from mchepi.presentation.drawing import INTERVAL, Drawing, Scale, written
from mchepi.presentation.lettering import Label, box_of, outline, width_of

LABELS = ["2024", "12 / 1,430", "0.43～6.13", "新生儿死亡率（‰）", "Neonatal mortality", "2015\n15", "≤3.1"]


def pixels(figure: Figure) -> np.ndarray:
    with canvas.ink():
        figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[:, :, 0]  # type: ignore[attr-defined]


def inked(picture: np.ndarray) -> tuple[int, int, int, int]:
    """First and last row and column that are not white, below the title strip."""
    rows, columns = np.nonzero(picture < 128)
    return rows.min(), rows.max(), columns.min(), columns.max()


@pytest.mark.parametrize("horizontal", ["left", "center", "right"])
@pytest.mark.parametrize("content", LABELS)
def test_a_label_covers_the_pixels_that_matplotlib_would(content: str, horizontal: str):
    drawing = Drawing(1.5, "")
    drawing.write((4.5, 0.75), content, horizontal=horizontal)
    with canvas.ink():
        drawn = drawing.figure()
        plain = canvas.sheet(1.5, "")
        plain.text(0.5, 0.75 / (1.5 + canvas.TOP), content, ha=horizontal, va="center", linespacing=1.2)
    here, there = inked(pixels(drawn)), inked(pixels(plain))
    assert np.abs(np.subtract(here, there)).max() <= 6  # of 144 dots an inch


@pytest.mark.parametrize("content", LABELS)
def test_a_width_is_that_of_matplotlib(content: str):
    with canvas.ink():
        figure = canvas.sheet(1, "")
        assert width_of(content, canvas.SIZE) == pytest.approx(canvas.widest(figure, [content]), abs=0.03)


@pytest.mark.parametrize("vertical", ["bottom", "center", "top"])
@pytest.mark.parametrize("content", LABELS)
def test_the_box_of_a_label_holds_its_ink(content: str, vertical: str):
    label = Label(1.0, 2.0, content, 10, "center", vertical)
    left, lower, right, upper = box_of(label)
    ink = outline([label]).get_extents()
    assert left - 0.02 <= ink.x0 < ink.x1 <= right + 0.02
    assert lower - 0.02 <= ink.y0 < ink.y1 <= upper + 0.02


def test_labels_together_are_the_labels_apart():
    labels = [Label(place, place, content, 9.5) for place, content in enumerate(LABELS)]
    together, apart = outline(labels), [outline([label]) for label in labels]
    assert np.array_equal(together.vertices, np.concatenate([path.vertices for path in apart]))
    assert outline([]).vertices.shape == (0, 2)


def test_a_letter_that_the_font_lacks_is_said():
    with pytest.warns(UserWarning, match=r"no letter '\\ue000'"):
        width_of("\ue000", 9.5)


@given(st.floats(1e-3, 1e6), st.integers(2, 8))
def test_ticks_are_round_in_order_and_on_the_scale(high: float, most: int):
    ticks = Scale(0, high, 1, 3).ticks(most)
    values = [value for value, _ in ticks]
    assert values[0] == 0
    assert 2 <= len(values) <= most + 1
    assert np.allclose(np.diff(values), values[1])
    assert values[-1] <= high * (1 + 1e-9)
    assert [float(label) for _, label in ticks] == pytest.approx(values)


def test_marks_stand_where_the_numbers_are():
    scale = Scale(0, 20, 1.0, 5.0)
    drawing = Drawing(2, "")
    drawing.stroke(INTERVAL, (scale.at(5), 1.0), (scale.at(15), 1.0))
    drawing.dot((scale.at(10), 1.0), 5.5)
    drawing.dot((scale.at(0), 1.0), 5.5, hollow=True)
    with canvas.ink():
        figure = drawing.figure()
    picture = np.asarray(pixels(figure))
    row = picture[round((canvas.TOP + 1.0) * figure.dpi)]
    dark = np.flatnonzero(row < 100) / figure.dpi
    solid = dark[dark > 1.5]
    assert (solid.min(), solid.max()) == pytest.approx((2.0, 4.0), abs=0.02)
    assert {line.get_markerfacecolor() for line in figure.findobj(Line2D)} == {canvas.DATA, "white"}
    assert written(figure) == []
