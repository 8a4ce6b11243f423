"""What a screening register can give: attendance, positives, confirmed cases; never a sensitivity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._by_measure import by_measure
from mchepi.stats import Estimate, proportion, risk_ratio
from mchepi.stats._validate import Layout, align, check_choice, check_counts, check_level, check_part
from mchepi.stats.intervals import PROPORTION_LIMITS

if TYPE_CHECKING:
    import pandas as pd


def screening_yield(
    screened: Any,
    positive: Any,
    confirmed: Any,
    *,
    assessed: Any = None,
    eligible: Any = None,
    reference: Any = None,
    method: str = "wilson",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Yield of a screening program from its register: proportions from 0 to 1 and a ratio of detection rates.

    Parameters
    ----------
    screened : int, array or Series
        Persons tested (not tests, not person-times).
    positive : int, array or Series
        Those with a positive test.
    confirmed : int, array or Series
        Those in whom the condition was confirmed.
    assessed : int, array or Series, optional
        The positive persons who had the assessment that confirms (colposcopy, diagnostic hearing test).
        Without it all positives are below the line of the predictive value, which the note says.
    eligible : int, array or Series, optional
        Persons who should have been screened.
    reference : label, optional
        Label of the Series (or position in the array) whose detection rate the others are compared with, as
        HPV with cytology, in different women.
    method : {"wilson", "exact", "wilson_cc", "midp", "jeffreys", "agresti_coull"}
        Method of the limits of proportions, see `proportion_interval`.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Rows attendance (screened of eligible), positive_rate (positive of screened), assessment (assessed of
        positive), positive_predictive_value (confirmed of assessed), detection_rate (confirmed of screened),
        relative_detection (detection rate over that of `reference`); columns value, lower, upper, method,
        note. For arrays or Series these rows for each element, the index (label, measure).

    Raises
    ------
    ValueError
        Counts that are negative or fractional, more persons at a step than at the one before, an unknown
        `reference`, Series with unequal indexes, an unknown method or a level outside (0, 1).

    Notes
    -----
    Relative detection is a risk ratio with Miettinen-Nurminen limits. It compares programs, not tests, unless
    the women were allotted by chance: whoever is offered one test may differ from whoever is offered the
    other. Where positives were not assessed, the detection rate is a lower bound, as the note says.

    A register verifies positives only. It knows no false negatives, hence no sensitivity, specificity or
    negative predictive value, whatever their names in a report (see `diagnostic_accuracy`).

    References
    ----------
    Miettinen O, Nurminen M (1985). Comparative analysis of two rates. Statistics in Medicine 4(2): 213-226.
    doi:10.1002/sim.4780040211

    Examples
    --------
    Constructed: two tests in different women of one county.

    >>> import pandas as pd
    >>> from mchepi.outcomes import screening_yield
    >>> tests = pd.Index(["hpv", "cytology"], name="test")
    >>> found = screening_yield(
    ...     pd.Series([3000, 17000], tests), pd.Series([330, 510], tests), pd.Series([24, 68], tests),
    ...     assessed=pd.Series([290, 510], tests), reference="cytology",
    ... )
    >>> found.loc["hpv", ["value", "lower", "upper"]].dropna().round(4)
                                value   lower   upper
    measure
    positive_rate              0.1100  0.0993  0.1217
    assessment                 0.8788  0.8391  0.9097
    positive_predictive_value  0.0828  0.0562  0.1202
    detection_rate             0.0080  0.0054  0.0119
    relative_detection         2.0000  1.2625  3.1657
    >>> found.loc[("hpv", "detection_rate"), "note"]
    'lower bound: 40 of the positive not assessed'
    """
    level = check_level(confidence_level)
    check_choice("method", method, list(PROPORTION_LIMITS))
    given = {
        "eligible": np.nan if eligible is None else eligible,
        "screened": screened,
        "positive": positive,
        "assessed": np.nan if assessed is None else assessed,
        "confirmed": confirmed,
    }
    read, layout = align(**given)
    for name, persons in zip(given, read, strict=True):
        check_counts(name, persons, layout, of="persons")
    counts = dict(zip(given, np.broadcast_arrays(*read), strict=True))
    fix = "Check that both count persons, of the same period."
    for part, whole in (
        ("screened", "eligible"),
        ("positive", "screened"),
        ("assessed", "positive"),
        ("confirmed", "assessed"),
        ("confirmed", "positive"),
    ):
        check_part(part, counts[part], whole, counts[whole], layout, fix)

    def share(events: Any, total: Any) -> Estimate:
        return proportion(events, total, method=method, confidence_level=level)

    place = _place_of(reference, layout)
    below = np.where(np.isnan(counts["assessed"]), counts["positive"], counts["assessed"])
    estimates = {
        "attendance": share(counts["screened"], counts["eligible"]),
        "positive_rate": share(counts["positive"], counts["screened"]),
        "assessment": share(counts["assessed"], counts["positive"]),
        "positive_predictive_value": share(counts["confirmed"], below),
        "detection_rate": share(counts["confirmed"], counts["screened"]),
        "relative_detection": _relative(counts, place, level),
    }
    table = by_measure(estimates, layout, methods={}, notes=_say)
    return _with_bounds(table, counts, place)


def _relative(counts: dict[str, Any], place: int | None, level: float) -> Estimate:
    confirmed, screened = counts["confirmed"], counts["screened"]
    if place is None:
        return risk_ratio(confirmed, screened, np.nan, np.nan, confidence_level=level)
    others = np.where(np.arange(confirmed.size) == place, np.nan, confirmed)
    return risk_ratio(others, screened, confirmed[place], screened[place], confidence_level=level)


def _place_of(reference: Any, layout: Layout) -> int | None:
    if reference is None:
        return None
    labels = list(range(*layout.shape)) if layout.index is None and len(layout.shape) == 1 else layout.index
    known = [] if labels is None else list(labels)
    if known.count(reference) != 1:
        listed = ", ".join(map(repr, known[:5])) or "none: give a Series, one element a test"
        raise ValueError(
            f"`reference` must be the label of one element; got {reference!r}. Labels: {listed}."
        )
    return known.index(reference)


# measure -> the persons above and below its line, as their notes call them
_PERSONS = {
    "attendance": ("screened", "eligible"),
    "positive_rate": ("positive", "screened"),
    "assessment": ("assessed", "positive"),
    "positive_predictive_value": ("confirmed", "positive"),
    "detection_rate": ("confirmed", "screened"),
    "relative_detection": ("confirmed", "screened"),
}


def _say(measure: str, note: str) -> str:
    """Notes in the words of the register instead of events and totals, exposed and unexposed."""
    part, whole = _PERSONS[measure]
    for prefix, which in (("exposed_", ""), ("unexposed_", " of the reference"), ("", "")):
        note = note.replace(f"missing: {prefix}events", f"missing: {part}{which}")
        note = note.replace(f"missing: {prefix}total", f"missing: {whole}{which}")
    return note.replace("no events in", "none confirmed in")


def _with_bounds(table: pd.DataFrame, counts: dict[str, Any], place: int | None) -> pd.DataFrame:
    """Say what is counted over all positives, what is a lower bound, and what was not compared."""
    measures = table.index.get_level_values("measure")
    repeats = len(_PERSONS)
    lost = np.repeat(np.ravel(counts["positive"] - counts["assessed"]), repeats)
    detected = np.repeat(np.ravel(np.isfinite(counts["confirmed"])), repeats)
    more = np.full(len(table), "", dtype=object)
    more[(measures == "positive_predictive_value") & np.isnan(lost)] = (
        "over all positive: assessed not stated"
    )
    bound = np.asarray((measures == "detection_rate") & (lost > 0) & detected)
    more[bound] = [f"lower bound: {count:.0f} of the positive not assessed" for count in lost[bound]]
    notes = np.array(
        ["; ".join(filter(None, said)) for said in zip(table["note"], more, strict=True)], object
    )
    relative = np.flatnonzero(measures == "relative_detection")
    if place is None:
        notes[relative] = "no reference"
    else:
        notes[relative[place]] = "the reference"
    table["note"] = notes
    return table
