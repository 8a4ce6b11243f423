"""What must hold across the cells of a district-year table: faults that make it unusable."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pandas as pd

from mchepi.indicators import indicator, indicators
from mchepi.intake.findings import Finding
from mchepi.intake.keys import id_column
from mchepi.intake.table import Table


def faults_of_counts(frame: pd.DataFrame, table: Table) -> list[Finding]:
    """Find what no table may hold; the frame is indexed by spreadsheet rows, empty cells are NA."""
    keyed = with_keys(frame)
    return [
        *_events_above_totals(frame, table),
        *_repeated(keyed, table),
        *_wholes_beside_parts(keyed, table),
    ]


def with_keys(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows whose district or year could not be read."""
    return frame[(frame["district"] != "") & (frame["year"] > 0)]


def keys_of(frame: pd.DataFrame) -> list[str]:
    """Give the columns that together may stand only once."""
    return [name for name in ("district", "year", "year_end", "stratum") if name in frame]


@cache
def contained_counts() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Give the pairs (numerator columns, denominator columns) whose first sum cannot exceed the second."""
    found = [indicator(name) for name in indicators()["id"]]
    pairs = [
        (one.numerator_columns, one.denominator_columns)
        for one in found
        if one.kind != "administrative" and (one.numerator_in_denominator or one.basis == "risk")
    ]
    return tuple(dict.fromkeys(pairs))


def _events_above_totals(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    for events, total in contained_counts():
        if not set(events) | set(total) <= set(frame.columns):
            continue
        counted = frame[list(events)].sum(axis=1, skipna=False)
        whole = frame[list(total)].sum(axis=1, skipna=False)
        named = " + ".join(table.headers[name] for name in total)
        for row in frame.index[(counted > whole).fillna(False)]:
            yield table.found(
                "error",
                "events_within_total",
                f"must be at most {named} ({whole[row]:,}); got {counted[row]:,}",
                "Correct one of the two; they may be swapped.",
                row=int(row),
                columns=events,
                value=str(counted[row]),
            )


def _repeated(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    keys = keys_of(frame)
    repeated = frame[frame.duplicated(keys)]
    first = frame.assign(row=frame.index).groupby(keys)["row"].transform("first")
    for row, district, year in zip(repeated.index, repeated["district"], repeated["year"], strict=True):
        yield table.found(
            "error",
            "duplicate_district_year",
            f"must stand once a district and year; got {district} {year} again (first in row {first[row]})",
            "Delete one of the two rows, or correct its district or year.",
            row=int(row),
            columns=[id_column(table) or "district"],
            value=district,
        )


def _wholes_beside_parts(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    """Find rows without a stratum beside the strata of the same district and year."""
    if "stratum" not in frame:
        return
    keys = [name for name in keys_of(frame) if name != "stratum"]
    blank = frame["stratum"] == ""
    has_strata = (~blank).groupby([frame[name] for name in keys]).transform("any")
    for row in frame.index[blank & has_strata]:
        yield table.found(
            "error",
            "stratum",
            "must be filled where the same district and year has rows by stratum; got an empty cell",
            "Name the stratum, or write 合计 (total) there if the row is their sum: it is then left out.",
            row=int(row),
            columns=("stratum",),
            value="",
        )
