"""Mortality of children and mothers from registers: counts of a year, rates by events and by birth cohort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mchepi.outcomes._registers import Registers, read_registers
from mchepi.outcomes.mortality_causes import cause_group
from mchepi.stats import proportion, rate
from mchepi.stats._validate import FloatArray, check_choice, check_level

if TYPE_CHECKING:
    import pandas as pd


class _Measure(NamedTuple):
    """An indicator, its counts, and the whole years that a birth cohort must have been followed for."""

    indicator: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    per: float
    followed: int | None  # None: has no cohort


_LIVE, _ALL = ("live_births",), ("live_births", "stillbirths")
_MEASURES = (
    _Measure("early_neonatal_mortality_rate", ("early_neonatal_deaths",), _LIVE, 1000, 0),
    _Measure("late_neonatal_mortality_rate", ("late_neonatal_deaths",), _LIVE, 1000, 0),
    _Measure("neonatal_mortality_rate", ("neonatal_deaths",), _LIVE, 1000, 0),
    _Measure("postneonatal_mortality_rate", ("postneonatal_deaths",), _LIVE, 1000, 1),
    _Measure("infant_mortality_rate", ("infant_deaths",), _LIVE, 1000, 1),
    _Measure("under5_mortality_rate", ("under5_deaths",), _LIVE, 1000, 5),
    _Measure("stillbirth_rate", ("stillbirths",), _ALL, 1000, 0),
    _Measure("perinatal_mortality_rate", ("stillbirths", "early_neonatal_deaths"), _ALL, 1000, 0),
    _Measure("maternal_mortality_ratio", ("maternal_deaths",), _LIVE, 100_000, None),
)
DEFINITIONS = ("events", "cohort")
_DEFECTS = ("neural_tube_defect", "congenital_heart_disease", "other_birth_defect")


def register_counts(
    births: pd.DataFrame,
    deaths: pd.DataFrame | None,
    *,
    year: str = "calendar",
    weeks: int = 28,
    years: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """Births and deaths of each district and year, counted from registers, as numbers of persons.

    Parameters
    ----------
    births, deaths : pandas.DataFrame
        The registers as `Dataset.register` hands them out: without ids, names or dates. Deaths of None: there
        is no such register, and they are missing; an empty one says that nobody died.
    year : {"calendar", "mch"}
        "mch": from 1 October of the year before to 30 September, as China's reports of maternal and child
        health have it.
    weeks : {28, 22}
        Completed weeks from which a birth counts, alive or not. Where they are not known, births from 1,000 g
        (500 g) count; where the weight is not known either, the birth counts.
    years : (int, int), optional
        First and last year that both registers cover whole. Without it those in which births reach from the
        second month of the first year to the second last month of the last; none of them whole: no rows.

    Returns
    -------
    pandas.DataFrame
        One row a district and year, in columns that the catalog of indicators knows: live_births,
        stillbirths, total_births, live_births_weighed, low_birth_weight_births (below 2,500 g),
        preterm_births (below 37 weeks), early_neonatal_deaths (0-6 days), late_neonatal_deaths (7-27),
        neonatal_deaths, postneonatal_deaths, infant_deaths, child_deaths_1_4, under5_deaths,
        birth_defect_infant_deaths, birth_defect_under5_deaths, maternal_deaths; and
        child_deaths_age_unknown, which are in none of the others. Missing where a register does not hold
        what is counted.

    Raises
    ------
    ValueError
        Absent columns, other words, negative ages or measures, another `year`, `weeks` or `years`. No message
        shows an id or a date.

    Notes
    -----
    Deaths count in the year of death, wherever and whenever the child was born: the Chinese definition.
    Deaths of children whose own birth is in the register and does not count (fewer weeks) are left out. A
    year of the district without a death counts 0: a register does not tell none from none written down (see
    `under_reporting_signs`). Rows without a year are left out. Maternal deaths are those that the register
    calls so: accidents and late deaths should not be among them (see `causes_of_death`).

    Not where the registers are of different populations, such as births by hospital and deaths by residence.

    Examples
    --------
    Constructed: two births and a death in the second week.

    >>> import pandas as pd
    >>> from mchepi.outcomes import register_counts
    >>> births = pd.DataFrame({"district": "a", "year": 2023, "month": [1, 12], "outcome": "live_birth"})
    >>> deaths = pd.DataFrame({"district": ["a"], "year": 2023, "birth_year": 2023, "kind": "child",
    ...                        "age_days": 9, "age_months": 0})
    >>> counts = register_counts(births, deaths)
    >>> counts[["district", "year", "live_births", "early_neonatal_deaths", "neonatal_deaths"]]
      district  year  live_births  early_neonatal_deaths  neonatal_deaths
    0        a  2023            2                      0                1
    """
    import pandas as pd

    registers = read_registers(births, deaths, year=year, weeks=weeks, years=years)
    counts = _birth_counts(registers) | _death_counts(registers)
    frame = pd.DataFrame(registers.index() | counts)
    return frame.astype(dict.fromkeys(counts, "Int64"))


def register_mortality(
    births: pd.DataFrame,
    deaths: pd.DataFrame | None,
    *,
    definition: str = "events",
    year: str = "calendar",
    weeks: int = 28,
    years: tuple[int, int] | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Mortality of children per 1,000 births and of mothers per 100,000 live births, from registers.

    Parameters
    ----------
    births, deaths, year, weeks, years
        As in `register_counts`.
    definition : {"events", "cohort"}
        "events": deaths of the year over births of the year, as China reports. "cohort": of the children born
        in the year, those who died, whenever that was.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        district, year, indicator, numerator, denominator, value, lower, upper, per, method, confidence_level
        and note, as `mchepi.indicators.compute` gives them: early_neonatal_mortality_rate,
        late_neonatal_mortality_rate, neonatal_mortality_rate, postneonatal_mortality_rate,
        infant_mortality_rate, under5_mortality_rate, stillbirth_rate, perinatal_mortality_rate and, by events
        only, maternal_mortality_ratio.

    Raises
    ------
    ValueError
        As `register_counts`; an unknown definition, or a level outside (0, 1).

    Notes
    -----
    By events the limits are exact for a Poisson count. By cohort the deaths are among the births, and the
    limits are Wilson's. Both say which underlying risk is compatible with the count, and know nothing of
    deaths that were not written down. No death has a real upper limit: 3.7 over the births; how many births
    would tell is answered by `event_free_size`.

    A cohort has a value once its youngest children were followed to the end of the age; before, the deaths so
    far stand without it. In the last year the neonatal deaths of the last births may lie beyond the register:
    the note says so. Children who moved away are not known to have lived: where many do, a cohort rate is
    too low.

    By events, the deaths at 1 to 4 years come from earlier births: where births fall the under-five rate
    rises by that alone (see `under5_change`).

    Not for birth histories of a survey (see `birth_history_mortality`).

    References
    ----------
    Garwood F (1936). Fiducial limits for the Poisson distribution. Biometrika 28(3-4): 437-442.
    doi:10.1093/biomet/28.3-4.437

    Examples
    --------
    Constructed: a thousand births and three deaths, one of them of a child born in the year before.

    >>> import pandas as pd
    >>> from mchepi.outcomes import register_mortality
    >>> births = pd.DataFrame({"district": "a", "year": 2023, "month": [1 + i % 12 for i in range(1000)],
    ...                        "outcome": "live_birth"})
    >>> deaths = pd.DataFrame({"district": "a", "year": 2023, "birth_year": [2023, 2023, 2022],
    ...                        "kind": "child", "age_days": [2, 60, 300], "age_months": [0, 1, 9]})
    >>> found = register_mortality(births, deaths).set_index("indicator")
    >>> found.loc[["neonatal_mortality_rate", "infant_mortality_rate"], ["value", "lower", "upper"]].round(2)
                             value  lower  upper
    indicator
    neonatal_mortality_rate    1.0   0.03   5.57
    infant_mortality_rate      3.0   0.62   8.77
    >>> cohort = register_mortality(births, deaths, definition="cohort").set_index("indicator")
    >>> cohort.loc["infant_mortality_rate", "note"]
    'not followed to the end of the age: deaths to the end of 2024 are needed'
    """
    import pandas as pd

    check_choice("definition", definition, DEFINITIONS)
    level = check_level(confidence_level)
    registers = read_registers(births, deaths, year=year, weeks=weeks, years=years)
    keys = registers.index()
    by_cohort = definition == "cohort"
    counts = _birth_counts(registers) | _age_counts(registers, by_cohort=by_cohort)
    parts = []
    for measure in _MEASURES:
        if by_cohort and measure.followed is None:
            continue
        events = np.sum([counts[name] for name in measure.numerator], axis=0)
        total = np.sum([counts[name] for name in measure.denominator], axis=0)
        notes = _unknown(measure, counts["child_deaths_age_unknown"])
        if by_cohort:
            followed = _followed(measure, keys["year"], registers.years[1])
            notes = ["; ".join(filter(None, both)) for both in zip(followed, notes, strict=True)]
        part = pd.DataFrame(
            keys | {"indicator": measure.indicator, "numerator": events, "denominator": total}
        )
        parts.append(_with_limits(part, measure.per, level, notes, by_cohort=by_cohort))
    frame = pd.concat(parts, ignore_index=True)
    return frame.astype({"numerator": "Int64", "denominator": "Int64", "note": "str"})


def _birth_counts(registers: Registers) -> dict[str, FloatArray]:
    born = registers.births

    def count(mark: Any) -> FloatArray:
        return registers.count(born.district, born.year, np.asarray(mark))

    every = np.ones(len(born.year), dtype=bool)
    weighed, dated = born.live & ~np.isnan(born.weight), born.live & ~np.isnan(born.weeks)
    return {
        "live_births": count(born.live),
        "stillbirths": count(~born.live),
        "total_births": count(every),
        "live_births_weighed": count(weighed),
        "low_birth_weight_births": np.where(
            count(weighed) > 0, count(weighed & (born.weight < 2500)), np.nan
        ),
        "preterm_births": np.where(count(dated) > 0, count(dated & (born.weeks < 37)), np.nan),
    }


def _age_counts(registers: Registers, *, by_cohort: bool = False) -> dict[str, FloatArray]:
    died = registers.deaths
    year = died.birth_year if by_cohort else died.year
    counts = {
        name: registers.count(died.district, year, np.asarray(mark)) for name, mark in died.ages().items()
    }
    counts["maternal_deaths"] = registers.count(died.district, died.year, ~died.child)
    counts["child_deaths_age_unknown"] = registers.count(died.district, died.year, died.child & ~died.known)
    if not registers.has_deaths:
        counts = {name: np.full_like(count, np.nan) for name, count in counts.items()}
    return counts


def _death_counts(registers: Registers) -> dict[str, FloatArray]:
    import pandas as pd

    died = registers.deaths
    counts = _age_counts(registers)
    last = {name: counts.pop(name) for name in ("maternal_deaths", "child_deaths_age_unknown")}
    causes = pd.Series(
        np.nan if died.cause is None else died.cause, index=range(len(died.year)), dtype=object
    )
    defect = cause_group(causes).isin(_DEFECTS).to_numpy()
    # Without any cause nothing is known of birth defects; without a death there is none.
    unknown = not registers.has_deaths or (bool(len(causes)) and bool(causes.isna().all()))
    for name, age in (("infant", "infant_deaths"), ("under5", "under5_deaths")):
        found = registers.count(died.district, died.year, defect & died.ages()[age])
        counts[f"birth_defect_{name}_deaths"] = np.full_like(found, np.nan) if unknown else found
    return counts | last


def _with_limits(
    part: pd.DataFrame, per: float, level: float, notes: Any, *, by_cohort: bool
) -> pd.DataFrame:
    shown = np.array([not note.startswith("not followed") for note in notes], dtype=bool)
    events = np.where(shown, part["numerator"], np.nan)
    total = np.where(part["denominator"] > 0, part["denominator"], np.nan)
    if by_cohort:
        # Deaths of children born elsewhere may outnumber the births of a tiny district.
        found = proportion(np.where(events <= total, events, np.nan), total, per=per, confidence_level=level)
    else:
        found = rate(events, total, per=per, confidence_level=level)
    empty = np.select([np.isnan(total), part["numerator"].isna()], ["no births", "no register of deaths"], "")
    return part.assign(
        value=np.asarray(events / total * per),
        lower=found.lower,
        upper=found.upper,
        per=per,
        method=found.method,
        confidence_level=level,
        note=["; ".join(filter(None, both)) for both in zip(empty, notes, strict=True)],
    )


def _followed(measure: _Measure, years: Any, last: int) -> list[str]:
    """What is not known yet of the cohorts of these years."""
    wait = measure.followed or 0
    if measure.indicator == "stillbirth_rate":
        return [""] * len(years)
    if wait:
        text = "not followed to the end of the age: deaths to the end of {} are needed"
        return [text.format(year + wait) if year + wait > last else "" for year in years]
    text = "the last births of the year may not be followed to the end of the age"
    return [text if year == last else "" for year in years]


def _unknown(measure: _Measure, counts: FloatArray) -> list[str]:
    """Deaths of children of unknown age, which might belong to any of the ages."""
    if measure.numerator in (("stillbirths",), ("maternal_deaths",)):
        return [""] * len(counts)
    return [f"deaths of unknown age left out: {count:.0f}" if count > 0 else "" for count in counts]
