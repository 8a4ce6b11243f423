"""The picture of levels: one line an indicator, its dot and interval, the counts and the target beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from . import canvas, numbers
from .labels import dagger_note, daggered, has_note, listed, period
from .rows import records, stated
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MANY = 12  # indicators; of more the file is kept small
_ROW = 0.42
_HEAD = 0.34
_FOOT = 0.52
_GAP = 0.22  # between columns of text


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
    goals = [] if targets is None else records(next_targets(targets))
    marks = {row["indicator"]: row for row in goals if row["indicator"] in shown}
    units = list(dict.fromkeys(row["per"] for row in rows))
    height = sum(_HEAD + _FOOT + _ROW * sum(row["per"] == per for row in rows) for per in units)
    with canvas.ink():
        dots = canvas.COARSE if len(rows) > _MANY else canvas.DOTS_PER_INCH
        figure = canvas.sheet(height, _title(rows, lang), dots_per_inch=dots)
        columns = [_texts(row, marks.get(row["indicator"]), lang) for row in rows]
        limits = any(not numbers.is_missing(row["lower"]) for row in rows)
        rate_head = text("head.rate" if limits else "head.value", lang)
        heads = (text("head.events", lang), rate_head, text("head.target", lang) if marks else "")
        widths = [
            canvas.widest(figure, [head, *cells])
            for head, cells in zip(heads, zip(*columns, strict=True), strict=True)
        ]
        labels = {row["indicator"]: canvas.wrap(daggered(row, lang), 30) for row in rows}
        left = 0.25 + canvas.widest(figure, labels.values())
        width = canvas.WIDTH - left - sum(widths) - 3 * _GAP - 0.15
        top = 0.0
        for per in units:
            chosen = [row for row in rows if row["per"] == per]
            axes = canvas.place_axes(figure, left, top + _HEAD, width, _ROW * len(chosen))
            _panel(axes, chosen, marks, labels, lang)
            _beside(
                axes,
                width,
                widths,
                heads if not top else ("", "", ""),
                [cells for row, cells in zip(rows, columns, strict=True) if row["per"] == per],
            )
            top += _HEAD + _FOOT + _ROW * len(chosen)
        canvas.foot(figure, dagger_note(rows, lang))
    return figure


def next_targets(judged: pd.DataFrame) -> pd.DataFrame:
    """Of each indicator the target that comes next, or the latest that has come; one each.

    Examples
    --------
    >>> judged = pd.DataFrame({"indicator": ["i", "i"], "target_year": [2030, 2025], "due": [False, False],
    ...                        "target": [3.0, 3.1]})
    >>> next_targets(judged)["target"].tolist()
    [3.1]
    """
    judged = (
        judged.sort_values("target_verified", ascending=False, kind="stable")
        if "target_verified" in judged
        else judged
    )
    due = judged["due"].astype("boolean").fillna(True).astype(bool)
    ahead = judged[~due].sort_values("target_year", kind="stable")
    past = judged[due].sort_values("target_year", ascending=False, kind="stable")
    chosen = pd.concat([ahead, past]).drop_duplicates("indicator")
    return chosen.sort_index()


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
    axes: Axes, rows: list[dict[str, Any]], marks: dict[str, Any], labels: dict[str, str], lang: str
) -> None:
    known = [(place, row) for place, row in enumerate(rows) if not numbers.is_missing(row["lower"])]
    axes.hlines(
        [place for place, _ in known],
        [row["lower"] for _, row in known],
        [row["upper"] for _, row in known],
        color=canvas.DATA,
        linewidth=1.8,
        capstyle="butt",
        zorder=2,
    )
    canvas.dots(axes, [(row["value"], place, row["numerator"]) for place, row in enumerate(rows)], 6.5)
    goals = [
        (place, marks[row["indicator"]]["target"])
        for place, row in enumerate(rows)
        if row["indicator"] in marks
    ]
    axes.vlines(
        [target for _, target in goals],
        [place - 0.32 for place, _ in goals],
        [place + 0.32 for place, _ in goals],
        color=canvas.TARGET,
        linewidth=2.2,
        capstyle="projecting",
        zorder=2,
    )
    reach = [row[name] for row in rows for name in ("value", "upper") if not numbers.is_missing(row[name])]
    reach += [target for _, target in goals]
    ceiling = 100 if rows[0]["per"] == 100 and max(reach) <= 100 and max(reach) > 60 else max(reach) * 1.05
    axes.set_xlim(0, ceiling or 1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [labels[row["indicator"]] for row in rows])
    axes.tick_params(axis="y", length=0, pad=6)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=canvas.GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.locator_params(axis="x", nbins=6)
    axes.set_xlabel(
        text("figure.unit", lang, unit=numbers.unit(rows[0]["per"], lang).strip()),
        fontsize=canvas.SMALL,
        color=canvas.FAINT,
    )


def _beside(
    axes: Axes, width: float, widths: list[float], heads: tuple[str, ...], columns: list[tuple[str, ...]]
) -> None:
    """Write the columns of text to the right of the dots, in inches from the axes; the last is the target."""
    place: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
    colors = [canvas.TEXT] * (len(heads) - 1) + [canvas.TARGET]
    above = -0.5 - _HEAD / _ROW / 2
    edge = width + _GAP
    for head, cells, wide, color in zip(heads, zip(*columns, strict=True), widths, colors, strict=True):
        axes.text(edge / width, above, head, color=color, fontsize=canvas.SMALL, **place)
        for line, cell in enumerate(cells):
            axes.text(edge / width, line, cell, color=color, **place)
        edge += wide + _GAP
