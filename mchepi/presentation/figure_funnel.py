"""The picture of a funnel: every district by its size and rate, between the limits that chance sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mchepi.indicators import FALSE_DISCOVERIES, LEVELS, indicator
from mchepi.stats import funnel_limits

from . import canvas, numbers
from .figure_labels import name_points
from .labels import column_name, dagger_note, daggered, period
from .rows import records
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANEL, _ALONE = 2.35, 3.3  # height of a panel among others, and by itself
_ABOVE, _BELOW = 0.62, 0.52
_LEFT, _RIGHT = 0.62, 0.22
_GRID = 160
_TICKS = (1, 2, 5)


def plot_funnel(compared: pd.DataFrame, spread: pd.DataFrame, *, lang: str) -> Figure | None:
    """Draw a funnel an indicator: districts as dots over their births, the rate of all, exact limits.

    Filled dots stand out once the number of districts is allowed for, and are named; hollow ones lie outside
    the 95 % limits without that. Where districts vary beyond chance, dashed lines allow for it.

    Parameters
    ----------
    compared : pandas.DataFrame
        What `mchepi.indicators.compare_districts` gives.
    spread : pandas.DataFrame
        What `mchepi.indicators.spread_of_districts` gives.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None if nothing can be compared.

    Examples
    --------
    >>> plot_funnel(pd.DataFrame({"indicator": [], "reference": []}), pd.DataFrame(), lang="en") is None
    True
    """
    rows = compared[compared["reference"].notna()]
    if rows.empty:
        return None
    shown = list(dict.fromkeys(rows["indicator"]))
    across = 1 if len(shown) == 1 else 2
    tall = _ALONE if across == 1 else _PANEL
    lines = -(-len(shown) // across)
    with canvas.ink():
        title = text("figure.funnel", lang, period=period(records(rows)[0]))
        figure = canvas.sheet(lines * (tall + _ABOVE + _BELOW) + 0.15, title)
        width = canvas.WIDTH / across - _LEFT - _RIGHT
        sums = {row["indicator"]: row for row in records(spread)}
        for place, one in enumerate(shown):
            left = _LEFT + (place % across) * canvas.WIDTH / across
            top = (place // across) * (tall + _ABOVE + _BELOW) + _ABOVE
            axes = canvas.place_axes(figure, left, top, width, tall)
            _panel(axes, rows[rows["indicator"] == one], sums[one], lang, alone=across == 1)
        canvas.foot(figure, dagger_note(records(rows), lang))
    return figure


def _panel(axes: Axes, own: pd.DataFrame, summed: dict[str, Any], lang: str, *, alone: bool) -> None:
    sizes = own["denominator"].to_numpy(float)
    highest = float(own["value"].max())
    axes.set_xscale("log")
    axes.set_xlim(sizes.min() / 1.25, sizes.max() * 1.25)
    axes.set_ylim(0, max(highest * 1.12, summed["value"] * 2.2))
    axes.axhline(summed["value"], color=canvas.SECOND, linewidth=1.0, zorder=1)
    grid = np.geomspace(sizes.min() / 1.25, sizes.max() * 1.25, _GRID)
    for level, width in zip(LEVELS, (1.0, 1.8), strict=True):
        _limits(axes, grid, summed, level, color=canvas.SECOND, linewidth=width)
    if summed["between_sd"]:
        allowed = {"between_variance": summed["between_sd"] ** 2, "dashes": (4, 3)}
        _limits(axes, grid, summed, LEVELS[0], color=canvas.TARGET, linewidth=1.0, **allowed)
    _dots(axes, own, lang, alone=alone)
    ticks = [
        factor * 10.0**power
        for power in range(int(np.log10(sizes.min())) - 1, int(np.log10(sizes.max())) + 1)
        for factor in _TICKS
    ]
    kept = [tick for tick in ticks if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]]
    axes.set_xticks(kept, [numbers.count(tick, lang) for tick in kept])
    axes.minorticks_off()
    axes.tick_params(labelsize=canvas.SMALL)
    axes.locator_params(axis="y", nbins=6)
    _head(axes, records(own)[0], summed, lang)


def _limits(
    axes: Axes,
    grid: Any,
    summed: dict[str, Any],
    level: float,
    *,
    between_variance: float = 0,
    **look: Any,
) -> None:
    limits = funnel_limits(
        grid, summed["value"], kind="rate", per=summed["per"], levels=level, between_variance=between_variance
    )
    for side in ("lower", "upper"):
        above_zero = limits[side].where(limits[side] > 0)  # no line along the axis
        axes.plot(limits["size"], above_zero, zorder=1, **look)


def _dots(axes: Axes, own: pd.DataFrame, lang: str, *, alone: bool) -> None:
    """Draw the districts; in a small panel only those that stand out have room for their names."""
    named = own["adjusted_p_value"] <= FALSE_DISCOVERIES
    outside = own["outside"].notna() & ~named
    looks = (
        (~named & ~outside, canvas.DATA, canvas.DATA, 3.6),
        (outside, "white", canvas.TARGET, 5.0),
        (named, canvas.TARGET, canvas.TARGET, 6.0),
    )
    for kept, face, edge, size in looks:
        axes.plot(
            own.loc[kept, "denominator"].astype(float), own.loc[kept, "value"], "o", markerfacecolor=face,
            markeredgecolor=edge, markersize=size, clip_on=False, zorder=3,
        )  # fmt: skip
    labeled = own[named | outside if alone else named].sort_values("adjusted_p_value", kind="stable")
    name_points(
        axes,
        [
            (float(row["denominator"]), row["value"], row[f"name_{lang}"], canvas.TARGET)
            for row in records(labeled)
        ],
        [(float(row["denominator"]), row["value"]) for row in records(own)],
    )


def _head(axes: Axes, row: dict[str, Any], summed: dict[str, Any], lang: str) -> None:
    unit = text("figure.unit in heading", lang, unit=numbers.unit(row["per"], lang).strip())
    place: dict[str, Any] = {"transform": axes.transAxes, "ha": "left", "va": "bottom"}
    axes.text(0, 1.11, f"{daggered(row, lang)}{unit}", fontsize=canvas.SIZE, **place)
    chance = text(
        "figure.funnel counts",
        lang,
        outside=numbers.count(summed["outside_95"], lang),
        chance=numbers.half_up(summed["by_chance_95"], 1),
        named=numbers.count(summed["named"], lang),
    )
    axes.text(0, 1.02, chance, fontsize=canvas.SMALL, color=canvas.TARGET, **place)
    births = column_name(indicator(row["indicator"]).denominator, lang)
    axes.set_xlabel(text("figure.size axis", lang, name=births), fontsize=canvas.SMALL, color=canvas.FAINT)
