"""What should hold across a district-year table, but stops no work: contradictions, jumps, overlaps."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from mchepi.indicators import contradictions
from mchepi.indicators.consistency import ABOVE_DENOMINATOR
from mchepi.intake.checks import keys_of, with_keys
from mchepi.intake.findings import Finding
from mchepi.intake.headers import count_columns
from mchepi.intake.table import Table


def remarks_on_counts(frame: pd.DataFrame, table: Table) -> list[Finding]:
    """Find what should be looked at; the frame is indexed by spreadsheet rows, empty cells are NA."""
    frame = with_keys(frame)
    frame = frame[~frame.duplicated(keys_of(frame))]
    return [*_contradicting(frame, table), *_overlapping(frame, table), *_renamed(frame, table)]


def _contradicting(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    """Report counts that contradict each other, or the district's other years."""
    for rows in _comparable(frame):
        row_of = rows.assign(row=rows.index).set_index(["district", "year"])["row"]
        for found in contradictions(rows.reset_index(drop=True)).to_dict("records"):
            if found["rule"] == ABOVE_DENOMINATOR:
                continue  # an error of the file, said already
            yield table.found(
                "finding",
                found["rule"],
                found["message_en"].rstrip("."),
                "Compare them with their source; they are used as they stand.",
                row=int(row_of[found["district"], found["year"]]),
                columns=found["columns"].split(";"),
                value=found["values"],
            )


def _comparable(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Rows of one stratum that cover as many years: each district and year stands once among them."""
    by = frame["stratum"] if "stratum" in frame else pd.Series("", frame.index)
    years = frame["year_end"] - frame["year"] if "year_end" in frame else pd.Series(0, frame.index)
    for _, rows in frame.groupby([by, years], sort=False):
        yield rows


def _overlapping(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    """Rows over several years that state a count which another row states for some of these years."""
    if "year_end" not in frame:
        return
    counted = [name for name in count_columns() if name in frame]
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
