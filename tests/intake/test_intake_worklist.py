"""The list of the overdue: who is on it, and where it may be written."""

from __future__ import annotations

import datetime
import stat
from pathlib import Path

import pytest

from mchepi import cli
from mchepi.intake import DataError
from mchepi.intake.registers.deadlines import every_deadline
from mchepi.intake.registers.schema import schemas
from mchepi.intake.worklist import worklist, write_worklist

NEWBORNS = """\
record_id,district,birth_date,program,screened_date,result,rescreen_result,diagnosed_date,diagnosis,treated_date,closed_date
late,A,2024-01-01,hearing,2024-01-03,positive,positive,,,,
later,A,2023-12-01,hearing,2023-12-03,positive,,,,,
treated_late,A,2024-01-01,hearing,2024-01-03,positive,positive,2024-02-01,yes,,
done,A,2024-01-01,hearing,2024-01-03,positive,positive,2024-02-01,no,,
cleared,A,2024-01-01,hearing,2024-01-03,positive,negative,,,,
moved,A,2024-01-01,hearing,2024-01-03,positive,positive,,,,2024-03-01
negative,A,2024-01-01,hearing,2024-01-03,negative,,,,,
unscreened,A,2024-05-01,metabolic,,,,,,,
not_yet,A,2024-07-01,hearing,2024-07-03,positive,positive,,,,
other,B,2024-01-01,heart,2024-01-03,positive,,,,,
,A,2024-01-01,heart,2024-01-03,positive,,,,,
"""
DECLARED = """\
title_zh: 一
title_en: One
source_zh: 一
source_en: one
licence: internal
simulated: false
period: calendar_year
population_basis: resident
source_system: annual_report
status: final
tables: {counts: counts.csv, newborn_screening: n.csv}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "project" / "data" / "mine"
    place.mkdir(parents=True)
    (tmp_path / "project" / "params").mkdir()
    (place / "dataset.yaml").write_text(DECLARED, "utf-8")
    counts = "district,name_zh,year,live_births\nA,甲旗,2024,9\nB,乙旗,2024,9\n"
    (place / "counts.csv").write_text(counts, "utf-8")
    (place / "n.csv").write_text(NEWBORNS, "utf-8")
    monkeypatch.chdir(tmp_path / "project")
    return place


def steps(late) -> list[tuple[str, str]]:
    return list(zip(late["record_id"], late["step"], strict=True))


def test_the_overdue_of_one_district_longest_first(folder: Path):
    late = worklist("mine", "甲旗", as_of=datetime.date(2024, 7, 3))
    assert steps(late) == [
        ("later", "diagnosed"),
        ("late", "diagnosed"),
        ("(row 12)", "diagnosed"),
        ("unscreened", "screened"),
        ("treated_late", "treated"),
    ]
    assert late.columns.tolist() == [
        *("record_id", "register", "program", "step"),
        *("due_days", "limit_verified", "said_before"),
    ]
    assert late["due_days"].tolist() == [91, 91, 91, 20, 183]
    assert late["limit_verified"].tolist() == ["yes", "yes", "no", "no", "yes"]


def test_the_day_is_the_last_of_the_register_by_default(folder: Path):
    assert steps(worklist("mine", "A")) == steps(worklist("mine", "A", as_of=datetime.date(2024, 7, 3)))
    assert steps(worklist("mine", "B")) == []  # its register ends on 3 January
    assert steps(worklist("mine", "B", as_of=datetime.date(2024, 12, 1))) == [("other", "diagnosed")]


def test_on_the_last_day_nothing_is_overdue(folder: Path):
    day = datetime.date(2024, 1, 1) + datetime.timedelta(91)
    assert ("late", "diagnosed") not in steps(worklist("mine", "A", as_of=day))
    assert ("late", "diagnosed") in steps(worklist("mine", "A", as_of=day + datetime.timedelta(1)))


def test_a_step_done_after_the_day_was_open_on_it(folder: Path):
    late = steps(worklist("mine", "A", as_of=datetime.date(2024, 4, 5)))
    assert ("done", "diagnosed") not in late
    assert ("moved", "diagnosed") not in late


def test_the_reason_of_closing_decides_who_is_called(folder: Path):
    rows = [
        f"{reason},A,2024-01-01,hearing,2024-01-03,positive,positive,2024-03-01,{reason}"
        for reason in ("死亡", "迁出", "拒绝", "失访", "")
    ]
    undated = [row.replace(",2024-03-01,", ",,") for row in rows[:2]]
    header = "record_id,district,birth_date,program,screened_date,result,rescreen_result,closed_date,结案原因"
    (folder / "n.csv").write_text("\n".join([header, *rows, *undated]), "utf-8")
    late = worklist("mine", "A", as_of=datetime.date(2024, 12, 1))
    said = dict(zip(late["record_id"], late["said_before"], strict=True))
    assert said == {"拒绝": "refused", "失访": "lost"}  # nobody calls the family of a child who died


def test_a_register_by_itself(folder: Path):
    assert len(worklist(folder / "n.csv", as_of=datetime.date(2024, 7, 3))) == 6


def test_a_dataset_needs_a_district_and_a_register_with_deadlines(folder: Path):
    with pytest.raises(ValueError, match="`district` must be given"):
        worklist("mine")
    with pytest.raises(ValueError, match="must be a district of the dataset"):
        worklist("mine", "C")
    (folder / "births.csv").write_text("record_id,birth_date,outcome\nK,2024-01-01,live_birth\n", "utf-8")
    with pytest.raises(DataError, match="must hold a register that has deadlines; got births"):
        worklist(folder / "births.csv")


def test_it_is_written_where_only_the_owner_reads_it(folder: Path, tmp_path: Path):
    path = write_worklist(worklist("mine", "A"), tmp_path / "late.csv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text("utf-8-sig").splitlines()[1] == "later,newborn_screening,hearing,diagnosed,91,yes,"
    with pytest.raises(ValueError, match="must be a new file"):
        write_worklist(worklist("mine", "A"), tmp_path / "late.csv")


@pytest.mark.parametrize(
    "place", ["project", "project/data/mine", "outputs", "outputs/zh", "pages/zh/x", "site/a"]
)
def test_it_is_refused_where_files_are_passed_on(folder: Path, tmp_path: Path, place: str):
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    if place.startswith("pages"):
        (tmp_path / "pages/zh/x/ledger.jsonl").touch()
    if place.startswith("site"):
        (tmp_path / "site/.mchepi-site").touch()
    with pytest.raises(ValueError, match="`output` must not lie in"):
        write_worklist(worklist("mine", "A"), tmp_path / place / "late.csv")
    assert not (tmp_path / place / "late.csv").exists()


def test_a_link_into_the_project_is_seen_through(folder: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(tmp_path / "project")
    with pytest.raises(ValueError, match="must not lie in the project"):
        write_worklist(worklist("mine", "A"), tmp_path / "link" / "late.csv")


def test_a_folder_that_is_not_there_is_not_made(folder: Path, tmp_path: Path):
    with pytest.raises(ValueError, match="a folder that exists"):
        write_worklist(worklist("mine", "A"), tmp_path / "new" / "late.csv")


def test_the_command(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    asked = ["worklist", "mine", "--district", "A", "--output", str(tmp_path / "late.csv")]
    assert cli.main([*asked, "--as-of", "2024-07-03"]) == 0
    assert capsys.readouterr().out.startswith("Wrote 5 overdue steps to ")
    assert cli.main(asked) == 2
    assert "must be a new file" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main([*asked, "--as-of", "July"])
    assert "must be a date such as 2024-09-30; got 'July'" in capsys.readouterr().err


def test_deadlines_name_steps_and_words_of_registers():
    for one in every_deadline():
        schema = schemas()[one.register]
        assert f"{one.step}_date" in schema.of_kind("step")
        for condition in filter(None, (one.needed_where, one.not_needed_where)):
            column, _, words = condition.partition("=")
            assert set(words.split("|")) <= set(schema.columns[column].words.values())
        assert not one.program or one.program in schema.columns["program"].words.values()
