"""Women screened at least once in a cycle of years, where only yearly counts are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats._validate import align, check_counts, check_part, refuse_where

if TYPE_CHECKING:
    import pandas as pd


def unique_persons(persons: Any, *, eligible: int, repeated: Any = None) -> pd.DataFrame:
    r"""Bounds of the persons screened at least once, and of the coverage (0 to 1), by the end of each year.

    Yearly counts cannot be added: whoever comes twice counts twice. Without knowing who came again the truth
    lies between two bounds, both of which are possible.

    Parameters
    ----------
    persons : array or Series of int
        Persons screened in each year of the cycle, in order; within a year everyone counts once.
    eligible : int
        Persons who were to be screened once in the cycle: one fixed group, to which all who were screened
        belong.
    repeated : array or Series of int, optional
        Of those of each year, the persons already screened in an earlier year of the cycle; NaN where that is
        not known.

    Returns
    -------
    pandas.DataFrame
        One row a year, from the counts up to it: year (label or position), persons, repeated, added_up (sum
        of the counts so far), lower, upper (persons screened at least once so far), lower_coverage,
        upper_coverage, added_up_coverage (sum over `eligible`: no coverage, may exceed 1), note.

    Raises
    ------
    ValueError
        Missing, negative or fractional counts, more persons in a year than are eligible, more repeated than
        persons or than can have come before, or than leaves room among the eligible.

    Notes
    -----
    With :math:`U` screened before and :math:`n` in this year, those who come again are at most
    :math:`\min(n, U)` and at least :math:`\max(0, n + U - N)` of :math:`N` eligible, so that without further
    knowledge :math:`\max n_i \le U \le \min(\sum n_i, N)` (Frechet). These are bounds, not confidence limits:
    no chance is in them. Where the rule that nobody is screened twice in a cycle is kept, the upper bound is
    near; where the same villages are visited each year, the lower.

    The group is taken as fixed. Women who turn 35 or 65, or move, within the cycle make both bounds too low
    or too high by their number.

    References
    ----------
    Rüschendorf L (1991). Fréchet-bounds and their applications. In: Dall'Aglio G, Kotz S, Salinetti G (eds).
    Advances in Probability Distributions with Given Marginals, 151-187. Dordrecht: Kluwer.

    Examples
    --------
    Constructed: a cycle of three years among 24,000 women, of whom 17,000 came in its last year.

    >>> import pandas as pd
    >>> from mchepi.outcomes import unique_persons
    >>> women = pd.Series([6000, 8000, 17000], pd.Index([2021, 2022, 2023], name="year"))
    >>> cycle = unique_persons(women, eligible=24000)
    >>> cycle[["year", "added_up", "lower", "upper", "lower_coverage", "upper_coverage"]].round(3)
       year  added_up  lower  upper  lower_coverage  upper_coverage
    0  2021      6000   6000   6000           0.250           0.250
    1  2022     14000   8000  14000           0.333           0.583
    2  2023     31000  17000  24000           0.708           1.000
    """
    import pandas as pd

    (number, all_eligible, again), layout = align(
        persons=np.atleast_1d(persons) if np.ndim(persons) == 0 else persons,
        eligible=eligible,
        repeated=np.nan if repeated is None else repeated,
    )
    again = np.broadcast_to(again, layout.shape)
    for name, counts in (("persons", number), ("eligible", all_eligible), ("repeated", again)):
        check_counts(name, counts, layout, of="persons")
    fix = "Give every year of the cycle, or begin after the gap."
    refuse_where(np.isnan(number), "persons", "known in every year", number, layout, fix)
    if all_eligible.ndim or np.isnan(all_eligible):
        raise ValueError(
            "`eligible` must be one number of persons; got several or none. Give those of the cycle."
        )
    fix = "Check that both count persons of the same group."
    check_part("persons", number, "eligible", all_eligible, layout, fix)
    check_part("repeated", again, "persons", number, layout, fix)
    lower, upper, impossible = _bounds(number, again, float(all_eligible))
    refuse_where(
        impossible, "repeated", "possible after the years before and among the eligible", again, layout, fix
    )
    added = np.cumsum(number)
    years = layout.index if layout.index is not None else pd.RangeIndex(number.size)
    total = float(all_eligible) or np.nan
    return pd.DataFrame(
        {
            "year": years,
            "persons": number.astype(np.int64),
            "repeated": pd.Series(again).astype("Int64"),
            "added_up": added.astype(np.int64),
            "lower": lower.astype(np.int64),
            "upper": upper.astype(np.int64),
            "lower_coverage": lower / total,
            "upper_coverage": upper / total,
            "added_up_coverage": added / total,
            "note": np.where(added > total, "added up: more than there are persons", ""),
        }
    )


def women_in_cycle(
    counts: pd.DataFrame, women: pd.DataFrame | None = None, *, cycle_years: int = 3
) -> pd.DataFrame:
    """Bounds of the women screened for cervical cancer at least once in the last years, from yearly counts.

    Parameters
    ----------
    counts : pandas.DataFrame
        The yearly counts of a district: year, women_screened_cervical, and women_35_64 where it is known.
    women : pandas.DataFrame, optional
        The register of cervical screening as `Dataset.register` hands it out.
    cycle_years : int
        Years of the cycle; as many of them as the counts hold without a gap, up to the last one.

    Returns
    -------
    pandas.DataFrame
        As `unique_persons` gives it, with eligible (women_35_64 of the last year) and in_register (women of
        the register in these years, each once; missing without it). Where eligible is not known, or is less
        than the women of one year, the upper bound is the sum and there is no coverage. No rows with fewer
        than two years.

    Raises
    ------
    ValueError
        Counts that are negative or fractional.

    Examples
    --------
    Constructed: three years among 24,000 women.

    >>> import pandas as pd
    >>> from mchepi.outcomes import women_in_cycle
    >>> counts = pd.DataFrame({"year": [2021, 2022, 2023], "women_screened_cervical": [6000, 8000, 17000],
    ...                        "women_35_64": 24000})
    >>> women_in_cycle(counts)[["year", "added_up", "lower", "upper"]].iloc[-1].tolist()
    [2023, 31000, 17000, 24000]
    """
    import pandas as pd

    columns = ["year", "women_screened_cervical"]
    known = counts.dropna(subset=columns) if set(columns) <= set(counts) else counts.iloc[:0]
    by_year = {
        int(year): int(persons)
        for year, persons in zip(*(known.get(name, ()) for name in columns), strict=True)
    }
    last = max(by_year, default=0)
    years = [last - back for back in range(cycle_years)]
    held = sorted(years[: next((at for at, year in enumerate(years) if year not in by_year), cycle_years)])
    if len(held) < 2:
        return pd.DataFrame(columns=["year", "upper_coverage"])
    persons = pd.Series([by_year[year] for year in held], pd.Index(held, name="year"))
    stated = known.loc[known["year"] == last].get("women_35_64", pd.Series(dtype=float)).dropna()
    eligible = int(stated.iloc[0]) if len(stated) and stated.iloc[0] >= persons.max() else None
    found = unique_persons(persons, eligible=int(persons.sum()) if eligible is None else eligible)
    if eligible is None:
        found[["lower_coverage", "upper_coverage", "added_up_coverage"]] = np.nan
    return found.assign(
        eligible=pd.array([eligible] * len(found), dtype="Int64"),
        in_register=pd.array([_in_register(women, held[0], year) for year in held], dtype="Int64"),
    )


def _in_register(women: pd.DataFrame | None, first: int, last: int) -> int | None:
    """Women of these years, each once; a row without an id is a woman of her own."""
    if women is None or women.empty:
        return None
    own = women[women["year"].between(first, last)]
    return int(own["record_id"].nunique() + own["record_id"].isna().sum())


def _bounds(number: Any, again: Any, eligible: float) -> tuple[Any, Any, Any]:
    """The fewest and the most different persons by each year, and where the repeated are impossible."""
    lower, upper = np.empty(number.size), np.empty(number.size)
    impossible = np.zeros(number.size, dtype=bool)
    fewest = most = 0.0
    for i, (n, r) in enumerate(zip(number, again, strict=True)):
        if np.isnan(r):
            fewest, most = max(fewest, n), min(most + n, eligible)
        else:
            # Those who came again had all come before, and those who did not must find room.
            fewest, most = max(fewest, r), min(most, eligible - (n - r))
            impossible[i] = fewest > most
            if impossible[i]:
                break
            fewest, most = fewest + n - r, most + n - r
        lower[i], upper[i] = fewest, most
    return lower, upper, impossible
