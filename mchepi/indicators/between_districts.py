"""Districts side by side: how far they differ beyond chance, steadier rates, and ranks with their limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.changes import change
from mchepi.indicators.computation import compute, require_columns
from mchepi.stats import (
    area_ranks,
    empirical_bayes,
    expected_flags,
    funnel_flags,
    local_empirical_bayes,
    overdispersion,
    rate,
)

LEVELS = (0.95, 0.998)
"""The levels of the funnel: shares of districts within the limits if all have the same underlying rate."""

FALSE_DISCOVERIES = 0.05
"""The share of false ones to expect at most among the districts that are named."""

_KEYS = ("district", "name_zh", "name_en")
_FEWEST = 3  # districts
_COMPARED = (
    *(*_KEYS, "year", "year_end", "indicator", "numerator", "denominator", "value", "lower", "upper"),
    *("per", "method", "confidence_level", "reference", "expected", "p_value", "adjusted_p_value"),
    *("side", "outside", "outside_allowed", "smoothed", "smoothed_lower", "smoothed_upper"),
    *("local", "local_lower", "local_upper", "local_note", "rank", "rank_lower", "rank_upper", "note"),
)


def last_years(counts: pd.DataFrame, years: int = 3) -> pd.DataFrame:
    """Keep the rows of the last years of a district-year table; a row of several years counts by its last.

    Parameters
    ----------
    counts : DataFrame
        The district-year table, with `year_end` where rows cover several years.
    years : int
        How many years back from the last one of the table.

    Returns
    -------
    DataFrame
        Some of the rows, with their labels: what is before them is ``counts.drop(found.index)``. A table
        without rows gives none.

    Raises
    ------
    ValueError
        If the table has no column `year`.

    Examples
    --------
    >>> import pandas as pd
    >>> from mchepi.indicators import last_years
    >>> last_years(pd.DataFrame({"district": "a", "year": range(2018, 2025)}))["year"].tolist()
    [2022, 2023, 2024]
    """
    require_columns(counts, ["year"], "counts")
    ends = _year_ends(counts)
    return counts[ends > ends.max() - years]


def compare_districts(
    counts: pd.DataFrame,
    indicator: str | Iterable[str],
    *,
    neighbors: Mapping[str, Sequence[str]] | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    r"""Compare the rate of each district with that of all districts together, in the indicator's unit.

    The rows of each district are pooled first (see `last_years`): :math:`per \cdot \sum numerator / \sum
    denominator`, with exact limits. The reference is the same quotient over all districts.

    - `p_value`, `adjusted_p_value`, `side`, `outside`: the exact funnel (`mchepi.stats.funnel_flags`), and
      the Benjamini-Hochberg correction for looking at many districts. `outside_allowed` is the level that the
      district is outside of once overdispersion is allowed for (additive).
    - `smoothed` and its limits: empirical Bayes, with what is not known of the spread averaged over. For maps
      and planning, never for judging one district.
    - `local`: the same towards the neighborhood; NaN where no neighbors are given.
    - `rank` and its limits: 1 is the lowest underlying rate.

    Not for common proportions (coverage), and not for districts that differ by construction (referral
    hospitals): standardize first. The limits do not cover under-reporting, which often is what differs.

    Parameters
    ----------
    counts : DataFrame
        The district-year table with the columns district, name_zh, name_en, year.
    indicator : str or several
        Ids of rates or ratios of the catalog.
    neighbors : mapping, optional
        District → those that it borders on, for every district of the table. Empty: not known.
    confidence_level : float
        Level of all limits; those of the funnel are 0.95 and 0.998.

    Returns
    -------
    DataFrame
        A row an indicator and district with counts: district, name_zh, name_en (the latest), year, year_end
        (of all rows with counts), indicator, numerator, denominator, value, lower, upper, per, method,
        confidence_level, reference, expected, p_value, adjusted_p_value, side, outside, outside_allowed,
        smoothed, smoothed_lower, smoothed_upper, local, local_lower, local_upper, local_note, rank,
        rank_lower, rank_upper, note (as `compute`). Comparisons are NaN where fewer than three districts have
        counts, or none has an event.

    Raises
    ------
    ValueError
        As `compute`; for an indicator that is no rate or ratio. No rows and no indicators give no rows.

    References
    ----------
    Spiegelhalter DJ (2005). Funnel plots for comparing institutional performance. Statistics in Medicine
    24(8): 1185-1202. doi:10.1002/sim.1970

    Clayton D, Kaldor J (1987). Empirical Bayes estimates of age-standardized relative risks for use in
    disease mapping. Biometrics 43(3): 671-681. doi:10.2307/2532003

    Goldstein H, Spiegelhalter DJ (1996). League tables and their limitations: statistical issues in
    comparisons of institutional performance. Journal of the Royal Statistical Society A 159(3): 385-443.
    doi:10.2307/2983325

    Examples
    --------
    Sudden infant deaths of four counties of North Carolina, 1974-78 (Cressie's data): Anson is far out.

    >>> import pandas as pd
    >>> from mchepi.indicators import compare_districts
    >>> names = ["Anson", "Robeson", "Wake", "Hyde"]
    >>> counts = pd.DataFrame({"district": names, "name_zh": names, "name_en": names, "year": 1974,
    ...     "live_births": [1570, 7889, 14484, 338], "sudden_infant_deaths": [15, 31, 16, 0]})
    >>> found = compare_districts(counts, "sudden_infant_death_rate")
    >>> found[["district", "expected", "outside", "smoothed", "rank_lower", "rank_upper"]].round(3)
      district  expected  outside  smoothed  rank_lower  rank_upper
    0    Anson     4.009    0.998     8.834         4.0         4.0
    1     Hyde     0.863      NaN     1.866         1.0         3.0
    2  Robeson    20.144    0.950     3.942         2.0         3.0
    3     Wake    36.984    0.998     1.167         1.0         2.0
    """
    ids = [indicator] if isinstance(indicator, str) else list(indicator)
    for one in map(find_indicator, ids):
        if one.kind not in ("rate", "ratio"):
            raise ValueError(
                f"`indicator` must be a rate or ratio of rare events; got {one.id}, which is of the kind "
                f"{one.kind}. Compare coverage by its counts."
            )
    require_columns(counts, [*_KEYS, "year"], "counts")
    if not ids or counts.empty:
        return pd.DataFrame(columns=list(_COMPARED))
    levels = compute(counts, ids, by=["district"], confidence_level=confidence_level)
    levels = levels[levels["value"].notna()]
    frames = [
        _compare_one(
            levels[levels["indicator"] == id].reset_index(drop=True),
            *_span(counts, id),
            neighbors,
            confidence_level,
        )
        for id in ids
    ]
    compared = pd.concat(frames, ignore_index=True)
    names = counts.sort_values("year", kind="stable").drop_duplicates("district", keep="last")
    compared = compared.merge(names[[*_KEYS]], on="district", how="left")
    return compared[list(_COMPARED)]


def _span(counts: pd.DataFrame, id: str) -> tuple[int | None, int | None]:
    """The first and last year of the rows that hold the counts of an indicator; none if none does."""
    columns = find_indicator(id).columns
    if not set(columns) <= set(counts):
        return None, None
    known = counts.dropna(subset=list(columns))
    return (int(known["year"].min()), int(_year_ends(known).max())) if len(known) else (None, None)


def _compare_one(
    own: pd.DataFrame,
    year: int | None,
    year_end: int | None,
    neighbors: Mapping[str, Sequence[str]] | None,
    level: float,
) -> pd.DataFrame:
    """One indicator, a row a district that has its counts."""
    events, size = (
        own[side].astype(float).set_axis(own["district"]) for side in ("numerator", "denominator")
    )
    per = float(own["per"].iloc[0]) if len(own) else 1.0
    comparable = len(own) >= _FEWEST and events.sum() > 0
    reference = events.sum() / size.sum() * per if comparable else np.nan
    nothing = pd.DataFrame(np.nan, index=events.index, columns=["value", "lower", "upper"])
    flags, outside_allowed = None, np.full(len(own), np.nan)
    smoothed, local, ranks = nothing, nothing.assign(note=""), nothing
    if comparable:
        funnel: dict[str, Any] = {"kind": "rate", "per": per}
        flags = funnel_flags(events, size, reference, levels=LEVELS, **funnel)
        spread = overdispersion(events, size, reference, **funnel)
        allowed = {**funnel, "between_variance": spread.between_variance}
        outside_allowed = funnel_flags(events, size, reference, levels=LEVELS, **allowed)[
            "outside"
        ].to_numpy()
        limits = {"per": per, "confidence_level": level}
        smoothed = empirical_bayes(events, size, method="integrated", **limits).to_frame()
        ranks = area_ranks(events, size, confidence_level=level).to_frame()
        if neighbors:
            local = local_empirical_bayes(
                events, size, _among(neighbors, own["district"]), **limits
            ).to_frame()
    found = own.assign(year=year, year_end=year_end, reference=reference)
    for name in ("expected", "p_value", "adjusted_p_value", "side", "outside"):
        absent = "" if name == "side" else np.nan
        found[name] = absent if flags is None else flags[name].to_numpy()
    found["outside_allowed"] = outside_allowed
    for name, frame in (("smoothed", smoothed), ("local", local), ("rank", ranks)):
        for part, suffix in (("value", ""), ("lower", "_lower"), ("upper", "_upper")):
            found[f"{name}{suffix}"] = frame[part].to_numpy()
    return found.assign(local_note=local["note"].to_numpy())


def _among(neighbors: Mapping[str, Sequence[str]], districts: Iterable[str]) -> dict[str, list[str]]:
    """The neighbors among these districts."""
    known = list(districts)
    return {one: [other for other in neighbors.get(one, ()) if other in set(known)] for one in known}


def spread_of_districts(compared: pd.DataFrame) -> pd.DataFrame:
    """Sum up for each indicator how far districts differ, and how much of it is chance.

    Parameters
    ----------
    compared : DataFrame
        What `compare_districts` gives.

    Returns
    -------
    DataFrame
        A row an indicator: indicator, year, year_end, districts, numerator, denominator, value, lower, upper
        (of all districts together), per, method, confidence_level, lowest, highest, smoothed_lowest,
        smoothed_highest, least_expected, most_expected (events), never_low (districts of which not even zero
        events would lie below the 95 % limits), outside_95, by_chance_95, outside_998,
        by_chance_998 (numbers of districts outside the funnel, and how many are to be expected if all are
        alike), named (with an adjusted p-value of at most 0.05), outside_allowed (0.95, with allowance for
        overdispersion), dispersion_p_value, between_sd (standard deviation of underlying rates, in the
        unit), rank_width (median number of places within the limits of a rank), pairs, pairs_apart (pairs of
        districts whose limits of rank do not overlap), note. NaN where nothing can be compared.

    Examples
    --------
    >>> import pandas as pd
    >>> from mchepi.indicators import compare_districts, spread_of_districts
    >>> names = ["Anson", "Robeson", "Wake", "Hyde"]
    >>> counts = pd.DataFrame({"district": names, "name_zh": names, "name_en": names, "year": 1974,
    ...     "live_births": [1570, 7889, 14484, 338], "sudden_infant_deaths": [15, 31, 16, 0]})
    >>> found = spread_of_districts(compare_districts(counts, "sudden_infant_death_rate"))
    >>> found[["districts", "value", "outside_95", "by_chance_95", "named", "pairs", "pairs_apart"]].round(2)
       districts  value  outside_95  by_chance_95  named  pairs  pairs_apart
    0          4   2.55           3          0.14      3      6            3
    """
    rows = [_spread_of_one(own) for _, own in compared.groupby("indicator", sort=False)]
    return pd.DataFrame(rows, columns=list(_SPREAD))


_SPREAD = (
    *("indicator", "year", "year_end", "districts", "numerator", "denominator", "value", "lower", "upper"),
    *("per", "method", "confidence_level", "lowest", "highest", "smoothed_lowest", "smoothed_highest"),
    *(
        "least_expected",
        "most_expected",
        "never_low",
        "outside_95",
        "by_chance_95",
        "outside_998",
        "by_chance_998",
    ),
    *("named", "outside_allowed", "dispersion_p_value", "between_sd", "rank_width", "pairs", "pairs_apart"),
    "note",
)


def _spread_of_one(own: pd.DataFrame) -> dict[str, object]:
    row = own.iloc[0]
    events, size = (own[side].astype(float) for side in ("numerator", "denominator"))
    together = rate(events.sum(), size.sum(), per=row["per"], confidence_level=row["confidence_level"])
    found: dict[str, object] = {
        **{name: row[name] for name in ("indicator", "year", "year_end", "per", "confidence_level")},
        "districts": len(own),
        "numerator": int(events.sum()),
        "denominator": int(size.sum()),
        "value": together.value,
        "lower": together.lower,
        "upper": together.upper,
        "method": together.method,
        "lowest": own["value"].min(),
        "highest": own["value"].max(),
        "note": _shared_notes(own["note"]),
    }
    if np.isnan(row["reference"]):
        return found
    funnel: dict[str, Any] = {"kind": "rate", "per": row["per"]}
    chance = expected_flags(size, row["reference"], levels=LEVELS, **funnel)["both"]
    spread = overdispersion(events, size, row["reference"], **funnel)
    lower, upper = own["rank_lower"].to_numpy(), own["rank_upper"].to_numpy()
    apart = np.count_nonzero(lower[:, np.newaxis] > upper)
    return {
        **found,
        "smoothed_lowest": own["smoothed"].min(),
        "smoothed_highest": own["smoothed"].max(),
        "least_expected": own["expected"].min(),
        "most_expected": own["expected"].max(),
        "never_low": int((2 * np.exp(-own["expected"]) >= 1 - LEVELS[0]).sum()),
        "outside_95": int((own["outside"] >= LEVELS[0]).sum()),
        "by_chance_95": chance[0],
        "outside_998": int((own["outside"] >= LEVELS[1]).sum()),
        "by_chance_998": chance[1],
        "named": int((own["adjusted_p_value"] <= FALSE_DISCOVERIES).sum()),
        "outside_allowed": int((own["outside_allowed"] >= LEVELS[0]).sum()),
        "dispersion_p_value": spread.p_value,
        "between_sd": spread.between_variance**0.5,
        "rank_width": float(np.median(upper - lower + 1)),
        "pairs": len(own) * (len(own) - 1) // 2,
        "pairs_apart": int(apart),
    }


def _shared_notes(notes: pd.Series[str]) -> str:
    """What the notes of districts say of the counts themselves, each phrase once."""
    phrases = dict.fromkeys(phrase for note in notes for phrase in note.split("; "))
    return "; ".join(one for one in phrases if one.startswith(("deduced", "definition unverified")))


def change_together(counts: pd.DataFrame, compared: pd.DataFrame) -> pd.DataFrame:
    """Give the change of all districts together, for each indicator that is compared.

    Parameters
    ----------
    counts : DataFrame
        The rows that were compared.
    compared : DataFrame
        What `compare_districts` gives.

    Returns
    -------
    DataFrame
        As `change` gives it for one place; no rows where nothing is compared.

    Examples
    --------
    >>> import pandas as pd
    >>> from mchepi.indicators import change_together, compare_districts
    >>> counts = pd.DataFrame({"district": list("aabb"), "name_zh": "", "name_en": "",
    ...     "year": [2023, 2024] * 2, "live_births": 5000, "infant_deaths": [30, 24, 20, 16]})
    >>> found = change_together(counts, compare_districts(counts, "infant_mortality_rate"))
    >>> found[["events", "previous_events", "ratio"]]
       events  previous_events  ratio
    0      40               50    0.8
    """
    ids = list(dict.fromkeys(compared["indicator"]))
    if not ids:
        return pd.DataFrame({"indicator": []})
    return change(counts, ids, by=[], confidence_level=float(compared["confidence_level"].iloc[0]))


def _year_ends(counts: pd.DataFrame) -> pd.Series[int]:
    """The last year of every row."""
    return counts["year_end"].fillna(counts["year"]) if "year_end" in counts else counts["year"]
