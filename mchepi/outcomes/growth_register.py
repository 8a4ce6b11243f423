"""A register of weights and heights: one measurement a child and year, what it comes to, how good it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._survey_shares import share
from mchepi.outcomes.growth import growth_status, growth_z_scores
from mchepi.outcomes.measurement_quality import digit_preference, implied_z_distribution, z_score_quality
from mchepi.stats._validate import check_level

if TYPE_CHECKING:
    import pandas as pd

STATES = ("stunted", "severely_stunted", "wasted", "severely_wasted", "underweight", "overweight", "obese")
_INDEX_OF = {"stunted": "haz", "wasted": "whz", "underweight": "waz"}
_WANTED = ("district", "record_id", "year", "month", "age_days", "sex", "weight_kg", "height_cm")


def growth_results(register: pd.DataFrame) -> pd.DataFrame:
    """Z-scores of children under five in a register, no unit, one measurement a child and year.

    Parameters
    ----------
    register : pandas.DataFrame
        The register of growth as `Dataset.register` hands it out.

    Returns
    -------
    pandas.DataFrame
        One row a child and year, the first measurement of the year: the columns of the register, those of
        `growth_z_scores` and those of `growth_status`.

    Raises
    ------
    ValueError
        Absent columns, and as `growth_z_scores`.

    Notes
    -----
    The first of a year counts, because retests are of the children found small. Children from the fifth
    birthday on have no z-scores here.

    Examples
    --------
    Constructed: a girl of 365 days.

    >>> import pandas as pd
    >>> from mchepi.outcomes import growth_results
    >>> register = pd.DataFrame({"district": "a", "record_id": [1], "year": 2023, "month": 1,
    ...     "age_days": 365.0, "sex": "female", "weight_kg": 9.0, "height_cm": 72.0})
    >>> growth_results(register)[["haz", "waz", "stunted"]].round(2)
        haz   waz  stunted
    0 -0.78  0.05    False
    """
    absent = [name for name in _WANTED if name not in register.columns]
    if absent:
        raise ValueError(
            f"`register` must have the columns of the register of growth; got none called "
            f"{', '.join(absent)}. Read it with `Dataset.register`."
        )
    placed = register.assign(_place=np.arange(len(register)))
    ordered = placed.sort_values(["year", "month", "_place"], kind="stable").drop(columns="_place")
    again = ordered.duplicated(["district", "record_id", "year"]) & ordered["record_id"].notna()
    kept = ordered[~again.to_numpy(dtype=bool)].reset_index(drop=True)
    edema = kept["edema"].to_numpy(dtype=object) if "edema" in kept else None
    scores = growth_z_scores(
        kept["age_days"].to_numpy(dtype=float, na_value=np.nan),
        kept["sex"].to_numpy(dtype=object),
        weight=kept["weight_kg"].to_numpy(dtype=float, na_value=np.nan),
        length=kept["height_cm"].to_numpy(dtype=float, na_value=np.nan),
        lying=kept["lying"].to_numpy(dtype=object) if "lying" in kept else None,
        edema=edema,
    )
    return kept.join(scores).join(growth_status(scores, edema=edema))


def growth_prevalence(results: pd.DataFrame, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Stunting, wasting, underweight and overweight of children under five in percent, by year.

    Parameters
    ----------
    results : pandas.DataFrame
        As `growth_results` gives it.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    pandas.DataFrame
        One row a district, year and state (stunted, severely_stunted, wasted, severely_wasted, underweight,
        overweight, obese): numerator, denominator, value, lower, upper (percent), design_effect, method,
        implied_mean and implied_standard_deviation (of the z-scores behind the first three, were they
        normal: `implied_z_distribution`), standard ("who_2006"), per, confidence_level.

    Notes
    -----
    Weighted, with a survey's limits, where weights, strata or clusters are stated; otherwise Wilson's.

    Examples
    --------
    Constructed:

    >>> import pandas as pd
    >>> from mchepi.outcomes import growth_prevalence, growth_results
    >>> register = pd.DataFrame({"district": "a", "record_id": [1, 2], "year": 2023, "month": 1,
    ...     "age_days": 365.0, "sex": "female", "weight_kg": 9.0, "height_cm": [72.0, 65.0]})
    >>> growth_prevalence(growth_results(register))[["state", "numerator", "denominator"]].head(1)
         state  numerator  denominator
    0  stunted          1            2
    """
    import pandas as pd

    level = check_level(confidence_level)
    rows = []
    for (district, year), children in results.groupby(["district", "year"], sort=True):
        persons = children.reset_index(drop=True)
        everybody = np.ones(len(persons), dtype=bool)
        for state in STATES:
            found = share(persons, persons[state], everybody, confidence_level=level)
            rows.append({"district": district, "year": year, "state": state, **found})
    columns = ["district", "year", "state", "numerator", "denominator", "value", "lower", "upper"]
    frame = pd.DataFrame(rows, columns=[*columns, "design_effect", "method"])
    implied = implied_z_distribution(frame["value"].astype(float))
    known = frame["state"].isin(_INDEX_OF)
    return frame.assign(
        implied_mean=implied["implied_mean"].where(known),
        implied_standard_deviation=implied["implied_standard_deviation"].where(known),
        standard="who_2006",
        per=100,
        confidence_level=level,
    )


def growth_quality(results: pd.DataFrame) -> pd.DataFrame:
    """How well children were measured in each year: mean and spread of z-scores, preferred last digits.

    Parameters
    ----------
    results : pandas.DataFrame
        As `growth_results` gives it.

    Returns
    -------
    pandas.DataFrame
        One row a district, year and z_index (haz, waz, whz, baz), as `z_score_quality` has it;
        digit_score (of heights to 0.1 cm for haz, of weights to 0.1 kg for waz, see `digit_preference`).

    Examples
    --------
    Constructed:

    >>> import pandas as pd
    >>> from mchepi.outcomes import growth_quality, growth_results
    >>> register = pd.DataFrame({"district": "a", "record_id": [1, 2], "year": 2023, "month": 1,
    ...     "age_days": 365.0, "sex": "female", "weight_kg": 9.0, "height_cm": [72.0, 76.0]})
    >>> found = growth_quality(growth_results(register))
    >>> found[["z_index", "counted", "standard_deviation", "digit_score"]].head(1).round(2)
      z_index  counted  standard_deviation  digit_score
    0     haz        2                 1.1        100.0
    """
    import pandas as pd

    frames = []
    for (district, year), children in results.groupby(["district", "year"], sort=True):
        found = z_score_quality(children).reset_index(names="z_index")
        scores: dict[str, Any] = {
            index: float(digit_preference(children[name].to_numpy(dtype=float))["score"].iloc[0])
            for index, name in (("haz", "height_cm"), ("waz", "weight_kg"))
        }
        keys = pd.DataFrame({"district": [district] * len(found), "year": year})
        frames.append(keys.join(found).assign(digit_score=found["z_index"].map(scores)))
    if not frames:
        return pd.DataFrame(columns=["district", "year", "z_index"])
    return pd.concat(frames, ignore_index=True)
