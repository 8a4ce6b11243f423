"""The published cut-offs and adjustments of hemoglobin, g/L, as data with their sources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from mchepi.outcomes._tables import rows_of
from mchepi.stats._validate import FloatArray

# Hemoglobin is read to 0.1 g/L at best; a millionth is what arithmetic leaves behind, not blood.
DECIMALS = 6
LIKELY = (40.0, 200.0)  # g/L; outside it a value is flagged
SEVERITIES = ("none", "mild", "moderate", "severe")
EQUATION_BEGINS_2011 = 1000.0  # m; recalled, unverified
HIGHEST_2024 = 5000.0
HIGHEST_PLACE = 9000.0


@dataclass(frozen=True)
class CutOffs:
    """The groups of one standard in the order of its table, and the lowest value of each class (g/L)."""

    standard: str
    groups: tuple[str, ...]
    age_from: FloatArray
    age_below: FloatArray
    sex: tuple[str, ...]
    pregnancy: tuple[str, ...]
    lowest: FloatArray  # groups x (none, mild, moderate); NaN where the standard does not part them
    verified: bool


@dataclass(frozen=True)
class Steps:
    """A table of adjustments: what holds from each edge on, and where the table ends.

    Of `kind` "subtract": g/L less; "raise_cutoff_per_1000_m": the share by which the cut-off rises.
    """

    kind: str
    edges: FloatArray
    amounts: FloatArray
    end: float
    verified: bool


@cache
def cut_offs(standard: str) -> CutOffs:
    rows = [row for row in rows_of("hb_cutoffs") if row["standard"] == standard]
    return CutOffs(
        standard,
        tuple(row["group_id"] for row in rows),
        np.array([float(row["age_months_from"] or -np.inf) for row in rows]),
        np.array([float(row["age_months_below"] or np.inf) for row in rows]),
        tuple(row["sex"] for row in rows),
        tuple(row["pregnancy"] for row in rows),
        np.array(
            [
                [float(row[name] or np.nan) for name in ("no_anemia_min", "mild_min", "moderate_min")]
                for row in rows
            ]
        ),
        all(row["verified"].startswith("yes") for row in rows),
    )


@cache
def standards() -> tuple[str, ...]:
    """Those with cut-offs."""
    return tuple(dict.fromkeys(row["standard"] for row in rows_of("hb_cutoffs")))


@cache
def altitude_standards() -> tuple[str, ...]:
    """Those that say what altitude does to hemoglobin."""
    return tuple(
        dict.fromkeys(row["standard"] for row in rows_of("hb_adjustments") if row["factor"] == "altitude")
    )


@cache
def steps(standard: str, factor: str) -> Steps | None:
    """The steps of a table; None where the standard has no such table."""
    rows = [
        row
        for row in rows_of("hb_adjustments")
        if (row["standard"], row["factor"]) == (standard, factor) and row["from_inclusive"] != "unknown"
    ]
    if not rows:
        return None
    return Steps(
        rows[0]["kind"],
        np.array([float(row["from_inclusive"]) for row in rows]),
        np.array([float(row["adjustment_g_per_l"]) for row in rows]),
        float(rows[-1]["to_exclusive"] or np.inf),
        all(row["verified"].startswith("yes") for row in rows),
    )


@cache
def smoker_of_unknown_quantity(standard: str) -> float:
    """What is subtracted from a smoker's hemoglobin (g/L) where the number of cigarettes is not known."""
    (row,) = (
        row
        for row in rows_of("hb_adjustments")
        if (row["standard"], row["from_inclusive"]) == (standard, "unknown")
    )
    return float(row["adjustment_g_per_l"])
