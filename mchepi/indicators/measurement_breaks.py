"""Counts of anemia that can be compared: those after the last change of specimen or analyzer."""

from __future__ import annotations

import pandas as pd

from mchepi.indicators.catalog import indicator, indicators

_MEASURED = "anemia"


def like_with_like(counts: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Leave out the counts of anemia from before the last change of how hemoglobin was measured.

    Parameters
    ----------
    counts : DataFrame
        The district-year table.
    measured : DataFrame
        What `mchepi.outcomes.hemoglobin_measurement` gives: district, and broken_from, the first year of
        another specimen or analyzer.

    Returns
    -------
    DataFrame
        The same table; persons with anemia are missing in the years before the last such year of their
        district, so that no change or trend is worked out across it. Without one the table is as it was.

    Notes
    -----
    For `change` only: the level of every year stands as it was found.

    Examples
    --------
    >>> counts = pd.DataFrame({"district": "a", "year": [2022, 2023], "children_anemic": [40, 31]})
    >>> counts["children_anemic"] = counts["children_anemic"].astype("Int64")
    >>> measured = pd.DataFrame({"district": ["a"], "broken_from": [2023]})
    >>> like_with_like(counts, measured)["children_anemic"].tolist()
    [<NA>, 31]
    """
    breaks = measured.dropna(subset=["broken_from"])
    if breaks.empty:
        return counts
    ids = [one for one in indicators()["id"] if _MEASURED in one]
    columns = {name for one in ids for name in indicator(one).numerator_columns} & set(counts)
    last = counts["district"].map(breaks.groupby("district")["broken_from"].max())
    before = (counts["year"] < last).fillna(False).astype(bool)
    return counts.assign(**{name: counts[name].mask(before) for name in sorted(columns)})
