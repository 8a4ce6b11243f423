"""Shares of the persons of a register: of all who came, or weighted where it was a survey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats import proportion, survey_proportion

if TYPE_CHECKING:
    import pandas as pd

    from mchepi.stats._validate import FloatArray, Mask

DESIGN = ("weight", "stratum", "cluster")


def design_of(persons: pd.DataFrame) -> list[str]:
    """The columns of a survey's design that are stated; none: it was no survey."""
    return [name for name in DESIGN if name in persons and persons[name].notna().any()]


def sample_weights(persons: pd.DataFrame) -> FloatArray:
    """Whom each person stands for; all alike where no weight is stated."""
    if "weight" not in design_of(persons):
        return np.ones(len(persons))
    return persons["weight"].to_numpy(dtype=float, na_value=np.nan)


def share(
    persons: pd.DataFrame,
    outcome: pd.Series[Any],
    domain: Mask,
    *,
    confidence_level: float,
    per: float = 100,
    weights: FloatArray | None = None,
) -> dict[str, Any]:
    """Counts, share per `per`, limits and design effect of the persons of a domain.

    `persons` are all who were tested in a year; those without a stated design are left out of a survey.
    """
    design = design_of(persons)
    known = persons[design].notna().all(axis=1).to_numpy(dtype=bool) & outcome.notna().to_numpy(dtype=bool)
    inside = known & np.asarray(domain, dtype=bool)
    events = int(outcome[inside].astype(bool).sum())
    found: dict[str, Any] = {"numerator": events, "denominator": int(inside.sum())}
    if not design or not inside.any():
        estimate: Any = proportion(events, int(inside.sum()), per=per, confidence_level=confidence_level)
        return {**found, **_read(estimate), "design_effect": np.nan, "method": "wilson"}
    sample = persons[known]
    estimate = survey_proportion(
        outcome[known].to_numpy(dtype=float),
        weights=sample_weights(persons)[known] if weights is None else weights[known],
        strata=sample["stratum"].to_numpy() if "stratum" in design else None,
        clusters=sample["cluster"].to_numpy() if "cluster" in design else None,
        domain=inside[known],
        per=per,
        confidence_level=confidence_level,
        assumed_design_effect=1.5,
    )
    effect = float(estimate.design_effect)
    return {**found, **_read(estimate), "design_effect": effect, "method": "survey_logit"}


def _read(estimate: Any) -> dict[str, float]:
    return {name: float(getattr(estimate, name)) for name in ("value", "lower", "upper")}
