"""Read the arguments of `joinpoint`: series of values with their years, weights and zero counts."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats._validate import FloatArray, Mask, align

if TYPE_CHECKING:
    import pandas as pd

# Rounding of a logarithm or a value, relative to its size: errors this small are no errors.
_ROUNDING = 1e-13


@dataclass(frozen=True)
class SeriesData:
    """Series in ascending order of time; `y`, `weight`, `zero` are series x times, NaN in `y` is missing.

    `counted` is the events of each series in all observed years, NaN where none were given. `order` puts the
    times as given into ascending order. `index` is that of the Series given for one series, or of the rows of
    a DataFrame for many.
    """

    time: FloatArray
    y: FloatArray
    weight: FloatArray
    zero: Mask
    rounding: FloatArray
    counted: FloatArray
    order: Any
    single: bool
    index: pd.Index[Any] | None

    def name(self, series: int) -> str:
        """Name a series at the end of a message; nothing for a single one."""
        return "" if self.single else f" at series {series if self.index is None else self.index[series]}"


def read_series(
    year: Any,
    value: Any,
    *,
    model: str,
    variance: str,
    standard_error: Any,
    events: Any,
    person_time: Any,
) -> SeriesData:
    """Check the arguments and give logarithms (or values), weights and which counts were zero."""
    _require_partners(value, variance, standard_error, events, person_time)
    tables = {
        name: given
        for name, given in (
            ("value", value),
            ("standard_error", standard_error),
            ("events", events),
            ("person_time", person_time),
        )
        if given is not None
    }
    main = "value" if value is not None else "events"
    single = np.ndim(tables[main]) == 1
    if single:
        arrays, layout = align(year=year, **tables)
        if len(layout.shape) != 1 or arrays[0].shape != layout.shape:
            raise ValueError(
                f"`year` must have one entry a value; got shapes {arrays[0].shape} and {layout.shape}. "
                "Give a year for every value."
            )
        read = {name: np.broadcast_to(array, layout.shape)[np.newaxis] for name, array in zip(
            tables, arrays[1:], strict=True
        )}  # fmt: skip
        time, index = arrays[0], layout.index
    else:
        time = align(year=year)[0][0]
        read, index = _read_tables(tables, time, main)
    order = _order(time)
    read = {name: array[:, order] for name, array in read.items()}
    labels = _Labels(time[order], single, index)
    y, weight, zero = _transform(read, model, variance, labels)
    size = np.maximum(np.abs(np.nan_to_num(y)), 1) if model == "log" else _largest(y)
    rounding = _ROUNDING**2 * (np.where(np.isnan(y), 0, weight) * size**2).sum(axis=1)
    counted = np.full(len(y), np.nan)
    if "events" in read:
        counted = np.where(np.isnan(y) | np.isnan(read["events"]), 0, read["events"]).sum(axis=1)
    return SeriesData(time[order], y, weight, zero, rounding, counted, order, single, index)


@dataclass(frozen=True)
class _Labels:
    time: FloatArray
    single: bool
    index: Any

    def refuse(self, bad: Mask, name: str, values: FloatArray, rule: str, fix: str) -> None:
        """Raise if any value is bad, naming the first three by series and year."""
        places = np.argwhere(bad)
        if not len(places):
            return
        shown = []
        for series, place in places[:3]:
            row = "" if self.single else f"series {series if self.index is None else self.index[series]}, "
            shown.append(f"{values[series, place]:.15g} at {row}year {self.time[place]:.15g}")
        more = f" (first three of {len(places)})" if len(places) > 3 else ""
        raise ValueError(f"`{name}` must be {rule}; got {', '.join(shown)}{more}. {fix}")


def _require_partners(value: Any, variance: str, standard_error: Any, events: Any, person_time: Any) -> None:
    if value is None and (events is None or person_time is None):
        raise ValueError(
            "`value` must be given, or `events` with `person_time`; got neither. Pass rates or counts."
        )
    if variance == "standard_error" and standard_error is None:
        raise ValueError(
            "`standard_error` must be given for variance='standard_error'; got None. "
            "Pass the standard error of every value, or use variance='constant'."
        )
    if variance != "standard_error" and standard_error is not None:
        raise ValueError(
            f"`variance` must be 'standard_error' for `standard_error` to be used; got {variance!r}. "
            "Set variance='standard_error', or leave the standard errors out."
        )
    if variance == "poisson" and events is None:
        raise ValueError(
            "`events` must be given for variance='poisson', they are the weights; got None. "
            "Pass the number of events of every year."
        )


def _read_tables(
    tables: dict[str, Any], time: FloatArray, main: str
) -> tuple[dict[str, FloatArray], pd.Index[Any] | None]:
    """Read tables of series x years, and the labels of the series; one row of years holds for all."""
    pandas = sys.modules.get("pandas")
    read = {}
    index = None
    for name, given in tables.items():
        if pandas is not None and isinstance(given, pandas.DataFrame):
            if list(given.columns) != list(time):
                raise ValueError(
                    f"`{name}` must have the years as columns, in the order of `year`; "
                    f"got {list(given.columns)[:3]} … . Pass `{name}[year]`."
                )
            if index is not None and not given.index.equals(index):
                raise ValueError(
                    f"`{main}` and `{name}` must have equal indexes; got different rows. "
                    f"Align them first, for example {name}.reindex({main}.index)."
                )
            index = given.index
            given = given.to_numpy(dtype=np.float64, na_value=np.nan)
        read[name] = align(**{name: given})[0][0]
    shape = (read[main].shape[0], len(time)) if read[main].ndim == 2 else None
    for name, array in read.items():
        if shape is None or array.shape not in (shape, shape[1:], ()):
            raise ValueError(
                f"`{name}` must have one column a year ({len(time)}) and one row a series; "
                f"got shape {array.shape}. Give series x years."
            )
    return {name: np.broadcast_to(array, shape or ()) for name, array in read.items()}, index


def _order(time: FloatArray) -> Any:
    if time.ndim != 1 or not np.isfinite(time).all():
        raise ValueError(
            "`year` must be one row of finite numbers; got something else. Give the years as numbers."
        )
    order = np.argsort(time, kind="stable")
    repeated = time[order][1:][np.diff(time[order]) == 0]
    if len(repeated):
        shown = ", ".join(f"{year:.15g}" for year in np.unique(repeated)[:3])
        raise ValueError(
            f"`year` must name every year once; got {shown} more than once. Add up or drop the repeats."
        )
    return order


def _transform(
    read: dict[str, FloatArray], model: str, variance: str, labels: _Labels
) -> tuple[FloatArray, FloatArray, Mask]:
    events, person_time = read.get("events"), read.get("person_time")
    if events is not None:
        fine = (events >= 0) & (events == np.floor(events)) & (events < np.inf)
        labels.refuse(
            ~fine & ~np.isnan(events), "events", events, "a whole number, 0 or more", "Correct the counts."
        )
    if person_time is not None:
        bad = ~((person_time > 0) & (person_time < np.inf)) & ~np.isnan(person_time)
        labels.refuse(
            bad, "person_time", person_time, "a number above 0", "Correct or leave out those years."
        )
    value = read["value"] if "value" in read else np.asarray(read["events"] / read["person_time"])
    zero = np.zeros(value.shape, dtype=bool)
    if events is not None and (model == "log" or variance == "poisson"):
        value, events, zero = _half_for_zero(value, events, person_time, labels)
    if model == "log":
        labels.refuse(
            ~(value > 0) & ~np.isnan(value),
            "value",
            value,
            "above 0 for model='log'",
            "A rate of 0 has no logarithm: give `events` and `person_time` (a count of 0 is then taken as "
            "0.5), or use model='linear'.",
        )
    labels.refuse(
        np.isinf(value), "value", value, "finite", "Correct the values or leave them out as missing."
    )
    weight: FloatArray
    y: FloatArray = np.array(np.log(value) if model == "log" else value)
    if variance == "standard_error":
        error = read["standard_error"]
        labels.refuse(
            ~((error > 0) & (error < np.inf)) & ~np.isnan(value),
            "standard_error",
            error,
            "a number above 0 wherever there is a value",
            "Correct it, or leave out the value of that year.",
        )
        weight = (value / error) ** 2 if model == "log" else 1 / error**2
    elif variance == "poisson" and events is not None:
        y[np.isnan(events)] = np.nan
        weight = events if model == "log" else events / value**2
    else:
        weight = np.ones(y.shape)
    return y, np.where(np.isnan(y), 1.0, weight), zero & ~np.isnan(y)


def _half_for_zero(
    value: FloatArray, events: FloatArray, person_time: FloatArray | None, labels: _Labels
) -> tuple[FloatArray, FloatArray, Mask]:
    """Take zero counts as 0.5, in the weight and, divided by the person-time, on the scale of the value."""
    zero = events == 0
    if person_time is None:
        labels.refuse(
            zero,
            "events",
            events,
            "above 0 without `person_time`",
            "Give `person_time` to place the zero counts.",
        )
        return value, events, zero
    rate = events / person_time
    scale = np.full(value.shape[0], np.nan)
    known = (events > 0) & (value > 0) & (rate > 0)
    for series in np.flatnonzero(known.any(axis=1)):
        own = known[series]
        scale[series] = value[series, own].sum() / rate[series, own].sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        off = value / rate / scale[:, np.newaxis]
    labels.refuse(
        known & ((off > 2) | (off < 0.5)),
        "value",
        value,
        "proportional to `events` / `person_time`",
        "Check that they stand in the same order and in one unit.",
    )
    half = 0.5 / person_time * np.nan_to_num(scale, nan=1.0)[:, np.newaxis]
    return np.where(zero, half, value), np.where(zero, 0.5, events), zero


def _largest(y: FloatArray) -> FloatArray:
    return np.asarray(np.nan_to_num(np.abs(y)).max(axis=1, keepdims=True))


def whole_number(name: str, given: Any, least: int) -> int:
    """Require a whole number, `least` or more."""
    if isinstance(given, Integral) and not isinstance(given, bool) and int(given) >= least:
        return int(given)
    raise ValueError(f"`{name}` must be a whole number, {least} or more; got {given!r}. Give such a number.")
