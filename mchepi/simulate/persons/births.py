"""Births and deaths of persons, with risks that depend on how early a child is born."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from mchepi.simulate.persons._chance import Chance, Integers, Mask, Values
from mchepi.simulate.persons.plans import Plan

# Chosen, of the size of published figures: weeks of gestation and their shares among live births and
# stillbirths (registers hold those from 28 weeks), and how much riskier than average the first week is.
WEEKS = np.arange(28, 43)
LIVE = np.array([10, 12, 14, 18, 26, 36, 60, 110, 220, 560, 1600, 3200, 3000, 1014, 120]) / 10_000
STILL = np.array([90, 70, 65, 60, 60, 55, 60, 60, 65, 75, 100, 110, 90, 35, 5]) / 1000
EARLY_DAYS = np.array([36, 20, 13, 10, 8, 7, 6]) / 100
BIRTHS_CHANGE = -0.03
TWIN_DELIVERIES = 0.011
_WEIGHT_AT_TERM, _WEIGHT_A_WEEK, _WEIGHT_SPREAD = 3320.0, 190.0, 0.11
YEARS_BEFORE = 5  # birth cohorts whose deaths fall in the years of the registers

CODES = {  # kind of death -> (ICD-10, words, share)
    "early preterm": (
        ("P07.2", "极低出生体重儿", 0.45),
        ("P22.0", "新生儿呼吸窘迫综合征", 0.40),
        ("Q89.7", "多发畸形", 0.15),
    ),
    "early": (("P21.9", "出生窒息", 0.45), ("Q24.9", "先天性心脏病", 0.35), ("P36.9", "新生儿败血症", 0.20)),
    "late": (("P36.9", "新生儿败血症", 0.35), ("Q24.9", "先天性心脏病", 0.35), ("J18.9", "肺炎", 0.30)),
    "postneonatal": (("Q24.9", "先天性心脏病", 0.30), ("J18.9", "肺炎", 0.40), ("W75", "意外窒息", 0.30)),
    "child": (
        ("W69", "溺水", 0.30),
        ("V03", "交通意外", 0.25),
        ("C91.0", "白血病", 0.20),
        ("J18.9", "肺炎", 0.25),
    ),
    "maternal": (("O72.1", "产后出血", 0.40), ("O88.1", "羊水栓塞", 0.30), ("O14.1", "重度子痫前期", 0.30)),
}


class Span(NamedTuple):
    """The years that the registers hold."""

    first: int
    last: int

    @property
    def days(self) -> tuple[int, int]:
        """The first and the last day, since 1970."""
        return first_day(self.first), first_day(self.last + 1) - 1


@dataclass(frozen=True)
class Born:
    """Every birth of a banner, also of the years before its registers begin, and what became of the child."""

    birth: Integers
    live: Mask
    male: Mask
    weeks: Integers
    weight: Values
    plurality: Integers
    registered: Mask
    death_age: Values

    def __len__(self) -> int:
        """Count the births."""
        return len(self.birth)


def first_day(year: int) -> int:
    """Give the first day of a year, as days since 1970."""
    return int(np.datetime64(f"{year}-01-01", "D").astype(np.int64))


def births(plan: Plan, chance: Chance, span: Span) -> Born:
    """Draw the births of a banner and the ages at which children die."""
    days, twins = [], []
    for year in range(span.first - YEARS_BEFORE, span.last + 1):
        mean = plan.births * (1 + BIRTHS_CHANGE) ** (year - span.first) / (1 + TWIN_DELIVERIES)
        deliveries = chance.poisson(f"deliveries {year}", mean)
        length = first_day(year + 1) - first_day(year)
        days.append(first_day(year) + (length * chance.uniform(f"day {year}", deliveries)).astype(np.int64))
        twins.append(chance.happens(f"twins {year}", TWIN_DELIVERIES, deliveries))
    double = np.concatenate(twins)
    size = np.where(double, 2, 1)
    birth, plurality = np.repeat(np.concatenate(days), size), np.repeat(size, size)
    n = len(birth)
    live = ~chance.happens("stillbirth", plan.stillbirth, n)
    weeks = WEEKS[
        np.where(
            live,
            chance.choice("weeks live", LIVE.tolist(), n),
            chance.choice("weeks still", STILL.tolist(), n),
        )
    ]
    weight = weight_at(weeks) * np.exp(_WEIGHT_SPREAD * chance.normal("weight", n))
    weight = np.round(weight, -1)
    risks = early_risks(plan)
    age = _ages_at_death(plan, chance, n, risks[weeks - WEEKS[0]])
    return Born(
        birth,
        live,
        chance.happens("male", 0.52, n),
        weeks,
        weight,
        plurality,
        chance.happens("registered", 0.8, n),
        np.where(live, age, np.nan),
    )


def weight_at(weeks: Integers) -> Values:
    """Give the median birth weight at a week of gestation, g."""
    return np.asarray(_WEIGHT_AT_TERM + _WEIGHT_A_WEEK * (np.minimum(weeks, 41) - 39.5))


def early_risks(plan: Plan) -> Values:
    """Give the risk of death in the first week by week of gestation; on average that of the plan."""
    relative = np.exp(-0.42 * (np.minimum(WEEKS, 39) - 39))
    return np.asarray(np.minimum(plan.early_neonatal * relative / (LIVE * relative).sum(), 0.9))


def hidden_share(plan: Plan) -> float:
    """Give the share of deaths in the first week that are not written down, from the weights at birth."""
    if not plan.hides_deaths_below:
        return 0.0
    light = ndtr(np.log(plan.hides_deaths_below / weight_at(WEEKS)) / _WEIGHT_SPREAD)
    risks = LIVE * early_risks(plan)
    return float((risks * light).sum() / risks.sum())


def _ages_at_death(plan: Plan, chance: Chance, n: int, early: Values) -> Values:
    """Draw ages at death in days; NaN for children who reach five years."""
    late, infant = early + plan.late_neonatal, early + plan.late_neonatal + plan.postneonatal
    luck = chance.uniform("death", n)
    within = chance.uniform("age at death", n)
    first_week = np.searchsorted(np.cumsum(EARLY_DAYS)[:-1], within, side="right")
    age = np.full(n, np.nan)
    age = np.where(luck < infant + plan.child_1_4, np.floor(366 + 1459 * within**1.2), age)
    age = np.where(luck < infant, np.floor(28 + 337 * within**1.6), age)
    age = np.where(luck < late, np.floor(7 + 21 * within), age)
    return np.where(luck < early, first_week, age)


def births_register(plan: Plan, born: Born, span: Span) -> pd.DataFrame:
    """Give the register of births of the years of the registers."""
    rows = np.flatnonzero(born.birth >= span.days[0])
    rows = rows[np.argsort(born.birth[rows], kind="stable")]
    return pd.DataFrame(
        {
            "record_id": ids_of(plan, rows),
            "district": plan.id,
            "birth_date": dates(born.birth[rows]),
            "outcome": np.where(born.live[rows], "live_birth", "stillbirth"),
            "sex": np.where(born.male[rows], "male", "female"),
            "birth_weight": whole(born.weight[rows]),
            "gestation_weeks": born.weeks[rows].astype(str),
            "residence": np.where(born.registered[rows], "registered", "resident"),
            "plurality": born.plurality[rows].astype(str),
        }
    )


def deaths_register(plan: Plan, chance: Chance, born: Born, span: Span) -> pd.DataFrame:
    """Give the register of deaths of these years: children by what was planted, and mothers."""
    death = born.birth + np.nan_to_num(born.death_age, nan=10_000).astype(np.int64)
    hidden = (born.weight < plan.hides_deaths_below) & (born.death_age < 7)
    rows = np.flatnonzero((death >= span.days[0]) & (death <= span.days[1]) & ~hidden)
    children = pd.DataFrame(
        {
            "record_id": ids_of(plan, rows),
            "district": plan.id,
            "birth_date": dates(born.birth[rows]),
            "death_date": dates(death[rows]),
            "sex": np.where(born.male[rows], "male", "female"),
            "kind": "child",
            "cause": _causes(plan, chance, _kind_of_death(born, rows)),
            "place": np.array(["hospital", "home", "transit"])[
                chance.choice("place", (0.72, 0.22, 0.06), len(born))
            ][rows],
        }
    )
    both = pd.concat([children, _mothers(plan, chance, born, span)], ignore_index=True)
    return both.sort_values("death_date", kind="stable", ignore_index=True)


def _kind_of_death(born: Born, rows: Integers) -> list[str]:
    age, preterm = born.death_age[rows], born.weeks[rows] < 34
    edges = np.array([7, 28, 365])
    kinds = np.array(["early", "late", "postneonatal", "child"])[np.searchsorted(edges, age, side="right")]
    return [
        f"{kind} preterm" if kind == "early" and early else str(kind)
        for kind, early in zip(kinds, preterm, strict=True)
    ]


def _causes(plan: Plan, chance: Chance, kinds: list[str]) -> list[str]:
    luck = chance.uniform("cause", len(kinds))
    return [_cause(plan, kind, float(number)) for kind, number in zip(kinds, luck, strict=True)]


def _cause(plan: Plan, kind: str, luck: float) -> str:
    choices = CODES[kind]
    at = int(np.searchsorted(np.cumsum([share for *_, share in choices])[:-1], luck, side="right"))
    code, words, _ = choices[at]
    return words if plan.causes_in_words else code


def _mothers(plan: Plan, chance: Chance, born: Born, span: Span) -> pd.DataFrame:
    delivered = np.flatnonzero((born.birth >= span.days[0]) & (born.birth <= span.days[1] - 42) & born.live)
    died = delivered[chance.happens("maternal death", plan.maternal, len(delivered))]
    after = (42 * chance.uniform("days to maternal death", len(died)) ** 2).astype(np.int64)
    aged = (365.25 * (21 + 20 * chance.uniform("age of mothers", len(died)))).astype(np.int64)
    luck = chance.uniform("cause of maternal death", len(died))
    return pd.DataFrame(
        {
            "record_id": [f"{plan.id}M{at:05d}" for at in died],
            "district": plan.id,
            "birth_date": dates(born.birth[died] - aged),
            "death_date": dates(born.birth[died] + after),
            "sex": "female",
            "kind": "maternal",
            "cause": [_cause(plan, "maternal", float(number)) for number in luck],
            "place": "hospital",
        }
    )


def ids_of(plan: Plan, rows: Integers) -> list[str]:
    """Give the ids of children, which tell nothing but their place in the simulation."""
    return [f"{plan.id}C{row:05d}" for row in rows]


def dates(days: Integers) -> list[str]:
    """Write days since 1970 as dates."""
    written: list[str] = days.astype("datetime64[D]").astype(str).tolist()
    return written


def whole(values: Values) -> list[str]:
    """Write whole numbers."""
    return [f"{value:.0f}" for value in values]
