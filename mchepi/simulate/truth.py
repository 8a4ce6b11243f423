"""The truth behind a register, and what was planted in it, as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mchepi.indicators import indicator, indicators
from mchepi.simulate._draws import Values
from mchepi.simulate.entry_errors import EntryError
from mchepi.simulate.register import Register

FAULT_COLUMNS = (
    "kind",
    "nature",
    "district",
    "year_from",
    "year_to",
    "columns",
    "effect",
    "size",
    "true_count",
    "written",
    "description_zh",
    "description_en",
)


def truth_frame(register: Register, keys: pd.DataFrame) -> pd.DataFrame:
    """Give the rates behind the counts, for every indicator of the catalog that the columns can give."""
    parts = [_births(register, keys)]
    for row in (indicator(name) for name in indicators()["id"]):
        above, below = row.numerator_columns, row.denominator_columns
        if not {*above, *below} <= register.entries.keys():
            continue
        true = row.per * _mean(register, above) / _mean(register, below)
        expected = row.per * _mean(register, above, shown=True) / _mean(register, below, shown=True)
        parts.append(
            keys.assign(
                indicator=row.id,
                true_value=true.ravel(),
                expected_value=expected.ravel(),
                per=row.per,
                # a measurement that finds too many leaves out none
                reporting_probability=np.minimum(expected / true, 1.0).ravel(),
                note=_notes(register, above),
            )
        )
    # each part has the index of the keys: by district and year as counts are, then as in the catalog
    return pd.concat(parts).sort_index(kind="stable", ignore_index=True)


def faults_frame(
    register: Register, typed: Sequence[tuple[EntryError, int]], counts: pd.DataFrame
) -> pd.DataFrame:
    """List what was planted: first what holds over years, then the cells typed wrong."""
    span = register.draws.first_year, register.draws.last_year
    rows: list[tuple[object, ...]] = []
    for plant in register.planted.plants:
        first, last = plant.years(*span) or span
        texts = (plant.description_zh, plant.description_en)
        columns = ";".join(plant.columns)
        where = (plant.district, first, last, columns)
        rows.append((plant.kind, plant.nature, *where, plant.effect, plant.size, pd.NA, "", *texts))
    cells = counts.set_index(["district", "year"])
    for error, meant in typed:
        written = error.written
        if written is None:
            written = str(cells.loc[(error.district, error.year), error.column])
        texts = (error.description_zh, error.description_en)
        where = (error.district, error.year, error.year, error.column)
        rows.append((error.kind, "entry", *where, "", np.nan, meant, written, *texts))
    faults = pd.DataFrame(rows, columns=list(FAULT_COLUMNS))
    return faults.astype({"year_from": "int64", "year_to": "int64", "size": "float64", "true_count": "Int64"})


def _births(register: Register, keys: pd.DataFrame) -> pd.DataFrame:
    mean = _mean(register, ("live_births",)).ravel()
    notes = _notes(register, ("live_births",))
    return keys.assign(
        indicator="live_births",
        true_value=mean,
        expected_value=mean,
        per=1,
        reporting_probability=1.0,
        note=notes,
    )


def _mean(register: Register, columns: Sequence[str], *, shown: bool = False) -> Values:
    entries = [register.entries[column] for column in columns]
    return np.asarray(sum(entry.shown_mean if shown else entry.true_mean for entry in entries), dtype=float)


def _notes(register: Register, columns: Sequence[str]) -> list[str]:
    """Name the kinds of what is planted in these columns, for each district and year."""
    shape = (register.draws.districts, register.elapsed.size)
    kinds = np.full(shape, "", dtype=object)
    for plant in register.planted.plants:
        if set(plant.columns) & set(columns):
            here = register.planted.where(plant)
            kinds[here] = [f"{kind};{plant.kind}".lstrip(";") for kind in kinds[here]]
    return [str(kind) for kind in kinds.ravel()]
