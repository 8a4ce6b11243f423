"""Delimiters, titles, blank rows, totals and notes: which rows hold data, under their spreadsheet numbers."""

from __future__ import annotations

import pytest

from mchepi.intake import DataError, check, read_counts
from mchepi.intake.rows import is_note, is_total


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(table, delimiter, end):
    rows = [["旗县", "年份", "活产数"], ["扎赉特旗", "2023", "1430"], ["奈曼旗", "2023", "2100"]]
    frame = read_counts(table(end.join(delimiter.join(row) for row in rows) + end))
    assert frame["live_births"].tolist() == [1430, 2100]
    assert frame["district"].tolist() == ["扎赉特旗", "奈曼旗"]


def test_commas_in_a_title_do_not_hide_the_semicolons(table):
    path = table("扎赉特旗, 奈曼旗, 库伦旗, 开鲁县\n旗县;年份;活产数\n扎赉特旗;2023;1,430\n")
    assert read_counts(path)["live_births"].tolist() == [1430]


def test_titles_totals_and_notes_are_left_out_and_named_by_their_rows(table):
    path = table(
        "2023年妇幼卫生年报\n"
        "\n"
        "填报单位：兴安盟\n"
        "旗县,年份,活产数（人）\n"
        "扎赉特旗,2023,1430\n"
        "\n"
        "小计,2023,1430\n"
        "突泉县,2023,800\n"
        "合 计,,2230\n"
        "注：本表为年报数\n"
        "填表人：张三,,审核人：李四\n"
    )
    frame = read_counts(path)
    assert frame["district"].tolist() == ["扎赉特旗", "突泉县"]
    assert [str(found) for found in check(path)] == [
        "a.csv row 1: is a title above the header ('2023年妇幼卫生年报'); skipped.",
        "a.csv row 3: is a title above the header ('填报单位：兴安盟'); skipped.",
        "a.csv row 7: is a total row ('小计'); left out. "
        "Nothing to do; if it is a district of that name, call it otherwise.",
        "a.csv row 9: is a total row ('合 计'); left out. "
        "Nothing to do; if it is a district of that name, call it otherwise.",
        "a.csv row 10: is a note row ('注：本表为年报数'); left out.",
        "a.csv row 11: is a note row ('填表人：张三'); left out.",
    ]
    assert [found.severity for found in check(path)] == ["note"] * 2 + ["finding"] * 4


@pytest.mark.parametrize(
    "word",
    [
        "合计",
        "总计",
        "小计",
        "共计",
        "合　计",
        "全旗",
        "全市",
        "全县",
        "全旗合计",
        "全州合计",
        "本市总计",
        "Total",
        "total",
        "Sub-total",
        "Grand total",
        "SUM",
    ],
)
def test_totals(word):
    assert is_total([word])
    assert is_total(["152223", word])


@pytest.mark.parametrize("word", ["扎赉特旗", "全州", "全州县", "合计镇", "和平区", "Totality", "2023", ""])
def test_no_totals(word):
    assert not is_total([word])


@pytest.mark.parametrize(
    "text",
    [
        "注：年报数",
        "注1. 年报数",
        "备注: x",
        "说明：x",
        "填表人 张三",
        "填报日期：2024-1-5",
        "单位负责人：",
        "审核人：",
        "数据来源：年报",
        "* 注：x",
        "Note: provisional",
        "Source: report",
    ],
)
def test_notes(text):
    assert is_note([text, "", "5"])


def test_a_note_without_a_colon_stands_alone():
    assert is_note(["注 本表不含流动人口", "", ""])
    assert not is_note(["注 本表", "2023", "5"])
    assert not is_note(["扎赉特旗", "2023", "注：x"])


def test_rows_are_numbered_as_a_spreadsheet_shows_them(table):
    """A cell over two lines is one row; blank rows count."""
    path = table('district,year,live_births,note\nA,2022,5,"two\nlines"\n\nA,2023,many,\n')
    with pytest.raises(DataError) as caught:
        read_counts(path)
    assert [found.row for found in caught.value.findings] == [4]


def test_short_rows_are_filled_and_long_ones_refused(table):
    path = table("district,year,live_births,infant_deaths\nA,2022,5\nA,2023,1,430,3\n")
    assert [str(found) for found in check(path)] == [
        "a.csv row 2, column infant_deaths: has no value. "
        "Fill it in, or leave it: it is taken as not stated, never as 0.",
        "a.csv row 3: must have 4 cells, as the header has; got 5. "
        "A comma inside a number or text needs quotation marks around the cell; or take it out.",
    ]


def test_a_file_of_long_rows_is_not_called_empty(table):
    (found,) = check(table("district,year,live_births\nA,2023,1,430\n"))
    assert found.rule == "width"


def test_columns_without_a_name_are_lettered_as_in_a_spreadsheet(table):
    cells = ",".join(["5"] * 25)
    path = table(f"district,year,live_births{',' * 24}\nA,2023,{cells}\n")
    assert [found.message.split()[5].rstrip(";") for found in check(path)] == [
        *"DEFGHIJKLMNOPQRSTUVWXYZ",
        "AA",
    ]


def test_empty_cells_behind_the_header_do_no_harm(table):
    assert read_counts(table("district,year,live_births,,\nA,2023,5,,\n"))["live_births"].tolist() == [5]


def test_values_without_a_header_are_left_out_and_said(table):
    path = table("district,year,live_births,\nA,2023,5,7\n")
    assert list(read_counts(path)) == ["district", "name_zh", "name_en", "year", "live_births"]
    assert [str(found) for found in check(path)] == [
        "a.csv row 1: has no header in column D; the cells below it were left out. Give the column a name."
    ]


@pytest.mark.parametrize("text", ['A,2023,"5\nB,2023,3\n', 'A,2023,"5"x\nB,2023,3\n'])
def test_quotation_marks_that_do_not_close(table, text):
    with pytest.raises(DataError) as caught:
        read_counts(table(f"district,year,live_births\n{text}"))
    assert str(caught.value) == (
        "a.csv row 2: must close every quotation mark where its cell ends; "
        'one that opens in this row is not. Close it, or write a quotation mark inside a text twice ("").'
    )


@pytest.mark.parametrize(
    ("rows", "got", "fix"),
    [
        ("", "a header only", "Export or save it again."),
        ("合计,2023,5\n注：x\n", "only total and note rows", "Add the rows of the districts."),
    ],
)
def test_no_rows_of_data(table, rows, got, fix):
    with pytest.raises(DataError) as caught:
        read_counts(table(f"district,year,live_births\n{rows}"))
    assert str(caught.value) == f"a.csv: must hold at least one row of data; got {got}. {fix}"
