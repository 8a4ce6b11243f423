"""The picture of a quota: persons so far, the years before, and what the usual course makes of it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import canvas, numbers
from .quotas_in_words import day_text, quota_name
from .rows import records
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANEL = 1.9
_ABOVE = 0.50
_BELOW = 0.36
_FOOT = 0.40
_LEFT = 0.70
_LAST = 366


def plot_quotas(path: pd.DataFrame, forecasts: pd.DataFrame, *, lang: str) -> Figure | None:
    """Draw persons done so far against the days of the year: this one, those before, forecast and quota.

    Parameters
    ----------
    path, forecasts : pandas.DataFrame
        Tables of `mchepi.outcomes.quota_forecasts`.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None without a quota whose period has begun.

    Examples
    --------
    >>> plot_quotas(pd.DataFrame(), pd.DataFrame({"as_of": []}), lang="en") is None
    True
    """
    rows = records(forecasts[forecasts["as_of"] >= 1])
    if not rows:
        return None
    with canvas.ink():
        height = len(rows) * (_ABOVE + _PANEL + _BELOW) + _FOOT
        figure = canvas.sheet(height, text("figure.quota", lang), dots_per_inch=canvas.COARSE)
        for place, row in enumerate(rows):
            top = place * (_ABOVE + _PANEL + _BELOW) + _ABOVE
            axes = canvas.place_axes(figure, _LEFT, top, canvas.WIDTH - _LEFT - 0.3, _PANEL)
            own = path[(path["item"] == row["item"]) & (path["unit"] == row["unit"])]
            _panel(axes, own, row, lang)
        before = str(max(row["start_year"] for row in rows) - 1)
        level = numbers.percent(rows[0]["confidence_level"])
        canvas.foot(figure, text("figure.quota.note", lang, before=before, level=level))
    return figure


def _panel(axes: Axes, own: pd.DataFrame, row: dict[str, Any], lang: str) -> None:
    for before, course in own[own["years_before"] > 0].groupby("years_before"):
        last = before == 1
        axes.step(
            [0, *course["day"]], [0, *course["done"]], where="post", zorder=2 if last else 1,
            color=canvas.SECOND if last else "#C4C4C4", linewidth=1.4 if last else 1.0,
        )  # fmt: skip
    now = own[(own["years_before"] == 0) & own["lower"].isna()]
    seen = now[now["day"] <= row["as_of"]]
    axes.step([0, *seen["day"]], [0, *seen["done"]], where="post", color=canvas.DATA, linewidth=2.4, zorder=4)
    ahead = own[(own["years_before"] == 0) & own["lower"].notna()]
    if len(ahead):
        upper = np.where(np.isfinite(ahead["upper"]), ahead["upper"], ahead["done"])
        axes.fill_between(
            ahead["day"], ahead["lower"], upper, color=canvas.shade(canvas.DATA, 2), linewidth=0, zorder=0
        )
        axes.plot(ahead["day"], ahead["done"], color=canvas.DATA, linewidth=1.6, dashes=(3, 2), zorder=4)
    axes.plot([0, row["deadline"]], [row["quota"]] * 2, color=canvas.TARGET, linewidth=1.4, zorder=3)
    axes.axvline(row["deadline"], color=canvas.TARGET, linewidth=1.1, dashes=(5, 3), zorder=3)
    axes.set_xlim(0, _LAST)
    axes.set_ylim(bottom=0)
    starts = _month_starts(row)
    axes.set_xticks([day for _, day in starts])
    axes.set_xticklabels([text(f"month.{month}", lang)[:3] for month, _ in starts], ha="left")
    axes.tick_params(labelsize=canvas.SMALL)
    axes.grid(axis="y", color=canvas.GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    said = text(
        "figure.quota.head",
        lang,
        name=quota_name(row, lang),
        year=row["start_year"],
        day=day_text(row, min(row["as_of"], row["deadline"]), lang),
        done=numbers.count(row["done"], lang),
        quota=numbers.count(row["quota"], lang),
        deadline=day_text(row, row["deadline"], lang),
    )
    axes.text(0, 1.06, said, transform=axes.transAxes, fontsize=canvas.SIZE, ha="left", va="bottom")


def _month_starts(row: dict[str, Any]) -> list[tuple[int, int]]:
    """The first of each month of the period, as month and day of the period."""
    start = datetime.date(int(row["start_year"]), int(row["start_month"]), int(row["start_day"]))
    found = []
    for more in range(13):
        year, month = divmod(start.year * 12 + start.month - 1 + more, 12)
        day = (datetime.date(year, month + 1, 1) - start).days
        if 0 <= day < _LAST - 1:
            found.append((month + 1, day))
    return found
