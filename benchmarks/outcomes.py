"""How fast a million records are classified for anemia.

    python benchmarks/outcomes.py

Ours against pandas' apply with one Python function a record, as a user would write it, on the first 20,000
records and scaled up. Both must give the same classes. Simulated records, seed 1.
"""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from mchepi.outcomes import anemia_records

RECORDS, LOOPED, ROUNDS = 1_000_000, 20_000, 3

BANDS = [(500, 0), (1000, 4), (1500, 8), (2000, 11), (2500, 14), (3000, 18)]
LOWEST = {
    "infant": (105, 95, 70),
    "child": (110, 100, 70),
    "school": (115, 110, 80),
    "woman": (120, 110, 80),
    "man": (130, 110, 80),
    "pregnant": (110, 100, 70),
    "second": (105, 95, 70),
}


def simulated() -> pd.DataFrame:
    generator = np.random.default_rng(1)
    months = generator.integers(6, 600, RECORDS)
    sex = generator.choice(["male", "female"], RECORDS)
    pregnant = (sex == "female") & (months > 200) & (generator.random(RECORDS) < 0.1)
    return pd.DataFrame(
        {
            "hemoglobin": generator.normal(120, 13, RECORDS).round(),
            "age_months": months,
            "sex": sex,
            "pregnant": pregnant,
            "trimester": generator.integers(1, 4, RECORDS),
            "altitude": generator.uniform(0, 2999, RECORDS),
        }
    )


def ours(records: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, Any] = {str(name): column for name, column in records.items()}
    return anemia_records(already_adjusted=False, **columns)


def one_record(row: Any) -> str:
    adjusted = row["hemoglobin"] - next(taken for below, taken in BANDS if row["altitude"] < below)
    if row["pregnant"]:
        group = "second" if row["trimester"] == 2 else "pregnant"
    elif row["age_months"] < 24:
        group = "infant"
    elif row["age_months"] < 60:
        group = "child"
    elif row["age_months"] < 144:
        group = "school"
    elif row["age_months"] < 180 or row["sex"] == "female":
        group = "woman"
    else:
        group = "man"
    none, mild, moderate = LOWEST[group]
    if adjusted >= none:
        return "none"
    return "mild" if adjusted >= mild else "moderate" if adjusted >= moderate else "severe"


def main() -> None:
    records = simulated()
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        found = ours(records)
        times.append(perf_counter() - start)
    start = perf_counter()
    looped = records.head(LOOPED).apply(one_record, axis=1)
    rival = (perf_counter() - start) * RECORDS / LOOPED
    if (found["severity"].head(LOOPED).astype(str) != looped).any():
        raise SystemExit("anemia: the two answers differ")
    print(f"{RECORDS:,} simulated records, seconds\n")
    print(f"{'':38} {'mchepi':>8} {'apply':>8}")
    print(f"{'anemia: unit to class, with notes':38} {median(times):8.2f} {rival:8.1f}")


if __name__ == "__main__":
    main()
