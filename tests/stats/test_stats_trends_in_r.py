"""Annual percent change, published rates and Cochran-Armitage on random series, as R answers them.

The session is tests/published/trends_in_r.R; the series and the answers of R 4.2.2 are in trends_in_r.csv.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from mchepi import annual_percent_change, cochran_armitage, log_linear_trend
from mchepi.stats.trends import METHODS, MODELS

WITNESS = Path(__file__).parents[1] / "published" / "trends_in_r.csv"


def rows() -> list[dict[str, str]]:
    with WITNESS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numbers(text: str) -> list[float]:
    return [float(one) for one in text.split()]


def label(row: dict[str, str]) -> str:
    return " ".join((row["function"], row["model"], row["method"], row["level"], row["events"][:20]))


@pytest.mark.parametrize("row", rows(), ids=label)
def test_as_in_r(row):
    year, events, time = (numbers(row[name]) for name in ("year", "events", "person_time"))
    level = float(row["level"])
    if row["function"] == "cochran_armitage":
        test = cochran_armitage(events, time, scores=year)
        assert test.statistic == pytest.approx(float(row["value"]), rel=1e-8)
        assert test.p_value == pytest.approx(float(row["p_value"]), rel=1e-8)
        return
    if row["function"] == "annual_percent_change":
        words = {"model": row["model"], "method": row["method"]}
        got = annual_percent_change(year, events, time, confidence_level=level, **words)
    else:
        got = log_linear_trend(year, events, standard_error=time or None, confidence_level=level)
    for name in ("value", "lower", "upper", "p_value"):
        assert getattr(got, name) == pytest.approx(float(row[name]), rel=1e-8), name


def test_the_grid_holds_every_model_and_method():
    shown = {(row["model"], row["method"]) for row in rows() if row["model"]}
    assert shown == {(model, method) for model in MODELS for method in METHODS}
    assert len(rows()) > 50
