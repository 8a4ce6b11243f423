"""Screening of newborns with planted delays and losses, and infected mothers with their children."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtr

from mchepi.simulate.persons._chance import Chance, Integers, Mask, Values
from mchepi.simulate.persons.births import Born, Span, dates, ids_of
from mchepi.simulate.persons.plans import Plan

# Chosen: days to the first screen (from, to), positive, positive again, and diseased among those diagnosed.
PROGRAMS: Mapping[str, tuple[tuple[int, int], float, float, float]] = {
    "metabolic": ((3, 8), 0.020, 0.30, 0.30),
    "hearing": ((2, 5), 0.070, 0.35, 0.40),
    "heart": ((1, 4), 0.025, 1.00, 0.35),
}
RECALLED = 0.94
RESCREEN_MEDIAN = {"metabolic": 9.0, "hearing": 42.0}
TREATED, TREATED_MEDIAN = 0.90, 20.0  # share and median days from diagnosis to treatment
REASONS = {"refused": 0.25, "lost": 0.35}  # of those who are never diagnosed; the others stay open
WITHOUT_A_REASON = 0.1  # of those who moved away
EMTCT = {"hiv": 0.0006, "syphilis": 0.005, "hepatitis_b": 0.045}  # of the deliveries
NEVER = np.iinfo(np.int64).max // 4


def newborn_register(plan: Plan, chance: Chance, born: Born, span: Span) -> pd.DataFrame:
    """Give the register of newborn screening: one row a live birth and program."""
    rows = np.flatnonzero((born.birth >= span.days[0]) & born.live)
    away = _days(-np.log(chance.uniform("moves away", len(born))) / plan.moves_away)[rows]
    death = np.nan_to_num(born.death_age[rows], nan=NEVER).astype(np.int64)
    silent = chance.happens("moves away without a word", WITHOUT_A_REASON, len(born))[rows]
    reason = np.where(death <= away, "died", np.where(silent, "", "moved"))
    ends = np.minimum(death, away)
    parts = [_program(plan, chance, born, span, rows, (ends, reason), program) for program in PROGRAMS]
    register = pd.concat(parts).sort_index(kind="stable", ignore_index=True)
    order = register["birth_date"].argsort(kind="stable")
    return register.iloc[order].reset_index(drop=True)


def done_by(plan: Plan, program: str, days: float) -> float:
    """Give the share of the children to be diagnosed who are diagnosed within these days of birth."""
    median, spread, never = plan.delays[program]
    return float((1 - never) * ndtr(np.log((days + 1) / median) / spread))


def _program(
    plan: Plan,
    chance: Chance,
    born: Born,
    span: Span,
    rows: Integers,
    leaving: tuple[Integers, Values],
    program: str,
) -> pd.DataFrame:
    """Draw one program; what falls after the end of observation is not written down."""
    ends, reason = leaving
    (first, last), positive_share, again_share, diseased_share = PROGRAMS[program]
    n = len(rows)
    draw = f"{program} "
    birth = born.birth[rows]
    end = np.minimum(ends, span.days[1] - birth)

    screened = chance.happens(draw + "screened", plan.screened[program], n)
    at_screen = first + np.floor((last - first) * chance.uniform(draw + "day of screen", n)).astype(np.int64)
    screened &= at_screen <= end
    positive = screened & chance.happens(draw + "positive", positive_share, n)
    at_rescreen = np.full(n, NEVER)
    again = positive
    if program in RESCREEN_MEDIAN:
        wait = np.exp(0.35 * chance.normal(draw + "wait for rescreen", n))
        at_rescreen = at_screen + 1 + _days(RESCREEN_MEDIAN[program] * wait)
        recalled = positive & chance.happens(draw + "recalled", RECALLED, n) & (at_rescreen <= end)
        again = recalled & chance.happens(draw + "positive again", again_share, n)
        at_rescreen = np.where(recalled, at_rescreen, NEVER)

    median, spread, never = plan.delays[program]
    delay = _days(median * np.exp(spread * chance.normal(draw + "diagnosis", n)))
    comes = again & ~chance.happens(draw + "never diagnosed", never, n)
    at_diagnosis = np.where(comes, np.maximum(delay, at_screen + 1), NEVER)
    before_rescreen = (at_rescreen < NEVER) & (at_diagnosis < NEVER) & (at_diagnosis <= at_rescreen)
    at_rescreen = np.where(before_rescreen, np.maximum(at_screen, at_diagnosis - 1), at_rescreen)
    diagnosed = at_diagnosis <= end
    ends, reason = _given_up(chance, draw, again & ~comes, at_screen + 60, ends, reason)
    diseased = diagnosed & chance.happens(draw + "diseased", diseased_share, n)
    after = _days(TREATED_MEDIAN * np.exp(0.5 * chance.normal(draw + "wait for treatment", n)))
    treated = diseased & chance.happens(draw + "treated", TREATED, n) & (at_diagnosis + after <= end)

    return pd.DataFrame(
        {
            "record_id": ids_of(plan, rows),
            "district": plan.id,
            "birth_date": dates(birth),
            "program": program,
            "screened_date": _dated(birth, at_screen, screened),
            "result": np.where(screened, np.where(positive, "positive", "negative"), ""),
            "rescreened_date": _dated(birth, at_rescreen, at_rescreen < NEVER),
            "rescreen_result": np.where(at_rescreen < NEVER, np.where(again, "positive", "negative"), ""),
            "diagnosed_date": _dated(birth, at_diagnosis, diagnosed),
            "diagnosis": np.where(diagnosed, np.where(diseased, "yes", "no"), ""),
            "treated_date": _dated(birth, at_diagnosis + after, treated),
            "closed_date": _dated(birth, ends, ends <= span.days[1] - birth),
            "closed_reason": np.where(ends <= span.days[1] - birth, reason, ""),
        }
    )


def _given_up(
    chance: Chance, draw: str, never: Mask, earliest: Integers, ends: Integers, reason: Values
) -> tuple[Integers, Values]:
    """Close the records of some who are never diagnosed, because they refuse or cannot be found."""
    n = len(ends)
    luck = chance.uniform(draw + "given up", n)
    at = earliest + _days(45 * chance.uniform(draw + "day of giving up", n))
    refused, lost = luck < REASONS["refused"], luck < sum(REASONS.values())
    closed = never & lost & (at < ends)
    word = np.where(refused, "refused", "lost")
    return np.where(closed, at, ends), np.where(closed, word, reason)


def emtct_register(plan: Plan, chance: Chance, born: Born, span: Span) -> pd.DataFrame:
    """Give the register of infected mothers and their children: few of them."""
    rows = np.flatnonzero((born.birth >= span.days[0]) & born.live)
    parts = []
    for infection, share in EMTCT.items():
        own = rows[chance.happens(infection, share, len(rows))]
        n = len(own)
        known = chance.happens(f"{infection} known", 0.35, n)
        week = np.floor(6 + 24 * chance.uniform(f"{infection} first test", n) ** 2).astype(int)
        treated = np.array(["yes", "late", "no"])[chance.choice(f"{infection} treated", (0.84, 0.1, 0.06), n)]
        given = chance.happens(f"{infection} prophylaxis", 0.95, n)
        tested = chance.happens(f"{infection} infant tested", 0.85, n)
        infected = tested & chance.happens(f"{infection} infant infected", 0.015, n)
        parts.append(
            pd.DataFrame(
                {
                    "record_id": [f"{plan.id}E{infection[:2].upper()}{row:05d}" for row in own],
                    "district": plan.id,
                    "delivery_date": dates(born.birth[own]),
                    "infection": infection,
                    "known_before_pregnancy": _yes_no(known),
                    "first_test_week": week.astype(str),
                    "mother_treated": treated,
                    "infant_prophylaxis": _yes_no(given),
                    "infant_tested": _yes_no(tested),
                    "infant_infected": np.where(tested, _yes_no(infected), ""),
                }
            )
        )
    register = pd.concat(parts, ignore_index=True)
    return register.sort_values("delivery_date", kind="stable", ignore_index=True)


def _days(values: Values) -> Integers:
    return np.floor(np.minimum(values, NEVER)).astype(np.int64)


def _dated(start: Integers, after: Integers, happened: Mask) -> list[str]:
    written = dates(start + np.where(happened, after, 0))
    return [day if one else "" for day, one in zip(written, happened, strict=True)]


def _yes_no(values: Mask) -> Values:
    return np.where(values, "yes", "no")
