"""The picture of levels: one line an indicator, its dot and interval, the counts and the target beside it."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import canvas, numbers
from .drawing import INTERVAL, TARGET_BAR, Drawing, Scale
from .labels import dagger_note, daggered, has_note, listed, period
from .lettering import width_of
from .rows import next_target_rows, records, stated
from .wording import text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MANY = 12  # indicators; of more the file is kept small
_ROW = 0.42
_HEAD = 0.34
_FOOT = 0.52
_GAP = 0.22  # between columns of text
_COLORS = (canvas.TEXT, canvas.TEXT, canvas.TARGET)


def plot_levels(frame: pd.DataFrame, targets: pd.DataFrame | None = None, *, lang: str) -> Figure | None:
    """Draw the levels of one place: dot, interval, counts, and the target of each indicator where it has one.

    Indicators of different units stand in panels of their own. Nothing is joined by lines: the rows are
    different indicators.

    Parameters
    ----------
    frame : pandas.DataFrame
        What `mchepi.indicators.compute` gives, one row an indicator (see `latest`).
    targets : pandas.DataFrame, optional
        What `mchepi.indicators.judge` gives for the same rows; the next target of each indicator is drawn.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None if no row has a value.

    Examples
    --------
    >>> plot_levels(pd.DataFrame({"indicator": [], "value": [], "note": []}), lang="en") is None
    True
    """
    rows = [row for row in records(stated(frame)) if not numbers.is_missing(row["value"])]
    if not rows:
        return None
    shown = {row["indicator"] for row in rows}
    goals = [] if targets is None else next_target_rows(targets)
    marks = {row["indicator"]: row for row in goals if row["indicator"] in shown}
    units = list(dict.fromkeys(row["per"] for row in rows))
    height = sum(_HEAD + _FOOT + _ROW * sum(row["per"] == per for row in rows) for per in units)
    columns = [_texts(row, marks.get(row["indicator"]), lang) for row in rows]
    limits = any(not numbers.is_missing(row["lower"]) for row in rows)
    rate_head = text("head.rate" if limits else "head.value", lang)
    heads = (text("head.events", lang), rate_head, text("head.target", lang) if marks else "")
    widths = [
        max(width_of(content, canvas.SIZE) for content in (head, *cells))
        for head, cells in zip(heads, zip(*columns, strict=True), strict=True)
    ]
    labels = {row["indicator"]: canvas.wrap(daggered(row, lang), 30) for row in rows}
    left = 0.25 + max(width_of(label, canvas.SIZE) for label in labels.values())
    edges = list(accumulate(widths[:-1], lambda edge, wide: edge + wide + _GAP, initial=_edge(widths)))
    dots = canvas.COARSE if len(rows) > _MANY else canvas.DOTS_PER_INCH
    drawing = Drawing(height, _title(rows, lang), dots_per_inch=dots)
    for edge, head, color in zip(edges, heads, _COLORS, strict=True):
        drawing.write((edge, _HEAD / 2), head, size=canvas.SMALL, color=color)
    top = 0.0
    for per in units:
        chosen = [row for row in rows if row["per"] == per]
        bottom = top + _HEAD + _ROW * len(chosen)
        lines = [bottom - _ROW * (len(chosen) - place - 0.5) for place in range(len(chosen))]
        _panel(drawing, (left, top + _HEAD, edges[0] - _GAP, bottom), chosen, marks, lang)
        for line, row in zip(lines, chosen, strict=True):
            drawing.write((left - 0.09, line), labels[row["indicator"]], horizontal="right")
        beside = [cells for row, cells in zip(rows, columns, strict=True) if row["per"] == per]
        for line, cells in zip(lines, beside, strict=True):
            for edge, cell, color in zip(edges, cells, _COLORS, strict=True):
                drawing.write((edge, line), cell, color=color)
        top = bottom + _FOOT
    drawing.foot(dagger_note(rows, lang))
    with canvas.ink():
        return drawing.figure()


def _edge(widths: list[float]) -> float:
    """Where the columns of text begin, in inches."""
    return canvas.WIDTH - sum(widths) - 2 * _GAP - 0.15


def _title(rows: list[dict[str, Any]], lang: str) -> str:
    periods = list(dict.fromkeys(period(row) for row in rows))
    if all(numbers.is_missing(row["lower"]) for row in rows):
        return text("figure.coverage", lang, period=listed(periods, lang))
    return text(
        "figure.levels",
        lang,
        period=listed(periods, lang),
        level=numbers.percent(rows[0]["confidence_level"]),
    )


def _texts(row: dict[str, Any], mark: dict[str, Any] | None, lang: str) -> tuple[str, str, str]:
    """What stands beside the line of one indicator: counts, rate with interval, target."""
    written = numbers.quotient(row["numerator"], row["denominator"], per=row["per"])
    limits = numbers.interval(row["lower"], row["upper"], per=row["per"], lang=lang)
    between = f"（{limits}）" if lang == "zh" else f" ({limits})"
    counts = f"{numbers.count(row['numerator'], lang)} / {numbers.count(row['denominator'], lang)}"
    if has_note(row["note"], "deduced"):
        counts += text("figure.deduced", lang)
    return (
        counts,
        written + (between if limits != numbers.MISSING else ""),
        "" if mark is None else _goal(mark, row["per"], lang),
    )


def _goal(mark: dict[str, Any], per: float, lang: str) -> str:
    sign = {"<=": "≤", ">=": "≥"}.get(mark["comparator"], mark["comparator"])
    target = f"{sign}{numbers.level(mark['target'], per, lang, bare=True)}"
    year = "" if numbers.is_missing(mark["target_year"]) else str(mark["target_year"])
    doubt = "" if mark.get("target_verified", True) else text("flag.short", lang)
    said = ("，" if lang == "zh" else ", ").join(part for part in (year, doubt) if part)
    return target + (f"（{said}）" if lang == "zh" else f" ({said})") if said else target


def _panel(
    drawing: Drawing,
    box: tuple[float, float, float, float],
    rows: list[dict[str, Any]],
    marks: dict[str, Any],
    lang: str,
) -> None:
    left, top, right, bottom = box
    goals = {row["indicator"]: marks[row["indicator"]]["target"] for row in rows if row["indicator"] in marks}
    reach = [row[name] for row in rows for name in ("value", "upper") if not numbers.is_missing(row[name])]
    reach += goals.values()
    ceiling = 100 if rows[0]["per"] == 100 and max(reach) <= 100 and max(reach) > 60 else max(reach) * 1.05
    scale = Scale(0, ceiling or 1, left, right)
    drawing.level_axis(scale, top, bottom, most=6)
    unit = text("figure.unit", lang, unit=numbers.unit(rows[0]["per"], lang).strip())
    drawing.write(
        ((left + right) / 2, bottom + 0.28), unit, size=canvas.SMALL, color=canvas.FAINT,
        horizontal="center", vertical="top",
    )  # fmt: skip
    for place, row in enumerate(rows):
        y = top + (place + 0.5) * _ROW
        if not numbers.is_missing(row["lower"]):
            drawing.stroke(INTERVAL, (scale.at(row["lower"]), y), (scale.at(row["upper"]), y))
        drawing.dot((scale.at(row["value"]), y), 6.5, hollow=not row["numerator"])
        if row["indicator"] in goals:
            x = scale.at(goals[row["indicator"]])
            drawing.stroke(TARGET_BAR, (x, y - 0.32 * _ROW), (x, y + 0.32 * _ROW))
