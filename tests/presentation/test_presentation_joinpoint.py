"""The picture of a joinpoint fit: the curve is the fit, the changes stand beside it, nothing overlaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hand_made import LANGUAGES
from test_presentation_figures import overlaps, past_the_edge, texts

from mchepi.intake import open_dataset
from mchepi.presentation import (
    canvas,
    each_joinpoint,
    joinpoint_segments,
    joinpoint_sentences,
    plot_joinpoint,
    plot_joinpoints,
)
from mchepi.presentation.figure_joinpoint import _at, _curve
from mchepi.stats import joinpoint

YEARS = list(range(2001, 2021))
RATES = [9.8, 10.4, 11.3, 11.1, 12.2, 12.1, 11.2, 10.1, 9.5, 8.4]
RATES += [7.9, 7.0, 6.4, 6.1, 5.2, 4.9, 4.5, 4.1, 3.6, 3.4]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"model": "linear"},
        {"variance": "poisson", "events": [round(100 * rate) for rate in RATES]},
        {"jump": 2013},
        {"jump": 2013, "model": "linear"},
        {"selection": 3},
    ],
    ids=str,
)
def test_the_curve_is_the_fit(asked: dict[str, object]):
    fit = joinpoint(YEARS, RATES, **asked)
    assert _at(fit, np.array(YEARS, float)) == pytest.approx(np.asarray(fit.fitted), rel=1e-9)


def test_the_curve_breaks_at_a_jump():
    time, fitted = _curve(joinpoint(YEARS, RATES, jump=2013))
    assert np.isnan(fitted).sum() == 1
    assert time[np.isnan(fitted)] == 2013
    assert not np.isnan(_curve(joinpoint(YEARS, RATES))[1]).any()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_changes_and_years_are_written(lang: str):
    fit = joinpoint(YEARS, RATES)
    axes = plot_joinpoint(fit, lang=lang)
    written = [mark.get_text() for mark in axes.texts]
    assert written[-fit.n_joinpoints :] == [str(year) for year in fit.joinpoints]
    assert len(written) == 2 * fit.n_joinpoints + 1
    marks = texts(axes.figure)
    with canvas.ink():
        assert overlaps(marks) == []
        assert past_the_edge(axes.figure, marks) == []


def test_it_draws_where_it_is_told_to():
    with canvas.ink():
        own = canvas.place_axes(canvas.sheet(2, ""), 0.5, 0.2, 4, 1.5)
    assert plot_joinpoint(joinpoint(YEARS, RATES), own) is own


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_national_series(lang: str):
    series = open_dataset("national").read("CHN")
    fits = each_joinpoint(series, joinpoint)
    assert {keys["source_system"] for keys, _ in fits} == {"surveillance"}  # no modeled estimates
    assert all(len(fit.analysis.time) >= 7 for _, fit in fits)
    figure = plot_joinpoints(fits, lang=lang)
    with canvas.ink():
        marks = texts(figure)
        assert overlaps(marks) == []
        assert past_the_edge(figure, marks) == []
    said = " ".join(joinpoint_sentences(fits, lang=lang))
    assert ("2014年（2011—2015年）" if lang == "zh" else "2014 (2011 to 2015)") in said


def test_values_worked_out_from_published_falls_are_left_out():
    series = open_dataset("national").read("CHN").query("indicator == 'maternal_mortality_ratio'")
    [(_, fit)] = each_joinpoint(series, joinpoint)
    derived = set(series.query("verified == 'derived' and area == 'total'")["year"])
    assert derived
    assert not derived & set(fit.analysis.time.astype(int))


def test_six_values_are_too_few():
    rows = pd.DataFrame(
        {"district": "CHN", "indicator": "infant_mortality_rate", "source_system": "surveillance",
         "area": "total", "year": YEARS[:6], "value": RATES[:6]}
    )  # fmt: skip
    assert each_joinpoint(rows, joinpoint) == []
    assert joinpoint_segments([]).empty
