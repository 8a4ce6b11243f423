"""Weights and lengths of children with planted z-scores by the WHO standards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from mchepi.outcomes import _growth_tables as tables
from mchepi.simulate.persons._chance import Chance, Values
from mchepi.simulate.persons.births import Span, dates, first_day
from mchepi.simulate.persons.plans import Plan

_DAYS = (30, 1826)  # one month to the fifth birthday
_STANDING_FROM = 731
_LARGEST = 4.5  # z-scores beyond are not drawn


def growth_register(plan: Plan, chance: Chance, span: Span) -> pd.DataFrame:
    """Give the register of growth checks: one check a child and year."""
    parts = [_checked(plan, chance, year) for year in range(span.first, span.last + 1)]
    return pd.concat(parts, ignore_index=True).sort_values("exam_date", kind="stable", ignore_index=True)


def below(cutoff: float, planted: tuple[float, float]) -> float:
    """Give the share of z-scores below a cut-off, as WHO rounds them to 0.01."""
    mean, spread = planted
    return float(ndtr((cutoff - 0.005 - mean) / spread))


def _checked(plan: Plan, chance: Chance, year: int) -> pd.DataFrame:
    size = round(0.9 * plan.tested_share * plan.births * 4.9)
    age = np.floor(_DAYS[0] + (_DAYS[1] - _DAYS[0]) * chance.uniform(f"growth age {year}", size))
    length_of_year = first_day(year + 1) - first_day(year)
    drawn = chance.uniform(f"growth exam {year}", size)
    exam = first_day(year) + (length_of_year * drawn).astype(np.int64)
    sex = np.where(chance.happens(f"growth male {year}", 0.52, size), 1.0, 2.0)
    haz = _scores(plan.haz, chance.normal(f"haz {year}", size))
    whz = _scores(plan.whz, chance.normal(f"whz {year}", size))
    size_cm = _measurement(haz, *tables.by_age("length_for_age", sex, age))
    to_whole = chance.happens(f"whole cm {year}", plan.heights_to_whole_cm, size)
    written_cm = np.where(to_whole, np.round(size_cm), np.round(size_cm, 1))
    lying = age < _STANDING_FROM
    of_length = tables.by_size("weight_for_length", sex, size_cm)
    of_height = tables.by_size("weight_for_height", sex, size_cm)
    weight = np.where(lying, _measurement(whz, *of_length), _measurement(whz, *of_height))
    register = pd.DataFrame(
        {
            "record_id": [f"{plan.id}G{year % 100}{row:04d}" for row in range(size)],
            "district": plan.id,
            "birth_date": dates(exam - age.astype(np.int64)),
            "exam_date": dates(exam),
            "sex": np.where(sex == 1, "male", "female"),
            "weight_kg": [f"{value:.1f}" for value in weight],
            "height_cm": [f"{value:.1f}" for value in written_cm],
            "lying": np.where(lying, "yes", "no"),
            "edema": "no",
        }
    )
    return register[np.isfinite(weight)]


def _scores(planted: tuple[float, float], luck: Values) -> Values:
    mean, spread = planted
    return np.asarray(mean + spread * np.clip(luck, -_LARGEST, _LARGEST))


def _measurement(score: Values, power: Any, median: Any, variation: Any) -> Values:
    """Turn a z-score into the measurement that has it, going on evenly beyond 3 as WHO does."""

    def at(z: Values | float) -> Values:
        return np.asarray(median * (1 + power * variation * z) ** (1 / power))

    inner = at(np.clip(score, -3, 3))
    outer = np.where(
        score > 3, at(3) + (score - 3) * (at(3) - at(2)), at(-3) + (score + 3) * (at(-2) - at(-3))
    )
    evenly = (np.abs(score) > 3) & (power != 1)
    plain = np.where(power == 1, at(score), inner)
    return np.asarray(np.where(evenly, outer, plain))
