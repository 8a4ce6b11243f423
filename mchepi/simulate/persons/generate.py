"""Simulated registers of individual records: every person, the truth behind them, and what was planted."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mchepi.simulate.persons._chance import Chance
from mchepi.simulate.persons.births import Span, births, births_register, deaths_register
from mchepi.simulate.persons.cervical import cervical_register, quotas
from mchepi.simulate.persons.counts import counts_of
from mchepi.simulate.persons.entry_errors import enter_errors
from mchepi.simulate.persons.growth import growth_register
from mchepi.simulate.persons.hemoglobin import hemoglobin_register
from mchepi.simulate.persons.plans import PLANS, Plan
from mchepi.simulate.persons.planted import plants_frame
from mchepi.simulate.persons.screening import emtct_register, newborn_register
from mchepi.simulate.persons.truth import truth_frame

EARLIEST, LATEST = 2006, 2050


@dataclass(frozen=True, eq=False)
class Registers:
    """Simulated registers. Nobody in them is real; the place names are invented and say so.

    Attributes
    ----------
    tables : dict of str to DataFrame
        "births", "deaths", "hemoglobin", "growth", "newborn_screening", "cervical_screening", "emtct": one
        row a person (a measurement, a program), all cells as text, with the rows typed wrong.
    counts : DataFrame
        One row a banner and calendar year, counted in the registers before anything was typed wrong. The
        register of cervical screening goes on into the year after the last, which has no counts yet.
    quotas : DataFrame
        One row a banner and quota of that year: `item`, `unit`, `start`, `deadline`, `quota`.
    truth : DataFrame
        One row a banner, quantity and, where it differs, year: `true_value`, the rate, share or mean that
        chance plays upon, `shown_value` what the register as written down shows on average, `per`.
    faults : DataFrame
        One row a thing planted: `kind`, `nature` (truth, counting, entry), `district`, `register`, `row` of
        the file (for rows typed wrong), `columns` and a description in both languages.
    seed : int
    years : (int, int)
    """

    tables: dict[str, pd.DataFrame]
    counts: pd.DataFrame
    quotas: pd.DataFrame
    truth: pd.DataFrame
    faults: pd.DataFrame
    seed: int
    years: tuple[int, int]


def registers(
    *,
    years: tuple[int, int] = (2022, 2024),
    seed: int = 20241001,
    plans: Sequence[Plan] = PLANS,
    entry_errors: bool = True,
) -> Registers:
    """Simulate registers of fictional banners with known risks, measurements, delays and ways of counting.

    Each banner and quantity has a stream of random numbers of its own: another plan of one banner leaves the
    others as they were.

    Parameters
    ----------
    years : (int, int)
        First and last calendar year of the registers, from 2006 to 2050.
    seed : int
        0 or more.
    plans : sequence of Plan
        The banners; the four of the example dataset by default.
    entry_errors : bool
        Enter rows that are typed wrong.

    Returns
    -------
    Registers
        With `tables`, `counts`, `truth` and `faults`.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> from mchepi.simulate import registers
    >>> made = registers(years=(2024, 2024))
    >>> made.tables["births"].columns.tolist()[:5]
    ['record_id', 'district', 'birth_date', 'outcome', 'sex']
    >>> made.counts[["district", "live_births", "neonatal_deaths"]].shape
    (4, 3)
    """
    span = _checked(years, seed, plans)
    parts = []
    for number, plan in enumerate(plans, start=1):
        chance = Chance(seed, number)
        born = births(plan, chance, span)
        parts.append(
            {
                "births": births_register(plan, born, span),
                "deaths": deaths_register(plan, chance, born, span),
                "hemoglobin": hemoglobin_register(plan, chance, span),
                "growth": growth_register(plan, chance, span),
                "newborn_screening": newborn_register(plan, chance, born, span),
                "cervical_screening": cervical_register(plan, chance, span),
                "emtct": emtct_register(plan, chance, born, span),
            }
        )
    counts = [counts_of(plan, own, (span.first, span.last)) for plan, own in zip(plans, parts, strict=True)]
    tables = {name: pd.concat([own[name] for own in parts], ignore_index=True) for name in parts[0]}
    faults = plants_frame(plans, span)
    if entry_errors:
        tables, typed = enter_errors(tables)
        faults = pd.concat([faults, typed.assign(nature="entry")], ignore_index=True)
    faults = faults.astype({"row": "Int64"})
    return Registers(
        tables,
        pd.concat(counts, ignore_index=True),
        pd.concat([quotas(plan, span) for plan in plans], ignore_index=True),
        truth_frame(plans, span),
        faults,
        seed,
        (span.first, span.last),
    )


def _checked(years: tuple[int, int], seed: int, plans: Sequence[Plan]) -> Span:
    try:
        span = Span(*(operator.index(year) for year in years))
    except TypeError:
        raise ValueError(
            f"`years` must be a first and a last year; got {years!r}. Say (2022, 2024)."
        ) from None
    if not EARLIEST <= span.first <= span.last <= LATEST:
        raise ValueError(
            f"`years` must be in order and within {EARLIEST} to {LATEST}; got {span.first}, {span.last}. "
            "Say (2022, 2024)."
        )
    if operator.index(seed) < 0:
        raise ValueError(f"`seed` must be 0 or more; got {seed}. Any whole number such as 20241001 will do.")
    if not plans or len({plan.id for plan in plans}) < len(plans):
        raise ValueError("`plans` must be of one banner or more, each with its own id. Give them other ids.")
    return span
