"""The standard populations that come with the package: their sources, and their age groups as weights."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from mchepi.stats._validate import check_choice

if TYPE_CHECKING:
    import pandas as pd

Group = tuple[int, int | None, float]  # first and last age (None: open), population


def standard_populations() -> pd.DataFrame:
    """Give the list of standard populations, one a row, with source and what was verified (no unit).

    Returns
    -------
    pandas.DataFrame
        Columns standard (the id that `standard_population` takes), name_en, name_zh, unit, source, verified
        ("yes (...)" or "partly (...)") and note.

    Notes
    -----
    China's census of 2020 is not among them: no table of it by age was found that could be verified. Give
    your own standard as a Series by age group.

    References
    ----------
    Ahmad OB, Boschi-Pinto C, Lopez AD, Murray CJL, Lozano R, Inoue M (2001). Age standardization of rates: a
    new WHO standard. GPE Discussion Paper 31, World Health Organization, Geneva.

    Eurostat (2013). Revision of the European Standard Population. doi:10.2785/11470

    Examples
    --------
    >>> import mchepi
    >>> print(*mchepi.standard_populations()["standard"])
    who_2000_2025 european_2013 china_census_2000 china_census_2010
    """
    import pandas as pd

    return pd.DataFrame(_rows("standard_population_sources.csv"))


def standard_population(standard: str, *, from_ages: Sequence[int] | None = None) -> pd.Series[float]:
    """Population of each age group of a standard population, in the unit of its source.

    Parameters
    ----------
    standard : str
        Id of the standard, see `standard_populations`.
    from_ages : sequence of int, optional
        First ages of the groups wanted, rising; the last group is open. The standard's groups are added up,
        so each must be the first age of one of them. Without it: the groups as published. Ages below the
        first are left out.

    Returns
    -------
    pandas.Series
        Indexed by age group, such as "0-4" or "85+".

    Raises
    ------
    ValueError
        An unknown standard, or ages that do not rise or are not where a group of the standard begins.

    Notes
    -----
    Only proportions matter in standardization. Not for ages that a standard does not part: none of them
    parts the first month from the rest of the first year.

    References
    ----------
    Ahmad OB, Boschi-Pinto C, Lopez AD, Murray CJL, Lozano R, Inoue M (2001). Age standardization of rates: a
    new WHO standard. GPE Discussion Paper 31, World Health Organization, Geneva.

    Eurostat (2013). Revision of the European Standard Population. doi:10.2785/11470

    Examples
    --------
    >>> import mchepi
    >>> print(mchepi.standard_population("european_2013", from_ages=[0, 15, 65]).to_string())
    age
    0-14     16000.0
    15-64    64500.0
    65+      19500.0
    """
    import pandas as pd

    groups = _groups()
    check_choice("standard", standard, list(groups))
    published = groups[standard]
    if from_ages is not None:
        published = _merged(published, list(from_ages), standard)
    labels = [_label(first, last) for first, last, _ in published]
    index = pd.Index(labels, name="age")
    return pd.Series([population for _, _, population in published], index=index, name=standard)


def _merged(published: list[Group], from_ages: list[int], standard: str) -> list[Group]:
    begins = [first for first, _, _ in published]
    unknown = [age for age in from_ages if age not in begins]
    if not from_ages or unknown or sorted(set(from_ages)) != from_ages:
        raise ValueError(
            f"`from_ages` must be rising first ages of groups of {standard}; got {from_ages}. "
            f"Choose among {', '.join(map(str, begins))}."
        )
    ends = [*(age - 1 for age in from_ages[1:]), None]
    return [
        (
            first,
            last,
            sum(
                people for begin, _, people in published if begin >= first and (last is None or begin <= last)
            ),
        )
        for first, last in zip(from_ages, ends, strict=True)
    ]


def _label(first: int, last: int | None) -> str:
    if last is None:
        return f"{first}+"
    return str(first) if first == last else f"{first}-{last}"


@lru_cache(maxsize=1)
def _groups() -> dict[str, list[Group]]:
    groups: dict[str, list[Group]] = {}
    for row in _rows("standard_populations.csv"):
        last = int(row["age_to"]) if row["age_to"] else None
        groups.setdefault(row["standard"], []).append((int(row["age_from"]), last, float(row["population"])))
    return groups


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("mchepi.stats").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
