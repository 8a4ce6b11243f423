"""The batch with real kernels, shared by all tests: pages, failures of every kind, ledger, the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from toy_project import DISTRICTS, code, open_toy, prose, read_lines, write_project

from mchepi.batch import BatchResult, Event, Limits, Plan, Refused, plan_runs, run_batch, runner, shelf
from mchepi.batch.keys import PARTS
from mchepi.batch.ledger import STAMPS
from mchepi.batch.worker import Job, Outcome

CELLS = [
    prose("# 一页", "lang-zh"),
    prose("# A page", "lang-en"),
    code(
        "import os, signal, sys, time\n"
        "from pathlib import Path\n"
        "from IPython.display import HTML, Image, display\n"
        "for pids in (folder / 'pids' for folder in Path.cwd().parents):\n"
        "    if pids.is_dir():\n"
        "        (pids / str(os.getpid())).touch()\n"
        "        (pids / str(os.getppid())).touch()\n"
        "for folder in ('tables', 'figures'):\n"
        "    Path(folder).mkdir()\n"
        "threads = [os.environ.get(name) for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS')]\n"
        "told = [sys.executable, *threads, os.environ.get('COLUMNS'), os.environ.get('PYTHONHASHSEED')]\n"
        "Path('tables/where.txt').write_text('\\n'.join(map(str, told)))"
    ),
    code(
        "print(district, data, year_to, lang)\nprint('careful', file=sys.stderr)\n"
        "print(list({'a', 'b', 'c', 'd'}))"
    ),
    code("display(HTML('<b>bold</b>'))\nPath.cwd()"),
    code(
        "Path('tables/counts.csv').write_text('a\\n1\\n')\nPath('figures/a.png').write_bytes(b'png')\ndisplay(Image(b'png'))"
    ),
    code(
        "if district == 'B01':\n    raise ValueError(f'no births in {Path.cwd()} for {object()}')\n"
        "if district == 'K01':\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "if district == 'T01':\n    time.sleep(600)\n"
        "if district == 'W01':\n    os.kill(os.getppid(), signal.SIGKILL)\n    time.sleep(600)"
    ),
    code("'the end'"),
]
TOY = "notebook: toy\ndata: toy\ndistricts: all\ndefaults: {year_to: 2023}\n"
ONE = 'notebook: toy\ndata: toy\nlang: [en]\nruns: [{district: "152223", year_to: 2020}]\n'
ONCE = "notebook: toy\ndata: toy\nreads: all\n"
FAILING = ["B01", "K01", "T01", "W01"]
CELL_TIMEOUT = 10
LIMITS = Limits(cell_timeout=CELL_TIMEOUT)


@dataclass
class Shared:
    """A project whose batch has run, and once more for some districts."""

    root: Path
    result: BatchResult
    told: list[Event]
    before: Path
    again: BatchResult

    def page(self, district: str, lang: str = "zh", analysis: str = "toy") -> Path:
        folders = {entry["district"]: entry["folder"] for entry in self.ledger(lang, analysis)}
        return self.root / "outputs" / lang / analysis / str(folders[district])

    def ledger(self, lang: str = "zh", analysis: str = "toy") -> list[dict[str, object]]:
        return read_lines(self.root / "outputs" / lang / analysis / "ledger.jsonl")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    root = write_project(tmp_path_factory.mktemp("batch") / "project {x}", *CELLS)
    for name, text in {"toy": TOY, "one": ONE, "once": ONCE}.items():
        (root / "params" / f"{name}.yaml").write_text(text, "utf-8")
    (root / "pids").mkdir()
    wrong_kernel = root.parent / "jupyter" / "kernels" / "python3"
    wrong_kernel.mkdir(parents=True)
    spec = {"argv": ["/bin/false"], "display_name": "Wrong", "language": "python"}
    (wrong_kernel / "kernel.json").write_text(json.dumps(spec), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("JUPYTER_PATH", str(root.parent / "jupyter"))
        patch.setenv("COLUMNS", "40")
        patch.setenv("MPLBACKEND", "Agg")
        told: list[Event] = []

        def tell(event: Event) -> None:
            told.append(event)
            assert event.event not in ("done", "failed") or Path(event.page).is_file()

        files = ["params/toy.yaml", "params/one.yaml", "params/once.yaml"]
        plan = plan_runs(files, open_dataset=open_toy)
        result = run_batch(plan, jobs=2, limits=LIMITS, on_event=tell)
        before = root.parent / "before"
        shutil.copytree(root / "outputs", before)
        plan = plan_runs(files[:2], open_dataset=open_toy, only=["152223", "B01", "K01", "甲/乙"])
        again = run_batch(plan, jobs=1, limits=LIMITS, select="all")
        yield Shared(root, result, told, before, again)


def test_failures_stop_nobody_else(shared: Shared):
    assert shared.result.total == 8
    assert shared.result.left == 0
    assert shared.result.stopped_by is None
    assert sorted(ended.run.district for ended in shared.result.failed) == FAILING
    done = sorted((ended.analysis, ended.run.lang, ended.run.district) for ended in shared.result.done)
    assert done == [
        ("once", "zh", "all"),
        ("one", "en", "152223"),
        ("toy", "zh", "152223"),
        ("toy", "zh", "甲/乙"),
    ]


def test_progress_counts_done_failed_and_left(shared: Shared):
    first, *told, last = shared.told
    assert (first.event, last.event) == ("start", "end")
    assert (first.left, first.pages, first.workers) == (8, {"toy": 6, "one": 1, "once": 1}, 2)
    assert first.why == "as asked for"
    assert (last.done, last.failed, last.skipped, last.left) == (4, 4, 0, 0)
    assert {event.done + event.failed + event.left for event in shared.told} == {8}
    kinds = {"started": 8, "done": 4, "failed": 4}
    assert {kind: [event.event for event in told].count(kind) for kind in kinds} == kinds
    assert len(told) == 16


def test_every_event_says_which_page_it_is_about(shared: Shared):
    under_way = set()
    for event in shared.told[1:-1]:
        which = event.analysis, event.lang, event.district
        if event.event == "started":
            under_way.add(which)
        else:
            under_way.remove(which)
        assert len(under_way) <= 2
    told = {event.district: event for event in shared.told if event.event in ("done", "failed")}
    assert told["152223"].names == DISTRICTS["152223"]
    assert told["152223"].seconds > 0
    assert told["152223"].error is told["152223"].repeat is None
    assert told["B01"].error.startswith("ValueError: no births")
    assert told["B01"].repeat == "mchepi run params/toy.yaml --only B01 --lang zh"


def test_the_layout_is_that_of_the_contract(shared: Shared):
    outputs = shared.root / "outputs"
    there = [
        path for path in outputs.glob("*/*/*") if path.name != STAMPS
    ]  # of what was old enough to compare
    assert sorted(path.relative_to(outputs).as_posix() for path in there) == sorted(
        [
            *(f"zh/toy/{name}" for name in ("152223", *FAILING, shared.page("甲/乙").name)),
            *("en/one/152223", "zh/once/all"),
            *(
                f"{base}/{name}.jsonl"
                for base in ("zh/toy", "en/one", "zh/once")
                for name in ("ledger", "timings")
            ),
        ]
    )
    page = shared.page("152223")
    assert sorted(path.relative_to(page).as_posix() for path in page.rglob("*") if path.is_file()) == [
        "figures/a.png", "notebook.ipynb", "report.html", "tables/counts.csv", "tables/where.txt",
    ]  # fmt: skip


def test_the_kernel_is_this_python_with_one_thread_and_no_terminal(shared: Shared):
    told = (shared.page("152223") / "tables" / "where.txt").read_text("utf-8").splitlines()
    assert told == [sys.executable, "1", "1", "None", "0"]


def test_the_notebook_carries_what_papermill_was_given(shared: Shared):
    ran = nbformat.read(shared.page("152223", "en", "one") / "notebook.ipynb", as_version=4)
    assert ran.metadata.papermill.parameters == {
        "data": "toy",
        "district": "152223",
        "lang": "en",
        "year_to": 2020,
    }
    injected = next(cell for cell in ran.cells if cell.id == "injected-parameters")
    assert injected.source == '# Parameters\ndata = "toy"\ndistrict = "152223"\nlang = "en"\nyear_to = 2020\n'
    printed = next(cell for cell in ran.cells if cell.source.startswith("print(district"))
    assert [output.name for output in printed.outputs] == ["stdout", "stderr"]
    assert printed.outputs[0].text.startswith("152223 toy 2020 en\n")
    assert printed.outputs[1].text == "careful\n"


def test_the_executed_notebook_runs_again_under_plain_papermill(shared: Shared, tmp_path: Path):
    source = shared.page("152223") / "notebook.ipynb"
    environment = {name: value for name, value in os.environ.items() if name != "JUPYTER_PATH"}
    command = [sys.executable, "-m", "papermill", str(source), "again.ipynb", "--no-progress-bar"]
    if "{" in str(source):  # papermill reads braces in a path as a placeholder
        shutil.copyfile(source, tmp_path / "notebook.ipynb")
        command[3] = "notebook.ipynb"
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    again = nbformat.read(tmp_path / "again.ipynb", as_version=4)
    before = nbformat.read(source, as_version=4)
    assert [cell.source for cell in again.cells] == [cell.source for cell in before.cells]
    assert again.cells[-1].outputs == before.cells[-1].outputs


def test_a_second_run_gives_the_same_bytes(shared: Shared):
    assert sorted(ended.run.district for ended in shared.again.done) == ["152223", "152223", "甲/乙"]
    assert sorted(ended.run.district for ended in shared.again.failed) == ["B01", "K01"]
    outputs = shared.root / "outputs"
    now, before = (
        {path.relative_to(base): path.read_bytes() for path in base.rglob("*") if path.is_file()}
        for base in (outputs, shared.before)
    )
    for found in (now, before):
        for name in ("zh/toy", "en/one"):
            found.pop(Path(name, STAMPS), None)
    assert now.keys() == before.keys()
    assert {path for path in now if now[path] != before[path]} == {
        Path("zh/toy/timings.jsonl"),
        Path("en/one/timings.jsonl"),
    }


def test_no_time_and_no_machine_path_is_published(shared: Shared):
    for place in ("notebook.ipynb", "report.html"):
        for district in ("152223", *FAILING, "甲/乙"):
            text = (shared.page(district) / place).read_text("utf-8")
            assert str(shared.root) not in text
            assert sys.prefix not in text
            assert "iopub" not in text
            assert "duration" not in text
            assert "input_path" not in text


def test_times_are_kept_apart_and_added_to(shared: Shared):
    times = read_lines(shared.root / "outputs/zh/toy/timings.jsonl")
    assert len(times) == len(DISTRICTS) + 4
    first = next(entry for entry in times if entry["district"] == "152223")
    assert first["failed"] is False
    assert first["seconds"] > 0
    assert str(first["started"]).startswith("20")
    assert len(first["cells"]) == 8


def test_the_ledger_says_what_a_page_was_made_from(shared: Shared):
    entries = {entry["district"]: entry for entry in shared.ledger()}
    assert list(entries) == sorted(DISTRICTS)
    entry = dict(entries["152223"])
    page = shared.page("152223")
    outputs = entry.pop("outputs")
    assert outputs == {
        path.relative_to(page).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in page.rglob("*")
        if path.is_file()
    }
    template = (shared.root / "notebooks/toy.ipynb").read_bytes()
    counts = (shared.root / "data/toy/counts.csv").read_bytes()
    assert len(str(entry.pop("environment_sha256"))) == 64
    ran = nbformat.read(page / "notebook.ipynb", as_version=4)
    assert ran.metadata.mchepi == {"key": entry.pop("key")}
    assert entry.pop("key_parts").keys() == PARTS.keys()
    assert entry == {
        "district": "152223",
        "names": ["扎赉特旗", "Jalaid Banner"],
        "folder": "152223",
        "status": "done",
        "error": None,
        "parameters": {"data": "toy", "district": "152223", "lang": "zh", "year_to": 2023},
        "notebook": "notebooks/toy.ipynb",
        "notebook_sha256": hashlib.sha256(template).hexdigest(),
        "inputs": {"data/toy/counts.csv": hashlib.sha256(counts).hexdigest()},
        "slice_sha256": hashlib.sha256(b"152223").hexdigest(),
        "mchepi_version": entry["mchepi_version"],
        "commit": None,
    }


@pytest.mark.parametrize(
    ("district", "error", "cell"),
    [
        ("B01", "ValueError: no births in . for <object object at 0x…>", 7),
        ("K01", "DeadKernelError: the kernel died", 7),
        ("T01", f"CellTimeoutError: the cell took longer than {CELL_TIMEOUT} seconds", 7),
        ("W01", "WorkerDied: the worker process ended suddenly", None),
    ],
)
def test_a_failure_leaves_its_notebook_and_a_page_that_says_so(
    shared: Shared, district: str, error: str, cell: int | None
):
    page = shared.page(district)
    assert sorted(path.name for path in page.rglob("*")) == ["notebook.ipynb", "report.html"]
    entry = next(entry for entry in shared.ledger() if entry["district"] == district)
    assert (entry["status"], entry["error"]) == ("failed", error)
    html = (page / "report.html").read_text("utf-8")
    assert error.replace("<", "&lt;").replace(">", "&gt;") in html
    assert "本页未能生成" in html
    assert f"mchepi run params/toy.yaml --only {district} --lang zh" in html
    assert "<td>2023</td>" in html
    ran = nbformat.read(page / "notebook.ipynb", as_version=4)
    assert ran.metadata.papermill.parameters["district"] == district
    if cell:
        assert f"第 {cell} 个代码单元" in html
        assert "time.sleep(600)" in html
        (failed,) = [one for one in ran.cells if one.metadata.get("papermill", {}).get("exception")]
        assert failed.execution_count == cell
        assert failed.outputs[-1].ename == error.split(":")[0]


def test_a_failed_notebook_fails_alike_by_hand_in_its_folder(shared: Shared):
    """What the page says of JupyterLab: opened where it lies, with its parameters, without the batch."""
    page = shared.page("B01")
    assert "jupyter lab outputs/zh/toy/B01/notebook.ipynb" in (page / "report.html").read_text("utf-8")
    notebook = nbformat.read(page / "notebook.ipynb", as_version=4)
    copy = page.with_name("by_hand")
    shutil.copytree(page, copy)
    pids = shared.root / "pids"
    pids.rename(shared.root / "pids of the batch")  # it would be told our own
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("JUPYTER_PATH")
        client = NotebookClient(notebook, resources={"metadata": {"path": str(copy)}})
        with pytest.raises(CellExecutionError, match=f"no births in {re.escape(str(copy))} for <"):
            client.execute()
    assert (copy / "tables" / "where.txt").is_file()
    shutil.rmtree(copy)
    (shared.root / "pids of the batch").rename(pids)


def test_a_failed_page_says_how_to_repeat_it(shared: Shared):
    repeats = {ended.run.district: ended.repeat for ended in shared.result.failed}
    assert repeats["B01"] == "mchepi run params/toy.yaml --only B01 --lang zh"


def test_the_page_shows_outputs_in_its_language(shared: Shared):
    chinese = (shared.page("152223") / "report.html").read_text("utf-8")
    english = (shared.page("152223", "en", "one") / "report.html").read_text("utf-8")
    assert "<h1>一页</h1>" in chinese
    assert "<h1>A page</h1>" in english
    assert "<b>bold</b>" in chinese
    assert "careful" not in chinese
    assert "sys.stderr" not in chinese
    assert "<script" not in (shared.page("甲/乙") / "report.html").read_text("utf-8")


def test_nothing_is_left_behind(shared: Shared):
    assert not list((shared.root / "outputs").rglob(".*"))
    started = [int(path.name) for path in (shared.root / "pids").iterdir()]
    assert len(started) >= 13 + 3  # kernels and workers
    for _ in range(50):  # a kernel whose worker was killed looks for it once a second
        left = [pid for pid in started if is_alive(pid)]
        if not left:
            break
        time.sleep(0.1)
    assert left == []


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def without_workers(project: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A plan of six runs; what workers would do is done at once, without a kernel."""

    def done(
        jobs: Iterable[Job], *, workers: int, stop: Callable[[], bool], fork: bool
    ) -> Iterator[tuple[Job, Outcome]]:
        for job in jobs:
            (job.staging / "report.html").write_text("a page", "utf-8")
            yield job, Outcome()

    monkeypatch.setattr(runner, "choose_executor", lambda _: done)
    (project / "params" / "toy.yaml").write_text(TOY, "utf-8")
    return plan_runs(["params/toy.yaml"], open_dataset=open_toy)


def test_a_page_that_cannot_be_published_is_a_failure_and_the_old_one_stays(
    without_workers: Plan, project: Path, monkeypatch: pytest.MonkeyPatch
):
    base = project / "outputs" / "zh" / "toy"
    assert len(run_batch(without_workers).done) == 6
    before = (base / "ledger.jsonl").read_bytes()

    def forbidden(*_: object) -> None:
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(shelf, "publish", forbidden)
    result = run_batch(without_workers, select="all")
    assert [str(ended.failure) for ended in result.failed] == [
        "PermissionError: the page could not be published: [Errno 13] Permission denied"
    ] * 6
    assert (base / "ledger.jsonl").read_bytes() == before
    assert (base / "B01" / "report.html").read_text("utf-8") == "a page"
    assert not (base / ".staging").exists()


def test_a_damaged_ledger_stops_the_batch_before_it_starts(without_workers: Plan, project: Path):
    base = project / "outputs" / "zh" / "toy"
    base.mkdir(parents=True)
    (base / "ledger.jsonl").write_text("{", "utf-8")
    with pytest.raises(Refused, match="line 1 is damaged"):
        run_batch(without_workers)
    assert [path.name for path in base.iterdir()] == ["ledger.jsonl"]


def test_an_error_of_the_caller_leaves_no_staging(without_workers: Plan, project: Path):
    def fail(event: Event) -> None:
        if event.event == "done":
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run_batch(without_workers, on_event=fail)
    names = {path.name for path in (project / "outputs" / "zh" / "toy").iterdir()}
    assert names - {STAMPS} == {"152223", "ledger.jsonl", "timings.jsonl"}
