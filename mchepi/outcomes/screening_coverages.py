"""Persons, tests and quotas of a screening program, kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._by_measure import by_measure
from mchepi.stats import proportion
from mchepi.stats._estimate import Estimate, laid_out
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_counts,
    check_level,
    check_part,
    check_positive,
)

if TYPE_CHECKING:
    import pandas as pd


def screening_coverage(
    persons: Any,
    *,
    eligible: Any = None,
    tests: Any = None,
    quota: Any = None,
    per: float = 1,
    limits: bool = False,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Coverage and quota completion (times `per`) and tests a person of a program, each with its own line.

    Parameters
    ----------
    persons : int, array or Series
        Persons screened at least once (人, not 人次).
    eligible : int, array or Series, optional
        Persons who should be screened in this period. Coverage (覆盖率) is of them and never exceeds 1.
    tests : int, array or Series, optional
        Tests done or visits (人次), at least one a person.
    quota : int, array or Series, optional
        The task set for the period. Completion (完成率) is of the task, may exceed 1 and says nothing of
        those who were left out.
    per : float
        The unit of coverage and completion: 100 gives percent.
    limits : bool
        Wilson limits of the coverage, for a sample. A register counts everyone: there the coverage is
        arithmetic and has none.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    pandas.DataFrame
        Rows coverage, quota_completion, tests_a_person; columns value, lower, upper (NaN unless asked for),
        method ("arithmetic" or "wilson"), note. For arrays or Series these rows for each element, the index
        (label, measure).

    Raises
    ------
    ValueError
        Counts that are negative or fractional, more persons than are eligible, fewer tests than persons.

    Examples
    --------
    Constructed: a quota met to 100 % is not everyone.

    >>> from mchepi.outcomes import screening_coverage
    >>> found = screening_coverage(17000, eligible=24000, quota=17000, tests=20000, per=100)
    >>> found[["value", "note"]].round(1)
                      value note
    measure
    coverage           70.8
    quota_completion  100.0
    tests_a_person      1.2
    """
    level = check_level(confidence_level)
    per = check_positive("per", per)
    given = {
        "persons": persons,
        "eligible": np.nan if eligible is None else eligible,
        "tests": np.nan if tests is None else tests,
        "quota": np.nan if quota is None else quota,
    }
    read, layout = align(**given)
    for name, counts in zip(given, read, strict=True):
        check_counts(name, counts, layout, of="persons" if name != "tests" else "tests")
    screened, should, done, task = np.broadcast_arrays(*read)
    check_part(
        "persons", screened, "eligible", should, layout, "If these are tests or visits, give them as `tests`."
    )
    check_part("persons", screened, "tests", done, layout, "Nobody is screened without a test: swap them?")
    plain = Layout(layout.shape)
    if limits:
        coverage = proportion(screened, should, per=per, confidence_level=level)
    else:
        coverage = _quotient(screened, should, "eligible", plain, level, per)
    return by_measure(
        {
            "coverage": coverage,
            "quota_completion": _quotient(screened, task, "quota", plain, level, per),
            "tests_a_person": _quotient(done, screened, "tests", plain, level, 1),
        },
        layout,
        methods={},
        notes=_say,
    )


def _quotient(
    above: FloatArray, below: FloatArray, name: str, layout: Layout, level: float, per: float
) -> Estimate:
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(below > 0, above / below, np.nan)
    nothing = np.full(value.shape, np.nan)
    given = above if name == "tests" else below
    other = below if name == "tests" else above
    reasons = [
        (np.isnan(given), f"missing: {name}"),
        (np.isnan(other), "missing: persons"),
        (below == 0, "denominator zero"),
    ]
    return laid_out(value, nothing, nothing, layout, reasons, method="arithmetic", level=level, per=per)


def _say(measure: str, note: str) -> str:
    # `proportion` calls its arguments events and total.
    said = {"missing: events": "missing: persons", "missing: total": "missing: eligible"}
    return (
        "; ".join(said.get(phrase, phrase) for phrase in note.split("; ")) if measure == "coverage" else note
    )
