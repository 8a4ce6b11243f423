"""Comparing two periods of some years: the power, the change that is found, and the years it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mchepi.stats._estimate import Numbers
from mchepi.stats._two_period_power import RatioPower
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_amounts,
    check_choice,
    check_level,
    check_positive,
)
from mchepi.stats.one_sample import one_sided_level

ALTERNATIVES = ("less", "greater")
METHODS = ("exact", "midp")
MOST_EXPECTED = 1e7
"""The most events in a period whose power is summed up exactly."""


def power_two_periods(
    size: Any,
    rate: Any,
    ratio: Any,
    *,
    alternative: str,
    size_after: Any = None,
    years: int = 1,
    per: float = 1,
    method: str = "exact",
    confidence_level: float = 0.95,
) -> Numbers:
    r"""Probability that the rate ratio of two periods of some years shows a fall (or a rise).

    The exact probability that the limits of `rate_ratio`, second period over first, lie below 1 ("less") or
    above it ("greater"). With ``ratio=1`` it is how often a change is shown that is none: at most
    :math:`(1 - confidence\_level) / 2` for "exact", often far less with few events.

    Parameters
    ----------
    size : float, array or Series
        Births, persons or person-time a year in the first period.
    rate : float, array or Series
        The true rate in the first period, per `per`.
    ratio : float, array or Series
        The true rate in the second period over that in the first.
    alternative : {"less", "greater"}
        Whether a fall or a rise is to be shown.
    size_after : float, array or Series, optional
        Births, persons or person-time a year in the second period; as in the first if it is not given.
    years : int
        Years of each of the two periods, pooled.
    per : float
        The unit of `rate`: 1000 means events per 1,000.
    method : {"exact", "midp"}
        Which limits of `rate_ratio` are looked at.
    confidence_level : float
        That of the limits.

    Returns
    -------
    float, array or Series
        Between 0 and 1. NaN where a number is missing or a period has no births.

    Raises
    ------
    ValueError
        If a number is negative, `years` is no whole number above 0, or more than ten million events are
        expected.

    Notes
    -----
    The counts are Poisson with means m and m r (times `size_after` / `size`). For each first count x the
    largest second count c(x) is found whose p-value, binomial given the sum of both, is at most the level of
    the one-sided test; the power is the sum over x of P(x) P(Y <= c(x)). For "exact" that test and the limits
    always agree; R's `poisson.test` sums the tables at most as likely instead, so that its two-sided p-value
    may be below 0.05 while the limits include 1, and the power of that test differs.

    Not for a change that was observed: power at the observed ratio says nothing that its limits do not. Not
    for counts that scatter more than by chance (outbreaks, changes in reporting): the true power is lower.

    References
    ----------
    Gu K, Ng HKT, Tang ML, Schucany WR (2008). Testing the ratio of two Poisson rates. Biometrical Journal
    50(2): 283-298. doi:10.1002/bimj.200710403

    Examples
    --------
    Three years against the next three, 1,430 births a year and 2.1 neonatal deaths per 1,000: a true halving
    shows in 16 of 100 cases, and with no change a fall is shown in 1 of 100.

    >>> from mchepi.stats import power_two_periods
    >>> power_two_periods(1430, 2.1, [0.5, 1], alternative="less", years=3, per=1000).round(3)
    array([0.156, 0.014])
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    years = _check_years("years", years)
    groups, layout = _read(size, rate, size_after, per, ratio=ratio)
    powers = _powers(method, confidence_level)

    def chance(before: float, after: float, rate: float, ratio: float) -> float:
        return powers(before, after, rate, years, alternative).at(ratio)

    return layout.restore(_each(chance, groups, layout), "power")


def detectable_ratio(
    size: Any,
    rate: Any,
    *,
    alternative: str,
    size_after: Any = None,
    years: int = 1,
    per: float = 1,
    power: float = 0.8,
    method: str = "exact",
    confidence_level: float = 0.95,
) -> Numbers:
    """Rate ratio that two periods of some years show with the power asked for; no unit.

    For "less" the ratio nearest to 1 whose fall is shown with that power, 0.4 meaning that the rate has to
    fall to 40 % of what it was; for "greater" the same of a rise. Smaller changes will mostly go unseen.

    Parameters
    ----------
    size, rate, alternative, size_after, years, per, method, confidence_level
        As in `power_two_periods`.
    power : float
        The probability with which the change is to be shown.

    Returns
    -------
    float, array or Series
        Below 1 for "less", above 1 for "greater". NaN where a number is missing, where nothing is expected,
        and where not even a fall to no event at all is shown with that power.

    Raises
    ------
    ValueError
        As `power_two_periods`, and if the power is not above the level of the one-sided test.

    Notes
    -----
    The power rises steadily with the distance from 1, so that there is one solution; it is found to the last
    digits. Not as a target: that a change can be shown makes it neither likely nor sufficient.

    References
    ----------
    Gu K, Ng HKT, Tang ML, Schucany WR (2008). Testing the ratio of two Poisson rates. Biometrical Journal
    50(2): 283-298. doi:10.1002/bimj.200710403

    Examples
    --------
    1,430 births a year and 2.1 neonatal deaths per 1,000 in periods of 1, 3 and 5 years: one year cannot
    show any fall; five need one to less than a fifth.

    >>> from mchepi.stats import detectable_ratio
    >>> births = dict(alternative="less", per=1000)
    >>> [round(detectable_ratio(1430, 2.1, years=years, **births), 2) for years in (1, 3, 5)]
    [nan, 0.04, 0.19]
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    years = _check_years("years", years)
    power = _check_power(power, confidence_level)
    groups, layout = _read(size, rate, size_after, per)
    powers = _powers(method, confidence_level)

    def found(before: float, after: float, rate: float) -> float:
        return powers(before, after, rate, years, alternative).ratio_of(power) if rate > 0 else np.nan

    return layout.restore(_each(found, groups, layout), "ratio")


def years_to_detect(
    size: Any,
    rate: Any,
    ratio: Any,
    *,
    size_after: Any = None,
    per: float = 1,
    power: float = 0.8,
    most_years: int = 50,
    method: str = "exact",
    confidence_level: float = 0.95,
) -> Numbers:
    """Years that each of two periods must have before a true change between them is shown.

    A ratio below 1 is looked for as a fall, one above 1 as a rise. Exact power is a saw-tooth in the number
    of events: the answer is the number of years from which it stays at or above `power`, up to `most_years`.

    Parameters
    ----------
    size, rate, ratio, size_after, per, method, confidence_level
        As in `power_two_periods`.
    power : float
        The probability with which the change is to be shown.
    most_years : int
        The longest period that is tried.

    Returns
    -------
    float, array or Series
        Whole years of each period; inf where more than `most_years` are needed or the ratio is 1.

    Raises
    ------
    ValueError
        As `detectable_ratio`, and if `most_years` is no whole number above 0.

    Notes
    -----
    It takes births and rates as constant within each period; a rate that falls within both is compared with
    itself, and a trend (`annual_percent_change`) finds it sooner.

    References
    ----------
    Gu K, Ng HKT, Tang ML, Schucany WR (2008). Testing the ratio of two Poisson rates. Biometrical Journal
    50(2): 283-298. doi:10.1002/bimj.200710403

    Examples
    --------
    Years before a fall of 2.1 neonatal deaths per 1,000 births to a half, or by a fifth, is shown with 1,430
    births a year; and with ten times as many:

    >>> from mchepi.stats import years_to_detect
    >>> years_to_detect(1430, 2.1, [0.5, 0.8], per=1000)
    array([17., inf])
    >>> years_to_detect(14300, 2.1, [0.5, 0.8], per=1000)
    array([ 2., 13.])
    """
    most_years = _check_years("most_years", most_years)
    power = _check_power(power, confidence_level)
    groups, layout = _read(size, rate, size_after, per, ratio=ratio)
    powers = _powers(method, confidence_level)

    def needed(before: float, after: float, rate: float, ratio: float) -> float:
        if ratio == 1 or rate == 0:
            return np.inf
        way = "less" if ratio < 1 else "greater"
        for years in range(most_years, 0, -1):
            if powers(before, after, rate, years, way).at(ratio) < power:
                return years + 1.0 if years < most_years else np.inf
        return 1.0

    return layout.restore(_each(needed, groups, layout), "years")


def _check_years(name: str, years: Any) -> int:
    given = check_positive(name, years)
    if given != int(given):
        raise ValueError(f"`{name}` must be a whole number of years; got {given:g}. Pool whole years.")
    return int(given)


def _check_power(power: Any, confidence_level: float) -> float:
    asked: float = check_level(power, "power")
    tail = one_sided_level(check_level(confidence_level))
    if asked <= tail:
        raise ValueError(
            f"`power` must be above the level of the one-sided test, {tail:.4g}; got {asked:g}. "
            "Ask for one such as 0.8."
        )
    return asked


def _read(size: Any, rate: Any, size_after: Any, per: float, **more: Any) -> tuple[list[FloatArray], Layout]:
    """Read sizes of both periods and the rate per one, and what else is needed, flat and of one length."""
    per = check_positive("per", per)
    named = {"size": size, "size_after": size if size_after is None else size_after, "rate": rate, **more}
    arrays, layout = align(**named)
    for name, array in zip(named, arrays, strict=True):
        check_amounts(name, array, layout)
    sizes = [np.where(array > 0, array, np.nan) for array in arrays[:2]]
    arrays = [*sizes, arrays[2] / per, *arrays[3:]]
    return [np.ravel(np.broadcast_to(array, layout.shape)) for array in arrays], layout


def _powers(method: str, confidence_level: float) -> Callable[..., RatioPower]:
    check_choice("method", method, METHODS)
    tail = one_sided_level(check_level(confidence_level))

    def power(before: float, after: float, rate: float, years: int, alternative: str) -> RatioPower:
        expected = before * rate * years
        if max(expected, after * rate * years) > MOST_EXPECTED:
            raise ValueError(
                f"`size` and `rate` must make at most {MOST_EXPECTED:,.0f} events a period; got "
                f"{max(expected, after * rate * years):,.0f}. With so many, use the normal distribution."
            )
        return RatioPower(expected, after / before, alternative, tail, midp=method == "midp")

    return power


def _each(function: Callable[..., float], groups: list[FloatArray], layout: Layout) -> FloatArray:
    """Apply to each element whose numbers are all known; the same numbers are worked out once."""
    done: dict[tuple[float, ...], float] = {}
    found = np.full(groups[0].shape, np.nan)
    for place, numbers in enumerate(zip(*(group.tolist() for group in groups), strict=True)):
        if not np.isnan(numbers).any():
            if numbers not in done:
                done[numbers] = function(*numbers)
            found[place] = done[numbers]
    return found.reshape(layout.shape)
