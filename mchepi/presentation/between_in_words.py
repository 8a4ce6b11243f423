"""Comparisons between districts in sentences: what chance does, what stands out, what cannot be ordered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mchepi.indicators import FALSE_DISCOVERIES, indicator

from . import numbers
from .labels import has_note, indicator_name, listed, place_name
from .over_time import trend_text
from .rows import records
from .wording import text

Row = Mapping[str, Any]

_MOST_NAMED = 8
_SMALL = 5  # expected events, below which a rate is mostly chance
_CONVENTION = 0.05  # for the test of overdispersion


def leading(compared: pd.DataFrame) -> pd.DataFrame:
    """Keep the indicator with the most events: where its districts cannot be told apart, none can.

    Examples
    --------
    >>> leading(pd.DataFrame({"indicator": ["i", "i", "j"], "numerator": [1, 2, 4]}))["indicator"].tolist()
    ['j']
    """
    if compared.empty:
        return compared
    events = compared.groupby("indicator", sort=False)["numerator"].sum()
    return compared[compared["indicator"] == events.astype(float).idxmax()].reset_index(drop=True)


def compared_sentences(
    counts: pd.DataFrame, spread: pd.DataFrame, trends: pd.DataFrame, *, lang: str
) -> list[str]:
    """Say what each district is compared with, how all moved meanwhile, and what cannot be compared.

    Parameters
    ----------
    counts : pandas.DataFrame
        The rows that are compared.
    spread : pandas.DataFrame
        What `mchepi.indicators.spread_of_districts` gives.
    trends : pandas.DataFrame
        What `mchepi.indicators.change_together` gives.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> nothing = pd.DataFrame({"by_chance_95": []})
    >>> compared_sentences(pd.DataFrame(), nothing, nothing, lang="zh")
    ['没有一项率有计数，不能比较。']
    """
    if spread.empty:
        return [text("between.nothing", lang)]
    said = []
    alone = spread[spread["by_chance_95"].isna()]
    for row in records(alone):
        key = "between.no events" if not row["numerator"] else "between.too few districts"
        said.append(text(key, lang, name=_name(row, lang), count=numbers.count(row["districts"], lang)))
    if len(alone) < len(spread):
        said.insert(0, text("between.reference", lang))
        known = set(spread["indicator"]) - set(alone["indicator"])
        items = [
            text("between.trend", lang, name=_name(row, lang), trend=trend_text(row, lang))
            for row in records(trends)
            if row["indicator"] in known and not has_note(row["note"], "one period")
        ]
        if items:
            said.append(text("between.trends", lang, items=_joined(items, lang)))
        said.append(text("between.causes", lang))
    without = _without_counts(counts, list(spread["indicator"]), lang)
    return [*said, text("between.without counts", lang, names=listed(without, lang))] if without else said


def _without_counts(counts: pd.DataFrame, ids: list[str], lang: str) -> list[str]:
    """The districts that have the counts of none of the indicators; many are counted."""
    columns = [list(indicator(one).columns) for one in ids]
    known = pd.concat([counts[both].notna().all(axis=1) for both in columns], axis=1).any(axis=1)
    without = counts[~counts["district"].isin(set(counts.loc[known, "district"]))]
    return [place_name(without, lang)] if len(without) else []


def funnel_sentences(compared: pd.DataFrame, spread: pd.DataFrame, *, lang: str) -> list[str]:
    """Say how many lie outside the funnel and how many do by chance, who stands out, and overdispersion.

    Parameters
    ----------
    compared, spread : pandas.DataFrame
        What `mchepi.indicators.compare_districts` and `spread_of_districts` give.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> funnel_sentences(pd.DataFrame({"reference": []}), pd.DataFrame({"by_chance_95": []}), lang="zh")
    ['没有可比较的率，本节从略。']
    """
    known = spread[spread["by_chance_95"].notna()]
    if known.empty:
        return [text("between.no comparison", lang)]
    said = []
    for row in records(known):
        own = compared[compared["indicator"] == row["indicator"]]
        said.append(
            text(
                "between.outside",
                lang,
                name=_name(row, lang),
                outside=numbers.count(row["outside_95"], lang),
                districts=numbers.count(row["districts"], lang),
                chance=numbers.half_up(row["by_chance_95"], 1),
                outer=numbers.count(row["outside_998"], lang),
                outer_chance=numbers.half_up(row["by_chance_998"], 2),
            )
            + text("between.stands out", lang, names=named_text(own, lang))
        )
        said.append(_overdispersion(row, lang))
    silent = max(records(known), key=lambda row: row["never_low"])
    if silent["never_low"]:
        said.append(
            text(
                "between.never low",
                lang,
                name=_name(silent, lang),
                count=numbers.count(silent["never_low"], lang),
                districts=numbers.count(silent["districts"], lang),
            )
        )
    return [*said, text("between.question", lang)]


def _overdispersion(row: Row, lang: str) -> str:
    beyond = row["dispersion_p_value"] < _CONVENTION
    if not beyond:
        return text("between.only chance", lang, p=numbers.p_value(row["dispersion_p_value"], lang))
    if not row["between_sd"]:
        return text("between.some beyond", lang, p=numbers.p_value(row["dispersion_p_value"], lang))
    return text(
        "between.beyond chance",
        lang,
        p=numbers.p_value(row["dispersion_p_value"], lang),
        sd=_level(row["between_sd"], row, lang),
        value=_level(row["value"], row, lang),
        outside=numbers.count(row["outside_allowed"], lang),
    )


def named_text(own: pd.DataFrame, lang: str) -> str:
    """The districts that stand out, with their counts and what was expected; "none" if none does.

    Examples
    --------
    >>> own = pd.DataFrame({"adjusted_p_value": [0.01, 0.6], "name_en": ["Anson", "Wake"],
    ...     "numerator": [15, 29], "expected": [3.17, 29.3]})
    >>> named_text(own, "en")
    'Anson (15, where 3.2 were expected)'
    """
    named = own[own["adjusted_p_value"] <= FALSE_DISCOVERIES].sort_values("adjusted_p_value", kind="stable")
    items = [
        text(
            "between.named",
            lang,
            name=row[f"name_{lang}"],
            events=numbers.count(row["numerator"], lang),
            expected=numbers.half_up(row["expected"], 1),
        )
        for row in records(named.iloc[:_MOST_NAMED])
    ]
    if len(named) > _MOST_NAMED:
        items.append(text("between.and others", lang, count=len(named) - _MOST_NAMED))
    return listed(items, lang) or text("between.none", lang)


def shrinkage_sentences(compared: pd.DataFrame, *, lang: str) -> list[str]:
    """Say what smoothing did to the rates of one indicator, and how far neighbors are alike.

    Parameters
    ----------
    compared : pandas.DataFrame
        What `mchepi.indicators.compare_districts` gives, of one indicator (see `leading`).
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> shrinkage_sentences(pd.DataFrame({"smoothed": []}), lang="en")
    ['No rate can be compared: nothing to show here.']
    """
    known = compared[compared["smoothed"].notna()]
    if known.empty:
        return [text("between.no comparison", lang)]
    row = records(known)[0]
    per = row["per"]
    said = [
        text(
            "between.smoothed",
            lang,
            name=_name(row, lang),
            raw=_span(known["value"], per, lang),
            smoothed=_span(known["smoothed"], per, lang),
        )
    ]
    if known["local"].isna().all():
        return [*said, text("between.no neighbors", lang)]
    common = known["local_note"].str.contains("no variation beyond chance").sum()
    said.append(
        text(
            "between.local",
            lang,
            local=_span(known["local"], per, lang),
            common=numbers.count(common, lang),
            districts=numbers.count(len(known), lang),
        )
    )
    return said


def _span(rates: pd.Series[float], per: float, lang: str) -> str:
    """From the lowest to the highest, with the unit."""
    return numbers.measure(numbers.interval(rates.min(), rates.max(), per=per, lang=lang), per, lang)


def rank_sentences(compared: pd.DataFrame, spread: pd.DataFrame, *, lang: str) -> list[str]:
    """Say whether the order of the districts can be told.

    Parameters
    ----------
    compared : pandas.DataFrame
        What `mchepi.indicators.compare_districts` gives, of one indicator (see `leading`).
    spread : pandas.DataFrame
        What `mchepi.indicators.spread_of_districts` gives.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> rank_sentences(pd.DataFrame({"rank": []}), pd.DataFrame(), lang="zh")
    ['没有可比较的率，本节从略。']
    """
    if compared["rank"].isna().all():
        return [text("between.no comparison", lang)]
    one = compared["indicator"].iloc[0]
    row = records(spread[spread["indicator"] == one])[0]
    said = [order_text(row, lang)]
    if spread["by_chance_95"].notna().sum() > 1:
        said.append(text("between.most events", lang, name=_name(row, lang)))
    return said


def order_text(row: Row, lang: str) -> str:
    """How many pairs of districts can be put in order, and how wide a rank is."""
    return text(
        "between.order" if row["pairs_apart"] < row["pairs"] / 2 else "between.order in part",
        lang,
        name=_name(row, lang),
        width=numbers.count(row["rank_width"], lang),
        districts=numbers.count(row["districts"], lang),
        pairs=numbers.count(row["pairs"], lang),
        apart=numbers.count(row["pairs_apart"], lang),
        share=numbers.percent(row["pairs_apart"] / row["pairs"], decimals=1),
    )


def map_sentences(compared: pd.DataFrame, *, drawn: bool, lang: str) -> list[str]:
    """Say why there is no map; or what the raw map shows of small districts.

    Parameters
    ----------
    compared : pandas.DataFrame
        What `mchepi.indicators.compare_districts` gives, of one indicator (see `leading`).
    drawn : bool
        Whether the dataset holds the outlines of its districts.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> map_sentences(pd.DataFrame({"reference": []}), drawn=False, lang="en")
    ['The dataset holds no outlines of its districts: no map.']
    """
    if not drawn:
        return [text("between.no map", lang)]
    known = compared[compared["reference"].notna()]
    extreme = known[(known["value"] < known["reference"] / 2) | (known["value"] >= known["reference"] * 2)]
    if extreme.empty:
        return []
    small = extreme["expected"] < _SMALL
    return [
        text(
            "between.map",
            lang,
            count=numbers.count(len(extreme), lang),
            small=numbers.count(small.sum(), lang),
            fewest=_SMALL,
        )
    ]


def between_methods(*, lang: str) -> list[str]:
    """Name the methods of a comparison between districts.

    Examples
    --------
    >>> len(between_methods(lang="zh"))
    3
    """
    return [text(f"methods.{part}", lang) for part in ("funnel", "smoothing", "league table")]


def _name(row: Row, lang: str) -> str:
    return indicator_name(row["indicator"], lang)


def _level(value: Any, row: Row, lang: str) -> str:
    return numbers.measure(numbers.half_up(value, numbers.decimals_of(row["per"])), row["per"], lang)


def _joined(items: list[str], lang: str) -> str:
    return ("；" if lang == "zh" else "; ").join(items)
