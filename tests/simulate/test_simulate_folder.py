"""The folder that a region is written to, the one that is committed, and the command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from mchepi.indicators import Declaration
from mchepi.intake import check, open_dataset
from mchepi.simulate import Region, region, write_region
from mchepi.simulate.__main__ import main

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "data" / "example_region"
FILES = ["counts.csv", "truth.csv", "faults.csv", "dataset.yaml", "README.md"]


@pytest.fixture(scope="module")
def usual() -> Region:
    return region()


@pytest.mark.parametrize("name", FILES)
def test_the_committed_folder_is_what_the_command_makes(usual: Region, tmp_path: Path, name: str):
    write_region(usual, tmp_path / "example_region")
    made, committed = ((folder / name).read_bytes() for folder in (tmp_path / "example_region", COMMITTED))
    assert made == committed, (
        f"data/example_region/{name} is not what mchepi.simulate makes: if the generator or the catalog was "
        "changed on purpose, run the command in data/example_region/README.md"
    )


def test_the_committed_folder_holds_nothing_else():
    assert {path.name for path in COMMITTED.iterdir()} == set(FILES)


def test_readme_says_first_that_all_is_simulated():
    first = (COMMITTED / "README.md").read_text("utf-8").splitlines()[0]
    assert "simulated" in first
    assert "模拟" in first


def test_readme_names_the_command_that_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (command,) = [
        line
        for line in (COMMITTED / "README.md").read_text("utf-8").splitlines()
        if line.startswith("python -m")
    ]
    monkeypatch.chdir(tmp_path)
    assert main(command.removeprefix("python -m mchepi.simulate ").split()) == 0
    for name in FILES:
        made = (tmp_path / "data" / "example_region" / name).read_bytes()
        assert made == (COMMITTED / name).read_bytes()


def test_command_of_another_region_is_told_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    asked = "--output data/calm --seed 5 --districts 3 --years 2020 2021 --spread 0.5 --no-changes"
    asked += " --no-reporting-errors"
    assert main(asked.split()) == 0
    assert f"python -m mchepi.simulate {asked}\n" in (tmp_path / "data" / "calm" / "README.md").read_text(
        "utf-8"
    )


def test_dataset_declares_itself_simulated():
    said = yaml.safe_load((COMMITTED / "dataset.yaml").read_text("utf-8"))
    assert said.pop("tables") == {"counts": "counts.csv"}
    declaration = Declaration(**said)
    assert declaration.name == "example_region"
    assert declaration.simulated
    assert declaration.source_system == "simulated"
    assert declaration.period == "calendar_year"


def test_counts_file_shows_blanks_and_codes_as_typed(usual: Region):
    cells = pd.read_csv(COMMITTED / "counts.csv", dtype=str, keep_default_na=False).set_index(
        ["district", "year"]
    )
    entries = usual.faults[usual.faults["nature"] == "entry"]
    assert entries["written"].tolist() == ["3", "", "-1", "43330"]
    for fault in entries.itertuples():
        assert cells.loc[(fault.district, str(fault.year_from)), fault.columns] == fault.written
    numbers = cells.iloc[:, 2:].stack()
    assert (~numbers.str.fullmatch(r"\d+")).sum() == 2  # the blank and the code; all else are whole numbers


def test_files_are_plain(tmp_path: Path, usual: Region):
    for path in write_region(usual, tmp_path):
        content = path.read_bytes()
        assert b"\r" not in content
        assert content.endswith(b"\n")
        content.decode("utf-8")


def test_real_data_are_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    real = tmp_path / "county"
    real.mkdir()
    (real / "counts.csv").write_text("district,year,live_births\n1,2024,5\n")
    for declared in (None, "simulated: false\n", "simulated: yes please\n", "[", "- simulated\n"):
        if declared is not None:
            (real / "dataset.yaml").write_text(declared)
        assert main(["--output", str(real), "--districts", "1"]) == 2
        said = capsys.readouterr().err
        assert "real data are never overwritten" in said
        assert str(real) in said
    assert (real / "counts.csv").read_text() == "district,year,live_births\n1,2024,5\n"
    assert sorted(path.name for path in real.iterdir()) == ["counts.csv", "dataset.yaml"]


def test_a_simulated_folder_may_be_written_again(tmp_path: Path):
    assert main(["--output", str(tmp_path / "a"), "--districts", "1"]) == 0
    assert main(["--output", str(tmp_path / "a"), "--districts", "2"]) == 0
    assert pd.read_csv(tmp_path / "a" / "counts.csv")["district"].nunique() == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--districts", "0"], "`districts` must be from 1 to 9999; got 0."),
        (["--years", "2024", "2015"], "`years` must be in order"),
        (["--seed", "-3"], "`seed` must be 0 or more; got -3."),
        (["--spread", "nan"], "`spread` must be from 0 to 3; got nan."),
    ],
)
def test_mistakes_are_answered_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
):
    assert main(["--output", str(tmp_path / "new"), *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_output_that_is_a_file_is_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "file").write_text("")
    assert main(["--output", str(tmp_path / "file"), "--districts", "1"]) == 2
    assert "got the file" in capsys.readouterr().err


def test_module_runs_as_a_command(tmp_path: Path):
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            "mchepi.simulate",
            "--output",
            str(tmp_path / "x"),
            "--districts",
            "2",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith("Wrote 20 simulated district-years to ")


def test_intake_reads_the_committed_counts_as_the_region_has_them(usual: Region):
    read = open_dataset(COMMITTED).read()
    assert set(read.columns) == set(usual.counts.columns)
    numbers = usual.counts.columns[3:]
    left, right = (frame[numbers].astype("Int64") for frame in (read, usual.counts))
    pd.testing.assert_frame_equal(left, right)


def test_intake_finds_each_cell_typed_wrong_and_no_error(usual: Region):
    findings = check(COMMITTED / "counts.csv")
    assert {finding.severity for finding in findings} == {"finding", "note"}
    rows = {
        key: number
        for number, key in enumerate(
            zip(usual.counts["district"], usual.counts["year"], strict=True), start=2
        )
    }
    for fault in usual.faults[usual.faults["nature"] == "entry"].itertuples():
        row = rows[fault.district, fault.year_from]
        here = [f for f in findings if f.severity == "finding" and f.row == row and fault.columns in f.column]
        assert here, fault.kind
