"""The order of districts: whether it lasted, and what a rule that blames the last ones does by chance."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mchepi.indicators.columns import floats
from mchepi.stats import rule_worst_blamed

BLAMED = 3
RATIO = 2.0
_FEWEST = 6  # districts: with fewer, half of them are among the last three
_MOST = 300  # districts for which the chances are summed up exactly


def order_kept(compared: pd.DataFrame, before: pd.DataFrame, *, last: int = BLAMED) -> pd.DataFrame:
    """Compare the order of districts in two periods, and what the earlier rates foretold of the later counts.

    Each way of foretelling gives every district a rate of the earlier period: its own (raw), the smoothed
    one, or that of all districts. Times the later births, and scaled to as many events as there were, that
    is the count foretold; the error is the mean absolute difference, in events a district.

    Parameters
    ----------
    compared, before : DataFrame
        What `compare_districts` gives for the later and the earlier period.
    last : int
        How many of the highest rates are looked at.

    Returns
    -------
    DataFrame
        A row an indicator that both periods have in six districts or more: indicator, year, year_end,
        previous_from, previous_to, districts, last, kept (how many of the `last` highest of the earlier
        period are among those of the later), kept_by_chance, correlation (of ranks, Spearman), error_raw,
        error_smoothed, error_common.

    Notes
    -----
    Where the raw rate foretells worse than the common one, the order of the earlier period was mostly chance.
    Not evidence that districts are alike: with few events a true order cannot be seen either.

    References
    ----------
    Efron B, Morris C (1975). Data analysis using Stein's estimator and its generalizations. Journal of the
    American Statistical Association 70(350): 311-319. doi:10.1080/01621459.1975.10479864

    Examples
    --------
    >>> import pandas as pd
    >>> from mchepi.indicators import compare_districts, order_kept
    >>> names = list("abcdef")
    >>> def period(year, deaths):
    ...     counts = pd.DataFrame({"district": names, "name_zh": names, "name_en": names, "year": year,
    ...                            "live_births": 2000, "neonatal_deaths": deaths})
    ...     return compare_districts(counts, "neonatal_mortality_rate")
    >>> kept = order_kept(period(2024, [6, 7, 5, 9, 6, 8]), period(2021, [9, 4, 8, 7, 3, 6]))
    >>> kept[["kept", "kept_by_chance", "error_raw", "error_smoothed", "error_common"]].round(1)
       kept  kept_by_chance  error_raw  error_smoothed  error_common
    0     1             1.5        2.6             1.4           1.2
    """
    rows = []
    for id, own in compared.groupby("indicator", sort=False):
        both = own.merge(
            before.loc[before["indicator"] == id], on="district", suffixes=("", "_before"), validate="1:1"
        )
        both = both[both["reference"].notna() & both["reference_before"].notna()]
        if len(both) >= _FEWEST:
            rows.append({"indicator": id, **_order_kept_of_one(both, last)})
    columns = ["indicator", "year", "year_end", "previous_from", "previous_to", "districts", "last", "kept"]
    columns += ["kept_by_chance", "correlation", "error_raw", "error_smoothed", "error_common"]
    return pd.DataFrame(rows, columns=columns)


def _order_kept_of_one(both: pd.DataFrame, last: int) -> dict[str, object]:
    now, earlier = (set(_highest(both, name, last)) for name in ("value", "value_before"))
    events, size = floats(both["numerator"]), floats(both["denominator"])
    errors = {}
    for name, column in (("raw", "value"), ("smoothed", "smoothed"), ("common", "reference")):
        foretold = floats(both[f"{column}_before"]) * size
        errors[f"error_{name}"] = float(np.abs(foretold * (events.sum() / foretold.sum()) - events).mean())
    return {
        "year": both["year"].iloc[0],
        "year_end": both["year_end"].iloc[0],
        "previous_from": both["year_before"].iloc[0],
        "previous_to": both["year_end_before"].iloc[0],
        "districts": len(both),
        "last": last,
        "kept": len(now & earlier),
        "kept_by_chance": last**2 / len(both),
        "correlation": float(both["value"].rank().corr(both["value_before"].rank())),
        **errors,
    }


def _highest(frame: pd.DataFrame, column: str, last: int) -> list[str]:
    return list(frame.sort_values(column, ascending=False, kind="stable")["district"].iloc[:last])


def blamed_by_chance(compared: pd.DataFrame, *, blamed: int = BLAMED, ratio: float = RATIO) -> pd.DataFrame:
    """Chance of each district to stand among the last few of a league table, in the sizes it has.

    Parameters
    ----------
    compared : DataFrame
        What `compare_districts` gives.
    blamed : int
        How many of the highest rates are blamed.
    ratio : float
        The true difference looked for: one district's rate over that of all others.

    Returns
    -------
    DataFrame
        A row an indicator and district: district, name_zh, name_en, indicator, year, year_end, expected,
        blamed, ratio, by_chance (how often it is blamed if all districts have the same underlying rate),
        found (how often if its own rate is `ratio` times as high). Exact. No rows for an indicator with
        fewer than six districts or more than 300.

    References
    ----------
    Goldstein H, Spiegelhalter DJ (1996). League tables and their limitations: statistical issues in
    comparisons of institutional performance. Journal of the Royal Statistical Society A 159(3): 385-443.
    doi:10.2307/2983325

    Examples
    --------
    One small district among seven: it is blamed most often for nothing, and found least often.

    >>> import pandas as pd
    >>> from mchepi.indicators import blamed_by_chance, compare_districts
    >>> names = list("abcdefg")
    >>> counts = pd.DataFrame({"district": names, "name_zh": names, "name_en": names, "year": 2024,
    ...     "live_births": [300] + [3000] * 6, "neonatal_deaths": [1, 9, 8, 6, 9, 12, 7]})
    >>> compared = compare_districts(counts, "neonatal_mortality_rate")
    >>> blamed_by_chance(compared, blamed=1)[["expected", "by_chance", "found"]].round(2).iloc[:2]
       expected  by_chance  found
    0      0.85       0.26   0.55
    1      8.52       0.12   0.71
    """
    keys = ["district", "name_zh", "name_en", "indicator", "year", "year_end", "expected"]
    frames = []
    for _, own in compared.groupby("indicator", sort=False):
        if not _FEWEST <= len(own) <= _MOST or own["reference"].isna().any():
            continue
        chances = rule_worst_blamed(
            own["denominator"].astype(float), own["reference"].iloc[0], ratio=ratio, blamed=blamed,
            per=own["per"].iloc[0],
        )  # fmt: skip
        frames.append(
            own[keys].assign(
                blamed=blamed, ratio=ratio, by_chance=chances["by_chance"], found=chances["found"]
            )
        )
    columns = [*keys, "blamed", "ratio", "by_chance", "found"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
