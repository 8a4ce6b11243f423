"""Where published series turn: a joinpoint fit of each series that can carry one, in tables and sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pandas as pd

from mchepi.indicators import indicator
from mchepi.stats import JoinpointFit

from . import numbers
from .labels import indicator_name, listed
from .rows import records
from .series import MODELED
from .wording import text

Fitted: TypeAlias = tuple[dict[str, Any], JoinpointFit]

_KEYS = ["district", "indicator", "source_system", "area"]
_NO_SYSTEM = ("published_text", "mixed", "not_stated")
_FEWEST = 7  # values, below which no joinpoint is looked for


def each_joinpoint(
    series: pd.DataFrame, fit: Callable[..., Any], *, confidence_level: float = 0.95
) -> list[Fitted]:
    """Fit a joinpoint model to every series that can carry one.

    Left out are modeled estimates (their years are smoothed together), quoted figures, coverage, and values
    that were worked out from a published rise or fall; a series needs seven others.

    Parameters
    ----------
    series : pandas.DataFrame
        Columns district, indicator, source_system, area, year, value, and verified where it is known.
    fit : callable
        `mchepi.stats.joinpoint`.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    list of (dict, JoinpointFit)
        The keys of each series (district, indicator, source_system, area), and its fit.

    Examples
    --------
    >>> from mchepi.stats import joinpoint
    >>> rows = pd.DataFrame({"district": "CHN", "indicator": "under5_mortality_rate",
    ...     "source_system": "surveillance", "area": "total", "year": range(2016, 2025),
    ...     "value": [10.2, 9.1, 8.4, 7.8, 7.5, 7.1, 6.8, 6.2, 5.6]})
    >>> [(keys, found)] = each_joinpoint(rows, joinpoint)
    >>> keys["indicator"], found.n_joinpoints
    ('under5_mortality_rate', 0)
    """
    known = series.dropna(subset=["value"])
    if "verified" in known:
        known = known[known["verified"] != "derived"]
    known = known[~known["source_system"].isin([*MODELED, *_NO_SYSTEM]) & (known["value"] > 0)]
    found = []
    for keys, own in known.sort_values("year").groupby(_KEYS, sort=False):
        if len(own) >= _FEWEST and indicator(str(keys[1])).basis != "enumeration":
            year, value = own["year"].to_numpy(float), own["value"].to_numpy(float)
            named = dict(zip(_KEYS, keys, strict=True))
            found.append((named, fit(year, value, confidence_level=confidence_level)))
    return found


def joinpoint_segments(fits: list[Fitted]) -> pd.DataFrame:
    """Give the segments of all fits: keys, year, year_end, value (percent a year) and limits.

    Examples
    --------
    >>> joinpoint_segments([]).columns.tolist()[:6]
    ['district', 'indicator', 'source_system', 'area', 'year', 'year_end']
    """
    columns = [*_KEYS, "year", "year_end", "value", "lower", "upper", "method", "confidence_level", "note"]
    frames = [
        fit.segments.rename(columns={"start": "year", "end": "year_end"}).assign(
            **keys, method="joinpoint", confidence_level=fit.settings.confidence_level, note=""
        )[columns]
        for keys, fit in fits
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def joinpoint_sentences(fits: list[Fitted], *, lang: str) -> list[str]:
    """Say how each series moved from joinpoint to joinpoint, and what a joinpoint is not.

    Parameters
    ----------
    fits : list
        What `each_joinpoint` gives.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> joinpoint_sentences([], lang="zh")
    ['没有7个及以上实测值的序列，不寻找转折点。']
    """
    if not fits:
        return [text("nothing.joinpoint", lang, fewest=_FEWEST)]
    said = []
    for keys, fit in fits:
        segments = [
            text(
                "joinpoint.segment",
                lang,
                first=f"{row['start']:g}",
                last=f"{row['end']:g}",
                change=change_text(row, fit.settings.model, lang),
            )
            for row in records(fit.segments)
        ]
        line = text(
            "joinpoint.series",
            lang,
            name=indicator_name(keys["indicator"], lang),
            count=len(fit.analysis.time),
            segments=listed(segments, lang),
        )
        said.append(line + _turns(fit, lang))
    return [*said, text("joinpoint.meaning", lang)]


def _turns(fit: JoinpointFit, lang: str) -> str:
    turns = [
        text(
            "joinpoint.turn",
            lang,
            year=f"{row['joinpoint']:g}",
            lower=f"{row['lower']:g}",
            upper=f"{row['upper']:g}",
        )
        for row in records(fit.joinpoint_intervals)
    ]
    if not turns:
        return text("joinpoint.none", lang)
    return text("joinpoint.turns", lang, turns=listed(turns, lang))


def change_text(row: Mapping[str, Any], model: str, lang: str) -> str:
    """The change of a segment with its limits, in percent a year; by the linear model in units a year.

    Examples
    --------
    >>> change_text({"value": -8.38, "lower": -9.21, "upper": -7.54}, "log", "en")
    '−8.4% (−9.2 to −7.5)'
    """
    decimals, sign = (1, "%") if model == "log" else (2, "")
    value = _signed(row["value"], decimals)
    if numbers.is_missing(row["lower"]):
        return f"{value}{sign}"
    limits = numbers.interval(row["lower"], row["upper"], per=1, lang=lang, decimals=decimals)
    written = limits.replace("-", "−")
    return f"{value}{sign}（{written}）" if lang == "zh" else f"{value}{sign} ({written})"


def _signed(value: float, decimals: int) -> str:
    written = numbers.half_up(value, decimals)
    return written.replace("-", "−") if value < 0 else f"+{written}"
