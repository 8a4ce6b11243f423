"""Ages from dates: completed calendar months, and days."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._records import refuse_unshown

if TYPE_CHECKING:
    import pandas as pd

_FIX = "Write dates as 2023-01-31, or read the column with pandas.to_datetime first."


def completed_months(birth: Any, date: Any) -> Any:
    """Age in completed calendar months.

    Parameters
    ----------
    birth : date, text such as "2021-03-05", array or Series
        Date of birth.
    date : date, text, array or Series
        Date at which the age is wanted, on or after `birth`.

    Returns
    -------
    float, array or Series
        Whole numbers; NaN where a date is missing.

    Raises
    ------
    ValueError
        Something that is no date, a date before birth, or Series with unequal indexes. No message shows a
        date or a label, only positions.

    Notes
    -----
    A month is completed on the day of the month of birth: a second birthday is 24 months. Where that month
    has no such day, it is completed on the first of the next: born on 31 August, a child is 6 months old on
    1 March. Days divided by 30.4375 put a child on its second birthday (730 days) at 23.98 months, under the
    wrong cut-off, and leave one on its fifth (1,826 days) under five.

    Not for z-scores, which are defined by days (see `completed_days`).

    Examples
    --------
    >>> from mchepi.outcomes import completed_months
    >>> completed_months("2021-03-05", "2023-03-05"), completed_months("2021-03-05", "2023-03-04")
    (24.0, 23.0)
    """
    first, last, index = _read(birth, date)
    months = (last.year - first.year) * 12.0 + (last.month - first.month) - (last.day < first.day)
    return _restore(np.asarray(months, dtype=float), birth, date, index)


def completed_days(birth: Any, date: Any) -> Any:
    """Age in days, as the WHO growth standards are tabulated.

    Parameters
    ----------
    birth : date, text such as "2021-03-05", array or Series
        Date of birth.
    date : date, text, array or Series
        Date at which the age is wanted, on or after `birth`.

    Returns
    -------
    float, array or Series
        Whole numbers, 0 on the day of birth; NaN where a date is missing.

    Raises
    ------
    ValueError
        As `completed_months`.

    Notes
    -----
    Not for age groups: those go by completed calendar months (see `completed_months`).

    Examples
    --------
    >>> from mchepi.outcomes import completed_days
    >>> completed_days("2021-03-05", "2023-03-05")
    730.0
    """
    first, last, index = _read(birth, date)
    days = np.asarray((last - first) / np.timedelta64(1, "D"), dtype=float)
    return _restore(days, birth, date, index)


def _read(birth: Any, date: Any) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex, pd.Index[Any] | None]:
    import pandas as pd

    indexes = [given.index for given in (birth, date) if isinstance(given, pd.Series)]
    if len(indexes) == 2 and not indexes[0].equals(indexes[1]):
        raise ValueError(
            "`birth` and `date` must have equal indexes; got different labels. Pass two columns of one table."
        )
    first, last = _dates("birth", birth), _dates("date", date)
    size = 0 if 0 in (len(first), len(last)) else max(len(first), len(last))
    if {len(first), len(last)} - {1, size} or (indexes and len(indexes[0]) != size):
        raise ValueError(
            "`birth` and `date` must have equal lengths or be single dates; "
            f"got {len(first)} and {len(last)}. Pass two columns of one table."
        )
    places = np.arange(size)
    first, last = (
        first.take(places % len(first) if size else places),
        last.take(places % len(last) if size else places),
    )
    refuse_unshown(
        np.asarray(last < first),
        "date",
        "on or after `birth`",
        "Correct those dates, or give them as missing.",
    )
    return first, last, indexes[0] if indexes else None


def _dates(name: str, given: Any) -> pd.DatetimeIndex:
    import pandas as pd

    values = pd.Series([given] if np.ndim(given) == 0 else np.asarray(given)).reset_index(drop=True)
    missing = np.asarray(values.isna())
    if values.dtype.kind in "biuf" and not missing.all():
        refuse_unshown(~missing, name, "dates", _FIX)  # a number may be a day of Excel, a year, a second
    if values.dtype.kind != "M":
        numbers = np.array([isinstance(value, Real) for value in values], dtype=bool)
        refuse_unshown(numbers & ~missing, name, "dates", _FIX)
        values = pd.to_datetime(values, errors="coerce", format="ISO8601")
    refuse_unshown(np.asarray(values.isna()) & ~missing, name, "dates", _FIX)
    return pd.DatetimeIndex(values).tz_localize(None).normalize()


def _restore(values: Any, birth: Any, date: Any, index: pd.Index[Any] | None) -> Any:
    import pandas as pd

    if index is not None:
        return pd.Series(values, index=index)
    return values if np.ndim(birth) or np.ndim(date) else float(values[0])
