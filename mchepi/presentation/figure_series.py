"""The picture of published series: each source system drawn by itself, never joined with another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from mchepi.indicators import indicator, indicators

from . import canvas, numbers
from .labels import indicator_name, listed
from .rows import records
from .series import are_derived
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANEL = 1.9
_ABOVE = 0.66
_BELOW = 0.40
_FOOT = 0.15
_LEFT, _RIGHT = 0.55, 0.25
_LEAST_POINTS = 4
# Systems in the order of the headings: mark, color, whether consecutive years are joined.
_LOOKS: dict[str, tuple[str, str, bool]] = {
    "surveillance": ("o", canvas.DATA, False),
    "un_igme": ("", canvas.SECOND, True),
    "un_mmeig": ("s", canvas.SECOND, False),
    "annual_report": ("D", canvas.DATA, False),
    "vital_registration": ("v", canvas.DATA, False),
}
_SIGNS = {"o": "●", "": "━", "s": "■", "D": "◆", "v": "▼"}


def plot_series(series: pd.DataFrame, targets: pd.DataFrame | None = None, *, lang: str) -> Figure | None:
    """Draw published series over the years, a panel an indicator, each source system as marks of its own.

    Systems rest on different methods: a line runs through the years of one system only, and breaks where a
    year is missing. The band is the interval that the system itself publishes. Targets stand as diamonds at
    their years.

    Parameters
    ----------
    series : pandas.DataFrame
        Columns indicator, source_system, year, value, lower, upper; one area.
    targets : pandas.DataFrame, optional
        Rows of `mchepi.indicators.targets`.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None if no indicator has four values of one system.

    Examples
    --------
    >>> plot_series(pd.DataFrame({"indicator": [], "source_system": [], "value": []}), lang="zh") is None
    True
    """
    rows = series[series["source_system"].isin(list(_LOOKS))].dropna(subset=["value"])
    most = (
        rows.groupby(["indicator", "source_system"], sort=False)["value"]
        .count()
        .groupby("indicator", sort=False)
        .max()
    )
    order = list(indicators()["id"])
    shown = sorted((str(one) for one in most[most >= _LEAST_POINTS].index), key=order.index)
    if not shown:
        return None
    lines = -(-len(shown) // 2)
    with canvas.ink():
        note = text("figure.derived", lang) if are_derived(rows[rows["indicator"].isin(shown)]).any() else ""
        height = lines * (_PANEL + _ABOVE + _BELOW) + (_FOOT if note else 0)
        figure = canvas.sheet(height, text("figure.series", lang))
        width = canvas.WIDTH / 2 - _LEFT - _RIGHT
        for place, one in enumerate(shown):
            left = _LEFT + (place % 2) * canvas.WIDTH / 2
            top = (place // 2) * (_PANEL + _ABOVE + _BELOW) + _ABOVE
            axes = canvas.place_axes(figure, left, top, width, _PANEL)
            goals = [] if targets is None else _goals(targets, one)
            _panel(axes, rows[rows["indicator"] == one], goals, one, lang)
        canvas.foot(figure, note)
    return figure


def _goals(targets: pd.DataFrame, one: str) -> list[dict[str, Any]]:
    dated = targets[(targets["indicator"] == one) & targets["year"].notna()]
    return records(dated.drop_duplicates(["year", "value"]).sort_values("year"))


def _panel(axes: Axes, rows: pd.DataFrame, goals: list[dict[str, Any]], one: str, lang: str) -> None:
    heads = []
    for system, look in _LOOKS.items():
        own = rows[rows["source_system"] == system].sort_values("year")
        if len(own):
            _draw_system(axes, own, look)
            band = text("figure.band", lang) if own["lower"].notna().any() else ""
            heads.append((f"{_SIGNS[look[0]]} {text(f'system.{system}', lang)}{band}", look[1]))
    years, levels = [goal["year"] for goal in goals], [goal["value"] for goal in goals]
    axes.plot(years, levels, "d", color=canvas.TARGET, markersize=5.5)
    axes.set_ylim(bottom=0)
    axes.locator_params(axis="x", integer=True, nbins=8)
    axes.locator_params(axis="y", nbins=5)
    axes.tick_params(labelsize=canvas.SMALL)
    axes.grid(axis="y", color=canvas.GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    _write_heading(axes, one, heads, _goals_text(goals, one, lang), lang)


def _draw_system(axes: Axes, own: pd.DataFrame, look: tuple[str, str, bool]) -> None:
    """The values of one system; a line breaks where a year is missing."""
    mark, color, joined = look
    every = own.set_index("year").reindex(range(int(own["year"].min()), int(own["year"].max()) + 1))
    line = "-" if joined else "none"
    axes.plot(
        every.index, every["value"], marker=mark or None, ls=line, color=color, markersize=4, linewidth=1.6
    )
    derived = own[are_derived(own)]
    if mark and len(derived):
        hollow: dict[str, Any] = {"color": color, "markerfacecolor": "white", "markersize": 4, "zorder": 3}
        axes.plot(derived["year"], derived["value"], mark, **hollow)
    axes.fill_between(every.index, every["lower"], every["upper"], color=color, alpha=0.15, linewidth=0)


def _goals_text(goals: list[dict[str, Any]], one: str, lang: str) -> str:
    per = indicator(one).per
    said = [
        text("figure.goal", lang, value=numbers.level(goal["value"], per, lang, bare=True), year=goal["year"])
        for goal in goals
    ]
    return f"◆ {text('figure.goals', lang, goals=listed(said, lang))}" if said else ""


def _write_heading(axes: Axes, one: str, systems: list[tuple[str, str]], goals: str, lang: str) -> None:
    """Name the indicator, its systems in their colors side by side, and its targets, one line each."""
    place: dict[str, Any] = {"transform": axes.transAxes, "ha": "left", "va": "bottom"}
    unit = text("figure.unit in heading", lang, unit=numbers.unit(indicator(one).per, lang).strip())
    axes.text(0, 1.22, f"{indicator_name(one, lang)}{unit}", fontsize=canvas.SIZE, **place)
    edge = 0.0
    for content, color in systems:
        label = axes.text(edge, 1.12, content, fontsize=canvas.SMALL, color=color, **place)
        edge += (label.get_window_extent().width + 20) / axes.get_window_extent().width
    axes.text(0, 1.02, goals, fontsize=canvas.SMALL, color=canvas.TARGET, **place)
