"""How often limits of small areas cover, and how often a funnel flags by chance: simulated, truth known.

    python benchmarks/coverage_small_areas.py      # the tables of docs/methods/small_areas.md (8 minutes)

Births differ between areas by a factor of up to 9; underlying rates are gamma with the coefficient of
variation given ("variation"). Seeded; 20,000 areas a cell for "marshall" (a coverage of 90 % is known to
within about 1), 600 for "integrated" (to within about 3).
"""

from __future__ import annotations

import numpy as np

from mchepi import rate
from mchepi.stats.dispersion import overdispersion
from mchepi.stats.flags import expected_flags, funnel_flags
from mchepi.stats.ranks import area_ranks
from mchepi.stats.shrinkage import empirical_bayes, local_empirical_bayes

EXPECTED = (0.5, 1, 2, 5, 10, 20)
AREAS_IN_ALL = {"marshall": 20_000, "integrated": 600}
WIDE = 10  # the map of 100 areas for the local estimates


def births(generator: np.random.Generator, areas: int, expected: float) -> np.ndarray:
    """Births with a mean of 1,000 `expected`, at a rate of 1 per 1,000."""
    shares = generator.uniform(0.2, 1.8, areas)
    return np.maximum(1, np.round(shares / shares.mean() * expected * 1000))


def underlying(generator: np.random.Generator, areas: int, variation: float) -> np.ndarray:
    if variation == 0:
        return np.full(areas, 1e-3)
    shape = 1 / variation**2
    return generator.gamma(shape, 1e-3 / shape, areas)


def neighbors_on_a_map(areas: int) -> list[list[int]]:
    tall = areas // WIDE
    return [
        [
            row * WIDE + column
            for row in range(max(0, place // WIDE - 1), min(tall, place // WIDE + 2))
            for column in range(max(0, place % WIDE - 1), min(WIDE, place % WIDE + 2))
            if row * WIDE + column != place
        ]
        for place in range(areas)
    ]


def header(first: str) -> None:
    print(f"| {first} | " + " | ".join(f"{e:g}" for e in EXPECTED) + " |")
    print("|" + "---|" * (len(EXPECTED) + first.count("|") + 1))


def bayes_table(method: str) -> None:
    print(f"\n## {method}: coverage of 95 % limits, percent (and width as a share of that of exact limits)\n")
    header("areas | variation")
    generator = np.random.default_rng(1)
    for areas in (12, 30, 100):
        for variation in (0.1, 0.3, 0.6):
            cells = []
            for expected in EXPECTED:
                inside, widths, exact_widths = [], [], []
                for _ in range(AREAS_IN_ALL[method] // areas):
                    size, truth = births(generator, areas, expected), underlying(generator, areas, variation)
                    counts = generator.poisson(size * truth)
                    found, exact = empirical_bayes(counts, size, method=method), rate(counts, size)
                    inside.append(np.mean((found.lower <= truth) & (truth <= found.upper)))
                    widths.append(np.mean(found.upper - found.lower))
                    exact_widths.append(np.mean(exact.upper - exact.lower))
                cells.append(f"{100 * np.mean(inside):.0f} ({np.mean(widths) / np.mean(exact_widths):.2f})")
            print(f"| {areas} | {variation} | " + " | ".join(cells) + " |", flush=True)


def local_table() -> None:
    print("\n## Local empirical Bayes on a map of 10 by 10: coverage, percent (width against exact limits)\n")
    header("truth")
    generator = np.random.default_rng(2)
    links = neighbors_on_a_map(100)
    slope = np.repeat(np.linspace(0.4, 1.6, 10), WIDE)
    for name in ("no pattern, variation 0.3", "rising from north to south, 0.4 to 1.6"):
        cells = []
        for expected in EXPECTED:
            inside, widths, exact_widths = [], [], []
            for _ in range(200):
                size = births(generator, 100, expected)
                truth = underlying(generator, 100, 0.3) if name.startswith("no") else 1e-3 * slope
                counts = generator.poisson(size * truth)
                found, exact = local_empirical_bayes(counts, size, links), rate(counts, size)
                inside.append(np.mean((found.lower <= truth) & (truth <= found.upper)))
                widths.append(np.mean(found.upper - found.lower))
                exact_widths.append(np.mean(exact.upper - exact.lower))
            cells.append(f"{100 * np.mean(inside):.0f} ({np.mean(widths) / np.mean(exact_widths):.2f})")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def one_bad_area_table() -> None:
    print("\n## One area of 30 with three times the rate of the others: what becomes of it\n")
    print("| | " + " | ".join(f"{e:g}" for e in EXPECTED) + " |")
    print("|---|" + "---|" * len(EXPECTED))
    generator = np.random.default_rng(3)
    rows: dict[str, list[str]] = {
        "mean estimate, times the common rate (truth 3)": [],
        "exact limits of its own cover, %": [],
        "empirical Bayes limits cover, %": [],
        "flagged by the exact funnel at 95 %, %": [],
        "ranked last, %": [],
    }
    for expected in EXPECTED:
        values, own, shrunk, flagged, last = [], [], [], [], []
        for _ in range(1000):
            size = births(generator, 30, expected)
            size[0] = 1000 * expected
            truth = np.full(30, 1e-3)
            truth[0] = 3e-3
            counts = generator.poisson(size * truth)
            if not counts.any():
                continue
            found, exact = empirical_bayes(counts, size), rate(counts[0], size[0])
            values.append(found.value[0] * 1000)
            shrunk.append(found.lower[0] <= 3e-3 <= found.upper[0])
            own.append(exact.lower <= 3e-3 <= exact.upper)
            reference = counts.sum() / size.sum()
            flags = funnel_flags(counts, size, reference, kind="rate", levels=0.95)
            flagged.append(not np.isnan(flags["outside"][0]))
            last.append(counts[0] / size[0] >= (counts / size).max())
        rows["mean estimate, times the common rate (truth 3)"].append(f"{np.mean(values):.1f}")
        for name, shares in zip(list(rows)[1:], (own, shrunk, flagged, last), strict=True):
            rows[name].append(f"{100 * np.mean(shares):.0f}")
    for name, cells in rows.items():
        print(f"| {name} | " + " | ".join(cells) + " |")


def funnel_table() -> None:
    print("\n## Areas of 100 outside the 95 % limits, all of them at the reference (5 are meant)\n")
    header("funnel")
    for name, kind, method, reference in (
        ("exact, rate", "rate", "exact", 0.001),
        ("exact, proportion of 10 %", "proportion", "exact", 0.1),
        ("phe, proportion of 10 %", "proportion", "phe", 0.1),
        ("phe, proportion of 1 %", "proportion", "phe", 0.01),
    ):
        cells = []
        for expected in EXPECTED:
            size = births(np.random.default_rng(4), 400, expected * 0.001 / reference)
            row = expected_flags(size, reference, kind=kind, method=method, levels=0.95).iloc[0]
            cells.append(f"{row['both'] / 4:.1f}")
        print(f"| {name} | " + " | ".join(cells) + " |")

    print("\n## Overdispersion found in 30 areas, 10 % winsorized (no overdispersion: variation 0)\n")
    header("variation")
    generator = np.random.default_rng(5)
    for variation in (0.0, 0.3, 0.6):
        cells = []
        for expected in EXPECTED:
            factors, sure = [], []
            for _ in range(500):
                size, truth = births(generator, 30, expected), underlying(generator, 30, variation)
                found = overdispersion(generator.poisson(size * truth), size, 0.001, kind="rate")
                factors.append(found.dispersion)
                sure.append(found.p_value < 0.05)
            cells.append(f"{np.mean(factors):.2f} ({100 * np.mean(sure):.0f} %)")
        print(f"| {variation} | " + " | ".join(cells) + " |", flush=True)


def ranks_table() -> None:
    print("\n## Ranks, variation 0.3: coverage of 95 % limits, percent (mean number of ranks within)\n")
    header("areas")
    generator = np.random.default_rng(6)
    for areas in (12, 30):
        cells = []
        for expected in EXPECTED:
            inside, widths = [], []
            for _ in range(3000 // areas):
                size, truth = births(generator, areas, expected), underlying(generator, areas, 0.3)
                found = area_ranks(generator.poisson(size * truth), size, draws=1000)
                rank = truth.argsort().argsort() + 1
                inside.append(np.mean((found.lower <= rank) & (rank <= found.upper)))
                widths.append(np.mean(found.upper - found.lower + 1))
            cells.append(f"{100 * np.mean(inside):.0f} ({np.mean(widths):.1f})")
        print(f"| {areas} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    bayes_table("marshall")
    bayes_table("integrated")
    local_table()
    one_bad_area_table()
    funnel_table()
    ranks_table()
