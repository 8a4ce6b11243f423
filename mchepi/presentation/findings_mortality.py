"""The key findings on mortality: level, targets, allowance, change, maternal deaths."""

from __future__ import annotations

import pandas as pd

from mchepi.indicators import indicator

from . import numbers
from .course_in_words import break_text, pools_in_short
from .labels import counted, listed, period
from .levels_in_words import absent, joined, level_text, zero_events
from .mortality_registers import differing, signs_found
from .over_time import difference, period_labels, pooled
from .rows import is_absent, latest, next_targets, records, stated
from .targets_in_words import allowances, judgements, sizes
from .wording import text

CHILDREN = ("neonatal_mortality_rate", "infant_mortality_rate", "under5_mortality_rate")
_MATERNAL = "maternal_mortality_ratio"


def mortality_findings(
    levels: pd.DataFrame,
    judged: pd.DataFrame,
    changes: pd.DataFrame,
    pooled: pd.DataFrame | None = None,
    *,
    lang: str,
    published: bool = False,
    registers: tuple[pd.DataFrame, pd.DataFrame] | None = None,
) -> list[str]:
    """The findings on mortality: level, targets, what is still allowed, change, maternal deaths.

    Parameters
    ----------
    levels : pandas.DataFrame
        What `compute` gives for one district by year.
    judged : pandas.DataFrame
        What `judge` gives for the latest of them.
    changes : pandas.DataFrame
        What `change` gives.
    pooled : pandas.DataFrame, optional
        What `judge` gives of what `pools` gives.
    lang : str
        ``zh`` or ``en``.
    published : bool
        Whether the figures are published texts: what is absent is then not published.
    registers : (pandas.DataFrame, pandas.DataFrame), optional
        The tables beside and signs of `mchepi.outcomes.mortality_register`. Where they ask a question, it
        stands after the level.

    Returns
    -------
    list of str
        At most five findings; the question of the registers takes the place of the last.

    Examples
    --------
    >>> frame = pd.DataFrame({"district": ["a"], "year": [2023], "indicator": ["maternal_mortality_ratio"],
    ...                       "value": [float("nan")], "note": ["missing: maternal_deaths"]})
    >>> nothing = pd.DataFrame({"indicator": []})
    >>> mortality_findings(frame, nothing, nothing, lang="en")
    ['No rate can be given: the counts are not stated.']
    """
    now = latest(levels)
    headline = headline_rates(now)
    if headline.empty:
        return [text("findings.nothing", lang)]
    goals = next_targets(judged[judged["indicator"].isin(headline["indicator"])])
    in_pools = [] if pooled is None else pools_in_short(pooled, set(headline["indicator"]), lang)
    found = [
        _level_finding(headline, lang),
        joined([*judgements(goals, lang), *(in_pools or sizes(goals, lang)[:1])], lang),
        joined(allowances(goals, lang), lang),
        _change_finding(headline, changes, levels, lang),
        _maternal_finding(now, lang, published=published)
        if set(headline["indicator"]) & set(CHILDREN)
        else "",
    ]
    asked = (
        ""
        if registers is None
        else joined([differing(registers[0], lang), signs_found(registers[1], lang)], lang)
    )
    kept = [one for one in found if one][:5]
    return [*kept[:1], asked, *kept[1:4]] if asked else kept


def headline_rates(now: pd.DataFrame) -> pd.DataFrame:
    """The child mortality rates that are stated, else the first three rates that are.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": ["stillbirth_rate", "infant_mortality_rate"], "value": [4.2, 2.8],
    ...                      "note": ["", ""]})
    >>> headline_rates(rows)["indicator"].tolist()
    ['infant_mortality_rate']
    """
    known = stated(now).dropna(subset=["value"])
    children = known[known["indicator"].isin(CHILDREN)]
    return children if len(children) else known.head(3)


def _level_finding(headline: pd.DataFrame, lang: str) -> str:
    rows = records(headline)
    items = [level_text(row, lang, first=place == 0) for place, row in enumerate(rows)]
    births = counted(indicator(rows[0]["indicator"]).denominator_columns[0], rows[0]["denominator"], lang)
    return text("findings.level", lang, period=period(rows[0]), births=births, items=listed(items, lang))


def _change_finding(headline: pd.DataFrame, changes: pd.DataFrame, levels: pd.DataFrame, lang: str) -> str:
    """The change of the headline indicator with the most events: it can tell the most."""
    rows = {row["indicator"]: row for row in records(changes) if not numbers.is_missing(row["events"])}
    chosen = [rows[one] for one in headline["indicator"] if one in rows]
    if not chosen:
        return ""
    if all(numbers.is_missing(row["previous_year"]) for row in chosen):
        return text("findings.one period", lang)
    row = max(chosen, key=lambda row: int(row["events"]))
    moved = [difference(row, lang, period_labels(levels)), pooled(row, lang)]
    return joined([*moved, *(break_text(one, lang) for one in chosen)], lang)


def _maternal_finding(now: pd.DataFrame, lang: str, *, published: bool) -> str:
    own = now[now["indicator"] == _MATERNAL]
    if own.empty:
        return ""
    if is_absent(own).all():
        return absent(own, lang, published=published)
    row = records(own)[0]
    if row["numerator"] == 0:
        return zero_events(row, lang)
    return text(
        "findings.level",
        lang,
        period=period(row),
        births=counted("live_births", row["denominator"], lang),
        items=level_text(row, lang),
    )
