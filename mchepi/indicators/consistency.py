"""Counts that contradict each other, and counts far outside their own history."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.catalog import indicators, package_text
from mchepi.indicators.catalog_checks import column_names
from mchepi.indicators.computation import require_columns
from mchepi.indicators.history import outside_own_history
from mchepi.indicators.sums import summed
from mchepi.stats._validate import FloatArray, Mask, align

COLUMNS = ("district", "year", "rule", "columns", "values", "severity", "message_zh", "message_en")
ABOVE_DENOMINATOR = "above_denominator"
"""The rule, taken from the catalog, that no more are counted than there are."""

_BREAKS: dict[str, Callable[[FloatArray, FloatArray], Mask]] = {
    "<=": np.greater,
    "=": np.not_equal,
    ">=": np.less,
}


@dataclass(frozen=True)
class ConsistencyRule:
    """`left` must stand in `relation` (<=, =, >=) to `factor` times `right`; both are columns or sums."""

    rule: str
    left: str
    relation: str
    factor: float
    right: str
    severity: str
    message_zh: str
    message_en: str

    @cached_property
    def sides(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The columns whose sums it compares."""
        return column_names(self.left), column_names(self.right)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All columns that it needs, those of the left side first."""
        left, right = self.sides
        return tuple(dict.fromkeys((*left, *right)))


def contradictions(counts: pd.DataFrame, *, errors_only: bool = False) -> pd.DataFrame:
    r"""Find counts of a district-year table that contradict each other or their own history.

    A rule is applied where all its columns are stated. Three sources of rules:

    - what must hold between counts (neonatal deaths are infant deaths, infant and 1-4-year deaths together
      are the under-five deaths …): package data, as are its messages;
    - no more events or persons than the denominator of an indicator holds (rule `above_denominator`), from
      the catalog, where that is impossible;
    - `outside_own_history`: a count that the district's other years make all but impossible, see there.

    An "error" cannot be true as it stands; a "warning" asks a question. Neither is corrected here, and what
    is consistent need not be complete.

    Parameters
    ----------
    counts : DataFrame
        The district-year table, one column a count, named as in the catalog.
    errors_only : bool
        Look for what cannot be true only, and ask no questions.

    Returns
    -------
    DataFrame
        One row a finding: district, year, rule, columns and values (joined by ";"), severity ("error",
        "warning"), message_zh, message_en; by district, year and rule.

    Raises
    ------
    ValueError
        If the table has no column district or year, or a column holds words.

    Examples
    --------
    Jalaid Banner 2023 reports 877 women tested as 100 %, and 1,422 women delivered:

    >>> import pandas as pd
    >>> from mchepi.indicators import contradictions
    >>> counts = pd.DataFrame(
    ...     {"district": ["152223"], "year": [2023], "women_delivered": [1422],
    ...      "emtct_tested_in_pregnancy": [877]}
    ... )
    >>> found = contradictions(counts)
    >>> found.loc[0, "message_en"]
    'women tested for HIV, syphilis and hepatitis B (877) are far fewer than women delivered (1422): which
    denominator is meant?'
    """
    require_columns(counts, ["district", "year"], "counts")
    known = set(counts.columns)
    rules = [
        rule
        for rule in consistency_rules() + _rules_of_the_catalog()
        if known.issuperset(rule.columns) and (rule.severity == "error" or not errors_only)
    ]
    columns = dict.fromkeys(column for rule in rules for column in rule.columns)
    stated = {column: align(**{column: counts[column]})[0][0] for column in columns}
    found = [finding for rule in rules for finding in _broken(counts, rule, stated)]
    if not errors_only:
        found += outside_own_history(counts, stated)
    table = pd.DataFrame(found, columns=list(COLUMNS))
    return table.sort_values(["district", "year", "rule", "columns"], kind="stable", ignore_index=True)


@lru_cache(maxsize=1)
def consistency_rules() -> tuple[ConsistencyRule, ...]:
    """Give the rules between counts that the package holds as data."""
    rows = csv.DictReader(io.StringIO(package_text("consistency.csv")))
    return tuple(_rule(row) for row in rows)


def _rule(row: dict[str, str]) -> ConsistencyRule:
    texts = {field: text for field, text in row.items() if field != "factor"}
    return ConsistencyRule(factor=float(row["factor"]), **texts)


@lru_cache(maxsize=1)
def _rules_of_the_catalog() -> tuple[ConsistencyRule, ...]:
    """Require of each indicator, where more is impossible, no more events than its denominator holds."""
    rules = {}
    for id in indicators()["id"]:
        one = find_indicator(id)
        if one.kind != "administrative" and (one.numerator_in_denominator or one.basis == "risk"):
            rules[one.numerator, one.denominator] = ConsistencyRule(
                rule=ABOVE_DENOMINATOR,
                left=one.numerator,
                relation="<=",
                factor=1,
                right=one.denominator,
                severity="error",
                message_zh=f"{one.numerator_zh}（{{left}}）多于{one.denominator_zh}（{{right}}）",
                message_en=f"{one.numerator_en} ({{left}}) exceed {one.denominator_en} ({{right}})",
            )
    return tuple(rules.values())


def _broken(
    counts: pd.DataFrame, rule: ConsistencyRule, stated: dict[str, FloatArray]
) -> Iterator[dict[str, Any]]:
    left, right = (summed(stated, side) for side in rule.sides)
    broken = _BREAKS[rule.relation](left, rule.factor * right)
    if not broken.any():
        return
    for row in np.flatnonzero(broken & ~np.isnan(left + right)):
        values = {"left": f"{left[row]:.15g}", "right": f"{right[row]:.15g}"}
        yield {
            "district": counts["district"].iloc[row],
            "year": counts["year"].iloc[row],
            "rule": rule.rule,
            "columns": ";".join(rule.columns),
            "values": ";".join(f"{stated[column][row]:.15g}" for column in rule.columns),
            "severity": rule.severity,
            "message_zh": rule.message_zh.format(**values),
            "message_en": rule.message_en.format(**values),
        }
