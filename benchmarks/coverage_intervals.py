"""How often 95 % limits cover the truth at a district's size: every table summed, nothing simulated.

    python benchmarks/coverage_intervals.py      # the tables of docs/methods/intervals.md (seconds)

Coverage jumps up and down as the truth moves, since counts are whole. So each cell looks at 41 true values
from 0.8 to 1.25 times the expected events of its column, evenly spread on the logarithm, and gives the mean
coverage and, in brackets, the lowest. The sums leave out less than 1e-9 of the chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

import mchepi
from mchepi.stats import comparisons, intervals, rate_differences, standardization, two_proportions

EXPECTED = (0.5, 1, 2, 5, 10, 20)
AROUND = np.exp(np.linspace(np.log(0.8), np.log(1.25), 41))
BIRTHS = 1430

Array = NDArray[np.floating[Any]]


def poisson(mean: float, most: int) -> Array:
    counts = np.arange(most + 1)
    return np.exp(special.xlogy(counts, mean) - mean - special.gammaln(counts + 1))


def binomial(total: int, share: float, most: int) -> Array:
    counts = np.arange(min(most, total) + 1)
    ways = special.gammaln(total + 1) - special.gammaln(counts + 1) - special.gammaln(total - counts + 1)
    return np.exp(ways + special.xlogy(counts, share) + special.xlog1py(total - counts, -share))


def most_of(expected: float) -> int:
    return int(expected + 7 * expected**0.5 + 15)


def table(title: str) -> None:
    print(f"\n### {title}\n\n| method | " + " | ".join(f"{mean:g}" for mean in EXPECTED) + " |")
    print("|---|" + "---|" * len(EXPECTED))


def show(name: str, cells: Iterable[Array]) -> None:
    """Mean and lowest, in percent."""
    texts = [f"{100 * np.mean(cell):.1f} ({100 * np.min(cell):.1f})" for cell in cells]
    print(f"| {name} | " + " | ".join(texts) + " |", flush=True)


def one_group() -> None:
    for total in (BIRTHS, 60):
        table(f"Proportion of {total:,} persons, by expected events")
        most = min(total, most_of(1.25 * EXPECTED[-1]))
        for method in intervals.PROPORTION_LIMITS:
            lower, upper = mchepi.proportion_interval(np.arange(most + 1), total, method=method)
            show(
                f"`{method}`",
                [
                    np.array(
                        [
                            binomial(total, true, most)[(lower <= true) & (true <= upper)].sum()
                            for true in mean * AROUND / total
                        ]
                    )
                    for mean in EXPECTED
                ],
            )
    table("Count, rate, standardized ratio or indirectly standardized rate, by expected events")
    most = most_of(1.25 * EXPECTED[-1])
    for method in intervals.COUNT_LIMITS:
        lower, upper = mchepi.count_interval(np.arange(most + 1), method=method)
        show(
            f"`{method}`",
            [
                np.array(
                    [poisson(true, most)[(lower <= true) & (true <= upper)].sum() for true in mean * AROUND]
                )
                for mean in EXPECTED
            ],
        )


TWO_GROUPS = {
    "risk_difference": two_proportions.DIFFERENCE_METHODS,
    "risk_ratio": two_proportions.RATIO_METHODS,
    "odds_ratio": two_proportions.ODDS_METHODS,
    "rate_difference": rate_differences.METHODS,
    "rate_ratio": comparisons.METHODS,
}


def truth(measure: str, exposed: float, unexposed: float) -> float:
    if measure.endswith("difference"):
        return exposed - unexposed
    if measure == "odds_ratio":
        return exposed / (1 - exposed) / (unexposed / (1 - unexposed))
    return exposed / unexposed


def two_groups(total: int, reference_total: int, ratio: float) -> None:
    most, reference_most = (
        most_of(1.25 * EXPECTED[-1] * factor) for factor in (ratio * total / reference_total, 1)
    )
    table(
        f"Two groups, {total:,} against {reference_total:,}, true ratio {ratio:g}, "
        "by expected events of the second"
    )
    events, others = np.ogrid[: most + 1, : reference_most + 1]
    empty = {}
    for measure, methods in TWO_GROUPS.items():
        for method in methods:
            function: Callable[..., mchepi.Estimate] = getattr(mchepi, measure)
            limits = function(events, total, others, reference_total, method=method)
            told = ~np.isnan(limits.lower)
            blind = told & (limits.lower == 0) & np.isinf(limits.upper)
            cells, share = [], []
            for mean in EXPECTED:
                cell, empty_share = [], []
                for expected in mean * AROUND:
                    risk = expected / reference_total
                    if measure.startswith("rate"):
                        chances = poisson(ratio * risk * total, most), poisson(expected, reference_most)
                    else:
                        chances = (
                            binomial(total, ratio * risk, most),
                            binomial(reference_total, risk, reference_most),
                        )
                    true = truth(measure, ratio * risk, risk)
                    covered = told & (limits.lower <= true) & (true <= limits.upper)
                    first, second = chances
                    cell.append(first @ covered @ second / (first @ told @ second))
                    empty_share.append(first @ blind @ second / (first @ told @ second))
                cells.append(np.array(cell))
                share.append(np.mean(empty_share))
            show(f"`{measure}` {method}", cells)
            if max(share) > 0:
                empty[f"`{measure}` {method}"] = share
    if ratio == 1 and total == reference_total:
        table("Of these, the share with limits of 0 and inf, percent")
        for name, share in empty.items():
            print(f"| {name} | " + " | ".join(f"{100 * part:.1f}" for part in share) + " |")


AGES = np.array([0.5, 0.3, 0.2])  # births of three age groups of mothers
RATES = np.array([1.0, 0.8, 2.0])  # their risks, relative to each other
STANDARDS = {"near the own": np.array([0.45, 0.33, 0.22]), "far from it": np.array([0.1, 0.2, 0.7])}


def standardized() -> None:
    shares = AGES * RATES / (AGES * RATES).sum()
    most = [most_of(1.25 * EXPECTED[-1] * share) for share in shares]
    tables = np.stack(np.indices([end + 1 for end in most]), axis=-1)
    for name, standard in STANDARDS.items():
        table(f"Directly standardized, three age groups, standard {name}, by expected events in all")
        for method in (*standardization.RATE_METHODS, *standardization.PROPORTION_METHODS):
            rates = method in standardization.RATE_METHODS
            function: Callable[..., mchepi.Estimate] = (
                mchepi.direct_standardized_rate if rates else mchepi.direct_standardized_proportion
            )
            births = np.round(BIRTHS * AGES)
            limits = function(tables, births, standard, method=method)
            told = ~np.isnan(limits.lower)
            cells = []
            for mean in EXPECTED:
                cell = []
                for expected in mean * AROUND:
                    risks = RATES * expected / (births * RATES).sum()
                    chance = np.ones(())
                    for births_here, risk, end in zip(births, risks, most, strict=True):
                        own = (
                            poisson(births_here * risk, end)
                            if rates
                            else binomial(int(births_here), risk, end)
                        )
                        chance = np.multiply.outer(chance, own)
                    true = (standard / standard.sum() * risks).sum()
                    covered = told & (limits.lower <= true) & (true <= limits.upper)
                    cell.append(chance[covered].sum() / chance[told].sum())
                cells.append(np.array(cell))
            show(f"`{method}`", cells)


def main() -> None:
    one_group()
    two_groups(BIRTHS, BIRTHS, 1)
    two_groups(BIRTHS, BIRTHS, 2)
    two_groups(BIRTHS, 4 * BIRTHS, 1)
    standardized()


if __name__ == "__main__":
    main()
