"""What should hold across a district-year table: no contradictions, jumps, overlaps; findings only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from mchepi.indicators import contradictions
from mchepi.intake.checks import keys_of, with_keys
from mchepi.intake.findings import Finding
from mchepi.intake.headers import count_columns
from mchepi.intake.table import Table

_FEWEST_OTHER_YEARS = 3
_TIMES = 3.0
_STANDARD_ERRORS = 4.0


def remarks_on_counts(frame: pd.DataFrame, table: Table) -> list[Finding]:
    """Find what should be looked at; the frame is indexed by spreadsheet rows, empty cells are NA."""
    frame = with_keys(frame)
    frame = frame[~frame.duplicated(keys_of(frame))]
    counted = [name for name in count_columns() if name in frame]
    return [
        *_contradicting(frame, table),
        *_far_from_history(frame, counted, table),
        *_overlapping(frame, counted, table),
        *_renamed(frame, table),
    ]


def far_from_history(counts: pd.Series) -> pd.DataFrame:
    """Find counts far from the median of the district's other years.

    Far is: at least three times or at most a third of it. Small counts move that much by chance, so the
    difference must be four standard errors of a Poisson count as well (on the scale of square roots, where
    one is a half), and at least three other years must be known.

    Parameters
    ----------
    counts : pandas.Series
        Indexed by district (one or more levels) and, as the last level, year.

    Returns
    -------
    pandas.DataFrame
        The far ones by the same index: `count`, `median` (of the other years), `years` (how many of them).

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["A"], range(2019, 2024)], names=["district", "year"])
    >>> far_from_history(pd.Series([1430, 1390, 14100, 1350, 1290], index=index))
                     count  median  years
    district year
    A        2021  14100.0  1370.0      4
    """
    wide = counts.astype("Float64").unstack()
    values = wide.to_numpy(float, na_value=np.nan)
    others = np.sort(np.where(np.eye(values.shape[1], dtype=bool), np.nan, values[:, np.newaxis, :]))
    known = (~np.isnan(others)).sum(axis=2)  # NaN is sorted behind the numbers
    below, above = (np.maximum(place, 0)[..., np.newaxis] for place in ((known - 1) // 2, known // 2))
    above = np.minimum(above, values.shape[1] - 1)
    middle = (np.take_along_axis(others, below, 2) + np.take_along_axis(others, above, 2))[..., 0] / 2
    far = np.maximum(values, middle) >= _TIMES * np.minimum(values, middle)
    far &= 2 * np.abs(np.sqrt(values) - np.sqrt(middle)) >= _STANDARD_ERRORS
    far &= known >= _FEWEST_OTHER_YEARS
    found = {"count": values[far], "median": middle[far], "years": known[far]}
    labels = pd.MultiIndex.from_tuples(
        [
            (
                *(wide.index[row] if isinstance(wide.index, pd.MultiIndex) else (wide.index[row],)),
                wide.columns[year],
            )
            for row, year in zip(*np.nonzero(far), strict=True)
        ],
        names=counts.index.names,
    )
    return pd.DataFrame(found, index=labels)


def _far_from_history(frame: pd.DataFrame, counted: Sequence[str], table: Table) -> Iterator[Finding]:
    single = frame if "year_end" not in frame else frame[frame["year"] == frame["year_end"]]
    if single.empty:
        return
    keys = [name for name in ("district", "stratum", "year") if name in single]
    by_key = single.assign(row=single.index).set_index(keys)
    row_of = by_key["row"]
    for name in counted:
        for key, count, median, years in far_from_history(by_key[name]).itertuples():
            message = (
                f"is far from the district's other years: {count:,.0f} in {key[-1]}, "
                f"while their median is {median:,.0f} ({years} years)"
            )
            fix = "Check for a slipped digit or a changed area; it is used as it stands."
            row = int(row_of[key])
            yield table.found(
                "finding", "history", message, fix, row=row, columns=[name], value=f"{count:.0f}"
            )


def _contradicting(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    # Strata and rows over several years share a district and year; each set passed has every pair once.
    for _, rows in frame.groupby(frame.groupby(["district", "year"]).cumcount()):
        row_of = rows.assign(row=rows.index).set_index(["district", "year"])["row"]
        for found in contradictions(rows.reset_index(drop=True)).to_dict("records"):
            yield table.found(
                "finding",
                "contradiction",
                found["message_en"].rstrip("."),
                "Check these counts against each other.",
                row=int(row_of[found["district"], found["year"]]),
                columns=found["columns"].split(";"),
                value=found["values"],
            )


def _overlapping(frame: pd.DataFrame, counted: Sequence[str], table: Table) -> Iterator[Finding]:
    """Rows over several years that state a count which another row states for some of these years."""
    if "year_end" not in frame:
        return
    unit = [name for name in ("district", "stratum") if name in frame]
    for _, rows in frame.groupby(unit, sort=False):
        for row, first, last in zip(rows.index, rows["year"], rows["year_end"], strict=True):
            meets = (rows["year"] <= last) & (rows["year_end"] >= first) & (rows.index > row)
            shared = rows.loc[meets, counted].notna() & rows.loc[row, counted].notna()
            for other in shared.index[shared.any(axis=1)]:
                names = [name for name in counted if shared.at[other, name]]
                message = f"states counts for years that row {row} covers as well ({first}-{last})"
                fix = "Keep one of the two rows, or these years are counted twice."
                yield table.found("finding", "overlap", message, fix, row=int(other), columns=names)


def _renamed(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    first_row = frame.assign(row=frame.index).groupby("district", sort=False)["row"].transform("first")
    for name in (name for name in ("name_zh", "name_en") if name in table.headers):
        first = frame.loc[first_row, name].set_axis(frame.index)
        changed = frame[frame[name] != first].drop_duplicates(["district", name])
        for row, district, new in zip(changed.index, changed["district"], changed[name], strict=True):
            message = f"calls district {district} {new!r}; row {first_row[row]} calls it {first[row]!r}"
            fix = "Correct the id or the name; a district that was renamed may keep both."
            yield table.found("finding", "renamed", message, fix, row=int(row), columns=[name], value=new)
