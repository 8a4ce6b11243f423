"""Skipping: a page is made again only if something that it is made from changed, and it is said what."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import nbformat
import pytest
from toy_project import PARAMETERS, PLACES, Rows, code, notebook, open_rows, prose, read_lines

from mchepi.batch import BatchResult, Event, Plan, explain, keys, plan_runs, run_batch, runner, stamps
from mchepi.batch.ledger import STAMPS
from mchepi.batch.worker import Job, Outcome

TOY = "notebook: toy\ndata: toy\nlang: [zh]\ndistricts: all\n"
ALL = "notebook: toy\ndata: toy\nlang: [zh]\nreads: all\n"


class Batch:
    """Runs the batch of a project with workers that only leave a page; what was made gathers in `made`."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.made: list[str] = []
        self.failing: set[str] = set()
        self.events: list[Event] = []

    def do_jobs(
        self, jobs: Iterable[Job], *, workers: int, stop: Callable[[], bool], fork: bool
    ) -> Iterator[tuple[Job, Outcome]]:
        for job in jobs:
            self.made.append(job.head.district)
            (job.staging / "tables").mkdir()
            texts = {"report.html": job.head.district, "tables/a.csv": "a\n"}
            for name, text in texts.items():
                (job.staging / name).write_text(text, "utf-8")
            outputs = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
            failure = runner.Failure("ValueError", "no births") if job.head.district in self.failing else None
            yield job, Outcome(failure, outputs)

    def plan(self, **options: object) -> Plan:
        files = sorted(f"params/{path.name}" for path in (self.project / "params").iterdir())
        return plan_runs(files, open_dataset=open_rows, **options)

    def run(self, select: str = "changed", verify: bool = False, **options: object) -> list[str]:
        """Run it; the districts whose pages were made."""
        self.made, self.events = [], []
        self.result: BatchResult = run_batch(
            self.plan(**options), select=select, verify=verify, on_event=self.events.append
        )
        assert self.result.left == 0
        return self.made

    def why(self, district: str) -> list[str]:
        return list(explain(self.plan(only=[district])))


@pytest.fixture
def batch(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Batch]:
    made = Batch(project)
    monkeypatch.setattr(runner, "choose_executor", lambda _: made.do_jobs)
    (project / "params" / "toy.yaml").write_text(TOY, "utf-8")
    (project / "data" / "toy" / "counts.csv").write_text("A,1\nB,2\nC,3\n", "utf-8")
    yield made
    keys.helpers_sha256.cache_clear()
    keys.library_sha256.cache_clear()


def published() -> dict[Path, bytes]:
    """All that lies in the output folder, except how it looked when it was last compared."""
    paths = (path for path in Path("outputs").rglob("*") if path.is_file() and path.name != STAMPS)
    return {path: path.read_bytes() for path in paths}


def rewrite(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def test_an_unchanged_batch_makes_nothing_and_counts_what_it_skipped(batch: Batch):
    assert batch.run() == ["A", "B", "C"]
    assert (len(batch.result.done), batch.result.skipped) == (3, 0)
    before = published()
    assert batch.run() == []
    assert (len(batch.result.done), batch.result.skipped) == (0, 3)
    assert [event.event for event in batch.events] == ["start", "skipped", "skipped", "skipped", "end"]
    assert batch.events[0].pages == {"toy": 0}
    assert published() == before
    assert batch.why("甲县") == ["toy zh A 甲县 A County: would be skipped, nothing changed"]


def test_one_corrected_county_makes_its_page_and_those_that_read_all(batch: Batch, project: Path):
    (project / "params" / "region.yaml").write_text(ALL, "utf-8")
    assert batch.run() == ["all", "A", "B", "C"]
    rewrite(project / "data/toy/counts.csv", "B,2", "B,5")
    assert batch.why("B") == ["toy zh B 乙县 B County: would be made", "  its rows of the data changed"]
    assert batch.why("all")[1:] == ["  the data changed, all of which it reads"]
    assert batch.run() == ["all", "B"]
    assert batch.result.skipped == 2
    assert batch.run() == []


def test_the_whole_file_counts_where_all_is_read(batch: Batch, project: Path):
    (project / "params" / "toy.yaml").write_text(ALL.replace("reads", "districts: all\nreads"), "utf-8")
    assert batch.run() == ["A", "B", "C"]
    rewrite(project / "data/toy/counts.csv", "C,3\n", "C,3")
    assert batch.run() == ["A", "B", "C"]


def test_a_name_of_a_district_is_on_its_page(batch: Batch, monkeypatch: pytest.MonkeyPatch):
    batch.run()
    monkeypatch.setitem(PLACES, "A", ("新县", "A County"))
    assert batch.run() == ["A"]


def write_notebook(project: Path, *cells: nbformat.NotebookNode, parameters: str = PARAMETERS) -> None:
    nbformat.write(notebook(code(parameters, "parameters"), *cells), project / "notebooks" / "toy.ipynb")


def test_cells_of_code_and_of_prose_count_but_not_what_a_run_by_hand_leaves(batch: Batch, project: Path):
    write_notebook(project, prose("# A page"), code("district"))
    batch.run()
    ran = nbformat.read(project / "notebooks" / "toy.ipynb", as_version=4)
    ran.cells[2].outputs = [nbformat.v4.new_output("stream", text="x")]
    ran.cells[2].execution_count = 7
    ran.cells[2].metadata.scrolled = True
    ran.metadata.language_info = {"name": "python", "version": "3.99"}
    nbformat.write(ran, project / "notebooks" / "toy.ipynb")
    assert batch.run() == []
    write_notebook(project, prose("# The page"), code("district"))
    assert batch.why("A")[1:] == ["  the cells of its notebook changed"]
    assert batch.run() == ["A", "B", "C"]
    write_notebook(project, prose("# The page"), code("district", "hide-output"))
    assert batch.run() == ["A", "B", "C"]


def test_parameters_are_told_with_both_values(batch: Batch, project: Path):
    batch.run()
    (project / "params" / "toy.yaml").write_text(TOY + "defaults: {year_to: 2020}\n", "utf-8")
    assert batch.why("A")[1:] == ["  its parameters changed: year_to was not set, is 2020"]
    runs = 'runs: [{district: "A", year_to: 2020}, {district: "B", year_to: 2021}]'
    batch.run()
    (project / "params" / "toy.yaml").write_text(TOY.replace("districts: all", runs), "utf-8")
    assert batch.run() == ["B"]


@pytest.mark.parametrize("place", ["notebooks/helpers.py", "notebooks/own/deep.py", "elsewhere/own.py"])
def test_a_module_that_notebooks_can_import_counts(
    batch: Batch, project: Path, monkeypatch: pytest.MonkeyPatch, place: str
):
    monkeypatch.setenv("PYTHONPATH", str(project / "elsewhere"))
    batch.run()
    (project / place).parent.mkdir(exist_ok=True)
    (project / place).write_text("x = 1\n", "utf-8")
    keys.helpers_sha256.cache_clear()
    assert batch.why("A")[1:] == ["  a module that notebooks can import changed"]
    (project / place).unlink()
    keys.helpers_sha256.cache_clear()
    assert batch.run() == []


def test_an_editable_package_counts_and_this_one_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own = tmp_path / "own"
    (own / ".venv" / "lib").mkdir(parents=True)
    (own / "own.py").write_text("x = 1\n", "utf-8")
    installed = tmp_path / "site" / "own-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Name: own\nVersion: 1.0\n", "utf-8")
    origin = {"url": own.as_uri(), "dir_info": {"editable": True}}
    (installed / "direct_url.json").write_text(json.dumps(origin), "utf-8")
    alone = keys.helpers_sha256.__wrapped__(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    first = keys.helpers_sha256.__wrapped__(tmp_path)
    assert first != alone
    (own / ".venv" / "lib" / "strange.py").write_text("", "utf-8")
    (own / "data.csv").write_text("", "utf-8")
    assert keys.helpers_sha256.__wrapped__(tmp_path) == first
    (own / "own.py").write_text("x = 2\n", "utf-8")
    assert keys.helpers_sha256.__wrapped__(tmp_path) != first


def test_the_content_of_this_package_and_the_versions_count(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    batch.run()
    copy = tmp_path / "mchepi"
    shutil.copytree(keys.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(keys, "PACKAGE", copy)
    keys.library_sha256.cache_clear()
    assert batch.run() == [], "where the package lies makes no difference"
    rewrite(copy / "presentation/data/wording.csv", "\n", "\n ")
    keys.library_sha256.cache_clear()
    assert batch.why("A")[1:] == ["  mchepi itself changed"]
    monkeypatch.setattr("mchepi.batch.plan.environment_sha256", lambda: "other")
    assert batch.why("A")[1:] == ["  mchepi itself changed", "  the installed packages or Python changed"]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda page: (page / "report.html").unlink(), "report.html is missing from its page"),
        (lambda page: (page / "report.html").write_text("B"), "report.html is not as it was published"),
        (lambda page: (page / "tables/a.csv").write_bytes(b""), "tables/a.csv is not as it was published"),
        (lambda page: (page / "tables/b.csv").touch(), "tables/b.csv does not belong to its page"),
        (lambda page: (page / "link").symlink_to("/etc"), "link does not belong to its page"),
        (shutil.rmtree, "report.html is missing from its page"),
    ],
)
def test_a_page_that_is_not_as_it_was_published_is_made_again(
    batch: Batch, project: Path, what: Callable[[Path], object], said: str
):
    batch.run()
    page = project / "outputs/zh/toy/A"
    what(page)
    assert batch.why("A")[1:] == [f"  {said}"]
    assert batch.run() == ["A"]
    assert sorted(path.name for path in page.rglob("*")) == ["a.csv", "report.html", "tables"]
    assert batch.run() == []


def test_a_failed_page_is_made_again_and_alone_if_asked(batch: Batch, project: Path):
    batch.failing = {"B"}
    batch.run()
    assert batch.why("B")[1:] == ["  it failed the last time: ValueError: no births"]
    assert batch.run() == ["B"]
    rewrite(project / "data/toy/counts.csv", "A,1", "A,9")
    assert batch.run("failed") == ["B"]
    batch.failing = set()
    assert batch.run("failed") == ["B"]
    assert batch.run("failed") == []
    assert batch.result.skipped == 3
    assert batch.run() == ["A"]
    assert batch.run("all") == ["A", "B", "C"]


def test_a_page_without_a_key_is_made_again(batch: Batch, project: Path):
    batch.run()
    ledger = project / "outputs/zh/toy/ledger.jsonl"
    lines = [{k: v for k, v in entry.items() if k != "key_parts"} for entry in read_lines(ledger)]
    ledger.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert batch.why("A")[1:] == ["  an older mchepi made it, which kept no key"]
    assert batch.run() == ["A", "B", "C"]


def test_a_district_that_left_the_data_loses_its_page(batch: Batch, project: Path):
    batch.run()
    base = project / "outputs/zh/toy"
    (project / "data/toy/counts.csv").write_text("A,1\nC,3\n", "utf-8")
    assert batch.run(only=["A"]) == []
    assert (base / "B").exists(), "with --only nothing else is touched"
    assert batch.run() == []
    assert (batch.events[0].event, batch.events[0].district) == ("removed", "B")
    assert {path.name for path in base.iterdir()} - {STAMPS} == {"A", "C", "ledger.jsonl", "timings.jsonl"}
    assert [entry["district"] for entry in read_lines(base / "ledger.jsonl")] == ["A", "C"]
    assert batch.run() == []
    assert batch.events[0].event == "start"


def test_a_district_that_is_only_not_asked_for_keeps_its_page(batch: Batch, project: Path):
    batch.run()
    (project / "params" / "toy.yaml").write_text(TOY.replace("all", "[A]"), "utf-8")
    assert batch.run() == []
    assert (project / "outputs/zh/toy/B/report.html").exists()


def test_a_folder_that_is_named_otherwise_by_now_is_not_left_behind(batch: Batch, project: Path):
    batch.run()
    (project / "data/toy/counts.csv").write_text("A,1\nB,2\nC,3\na,4\n", "utf-8")
    base = project / "outputs/zh/toy"
    assert batch.why("A")[1:] == [f"  its folder is now named {slug('A')}"]
    assert batch.run() == ["A", "a"]
    assert sorted(path.name for path in base.iterdir() if path.is_dir()) == sorted(
        ["B", "C", slug("A"), slug("a")]
    )


def slug(district: str) -> str:
    return f"{district}-{hashlib.sha256(district.encode()).hexdigest()[:8]}"


def test_a_dataset_is_opened_once_for_all_params_files(batch: Batch, project: Path):
    (project / "params" / "second.yaml").write_text(TOY, "utf-8")
    opened = []

    def opening(data: str | Path, *, start: Path | None = None) -> Rows:
        opened.append(data)
        return open_rows(data, start=start)

    plan_runs(["params/toy.yaml", "params/second.yaml"], open_dataset=opening)
    assert opened == ["toy"]


def test_pages_that_look_untouched_are_read_only_if_asked(batch: Batch, monkeypatch: pytest.MonkeyPatch):
    batch.run()
    time.sleep(0.05)  # longer than a tick of the clock that stamps files
    assert batch.run() == []
    read = []
    monkeypatch.setattr(stamps, "_sha256", lambda path: read.append(path) or "")
    assert (batch.run(), read) == ([], [])
    assert batch.why("A")[0].endswith("would be made"), "who asks for a reason has it read"
    assert batch.run(verify=True) == ["A", "B", "C"]


def test_no_worker_is_asked_for_where_nothing_is_to_be_made(batch: Batch, monkeypatch: pytest.MonkeyPatch):
    batch.run()
    monkeypatch.undo()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.chdir(batch.project)
    monkeypatch.setattr("multiprocessing.process.BaseProcess.start", refuse)
    assert batch.run() == []
    assert batch.result.skipped == 3
