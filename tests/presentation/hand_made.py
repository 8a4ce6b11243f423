"""Counts written by hand, and what the indicators make of them."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from mchepi.indicators import Declaration, change, compute, judge, targets
from mchepi.presentation import indicators_of, latest

LANGUAGES = ("zh", "en")


class Analysis(NamedTuple):
    """The frames that a notebook on mortality works with."""

    counts: pd.DataFrame
    levels: pd.DataFrame
    judged: pd.DataFrame
    changes: pd.DataFrame


def declaration(**changed: object) -> Declaration:
    fields: dict[str, object] = {
        "name": "hand",
        "title_zh": "手工数据",
        "title_en": "Hand-made",
        "source_zh": "测试",
        "source_en": "test",
        "licence": "none",
        "simulated": False,
        "period": "mch_year",
        "population_basis": "registered",
        "source_system": "annual_report",
        "status": "final",
    }
    return Declaration(**{**fields, **changed})


def analyze(counts: pd.DataFrame) -> Analysis:
    by = ["district", "year", *(["year_end"] if "year_end" in counts else [])]
    ids = indicators_of("mortality", counts, "level")
    levels = compute(counts, ids, by=by)
    national = targets().query("level == 'nation'")
    return Analysis(counts, levels, judge(latest(levels), targets=national), change(counts, ids))


def rows(**columns: list[object]) -> pd.DataFrame:
    length = len(next(iter(columns.values())))
    keys = {
        "district": ["152223"] * length,
        "name_zh": ["扎赉特旗"] * length,
        "name_en": ["Jalaid Banner"] * length,
    }
    frame = pd.DataFrame({**keys, **columns})
    counted = [name for name in columns if name not in ("year", "year_end", "deduced", "note_zh", "note_en")]
    return frame.astype(dict.fromkeys(counted, "Int64"))
