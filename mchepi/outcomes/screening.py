"""Screening: how many pass from each step of a program to the next, and where most are lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats import proportion
from mchepi.stats._validate import align, check_counts

if TYPE_CHECKING:
    import pandas as pd


def cascade(steps: Mapping[str, Any], *, per: float = 1, confidence_level: float = 0.95) -> pd.DataFrame:
    r"""Share of persons who reach each step of a program, among those of the step before and of the first.

    With :math:`n_i` persons at step :math:`i` the step value is :math:`n_i / n_{i-1}`, the cumulative value
    :math:`n_i / n_1`, both with Wilson limits, and :math:`n_{i-1} - n_i` persons are lost. Where a step is
    missing, neither it nor the next one can be compared with its neighbor, which `note` says; the cumulative
    values go on.

    Every step must count persons of the step before, who should all go on. Do not use it for figures of
    different years or units (tests, couples, person-times): their quotients are no proportions.

    Parameters
    ----------
    steps : mapping of str to int
        Persons at each step, in order: eligible, screened, positive, diagnosed, treated. None or NaN where a
        count is not stated.
    per : float
        The unit: 100 gives percent.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    pandas.DataFrame
        One row a step: step, persons (Int64), lost (Int64), step_value, step_lower, step_upper,
        cumulative_value, cumulative_lower, cumulative_upper, method, note. The first step has no step value,
        and its cumulative value, `per`, no limits.

    Raises
    ------
    ValueError
        If there is no step, a count is negative or no whole number, or more persons are at a step than at
        the one before.

    References
    ----------
    Wilson EB (1927). Probable inference, the law of succession, and statistical inference. Journal of the
    American Statistical Association 22(158):209-212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> from mchepi.outcomes import cascade
    >>> steps = cascade({"referred": 28, "diagnosed": 25, "treated": 21}, per=100)
    >>> steps[["step", "persons", "lost", "step_value", "step_lower", "step_upper"]].round(1)
            step  persons  lost  step_value  step_lower  step_upper
    0   referred       28  <NA>         NaN         NaN         NaN
    1  diagnosed       25     3        89.3        72.8        96.3
    2    treated       21     4        84.0        65.3        93.6
    """
    import pandas as pd

    if not steps:
        raise ValueError("`steps` must hold at least one step; got none. Give a mapping of step to persons.")
    (counts,), layout = align(steps=pd.Series(dict(steps), dtype=object).rename_axis("step"))
    check_counts("steps", counts, layout, of="persons")
    persons = pd.Series(counts, index=layout.index)
    before = persons.shift()
    _require_falling(persons, persons.ffill().shift())
    by_step = proportion(persons, before, per=per, confidence_level=confidence_level)
    from_first = proportion(persons, persons.iloc[0], per=per, confidence_level=confidence_level)
    limited = np.arange(len(persons)) > 0
    return pd.DataFrame(
        {
            "step": persons.index,
            "persons": persons.astype("Int64"),
            "lost": (before - persons).astype("Int64"),
            "step_value": by_step.value,
            "step_lower": by_step.lower,
            "step_upper": by_step.upper,
            "cumulative_value": from_first.value,
            "cumulative_lower": from_first.lower.where(limited),
            "cumulative_upper": from_first.upper.where(limited),
            "method": by_step.method,
            "note": _notes(persons.isna(), before.isna() & limited, before == 0),
        }
    ).reset_index(drop=True)


def _require_falling(persons: pd.Series[float], before: pd.Series[float]) -> None:
    bad = np.flatnonzero(persons > before)
    if bad.size:
        shown = [f"{persons.iloc[i]:.0f} at {persons.index[i]} after {before.iloc[i]:.0f}" for i in bad[:3]]
        more = f" (first three of {bad.size})" if bad.size > 3 else ""
        raise ValueError(
            f"`steps` must never grow; got {', '.join(shown)}{more}. "
            "Check their order, and that all of them count the same persons."
        )


def _notes(missing: pd.Series[bool], after_missing: pd.Series[bool], empty: pd.Series[bool]) -> list[str]:
    phrases = ("missing: persons", "missing: step before", "denominator zero")
    return [
        "; ".join(phrase for phrase, holds in zip(phrases, row, strict=True) if holds)
        for row in zip(missing, after_missing, empty, strict=True)
    ]
