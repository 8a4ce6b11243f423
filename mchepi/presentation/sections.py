"""Which indicators an analysis shows in which of its sections, from one table: data/sections.csv."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import pandas as pd

from mchepi.indicators import indicator


@cache
def _table() -> tuple[dict[str, str], ...]:
    with (files(__package__) / "data" / "sections.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def indicators_of(analysis: str, section: str, counts: pd.DataFrame) -> list[str]:
    """List the indicators of a section: those expected there, and those further ones that the data can give.

    An expected indicator stays in the list where its counts are absent, so that the page says so.

    Parameters
    ----------
    analysis, section : str
        As in sections.csv: ``mortality`` and ``level``, for one.
    counts : pandas.DataFrame
        The district-year table.

    Returns
    -------
    list of str
        Ids of the catalog, in the order of the table.

    Raises
    ------
    ValueError
        If the table has no such section.

    Examples
    --------
    >>> rows = pd.DataFrame({"live_births": [4672], "sudden_infant_deaths": [13]})
    >>> indicators_of("mortality", "level", rows)[-2:]
    ['maternal_mortality_ratio', 'sudden_infant_death_rate']
    """
    rows = [row for row in _table() if (row["analysis"], row["section"]) == (analysis, section)]
    if not rows:
        known = sorted({f"{row['analysis']}, {row['section']}" for row in _table()})
        raise ValueError(
            f"`analysis` and `section` must be one of {'; '.join(known)}; got {analysis}, {section}. "
            "Write one of these."
        )
    return [row["indicator"] for row in rows if row["expected"] == "yes" or _is_stated(row["indicator"], counts)]


def _is_stated(id: str, counts: pd.DataFrame) -> bool:
    one = indicator(id)
    columns = [*one.numerator_columns, *one.denominator_columns]
    return set(columns) <= set(counts) and bool(counts[columns].notna().all(axis=1).any())
