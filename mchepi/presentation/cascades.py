"""Which counts make up the cascade of each program, and at which of its steps persons are lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pandas as pd

from .numbers import is_missing
from .package_data import table


@cache
def _programs() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in table("cascades"):
        found.setdefault(row["program"], {})[row["step"]] = row["kind"]
    return found


def step_kinds(program: str) -> dict[str, str]:
    """The steps of a program, each with what becomes of those who are not at the next.

    ``passed``: whoever of the step before is not here was lost. ``found``: this is what the step before
    found, and nobody was lost. ``start``: the first step.

    Examples
    --------
    >>> step_kinds("metabolic")["newborns_metabolic_recalled"]
    'passed'
    """
    if program not in _programs():
        known = ", ".join(_programs())
        raise ValueError(f"`program` must be one of {known}; got {program!r}. Take one of them.")
    return _programs()[program]


def cascade_steps(counts: pd.DataFrame, program: str) -> dict[str, int | None]:
    """Persons at each step of a program in the last year that states its first step.

    Parameters
    ----------
    counts : pandas.DataFrame
        The counts of one district, a row a year.
    program : str
        ``metabolic``, ``hearing``, ``heart``, ``prenatal``, ``hepatitis_b``, ``cervical``, ``breast``.

    Returns
    -------
    dict of str to int or None
        Column to persons, in order; None where the count is not stated or contradicts the step before.

    Examples
    --------
    >>> rows = pd.DataFrame({"year": [2023], "women_screened_breast": [17000]})
    >>> list(cascade_steps(rows, "breast").values())
    [17000, None, None, None]
    """
    kinds = step_kinds(program)
    first = next(iter(kinds))
    with_start = counts[counts[first].notna()] if first in counts else counts.iloc[:0]
    if with_start.empty:
        return dict.fromkeys(kinds)
    row = with_start.sort_values("year").iloc[-1]
    steps: dict[str, int | None] = {}
    most = int(row[first])
    for column in kinds:
        persons = None if column not in row or is_missing(row[column]) else int(row[column])
        steps[column] = persons if persons is not None and persons <= most else None
        most = most if steps[column] is None else int(row[column])
    return steps


def each_cascade(
    counts: pd.DataFrame, cascade: Callable[..., pd.DataFrame], *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Form the cascade of every program by itself, in percent.

    Parameters
    ----------
    counts : pandas.DataFrame
        The counts of one district, a row a year.
    cascade : callable
        Takes (steps, *, per, confidence_level), as `mchepi.outcomes.cascade` does.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    pandas.DataFrame
        What `cascade` gives, one program below the other, with program and year before it. Programs whose
        first step is never stated are left out.

    Examples
    --------
    >>> from mchepi.outcomes import cascade
    >>> rows = pd.DataFrame({"year": [2023], "women_screened_breast": [17000],
    ...     "women_breast_screen_positive": [540]})
    >>> each_cascade(rows, cascade)[["program", "year", "step", "persons"]].head(2).values.tolist()
    [['breast', 2023, 'women_screened_breast', 17000], ['breast', 2023, 'women_breast_screen_positive', 540]]
    """
    found = []
    for program in _programs():
        year = _year(counts, program)
        if year is not None:
            frame = cascade(cascade_steps(counts, program), per=100, confidence_level=confidence_level)
            found.append(frame.assign(program=program, year=year))
    if not found:
        return pd.DataFrame(columns=["program", "year", "step", "persons"])
    together = pd.concat(found, ignore_index=True)
    return together[["program", "year", *(name for name in together if name not in ("program", "year"))]]


def _year(counts: pd.DataFrame, program: str) -> int | None:
    first = next(iter(step_kinds(program)))
    years = [int(year) for year in counts.loc[counts[first].notna(), "year"]] if first in counts else []
    return max(years, default=None)
