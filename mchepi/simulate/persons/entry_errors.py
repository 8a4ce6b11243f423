"""Rows typed wrong: few, documented, and each such that a check of the file finds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd


class Error(NamedTuple):
    """One row typed wrong: the first row of a banner in a register for which `where` holds."""

    register: str
    district: str
    kind: str
    columns: str
    where: Callable[[pd.DataFrame], pd.Series[bool]]
    write: Mapping[str, str]
    description_zh: str
    description_en: str


def _any_row(frame: pd.DataFrame) -> pd.Series[bool]:
    return frame["district"] != ""


ERRORS = (
    Error("births", "R01", "repeated_row", "", _any_row, {}, "同一行重复录入两次", "a row entered twice"),
    Error(
        "births",
        "R02",
        "implausible",
        "birth_weight",
        lambda frame: frame["outcome"] == "live_birth",
        {"birth_weight": "32000"},
        "出生体重多打一个0",
        "a birth weight with a zero too many",
    ),
    Error(
        "births",
        "R04",
        "missing_code",
        "gestation_weeks",
        _any_row,
        {"gestation_weeks": "-1"},
        "孕周填为缺失代码-1",
        "the weeks of gestation given as the code -1",
    ),
    Error(
        "deaths",
        "R02",
        "date_order",
        "death_date",
        lambda frame: (frame["kind"] == "child") & (frame["birth_date"] > "2023-01-10"),
        {"death_date": "2023-01-05"},
        "死亡日期早于出生日期",
        "a death dated before the birth",
    ),
    Error(
        "hemoglobin",
        "R01",
        "implausible",
        "hemoglobin",
        lambda frame: frame["pregnant"] == "",
        {"hemoglobin": "12.4"},
        "单位混用：本应为124 g/L",
        "one value in another unit: 124 g/L was meant",
    ),
    Error(
        "hemoglobin",
        "R02",
        "implausible",
        "hemoglobin",
        lambda frame: frame["pregnant"] == "",
        {"hemoglobin": "1180"},
        "血红蛋白多打一个0",
        "a hemoglobin value with a zero too many",
    ),
    Error(
        "growth",
        "R02",
        "implausible",
        "height_cm",
        _any_row,
        {"height_cm": "7.9"},
        "身长以分米填写",
        "a length written in decimeters",
    ),
    Error(
        "newborn_screening",
        "R03",
        "date_order",
        "screened_date",
        lambda frame: (frame["screened_date"] != "") & (frame["birth_date"] > "2023-06-10"),
        {"screened_date": "2023-06-01"},
        "筛查日期早于出生日期",
        "a screen dated before the birth",
    ),
    Error(
        "newborn_screening",
        "R01",
        "future_date",
        "screened_date",
        lambda frame: (frame["screened_date"] != "") & (frame["result"] == "negative"),
        {"screened_date": "2099-01-05"},
        "筛查日期在将来（年份误填）",
        "a screen dated in the future: the year is wrong",
    ),
    Error(
        "cervical_screening",
        "R03",
        "implausible",
        "age_years",
        _any_row,
        {"age_years": "5"},
        "年龄漏填一位数",
        "an age with a digit left out",
    ),
    Error(
        "emtct",
        "R01",
        "missing_code",
        "first_test_week",
        _any_row,
        {"first_test_week": "-1"},
        "首次检测孕周填为缺失代码-1",
        "the week of the first test given as the code -1",
    ),
)


def enter_errors(registers: dict[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Give the registers with the errors of their banners, and the list of the errors with their rows."""
    entered = {name: frame.copy() for name, frame in registers.items()}
    found = []
    for error in ERRORS:
        frame = entered[error.register]
        rows = frame.index[(frame["district"] == error.district) & error.where(frame)]
        if rows.empty:
            continue
        row = rows[0]
        if error.kind == "repeated_row":
            copy = frame.loc[[row]]
            frame = pd.concat([frame.loc[:row], copy, frame.loc[row + 1 :]], ignore_index=True)
            row += 1
        else:
            frame.loc[row, list(error.write)] = list(error.write.values())
        entered[error.register] = frame
        found.append((error, int(row)))
    # a row entered twice moves those below it; the header is the first row of the file
    listed = [
        (
            error,
            entered_at
            + 2
            + sum(
                before.register == error.register and before.kind == "repeated_row" and at < entered_at
                for before, at in found[position + 1 :]
            ),
        )
        for position, (error, entered_at) in enumerate(found)
    ]
    rows_of = [
        (
            error.kind,
            error.district,
            error.register,
            row,
            error.columns,
            error.description_zh,
            error.description_en,
        )
        for error, row in listed
    ]
    columns = ["kind", "district", "register", "row", "columns", "description_zh", "description_en"]
    return entered, pd.DataFrame(rows_of, columns=columns)
