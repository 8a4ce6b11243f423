"""One font for everything, found without importing its package, and no glyph missing from it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from importlib.machinery import ModuleSpec

import pytest
from matplotlib.ft2font import FT2Font

from mchepi.indicators import column_synonyms, indicators, targets
from mchepi.intake import open_dataset
from mchepi.presentation import fonts, numbers
from mchepi.presentation.package_data import table


def missing_glyphs(text: str) -> set[str]:
    known = set(FT2Font(str(fonts.font_path())).get_charmap())
    return {letter for letter in text if not letter.isspace() and ord(letter) not in known}


def test_the_font_is_the_one_that_the_dependency_installs():
    assert FT2Font(str(fonts.font_path())).family_name == fonts.FONT_FAMILY


def test_the_package_of_the_font_is_not_imported():
    code = "import sys, mchepi.presentation.fonts as f; f.register_font(); sys.exit('zhplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("spec", [None, ModuleSpec("zhplot", None, is_package=True)])
def test_a_missing_font_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch, spec: ModuleSpec | None):
    if spec is not None:
        spec.submodule_search_locations = ["/nowhere"]
    monkeypatch.setattr(fonts, "find_spec", lambda name: spec)
    fonts.font_path.cache_clear()
    try:
        with pytest.raises(FileNotFoundError, match=r"must be installed .* pip install"):
            fonts.font_path()
    finally:
        fonts.font_path.cache_clear()


def test_find_spec_knows_the_package():
    assert importlib.util.find_spec("zhplot") is not None


def test_no_glyph_is_missing_from_any_text_of_ours():
    texts = [cell for name in ("wording", "columns") for row in table(name) for cell in row.values()]
    texts += [numbers.MISSING, "∞", "≤≥＜＞", "┃●■◆▼━†−→ · "]
    assert missing_glyphs("".join(texts)) == set()


def test_no_glyph_is_missing_from_the_catalog():
    texts = (
        indicators().astype(str).to_numpy().ravel().tolist()
        + targets()["source"].tolist()
        + list(column_synonyms())
    )
    assert missing_glyphs("".join(texts)) == set()


@pytest.mark.parametrize("name", ["published", "nc_sids", "national", "example_region"])
def test_no_glyph_is_missing_from_any_name_in_the_data(name: str):
    dataset = open_dataset(name)
    texts = [word for names in dataset.districts().values() for word in names]
    texts += [dataset.declaration.title_zh, dataset.declaration.note_zh, dataset.declaration.source_zh]
    assert missing_glyphs("".join(texts)) == set()


def test_a_missing_glyph_would_be_found():
    assert missing_glyphs("死亡\U0001f476") == {"\U0001f476"}
