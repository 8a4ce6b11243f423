"""Files that look as when they were last compared are not read again; whatever is done to them shows."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from toy_project import code, open_toy, write_project

from mchepi.batch import plan_runs, run_batch, shelf
from mchepi.batch import stamps as module
from mchepi.batch.ledger import STAMPS
from mchepi.batch.stamps import Stamps

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the time of change is not told there")

FILES = {"report.html": "the page", "tables/a.csv": "a,b\n1,2\n"}
OUTPUTS = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in FILES.items()}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page that was published a moment ago."""
    for name, text in FILES.items():
        path = tmp_path / "A" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    settle(tmp_path)
    return tmp_path / "A"


def settle(base: Path) -> None:
    """Wait until the clock of the file system has gone on."""
    now = module._time_there(base)
    while module._time_there(base) <= now:
        time.sleep(0.002)


def compare(page: Path, *, outputs: dict[str, str] = OUTPUTS, trusted: bool = True) -> tuple[str, list[str]]:
    """What is said of the page, and which of its files were read for that."""
    read: list[str] = []
    hashing = module._sha256

    def watched(path: str) -> str:
        read.append(os.path.relpath(path, page))
        return hashing(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_sha256", watched)
        stamps = Stamps(page.parent, trusted=trusted)
        damage = stamps.damage_of(page, outputs)
        stamps.save({"A"})
    return damage, read


def test_an_untouched_page_is_read_once(page: Path):
    assert compare(page) == ("", list(FILES))
    assert list(json.loads((page.parent / STAMPS).read_text("utf-8"))) == ["A"]
    assert compare(page) == ("", [])
    assert compare(page, trusted=False) == ("", list(FILES))
    assert compare(page) == ("", [])


def with_times_set_back(path: Path, change: Callable[[Path], object]) -> None:
    about = path.stat()
    change(path)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def in_place_of(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_text("THE PAGE", "utf-8")
    other.replace(path)


@pytest.mark.parametrize(
    ("change", "damage"),
    [
        (lambda path: path.write_text("THE PAGE"), "report.html is not as it was published"),
        (lambda path: os.truncate(path, 3), "report.html is not as it was published"),
        (in_place_of, "report.html is not as it was published"),
        (lambda path: path.chmod(0o600), ""),
        (lambda path: path.touch(), ""),
    ],
)
def test_a_file_that_was_touched_is_read_even_if_its_times_were_set_back(
    page: Path, change: Callable[[Path], object], damage: str
):
    compare(page)
    with_times_set_back(page / "report.html", change)
    found, read = compare(page)
    assert found == damage
    assert "report.html" in read
    settle(page.parent)
    compare(page)
    assert compare(page)[1] == (["report.html"] if damage else []), "what is damaged is read each time"


def test_what_a_failing_disk_did_is_not_forgotten_once_it_was_found(
    page: Path, monkeypatch: pytest.MonkeyPatch
):
    compare(page)
    with monkeypatch.context() as failing:
        failing.setattr(module, "_sha256", lambda _: "0" * 64)
        assert compare(page) == ("", []), "the files look as before"
        assert compare(page, trusted=False) == ("report.html is not as it was published", ["report.html"])
    assert compare(page) == ("", list(FILES)), "read, though they look as before"


def test_a_file_more_or_less_is_seen_without_reading(page: Path):
    compare(page)
    (page / "tables/b.csv").touch()
    assert compare(page) == ("tables/b.csv does not belong to its page", [])
    (page / "tables/b.csv").unlink()
    (page / "tables/a.csv").unlink()
    assert compare(page) == ("tables/a.csv is missing from its page", [])
    shutil.rmtree(page)
    assert compare(page) == ("report.html is missing from its page", [])


def test_what_the_ledger_says_counts_as_well(page: Path):
    compare(page)
    assert compare(page, outputs={**OUTPUTS, "report.html": "0" * 64}) == (
        "report.html is not as it was published",
        ["report.html"],
    )


def test_a_file_as_young_as_the_comparison_is_not_noted(page: Path, monkeypatch: pytest.MonkeyPatch):
    newest = max(path.stat().st_ctime_ns for path in page.rglob("*") if path.is_file())
    monkeypatch.setattr(module, "_time_there", lambda _: newest)
    compare(page)
    assert compare(page) == ("", list(FILES)), "it could be written to within the same tick of the clock"
    monkeypatch.setattr(module, "_time_there", lambda _: newest + 1)
    compare(page)
    assert compare(page) == ("", [])


def test_a_file_from_the_future_is_never_noted(page: Path):
    os.utime(page / "report.html", (2**32, 2**32))
    compare(page)
    assert compare(page) == ("", list(FILES))


def test_a_link_is_followed_each_time(page: Path):
    (page / "report.html").replace(page.parent / "elsewhere.html")
    (page / "report.html").symlink_to(page.parent / "elsewhere.html")
    settle(page.parent)
    assert compare(page) == ("", list(FILES))
    assert compare(page) == ("", list(FILES))
    (page.parent / "elsewhere.html").write_text("THE PAGE", "utf-8")
    assert compare(page)[0] == "report.html is not as it was published"


@pytest.mark.parametrize("noted", [b"", b"{", b"\xff\xfe", b"[1]", b'{"A": 1, "B": null}', b'{"A": "0"}'])
def test_a_record_that_is_damaged_or_of_other_files_is_as_none(page: Path, noted: bytes):
    compare(page)
    (page.parent / STAMPS).write_bytes(noted)
    assert compare(page) == ("", list(FILES))
    assert compare(page) == ("", [])


def test_a_record_that_was_copied_along_says_nothing_of_the_copy(page: Path, tmp_path: Path):
    compare(page)
    shutil.copytree(tmp_path, tmp_path / "copy", copy_function=shutil.copy2)
    with_times_set_back(tmp_path / "copy/A/report.html", lambda path: path.write_text("THE PAGE"))
    assert compare(tmp_path / "copy" / "A")[0] == "report.html is not as it was published"


def test_pages_that_are_gone_are_forgotten_and_a_disk_that_refuses_stops_nothing(
    page: Path, monkeypatch: pytest.MonkeyPatch
):
    compare(page)
    Stamps(page.parent).save(set())
    assert json.loads((page.parent / STAMPS).read_text("utf-8")) == {}

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "replace", refuse)
    assert compare(page) == ("", list(FILES))
    assert sorted(path.name for path in page.parent.iterdir()) == ["A", STAMPS]


def test_pages_of_a_batch_need_not_be_read_by_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """But the last ones, which were published too short a while before its end."""
    root = write_project(tmp_path / "project", code("import time; time.sleep(0.1)"), code("district"))
    (root / "params/toy.yaml").write_text("notebook: toy\ndata: toy\ndistricts: all\n", "utf-8")
    monkeypatch.chdir(root)
    monkeypatch.setattr(shelf, "SETTLED", 0.05)

    def made_and_read() -> tuple[int, set[str]]:
        read: set[str] = set()
        hashing = module._sha256
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_sha256", lambda path: (read.add(Path(path).parts[-2]), hashing(path))[1])
            made = run_batch(plan_runs(["params/toy.yaml"], open_dataset=open_toy), jobs=1)
        return len(made.done), read

    pages, looked_back_at = made_and_read()
    assert pages > 2
    assert len(looked_back_at) >= pages - 1
    made, read = made_and_read()
    assert made == 0
    assert len(read) <= 1
    next((root / "outputs").rglob("report.html")).write_text("another page", "utf-8")
    assert made_and_read()[0] == 1
