"""Control limits of a funnel plot: how far areas of each size scatter about one reference by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats._funnel import COUNTS, METHODS, read_center
from mchepi.stats._validate import align, check_amounts, check_choice, check_positive

if TYPE_CHECKING:
    import pandas as pd


def funnel_limits(
    size: Any,
    reference: float,
    *,
    kind: str,
    method: str = "exact",
    levels: Any = (0.95, 0.998),
    per: float = 1,
    dispersion: float = 1,
    between_variance: float = 0,
) -> pd.DataFrame:
    """Control limits around a reference for areas of each size, in the unit of `reference`.

    Parameters
    ----------
    size : float, array or Series
        What the areas are measured by: the denominator of a proportion, the person-time (births) of a rate,
        the expected events of a ratio. Need not be whole, so that a smooth funnel can be drawn.
    reference : float
        What the areas are compared with: a target, or the proportion, rate or ratio of all areas together.
    kind : {"proportion", "rate", "ratio"}
        Binomial, or Poisson counts over person-time or over expected events.
    method : {"exact", "phe"}
        "exact" (default): the limits of an area are where its exact confidence limit (Clopper-Pearson,
        Garwood) equals the reference. "phe", for proportions only: reference -+ z standard errors, as
        England's public health agency draws it.
    levels : float or sequence of float
        Shares of areas that lie within the limits if all have the reference as their underlying level.
    per : float
        The unit of `reference`: 1000 means events per 1,000.
    dispersion : float
        Factor by which the variance exceeds that of chance, 1 or more (`overdispersion` estimates it).
    between_variance : float
        Variance of the underlying levels between areas, in the squared unit of `reference`; the other way to
        allow for overdispersion (give one of the two).

    Returns
    -------
    pandas.DataFrame
        Columns size, level, lower, upper; one row a size and level, the levels of a size together. The index
        repeats the labels of `size` if that is a Series. A size of 0 has no limits (NaN).

    Raises
    ------
    ValueError
        A negative size, a reference that is not above 0 (and below `per` for a proportion), levels outside
        (0, 1), an unknown kind or method, a dispersion below 1, a negative variance, or both of them.

    Notes
    -----
    With t = (1 - level) / 2, the upper limit is o / size with P(X >= o) = t, the lower one o / size with P(X
    <= o) = t, where X is binomial(size, reference) or Poisson(size * reference) and its probabilities are
    continued between whole numbers by the incomplete beta or gamma function. So an area lies outside exactly
    if its exact two-sided p-value is below 1 - level. Where not even 0 events (or all) are that unlikely, the
    limit is 0 (or 1): no such area can lie outside on that side.

    With overdispersion the limits are those of the size divided by v = dispersion + between_variance / s^2,
    where s^2 is the variance by chance at that size; for "phe" that is reference -+ z s sqrt(v), the form of
    Spiegelhalter (2005), and it carries the same variance into the exact limits.

    Not a league table: an area inside the funnel is not shown to be at the reference, and one outside is not
    shown to be bad. With many areas some lie outside by chance (`expected_flags` counts them, `funnel_flags`
    corrects for them). "phe" is not for few expected events: of 100 areas with 20 births each and
    an underlying 2 %, it puts 6 above its 95 % limits, where 2.5 are meant and exact limits give 0.7.

    References
    ----------
    Spiegelhalter DJ (2005). Funnel plots for comparing institutional performance. Statistics in Medicine
    24(8): 1185-1202. doi:10.1002/sim.1970

    Examples
    --------
    Neonatal deaths of areas with 500, 1430 and 6000 births against 3.1 per 1,000 (constructed). With 500
    births not even zero deaths lie below the funnel:

    >>> from mchepi.stats.funnel import funnel_limits
    >>> funnel_limits([500, 1430, 6000], 3.1, kind="rate", per=1000, levels=0.95).round(2)
         size  level  lower  upper
    0   500.0   0.95   0.00   9.74
    1  1430.0   0.95   0.26   6.62
    2  6000.0   0.95   1.69   4.67
    """
    import pandas as pd

    per = check_positive("per", per)
    center = read_center(reference, kind, levels, per, dispersion, between_variance)
    check_choice("method", method, METHODS[kind])
    (sizes,), layout = align(size=size)
    check_amounts("size", sizes, layout)

    flat = np.ravel(sizes)
    known = np.where(flat > 0, flat, np.nan)[:, np.newaxis]
    effective = center.effective_size(known)
    tail = (1 - np.array(center.levels)) / 2
    effective, tails = np.broadcast_arrays(effective, tail)
    lower, upper = (
        counts / effective * per for counts in COUNTS[method](effective, center.reference, kind, tails)
    )
    index = None if layout.index is None else layout.index.repeat(len(center.levels))
    return pd.DataFrame(
        {
            "size": np.repeat(flat, len(center.levels)),
            "level": np.tile(center.levels, flat.size),
            "lower": lower.ravel(),
            "upper": upper.ravel(),
        },
        index=index,
    )
