"""Anemia from a register: who was tested, prevalence by age and trimester, standardized, by other rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._survey_shares import design_of, sample_weights, share
from mchepi.outcomes.anemia_problem import public_health_class
from mchepi.outcomes.anemia_rule_sets import RULE_SETS, compare_rule_sets
from mchepi.outcomes.hemoglobin_register import AGES
from mchepi.stats import direct_standardized_proportion
from mchepi.stats._validate import Mask, check_level

if TYPE_CHECKING:
    import pandas as pd

ALL_CHILDREN = "months_6_59"
LEFT_OUT = ("repeated", "implausible", "unit not stated", "adjustment not stated", "unclassified")
_SEVERITIES = ("mild", "moderate", "severe")
_TRIMESTERS = {"trimester_1": 1.0, "trimester_2": 2.0, "trimester_3": 3.0, "trimester_unknown": np.nan}
_BANDS = {
    "altitude_below_1000": (-np.inf, 1000.0),
    "altitude_1000_1999": (1000.0, 2000.0),
    "altitude_2000": (2000.0, np.inf),
}
# Months of age each group spans: children of every month of age count alike in the standard.
_STANDARD = {name: float(high - low) for name, (low, high) in AGES.items()}
# The practice of China's child care norm knows no altitude; it is recalled, not verified, and says so.
REGISTER_RULE_SETS: Mapping[str, Mapping[str, str]] = {
    **RULE_SETS,
    "cn_child_care_norm": {"standard": "cn_child_care_norm", "altitude_standard": "none"},
}


def anemia_tested(results: pd.DataFrame) -> pd.DataFrame:
    """Tests in the register, and which of them count, as numbers of tests, by year and age.

    Parameters
    ----------
    results : pandas.DataFrame
        As `anemia_results` gives it.

    Returns
    -------
    pandas.DataFrame
        One row a district, year and age group of children, then pregnant women (age_group "pregnant"):
        tests, then those left out as repeated, implausible, unit not stated, adjustment not stated and
        unclassified, and counted: persons with a result that counts.

    Examples
    --------
    Constructed:

    >>> import pandas as pd
    >>> from mchepi.outcomes import anemia_results, anemia_tested
    >>> register = pd.DataFrame({"district": "a", "record_id": [1, 1], "year": 2023, "month": [1, 3],
    ...     "age_months": [14, 16], "sex": "male", "hemoglobin": [101.0, 112.0], "unit": "g/L",
    ...     "adjusted": False, "altitude": 150.0})
    >>> anemia_tested(anemia_results(register))[["age_group", "tests", "repeated", "counted"]]
          age_group  tests  repeated  counted
    0  months_12_23      2         1        1
    """
    import pandas as pd

    group = results["age_group"].where(results["population"] == "children", "pregnant")
    rows = []
    for (district, year, name), tests in results.groupby(["district", "year", group], sort=True):
        out = tests["left_out"]
        rows.append(
            {
                "district": district,
                "year": year,
                "age_group": name,
                "tests": len(tests),
                **{reason.replace(" ", "_"): int((out == reason).sum()) for reason in LEFT_OUT},
                "counted": int((out == "").sum()),
            }
        )
    names = ["tests", *(reason.replace(" ", "_") for reason in LEFT_OUT), "counted"]
    frame = pd.DataFrame(rows, columns=["district", "year", "age_group", *names])
    order = {name: place for place, name in enumerate((*AGES, "pregnant"))}
    return frame.sort_values(
        ["district", "year", "age_group"], key=lambda own: own.map(order) if own.name == "age_group" else own
    ).reset_index(drop=True)


def anemia_prevalence(
    results: pd.DataFrame, *, population: str = "children", confidence_level: float = 0.95
) -> pd.DataFrame:
    """Prevalence of anemia in percent, by year and age or trimester, with severity and class.

    Parameters
    ----------
    results : pandas.DataFrame
        As `anemia_results` gives it.
    population : {"children", "pregnant"}
        Children of 6 to 59 months by age, or pregnant women by trimester.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    pandas.DataFrame
        One row a district, year and age_group (months_6_59 and its four parts; or pregnant, trimester_1 to
        trimester_3, trimester_unknown): numerator, denominator (persons, unweighted), value, lower, upper
        (percent), mild, moderate, severe (persons; missing where the rule set does not part them),
        design_effect (missing where it was no survey), class and its probabilities (of months_6_59 and
        pregnant), method, standard, altitude_standard, verified, per, confidence_level.

    Raises
    ------
    ValueError
        Another population, or a level outside (0, 1).

    Notes
    -----
    Where weights, strata or clusters are stated, it is a survey: the prevalence is weighted, the limits are
    those of `survey_proportion`, and persons without a design are left out. Otherwise the limits are
    Wilson's, of those who came.

    Examples
    --------
    Constructed:

    >>> import pandas as pd
    >>> from mchepi.outcomes import anemia_prevalence, anemia_results
    >>> register = pd.DataFrame({"district": "a", "record_id": [1, 2], "year": 2023, "month": [1, 3],
    ...     "age_months": [14, 30], "sex": "male", "hemoglobin": [101.0, 118.0], "unit": "g/L",
    ...     "adjusted": False, "altitude": 150.0})
    >>> found = anemia_prevalence(anemia_results(register))
    >>> found[["age_group", "numerator", "denominator", "value"]].head(3)
          age_group  numerator  denominator  value
    0   months_6_59          1            2   50.0
    1   months_6_11          0            0    NaN
    2  months_12_23          1            1  100.0
    """
    import pandas as pd

    level = check_level(confidence_level)
    if population not in ("children", "pregnant"):
        raise ValueError(
            f"`population` must be 'children' or 'pregnant'; got {population!r}. Write one of these."
        )
    rows = []
    for (district, year), persons in _counted(results, population).groupby(["district", "year"], sort=True):
        for name, domain in _domains(persons, population).items():
            found = share(persons, persons["anemic"], domain, confidence_level=level)
            rows.append(
                {
                    "district": district,
                    "year": year,
                    "age_group": name,
                    **found,
                    **_severities(persons, domain),
                    **(_class(found) if name in (ALL_CHILDREN, "pregnant") else {}),
                    "standard": persons["standard"].iloc[0],
                    "altitude_standard": ";".join(sorted(set(persons["altitude_standard"]))),
                    "verified": bool(persons["verified"].all()),
                }
            )
    columns = [
        *("district", "year", "age_group", "numerator", "denominator", "value", "lower", "upper"),
        *_SEVERITIES,
        *("design_effect", "class", *(f"probability_{name}" for name in ("none", *_SEVERITIES))),
        *("method", "standard", "altitude_standard", "verified"),
    ]
    return pd.DataFrame(rows, columns=columns).assign(per=100, confidence_level=level)


def anemia_standardized(results: pd.DataFrame, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Prevalence of anemia of children in percent, crude beside age-standardized.

    Parameters
    ----------
    results : pandas.DataFrame
        As `anemia_results` gives it.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    pandas.DataFrame
        One row a district, year and compared ("all"; in the last year also "male", "female" and the bands of
        altitude that have anybody, if more than one): numerator, denominator, crude_value, crude_lower,
        crude_upper, standardized_value, standardized_lower, standardized_upper (percent), standard, per,
        confidence_level.

    Notes
    -----
    The standard has as many children of every month of age: weights 6, 12, 12 and 24 for the ages 6-11,
    12-23, 24-35 and 36-59 months. Missing where an age has nobody. In a survey the weights of each age are
    scaled to the standard, else Dobson's limits hold (`direct_standardized_proportion`).

    Not between rule sets, specimens or analyzers.

    Examples
    --------
    Constructed: twelve children of each age, half of the infants anemic.

    >>> import pandas as pd
    >>> from mchepi.outcomes import anemia_results, anemia_standardized
    >>> register = pd.DataFrame({"district": "a", "record_id": range(48), "year": 2023, "month": 1,
    ...     "age_months": [8, 14, 30, 40] * 12, "sex": "male", "unit": "g/L", "adjusted": False,
    ...     "altitude": 150.0, "hemoglobin": [95.0, 118.0, 118.0, 118.0] * 6 + [118.0] * 24})
    >>> found = anemia_standardized(anemia_results(register))
    >>> found[["crude_value", "standardized_value"]].head(1).round(2)
       crude_value  standardized_value
    0         12.5                5.56
    """
    import pandas as pd

    level = check_level(confidence_level)
    rows = []
    children = _counted(results, "children")
    last = children.groupby("district")["year"].transform("max")
    for (district, year), persons in children.groupby(["district", "year"], sort=True):
        domains = {"all": np.ones(len(persons), dtype=bool)}
        if year == last[persons.index[0]]:
            domains |= _parts(persons)
        for name, domain in domains.items():
            crude = share(persons, persons["anemic"], domain, confidence_level=level)
            standardized = _standardized(persons, domain, level)
            rows.append(
                {
                    "district": district,
                    "year": year,
                    "compared": name,
                    "numerator": crude["numerator"],
                    "denominator": crude["denominator"],
                    **{f"crude_{part}": crude[part] for part in ("value", "lower", "upper")},
                    **{f"standardized_{part}": standardized[part] for part in ("value", "lower", "upper")},
                    "standard": persons["standard"].iloc[0],
                }
            )
    parts = [f"{kind}_{part}" for kind in ("crude", "standardized") for part in ("value", "lower", "upper")]
    columns = ["district", "year", "compared", "numerator", "denominator", *parts, "standard"]
    return pd.DataFrame(rows, columns=columns).assign(per=100, confidence_level=level)


def anemia_under_rules(results: pd.DataFrame, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Prevalence of anemia in percent of the same children under several rule sets, and who changes class.

    Parameters
    ----------
    results : pandas.DataFrame
        As `anemia_results` gives it.
    confidence_level : float
        Level of the Wilson limits, which know nothing of a survey's design or weights.

    Returns
    -------
    pandas.DataFrame
        One row a district and rule_set of `compare_rule_sets` (WHO 2024 by table and by equation, WHO 2011,
        China's child care norm without altitude), with its columns, for the children who count in the last
        year; already_adjusted (whether the values were adjusted before: then the rule sets differ by cut-offs
        only) and not_compared (children of the other state, who are left out).

    Notes
    -----
    Unweighted: it compares rules, not populations.

    Examples
    --------
    Constructed: at 1,300 m.

    >>> import pandas as pd
    >>> from mchepi.outcomes import anemia_results, anemia_under_rules
    >>> register = pd.DataFrame({"district": "a", "record_id": [1, 2], "year": 2023, "month": 1,
    ...     "age_months": 36, "sex": "male", "hemoglobin": [115.0, 125.0], "unit": "g/L",
    ...     "adjusted": False, "altitude": 1300.0})
    >>> found = anemia_under_rules(anemia_results(register))
    >>> found[["rule_set", "anemic", "counted", "change_class"]]
                 rule_set  anemic  counted  change_class
    0            who_2024       1        2             0
    1   who_2024_equation       1        2             0
    2            who_2011       0        2             1
    3  cn_child_care_norm       0        2             1
    """
    import pandas as pd

    level = check_level(confidence_level)
    frames = []
    for district, own in _counted(results, "children").groupby("district", sort=True):
        children = own[own["year"] == own["year"].max()]
        before = children["already_adjusted"].to_numpy(dtype=bool)
        kept = children[~before] if (~before).any() else children
        found = compare_rule_sets(
            kept["value"].to_numpy(dtype=float),
            age_months=kept["age_months"].to_numpy(dtype=float),
            sex=kept["sex"].to_numpy(dtype=object),
            altitude=kept["altitude"].to_numpy(dtype=float) if "altitude" in kept else np.nan,
            already_adjusted=bool(before.all()),
            rule_sets=REGISTER_RULE_SETS,
            confidence_level=level,
        ).reset_index()
        found.insert(0, "district", district)
        found.insert(1, "year", int(children["year"].max()))
        frames.append(
            found.assign(already_adjusted=bool(before.all()), not_compared=len(children) - len(kept))
        )
    if not frames:
        return pd.DataFrame(columns=["district", "year", "rule_set"])
    return pd.concat(frames, ignore_index=True).assign(per=100, confidence_level=level)


def _counted(results: pd.DataFrame, population: str) -> pd.DataFrame:
    kept = (results["left_out"] == "") & (results["population"] == population) & results["year"].notna()
    return results[kept].reset_index(drop=True)


def _domains(persons: pd.DataFrame, population: str) -> dict[str, Mask]:
    if population == "children":
        ages = {name: (persons["age_group"] == name).to_numpy(dtype=bool) for name in AGES}
        return {ALL_CHILDREN: np.ones(len(persons), dtype=bool), **ages}
    trimester = persons["trimester"].to_numpy(dtype=float)
    parts = {
        name: np.isnan(trimester) if np.isnan(number) else trimester == number
        for name, number in _TRIMESTERS.items()
    }
    return {"pregnant": np.ones(len(persons), dtype=bool), **parts}


def _parts(persons: pd.DataFrame) -> dict[str, Mask]:
    """Both sexes, and bands of altitude if there are several."""
    sexes = {name: (persons["sex"] == name).to_numpy(dtype=bool) for name in ("male", "female")}
    if "altitude" not in persons:
        return sexes
    height = persons["altitude"].to_numpy(dtype=float, na_value=np.nan)
    bands = {name: (height >= low) & (height < high) for name, (low, high) in _BANDS.items()}
    bands = {name: mask for name, mask in bands.items() if mask.any()}
    return sexes | (bands if len(bands) > 1 else {})


def _severities(persons: pd.DataFrame, domain: Mask) -> dict[str, Any]:
    own = persons.loc[domain]
    graded = own.loc[own["anemic"].astype(bool), "severity"].notna().all()
    return {
        name: int((own["severity"].astype(object) == name).sum()) if graded else None for name in _SEVERITIES
    }


def _class(found: Mapping[str, Any]) -> dict[str, Any]:
    """The class of the prevalence as it stands, weighted in a survey."""
    n, value = found["denominator"], found["value"]
    if not n or np.isnan(value):
        return {}
    effect = found["design_effect"]
    known = effect if np.isfinite(effect) and effect > 0 else 1.0
    row = public_health_class(round(value / 100 * n), n, design_effect=known).iloc[0]
    names = ("class", *(f"probability_{name}" for name in ("none", *_SEVERITIES)))
    return {name: row[name] for name in names}


def _standardized(persons: pd.DataFrame, domain: Mask, level: float) -> dict[str, float]:
    unknown = dict.fromkeys(("value", "lower", "upper"), np.nan)
    ages = {name: domain & (persons["age_group"] == name).to_numpy(dtype=bool) for name in AGES}
    if not all(mask.any() for mask in ages.values()):
        return unknown
    if design_of(persons):
        weights = sample_weights(persons)
        scaled = weights.copy()
        for name, mask in ages.items():
            total = np.nansum(weights[mask])
            if not total > 0:
                return unknown
            scaled[mask] = weights[mask] * _STANDARD[name] / total
        found = share(persons, persons["anemic"], domain, confidence_level=level, weights=scaled)
        return {name: found[name] for name in unknown}
    outcome = persons["anemic"].to_numpy(dtype=bool)
    estimate: Any = direct_standardized_proportion(
        [int(outcome[mask].sum()) for mask in ages.values()],
        [int(mask.sum()) for mask in ages.values()],
        list(_STANDARD.values()),
        per=100,
        confidence_level=level,
    )
    return {name: float(getattr(estimate, name)) for name in unknown}
