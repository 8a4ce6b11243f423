"""The figures of docs/methods/screening.md: how often limits of waiting times and of a quota's pace hold.

    python benchmarks/coverage_screening.py            # all of them (about two minutes of processor time)
    python benchmarks/coverage_screening.py waiting    # or: limits, pace, campaigns

Seed 1. With 1,500 simulations a coverage of 95 % is known to within 1.1, with 600 to within 1.8.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from mchepi.outcomes import quota_forecasts, quota_pace, timeliness
from mchepi.outcomes._event_times import incidence, risk_table
from mchepi.simulate.persons import PLANS
from mchepi.simulate.persons._chance import Chance
from mchepi.simulate.persons.births import Span, first_day
from mchepi.simulate.persons.cervical import DEADLINE, UNTIL, _day, _exams

Floats = NDArray[np.float64]
SEED, BY, YEAR = 1, 91, 365
DISTRICTS, REFERRED, NEVER = 1000, 60, 0.15
MEDIAN, SPREAD, MOVES = 78.0, 0.4, 0.001  # days to the diagnosis; chance a day of moving away
SIMULATIONS, YEARS = 1500, 600
END, GROUP, SHIFT = 304, 20, 14.0
COURSE = pd.Series([0, 100, 420, 900, 1000, 1650, 2000], [0, 45, 100, 181, 243, 304, 365], dtype=float)


def waiting() -> None:
    """Diagnosis by day 91 of infants referred in a year whose register closes with it."""
    generator = np.random.default_rng(SEED)
    truth = 100 * (1 - NEVER) * float(ndtr(np.log((BY + 1) / MEDIAN) / SPREAD))  # whole days
    found: dict[str, list[float]] = {name: [] for name in ("with a date", "all referred", "KM", "early")}
    held = 0
    for _ in range(DISTRICTS):
        birth = generator.uniform(0, YEAR, 4 * REFERRED)
        referral = generator.uniform(30, 60, birth.size)
        seen = np.flatnonzero(birth + referral <= YEAR)[:REFERRED]
        birth, referral = birth[seen], referral[seen]
        delay = np.floor(MEDIAN * np.exp(SPREAD * generator.standard_normal(seen.size)))
        days = np.where(generator.random(seen.size) < NEVER, np.inf, np.maximum(delay, referral + 1))
        watched = np.floor(np.minimum(YEAR - birth, referral + generator.exponential(1 / MOVES, seen.size)))
        step = np.where(days <= watched, days, np.nan)
        dated = step[~np.isnan(step)]
        row = timeliness(step, observed=watched, by=BY, per=100).iloc[0]
        early = birth <= YEAR - BY
        found["with a date"].append(100 * float((dated <= BY).mean()))
        found["all referred"].append(100 * float((dated <= BY).sum() / seen.size))
        found["KM"].append(row["value"])
        kept = timeliness(step[early], observed=watched[early], by=BY, per=100)
        found["early"].append(kept["value"].iloc[0])
        held += row["lower"] <= truth <= row["upper"]
    print(f"diagnosed by day {BY}, truth {truth:.1f} %; {DISTRICTS:,} districts, {REFERRED} referred infants")
    for name, values in found.items():
        print(f"  {name:14} {np.mean(values):5.1f}")
    print(f"  limits of KM hold the truth in {100 * held / DISTRICTS:.1f} %\n")


def limits() -> None:
    """Coverage and width of the two kinds of limits, by persons, share done and share censored."""
    generator = np.random.default_rng(SEED)
    print(f"{'persons':>8} {'log-log':>14} {'width':>12} {'beta product':>14} {'width':>12}")
    for persons in (8, 15, 30, 100):
        held: dict[str, list[float]] = {"log_log": [], "beta_product": []}
        width: dict[str, list[float]] = {"log_log": [], "beta_product": []}
        for share in (0.3, 0.6, 0.9):
            hazard = -np.log1p(-share) / BY
            for censored in (0.0, 0.3):
                rate = _censoring(hazard, censored)
                for method in held:
                    low, high = _simulated(generator, persons, hazard, rate, method)
                    held[method].append(float(((low <= share) & (share <= high)).mean()))
                    width[method].append(float((high - low).mean()))
        cells = [
            f"{min(one[method]):.{places}f}-{max(one[method]):.{places}f}"
            for method in held
            for one, places in ((held, 3), (width, 2))
        ]
        print(f"{persons:8} {cells[0]:>14} {cells[1]:>12} {cells[2]:>14} {cells[3]:>12}")
    print()


def _censoring(hazard: float, share: float) -> float:
    """The rate at which persons leave, so that this share of them leaves before day 91 with nothing done."""
    if not share:
        return 0.0

    def leaving(rate: float) -> float:
        return float(rate / (rate + hazard) * -np.expm1(-(rate + hazard) * BY) - share)

    return float(brentq(leaving, 1e-9, 1.0))


def _simulated(
    generator: np.random.Generator, persons: int, hazard: float, rate: float, method: str
) -> tuple[Floats, Floats]:
    ends = np.empty((SIMULATIONS, 2))
    for place in range(SIMULATIONS):
        step = generator.exponential(1 / hazard, persons)
        left = generator.exponential(1 / rate, persons) if rate else np.full(persons, np.inf)
        watched = np.minimum(left, 2.0 * BY)
        done = step <= watched
        table = risk_table(np.where(done, step, watched), done.astype(float))
        found = incidence(table, np.array([float(BY)]), method=method, level=0.95)
        ends[place] = found.lower[0], found.upper[0]
    return ends[:, 0], ends[:, 1]


def pace() -> None:
    """A quota's forecast in years that run as the model says, or not quite."""
    generator = np.random.default_rng(SEED)
    print(f"{'looked at on':>12} {'assumed':26} {'held':>6} {'error':>6} {'straight line':>14}")
    for day, name, shift, group, true_shift in (
        (130, "as it is", SHIFT, GROUP, SHIFT),
        (200, "as it is", SHIFT, GROUP, SHIFT),
        (260, "as it is", SHIFT, GROUP, SHIFT),
        (200, "persons come singly", SHIFT, 1, SHIFT),
        (200, "no shift", 0.0, GROUP, SHIFT),
        (200, "shift 14, in truth 28", SHIFT, GROUP, 2 * SHIFT),
    ):
        held, error, straight = [], [], []
        for _ in range(YEARS):
            size, late = generator.uniform(0.6, 1.6), generator.normal(0, true_shift)
            mean = [size * float(np.interp(one - late, COURSE.index, COURSE)) for one in (day, END)]
            now = GROUP * generator.poisson(mean[0] / GROUP)
            true = now + GROUP * generator.poisson((mean[1] - mean[0]) / GROUP)
            row = quota_pace(
                now, quota=2000, day=day, deadline=END, earlier=COURSE, shift_days=shift, dispersion=group
            ).loc[0]
            held.append(row["lower"] <= true <= row["upper"])
            error.append(abs(row["forecast"] - true) / true)
            straight.append(abs(row["straight_line"] - true) / true)
        errors = f"{100 * np.nanmedian(error):4.0f} % {100 * np.median(straight):12.0f} %"
        print(f"{day:12} {name:26} {np.mean(held):6.3f} {errors}")
    print()


def campaigns() -> None:
    """What the pages do: three earlier years, the dispersion found in them, looked at on 31 August.

    The campaign that goes on has 0.6 to 1.4 times the size of those before; the quota is 450 by 31 October.
    """
    span, generator = Span(2022, 2024), np.random.default_rng(SEED)
    start = first_day(span.last + 1)
    as_of, deadline = (_day(span.last + 1, one) - start + 1 for one in (UNTIL, DEADLINE))
    held, error, straight, chances, met = [], [], [], [], []
    for seed in range(YEARS):
        plan = replace(PLANS[1], this_year=float(generator.uniform(0.6, 1.4)))
        exam = _exams(plan, Chance(seed, 1), span)
        parts = []
        for before in range(4):
            begins = first_day(span.last + 1 - before)
            days = np.sort(exam[(exam >= begins) & (exam < first_day(span.last + 2 - before))]) - begins + 1
            seen = days[days <= as_of] if before == 0 else days
            done = np.arange(1, len(seen) + 1)
            parts.append(pd.DataFrame({"years_before": before, "day": seen, "done": done}))
            if before == 0:
                true = int((days <= deadline).sum())
        course = pd.concat(parts).groupby(["years_before", "day"], as_index=False)["done"].max()
        course = course.assign(
            item="women", unit="persons", quota=450, start_year=span.last + 1, start_month=1, start_day=1,
            deadline=deadline, as_of=as_of,
        )  # fmt: skip
        row = quota_forecasts(course).forecasts.loc[0]
        held.append(row["lower"] <= true <= row["upper"])
        error.append(abs(row["forecast"] - true) / true)
        straight.append(abs(row["straight_line"] - true) / true)
        chances.append(row["chance_met"])
        met.append(true >= 450)
    print("campaigns of mchepi.simulate, 300 to 700 women a year, looked at on 31 August")
    print(f"  95 % limits hold in {100 * np.mean(held):.1f} %; error {100 * np.median(error):.0f} %,")
    print(f"  of a straight line {100 * np.median(straight):.0f} %")
    said = np.array(chances)
    for low, high in ((0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0)):
        own = (said >= low) & (said < high)
        share = 100 * np.mean(np.array(met)[own]) if own.any() else np.nan
        print(f"  chance said {low:.2f} to {high:.2f}: {own.sum():4} campaigns, met in {share:.0f} %")


PARTS: dict[str, Callable[[], None]] = {
    "waiting": waiting,
    "limits": limits,
    "pace": pace,
    "campaigns": campaigns,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
