"""Elimination of mother-to-child transmission of HIV, syphilis and hepatitis B: counts first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._tables import rows_of
from mchepi.stats import event_free_size, proportion, rate
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_choice,
    check_counts,
    check_level,
    check_part,
)
from mchepi.stats.one_sample import binomial_tails, one_sided_level, poisson_tails

if TYPE_CHECKING:
    import pandas as pd

STANDARDS = tuple(dict.fromkeys(row["standard"] for row in rows_of("emtct_criteria")))
_WHOLE = ("numerator", "denominator", "short", "size_if_none")
_FEW = 20  # with fewer, 95 % means everyone


def emtct_indicators(
    counts: Any, *, standard: str = "china_2022_2025", confidence_level: float = 0.95
) -> pd.DataFrame:
    """Criteria of elimination (EMTCT), each as counts, value (per 100 or 100,000) and what they can tell.

    Parameters
    ----------
    counts : mapping of str to int, Series, or DataFrame
        Counts by their names in the catalog (`live_births`, `congenital_syphilis_cases`,
        `hiv_exposed_children_final_status`, ...). Those that are missing give a note. A DataFrame holds one
        row a period (year).
    standard : {"china_2022_2025", "who_breastfeeding", "who_not_breastfeeding"}
        China's action plan of 2022-2025 (3 outcome and 10 process indicators), or WHO's criteria for
        countries, which differ in the HIV transmission allowed.
    confidence_level : float
        Level of the limits; the verdict is a one-sided test at half of what lies outside.

    Returns
    -------
    pandas.DataFrame
        One row a period and indicator: period (only for a DataFrame), indicator, role (outcome or process),
        numerator, denominator, value, lower, upper, per, comparator, target, reached (the observed figure
        against the target, as arithmetic; missing where there is none), verdict ("met", "not met", "cannot
        tell"; "" for process indicators, which count everyone), short (persons more that the target asks
        for), size_if_none (births or children without a single case that would show the target met), note,
        verified.

    Raises
    ------
    ValueError
        Negative or fractional counts, a numerator above a denominator that contains it, an unknown standard.

    Notes
    -----
    Outcomes are few cases of an underlying risk: exact Poisson limits per live births, Wilson limits among
    exposed children, exact one-sided tests. In a district they hardly ever tell: with no case at all it
    takes 7,378 births to show congenital syphilis at or below 50 per 100,000, 183 exposed children to show
    HIV below 2 %, 368 to show hepatitis B at or below 1 %. Reached with too few births or exposed children is
    no elimination, and one case is no failure of the program; look at that case. Process indicators are
    counts of everyone and have no limits; below 20 persons 95 % means all.

    The criteria are those of a nation or province; for a district they are for reference. Never read a zero
    among children of whom many were not tested: the denominator counts the tested only.

    References
    ----------
    World Health Organization (2021). Global guidance on criteria and processes for validation: elimination of
    mother-to-child transmission of HIV, syphilis and hepatitis B virus. Geneva. ISBN 978-92-4-003936-0

    Examples
    --------
    Constructed: 1,430 births, one case of congenital syphilis, 36 children of mothers with hepatitis B.

    >>> from mchepi.outcomes import emtct_indicators
    >>> found = emtct_indicators({
    ...     "live_births": 1430, "congenital_syphilis_cases": 1,
    ...     "hbv_exposed_children_tested": 36, "hbv_exposed_children_hbsag_positive": 0,
    ... }).set_index("indicator")
    >>> outcome = found.loc[["congenital_syphilis_rate", "hbv_mtct_rate"]]
    >>> outcome[["numerator", "denominator", "value", "upper", "target"]].round(1)
                              numerator  denominator  value  upper  target
    indicator
    congenital_syphilis_rate          1         1430   69.9  389.6    50.0
    hbv_mtct_rate                     0           36    0.0    9.6     1.0
    >>> outcome[["reached", "verdict", "size_if_none"]]
                             reached      verdict  size_if_none
    indicator
    congenital_syphilis_rate   False  cannot tell          7378
    hbv_mtct_rate               True  cannot tell           368
    """
    import pandas as pd

    level = check_level(confidence_level)
    check_choice("standard", standard, STANDARDS)
    criteria = [row for row in rows_of("emtct_criteria") if row["standard"] == standard]
    if not isinstance(counts, pd.DataFrame):
        given = dict(counts) if isinstance(counts, Mapping) else counts.to_dict()
        return _of_one_period(given, criteria, level)
    parts = [_of_one_period(row, criteria, level) for row in counts.to_dict("records")]
    if not parts:
        return _of_one_period({}, criteria, level).iloc[:0].assign(period=[])
    return (
        pd.concat(parts, keys=counts.index, names=["period", None])
        .reset_index("period")
        .reset_index(drop=True)
    )


def emtct_status(indicators: pd.DataFrame) -> pd.DataFrame:
    """Number of criteria reached by the last period, for as many years as the standard asks.

    Parameters
    ----------
    indicators : DataFrame
        From `emtct_indicators` with a row a year, for at least as many years as are asked for (outcomes 1,
        process indicators 2). The years must follow each other.

    Returns
    -------
    pandas.DataFrame
        Rows outcome and process: role, years (asked for), indicators, reached (in all of the last years),
        missed (in at least one), unknown, holds (True where all are reached, False where one is missed, else
        missing).

    Raises
    ------
    ValueError
        If the frame has no column `period`, or its periods are not whole years in a row.

    Notes
    -----
    Arithmetic on observed figures. It is the form of the criteria, no proof of elimination (see the column
    `verdict` of `emtct_indicators`), and the plan also asks that the reference indicators improve.

    Examples
    --------
    Constructed.

    >>> import pandas as pd
    >>> from mchepi.outcomes import emtct_indicators, emtct_status
    >>> counts = pd.DataFrame({
    ...     "live_births": [1500, 1430], "congenital_syphilis_cases": [1, 0],
    ...     "women_delivered": [1490, 1422], "women_tested_hiv": [1400, 1421],
    ... }, index=pd.Index([2023, 2024], name="year"))
    >>> emtct_status(emtct_indicators(counts))
          role  years  indicators  reached  missed  unknown  holds
    0  outcome      1           3        1       0        2   <NA>
    1  process      2          10        0       1        9  False
    """
    import pandas as pd

    if "period" not in indicators:
        raise ValueError(
            "`indicators` must hold a column `period`; got none. "
            "Give `emtct_indicators` a DataFrame with a row a year."
        )
    (periods,), _ = align(period=pd.Series(indicators["period"].unique(), dtype=object))
    years = np.sort(periods)
    if np.isnan(years).any() or (np.diff(years) != 1).any():
        raise ValueError(
            f"`period` must be years in a row; got {', '.join(f'{year:g}' for year in years[:6])}. "
            "Give every year a row, without counts where there are none."
        )
    asked = {row["role"]: int(row["years"]) for row in rows_of("emtct_criteria")}
    rows = []
    for role, span in asked.items():
        own = indicators[indicators["role"] == role]
        recent = own[own["period"] > years[-1] - span] if years.size else own
        states = {name: _state(group["reached"], span) for name, group in recent.groupby("indicator")}
        found = list(states.values())
        counted = {state: found.count(state) for state in ("reached", "missed", "unknown")}
        holds = False if counted["missed"] else (True if found and not counted["unknown"] else pd.NA)
        rows.append({"role": role, "years": span, "indicators": len(found), **counted, "holds": holds})
    return pd.DataFrame(rows).astype({"holds": "boolean"})


def _of_one_period(given: Mapping[Any, Any], criteria: list[dict[str, str]], level: float) -> pd.DataFrame:
    import pandas as pd

    names = pd.Index([row["indicator"] for row in criteria], name="indicator")
    above, below, layout = _counts(given, criteria, names)
    target, per = (np.array([float(row[name]) for row in criteria]) for name in ("target", "per"))
    outcome = np.array([row["role"] == "outcome" for row in criteria])
    share = np.array([row["kind"] == "proportion" for row in criteria])
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(below > 0, above / below * per, np.nan)
    wilson = proportion(np.where(outcome & share, above, np.nan), below, confidence_level=level)
    exact = rate(np.where(outcome & ~share, above, np.nan), below, confidence_level=level)
    lower, upper = (
        np.where(share, getattr(wilson, end), getattr(exact, end)) * per for end in ("lower", "upper")
    )
    lower_better = np.array([row["comparator"][0] == "<" for row in criteria])
    # On whole numbers: 95 % of 20 persons are 19, whatever binary fractions make of it.
    wanted = np.ceil(np.round(below * target / per, 9))
    strict = np.array([row["comparator"] == "<" for row in criteria])
    ceiling = np.round(below * target / per, 9)
    reached = np.where(lower_better, np.where(strict, above < ceiling, above <= ceiling), above >= wanted)
    known = ~np.isnan(value)
    none = np.array(
        [
            event_free_size(t, kind="proportion" if s else "rate", per=p, confidence_level=level)
            if o
            else np.nan
            for t, p, s, o in zip(target, per, share, outcome, strict=True)
        ]
    )
    few = known & ~outcome & (below < _FEW)
    too_few = known & outcome & (below < none)
    notes = layout.notes(
        [
            (np.isnan(above), "missing: numerator"),
            (np.isnan(below), "missing: denominator"),
            (below == 0, "denominator zero"),
            (few, f"fewer than {_FEW}: the target asks for everyone"),
            (too_few, "too few to show it met, even without a case"),
            (known & ~outcome & (above > below), "above 100 %: the denominator is not those women"),
        ]
    )
    return pd.DataFrame(
        {
            "indicator": names,
            "role": np.where(outcome, "outcome", "process"),
            "numerator": above,
            "denominator": below,
            "value": value,
            "lower": lower,
            "upper": upper,
            "per": per,
            "comparator": [row["comparator"] for row in criteria],
            "target": target,
            "reached": np.where(known, reached, None),
            "verdict": _verdicts(above, below, target / per, outcome, share, level),
            "short": np.where(known & ~outcome, np.maximum(wanted - above, 0), np.nan),
            "size_if_none": none,
            "note": "" if notes is None else notes.to_numpy(),
            "verified": [row["verified"] for row in criteria],
        }
    ).astype({"reached": "boolean", **dict.fromkeys(_WHOLE, "Int64")})


def _counts(
    given: Mapping[Any, Any], criteria: list[dict[str, str]], names: pd.Index[Any]
) -> tuple[FloatArray, FloatArray, Layout]:
    import pandas as pd

    def of(part: str) -> pd.Series[Any]:
        return pd.Series([given.get(row[part], np.nan) for row in criteria], names, dtype=object)

    (above, below), layout = align(numerator=of("numerator"), denominator=of("denominator"))
    for name, values in (("numerator", above), ("denominator", below)):
        check_counts(name, values, layout, of="persons")
    within = np.array([row["numerator_in_denominator"] == "yes" for row in criteria])
    check_part("numerator", np.where(within, above, np.nan), "denominator", below, layout)
    risk = np.array([row["role"] == "outcome" for row in criteria])
    check_part("numerator", np.where(risk, above, np.nan), "denominator", below, layout)
    return above, below, layout


def _verdicts(
    above: FloatArray, below: FloatArray, target: FloatArray, outcome: Any, share: Any, level: float
) -> Any:
    known = outcome & (below > 0) & ~np.isnan(above)
    events, total = np.where(known, above, 0.0), np.where(known, below, 1.0)
    of_share = binomial_tails(events, total, np.minimum(target, 1.0))
    of_rate = poisson_tails(events, total * target)
    at_most, at_least = (np.where(share, one, other) for one, other in zip(of_share, of_rate, strict=True))
    alpha = one_sided_level(level)
    words = np.where(at_most <= alpha, "met", np.where(at_least <= alpha, "not met", "cannot tell"))
    return np.where(known, words, np.where(outcome, "cannot tell", ""))


def _state(reached: pd.Series[bool], years: int) -> str:
    if reached.eq(False).any():
        return "missed"
    return "unknown" if reached.isna().any() or len(reached) < years else "reached"
