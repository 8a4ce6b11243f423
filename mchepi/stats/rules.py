"""Rules by which districts are praised or blamed: how often by chance alone, and how often rightly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats._rule_chances import Counts, fall_chances, worst_chances
from mchepi.stats._validate import (
    FloatArray,
    Layout,
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_positive,
    refuse_where,
)

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("rate", "proportion")
WORSE = ("high", "low")
MOST_CELLS = 4_000_000
MOST_DISTRICTS = 300


def rule_falls_every_year(
    size: Any, rate: Any, *, ratio: float, years: int = 3, per: float = 1
) -> pd.DataFrame:
    """Chance that a rate falls every year, with no true change and with a true one.

    The rule praises a district whose observed rate is strictly lower in each year than in the year before.

    Parameters
    ----------
    size : float or sequence of float
        Births or persons of each year: one number for all, or `years` + 1 numbers in order of time.
    rate : float or sequence of float
        The true rate of the first year, per `per`; or nested rates that all have to fall, smallest first
        (neonatal, infant, under-five).
    ratio : float
        The true change looked for: each year's rate over that of the year before, 0.8 for a fall by a fifth.
    years : int
        The longest run of falls that is asked for.
    per : float
        The unit of `rate`.

    Returns
    -------
    pandas.DataFrame
        Indexed by years (1, 2, ... falls in a row): by_chance, how often the rule praises with no true
        change, and found, how often it does after the true change of each year.

    Raises
    ------
    ValueError
        Numbers that are missing or negative, nested rates that are not in rising order, another number of
        sizes than years + 1, or more counts than can be summed up exactly.

    Notes
    -----
    Exact: counts are Poisson, nested ones sums of independent parts, and the chances of all counts that are
    left after each fall are carried on from year to year. One year of one rate is `chance_of_fall`, of nested
    rates `chance_all_fall`.

    Not a rule to keep: with few events it praises by chance, and after a real fall it mostly does not.

    References
    ----------
    Skellam JG (1946). The frequency distribution of the difference between two Poisson variates belonging to
    different populations. Journal of the Royal Statistical Society 109(3): 296. doi:10.2307/2981372

    Examples
    --------
    1,430 births a year, 2.1 neonatal deaths per 1,000 (constructed): without any change the rate falls in 42
    of 100 years; after true falls by a fifth each year, it is seen to fall three years in a row in 4 of 100.

    >>> from mchepi.stats import rule_falls_every_year
    >>> rule_falls_every_year(1430, 2.1, ratio=0.8, per=1000).round(3)
           by_chance  found
    years
    1          0.417  0.514
    2          0.094  0.168
    3          0.012  0.035
    """
    import pandas as pd

    years = _whole("years", years)
    per = check_positive("per", per)
    (sizes,), size_layout = align(size=size)
    (rates,), rate_layout = align(rate=rate)
    ratio = check_positive("ratio", ratio)
    for name, values, layout in (("size", sizes, size_layout), ("rate", rates, rate_layout)):
        check_amounts(name, values, layout)
        if len(layout.shape) > 1 or not np.isfinite(values).all() or not values.size:
            raise ValueError(
                f"`{name}` must be one number or a list of known numbers; got {values.tolist()}."
            )
    refuse_where(sizes == 0, "size", "above 0", sizes, size_layout, "Leave out years without births.")
    if size_layout.shape and len(sizes) != years + 1:
        raise ValueError(
            f"`size` must be one number or {years + 1} (`years` + 1); got {len(sizes)}. "
            "Give the first year too."
        )
    parts = np.diff(np.atleast_1d(rates), prepend=0.0) / per
    if (parts < 0).any():
        raise ValueError(
            f"`rate` must rise from each nested rate to the next; got {rates.tolist()}. "
            "Give neonatal, infant and under-five mortality in this order."
        )
    sizes = np.broadcast_to(sizes, years + 1)
    changed = parts * ratio ** np.arange(years + 1)[:, np.newaxis]
    unchanged = np.broadcast_to(parts, changed.shape)
    found = {}
    for name, rows in (("by_chance", unchanged), ("found", changed)):
        expected = rows * sizes[:, np.newaxis]
        cells = float(np.prod(Counts.lengths(expected)))
        if cells > MOST_CELLS:
            raise ValueError(
                f"`size` and `rate` must make at most {MOST_CELLS:,} possible counts a year; "
                f"got {cells:,.0f}. The exact sum is for small districts; give one rate, not nested ones."
            )
        found[name] = fall_chances(expected, sizes)
    return pd.DataFrame(found, index=pd.RangeIndex(1, years + 1, name="years"))


def rule_beyond_target(
    size: Any,
    rate: Any,
    target: Any,
    *,
    ratio: Any,
    kind: str = "rate",
    worse: str = "high",
    per: float = 1,
) -> pd.DataFrame:
    """Chance that a district is blamed because its observed figure is beyond a target.

    With ``target=0`` it is the rule "any death is blamed". A district that is not blamed is praised: it has
    reached the target, as arithmetic.

    Parameters
    ----------
    size : float, array or Series
        Births or persons (whole numbers for a proportion), or person-time.
    rate : float, array or Series
        The true rate or proportion if nothing is wrong, per `per`.
    target : float, array or Series
        The target, per `per`; to be at it is to have reached it.
    ratio : float, array or Series
        The true difference looked for: the rate of a district that deserves blame over `rate`.
    kind : {"rate", "proportion"}
        Poisson or binomial.
    worse : {"high", "low"}
        "high": figures above the target are blamed (mortality); "low": those below (coverage).
    per : float
        The unit of `rate` and `target`: 1000 means events per 1,000.

    Returns
    -------
    pandas.DataFrame
        One row an element, with the labels of a Series: size; expected (events at `rate`); by_chance, how
        often a district is blamed at `rate`; found, how often at `rate` times `ratio`.

    Raises
    ------
    ValueError
        If a number is negative, persons are not whole, or a proportion exceeds `per`.

    Notes
    -----
    Exact: the Poisson or binomial chance of more events than stay within the target (fewer, for "low").
    Not the verdict of `judge`, which blames nobody for what chance may have done: its test against the target
    has `power_to_tell`.

    References
    ----------
    Spiegelhalter DJ (2005). Funnel plots for comparing institutional performance. Statistics in Medicine
    24(8): 1185-1202. doi:10.1002/sim.1970

    Examples
    --------
    1,430 births: at 15.1 maternal deaths per 100,000 there is at least one in 19 of 100 years, and at twice
    that rate none in 65. At 2.1 neonatal deaths per 1,000 a target of 3.1 is missed in 19 of 100.

    >>> from mchepi.stats import rule_beyond_target
    >>> rule_beyond_target(1430, 15.1, 0, ratio=2, per=100_000).round(3)
         size  expected  by_chance  found
    0  1430.0     0.216      0.194  0.351
    >>> rule_beyond_target(1430, 2.1, 3.1, ratio=2, per=1000).round(3)
         size  expected  by_chance  found
    0  1430.0     3.003      0.185  0.716
    """
    import pandas as pd

    check_choice("worse", worse, WORSE)
    (size, rate, target, ratio), layout = _read(kind, per, size=size, rate=rate, target=target, ratio=ratio)
    size = np.where(size > 0, size, np.nan)
    limit = size * target
    near = np.round(limit)
    limit = np.where(np.abs(limit - near) <= 1e-9 * np.maximum(near, 1), near, limit)
    counts = Counts(kind)
    columns = {}
    for name, true in (("by_chance", rate), ("found", rate * ratio)):
        if worse == "high":
            columns[name] = counts.above(np.floor(limit), size, true)
        else:
            columns[name] = counts.below(np.ceil(limit), size, true)
    return pd.DataFrame({"size": size, "expected": size * rate, **columns}, index=layout.index)


def rule_worst_blamed(
    size: Any,
    rate: Any,
    *,
    ratio: float,
    blamed: int = 3,
    kind: str = "rate",
    worse: str = "high",
    per: float = 1,
) -> pd.DataFrame:
    """Chance of each district to be among the worst few, with no true difference and with one of its own.

    The rule orders the districts by their observed rate and blames the last ones; districts with the same
    figure are taken by lot. Somebody is always blamed.

    Parameters
    ----------
    size : array or Series
        Births or persons of each district (whole numbers for a proportion), or person-time.
    rate : float, array or Series
        The true rate or proportion, per `per`; one number: no district differs from another.
    ratio : float
        The true difference looked for: one district's own rate over what it would be, that of the others
        unchanged.
    blamed : int
        How many are blamed.
    kind : {"rate", "proportion"}
        Poisson or binomial.
    worse : {"high", "low"}
        "high": the highest rates are blamed (mortality); "low": the lowest (coverage).
    per : float
        The unit of `rate`.

    Returns
    -------
    pandas.DataFrame
        One row a district, with the labels of a Series: size; expected; by_chance, how often it is blamed at
        the given rates (they add up to `blamed`); found, how often if its own rate is `ratio` times as high.

    Raises
    ------
    ValueError
        Missing or impossible numbers, fewer districts than are blamed plus one, or more than 300.

    Notes
    -----
    Exact: for each count of the district, the number of others beyond it is a sum of independent chances;
    ties by lot are an integral over the lot, a polynomial that Gauss's rule integrates without error. Small
    districts come first and last by chance more often than large ones.

    Not for ranking (see `area_ranks`); `funnel_flags` blames no fixed number.

    References
    ----------
    Goldstein H, Spiegelhalter DJ (1996). League tables and their limitations: statistical issues in
    comparisons of institutional performance. Journal of the Royal Statistical Society A 159(3): 385-443.
    doi:10.2307/2983325

    Examples
    --------
    Twelve districts with 3.1 neonatal deaths per 1,000, two of them with 600 births and the others with 1,430
    (constructed): the small are blamed by chance in 29 of 100 years, and if the rate of a larger one is twice
    that of the others, it escapes in 19.

    >>> from mchepi.stats import rule_worst_blamed
    >>> rule_worst_blamed([600] * 2 + [1430] * 10, 3.1, ratio=2, per=1000).iloc[[0, 11]].round(3)
          size  expected  by_chance  found
    0    600.0     1.860      0.290  0.713
    11  1430.0     4.433      0.242  0.809
    """
    import pandas as pd

    check_choice("worse", worse, WORSE)
    blamed = _whole("blamed", blamed)
    change = check_positive("ratio", ratio)
    (size, rate, ratios), layout = _read(kind, per, size=size, rate=rate, ratio=change)
    if len(layout.shape) != 1 or not blamed < layout.shape[0] <= MOST_DISTRICTS:
        raise ValueError(
            f"`size` must be one number a district, of {blamed + 1} to {MOST_DISTRICTS} districts; "
            f"got shape {layout.shape}. Pass one area's districts."
        )
    for name, values in (("size", size), ("rate", rate)):
        good = np.isfinite(values) & ((values > 0) | (name == "rate"))
        refuse_where(~good, name, "known and above 0", values, layout, "Leave out such districts.")
    chances = worst_chances(size, rate, rate * ratios, blamed, Counts(kind), highest=worse == "high")
    columns = {"by_chance": chances[0], "found": chances[1]}
    return pd.DataFrame({"size": size, "expected": size * rate, **columns}, index=layout.index)


def _whole(name: str, given: Any) -> int:
    number = check_positive(name, given)
    if number != int(number):
        raise ValueError(f"`{name}` must be a whole number, 1 or more; got {number:g}. Round it.")
    return int(number)


def _read(kind: str, per: float, *, ratio: Any, **given: Any) -> tuple[list[FloatArray], Layout]:
    """Read sizes, rates (as numbers per one) and the ratio, in one common shape."""
    check_choice("kind", kind, KINDS)
    per = check_positive("per", per)
    arrays, layout = align(**given, ratio=ratio)
    named = dict(zip([*given, "ratio"], arrays, strict=True))
    for name, values in named.items():
        check_amounts(name, values, layout)
        if name not in ("size", "ratio"):
            named[name] = values / per
    if kind == "proportion":
        check_counts("size", named["size"], layout, of="persons")
        for name, values in (*named.items(), ("rate times ratio", named["rate"] * named["ratio"])):
            if name not in ("size", "ratio"):
                fix = "Give the unit with `per`, for example per=100 for percent."
                refuse_where(values > 1, name, f"a proportion, at most {per:g}", values * per, layout, fix)
    shape = layout.shape or (1,)
    if len(shape) > 1:
        raise ValueError(
            f"`size` must be one number a district; got shape {shape}. Pass one list of districts."
        )
    return [np.broadcast_to(values, shape) for values in named.values()], Layout(shape, layout.index)
