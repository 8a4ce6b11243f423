"""Lot quality assurance sampling (LQAS): few persons of a supervision area decide whether it passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from mchepi.stats._validate import FloatArray, align, check_level
from mchepi.stats.one_sample import binomial_tails

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 1000


def lqas_rules(sample: int, *, target: float, floor: float, population: int | None = None) -> pd.DataFrame:
    r"""Risks (0 to 1) of judging an area wrongly, for every decision rule of a sample.

    An area passes where at most `allowed` of the `sample` persons are without the service. At a coverage of
    `target` it should pass, at `floor` it should not; between both lies the gray zone, in which no rule of a
    small sample judges well.

    Parameters
    ----------
    sample : int
        Persons drawn at random in each area.
    target, floor : float
        Coverage at which an area is to pass, and at which it is to fail; floor < target, from 0 to 1.
    population : int, optional
        Persons in the area, where the sample is no small part of it (hypergeometric); without it binomial.

    Returns
    -------
    pandas.DataFrame
        One row a rule: sample, allowed (0 to sample), needed (sample - allowed), wrongly_failed (chance that
        an area at `target` fails), wrongly_passed (chance that an area at `floor` passes), total (their sum),
        best (True for the smallest total; the stricter rule of equals).

    Raises
    ------
    ValueError
        A sample that is no whole number above 0 or exceeds the population, coverages outside 0 to 1 or in the
        wrong order, or so near that in this population they are the same number of persons.

    Notes
    -----
    Of :math:`n` persons, with :math:`d` allowed without, wrongly failed is :math:`P(X > d)` for
    :math:`X \sim B(n, 1 - target)`, wrongly passed :math:`P(X \le d)` for :math:`X \sim B(n, 1 - floor)`. In
    a population the persons covered are the target's share of it rounded up and the floor's rounded down.

    It classifies an area, it does not estimate its coverage, and its risks are those of simple random
    samples: of clusters they are larger. Do not judge areas one by one as "failed" where most are good: then
    most of those that fail do so wrongly (see `rule_worst_blamed`).

    References
    ----------
    Robertson SE, Valadez JJ (2006). Global review of health care surveys using lot quality assurance sampling
    (LQAS), 1984-2004. Social Science & Medicine 63(6):1648-1660. doi:10.1016/j.socscimed.2006.04.011

    Examples
    --------
    The sample of 19 in common use, coverage of 80 and 50 %: at least 13 covered.

    >>> from mchepi.outcomes import lqas_rules
    >>> rules = lqas_rules(19, target=0.8, floor=0.5)
    >>> rules.loc[rules["best"], ["allowed", "needed", "wrongly_failed", "wrongly_passed"]].round(3)
       allowed  needed  wrongly_failed  wrongly_passed
    6        6      13           0.068           0.084
    """
    import pandas as pd

    high, low = _coverages(target, floor)
    people = None if population is None else _whole("population", population)
    size = _whole("sample", sample)
    if people is not None and size > people:
        raise ValueError(
            f"`sample` must be at most `population`; got {size} of {people}. "
            "Ask everyone, or give the population of the area."
        )
    failed, passed = _risks(size, high, low, people)
    total = failed + passed
    return pd.DataFrame(
        {
            "sample": size,
            "allowed": np.arange(size + 1),
            "needed": size - np.arange(size + 1),
            "wrongly_failed": failed,
            "wrongly_passed": passed,
            "total": total,
            "best": np.arange(size + 1) == int(np.argmin(total.round(12))),
        }
    )


def lqas_plan(
    *,
    target: float,
    floor: float,
    wrongly_failed: float = 0.1,
    wrongly_passed: float = 0.1,
    population: int | None = None,
) -> pd.DataFrame:
    """Smallest sample (persons an area) with a decision rule that keeps both risks.

    Parameters
    ----------
    target, floor : float
        Coverage at which an area is to pass, and at which it is to fail; floor < target, from 0 to 1.
    wrongly_failed, wrongly_passed : float
        The greatest risk that an area at `target` fails, and that one at `floor` passes.
    population : int, optional
        Persons in the area (hypergeometric); without it binomial.

    Returns
    -------
    pandas.DataFrame
        One row, with the columns of `lqas_rules` but `best`. A larger sample may break a risk again, as the
        rule jumps: look it up in `lqas_rules`.

    Raises
    ------
    ValueError
        As `lqas_rules`; or more than 1,000 persons are needed: then estimate the coverage instead.

    References
    ----------
    Robertson SE, Valadez JJ (2006). Global review of health care surveys using lot quality assurance sampling
    (LQAS), 1984-2004. Social Science & Medicine 63(6):1648-1660. doi:10.1016/j.socscimed.2006.04.011

    Examples
    --------
    Constructed: coverage of the 3-month hearing diagnosis, good at 95 %, bad at 80 %.

    >>> from mchepi.outcomes import lqas_plan
    >>> lqas_plan(target=0.95, floor=0.8).round(3).T[0]
    sample            32.000
    allowed            3.000
    needed            29.000
    wrongly_failed     0.074
    wrongly_passed     0.093
    total              0.167
    Name: 0, dtype: float64
    """
    high, low = _coverages(target, floor)
    most = check_level(wrongly_failed, "wrongly_failed"), check_level(wrongly_passed, "wrongly_passed")
    people = None if population is None else _whole("population", population)
    for size in range(1, min(people or LARGEST, LARGEST) + 1):
        failed, passed = _risks(size, high, low, people)
        fine = np.flatnonzero((failed <= most[0]) & (passed <= most[1]))
        if fine.size:
            rules = lqas_rules(size, target=high, floor=low, population=people)
            best = int(fine[np.argmin((failed + passed)[fine].round(12))])
            return rules.loc[[best]].drop(columns="best").reset_index(drop=True)
    raise ValueError(
        f"`target` and `floor` must lie farther apart; got {high:g} and {low:g}, which no sample of up to "
        f"{LARGEST:,} tells apart at these risks. Estimate the coverage with its limits instead."
    )


def _risks(size: int, target: float, floor: float, population: int | None) -> tuple[FloatArray, FloatArray]:
    """Chances of failing at `target` and of passing at `floor`, for 0 to `size` allowed without."""
    allowed = np.arange(size + 1.0)
    total = np.full(size + 1, float(size))
    if population is None:
        passes_low, _ = binomial_tails(allowed, total, np.full(size + 1, 1 - floor))
        _, fails_high = binomial_tails(np.minimum(allowed + 1, size), total, np.full(size + 1, 1 - target))
        return np.where(allowed == size, 0.0, fails_high), passes_low
    without_high = population - np.ceil(round(population * target, 9))
    without_low = population - np.floor(round(population * floor, 9))
    if without_high >= without_low:
        raise ValueError(
            f"`target` and `floor` must differ by a person; got {target:g} and {floor:g} of {population}. "
            "Choose coverages farther apart."
        )
    high = _hypergeometric(size, without_high, population)
    low = _hypergeometric(size, without_low, population)
    beyond = np.concatenate([np.cumsum(high[::-1])[::-1][1:], [0.0]])
    return np.minimum(beyond, 1.0), np.minimum(np.cumsum(low), 1.0)


def _hypergeometric(size: int, without: float, population: int) -> FloatArray:
    """Chances of 0 to `size` persons without in a sample of a population that holds `without` such."""
    drawn = np.arange(size + 1.0)
    possible = (drawn <= without) & (size - drawn <= population - without)
    some = np.where(possible, drawn, np.minimum(without, size))
    rest = np.where(possible, size - drawn, 0.0)
    log = _log_choose(without, some) + _log_choose(population - without, rest)
    return np.where(possible, np.exp(log - _log_choose(float(population), np.array(float(size)))), 0.0)


def _log_choose(total: float, taken: FloatArray) -> FloatArray:
    return np.asarray(
        special.gammaln(total + 1) - special.gammaln(taken + 1) - special.gammaln(total - taken + 1)
    )


def _coverages(target: float, floor: float) -> tuple[float, float]:
    high, low = check_level(target, "target"), check_level(floor, "floor")
    if low >= high:
        raise ValueError(f"`floor` must be below `target`; got {low:g} and {high:g}. Swap them.")
    return high, low


def _whole(name: str, given: Any) -> int:
    (number,), _ = align(**{name: given})
    if number.ndim or not (number >= 1 and number == np.floor(number) and number < np.inf):
        raise ValueError(f"`{name}` must be one whole number above 0; got {given!r}. Give persons.")
    return int(number)
