"""The numbers printed in docs/methods are those the library gives; sentences agree with their tables."""

from __future__ import annotations

import csv
import re
import runpy
from collections import Counter
from itertools import combinations_with_replacement
from math import factorial, prod
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from mchepi import (
    annual_percent_change,
    detectable_ratio,
    rule_falls_every_year,
    rule_worst_blamed,
    trend_power,
    years_to_detect,
)
from mchepi.outcomes import corrected_prevalence, lqas_rules

ROOT = Path(__file__).parents[2]
INTERVALS, JOINPOINT, PLANNING, SCREENING, SMALL_AREAS, TRENDS = (
    (ROOT / "docs" / "methods" / f"{page}.md").read_text("utf-8")
    for page in ("intervals", "joinpoint", "planning", "screening", "small_areas", "trends")
)


def rows(text: str, first: str) -> list[list[str]]:
    """Cells of the table rows that begin with `first`, without that."""
    found = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith(f"| {first} |")]
    return [cells[1:] for cells in found]


def says(page: str, sentence: str) -> bool:
    """Whether the page holds the words, however its lines are broken."""
    return " ".join(sentence.split()) in " ".join(page.split())


def table(page: str, heading: str) -> list[list[str]]:
    """Cells of the first table after the heading, without its head."""
    lines = page[page.index(heading) :].splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("|---"))
    found = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        found.append(line.strip("| ").split(" | "))
    return found


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
    sizes = [400] * 4 + [1430] * 4 + [6000] * 4
    small, middle, large = 100 * rule_worst_blamed(sizes, 3.1, ratio=2, per=1000)["by_chance"].iloc[[0, 4, 8]]
    assert says(PLANNING, f"blamed by chance in {small:.0f}, {middle:.0f} and {large:.0f} of 100 years")


def test_false_trends_of_few_events_are_as_printed():
    years, births = range(10), [1000] * 10
    two, three = (trend_power(years, [total / 10] * 10, births, assumed_change=0) for total in (2, 3))
    assert says(TRENDS, f"change in {100 * two:.1f} and {100 * three:.1f} of 100 series")
    shown = []
    for total in (1, 2, 3, 4):
        chance = 0.0
        for places in combinations_with_replacement(years, total):
            events = [Counter(places)[year] for year in years]
            found = annual_percent_change(years, events, births)
            if found.lower > 0 or found.upper < 0:
                chance += factorial(total) / prod(map(factorial, events)) / 10**total
        shown.append(f"{100 * chance:.1f}")
    assert says(TRENDS, f"1, 2, 3 or 4, in {', '.join(shown[:3])} and {shown[3]}")


def test_wald_limits_of_trends_are_the_narrower():
    assert says(TRENDS, "they are narrower on the log scale (by 5 % at half an event a year)")
    random, share = np.random.default_rng(1), []
    while len(share) < 100:
        events = random.poisson(0.5 * 0.95 ** np.arange(10))
        if not events[1:].any() or not events[:-1].any():
            continue
        widths = []
        for method in ("wald", "profile"):
            found = annual_percent_change(range(10), events, [1000] * 10, method=method)
            widths.append(np.log1p(found.upper / 100) - np.log1p(found.lower / 100))
        share.append(widths[0] / widths[1])
    assert max(share) < 1
    assert np.median(share) == pytest.approx(0.95, abs=0.01)


def test_sentences_on_trends_agree_with_their_tables():
    gaps = []
    for truth, _, *cells in table(TRENDS, "**4. Chance to stay"):
        stated, true = np.array([cell.split(" / ") for cell in cells], dtype=float).T
        gaps.append((truth, stated - true))
    assert max(np.abs(gap[3:]).max() for _, gap in gaps) == 3
    assert min(gap.min() for truth, gap in gaps if truth == "Poisson") == -7
    assert min(gap.min() for truth, gap in gaps if truth == "scattered") == -10
    assert says(TRENDS, "right to 3 points from five events a year on; below that up to 7 points too low")
    assert says(TRENDS, "with scatter up to 10 (table 4)")
    projected = {(row[0], row[1]): row[2:] for row in table(TRENDS, "**3. `project_rate`")}
    assert projected["scattered", "negative_binomial"][-1] == "93"
    assert says(TRENDS, "negative binomial almost (93 of 100 at 20 events a year")


def test_permutation_tests_hold_their_level_from_where_it_is_said():
    false = {float(row[0]): float(row[4]) for row in table(JOINPOINT, "## Few events")}
    assert [events for events, percent in sorted(false.items()) if percent > 5] == [0.5, 1]
    assert says(JOINPOINT, "below `significance_level` from about 2 events a year on")


def test_sentences_on_intervals_agree_with_their_tables():
    far = INTERVALS[INTERVALS.index("standard far from it, by") :]
    (cells,) = rows(far, "`dobson`")
    mean, lowest = map(float, re.findall(r"[\d.]+", min(cells)))
    assert (round(mean), lowest) == (71, 68.0)
    assert says(INTERVALS, "it covers 71 % on average, and 68 % at worst, with one expected event")
    assert rows(INTERVALS, "`wilson`")[0][0].startswith("93.6 ")
    assert says(INTERVALS, "`wilson` 93.6 with half an event expected")


def test_sentences_on_small_areas_agree_with_their_tables():
    shares = {}
    for number in ("1", "2"):
        cells = [cell for row in table(SMALL_AREAS, f"**{number}. ") for cell in row[2:]]
        shares[number] = sorted(int(cell.split(" ")[0]) for cell in cells)
    assert shares["1"][0] == 72
    assert (shares["2"][0], shares["2"][1], shares["2"][-1]) == (87, 91, 100)
    assert says(SMALL_AREAS, "It covers in 91 to 100 %, in 87 % with half an event in each of 100 areas")


def test_coverage_of_corrected_prevalence_is_as_printed():
    tested, diseased, healthy, printed = 300, 50, 100, []
    sensitive, specific = np.arange(diseased + 1), np.arange(healthy + 1)
    chance_of_sensitive = stats.binom.pmf(sensitive, diseased, 0.9)
    chance_of_specific = stats.binom.pmf(specific, healthy, 0.95)
    likely = [
        (s, h)
        for s in sensitive
        for h in specific
        if chance_of_sensitive[s] > 1e-5 and chance_of_specific[h] > 1e-5
    ]
    positive = np.arange(tested + 1)
    for study in ({}, {"diseased": diseased, "healthy": healthy}):
        for prevalence in (0.02, 0.1, 0.3):
            chance = stats.binom.pmf(positive, tested, 0.9 * prevalence + 0.05 * (1 - prevalence))
            covered = 0.0
            for s, h in likely:
                found = corrected_prevalence(
                    positive, tested, sensitivity=s / diseased, specificity=h / healthy, **study
                )
                inside = (found.lower <= prevalence) & (prevalence <= found.upper)
                covered += chance[inside].sum() * chance_of_sensitive[s] * chance_of_specific[h]
            printed.append(f"{100 * covered:.0f}")
    known, allowed = printed[:3], printed[3:]
    assert says(SCREENING, f"hold the truth in {known[0]}, {known[1]} and {known[2]} %")
    assert says(SCREENING, f"Lang and Reiczigel in {allowed[0]}, {allowed[1]} and {allowed[2]} %")


def test_misprints_of_the_published_table_are_as_many_as_printed():
    wrong = 0
    with (ROOT / "tests" / "published" / "lqas.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rule = lqas_rules(int(row["sample"]), target=0.8, floor=0.5).loc[int(row["allowed"])]
            wrong += sum(
                abs(rule[risk] - float(row[risk])) > 0.0055 for risk in ("wrongly_failed", "wrongly_passed")
            )
    assert wrong == 4
    assert says(SCREENING, "Four of the 60 risks in the published table of the tests are misprints")
