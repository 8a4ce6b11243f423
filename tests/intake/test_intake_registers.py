"""Registers of individual records: what is handed out, what is said of them, and what never leaves them."""

from __future__ import annotations

import datetime
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.intake import DataError, Dataset, check, open_dataset
from mchepi.intake.registers import recognize, schemas
from mchepi.intake.registers.handed_out import columns_of, completed_months
from mchepi.intake.registers.reading import NO_DATE
from mchepi.intake.registers.values import cigarettes, date, label, weeks
from mchepi.outcomes import completed_months as months_of_the_outcomes

DECLARED = """\
title_zh: 本地数据
title_en: Local data
source_zh: 登记册
source_en: registers
licence: internal
simulated: false
period: {period}
population_basis: resident
source_system: annual_report
status: final
tables: {{counts: counts.csv, {tables}}}
"""
COUNTS = "district,name_zh,name_en,year,live_births\nA,甲旗,Jia,2024,3\nB,乙旗,Yi,2024,2\n"
BIRTHS = """\
record_id,district,birth_date,outcome,sex,birth_weight,gestation_weeks
K1,A,2024-01-05,live_birth,male,3200,38+3
K2,B,2024-03-07,live_birth,female,2900,39
K3,A,2024-10-02,stillbirth,,,28
"""


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def write(counts: str = COUNTS, period: str = "calendar_year", **registers: str | bytes) -> Path:
        tables = ", ".join(f"{name}: {name}.csv" for name in registers)
        Path("dataset.yaml").write_text(DECLARED.format(period=period, tables=tables), "utf-8")
        Path("counts.csv").write_text(counts, "utf-8")
        for name, content in registers.items():
            data = content if isinstance(content, bytes) else content.encode()
            Path(f"{name}.csv").write_bytes(data)
        return tmp_path

    return write


def opened(folder: Path) -> Dataset:
    return open_dataset(folder)


def found(folder: Path, severity: str = "finding") -> list[tuple[str, int | None, str | None]]:
    return [(one.rule, one.row, one.column) for one in check(folder) if one.severity == severity]


def test_births_without_ids_or_dates(dataset):
    data = opened(dataset(births=BIRTHS))
    assert data.registers() == ["births"]
    born = data.register("births", "甲旗")
    assert born["record_id"].tolist() == [1, 2]
    assert born["year"].tolist() == [2024, 2024]
    assert born["mch_year"].tolist() == [2024, 2025]
    assert born["month"].tolist() == [1, 10]
    assert born["gestation_weeks"].tolist() == [38 + 3 / 7, 28]
    assert born["outcome"].tolist() == ["live_birth", "stillbirth"]
    assert data.register("births")["district"].tolist() == ["A", "B", "A"]


def test_chinese_headers_words_titles_units_notes_and_gb18030(dataset):
    text = (
        "出生登记表（2024年）,,,,,\n"
        "儿童编号,姓名,旗县,出生日期,分娩结局,出生体重(g)\n"
        "K1,王某,甲旗,2024年1月5日,活产,3200\n"
        ",,,,,\n"
        "K2,李某,乙旗,2024/3/7 08:15,死胎,\n"
        "填表人：赵某,,,,,\n"
    )
    folder = dataset(births=text.encode("gb18030"))
    born = opened(folder).register("births")
    assert born[["district", "outcome", "month"]].to_numpy().tolist() == [
        ["A", "live_birth", 1],
        ["B", "stillbirth", 3],
    ]
    said = check(folder)
    assert {one.rule for one in said} == {"encoding", "title_row", "column_left_out", "note_row"}
    assert [one.row for one in said if one.rule == "note_row"] == [6]
    (left_out,) = (one for one in said if one.rule == "column_left_out")
    assert left_out.column == "姓名"
    assert not any("某" in str(one) for one in said)


def test_a_death_has_the_number_of_its_birth(dataset):
    deaths = (
        "record_id,district,birth_date,death_date,kind,cause\n"
        "K3,B,2024-02-01,2024-02-03,child,\n"
        "K3,A,2024-10-02,2024-10-04,child,P07.2\n"
        ",A,1990-05-01,2024-05-01,maternal,O72.1\n"
        ",A,1991-05-01,2024-08-01,maternal,O72.1\n"
        "K9,A,2020-02-29,2024-02-28,child,W69\n"
    )
    data = opened(dataset(births=BIRTHS, deaths=deaths))
    died = data.register("deaths", "A")
    assert died["record_id"].tolist() == [2, 3, 4, 5]
    assert died["age_days"].tolist()[:1] == [2]
    assert died["age_months"].tolist() == [0, 34 * 12, 33 * 12 + 3, 47]
    assert died["birth_year"].tolist() == [2024, 1990, 1991, 2020]
    assert died["days_since_previous"].isna().tolist() == [False, True, False, True]
    assert died["days_since_previous"].dropna().tolist() == [219, 92]
    assert data.register("deaths", "B")["record_id"].tolist() == [2]


def test_newborns_have_days_to_steps_and_are_censored_where_the_register_ends(dataset):
    text = (
        "record_id,district,birth_date,program,screened_date,result,diagnosed_date,diagnosis,closed_date\n"
        "K1,A,2024-01-01,听力,2024-01-03,未通过,2024-03-01,是,\n"
        "K2,A,2024-02-01,听力,2024-02-04,通过,,,2024-02-20\n"
        "K3,A,2024-05-01,hearing,,,,,\n"
        "K4,B,2024-01-01,hearing,2024-01-02,refer,,,\n"
    )
    data = opened(dataset(newborn_screening=text))
    born = data.register("newborn_screening", "A")
    assert born["days_to_screened"].tolist()[:2] == [2, 3]
    assert born["days_to_diagnosed"].tolist()[:1] == [60]
    assert born["days_to_diagnosed"].isna().tolist() == [False, True, True]
    assert born["observed_days"].tolist() == [121, 19, 0]
    assert data.register("newborn_screening", "B")["observed_days"].tolist() == [1]
    assert born["diagnosis"].dtype == "boolean"


def test_strata_and_clusters_are_running_numbers(dataset):
    text = (
        "district,birth_date,exam_date,hemoglobin,unit,stratum,cluster,cigarettes,weight\n"
        "A,2022-01-01,2024-01-01,112,g/L,牧区,巴音村,,1.5\n"
        "A,2022-01-01,2024-01-01,113,g/L,城区,城关村,unknown,1\n"
        "A,2022-01-01,2024-01-01,114,g/L,牧区,,5,1\n"
        "B,2022-01-01,2024-01-01,115,g/L,城区,城关村,,1\n"
    )
    tested = opened(dataset(hemoglobin=text)).register("hemoglobin")
    assert tested["stratum"].tolist() == [1, 2, 1, 1]
    assert tested["cluster"].tolist() == [1, 2, pd.NA, 1]
    assert tested["cigarettes"].tolist()[1:3] == ["unknown", 5.0]
    assert tested["age_months"].tolist() == [24] * 4


def test_the_unit_may_stand_in_the_header(dataset):
    row = "A,2022-01-01,2024-01-01,"
    text = f"旗县,出生日期,检查日期,血红蛋白(g/dL)\n{row}11.2\n{row}112\n"
    folder = dataset(hemoglobin=text)
    assert opened(folder).register("hemoglobin")["unit"].tolist() == ["g/dL", "g/dL"]
    assert found(folder) == [("implausible", 3, "血红蛋白(g/dL)")]


def test_one_district_needs_no_column_of_districts(dataset):
    one = COUNTS.replace("B,乙旗,Yi,2024,2\n", "")
    births = "record_id,birth_date,outcome\nK1,2024-01-05,live_birth\n"
    assert opened(dataset(counts=one, births=births)).register("births", "A")["year"].tolist() == [2024]
    folder = dataset(births=births)
    assert found(folder, "error") == [("required_column", 2, "district")]


def test_years_are_those_of_the_dataset(dataset):
    assert len(opened(dataset(births=BIRTHS)).register("births", year_from=2025)) == 0
    folder = dataset(period="mch_year", births=BIRTHS.replace("K2,B,2024-03-07", "K2,B,"))
    data = opened(folder)
    assert data.register("births", year_from=2025)["month"].tolist() == [pd.NA, 10]
    assert data.register("births", year_to=2024)["month"].tolist() == [1, pd.NA]
    with pytest.raises(ValueError, match="`year_from` must be at most"):
        data.register("births", year_from=2025, year_to=2024)


@pytest.mark.parametrize("name", list(schemas()))
def test_a_register_that_is_not_there_is_an_empty_table_of_the_same_columns(dataset, name: str):
    data = opened(dataset())
    assert data.registers() == []
    empty = data.register(name, "A")
    assert len(empty) == 0
    assert {column: str(dtype) for column, dtype in empty.dtypes.items()} == columns_of(schemas()[name])


def test_unknown_registers_and_districts_are_refused(dataset):
    data = opened(dataset(births=BIRTHS))
    with pytest.raises(ValueError, match=r"Did you mean 'births'\?"):
        data.register("birth")
    with pytest.raises(ValueError, match="must be a district of the dataset"):
        data.register("births", "C")


def test_registers_alone_are_a_dataset_of_districts_and_years_without_counts(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("births.csv").write_text(BIRTHS, "utf-8")
    data = open_dataset(tmp_path / "births.csv")
    rows = data.read()
    assert rows.columns.tolist() == ["district", "name_zh", "name_en", "year"]
    born = data.register("births")
    assert set(zip(rows["district"], rows["year"], strict=True)) == set(
        zip(born["district"], born["year"], strict=True)
    )
    assert data.districts() == {id: (id, id) for id in rows["district"]}
    assert len(data.digest(rows["district"][0])) == 64
    assert check("births.csv") == []


def test_registers_alone_must_name_their_districts(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("births.csv").write_text("record_id,birth_date,outcome\nK,2024-01-01,live_birth\n", "utf-8")
    with pytest.raises(DataError, match="must have a column district: no table of counts says whose rows"):
        open_dataset(tmp_path / "births.csv")


FAULTY = """\
record_id,district,birth_date,program,screened_date,result,diagnosed_date,closed_date
K1,A,2024-01-05,hearing,2024-01-03,negative,,
K1,A,2024-01-05,hearing,2024-01-03,negative,,
K2,A,2024-01-05,hearing,2024-01-07,positive,2024-01-06,2024-03-01
K2,A,2024-01-05,hearing,2024-01-08,positive,,2024-01-01
K3,A,2099-01-01,hearing,,-1,,
K4,B,,heart,2024-01-08,-2,,
"""


def test_faults_across_dates_and_rows_are_findings_and_leave_no_false_interval(dataset):
    folder = dataset(newborn_screening=FAULTY)
    assert found(folder) == [
        ("date_order", 2, "screened_date"),
        ("repeated_row", 3, None),
        ("date_order", 4, "diagnosed_date"),
        ("date_order", 5, "closed_date"),
        ("duplicate_record", 5, "record_id, program"),
        ("missing_code", 6, "result"),
        ("future_date", 6, "birth_date"),
        ("missing_value", 7, "birth_date"),
    ]
    data = opened(folder)
    born = data.register("newborn_screening", "A")
    assert len(born) == 4
    assert born["days_to_screened"].isna().tolist() == [True, False, False, True]
    assert born["observed_days"].isna().tolist() == [False, False, True, True]
    remarks = data.register_remarks("A").set_index(["rule", "column"])["rows"]
    assert remarks.to_dict() == {
        ("date_order", "screened_date"): 1,
        ("date_order", "closed_date"): 1,
        ("date_order", "diagnosed_date"): 1,
        ("duplicate_record", "record_id;program"): 1,
        ("future_date", "birth_date"): 1,
        ("missing_code", "result"): 1,
        ("repeated_row", ""): 1,
    }
    assert data.register_remarks("B")["rule"].tolist() == ["missing_value", "missing_code"]


@pytest.mark.parametrize(
    ("old", "new", "rule", "column"),
    [
        ("2024-01-05", "05.01.2024", "date", "birth_date"),
        ("2024-01-05", "2023-02-29", "date", "birth_date"),
        ("2024-01-05", "45296", "date", "birth_date"),
        ("live_birth,male", "alive,male", "word", "outcome"),
        ("3200", "3.2kg", "number", "birth_weight"),
        ("3200", "-5", "not_negative", "birth_weight"),
        ("38+3", "38+8", "number", "gestation_weeks"),
        ("K1,A", "K1,C", "district", "district"),
        ("K1,A", "K1,", "district", "district"),
    ],
)
def test_a_cell_that_cannot_be_read_is_an_error_that_shows_no_cell(dataset, old, new, rule, column):
    folder = dataset(births=BIRTHS.replace(old, new, 1))
    (error,) = (one for one in check(folder) if one.severity == "error")
    assert (error.rule, error.row, error.column, error.value) == (rule, 2, column, None)
    assert new.split(",")[-1] == "" or new.split(",")[0] not in error.message
    with pytest.raises(DataError) as raised:
        opened(folder).register("births", "A")
    assert str(raised.value) == str(error)


def test_the_faults_of_all_registers_come_at_once(dataset):
    folder = dataset(births=BIRTHS.replace("2024-01-05", "x"), emtct="record_id,district\nE1,A\n")
    with pytest.raises(DataError) as raised:
        opened(folder).read_registers()
    assert [one.rule for one in raised.value.findings if one.severity == "error"] == [
        "date",
        "required_column",
        "required_column",
    ]


@pytest.mark.parametrize(
    ("text", "rule", "row"),
    [
        ("record_id,district,birth_date,outcome\n\n", "no_rows", None),
        ("record_id,district,birth_date,outcome\nK1,A,2024-01-05,live_birth,extra\n", "width", 2),
        (
            "record_id,district,birth_date,outcome\nK1,A,2024-01-05,live_birth\nK,A,2024-01-05,1,2,3,4\n",
            "width",
            3,
        ),
        ('record_id,district,birth_date,outcome\nK1,A,"2024-01-05,live_birth\n', "quotation_marks", 2),
        ("record_id,编号,district,birth_date,outcome\nK1,1,A,2024-01-05,1\n", "duplicate_column", 1),
        ("record_id,district,outcome\nK1,A,1\n", "required_column", 1),
    ],
)
def test_a_file_that_is_no_register_is_refused(dataset, text, rule, row):
    folder = dataset(births=text)
    errors = [one for one in check(folder) if one.severity == "error"]
    assert [(one.rule, one.row) for one in errors] == [(rule, row)]


def test_packed_and_parquet_files_are_read(dataset, monkeypatch):
    data = opened(dataset(births=gzip.compress(BIRTHS.encode())))
    plain = data.register("births")
    assert len(plain) == 3
    folder = dataset(births=BIRTHS)
    frame = pd.read_csv("births.csv", parse_dates=["birth_date"])
    monkeypatch.setattr(pd, "read_parquet", lambda path: frame)
    (folder / "births.csv").rename(folder / "births.parquet")
    text = (folder / "dataset.yaml").read_text("utf-8").replace("births.csv", "births.parquet")
    (folder / "dataset.yaml").write_text(text, "utf-8")
    pd.testing.assert_frame_equal(opened(folder).register("births"), plain)
    assert recognize(frame.columns).name == "births"


def test_a_damaged_packed_file_is_refused(dataset):
    folder = dataset(births=gzip.compress(BIRTHS.encode())[:40])
    (error,) = check(folder)
    assert error.message == "must be a whole file; got a packed file that is damaged"


def test_the_digest_is_that_of_what_is_handed_out(dataset):
    first = opened(dataset(births=BIRTHS))
    a, b, everything = first.digest("A"), first.digest("B"), first.digest()
    for same in (BIRTHS.replace("K1,", "X1,"), BIRTHS.replace("2024-01-05", "2024-01-06")):
        assert opened(dataset(births=same)).digest("A") == a
    changed = opened(dataset(births=BIRTHS.replace("2900", "2910")))
    assert (changed.digest("A"), changed.digest("B") == b) == (a, False)
    assert changed.digest() != everything
    repeated = opened(dataset(births=BIRTHS + "K3,A,2024-10-02,stillbirth,,,28\n"))
    assert len(repeated.register("births", "A")) == 2
    assert repeated.digest("A") != a  # a page may say that a row was left out


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (["record_id", "district", "birth_date", "outcome"], "births"),
        (["编号", "旗县", "出生日期", "死亡日期", "死亡类别"], "deaths"),
        (["出生日期", "检查日期", "性别", "体重(kg)", "身高(cm)"], "growth"),
        (["出生日期", "检查日期", "血红蛋白(g/L)"], "hemoglobin"),
        (["编号", "出生日期", "筛查项目", "初筛日期"], "newborn_screening"),
        (["检查日期", "筛查方法", "筛查结果", "年龄"], "cervical_screening"),
        (["分娩日期", "感染病种"], "emtct"),
    ],
)
def test_registers_are_recognized_by_their_columns(headers, name):
    assert recognize(headers).name == name
    assert recognize([*headers, "姓名", "年份"]).name == name


def test_counts_and_series_are_no_registers():
    for folder in ("published", "example_region", "nc_sids", "national"):
        for file in (Path(__file__).parents[2] / "data" / folder).glob("*.csv"):
            assert recognize(file.read_text("utf-8").splitlines()[0].split(",")) is None, file


def test_a_list_of_persons_that_lacks_a_column_is_not_read_as_counts(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("编号,姓名,旗县,年份,出生日期\nK1,王某,甲旗,王某,2024-01-05\n", "utf-8")
    found = check("a.csv")
    assert {one.rule for one in found} == {"required_column", "column_left_out"}
    assert not any("王某" in str(one) for one in found)


def test_every_header_of_a_register_names_one_column():
    for schema in schemas().values():
        for name, column in schema.columns.items():
            for word in (name, *column.synonyms):
                assert schema.column_of(word) == name, (schema.name, word)


@settings(max_examples=40, deadline=None)
@given(
    st.dates(datetime.date(1990, 1, 1), datetime.date(2025, 12, 31)),
    st.integers(min_value=0, max_value=3000),
)
def test_ages_are_those_of_the_outcomes(birth: datetime.date, days: int):
    first = np.array([birth.toordinal() - datetime.date(1970, 1, 1).toordinal()])
    later = birth + datetime.timedelta(days)
    assert completed_months(first, first + days)[0] == months_of_the_outcomes(str(birth), str(later))
    assert np.isnan(completed_months(first, first - 1)[0])
    assert np.isnan(completed_months(first, np.array([NO_DATE]))[0])


@settings(max_examples=40, deadline=None)
@given(st.dates(datetime.date(1902, 1, 1), datetime.date(2100, 12, 31)))
def test_dates_are_read_in_all_forms(day: datetime.date):
    days = day.toordinal() - datetime.date(1970, 1, 1).toordinal()
    forms = ["{0}-{1:02}-{2:02}", "{0}/{1}/{2}", "{0}.{1}.{2}", "{0}年{1}月{2}日", "{0}{1:02}{2:02}"]
    assert {date(form.format(day.year, day.month, day.day)) for form in forms} == {days}


def test_cells_of_registers():
    assert [date(text) for text in ("", "-1", "不详", "1900-01-01", "0000-00-00")] == [None] * 5
    assert [weeks(text) for text in ("38", "38周3天", "38+3")] == [38, 38 + 3 / 7, 38 + 3 / 7]
    assert (weeks("38.5"), weeks("")) == (38.5, None)
    assert [cigarettes(text) for text in ("5", "不详", "unknown", "")] == [5, "unknown", "unknown", None]
    assert label("出生窒息 P21.9") == "出生窒息 P21.9"
    assert label("13800001111").rule == label("长" * 61).rule == "label"


def test_the_committed_registers_show_what_was_planted_and_nothing_else():
    folder = Path(__file__).parents[2] / "data" / "example_registers"
    planted = pd.read_csv(folder / "faults.csv").query("nature == 'entry'")
    wanted = {(row.register, row.kind, int(row.row)) for row in planted.itertuples()}
    seen = set()
    for one in check(folder):
        if one.severity != "note":
            _, _, several = one.message.partition("in rows ")
            rows = [int(word) for word in several.split(", ")] if several else [one.row]
            seen |= {(Path(one.file).stem, one.rule, row) for row in rows}
    assert seen == wanted


@pytest.mark.parametrize("delimiter", ["\t", ";", "，"])
def test_other_delimiters_and_short_rows(dataset, delimiter: str):
    text = BIRTHS.replace(",", delimiter).replace(f"{delimiter}{delimiter}{delimiter}28", "")
    plain = opened(dataset(births=BIRTHS.replace(",,,28", ""))).register("births")
    pd.testing.assert_frame_equal(opened(dataset(births=text)).register("births"), plain)


CLOSED = """\
record_id,district,birth_date,program,screened_date,closed_date,结案原因
a,A,2024-01-01,hearing,2024-01-03,2024-03-01,死亡
b,A,2024-01-01,hearing,2024-01-03,2024-03-01,迁出
c,A,2024-01-01,hearing,2024-01-03,2024-03-01,拒绝
d,A,2024-01-01,hearing,2024-01-03,2024-03-01,失访
e,A,2024-01-01,hearing,2024-01-03,2024-03-01,
f,A,2024-01-01,hearing,2024-01-03,,死亡
g,A,2024-01-01,hearing,2024-01-03,,
h,A,2024-12-31,hearing,2024-12-31,,
"""


def test_the_reason_of_closing_decides_for_how_long_a_child_is_watched(dataset):
    born = opened(dataset(newborn_screening=CLOSED)).register("newborn_screening", "A")
    assert born["observed_days"].fillna(-1).tolist() == [60, 60, 365, 365, 60, -1, 365, 0]
    assert born["followed"].tolist() == [False, False, True, True, False, False, True, True]
    assert born["closed_reason"].fillna("").tolist() == [
        "died",
        "moved",
        "refused",
        "lost",
        "",
        "died",
        "",
        "",
    ]


def test_a_reason_that_is_no_word_of_the_table_is_refused(dataset):
    with pytest.raises(DataError, match="must be one of died, moved, refused, lost; got something else"):
        opened(dataset(newborn_screening=CLOSED.replace("失访", "去向不明"))).register("newborn_screening")


def test_a_register_without_reasons_is_read_as_before(dataset):
    plain = "\n".join(",".join(line.split(",")[:6]) for line in CLOSED.splitlines())
    born = opened(dataset(newborn_screening=plain)).register("newborn_screening", "A")
    assert born["observed_days"].tolist() == [60, 60, 60, 60, 60, 365, 365, 0]
    assert born["closed_reason"].isna().all()
