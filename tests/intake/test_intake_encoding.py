"""What a file is written in, and the files that are no table."""

from __future__ import annotations

from pathlib import Path

import pytest

from mchepi.intake import DataError, check, read_counts

TABLE = "行政区划代码,旗县,年份,活产数\n152223,扎赉特旗,2023,1430\n"
SAVE = 'Open it in the spreadsheet and save the sheet as "CSV UTF-8", then give that file.'


def refusal(path) -> str:
    with pytest.raises(DataError) as caught:
        read_counts(path)
    assert [str(found) for found in check(path)] == str(caught.value).split("\n")
    assert "Traceback" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("encoding", "notes"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", ['a.csv: was read as UTF-16. Nothing to do; "CSV UTF-8" is safest for exchange.']),
        ("gb18030", ['a.csv: was read as GB18030. Nothing to do; "CSV UTF-8" is safest for exchange.']),
        ("gbk", ['a.csv: was read as GB18030. Nothing to do; "CSV UTF-8" is safest for exchange.']),
    ],
)
def test_encodings_are_recognized_and_said(table, encoding, notes):
    path = table(TABLE, encoding=encoding)
    frame = read_counts(path)
    assert frame.loc[0, ["district", "name_zh", "year", "live_births"]].tolist() == [
        "152223",
        "扎赉特旗",
        2023,
        1430,
    ]
    assert [str(found) for found in check(path)] == notes
    assert {found.severity for found in check(path)} <= {"note"}


def test_utf16_big_endian(table):
    path = table(b"\xfe\xff" + TABLE.encode("utf-16-be"))
    assert read_counts(path).loc[0, "live_births"] == 1430


def test_a_character_of_a_font_s_own_passes_where_the_encoding_is_certain(table):
    path = table("代码,旗县,年份,活产数\nA,\ue863旗,2023,5\n", encoding="utf-8-sig")
    assert read_counts(path).loc[0, "name_zh"] == "\ue863旗"


@pytest.mark.parametrize("content", [b"", b" \n\n", "\ufeff\n".encode(), " \n".encode("utf-16")])
def test_an_empty_file(table, content):
    assert refusal(table(content)) == "a.csv: must be a table; got an empty file. Export or save it again."


def test_blank_rows_only(table):
    message = "a.csv: must hold a table; got blank rows only. Export or save it again."
    assert refusal(table(",,\n ,　,\n")) == message


def test_utf8_with_a_few_broken_bytes_is_not_taken_for_gb18030(table):
    """All of it would decode as GB18030 too: 扎赉特旗 as 鎵庤祲鐗规棗."""
    content = "旗县,年份,live_births\n扎赉特旗,2023,5\n".encode() + "A年,2024,9\n".encode("gb18030")
    assert "鎵庤祲鐗规棗" in content.decode("gb18030")
    message = f"must be text in UTF-8, UTF-16 or GB18030; got a byte that fits none of them in line 3. {SAVE}"
    assert refusal(table(content)) == f"a.csv: {message}"


def test_bytes_of_no_encoding(table):
    message = f"must be text in UTF-8, UTF-16 or GB18030; got a byte that fits none of them in line 2. {SAVE}"
    assert refusal(table(b"a,b\n\x81\x20\xff,\x8d\n")) == f"a.csv: {message}"


def test_a_file_that_breaks_the_promise_of_its_first_bytes(table):
    message = f"must be UTF-8 throughout, as its first bytes say; got something else in line 2. {SAVE}"
    assert refusal(table(b"\xef\xbb\xbfdistrict,year\nA,\xff\n")) == f"a.csv: {message}"


@pytest.mark.parametrize(
    ("content", "name", "got"),
    [
        (b"PK\x03\x04...", "a.xlsx", "a spreadsheet or zip file"),
        (b"PK\x03\x04...", "renamed.csv", "a spreadsheet or zip file"),
        (b"\xd0\xcf\x11\xe0...", "a.xls", "an old Excel file (.xls)"),
        (b"district,year", "text.xlsx", "a file called .xlsx"),
        (b"%PDF-1.7", "a.csv", "a PDF"),
        (b"\n<html><table>", "export.csv", "a web page or XML"),
    ],
)
def test_spreadsheets_and_pages_are_answered_by_what_to_do(table, content, name, got):
    assert refusal(table(content, name)) == f"{name}: must be a CSV file; got {got}. {SAVE}"


def test_binary_junk(table):
    assert refusal(table(bytes(range(256)))) == f"a.csv: must be text; got binary data. {SAVE}"


def test_a_file_that_is_not_there_names_the_nearest(table):
    table(TABLE, "counts.csv")
    message = "count.csv: must be a file that exists; got nothing there."
    assert refusal("count.csv") == f"{message} Did you mean 'counts.csv'? Check the path."
    assert refusal("no/such/file.csv") == (
        "no/such/file.csv: must be a file that exists; got nothing there. Check the path."
    )


def test_a_folder_where_a_file_is_read(table):
    table(TABLE)
    with pytest.raises(DataError) as caught:
        read_counts(".")
    fix = "Give the file, or a folder that holds a dataset."
    assert str(caught.value) == f".: must be a file; got a folder. {fix}"


def test_a_file_without_rights(table, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    path = table(TABLE)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    fix = "Close it elsewhere, or check its rights."
    assert refusal(path) == f"a.csv: must be a file that can be read; got Permission denied. {fix}"
