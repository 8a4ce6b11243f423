"""What a batch says: one redrawn line on a terminal, plain lines elsewhere, JSON, how to repeat a failure."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import termios

import pytest

from mchepi.batch import Event, Progress, as_lines
from mchepi.batch.terminal import fitted, width

ERASE = "\r\x1b[2K"
WHICH = {"analysis": "toy", "lang": "zh"}
ERROR = "ValueError: no\nbirths"
REPEAT = "mchepi run params/toy.yaml --only B01 --lang zh"


class Terminal(io.StringIO):
    """A terminal that cannot tell its width."""

    def isatty(self) -> bool:
        return True


def counts(done: int = 0, failed: int = 0, skipped: int = 0, left: int = 0) -> dict[str, int]:
    return {"done": done, "failed": failed, "skipped": skipped, "left": left}


def page(district: str = "A01", name: str = "甲县") -> dict[str, object]:
    return {**WHICH, "district": district, "names": (name, "")}


START = Event("start", **counts(left=4), pages={"toy": 3}, workers=1, why="as asked for")
EVENTS = [
    START,
    Event("skipped", **counts(skipped=1, left=3), **page("S01", "丁县"), page="S01/report.html"),
    Event("started", **counts(skipped=1, left=3), **page()),
    Event("done", **counts(1, 0, 1, 2), **page(), page="A01/report.html", seconds=20.0),
    Event("started", **counts(1, 0, 1, 2), **page("B01", "错误县")),
    Event("failed", **counts(1, 1, 1, 1), **page("B01", "错误县"), error=ERROR, repeat=REPEAT),
    Event("started", **counts(1, 1, 1, 1), **page("C01", "丙县")),
    Event("stopped", **counts(1, 1, 1, 1), reason="SIGINT"),
    Event("end", **counts(1, 1, 1, 1), reason="SIGINT"),
]
SUMMARY = f"""
failed: toy zh B01 错误县
  ValueError: no births
  repeat: {REPEAT}

done 1, failed 1, skipped 1, left 1
Stopped: SIGINT. Finished pages are published, none is half-written; the same command goes on.
"""


def told(out: io.StringIO, events: list[Event] = EVENTS) -> str:
    progress = Progress(out, clock=iter(range(0, 1000, 10)).__next__)
    for event in events:
        progress.on_event(event)
    return out.getvalue()


def test_a_plain_log_has_a_line_a_page_that_was_made():
    assert told(io.StringIO()) == (
        "pages to make 3, workers 1 (as asked for)\n"
        "done 1, failed 0, skipped 1, left 2: toy zh A01 甲县 done\n"
        "done 1, failed 1, skipped 1, left 1: toy zh B01 错误县 failed\n" + SUMMARY
    )


def test_a_terminal_has_one_line_that_is_redrawn():
    lines = told(Terminal()).split(ERASE)
    assert lines == [
        "pages to make 3, workers 1 (as asked for)\n",
        "done 0, failed 0, skipped 1, left 3",
        "done 0, failed 0, skipped 1, left 3: 甲县",
        "done 1, failed 0, skipped 1, left 2 (about 40 s)",
        "done 1, failed 0, skipped 1, left 2 (about 40 s): 错误县",
        "done 1, failed 1, skipped 1, left 1 (about 30 s)",
        "done 1, failed 1, skipped 1, left 1 (about 40 s): 丙县",
        "done 1, failed 1, skipped 1, left 1 (about 50 s): 丙县",
        SUMMARY,
    ]


def test_pages_that_are_only_skipped_redraw_seldom():
    out = Terminal()
    progress = Progress(out, clock=(number / 1000 for number in range(10_000)).__next__)
    progress.on_event(START)
    for number in range(1000):
        progress.on_event(Event("skipped", **counts(skipped=number, left=1000 - number), **page()))
    assert 8 <= out.getvalue().count(ERASE) <= 12


def test_the_line_keeps_to_the_terminal():
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 60))
    many = [Event("started", **counts(left=12), **page(str(number), "扎赉特旗")) for number in range(12)]
    with os.fdopen(theirs, "w", encoding="utf-8", newline="") as out:
        progress = Progress(out)
        for event in many:
            progress.on_event(event)
        termios.tcsetwinsize(theirs, (24, 40))
        progress.on_event(many[0])
    text = b""
    with contextlib.suppress(OSError):  # what Linux says at the end
        while part := os.read(ours, 4096):
            text += part
    os.close(ours)
    lines = text.decode().split(ERASE)[1:]
    assert all(width(line) <= 58 for line in lines)
    assert 57 <= width(lines[-2]) <= 58
    assert 37 <= width(lines[-1]) <= 38
    assert lines[-1].endswith("…")


@pytest.mark.parametrize("columns", range(1, 12))
def test_cut_text_fits_and_uses_the_room(columns: int):
    for text in ("扎赉特旗", "abcdefghijkl", "a扎b赉c", "e\u0301e\u0301e\u0301"):
        cut = fitted(text, columns)
        assert width(cut) <= columns
        assert cut == text or (cut.endswith("…") and width(cut) >= columns - 1)


def test_names_and_messages_cannot_steer_the_terminal():
    evil = {**page(name="\x1b[2J\r县"), "error": "x\x07" * 400, "repeat": REPEAT}
    failed = Event("failed", **counts(failed=1), **evil)
    text = told(io.StringIO(), [START, failed, Event("end", **counts(failed=1))])
    assert not set(text) & {"\x1b", "\r", "\x07"}
    assert max(map(len, text.splitlines())) < 330
    started = told(Terminal(), [Event("started", **counts(left=1), **page(name="\x1b[2J\r县"))])
    assert started == ERASE + "done 0, failed 0, skipped 0, left 1:  [2J 县"


def test_a_terminal_that_is_gone_stops_no_batch():
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    told(Gone())
    for event in EVENTS:
        as_lines(Gone())(event)


def test_json_has_one_event_a_line_and_leaves_out_what_does_not_apply():
    out = io.StringIO()
    for event in EVENTS:
        as_lines(out)(event)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == [event.event for event in EVENTS]
    assert lines[0] == {
        "event": "start", **counts(left=4), "pages": {"toy": 3}, "workers": 1, "why": "as asked for"
    }  # fmt: skip
    assert lines[3] == {
        "event": "done", **counts(1, 0, 1, 2), **WHICH, "district": "A01", "names": ["甲县", ""],
        "page": "A01/report.html", "seconds": 20.0,
    }  # fmt: skip
    assert lines[-1] == {"event": "end", **counts(1, 1, 1, 1), "reason": "SIGINT"}


def test_every_field_of_an_event_is_documented():
    documented = set(re.findall(r"\w+", Event.__doc__))
    assert set(Event.__dataclass_fields__) <= documented
