"""How often charts of rare events signal by chance, and how soon after a change.

    python benchmarks/false_signals.py      # the tables of docs/methods/surveillance.md (4 minutes)

CUSUM: exact, by Markov chain. EWMA: 2,000 simulated series within its steady limits, up to 3,000 periods.
g-chart: exact chances of a signal an interval; with the rate estimated from the chart's own intervals,
simulated. Seeded.
"""

from __future__ import annotations

import numpy as np

from mchepi.stats.between_events import g_chart
from mchepi.stats.cusum import poisson_cusum
from mchepi.stats.ewma import ewma_chart

EXPECTED = (0.1, 0.5, 1, 2, 5, 10, 20)
SERIES, LONGEST = 2000, 3000


def header(first: str, columns: tuple[float, ...]) -> None:
    print(f"| {first} | " + " | ".join(f"{column:g}" for column in columns) + " |")
    print("|---|" + "---|" * len(columns))


def ewma_run_length(expected: float, actual: float, method: str, generator: np.random.Generator) -> float:
    """Mean periods until the first signal of a chart that has been running for long."""
    limits = ewma_chart(np.zeros(200, dtype=int), expected, method=method).iloc[-1]
    average, alive, periods = np.full(SERIES, float(expected)), np.ones(SERIES, dtype=bool), 0
    while alive.any() and periods < LONGEST * SERIES:
        average[alive] += 0.2 * (generator.poisson(actual, alive.sum()) - average[alive])
        periods += int(alive.sum())
        alive &= (average <= limits["upper"]) & (average >= limits["lower"])
    return periods / max(1, SERIES - alive.sum())


def periods_table() -> None:
    generator = np.random.default_rng(1)
    print("## Mean periods until a signal: rate unchanged / doubled / halved, by events expected a period\n")
    header("chart", EXPECTED)
    for ratio, wanted in ((2, 100), (2, 500), (0.5, 100)):
        cells = []
        for expected in EXPECTED:
            found = poisson_cusum([0], expected, ratio=ratio, run_length=wanted)
            soon = f"{found.run_length_changed:.1f}"
            changed = f"{soon} / -" if ratio > 1 else f"- / {soon}"
            cells.append(f"{found.run_length_unchanged:.0f} / {changed}")
        name = "doubling" if ratio > 1 else "halving"
        print(f"| CUSUM for a {name}, {wanted} asked for | " + " | ".join(cells) + " |")
    for method in ("gamma", "normal"):
        cells = []
        for expected in EXPECTED:
            lengths = (
                ewma_run_length(expected, expected * ratio, method, generator) for ratio in (1, 2, 0.5)
            )
            cells.append(" / ".join(f"{length:.0f}" if length < LONGEST else "-" for length in lengths))
        print(f"| EWMA, {method}, level 0.998 | " + " | ".join(cells) + " |", flush=True)


def g_table() -> None:
    print("\n## g-chart against a known rate: signals per 100 intervals, by what the rate becomes\n")
    ratios = (0.25, 0.5, 1, 2, 4)
    header("level", ratios)
    for level in (0.95, 0.998):
        limits = g_chart([1000], reference=15, per=100_000, level=level).iloc[0]
        cells = []
        for ratio in ratios:
            log_none = np.log1p(-15e-5 * ratio)
            short = -np.expm1(log_none * (np.ceil(limits["lower"]) - 1))
            long = np.exp(log_none * np.floor(limits["upper"]))
            cells.append(f"{100 * (short + long):.2f}")
        print(f"| {level} | " + " | ".join(cells) + " |")

    print("\n## g-chart against its own intervals, rate unchanged: signals per 100, by number of intervals\n")
    numbers = (2, 3, 5, 10, 20)
    header("limits", numbers)
    generator = np.random.default_rng(2)
    charts: dict[str, dict[str, object]] = {
        "exact, 0.95": {"level": 0.95},
        "exact, 0.998": {"level": 0.998},
        "three_sigma": {"method": "three_sigma"},
    }
    for name, options in charts.items():
        cells = []
        for number in numbers:
            runs = 20_000 // number
            signals = sum(
                (g_chart(generator.geometric(15e-5, number), **options)["signal"] != "").sum()
                for _ in range(runs)
            )
            cells.append(f"{100 * signals / (runs * number):.2f}")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    periods_table()
    g_table()
