"""One cell at a time: what is read as which number, and what is refused."""

from __future__ import annotations

import pytest

from mchepi.intake.cells import Fault, amount, clean, identifier, plain, whole_number, years


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("1430", 1430),
        ("1,430", 1430),
        ("1 234 567", 1234567),
        ("１，４３０", 1430),
        ("１４３０", 1430),
        ("1430.0", 1430),
        ("+3", 3),
        ("\u00a01430\u3000", 1430),
        ("1\u202f430", 1430),
        ('="1430"', 1430),
        ("'1430", 1430),
        ("\ufeff12", 12),
        ("9999999999", 9_999_999_999),
        ("", None),
        ("NA", None),
        ("n/a", None),
        ("未报", None),
        ("不详", None),
    ],
)
def test_counts_that_are_read(text, count):
    assert whole_number(plain(text)) == count


@pytest.mark.parametrize(
    "text",
    [
        "many",
        "三",
        "1430.5",
        "1,43",
        "12,34,567",
        "1.430,0",
        "3%",
        "3例",
        "-",
        "—",
        "无",
        "1e3",
        "10000000000",
    ],
)
def test_no_count(text):
    """A dash or 无 may mean none or not known: it is asked, not guessed."""
    found = whole_number(plain(text))
    assert isinstance(found, Fault)
    assert found.rule == "whole_number"


@pytest.mark.parametrize("text", ["-3", "－3", "−3", "-3.5", "-1,430"])
def test_negative_numbers_have_their_own_rule(text):
    for read in (whole_number, amount):
        found = read(plain(text))
        assert isinstance(found, Fault)
        assert (found.rule, found.must) == ("not_negative", "0 or more")


@pytest.mark.parametrize(
    ("text", "number"),
    [("12.5", 12.5), ("1,430.25", 1430.25), (".5", 0.5), ("1e3", 1000.0), ("0", 0.0), ("", None)],
)
def test_amounts(text, number):
    assert amount(plain(text)) == number


@pytest.mark.parametrize("text", ["many", "1e999", "nan%", "12.5.1", "inf"])
def test_no_amount(text):
    found = amount(plain(text))
    assert isinstance(found, Fault)
    assert found.rule == "number"


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2023", (2023, None)),
        ("2023年", (2023, None)),
        ("2023 年度", (2023, None)),
        ("２０２３", (2023, None)),
        ("2023.0", (2023, None)),
        ("2021-2024", (2021, 2024)),
        ("2021年—2024年", (2021, 2024)),
        ("2021至2024年", (2021, 2024)),
        ("2021～2024", (2021, 2024)),
    ],
)
def test_years(text, period):
    assert years(plain(text)) == period


@pytest.mark.parametrize(
    "text", ["", "23", "20233", "1899", "2101", "2024-2021", "2023-12-31", "2022/2023", "去年"]
)
def test_no_year(text):
    assert isinstance(years(plain(text)), Fault)


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("152223", "152223"),
        ("１５２２２３", "152223"),
        ("152223.0", "152223"),
        ('="041000"', "041000"),
        ("扎赉特旗", "扎赉特旗"),
        ("St. John's", "St. John's"),
    ],
)
def test_ids(text, id):
    assert identifier(plain(text)) == id


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "a\\b", "／etc", "a\x07b", "a\tb", "a\u202eb"])
def test_ids_that_cannot_name_a_folder(text):
    assert isinstance(identifier(plain(text)), Fault)


def test_what_stands_around_a_value_goes():
    assert [clean(text) for text in (" a ", "\u3000a", "a\u200b", '=" a "', "'a", "a'b")] == [*"aaaaa", "a'b"]
