"""Figures: no text over text or past the edge, the house font only, the same small file every time."""

from __future__ import annotations

import io
import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
from hand_made import LANGUAGES, Analysis
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from PIL import Image

from mchepi.indicators import compute, judge, targets
from mchepi.intake import open_dataset
from mchepi.outcomes import cascade
from mchepi.presentation import (
    canvas,
    each_cascade,
    indicators_of,
    latest,
    plot_by_year,
    plot_cascades,
    plot_levels,
    plot_series,
)
from mchepi.presentation.drawing import written
from mchepi.presentation.fonts import FONT_FAMILY
from mchepi.presentation.rows import next_targets

NATIONAL = targets().query("level == 'nation'")


Edges = tuple[float, float, float, float]


def texts(figure: Figure) -> list[tuple[str, Edges]]:
    """What is written on the figure and its edges in pixels, the pale mark across it apart."""
    return [(mark.get_text(), mark.get_window_extent().extents) for mark in marks_of(figure)] + written(
        figure
    )


def marks_of(figure: Figure) -> list[Text]:
    figure.draw_without_rendering()
    unseen = {label for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for label in outside(axis)}
    found = figure.findobj(lambda artist: isinstance(artist, Text) and artist.get_visible())
    seen = [mark for mark in found if mark.get_text().strip() and mark not in unseen]
    return [mark for mark in seen if mark.get_alpha() is None or mark.get_alpha() > 0.5]


def outside(axis: Axis) -> list[Text]:
    """Labels of ticks beyond the limits: matplotlib keeps them, but does not draw them."""
    low, high = sorted(axis.get_view_interval())
    ticks = [tick for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high]
    return [label for tick in ticks for label in (tick.label1, tick.label2)]


def overlaps(marks: list[tuple[str, Edges]]) -> list[tuple[str, str]]:
    found = []
    for (one, first), (other, second) in itertools.combinations(marks, 2):
        width = min(first[2], second[2]) - max(first[0], second[0])
        height = min(first[3], second[3]) - max(first[1], second[1])
        if width > 1 and height > 2:
            found.append((one, other))
    return found


def past_the_edge(figure: Figure, marks: list[tuple[str, Edges]]) -> list[str]:
    wide, high = figure.canvas.get_width_height()
    return [
        text
        for text, (left, lower, right, upper) in marks
        if left < 0 or lower < 0 or right > wide or upper > high
    ]


def drawn(figure: Figure | None, *, simulated: bool = False, lang: str = "zh") -> Figure:
    assert figure is not None
    with canvas.ink():
        canvas.stamp(
            figure, place="扎赉特旗" if lang == "zh" else "Jalaid Banner", simulated=simulated, lang=lang
        )
    return figure


def check(figure: Figure) -> None:
    with warnings.catch_warnings(), canvas.ink():
        warnings.simplefilter("error")
        found = texts(figure)
        assert overlaps(found) == []
        assert past_the_edge(figure, found) == []
        marks = marks_of(figure)
        assert {name for mark in marks for name in mark.get_fontfamily()} == {FONT_FAMILY}
        assert {mark.get_fontweight() for mark in marks} <= {"normal", 400}
        content = canvas.png(figure)
    assert len(content) <= 60_000
    assert Image.open(io.BytesIO(content)).size[0] == round(canvas.WIDTH * figure.dpi)
    assert figure.dpi in (canvas.DOTS_PER_INCH, canvas.COARSE)


# An ordinary, the smallest and the largest banner, in both languages.
OF_THE_REGION = list(itertools.product(("S08", "S14", "S22"), LANGUAGES))


@pytest.mark.parametrize(("district", "lang"), OF_THE_REGION)
@pytest.mark.parametrize("section", ["mortality level", "anemia level", "screening coverage"])
def test_every_figure_of_the_simulated_region(section: str, district: str, lang: str):
    counts = open_dataset("example_region").read(district)
    analysis, part = section.split()
    levels = compute(counts, indicators_of(analysis, counts, part))
    now = latest(levels)
    judged = judge(now, targets=NATIONAL)
    check(drawn(plot_levels(now, judged, lang=lang), simulated=True, lang=lang))
    check(drawn(plot_by_year(levels, judged, lang=lang), simulated=True, lang=lang))


@pytest.mark.parametrize(("district", "lang"), OF_THE_REGION)
def test_every_cascade_of_the_simulated_region(district: str, lang: str):
    cascades = each_cascade(open_dataset("example_region").read(district), cascade)
    for programs in (
        ["metabolic", "hearing", "heart"],
        ["prenatal", "hepatitis_b"],
        ["cervical", "breast"],
        ["anemia"],
    ):
        check(drawn(plot_cascades(cascades, programs, lang=lang), simulated=True, lang=lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figures_of_the_real_places(
    one_year: Analysis, ten_years: Analysis, two_periods: Analysis, lang: str
):
    for one in (one_year, ten_years, two_periods):
        check(drawn(plot_levels(latest(one.levels), one.judged, lang=lang), lang=lang))
    for one in (ten_years, two_periods):
        check(drawn(plot_by_year(one.levels, one.judged, lang=lang), lang=lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_national_series(lang: str):
    series = open_dataset("national").read("CHN").query("area == 'total'")
    check(drawn(plot_series(series, NATIONAL, lang=lang), lang=lang))


def test_an_overlap_and_an_overrun_would_be_found():
    with canvas.ink():
        figure = canvas.sheet(2, "Title")
        figure.text(0.5, 0.5, "one above")
        figure.text(0.5, 0.5, "the other")
        figure.text(0.99, 0.2, "past the edge")
    assert overlaps(texts(figure)) == [("one above", "the other")]
    assert past_the_edge(figure, texts(figure)) == ["past the edge"]


def test_nothing_to_draw_is_no_figure(one_year: Analysis):
    nothing = one_year.levels[one_year.levels["indicator"] == "maternal_mortality_ratio"]
    assert plot_levels(nothing, lang="zh") is None
    assert plot_by_year(one_year.levels, lang="zh") is None  # one year is no course
    assert plot_cascades(each_cascade(one_year.counts, cascade), ["metabolic"], lang="zh") is None


def test_no_line_joins_indicators_or_years(ten_years: Analysis):
    """Only intervals, axes, marks and target lines, upright or level: nothing that runs from year to year."""
    figure = plot_by_year(ten_years.levels, ten_years.judged, lang="en")
    assert figure is not None
    strokes = [patch.get_path() for patch in figure.findobj(PathPatch) if not patch.get_fill()]
    assert len(strokes) == 4
    for path in strokes:
        starts, ends = path.vertices[::2], path.vertices[1::2]
        assert path.codes is not None
        assert path.codes.tolist() == [path.MOVETO, path.LINETO] * len(starts)
        assert (starts == ends).any(axis=1).all()
    assert all(line.get_linestyle() == "None" for line in figure.findobj(Line2D))


def test_two_systems_are_never_one_line_and_gaps_break_it():
    series = pd.DataFrame(
        {
            "indicator": "under5_mortality_rate",
            "source_system": ["surveillance"] * 4 + ["un_igme"] * 5,
            "year": [2016, 2017, 2018, 2019, 2010, 2011, 2012, 2014, 2015],
            "value": [10.2, 9.5, 9.0, 8.4, 15.8, 14.6, 13.5, 11.6, 10.7],
            "lower": np.nan,
            "upper": np.nan,
        }
    )
    figure = plot_series(series, lang="en")
    assert figure is not None
    marks, curve, _ = figure.axes[0].get_lines()
    assert marks.get_linestyle() == "None"
    assert marks.get_xdata().tolist() == [2016, 2017, 2018, 2019]
    assert np.isnan(curve.get_ydata()[list(curve.get_xdata()).index(2013)])


def below(figure: Figure | None) -> list[list[str]]:
    """Labels of two lines: the years with their counts."""
    assert figure is not None
    return [content.split("\n") for content, _ in written(figure) if "\n" in content]


def test_years_are_whole_ticks_with_the_counts_below(ten_years: Analysis):
    labels = below(plot_by_year(ten_years.levels, lang="zh"))
    assert labels[0][0] == "2015"
    assert all(year.isdigit() and count.isdigit() for year, count in labels)


def test_multi_year_rows_are_labeled_by_their_span(two_periods: Analysis):
    labels = below(plot_by_year(two_periods.levels, lang="zh"))
    assert labels == [["1974–78", "13 / 4672"], ["1979–84", "11 / 5767"]]


def test_the_counts_stand_beside_the_dots(one_year: Analysis):
    figure = plot_levels(latest(one_year.levels), one_year.judged, lang="zh")
    assert figure is not None
    contents = {content for content, _ in texts(figure)}
    assert {"3 / 1430 推算", "2.10（0.43～6.13）", "≤3.1（2025）"} <= contents


def test_a_step_that_nobody_could_reach_shows_no_loss():
    steps = [f"newborns_metabolic_{step}" for step in ("screened", "screen_positive", "recalled")]
    frame = pd.DataFrame({"program": "metabolic", "step": ["live_births", *steps], "persons": [9, 9, 0, 0]})
    figure = plot_cascades(frame, ["metabolic"], lang="en")
    assert figure is not None
    contents = [content for content, _ in written(figure)]
    assert "nobody due" in contents
    assert not [content for content in contents if "–%" in content or "lost" in content]
    pale = [patch for patch in figure.findobj(PathPatch) if patch.get_edgecolor()[:3] == (230 / 255,) * 3]
    assert len(pale[0].get_path().vertices) == 2  # of the screened alone


@pytest.mark.parametrize(("simulated", "marks"), [(True, 2), (False, 0)])
def test_simulated_figures_say_so_twice_and_others_never(one_year: Analysis, simulated: bool, marks: int):
    figure = drawn(plot_levels(latest(one_year.levels), lang="en"), simulated=simulated, lang="en")
    assert sum(mark.get_text() == "SIMULATED DATA" for mark in figure.findobj(Text)) == marks


def test_the_same_figure_is_the_same_file(ten_years: Analysis):
    files = {canvas.png(drawn(plot_by_year(ten_years.levels, ten_years.judged, lang="zh"))) for _ in range(2)}
    assert len(files) == 1
    image = Image.open(io.BytesIO(files.pop()))
    assert "Software" not in image.info


def test_the_inks_stay_true_in_the_file_and_apart_in_gray():
    colors = [
        tuple(int(color[place : place + 2], 16) for place in (1, 3, 5))
        for color in (canvas.DATA, canvas.TARGET)
    ]
    palette = canvas._palette().getpalette()
    assert palette is not None
    entries = {tuple(palette[place : place + 3]) for place in range(0, len(palette), 3)}
    assert set(colors) <= entries
    gray = [0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue in colors]
    assert abs(gray[0] - gray[1]) > 5  # shapes differ as well: dots and intervals against upright bars


def test_style_leaves_no_trace():
    import matplotlib

    before = dict(matplotlib.rcParams)
    with canvas.ink():
        pass
    assert dict(matplotlib.rcParams) == before


def test_the_next_target_is_the_one_that_is_drawn(one_year: Analysis):
    assert next_targets(one_year.judged)["target_year"].unique().tolist() == [2025]
    past = one_year.judged.assign(due=True)
    assert next_targets(past)["target_year"].unique().tolist() == [2030]
