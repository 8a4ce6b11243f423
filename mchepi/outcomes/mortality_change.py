"""How much of a change of the under-five rate is the number of births below its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats._validate import align, check_counts, check_part, check_positive

if TYPE_CHECKING:
    import pandas as pd

YEARS_BEFORE = 4  # whose births the children of 1 to 4 years come from
EFFECTS = ("infant_risk", "child_risk", "births", "total")


def under5_change(
    live_births: pd.Series[Any],
    infant_deaths: pd.Series[Any],
    child_deaths: pd.Series[Any],
    *,
    first: int,
    last: int,
    per: float = 1000,
) -> pd.DataFrame:
    """Parts of a change of the under-five rate, per `per` live births: two of risk, and one of births.

    Parameters
    ----------
    live_births : Series
        Live births by year (the index), from four years before `first` to `last`.
    infant_deaths, child_deaths : Series
        Deaths below 1 year and at 1 to 4 years, by year; those of `first` and `last` are read.
    first, last : int
        The years compared, the earlier first.
    per : float
        The unit: 1000 gives deaths per 1,000 live births.

    Returns
    -------
    pandas.DataFrame
        Rows infant_risk (the infant mortality rate), child_risk (deaths at 1 to 4 years over the mean live
        births of the four years before), births (that mean over the live births of the year, a ratio) and
        total (the under-five rate); columns first and last (the values of the two years, per `per` but for
        the ratio), effect (the part of the change, per `per`; the three add up to the total exactly), share
        (of the total change; NaN where that is 0) and note.

    Raises
    ------
    ValueError
        Arguments that are no Series by year, repeated years, counts that are negative or fractional, more
        infant deaths than live births, or `last` not after `first`.

    Notes
    -----
    With births B, their mean C over the four years before, deaths D0 below 1 year and D1 at 1 to 4 years, the
    Chinese rate is D0 / B + (D1 / C)(C / B). The product changes by the mean of D1 / C times the change of
    C / B (births), and by the mean of C / B times the change of D1 / C (risk): Kitagawa's decomposition,
    which does not depend on which year is named first. Where births fall C / B exceeds 1, and the rate is
    above the risk that any child runs.

    This is arithmetic on counts that happened, without limits: what of the change is chance is another
    question (see `rate_ratio`). Infants are taken as born in the year; where many died in the year after
    their birth the part of births is a little larger. Not for a cohort rate, which has no such part.

    References
    ----------
    Kitagawa EM (1955). Components of a difference between two rates. Journal of the American Statistical
    Association 50(272): 1168-1194. doi:10.1080/01621459.1955.10501299

    Examples
    --------
    Constructed: births halve, risks stay the same.

    >>> import pandas as pd
    >>> from mchepi.outcomes import under5_change
    >>> births = pd.Series([2000, 2000, 2000, 2000, 2000, 1000], range(2018, 2024))
    >>> infants, children = (pd.Series(counts, [2022, 2023]) for counts in ([8, 4], [4, 4]))
    >>> under5_change(births, infants, children, first=2022, last=2023).round(2)
                 first  last  effect  share note
    effect_of
    infant_risk    4.0   4.0     0.0    0.0
    child_risk     2.0   2.0     0.0    0.0
    births         1.0   2.0     2.0    1.0
    total          6.0   8.0     2.0    1.0
    """
    import pandas as pd

    per = check_positive("per", per)
    if last <= first:
        raise ValueError(f"`last` must be after `first`; got {last} and {first}. Exchange them.")
    wanted = {"live_births": range(first - YEARS_BEFORE, last + 1)}
    given = {"live_births": live_births, "infant_deaths": infant_deaths, "child_deaths": child_deaths}
    counts = {name: _by_year(name, series, wanted.get(name, (first, last))) for name, series in given.items()}
    births, infants, children = counts.values()
    two = pd.Index([first, last], name="year")
    (deaths, born), layout = align(infant_deaths=infants.loc[two], live_births=births.loc[two])
    check_part("infant_deaths", deaths, "live_births", born, layout)
    before = np.array([births.loc[year - YEARS_BEFORE : year - 1].mean(skipna=False) for year in two])
    died = children.loc[two].to_numpy()
    born, before = np.where(born > 0, born, np.nan), np.where(before > 0, before, np.nan)
    infant, child, ratio = deaths / born * per, died / before * per, before / born
    effects = np.array(
        [
            np.diff(infant).item(),
            ratio.mean() * np.diff(child).item(),
            child.mean() * np.diff(ratio).item(),
        ]
    )
    rates = infant + child * ratio
    total = np.diff(rates).item()
    values = np.array([infant, child, ratio, rates])
    changes = np.append(effects, total)
    note = "" if np.isfinite(total) else "missing or zero: births of all years and deaths of both are needed"
    return pd.DataFrame(
        {
            "first": values[:, 0],
            "last": values[:, 1],
            "effect": changes,
            "share": changes / total if total else np.full(len(changes), np.nan),
            "note": note,
        },
        index=pd.Index(EFFECTS, name="effect_of"),
    )


def _by_year(name: str, series: Any, years: Any) -> pd.Series[float]:
    import pandas as pd

    if not isinstance(series, pd.Series):
        raise ValueError(
            f"`{name}` must be a Series by year; got {type(series).__name__}. Give years as index."
        )
    if not series.index.is_unique:
        repeated = series.index[series.index.duplicated()][0]
        raise ValueError(f"`{name}` must hold each year once; got {repeated} twice. Sum or drop rows.")
    wanted = series.reindex(pd.Index(list(years), name="year"))
    (values,), layout = align(**{name: wanted})
    check_counts(name, values, layout, of="persons")
    return pd.Series(values, index=wanted.index)
