"""The truth behind simulated registers, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from mchepi.simulate.persons.births import Span, hidden_share
from mchepi.simulate.persons.cervical import CERVICAL, by_deadline
from mchepi.simulate.persons.growth import below
from mchepi.simulate.persons.hemoglobin import OLD, YOUNG, prevalence, shown_prevalence
from mchepi.simulate.persons.plans import Plan
from mchepi.simulate.persons.screening import EMTCT, PROGRAMS, done_by

COLUMNS = ["district", "year", "register", "quantity", "true_value", "shown_value", "per", "note"]
# Share of the ages 6-59 months that are 6-23 months.
YOUNG_SHARE = (24 * 30.4375 - 183) / (1826 - 183)
_LIMITS = {"metabolic": 14, "hearing": 91, "heart": 183}  # days

Row = tuple[object, ...]


def truth_frame(plans: Sequence[Plan], span: Span) -> pd.DataFrame:
    """Give what chance plays upon, and what the registers as written down show on average."""
    rows = [
        row
        for plan in plans
        for part in (_mortality, _anemia, _growth, _screening)
        for row in part(plan, span)
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"year": "Int64", "true_value": "float64", "shown_value": "float64"})


def _mortality(plan: Plan, span: Span) -> Iterator[Row]:
    """Risks of a child born into the banner; shown, without the deaths that are not written down."""
    hidden = plan.early_neonatal * hidden_share(plan)
    note = "deaths of the lightest not written down" if hidden else ""
    for quantity, risk in (
        ("early_neonatal_mortality_rate", plan.early_neonatal),
        ("neonatal_mortality_rate", plan.neonatal),
        ("infant_mortality_rate", plan.infant),
        ("under5_mortality_rate", plan.under_five),
    ):
        yield plan.id, pd.NA, "deaths", quantity, 1000 * risk, 1000 * (risk - hidden), 1000, note
    late = (
        ("late_neonatal_mortality_rate", plan.late_neonatal),
        ("postneonatal_mortality_rate", plan.postneonatal),
    )
    for quantity, risk in late:
        yield plan.id, pd.NA, "deaths", quantity, 1000 * risk, 1000 * risk, 1000, ""
    ratio = 100_000 * plan.maternal
    yield plan.id, pd.NA, "deaths", "maternal_mortality_ratio", ratio, ratio, 100_000, ""
    rate = 1000 * plan.stillbirth
    yield plan.id, pd.NA, "births", "stillbirth_rate", rate, rate, 1000, ""


def _anemia(plan: Plan, span: Span) -> Iterator[Row]:
    groups = {
        "anemia_6_23_months": (YOUNG, plan.anemia_6_23),
        "anemia_24_59_months": (OLD, plan.anemia_24_59),
    }
    true = {name: prevalence(plan, *group) for name, group in groups.items()}
    overall = YOUNG_SHARE, 1 - YOUNG_SHARE
    for at, year in enumerate(range(span.first, span.last + 1)):
        shown = {name: shown_prevalence(plan, *group, at) for name, group in groups.items()}
        for name in groups:
            yield plan.id, year, "hemoglobin", name, 100 * true[name], 100 * shown[name], 100, "WHO 2024"
        both = [100 * float(np.dot(overall, list(found.values()))) for found in (true, shown)]
        yield plan.id, year, "hemoglobin", "anemia_prevalence_u5", *both, 100, "WHO 2024"


def _growth(plan: Plan, span: Span) -> Iterator[Row]:
    for name, (mean, spread) in (("haz", plan.haz), ("whz", plan.whz)):
        yield plan.id, pd.NA, "growth", f"{name}_mean", mean, mean, 1, ""
        yield plan.id, pd.NA, "growth", f"{name}_standard_deviation", spread, spread, 1, ""
    for name, share in (
        ("stunting_prevalence_u5", below(-2, plan.haz)),
        ("wasting_prevalence_u5", below(-2, plan.whz)),
        ("overweight_prevalence_u5", below(-2, (-plan.whz[0], plan.whz[1]))),
    ):
        yield plan.id, pd.NA, "growth", name, 100 * share, 100 * share, 100, ""


def _screening(plan: Plan, span: Span) -> Iterator[Row]:
    for program, limit in _LIMITS.items():
        register = "newborn_screening"
        screened = 100 * plan.screened[program]
        yield plan.id, pd.NA, register, f"{program}_screened", screened, screened, 100, ""
        positive, again, diseased = (100 * share for share in PROGRAMS[program][1:])
        yield plan.id, pd.NA, register, f"{program}_positive", positive, positive, 100, ""
        yield plan.id, pd.NA, register, f"{program}_positive_again", again, again, 100, "of those recalled"
        yield (
            plan.id,
            pd.NA,
            register,
            f"{program}_diseased",
            diseased,
            diseased,
            100,
            "of those diagnosed",
        )
        done = 100 * done_by(plan, program, limit)
        note = f"of those positive to the last screen; {limit} days since birth"
        yield plan.id, pd.NA, register, f"{program}_diagnosed_in_time", done, done, 100, note
    for test, (positive, disease) in CERVICAL.items():
        yield (
            plan.id,
            pd.NA,
            "cervical_screening",
            f"{test}_positive",
            100 * positive,
            100 * positive,
            100,
            "",
        )
        note = "of those with histology"
        yield (
            plan.id,
            pd.NA,
            "cervical_screening",
            f"{test}_cin2plus",
            100 * disease,
            100 * disease,
            100,
            note,
        )
    reached = by_deadline(plan, span)
    note = "women by 31 October, at the usual course"
    register = "cervical_screening"
    yield plan.id, span.last + 1, register, "women_by_deadline", reached, reached, 1, note
    for infection, share in EMTCT.items():
        yield (
            plan.id,
            pd.NA,
            "emtct",
            f"{infection}_infected_mothers",
            100 * share,
            100 * share,
            100,
            "of live births",
        )
