"""Quotas with their deadlines, and how many were done by each day of their periods."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mchepi.intake import DataError, check, open_dataset

WOMEN = """\
record_id,district,exam_date,test,result
a,A,2023-01-10,hpv,negative
b,A,2023-06-01,cytology,negative
a,A,2024-03-01,hpv,negative
a,A,2024-04-01,hpv,positive
c,A,2024-04-01,cytology,negative
,A,2024-05-01,hpv,negative
,A,2024-05-02,hpv,negative
d,B,2024-02-29,hpv,negative
"""
QUOTAS = """\
district,item,unit,start,deadline,quota
A,women_screened_cervical,,2024-01-01,2024-10-31,100
A,宫颈癌HPV检查人数,人次,2024年1月1日,2024-10-31,60
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
tables: {counts: counts.csv, quotas: quotas.csv, cervical_screening: women.csv}
"""


def written(folder: Path, quotas: str = QUOTAS, women: str = WOMEN) -> Path:
    (folder / "dataset.yaml").write_text(DECLARED, "utf-8")
    counts = "district,name_zh,year,live_births\nA,甲旗,2024,9\nB,乙旗,2024,9\n"
    (folder / "counts.csv").write_text(counts, "utf-8")
    (folder / "quotas.csv").write_text(quotas, "utf-8")
    (folder / "women.csv").write_text(women, "utf-8")
    return folder


def course(courses: pd.DataFrame, **wanted: object) -> list[tuple[int, int]]:
    own = courses[(courses[list(wanted)] == list(wanted.values())).all(axis=1)]
    return list(zip(own["day"], own["done"], strict=True))


def test_a_woman_counts_once_a_period_and_a_test_each_time(tmp_path: Path):
    courses = open_dataset(written(tmp_path)).courses("A")
    women = {"item": "women_screened_cervical", "unit": "persons"}
    # the two without an id are persons; the register ends on 2 May, day 123 of 2024
    assert course(courses, **women, years_before=0) == [(61, 1), (92, 2), (122, 3), (123, 4)]
    tests = {"item": "women_screened_cervical_hpv", "unit": "tests"}
    assert course(courses, **tests, years_before=0) == [(61, 1), (92, 2), (122, 3), (123, 4)]
    assert course(courses, **women, years_before=1) == [(10, 1), (152, 2), (365, 2)]
    assert courses[["deadline", "as_of", "start_year"]].drop_duplicates().values.tolist() == [
        [305, 123, 2024]
    ]


def test_a_year_that_is_cut_off_is_no_course(tmp_path: Path):
    later = WOMEN.replace("2023-01-10", "2023-04-01")
    courses = open_dataset(written(tmp_path, women=later)).courses("A")
    assert set(courses["years_before"]) == {0}


def test_courses_are_of_a_district_and_of_its_years(tmp_path: Path):
    data = open_dataset(written(tmp_path))
    assert data.courses("B").empty
    assert data.courses("A", year_to=2023).empty
    assert len(data.courses("甲旗")) == len(data.courses())
    with pytest.raises(ValueError, match="must be a district of the dataset"):
        data.courses("C")


def test_no_course_holds_a_date_or_an_id(tmp_path: Path):
    written_out = open_dataset(written(tmp_path)).courses().to_csv()
    assert "2024-" not in written_out
    assert not any(f",{id}," in written_out for id in "abcd")


def test_without_quotas_or_register_there_is_no_course(tmp_path: Path):
    folder = written(tmp_path)
    text = DECLARED.replace("quotas: quotas.csv, ", "")
    (folder / "dataset.yaml").write_text(text, "utf-8")
    assert open_dataset(folder).courses().empty
    (folder / "dataset.yaml").write_text(DECLARED.replace(", cervical_screening: women.csv", ""), "utf-8")
    assert open_dataset(folder).courses("A").empty


def test_a_quota_is_part_of_what_a_page_is_made_from(tmp_path: Path):
    before = open_dataset(written(tmp_path)).digest("A")
    after = open_dataset(written(tmp_path, QUOTAS.replace("100", "101"))).digest("A")
    assert before != after


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("C,women_screened_cervical,,2024-01-01,2024-10-31,9", "district", "a district of the dataset"),
        ("A,live_births,,2024-01-01,2024-10-31,9", "item", "one of women_screened_cervical, "),
        ("A,women_screened_cervical,couples,2024-01-01,2024-10-31,9", "unit", "one of persons, tests"),
        ("A,women_screened_cervical,,soon,2024-10-31,9", "start", "a date"),
        ("A,TCT检查,,2024-01-01,2023-10-31,9", "deadline", "after the start"),
        ("A,TCT检查,,2024-01-01,2026-10-31,9", "deadline", "by a year at most"),
        ("A,TCT检查,,2024-01-01,2024-10-31,many", "quota", "a whole number, 1 or more"),
        ("A,TCT检查,,2024-01-01,2024-10-31,0", "quota", "a whole number, 1 or more"),
        ("A,women_screened_cervical,persons,2024-01-01,2024-12-31,9", "item", "named once a district"),
    ],
)
def test_faults_of_quotas(tmp_path: Path, row: str, column: str, message: str):
    folder = written(tmp_path, QUOTAS + row + "\n")
    errors = [one for one in check(folder) if one.severity == "error"]
    assert [(one.rule, one.row, one.column) for one in errors] == [("quota", 4, column)]
    assert message in errors[0].message
    with pytest.raises(DataError, match=r"quotas\.csv row 4"):
        open_dataset(folder)


def test_a_table_of_quotas_without_its_columns_is_refused(tmp_path: Path):
    folder = written(tmp_path, "district,item,quota\nA,women_screened_cervical,9\n")
    with pytest.raises(DataError, match="must have a column start"):
        open_dataset(folder)
