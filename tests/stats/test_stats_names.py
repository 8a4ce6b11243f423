"""What `mchepi` and `mchepi.stats` offer, and that offering it costs nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import mchepi
import mchepi.stats


@pytest.mark.parametrize("package", [mchepi, mchepi.stats], ids=lambda package: package.__name__)
def test_every_public_name_is_there(package):
    for name in package.__all__:
        assert getattr(package, name).__name__ == name
    assert set(package.__all__) <= set(dir(package))
    assert list(package.__all__) == sorted(package.__all__)


def test_mchepi_knows_its_version():
    assert mchepi.__version__ == version("mchepi")


def test_mchepi_offers_all_statistics():
    assert set(mchepi.stats.__all__) <= set(mchepi.__all__)
    assert mchepi.rate is mchepi.stats.rate


@pytest.mark.parametrize("package", [mchepi, mchepi.stats], ids=lambda package: package.__name__)
def test_type_checkers_see_the_same_names(package):
    tree = ast.parse(Path(package.__file__).read_text("utf-8"))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mchepi.")
        for alias in node.names
    }
    assert names == set(package.__all__)


@pytest.mark.parametrize("package", [mchepi, mchepi.stats], ids=lambda package: package.__name__)
def test_an_unknown_name_is_an_attribute_error(package):
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'wald'"):
        package.wald  # noqa: B018


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import mchepi", ["numpy", "scipy", "pandas"]),
        ("import mchepi.stats", ["numpy", "scipy", "pandas"]),
        (
            "import mchepi; mchepi.rate(3, 1430); mchepi.proportion(1, 3); mchepi.rate_ratio(1, 2, 3, 4)",
            ["pandas", "scipy.stats", "scipy.optimize", "statsmodels", "matplotlib", "yaml"],
        ),
    ],
)
def test_nothing_heavy_is_imported(code, unwanted):
    check = f"{code}; import sys; print([name for name in {unwanted!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
