"""Counts by age and by cause: which columns make up which group, pooled over the last years."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mchepi.indicators import indicator

FEWEST_FOR_SHARES = 20
"""Of fewer deaths only the counts are shown: a share of so few moves by five percentage points with each."""

_POOLED = 3  # years; the deaths of one year are too few to be shared out
_COLUMNS = ["district", "year", "year_end", "group", "numerator", "denominator"]

# Deaths of each age as the difference of two nested counts.
_AGES: Mapping[str, tuple[str, str]] = {
    "early_neonatal": ("early_neonatal_deaths", ""),
    "late_neonatal": ("neonatal_deaths", "early_neonatal_deaths"),
    "neonatal": ("neonatal_deaths", ""),
    "postneonatal": ("infant_deaths", "neonatal_deaths"),
    "age_1_4": ("under5_deaths", "infant_deaths"),
}
_CAUSES: Mapping[str, str] = {
    "birth_defects": "birth_defect_under5_deaths",
    "preterm": "under5_deaths_preterm",
    "asphyxia": "under5_deaths_asphyxia",
    "pneumonia": "under5_deaths_pneumonia",
    "injury": "under5_deaths_injury",
    "other_causes": "under5_deaths_other_causes",
}
_ANEMIA = "anemia_prevalence_u5"  # its cut-off holds for both ages
_ANEMIA_AGES: Mapping[str, str] = {
    "months_6_23": "children_6_23_months",
    "months_24_59": "children_24_59_months",
}


def ages_at_death(counts: pd.DataFrame) -> pd.DataFrame:
    """Deaths under five by age, the last three years together.

    Parameters
    ----------
    counts : pandas.DataFrame
        The counts of one district, a row a year. A year whose counts contradict each other (fewer infant than
        neonatal deaths) is left out.

    Returns
    -------
    pandas.DataFrame
        Columns district, year, year_end, group (early_neonatal and late_neonatal, or neonatal where the early
        deaths are not stated; postneonatal; age_1_4), numerator, denominator (all deaths under five). Empty
        where the three nested counts are not stated.

    Examples
    --------
    >>> counts = pd.DataFrame({"district": ["a"], "year": [2023], "neonatal_deaths": [3],
    ...     "infant_deaths": [4],
    ...                        "under5_deaths": [5]})
    >>> ages_at_death(counts)[["group", "numerator"]].values.tolist()
    [['neonatal', 3], ['postneonatal', 1], ['age_1_4', 1]]
    """
    needed = ["neonatal_deaths", "infant_deaths", "under5_deaths"]
    rows = _last_years(counts, needed, "early_neonatal_deaths")
    early = (
        "early_neonatal_deaths" in rows
        and bool(rows["early_neonatal_deaths"].notna().all())
        and len(rows) > 0
    )
    ages = [
        age for age in _AGES if age not in (("neonatal",) if early else ("early_neonatal", "late_neonatal"))
    ]
    parts = (
        {age: rows[_AGES[age][0]] - (rows[_AGES[age][1]] if _AGES[age][1] else 0) for age in ages}
        if len(rows)
        else {}
    )
    if parts:
        sound = (pd.DataFrame(parts) >= 0).all(axis=1)
        rows, parts = rows[sound], {age: part[sound] for age, part in parts.items()}
    return _shares(rows, {age: int(part.sum()) for age, part in parts.items()}, "under5_deaths")


def causes_of_death(counts: pd.DataFrame) -> pd.DataFrame:
    """Deaths under five by cause, the last three years together, the leading cause first.

    Examples
    --------
    >>> causes_of_death(pd.DataFrame({"district": ["a"], "year": [2023], "under5_deaths": [5]})).empty
    True
    """
    named = {cause: column for cause, column in _CAUSES.items() if column in counts}
    rows = _last_years(counts, [*named.values(), "under5_deaths"]) if len(named) > 1 else counts.iloc[:0]
    sums = {cause: int(rows[column].sum()) for cause, column in named.items()} if len(rows) else {}
    leading = sorted(sums, key=lambda cause: (cause == "other_causes", -sums[cause]))
    return _shares(rows, {cause: sums[cause] for cause in leading}, "under5_deaths")


def anemia_by_age(counts: pd.DataFrame) -> pd.DataFrame:
    """Children with anemia and children tested by age, in the last year that states both.

    Returns
    -------
    pandas.DataFrame
        Columns district, year, year_end, group (months_6_23, months_24_59), numerator, denominator,
        definition_verified (of the cut-off); empty where the ages are not stated.

    Examples
    --------
    >>> anemia_by_age(pd.DataFrame({"district": ["a"], "year": [2023]})).empty
    True
    """
    pairs = {group: (f"{ages}_anemic", f"{ages}_examined_hemoglobin") for group, ages in _ANEMIA_AGES.items()}
    rows = _last_years(counts, [column for pair in pairs.values() for column in pair]).tail(1)
    found = [
        {
            **_span(rows),
            "group": group,
            "numerator": int(rows[events].iloc[0]),
            "denominator": int(rows[total].iloc[0]),
            "definition_verified": indicator(_ANEMIA).is_verified,
        }
        for group, (events, total) in pairs.items()
        if len(rows)
    ]
    return pd.DataFrame(found, columns=[*_COLUMNS, "definition_verified"])


def _last_years(counts: pd.DataFrame, columns: list[str], *beside: str) -> pd.DataFrame:
    """The last years that state these columns, with others beside them."""
    if not set(columns) <= set(counts):
        return counts.iloc[:0]
    others = [name for name in ("district", "year", "year_end", *beside) if name in counts]
    wanted = counts[[*others, *columns]]
    return wanted[wanted[columns].notna().all(axis=1)].sort_values("year").tail(_POOLED)


def _span(rows: pd.DataFrame) -> dict[str, object]:
    last = rows["year_end"] if "year_end" in rows else rows["year"]
    return {
        "district": rows["district"].iloc[0],
        "year": int(rows["year"].min()),
        "year_end": int(last.max()),
    }


def _shares(rows: pd.DataFrame, sums: Mapping[str, int], whole: str) -> pd.DataFrame:
    if rows.empty:
        return pd.DataFrame(columns=_COLUMNS)
    total = int(rows[whole].sum())
    found = [
        {**_span(rows), "group": group, "numerator": number, "denominator": total}
        for group, number in sums.items()
    ]
    return pd.DataFrame(found, columns=_COLUMNS)
