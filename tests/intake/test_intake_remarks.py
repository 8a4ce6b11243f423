"""What stops no work but should be looked at."""

from __future__ import annotations

from mchepi.intake import check, read_counts

LOOK = "Compare them with their source; they are used as they stand."


def remarks(path) -> list[str]:
    found = check(path)
    assert {one.severity for one in found} <= {"finding", "note"}
    assert len(read_counts(path)) > 0
    return [str(one) for one in found]


def test_contradictions_stand_at_their_row_under_the_headers_of_the_file(table):
    path = table(
        "旗县,年份,活产数,新生儿死亡数,婴儿死亡数\n扎赉特旗,2023,1430,3,4\n奈曼旗,2022,900,1,1\n奈曼旗,2021,1000,3,2\n"
    )
    assert remarks(path) == [
        f"a.csv row 4, column 新生儿死亡数, 婴儿死亡数: neonatal deaths (3) exceed infant deaths (2). {LOOK}"
    ]
    (found,) = check(path)
    assert (found.rule, found.row, found.value) == ("neonatal_within_infant", 4, "3;2")


def test_a_question_keeps_its_mark(table):
    path = table("district,year,women_delivered,emtct_tested_in_pregnancy\n152223,2023,1422,877\n")
    assert remarks(path) == [
        "a.csv row 2, column emtct_tested_in_pregnancy, women_delivered: women tested for HIV, syphilis and "
        f"hepatitis B (877) are far fewer than women delivered (1422): which denominator is meant? {LOOK}"
    ]


def test_what_is_an_error_is_not_said_twice(table):
    found = check(table("district,year,live_births,infant_deaths\nA,2023,12,13\n"))
    assert [one.rule for one in found] == ["events_within_total"]


def test_values_far_outside_their_history(table):
    births = [1000, 1010, 10100, 990, 980, 1005]
    rows = "".join(f"A,{2018 + place},{count}\n" for place, count in enumerate(births))
    (found,) = check(table(f"district,year,live_births\n{rows}"))
    assert (found.severity, found.rule, found.row, found.value) == (
        "finding",
        "outside_own_history",
        4,
        "10100",
    )


def test_strata_and_long_rows_are_compared_with_their_like(table):
    """The three long rows would be far outside the history of the single years, and urban of rural ones."""
    single = "".join(f"A,{year},{year},urban,100\nA,{year},{year},rural,9000\n" for year in range(2010, 2016))
    path = table(f"district,year,year_end,stratum,live_births\n{single}A,1990,1999,urban,1000\n")
    assert remarks(path) == []


def test_periods_that_overlap(table):
    path = table(
        "district,year,year_end,live_births,infant_deaths\n"
        "A,2021,2024,40,1\nA,2022,2022,10,\nA,2025,2025,9,0\nB,2022,2022,5,0\n"
    )
    overlaps = [line for line in remarks(path) if "covers as well" in line]
    assert overlaps == [
        "a.csv row 3, column live_births: states counts for years that row 2 covers as well (2021-2024). "
        "Keep one of the two rows, or these years are counted twice."
    ]


def test_overlapping_rows_with_different_counts_are_fine(table):
    path = table("district,year,year_end,live_births,childcare_places\nA,2021,2024,40,\nA,2024,2024,,10\n")
    assert all("has no value" in line for line in remarks(path))


def test_a_district_with_two_names(table):
    path = table("district,name_zh,year,live_births\nA,甲旗,2021,5\nA,乙旗,2022,5\nA,乙旗,2023,5\n")
    assert remarks(path) == [
        "a.csv row 3, column name_zh: calls district A '乙旗'; row 2 calls it '甲旗'. "
        "Correct the id or the name; a district that was renamed may keep both."
    ]


def test_findings_and_errors_come_together(table):
    path = table(
        "district,year,live_births,neonatal_deaths,infant_deaths\nA,2022,many,3,2\nA,2023,10,1,1\nA,2023,10,1,1\n"
    )
    assert [(one.row, one.rule, one.severity) for one in check(path)] == [
        (2, "whole_number", "error"),
        (2, "neonatal_within_infant", "finding"),
        (4, "duplicate_district_year", "error"),
    ]
