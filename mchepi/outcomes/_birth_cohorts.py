"""Births of a survey by cluster: deaths and exposure in the age segments of the synthetic cohort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mchepi.outcomes._records import read, refuse, refuse_unshown
from mchepi.stats._validate import FloatArray, Layout, Mask

if TYPE_CHECKING:
    import pandas as pd

SEGMENTS = ((0, 1), (1, 3), (3, 6), (6, 12), (12, 24), (24, 36), (36, 48), (48, 60))
SHORTEST = 12  # months of a period: as long as the longest segment
_FIX = "Correct them, or leave those births out."


@dataclass(frozen=True)
class Births:
    """Columns of the births that count, in months; the period of each ends before `end`."""

    birth: FloatArray
    death_age: FloatArray  # NaN for the living
    weight: FloatArray
    cluster: NDArray[np.int64]
    begin: FloatArray
    end: FloatArray
    to_interview: bool

    def only(self, chosen: Mask) -> Births:
        _, cluster = np.unique(self.cluster[chosen], return_inverse=True)
        return Births(
            self.birth[chosen],
            self.death_age[chosen],
            self.weight[chosen],
            cluster.astype(np.int64),
            self.begin[chosen],
            self.end[chosen],
            self.to_interview,
        )


@dataclass(frozen=True)
class Cohorts:
    """Sums by cluster and segment, and without weights over all clusters."""

    deaths: FloatArray  # clusters x segments, weighted
    exposure: FloatArray
    counted_deaths: FloatArray  # segments
    counted_exposure: FloatArray


def read_births(
    births: pd.DataFrame,
    columns: dict[str, str | None],
    period: int,
    end: str | int | None,
) -> Births:
    """The births with a weight, checked; messages show positions, never a row."""
    absent = [name for name in columns.values() if name is not None and name not in births.columns]
    if absent:
        raise ValueError(
            f"`births` must have the columns that are named; got none called {', '.join(absent)}. "
            "Name yours: birth=, interview=, death_age=, weight=, cluster=."
        )
    if isinstance(period, bool) or not isinstance(period, int) or period < SHORTEST:
        raise ValueError(f"`period` must be whole months, {SHORTEST} or more; got {period!r}. Write 60.")
    given = {
        name: _months(name, births[column]) if name in ("birth", "interview") else births[column].to_numpy()
        for name, column in columns.items()
        if column is not None and name != "cluster"
    }
    given.setdefault("weight", np.ones(len(births)))
    arrays, _, places = read(**given)
    read_columns = dict(zip(given, arrays, strict=True))
    _check(read_columns, places)
    ends = read_columns["interview"] if end is None else np.full(len(births), _month(end))
    refuse_unshown(
        ends > read_columns["interview"], "end", "no later than any interview", "Choose an earlier month."
    )
    cluster = columns["cluster"]
    codes = np.arange(len(births)) if cluster is None else _codes(births[cluster])
    everyone = Births(
        read_columns["birth"],
        read_columns["death_age"],
        read_columns["weight"],
        codes.astype(np.int64),
        ends - period,
        ends,
        end is None,
    )
    return everyone.only(everyone.weight > 0)


def cohorts(births: Births) -> Cohorts:
    """Deaths and exposure: half of the children who cross an edge of the period, all of the others."""
    clusters = int(births.cluster.max()) + 1 if births.cluster.size else 0
    deaths, exposure = np.zeros((clusters, len(SEGMENTS))), np.zeros((clusters, len(SEGMENTS)))
    counted_deaths, counted_exposure = np.zeros(len(SEGMENTS)), np.zeros(len(SEGMENTS))
    alive = np.isnan(births.death_age)
    for place, (first, after) in enumerate(SEGMENTS):
        reached = alive | (births.death_age >= first)
        died = births.death_age < after
        crossing_in = (births.birth >= births.begin - after) & (births.birth < births.begin - first)
        inside = (births.birth >= births.begin - first) & (births.birth < births.end - after)
        crossing_out = (births.birth >= births.end - after) & (births.birth < births.end - first)
        share = reached * (0.5 * crossing_in + 1.0 * inside + 0.5 * crossing_out)
        # Deaths after the interview are not known: those known of the last children are in the period.
        last = 1.0 if births.to_interview else 0.5
        lost = (reached & died) * (0.5 * crossing_in + 1.0 * inside + last * crossing_out)
        exposure[:, place] = np.bincount(births.cluster, share * births.weight, clusters)
        deaths[:, place] = np.bincount(births.cluster, lost * births.weight, clusters)
        counted_exposure[place], counted_deaths[place] = share.sum(), lost.sum()
    return Cohorts(deaths, exposure, counted_deaths, counted_exposure)


def _check(columns: dict[str, FloatArray], places: Layout) -> None:
    for name in ("birth", "interview", "weight"):
        refuse_unshown(np.isnan(columns[name]), name, "known for every birth", _FIX)
    refuse(columns["weight"] < 0, "weight", "0 or more", columns["weight"], places, _FIX)
    after = columns["birth"] > columns["interview"]
    refuse_unshown(after, "birth", "no later than the interview", _FIX)
    ages, weights = columns["death_age"], columns["weight"]
    refuse(ages < 0, "death_age", "months, 0 or more", ages, places, _FIX)
    late = np.floor(ages) > columns["interview"] - columns["birth"]
    refuse_unshown(late, "death_age", "reached before the interview", _FIX)
    if not (weights > 0).any():
        raise ValueError("`births` must hold births with a weight above 0; got none. Check the column.")


def _months(name: str, column: pd.Series[Any]) -> Any:
    """Months since January 1900 (1 = January): as given, or from dates."""
    import pandas as pd

    if column.dtype.kind in "iuf":
        return column.to_numpy()
    missing = np.asarray(column.isna())
    dates = pd.to_datetime(column, errors="coerce", format="ISO8601") if column.dtype.kind != "M" else column
    refuse_unshown(np.asarray(dates.isna()) & ~missing, name, "month numbers or dates", _FIX)
    return ((dates.dt.year - 1900) * 12 + dates.dt.month).to_numpy(dtype=float, na_value=np.nan)


def _month(end: str | int) -> float:
    if isinstance(end, int) and not isinstance(end, bool):
        return float(end)
    parts = end.split("-") if isinstance(end, str) else []
    if len(parts) == 2 and all(part.isdigit() for part in parts) and 1 <= int(parts[1]) <= 12:
        return float((int(parts[0]) - 1900) * 12 + int(parts[1]))
    raise ValueError(f'`end` must be a month such as "2023-09"; got {end!r}. Write year and month.')


def _codes(column: pd.Series[Any]) -> NDArray[np.int64]:
    import pandas as pd

    codes, _ = pd.factorize(column)
    refuse_unshown(codes < 0, "cluster", "known for every birth", _FIX)
    return codes.astype(np.int64)
