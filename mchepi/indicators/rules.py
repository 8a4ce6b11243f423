"""What rules of judging a district would do by luck at its size, and what better ones would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mchepi.indicators.computation import require_columns
from mchepi.stats import chance_all_fall, power_two_periods, rule_beyond_target, rule_falls_every_year
from mchepi.stats._validate import check_positive
from mchepi.stats.planning import MOST_EXPECTED

NESTED = ("neonatal_mortality_rate", "infant_mortality_rate", "under5_mortality_rate")
FALL = 0.8
YEARS = 3
COLUMNS = ("district", "rule", "indicator", "years", "expected", "by_chance", "found", "true_change")


def rules_by_luck(
    changes: pd.DataFrame,
    judged: pd.DataFrame,
    *,
    nested: Sequence[str] = NESTED,
    rare: str = "maternal_mortality_ratio",
    ratio: float = FALL,
    years: int = YEARS,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """How often rules praise or blame a district of this size by chance, and how often rightly.

    The true rates are taken to be the pooled ones, the births those of the latest year.

    Parameters
    ----------
    changes : DataFrame
        What `change` gives: pooled_value, denominator and per of the nested rates and the rare one.
    judged : DataFrame
        What `judge` gives: target and comparator of the rates; the strictest target of each is taken.
    nested : sequence of str
        Mortality rates that contain each other, the smallest first.
    rare : str
        The ratio of a death so rare that none is the usual count.
    ratio : float
        The true change looked for: the rate of each year over that of the year before.
    years : int
        Years in a row, and years of each of two periods that are compared.
    confidence_level : float
        Of the comparison of two periods.

    Returns
    -------
    DataFrame
        One row a rule: district, rule, indicator (";" between several), years, expected (events a year of the
        first indicator), by_chance, found, true_change (the ratio looked for). Rules: "falls" and "falls
        every year" (the first nested rate), "all fall" (all nested), "two periods" (the first nested rate in
        two periods of `years` years, after a fall to `ratio` to the power of `years`; mid-P limits of the
        ratio below 1), "any is blamed" (the rare death; by_chance at its pooled rate or, where no death was
        counted, at its target, found at twice that). A rule whose counts are missing has no row.

    Raises
    ------
    ValueError
        If a column is missing, or the ratio is not above 0.

    Examples
    --------
    3 neonatal, 4 infant and 5 under-five deaths a year among 1,430 births (constructed):

    >>> import pandas as pd
    >>> from mchepi.indicators import change, compute, judge, rules_by_luck
    >>> counts = pd.DataFrame(
    ...     {"district": ["S01"] * 3, "year": [2021, 2022, 2023], "live_births": [1430] * 3,
    ...      "neonatal_deaths": [3] * 3, "infant_deaths": [4] * 3, "under5_deaths": [5] * 3}
    ... )
    >>> ids = ["neonatal_mortality_rate", "infant_mortality_rate", "under5_mortality_rate"]
    >>> judged = judge(compute(counts, ids), targets="CN_HCPLAN2025_NMR")
    >>> rules_by_luck(change(counts, ids), judged)[["rule", "years", "by_chance", "found"]].round(2)
                   rule  years  by_chance  found
    0             falls      1       0.42   0.51
    1  falls every year      3       0.01   0.04
    2          all fall      1       0.30   0.41
    3       two periods      3       0.02   0.21
    """
    require_columns(changes, ["district", "indicator", "pooled_value", "denominator", "per"], "changes")
    ratio = check_positive("ratio", ratio)
    found: list[dict[str, Any]] = []
    for district, rows in changes.groupby("district", sort=False):
        known = rows[rows["pooled_value"].notna() & (rows["denominator"] > 0)]
        by_name: dict[str, dict[Any, Any]] = {str(row["indicator"]): row for row in known.to_dict("records")}
        deaths = [by_name[id] for id in nested if id in by_name and by_name[id]["pooled_value"] > 0]
        rules = _falls(deaths, ratio, years, confidence_level) if deaths else []
        if rare in by_name:
            rules += _blamed(by_name[rare], judged)
        found += [{"true_change": ratio, **rule, "district": district} for rule in rules]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _falls(deaths: list[dict[Any, Any]], ratio: float, years: int, level: float) -> list[dict[str, Any]]:
    """Rules on the first of the nested rates, and on all of them together."""
    size, per = float(deaths[0]["denominator"]), float(deaths[0]["per"])
    rates = [float(row["pooled_value"]) for row in deaths]
    own = {"indicator": deaths[0]["indicator"], "expected": size * rates[0] / per}
    falls = rule_falls_every_year(size, rates[0], ratio=ratio, years=years, per=per)
    found = [
        {**own, "rule": "falls", "years": 1, **_chances(falls.loc[1])},
        {**own, "rule": "falls every year", "years": years, **_chances(falls.loc[years])},
    ]
    if size * rates[-1] / per <= MOST_EXPECTED and _are_nested(deaths):
        parts = np.diff(rates, prepend=0.0) * size / per
        together = {"by_chance": chance_all_fall(parts), "found": chance_all_fall(parts, ratio=ratio)}
        names = ";".join(str(row["indicator"]) for row in deaths)
        found.append({**own, "indicator": names, "rule": "all fall", "years": 1, **together})
    periods: dict[str, Any] = {"alternative": "less", "years": years, "per": per, "method": "midp"}
    shown = power_two_periods(size, rates[0], [1.0, ratio**years], confidence_level=level, **periods)
    two = {**own, "rule": "two periods", "years": years, "by_chance": shown[0], "found": shown[1]}
    return [*found, two]


def _are_nested(deaths: list[dict[Any, Any]]) -> bool:
    rates = [row["pooled_value"] for row in deaths]
    return len(deaths) > 1 and len({row["denominator"] for row in deaths}) == 1 and rates == sorted(rates)


def _blamed(row: dict[Any, Any], judged: pd.DataFrame) -> list[dict[str, Any]]:
    """The rule that any such death is blamed."""
    targets = judged.loc[judged["indicator"] == row["indicator"], "target"].astype("float64")
    rate = float(row["pooled_value"]) or float(targets.min())
    if not rate > 0:
        return []
    births, per = float(row["denominator"]), float(row["per"])
    blamed = rule_beyond_target(births, rate, 0, ratio=2, per=per).iloc[0]
    own = {"indicator": row["indicator"], "expected": births * rate / per, "true_change": 2.0}
    return [{**own, "rule": "any is blamed", "years": 1, **_chances(blamed)}]


def _chances(row: Any) -> dict[str, float]:
    return {name: float(row[name]) for name in ("by_chance", "found")}
