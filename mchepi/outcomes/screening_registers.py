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
from mchepi.stats._validate import FloatArray, check_level

if TYPE_CHECKING:
    import pandas as pd

# Days from birth by which a step is due. Screens: recalled, not verified; the heart's are chosen.
DUE: Mapping[str, Mapping[str, float]] = {
    "metabolic": {"screened": 20, "diagnosed": 14, "treated": 14},
    "hearing": {"screened": 30, "diagnosed": 91, "treated": 183},
    "heart": {"diagnosed": 91, "treated": 183},
}
_WITH_SECOND_SCREEN = ("metabolic", "hearing")
_FOLLOWED = 183.0  # days for which those in a cascade were watched at least
_LOOK_BACK = {"hpv": 5, "cytology": 3}  # years for which a negative test of the kind is taken to hold
_FOUND = ("cin2plus", "cancer")
_YIELDS = ("positive_rate", "assessment", "positive_predictive_value", "detection_rate", "relative_detection")


class ScreeningRegister(NamedTuple):
    """Tables of the registers of screening; those of a register that is not there are empty.

    Attributes
    ----------
    cascades : pandas.DataFrame
        As `register_cascade` gives it (percent), with program before it: metabolic, hearing, heart, and
        cervical_hpv, cervical_cytology; of persons watched for 183 days at least.
    timely : pandas.DataFrame
        As `timeliness` gives it (percent, days from birth), with program and due_step before it.
    curves : pandas.DataFrame
        As `time_to_event` gives it (percent), with program before it: days from birth to diagnosis of those
        who need it.
    tests : pandas.DataFrame
        As `screening_yield` gives it by cervical test: test, measure, numerator, denominator, value (0 to 1).
    look_back : pandas.DataFrame
        Women with a test in its look-back (hpv: 5 years, cytology: 3): test, year, year_end, test_records,
        women.
    pace : pandas.DataFrame
        Women with a cervical test by the end of each month: month, year, done_so_far; the last two years.
    """

    cascades: pd.DataFrame
    timely: pd.DataFrame
    curves: pd.DataFrame
    tests: pd.DataFrame
    look_back: pd.DataFrame
    pace: pd.DataFrame


def screening_register(
    newborns: pd.DataFrame, women: pd.DataFrame, *, confidence_level: float = 0.95
) -> ScreeningRegister:
    """Tables of screening from the registers of a district: shares in percent, days, persons.

    Parameters
    ----------
    newborns, women : pandas.DataFrame
        The registers of newborn and cervical screening as `Dataset.register` hands them out; without rows
        where there is none.
    confidence_level : float
        Level of the limits.

    Returns
    -------
    ScreeningRegister
        Its tables: cascades, timely, curves, tests, look_back, pace.

    Notes
    -----
    Diagnosis is due for whoever was positive and not cleared by a negative second screen, also where that
    was never done. Deaths are censored like moving away, for the register does not tell them apart: shares
    are then of children who stay, and a little too high.

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
    >>> found = screening_register(newborns, pd.DataFrame())
    >>> found.timely[["due_step", "by", "persons", "done", "value"]]
        due_step     by  persons  done  value
    0   screened   30.0        3     3  100.0
    1  diagnosed   91.0        1     1  100.0
    """
    import pandas as pd

    level = check_level(confidence_level)
    cascades, timely, curves = [], [], []
    for program in DUE:
        own = newborns[newborns["program"] == program] if len(newborns) else newborns
        if own.empty:
            continue
        wanted = _wanted(own)
        cascades.append(_newborn_cascade(own, program, level))
        for step, due in DUE[program].items():
            found = _timely(own[wanted[step]], step, due, level)
            timely.append(_named(found, program=program, due_step=step))
        curve = _curve(own[wanted["diagnosed"]], level)
        curves.append(_named(curve, program=program))
    tests = [test for test in _LOOK_BACK if len(women) and (women["test"] == test).any()]
    cascades += [_cervical_cascade(women[women["test"] == test], test, level) for test in tests]
    return ScreeningRegister(
        _together(cascades, ["program", "step"]),
        _together([rows for rows in timely if rows["persons"].sum()], ["program", "due_step", "by"]),
        _together([rows for rows in curves if len(rows)], ["program", "day"]),
        _yields(women, tests, level),
        _look_back(women, tests) if tests else pd.DataFrame(columns=["test", "women"]),
        _pace(women) if tests else pd.DataFrame(columns=["month", "done_so_far"]),
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


def _wanted(own: pd.DataFrame) -> dict[str, Any]:
    """Who needs which step: all a screen; positives who were not cleared a diagnosis; cases a treatment."""
    cleared = (own["rescreen_result"] == "negative").fillna(False).to_numpy(dtype=bool)
    positive = (own["result"] == "positive").fillna(False).to_numpy(dtype=bool)
    return {
        "screened": np.ones(len(own), dtype=bool),
        "diagnosed": positive & ~cleared,
        "treated": own["diagnosis"].fillna(False).to_numpy(dtype=bool),
    }


def _newborn_cascade(own: pd.DataFrame, program: str, level: float) -> pd.DataFrame:
    followed = own[_days(own, "observed_days") >= _FOLLOWED]
    names = ["screened", "rescreened", "diagnosed", "treated"]
    needed: dict[str, Any] = {
        "rescreened": _is(followed, "result", "positive"),
        "diagnosed": _is(followed, "rescreen_result", "positive"),
        "treated": followed["diagnosis"].to_numpy(dtype=object, na_value=np.nan),
    }
    if program not in _WITH_SECOND_SCREEN:
        names.remove("rescreened")
        needed = {"diagnosed": needed["rescreened"], "treated": needed["treated"]}
    steps = {name: _days(followed, f"days_to_{name}") for name in names}
    found = register_cascade(steps, needed=needed, per=100, confidence_level=level)
    return _named(found, program=program)


def _cervical_cascade(own: pd.DataFrame, test: str, level: float) -> pd.DataFrame:
    followed = own[_days(own, "observed_days") >= _FOLLOWED]
    histology = followed["histology"]
    disease = histology.isin(_FOUND).astype(object).where(histology.notna(), np.nan).to_numpy(dtype=object)
    steps = {
        "tested": np.zeros(len(followed)),
        "colposcopy": _days(followed, "days_to_colposcopy"),
        "treated": _days(followed, "days_to_treated"),
    }
    needed = {"colposcopy": _is(followed, "result", "positive"), "treated": disease}
    found = register_cascade(steps, needed=needed, per=100, confidence_level=level)
    return _named(found, program=f"cervical_{test}")


def _timely(own: pd.DataFrame, step: str, due: float, level: float) -> pd.DataFrame:
    days, observed = _days(own, f"days_to_{step}"), _days(own, "observed_days")
    return timeliness(days, observed=observed, by=due, per=100, confidence_level=level)


def _curve(own: pd.DataFrame, level: float) -> pd.DataFrame:
    days, observed = _days(own, "days_to_diagnosed"), _days(own, "observed_days")
    return time_to_event(days, observed=observed, per=100, confidence_level=level)


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


def _pace(women: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    known = women.dropna(subset=["year", "month"])
    last = int(known["year"].max())
    rows = []
    for year in sorted({one for one in (last - 1, last) if (known["year"] == one).any()}):
        own = known[known["year"] == year]
        until = int(own["month"].max()) if year == last else 12
        rows += [
            {"year": year, "month": month, "done_so_far": int((own["month"] <= month).sum())}
            for month in range(1, until + 1)
        ]
    return pd.DataFrame(rows, columns=["year", "month", "done_so_far"])


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
