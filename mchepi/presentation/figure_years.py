"""The picture of years: a panel an indicator, each year's rate with its limits and its count below."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import canvas, numbers
from .drawing import INTERVAL, TARGET_LINE, Drawing, Scale
from .labels import dagger_note, daggered, period
from .rows import next_target_rows, records, stated
from .wording import text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANEL = 1.55
_ABOVE = 0.50
_BELOW = 0.52
_FOOT = 0.15
_LEFT, _RIGHT = 0.62, 0.22
_MOST_PANELS = 6
_LABELS_IN_PANEL = 12
_FEW = 4  # periods; so few leave room for the denominators


def plot_by_year(frame: pd.DataFrame, targets: pd.DataFrame | None = None, *, lang: str) -> Figure | None:
    """Draw each indicator over the years: dot, interval, and the count of every year under its tick.

    Of more than six indicators the six with the most events are drawn. Dots are not joined: between two years
    of few events a line would show chance as movement. A hollow dot is a year without events.

    Parameters
    ----------
    frame : pandas.DataFrame
        What `mchepi.indicators.compute` gives by district and year.
    targets : pandas.DataFrame, optional
        What `mchepi.indicators.judge` gives; the next target is drawn as a dashed line.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None if no indicator has two periods with a value.

    Examples
    --------
    >>> plot_by_year(pd.DataFrame({"indicator": [], "value": [], "note": []}), lang="en") is None
    True
    """
    rows = stated(frame).dropna(subset=["value"])
    several = rows["indicator"].map(rows["indicator"].value_counts()) > 1
    rows = rows[several.astype(bool)]
    if rows.empty:
        return None
    events = rows.groupby("indicator", sort=False)["numerator"].sum()
    most = set(events.sort_values(ascending=False, kind="stable").index[:_MOST_PANELS])
    shown = [one for one in events.index if one in most]
    marks = {} if targets is None else {row["indicator"]: row for row in next_target_rows(targets)}
    across = 1 if len(shown) == 1 and len(rows) > _FEW else 2
    lines = -(-len(shown) // across)
    drawn = {one: records(rows[rows["indicator"] == one]) for one in shown}
    note = dagger_note(chain.from_iterable(drawn.values()), lang)
    drawing = Drawing(lines * (_PANEL + _ABOVE + _BELOW) + (_FOOT if note else 0), _title(rows, lang))
    width = canvas.WIDTH / across - _LEFT - _RIGHT
    for place, one in enumerate(shown):
        left = _LEFT + (place % across) * canvas.WIDTH / across
        top = (place // across) * (_PANEL + _ABOVE + _BELOW) + _ABOVE
        _panel(drawing, (left, top, width), drawn[one], marks.get(one), lang)
    drawing.foot(note)
    with canvas.ink():
        return drawing.figure()


def _title(rows: pd.DataFrame, lang: str) -> str:
    ordered = records(rows.sort_values("year"))
    ends = [ordered[0]["year"], ordered[-1].get("year_end")]
    last = ordered[-1]["year"] if numbers.is_missing(ends[1]) else ends[1]
    return text("figure.years", lang, first=ends[0], last=int(last))


def _middle(row: dict[str, Any]) -> float:
    end = row.get("year_end")
    return float(row["year"] if numbers.is_missing(end) else (row["year"] + end) / 2)


def _panel(
    drawing: Drawing,
    place: tuple[float, float, float],
    rows: list[dict[str, Any]],
    mark: dict[str, Any] | None,
    lang: str,
) -> None:
    left, top, width = place
    right, bottom = left + width, top + _PANEL
    where = [_middle(row) for row in rows]
    per = rows[0]["per"]
    reach = [row[name] for row in rows for name in ("value", "upper") if not numbers.is_missing(row[name])]
    if mark is not None:
        reach.append(mark["target"])
    full = per == 100 and 60 < max(reach) <= 100
    margin = 0.5 if len(rows) > 2 else (where[-1] - where[0]) * 0.4
    across = Scale(where[0] - margin, where[-1] + margin, left, right)
    up = Scale(0, 100 if full else max(reach) * 1.08 or 1, bottom, top)
    drawing.upright_axis(up, left, right, most=5)
    drawing.foot_line(left, right, bottom)
    step = -(-len(rows) // _LABELS_IN_PANEL)
    for number, (year, row) in enumerate(zip(where, rows, strict=True)):
        x = across.at(year)
        if not numbers.is_missing(row["lower"]):
            drawing.stroke(INTERVAL, (x, up.at(row["lower"])), (x, up.at(row["upper"])))
        drawing.dot((x, up.at(row["value"])), 5.5, hollow=not row["numerator"])
        if (len(rows) - 1 - number) % step == 0:
            label = f"{period(row)}\n{_counts(row, lang, both=len(rows) <= _FEW)}"
            drawing.foot_tick(x, bottom, label, size=canvas.SMALL - 0.5)
    if mark is not None:
        y = up.at(mark["target"])
        drawing.stroke(TARGET_LINE, (left, y), (right, y))
    _head(drawing, (left, top), rows[0], mark, lang)


def _counts(row: dict[str, Any], lang: str, *, both: bool) -> str:
    events = numbers.count(row["numerator"], lang)
    return f"{events} / {numbers.count(row['denominator'], lang)}" if both else events


def _head(
    drawing: Drawing,
    place: tuple[float, float],
    row: dict[str, Any],
    mark: dict[str, Any] | None,
    lang: str,
) -> None:
    left, top = place
    unit = text("figure.unit in heading", lang, unit=numbers.unit(row["per"], lang).strip())
    drawing.write((left, top - 0.22), f"{daggered(row, lang)}{unit}", vertical="bottom")
    if mark is not None:
        target = numbers.level(mark["target"], row["per"], lang, bare=True)
        key = (
            "figure.target line" if numbers.is_missing(mark["target_year"]) else "figure.target line by year"
        )
        year = {} if key == "figure.target line" else {"year": mark["target_year"]}
        line = text(key, lang, target=target, **year)
        drawing.write((left, top - 0.05), line, size=canvas.SMALL, color=canvas.TARGET, vertical="bottom")
