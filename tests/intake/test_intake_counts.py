"""District-year tables: every kind of bad input by its whole message, and what a right one is read as."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mchepi.indicators import column_synonyms
from mchepi.intake import DataError, check, read_counts
from mchepi.intake.checks import contained_counts

COUNT = "Write the number alone, in digits: 0 where there was none, nothing where it is not known."
EMPTY = "Fill it in, or leave it: it is taken as not stated, never as 0."


def faults(path) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_counts(path)
    lines = str(caught.value).split("\n")
    errors = [found for found in check(path) if found.severity == "error"]
    assert [str(found) for found in errors] == lines
    assert not any("Traceback" in line or "Error" in line for line in lines)
    return lines


def test_a_right_table(table):
    path = table(
        "district,name_zh,name_en,year,live_births,neonatal_deaths\n152223,扎赉特旗,Jalaid,2023,1430,3\n"
    )
    expected = pd.DataFrame(
        {
            "district": pd.array(["152223"], dtype="str"),
            "name_zh": pd.array(["扎赉特旗"], dtype="str"),
            "name_en": pd.array(["Jalaid"], dtype="str"),
            "year": pd.array([2023], dtype="int64"),
            "neonatal_deaths": pd.array([3], dtype="Int64"),
            "live_births": pd.array([1430], dtype="Int64"),
        }
    )
    pd.testing.assert_frame_equal(read_counts(path), expected)
    assert check(path) == []


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("many", f"must be a whole number, 0 or more; got 'many'. {COUNT}"),
        ("三", f"must be a whole number, 0 or more; got '三'. {COUNT}"),
        ("3.5", f"must be a whole number, 0 or more; got '3.5'. {COUNT}"),
        ("2.10‰", f"must be a whole number, 0 or more; got '2.10‰'. {COUNT}"),
        ("—", f"must be a whole number, 0 or more; got '—'. {COUNT}"),
        ("99999999999", "must be a whole number of at most 9,999,999,999; got '99999999999'. Correct it."),
        (
            "-3",
            "must be 0 or more; got '-3'. "
            "Correct it; leave the cell empty where it is not known (-1 and -2 are read as missing).",
        ),
        (
            "1500",
            "must be at most live_births (1,430); got 1,500. Correct one of the two; they may be swapped.",
        ),
        ("x" * 99, f"must be a whole number, 0 or more; got '{'x' * 39}…'. {COUNT}"),
    ],
)
def test_a_cell_that_is_no_count(table, cell, message):
    path = table(f"district,year,live_births,neonatal_deaths\nA,2022,1400,2\nA,2023,1430,{cell}\n")
    assert faults(path) == [f"a.csv row 3, column neonatal_deaths: {message}"]
    (found,) = [found for found in check(path) if found.severity == "error"]
    assert (found.file, found.row, found.column) == ("a.csv", 3, "neonatal_deaths")
    assert found.value == cell.replace("1,500", "1500")


def test_person_time_may_be_fractional_but_no_word(table):
    path = table("district,year,cervical_cancer_new_cases,women_years\nA,2022,1,20000.5\nA,2023,1,many\n")
    assert faults(path) == [
        f"a.csv row 3, column women_years: must be a number, 0 or more; got 'many'. {COUNT}"
    ]
    fine = read_counts(table("district,year,cervical_cancer_new_cases,women_years\nA,2022,1,20000.5\n"))
    assert (fine["women_years"].dtype, fine.loc[0, "women_years"]) == ("Float64", 20000.5)


def test_all_faults_of_a_file_come_together_in_the_order_of_its_rows(table):
    path = table(
        "旗县;年度;活产数;孕产妇死亡数\n"
        "扎赉特旗;2022;1430.5;零\n"
        "奈曼旗;23;-5;0\n"
        ";2023;100;101\n"
        "奈曼旗;2023;100;1\n"
        "奈曼旗;2023;100;1\n"
    )
    assert faults(path) == [
        f"a.csv row 2, column 活产数: must be a whole number, 0 or more; got '1430.5'. {COUNT}",
        f"a.csv row 2, column 孕产妇死亡数: must be a whole number, 0 or more; got '零'. {COUNT}",
        "a.csv row 3, column 年度: must be a year from 1900 to 2100; got '23'. "
        "Write it as 2023, several as 2021-2024. Merged cells leave blanks: fill every row.",
        "a.csv row 3, column 活产数: must be 0 or more; got '-5'. "
        "Correct it; leave the cell empty where it is not known (-1 and -2 are read as missing).",
        "a.csv row 4, column 旗县: must be filled in; got ''. Merged cells leave blanks: fill every row.",
        "a.csv row 4, column 孕产妇死亡数: must be at most 活产数 (100); got 101. "
        "Correct one of the two; they may be swapped.",
        "a.csv row 6, column 旗县: must stand once a district and year; got 奈曼旗 2023 again "
        "(first in row 5). Delete one of the two rows, or correct its district or year.",
    ]


def test_cells_are_checked_even_where_a_required_column_is_missing(table):
    lines = faults(table("district,live_births\nA,many\n"))
    assert [line.split(":")[0] for line in lines] == [
        "a.csv row 1, column year",
        "a.csv row 2, column live_births",
    ]


@pytest.mark.parametrize("id", ["../etc", "a\\b", "..", "a\x07b"])
def test_ids_that_would_leave_their_folder(table, id):
    path = table(f"district,year,live_births\n{id},2023,5\n")
    assert faults(path) == [
        f"a.csv row 2, column district: must be free of / \\ and control characters; got {id!r}. "
        "Take them out of the id."
    ]


def test_names_may_be_anything(table):
    path = table("district,name_zh,year,live_births\nA,=HYPERLINK(1)/<b>,2023,5\n")
    assert read_counts(path).loc[0, "name_zh"] == "=HYPERLINK(1)/<b>"


def test_a_duplicate_is_one_district_and_period(table):
    assert faults(table("district,year,live_births\nA,2023,5\nB,2023,5\nA,2023年,6\n")) == [
        "a.csv row 4, column district: must stand once a district and year; got A 2023 again "
        "(first in row 2). Delete one of the two rows, or correct its district or year."
    ]
    strata = "district,year,stratum,live_births\nA,2023,urban,5\nA,2023,rural,5\n"
    assert read_counts(table(strata))["stratum"].tolist() == ["rural", "urban"]
    periods = "district,year,year_end,live_births\nA,2021,2021,5\nA,2021,2024,20\n"
    assert len(read_counts(table(periods))) == 2


def test_a_whole_beside_its_strata_would_be_counted_twice(table):
    rows = "A,2023,urban,600\nA,2023,rural,400\nB,2023,,10\n"
    with pytest.raises(DataError, match=r"row 2, column stratum: must be filled where .* got an empty cell"):
        read_counts(table(f"district,year,stratum,live_births\nA,2023,,1000\n{rows}"))
    named = read_counts(table(f"district,year,stratum,live_births\nA,2023,合计,1000\n{rows}"))
    assert named["live_births"].tolist() == [400, 600, 10]


@pytest.mark.parametrize(
    ("header", "row", "line"),
    [
        ("live_births,maternal_deaths", "10,11", "maternal_deaths: must be at most live_births (10)"),
        ("live_births,under5_deaths", "10,11", "under5_deaths: must be at most live_births (10)"),
        (
            "live_births,stillbirths,early_neonatal_deaths",
            "10,2,11",
            "stillbirths, early_neonatal_deaths: must be at most live_births + stillbirths (12)",
        ),
        (
            "children_anemic,children_examined_hemoglobin",
            "11,10",
            "children_anemic: must be at most children_examined_hemoglobin (10)",
        ),
        (
            "newborns_hearing_screened,live_births",
            "11,10",
            "newborns_hearing_screened: must be at most live_births (10)",
        ),
    ],
)
def test_more_events_than_the_total(table, header, row, line):
    found = faults(table(f"district,year,{header}\nA,2023,{row}\n"))
    assert any(f"column {line}" in one for one in found)


@pytest.mark.parametrize(
    "table_text",
    [
        "women_antenatal_visits_1plus,live_births\nA,2023,11,10\n",  # women over births
        "preconception_check_couples,preconception_check_quota\nA,2023,1201,1200\n",  # a quota may be passed
        "childcare_places,resident_population\nA,2023,11,10\n",
    ],
)
def test_what_may_exceed_its_denominator(table, table_text):
    assert len(read_counts(table(f"district,year,{table_text}"))) == 1


def test_the_pairs_come_from_the_catalog():
    assert (("neonatal_deaths",), ("live_births",)) in contained_counts()
    assert (("childcare_places",), ("resident_population",)) not in contained_counts()
    assert len(contained_counts()) == len(set(contained_counts())) > 60


def test_missing_counts_are_findings_by_row(table):
    path = table("district,year,live_births,neonatal_deaths,infant_deaths\nA,2022,,NA,\nA,2023,1430,3,未报\n")
    assert read_counts(path).iloc[:, 4:].isna().sum().tolist() == [1, 1, 2]
    assert [(found.severity, str(found)) for found in check(path)] == [
        (
            "finding",
            f"a.csv row 2, column live_births, neonatal_deaths, infant_deaths: has no value. {EMPTY}",
        ),
        ("finding", f"a.csv row 3, column infant_deaths: has no value. {EMPTY}"),
    ]


def test_codes_are_read_as_missing_with_their_meaning(table):
    path = table("旗县,年份,活产数,产妇数,围产儿数\n扎赉特旗,2023,1430,-1,－2\n")
    frame = read_counts(path)
    assert frame[["women_delivered", "total_births"]].isna().all(axis=None)
    fix = "Leave the cell empty, or fill in the number."
    assert [(found.severity, found.value, str(found)) for found in check(path)] == [
        (
            "finding",
            "-1",
            "a.csv row 2, column 产妇数: holds the code -1, read as missing: "
            f"unknown or not reported (our reading of the code). {fix}",
        ),
        (
            "finding",
            "-2",
            "a.csv row 2, column 围产儿数: holds the code -2, read as missing: "
            f"not applicable (our reading of the code). {fix}",
        ),
    ]


def test_thousands_separators_are_read_and_said_once(table):
    path = table('district,year,live_births,women_delivered\nA,2022,"1,430","1,422"\nA,2023,"2 100",2000\n')
    assert read_counts(path)["live_births"].tolist() == [1430, 2100]
    assert [(found.severity, str(found)) for found in check(path)] == [
        (
            "note",
            "a.csv row 2, column live_births: was read without its thousands separator: '1,430', "
            "and others like it.",
        )
    ]


def test_columns_that_tell_who_someone_is_are_left_out(table):
    path = table("district,year,live_births,填表人姓名,联系电话,note\nA,2023,5,王某,139,good\n")
    assert read_counts(path).columns.tolist()[-2:] == ["live_births", "note_en"]
    (found,) = check(path)
    assert (found.rule, found.column) == ("column_left_out", "填表人姓名, 联系电话")
    assert "王某" not in str(found)


def test_several_years_in_one_row(table):
    one = read_counts(table("district,year,live_births\nA,2021-2024,40\nA,2025,9\n"))
    two = read_counts(table("district,year,year_end,live_births\nA,2021,2024,40\nA,2025,,9\n"))
    pd.testing.assert_frame_equal(one, two)
    assert one[["year", "year_end"]].to_numpy().tolist() == [[2021, 2024], [2025, 2025]]
    assert one["year_end"].dtype == "int64"
    assert "year_end" not in read_counts(table("district,year,year_end,live_births\nA,2021,2021,40\n"))


@pytest.mark.parametrize(
    ("end", "line"),
    [
        ("2020", "must be 2021 or later, as the row begins then; got 2020. Correct one of the two years."),
        ("2024-2025", "must be one year, the last that the row covers; got '2024-2025'. Write it as 2024."),
        (
            "soon",
            "must be a year from 1900 to 2100; got 'soon'. "
            "Write it as 2023, several as 2021-2024. Merged cells leave blanks: fill every row.",
        ),
    ],
)
def test_a_last_year_that_is_none(table, end, line):
    path = table(f"district,year,year_end,live_births\nA,2021,{end},40\n")
    assert faults(path) == [f"a.csv row 2, column year_end: {line}"]


def test_deduced_columns_get_the_names_of_the_catalog(table):
    path = table("旗县,年份,推算列,活产数,新生儿死亡数\nA,2022,,9,0\nA,2023,新生儿死亡数；live_births,9,0\n")
    assert read_counts(path)["deduced"].tolist() == ["", "neonatal_deaths;live_births"]


def test_deduced_names_must_be_columns(table):
    path = table("district,year,deduced,live_births\nA,2023,infant_deaths;year,5\n")
    assert faults(path) == [
        "a.csv row 2, column deduced: must be names of columns of this table, joined by semicolons; "
        "got 'infant_deaths;year'. "
        "Write the headers of the deduced counts; these are none: infant_deaths, year."
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("旗县,年份,活产数\n扎赉特旗,2023,5\n", ("扎赉特旗", "扎赉特旗", "扎赉特旗")),
        ("code,旗县,年份,活产数\n152223,扎赉特旗,2023,5\n", ("152223", "扎赉特旗", "扎赉特旗")),
        ("code,name_en,年份,活产数\n152223,Jalaid,2023,5\n", ("152223", "Jalaid", "Jalaid")),
        ("code,年份,活产数\n152223,2023,5\n", ("152223", "152223", "152223")),
        ("code,name_zh,name_en,年份,活产数\n152223,扎赉特旗,,2023,5\n", ("152223", "扎赉特旗", "扎赉特旗")),
    ],
)
def test_names_that_are_not_given(table, text, names):
    assert tuple(read_counts(table(text)).loc[0, ["district", "name_zh", "name_en"]]) == names


def test_districts_in_the_order_of_the_file_their_rows_by_year(table):
    frame = read_counts(table("district,year,live_births\nB,2023,4\nA,2022,1\nB,2021,2\nA,2021,3\n"))
    assert [*zip(frame["district"], frame["year"], strict=True)] == [
        ("B", 2021),
        ("B", 2023),
        ("A", 2021),
        ("A", 2022),
    ]


CHINESE = {name: header for header, name in reversed(column_synonyms().items())}
COLUMNS = ["live_births", "neonatal_deaths", "infant_deaths", "women_delivered", "emtct_tested_in_pregnancy"]
HEADERS = {
    "district": "行政区划代码",
    "name_zh": "旗县",
    "year": "年份",
    **{name: CHINESE[name] for name in COLUMNS},
}


@st.composite
def tables(draw):
    """Rows that break no rule: births are many, deaths few, anything may be missing."""
    keys = draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(2000, 2030)), min_size=1, max_size=8, unique=True)
    )
    few, many = st.none() | st.integers(0, 99), st.none() | st.integers(100, 10**6)
    sizes = {"neonatal_deaths": few, "infant_deaths": few, "emtct_tested_in_pregnancy": few}
    return [
        {
            "district": f"15222{district}",
            "name_zh": ["扎赉特旗", "奈曼旗", "东胜区", "㐂旗"][district],
            "year": year,
            **{name: draw(sizes.get(name, many)) for name in COLUMNS},
        }
        for district, year in keys
    ]


def written(rows, names, header_of, grouped) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([header_of[name] for name in names])
    for row in rows:
        cells = [row[name] for name in names]
        number = "{:,}".format if grouped else str
        writer.writerow(
            [
                "" if cell is None else number(cell) if name in COLUMNS else cell
                for name, cell in zip(names, cells, strict=True)
            ]
        )
    return out.getvalue()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(data=st.data())
def test_a_table_is_the_same_however_it_is_written(table, data):
    """Encoding, language of the headers, order of the columns and thousands separators change nothing."""
    rows = data.draw(tables())
    english = {name: name for name in HEADERS}
    plain = read_counts(table(written(rows, list(HEADERS), english, grouped=False)))
    header_of = {name: data.draw(st.sampled_from([name, header])) for name, header in HEADERS.items()}
    shuffled = data.draw(st.permutations(list(HEADERS)))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
    text = written(rows, shuffled, header_of, grouped=data.draw(st.booleans()))
    pd.testing.assert_frame_equal(read_counts(table(text, "b.csv", encoding)), plain)
    first = {row["district"]: place for place, row in reversed([*enumerate(rows)])}
    expected = sorted(rows, key=lambda row: (first[row["district"]], row["year"]))
    for name in HEADERS:
        assert [None if pd.isna(value) else value for value in plain[name]] == [row[name] for row in expected]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(content=st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_whatever_the_bytes_the_answer_is_a_table_or_a_message(table, content):
    path = table(b"district,year,live_births\n" + content)
    found = check(path)
    assert all(one.message and one.file == "a.csv" for one in found)
    if any(one.severity == "error" for one in found):
        with pytest.raises(DataError, match=r"^a\.csv"):
            read_counts(path)
    else:
        assert len(read_counts(path)) > 0
