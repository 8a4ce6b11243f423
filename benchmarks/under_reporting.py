"""How often signs of under-reporting signal by chance, and how often they find what is missing.

    python benchmarks/under_reporting.py

Exact sums over the counts, no simulation: neonatal deaths are Poisson, 73.2 % of them of the first week; the
stillbirths are Poisson too, 1.05 for each early death. Missing deaths are missing at random.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from mchepi import proportion, rate_ratio
from mchepi.outcomes._tables import rows_of

EARLY_SHARE, STILLBIRTHS = 0.732, 1.05
EXPECTED = (5, 10, 20, 50, 100, 200)
RANGES = {
    row["sign"]: (float(row["expected_lower"]), float(row["expected_upper"]))
    for row in rows_of("under_reporting_signs")
}


def chance_of_signal(first: float, second: float, sign: str) -> float:
    """Chance that a sign signals; `first` stillbirths or early deaths are expected, and `second` others."""
    most = int(second + 10 * np.sqrt(second) + 20), int(first + 10 * np.sqrt(first) + 20)
    counts, others = np.meshgrid(np.arange(most[1]), np.arange(most[0]), indexing="ij")
    if sign == "early_share_of_neonatal_deaths":
        found = proportion(counts.ravel(), (counts + others).ravel(), method="exact")
    else:
        found = rate_ratio(counts.ravel(), 1, others.ravel(), 1)
    lowest, highest = RANGES[sign]
    signal = ((found.upper < lowest) | (found.lower > highest)).reshape(counts.shape)
    chances = np.outer(
        stats.poisson.pmf(np.arange(most[1]), first), stats.poisson.pmf(np.arange(most[0]), second)
    )
    return float((chances * signal).sum())


def rows() -> list[str]:
    lines = []
    for deaths in EXPECTED:
        early, late = EARLY_SHARE * deaths, (1 - EARLY_SHARE) * deaths
        still = STILLBIRTHS * early
        share, ratio = "early_share_of_neonatal_deaths", "stillbirths_per_early_neonatal_death"
        found = [
            *(chance_of_signal(kept * early, late, share) for kept in (1, 0.5, 0.25)),
            *(chance_of_signal(kept * still, early, ratio) for kept in (1, 0.5, 0.25)),
        ]
        lines.append(f"| {deaths} | " + " | ".join(f"{100 * one:.0f}" for one in found) + " |")
    return lines


def main() -> None:
    print("| neonatal deaths | none missing | half | three quarters | none missing | half | three quarters |")
    print("|---|---|---|---|---|---|---|")
    print("\n".join(rows()))


if __name__ == "__main__":
    main()
