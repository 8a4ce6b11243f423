"""Screening of women for cervical cancer: campaigns of screening days, the last of them not yet over."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mchepi.simulate.persons._chance import Chance, Integers, Values
from mchepi.simulate.persons.births import Span, dates, first_day
from mchepi.simulate.persons.plans import Plan

HPV_SHARE = 0.55
CERVICAL: Mapping[str, tuple[float, float]] = {  # positive; CIN2+ among those with histology
    "hpv": (0.095, 0.075),
    "cytology": (0.045, 0.10),
}
COLPOSCOPY = (0.85, 1.3, 55.0)  # share that comes, shape and scale (days) of the Weibull delay
CAME_BEFORE = 0.08  # of the women of a year, those who came in an earlier one
A_DAY = 12  # women on a screening day
SHIFT = 8.0  # days, standard deviation: campaigns begin sooner or later
# Women by month: few around New Year, most in May and October, a pause for harvest and heat.
COURSE = np.array([2, 1, 8, 11, 15, 12, 6, 6, 12, 17, 7, 3]) / 100
UNTIL = (8, 31)  # the register of the year after the last goes on to this day
DEADLINE = (10, 31)


def cervical_register(plan: Plan, chance: Chance, span: Span) -> pd.DataFrame:
    """Give the register of cervical screening, a row a test; the year after the last ends in August."""
    end = _day(span.last + 1, UNTIL)
    exam = _exams(plan, chance, span)
    order = exam.argsort(kind="stable")
    exam = exam[order][exam[order] <= end]
    n = len(exam)
    woman, age = _women(chance, exam, span)
    hpv = chance.happens("cervical test", HPV_SHARE, n)
    chances = {test: np.array(CERVICAL[test]) for test in CERVICAL}
    positive_share, disease_share = np.where(hpv[:, None], chances["hpv"], chances["cytology"]).T
    positive = chance.happens("cervical positive", positive_share, n)
    share, shape, scale = COLPOSCOPY
    wait = _days(scale * (-np.log(chance.uniform("wait for colposcopy", n))) ** (1 / shape))
    seen = positive & chance.happens("colposcopy", share, n) & (exam + wait <= end)
    luck = chance.uniform("histology", n) / disease_share
    histology = np.where(
        luck < 0.06, "cancer", np.where(luck < 1, "cin2plus", np.where(luck < 4, "cin1", "normal"))
    )
    disease = seen & (luck < 1)
    after = wait + 1 + _days(30 * np.exp(0.5 * chance.normal("wait for treatment of women", n)))
    treated = disease & chance.happens("women treated", 0.9, n) & (exam + after <= end)
    return pd.DataFrame(
        {
            "record_id": [f"{plan.id}F{one:05d}" for one in woman],
            "district": plan.id,
            "age_years": age.astype(str),
            "exam_date": dates(exam),
            "test": np.where(hpv, "hpv", "cytology"),
            "result": np.where(positive, "positive", "negative"),
            "colposcopy_date": _dated(exam + wait, seen),
            "histology": np.where(seen, histology, ""),
            "treated_date": _dated(exam + after, treated),
        }
    )


def quotas(plan: Plan, span: Span) -> pd.DataFrame:
    """Give the quotas of the year that goes on: women by the end of October, and of them by the HPV test."""
    year = span.last + 1
    rows = [("women_screened_cervical", plan.women_quota)]
    if plan.hpv_quota:
        rows.append(("women_screened_cervical_hpv", plan.hpv_quota))
    return pd.DataFrame(
        {
            "district": plan.id,
            "item": [item for item, _ in rows],
            "unit": "persons",
            "start": f"{year}-01-01",
            "deadline": f"{year}-{DEADLINE[0]:02d}-{DEADLINE[1]:02d}",
            "quota": [quota for _, quota in rows],
        }
    )


def by_deadline(plan: Plan, span: Span) -> float:
    """Give the women whom the campaign that goes on reaches by its deadline, on average."""
    year = span.last + 1
    passed = _day(year, DEADLINE) - first_day(year) + 1
    return float(plan.this_year * plan.women_checked * _share_by(passed, year))


def _exams(plan: Plan, chance: Chance, span: Span) -> Integers:
    """Days of all examinations: screening days of twelve women, drawn after the course of a year."""
    found = []
    for year in range(span.first, span.last + 2):
        size = plan.women_checked if year <= span.last else round(plan.this_year * plan.women_checked)
        sessions = -(-size // A_DAY)
        shift = SHIFT * float(chance.normal(f"campaign {year}", 1)[0])
        drawn = np.interp(
            chance.uniform(f"screening days {year}", sessions),
            np.concatenate([[0.0], np.cumsum(COURSE)]),
            _month_ends(year),
        )
        length = first_day(year + 1) - first_day(year)
        day = first_day(year) + np.clip(np.floor(drawn + shift), 0, length - 1).astype(np.int64)
        found.append(np.repeat(day, A_DAY)[:size])
    return np.concatenate(found)


def _women(chance: Chance, exam: Integers, span: Span) -> tuple[Integers, Integers]:
    """Who came, and at which age: most for the first time, some of every year came in one before."""
    n = len(exam)
    woman = np.arange(n)
    age = (35 + np.floor(30 * chance.uniform("age of women checked", n))).astype(np.int64)
    again = chance.happens("woman came before", CAME_BEFORE, n)
    donor = chance.uniform("which woman", n).argsort(kind="stable")
    for year in range(span.first + 1, span.last + 2):
        start, stop = np.searchsorted(exam, [first_day(year), first_day(year + 1)])
        rows = start + np.flatnonzero(again[start:stop])
        before = donor[donor < start]
        before = before[(woman[before] == before)][: len(rows)]  # each woman once a year
        rows = rows[: len(before)]
        woman[rows] = before
        later = (exam[rows] - exam[before]) // 365
        age[rows] = age[before] + later
    return woman, age


def _month_ends(year: int) -> Values:
    starts = [int(np.datetime64(f"{year}-{month:02d}-01", "D").astype(np.int64)) for month in range(1, 13)]
    return np.array([*starts, first_day(year + 1)], dtype=float) - first_day(year)


def _share_by(day: float, year: int) -> float:
    return float(np.interp(day, _month_ends(year), np.concatenate([[0.0], np.cumsum(COURSE)])))


def _day(year: int, month_and_day: tuple[int, int]) -> int:
    month, day = month_and_day
    return int(np.datetime64(f"{year}-{month:02d}-{day:02d}", "D").astype(np.int64))


def _days(values: Values) -> Integers:
    return np.floor(values).astype(np.int64)


def _dated(days: Integers, happened: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[str]:
    written = dates(np.where(happened, days, 0))
    return [day if one else "" for day, one in zip(written, happened, strict=True)]
