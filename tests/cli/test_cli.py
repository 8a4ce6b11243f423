"""The command line: exit codes, messages without a traceback, and quiet."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import get_args

import nbformat
import pytest

from mchepi import cli
from mchepi.batch.events import Event, Kind

PARAMETERS = 'district: str = "A01"\ndata: str = "toy"\nlang: str = "zh"\nyear_to: int = 0'
ACTIONS = """\
from pathlib import Path
import os, sys, time
print("noise", file=sys.stderr)
root = next(folder for folder in Path.cwd().parents if (folder / "params").is_dir())
if district == "B01" and not (root / "repaired").exists():
    raise ValueError("no births")
if district == "C01":
    (root / "started").write_text(str(os.getpid()))
    time.sleep(600)
district"""
GOOD = """\
district,name_zh,name_en,year,live_births,neonatal_deaths
A01,甲县,A,2023,1430,3
B01,乙县,B,2023,900,1
"""
Main = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("params", "notebooks", "data/toy"):
        (tmp_path / folder).mkdir(parents=True)
    cells = [nbformat.v4.new_code_cell(text) for text in (PARAMETERS, ACTIONS)]
    cells[0].metadata.tags = ["parameters"]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec}), tmp_path / "notebooks/toy.ipynb"
    )
    (tmp_path / "data/toy/counts.csv").write_text(GOOD, "utf-8")
    (tmp_path / "params/toy.yaml").write_text("notebook: toy\ndata: toy\ndistricts: all\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def main(capsys: pytest.CaptureFixture[str]) -> Main:
    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = cli.main(arguments)
        except SystemExit as left:
            code = int(left.code or 0)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("multiprocessing.process.BaseProcess.start", refuse)


def mchepi(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mchepi", *arguments], capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("command", ["check", "run", "report", "worklist", "indicators"])
def test_help_says_what_a_command_does_with_an_example(main: Main, command: str):
    code, out, _ = main(command, "--help")
    assert code == 0
    assert f"mchepi {command}" in out.split("example")[1]
    assert command in main("--help")[1]


def test_wrong_usage_is_code_2(main: Main):
    assert main()[0] == 2
    assert main("run")[0] == 2
    code, _, error = main("run", "params/toy.yaml", "--jobs", "0")
    assert code == 2
    assert "must be a whole number, 1 or more; got '0'" in error


def test_check_of_good_data(main: Main, project: Path):
    code, out, error = main("check", "data/toy/counts.csv")
    assert (code, out, error) == (0, "data/toy/counts.csv: nothing found\n", "")


def test_check_groups_findings_by_file_with_place_and_fix(main: Main, project: Path):
    (project / "bad.csv").write_text(GOOD.replace("1430", "many").replace(",1\n", ",-5\n"), "utf-8")
    code, out, _ = main("check", "data/toy/counts.csv", "bad.csv")
    assert code == 2
    assert out.startswith(
        "data/toy/counts.csv: nothing found\nbad.csv\n  error: row 2, column live_births, value 'many': "
    )
    assert "  error: row 3, column neonatal_deaths, value '-5': " in out
    assert out.count("    fix: ") == 2


def test_check_of_findings_that_stop_no_work_is_code_1(main: Main, project: Path):
    (project / "gap.csv").write_text(GOOD.replace(",1\n", ",\n"), "utf-8")
    assert main("check", "gap.csv")[0] == 1


def test_check_of_a_missing_file_is_code_2_and_no_traceback(main: Main, project: Path):
    code, out, error = main("check", "nowhere.csv")
    assert code == 2
    assert "nowhere.csv" in out
    assert "Traceback" not in out + error


def test_check_as_json(main: Main, project: Path):
    (project / "bad.csv").write_text(GOOD.replace("1430", "many"), "utf-8")
    found = json.loads(main("check", "bad.csv", "--json")[1])
    assert [(one["file"], one["row"], one["column"], one["value"]) for one in found] == [
        ("bad.csv", 2, "live_births", "many")
    ]
    assert json.loads(main("check", "data/toy/counts.csv", "--json")[1]) == []


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("check", [[], ["--check"]])
def test_run_refuses_before_the_first_process(main: Main, project: Path, check: list[str]):
    (project / "params/bad.yaml").write_text(
        "notebook: toy\ndata: toy\ndistricts: [A1]\ndefaults: {year_too: 2020, year_to: 2020-01-01}\n",
        "utf-8",
    )
    code, out, error = main("run", "params/bad.yaml", "params/none.yaml", *check)
    assert (code, out) == (2, "")
    assert error.splitlines() == [
        'params/bad.yaml, line 4: 2020-01-01 is a date without quotes; write "2020-01-01".',
        "params/bad.yaml: defaults: `year_too` is not a parameter of notebooks/toy.ipynb; "
        "did you mean `year_to`?",
        'params/bad.yaml: defaults: `year_to` must be a whole number; got the text "2020-01-01".',
        'params/bad.yaml: the data have no district "A1"; did you mean "A01" (甲县 A)?',
        "params/none.yaml does not exist.",
        "Nothing was run.",
    ]
    assert not (project / "outputs").exists()


@pytest.mark.usefixtures("no_process")
def test_run_refuses_data_with_all_their_faults(main: Main, project: Path):
    (project / "data/toy/counts.csv").write_text(
        GOOD.replace("1430", "many").replace(",1\n", ",-5\n"), "utf-8"
    )
    code, _, error = main("run", "params/toy.yaml")
    assert code == 2
    assert "row 2" in error
    assert "row 3" in error
    assert "Traceback" not in error


@pytest.mark.usefixtures("no_process")
def test_run_check_starts_nothing(main: Main, project: Path):
    assert main("run", "params/toy.yaml", "--check") == (0, "Nothing wrong found. Pages to make: 2.\n", "")
    assert main("run", "params/toy.yaml", "--check", "--only", "乙县")[1].endswith(" 1.\n")
    assert not (project / "outputs").exists()


def test_run_is_quiet_lists_failures_and_their_command_repeats_them(project: Path):
    ran = mchepi("run", "params/toy.yaml", "--jobs", "2")
    assert (ran.returncode, ran.stderr) == (1, "")
    beginning, *log, _, failed, what, repeat, _, counts = ran.stdout.splitlines()
    assert beginning == "pages to make 2, workers 2 (as asked for)"
    assert sorted(line.split(": ")[1] for line in log) == [
        "toy zh A01 甲县 A done",
        "toy zh B01 乙县 B failed",
    ]
    assert (failed, what) == ("failed: toy zh B01 乙县 B", "  ValueError: no births")
    assert counts == "done 1, failed 1, skipped 0, left 0"

    (project / "repaired").touch()
    command = shlex.split(repeat.removeprefix("  repeat: "))
    assert command == ["mchepi", "run", "params/toy.yaml", "--only", "B01", "--lang", "zh"]
    again = mchepi(*command[1:])
    assert (again.returncode, again.stderr) == (0, "")
    ledger = [
        json.loads(line) for line in (project / "outputs/zh/toy/ledger.jsonl").read_text("utf-8").splitlines()
    ]
    assert [(entry["district"], entry["status"]) for entry in ledger] == [("A01", "done"), ("B01", "done")]


@pytest.mark.parametrize("command", ["check", "run", "report", "worklist", "indicators"])
def test_the_examples_of_the_help_are_understood(main: Main, command: str):
    examples = re.findall(r"^  (mchepi .*)$", main(command, "--help")[1], flags=re.MULTILINE)
    assert examples
    for example in examples:
        assert cli._parser().parse_args(shlex.split(example)[1:]).command


def test_the_help_names_every_field_of_an_event(main: Main):
    told = set(re.findall(r"\w+", main("run", "--help")[1].partition("--json prints")[2]))
    assert set(Event.__dataclass_fields__) <= told
    assert set(get_args(Kind)) <= told


def test_json_prints_events_and_nothing_else(project: Path):
    ran = mchepi("run", "params/toy.yaml", "--jobs", "1", "--json")
    assert (ran.returncode, ran.stderr) == (1, "")
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    told = [(event["event"], event.get("district")) for event in events]
    pages = [("started", "A01"), ("done", "A01"), ("started", "B01"), ("failed", "B01")]
    assert told == [("start", None), *pages, ("end", None)]
    assert events[4]["error"] == "ValueError: no births"
    assert events[4]["repeat"] == "mchepi run params/toy.yaml --only B01 --lang zh"
    assert Path(events[4]["page"]).is_file()
    assert [events[-1][name] for name in ("done", "failed", "skipped", "left")] == [1, 1, 0, 0]


@pytest.mark.usefixtures("no_process")
def test_json_keeps_stdout_empty_where_nothing_runs(main: Main, project: Path):
    checked = main("run", "params/toy.yaml", "--check", "--json")
    assert checked == (0, "", "Nothing wrong found. Pages to make: 2.\n")
    code, out, error = main("run", "params/none.yaml", "--json")
    assert (code, out) == (2, "")
    assert "params/none.yaml does not exist." in error


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("--cell-timeout", "0", "must be a whole number of seconds, or as 90s, 30m, 2h; got '0'"),
        ("--notebook-timeout", "1.5h", "must be a whole number of seconds, or as 90s, 30m, 2h; got '1.5h'"),
        ("--memory-limit", "2", "must be an amount as 800MB, 2GB or 1.5GiB; got '2'"),
        ("--memory-limit", "1MB", "must be at least 400MB, or no notebook can start; got '1MB'"),
    ],
)
def test_limits_that_make_no_sense_are_refused(main: Main, flag: str, value: str, message: str):
    code, out, error = main("run", "params/toy.yaml", flag, value)
    assert (code, out) == (2, "")
    assert error.endswith(f"error: argument {flag}: {message}\n")


def test_run_says_why_and_skips_forces_or_repeats_what_failed(
    main: Main, project: Path, monkeypatch: pytest.MonkeyPatch
):
    from mchepi.batch import runner
    from mchepi.batch.page import Failure
    from mchepi.batch.worker import Job, Outcome

    failing = {"B01"}

    def do_jobs(jobs: Iterable[Job], **options: object) -> Iterator[tuple[Job, Outcome]]:
        for job in jobs:
            (job.staging / "report.html").write_text("a page", "utf-8")
            failure = Failure("ValueError", "no births") if job.head.district in failing else None
            yield job, Outcome(failure, {"report.html": hashlib.sha256(b"a page").hexdigest()})

    monkeypatch.setattr(runner, "choose_executor", lambda executor: do_jobs)
    assert main("run", "params/toy.yaml", "--why", "A01") == (
        0,
        "toy zh A01 甲县 A: would be made\n  there is no page of it yet\n",
        "",
    )
    assert not (project / "outputs").exists()
    counts = "done {}, failed {}, skipped {}, left 0".format
    for arguments, code, said in (
        ([], 1, counts(1, 1, 0)),
        ([], 1, counts(0, 1, 1)),
        (["--force"], 1, counts(1, 1, 0)),
        (["--only-failed"], 1, counts(0, 1, 1)),
    ):
        ran, out, _ = main("run", "params/toy.yaml", *arguments)
        assert (ran, out.splitlines()[-1]) == (code, said), arguments
    assert main("run", "params/toy.yaml", "--why", "乙县")[1].splitlines() == [
        "toy zh B01 乙县 B: would be made",
        "  it failed the last time: ValueError: no births",
    ]
    failing.clear()
    assert main("run", "params/toy.yaml", "--only-failed")[0] == 0
    (project / "data/toy/counts.csv").write_text(GOOD.replace("1430", "1431"), "utf-8")
    ran, out, _ = main("run", "params/toy.yaml")
    assert (ran, out.splitlines()[-1]) == (0, counts(1, 0, 1))
    assert main("run", "params/toy.yaml", "--why", "A01", "--why", "B01")[1].splitlines() == [
        "toy zh A01 甲县 A: would be skipped, nothing changed",
        "toy zh B01 乙县 B: would be skipped, nothing changed",
    ]
    assert main("run", "params/toy.yaml", "--force", "--only-failed")[0] == 2


def test_ctrl_c_keeps_what_is_finished_and_leaves_nothing_behind(project: Path):
    counts = project / "data/toy/counts.csv"
    counts.write_text(GOOD.replace("B01", "C01"), "utf-8")
    command = [sys.executable, "-m", "mchepi", "run", "params/toy.yaml", "--jobs", "1"]
    batch = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        for _ in range(600):
            if (project / "started").is_file() and (project / "started").read_text("utf-8"):
                break
            time.sleep(0.1)
        second = mchepi("run", "params/toy.yaml")
        os.killpg(batch.pid, signal.SIGINT)
        out, error = batch.communicate(timeout=30)
    finally:
        batch.kill()
    assert second.returncode == 2
    assert (
        second.stderr
        == "another mchepi run is writing to outputs/zh/toy; wait for it to end.\nNothing was run.\n"
    )
    assert (batch.returncode, error) == (130, "")
    assert out.splitlines()[-2:] == [
        "done 1, failed 0, skipped 0, left 1",
        "Stopped: SIGINT. Finished pages are published, none is half-written; the same command goes on.",
    ]
    there = {path.name for path in (project / "outputs/zh/toy").iterdir()}
    assert there - {"stamps.json"} == {"A01", "ledger.jsonl", "timings.jsonl"}
    with pytest.raises(ProcessLookupError):
        os.kill(int((project / "started").read_text("utf-8")), 0)


def test_report_of_no_outputs_is_code_2(main: Main, project: Path):
    code, out, error = main("report", "nothing")
    assert (code, out) == (2, "")
    assert "nothing" in error


def test_indicators_are_listed(main: Main):
    from mchepi.indicators import indicators

    code, out, _ = main("indicators")
    assert code == 0
    assert out.split()[:6] == ["id", "name_zh", "name_en", "kind", "per", "verified"]
    assert len(out.splitlines()) == len(indicators()) + 1
    catalog = json.loads(main("indicators", "--json")[1])
    assert [row["id"] for row in catalog] == list(indicators()["id"])
    assert catalog[0].keys() == set(indicators().columns)


def test_a_reader_that_leaves_is_no_traceback(project: Path):
    command = f"{shlex.quote(sys.executable)} -m mchepi indicators --json | head -1"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""


def test_the_command_line_imports_little():
    code = "import sys, mchepi.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"pandas", "papermill", "numpy", "nbformat", "yaml", "mchepi.batch"}.isdisjoint(loaded)
