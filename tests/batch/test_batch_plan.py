"""From params files to runs; everything is refused that can be, and no process is started for that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from toy_project import DISTRICTS, PARAMETERS, ToyDataset, code, notebook, open_toy, prose, write_project

from mchepi.batch import Plan, Refused, plan_runs

GOOD = "notebook: toy\ndata: toy\ndistricts: all\n"
Write = Callable[..., str]


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planning starts no process: neither a worker nor a kernel."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("multiprocessing.process.BaseProcess.start", refuse)
    monkeypatch.setattr("jupyter_client.launcher.Popen", refuse)


def plan(*paths: str, **options: object) -> Plan:
    return plan_runs(paths, open_dataset=open_toy, **options)


def refusal(*paths: str, **options: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        plan(*paths, **options)
    assert not Path("outputs").exists()
    return list(refused.value.messages)


def test_every_district_is_run_once_a_language(write_params: Write):
    made = plan(write_params(GOOD + "lang: [en, zh]\n"))
    (analysis,) = made.analyses
    assert [(run.lang, run.district) for run in analysis.runs] == [
        (lang, district) for lang in ("en", "zh") for district in DISTRICTS
    ]
    assert made.size == 12
    assert analysis.runs[0].names == ("扎赉特旗", "Jalaid Banner")
    assert analysis.runs[0].parameters == {"data": "toy", "district": "152223", "lang": "en"}


def test_precedence_is_defaults_then_run_then_command_line(write_params: Write):
    text = (
        "notebook: toy\ndata: toy\nlang: [zh]\ndefaults: {year_to: 2023, confidence_level: 1}\n"
        'runs: [{district: "152223", year_to: 2020}, {district: B01}]\n'
    )
    first, second = plan(write_params(text), lang="en").analyses[0].runs
    assert first.parameters["year_to"] == 2020
    assert second.parameters["year_to"] == 2023
    assert repr(first.parameters["confidence_level"]) == "1.0"
    assert {first.lang, second.lang, first.parameters["lang"]} == {"en"}
    assert "groups" not in first.parameters


def test_what_is_read_decides_the_digest(write_params: Write):
    def digests(text: str) -> list[str]:
        return [run.slice_sha256 for run in plan(write_params(text)).analyses[0].runs]

    def sha256(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    listed = GOOD.replace("all", "[B01]")
    assert digests(listed) == [sha256("B01")]
    assert digests(listed + "reads: all\n") == [sha256("None")]


def test_reads_all_without_districts_is_one_run(write_params: Write):
    path = write_params("notebook: toy\ndata: toy\nreads: all\n")
    (run,) = plan(path).analyses[0].runs
    assert (run.district, run.folder, run.parameters["district"]) == ("all", "all", "all")
    assert plan(path, only=["all"]).size == 1
    assert refusal(path, only=["B01"]) == [
        "--only: B01 is in the data, but none of the params files asks for it."
    ]


def test_inputs_are_hashed_by_their_path_in_the_project(write_params: Write, project: Path):
    (analysis,) = plan(write_params(GOOD)).analyses
    content = (project / "data/toy/counts.csv").read_bytes()
    assert analysis.inputs == {"data/toy/counts.csv": hashlib.sha256(content).hexdigest()}
    template = (project / "notebooks/toy.ipynb").read_bytes()
    assert analysis.notebook_sha256 == hashlib.sha256(template).hexdigest()


def test_outside_the_project_data_are_an_absolute_path(write_params: Write, project: Path, tmp_path: Path):
    def data(written: str, output: str | Path) -> object:
        path = write_params(GOOD.replace("data: toy", f"data: {written}"))
        return plan(path, output=output).analyses[0].runs[0].parameters["data"]

    (project / "other").mkdir()
    (project / "data" / "toy").rename(project / "other" / "toy")
    assert data("../other/toy", "outputs") == str(project / "other" / "toy")
    (project / "other" / "toy").rename(project / "data" / "toy")
    assert data("toy", "outputs") == "toy"
    assert data("toy", project / "out" / "deep") == "toy"
    assert data("toy", tmp_path / "elsewhere") == str(project / "data" / "toy")


def test_a_data_file_that_cannot_be_read_is_refused(write_params: Write, project: Path):
    (project / "data" / "toy" / "counts.csv").unlink()
    assert refusal(write_params(GOOD)) == [
        "params/toy.yaml: data/toy/counts.csv cannot be read: No such file or directory."
    ]


def test_only_takes_ids_and_names(write_params: Write):
    path = write_params(GOOD)
    chosen = plan(path, only=["Error County", "152223", "扎赉特旗"]).analyses[0].runs
    assert [run.district for run in chosen] == ["152223", "B01"]


def test_only_over_several_files_keeps_those_that_have_the_district(write_params: Write):
    all_of_them, one = write_params(GOOD), write_params(GOOD.replace("all", "[K01]"), "one")
    made = plan(all_of_them, one, only=["B01"])
    assert [analysis.params.analysis for analysis in made.analyses] == ["toy"]
    assert plan(all_of_them, one, only=["K01"]).size == 2
    assert refusal(one, only=["B01"]) == [
        "--only: B01 is in the data, but none of the params files asks for it."
    ]


def test_an_unknown_district_is_refused_with_the_nearest(write_params: Write):
    path = write_params(GOOD)
    assert refusal(path, only=["152233", "Jalaid Baner", "zzz"]) == [
        '--only: the data have no district "152233"; did you mean "152223" (扎赉特旗 Jalaid Banner)?',
        '--only: the data have no district "Jalaid Baner"; did you mean "152223" (扎赉特旗 Jalaid Banner)?',
        '--only: the data have no district "zzz".',
    ]
    assert refusal(write_params(GOOD.replace("all", '["152224", B01]'))) == [
        'params/toy.yaml: the data have no district "152224"; did you mean "152223" (扎赉特旗 Jalaid Banner)?'
    ]


def test_thousands_of_unknown_districts_are_named_in_part(write_params: Write):
    said = refusal(write_params(GOOD.replace("all", "[" + ", ".join(f"x{n}" for n in range(3000)) + "]")))
    assert len(said) == 21
    assert said[0] == 'params/toy.yaml: the data have no district "x0".'
    assert said[-1] == "and 2980 more of this kind."


def test_a_name_of_several_districts_is_refused(write_params: Write, project: Path):
    twins = ToyDataset(project / "data/toy", {"1": ("城区", ""), "2": ("城区", "")})
    with pytest.raises(Refused, match="城区 is the name of several districts; give an id of 1, 2"):
        plan_runs([write_params(GOOD)], open_dataset=lambda data, start=None: twins, only=["城区"])


def test_faults_of_all_files_are_said_together(write_params: Write):
    first = write_params(GOOD + "notebok: x\ndefaults: {yaer_to: 2020, strict: 1}\n")
    second = write_params(
        "notebook: toi\ndata: toy\nlang: [zh]\nruns: [{district: B02, year_to: x}, {district: 7}]\n", "second"
    )
    assert refusal(first, second) == [
        "params/toy.yaml: `notebok` is not a key of a params file; did you mean `notebook`?",
        "params/toy.yaml: defaults: `yaer_to` is not a parameter of notebooks/toy.ipynb; "
        "did you mean `year_to`?",
        "params/toy.yaml: defaults: `strict` must be true or false; got 1.",
        'params/second.yaml: runs, item 2: a district id must be text; got 7; quote it: "7".',
        "there is no notebook notebooks/toi.ipynb; did you mean `toy`?",
        'params/second.yaml: the data have no district "B02"; did you mean "B01" (错误县 Error County)?',
    ]


def test_data_that_cannot_be_used_are_refused_with_all_their_faults(write_params: Write):
    def broken(data: str | Path, *, start: Path | None = None) -> ToyDataset:
        raise Refused(["counts.csv row 2: fault 1", "counts.csv row 3: fault 2"])

    with pytest.raises(Refused) as refused:
        plan_runs([write_params(GOOD)], open_dataset=broken)
    assert refused.value.messages == (
        "params/toy.yaml: counts.csv row 2: fault 1",
        "params/toy.yaml: counts.csv row 3: fault 2",
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not JSON", "notebooks/toy.ipynb is not a notebook that Jupyter can read (version 4)."),
        ('{"nbformat": 3}', "notebooks/toy.ipynb is not a notebook that Jupyter can read (version 4)."),
        (
            nbformat.writes(notebook(code("a: str = 'x'", "parameters"), language="R")),
            "notebooks/toy.ipynb must be a Python notebook; its kernel speaks R.",
        ),
        (
            nbformat.writes(notebook(prose("nothing"))),
            "notebooks/toy.ipynb must have exactly one code cell tagged `parameters`; found 0.",
        ),
        (
            nbformat.writes(notebook(code(PARAMETERS.replace("lang: str", "language: str"), "parameters"))),
            "notebooks/toy.ipynb must have the parameter `lang: str`, which the batch sets.",
        ),
    ],
)
def test_a_notebook_that_cannot_be_run_is_refused(
    write_params: Write, project: Path, content: str, message: str
):
    (project / "notebooks" / "toy.ipynb").write_text(content, "utf-8")
    assert refusal(write_params(GOOD)) == [message]


def test_two_files_of_one_name_are_refused(write_params: Write, project: Path, tmp_path: Path):
    here = write_params(GOOD)
    there = write_project(tmp_path / "other") / "params" / "toy.yaml"
    there.write_text(GOOD, "utf-8")
    assert refusal(here, str(there)) == [
        "two params files are named toy.yaml; their pages would overwrite each other."
    ]


def test_data_without_districts_are_refused(write_params: Write, project: Path):
    with pytest.raises(Refused, match="the data hold no district"):
        plan_runs([write_params(GOOD)], open_dataset=lambda data, start=None: ToyDataset(project, {}))


@pytest.mark.parametrize(
    "place", ["outputs", "outputs/zh", "outputs/zh/toy", "outputs/zh/toy/B01", "outputs/zh/toy/ledger.jsonl"]
)
def test_output_through_a_symbolic_link_is_refused(write_params: Write, tmp_path: Path, place: str):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    Path(place).symlink_to(elsewhere)
    with pytest.raises(Refused, match=f"^{place} is a symbolic link"):
        plan(write_params(GOOD))
    assert list(elsewhere.iterdir()) == []


def test_output_in_the_place_of_a_file_is_refused(write_params: Write):
    Path("outputs").write_text("a file", "utf-8")
    with pytest.raises(Refused, match="outputs cannot be written: outputs is not writable"):
        plan(write_params(GOOD))


def test_the_command_that_repeats_a_page(write_params: Write, project: Path):
    (analysis,) = plan(write_params(GOOD)).analyses
    run = next(run for run in analysis.runs if run.district == "甲/乙")
    here = analysis.repeat_command(run, project / "outputs", project)
    assert here == "mchepi run params/toy.yaml --only '甲/乙' --lang zh"
    dashed = analysis.repeat_command(replace(run, district="-1"), project / "outputs", project)
    assert dashed == "mchepi run params/toy.yaml --only=-1 --lang zh"
    elsewhere = analysis.repeat_command(analysis.runs[0], project / "out put", project)
    assert elsewhere == "mchepi run params/toy.yaml --only 152223 --lang zh --output 'out put'"
    from_notebooks = analysis.repeat_command(analysis.runs[0], project / "outputs", project / "notebooks")
    assert (
        from_notebooks
        == f"mchepi run {project}/params/toy.yaml --only 152223 --lang zh --output {project}/outputs"
    )
