"""Timeliness: by which day a step of a program is done, where not everyone could be watched to that day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mchepi.outcomes._event_times import RiskTable, incidence, risk_table
from mchepi.outcomes._records import read, refuse_unshown
from mchepi.stats._validate import FloatArray, align, check_amounts, check_choice, check_level

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("log_log", "beta_product")


def timeliness(
    days: Any,
    *,
    observed: Any,
    by: Any,
    competing: Any = None,
    per: float = 1,
    method: str = "log_log",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    r"""Share of persons with a step done by given days (times `per`), among all who should have it.

    Persons whose observation ended before the day, without the step, are neither counted as in time nor as
    late: they are part of those at risk as long as they were watched (Kaplan-Meier). A competing event, after
    which the step cannot come any more (death), ends the wait for good and leaves the person below the line
    (Aalen-Johansen).

    Parameters
    ----------
    days : array or Series of float
        Days from the start (birth, a positive screen) to the step; NaN where it has no date.
    observed : array or Series of float
        Days from the same start to the end of observation: closed, moved away, the last date of the register.
    by : float or list of float
        The days at which to look: 14, 91 (3 months), 183 (6 months).
    competing : array or Series of bool, optional
        True where observation ended with an event that rules the step out. Without it every end of
        observation is taken as censoring, as moving away is.
    per : float
        The unit: 100 gives percent.
    method : {"log_log", "beta_product"}
        Greenwood's variance on the scale log(-log(1 - share)), which has no limits at 0 or 1 (there the beta
        product stands in, as the column `method` says), or the beta product everywhere: limits that hold in
        small groups, at the price of some width.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    pandas.DataFrame
        One row a day of `by`: by, persons, done (by that day), late (done later), overdue (not done, though
        watched to that day), not_yet_due (not done, watched for less), competing (before the step, by that
        day), value, lower, upper, method, note. The five counts add up to persons. NaN with a note beyond the
        longest observation.

    Raises
    ------
    ValueError
        Negative days, arguments of unequal length, an unknown method or a level outside (0, 1). Messages name
        positions, never values.

    Notes
    -----
    With :math:`n_j` at risk, :math:`d_j` steps and :math:`c_j` competing events on day :math:`t_j`,
    :math:`S(t) = \prod_{t_j \le t} (1 - (d_j + c_j) / n_j)` and
    :math:`F(t) = \sum_{t_j \le t} S(t_{j-1}) d_j / n_j`. Its variance is Greenwood's where nothing competes,
    and its extension to competing events (Dinse and Larson) otherwise. The beta product is that of Fay,
    Brittain and Proschan, by two moments; without censoring it is the exact (Clopper-Pearson) interval. With
    competing events and censoring together it is approximate: those with a competing event stay below the
    line as if watched for ever.

    A step later than the end of observation shows that the person was watched longer: the wait ends with the
    step, and the note counts it. Persons with neither are left out and counted in the note.

    Never divide those with a date in time by those with a date: whoever has none is left out, and the worse
    the follow-up the better the figure. Do not use it where membership itself waits for something that takes
    time, as a referral does: children too young to have been referred are missing, those of early referral
    over-represented. Count from the referral, or leave out births of the last weeks. Censoring must have
    nothing to do with the wait.

    References
    ----------
    Kaplan EL, Meier P (1958). Nonparametric estimation from incomplete observations. Journal of the American
    Statistical Association 53(282):457-481. doi:10.1080/01621459.1958.10501452

    Fay MP, Brittain EH, Proschan MA (2013). Pointwise confidence intervals for a survival distribution with
    small samples or heavy censoring. Biostatistics 14(4):723-736. doi:10.1093/biostatistics/kxt016

    Examples
    --------
    Freireich's trial of 6-mercaptopurine as in Kaplan-Meier courses: weeks in remission of the 21 treated
    children, 12 of them censored; 0.753 were still in remission after 10 weeks.

    >>> import numpy as np
    >>> from mchepi.outcomes import timeliness
    >>> weeks = [6, 6, 6, 7, 10, 13, 16, 22, 23] + [np.nan] * 12
    >>> watched = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    >>> relapse = timeliness(weeks, observed=watched, by=[10, 23])
    >>> relapse[["by", "persons", "done", "late", "overdue", "not_yet_due"]]
         by  persons  done  late  overdue  not_yet_due
    0  10.0       21     5     4       10            2
    1  23.0       21     9     0        5            7
    >>> relapse[["value", "lower", "upper"]].round(3)
       value  lower  upper
    0  0.247  0.111  0.497
    1  0.552  0.320  0.812
    """
    import pandas as pd

    level = check_level(confidence_level)
    check_choice("method", method, METHODS)
    table, time, state, said = _watched(days, observed, competing)
    (limits,), layout = align(by=np.atleast_1d(np.asarray(by, dtype=object)))
    check_amounts("by", limits, layout)
    share = incidence(table, limits, method=method, level=level)
    unknown = (limits > time.max(initial=-1)) & ~table.known_for_ever
    notes = ["nobody watched to that day" if beyond else "" for beyond in unknown]
    return pd.DataFrame(
        {
            "by": limits,
            "persons": time.size,
            **_counts(time, state, limits),
            **{
                name: np.where(unknown, np.nan, getattr(share, name) * per)
                for name in ("value", "lower", "upper")
            },
            "method": share.method,
            "note": ["; ".join(filter(None, [note, said])) for note in notes],
        }
    )


def time_to_event(
    days: Any,
    *,
    observed: Any,
    competing: Any = None,
    per: float = 1,
    method: str = "log_log",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Share of persons with a step done by each day (times `per`): the curve behind `timeliness`.

    Parameters
    ----------
    days : array or Series of float
        Days from the start to the step; NaN where it has no date.
    observed : array or Series of float
        Days from the same start to the end of observation.
    competing : array or Series of bool, optional
        True where observation ended with an event that rules the step out.
    per : float
        The unit: 100 gives percent.
    method : {"log_log", "beta_product"}
        As in `timeliness`.
    confidence_level : float
        Level of the limits, which hold at one day each, not for the whole curve.

    Returns
    -------
    pandas.DataFrame
        One row a day on which something was seen: day, at_risk, events, competing, censored, value, lower,
        upper, method. The value stays the same until the next row; before the first it is 0. The share not
        done is 1 minus it, with the limits swapped.

    Raises
    ------
    ValueError
        As in `timeliness`, which also says when not to use it.

    References
    ----------
    Kaplan EL, Meier P (1958). Nonparametric estimation from incomplete observations. Journal of the American
    Statistical Association 53(282):457-481. doi:10.1080/01621459.1958.10501452

    Examples
    --------
    The maintained group of the leukemia trial in R's `survival::aml` (Miller 1981):

    >>> import numpy as np
    >>> from mchepi.outcomes import time_to_event
    >>> done = [9, 13, 18, 23, 31, 34, 48] + [np.nan] * 4
    >>> watched = [9, 13, 18, 23, 31, 34, 48, 13, 28, 45, 161]
    >>> time_to_event(done, observed=watched)[["day", "at_risk", "events", "censored", "value"]].head(4)
        day  at_risk  events  censored     value
    0   9.0       11       1         0  0.090909
    1  13.0       10       1         1  0.181818
    2  18.0        8       1         0  0.284091
    3  23.0        7       1         0  0.386364
    """
    import pandas as pd

    level = check_level(confidence_level)
    check_choice("method", method, METHODS)
    table, *_ = _watched(days, observed, competing)
    share = incidence(table, table.day, method=method, level=level)
    return pd.DataFrame(
        {
            "day": table.day,
            **{
                name: getattr(table, name).astype(np.int64)
                for name in ("at_risk", "events", "competing", "censored")
            },
            **{name: getattr(share, name) * per for name in ("value", "lower", "upper")},
            "method": share.method,
        }
    )


def _watched(days: Any, observed: Any, competing: Any) -> tuple[RiskTable, FloatArray, FloatArray, str]:
    """The risk table, for how long each person was watched and how that ended, and what was odd."""
    (step, end, other), _, _ = read(
        days=np.atleast_1d(days) if np.ndim(days) == 0 else days,
        observed=observed,
        competing=False if competing is None else competing,
    )
    for name, values in (("days", step), ("observed", end)):
        bad = (values < 0) | np.isinf(values)
        refuse_unshown(
            bad, name, "a number of days, 0 or more", "Correct the dates, or give them as missing."
        )
    has_step = ~np.isnan(step)
    time = np.where(has_step, step, end)
    known = ~np.isnan(time)
    state = np.where(has_step, 1.0, np.where(other == 1, 2.0, 0.0))[known]
    said = [
        f"{count} {phrase}"
        for count, phrase in (
            (int((~known).sum()), "without any date left out"),
            (int((step > end).sum()), "done after the end of observation"),
        )
        if count
    ]
    return risk_table(time[known], state), time[known], state, "; ".join(said)


def _counts(time: FloatArray, state: FloatArray, by: FloatArray) -> dict[str, NDArray[np.int64]]:
    step, other, censored = state == 1, state == 2, state == 0
    day = by[:, None]
    groups = {
        "done": step & (time <= day),
        "late": step & (time > day),
        "overdue": (censored & (time >= day)) | (other & (time > day)),
        "not_yet_due": censored & (time < day),
        "competing": other & (time <= day),
    }
    return {name: group.sum(axis=1) for name, group in groups.items()}
