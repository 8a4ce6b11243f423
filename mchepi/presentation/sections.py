"""Which indicators an analysis shows in which of its sections, from one table: data/sections.csv."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mchepi.indicators import indicator

from .package_data import table


def indicators_of(analysis: str, counts: pd.DataFrame, *sections: str) -> list[str]:
    """List the indicators of an analysis: those expected there, and others that the data can give.

    An expected indicator stays in the list where its counts are absent, so that the page says so.

    Parameters
    ----------
    analysis : str
        As in sections.csv: ``mortality``, for one.
    counts : pandas.DataFrame
        The district-year table.
    *sections : str
        Only these of its sections: ``level``, for one; all by default.

    Returns
    -------
    list of str
        Ids of the catalog, each once, in the order of the table.

    Raises
    ------
    ValueError
        If the table has no such section.

    Examples
    --------
    >>> rows = pd.DataFrame({"live_births": [4672], "sudden_infant_deaths": [13]})
    >>> indicators_of("mortality", rows, "level")[-2:]
    ['maternal_mortality_ratio', 'sudden_infant_death_rate']
    """
    known = [row for row in table("sections") if row["analysis"] == analysis]
    wanted = set(sections) or {row["section"] for row in known}
    missing = wanted - {row["section"] for row in known}
    if missing or not known:
        choice = "; ".join(dict.fromkeys(f"{row['analysis']} {row['section']}" for row in table("sections")))
        got = " ".join([analysis, *sections])
        raise ValueError(f"`analysis` and `sections` must be among {choice}; got {got}. Write one of these.")
    chosen = [row for row in known if row["section"] in wanted]
    ids = (
        row["indicator"] for row in chosen if row["expected"] == "yes" or _is_stated(row["indicator"], counts)
    )
    return list(dict.fromkeys(ids))


def part_of(frame: pd.DataFrame, analysis: str, *sections: str) -> pd.DataFrame:
    """Keep the rows of a frame whose indicator belongs to these sections, in the order of the sections.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["stunting_prevalence_u5", "anemia_prevalence_u5"]})
    >>> part_of(rows, "anemia", "level")["indicator"].tolist()
    ['anemia_prevalence_u5']
    """
    ids = [
        row["indicator"]
        for row in table("sections")
        if row["analysis"] == analysis and row["section"] in sections
    ]
    return frame[frame["indicator"].isin(ids)]


def _is_stated(id: str, counts: pd.DataFrame) -> bool:
    one = indicator(id)
    columns = [*one.numerator_columns, *one.denominator_columns]
    if not all(column in counts for column in columns):
        return False
    return bool(np.all([counts[column].notna() for column in columns], axis=0).any())
