"""From counts to indicators: sum, divide, set limits, and note what a reader has to know."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.columns import amounts, integers, texts
from mchepi.indicators.sums import Positions, Sums, limits_of, notes_of, read_counts, sum_counts
from mchepi.stats._validate import check_level

_GIVEN = (
    *("indicator", "numerator", "denominator", "value", "lower", "upper"),
    *("per", "method", "confidence_level", "note"),
)


def compute(
    data: pd.DataFrame,
    indicator: str | Iterable[str],
    *,
    by: str | Sequence[str] = ("district", "year"),
    confidence_level: float = 0.95,
    limits: bool = False,
) -> pd.DataFrame:
    r"""Value of each indicator, per its own unit and with limits, for each group of a district-year table.

    The value is :math:`per \cdot \sum numerator / \sum denominator` over the rows of a group that hold every
    count it needs; the note names what was left out. Proportions get Wilson limits, rates and ratios exact
    Poisson limits (Garwood). Coverage from a full register (basis enumeration) gets none unless `limits` asks
    for them: nothing was sampled. Quotas and resources (kind administrative) never have any.

    The limits say which underlying risk is compatible with the counts; they do not cover under-reporting. A
    proportion from a survey is taken as a simple random sample, which the note says. Do not pool figures of
    different periods, population bases or source systems.

    Parameters
    ----------
    data : DataFrame
        One row a district and year (and stratum), one column a count, named as in the catalog. A column
        `deduced` names the columns of its row whose values were deduced, joined by ";".
    indicator : str or several
        Ids of the catalog.
    by : str or sequence of str
        Key columns that make a group; an empty sequence pools the whole table. Where the table has rows of
        several years, `year` brings `year_end` with it.
    confidence_level : float
        Level of the limits.
    limits : bool
        Give limits to enumerations too.

    Returns
    -------
    DataFrame
        The by-keys, then indicator, numerator (Int64), denominator (Int64; Float64 for fractional
        person-time), value, lower, upper, per, method ("none" without limits), confidence_level and note
        (phrases of NOTE_CODES). Indicators in the order given, groups in the order of their keys. A missing
        column gives NaN and a note.

    Raises
    ------
    ValueError
        If an id or key is unknown, a count is negative or no whole number, or more events than persons are
        counted where that is impossible. More women than live births is possible, and noted.

    References
    ----------
    Wilson EB (1927). doi:10.1080/01621459.1927.10502953.
    Garwood F (1936). doi:10.1093/biomet/28.3-4.437.

    Examples
    --------
    Jalaid Banner (扎赉特旗) 2023: 1,430 live births; 3 neonatal deaths, deduced from the published rate.

    >>> import pandas as pd
    >>> from mchepi.indicators import compute
    >>> counts = pd.DataFrame(
    ...     {"district": ["152223"], "year": [2023], "live_births": [1430], "neonatal_deaths": [3],
    ...      "deduced": ["neonatal_deaths"]}
    ... )
    >>> found = compute(counts, "neonatal_mortality_rate")
    >>> found[["value", "lower", "upper", "per", "method", "note"]].round(2)
       value  lower  upper   per method                      note
    0    2.1   0.43   6.13  1000  exact  deduced: neonatal_deaths
    """
    level = check_level(confidence_level)
    ids = [indicator] if isinstance(indicator, str) else list(indicator)
    keys = [by] if isinstance(by, str) else list(by)
    require_keys(data, keys)
    if "year" in keys and "year_end" in data and "year_end" not in keys:
        # Rows of several years are no rows of their first year.
        keys.insert(keys.index("year") + 1, "year_end")
    if not ids:
        raise ValueError("`indicator` must name at least one indicator; got none. Give an id or several.")
    ones = [find_indicator(id) for id in ids]
    group, length, names = groups_of(data, keys)
    sums = sum_counts(read_counts(data, ones), group, length)
    every = np.tile(np.arange(length), len(ones))
    found = {name: column.take(every) for name, column in names.items()}
    return pd.DataFrame({**found, **computed(sums, keys, level, enumerations=limits)})


def computed(sums: Sums, keys: Sequence[str], level: float, *, enumerations: bool = False) -> dict[str, Any]:
    """Columns of all sums, indicator by indicator, that tell what they come to; `keys` make their groups."""
    length = sums.numerator.shape[1]
    lower, upper, methods = limits_of(sums, level, enumerations=enumerations)
    return {
        "indicator": texts(one.id for one in sums.counts.ones for _ in range(length)),
        "numerator": integers(sums.numerator.ravel()),
        "denominator": amounts(sums.denominator.ravel(), sums.denominator),
        "value": sums.value.ravel(),
        "lower": lower.ravel(),
        "upper": upper.ravel(),
        "per": np.repeat(sums.per, length),
        "method": texts(method for method in methods for _ in range(length)),
        "confidence_level": np.full(sums.numerator.size, level),
        "note": texts(notes_of(sums, keys, lower)),
    }


def require_columns(data: pd.DataFrame, names: Sequence[str], argument: str) -> None:
    """Require that `argument` names columns of the table."""
    unknown = [name for name in names if name not in data.columns]
    if unknown:
        near = difflib.get_close_matches(str(unknown[0]), [str(column) for column in data.columns], 1)
        fix = f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(map(str, data.columns[:12]))}."
        raise ValueError(f"`{argument}` must name columns of the table; got {unknown[0]!r}. {fix}")


def require_keys(data: pd.DataFrame, keys: Sequence[str]) -> None:
    """Require that `by` names columns of the table, and none that `compute` gives."""
    require_columns(data, keys, "by")
    taken = [key for key in keys if key in _GIVEN]
    if taken:
        raise ValueError(
            f"`by` must not name columns that `compute` gives; got {', '.join(taken)}. Rename the column."
        )


def groups_of(data: pd.DataFrame, keys: Sequence[str]) -> tuple[Positions, int, dict[str, ExtensionArray]]:
    """Give the number of every row's group, how many groups there are, and their keys in this order."""
    group = np.zeros(len(data), dtype=np.intp)
    for key in keys:
        own, distinct = pd.factorize(data[key], sort=True)
        # What is missing comes last.
        group = group * (len(distinct) + 1) + np.where(own < 0, len(distinct), own)
    if not keys:
        return group, 1, {}
    _, firsts, group = np.unique(group, return_index=True, return_inverse=True)
    return group, len(firsts), {key: data[key].array.take(firsts) for key in keys}
