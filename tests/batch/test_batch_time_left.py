"""The time left: by the median of each analysis, at the speed that is measured."""

from __future__ import annotations

import pytest

from mchepi.batch import Event
from mchepi.batch.time_left import TimeLeft


def heard(*events: tuple[float, str, str, float | None], pages: dict[str, int], workers: int | None = 1):
    time_left = TimeLeft()
    time_left.heed(Event("start", 0, 0, 0, sum(pages.values()), pages=pages, workers=workers), 0)
    for now, kind, analysis, seconds in events:
        time_left.heed(Event(kind, 0, 0, 0, 0, analysis=analysis, seconds=seconds), now)
    return time_left


def test_nothing_is_said_before_a_page_has_told_anything():
    assert heard(pages={"a": 4}).seconds(0) is None
    assert heard((1, "started", "a", None), (2, "skipped", "a", None), pages={"a": 4}).seconds(2) is None
    assert heard((1, "started", "a", None), (2, "failed", "a", 1.0), pages={"a": 4}).seconds(2) is None


def test_one_page_that_hangs_does_not_spoil_the_estimate():
    ends = [(at, "done", "a", 2.0) for at in (2, 4)] + [(1004, "done", "a", 1000.0), (1006, "done", "a", 2.0)]
    assert heard((0, "started", "a", None), *ends, pages={"a": 14}).seconds(1006) == pytest.approx(20)


def test_each_analysis_has_its_own_time_and_an_unknown_one_the_usual():
    ends = [(3, "done", "a", 3.0), (13, "done", "b", 10.0)]
    time_left = heard((0, "started", "a", None), *ends, pages={"a": 3, "b": 2, "c": 1})
    assert time_left.seconds(13) == pytest.approx(2 * 3 + 10 + 6.5)


def test_skipped_pages_teach_nothing():
    skipped = [(0.1, "skipped", "a", None)] * 90
    time_left = heard(*skipped, (1, "started", "a", None), (3, "done", "a", 2.0), pages={"a": 11})
    assert time_left.seconds(3) == pytest.approx(10 * 2)


def test_the_speed_is_supposed_at_first_and_then_measured():
    started = (0, "started", "a", None)
    first = [(10, "done", "a", 10.0)] * 2
    assert heard(started, *first, pages={"a": 102}, workers=2).seconds(10) == pytest.approx(100 * 10 / 2)
    slow = [(at, "done", "a", 10.0) for at in (16, 16, 32, 32)]  # the machine has more to do: 1.25 at once
    assert heard(started, *slow, pages={"a": 104}, workers=2).seconds(32) == pytest.approx(100 * 10 / 1.25)


def test_where_workers_come_and_go_the_speed_is_measured_at_once():
    ends = [(10, "done", "a", 10.0)] * 5
    time_left = heard((0, "started", "a", None), *ends, pages={"a": 55}, workers=None)
    assert time_left.seconds(10) == pytest.approx(50 * 10 / 5)
