"""What registers of screening give a page of one district: cascades, waiting times, tests, elimination."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mchepi.outcomes.emtct import emtct_indicators
from mchepi.outcomes.emtct_register import emtct_counts
from mchepi.outcomes.event_times import time_to_event, timeliness
from mchepi.outcomes.register_cascades import register_cascade
from mchepi.outcomes.screening_yields import screening_yield
from mchepi.stats._validate import FloatArray, Mask, check_level

if TYPE_CHECKING:
    import pandas as pd

PROGRAMS = ("metabolic", "hearing", "heart")
_WITH_SECOND_SCREEN = ("metabolic", "hearing")
_LOOK_BACK = {"hpv": 5, "cytology": 3}  # years for which a negative test of the kind is taken to hold
_FOUND = ("cin2plus", "cancer")
_YIELDS = ("positive_rate", "assessment", "positive_predictive_value", "detection_rate", "relative_detection")


class ScreeningRegister(NamedTuple):
    """Tables of the registers of screening; those of a register that is not there are empty.

    Attributes
    ----------
    cascades : pandas.DataFrame
        As `register_cascade` gives it (percent), with program before it: metabolic, hearing, heart, and
        cervical_hpv, cervical_cytology; a step is lost when its deadline has passed.
    timely : pandas.DataFrame
        As `timeliness` gives it (percent; days from birth, or from the cervical test), with program and
        due_step before it, and after it to_follow (overdue and neither dead nor moved: who stands on the
        worklist), refused and lost_sight (of these, by the reason of closing), limit_verified.
    curves : pandas.DataFrame
        As `time_to_event` gives it (percent), with program before it: days from birth to diagnosis of those
        who need it.
    tests : pandas.DataFrame
        As `screening_yield` gives it by cervical test: test, measure, numerator, denominator, value (0 to 1).
    look_back : pandas.DataFrame
        Women with a test in its look-back (hpv: 5 years, cytology: 3): test, year, year_end, test_records,
        women.
    """

    cascades: pd.DataFrame
    timely: pd.DataFrame
    curves: pd.DataFrame
    tests: pd.DataFrame
    look_back: pd.DataFrame


def screening_register(
    newborns: pd.DataFrame,
    women: pd.DataFrame,
    deadlines: pd.DataFrame,
    *,
    confidence_level: float = 0.95,
) -> ScreeningRegister:
    """Tables of screening from the registers of a district: shares in percent, days, persons.

    Parameters
    ----------
    newborns, women : pandas.DataFrame
        The registers of newborn and cervical screening as `Dataset.register` hands them out; without rows
        where there is none.
    deadlines : pandas.DataFrame
        By which day which step is due, as `mchepi.intake.deadlines` gives it.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    ScreeningRegister
        Its tables: cascades, timely, curves, tests, look_back.

    Notes
    -----
    Diagnosis is due for whoever was positive and not cleared by a negative second screen, also where that
    was never done. Death competes with the step: the child stays below the line and is never late. Moving
    away is censored, and so is a record that was closed without a reason. Who refused or was lost sight of
    is waited for to the end of the register: taking them out would raise the share in time by those whom the
    program failed to reach. In the United States the CDC counts them so too (Hearing Screening and Follow-up
    Survey: the share lost is of all who did not pass, death, moving and refusal shown apart).

    HPV and cytology are compared by what they detect in different women; no sensitivity is in a register.

    Examples
    --------
    Constructed: three newborns, one of them positive and diagnosed on day 40.

    >>> import pandas as pd
    >>> from mchepi.outcomes import screening_register
    >>> newborns = pd.DataFrame({"program": "hearing", "result": ["positive", "negative", "negative"],
    ...     "rescreen_result": ["positive", None, None], "diagnosis": [False, None, None],
    ...     "days_to_screened": 3.0, "days_to_rescreened": [30.0, None, None],
    ...     "days_to_diagnosed": [40.0, None, None], "days_to_treated": None, "observed_days": 400.0})
    >>> due = pd.DataFrame({"register": "newborn_screening", "program": "hearing",
    ...     "step": ["screened", "diagnosed", "treated"], "due_days": [30, 91, 183], "verified": True,
    ...     "needed_where": ["", "result=positive", "diagnosis=yes"],
    ...     "not_needed_where": ["", "rescreen_result=negative", ""]})
    >>> found = screening_register(newborns, pd.DataFrame(), due)
    >>> found.timely[["due_step", "by", "persons", "done", "value"]]
        due_step     by  persons  done  value
    0   screened   30.0        3     3  100.0
    1  diagnosed   91.0        1     1  100.0
    """
    import pandas as pd

    level = check_level(confidence_level)
    cascades, timely, curves = [], [], []
    for program in PROGRAMS:
        own = newborns[newborns["program"] == program] if len(newborns) else newborns
        if own.empty:
            continue
        due = deadlines[(deadlines["register"] == "newborn_screening") & (deadlines["program"] == program)]
        cascades.append(_newborn_cascade(own, program, due, level))
        timely += [_timely(own, program, row, level) for row in due.to_dict("records")]
        diagnosis = due[due["step"] == "diagnosed"].to_dict("records")
        curves += [_curve(own[_needing(own, row)], program, level) for row in diagnosis]
    tests = [test for test in _LOOK_BACK if len(women) and (women["test"] == test).any()]
    due = deadlines[deadlines["register"] == "cervical_screening"]
    for test in tests:
        own, program = women[women["test"] == test], f"cervical_{test}"
        cascades.append(_cervical_cascade(own, program, due, level))
        timely += [_timely(own, program, row, level) for row in due.to_dict("records")]
    return ScreeningRegister(
        _together(cascades, ["program", "step"]),
        _together([rows for rows in timely if rows["persons"].sum()], ["program", "due_step", "by"]),
        _together([rows for rows in curves if len(rows)], ["program", "day"]),
        _yields(women, tests, level),
        _look_back(women, tests) if tests else pd.DataFrame(columns=["test", "women"]),
    )


def elimination_of_register(
    counts: pd.DataFrame, mothers: pd.DataFrame, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Criteria of elimination of mother-to-child transmission of the last year, as counts and rates.

    Parameters
    ----------
    counts : pandas.DataFrame
        The yearly counts of a district.
    mothers : pandas.DataFrame
        The register of infected mothers as `Dataset.register` hands it out; without rows where there is none.
        Counts that the table does not state are counted in it.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    pandas.DataFrame
        As `emtct_indicators` gives it for China's criteria, with year, and verified as True or False; no
        rows where no criterion has its counts.

    Examples
    --------
    Constructed: 1,430 live births without congenital syphilis tell little.

    >>> import pandas as pd
    >>> from mchepi.outcomes import elimination_of_register
    >>> counts = pd.DataFrame({"district": ["a"], "year": [2024], "live_births": [1430],
    ...                        "congenital_syphilis_cases": [0]})
    >>> found = elimination_of_register(counts, pd.DataFrame())
    >>> found.query("numerator == numerator")[["indicator", "reached", "verdict", "size_if_none"]]
                      indicator  reached      verdict  size_if_none
    1  congenital_syphilis_rate     True  cannot tell          7378
    """
    import pandas as pd

    year = int(counts["year"].max())
    last = counts[counts["year"] == year].iloc[-1]
    numeric = {
        name: value
        for name, value in last.items()
        if isinstance(value, int | float | np.integer | np.floating) and not pd.isna(value)
    }
    own = mothers[mothers["year"] == year] if len(mothers) else mothers
    counted: dict[Any, Any] = {}
    if len(own):
        answers = ("mother_treated", "infant_prophylaxis", "infant_tested", "infant_infected")
        found = emtct_counts(own["infection"], **{name: own[name] for name in answers})
        counted = {name: int(value) for name, value in found.items() if not pd.isna(value)}
    table = emtct_indicators({**counted, **numeric}, confidence_level=confidence_level)
    table["verified"] = [str(said).startswith("yes") for said in table["verified"]]
    if not (table["numerator"].notna() & table["denominator"].notna()).any():
        return table.iloc[:0].assign(year=year)
    return table.assign(year=year)


def _needing(own: pd.DataFrame, deadline: Mapping[Any, Any]) -> Mask:
    """Who needs the step of a deadline."""
    needed = np.ones(len(own), dtype=bool)
    if deadline["needed_where"]:
        needed &= _holds(own, deadline["needed_where"])
    if deadline["not_needed_where"]:
        needed &= ~_holds(own, deadline["not_needed_where"])
    return needed


def _holds(own: pd.DataFrame, condition: str) -> Mask:
    """Whether `column=word` (or one of several words joined by "|") is said of each."""
    column, _, words = condition.partition("=")
    said = own[column].map({True: "yes", False: "no"}) if own[column].dtype == "boolean" else own[column]
    return np.asarray(said.astype(object).isin(words.split("|")), dtype=bool)


def _newborn_cascade(own: pd.DataFrame, program: str, due: pd.DataFrame, level: float) -> pd.DataFrame:
    names = ["screened", "rescreened", "diagnosed", "treated"]
    needed: dict[str, Any] = {
        "rescreened": _is(own, "result", "positive"),
        "diagnosed": _is(own, "rescreen_result", "positive"),
        "treated": own["diagnosis"].to_numpy(dtype=object, na_value=np.nan),
    }
    if program not in _WITH_SECOND_SCREEN:
        names.remove("rescreened")
        needed = {"diagnosed": needed["rescreened"], "treated": needed["treated"]}
    steps = {name: _days(own, f"days_to_{name}") for name in names}
    days = dict(zip(due["step"], due["due_days"], strict=True))
    return _cascade(own, program, steps, needed, days, level)


def _cervical_cascade(own: pd.DataFrame, program: str, due: pd.DataFrame, level: float) -> pd.DataFrame:
    histology = own["histology"]
    disease = histology.isin(_FOUND).astype(object).where(histology.notna(), np.nan).to_numpy(dtype=object)
    steps = {
        "tested": np.zeros(len(own)),
        "colposcopy": _days(own, "days_to_colposcopy"),
        "treated": _days(own, "days_to_treated"),
    }
    needed = {"colposcopy": _is(own, "result", "positive"), "treated": disease}
    days = {"tested": 0, **dict(zip(due["step"], due["due_days"], strict=True))}
    return _cascade(own, program, steps, needed, days, level)


def _cascade(
    own: pd.DataFrame,
    program: str,
    steps: dict[str, FloatArray],
    needed: dict[str, Any],
    due: dict[str, float],
    level: float,
) -> pd.DataFrame:
    watching = {"observed": _days(own, "observed_days"), "left": ~_followed(own)}
    found = register_cascade(steps, needed=needed, due=due, **watching, per=100, confidence_level=level)
    return _named(found, program=program)


def _timely(own: pd.DataFrame, program: str, deadline: Mapping[Any, Any], level: float) -> pd.DataFrame:
    own = own[_needing(own, deadline)]
    due, reasons = float(deadline["due_days"]), _reasons(own)
    days, observed = _days(own, f"days_to_{deadline['step']}"), _days(own, "observed_days")
    found = timeliness(
        days, observed=observed, by=due, competing=reasons == "died", per=100, confidence_level=level
    )
    waiting = np.isnan(days) & (observed > due) & _followed(own)
    found = found.assign(
        to_follow=int(waiting.sum()),
        refused=int((waiting & (reasons == "refused")).sum()),
        lost_sight=int((waiting & (reasons == "lost")).sum()),
        limit_verified=bool(deadline["verified"]),
    )
    return _named(found, program=program, due_step=str(deadline["step"]))


def _curve(own: pd.DataFrame, program: str, level: float) -> pd.DataFrame:
    days, observed = _days(own, "days_to_diagnosed"), _days(own, "observed_days")
    died = _reasons(own) == "died"
    found = time_to_event(days, observed=observed, competing=died, per=100, confidence_level=level)
    return _named(found, program=program)


def _reasons(own: pd.DataFrame) -> Any:
    """Why each record was closed; empty where it was not, or nobody said why."""
    if "closed_reason" not in own:
        return np.full(len(own), "", dtype=object)
    return own["closed_reason"].astype(object).fillna("").to_numpy(dtype=object)


def _followed(own: pd.DataFrame) -> Mask:
    """Who is still there to be followed; everyone in a register that closes no records."""
    if "followed" not in own:
        return np.ones(len(own), dtype=bool)
    return np.asarray(own["followed"].fillna(True), dtype=bool)


def _yields(women: pd.DataFrame, tests: list[str], level: float) -> pd.DataFrame:
    import pandas as pd

    if not tests:
        return pd.DataFrame(columns=["measure", "test"])
    by_test = women["test"].to_numpy(dtype=object)
    positive = np.asarray(women["result"] == "positive", dtype=bool)
    assessed = positive & women["histology"].notna().to_numpy(dtype=bool)
    marks = {
        "screened": women["result"].notna().to_numpy(dtype=bool),
        "positive": positive,
        "assessed": assessed,
        "confirmed": assessed & women["histology"].isin(_FOUND).to_numpy(dtype=bool),
    }
    counts = {
        name: pd.Series([int((mark & (by_test == test)).sum()) for test in tests], pd.Index(tests))
        for name, mark in marks.items()
    }
    both = {"reference": "cytology"} if len(tests) == len(_LOOK_BACK) else {}
    found = screening_yield(
        counts["screened"],
        counts["positive"],
        counts["confirmed"],
        assessed=counts["assessed"],
        confidence_level=level,
        **both,
    ).reset_index(names=["test", "measure"])
    lines = {
        "positive_rate": ("positive", "screened"),
        "assessment": ("assessed", "positive"),
        "positive_predictive_value": ("confirmed", "assessed"),
        "detection_rate": ("confirmed", "screened"),
    }
    for place, name in enumerate(("numerator", "denominator")):
        found[name] = pd.array(
            [
                counts[lines[measure][place]][test] if measure in lines else pd.NA
                for test, measure in zip(found["test"], found["measure"], strict=True)
            ],
            dtype="Int64",
        )
    kept = found[found["measure"].isin(_YIELDS) & found["value"].notna()]
    return kept.assign(confidence_level=level).reset_index(drop=True)


def _look_back(women: pd.DataFrame, tests: list[str]) -> pd.DataFrame:
    import pandas as pd

    first, last = int(women["year"].min()), int(women["year"].max())
    rows = []
    for test in tests:
        start = max(first, last - _LOOK_BACK[test] + 1)
        own = women[(women["test"] == test) & (women["year"] >= start)]
        nameless = int(own["record_id"].isna().sum())
        rows.append(
            {
                "test": test,
                "year": start,
                "year_end": last,
                "look_back_years": _LOOK_BACK[test],
                "test_records": len(own),
                "women": own["record_id"].nunique() + nameless,
            }
        )
    return pd.DataFrame(rows)


def _is(frame: pd.DataFrame, column: str, word: str) -> Any:
    """Whether a column has the word; missing where it is."""
    given = frame[column]
    return (given == word).astype(object).where(given.notna(), np.nan).to_numpy(dtype=object)


def _days(frame: pd.DataFrame, column: str) -> FloatArray:
    return np.asarray(frame[column].to_numpy(dtype=float, na_value=np.nan), dtype=float)


def _named(frame: pd.DataFrame, **words: str) -> pd.DataFrame:
    for name in reversed(words):
        frame.insert(0, name, words[name])
    return frame


def _together(frames: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
