"""Comparisons between districts as readers see them: funnel, smoothed rates, ranks, map, sentences."""

from __future__ import annotations

import warnings
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hand_made import LANGUAGES
from matplotlib.path import Path as Outline
from test_presentation_figures import overlaps, past_the_edge, texts

from mchepi.indicators import (
    blamed_by_chance,
    change_together,
    compare_districts,
    last_years,
    order_kept,
    spread_of_districts,
)
from mchepi.intake import Dataset, open_dataset
from mchepi.presentation import (
    blame_sentences,
    canvas,
    compared_sentences,
    funnel_sentences,
    indicators_of,
    leading,
    map_sentences,
    order_sentences,
    plot_funnel,
    plot_map,
    plot_ranks,
    plot_shrinkage,
    rank_sentences,
    reader_table,
    region_findings,
    region_summary,
    shrinkage_sentences,
)
from mchepi.presentation.figure_labels import name_points
from mchepi.presentation.figure_map import _class_color, _classes, _flat
from mchepi.presentation.tables_between import districts_table, flag_text


class Region(NamedTuple):
    """The frames that the notebook works with."""

    dataset: Dataset
    recent: pd.DataFrame
    compared: pd.DataFrame
    spread: pd.DataFrame
    kept: pd.DataFrame

    @property
    def most(self) -> pd.DataFrame:
        return leading(self.compared)


@cache
def region(name: str, year_to: int = 0) -> Region:
    dataset = open_dataset(name)
    counts = dataset.read(year_to=year_to)
    ids = indicators_of("region", counts, "compared")
    recent = last_years(counts)
    compared = compare_districts(recent, ids, neighbors=dataset.neighbors)
    before = compare_districts(last_years(counts.drop(recent.index)), ids)
    return Region(dataset, recent, compared, spread_of_districts(compared), order_kept(compared, before))


def figures(one: Region, lang: str) -> dict[str, object]:
    return {
        "funnel": plot_funnel(one.compared, one.spread, lang=lang),
        "smoothed": plot_shrinkage(one.most, lang=lang),
        "ranks": plot_ranks(one.most, lang=lang),
        "map": plot_map(one.most, one.dataset.outlines, lang=lang),
    }


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("name", "drawn"), [("nc_sids", 4), ("example_region", 3)])
def test_figures_have_no_text_over_text_or_past_the_edge(name: str, drawn: int, lang: str):
    found = {key: figure for key, figure in figures(region(name), lang).items() if figure is not None}
    assert len(found) == drawn
    for key, figure in found.items():
        with warnings.catch_warnings(), canvas.ink():
            warnings.simplefilter("error")
            canvas.stamp(figure, place="24个地区", simulated=name == "example_region", lang=lang)
            marks = texts(figure)
            assert overlaps(marks) == [], key
            assert past_the_edge(figure, marks) == [], key
            assert len(canvas.png(figure)) < 60_000, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_data_that_cannot_be_compared_have_no_figures_and_say_why(lang: str):
    one = region("published")
    assert [key for key, figure in figures(one, lang).items() if figure is not None] == []
    nothing = {"zh": "没有可比较的率，本节从略。", "en": "No rate can be compared: nothing to show here."}[
        lang
    ]
    assert funnel_sentences(one.compared, one.spread, lang=lang) == [nothing]
    assert shrinkage_sentences(one.most, lang=lang) == [nothing]
    assert rank_sentences(one.most, one.spread, lang=lang) == [nothing]
    assert len(map_sentences(one.most, drawn=False, lang=lang)) == 1
    assert len(order_sentences(one.kept, one.most, lang=lang)) == 1
    assert len(blame_sentences(blamed_by_chance(one.most), lang=lang)) == 1
    said = compared_sentences(one.recent, one.spread, change_together(one.recent, one.compared), lang=lang)
    assert ("鄂尔多斯市" if lang == "zh" else "Ordos City") in said[-1]
    assert len(region_findings(one.compared, one.spread, one.kept, lang=lang)) == 4


def test_deduced_deaths_are_marked_where_nothing_else_is_said():
    table = reader_table(region("published").spread, "zh")
    assert [row[2] for row in table.rows] == ["3 / 1430 推算", "4 / 1430 推算", "5 / 1430 推算"]


def test_the_findings_on_north_carolina():
    one = region("nc_sids")
    assert region_findings(one.compared, one.spread, one.kept, lang="en") == [
        "Sudden infant death rate, 1979–84: 100 districts together 1.98 per 1,000 (836 of 422,392); "
        "their raw rates run from 0.00 to 6.11 per 1,000.",
        "Outside the 95% limits of the funnel: 8 districts, where 2.6 are to be expected by chance; after "
        "correction for their number these stand out: Scotland (16, where 5.2 were expected) and "
        "Mecklenburg (35, where 60.9 were expected).",
        "Sudden infant death rate: the order cannot be told. Half of the 100 districts may have any of 89 "
        "places or more; of 4,950 pairs 12 (0.2%) have ranks whose limits do not overlap.",
        "With chance allowed for, the best estimates of the underlying rates run from 1.30 to 3.26 per "
        "1,000, not from 0.00 to 6.11 per 1,000.",
        "Of the 3 highest of 1974–78, still among the highest: 0. The raw rates of that time foretell the "
        "counts of this period with an error of 3.6 a district, the smoothed ones 2.8, one rate for all 2.8.",
    ]


def test_anson_stands_out_in_the_first_period():
    said = " ".join(funnel_sentences(*region("nc_sids", 1978)[2:4], lang="en"))
    assert "Anson (15, where 3.2 were expected)" in said
    assert "10 of 100 districts outside the 95% limits, where 2.5 are to be expected by chance" in said
    assert order_sentences(*(region("nc_sids", 1978)[place] for place in (4, 2)), lang="en") == [
        "There is no earlier period to compare with: whether the order lasts cannot be told."
    ]


def test_a_league_table_blames_small_counties():
    said = " ".join(blame_sentences(blamed_by_chance(region("nc_sids").most), lang="en"))
    assert "Clay (0.8 expected) would be among the highest 3 with a chance of 17%" in said
    assert "Mecklenburg (60.9 expected) with under 1%" in said


def test_the_summary_says_who_stands_out_and_what_cannot_be_compared():
    one, published = region("nc_sids"), region("published")
    assert region_summary(one.compared, one.spread, lang="zh")["verdict"].tolist() == [
        "Scotland（16例，期望5.2例）、Mecklenburg（35例，期望60.9例）"
    ]
    summary = region_summary(published.compared, published.spread, lang="en")
    assert summary["verdict"].unique().tolist() == ["cannot be compared"]
    assert summary["text"].iloc[0] == "one district: 2.10 per 1,000"


def test_an_order_that_can_be_told_is_not_denied():
    row = {"indicator": "neonatal_mortality_rate", "rank_width": 2, "districts": 9, "pairs": 36}
    from mchepi.presentation.between_in_words import order_text

    assert "cannot be told" in order_text({**row, "pairs_apart": 17}, "en")
    assert "can be told in part" in order_text({**row, "pairs_apart": 18}, "en")


def test_the_leading_indicator_has_the_most_events():
    assert region("example_region").most["indicator"].unique().tolist() == ["under5_mortality_rate"]


def test_the_table_of_districts_is_cut_when_it_is_long_and_says_so():
    most = region("nc_sids").most
    assert len(districts_table(most, "en").rows) == 100
    many = pd.concat([most, most], ignore_index=True)
    cut = districts_table(many, "en")
    assert len(cut.rows) == 16
    assert cut.notes == (
        "Of 200 districts only those outside the 95% limits are listed; all are in districts.csv.",
    )


@pytest.mark.parametrize(
    ("outside", "adjusted", "side", "said"),
    [
        (np.nan, 0.9, "above", ""),
        (0.95, 0.2, "above", "△ outside 95%"),
        (0.998, 0.06, "below", "▽ outside 99.8%"),
        (0.998, 0.05, "below", "▼ stands out"),
    ],
)
def test_flags(outside: float, adjusted: float, side: str, said: str):
    assert flag_text({"outside": outside, "adjusted_p_value": adjusted, "side": side}, "en") == said


# The map


@pytest.mark.parametrize(
    ("ratio", "place"), [(0, 0), (0.49, 0), (0.5, 1), (0.8, 2), (1, 2), (1.25, 3), (2, 4), (9, 4)]
)
def test_classes_are_multiples_of_the_common_rate(ratio: float, place: int):
    assert _class_color(ratio) == _classes()[place]


def test_holes_stay_open_whichever_way_the_rings_run():
    outer = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]
    hole = [(1, 1), (3, 1), (3, 3), (1, 3), (1, 1)]
    for rings in ((outer, hole), (outer[::-1], hole), (outer, hole[::-1]), (outer[::-1], hole[::-1])):
        shape = _flat([rings], 1.0)
        areas = [0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) for x, y in _rings(shape)]
        assert areas == [16, -4]


def _rings(shape: Outline) -> list[np.ndarray]:
    starts = [*np.flatnonzero(shape.codes == Outline.MOVETO), len(shape.codes)]
    return [shape.vertices[start : end - 1].T for start, end in pairwise(starts)]


def test_a_district_without_data_is_hatched_and_named_in_the_legend():
    one = region("nc_sids")
    figure = plot_map(one.most[one.most["district"] != "37001"], one.dataset.outlines, lang="en")
    assert "no data (hatched)" in dict(texts(figure))
    assert "no data (hatched)" not in dict(texts(plot_map(one.most, one.dataset.outlines, lang="en")))


def test_names_that_find_no_place_are_left_out():
    with canvas.ink():
        axes = canvas.place_axes(canvas.sheet(0.5, ""), 0.1, 0, 1.2, 0.5)
        points = [(0.5, 0.5, f"a long name {place}", canvas.TEXT) for place in range(9)]
        left_out = name_points(axes, points)
    assert len(left_out) + len(axes.texts) == 9
    assert left_out
