"""Charts of what lies between rare events: births between deaths (g), days between deaths (t)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats._validate import (
    FloatArray,
    align,
    check_amounts,
    check_choice,
    check_counts,
    check_level,
    check_positive,
    refuse_where,
)
from mchepi.stats._waiting import Wait, exponential, geometric, placed, scattered

if TYPE_CHECKING:
    import pandas as pd


def g_chart(
    births_between: Any,
    *,
    births_since_last: float | None = None,
    reference: float | None = None,
    per: float = 1,
    method: str = "exact",
    level: float = 0.998,
) -> pd.DataFrame:
    """Chart of the births between rare events, such as maternal deaths: has one come too soon or too late.

    Parameters
    ----------
    births_between : int, array or Series
        Births from each event to the next, in order; the birth with the next event is counted, so 1 or more.
    births_since_last : int, optional
        Births since the last event, so far without another. A long one can signal, a short one says nothing
        yet.
    reference : float, optional
        The rate of events that the intervals are compared with. None: that of these births themselves.
    per : float
        The unit of `reference`: 100,000 for a maternal mortality ratio.
    method : {"exact", "three_sigma"}
        "exact" (default): the limits are quantiles of the distribution of an interval. "three_sigma": the
        customary chart, mean + 3 standard deviations, which has no lower limit and so shows no rise.
    level : float
        For "exact": chance that an interval lies within the limits while the rate stays the same.

    Returns
    -------
    pandas.DataFrame
        One row an interval: between, open (True for the one since the last event), center (the mean
        interval), lower, upper, p_value (exact, two-sided; one-sided for the open one), signal ("more often",
        "less often" or ""). The index is that of a Series of complete intervals, else positions.

    Raises
    ------
    ValueError
        Intervals that are not whole numbers from 1 on, a negative number of births since the last event, a
        reference outside (0, per), a level outside (0, 1), or an unknown method.

    Notes
    -----
    With a reference p the births up to the next event are geometric: P(more than x) = (1 - p)^x. Without one,
    any placing of the k events among the N births is as likely as any other, so that P(more than x) = C(N -
    x, k) / C(N, k), whatever the rate (N - 1 and k - 1 if the last birth is an event): the limits allow for
    how few events the rate is known from. They are continued between whole numbers.

    At the default level one interval in 500 signals by chance. Its power against a rise is poor: at 15 deaths
    per 100,000 births only a death within 6 births of the last one is a signal, so use `poisson_cusum`. Not
    for events that come in clusters or by season, and not to see a fall in fewer events than it takes:
    between two maternal deaths of a county lie years.

    References
    ----------
    Benneyan JC (2001). Number-between g-type statistical quality control charts for monitoring adverse
    events. Health Care Management Science 4(4): 305-318.

    Woodall WH (2006). The use of control charts in health-care and public-health surveillance. Journal of
    Quality Technology 38(2): 89-104. doi:10.1080/00224065.2006.11918593

    Examples
    --------
    Births between maternal deaths of one prefecture, and since the last (constructed):

    >>> from mchepi.stats.between_events import g_chart
    >>> chart = g_chart([5200, 9100, 3300, 7400], births_since_last=24000, reference=15, per=100_000)
    >>> chart[["between", "open", "lower", "upper", "p_value", "signal"]].round(3)
       between   open  lower      upper  p_value signal
    0   5200.0  False   6.67  46049.248    0.917
    1   9100.0  False   6.67  46049.248    0.511
    2   3300.0  False   6.67  46049.248    0.781
    3   7400.0  False   6.67  46049.248    0.659
    4  24000.0   True   6.67  46049.248    0.027
    """
    per = check_positive("per", per)
    check_choice("method", method, ("exact", "three_sigma"))
    level = check_level(level, "level")
    between, index = _read_between("births_between", births_between, whole=True)
    since = _read_since("births_since_last", births_since_last, whole=True)
    total = between.sum() + (since or 0)
    if reference is not None:
        chance = check_positive("reference", reference) / per
        if chance >= 1:
            raise ValueError(
                f"`reference` must be below `per` ({per:g}); got {reference:.15g}. "
                "Give the unit of the rate in `per`."
            )
        mean = 1 / chance
        wait: Wait | None = geometric(chance)
    else:
        mean = total / between.size
        births, events = (total, between.size) if since is not None else (total - 1, between.size - 1)
        wait = placed(births, events) if events else None
    if method == "three_sigma":
        deviation = np.sqrt(mean * (mean - 1))
        return _customary(between, since, mean, 0.0, mean + 3 * deviation, index)
    # An interval of at least g births is one of more than g - 1; the open one will have at least one more.
    open_length = None if since is None else since + 1
    return _exact(between, since, open_length, mean, wait, level, 1.0, 0.0, index)


def t_chart(
    days_between: Any,
    *,
    days_since_last: float | None = None,
    reference: float | None = None,
    resolution: float = 1,
    method: str = "exact",
    level: float = 0.998,
) -> pd.DataFrame:
    """Chart of the days between rare events, where the births between them are not known.

    Parameters
    ----------
    days_between : float, array or Series
        Days from each event to the next, in order.
    days_since_last : float, optional
        Days since the last event, so far without another. A long one can signal, a short one says nothing
        yet.
    reference : float, optional
        The mean number of days between events that the intervals are compared with. None: that of these
        intervals.
    resolution : float
        The unit to which the intervals are known: 1 for dates, 0 for exact times.
    method : {"exact", "nelson"}
        "exact" (default): quantiles of the distribution of an interval. "nelson": the customary chart, mean
        -+ 3 standard deviations (from moving ranges) of the intervals to the power 1 / 3.6; needs two
        intervals, and takes no reference.
    level : float
        For "exact": chance that an interval lies within the limits while the rate stays the same.

    Returns
    -------
    pandas.DataFrame
        As `g_chart`.

    Raises
    ------
    ValueError
        Negative or missing intervals, a reference that is not positive, a reference with "nelson", a level
        outside (0, 1), or an unknown method.

    Notes
    -----
    With a reference m the time to the next event is exponential: P(more than x) = exp(-x / m). Without one, k
    events fall anywhere in the T days observed, so that P(more than x) = (1 - x / T)^k (k - 1 if T ends with
    an event), whatever the rate. Where times are known in days only, an interval counts as half a day longer
    when it is judged to be short and half a day shorter when it is judged to be long: two deaths on one day
    are less of a surprise than two deaths at one moment.

    Not where births change over the years: fewer births lengthen the days between deaths (use `g_chart`). Not
    for events that come in clusters or by season.

    References
    ----------
    Nelson LS (1994). A control chart for parts-per-million nonconforming items. Journal of Quality Technology
    26(3): 239-240.

    Woodall WH (2006). The use of control charts in health-care and public-health surveillance. Journal of
    Quality Technology 38(2): 89-104. doi:10.1080/00224065.2006.11918593

    Examples
    --------
    Days between under-five deaths of a small district (constructed). Three deaths within 13 days are no
    signal, nor are 203 days without:

    >>> from mchepi.stats.between_events import t_chart
    >>> chart = t_chart([61, 140, 203, 88, 9, 4], days_since_last=30, level=0.95)
    >>> chart[["between", "lower", "upper", "p_value", "signal"]].round(2)
       between  lower  upper  p_value signal
    0     61.0   1.75  246.2     0.97
    1    140.0   1.75  246.2     0.33
    2    203.0   1.75  246.2     0.12
    3     88.0   1.75  246.2     0.68
    4      9.0   1.75  246.2     0.20
    5      4.0   1.75  246.2     0.10
    6     30.0   1.75  246.2     0.71
    """
    check_choice("method", method, ("exact", "nelson"))
    level = check_level(level, "level")
    between, index = _read_between("days_between", days_between, whole=False)
    since = _read_since("days_since_last", days_since_last, whole=False)
    if method == "nelson":
        if reference is not None:
            raise ValueError(
                "`reference` must not be given with method 'nelson'; its limits come from the intervals."
            )
        return _nelson(between, since, index)
    if resolution != 0:
        resolution = check_positive("resolution", resolution)
    total = between.sum() + (since or 0)
    if reference is not None:
        mean = check_positive("reference", reference)
        wait: Wait | None = exponential(mean)
    else:
        mean = total / between.size
        events = between.size - (since is None)
        wait = scattered(total, events) if events and total else None
    return _exact(between, since, since, mean, wait, level, resolution / 2, resolution / 2, index)


def _read_between(name: str, given: Any, *, whole: bool) -> tuple[FloatArray, Any]:
    (between,), layout = align(**{name: given})
    if len(layout.shape) > 1 or not between.size:
        raise ValueError(
            f"`{name}` must be one number an interval; got shape {layout.shape}. "
            "Pass the intervals of one series."
        )
    if whole:
        check_counts(name, between, layout, of="births")
        rule, fix = "1 or more", "Count the birth with the event; leave out what is not known."
    else:
        check_amounts(name, between, layout)
        rule, fix = "known", "Leave out what is not known."
    refuse_where(~(between >= (1 if whole else 0)), name, rule, between, layout, fix)
    return np.atleast_1d(between), layout.index


def _read_since(name: str, given: Any, *, whole: bool) -> float | None:
    if given is None:
        return None
    (since,), layout = align(**{name: given})
    if layout.shape:
        raise ValueError(
            f"`{name}` must be a single number; got {layout.shape[0]}. Give the interval that is open."
        )
    if whole:
        check_counts(name, since, layout, of="births")
    else:
        check_amounts(name, since, layout)
    return None if np.isnan(since) else float(since)


def _exact(
    between: FloatArray,
    since: float | None,
    open_length: float | None,
    mean: float,
    wait: Wait | None,
    level: float,
    long_by: float,
    short_by: float,
    index: Any,
) -> pd.DataFrame:
    """The chart where an interval counts as long_by less when judged as long, short_by more when as short."""
    intervals = between if since is None else np.append(between, since)
    if wait is None:
        unknown = np.full(intervals.size, np.nan)
        return _frame(between, since, mean, np.nan, np.nan, unknown, np.zeros(intervals.size), index)
    tail = (1 - level) / 2
    lower = max(0.0, wait.exceeded_with(np.log1p(-tail)) - short_by)
    upper = wait.exceeded_with(np.log(tail)) + long_by
    long = np.exp(wait.log_chance_of_more(np.maximum(between - long_by, 0)))
    short = -np.expm1(wait.log_chance_of_more(between + short_by))
    side = np.where(long < tail, 1, np.where(short < tail, -1, 0))
    p_value = np.minimum(1.0, 2 * np.minimum(long, short))
    if open_length is not None:
        still_open = float(np.exp(wait.log_chance_of_more(max(open_length - long_by, 0.0))))
        side = np.append(side, int(still_open < tail))
        p_value = np.append(p_value, still_open)
    return _frame(between, since, mean, lower, upper, p_value, side, index)


def _nelson(between: FloatArray, since: float | None, index: Any) -> pd.DataFrame:
    if between.size < 2:
        raise ValueError(
            "`days_between` must be two intervals or more for 'nelson'; got one. Use method 'exact'."
        )
    scaled = between ** (1 / 3.6)
    middle = scaled.mean()
    # The mean moving range over d2 = 2 / sqrt(pi) estimates the standard deviation.
    reach = 3 * np.abs(np.diff(scaled)).mean() * np.sqrt(np.pi) / 2
    lower, upper = max(0.0, middle - reach) ** 3.6, (middle + reach) ** 3.6
    return _customary(between, since, middle**3.6, lower, upper, index)


def _customary(
    between: FloatArray, since: float | None, center: float, lower: float, upper: float, index: Any
) -> pd.DataFrame:
    intervals = between if since is None else np.append(between, since)
    side = np.where(intervals > upper, 1, 0)
    side[: between.size] -= between < lower
    return _frame(between, since, center, lower, upper, np.full(intervals.size, np.nan), side, index)


def _frame(
    between: FloatArray,
    since: float | None,
    center: float,
    lower: float,
    upper: float,
    p_value: FloatArray,
    side: Any,
    index: Any,
) -> pd.DataFrame:
    import pandas as pd

    intervals = between if since is None else np.append(between, since)
    return pd.DataFrame(
        {
            "between": intervals,
            "open": np.arange(intervals.size) >= between.size,
            "center": center,
            "lower": lower,
            "upper": upper,
            "p_value": p_value,
            "signal": np.select(
                [np.asarray(side) > 0, np.asarray(side) < 0], ["less often", "more often"], ""
            ),
        },
        index=index if since is None else None,
    )
