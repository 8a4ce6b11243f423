"""The picture of a joinpoint fit: observed values, segments with their percent changes, joinpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.indicators import indicator
from mchepi.stats import JoinpointFit

from . import canvas, numbers
from .figure_labels import name_points
from .joinpoints import Fitted, change_text
from .labels import indicator_name
from .rows import records
from .wording import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANEL = 2.2
_ABOVE, _BELOW = 0.62, 0.42
_LEFT, _RIGHT = 0.55, 0.25
_STEPS = 25  # points of a curve between two observations


def plot_joinpoint(fit: JoinpointFit, ax: Axes | None = None, *, lang: str = "zh") -> Axes:
    """Draw a joinpoint fit plainly: dots, segments with their annual percent change, joinpoints as diamonds.

    Not for modeled series: their years were smoothed together, and a joinpoint would be the model's.

    Parameters
    ----------
    fit : JoinpointFit
        What `mchepi.joinpoint` gives for one series.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own by default.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; their figure is `.figure`.

    Examples
    --------
    >>> import mchepi
    >>> rate = [10 * 1.05 ** min(y - 2001, 5) * 0.9 ** max(y - 2006, 0) for y in range(2001, 2013)]
    >>> axes = plot_joinpoint(mchepi.joinpoint(range(2001, 2013), rate), lang="en")
    >>> [mark.get_text().split(" (")[0] for mark in axes.texts]
    ['+5.0%', '−10.0%', '2006']
    """
    with canvas.ink():
        if ax is None:
            figure = canvas.sheet(_PANEL + _BELOW + 0.1, text("figure.joinpoint alone", lang))
            width = canvas.WIDTH - _LEFT - _RIGHT
            ax = canvas.place_axes(figure, _LEFT, 0.1, width, _PANEL)
        observed = _observed(fit)
        ax.plot(fit.analysis.time, observed, "o", color=canvas.SECOND, markersize=4, zorder=3)
        x, y = _curve(fit)
        ax.plot(x, y, color=canvas.DATA, linewidth=1.6, zorder=2)
        at = [_at(fit, np.array([float(year)]))[0] for year in fit.joinpoints]
        ax.plot(fit.joinpoints, at, "D", color=canvas.TARGET, markersize=6, markerfacecolor="white", zorder=4)
        ax.margins(x=0.05, y=0.12)
        ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
        ax.locator_params(axis="x", integer=True, nbins=8)
        ax.locator_params(axis="y", nbins=5)
        ax.tick_params(labelsize=canvas.SMALL)
        dots = list(zip(fit.analysis.time.tolist(), observed.tolist(), strict=True))
        dots += [point for point in zip(x.tolist(), y.tolist(), strict=True) if point[1] == point[1]]
        name_points(ax, [*_changes(fit, lang), *_years(fit, at)], dots, away=1.4)
    return ax


def plot_joinpoints(fits: list[Fitted], *, lang: str) -> Figure | None:
    """Draw the joinpoint fits of several published series, a panel each.

    Parameters
    ----------
    fits : list
        What `each_joinpoint` gives.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    matplotlib.figure.Figure or None
        None if no series is long enough.

    Examples
    --------
    >>> plot_joinpoints([], lang="en") is None
    True
    """
    if not fits:
        return None
    lines = -(-len(fits) // 2)
    with canvas.ink():
        figure = canvas.sheet(lines * (_PANEL + _ABOVE + _BELOW), text("figure.joinpoint", lang))
        width = canvas.WIDTH / 2 - _LEFT - _RIGHT
        for place, (keys, fit) in enumerate(fits):
            left = _LEFT + (place % 2) * canvas.WIDTH / 2
            top = (place // 2) * (_PANEL + _ABOVE + _BELOW) + _ABOVE
            axes = plot_joinpoint(fit, canvas.place_axes(figure, left, top, width, _PANEL), lang=lang)
            _head(axes, keys, lang)
    return figure


def _head(axes: Axes, keys: dict[str, Any], lang: str) -> None:
    place: dict[str, Any] = {"transform": axes.transAxes, "ha": "left", "va": "bottom"}
    per = indicator(keys["indicator"]).per
    unit = text("figure.unit in heading", lang, unit=numbers.unit(per, lang).strip())
    axes.text(0, 1.13, f"{indicator_name(keys['indicator'], lang)}{unit}", fontsize=canvas.SIZE, **place)
    system = text(f"system.{keys['source_system']}", lang)
    axes.text(0, 1.03, f"● {system}", fontsize=canvas.SMALL, color=canvas.SECOND, **place)


def _observed(fit: JoinpointFit) -> Any:
    return np.exp(fit.analysis.y) if fit.settings.model == "log" else fit.analysis.y


def _at(fit: JoinpointFit, time: Any) -> Any:
    """The fitted values at any times within the series.

    The slopes fix the curve but for its height, and that is where the weighted residuals add up to nothing.
    """
    own = fit.analysis
    height = np.average(own.y - _shape(fit, own.time), weights=own.weight)
    fitted = height + _shape(fit, time)
    return np.exp(fitted) if fit.settings.model == "log" else fitted


def _shape(fit: JoinpointFit, time: Any) -> Any:
    shape = np.zeros(len(time))
    for row in records(fit.segments):
        shape += row["slope"] * (np.clip(time, row["start"], row["end"]) - row["start"])
    if fit.jump is not None:
        step = np.log(fit.jump.value) if fit.settings.model == "log" else fit.jump.value
        shape += step * (time >= fit.settings.jump)
    return shape


def _curve(fit: JoinpointFit) -> tuple[Any, Any]:
    """Times and fitted values of a fine curve; it breaks at a jump."""
    own = fit.analysis.time
    time = np.unique(np.concatenate([np.linspace(own[0], own[-1], len(own) * _STEPS), own]))
    fitted = _at(fit, time)
    if fit.settings.jump is not None:
        before = int(np.searchsorted(time, fit.settings.jump))
        time, fitted = np.insert(time, before, time[before]), np.insert(fitted, before, np.nan)
    return time, fitted


def _changes(fit: JoinpointFit, lang: str) -> list[tuple[float, float, str, str]]:
    """The change of each segment, beside its middle."""
    found = []
    for row in records(fit.segments):
        middle = (row["start"] + row["end"]) / 2
        height = float(_at(fit, np.array([middle]))[0])
        found.append((middle, height, change_text(row, fit.settings.model, lang), canvas.DATA))
    return found


def _years(fit: JoinpointFit, heights: list[float]) -> list[tuple[float, float, str, str]]:
    return [
        (float(year), float(height), f"{year:g}", canvas.TARGET)
        for year, height in zip(fit.joinpoints, heights, strict=True)
    ]
