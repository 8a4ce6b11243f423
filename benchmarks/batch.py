"""The batch against papermill's own way: wall time, processor time, memory, and cost against size.

Run as `python benchmarks/batch.py` (about ten minutes); `--pages 10 100 1000 3000` measures large regions as
well (hours), `--write` puts the table into docs/batch.md. Everything is made of the mortality notebook on the
simulated region, with a report page on both sides, by two workers. The ways take turns, and what is told are
medians of the rounds. Every way has its start for itself: workers, servers, the first pages of each worker;
the clock of a page runs once that is over.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
WORKERS = 2
ROUNDS = 3
SHORT, LONG = 6, 18
"""Pages of the two runs whose difference is what a page costs without the start."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
ONE_THREAD = dict.fromkeys(THREADS, "1")
ENVIRONMENT = {**os.environ, **ONE_THREAD, "PYTHONHASHSEED": "0"}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
"""Or each kernel of papermill would compile mchepi anew."""
PRELOAD = "scipy.stats,pandas,matplotlib.pyplot,mchepi.presentation,mchepi.intake"
TABLE = re.compile(r"(?<=<!-- measured -->\n).*?(?=<!-- end -->)", re.DOTALL)


@dataclass
class Measured:
    """What some pages cost."""

    wall: float
    cpu: float


def project(folder: Path, districts: int) -> Path:
    """Make a project with the mortality notebook and a simulated region of so many districts."""
    for name in ("notebooks", "params", "data"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "notebooks" / "mortality.ipynb", folder / "notebooks")
    (folder / "params" / "bench.yaml").write_text(
        "notebook: mortality\ndata: region\nlang: [zh]\ndistricts: all\n", "utf-8"
    )
    command = [sys.executable, "-m", "mchepi.simulate", "--districts", str(districts)]
    subprocess.run(
        [*command, "--output", str(folder / "data" / "region")], check=True, stdout=subprocess.DEVNULL
    )
    return folder


def districts_of(place: Path) -> list[str]:
    from mchepi.intake import open_dataset

    return list(open_dataset(place / "data" / "region").districts())


# --- the ways ---------------------------------------------------------------------------------------------


def batch(place: Path, districts: list[str], *more: str) -> tuple[list[float], float]:
    """When each page was there, by `mchepi run`, and how long all took."""
    shutil.rmtree(place / "outputs", ignore_errors=True)
    only = [word for district in districts for word in ("--only", district)]
    command = [sys.executable, "-m", "mchepi", "run", "params/bench.yaml", "--jobs", str(WORKERS), "--json"]
    start, there = time.perf_counter(), []
    with subprocess.Popen(
        [*command, *only, *more], cwd=place, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        for line in run.stdout:
            event = json.loads(line)
            assert event["event"] != "failed", event
            if event["event"] == "done":
                there.append(time.perf_counter() - start)
    return there, time.perf_counter() - start


def one_page(job: tuple[str, str, str]) -> None:
    """What papermill's users write: a notebook by its API, a page by a new exporter."""
    import papermill
    from nbconvert import HTMLExporter

    folder, district, notebook = job
    Path(folder).mkdir(parents=True)
    ran = papermill.execute_notebook(
        notebook,
        f"{folder}/notebook.ipynb",
        {"district": district, "data": "region", "lang": "zh"},
        kernel_name="python3",
        progress_bar=False,
        cwd=folder,
    )
    html, _ = HTMLExporter(exclude_input=True).from_notebook_node(ran)
    Path(folder, "report.html").write_text(html, "utf-8")


def pool(place: Path, districts: list[str], env: dict[str, str]) -> list[float]:
    """When each page was there, by papermill in a pool of processes."""
    shutil.rmtree(place / "outputs", ignore_errors=True)
    notebook = str(place / "notebooks" / "mortality.ipynb")
    jobs = [(str(place / "outputs" / district), district, notebook) for district in districts]
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update({**ENVIRONMENT, **env})
    start = time.perf_counter()
    try:
        with multiprocessing.get_context("spawn").Pool(WORKERS) as processes:
            there = [time.perf_counter() - start for _ in processes.imap_unordered(one_page, jobs)]
            processes.close()
            processes.join()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return there


BARE = """
import io, json, os, sys, time
import nbformat
place, districts, count = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3])
os.environ["MPLBACKEND"] = "agg"
code = [
    (compile(cell.source, "cell", "exec"), "parameters" in cell.metadata.get("tags", []))
    for cell in nbformat.read(f"{place}/notebooks/mortality.ipynb", 4).cells
    if cell.cell_type == "code"
]
def page(district):
    folder = f"{place}/outputs/bare-{district}-{os.getpid()}"
    os.makedirs(folder)
    os.chdir(folder)
    sys.stdout = io.StringIO()
    space = {}
    for cell, is_parameters in code:
        exec(cell, space)
        if is_parameters:
            space |= {"district": district, "data": "region", "lang": "zh"}
def forked(district):
    pid = os.fork()
    if not pid:
        page(district)
        os._exit(0)
    _, status, used = os.wait4(pid, 0)
    assert status == 0
    return used.ru_utime + used.ru_stime
page(districts[0])
print(json.dumps([forked(district) for district in districts[1:count + 1]]), file=sys.__stdout__)
"""


def bare(place: Path, districts: list[str], count: int) -> float:
    """Processor seconds of the cells' code alone, in a forked process that has everything imported."""
    command = [sys.executable, "-c", BARE, str(place), ",".join(districts), str(count)]
    return median(json.loads(subprocess.check_output(command, env=ENVIRONMENT, text=True)))


# --- what is measured -------------------------------------------------------------------------------------


def costs(way: Callable[[list[str]], list[float]], districts: list[str]) -> Measured:
    """What a page costs once all is started: the difference of a long run and a short one."""
    cpu = []
    for count in (SHORT, LONG):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        there = way(districts[:count])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    # In the long run, from the time at which every worker has made its first two pages.
    begun = 2 * WORKERS
    wall = (there[-1] - there[begun - 1]) / (LONG - begun)
    return Measured(wall, (cpu[1] - cpu[0]) / (LONG - SHORT))


def children_of(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def private(pid: int) -> float:
    """Megabytes that a process shares with nobody."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1000


def memory(place: Path, districts: list[str]) -> tuple[float, float]:
    """The most private memory of a forked kernel, and of a worker with its kernel, in megabytes."""
    kernels: dict[int, float] = {}
    workers, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            for run in children_of(os.getpid()):
                for child in children_of(run):
                    line = (
                        Path(f"/proc/{child}/cmdline").read_bytes()
                        if Path(f"/proc/{child}").exists()
                        else b""
                    )
                    if b"forkserver" in line:
                        for kernel in children_of(child):
                            kernels[kernel] = max(kernels.get(kernel, 0.0), private(kernel))
                    elif b"spawn_main" in line:
                        workers.append(private(child))

    watcher = threading.Thread(target=watch)
    watcher.start()
    batch(place, districts)
    done.set()
    watcher.join()
    # The first imported everything for themselves, before the server did.
    most = max(list(kernels.values())[2 * WORKERS :], default=0.0)
    return most, most + max(workers)


def against_size(place: Callable[[int], Path], sizes: list[int]) -> Iterator[list[str]]:
    """Cost a page, and the runs that find nothing to do, for regions of several sizes."""
    for size in sizes:
        where = place(size)
        there, all_in_all = batch(where, [])
        begun = min(2 * WORKERS, size - 1)
        each = (there[-1] - there[begun - 1]) / (size - begun)
        time.sleep(1)  # pages as young as their comparison would be read twice
        first, again = unchanged(where, size), unchanged(where, size)
        yield [
            f"{size:,}",
            f"{each:.2f} s",
            f"{there[begun - 1]:.1f} s",
            f"{all_in_all:.0f} s",
            f"{first:.1f} s",
            f"{again:.1f} s",
        ]


def unchanged(where: Path, size: int) -> float:
    """Seconds of the run that finds nothing to do: the first reads every page, another only looks at them."""
    start = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "mchepi", "run", "params/bench.yaml"],
        cwd=where,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"skipped {size}" in run.stdout, run.stdout
    return time.perf_counter() - start


def rows(head: list[str], body: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, nargs="+", default=[10, 100], metavar="N")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N")
    parser.add_argument("--write", action="store_true", help="put the table into docs/batch.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mchepi-bench-") as scratch:

        def place(size: int) -> Path:
            return project(Path(scratch) / str(size), size)

        here = place(24)
        districts = districts_of(here)
        provisioner = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "mchepi", "MCHEPI_FORK_PRELOAD": PRELOAD}
        ways: dict[str, Callable[[list[str]], list[float]]] = {
            "papermill in a pool": lambda some: pool(here, some, {}),
            "papermill in a pool, provisioner": lambda some: pool(here, some, provisioner),
            "mchepi run": lambda some: batch(here, some)[0],
        }
        found: dict[str, list[Measured]] = {name: [] for name in ways}
        alone: list[float] = []
        for _ in range(asked.rounds):
            for name, way in ways.items():
                found[name].append(costs(way, districts))
            alone.append(bare(here, districts, SHORT))
        wall = {name: median(one.wall for one in each) for name, each in found.items()}
        cpu = {name: median(one.cpu for one in each) for name, each in found.items()}
        code = median(alone)
        first = "papermill in a pool"
        body = [
            [name, f"{wall[name]:.2f} s", f"{wall[first] / wall[name]:.1f} ×", f"{cpu[name]:.2f} s",
             f"{cpu[name] / code:.2f}"]
            for name in ways
        ]  # fmt: skip
        body.append(["code of the cells alone, forked", "", "", f"{code:.2f} s", "1.00"])
        kernel, both = memory(here, districts)
        packages = ", ".join(
            f"{name} {version(name)}" for name in ("papermill", "ipykernel", "nbclient", "pandas")
        )
        told = (
            f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python "
            f"{platform.python_version()}, {packages}; load {os.getloadavg()[1]:.1f} at the end; "
            f"`python benchmarks/batch.py --pages {' '.join(map(str, asked.pages))}`.\n\n"
        )
        told += rows(["way", "wall a page", "faster", "processor a page", "of the cells' code"], body)
        told += (
            f"\nPrivate memory at most: a forked kernel {kernel:.0f} MB, with its worker {both:.0f} MB.\n\n"
        )
        told += rows(
            ["pages", "wall a page", "start", "whole run", "unchanged, first run", "unchanged again"],
            list(against_size(place, asked.pages)),
        )
    print(told)
    if asked.write:
        page = ROOT / "docs" / "batch.md"
        page.write_text(TABLE.sub(lambda _: told, page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
