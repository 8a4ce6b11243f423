"""The floors of ARCHITECTURE.md, held by reading the imports of every module."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mchepi"

# package -> (floor, the mchepi packages it may import). ARCHITECTURE.md shows the same table.
FLOORS: dict[str, tuple[int, set[str]]] = {
    "cli": (5, {"batch", "report", "presentation", "intake", "simulate", "indicators", "outcomes", "stats"}),
    "batch": (4, set()),
    "report": (4, {"presentation", "indicators"}),
    "presentation": (3, {"indicators", "stats"}),
    "intake": (3, {"indicators"}),
    "simulate": (3, {"indicators", "outcomes", "stats"}),
    "indicators": (2, {"outcomes", "stats"}),
    "outcomes": (1, {"stats"}),
    "stats": (0, set()),
}
# What the lowest floors must not even know of: files, settings, pictures, notebooks.
BARRED = {
    "stats": {"yaml", "pathlib", "matplotlib", "papermill", "nbformat", "IPython", "os", "io"},
    "outcomes": {"yaml", "pathlib", "matplotlib", "papermill", "nbformat", "IPython", "os", "io"},
    "indicators": {"yaml", "matplotlib", "papermill", "nbformat", "IPython"},
    "batch": {"scipy", "statsmodels", "matplotlib"},
}
LONGEST_MODULE = 400


def room(path: Path) -> str:
    """The package (or the single module `cli`) that a file belongs to."""
    inside = path.relative_to(PACKAGE)
    name = inside.parts[0] if len(inside.parts) > 1 else inside.stem
    return "cli" if name == "__main__" else name


def imports(source: str, module: str, *, is_package: bool = False) -> set[str]:
    """Absolute dotted names of all that `source` imports, wherever the statement stands."""
    found: set[str] = set()
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return found


def faults(path: Path, source: str) -> list[str]:
    """What `source`, standing at `path`, imports against the floors."""
    here = room(path)
    if here == "__init__":
        return []
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    wrong = []
    for name in sorted(imports(source, module, is_package=path.name == "__init__.py")):
        parts = name.split(".")
        if parts[0] == "mchepi" and len(parts) > 1:
            allowed = FLOORS[here][1] | {here}
            if parts[1] not in allowed and parts[1] != "__version__":
                wrong.append(f"{module} (floor {FLOORS[here][0]}) imports {name}")
        elif parts[0] in BARRED.get(here, set()):
            wrong.append(f"{module} imports {name}, barred in {here}/")
    return wrong


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_every_package_has_its_floor():
    assert {room(path) for path in modules()} - {"__init__"} == set(FLOORS)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_what_stands_below(path: Path):
    assert faults(path, path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("stats/rates.py", "import mchepi.indicators"),
        ("stats/rates.py", "from mchepi import intake"),
        ("stats/rates.py", "from ..indicators import compute"),
        ("stats/__init__.py", "from .. import presentation"),
        ("stats/rates.py", "def f():\n    from pathlib import Path"),
        ("outcomes/screening.py", "import matplotlib.pyplot as plt"),
        ("batch/runner.py", "from mchepi.intake import open_dataset"),
        ("presentation/page.py", "from mchepi import intake"),
        ("report/site.py", "from ..batch import ledger"),
    ],
)
def test_a_wrong_import_is_found(path: str, source: str):
    assert len(faults(PACKAGE / path, source)) == 1


def test_a_right_import_passes():
    assert (
        faults(PACKAGE / "indicators/compute.py", "from ..stats import rate\nfrom mchepi import outcomes")
        == []
    )


def test_floors_only_look_down():
    for here, (floor, allowed) in FLOORS.items():
        assert all(FLOORS[other][0] < floor for other in allowed), here


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_stay_short(path: Path):
    length = len(path.read_text("utf-8").splitlines())
    assert length <= LONGEST_MODULE, f"{path.name} has {length} lines: split it by meaning"


def test_architecture_page_shows_these_floors():
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = re.findall(
        r"^\| (\d) \| `mchepi/([a-z]+)[^`]*`[^|]*\|[^|]*\| ([^|]*) \|$", page, flags=re.MULTILINE
    )
    shown = {name: (int(floor), set(re.findall(r"`([a-z]+)`", allowed))) for floor, name, allowed in rows}
    assert shown == FLOORS
