"""Exact rate ratios of 100,000 pairs of districts against loops of SciPy and of R.

    python benchmarks/rate_ratios.py      # half a minute

Each loop gives what ours gives: the ratio, its exact limits at 95 % and the two-sided p-value. SciPy: the
Clopper-Pearson limits of `binomtest`, turned into a ratio. R: `poisson.test` (its limits are the same, its
p-value is another one). The loops run over the first 2,000 pairs and are timed per pair; all limits must
agree to 1e-6, else the run stops. Simulated counts, seed 1.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from scipy import stats

import mchepi

PAIRS, LOOPED, ROUNDS = 100_000, 2_000, 5

IN_R = """
d <- read.csv("{folder}/pairs.csv")
found <- matrix(0, nrow(d), 2)
started <- proc.time()[["elapsed"]]
for (i in seq_len(nrow(d)))
  found[i, ] <- poisson.test(c(d$e1[i], d$e0[i]), c(d$t1[i], d$t0[i]))$conf.int
cat(proc.time()[["elapsed"]] - started)
write.csv(found, "{folder}/limits.csv", row.names = FALSE)
"""


def simulated() -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(1)
    births = generator.integers(200, 20_000, (2, PAIRS))
    events = generator.poisson(births * generator.gamma(4, 0.004 / 4, (2, PAIRS)))
    events[0] += (events.sum(axis=0) == 0).astype(events.dtype)  # nothing can be said of no event at all
    return events[0], births[0], events[1], births[1]


def loop_of_scipy(
    events: np.ndarray, births: np.ndarray, others: np.ndarray, other_births: np.ndarray
) -> Any:
    limits = []
    for e1, t1, e0, t0 in zip(*map(np.ndarray.tolist, (events, births, others, other_births)), strict=True):
        test = stats.binomtest(e1, e1 + e0, t1 / (t1 + t0))
        low, high = test.proportion_ci(0.95, "exact")
        with np.errstate(divide="ignore"):
            odds = np.array([low, high]) / (1 - np.array([low, high]))
        limits.append(odds * t0 / t1)
    return np.array(limits)


def loop_of_r(pairs: tuple[np.ndarray, ...]) -> tuple[float, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = np.column_stack(pairs)
        np.savetxt(folder / "pairs.csv", table, "%d", ",", header="e1,t1,e0,t0", comments="")
        script = IN_R.format(folder=folder)
        run = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True)
        limits = np.genfromtxt(folder / "limits.csv", delimiter=",", skip_header=1)
    return float(run.stdout.split()[-1]), limits


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = perf_counter()
    result = work()
    return perf_counter() - started, result


def show(what: str, pairs: int, seconds: float, ours: float) -> None:
    each = 1e6 * seconds / pairs
    print(f"{what:40} {pairs:8,d} pairs {seconds:8.3f} s {each:9.2f} us each {each / ours:9.0f} x")


def require_equal(name: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    if not np.allclose(ours, theirs, rtol=1e-6, atol=0):
        raise SystemExit(f"{name}: the limits differ")


def main() -> None:
    pairs = simulated()
    few = tuple(part[:LOOPED] for part in pairs)
    mchepi.rate_ratio(*few)  # the first call pays for imports
    turns = [timed(lambda: mchepi.rate_ratio(*pairs)) for _ in range(ROUNDS)]
    seconds, ratio = median(time for time, _ in turns), turns[0][1]
    limits = np.column_stack([ratio.lower, ratio.upper])[:LOOPED]
    ours = 1e6 * seconds / PAIRS
    print("exact rate ratios with limits and p-values, simulated pairs\n")
    show("mchepi.rate_ratio", PAIRS, seconds, ours)
    seconds, found = timed(lambda: loop_of_scipy(*few))
    require_equal("SciPy", limits, found)
    show("loop of scipy.stats.binomtest", LOOPED, seconds, ours)
    if shutil.which("Rscript") is None:
        print("Rscript not found: R left out")
        return
    seconds, found = loop_of_r(few)
    require_equal("R", limits, found)
    show("loop of R's poisson.test", LOOPED, seconds, ours)


if __name__ == "__main__":
    main()
