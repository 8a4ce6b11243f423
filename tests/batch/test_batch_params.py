"""Params files: what is read, and how every fault is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mchepi.batch.params import load_params
from mchepi.batch.refusal import Refused
from mchepi.batch.strict_yaml import read_yaml

GOOD = "notebook: toy\ndata: toy\ndistricts: all\n"
Write = Callable[..., str]


def faults(path: str) -> list[str]:
    """All that is said of a params file."""
    try:
        return load_params(Path(path))[1]
    except Refused as refused:
        return list(refused.messages)


def test_the_example_of_the_help_is_read(write_params: Write):
    from mchepi.cli import RUN_MORE

    example = RUN_MORE.split("named after it):\n")[1].split("\n\n")[0]
    params, wrong = load_params(Path(write_params(example, "mortality_published")))
    assert wrong == []
    assert (params.analysis, params.notebook, params.data) == (
        "mortality_published",
        "mortality",
        "published",
    )
    assert (params.reads, params.lang, params.defaults) == ("district", ("zh", "en"), {"year_to": 2023})
    assert params.asked is None
    assert not params.once
    runs = example.replace("districts: all", "#").replace("\n  # ", "\n  ")
    assert load_params(Path(write_params(runs)))[0].asked == (("152223", {"year_from": 2020}),)


def test_what_is_left_out_has_its_default(write_params: Write):
    params, wrong = load_params(Path(write_params(GOOD)))
    assert wrong == []
    assert (params.lang, params.reads, params.defaults, params.once) == (("zh",), "district", {}, False)


def test_reads_all_without_districts_is_run_once(write_params: Write):
    assert load_params(Path(write_params("notebook: toy\ndata: toy\nreads: all\n")))[0].once
    assert not load_params(Path(write_params(GOOD + "reads: all\n")))[0].once


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "notebok: toy\n", "`notebok` is not a key of a params file; did you mean `notebook`?"),
        (GOOD + "zzz: 1\n", "`zzz` is not a key of a params file."),
        ("data: toy\ndistricts: all\n", "the key `notebook` is missing."),
        ("notebook: toy\ndistricts: all\n", "the key `data` is missing."),
        ("notebook: toy\ndata: toy\n", "the key `districts` (all, or a list of ids) or `runs` is missing."),
        (GOOD + "runs: []\n", "give `districts` or `runs`, not both."),
        (
            GOOD.replace("data: toy", "data: 2023"),
            '`data` must be text; got the number 2023; quote it: "2023".',
        ),
        (
            GOOD.replace("notebook: toy", "notebook: notebooks/toy.ipynb"),
            "`notebook` must name a file of notebooks/, without folder and .ipynb; "
            "got 'notebooks/toy.ipynb'.",
        ),
        (GOOD + "reads: everything\n", "`reads` must be district or all; got 'everything'."),
        (
            GOOD + "lang: zh\n",
            "`lang` must be a list of languages, [zh], [en] or [zh, en]; got 'zh'.",
        ),
        (
            GOOD + "lang: [zh, zh]\n",
            "`lang` must be a list of languages, [zh], [en] or [zh, en], each once; got ['zh', 'zh'].",
        ),
        (GOOD + "lang: []\n", "`lang` must be a list of languages, [zh], [en] or [zh, en]; got []."),
        (GOOD + "defaults: 3\n", "`defaults` must be notebook parameters, `name: value`; got 3."),
        (GOOD + "defaults: {lang: en}\n", "defaults: `lang` is set by the key `lang` only."),
        (
            GOOD + 'defaults: {district: "1"}\n',
            "defaults: `district` is set by `districts` or `runs` only.",
        ),
        (
            GOOD.replace("all", "[152223]"),
            'districts, item 1: a district id must be text; got 152223; quote it: "152223".',
        ),
        (
            GOOD.replace("all", '["152223", B01, "152223"]'),
            'the district "152223" is asked for twice; keep one.',
        ),
        (
            GOOD.replace("all", "everything"),
            "`districts` must be all or a list of district ids; got 'everything'.",
        ),
        (
            GOOD.replace("districts: all", "runs: [{year_to: 2020}]"),
            "runs, item 1: the key `district` is missing.",
        ),
        (
            GOOD.replace("districts: all", "runs: [{district: 152223}]"),
            'runs, item 1: a district id must be text; got 152223; quote it: "152223".',
        ),
        (
            GOOD.replace("districts: all", 'runs: [{district: "1", data: other}]'),
            "runs, item 1: `data` is set by the key `data` only.",
        ),
        (
            GOOD.replace("districts: all", "runs: [{district: a}, {district: a}]"),
            'the district "a" is asked for twice; keep one.',
        ),
    ],
)  # fmt: skip
def test_a_fault_is_said_in_one_message(write_params: Write, text: str, message: str):
    assert faults(write_params(text)) == [f"params/toy.yaml: {message}"]


def test_all_faults_of_a_file_are_said_at_once(write_params: Write):
    text = "notebook: 2023-01-01\ndta: toy\nlang: [no]\nlang: [zh]\nruns: [{year: 052223}]\n"
    assert faults(write_params(text)) == [
        'params/toy.yaml, line 1: 2023-01-01 is a date without quotes; write "2023-01-01".',
        'params/toy.yaml, line 3: no means true or false in YAML; write true, false or "no".',
        "params/toy.yaml, line 4: `lang` is given twice; keep one.",
        'params/toy.yaml, line 5: 052223 is not a plain number; write "052223" if it is a code, '
        "else a plain number.",
        "params/toy.yaml: `dta` is not a key of a params file; did you mean `data`?",
        "params/toy.yaml: the key `data` is missing.",
        "params/toy.yaml: `lang` must be a list of languages, [zh], [en] or [zh, en]; got ['no'].",
        "params/toy.yaml: runs, item 1: the key `district` is missing.",
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (GOOD.encode() + "# 扎赉特旗\n".encode("gb18030"), "line 4: not UTF-8; save the file as UTF-8."),
        (b"notebook: [toy\n", "not YAML"),
        (b"\tnotebook: toy\n", "line 1: not YAML"),
        (b"", "must hold `key: value` lines"),
        (b"- toy\n", "must hold `key: value` lines"),
        (b"notebook: toy\x00\n", "is not YAML"),
        (b"a: &a [1]\nb: *a\n", "line 1: anchors (&) and aliases (*) are refused"),
        (b"[" * 100_000, "nested too deeply"),
        (b"a: " + b"x" * 1_000_000, "larger than 1,000,000 bytes"),
    ],
)
def test_what_is_no_params_file_is_refused(write_params: Write, text: bytes, part: str):
    (message,) = faults(write_params(text))
    assert message.startswith("params/toy.yaml")
    assert part in message


def test_an_alias_bomb_is_refused_before_it_grows(write_params: Write):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert "anchors" in faults(write_params("\n".join(lines)))[0]


def test_a_python_object_is_not_made(write_params: Write, tmp_path: Path):
    path = write_params(GOOD + "defaults: {x: !!python/object/apply:os.mkdir [made]}\n")
    assert any("python/object/apply:os.mkdir is refused" in fault for fault in faults(path))
    assert not Path("made").exists()


def test_a_file_that_is_not_there_or_elsewhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert faults("params/no.yaml") == ["params/no.yaml does not exist."]
    assert faults("toy.txt") == ["toy.txt is not a params file; its name must end in .yaml."]
    (tmp_path / "toy.yaml").write_text(GOOD, "utf-8")
    assert faults("toy.yaml") == [
        "toy.yaml must lie in a folder named params, with notebooks and data beside it."
    ]


def test_an_analysis_has_a_plain_name(write_params: Write):
    assert faults(write_params(GOOD, "死亡")) == [
        "params/死亡.yaml: the analysis is named after the file, so use letters, digits, - and _ only."
    ]


def test_data_beside_the_params_are_known_by_name(write_params: Write, project: Path):
    def dataset(written: str) -> str | Path:
        return load_params(Path(write_params(GOOD.replace("data: toy", f"data: {written}"))))[0].dataset

    assert dataset("toy") == "toy"
    assert dataset("../data/toy") == "toy"
    assert dataset("../elsewhere/toy") == project / "elsewhere" / "toy"
    assert dataset("/far/away") == Path("/far/away")


def test_yaml_is_read_as_it_looks(tmp_path: Path):
    path = tmp_path / "a.yaml"
    path.write_text('a: 1\nb: -1.5\nc: true\nd: text\ne: "1"\nf: [x, 2]\ng: {h: ~}\n', "utf-8")
    values, wrong = read_yaml(path, "a.yaml")
    assert wrong == []
    assert values == {"a": 1, "b": -1.5, "c": True, "d": "text", "e": "1", "f": ["x", 2], "g": {"h": None}}


@pytest.mark.parametrize("written", ["0x1F", "1_000", "0o17", "12:30:45", ".inf", ".nan", "1.", "yes", "Off"])
def test_yaml_that_is_read_otherwise_than_it_looks_is_refused(tmp_path: Path, written: str):
    path = tmp_path / "a.yaml"
    path.write_text(f"a: {written}\n", "utf-8")
    values, wrong = read_yaml(path, "a.yaml")
    if values["a"] != written or written not in ("0o17", "12:30:45"):  # YAML 1.1 reads these two as text
        assert len(wrong) == 1
        assert written in wrong[0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "1.0e+400",
            '1.0e+400 is not a plain number; write "1.0e+400" if it is a code, else a plain number.',
        ),
        (
            "9" * 2000,
            f'{"9" * 99}… is not a plain number; write "{"9" * 99}…" if it is a code, else a plain number.',
        ),
        ('"a\\0b"', "'a\\x00b' holds a control character or half of one; take it out."),
        ('"\\e[2J"', "'\\x1b[2J' holds a control character or half of one; take it out."),
        ('"\\ud800"', "'\\ud800' holds a control character or half of one; take it out."),
    ],
)
def test_a_value_that_no_notebook_should_get_is_refused(write_params: Write, value: str, message: str):
    assert faults(write_params(GOOD + f"defaults: {{x: {value}}}\n")) == [
        f"params/toy.yaml, line 4: {message}"
    ]


@pytest.mark.parametrize("asked", ['districts: [""]', 'runs: [{district: ""}]'])
def test_an_empty_id_does_not_ask_for_all(write_params: Write, asked: str):
    (fault,) = faults(write_params(GOOD.replace("districts: all", asked)))
    assert fault.endswith("item 1: a district id must be text; got ''.")


def test_a_long_faulty_value_is_not_repeated_in_full(write_params: Write):
    (fault,) = faults(
        write_params(GOOD.replace("all", "{" + ", ".join(f"a{n}: 1" for n in range(999)) + "}"))
    )
    assert len(fault) < 200
    assert fault.endswith("….")


def test_thousands_of_repeated_ids_are_found_at_once(write_params: Write):
    ids = ", ".join(f"d{n}" for n in range(5000))
    wrong = faults(write_params(GOOD.replace("all", f"[{ids}, {ids}]")))
    assert len(wrong) == 21
    assert wrong[0] == 'params/toy.yaml: the district "d0" is asked for twice; keep one.'
    assert wrong[-1] == "params/toy.yaml: and 4980 more of this kind."
