"""Quotas of a district after the course of its register."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mchepi.intake import open_dataset
from mchepi.outcomes import quota_forecasts, quota_pace

REGISTERS = Path(__file__).parents[2] / "data" / "example_registers"
USUAL = [(10, 12), (100, 120), (180, 240), (250, 300), (304, 390), (365, 400)]


def courses(now: list[tuple[int, int]], *, as_of: int, quota: int = 500, years: int = 1) -> pd.DataFrame:
    parts = [(0, now), *((before, USUAL) for before in range(1, years + 1))]
    frames = [
        pd.DataFrame(course, columns=["day", "done"]).assign(years_before=before) for before, course in parts
    ]
    return pd.concat(frames, ignore_index=True).assign(
        item="women_screened_cervical", unit="persons", quota=quota, start_year=2025, start_month=1,
        start_day=1, deadline=304, as_of=as_of,
    )  # fmt: skip


def test_it_is_quota_pace_after_the_steps_of_the_years_before():
    found = quota_forecasts(courses([(50, 60), (180, 200)], as_of=180, years=2), shift_days=10)
    row = found.forecasts.loc[0]
    every = range(366)
    usual = pd.Series(dict(USUAL)).reindex(every).ffill().fillna(0)
    direct = quota_pace(
        200, quota=500, day=180, deadline=304, earlier=pd.DataFrame({1: usual, 2: usual}), shift_days=10,
        dispersion=row["dispersion"],
    ).loc[0]  # fmt: skip
    for name in ("forecast", "lower", "upper", "chance_met", "still_needed"):
        assert row[name] == direct[name]
    assert row["earlier_years"] == 2


def test_the_band_begins_at_what_was_done_and_ends_at_the_forecast():
    found = quota_forecasts(courses([(50, 60), (180, 200)], as_of=180))
    band = found.path[found.path["lower"].notna()]
    row = found.forecasts.loc[0]
    assert band.iloc[0][["day", "done", "lower", "upper"]].tolist() == [180, 200, 200, 200]
    assert band.iloc[-1][["day", "done", "lower", "upper"]].tolist() == [
        304, *row[["forecast", "lower", "upper"]],
    ]  # fmt: skip
    assert band["upper"].is_monotonic_increasing


def test_the_size_of_a_screening_day_is_found():
    generator = np.random.default_rng(3)
    days = np.sort(generator.choice(np.arange(1, 365), 60, replace=False))
    usual = pd.DataFrame({"years_before": 1, "day": [*days, 365], "done": [*(20 * np.arange(1, 61)), 1200]})
    now = courses([(180, 500)], as_of=180).query("years_before == 0")
    own = pd.concat([now, usual]).ffill()
    assert quota_forecasts(own).forecasts.loc[0, "dispersion"] == pytest.approx(17, abs=4)  # 20 less 60/365


def test_after_the_deadline_the_count_by_it_stands():
    now = [(100, 300), (290, 450), (320, 520)]
    row = quota_forecasts(courses(now, as_of=330)).forecasts.loc[0]
    assert row["done"] == 450
    assert row["chance_met"] == 0
    assert row[["forecast", "lower", "upper"]].tolist() == [450, 450, 450]
    assert "the deadline has come" in row["note"]


def test_without_an_earlier_year_there_is_no_forecast():
    row = quota_forecasts(courses([(180, 200)], as_of=180, years=0)).forecasts.loc[0]
    assert row[["forecast", "lower", "upper", "chance_met"]].isna().all()
    assert row["note"] == "no earlier year"
    assert row["needed_a_day"] == pytest.approx(300 / 124)
    over = quota_forecasts(courses([(180, 200)], as_of=304, years=0)).forecasts.loc[0]
    assert over["chance_met"] == 0
    met = quota_forecasts(courses([(180, 600)], as_of=180, years=0)).forecasts.loc[0]
    assert met["chance_met"] == 1


def test_a_period_that_has_not_begun():
    row = quota_forecasts(courses([], as_of=-30)).forecasts.loc[0]
    assert row["done"] == 0
    assert row["note"] == "the register ends before the period"
    assert pd.isna(row["forecast"])


def test_no_quota_no_row():
    found = quota_forecasts(courses([], as_of=1).iloc[:0])
    assert found.forecasts.empty
    assert found.path.empty


def test_wider_at_a_higher_level():
    own = courses([(50, 60), (180, 200)], as_of=180)
    usual, wide = (quota_forecasts(own, confidence_level=level).forecasts.loc[0] for level in (0.9, 0.99))
    assert wide["lower"] <= usual["lower"] <= usual["forecast"] == wide["forecast"]
    assert usual["upper"] <= wide["upper"]


def test_the_planted_campaigns_lie_within_the_limits():
    data = open_dataset(REGISTERS)
    truth = pd.read_csv(REGISTERS / "truth.csv").query("quantity == 'women_by_deadline'")
    for district, expected in zip(truth["district"], truth["true_value"], strict=True):
        row = quota_forecasts(data.courses(district)).forecasts.iloc[0]
        assert row["lower"] <= expected <= row["upper"], district
