"""Full rows without quotation marks are read a column at a time, with the result of reading cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mchepi.intake import counts as counts_module
from mchepi.intake import table as table_module
from mchepi.intake.cells import in_digits
from mchepi.intake.counts import Reading, counts_of
from mchepi.intake.full_rows import columns_below
from mchepi.intake.rows import Row
from mchepi.intake.table import read_sheet

HEADER = "district,year,live_births,infant_deaths,clinics"
FULL = f"{HEADER}\nA,2023,1430,3,7\nA,2024,1390,0,8\nB,2023,90,1,9\n"

ODD = [
    "", " ", "1,430", "-1", "-2", "-7", "3.0", "3.5", "007", "+5", " 5", "1e3", "1_000", "9999999999",
    "10000000000", "99999999999999999999", "True", "nan", "inf", "合计", "注:x", "备注", "　12", "１２", "٣",
    "²",
    '="5"', '"5"', "'5",
    "Total", "5\u200b", "\ufeff5", "-0", "0x1", "未报", "#", "\t5",
]  # fmt: skip


def read_both(text: str, folder: Path) -> tuple[Reading, Reading, bool]:
    """What is read quickly where it can be, and cell by cell; and whether it could be."""
    path = folder / "a.csv"
    path.write_text(text, "utf-8", newline="")
    taken = []

    def watched(*arguments: object) -> object:
        taken.append(columns_below(*arguments))  # type: ignore[arg-type]
        return taken[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_module, "columns_below", watched)
        quick = counts_of(read_sheet(path))
        patch.setattr(table_module, "columns_below", lambda *_: None)
        slow = counts_of(read_sheet(path))
    return quick, slow, any(columns is not None for columns in taken)


def assert_same(quick: Reading, slow: Reading) -> None:
    pd.testing.assert_frame_equal(quick.frame, slow.frame, check_exact=True)
    assert quick.findings == slow.findings
    assert quick.table.headers == slow.table.headers
    assert quick.table.row_numbers == slow.table.row_numbers
    assert quick.table.cells == slow.table.cells
    assert quick.table.numbers.keys() == slow.table.numbers.keys()
    for name, numbers in quick.table.numbers.items():
        assert np.array_equal(numbers, slow.table.numbers[name])


cells = st.one_of(st.integers(0, 2000).map(str), st.sampled_from(ODD))
rows = st.lists(st.lists(cells, min_size=0, max_size=7), max_size=2)


@given(
    column=st.integers(0, 4),
    changes=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 4), cells), max_size=3),
    more=rows,
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    above=st.sampled_from(["", "某旗妇幼\n", "\n\n", ",,\n"]),
    below=st.sampled_from(["", "\n", "\n\n,,\n", "注:a\n", "合计,2023,1,1,1\n"]),
)
@example(column=0, changes=[], more=[], end="\n", above="", below="")
@example(column=0, changes=[(1, 2, "+5"), (2, 2, "5")], more=[["B", "2024"]], end="\n", above="", below="")
def test_both_ways_of_reading_agree(
    tmp_path_factory: pytest.TempPathFactory, column, changes, more, end, above, below
):
    lines = [line.split(",") for line in FULL.splitlines()]
    lines[0][column] = lines[0][column].replace("clinics", "姓名")
    for row, position, cell in changes:
        lines[row][position] = cell
    text = above + "".join(",".join(line) + "\n" for line in [*lines, *more]) + below
    quick, slow, _ = read_both(text.replace("\n", end), tmp_path_factory.getbasetemp())
    assert_same(quick, slow)


@pytest.mark.parametrize(
    "text",
    [
        FULL,
        FULL.replace("\n", "\r\n"),
        FULL.rstrip("\n"),
        FULL + "\n\n",
        FULL.replace(",", "\t"),
        "某旗妇幼,,,,\n\n" + FULL,
        FULL.replace("1390", ""),
        FULL.replace("1390", "-1"),
        FULL.replace("1390", "many"),
        FULL.replace(",7\n", ",7.5\n"),
        FULL.replace("1390", "10000000000"),
        FULL.replace("A,2024", "A,2024年"),
    ],
)
def test_files_that_are_read_a_column_at_a_time(text: str, tmp_path: Path):
    quick, slow, was_quick = read_both(text, tmp_path)
    assert was_quick
    assert_same(quick, slow)


@pytest.mark.parametrize(
    "text",
    [
        FULL.replace("1390", '"1,390"'),
        FULL.replace("1390", "01390"),
        FULL.replace("1390", "+1390"),
        FULL.replace("1390", " 1390"),
        FULL.replace("2024,1390,0,8", "2024,1390"),
        FULL.replace("2024,1390,0,8", "2024,1390,0,8,"),
        FULL.replace("A,2024,1390,0,8", "A,2024,1390,0").replace("1430", "1430,"),
        FULL.replace("A,2024,1390,0,8\n", "\n"),
        FULL.replace("\n", "\r"),
        FULL.replace(",", "，"),
        FULL + "合计,2023,1,1,1\n",
        FULL + "注: 数据,,,,\n",
        FULL.replace("A,2024", ",2024"),
        FULL.replace("clinics", ""),
        HEADER + "\n",
    ],
)
def test_files_that_are_read_cell_by_cell(text: str, tmp_path: Path):
    quick, slow, was_quick = read_both(text, tmp_path)
    assert not was_quick or quick.findings  # totals and notes are seen in columns that were read
    assert_same(quick, slow)


def test_numbers_come_as_numbers_and_texts_as_they_are_written():
    columns = columns_below(FULL, ",", Row(1, HEADER.split(",")), {0, 1})
    assert columns is not None
    assert columns[:2] == [["A", "A", "B"], ["2023", "2024", "2023"]]
    assert [column.tolist() for column in columns[2:] if isinstance(column, np.ndarray)] == [
        [1430, 1390, 90], [3, 0, 1], [7, 8, 9],
    ]  # fmt: skip


def test_a_shorter_row_is_not_made_up_for_by_a_longer_number():
    text = "a,b,c\n1,2,3\n1,2\n1,2,3,\n"
    assert columns_below(text, ",", Row(1, ["a", "b", "c"]), set()) is None


@given(st.lists(st.one_of(st.integers(0, 10**10), st.sampled_from(ODD)).map(str), max_size=5))
def test_digits_are_read_only_as_python_writes_them(column: list[str]):
    found = in_digits(column)
    whole = bool(column) and all(
        cell.isdecimal() and cell == str(int(cell)) and int(cell) <= 9_999_999_999 for cell in column
    )
    assert (found is not None) == whole
    if found is not None:
        assert list(map(str, found.tolist())) == column


def test_a_wide_table_of_many_rows_is_not_taken_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: Callable[..., Path]
):
    def refuse(*_: object) -> None:
        raise AssertionError("was read cell by cell")

    monkeypatch.setattr(table_module, "read_rows", refuse)
    names = counts_module.count_columns()[:60]
    text = "".join(f"D{row // 10},{2010 + row % 10},{','.join(['5'] * 60)}\n" for row in range(200))
    path = table(f"district,year,{','.join(names)}\n{text}")
    assert counts_of(read_sheet(path)).frame.shape[0] == 200
