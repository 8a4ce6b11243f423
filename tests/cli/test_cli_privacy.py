"""No id, name, phone number or date of birth of a register reaches an output, a log or an error message.

Every register of a copied project is marked: ids, names, phone and identity numbers, and dates of birth that
occur nowhere else. Checks, runs of all notebooks, of one that shows all it can reach and fails, and of data
that cannot be read leave files and messages behind; none may hold a mark.
"""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from mchepi.intake import open_dataset
from mchepi.intake.registers import schemas

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "data" / "example_registers"
DISTRICT = "R04"
ANALYSES = ("mortality", "anemia", "screening")
PARAMETERS = 'district: str = "R04"\ndata: str = "marked"\nlang: str = "zh"'
SHOWS_ALL_AND_FAILS = f"""\
import pprint
from mchepi import intake, outcomes
dataset = intake.open_dataset(data)
frames = {{name: dataset.register(name, district) for name in dataset.registers()}}
for frame in frames.values():
    print(frame.to_string(), frame.to_dict("records")[:3])
pprint.pprint([vars(dataset), vars(vars(dataset)["_shelf"]), dataset.register_remarks(district)])
print(dataset, file=__import__("sys").stderr)
print(sorted(globals()), {list(schemas())!r})
outcomes.completed_months(frames["births"]["sex"], frames["births"]["outcome"])"""
READS_WHAT_IS_BROKEN = "from mchepi import intake\nintake.open_dataset('broken').register('births', district)"


def marked(name: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, set[str]]:
    """Give a register with marks in it, and the marks."""
    people = pd.factorize(frame["record_id"])[0]
    frame = frame.assign(
        record_id=[f"ID1522{person:05d}{len(name)}X" for person in people],
        姓名=[f"乌云其其格{person:05d}" for person in people],
        联系电话=[f"139{person:05d}{len(name):03d}" for person in people],
        身份证号=[f"1522231990{person:08d}" for person in people],
    )
    columns = ["record_id", "姓名", "联系电话", "身份证号"]
    marks = {str(mark) for column in columns for mark in frame[column]}
    for column in ("birth_date", "delivery_date"):
        for day in frame.get(column, pd.Series(dtype=str)).dropna().unique():
            year, month, date = day.split("-")
            marks |= {day, f"{year}/{int(month)}/{int(date)}", f"{year}年{int(month)}月{int(date)}日"}
    return frame, marks


def notebook(path: Path, *cells: str) -> None:
    written = [nbformat.v4.new_code_cell(text) for text in (PARAMETERS, *cells)]
    written[0].metadata.tags = ["parameters"]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=written, metadata={"kernelspec": spec}), path)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    root = tmp_path_factory.mktemp("private")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    (root / "params").mkdir()
    folder = root / "data" / "marked"
    folder.mkdir(parents=True)
    shutil.copy(EXAMPLE / "dataset.yaml", folder)
    for name in ("counts", "quotas"):
        table = pd.read_csv(EXAMPLE / f"{name}.csv", dtype=str)
        table[table["district"] == DISTRICT].to_csv(folder / f"{name}.csv", index=False)
    marks: set[str] = set()
    for name in schemas():
        frame = pd.read_csv(EXAMPLE / f"{name}.csv", dtype=str)
        frame, own = marked(name, frame[frame["district"] == DISTRICT])
        marks |= own
        frame.to_csv(folder / f"{name}.csv", index=False)
    # the days of sources, and those by which messages show how to write a date, are no marks
    own_files = [file for kind in ("*.csv", "*.py") for file in (ROOT / "mchepi").rglob(kind)]
    own_files += (root / "notebooks").glob("*.ipynb")
    known = "".join(file.read_text("utf-8") for file in own_files)
    marks = {mark for mark in marks if mark not in known}

    broken = root / "data" / "broken"
    shutil.copytree(folder, broken)
    births = pd.read_csv(broken / "births.csv", dtype=str)
    births.loc[0, ["birth_date", "outcome", "birth_weight", "residence"]] = births.loc[
        0, ["身份证号", "姓名", "联系电话", "姓名"]
    ].to_numpy()
    births.loc[1, ["district", "gestation_weeks"]] = births.loc[1, ["姓名", "birth_date"]].to_numpy()
    births.to_csv(broken / "births.csv", index=False)
    deaths = (broken / "deaths.csv").read_text("utf-8").splitlines()
    deaths[2] += ",乌云其其格00001,2024-01-01,x"
    (broken / "deaths.csv").write_text("\n".join(deaths), "utf-8")

    notebook(root / "notebooks" / "shows.ipynb", SHOWS_ALL_AND_FAILS)
    notebook(root / "notebooks" / "breaks.ipynb", READS_WHAT_IS_BROKEN)
    for analysis in (*ANALYSES, "shows", "breaks"):
        text = f"notebook: {analysis}\ndata: marked\nlang: [zh]\ndistricts: all\n"
        (root / "params" / f"{analysis}.yaml").write_text(text, "utf-8")
    (root / "params" / "broken.yaml").write_text("notebook: anemia\ndata: broken\ndistricts: all\n", "utf-8")
    return root, marks


def said(root: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "mchepi", *arguments], cwd=root, capture_output=True, timeout=300
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def none_of(marks: set[str], content: bytes, where: object) -> None:
    text = content.decode("utf-8", "replace")
    found = sorted(mark for mark in marks if mark in text)
    assert not found, f"{where} holds {found[:3]} (first three of {len(found)})"


def test_pages_logs_and_tracebacks_hold_no_mark(project: tuple[Path, set[str]]):
    root, marks = project
    assert len(marks) > 5000
    code, output = said(root, "run", *(f"params/{name}.yaml" for name in (*ANALYSES, "shows", "breaks")))
    assert code == 1, output
    none_of(marks, output.encode(), "the terminal")
    pages = {path.parts[-3]: path.read_text("utf-8") for path in (root / "outputs").rglob("notebook.ipynb")}
    assert {analysis for analysis, page in pages.items() if "Error" in page} == {"shows", "breaks"}
    assert "days_to_diagnosed" in pages["shows"]  # it did show the registers
    files = [path for path in root.rglob("*") if path.is_file() and root / "data" not in path.parents]
    assert len(files) > 20
    for path in files:
        none_of(marks, path.read_bytes(), path.relative_to(root))


@pytest.mark.parametrize("arguments", [("check",), ("check", "--json")])
def test_checks_hold_no_mark(project: tuple[Path, set[str]], arguments: tuple[str, ...]):
    root, marks = project
    names = [f"data/broken/{name}.csv" for name in ("births", "deaths", "newborn_screening")]
    code, output = said(root, *arguments, "data/marked", "data/broken", *names)
    assert code == 2
    assert output.count("must be a date; got something else") == 2
    none_of(marks, output.encode(), "the terminal")


def test_a_run_that_is_refused_holds_no_mark(project: tuple[Path, set[str]]):
    root, marks = project
    code, output = said(root, "run", "params/broken.yaml")
    assert code == 2
    assert "must be a date; got something else" in output
    none_of(marks, output.encode(), "the terminal")


def test_a_dataset_that_was_read_holds_no_mark(project: tuple[Path, set[str]]):
    root, marks = project
    dataset = open_dataset(root / "data" / "marked")
    dataset.read_registers()
    dataset.digest(DISTRICT)
    none_of(marks, pickle.dumps(dataset), "the dataset")


def test_only_the_worklist_gives_ids_and_only_to_its_file(project: tuple[Path, set[str]], tmp_path: Path):
    root, marks = project
    output_file = str(tmp_path / "late.csv")
    code, output = said(root, "worklist", "marked", "--district", DISTRICT, "--output", output_file)
    assert code == 0
    none_of(marks, output.encode(), "the terminal")
    listed = pd.read_csv(output_file, dtype=str)
    assert set(listed["record_id"]) <= marks
    assert not any("乌云" in text or "-" in text for text in listed.fillna("").to_numpy().ravel())
