"""Whether the quotas of a district will be met by their deadlines, from the course of its registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mchepi.outcomes.interim_pace import quota_pace
from mchepi.stats._validate import FloatArray, check_level

if TYPE_CHECKING:
    import pandas as pd

_QUOTA = ["item", "unit", "quota", "start_year", "start_month", "start_day", "deadline", "as_of"]
_WINDOW = 28  # days in which the usual count a day is taken to be the same
_POINTS = 6  # of the band between today and the deadline
_PACED = (
    *("done", "quota_completion", "usual_share", "forecast", "lower", "upper", "chance_met"),
    *("straight_line", "still_needed", "needed_a_day", "usual_a_day", "note"),
)
_PATH = ["item", "unit", "years_before", "day", "done", "lower", "upper"]


class QuotaForecasts(NamedTuple):
    """Quotas of a district and how far they are.

    Attributes
    ----------
    forecasts : pandas.DataFrame
        One row a quota: item, unit, quota, start_year, start_month, start_day, deadline and as_of (days of
        the period), then as `quota_pace` gives it, with earlier_years (how many courses it follows),
        dispersion and confidence_level.
    path : pandas.DataFrame
        For a figure: item, unit, years_before, day, done, and of the days to come (done is then the forecast)
        lower and upper.
    """

    forecasts: pd.DataFrame
    path: pd.DataFrame


def quota_forecasts(
    courses: pd.DataFrame, *, shift_days: float = 14, confidence_level: float = 0.95
) -> QuotaForecasts:
    """Forecast of the persons done by each quota's deadline, with the chance (0 to 1) that it is met.

    Parameters
    ----------
    courses : pandas.DataFrame
        Persons done by each day of the periods, as `Dataset.courses` gives it for a district.
    shift_days : float
        As in `quota_pace`: by how many days (standard deviation) this campaign may run later or sooner.
    confidence_level : float
        Level of the prediction limits.

    Returns
    -------
    QuotaForecasts
        Its tables: forecasts, path. The forecast follows every earlier year that the register holds from its
        beginning; without one there is none, and the note says so. After the deadline the count by it stands.

    Raises
    ------
    ValueError
        As `quota_pace`.

    Notes
    -----
    The dispersion that `quota_pace` asks for is the variance of the earlier years' counts a day over their
    mean, both within four weeks, and at least 1: about the size of a screening day.

    Examples
    --------
    Constructed: last year 40 women came every tenth day; this year 280 came in the first 100 days.

    >>> import pandas as pd
    >>> from mchepi.outcomes import quota_forecasts
    >>> days = [*range(10, 361, 10)]
    >>> usual = pd.DataFrame({"years_before": 1, "day": days, "done": [4 * day for day in days]})
    >>> now = pd.DataFrame({"years_before": 0, "day": [50, 100], "done": [120, 280]})
    >>> courses = pd.concat([usual, now], ignore_index=True).assign(item="women_screened_cervical",
    ...     unit="persons", quota=800, start_year=2025, start_month=1, start_day=1, deadline=304, as_of=100)
    >>> found = quota_forecasts(courses, shift_days=0).forecasts.loc[0]
    >>> int(found["done"]), float(found["straight_line"]), int(found["earlier_years"])
    (280, 851.2, 1)
    >>> [round(float(found[name])) for name in ("lower", "forecast", "upper")]
    [465, 846, 1466]
    """
    import pandas as pd

    level = check_level(confidence_level)
    rows, paths = [], []
    for key, own in courses.groupby(_QUOTA, sort=False):
        quota: dict[str, Any] = dict(zip(_QUOTA, key, strict=True))
        earlier = _daily(own[own["years_before"] > 0], int(quota["deadline"]))
        row, band = _forecast(own, quota, earlier, shift_days, level)
        rows.append({**quota, **row})
        seen = own[["years_before", "day", "done"]]
        paths.append(pd.concat([seen, band]).assign(item=str(quota["item"]), unit=str(quota["unit"])))
    if not rows:
        return QuotaForecasts(pd.DataFrame(columns=[*_QUOTA, *_PACED]), pd.DataFrame(columns=_PATH))
    path = pd.concat(paths, ignore_index=True).reindex(columns=_PATH)
    return QuotaForecasts(pd.DataFrame(rows), path)


def _forecast(
    own: pd.DataFrame, quota: dict[str, Any], earlier: pd.DataFrame, shift_days: float, level: float
) -> tuple[dict[str, Any], pd.DataFrame]:
    """What `quota_pace` says on the deadline, and on some days before it."""
    import pandas as pd

    day, deadline = min(quota["as_of"], quota["deadline"]), quota["deadline"]
    now = own[(own["years_before"] == 0) & (own["day"] <= day)]
    done = int(now["done"].max()) if len(now) else 0
    band = pd.DataFrame({"years_before": [], "day": [], "done": [], "lower": [], "upper": []})
    said = {"earlier_years": earlier.shape[1], "confidence_level": level}
    if day < 1:
        blank = dict.fromkeys(_PACED, np.nan)
        return {**blank, "done": 0, "note": "the register ends before the period", **said}, band
    if earlier.empty:
        flat = pd.Series([0.0, 1.0], [0.0, float(deadline)])  # a course to satisfy the call; nothing is kept
        row = quota_pace(
            done, quota=quota["quota"], day=day, deadline=deadline, earlier=flat, shift_days=0, dispersion=1
        )
        known = _first(row)
        unknown = dict.fromkeys(("usual_share", "forecast", "lower", "upper", "usual_a_day"), np.nan)
        chance = 1.0 if done >= quota["quota"] else 0.0 if day >= deadline else np.nan
        said_of_it = [one for one in known["note"].split("; ") if one and not one.startswith("not begun")]
        note = "; ".join([*said_of_it, "no earlier year"])
        return {**known, **unknown, "chance_met": chance, "note": note, **said}, band
    dispersion = _dispersion(earlier)
    asked = {"quota": quota["quota"], "day": day, "earlier": earlier, "shift_days": shift_days}
    asked |= {"dispersion": dispersion, "confidence_level": level}
    row = quota_pace(done, deadline=deadline, **asked)
    if day < deadline:
        days = np.unique(np.round(np.linspace(day, deadline, _POINTS + 1)))
        steps = pd.concat([quota_pace(done, deadline=float(one), **asked) for one in days])
        band = steps[["forecast", "lower", "upper"]].rename(columns={"forecast": "done"})
        band = band.assign(years_before=0, day=days.astype(int))
    return {**_first(row), **said, "dispersion": dispersion}, band


def _first(row: pd.DataFrame) -> dict[str, Any]:
    return {name: row[name].iloc[0] for name in _PACED}


def _daily(earlier: pd.DataFrame, deadline: int) -> pd.DataFrame:
    """Persons done by every day of the earlier years, a column a year."""
    import pandas as pd

    every = range(max(int(earlier["day"].max()) if len(earlier) else 0, deadline) + 1)
    columns = {
        str(before): rows.set_index("day")["done"].reindex(every).ffill().fillna(0)
        for before, rows in earlier.groupby("years_before")
    }
    return pd.DataFrame(columns, dtype=float)


def _dispersion(earlier: pd.DataFrame) -> float:
    """Variance of the counts a day over their mean, within windows of four weeks; at least 1."""
    counts: FloatArray = np.diff(earlier.to_numpy(dtype=float), axis=0)
    windows = len(counts) // _WINDOW
    within = counts[: windows * _WINDOW].reshape(windows, _WINDOW, -1)
    spread, mean = within.var(axis=1, ddof=1).sum(), within.mean(axis=1).sum()
    return max(1.0, float(spread / mean)) if mean > 0 else 1.0
