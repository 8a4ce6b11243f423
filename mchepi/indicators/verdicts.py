"""Indicators against targets: what was reached, and what can be known of the underlying level."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from mchepi.indicators.catalog import Indicator
from mchepi.indicators.catalog import indicator as find_indicator
from mchepi.indicators.columns import floats, texts
from mchepi.indicators.computation import require_columns
from mchepi.indicators.targeting import due, read_targets, within
from mchepi.stats import proportion_test, rate_test, size_to_tell
from mchepi.stats._validate import FloatArray, Mask
from mchepi.stats.one_sample import one_sided_level

_NEEDED = ["indicator", "numerator", "denominator", "value", "per", "confidence_level"]
_NUMBERS = ("numerator", "denominator", "per", "confidence_level", "target")
_GIVEN = (
    *("target_id", "target", "comparator", "level", "target_year", "target_verified", "reached", "due"),
    *("verdict", "p_value", "allowance", "allowance_left", "size_that_would_tell", "years_at_this_size"),
    *("size_that_would_miss", "years_that_would_miss"),
)

MET = "met"
NOT_MET = "not met"
CANNOT_TELL = "cannot tell"

_TO_SHOW = {"<": "less", "<=": "less", ">=": "greater", ">": "greater"}
_TO_SHOW_MISSED = {"<": "greater", "<=": "greater", ">=": "less", ">": "less"}


def judge(
    computed: pd.DataFrame,
    *,
    targets: pd.DataFrame | str | Iterable[str],
    assumed_rate: float | Mapping[str, float] | None = None,
    power: float = 0.8,
    verdicts_for_enumeration: bool = False,
) -> pd.DataFrame:
    r"""Whether each value is within its targets, and whether the underlying level can be told to be.

    Two judgments that are never mixed: `reached` compares the observed value with the target, as exact
    arithmetic. `verdict` judges the underlying level by two exact one-sided tests (binomial for proportions,
    Poisson for rates and ratios) at :math:`(1 - confidence\_level) / 2`: "met" if the test rejects a level
    beyond the target, "not met" if it rejects one within it, else "cannot tell". For a target of at most
    :math:`t` with :math:`x` events these are :math:`P(X \le x \mid t)` and :math:`P(X \ge x \mid t)`, and
    `p_value` is the smaller of the two; a p-value equal to the level rejects. < and <= differ in `reached`
    only. A target "=" can be shown not to hold, never to hold.

    Coverage from a full register (basis enumeration) gets `reached` only, unless asked: nothing was sampled.
    Quotas and resources (kind administrative) never get a verdict. A national target applied to a county is
    for reference. Tests of many targets are not adjusted for their number.

    Parameters
    ----------
    computed : DataFrame
        What `compute` gives.
    targets : DataFrame, str or several
        A table like `targets()`, or ids of that table. Indicators without a target give no row.
    assumed_rate : float or mapping, optional
        True rate for `size_that_would_tell`, in the indicator's unit; by indicator where there are several.
        Default: the observed value.
    power : float
        Probability with which that size is to tell.
    verdicts_for_enumeration : bool
        Judge the underlying level of enumerated coverage too.

    Returns
    -------
    DataFrame
        A row for each row of `computed` and target of its indicator: the columns of `computed`, then

        - target_id, target, comparator, level, target_year (Int64), target_verified (bool);
        - reached (boolean), due (boolean: the target year has come);
        - verdict ("met", "not met", "cannot tell", "" where none is given), p_value;
        - allowance (Int64): the most events that stay within the target at this denominator; for a coverage
          to be reached, the most persons who may be missed (none for surveys and quotas); allowance_left: how
          many of them are left;
        - size_that_would_tell: births or persons that show the target met if the assumed rate is the true one
          (see `mchepi.stats.size_to_tell`; inf: no number would), years_at_this_size;
        - size_that_would_miss: births or persons that show the target not met if the assumed rate is the true
          one (inf: no number would), years_that_would_miss.

    Raises
    ------
    ValueError
        If a column is missing, an indicator, target or comparator is unknown, or a unit is not the
        indicator's.

    References
    ----------
    Clopper CJ, Pearson ES (1934). doi:10.1093/biomet/26.4.404.
    Garwood F (1936). doi:10.1093/biomet/28.3-4.437.

    Examples
    --------
    Jalaid Banner 2023, 3 neonatal deaths among 1,430 births: within the national level of 2025, which cannot
    be told of the underlying level. It would take 22,364 births.

    >>> import pandas as pd
    >>> from mchepi.indicators import compute, judge
    >>> counts = pd.DataFrame(
    ...     {"district": ["152223"], "year": [2023], "live_births": [1430], "neonatal_deaths": [3]}
    ... )
    >>> judged = judge(compute(counts, "neonatal_mortality_rate"), targets="CN_HCPLAN2025_NMR")
    >>> judged[["reached", "due", "verdict", "allowance", "size_that_would_tell"]]
       reached    due      verdict  allowance  size_that_would_tell
    0     True  False  cannot tell          4               22364.0
    """
    require_columns(computed, _NEEDED, "computed")
    _require_unjudged(computed)
    _check_assumed(computed, assumed_rate)
    joined = _joined(computed, read_targets(targets))
    length = len(joined["indicator"])
    catalog = {id: find_indicator(id) for id in dict.fromkeys(joined["indicator"])}
    rows = _Rows(
        ones=[catalog[id] for id in joined["indicator"]],
        comparators=joined["comparator"].tolist(),
        **{name: floats(joined[name]) for name in _NUMBERS},
    )
    reached, allowance, allowance_left = within(
        rows.ones, rows.numerator, rows.denominator, rows.target, rows.comparators
    )
    judged = _are_judged(rows, verdicts_for_enumeration)
    verdict, p_value = _verdicts(rows, judged)
    assumed = np.where(judged, _assumed(joined, assumed_rate), np.nan)
    size = _sizes(rows, assumed, power, _TO_SHOW)
    size_missed = _sizes(rows, assumed, power, _TO_SHOW_MISSED)
    first, last = _years(joined)
    years_of_one = np.full(length, np.nan)
    np.divide(last - first + 1, rows.denominator, out=years_of_one, where=rows.denominator > 0)
    return pd.DataFrame(
        {
            **joined,
            "reached": reached,
            "due": due(last, floats(joined["target_year"])),
            "verdict": texts(verdict),
            "p_value": p_value,
            "allowance": allowance,
            "allowance_left": allowance_left,
            "size_that_would_tell": size,
            "years_at_this_size": size * years_of_one,
            "size_that_would_miss": size_missed,
            "years_that_would_miss": size_missed * years_of_one,
        }
    )


@dataclass(frozen=True)
class _Rows:
    """The rows of a judgment as numbers: a value and a target of its indicator each."""

    ones: list[Indicator]
    comparators: list[str]
    numerator: FloatArray
    denominator: FloatArray
    per: FloatArray
    confidence_level: FloatArray
    target: FloatArray

    def wanted(self, words: Mapping[str, str]) -> NDArray[np.str_]:
        """What a comparator asks to be shown; "" for one that is not among the words."""
        return np.array([words.get(one, "") for one in self.comparators], dtype=str)

    def of_kind(self, kind: str) -> Mask:
        """Which are judged by the binomial (kind proportion) or the Poisson distribution (all others)."""
        proportions = np.array([one.kind == "proportion" for one in self.ones], dtype=bool)
        return proportions if kind == "proportion" else ~proportions


def _joined(computed: pd.DataFrame, targets: Mapping[str, ExtensionArray]) -> dict[str, ExtensionArray]:
    """Each row of `computed` with each target of its indicator."""
    of: dict[str, list[int]] = {}
    for place, id in enumerate(targets["indicator"]):
        of.setdefault(id, []).append(place)
    found = [(row, place) for row, id in enumerate(computed["indicator"]) for place in of.get(id, [])]
    rows, places = np.array(found, dtype=np.intp).reshape(-1, 2).T
    beside = {name: column.take(places) for name, column in targets.items() if name != "indicator"}
    return {**{str(name): column.array.take(rows) for name, column in computed.items()}, **beside}


def _require_unjudged(computed: pd.DataFrame) -> None:
    taken = [column for column in _GIVEN if column in computed]
    if taken:
        raise ValueError(
            f"`computed` must have no columns that `judge` gives; got {', '.join(taken[:3])}. "
            "Pass what `compute` gives, not what `judge` gave, and name by-keys otherwise."
        )


def _check_assumed(computed: pd.DataFrame, assumed_rate: float | Mapping[str, float] | None) -> None:
    if not isinstance(assumed_rate, Mapping):
        return
    ids = [str(id) for id in computed["indicator"].unique()]
    for id in assumed_rate:
        if id not in ids:
            near = difflib.get_close_matches(str(id), ids, 1)
            fix = f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(ids[:12]) or 'none'}."
            raise ValueError(f"`assumed_rate` must name indicators of `computed`; got {id!r}. {fix}")


def _are_judged(rows: _Rows, enumerations: bool) -> Mask:
    """Which rows get a verdict on the underlying level."""
    events, total = rows.numerator, rows.denominator
    # Where more were counted than the denominator holds, it is no proportion of these persons.
    possible = (total > 0) & ~np.isnan(events) & (~rows.of_kind("proportion") | (events <= total))
    verdicts = [
        one.kind != "administrative" and (enumerations or one.basis != "enumeration") for one in rows.ones
    ]
    return np.asarray(possible & np.array(verdicts, dtype=bool), dtype=bool)


def _verdicts(rows: _Rows, judged: Mask) -> tuple[list[str], FloatArray]:
    below, above = (_p_values(rows, judged, alternative) for alternative in ("less", "greater"))
    wanted = rows.wanted(_TO_SHOW)
    # Nothing shows that a level is equal to a target; either test can show that it is not.
    shows_met = np.select([wanted == "less", wanted == "greater"], [below, above], np.inf)
    shows_not_met = np.select(
        [wanted == "less", wanted == "greater"], [above, below], np.minimum(below, above)
    )
    level = np.array([one_sided_level(level) for level in rows.confidence_level])
    verdict = np.select(
        [~judged, shows_met <= level, shows_not_met <= level], ["", MET, NOT_MET], CANNOT_TELL
    )
    return verdict.tolist(), np.where(judged, np.minimum(shows_met, shows_not_met), np.nan)


def _p_values(rows: _Rows, judged: Mask, alternative: str) -> FloatArray:
    reference = rows.target / rows.per
    found = np.full(len(rows.ones), np.nan)
    for kind, test in (("proportion", proportion_test), ("rate", rate_test)):
        own = judged & rows.of_kind(kind)
        if own.any():
            found[own] = test(
                rows.numerator[own], rows.denominator[own], reference=reference[own], alternative=alternative
            ).p_value
    return found


def _sizes(rows: _Rows, assumed: FloatArray, power: float, to_show: Mapping[str, str]) -> FloatArray:
    """Size at which the test that `to_show` names would tell; inf for "=", NaN where no rate is assumed."""
    wanted = rows.wanted(to_show)
    sizes = np.where(np.isnan(assumed), np.nan, np.inf)
    for kind, alternative, level in product(
        ("proportion", "rate"), ("less", "greater"), np.unique(rows.confidence_level)
    ):
        own = rows.of_kind(kind) & (wanted == alternative) & (rows.confidence_level == level)
        if own.any():
            sizes[own] = size_to_tell(
                assumed[own] / rows.per[own],
                rows.target[own] / rows.per[own],
                kind=kind,
                alternative=alternative,
                power=power,
                confidence_level=float(level),
            )
    return sizes


def _assumed(
    joined: Mapping[str, ExtensionArray], assumed_rate: float | Mapping[str, float] | None
) -> FloatArray:
    observed = floats(joined["value"])
    if assumed_rate is None:
        return observed
    ids = joined["indicator"].tolist()
    if isinstance(assumed_rate, Mapping):
        given = np.array([assumed_rate.get(id, np.nan) for id in ids], dtype=np.float64)
        return np.where(np.isnan(given), observed, given)
    if len(set(ids)) > 1:
        raise ValueError(
            f"`assumed_rate` must be a mapping from indicator to rate where there are several; got "
            f"{assumed_rate!r} for {', '.join(sorted(set(ids))[:3])}. Name the indicator of the rate."
        )
    return np.full(len(ids), float(assumed_rate))


def _years(joined: Mapping[str, ExtensionArray]) -> tuple[FloatArray, FloatArray]:
    """The years that each row covers; unknown for rows that pool without a year among their keys."""
    unknown = np.full(len(joined["indicator"]), np.nan)
    first, last = (floats(joined[name]) if name in joined else unknown for name in ("year", "year_end"))
    return first, last if "year_end" in joined else first
