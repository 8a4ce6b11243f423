"""Series tables."""

from __future__ import annotations

import pytest

from mchepi.intake import DataError, check, read_series

HEADER = "district,indicator,source_system,area,year,value,lower,upper,unit\n"
RIGHT = "CHN,infant_mortality_rate,surveillance,total,2023,4.5,,,per_1000\n"


def faults(path) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_series(path)
    assert [str(found) for found in check(path) if found.severity == "error"] == str(caught.value).split("\n")
    return str(caught.value).split("\n")


def test_a_right_table(table):
    path = table(
        HEADER
        + "CHN,infant_mortality_rate,un_igme,total,2015,9.2,8.3,10.3,per_1000\n"
        + RIGHT
        + "CHN,neonatal_mortality_rate,surveillance,total,2023,2.8,,,per_1000\n"
        + "CHN,infant_mortality_rate,surveillance,urban,2015,4.7,,,per_1000\n"
        + "CHN,infant_mortality_rate,surveillance,total,2015,8.1,,,per_1000\n"
    )
    frame = read_series(path)
    assert check(path) == []
    assert list(frame) == [
        "district", "name_zh", "name_en", "indicator", "source_system", "area", "year",
        "value", "lower", "upper", "unit", "source", "verified", "evidence",
    ]  # fmt: skip
    assert frame[["indicator", "source_system", "area", "year"]].to_numpy().tolist() == [
        ["neonatal_mortality_rate", "surveillance", "total", 2023],
        ["infant_mortality_rate", "surveillance", "total", 2015],
        ["infant_mortality_rate", "surveillance", "total", 2023],
        ["infant_mortality_rate", "surveillance", "urban", 2015],
        ["infant_mortality_rate", "un_igme", "total", 2015],
    ]
    assert frame["year"].dtype == "int64"
    assert {str(frame[name].dtype) for name in ("value", "lower", "upper")} == {"float64"}
    assert frame.loc[4, ["value", "lower", "upper"]].tolist() == [9.2, 8.3, 10.3]


def test_chinese_headers_names_and_signs(table):
    text = (
        "地区,指标,来源系统,城乡,年份,数值,单位\n"
        "全国,婴儿死亡率,surveillance,城市,2023年,4.5,‰\n全国,住院分娩率,mixed,,2023,99.9,%\n"
    )
    frame = read_series(table(text, encoding="gb18030"))
    assert frame[["district", "indicator", "area", "unit"]].to_numpy().tolist() == [
        ["全国", "infant_mortality_rate", "urban", "per_1000"],
        ["全国", "hospital_delivery_rate", "total", "percent"],
    ]


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            "CHN,infant_mortality,surveillance,total,2023,4.5,,,per_1000",
            "column indicator: must be an indicator of the catalog; got 'infant_mortality'. "
            "Did you mean 'infant_mortality_rate'? `mchepi indicators` lists them.",
        ),
        (
            "CHN,infant_mortality_rate,surveilance,total,2023,4.5,,,per_1000",
            "column source_system: must be one of annual_report, surveillance, un_igme, vital_registration, "
            "published_text, mixed, simulated, not_stated, un_mmeig; got 'surveilance'. "
            "Did you mean 'surveillance'? Write one of them.",
        ),
        (
            "CHN,infant_mortality_rate,surveillance,city,2023,4.5,,,per_1000",
            "column area: must be one of total, urban, rural; got 'city'. Write one of them.",
        ),
        (
            "CHN,infant_mortality_rate,surveillance,total,2021-2023,4.5,,,per_1000",
            "column year: must be one year; got '2021-2023'. Give each year a row of its own.",
        ),
        (
            "CHN,infant_mortality_rate,surveillance,total,2023,,,,per_1000",
            "column value: must be filled in; got ''. Leave the row out where there is no value.",
        ),
        (
            "CHN,infant_mortality_rate,surveillance,total,2023,low,,,per_1000",
            "column value: must be a number, 0 or more; got 'low'. "
            "Write the number alone, in digits: 0 where there was none, nothing where it is not known.",
        ),
        (
            "CHN,infant_mortality_rate,surveillance,total,2023,4.5,,,percent",
            "column unit: must be per_1000, the unit of infant_mortality_rate in the catalog; got 'percent'. "
            "Convert the value and write per_1000.",
        ),
        (
            "CHN,infant_mortality_rate,surveillance,total,2023,4.5,,,per_100",
            "column unit: must be one of number, percent, per_1000, per_10000, per_100000; got 'per_100'. "
            "Did you mean 'per_1000'? Write one of them.",
        ),
        (
            "CHN,infant_mortality_rate,surveillance,total,2023,4.5,5,6,per_1000",
            "column lower: must be at most the value (4.5); got 5. Correct it.",
        ),
        (
            "CHN,infant_mortality_rate,surveillance,total,2023,4.5,4,4.2,per_1000",
            "column upper: must be at least the value (4.5); got 4.2. Correct it.",
        ),
        (
            "CHN,hospital_delivery_rate,surveillance,total,2023,101,,,percent",
            "column value: must be at most 100 percent; got 101. Correct it.",
        ),
        (
            "../x,infant_mortality_rate,surveillance,total,2023,4.5,,,per_1000",
            "column district: must be free of / \\ and control characters; got '../x'. "
            "Take them out of the id.",
        ),
        (
            RIGHT.strip(),
            "column year: must stand once a district, indicator, source system, area and year; "
            "got infant_mortality_rate surveillance total 2023 again. "
            "Delete one of the two rows; a value of another system needs its own source_system.",
        ),
    ],
)
def test_bad_rows(table, row, line):
    first = RIGHT if row == RIGHT.strip() else RIGHT.replace("2023", "2020")
    assert faults(table(f"{HEADER}{first}{row}\n")) == [f"a.csv row 3, {line}"]


def test_women_over_births_may_exceed_100_percent(table):
    row = "CHN,antenatal_care_coverage,mixed,total,2023,100.4,,,percent\n"
    assert read_series(table(HEADER + row)).loc[0, "value"] == 100.4


def test_all_faults_come_together(table):
    path = table(HEADER + "CHN,x,y,z,0,low,,,w\n")
    columns = ["indicator", "source_system", "area", "year", "value", "unit"]
    assert [line.split(":")[0] for line in faults(path)] == [
        f"a.csv row 2, column {name}" for name in columns
    ]


def test_required_columns(table):
    path = table("indicator,value\ninfant_mortality_rate,4.5\n")
    missing = ["district", "source_system", "year", "unit"]
    assert [line.split(":")[0] for line in faults(path)] == [
        f"a.csv row 1, column {name}" for name in missing
    ]


def test_notes_below_the_table_are_left_out(table):
    path = table(f"{HEADER}{RIGHT}Note: provisional\n")
    assert len(read_series(path)) == 1
    assert [found.rule for found in check(path)] == ["note_row"]
