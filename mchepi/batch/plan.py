"""From params files to the runs they ask for; all that is wrong is said before the first kernel starts."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .dataset import Dataset, OpenDataset
from .folders import check_places, folder_names
from .keys import hashed, helpers_sha256, library_sha256, template_sha256
from .notebooks import parse_notebook
from .parameters import Parameter, as_declared, faults_of, read_parameters
from .params import ALL, Params, load_params
from .provenance import commit_of, environment_sha256, sha256_by_path
from .refusal import MOST_ALIKE, Refused, clipped, did_you_mean, few, nearest, shown
from .strict_yaml import Value
from .words import ALL_DISTRICTS

NEEDED = {"district": "str", "data": "str", "lang": "str"}
"""The parameters that every notebook has, since the batch sets them."""

Asked = tuple[tuple[str, dict[str, Value]], ...]


@dataclass(frozen=True)
class Run:
    """One page to be made: a notebook, a district, a language, and what papermill is given."""

    lang: str
    district: str
    names: tuple[str, ...]
    folder: str
    parameters: dict[str, Value]
    slice_sha256: str


@dataclass(frozen=True)
class Analysis:
    """The runs of one params file, and what they have in common.

    `known` holds every district that the data have, `whole` says whether all that the file asks for is here;
    `ready` is what a fork server calls to have the data at hand.
    """

    params: Params
    notebook_text: str
    notebook_sha256: str
    inputs: dict[str, str]
    commit: str | None
    runs: tuple[Run, ...]
    shared_parts: dict[str, str]
    known: frozenset[str]
    whole: bool = True
    ready: tuple[str, tuple[str, ...]] | None = None

    def key_parts(self, run: Run) -> dict[str, str]:
        """Hash each part of what decides the page of `run`."""
        data = [run.slice_sha256, run.names, self.inputs if self.params.reads == ALL else None]
        return {"parameters": hashed(run.parameters), "data": hashed(data), **self.shared_parts}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the runs."""
        return tuple(dict.fromkeys(run.lang for run in self.runs))

    def repeat_command(self, run: Run, output: Path, start: Path) -> str:
        """Write the command that makes just this page again, typed in the folder `start`."""
        # --only=ID also carries an id that begins with "-".
        only = ["--only", run.district] if not run.district.startswith("-") else [f"--only={run.district}"]
        words = ["mchepi", "run", _from(start, self.params.path), *only, "--lang", run.lang]
        return shlex.join(
            words if output == start / "outputs" else [*words, "--output", _from(start, output)]
        )

    def by_hand_command(self, run: Run, output: Path, start: Path) -> str:
        """Write the command that opens the notebook of this page, typed in the folder `start`."""
        notebook = output / run.lang / self.params.analysis / run.folder / "notebook.ipynb"
        return shlex.join(["jupyter", "lab", _from(start, notebook)])


@dataclass(frozen=True)
class Plan:
    """All that one command asks for, ready to run."""

    output: Path
    analyses: tuple[Analysis, ...]

    @property
    def size(self) -> int:
        """Count the pages that will be made."""
        return sum(len(analysis.runs) for analysis in self.analyses)

    def base(self, analysis: Analysis, lang: str) -> Path:
        """Name the folder of the pages of an analysis in one language."""
        return self.output / lang / analysis.params.analysis


def plan_runs(
    paths: Sequence[str | Path],
    *,
    open_dataset: OpenDataset,
    output: str | Path = "outputs",
    only: Sequence[str] = (),
    lang: str | None = None,
    keep: str | None = None,
) -> Plan:
    """Read the params files, check everything, and list the runs.

    Parameters
    ----------
    paths
        Params files; each makes the analysis that it is named after.
    open_dataset
        Opens the data that a params file names.
    output
        The folder in which the pages are published.
    only
        Ids or names of districts; nothing else is run.
    lang
        The only language, whatever the params files say.
    keep
        The function, as `module:name`, that a fork server calls with the data's name or path and the project,
        to have the data at hand for the notebooks that it forks.

    Raises
    ------
    Refused
        With all faults of all files.
    """
    output = Path(output).absolute()
    stems = [Path(path).stem for path in paths]
    faults = [
        f"two params files are named {stem}.yaml; their pages would overwrite each other."
        for stem in sorted({stem for stem in stems if stems.count(stem) > 1})
    ]
    analyses = []
    districts: dict[str, tuple[str, ...]] = {}
    opened = _opened_once(open_dataset)
    for path in map(Path, paths):
        try:
            params, wrong = load_params(path)
            faults += wrong
            analysis, known = _analysis(params, bool(wrong), opened, output, lang)
            data = str(params.dataset), str(params.project)
            analyses.append(replace(analysis, ready=(keep, data)) if keep else analysis)
            districts |= known
        except Refused as refused:
            faults += refused.messages
    if len(analyses) == len(paths) and only:
        analyses, wrong = _narrowed(analyses, only, districts)
        faults += wrong
    faults += check_places(
        output, [(run.lang, each.params.analysis, run.folder) for each in analyses for run in each.runs]
    )
    if faults:
        raise Refused(dict.fromkeys(faults))
    return Plan(output, tuple(analyses))


def _opened_once(open_dataset: OpenDataset) -> OpenDataset:
    """Open each dataset once, however many params files name it."""
    opened: dict[tuple[str | Path, Path | None], Dataset] = {}

    def open_or_recall(data: str | Path, *, start: Path | None = None) -> Dataset:
        if (data, start) not in opened:
            opened[data, start] = open_dataset(data, start=start)
        return opened[data, start]

    return open_or_recall


def _analysis(
    params: Params, has_faults: bool, open_dataset: OpenDataset, output: Path, lang: str | None
) -> tuple[Analysis, Mapping[str, tuple[str, ...]]]:
    """List the runs of a params file, and the districts of its data; `Refused` with all that is wrong."""
    name, notebook = shown(params.path), shown(params.notebook_path)
    faults: list[str] = []
    written, parameters, dataset, inputs = b"", None, None, {}
    try:
        if params.notebook:
            written, parameters = _read_notebook(params.notebook_path, notebook)
            faults += _unfit(params, parameters, name, notebook)
    except Refused as refused:
        faults += refused.messages
    try:
        if params.data:
            dataset = open_dataset(params.dataset, start=params.project)
            faults += _unknown(params, dataset.districts(), name)
            inputs = sha256_by_path(dataset.files(), params.project)
    except OSError as error:
        faults.append(
            f"{name}: {shown(Path(error.filename or params.data))} cannot be read: {error.strerror}."
        )
    except Refused as refused:
        faults += [f"{name}: {message}" for message in refused.messages]
    if faults or has_faults or parameters is None or dataset is None:
        raise Refused(faults)
    analysis = Analysis(
        params=params,
        notebook_text=written.decode(),
        notebook_sha256=hashlib.sha256(written).hexdigest(),
        inputs=inputs,
        commit=commit_of(params.project),
        runs=tuple(_runs(params, parameters, dataset, output, (lang,) if lang else params.lang)),
        shared_parts={
            "template": template_sha256(written.decode()),
            "library": library_sha256(),
            "helpers": helpers_sha256(params.project),
            "environment": environment_sha256(),
        },
        known=frozenset([ALL] if params.once else dataset.districts()),
    )
    return analysis, dataset.districts()


def _read_notebook(path: Path, name: str) -> tuple[bytes, dict[str, Parameter]]:
    try:
        written = path.read_bytes()
        notebook = parse_notebook(written.decode())
    except FileNotFoundError:
        there = sorted(other.stem for other in path.parent.glob("*.ipynb"))
        raise Refused([f"there is no notebook {name}{did_you_mean(path.stem, there)}"]) from None
    except OSError as error:
        raise Refused([f"{name} cannot be read: {error.strerror}."]) from None
    except Exception:
        raise Refused([f"{name} is not a notebook that Jupyter can read (version 4)."]) from None
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if language != "python":
        raise Refused([f"{name} must be a Python notebook; its kernel speaks {language}."])
    return written, read_parameters(notebook, name)


def _unfit(params: Params, parameters: dict[str, Parameter], name: str, notebook: str) -> list[str]:
    """Say what is wrong with the parameters that are set."""
    faults = [
        f"{notebook} must have the parameter `{needed}: {type_name}`, which the batch sets."
        for needed, type_name in NEEDED.items()
        if needed not in parameters or parameters[needed].type != type_name
    ]
    faults += faults_of(params.defaults, parameters, f"{name}: defaults", notebook)
    for district, own in params.asked or ():
        faults += faults_of(own, parameters, f'{name}: district "{district}"', notebook)
    return faults


def _unknown(params: Params, districts: Mapping[str, tuple[str, ...]], name: str) -> list[str]:
    """Name the districts asked for that the data do not have."""
    if not districts:
        return [f"{name}: the data hold no district."]
    unknown = [district for district, _ in params.asked or () if district not in districts]
    named = [
        f'{name}: the data have no district "{clipped(district)}"{_nearest(district, districts)}'
        for district in unknown[:MOST_ALIKE]
    ]
    return few([*named, *unknown[MOST_ALIKE:]])


def _nearest(word: str, districts: Mapping[str, tuple[str, ...]]) -> str:
    """End a sentence about an unknown district: the id that is meant, with its names."""
    by_word = {district: district for district in districts}
    by_word |= {name: district for district, names in districts.items() for name in names if name}
    near = nearest(word, by_word)
    if near is None:
        return "."
    meant = by_word[near]
    return f'; did you mean "{meant}" ({" ".join(filter(None, districts[meant]))})?'


def _runs(
    params: Params, parameters: dict[str, Parameter], dataset: Dataset, output: Path, languages: Sequence[str]
) -> list[Run]:
    districts = {ALL: ALL_DISTRICTS} if params.once else dataset.districts()
    folders = folder_names(districts)
    asked: Asked = tuple((district, {}) for district in districts) if params.asked is None else params.asked
    digests = {district: dataset.digest(None if params.reads == ALL else district) for district, _ in asked}
    by_name = isinstance(params.dataset, str) and output.resolve().is_relative_to(params.project)
    data = str(params.dataset if by_name else params.project / "data" / params.dataset)
    first: dict[str, Value] = {"data": data}
    return [
        Run(
            lang=language,
            district=district,
            names=tuple(districts[district]),
            folder=folders[district],
            parameters=first
            | {"district": district, "lang": language}
            | {name: as_declared(value, parameters[name]) for name, value in (params.defaults | own).items()},
            slice_sha256=digests[district],
        )
        for language in languages
        for district, own in asked
    ]


def _narrowed(
    analyses: list[Analysis], only: Sequence[str], districts: Mapping[str, tuple[str, ...]]
) -> tuple[list[Analysis], list[str]]:
    """Keep nothing but the districts of `only`; say which of these words name none or several."""
    faults = []
    wanted: set[str] = set()
    for word in dict.fromkeys(only):
        meant = {run.district for each in analyses for run in each.runs if word == run.district}
        meant = meant or {run.district for each in analyses for run in each.runs if word in run.names}
        if len(meant) > 1:
            faults.append(
                f"--only: {word} is the name of several districts; give an id of {', '.join(sorted(meant))}."
            )
        elif not meant and any(word == district or word in names for district, names in districts.items()):
            faults.append(f"--only: {word} is in the data, but none of the params files asks for it.")
        elif not meant:
            faults.append(f'--only: the data have no district "{word}"{_nearest(word, districts)}')
        wanted |= meant
    kept = [
        replace(each, runs=tuple(run for run in each.runs if run.district in wanted), whole=False)
        for each in analyses
    ]
    return [each for each in kept if each.runs], faults


def _from(start: Path, path: Path) -> str:
    return str(path.relative_to(start)) if path.is_relative_to(start) else str(path)
