"""Annual rates of reduction between two levels: as they were, and as a target requires them."""

from __future__ import annotations

from typing import Any

import numpy as np

from mchepi.stats._estimate import Numbers
from mchepi.stats._validate import align, check_amounts, check_choice, refuse_where

METHODS = ("compound", "logarithmic")


def average_annual_rate_of_reduction(
    start: Any, end: Any, years: Any, *, method: str = "compound"
) -> Numbers:
    """Average annual rate of reduction between two levels, in percent per year; positive means falling.

    Parameters
    ----------
    start : float, array or Series
        The level at the start, in any unit, 0 or more.
    end : float, array or Series
        The level at the end, in the same unit.
    years : float, array or Series
        Years between them, above 0.
    method : {"compound", "logarithmic"}
        "compound" (default; UNICEF and WHO): the share by which each year's level lies below that of the year
        before. "logarithmic" (UN IGME): the continuous rate, a little larger. Say which one it is.

    Returns
    -------
    float, array or Series
        A fall to 0 is 100 ("compound") or inf ("logarithmic"): no finite continuous rate reaches 0. A rise
        from 0 is -inf; from 0 to 0 NaN.

    Raises
    ------
    ValueError
        Negative levels, years that are not above 0, Series with unequal indexes, or an unknown method.

    Notes
    -----
    compound: 100 (1 - (end / start)^(1 / years)); logarithmic: 100 log(start / end) / years. With r in parts
    of 1, compound = 1 - exp(-logarithmic).

    Not for counts of a district: two years with few events carry the chance of both, and what lies between is
    not used (`annual_percent_change` does both, with limits). It has no limits of its own.

    References
    ----------
    You D, Hug L, Ejdemyr S, et al (2015). Global, regional, and national levels and trends in under-5
    mortality between 1990 and 2015. Lancet 386(10010): 2275-2286. doi:10.1016/S0140-6736(15)00120-8

    UNICEF (2007). Technical note: how to calculate average annual rate of reduction (AARR) of underweight
    prevalence.

    Examples
    --------
    Millennium Development Goal 4, a fall by two thirds in 25 years, is UN IGME's rate of 4.4 %; WHO's target
    of half the anemia in 13 years is a (compound) rate of 5.2 %:

    >>> import mchepi
    >>> round(mchepi.average_annual_rate_of_reduction(3, 1, 25, method="logarithmic"), 1)
    4.4
    >>> round(mchepi.average_annual_rate_of_reduction(100, 50, 13), 1)
    5.2
    """
    return _reduction(method, start=start, end=end, years=years)


def required_rate_of_reduction(current: Any, target: Any, years: Any, *, method: str = "compound") -> Numbers:
    """Annual rate of reduction that leads from the current level to a target, in percent per year.

    Parameters
    ----------
    current : float, array or Series
        The level now, in any unit, 0 or more.
    target : float, array or Series
        The level to reach, in the same unit.
    years : float, array or Series
        Years that are left, above 0.
    method : {"compound", "logarithmic"}
        As in `average_annual_rate_of_reduction`; compare only rates of the same method.

    Returns
    -------
    float, array or Series
        0 or less where the target is already reached: so fast the level may rise. A target of 0 requires 100
        ("compound") or inf ("logarithmic"): no steady rate reaches 0. From 0, any target above is -inf and 0
        is NaN.

    Raises
    ------
    ValueError
        Negative levels, years that are not above 0, Series with unequal indexes, or an unknown method.

    Notes
    -----
    compound: 100 (1 - (target / current)^(1 / years)); logarithmic: 100 log(current / target) / years.

    Not as a plan for one district and one year: with few events the observed rate misses its path by chance
    in about half of the years (see `project_rate` for what can be expected of the target year). Take a pooled
    level as the current one.

    References
    ----------
    You D, Hug L, Ejdemyr S, et al (2015). doi:10.1016/S0140-6736(15)00120-8

    Examples
    --------
    UN IGME's report of 2013: from 48 per 1,000 in 2012 to the goal of 30 (a third of 90) in 2015 the world
    needed 15.6 % a year (their 15.6 is of unrounded levels):

    >>> import mchepi
    >>> round(mchepi.required_rate_of_reduction(48, 30, 3, method="logarithmic"), 1)
    15.7
    """
    return _reduction(method, current=current, target=target, years=years)


def _reduction(method: str, **arguments: Any) -> Numbers:
    check_choice("method", method, METHODS)
    arrays, layout = align(**arguments)
    for name, array in zip(arguments, arrays, strict=True):
        check_amounts(name, array, layout)
    before, after, years = arrays
    refuse_where(
        years == 0, "years", "a number above 0", years, layout, "Count the years between the levels."
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        fall = (np.log(before) - np.log(after)) / years
    percent = 100 * fall if method == "logarithmic" else -100 * np.expm1(-fall)
    return layout.restore(percent + 0.0, "rate_of_reduction")  # no negative zero
