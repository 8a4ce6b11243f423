"""The order of districts in sentences: whether it lasted, and whom a league table blames by chance."""

from __future__ import annotations

import pandas as pd

from . import numbers
from .labels import indicator_name, period
from .rows import records
from .wording import text


def order_sentences(kept: pd.DataFrame, compared: pd.DataFrame, *, lang: str) -> list[str]:
    """Say whether the highest rates stayed the highest, and what foretold the later counts best.

    Parameters
    ----------
    kept : pandas.DataFrame
        What `mchepi.indicators.order_kept` gives.
    compared : pandas.DataFrame
        What `mchepi.indicators.compare_districts` gives, of one indicator (see `leading`).
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> order_sentences(pd.DataFrame({"indicator": []}), pd.DataFrame({"indicator": []}), lang="zh")
    ['没有可比的前一时期，不能判断次序是否保持。']
    """
    kept = kept[kept["indicator"].isin(compared["indicator"])]
    if kept.empty:
        return [text("between.no period before", lang)]
    said = []
    for row in records(kept):
        before = period({"year": row["previous_from"], "year_end": row["previous_to"]})
        said.append(
            text(
                "between.kept",
                lang,
                name=indicator_name(row["indicator"], lang),
                before=before,
                now=period(row),
                last=row["last"],
                kept=row["kept"],
                chance=numbers.half_up(row["kept_by_chance"], 1),
                correlation=numbers.half_up(row["correlation"], 2).replace("-", "−"),
            )
            + text(
                "between.foretold",
                lang,
                raw=numbers.half_up(row["error_raw"], 1),
                smoothed=numbers.half_up(row["error_smoothed"], 1),
                common=numbers.half_up(row["error_common"], 1),
            )
        )
    return said


def blame_sentences(blamed: pd.DataFrame, *, lang: str) -> list[str]:
    """Say whom a league table blames by chance, and whom it finds.

    Parameters
    ----------
    blamed : pandas.DataFrame
        What `mchepi.indicators.blamed_by_chance` gives, of one indicator.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> blame_sentences(pd.DataFrame({"expected": []}), lang="en")
    ['No league table: with fewer than six districts, or more than 300, its chances are not worked out.']
    """
    if blamed.empty:
        return [text("between.no league table", lang)]
    ordered = records(blamed.sort_values("by_chance", kind="stable"))
    least, most = ordered[0], ordered[-1]
    found = blamed["found"]
    said = text(
        "between.blamed",
        lang,
        name=indicator_name(most["indicator"], lang),
        blamed=most["blamed"],
        likely=most[f"name_{lang}"],
        likely_expected=numbers.half_up(most["expected"], 1),
        likely_chance=_in_hundred(most["by_chance"], lang),
        unlikely=least[f"name_{lang}"],
        unlikely_expected=numbers.half_up(least["expected"], 1),
        unlikely_chance=_in_hundred(least["by_chance"], lang),
    )
    truth = text(
        "between.found",
        lang,
        ratio=numbers.level(most["ratio"], 1, lang),
        low=numbers.percent(found.min()),
        high=numbers.percent(found.max()),
    )
    return [said, truth, text("between.better rule", lang)]


def _in_hundred(chance: float, lang: str) -> str:
    return numbers.percent(chance) if chance >= 0.005 else text("under one percent", lang)
