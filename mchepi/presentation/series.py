"""Published series: a statistic applied to each of them by itself, never across source systems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from mchepi.indicators import indicator, indicators

from .rows import records

# Systems whose years are smoothed together by a model: limits from their scatter would be far too narrow.
MODELED = ("un_igme", "un_mmeig")
# Quoted figures come from no one system: their years are not comparable.
_NO_SYSTEM = ("published_text", "mixed", "not_stated")
_KEYS = ["district", "indicator", "source_system", "area"]
_FEWEST = 3


def each_series(
    series: pd.DataFrame, statistic: Callable[..., Any], *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Apply a statistic of years and values to every series: one indicator, area and source system each.

    Parameters
    ----------
    series : pandas.DataFrame
        Columns district, indicator, source_system, area, year, value.
    statistic : callable
        Takes (year, value, *, confidence_level) and gives an Estimate, such as
        `mchepi.stats.log_linear_trend`.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    pandas.DataFrame
        A row a series of at least three values: its keys, first_year, last_year, values (how many),
        first_value, last_value, first_derived, last_derived (worked out from a published fall), value, lower,
        upper, method, confidence_level, note. Coverage, which runs up against 100 %, and quoted figures are
        left out; modeled estimates get no limits.

    Examples
    --------
    >>> from mchepi.stats import log_linear_trend
    >>> rows = pd.DataFrame({"district": "CHN", "indicator": "under5_mortality_rate",
    ...     "source_system": "surveillance", "area": "total", "year": [2020, 2021, 2022, 2023, 2024],
    ...     "value": [7.5, 7.1, 6.8, 6.2, 5.6]})
    >>> each_series(rows, log_linear_trend)[["first_year", "last_year", "values", "value"]].round(1)
       first_year  last_year  values  value
    0        2020       2024       5   -6.9
    """
    found = []
    known = series.dropna(subset=["value"]).sort_values("year", kind="stable")
    for keys, own in known.groupby(_KEYS, sort=False):
        of_one_system = keys[2] not in _NO_SYSTEM
        if len(own) < _FEWEST or not of_one_system or indicator(str(keys[1])).basis == "enumeration":
            continue
        estimate = statistic(
            own["year"].to_numpy(float), own["value"].to_numpy(float), confidence_level=confidence_level
        )
        modeled = keys[2] in MODELED
        found.append(
            {
                **dict(zip(_KEYS, keys, strict=True)),
                "first_year": int(own["year"].iloc[0]),
                "last_year": int(own["year"].iloc[-1]),
                "values": len(own),
                "first_value": float(own["value"].iloc[0]),
                "last_value": float(own["value"].iloc[-1]),
                "first_derived": bool(are_derived(own).iloc[0]),
                "last_derived": bool(are_derived(own).iloc[-1]),
                "value": estimate.value,
                "lower": float("nan") if modeled else estimate.lower,
                "upper": float("nan") if modeled else estimate.upper,
                "method": estimate.method,
                "confidence_level": estimate.confidence_level,
                "note": "",
            }
        )
    columns = [
        *_KEYS,
        "first_year",
        "last_year",
        "values",
        "first_value",
        "last_value",
        "first_derived",
        "last_derived",
        "value",
        "lower",
        "upper",
    ]
    return pd.DataFrame(found, columns=[*columns, "method", "confidence_level", "note"]).sort_values(
        ["indicator", "source_system", "area"], key=_reading_order, kind="stable", ignore_index=True
    )


def are_derived(series: pd.DataFrame) -> pd.Series[bool]:
    """Which values of a series were worked out from a published rise or fall, and not published.

    Examples
    --------
    >>> are_derived(pd.DataFrame({"verified": ["yes", "derived"]})).tolist()
    [False, True]
    """
    said = series["verified"] if "verified" in series else pd.Series("", index=series.index)
    return said.astype(str).eq("derived")


def latest_values(series: pd.DataFrame) -> pd.DataFrame:
    """Give the last value of each series, with its `per`.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": "under5_mortality_rate", "source_system": "surveillance",
    ...     "area": "total", "year": [2023, 2024], "value": [6.2, 5.6]})
    >>> latest_values(rows)[["year", "value", "per"]].values.tolist()
    [[2024.0, 5.6, 1000.0]]
    """
    known = series.dropna(subset=["value"]).sort_values("year", kind="stable")
    last = known.groupby(["indicator", "source_system", "area"], sort=False).tail(1)
    per = [indicator(row["indicator"]).per for row in records(last)]
    told = last.assign(per=per, derived=are_derived(last))
    return told.sort_values("indicator", key=_reading_order, kind="stable", ignore_index=True)


def _reading_order(column: pd.Series[Any]) -> pd.Series[Any]:
    """Indicators as in the catalog, surveillance before other systems, the whole before its parts."""
    orders = {"indicator": list(indicators()["id"]), "source_system": ["surveillance"], "area": ["total"]}
    order = orders.get(str(column.name))
    if order is None:
        return column
    return column.map({one: place for place, one in enumerate(order)}).fillna(len(order))


def against_targets(last: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Set the last published value of each series beside each target of its indicator.

    No verdict is given: a published rate without its counts can be compared, not tested.

    Parameters
    ----------
    last : pandas.DataFrame
        What `latest_values` gives.
    targets : pandas.DataFrame
        Rows of `mchepi.indicators.targets`.

    Returns
    -------
    pandas.DataFrame
        A row a series of the whole area and target: indicator, source_system, area, year, value, per,
        target_id, comparator, target, target_year, target_verified, reached, due.

    Examples
    --------
    >>> last = pd.DataFrame({"indicator": ["under5_mortality_rate"], "source_system": ["surveillance"],
    ...                      "area": ["total"], "year": [2024], "value": [5.6], "per": [1000]})
    >>> from mchepi.indicators import targets
    >>> against_targets(last, targets().query("target_id == 'CN_HCPLAN2025_U5MR'"))["reached"].tolist()
    [True]
    """
    goals = targets.rename(columns={"value": "target", "year": "target_year"})
    goals = goals.assign(target_verified=goals["verified"].astype(str).str.startswith("yes"))
    kept = ["indicator", "target_id", "comparator", "target", "target_year", "target_verified"]
    columns = ["indicator", "source_system", "area", "year", "value", "per"]
    columns += ["derived"] if "derived" in last else []
    national = last.loc[(last["area"] == "total") & (last["source_system"] == "surveillance"), columns]
    both = national.merge(goals[kept], on="indicator").drop_duplicates(
        ["indicator", "source_system", "comparator", "target", "target_year"], ignore_index=True
    )
    at_most = both["comparator"].isin(["<", "<=", "="])
    reached = (both["value"] <= both["target"]).where(at_most, both["value"] >= both["target"])
    strict = both["comparator"].isin(["<", ">"]) & (both["value"] == both["target"])
    due = both["year"].astype("Int64") >= both["target_year"]
    judged = both.assign(reached=reached & ~strict, due=due.fillna(True).astype(bool))
    return judged.sort_values(
        ["indicator", "source_system", "target_year"], key=_reading_order, kind="stable", ignore_index=True
    )
