"""Hemoglobin of children and pregnant women, as measured, rounded and written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from mchepi.outcomes import adjust_hemoglobin
from mchepi.simulate.persons._chance import Chance, Integers, Values
from mchepi.simulate.persons.births import Span, dates, first_day, whole
from mchepi.simulate.persons.plans import Plan

SPREAD = 10.0  # g/L between persons of a group; chosen
CAPILLARY_NOISE = 4.0  # g/L more between capillary values; chosen
YOUNG, OLD = 105.0, 110.0  # WHO 2024 at sea level: 6-23 and 24-59 months
PREGNANT = (110.0, 105.0, 110.0)  # by trimester
MONTH = 30.4375  # days
STRATA = ("urban", "rural")
STRATUM_SHARE = (0.4, 0.6)  # of the children
SAMPLED_SHARE = (0.5, 0.5)  # of the sample: the rural children weigh more
STRATUM_SHIFT = (1.5, -1.0)  # g/L; 0 on average over the children
REPEATED = 0.06  # of the children, tested again
WOMEN_SHARE = 0.15
_DAYS = (183, 1826)  # 6 months to the fifth birthday


class Sample(NamedTuple):
    """Children tested in one year: age and day of test, and the stratum and cluster each is from."""

    age: Values
    exam: Integers
    stratum: Integers
    cluster: Integers


@dataclass(frozen=True)
class Cut:
    """A group's cut-off, and where it lies at sea level so that its prevalence is as planned."""

    below: float
    mean: float


def cut(below: float, prevalence: float) -> Cut:
    """Place the mean so that values rounded to whole g/L lie below the cut-off as often as planned."""
    return Cut(below, below - 0.5 - SPREAD * float(ndtri(prevalence)))


def hemoglobin_register(plan: Plan, chance: Chance, span: Span) -> pd.DataFrame:
    """Give the register of hemoglobin: children of 6 to 59 months of every year, and pregnant women."""
    parts = [
        part
        for year in range(span.first, span.last + 1)
        for part in (_children(plan, chance, year, span), _women(plan, chance, year, span))
    ]
    register = pd.concat(parts, ignore_index=True).sort_values("exam_date", kind="stable", ignore_index=True)
    if not plan.clusters:
        register[["weight", "stratum", "cluster"]] = ""
    return register


def draw_sample(plan: Plan, chance: Chance, year: int, size: int) -> Sample:
    """Draw children for a year's tests: any child in a check-up, by stratum and cluster in a survey."""
    age = _DAYS[0] + (_DAYS[1] - _DAYS[0]) * chance.uniform(f"age {year}", size)
    length = first_day(year + 1) - first_day(year)
    exam = first_day(year) + (length * chance.uniform(f"exam {year}", size)).astype(np.int64)
    stratum = chance.choice(f"stratum {year}", SAMPLED_SHARE, size)
    each = max(plan.clusters // len(STRATA), 1)
    cluster = stratum * each + (each * chance.uniform(f"cluster {year}", size)).astype(np.int64)
    return Sample(np.floor(age), exam, stratum, cluster)


def true_values(plan: Plan, chance: Chance, year: int, sample: Sample) -> Values:
    """Draw hemoglobin at sea level: by age, and in a survey by stratum and cluster."""
    size = len(sample.age)
    young = cut(YOUNG, plan.anemia_6_23).mean
    old = cut(OLD, plan.anemia_24_59).mean
    mean = np.where(sample.age < 24 * MONTH, young, old)
    within = SPREAD
    if plan.clusters:
        mean = mean + np.array(STRATUM_SHIFT)[sample.stratum]
        between = plan.cluster_spread * chance.normal(f"cluster effect {year}", plan.clusters)
        mean = mean + between[sample.cluster]
        within = float(np.sqrt(SPREAD**2 - plan.cluster_spread**2))
    return np.asarray(mean + within * chance.normal(f"hemoglobin {year}", size))


def prevalence(plan: Plan, below: float, planned: float) -> float:
    """Give the true prevalence of an age group, over the strata where there are any."""
    place = cut(below, planned)
    shifts = np.array(STRATUM_SHIFT if plan.clusters else (0.0, 0.0))
    below_cut = ndtr((below - 0.5 - place.mean - shifts) / SPREAD)
    return float((np.array(STRATUM_SHARE) * below_cut).sum())


def shown_prevalence(plan: Plan, below: float, planned: float, year_at: int) -> float:
    """Give what is found on average in the year at this place, by analyzer, specimen and rounding."""
    place = cut(below, planned)
    bias, noise = _bias(plan, year_at)
    spread = float(np.hypot(SPREAD, noise))
    shift = np.array(STRATUM_SHIFT if plan.clusters else (0.0, 0.0))
    taken = float(altitude_step(plan))
    written = np.arange(0, 400, 1.0)
    chance_of = np.array(
        [
            ndtr((written + 0.5 - taken - place.mean - one - bias) / spread)
            - ndtr((written - 0.5 - taken - place.mean - one - bias) / spread)
            for one in shift
        ]
    )
    mixed = (np.array(STRATUM_SHARE)[:, None] * chance_of).sum(axis=0)
    exact = mixed[written - taken < below].sum()
    fives = mixed[5 * np.round(written / 5) - taken < below].sum()
    return float((1 - plan.rounded_to_5) * exact + plan.rounded_to_5 * fives)


def altitude_step(plan: Plan) -> float:
    """Give what WHO 2024 subtracts at the altitude of the banner, g/L."""
    return 200.0 - float(adjust_hemoglobin(200.0, altitude=plan.altitude))


def _bias(plan: Plan, at: int) -> tuple[float, float]:
    specimen = plan.specimens[at % len(plan.specimens)]
    bias = plan.analyzer_bias[at % len(plan.analyzers)] + plan.specimen_bias[at % len(plan.specimens)]
    return bias, CAPILLARY_NOISE if specimen == "capillary" else 0.0


def _as_written(plan: Plan, chance: Chance, what: str, at: int, true: Values) -> list[str]:
    """Measure at altitude, round, and write in the banner's unit."""
    size = len(true)
    bias, noise = _bias(plan, at)
    taken = altitude_step(plan)
    measured = np.round(true + taken + bias + noise * chance.normal(f"noise {what}", size))
    fives = chance.happens(f"fives {what}", plan.rounded_to_5, size)
    measured = np.where(fives, 5 * np.round(measured / 5), measured)
    if plan.adjusted:
        measured = measured - taken
    return [f"{value / 10:.1f}" if plan.unit == "g/dL" else f"{value:.0f}" for value in measured]


def _children(plan: Plan, chance: Chance, year: int, span: Span) -> pd.DataFrame:
    size = round(plan.tested_share * plan.births * 4.5)
    sample = draw_sample(plan, chance, year, size)
    true = true_values(plan, chance, year, sample)
    at = year - span.first
    again = np.flatnonzero(chance.happens(f"repeated {year}", REPEATED, size))
    rows = np.concatenate([np.arange(size), again])
    later = np.concatenate([np.zeros(size), 30 + 60 * chance.uniform(f"days to repeat {year}", len(again))])
    exam = sample.exam[rows] + later.astype(np.int64)
    birth = sample.exam[rows] - sample.age[rows].astype(np.int64)
    gain = np.concatenate([np.zeros(size), 4.0 + 6.0 * chance.normal(f"gain {year}", len(again))])
    male = chance.happens(f"male {year}", 0.52, size)[rows]
    weight = np.array(STRATUM_SHARE) / np.array(SAMPLED_SHARE)
    register = pd.DataFrame(
        {
            "record_id": [f"{plan.id}H{year % 100}{row:04d}" for row in rows],
            "district": plan.id,
            "birth_date": dates(birth),
            "exam_date": dates(exam),
            "sex": np.where(male, "male", "female"),
            "hemoglobin": _as_written(plan, chance, f"children {year}", at, true[rows] + gain),
            **_measured_how(plan, at),
            "pregnant": "",
            "gestation_weeks": "",
            "cigarettes": "",
            "adjusted": "yes" if plan.adjusted else "no",
            "weight": [f"{value:.1f}" for value in weight[sample.stratum[rows]]],
            "stratum": np.array(STRATA)[sample.stratum[rows]],
            "cluster": [f"{year % 100}-{place + 1:02d}" for place in sample.cluster[rows]],
        }
    )
    within: pd.DataFrame = register[exam < first_day(year + 1)]
    return within


def _women(plan: Plan, chance: Chance, year: int, span: Span) -> pd.DataFrame:
    size = round(WOMEN_SHARE * plan.tested_share * plan.births * 4.5)
    weeks = 8 + np.floor(32 * chance.uniform(f"weeks of women {year}", size))
    trimester = np.searchsorted([14, 28], weeks, side="right")
    means = np.array([cut(below, plan.anemia_pregnant).mean for below in PREGNANT])
    true = means[trimester] + SPREAD * chance.normal(f"hemoglobin of women {year}", size)
    at = year - span.first
    exam = first_day(year) + (365 * chance.uniform(f"exam of women {year}", size)).astype(np.int64)
    aged = (365.25 * (19 + 23 * chance.uniform(f"age of women {year}", size))).astype(np.int64)
    smokes = chance.happens(f"smoking of women {year}", 0.02, size)
    return pd.DataFrame(
        {
            "record_id": [f"{plan.id}W{year % 100}{row:04d}" for row in range(size)],
            "district": plan.id,
            "birth_date": dates(exam - aged),
            "exam_date": dates(exam),
            "sex": "female",
            "hemoglobin": _as_written(plan, chance, f"women {year}", at, true),
            **_measured_how(plan, at),
            "pregnant": "yes",
            "gestation_weeks": whole(weeks),
            "cigarettes": np.where(smokes, "5", "0"),
            "adjusted": "yes" if plan.adjusted else "no",
            "weight": "",
            "stratum": "",
            "cluster": "",
        }
    )


def _measured_how(plan: Plan, at: int) -> dict[str, str]:
    return {
        "unit": plan.unit,
        "specimen": plan.specimens[at % len(plan.specimens)],
        "analyzer": plan.analyzers[at % len(plan.analyzers)],
        "altitude": f"{plan.altitude:.0f}",
    }
