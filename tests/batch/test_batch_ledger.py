"""The ledger: valid at every moment, complete with its journal, never quadratic, mended after a cut."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.batch import ledger
from mchepi.batch.ledger import Ledger, append_line, as_line, mend_tail, read_ledger, write_ledger
from mchepi.batch.refusal import Refused


def test_a_ledger_is_replaced_whole_and_sorted(tmp_path: Path):
    write_ledger(
        tmp_path, {"b": as_line({"district": "b", "names": ["乙"]}), "a": as_line({"district": "a"})}
    )
    assert (tmp_path / "ledger.jsonl").read_text(
        "utf-8"
    ) == '{"district": "a"}\n{"district": "b", "names": ["乙"]}\n'
    assert list(read_ledger(tmp_path)) == ["a", "b"]
    assert os.listdir(tmp_path) == ["ledger.jsonl"]


def test_a_write_that_fails_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_ledger(tmp_path, {"a": as_line({"district": "a"})})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_ledger(tmp_path, {"b": as_line({"district": "b"})})
    assert list(read_ledger(tmp_path)) == ["a"]


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"district'])
def test_a_damaged_ledger_is_refused(tmp_path: Path, line: str):
    (tmp_path / "ledger.jsonl").write_text('{"district": "a"}\n' + line + "\n", "utf-8")
    with pytest.raises(Refused, match=r"ledger\.jsonl, line 2 is damaged; move the file away and run again"):
        read_ledger(tmp_path)


def entry(district: str, **more: object) -> dict[str, object]:
    return {"district": district, **more}


def numbers(base: Path) -> dict[str, int]:
    """What a reader of both files knows."""
    return {district: json.loads(line).get("n", 0) for district, line in read_ledger(base).items()}


def test_at_every_moment_both_files_tell_all(tmp_path: Path):
    own = Ledger(tmp_path)
    for n in range(100):
        own.record(entry(f"{n % 40:02}", n=n))
        assert numbers(tmp_path) == {f"{m % 40:02}": m for m in range(n + 1)}
        alone = (tmp_path / "ledger.jsonl").read_text("utf-8").splitlines()
        behind = (n + 1) - len(alone) if n < 40 else 0
        assert behind <= len(alone) / 8, "the ledger alone lags by an eighth at most"
        assert alone == sorted(alone)
    own.fold()
    assert os.listdir(tmp_path) == ["ledger.jsonl"]
    assert numbers(tmp_path) == {f"{m % 40:02}": m for m in range(60, 100)}


def test_what_is_written_grows_in_proportion_to_the_districts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lines = []
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    monkeypatch.setattr(ledger, "write_ledger", lambda base, new: lines.append(len(new)) or write(base, new))
    write = write_ledger
    own = Ledger(tmp_path)
    for n in range(2000):
        own.record(entry(f"{n:04}"))
    assert sum(lines) < 10 * 2000  # 2,001,000 if it were replaced as each district ends


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_line_of_the_journal_that_was_cut_short_is_passed_over(tmp_path: Path, cut: int):
    write_ledger(tmp_path, {"a": as_line(entry("a", n=1)), "b": as_line(entry("b", n=1))})
    for district in ("a", "b"):
        append_line(tmp_path / "journal.jsonl", entry(district, n=2, name="扎赉特旗"))
    whole = (tmp_path / "journal.jsonl").read_bytes()
    (tmp_path / "journal.jsonl").write_bytes(whole[: -1 - cut])
    assert numbers(tmp_path) == {"a": 2, "b": 1}
    assert [one["n"] for one in Ledger(tmp_path).entries()] == [2, 1]
    assert os.listdir(tmp_path) == ["ledger.jsonl"]


@pytest.mark.parametrize("rest", [b"\x00" * 4096, b"\xff\n", b"[]\n", b"7\n", b"{}\n"])
def test_what_a_power_cut_leaves_in_the_journal_is_passed_over(tmp_path: Path, rest: bytes):
    append_line(tmp_path / "journal.jsonl", entry("a", n=1))
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(rest)
    assert numbers(tmp_path) == {"a": 1}


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Ends the process, so to speak, at the step whose number the list holds; nothing after it happens."""
    left = [1000]
    monkeypatch.setattr(os, "fsync", lambda handle: None)

    def counted(name: str) -> None:
        real = getattr(os, name)

        def step(*arguments: object, **options: object) -> object:
            left[0] -= 1
            if left[0] <= 0:
                raise KeyboardInterrupt
            return real(*arguments, **options)

        monkeypatch.setattr(os, name, step)

    for name in ("write", "fsync", "replace", "unlink", "open"):
        counted(name)
    return left


def test_wherever_writing_ends_all_that_was_recorded_is_there(tmp_path: Path, steps: list[int]):
    recorded = 0
    for last in range(1, 66):
        base = tmp_path / str(last)
        base.mkdir()
        steps[0] = 1000
        own = Ledger(base)
        steps[0] = last
        recorded = 0
        try:
            for n in range(6):
                own.record(entry(f"{n:02}", n=n))
                recorded = n + 1
        except KeyboardInterrupt:
            pass
        steps[0] = 1000
        kept = numbers(base)
        assert list(kept) == [f"{n:02}" for n in range(len(kept))]
        assert recorded <= len(kept) <= recorded + 1
        Ledger(base).fold()
        assert numbers(base) == kept
        assert os.listdir(base) in (["ledger.jsonl"], [])
    assert recorded == 6


def test_a_full_disk_adds_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "journal.jsonl"
    append_line(path, entry("a"))
    before = path.read_bytes()
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, line: write(handle, line[:5]))
    with pytest.raises(OSError, match="No space"):
        append_line(path, entry("b"))
    assert path.read_bytes() == before


def test_nothing_is_added_through_a_symbolic_link(tmp_path: Path):
    (tmp_path / "elsewhere").touch()
    (tmp_path / "timings.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="timings"):
        append_line(tmp_path / "timings.jsonl", entry("a"))
    assert (tmp_path / "elsewhere").read_bytes() == b""


@settings(max_examples=50)
@given(
    st.lists(st.text(max_size=5), max_size=4), st.binary(max_size=8).filter(lambda tail: b"\n" not in tail)
)
def test_only_what_stands_after_the_last_line_is_cut_off(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], tail: bytes
):
    path = tmp_path_factory.mktemp("tail") / "timings.jsonl"
    whole = "".join(json.dumps(line) + "\n" for line in lines).encode()
    path.write_bytes(whole + tail)
    mend_tail(path)
    assert path.read_bytes() == whole


def test_lines_are_struck_out(tmp_path: Path):
    own = Ledger(tmp_path)
    for district in "abc":
        own.record(entry(district))
    own.drop({"b"})
    assert list(numbers(tmp_path)) == ["a", "c"]
    own.record(entry("b"))
    own.fold()
    assert list(numbers(tmp_path)) == ["a", "b", "c"]
