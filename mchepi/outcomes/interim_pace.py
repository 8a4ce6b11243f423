"""Whether a year's quota will be met by its deadline, after the course of earlier years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from mchepi.stats._validate import (
    FloatArray,
    align,
    check_amounts,
    check_counts,
    check_level,
    check_positive,
    refuse_where,
)

if TYPE_CHECKING:
    import pandas as pd

NODES = 201  # shifts, equally probable


def quota_pace(
    done: int,
    *,
    quota: int,
    day: float,
    deadline: float,
    earlier: Any,
    shift_days: float,
    dispersion: float,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    r"""Forecast of the persons done by a deadline, and chance (0 to 1) that a quota is met by then.

    A campaign is no straight line: it pauses for harvest, New Year and lambing. This year is taken to run
    like an earlier year, with another size and begun sooner or later.

    Parameters
    ----------
    done : int
        Persons done by `day`.
    quota : int
        Persons to be done by `deadline`.
    day, deadline : float
        Days since the year began (for 31 October after 1 January: 304).
    earlier : Series or DataFrame
        Persons done by each day in an earlier year, the day as index; columns are years, all taken as equally
        likely models. It must reach the deadline. Nobody is done by day 0; between days the count grows
        evenly.
    shift_days : float
        Standard deviation of the days by which this campaign may run later or sooner than an earlier one. One
        earlier year cannot show it, so it is asked for: 14 to 30 where nothing is fixed by date.
    dispersion : float
        Variance of the counts over their mean. Persons come in groups: screening days of 40 make it about 40.
        With 1, each came alone and the limits are far too narrow for a campaign.
    confidence_level : float
        Level of the prediction limits.

    Returns
    -------
    pandas.DataFrame
        One row: done, quota, quota_completion (done over quota), usual_share (share of the deadline's count
        done by this day in earlier years, their mean), forecast (median of the count at the deadline), lower,
        upper, chance_met, straight_line (what done over days would give), still_needed, needed_a_day, and
        usual_a_day (this year's size at the usual course, a day from now on), method, note.

    Raises
    ------
    ValueError
        Counts that are negative or fractional, a course that falls, has gaps or ends before the deadline, or
        a day below 0.

    Notes
    -----
    Of a year of unknown size with :math:`x` persons done, those still to come are negative binomial with size
    :math:`x + 1/2` and mean :math:`(x + 1/2) r`, :math:`r = (G(deadline - s) - G(day - s)) / G(day - s)` for
    an earlier course :math:`G` and a shift :math:`s \sim N(0, shift\_days^2)`. With a dispersion it is the
    groups that are so distributed, and the persons are spread evenly between them. The forecast mixes 201
    equally probable shifts of every earlier year. A shift by which the earlier year had not begun forecasts
    nothing; where those are more than the tail, the upper limit is inf and the chance unknown.

    The forecast knows nothing of what managers do: a stop at the quota, a spurt before the deadline, a lost
    team. Read it as "at the usual course". Quota completion is no coverage.

    Examples
    --------
    Constructed: last year half of the 1,900 women screened by the end of October came in its last two months.
    This year 1,000 were done by the end of August: a straight line says 1,251, last year's course 2,000.

    >>> import pandas as pd
    >>> from mchepi.outcomes import quota_pace
    >>> last = pd.Series([0, 300, 850, 950, 1900, 2000], [59, 120, 181, 243, 304, 365])
    >>> pace = quota_pace(
    ...     1000, quota=2000, day=243, deadline=304, earlier=last, shift_days=14, dispersion=40
    ... ).loc[0]
    >>> float(pace["usual_share"]), round(pace["straight_line"])
    (0.5, 1251)
    >>> print(pace[["forecast", "lower", "upper", "chance_met"]].to_string())
    forecast        1785.0
    lower           1293.0
    upper           2430.0
    chance_met    0.241138
    """
    import pandas as pd

    level = check_level(confidence_level)
    check_positive("dispersion", dispersion)
    check_positive("deadline", deadline)
    (count, goal), layout = align(done=done, quota=quota)
    check_counts("done", count, layout, of="persons")
    check_counts("quota", goal, layout, of="persons")
    (now, shift), layout = align(day=day, shift_days=shift_days)
    check_amounts("day", now, layout)
    check_amounts("shift_days", shift, layout)
    x, target, today, end = float(count), float(goal), float(now), float(deadline)
    courses = _courses(earlier, end)
    tail = (1 - level) / 2
    more = _more(courses, x, today, end, float(shift), dispersion)
    lower, value, upper = (x + more.quantile(chance) for chance in (tail, 0.5, 1 - tail))
    known = x >= target or more.unknown <= tail
    chance_met = 1.0 if x >= target else 1 - more.unknown - more.at_most(target - x - 1)
    usual_now, usual_end = (np.array([course(at) for course in courses]) for at in (today, end))
    with np.errstate(divide="ignore", invalid="ignore"):
        share, ahead = np.mean(usual_now / usual_end), np.mean((usual_end - usual_now) / usual_now)
    left = end - today
    forecast = np.isfinite(value)
    row = {
        "done": int(x),
        "quota": int(target),
        "quota_completion": x / target if target else np.nan,
        "usual_share": float(share),
        "forecast": value if forecast else np.nan,
        "lower": lower if forecast else np.nan,
        "upper": upper if forecast else np.nan,
        "chance_met": chance_met if known else np.nan,
        "straight_line": x * max(end / today, 1.0) if today > 0 else np.nan,
        "still_needed": int(max(target - x, 0)),
        "needed_a_day": max(target - x, 0) / left if left > 0 else np.nan,
        "usual_a_day": x * ahead / left if left > 0 and np.isfinite(ahead) else np.nan,
        "method": "shifted course",
        "note": "; ".join(_said(x >= target, more.unknown, tail, left)),
    }
    return pd.DataFrame([row])


@dataclass(frozen=True)
class _More:
    """Persons still to come: a mixture over shifts, a part of which forecasts nothing."""

    size: float
    success: FloatArray  # of the negative binomial, one a shift that forecasts
    unknown: float
    dispersion: float

    def at_most(self, count: float) -> float:
        groups = (count + 0.5) / self.dispersion - 0.5  # the count itself where persons come one by one
        chances = special.betainc(self.size, groups + 1, self.success)
        return float(chances.mean() * (1 - self.unknown)) if self.success.size else 0.0

    def quantile(self, chance: float) -> float:
        """The smallest count reached with this chance; inf where too many shifts forecast nothing."""
        if chance >= 1 - self.unknown:
            return np.inf
        high = 1.0
        while self.at_most(high) < chance:
            high *= 2
        low = -1.0
        while high - low > 1:
            middle = np.floor((low + high) / 2)
            low, high = (low, middle) if self.at_most(middle) >= chance else (middle, high)
        return high


def _more(
    courses: list[Callable[[Any], Any]], x: float, today: float, end: float, shift: float, dispersion: float
) -> _More:
    if end <= today:
        return _More(1.0, np.ones(1), 0.0, 1.0)
    shifts = shift * special.ndtri((np.arange(NODES) + 0.5) / NODES)
    before = np.concatenate([course(today - shifts) for course in courses])
    after = np.concatenate([course(end - shifts) for course in courses])
    begun = before >= 1
    growth = (after[begun] - before[begun]) / before[begun]
    unknown = 1 - np.count_nonzero(begun) / begun.size
    return _More(x / dispersion + 0.5, 1 / (1 + growth), unknown, dispersion)


def _courses(earlier: Any, end: float) -> list[Callable[[Any], Any]]:
    """Persons done by any day of each earlier year, growing evenly between the days that are given."""
    import pandas as pd

    if not isinstance(earlier, pd.Series | pd.DataFrame):
        raise ValueError(
            f"`earlier` must be a Series or a DataFrame with days as index; got {type(earlier).__name__}. "
            "Give the persons done by each day."
        )
    frame = earlier.to_frame() if isinstance(earlier, pd.Series) else earlier
    (days,), layout = align(days=np.asarray(frame.index, dtype=object))
    check_amounts("days", days, layout, "Give the days since the year began as the index of `earlier`.")
    if days.size == 0 or frame.shape[1] == 0 or not (np.diff(days) > 0).all() or not days[-1] >= end:
        raise ValueError(
            f"`earlier` must have days that ascend and reach the deadline {end:g}; got "
            f"{days.size} days{f' to {days.max():g}' if days.size else ''}. Add the later counts."
        )
    found: list[Callable[[Any], Any]] = []
    for name, column in frame.items():
        (counts,), layout = align(earlier=column)
        fix = f"Correct the counts of {name}, or drop those days."
        check_amounts("earlier", counts, layout, fix)
        gaps = np.isnan(counts)
        refuse_where(gaps, "earlier", "known on every day of its index", counts, layout, fix)
        falls = np.concatenate([[False], np.diff(counts) < 0])
        refuse_where(falls, "earlier", "cumulative: never falling", counts, layout, fix)
        start = ([0.0], [0.0]) if days[0] > 0 else ([], [])
        at, by = (np.concatenate([first, rest]) for first, rest in zip(start, (days, counts), strict=True))
        found.append(partial(np.interp, xp=at, fp=by, left=0.0))
    return found


def _said(met: bool, unknown: float, tail: float, left: float) -> list[str]:
    phrases = (
        (met, "quota met already"),
        (left <= 0, "the deadline has come"),
        (unknown > tail and not met, f"not begun by this day in {100 * unknown:.0f} % of the courses"),
    )
    return [phrase for holds, phrase in phrases if holds]
