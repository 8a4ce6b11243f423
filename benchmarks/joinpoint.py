"""How fast joinpoint regression is: thousands of series of 20 years with up to 3 joinpoints.

    python benchmarks/joinpoint.py                    # 30,000 series, as the goal is stated
    python benchmarks/joinpoint.py --series 1000      # the same in little
    python benchmarks/joinpoint.py --few-events       # how often joinpoints are false, by number of events

Goals on two cores: 30,000 series with 4,499 permutations a test (curtailed: the decisions are exact) in under
5 minutes, the choice by weighted BIC for as many in under 20 seconds. In the same run a loop of statsmodels
fits over all sets of joinpoints and, where Rscript has `segmented`, R's selgmented (BIC, up to 3 breaks) are
timed on a few of the same series. R answers another question: breaks between the years, found by iteration.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mchepi.stats.joinpoint_regression import joinpoint

YEARS = np.arange(2004, 2024)
MOST = 3

SEGMENTED = """
suppressMessages(library(segmented))
rates <- as.matrix(read.csv("{path}", header = FALSE))
year <- 2004:2023
started <- proc.time()[["elapsed"]]
for (row in seq_len(nrow(rates))) {{
  d <- data.frame(year = year, y = log(rates[row, ]))
  line <- lm(y ~ year, data = d)
  suppressWarnings(try(selgmented(line, Kmax = 3, type = "bic", msg = FALSE), silent = TRUE))
}}
cat(proc.time()[["elapsed"]] - started)
"""


def simulated(series: int) -> np.ndarray:
    """Simulated rates: half of the series straight, the others with one or two bends, 10 % noise."""
    generator = np.random.default_rng(1)
    unit = YEARS - YEARS[0]
    bends = generator.integers(0, 3, series) * (np.arange(series) % 2)
    y = 3 - 0.02 * unit + 0.1 * generator.normal(size=(series, len(YEARS)))
    for nth in (1, 2):
        place = generator.integers(4, 16, (series, 1))
        y += np.where(bends[:, np.newaxis] >= nth, 0.08 * (-1) ** nth * np.maximum(unit - place, 0), 0)
    return np.exp(y)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def show(what: str, series: int, seconds: float, reference: float | None = None) -> float:
    each = 1000 * seconds / series
    ratio = "" if reference is None else f"{each / reference:9.0f} x"
    print(f"{what:58} {series:7,d} series {seconds:8.1f} s {each:10.3f} ms each {ratio}")
    return each


def loop_of_statsmodels(values: np.ndarray) -> None:
    import statsmodels.api as sm

    unit = YEARS - YEARS[0].astype(float)
    designs = []
    for joinpoints in range(MOST + 1):
        for places in itertools.combinations(range(2, len(unit) - 2), joinpoints):
            if all(right - left > 2 for left, right in itertools.pairwise(places)):
                hinges = [np.maximum(unit - unit[place], 0) for place in places]
                designs.append(np.column_stack([np.ones_like(unit), unit, *hinges]))
    for y in np.log(values):
        min(sm.OLS(y, design).fit().ssr for design in designs)


def seconds_of_segmented(values: np.ndarray) -> float | None:
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rates.csv"
        np.savetxt(path, values, delimiter=",")
        script = SEGMENTED.format(path=path)
        run = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    return float(run.stdout.split()[-1]) if run.returncode == 0 else None


def few_events(series: int, workers: int) -> None:
    """Straight trends of -5 % a year in 15 years of simulated Poisson counts: what is found in them."""
    generator = np.random.default_rng(7)
    year = np.arange(2009, 2024)
    person_time = np.full((series, len(year)), 1000.0)
    print(f"{series:,} simulated series of 15 years, -5 % a year; false joinpoints by the choice, %")
    print("events a year  wbic  bic  bic3  permutation | AAPC, wbic: median, coverage of 95 % limits")
    for mean in (0.5, 1, 2, 5, 10, 20, 100):
        trend = 0.95 ** (year - year.mean())
        events = generator.poisson(mean * trend / trend.mean(), size=(series, len(year)))
        options: dict[str, Any] = {
            "events": events,
            "person_time": person_time,
            "variance": "poisson",
            "workers": workers,
        }
        fits = {choice: joinpoint(year, **options, selection=choice) for choice in ("wbic", "bic", "bic3")}
        fits["permutation"] = joinpoint(year, **options, selection="permutation", curtailed=True)
        wrong = [100 * np.mean([fit.n_joinpoints > 0 for fit in found]) for found in fits.values()]
        changes = [fit.average_annual_percent_change() for fit in fits["wbic"]]
        covered = 100 * np.mean([change.lower <= -5 <= change.upper for change in changes])
        median = np.median([change.value for change in changes])
        shares = "".join(f"{share:6.1f}" for share in wrong)
        print(f"{mean:13} {shares}       | {median:6.1f} {covered:6.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--series", type=int, default=30_000, help="series for both goals")
    parser.add_argument("--permutations", type=int, default=4499)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--compared", type=int, default=20, help="series for the loops they are compared with"
    )
    parser.add_argument("--few-events", action="store_true", help="measure errors instead of time")
    given = parser.parse_args()
    if given.few_events:
        few_events(min(given.series, 2000), given.workers)
        return
    values = simulated(given.series)
    error = 0.1 * values * (1 + np.arange(len(YEARS)) % 3) / 2

    print(f"simulated series, {len(YEARS)} years, up to {MOST} joinpoints, {given.workers} workers")
    options: dict[str, Any] = {"max_joinpoints": MOST, "workers": given.workers}
    seconds, _ = timed(lambda: joinpoint(YEARS, values, **options))
    ours = show("weighted BIC, constant variance", given.series, seconds)
    weights = {"variance": "standard_error", "standard_error": error}
    seconds, _ = timed(lambda: joinpoint(YEARS, values, **options, **weights))
    show("weighted BIC, standard errors", given.series, seconds)

    options |= {"selection": "permutation", "permutations": given.permutations}
    seconds, fits = timed(lambda: joinpoint(YEARS, values, **options, curtailed=True))
    show(f"{given.permutations:,} permutations a test, curtailed", given.series, seconds)

    few = values[: min(given.series, 200)]
    seconds, full = timed(lambda: joinpoint(YEARS, few, **options))
    show(f"{given.permutations:,} permutations a test, all of them", len(few), seconds)
    alone = joinpoint(YEARS, few, **{**options, "workers": 1}, curtailed=True)
    tables = [[fit.permutation_tests for fit in found] for found in (fits[: len(few)], alone, full)]
    same = all(one.equals(other) for one, other in zip(tables[0], tables[1], strict=True))
    exact = all(
        one["decision"].equals(other["decision"]) for one, other in zip(tables[0], tables[2], strict=True)
    )
    print(f"p-values equal on 1 and {given.workers} workers: {same}; curtailed decisions exact: {exact}")

    compared = values[: given.compared]
    seconds, _ = timed(lambda: loop_of_statsmodels(compared))
    show("loop of statsmodels fits over all sets", len(compared), seconds, ours)
    segmented = seconds_of_segmented(compared)
    if segmented is None:
        print("R with `segmented` not found")
    else:
        show("R segmented, selgmented with BIC", len(compared), segmented, ours)


if __name__ == "__main__":
    main()
