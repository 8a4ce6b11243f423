"""Registers as they are handed out, made in tests from dates."""

from __future__ import annotations

import pandas as pd


def _calendar(frame, column, prefix=""):
    dates = pd.to_datetime(frame[column])
    year = dates.dt.year.astype("Int64")
    return {f"{prefix}year": year, f"{prefix}mch_year": year + (dates.dt.month >= 10), "dates": dates}


def births_of(rows):
    """Rows (district, id, date, outcome, weeks, grams)."""
    columns = ["district", "record_id", "date", "outcome", "gestation_weeks", "birth_weight"]
    frame = pd.DataFrame(rows, columns=columns)
    found = _calendar(frame, "date")
    dates = found.pop("dates")
    measures = {name: frame[name].astype(float) for name in columns[4:]}
    kept = {name: frame[name].astype("str") for name in ("district", "outcome")}
    ids = frame["record_id"].astype("Int64")
    month = dates.dt.month.astype("Int64")
    return pd.DataFrame({**kept, "record_id": ids, **found, "month": month, **measures})


def deaths_of(rows):
    """Rows (district, id, date of birth, date of death, kind, cause)."""
    columns = ["district", "record_id", "born", "died", "kind", "cause"]
    frame = pd.DataFrame(rows, columns=columns)
    found = _calendar(frame, "died") | _calendar(frame, "born", "birth_")
    born = found.pop("dates")
    died = pd.to_datetime(frame["died"])
    days = (died - born).dt.days.astype(float)
    months = (died.dt.year - born.dt.year) * 12 + died.dt.month - born.dt.month - (died.dt.day < born.dt.day)
    kept = {name: frame[name].astype("str") for name in ("district", "kind", "cause")}
    return pd.DataFrame(
        {
            **kept,
            "record_id": frame["record_id"].astype("Int64"),
            **found,
            "month": died.dt.month.astype("Int64"),
            "age_days": days,
            "age_months": months.astype(float),
        }
    )
