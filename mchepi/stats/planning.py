"""How large a district or how many years it takes to tell, and how often chance alone moves a count."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from mchepi.stats._estimate import Numbers
from mchepi.stats._exact_power import (
    binomial_power_less,
    poisson_power_greater,
    poisson_power_less,
    rate_size_to_show_more,
    size_to_show_less,
)
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_level,
    check_positive,
)
from mchepi.stats.one_sample import one_sided_level

KINDS = ("rate", "proportion")
DIRECTIONS = ("less", "greater")


def size_to_tell(
    assumed: Any,
    target: Any,
    *,
    kind: str,
    alternative: str,
    per: float = 1,
    power: float = 0.8,
    confidence_level: float = 0.95,
    first: bool = False,
) -> Numbers:
    r"""Births, persons or person-time needed to show a rate to be on the wanted side of a target.

    The judgment is the exact one-sided test (Poisson for a rate, binomial for a proportion) at the level
    :math:`(1 - confidence\_level) / 2`. Exact power is a saw-tooth in the size: the answer is the smallest
    whole size from which it stays at or above `power` for good; with ``first=True`` the smallest at which it
    reaches it. With an assumed rate of 0 that is the number of event-free births.

    Do not read it as a promise for one district: it says how many births it takes if the assumed rate is
    the true one.

    Parameters
    ----------
    assumed : float, array or Series
        The true rate or proportion that is assumed, per `per`.
    target : float, array or Series
        What it is judged against, per `per`.
    kind : {"rate", "proportion"}
        Poisson or binomial.
    alternative : {"less", "greater"}
        Whether the rate is to be shown below or above the target.
    per : float
        The unit of `assumed` and `target`.
    power : float
        The probability with which the test is to show it.
    confidence_level : float
        The test's level is half of what lies outside.
    first : bool
        Give the first size with enough power, though larger ones may have less.

    Returns
    -------
    float, array or Series
        Whole numbers; inf where the assumed rate is at or beyond the target: no number would show it.

    Raises
    ------
    ValueError
        If a rate is negative, or a proportion is not between 0 and 1.

    References
    ----------
    Chernick MR, Liu CY (2002). The saw-toothed behavior of power versus sample size and software solutions.
    The American Statistician 56(2):149-155. doi:10.1198/000313002317572835

    Examples
    --------
    To show that a neonatal mortality of 2.10 per 1,000 is below 3.1:

    >>> from mchepi.stats import size_to_tell
    >>> births = dict(kind="rate", alternative="less", per=1000)
    >>> size_to_tell(2.10, 3.1, **births), size_to_tell(2.10, 3.1, first=True, **births)
    (22364.0, 20897.0)
    >>> size_to_tell(3.5, 3.1, **births)
    inf
    """
    check_choice("alternative", alternative, DIRECTIONS)
    power = check_level(power, "power")
    tail = one_sided_level(check_level(confidence_level))
    (assumed, target), layout = _read_rates(kind, per, assumed=assumed, target=target)
    assumed, target = (np.ravel(np.broadcast_to(values, layout.shape)) for values in (assumed, target))
    if kind == "proportion" and alternative == "greater":
        # To show more persons with it is to show fewer without.
        assumed, target = 1 - assumed, 1 - target
    below = alternative == "less" or kind == "proportion"
    reachable = assumed < target if below else assumed > target
    # At the end of the scale one event tells: one death against a target of 0, one missed against 100 %.
    by_one = reachable & (target == (np.inf if kind == "rate" else 1) if below else target == 0)
    tested = reachable & ~by_one
    sizes = np.where(np.isnan(assumed + target), np.nan, np.inf)
    with np.errstate(divide="ignore"):
        chance = -np.log(assumed[by_one]) if below else assumed[by_one]
    sizes[by_one] = np.maximum(np.ceil(-np.log1p(-power) / chance), 1)
    if below:
        sizes[tested] = size_to_show_less(
            assumed[tested], target[tested], kind=kind, tail=tail, power=power, first=first
        )
    else:
        sizes[tested] = rate_size_to_show_more(
            assumed[tested], target[tested], tail=tail, power=power, first=first
        )
    return layout.restore(sizes.reshape(layout.shape), "size")


def power_to_tell(
    size: Any,
    assumed: Any,
    target: Any,
    *,
    kind: str,
    alternative: str,
    per: float = 1,
    confidence_level: float = 0.95,
) -> Numbers:
    r"""Probability that so many births or persons show a rate to be on the wanted side of a target.

    The exact power of the one-sided test at the level :math:`(1 - confidence\_level) / 2` if `assumed` is the
    true rate: :math:`P(X \le c)` with the largest :math:`c` that rejects (for "greater", :math:`P(X \ge c)`
    with the smallest).

    Parameters
    ----------
    size : int or float, array or Series
        Births or persons (whole numbers for a proportion), or person-time.
    assumed, target, kind, alternative, per, confidence_level
        As in `size_to_tell`.

    Returns
    -------
    float, array or Series
        Between 0 and 1.

    Raises
    ------
    ValueError
        As `size_to_tell`, and if a size is negative.

    References
    ----------
    Chernick MR, Liu CY (2002). doi:10.1198/000313002317572835

    Examples
    --------
    With 1,430 births a neonatal mortality of 2.10 per 1,000 will hardly ever show below 3.1:

    >>> from mchepi.stats.planning import power_to_tell
    >>> round(power_to_tell(1430, 2.10, 3.1, kind="rate", alternative="less", per=1000), 3)
    0.05
    """
    check_choice("alternative", alternative, DIRECTIONS)
    tail = one_sided_level(check_level(confidence_level))
    (size, assumed, target), layout = _read_rates(kind, per, size=size, assumed=assumed, target=target)
    check_amounts("size", size, layout)
    if kind == "proportion":
        check_counts("size", size, layout, of="persons")
        if alternative == "greater":
            assumed, target = 1 - assumed, 1 - target
        chance = binomial_power_less(size, assumed, target, tail)
    elif alternative == "less":
        chance = poisson_power_less(size * assumed, size * target, tail)
    else:
        chance = poisson_power_greater(size * assumed, size * target, tail)
    return layout.restore(np.where(np.isnan(size + assumed + target), np.nan, chance), "power")


def event_free_size(target: Any, *, kind: str, per: float = 1, confidence_level: float = 0.95) -> Numbers:
    r"""Births or persons without a single event that show a rate to be below a target.

    The smallest whole number at which no event at all rejects the target at the one-sided level
    :math:`a = (1 - confidence\_level) / 2`, that is at which the upper limit of the two-sided interval around
    zero events is at or below the target: :math:`-\ln(a) / target` for a rate (Poisson),
    :math:`\ln(a) / \ln(1 - target)` for a proportion (binomial). With the one-sided 0.05 of the "rule of
    three" fewer suffice; that is ``confidence_level=0.90``.

    Parameters
    ----------
    target : float, array or Series
        What is to be shown, per `per`.
    kind : {"rate", "proportion"}
        Poisson or binomial.
    per : float
        The unit of `target`.
    confidence_level : float
        The test's level is half of what lies outside.

    Returns
    -------
    float, array or Series
        Whole numbers; inf for a target of 0: no number would show it.

    Raises
    ------
    ValueError
        If the target is negative, or a proportion above 1.

    References
    ----------
    Hanley JA, Lippman-Hand A (1983). If nothing goes wrong, is everything all right? JAMA 249(13):1743-1745.
    doi:10.1001/jama.1983.03330370053031

    Examples
    --------
    Births without a maternal death that show 14.5 per 100,000, and without congenital syphilis 50 per
    100,000; exposed children without an infection that show 2 % and 1 %:

    >>> from mchepi.stats import event_free_size
    >>> event_free_size([14.5, 50], kind="rate", per=100_000)
    array([25441.,  7378.])
    >>> event_free_size([2, 1], kind="proportion", per=100)
    array([183., 368.])
    """
    return size_to_tell(0, target, kind=kind, alternative="less", per=per, confidence_level=confidence_level)


def chance_of_fall(expected: Any, *, ratio: Any = 1.0) -> Numbers:
    r"""Probability that the next count is strictly lower than this one, from chance and a given change.

    Both counts are Poisson, with `expected` and `expected` x `ratio` events expected; their difference is a
    Skellam variable, whose distribution function is that of a noncentral chi-square.

    Do not use it to judge a fall that was observed: for that compare the two rates.

    Parameters
    ----------
    expected : float, array or Series
        Events expected in this period.
    ratio : float, array or Series
        What is expected in the next period over what is expected in this one; 1 means no true change.

    Returns
    -------
    float, array or Series
        Between 0 and 1.

    Raises
    ------
    ValueError
        If a number is negative.

    References
    ----------
    Skellam JG (1946). The frequency distribution of the difference between two Poisson variates belonging to
    different populations. Journal of the Royal Statistical Society 109(3):296. doi:10.2307/2981372

    Examples
    --------
    With 3 neonatal deaths expected a year and no true change, the count falls in 42 % of years:

    >>> from mchepi.stats import chance_of_fall
    >>> round(chance_of_fall(3), 3), round(chance_of_fall(3, ratio=0.8), 3)
    (0.417, 0.514)
    """
    (expected, ratio), layout = align(expected=expected, ratio=ratio)
    check_amounts("expected", expected, layout)
    check_amounts("ratio", ratio, layout)
    expected, ratio = (np.broadcast_to(values, layout.shape) for values in (expected, ratio))
    return layout.restore(special.chndtr(2 * expected, 2, 2 * expected * ratio), "chance")


MOST_EXPECTED = 20_000
"""The largest part that `chance_all_fall` sums up exactly."""


def chance_all_fall(expected: Any, *, ratio: float = 1.0) -> float:
    r"""Probability that nested counts all fall together, from chance and a given change.

    The counts are nested as neonatal, infant and under-five deaths are. `expected` holds the events that each
    adds to the one before; these are independent Poisson counts. Every cumulative sum of their changes has to
    be below 0, which is summed up exactly, step by step.

    Parameters
    ----------
    expected : sequence of float
        Events expected in each part: neonatal, postneonatal, 1-4 years.
    ratio : float
        What is expected in the next period over what is expected in this one, the same for all parts.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If a number is negative or missing, or more than 20,000 events are expected.

    References
    ----------
    Skellam JG (1946). doi:10.2307/2981372

    Examples
    --------
    3, 4 and 5 deaths: all three child mortality rates fall together in 30 % of years without any change, and
    in only 41 % after a true drop by a fifth:

    >>> from mchepi.stats.planning import chance_all_fall
    >>> round(chance_all_fall([3, 1, 1]), 3), round(chance_all_fall([3, 1, 1], ratio=0.8), 3)
    (0.303, 0.412)
    """
    (parts, shrink), layout = align(expected=np.atleast_1d(expected), ratio=ratio)
    check_amounts("expected", parts, layout)
    check_amounts("ratio", shrink, layout)
    if np.isnan(parts).any() or np.isnan(shrink):
        raise ValueError("`expected` and `ratio` must be known numbers; got a missing one. Leave it out.")
    largest = float(np.max(parts * max(1.0, float(shrink)), initial=0.0))
    if largest > MOST_EXPECTED:
        raise ValueError(
            f"`expected` must be at most {MOST_EXPECTED:,} events in this and the next period; got "
            f"{largest:.15g}. The exact sum is for small counts; compare large ones with `rate_ratio`."
        )
    # chance[k] is that of a cumulative change of -k with all sums before it negative; the start is 0.
    chance = np.ones(1)
    for part in parts:
        change = _poisson_difference(float(part), float(part * shrink))
        reach = len(change) // 2
        moved = np.convolve(chance, change)  # element i stands for a fall of i - reach
        chance = moved[reach:]
        chance[0] = 0.0
    return float(chance.sum())


def _poisson_difference(expected: float, expected_next: float) -> FloatArray:
    """Distribution of this count minus the next one, from -reach to reach, leaving out less than 1e-15."""
    reach = int(special.pdtrik(1 - 1e-15, max(expected, expected_next, 1e-9))) + 20
    counts = np.arange(reach + 1)
    this, following = (
        np.exp(special.xlogy(counts, mean) - mean - special.gammaln(counts + 1))
        for mean in (expected, expected_next)
    )
    return np.convolve(this, following[::-1])


def _read_rates(kind: str, per: float, **arguments: Any) -> tuple[list[FloatArray], Layout]:
    """Read sizes and rates, the rates (all but `size`) as numbers per person."""
    check_choice("kind", kind, KINDS)
    per = check_positive("per", per)
    arrays, layout = align(**arguments)
    for position, name in enumerate(arguments):
        if name == "size":
            continue
        check_amounts(name, arrays[position], layout)
        if kind == "proportion" and np.any(arrays[position] > per):
            high = float(arrays[position][arrays[position] > per].flat[0])
            raise ValueError(
                f"`{name}` must be a proportion, at most {per:g}; got {high:g}. Give the unit with `per`, "
                "for example per=100 for percent."
            )
        arrays[position] = arrays[position] / per
    return arrays, layout
