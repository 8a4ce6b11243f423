"""How often limits computed from registers hold the truth: simulated districts, written, read and analyzed.

    python benchmarks/calibration_registers.py         # the table of docs/calibration.md (about 6 minutes)
    python benchmarks/calibration_registers.py 100     # so many districts

Each district has registers of two years (500 births a year) from `mchepi.simulate.persons`, which are
written as files, read by `mchepi.intake` and analyzed by `mchepi.outcomes` and `mchepi.stats`. Seed 7: other
seeds give other districts of the same truth. With 1,000 districts a coverage of 95 % is known to within 1.4.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from mchepi.intake import Dataset, open_dataset
from mchepi.outcomes import (
    anemia_records,
    growth_status,
    growth_z_scores,
    register_mortality,
    screening_yield,
    timeliness,
)
from mchepi.simulate.persons import Plan
from mchepi.simulate.persons._chance import Chance
from mchepi.simulate.persons.births import Span, births, births_register, deaths_register
from mchepi.simulate.persons.cervical import CERVICAL, cervical_register
from mchepi.simulate.persons.growth import below, growth_register
from mchepi.simulate.persons.hemoglobin import OLD, YOUNG, hemoglobin_register, prevalence
from mchepi.simulate.persons.screening import done_by, newborn_register
from mchepi.simulate.persons.truth import YOUNG_SHARE
from mchepi.stats import proportion, rate, survey_proportion

SEED = 7
SPAN = Span(2023, 2024)
AT_ONCE = 50
SCREENED_BY = 5  # days: who was watched for less is not yet due
LAST_REFERRED = 8  # months of the last year: later births are left out, as some are not yet referred
PLAN = Plan(
    id="D",
    name_zh="（模拟）",
    name_en="(simulated)",
    births=500,
    altitude=1300.0,
    tested_share=0.15,
    clusters=20,
    cluster_spread=3.5,
)
DECLARED = """\
title_zh: 模拟
title_en: Simulated
source_zh: 模拟
source_en: simulated
licence: none
simulated: true
period: calendar_year
population_basis: resident
source_system: simulated
status: final
tables: {counts: counts.csv, births: births.csv, deaths: deaths.csv, hemoglobin: hemoglobin.csv, \
growth: growth.csv, newborn_screening: newborn_screening.csv, cervical_screening: cervical_screening.csv}
"""
Found = Iterator[tuple[str, float, float, float, float]]
"""Name, truth, value, lower, upper."""


def write(folder: Path, numbers: range) -> list[str]:
    parts: dict[str, list[pd.DataFrame]] = defaultdict(list)
    for number in numbers:
        plan, chance = replace(PLAN, id=f"D{number}"), Chance(SEED, number)
        born = births(plan, chance, SPAN)
        parts["births"].append(births_register(plan, born, SPAN))
        parts["deaths"].append(deaths_register(plan, chance, born, SPAN))
        parts["hemoglobin"].append(hemoglobin_register(plan, chance, Span(SPAN.last, SPAN.last)))
        parts["growth"].append(growth_register(plan, chance, SPAN))
        parts["newborn_screening"].append(newborn_register(plan, chance, born, SPAN))
        parts["cervical_screening"].append(cervical_register(plan, chance, SPAN))
    ids = [f"D{number}" for number in numbers]
    parts["counts"].append(pd.DataFrame({"district": ids, "year": SPAN.last, "live_births": 1}))
    for name, frames in parts.items():
        pd.concat(frames).to_csv(folder / f"{name}.csv", index=False)
    (folder / "dataset.yaml").write_text(DECLARED, "utf-8")
    return ids


def mortality(data: Dataset, district: str) -> Found:
    born, died = data.register("births", district), data.register("deaths", district)
    found = register_mortality(born, died, years=tuple(SPAN)).groupby("indicator")
    counts = found[["numerator", "denominator"]].sum()
    for indicator, truth, per in (
        ("neonatal_mortality_rate", PLAN.neonatal, 1000),
        ("infant_mortality_rate", PLAN.infant, 1000),
        ("stillbirth_rate", PLAN.stillbirth, 1000),
        ("maternal_mortality_ratio", PLAN.maternal, 100_000),
    ):
        events, total = (float(counts.loc[indicator, name]) for name in ("numerator", "denominator"))
        limits = rate(events, total, per=per)
        yield f"{indicator}, exact Poisson", truth * per, limits.value, limits.lower, limits.upper


def anemia(data: Dataset, district: str) -> Found:
    tested = data.register("hemoglobin", district)
    children = tested[tested["pregnant"].isna()].drop_duplicates("record_id")
    found = anemia_records(
        children["hemoglobin"],
        age_months=children["age_months"],
        sex=children["sex"],
        altitude=children["altitude"],
        already_adjusted=False,
        unit="g/L",
    )
    anemic = found["anemic"].to_numpy(dtype=float)
    shares = prevalence(PLAN, YOUNG, PLAN.anemia_6_23), prevalence(PLAN, OLD, PLAN.anemia_24_59)
    truth = 100 * float(np.dot((YOUNG_SHARE, 1 - YOUNG_SHARE), shares))
    design = {
        "weights": children["weight"].to_numpy(),
        "strata": children["stratum"].to_numpy(dtype=float),
        "clusters": children["cluster"].to_numpy(dtype=float),
    }
    for method in ("logit", "beta", "wilson"):
        limits = survey_proportion(anemic, **design, method=method, per=100)
        yield f"anemia, 20 clusters, {method}", truth, limits.value, limits.lower, limits.upper
    naive = proportion(int(np.nansum(anemic)), len(anemic), per=100)
    yield "anemia, as if no clusters (wrong)", truth, naive.value, naive.lower, naive.upper


def growth(data: Dataset, district: str) -> Found:
    measured = data.register("growth", district)
    scores = growth_z_scores(
        measured["age_days"],
        measured["sex"],
        weight=measured["weight_kg"],
        length=measured["height_cm"],
        lying=measured["lying"],
    )
    status = growth_status(scores)
    for name, truth in (
        ("stunted", below(-2, PLAN.haz)),
        ("wasted", below(-2, PLAN.whz)),
        ("overweight", below(-2, (-PLAN.whz[0], PLAN.whz[1]))),
    ):
        limits = proportion(int(status[name].sum()), int(status[name].count()), per=100)
        yield f"{name}, Wilson", 100 * truth, limits.value, limits.lower, limits.upper


def newborns(data: Dataset, district: str) -> Found:
    born = data.register("newborn_screening", district).query("program == 'hearing'")
    due = born[born["observed_days"] >= SCREENED_BY]
    screened = proportion(int(due["days_to_screened"].count()), len(due), per=100)
    truth = 100 * PLAN.screened["hearing"]
    yield "hearing screened, Wilson", truth, screened.value, screened.lower, screened.upper
    referred = born[born["rescreen_result"] == "positive"]
    early = referred[(referred["year"] < SPAN.last) | (referred["month"] <= LAST_REFERRED)]
    truth = 100 * done_by(PLAN, "hearing", 91)
    for name, persons in (("", early), (", with the last months (wrong)", referred)):
        days, watched = persons["days_to_diagnosed"], persons["observed_days"]
        for method in ("log_log", "beta_product"):
            found = timeliness(days, observed=watched, by=91, method=method, per=100).iloc[0]
            measure = f"diagnosed by 91 days, {method}{name}"
            yield measure, truth, found["value"], found["lower"], found["upper"]
    dated = early["days_to_diagnosed"].dropna()
    if len(dated):
        naive = proportion(int((dated <= 91).sum()), len(dated), per=100)
        measure = "diagnosed by 91 days, of those with a date (wrong)"
        yield measure, truth, naive.value, naive.lower, naive.upper


def cervical(data: Dataset, district: str) -> Found:
    women = data.register("cervical_screening", district)
    by_test = women.groupby("test")
    positive = by_test["result"].agg(lambda result: (result == "positive").sum())
    found = screening_yield(
        by_test.size(),
        positive,
        by_test["histology"].agg(lambda tissue: tissue.isin(["cin2plus", "cancer"]).sum()),
        assessed=by_test["days_to_colposcopy"].count(),
        reference="cytology",
    )
    predictive = found.loc[("hpv", "positive_predictive_value")]
    truth = CERVICAL["hpv"][1]
    yield (
        "positive predictive value (HPV), Wilson",
        100 * truth,
        *(100 * predictive[["value", "lower", "upper"]]),
    )
    ratio = np.prod(CERVICAL["hpv"]) / np.prod(CERVICAL["cytology"])
    relative = found.loc[("hpv", "relative_detection"), ["value", "lower", "upper"]]
    yield "HPV over cytology, detection, score", ratio, *relative


def main(districts: int) -> None:
    rows: dict[str, list[tuple[float, float, float, float]]] = defaultdict(list)
    for start in range(1, districts + 1, AT_ONCE):
        with tempfile.TemporaryDirectory() as name:
            ids = write(Path(name), range(start, min(start + AT_ONCE, districts + 1)))
            data = open_dataset(Path(name))
            for district in ids:
                for part in (mortality, anemia, growth, newborns, cervical):
                    for measure, *numbers in part(data, district):
                        rows[measure].append((*map(float, numbers),))
        print(f"{min(start + AT_ONCE - 1, districts):,} districts", file=sys.stderr)
    print(f"{districts:,} simulated districts, seed {SEED}; limits of 95 %\n")
    print("| limits | truth | mean value | covered, % | truth below, % | truth above, % | median width |")
    print("|---|---|---|---|---|---|---|")
    for measure, found in rows.items():
        truth, value, lower, upper = np.array(found).T
        under, over = (truth < lower).mean(), (truth > upper).mean()
        covered = ((lower <= truth) & (truth <= upper)).mean()  # an upper limit may be infinite
        print(
            f"| {measure} | {truth[0]:.3g} | {value[np.isfinite(value)].mean():.3g} | {100 * covered:.1f} "
            f"| {100 * under:.1f} | {100 * over:.1f} | {np.nanmedian(upper - lower):.3g} |"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
