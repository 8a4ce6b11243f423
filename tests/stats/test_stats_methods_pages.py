"""The numbers printed in docs/methods/intervals.md and planning.md are those that the library gives."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from mchepi import detectable_ratio, rule_falls_every_year, rule_worst_blamed, years_to_detect

ROOT = Path(__file__).parents[2]
INTERVALS = (ROOT / "docs" / "methods" / "intervals.md").read_text("utf-8")
PLANNING = (ROOT / "docs" / "methods" / "planning.md").read_text("utf-8")


def rows(text: str, first: str) -> list[list[str]]:
    """Cells of the table rows that begin with `first`, without that."""
    found = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(f"| {first} |")]
    return [cells[1:] for cells in found]


def test_coverage_of_one_group_is_as_printed(capsys):
    runpy.run_path(str(ROOT / "benchmarks" / "coverage_intervals.py"))["one_group"]()
    printed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| `")]
    assert len(printed) == 16
    for line in printed:
        assert line in INTERVALS


@pytest.mark.parametrize(("words", "alternative"), [("a fall to", "less"), ("a rise to", "greater")])
def test_detectable_ratios_are_as_printed(words, alternative):
    ((*cells,),) = rows(PLANNING, words)
    for cell, expected in zip(cells, (5, 10, 20, 50, 100, 200, 500), strict=True):
        found = (
            detectable_ratio(1, expected, alternative=alternative, method=name) for name in ("exact", "midp")
        )
        exact, midp = ("none" if np.isnan(ratio) else f"{ratio:.2f}" for ratio in found)
        assert cell == f"{exact} ({midp})"


@pytest.mark.parametrize("ratio", [0.5, 0.7, 0.8, 1.5])
def test_years_are_as_printed(ratio):
    (cells,) = rows(PLANNING, f"{ratio:g}")
    found = years_to_detect(1, [0.5, 1, 2, 3, 5, 10, 20, 50], ratio)
    assert cells == ["> 50" if np.isinf(years) else f"{years:.0f}" for years in found]


def test_rules_are_as_printed():
    for years in (1, 2, 3):
        (cells,) = rows(PLANNING, f"{years} year" + "s" * (years > 1))
        for cell, expected in zip(cells, (1, 3, 10, 30, 100), strict=True):
            found = 100 * rule_falls_every_year(1, expected, ratio=0.8, years=years).loc[years]
            printed = [float(number) for number in cell.split(" / ")]
            assert printed == pytest.approx([found["by_chance"], found["found"]], abs=0.5)
    for births in (500, 1430, 5000, 20000):
        cells = rows(PLANNING, f"{births:,}")[0]
        found = [rule_worst_blamed([births] * 12, 3.1, ratio=ratio, per=1000).iloc[0] for ratio in (2, 1.5)]
        wanted = [found[0]["by_chance"], found[0]["found"], found[1]["found"]]
        assert cells == [f"{100 * share:.0f}" for share in wanted]
