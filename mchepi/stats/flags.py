"""Which areas lie outside a funnel, how many do so by chance, and which remain when that is allowed for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats._estimate import Numbers
from mchepi.stats._funnel import (
    COUNTS,
    METHODS,
    at_least,
    at_most,
    read_areas,
    read_center,
)
from mchepi.stats._validate import (
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_positive,
    refuse_where,
)

if TYPE_CHECKING:
    import pandas as pd


def funnel_flags(
    events: Any,
    size: Any,
    reference: float,
    *,
    kind: str,
    levels: Any = (0.95, 0.998),
    per: float = 1,
    dispersion: float = 1,
    between_variance: float = 0,
) -> pd.DataFrame:
    """Compare each area with a reference, exactly, and say how surprising it is among so many areas.

    Parameters
    ----------
    events : int, array or Series
        Events in each area. Missing is allowed.
    size : float, array or Series
        The denominator of a proportion, the person-time (births) of a rate, the expected events of a ratio.
    reference : float
        What the areas are compared with, in the unit of `per`.
    kind : {"proportion", "rate", "ratio"}
        Binomial, or Poisson counts over person-time or over expected events.
    levels : float or sequence of float
        The levels of the funnel, see `funnel_limits`.
    per : float
        The unit of `reference` and of the values: 1000 means events per 1,000.
    dispersion, between_variance : float
        Allowance for overdispersion, as in `funnel_limits`.

    Returns
    -------
    pandas.DataFrame
        One row an area, with the labels of a Series: value; expected (events at the reference); p_value
        (exact, two-sided: twice the smaller tail, at most 1); adjusted_p_value (Benjamini-Hochberg over all
        areas); side ("above", "below", or "" at the reference); outside (the highest of `levels` whose limits
        the area lies outside of; NaN if it lies within all); note.

    Raises
    ------
    ValueError
        Impossible counts or sizes, events where the size is 0, Series with unequal indexes, or arguments that
        `funnel_limits` refuses.

    Notes
    -----
    An area lies outside a level exactly if its p-value is below 1 - level. To name areas with at most a share
    q of false ones among the named, take those with adjusted_p_value at most q: that is the correction for
    looking at many areas. With the reference computed from the same areas, the p-values are a little too
    large where one area makes up much of the whole.

    Not for areas with a known reason to differ (referral hospitals, another age structure): standardize
    first. A flag asks a question about an area; it does not answer it.

    References
    ----------
    Spiegelhalter DJ (2005). Funnel plots for comparing institutional performance. Statistics in Medicine
    24(8): 1185-1202. doi:10.1002/sim.1970

    Benjamini Y, Hochberg Y (1995). Controlling the false discovery rate: a practical and powerful approach to
    multiple testing. Journal of the Royal Statistical Society B 57(1): 289-300.
    doi:10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    Sudden infant deaths of four counties of North Carolina, 1974-78, against the state's 2.02 per 1,000
    births (Cressie's data):

    >>> import pandas as pd
    >>> from mchepi.stats.flags import funnel_flags
    >>> counties = ["Anson", "Robeson", "Wake", "Hyde"]
    >>> deaths, births = pd.Series([15, 31, 16, 0], counties), pd.Series([1570, 7889, 14484, 338], counties)
    >>> flags = funnel_flags(deaths, births, 2.02, kind="rate", per=1000)
    >>> flags[["value", "expected", "p_value", "side", "outside"]].round(4)
              value  expected  p_value   side  outside
    Anson    9.5541    3.1714   0.0000  above    0.998
    Robeson  3.9295   15.9358   0.0011  above    0.998
    Wake     1.1047   29.2577   0.0112  below    0.950
    Hyde     0.0000    0.6828   1.0000  below      NaN
    """
    import pandas as pd

    per = check_positive("per", per)
    center = read_center(reference, kind, levels, per, dispersion, between_variance)
    value = center.reference
    events, size, layout = read_areas(events, size, kind)

    known = np.where(size > 0, size, np.nan)
    effective = center.effective_size(known)
    counted = events * (effective / known)
    below = at_most(counted, effective, value, kind)
    above = np.where(np.isnan(effective), np.nan, at_least(counted, effective, value, kind))
    p_value = np.minimum(1.0, 2 * np.minimum(below, above))
    outside = np.full(p_value.shape, np.nan)
    for level in sorted(center.levels):
        outside[p_value < 1 - level] = level
    expected = known * value
    notes = layout.notes(
        [
            (np.isnan(events), "missing: events"),
            (np.isnan(size), "missing: size"),
            (size == 0, "denominator zero"),
        ]
    )
    return pd.DataFrame(
        {
            "value": events / known * per,
            "expected": expected,
            "p_value": p_value,
            "adjusted_p_value": benjamini_hochberg(p_value),
            "side": np.select([events > expected, events < expected], ["above", "below"], ""),
            "outside": outside,
            "note": "" if notes is None else notes,
        },
        index=layout.index,
    )


def expected_flags(
    size: Any,
    reference: float,
    *,
    kind: str,
    method: str = "exact",
    levels: Any = (0.95, 0.998),
    per: float = 1,
) -> pd.DataFrame:
    """Number of areas that lie outside a funnel by chance, if all have the reference as underlying level.

    Parameters
    ----------
    size : float, array or Series
        The denominator of a proportion (persons), the person-time of a rate, the expected events of a ratio,
        one an area. Missing and 0 are passed over.
    reference : float
        The underlying level of all areas, in the unit of `per`.
    kind : {"proportion", "rate", "ratio"}
        Binomial, or Poisson counts over person-time or over expected events.
    method : {"exact", "phe"}
        The limits of the funnel, see `funnel_limits`.
    levels : float or sequence of float
        The levels of the funnel.
    per : float
        The unit of `reference`.

    Returns
    -------
    pandas.DataFrame
        One row a level: level; areas (with a size above 0); above, below and both (expected numbers of areas
        outside); chance_of_any (that at least one of them is).

    Raises
    ------
    ValueError
        Arguments that `funnel_limits` refuses, or persons that are not whole numbers.

    Notes
    -----
    The sum over areas of the exact chance of a count outside the limits. Counts are whole, so with exact
    limits it is below areas * (1 - level), far below where few events are expected: small areas cannot lie
    outside, and their silence is no evidence. With "phe" it can be several times as many.

    Not under overdispersion, whose distribution is not known beyond its variance.

    References
    ----------
    Spiegelhalter DJ (2005). Funnel plots for comparing institutional performance. Statistics in Medicine
    24(8): 1185-1202. doi:10.1002/sim.1970

    Examples
    --------
    Twelve districts with 1,430 births each and 3.1 neonatal deaths per 1,000 (constructed): of the 0.6 that
    the level means, 0.33 are to be expected outside, and in 28 years of 100 at least one is.

    >>> from mchepi.stats.flags import expected_flags
    >>> expected_flags([1430] * 12, 3.1, kind="rate", per=1000, levels=0.95).round(3)
       level  areas  above  below  both  chance_of_any
    0   0.95     12  0.187  0.143  0.33          0.284
    """
    import pandas as pd

    per = check_positive("per", per)
    center = read_center(reference, kind, levels, per)
    value = center.reference
    check_choice("method", method, METHODS[kind])
    (sizes,), layout = align(size=size)
    (check_counts if kind == "proportion" else check_amounts)("size", sizes, layout)
    sizes = sizes[sizes > 0]
    rows = []
    for level in center.levels:
        lower, upper = COUNTS[method](sizes, value, kind, np.full(sizes.shape, (1 - level) / 2))
        above = np.where(upper >= sizes, 0.0, 1.0) if kind == "proportion" else 1.0
        above = above * at_least(np.floor(upper) + 1, sizes, value, kind)
        below = np.where(lower > 0, at_most(np.ceil(lower) - 1, sizes, value, kind), 0.0)
        rows.append(
            {
                "level": level,
                "areas": sizes.size,
                "above": above.sum(),
                "below": below.sum(),
                "both": above.sum() + below.sum(),
                "chance_of_any": -np.expm1(np.log1p(-above - below).sum()),
            }
        )
    return pd.DataFrame(rows)


def benjamini_hochberg(p_value: Any) -> Numbers:
    """Benjamini-Hochberg adjusted p-values: the smallest false discovery rate at which each is named.

    Parameters
    ----------
    p_value : float, array or Series
        P-values of one family of tests (all areas of a funnel). Missing ones do not count.

    Returns
    -------
    float, array or Series
        For the p-value of rank r among m: the smallest of m p / r over it and all larger ones, at most 1.

    Raises
    ------
    ValueError
        If a p-value is not between 0 and 1.

    Notes
    -----
    Naming the areas with an adjusted p-value at most q, a share of at most q of the named ones is expected to
    be false, whatever their number. It holds for independent tests and for tests that rise and fall together.
    Not a probability that the area at hand is a false one.

    References
    ----------
    Benjamini Y, Hochberg Y (1995). Controlling the false discovery rate: a practical and powerful approach to
    multiple testing. Journal of the Royal Statistical Society B 57(1): 289-300.
    doi:10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    The fifteen p-values of that paper's example, of which it names four at 5 %:

    >>> from mchepi.stats.flags import benjamini_hochberg
    >>> p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
    ...      0.5719, 0.6528, 0.7590, 1.0000]
    >>> int((benjamini_hochberg(p) <= 0.05).sum())
    4
    """
    (p_value,), layout = align(p_value=p_value)
    check_amounts("p_value", p_value, layout)
    refuse_where(p_value > 1, "p_value", "at most 1", p_value, layout, "Give probabilities, not percentages.")
    flat = np.ravel(p_value)
    order = np.argsort(-flat, kind="stable")  # from the largest down, missing ones last
    order = order[: np.count_nonzero(~np.isnan(flat))]
    ranks = np.arange(order.size, 0, -1)
    adjusted = np.full(flat.shape, np.nan)
    adjusted[order] = np.minimum.accumulate(np.minimum(flat[order] * order.size / ranks, 1.0))
    return layout.restore(adjusted.reshape(np.shape(p_value)), "adjusted_p_value")
