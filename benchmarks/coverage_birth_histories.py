"""How often the jackknife limits of birth histories hold the truth, by the number of deaths.

    python benchmarks/coverage_birth_histories.py

Surveys of 30 villages with births over the last ten years, simulated with known death probabilities by
segment; children of one village share a gamma-distributed risk (variance 0.1). Seed 1.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mchepi.outcomes import birth_history_mortality
from mchepi.outcomes._birth_cohorts import SEGMENTS

SURVEYS, VILLAGES, INTERVIEW = 1000, 30, 1500
# Shares of under-five mortality in the eight segments.
SHARES = np.array([0.45, 0.15, 0.08, 0.10, 0.10, 0.05, 0.04, 0.03])


def survey(generator: np.random.Generator, births: int, mortality: float) -> pd.DataFrame:
    village = generator.integers(0, VILLAGES, births)
    risk = generator.gamma(10, 0.1, VILLAGES)[village]
    death_age = np.full(births, np.nan)
    for (first, after), share in zip(SEGMENTS, SHARES, strict=True):
        dies = np.isnan(death_age) & (generator.random(births) < risk * share * mortality)
        death_age[dies] = generator.integers(first, after, dies.sum())
    birth = INTERVIEW - generator.integers(1, 121, births)
    death_age[death_age > INTERVIEW - birth] = np.nan
    return pd.DataFrame({"birth": birth, "interview": INTERVIEW, "death_age": death_age, "village": village})


def truth(mortality: float) -> float:
    """Under-five mortality per 1,000 of a child of a village of unknown risk."""
    risk = np.random.default_rng(0).gamma(10, 0.1, 400_000)
    alive = np.ones(risk.size)
    for share in SHARES:
        alive *= 1 - risk * share * mortality
    return float(1000 * (1 - alive.mean()))


def main() -> None:
    generator = np.random.default_rng(1)
    print(f"{SURVEYS:,} simulated surveys a row; under-five mortality; percent that hold the truth\n")
    print(
        f"{'births':>8} {'per 1,000':>10} {'deaths':>8} {'jackknife':>10} {'logarithm':>10} {'no deaths':>10}"
    )
    for births, mortality in (
        (150, 0.007),
        (500, 0.007),
        (1500, 0.007),
        (3000, 0.007),
        (6000, 0.007),
        (3000, 0.03),
        (3000, 0.08),
    ):
        expected = truth(mortality)
        held, deaths, none = np.zeros(2), 0.0, 0
        for _ in range(SURVEYS):
            born = survey(generator, births, mortality)
            for place, method in enumerate(("jackknife", "jackknife_log")):
                row = birth_history_mortality(born, cluster="village", method=method).loc["u5mr"]
                held[place] += row["lower"] <= expected <= row["upper"]
            deaths += row["deaths"]
            none += row["deaths"] == 0
        share = 100 * held / SURVEYS
        print(
            f"{births:8,} {expected:10.1f} {deaths / SURVEYS:8.1f} {share[0]:10.0f} {share[1]:10.0f}"
            f" {100 * none / SURVEYS:10.0f}"
        )


if __name__ == "__main__":
    main()
