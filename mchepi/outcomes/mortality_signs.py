"""Signs that births or deaths were not written down, each with its limits and the range expected of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._registers import Registers, read_registers
from mchepi.outcomes._tables import rows_of
from mchepi.stats import Estimate, proportion, rate_ratio
from mchepi.stats._validate import FloatArray, align, check_counts, check_level

if TYPE_CHECKING:
    import pandas as pd

_LIGHT = 1500.0  # g
_RATIOS = ("stillbirths_per_early_neonatal_death",)
_ARITHMETIC = ("live_births_per_certificate",)


def under_reporting_signs(
    births: pd.DataFrame,
    deaths: pd.DataFrame | None,
    *,
    certificates: Any = None,
    year: str = "calendar",
    weeks: int = 28,
    years: tuple[int, int] | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Signs of deaths that were not written down, as ratios and proportions with exact limits, years pooled.

    Parameters
    ----------
    births, deaths, year, weeks, years
        As in `register_counts`.
    certificates : int, mapping or Series, optional
        Birth certificates issued in these years, by district; one number where there is one district.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row a district and sign: district, sign, name_zh, name_en, numerator, denominator, value, lower,
        upper, expected_lower, expected_upper, signal ("below" or "above" where the limits lie outside the
        expected range as a whole, else ""), method, confidence_level, source, verified, note. The signs:
        stillbirths_per_early_neonatal_death (a ratio), early_share_of_neonatal_deaths,
        first_day_share_of_neonatal_deaths, births_below_1500_g (of live births weighed),
        neonatal_deaths_of_births_below_1500_g, child_deaths_without_birth_record (of those born in these
        years), live_births_per_certificate (arithmetic, without limits; its value itself is compared).

    Raises
    ------
    ValueError
        As `register_counts`; certificates that are negative or not whole, or of unknown districts.

    Notes
    -----
    The limits of proportions are Clopper-Pearson's, those of the ratio the exact conditional ones of two
    Poisson counts. The expected ranges are package data; `verified` says of each what of it was read in a
    source. Most are judgment.

    No signal is no proof of complete registers: with 5 neonatal deaths the limits hold almost any share. A
    signal is a question to the register, not an estimate of what is missing. Deaths and births are linked by
    the running number of the child; where none can be linked the two signs that need it are missing.

    References
    ----------
    Oza S, Cousens SN, Lawn JE (2014). Estimation of daily risk of neonatal death, including the day of birth,
    in 186 countries in 2013. Lancet Global Health 2(11): e635-e644. doi:10.1016/S2214-109X(14)70309-2

    Examples
    --------
    Constructed: of 3,000 births 24 died in the first month, 6 of them in the first week.

    >>> import pandas as pd
    >>> from mchepi.outcomes import under_reporting_signs
    >>> births = pd.DataFrame({"district": "a", "year": 2023, "month": [1 + i % 12 for i in range(3000)],
    ...                        "outcome": "live_birth"})
    >>> deaths = pd.DataFrame({"district": "a", "year": 2023, "birth_year": 2023, "kind": "child",
    ...                        "age_days": [3] * 6 + [12] * 18, "age_months": 0})
    >>> found = under_reporting_signs(births, deaths).set_index("sign")
    >>> found.loc[["early_share_of_neonatal_deaths"], ["value", "lower", "upper", "signal"]].round(3)
                                    value  lower  upper signal
    sign
    early_share_of_neonatal_deaths   0.25  0.098  0.467  below
    """
    import pandas as pd

    level = check_level(confidence_level)
    registers = read_registers(births, deaths, year=year, weeks=weeks, years=years)
    issued = _certificates(certificates, registers.districts)
    counts = _counts(registers, issued)
    rows = {row["sign"]: row for row in rows_of("under_reporting_signs")}
    parts = []
    for sign, (above, below, note) in counts.items():
        estimate, method = _estimate(sign, above, below, level)
        lowest, highest = float(rows[sign]["expected_lower"]), float(rows[sign]["expected_upper"])
        part = pd.DataFrame(
            {
                "district": registers.districts,
                "sign": sign,
                "name_zh": rows[sign]["name_zh"],
                "name_en": rows[sign]["name_en"],
                "numerator": above,
                "denominator": below,
                "value": np.asarray(estimate.value),
                "lower": estimate.lower,
                "upper": estimate.upper,
                "expected_lower": lowest,
                "expected_upper": highest,
            }
        )
        ends = ("value", "value") if sign in _ARITHMETIC else ("upper", "lower")
        low, high = part[ends[0]] < lowest, part[ends[1]] > highest
        parts.append(
            part.assign(
                signal=np.select([low, high], ["below", "above"], ""),
                method=method,
                confidence_level=level,
                source=rows[sign]["source"],
                verified=rows[sign]["verified"],
                note=np.where(
                    np.isnan(above + below), note, np.where(below > 0, "", "nobody below the line")
                ),
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table = table.astype({"numerator": "Int64", "denominator": "Int64", "note": "str"})
    return table.sort_values("district", kind="stable", ignore_index=True)


def _counts(registers: Registers, issued: FloatArray) -> dict[str, tuple[FloatArray, FloatArray, str]]:
    """Above and below the line of every sign, by district, and why they may be missing."""
    born, died = registers.births, registers.deaths
    first, last = registers.years
    ages = died.ages()
    now = (died.year >= first) & (died.year <= last)
    within = (born.year >= first) & (born.year <= last)

    def of_births(mark: Any) -> FloatArray:
        return np.bincount(born.district[within & mark], minlength=len(registers.districts)).astype(float)

    def of_deaths(mark: Any) -> FloatArray:
        counted = np.bincount(died.district[mark], minlength=len(registers.districts)).astype(float)
        return counted if registers.has_deaths else np.full_like(counted, np.nan)

    neonatal = ages["neonatal_deaths"]
    early = of_deaths(now & ages["early_neonatal_deaths"])
    light = born.live & (born.weight < _LIGHT)
    of_these = ages["under5_deaths"] & (died.birth_year >= first) & (died.birth_year <= last)
    linked = np.isin(died.person, born.person[~np.isnan(born.person)])
    # Registers with ids of their own share none; without a death there is nothing to link.
    shared = np.zeros(len(registers.districts), dtype=bool)
    shared[died.district[linked]] = True
    has_ids = bool(np.isfinite(born.person).any())
    linkable = has_ids & (shared | (of_deaths(of_these) == 0))
    dead = np.isin(born.person, died.person[neonatal & ~np.isnan(died.person)])

    def if_linked(values: FloatArray) -> FloatArray:
        return np.where(linkable, values, np.nan)

    none = "" if registers.has_deaths else "no register of deaths"
    missing = none or "deaths and births cannot be linked"
    return {
        "stillbirths_per_early_neonatal_death": (of_births(~born.live), early, none),
        "early_share_of_neonatal_deaths": (early, of_deaths(now & neonatal), none),
        "first_day_share_of_neonatal_deaths": (
            of_deaths(now & neonatal & (died.days < 1)),
            of_deaths(now & neonatal),
            none,
        ),
        "births_below_1500_g": (of_births(light), of_births(born.live & ~np.isnan(born.weight)), ""),
        "neonatal_deaths_of_births_below_1500_g": (
            if_linked(of_births(light & dead)),
            of_births(light),
            missing,
        ),
        "child_deaths_without_birth_record": (
            if_linked(of_deaths(of_these & ~linked)),
            of_deaths(of_these),
            missing,
        ),
        "live_births_per_certificate": (of_births(born.live), issued, "certificates not stated"),
    }


def _estimate(sign: str, above: FloatArray, below: FloatArray, level: float) -> tuple[Estimate, str]:
    if sign in _RATIOS:
        return rate_ratio(above, 1, below, 1, confidence_level=level), "exact"
    if sign in _ARITHMETIC:
        none = np.full(len(above), np.nan)
        value = above / np.where(below > 0, below, np.nan)
        return Estimate(value, none, none, method="none", confidence_level=level), "none"
    return proportion(above, below, method="exact", confidence_level=level), "exact"


def _certificates(given: Any, districts: pd.Index[Any]) -> FloatArray:
    import pandas as pd

    if given is None:
        return np.full(len(districts), np.nan)
    if isinstance(given, Mapping | pd.Series):
        series = pd.Series(given)
        unknown = [label for label in series.index if label not in districts]
        if unknown:
            raise ValueError(
                f"`certificates` must be of districts in the registers; got {unknown[0]!r}. "
                f"They hold {', '.join(map(str, districts[:5]))}."
            )
        given = series.reindex(districts)
    elif len(districts) != 1:
        raise ValueError(
            f"`certificates` must be given by district; got one value for {len(districts)}. "
            "Give a mapping of districts to numbers."
        )
    (values,), layout = align(certificates=given)
    check_counts("certificates", values, layout, of="certificates")
    return np.broadcast_to(np.atleast_1d(values), (len(districts),))
