"""A params file: which notebook is run for which districts with which parameters.

`districts` (or `runs`) says which pages there are, one a district; `reads` only says what each of them may
read. The exception is a notebook that compares districts: `reads: all` with neither `districts` nor `runs` is
run once, with the parameter `district: "all"`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .refusal import Refused, clipped, did_you_mean, few, shown
from .strict_yaml import Value, read_yaml

KEYS = ("notebook", "data", "reads", "lang", "defaults", "districts", "runs")
LANGUAGES = ("zh", "en")
READS = ("district", "all")
RESERVED = {"lang": "the key `lang`", "data": "the key `data`"}
"""Parameters of every notebook that have their own place in the params file."""
ANALYSIS_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
NOTEBOOK_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
ALL = "all"


@dataclass(frozen=True)
class Params:
    """What a params file says, checked as far as it can be without the notebook and the data.

    `asked` holds the districts asked for with their own parameters, None = every district of the data.
    """

    path: Path
    project: Path
    analysis: str
    notebook: str
    data: str
    reads: str = "district"
    lang: tuple[str, ...] = ("zh",)
    defaults: dict[str, Value] = field(default_factory=dict)
    asked: tuple[tuple[str, dict[str, Value]], ...] | None = None
    once: bool = False

    @property
    def notebook_path(self) -> Path:
        """The notebook that is run."""
        return self.project / "notebooks" / f"{self.notebook}.ipynb"

    @property
    def dataset(self) -> str | Path:
        """The dataset's name, or its path where it lies elsewhere than in data/ beside params/."""
        if "/" not in self.data and "\\" not in self.data:
            return self.data
        place = (self.path.parent / self.data).resolve()
        return place.name if place.parent == self.project / "data" else place


def load_params(path: Path) -> tuple[Params, list[str]]:
    """Read one params file: what it says, and every fault in it.

    Raises
    ------
    Refused
        Where the file cannot be read at all.
    """
    name = shown(path)
    if path.suffix not in (".yaml", ".yml"):
        raise Refused([f"{name} is not a params file; its name must end in .yaml."])
    read, faults = read_yaml(path, name)
    path = path.resolve()
    project = next((folder for folder in path.parents if (folder / "params").is_dir()), None)
    if project is None:
        raise Refused(
            [*faults, f"{name} must lie in a folder named params, with notebooks and data beside it."]
        )
    if not ANALYSIS_NAME.fullmatch(path.stem):
        faults.append(f"{name}: the analysis is named after the file, so use letters, digits, - and _ only.")
    faults += [
        f"{name}: `{key}` is not a key of a params file{did_you_mean(key, KEYS)}"
        for key in read
        if key not in KEYS
    ]
    checked = _Checked(read)
    params = Params(
        path=path,
        project=project,
        analysis=path.stem,
        notebook=checked.notebook(),
        data=checked.text("data"),
        reads=checked.choice("reads", READS),
        lang=checked.languages(),
        defaults=checked.parameters("defaults", read.get("defaults", {})),
        asked=checked.asked(),
        once=checked.once(),
    )
    return params, faults + [f"{name}: {fault}" for fault in checked.faults]


class _Checked:
    """The values of a params file by key; what is wrong with them gathers in `faults`."""

    def __init__(self, read: dict[str, Value]) -> None:
        self.read = read
        self.faults: list[str] = []

    def text(self, key: str) -> str:
        value = self.read.get(key)
        if isinstance(value, str) and value:
            return value
        if key not in self.read:
            self.faults.append(f"the key `{key}` is missing.")
        elif isinstance(value, (int, float)):
            self.faults.append(f'`{key}` must be text; got the number {value}; quote it: "{value}".')
        else:
            self.faults.append(f"`{key}` must be text; {_got(value)}.")
        return ""

    def notebook(self) -> str:
        name = self.text("notebook")
        if name and not NOTEBOOK_NAME.fullmatch(name):
            self.faults.append(
                f"`notebook` must name a file of notebooks/, without folder and .ipynb; {_got(name)}."
            )
        return name

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self.read.get(key, choices[0])
        if value not in choices:
            self.faults.append(f"`{key}` must be {' or '.join(choices)}; {_got(value)}.")
            return choices[0]
        return str(value)

    def languages(self) -> tuple[str, ...]:
        value = self.read.get("lang", [LANGUAGES[0]])
        wanted = "`lang` must be a list of languages, [zh], [en] or [zh, en]"
        if not isinstance(value, list) or not value or any(lang not in LANGUAGES for lang in value):
            self.faults.append(f"{wanted}; {_got(value)}.")
            return LANGUAGES[:1]
        if len(set(map(str, value))) < len(value):
            self.faults.append(f"{wanted}, each once; {_got(value)}.")
        return tuple(map(str, value))

    def parameters(self, place: str, value: Value) -> dict[str, Value]:
        if not isinstance(value, dict):
            self.faults.append(f"`{place}` must be notebook parameters, `name: value`; {_got(value)}.")
            return {}
        for name in value:
            if name in RESERVED or (name == "district" and place == "defaults"):
                self.faults.append(
                    f"{place}: `{name}` is set by {RESERVED.get(name, '`districts` or `runs`')} only."
                )
        return value

    def once(self) -> bool:
        return self.read.get("reads") == ALL and "districts" not in self.read and "runs" not in self.read

    def asked(self) -> tuple[tuple[str, dict[str, Value]], ...] | None:
        if "districts" in self.read and "runs" in self.read:
            self.faults.append("give `districts` or `runs`, not both.")
        elif "runs" in self.read:
            return self._runs(self.read["runs"])
        elif "districts" in self.read:
            return self._districts(self.read["districts"])
        elif self.read.get("reads") != ALL:
            self.faults.append("the key `districts` (all, or a list of ids) or `runs` is missing.")
        return None

    def _districts(self, value: Value) -> tuple[tuple[str, dict[str, Value]], ...] | None:
        if value == ALL:
            return None
        if not isinstance(value, list) or not value:
            self.faults.append(f"`districts` must be all or a list of district ids; {_got(value)}.")
            return None
        return self._each_once(
            [(self._district(f"districts, item {n}", item), {}) for n, item in enumerate(value, 1)]
        )

    def _runs(self, value: Value) -> tuple[tuple[str, dict[str, Value]], ...]:
        if not isinstance(value, list) or not value:
            self.faults.append(f'`runs` must be a list such as - {{district: "152223"}}; {_got(value)}.')
            return ()
        runs = []
        for number, item in enumerate(value, 1):
            place = f"runs, item {number}"
            own = dict(self.parameters(place, item))
            if isinstance(item, dict) and "district" not in own:
                self.faults.append(f"{place}: the key `district` is missing.")
            elif own:
                runs.append((self._district(place, own.pop("district")), own))
        return self._each_once(runs)

    def _district(self, place: str, value: Value) -> str:
        if isinstance(value, str) and value:
            return value
        quoted = f'; quote it: "{value}"' if isinstance(value, (int, float)) else ""
        self.faults.append(f"{place}: a district id must be text; {_got(value)}{quoted}.")
        return ""

    def _each_once(
        self, asked: list[tuple[str, dict[str, Value]]]
    ) -> tuple[tuple[str, dict[str, Value]], ...]:
        ids = [district for district, _ in asked if district]
        twice = sorted(district for district, times in Counter(ids).items() if times > 1)
        self.faults += few([f'the district "{district}" is asked for twice; keep one.' for district in twice])
        return tuple((district, own) for district, own in asked if district)


def _got(value: object) -> str:
    return f"got {clipped(repr(value))}"
