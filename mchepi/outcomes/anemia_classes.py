"""Anemia of individual records, from the measured value to the class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes import _hemoglobin_rules as rules
from mchepi.outcomes._records import categorical, notes, read
from mchepi.outcomes.anemia import check_persons, encoded_persons, group_codes, severity_codes
from mchepi.outcomes.hemoglobin import (
    adjusted_values,
    check_adjustment,
    check_altitude,
    check_hemoglobin,
    convert_hemoglobin,
    read_cigarettes,
    require_measured,
)
from mchepi.stats._validate import FloatArray, Layout, Mask, check_choice

if TYPE_CHECKING:
    import pandas as pd

_UNADJUSTED = ("none", "already_adjusted")
_FERTILE = (144.0, 600.0)  # months in which pregnancy matters
_ADULT = 180.0  # months; below it smoking plays no part


def anemia_records(
    hemoglobin: Any,
    *,
    age_months: Any,
    sex: Any,
    altitude: Any,
    already_adjusted: bool,
    pregnant: Any = False,
    trimester: Any = None,
    cigarettes: Any = None,
    standard: str = "who_2024",
    altitude_standard: str | None = None,
    how: str = "table",
    unit: str = "g/L",
) -> pd.DataFrame:
    """Anemia of individual records: g/L as measured and adjusted, group, class and what was out of order.

    Parameters
    ----------
    hemoglobin : float, array or Series
        Measured values in `unit`.
    age_months, sex, pregnant, trimester
        As in `anemia_group`.
    altitude : float, array or Series
        Where the persons live, m.
    already_adjusted : bool
        Whether the values were adjusted before: always to be said, never guessed.
    cigarettes : float, "unknown", array or Series, optional
        Cigarettes a day of adults; ignored below 15 years unless pregnant.
    standard : str
        Whose cut-offs, as in `anemia_group`.
    altitude_standard : {"who_2024", "who_2011", "cn_1992_2002", "wst_441_2013", "none"}, optional
        Whose adjustment, or none at all. Without it that of `standard`; to be said for the Chinese standards
        without an altitude rule of their own.
    how : {"table", "equation"}
        As in `adjust_hemoglobin`.
    unit : {"g/L", "g/dL", "mmol/L"}
        As in `convert_hemoglobin`.

    Returns
    -------
    pandas.DataFrame
        One row a record: hemoglobin (g/L), adjusted (g/L), group, severity (ordered), anemic (boolean),
        implausible (measured below 40 or above 200 g/L: flagged, not dropped), note, standard,
        altitude_standard ("already_adjusted" if they were), how, verified (whether both rules were checked
        against their sources).
        `records["note"].value_counts()` counts what was out of order.

    Raises
    ------
    ValueError
        As `adjust_hemoglobin` and `anemia_group`; values that look like another unit; a column whose name
        says that it was adjusted. No message shows a label or a word of a record.

    Notes
    -----
    Notes: missing: hemoglobin; missing: age, sex or group; missing: altitude; altitude beyond the table;
    implausible; trimester unknown, as 1st or 3rd; pregnancy not stated, as not pregnant; smoking not
    stated; moderate or severe, not parted.

    Not one row a person: where children were tested twice, choose a result by a stated rule first. Values of
    different specimens (capillary, venous) or analyzers are not one series.

    Examples
    --------
    Constructed: three children at 1,300 m, in g/dL.

    >>> from mchepi.outcomes import anemia_records
    >>> found = anemia_records(
    ...     [11.6, 12.1, 21.4], age_months=[14, 30, 45], sex=["f", "m", "m"],
    ...     altitude=1300, already_adjusted=False, unit="g/dL",
    ... )
    >>> found[["hemoglobin", "adjusted", "group", "severity", "note"]]
       hemoglobin  adjusted             group severity         note
    0       116.0     108.0   children_6_23mo     none
    1       121.0     113.0  children_24_59mo     none
    2       214.0     206.0  children_24_59mo     none  implausible
    """
    chosen = choose_rule(standard, altitude_standard, how, already_adjusted)
    columns, layout = read_columns(
        hemoglobin, age_months, sex, altitude, already_adjusted, pregnant, trimester, cigarettes, unit
    )
    return classify(columns, layout, chosen)


class Rule:
    """One choice of cut-offs and adjustment."""

    def __init__(self, standard: str, altitude_standard: str, how: str) -> None:
        self.standard, self.altitude_standard, self.how = standard, altitude_standard, how
        self.table = rules.cut_offs(standard)
        adjustment = rules.steps(altitude_standard, "altitude")
        # Not checked: who adjusted the values before, and from which altitude WHO's equation of 2011 holds.
        unchecked = altitude_standard == "already_adjusted" or (altitude_standard, how) == (
            "who_2011",
            "equation",
        )
        self.verified = self.table.verified and not unchecked and (adjustment is None or adjustment.verified)

    def adjusted(self, columns: dict[str, FloatArray]) -> FloatArray:
        if self.altitude_standard in _UNADJUSTED:
            return columns["hemoglobin"]
        return adjusted_values(
            columns["hemoglobin"],
            columns["altitude"],
            columns["cigarettes"],
            self.altitude_standard,
            self.how,
        )


def choose_rule(
    standard: str, altitude_standard: str | None = None, how: str = "table", already_adjusted: bool = False
) -> Rule:
    check_choice("standard", standard, list(rules.standards()))
    if already_adjusted:
        return Rule(standard, "already_adjusted", how)
    if altitude_standard is None and standard not in rules.altitude_standards():
        listed = ", ".join(map(repr, (*rules.altitude_standards(), "none")))
        raise ValueError(
            f"`altitude_standard` must be said for {standard}, which has no altitude rule of its own; "
            f"got nothing. Choose one of {listed}."
        )
    by = altitude_standard or standard
    if by != "none":
        check_choice("altitude_standard", by, [*rules.altitude_standards(), "none"])
        check_adjustment(by, how)
    return Rule(standard, by, how)


def read_columns(
    hemoglobin: Any,
    age_months: Any,
    sex: Any,
    altitude: Any,
    already_adjusted: bool,
    pregnant: Any,
    trimester: Any,
    cigarettes: Any,
    unit: str,
) -> tuple[dict[str, FloatArray], Layout]:
    if not isinstance(already_adjusted, bool):
        raise ValueError(
            f"`already_adjusted` must be True or False; got {already_adjusted!r}. "
            "Ask whether the values were adjusted for altitude; it is never guessed."
        )
    require_measured(hemoglobin, already_adjusted or None)
    given = {
        "hemoglobin": convert_hemoglobin(hemoglobin, unit=unit),
        "age_months": age_months,
        "altitude": altitude,
        "cigarettes": np.nan if cigarettes is None else read_cigarettes(cigarettes),
        **encoded_persons(sex, pregnant, trimester),
    }
    arrays, layout, places = read(**given)
    columns = dict(zip(given, map(np.atleast_1d, arrays), strict=True))
    if len(layout.shape) > 1:
        raise ValueError("Records must be columns of one dimension; got an array of more. Flatten it first.")
    check_hemoglobin(columns["hemoglobin"], places)
    check_altitude(columns["altitude"], places)
    check_persons(columns["age_months"], columns["sex"], columns["pregnant"], places)
    grown = (columns["age_months"] >= _ADULT) | (columns["pregnant"] == 1)
    smoking = columns["cigarettes"]
    columns["unstated"] = grown & np.isnan(smoking) & (cigarettes is not None)
    columns["cigarettes"] = np.where(grown, smoking, np.nan)
    return columns, layout


def classify(columns: dict[str, FloatArray], layout: Layout, rule: Rule) -> pd.DataFrame:
    import pandas as pd

    measured, height = columns["hemoglobin"], columns["altitude"]
    adjusted = rule.adjusted(columns)
    groups = group_codes(
        rule.table, columns["age_months"], columns["sex"], columns["pregnant"], columns["trimester"]
    )
    codes = severity_codes(rule.table, adjusted, groups)
    lowest = rule.table.lowest[groups]
    known = (groups >= 0) & ~np.isnan(adjusted)
    anemic = known & (np.round(adjusted, rules.DECIMALS) < lowest[:, 0])
    implausible = (measured < rules.LIKELY[0]) | (measured > rules.LIKELY[1])
    by_trimester = any(name.startswith("trimester") for name in rule.table.pregnancy)
    used = rule.altitude_standard not in _UNADJUSTED
    reasons = [
        (np.isnan(measured), "missing: hemoglobin"),
        (groups < 0, "missing: age, sex or group"),
        (np.isnan(height) & used, "missing: altitude"),
        (~np.isnan(height) & ~np.isnan(measured) & np.isnan(adjusted), "altitude beyond the table"),
        (implausible, "implausible"),
        (
            (columns["pregnant"] == 1) & np.isnan(columns["trimester"]) & by_trimester,
            "trimester unknown, as 1st or 3rd",
        ),
        (_unstated_pregnancy(columns), "pregnancy not stated, as not pregnant"),
        (columns["unstated"].astype(bool) & used, "smoking not stated"),
        (anemic & (codes == 2) & np.isnan(lowest[:, 2]), "moderate or severe, not parted"),
    ]
    size = len(measured)
    return pd.DataFrame(
        {
            "hemoglobin": measured,
            "adjusted": adjusted,
            "group": categorical(groups, rule.table.groups),
            "severity": categorical(codes, rules.SEVERITIES, ordered=True),
            "anemic": pd.arrays.BooleanArray(anemic, ~known),
            "implausible": implausible,
            "note": notes(reasons, Layout((size,))),
            "standard": _constant(rule.standard, size),
            "altitude_standard": _constant(rule.altitude_standard, size),
            "how": _constant(rule.how, size),
            "verified": np.full(size, rule.verified),
        },
        index=layout.index,
    )


def _unstated_pregnancy(columns: dict[str, FloatArray]) -> Mask:
    fertile = (columns["age_months"] >= _FERTILE[0]) & (columns["age_months"] < _FERTILE[1])
    return np.asarray(np.isnan(columns["pregnant"]) & (columns["sex"] == 2) & fertile)


def _constant(word: str, size: int) -> pd.Categorical[str]:
    return categorical(np.zeros(size, dtype=np.int8), [word])
