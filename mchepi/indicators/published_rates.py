"""What a published rate discloses of the counts behind it."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from mchepi.stats._validate import check_positive

MOST_COUNTS = 1_000_000
"""A rate that fits more counts than this discloses nothing."""


def possible_counts(value: Any, denominator: int, *, decimals: int, per: float) -> list[int]:
    r"""Whole numbers of events that round to a published rate.

    All :math:`k` for which :math:`per \cdot k / denominator`, rounded half up to `decimals`, is the published
    value. None: rate and denominator contradict each other. One: the count is disclosed. Several: it is not.
    The arithmetic is exact.

    A count found this way is deduced, not published, and has to be called so. It presumes that rate and
    denominator belong together; the number of events may exceed the denominator (quotas).

    Parameters
    ----------
    value : float or str
        The rate as published.
    denominator : int
        The births or persons that it is a rate of.
    decimals : int
        Decimals it was published with: 2 for 2.10.
    per : float
        Its unit: 1000 for ‰.

    Returns
    -------
    list of int
        In ascending order.

    Raises
    ------
    ValueError
        If the value is negative, no number or has more decimals, the denominator is no whole number above 0,
        or more than a million counts fit.

    Examples
    --------
    Jalaid Banner (扎赉特旗) published 2.10, 2.80 and 3.50 per 1,000 of 1,430 live births in 2023:

    >>> from mchepi.indicators import possible_counts
    >>> [possible_counts(rate, 1430, decimals=2, per=1000) for rate in ("2.10", "2.80", "3.50")]
    [[3], [4], [5]]
    >>> possible_counts("2.15", 1430, decimals=2, per=1000)
    []
    """
    rate = _exact(value)
    if isinstance(decimals, bool) or not isinstance(decimals, int) or decimals < 0:
        raise ValueError(f"`decimals` must be a whole number, 0 or more; got {decimals!r}. Write 2 for 2.10.")
    size = check_positive("denominator", denominator)
    if size != int(size):
        raise ValueError(
            f"`denominator` must be a whole number; got {denominator!r}. Give births or persons."
        )
    per = check_positive("per", per)
    unit = Fraction(1, 10**decimals)
    if rate % unit:
        raise ValueError(
            f"`value` must have at most {decimals} decimals; got {value!r}. Give it as published, "
            "and `decimals` to match."
        )
    events_per_rate = Fraction(int(size)) / Fraction(per)
    lowest = max(math.ceil((rate - unit / 2) * events_per_rate), 0)
    beyond = math.ceil((rate + unit / 2) * events_per_rate)
    if beyond - lowest > MOST_COUNTS:
        raise ValueError(
            f"`value` must fit at most {MOST_COUNTS:,} counts; got {value!r}, which fits "
            f"{beyond - lowest:,}. Give the rate with more decimals, or check `per` and `denominator`."
        )
    return list(range(lowest, beyond))


def _exact(value: Any) -> Fraction:
    """Read the decimal number that was written, not the binary one next to it."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise ValueError(f"`value` must be a number, 0 or more; got {value!r}. Give the rate as published.")
    return Fraction(number)
