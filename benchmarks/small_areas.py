"""How fast 3,000 districts are compared: funnels, flags, empirical Bayes.

    python benchmarks/small_areas.py

Ours against a plain loop over the districts with SciPy (limits by brentq, as a user would write it) and,
where Rscript is found, R: uniroot for each district of the funnel, spdep's EBest and EBlocal (if installed).
Of empirical Bayes, loop and R give the values only, ours the posterior limits as well. All must give the same
numbers (a difference above 1e-6 stops the run). Simulated districts, seed 1.
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
from scipy import optimize, special

from mchepi.stats.flags import funnel_flags
from mchepi.stats.funnel import funnel_limits
from mchepi.stats.ranks import area_ranks
from mchepi.stats.shrinkage import empirical_bayes, local_empirical_bayes

DISTRICTS, WIDE = 3000, 60  # on a map of 60 columns
REFERENCE, TAIL = 0.005, 0.025
ROUNDS = 5

IN_R = """
seconds <- function(expression) system.time(expression)[["elapsed"]]
d <- read.csv("{folder}/districts.csv")
cat("funnel", seconds(for (e in d$births * {reference}) {{
  uniroot(function(o) pgamma(e, o) - {tail}, c(e, 2 * e + 50), tol = 1e-12)
  if (exp(-e) < {tail})
    uniroot(function(o) pgamma(e, o + 1, lower.tail = FALSE) - {tail}, c(0, e), tol = 1e-12)
}}), "\\n")
if (suppressMessages(suppressWarnings(require(spdep, quietly = TRUE)))) {{
  nb <- lapply(strsplit(readLines("{folder}/neighbors.txt"), " "), as.integer)
  class(nb) <- "nb"; attr(nb, "region.id") <- as.character(seq_along(nb))
  cat("global", seconds(g <- EBest(d$events, d$births)), "\\n")
  cat("local", seconds(l <- EBlocal(d$events, d$births, nb, geoda = TRUE)), "\\n")
  write.csv(data.frame(global = g$estmm, local = l$est), "{folder}/bayes.csv", row.names = FALSE)
}}
"""


def simulated() -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    generator = np.random.default_rng(1)
    births = generator.integers(200, 8000, DISTRICTS)
    events = generator.poisson(births * generator.gamma(8, REFERENCE / 8, DISTRICTS))
    tall = DISTRICTS // WIDE
    neighbors = [
        [
            row * WIDE + column
            for row in range(max(0, place // WIDE - 1), min(tall, place // WIDE + 2))
            for column in range(max(0, place % WIDE - 1), min(WIDE, place % WIDE + 2))
            if row * WIDE + column != place
        ]
        for place in range(DISTRICTS)
    ]
    return events, births, neighbors


def funnel_loop(births: np.ndarray) -> list[tuple[float, float]]:
    limits = []
    for size in births:
        e = size * REFERENCE
        upper = optimize.brentq(lambda o, e=e: special.gammainc(o, e) - TAIL, e, 2 * e + 50)
        lower = 0.0
        if np.exp(-e) < TAIL:
            lower = optimize.brentq(lambda o, e=e: special.gammaincc(o + 1, e) - TAIL, 0, e)
        limits.append((lower / size, upper / size))
    return limits


def global_loop(events: np.ndarray, births: np.ndarray) -> list[float]:
    whole = sum(events) / sum(births)
    scatter = sum(n * (e / n - whole) ** 2 for e, n in zip(events, births, strict=True)) / sum(births)
    between = max(0.0, scatter - whole * len(births) / sum(births))
    return [
        whole + (e / n - whole) * between / (between + whole / n) for e, n in zip(events, births, strict=True)
    ]


def local_loop(events: np.ndarray, births: np.ndarray, neighbors: list[list[int]]) -> list[float]:
    found = []
    for place, others in enumerate(neighbors):
        own = [place, *others]
        e, n = sum(events[i] for i in own), sum(births[i] for i in own)
        mean = e / n
        scatter = sum(births[i] * (events[i] / births[i] - mean) ** 2 for i in own) / n
        between = max(0.0, scatter - mean * len(own) / n)
        rate = events[place] / births[place]
        found.append(mean + (rate - mean) * between / (between + mean / births[place]))
    return found


def seconds(function: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    result = function()  # the first call pays for imports
    times = []
    for _ in range(rounds):
        start = perf_counter()
        result = function()
        times.append(perf_counter() - start)
    return median(times), result


def in_r(events: np.ndarray, births: np.ndarray, neighbors: list[list[int]]) -> tuple[dict[str, float], Any]:
    if not shutil.which("Rscript"):
        return {}, None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = np.column_stack([events, births])
        np.savetxt(folder / "districts.csv", table, "%d", ",", header="events,births", comments="")
        lines = [" ".join(str(other + 1) for other in sorted(others)) for others in neighbors]
        (folder / "neighbors.txt").write_text("\n".join(lines) + "\n", "utf-8")
        script = folder / "run.R"
        script.write_text(IN_R.format(folder=folder, reference=REFERENCE, tail=TAIL), "utf-8")
        out = subprocess.run(["Rscript", script], capture_output=True, text=True, check=True).stdout
        bayes = folder / "bayes.csv"
        found = np.loadtxt(bayes, delimiter=",", skiprows=1) if bayes.exists() else None
    return {name: float(time) for name, time in map(str.split, out.splitlines())}, found


def require_equal(name: str, ours: Any, theirs: Any) -> None:
    if not np.allclose(ours, theirs, rtol=1e-6, atol=0):
        raise SystemExit(f"{name}: the two answers differ")


def main() -> None:
    events, births, neighbors = simulated()
    r, bayes = in_r(events, births, neighbors)
    rows: list[tuple[str, float, float | None, float | None]] = []

    ours, frame = seconds(lambda: funnel_limits(births, REFERENCE, kind="rate", levels=0.95))
    loop, limits = seconds(lambda: funnel_loop(births), 1)
    require_equal("funnel", frame[["lower", "upper"]], limits)
    rows.append(("exact funnel limits, rates, one level", ours, loop, r.get("funnel")))
    ours, _ = seconds(lambda: funnel_limits(births, 0.05, kind="proportion"))
    rows.append(("exact funnel limits, proportions, two levels", ours, None, None))
    ours, _ = seconds(lambda: funnel_flags(events, births, REFERENCE, kind="rate"))
    rows.append(("flags with p-values and false discoveries", ours, None, None))
    ours, estimate = seconds(lambda: empirical_bayes(events, births))
    loop, plain = seconds(lambda: global_loop(events, births), 1)
    require_equal("global", estimate.value, plain)
    rows.append(("empirical Bayes with posterior limits", ours, loop, r.get("global")))
    ours, local = seconds(lambda: local_empirical_bayes(events, births, neighbors))
    loop, plain = seconds(lambda: local_loop(events, births, neighbors), 1)
    require_equal("local", local.value, plain)
    rows.append(("local empirical Bayes with posterior limits", ours, loop, r.get("local")))
    if bayes is not None:
        require_equal("spdep", np.column_stack([estimate.value, local.value]), bayes)
    ours, _ = seconds(lambda: area_ranks(events[:100], births[:100]))
    rows.append(("ranks of 100 districts, 10,000 draws", ours, None, None))

    print(
        f"{DISTRICTS:,} simulated districts; milliseconds, and how many times as long as ours\n\n"
        f"{'':46} {'mchepi':>8} {'loop of SciPy':>18} {'R':>18}"
    )
    for name, own, *rivals in rows:
        shown = (f"{1000 * time:8.1f} {time / own:8.1f}x" if time is not None else "" for time in rivals)
        print(f"{name:46} {1000 * own:8.1f} " + " ".join(f"{text:>18}" for text in shown))


if __name__ == "__main__":
    main()
