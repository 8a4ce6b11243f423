"""Overdispersion of a funnel: whether areas vary more than chance alone makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._funnel import check_reference, read_areas
from mchepi.stats._validate import check_positive


@dataclass(frozen=True)
class Overdispersion:
    """How much areas vary beyond chance, in the two forms that `funnel_limits` takes.

    Parameters
    ----------
    dispersion : float
        Multiplicative: the factor on the variance, at least 1.
    between_variance : float
        Additive: the variance of underlying levels between areas, at least 0, in the squared unit of the
        reference.
    mean_square : float
        Mean of the squared winsorized z-scores, from which both follow. Below 1: less variation than by
        chance.
    p_value : float
        The chance of at least so much variation (not winsorized) if all areas have the reference as
        underlying level.
    areas : int
        Areas that count: those with a size above 0.
    note : str or None
        "no more variation than chance" where there is nothing to allow for, "fewer than ten areas" where
        little can be known.
    """

    dispersion: float
    between_variance: float
    mean_square: float
    p_value: float
    areas: int
    note: str | None = None


def overdispersion(
    events: Any, size: Any, reference: float, *, kind: str, per: float = 1, winsorized: float = 0.1
) -> Overdispersion:
    """Estimate how much areas vary about a reference beyond chance (a factor, and a variance).

    Parameters
    ----------
    events : int, array or Series
        Events in each area. Areas with missing numbers or a size of 0 are passed over.
    size : float, array or Series
        The denominator of a proportion, the person-time (births) of a rate, the expected events of a ratio.
    reference : float
        What the areas are compared with, in the unit of `per`.
    kind : {"proportion", "rate", "ratio"}
        Binomial, or Poisson counts over person-time or over expected events.
    per : float
        The unit of `reference`.
    winsorized : float
        Share of areas at each end whose z-scores are drawn in to the quantile there, so that the areas to be
        found do not widen the limits that are to find them. 0 takes the scores as they are.

    Returns
    -------
    Overdispersion
        `dispersion`, `between_variance` (give one of them to `funnel_limits`), `mean_square`, `p_value`,
        `areas` and a `note`. NaN, with a dispersion of 1 and a variance of 0, if no area counts.

    Raises
    ------
    ValueError
        Impossible counts or sizes, Series with unequal indexes, an unknown kind, a reference that is not
        above 0 (and below `per` for a proportion), or `winsorized` outside [0, 0.5).

    Notes
    -----
    z = (value - reference) / s with s the standard error by chance at the reference; the scores beyond their
    quantiles at `winsorized` and 1 - `winsorized` are set to those. With m the mean of z^2 over I areas and w
    = 1 / s^2: dispersion = max(1, m) and between_variance = max(0, (I m - (I - 1)) / (sum w - sum w^2 / sum
    w)), the estimator of DerSimonian and Laird.

    Winsorizing also takes from what chance does: of pure chance a tenth at each end leaves m at 0.68, so that
    weak overdispersion goes unseen. The p-value is that of a chi-square with the exact mean and variance of
    the sum of z^2 (with few expected events that sum varies more than a chi-square does).

    Not with fewer than ten areas, and not instead of asking why areas differ: overdispersion is often what is
    to be found (reporting, referral, poverty). An allowance for it hides differences that are common.

    References
    ----------
    Spiegelhalter DJ (2005). Handling over-dispersion of performance indicators. Quality and Safety in Health
    Care 14(5): 347-351. doi:10.1136/qshc.2005.013755

    Spiegelhalter DJ (2005). Funnel plots for comparing institutional performance. Statistics in Medicine
    24(8): 1185-1202. doi:10.1002/sim.1970

    Examples
    --------
    Twelve districts of 2,000 births each (constructed), against 5 per 1,000, so 10 deaths expected in each:

    >>> from mchepi.stats.dispersion import overdispersion
    >>> deaths = [4, 5, 7, 8, 9, 10, 10, 12, 14, 16, 18, 21]
    >>> found = overdispersion(deaths, [2000] * 12, 5, kind="rate", per=1000)
    >>> print(f"factor {found.dispersion:.2f}, or an SD of {found.between_variance**0.5:.1f} per 1,000")
    factor 1.98, or an SD of 1.7 per 1,000
    """
    per = check_positive("per", per)
    value = check_reference(reference, kind, per)
    if not (isinstance(winsorized, int | float) and 0 <= winsorized < 0.5):
        raise ValueError(
            f"`winsorized` must be at least 0 and below 0.5; got {winsorized!r}. Write 10 % as 0.1."
        )
    events, size, _ = read_areas(events, size, kind)
    known = (size > 0) & ~np.isnan(events)
    events, size = events[known], size[known]
    areas = events.size
    if not areas:
        return Overdispersion(1.0, 0.0, np.nan, np.nan, 0, "no areas")

    expected = size * value
    count_variance = expected * (1 - value) if kind == "proportion" else expected
    z = (events - expected) / np.sqrt(count_variance)
    # What the fourth moment of one count adds to the variance 2 of a squared normal score.
    kurtosis = (1 - 6 * value * (1 - value)) / count_variance if kind == "proportion" else 1 / expected
    spread = np.sum(2 + kurtosis) / (2 * areas)
    p_value = special.chdtrc(areas / spread, np.sum(z**2) / spread)

    drawn_in = np.clip(z, *np.quantile(z, [winsorized, 1 - winsorized]))
    mean_square = float(np.mean(drawn_in**2))
    weight = size**2 / count_variance / per**2
    rest = weight.sum() - np.sum(weight**2) / weight.sum()
    excess = areas * mean_square - (areas - 1)
    return Overdispersion(
        dispersion=max(1.0, mean_square),
        between_variance=float(excess / rest) if excess > 0 and rest > 0 else 0.0,
        mean_square=mean_square,
        p_value=float(p_value),
        areas=areas,
        note=_note(areas, mean_square),
    )


def _note(areas: int, mean_square: float) -> str | None:
    notes = ["fewer than ten areas"] if areas < 10 else []
    if mean_square <= 1:
        notes.append("no more variation than chance")
    return "; ".join(notes) or None
