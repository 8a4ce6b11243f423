"""Folders of pages: their names, publishing by renaming, recovery, one writer at a time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi.batch.folders import (
    empty,
    files_below,
    folder_names,
    publish,
    recover,
    sole_writer,
    stage,
    take_away,
)
from mchepi.batch.refusal import Refused


def test_codes_and_plain_words_keep_their_names():
    assert folder_names(["152223", "37001", "S01", "kerqin_left"]) == {
        name: name for name in ("152223", "37001", "S01", "kerqin_left")
    }


@pytest.mark.parametrize(
    "district", ["a/b", "..", ".hidden", "a b", "扎赉特旗", "con", "COM1", "x" * 65, "", "a\n", "-x"]
)
def test_other_ids_get_a_safe_slug(district: str):
    (name,) = folder_names([district]).values()
    assert re.fullmatch(r"[A-Za-z0-9-]{1,40}-[0-9a-f]{8}", name)


def test_ids_that_differ_in_case_only_do_not_meet():
    names = folder_names(["abc", "ABC", "d"])
    assert names["d"] == "d"
    assert len({name.casefold() for name in names.values()}) == 3


@given(st.lists(st.text(), unique=True, max_size=8))
def test_no_two_districts_share_a_folder_and_none_leaves_it(districts: list[str]):
    names = list(folder_names(districts).values())
    assert len({name.casefold() for name in names}) == len(districts)
    assert all(Path("base", name).parent == Path("base") and not name.startswith(".") for name in names)


def staged(base: Path) -> Path:
    return base / ".staging" / "batch" / "D"


def page(base: Path, text: str) -> None:
    (stage(base, "D") / "report.html").write_text(text, "utf-8")


def test_a_new_page_takes_the_place_of_the_old_one(tmp_path: Path):
    page(tmp_path, "old")
    (staged(tmp_path) / "gone.csv").write_text("x", "utf-8")
    publish(tmp_path, "D", staged(tmp_path))
    page(tmp_path, "new")
    publish(tmp_path, "D", staged(tmp_path))
    recover(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["D", "report.html"]
    assert (tmp_path / "D" / "report.html").read_text("utf-8") == "new"


@pytest.mark.parametrize("stop_at", ["before", "between", "after"])
def test_an_interrupted_publication_is_recovered(tmp_path: Path, stop_at: str):
    """Wherever publishing was cut short, a whole page is there afterwards, and nothing else."""
    page(tmp_path, "old")
    publish(tmp_path, "D", staged(tmp_path))
    page(tmp_path, "new")
    place, aside = tmp_path / "D", tmp_path / ".staging/D.old"
    if stop_at != "before":
        place.rename(aside)
    if stop_at == "after":
        staged(tmp_path).rename(place)
    recover(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["D", "report.html"]
    assert (place / "report.html").read_text("utf-8") == ("new" if stop_at == "after" else "old")


def test_a_page_is_taken_away_but_nothing_that_a_link_or_a_strange_name_leads_to(tmp_path: Path):
    outside = tmp_path / "outside"
    base = tmp_path / "base"
    for folder in (outside, base / "D"):
        folder.mkdir(parents=True)
        (folder / "report.html").write_text("kept", "utf-8")
    (base / "link").symlink_to(outside)
    for folder in ("D", "link", "../outside", ".", "", "gone"):
        take_away(base, folder)
    recover(base)
    assert [path.name for path in base.iterdir()] == ["link"]
    assert (outside / "report.html").exists()


def test_what_a_staging_folder_holds_from_before_is_gone(tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.txt").write_text("kept", "utf-8")
    left = stage(tmp_path, "D")
    (left / "tables").mkdir()
    (left / "link").symlink_to(outside)
    assert list(stage(tmp_path, "D").iterdir()) == []
    assert (outside / "kept.txt").exists()
    (left / "link").symlink_to(outside)
    empty(left)
    assert (outside / "kept.txt").exists()


def test_publishing_stops_at_a_symbolic_link(tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    page(tmp_path, "new")
    (tmp_path / "D").symlink_to(outside)
    with pytest.raises(OSError, match="symbolic link"):
        publish(tmp_path, "D", staged(tmp_path))
    assert list(outside.iterdir()) == []


def test_a_link_that_a_notebook_left_is_not_published(tmp_path: Path):
    (tmp_path / "a.txt").write_text("a", "utf-8")
    assert files_below(tmp_path) == [tmp_path / "a.txt"]
    (tmp_path / "passwords").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="the notebook left a symbolic link, passwords"):
        files_below(tmp_path)


def test_a_second_writer_is_refused(tmp_path: Path):
    with (
        sole_writer(tmp_path),
        pytest.raises(Refused, match="another mchepi run is writing"),
        sole_writer(tmp_path),
    ):
        pass
    with sole_writer(tmp_path):
        pass
