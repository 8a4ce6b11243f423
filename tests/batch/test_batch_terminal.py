"""What a batch says: one updated line on a terminal, plain lines elsewhere, and how to repeat what failed."""

from __future__ import annotations

import io
from pathlib import Path

from mchepi.batch import BatchResult, Ended, Progress
from mchepi.batch.page import Failure
from mchepi.batch.plan import Run


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def ended(district: str = "B01", failure: Failure | None = None, name: str = "错误县") -> Ended:
    run = Run("zh", district, (name, ""), district, {}, "")
    return Ended(
        "toy", run, failure, Path("report.html"), f"mchepi run params/toy.yaml --only {district} --lang zh"
    )


def told(out: io.StringIO) -> str:
    progress = Progress(out)
    result = BatchResult(3)
    result.done.append(ended("A01"))
    progress.ended(result.done[0], result)
    result.failed.append(ended(failure=Failure("ValueError", "no\nbirths")))
    progress.ended(result.failed[0], result)
    progress.summary(result)
    return out.getvalue()


SUMMARY = """
failed: toy zh B01 错误县
  ValueError: no births
  repeat: mchepi run params/toy.yaml --only B01 --lang zh

done 1, failed 1, left 1
"""


def test_a_plain_log_has_a_line_a_run():
    first = "done 1, failed 0, left 2: toy zh A01 错误县 done\n"
    second = "done 1, failed 1, left 1: toy zh B01 错误县 failed\n"
    assert told(io.StringIO()) == first + second + SUMMARY


def test_a_terminal_has_one_line_that_is_updated():
    line = "\r\x1b[2K"
    assert told(Terminal()) == f"{line}done 1, failed 0, left 2{line}done 1, failed 1, left 1{line}{SUMMARY}"


def test_a_stopped_batch_says_what_is_kept():
    out = io.StringIO()
    Progress(out).summary(BatchResult(2, stopped_by=2))
    assert out.getvalue().splitlines() == [
        "done 0, failed 0, left 2",
        "Stopped. The finished pages are published, nothing is half-written.",
    ]


def test_names_and_messages_cannot_steer_the_terminal():
    out = io.StringIO()
    result = BatchResult(1)
    result.failed.append(ended(name="\x1b[2J\r县", failure=Failure("E", "x\x07" * 400)))
    Progress(out).ended(result.failed[0], result)
    Progress(out).summary(result)
    assert not set(out.getvalue()) & {"\x1b", "\r", "\x07"}
    assert max(map(len, out.getvalue().splitlines())) < 330
