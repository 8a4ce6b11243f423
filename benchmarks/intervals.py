"""A million Wilson and a million exact Poisson intervals against the bare NumPy and SciPy expressions.

Run as `python benchmarks/intervals.py`. Ours and the bare expression take turns, and the ratio is that of
the medians. Ours validates its arguments and fills notes besides; it should stay below twice the bare time.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy import special

import mchepi

SIZE = 1_000_000
ROUNDS = 7
Z = 1.959963984540054


def bare_wilson(events: NDArray[np.int64], total: NDArray[np.int64]) -> tuple[NDArray[np.floating], ...]:
    p = events / total
    shrink = 1 + Z**2 / total
    middle = (p + Z**2 / (2 * total)) / shrink
    reach = Z * np.sqrt(p * (1 - p) / total + Z**2 / (4 * total**2)) / shrink
    return middle - reach, middle + reach


def bare_poisson(events: NDArray[np.int64]) -> tuple[NDArray[np.floating], ...]:
    return special.gammaincinv(events, 0.025), special.gammaincinv(events + 1, 0.975)


def seconds(function: Callable[[], object]) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start


def compare(name: str, ours: Callable[[], object], bare: Callable[[], object]) -> None:
    ours(), bare()  # the first call pays for imports
    turns = [(seconds(ours), seconds(bare)) for _ in range(ROUNDS)]
    our_median, bare_median = (median(times) for times in zip(*turns, strict=True))
    print(f"{name:36} {our_median:7.3f} s {bare_median:7.3f} s {our_median / bare_median:6.2f}")


def main() -> None:
    rng = np.random.default_rng(1)
    total = rng.integers(1, 5000, SIZE)
    events = rng.binomial(total, 0.05)
    counts = rng.poisson(8, SIZE)
    print(f"{SIZE:,} intervals, medians of {ROUNDS} turns\n\n{'':36} {'mchepi':>9} {'bare':>9} {'ratio':>6}")
    compare("Wilson limits, proportion_interval", lambda: mchepi.proportion_interval(events, total),
            lambda: bare_wilson(events, total))  # fmt: skip
    compare("Wilson estimate, proportion", lambda: mchepi.proportion(events, total),
            lambda: bare_wilson(events, total))  # fmt: skip
    compare("exact Poisson limits, count_interval", lambda: mchepi.count_interval(counts),
            lambda: bare_poisson(counts))  # fmt: skip
    compare("exact Poisson estimate, rate", lambda: mchepi.rate(counts, total),
            lambda: bare_poisson(counts))  # fmt: skip


if __name__ == "__main__":
    main()
