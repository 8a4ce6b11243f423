"""A dataset that is kept is handed out only while its files are the same, and is what reading would give."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from mchepi.intake import DataError, kept, open_dataset

COUNTS = "district,year,live_births\nA,2023,100\nB,2023,200\n"


@pytest.fixture
def counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of a dataset that was written a while ago."""
    (tmp_path / "params").mkdir()
    (tmp_path / "data" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "data" / "mine" / "counts.csv"
    path.write_text(COUNTS, "utf-8")
    for place in (path, path.parent):
        os.utime(place, (1_700_000_000, 1_700_000_000))
    yield path
    kept._kept.clear()


def test_what_is_kept_is_handed_out_and_is_what_is_read(counts: Path):
    read = open_dataset("mine")
    assert open_dataset("mine") is not read
    kept.keep("mine", str(counts.parents[2]))
    again = open_dataset("mine")
    assert open_dataset(counts.parent) is open_dataset("mine", start=counts.parents[2] / "params") is again
    pd.testing.assert_frame_equal(again.read("A"), read.read("A"))
    assert again.digest("A") == read.digest("A")


def test_a_file_that_changed_is_read_again(counts: Path):
    kept.keep("mine", ".")
    counts.write_text(COUNTS.replace("100", "101"), "utf-8")
    assert open_dataset("mine").read("A").loc[0, "live_births"] == 101


def test_a_file_that_came_beside_it_is_seen(counts: Path):
    kept.keep("mine", ".")
    (counts.parent / "second.csv").write_text(COUNTS, "utf-8")
    with pytest.raises(DataError, match=r"must hold a dataset\.yaml or one CSV file"):
        open_dataset("mine")


def test_a_file_that_went_is_missed(counts: Path):
    kept.keep("mine", ".")
    counts.unlink()
    with pytest.raises(DataError):
        open_dataset("mine")


def test_what_is_just_being_written_is_not_kept(counts: Path):
    os.utime(counts, (4_000_000_000, 4_000_000_000))
    kept.keep("mine", ".")
    assert open_dataset("mine") is not open_dataset("mine")
