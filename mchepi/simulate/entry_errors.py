"""Cells typed wrong: few, documented, and such that a reader of the file can find each of them."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd


class EntryError(NamedTuple):
    """One cell typed wrong. `written` is what the file shows; None: the number that stands in the table."""

    kind: str
    district: str
    year: int
    column: str
    written: str | None
    description_zh: str
    description_en: str


ENTRY_ERRORS = (
    EntryError(
        "contradiction",
        "S08",
        2019,
        "infant_deaths",
        None,
        "婴儿死亡数误填，比新生儿死亡数少1例；其余死亡数正确",
        "infant deaths typed wrong, one fewer than the neonatal deaths; all other deaths are right",
    ),
    EntryError(
        "missing",
        "S12",
        2017,
        "stillbirths",
        "",
        "死胎死产数漏填",
        "the stillbirths were left blank",
    ),
    EntryError(
        "missing_code",
        "S15",
        2018,
        "children_stunted",
        "-1",
        "生长迟缓人数填为缺失代码-1",
        "the number of stunted children is given as the code -1 (missing)",
    ),
    EntryError(
        "ten_times",
        "S18",
        2022,
        "children_examined_hemoglobin",
        None,
        "血红蛋白检测人数多打一个0，为实际的10倍，患病率因而只有实际的十分之一",
        "a zero too many: ten times the children examined for hemoglobin, a tenth of the prevalence",
    ),
)


def enter_errors(counts: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[EntryError, int]]]:
    """Give the table with the errors of its districts and years, and each error with the count meant.

    An error that this table cannot show (infant deaths below no neonatal death) is left out.
    """
    counts = counts.copy()
    entered: list[tuple[EntryError, int]] = []
    for error in ENTRY_ERRORS:
        rows = counts.index[(counts["district"] == error.district) & (counts["year"] == error.year)]
        if rows.empty:
            continue
        meant = int(counts.loc[rows, error.column].iloc[0])
        typed: int | None = None
        if error.kind == "contradiction":
            typed = int(counts.loc[rows, "neonatal_deaths"].iloc[0]) - 1
            if typed < 0:
                continue
        elif error.kind == "ten_times":
            typed = 10 * meant
        counts.loc[rows, error.column] = pd.NA if typed is None else typed
        entered.append((error, meant))
    return counts, entered
