"""dataset.yaml: every fault by its whole message."""

from __future__ import annotations

import pytest

from mchepi.intake import DataError, check, open_dataset

KINDS = (
    "counts, series, quotas, neighbors, outlines, "
    "births, deaths, hemoglobin, growth, newborn_screening, cervical_screening, emtct"
)
RIGHT = {
    "title_zh": "本地数据",
    "title_en": "Local data",
    "source_zh": "年报",
    "source_en": "annual report",
    "licence": "internal",
    "simulated": "false",
    "period": "mch_year",
    "population_basis": "registered",
    "source_system": "annual_report",
    "status": "final",
    "tables": "{counts: counts.csv}",
}


@pytest.fixture
def declared(table):
    def write(text: str | None = None, **changes: str | None) -> None:
        table("district,year,live_births\nA,2023,5\n", "counts.csv")
        fields = {key: value for key, value in {**RIGHT, **changes}.items() if value is not None}
        lines = "".join(f"{key}: {value}\n" for key, value in fields.items())
        table(lines if text is None else text, "dataset.yaml")

    return write


def faults() -> list[str]:
    with pytest.raises(DataError) as caught:
        open_dataset("./")
    assert [str(found) for found in check(".")] == str(caught.value).split("\n")
    return str(caught.value).split("\n")


def test_a_right_declaration(declared):
    declared(name="own", note_zh="说明")
    opened = open_dataset("./").declaration
    assert (opened.name, opened.note_zh, opened.note_en, opened.simulated) == ("own", "说明", "", False)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"perod": "x"},
            "must have no other keys than a dataset's; got 'perod'. "
            "Did you mean 'period'? Rename it or take it out.",
        ),
        ({"licence": None}, "must state `licence`; it is missing. Add it; where it is not known, say so."),
        ({"tables": None}, "must state `tables`; it is missing. Add it; where it is not known, say so."),
        (
            {"period": "yearly"},
            "`period` must be one of mch_year, calendar_year, quarter, year_to_date, multi_year, not_stated; "
            "got 'yearly'. Write not_stated where it is not known.",
        ),
        ({"simulated": "maybe"}, "`simulated` must be true or false; got 'maybe'. Write one of the two."),
        ({"title_en": "2023"}, "`title_en` must be text; got 2023. Write it in quotes."),
        (
            {"tables": "counts.csv"},
            "must name its tables as `tables: {counts: counts.csv}`; got 'counts.csv'. "
            f"The keys are {KINDS}.",
        ),
        (
            {"tables": "{count: counts.csv}"},
            f"must name tables of the kinds {KINDS}; got 'count'. Did you mean 'counts'? Rename it.",
        ),
        (
            {"tables": "{counts: ../counts.csv}"},
            "must name counts as a file of this folder; got '../counts.csv'. "
            "Write the file's name alone, such as counts.csv.",
        ),
        (
            {"tables": "{counts: count.csv}"},
            "must name a file of this folder as counts; there is no 'count.csv'. "
            "Did you mean 'counts.csv'? Correct the name.",
        ),
    ],
)
def test_faults(declared, changes, message):
    declared(**changes)
    assert faults() == [f"dataset.yaml: {message}"]


def test_all_faults_come_together(declared):
    declared(perod="x", licence=None, status="done", simulated="true", tables="{series: none.csv}")
    assert [line.split("; ")[0] for line in faults()] == [
        "dataset.yaml: must have no other keys than a dataset's",
        "dataset.yaml: must state `licence`",
        "dataset.yaml: must name a file of this folder as series",
        "dataset.yaml: `status` must be one of provisional, final, not_stated",
        "dataset.yaml: `simulated` must agree with `source_system`",
    ]


def test_a_text_that_is_no_yaml(declared):
    declared("title_zh: a\ntitle_en: b: c\n")
    assert faults() == [
        "dataset.yaml row 2: must be YAML; it cannot be read here. "
        "Write `key: value` lines; put a text that holds `: ` or `#` in quotes."
    ]


def test_a_yaml_that_is_no_mapping(declared):
    declared("- counts.csv\n")
    assert faults() == [
        "dataset.yaml: must be `key: value` lines; got list. "
        "Write name, title_zh, title_en (first three of 15) and so on, each with its value."
    ]
