"""A register of hemoglobin tests: one result a person and year, and how it was measured."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes import _hemoglobin_rules as rules
from mchepi.outcomes.anemia_classes import anemia_records
from mchepi.outcomes.hemoglobin import UNITS, convert_hemoglobin
from mchepi.outcomes.measurement_quality import digit_preference
from mchepi.stats._validate import Mask

if TYPE_CHECKING:
    import pandas as pd

CHILDREN = (6.0, 60.0)  # completed months
AGES = {"months_6_11": (6, 12), "months_12_23": (12, 24), "months_24_35": (24, 36), "months_36_59": (36, 60)}
TRIMESTERS = (14.0, 28.0)  # weeks from which the second and the third count
_METHOD = ("specimen", "analyzer", "unit", "already_adjusted")
_WANTED = ("district", "record_id", "year", "month", "age_months", "sex", "hemoglobin", "unit", "adjusted")


def anemia_results(register: pd.DataFrame, *, standard: str = "who_2024") -> pd.DataFrame:
    """Anemia of every test in a register, g/L, and which tests count: one result a person and year.

    Parameters
    ----------
    register : pandas.DataFrame
        The register of hemoglobin as `Dataset.register` hands it out.
    standard : str
        Whose cut-offs and altitude rule (the table), as in `anemia_records`.

    Returns
    -------
    pandas.DataFrame
        One row a test of children aged 6 to 59 months and of pregnant women, by year and month: the columns
        of the register; population ("children", "pregnant"), age_group, trimester (1: below 14 weeks, 2:
        below 28, 3), value (g/L as measured), adjusted_value (g/L), group (of the cut-offs), severity,
        anemic, already_adjusted, standard, altitude_standard, verified; left_out ("repeated", "implausible",
        "unit not stated", "adjustment not stated", "unclassified", or "" for the tests that count).

    Raises
    ------
    ValueError
        Absent columns, and as `anemia_records`: values that are not in the unit that they are said to be in.

    Notes
    -----
    Of several usable tests of a person in a year the first counts; retests are mostly of those found anemic,
    and the lowest, the last or the mean would count other children than a survey does. Values whose unit is
    not stated, or of which it is not stated whether they were adjusted for altitude before, are not guessed:
    they are left out. Persons who are neither children of that age nor pregnant are not in the table.

    Not a prevalence of all children: those who came were not drawn by lot unless it was a survey.

    Examples
    --------
    Constructed: a child tested twice in a year, and one without unit.

    >>> import pandas as pd
    >>> from mchepi.outcomes import anemia_results
    >>> register = pd.DataFrame({"district": "a", "record_id": [1, 1, 2], "year": 2023, "month": [1, 3, 2],
    ...     "age_months": [14, 16, 30], "sex": "male", "hemoglobin": [101.0, 112.0, 118.0],
    ...     "unit": ["g/L", "g/L", None], "adjusted": False, "altitude": 150.0})
    >>> anemia_results(register)[["adjusted_value", "severity", "left_out"]]
       adjusted_value severity         left_out
    0           101.0     mild
    1             NaN      NaN  unit not stated
    2           112.0     none         repeated
    """
    import pandas as pd

    absent = [name for name in _WANTED if name not in register.columns]
    if absent:
        raise ValueError(
            "`register` must have the columns of the register of hemoglobin; got none called "
            f"{', '.join(absent)}. Read it with `Dataset.register`."
        )
    ages = register["age_months"].to_numpy(dtype=float, na_value=np.nan)
    pregnant = _yes(register, "pregnant")
    child = (ages >= CHILDREN[0]) & (ages < CHILDREN[1]) & ~pregnant
    own = register[child | pregnant]
    kept = own.assign(_place=np.arange(len(own))).sort_values(["year", "month", "_place"], kind="stable")
    kept = kept.drop(columns="_place").reset_index(drop=True)
    ages = kept["age_months"].to_numpy(dtype=float, na_value=np.nan)
    pregnant = _yes(kept, "pregnant")
    weeks = _numbers(kept, "gestation_weeks")
    trimester = np.where(weeks < TRIMESTERS[0], 1.0, np.where(weeks < TRIMESTERS[1], 2.0, 3.0))
    trimester = np.where(pregnant & ~np.isnan(weeks), trimester, np.nan)
    unit_stated = kept["unit"].isin(UNITS).to_numpy(dtype=bool)
    said = ~kept["adjusted"].isna().to_numpy(dtype=bool)

    measured = np.full(len(kept), np.nan)
    for unit in UNITS:
        of_unit = (kept["unit"] == unit).to_numpy(dtype=bool, na_value=False)
        measured[of_unit] = np.asarray(
            convert_hemoglobin(_numbers(kept, "hemoglobin")[of_unit], unit=unit), dtype=float
        )
    classified = _classified(kept, np.where(said, measured, np.nan), pregnant, trimester, standard)
    usable = classified["anemic"].notna().to_numpy() & ~classified["implausible"].to_numpy(dtype=bool)
    keys = ["district", "record_id", "year"]
    repeated = kept[usable].duplicated(keys) & kept.loc[usable, "record_id"].notna()
    left_out = np.select(
        [
            ~unit_stated & kept["hemoglobin"].notna().to_numpy(),
            ~said & kept["hemoglobin"].notna().to_numpy(),
            classified["implausible"].to_numpy(dtype=bool),
            ~usable,
        ],
        ["unit not stated", "adjustment not stated", "implausible", "unclassified"],
        default="",
    )
    left_out[np.flatnonzero(usable)[repeated.to_numpy(dtype=bool)]] = "repeated"
    groups = np.select([(ages >= low) & (ages < high) for low, high in AGES.values()], list(AGES), "")
    return kept.assign(
        population=np.where(pregnant, "pregnant", "children"),
        age_group=np.where(pregnant, "", groups),
        trimester=trimester,
        value=measured,
        adjusted_value=classified["adjusted"].to_numpy(),
        group=classified["group"].astype(object).to_numpy(),
        severity=pd.Series(classified["severity"].to_numpy(), index=kept.index),
        anemic=pd.Series(classified["anemic"].array, index=kept.index),
        already_adjusted=kept["adjusted"],
        standard=standard,
        altitude_standard=classified["altitude_standard"].to_numpy(),
        verified=classified["verified"].to_numpy(dtype=bool),
        left_out=left_out,
    )


def hemoglobin_measurement(results: pd.DataFrame) -> pd.DataFrame:
    """How hemoglobin was measured: tests, g/L and last digits by year, specimen, analyzer and unit.

    Parameters
    ----------
    results : pandas.DataFrame
        As `anemia_results` gives it.

    Returns
    -------
    pandas.DataFrame
        One row a district, year, specimen, analyzer, unit and state of adjustment: tests, implausible,
        altitude_from, altitude_to (m), mean and standard_deviation (g/L before adjustment, plausible values
        of children), digit_score (of the digits written, see `digit_preference`), broken_from (the year, on
        the first row of a year whose most frequent specimen or analyzer is not that of the year before; else
        missing), what_changed ("specimen", "analyzer", both joined by ";", or "").

    Notes
    -----
    A year with another specimen or analyzer cannot be compared with those before: a difference may be the
    instrument's. Whether it is cannot be told from the register; both methods on the same blood would tell.

    Examples
    --------
    Constructed: capillary blood from the second year on.

    >>> import pandas as pd
    >>> from mchepi.outcomes import anemia_results, hemoglobin_measurement
    >>> register = pd.DataFrame({"district": "a", "record_id": [1, 2], "year": [2023, 2024], "month": 1,
    ...     "age_months": 14, "sex": "male", "hemoglobin": [112.0, 113.0], "unit": "g/L", "adjusted": False,
    ...     "altitude": 150.0, "specimen": ["venous", "capillary"]})
    >>> hemoglobin_measurement(anemia_results(register))[["year", "specimen", "broken_from", "what_changed"]]
       year   specimen  broken_from what_changed
    0  2023     venous         <NA>
    1  2024  capillary         2024     specimen
    """
    import pandas as pd

    rows = []
    by = ["district", "year", *_METHOD]
    given = results.reindex(columns=[*results.columns, *(one for one in by if one not in results)])
    for keys, tests in given.groupby(by, dropna=False, sort=True):
        implausible = tests["left_out"] == "implausible"
        values = tests.loc[~implausible & (tests["population"] == "children"), "value"].dropna()
        height = tests["altitude"].dropna() if "altitude" in tests else values.iloc[:0]
        rows.append(
            {
                **dict(zip(by, keys, strict=True)),
                "tests": len(tests),
                "implausible": int(implausible.sum()),
                "altitude_from": height.min(),
                "altitude_to": height.max(),
                "mean": values.mean(),
                "standard_deviation": values.std(),
                "digit_score": _digit_score(tests.loc[~implausible]),
            }
        )
    columns = [*by, "tests", "implausible", "altitude_from", "altitude_to", "mean", "standard_deviation"]
    frame = pd.DataFrame(rows, columns=[*columns, "digit_score"])
    return frame.assign(**_breaks(given, frame))


def hemoglobin_distribution(results: pd.DataFrame) -> pd.DataFrame:
    """How many children have which adjusted hemoglobin, by whole g/L and group of the cut-offs.

    Parameters
    ----------
    results : pandas.DataFrame
        As `anemia_results` gives it.

    Returns
    -------
    pandas.DataFrame
        The children who count in the last year, one row a district, year, group and value_from (g/L; the
        row holds values from there to below 1 g/L more): count, anemic_below (g/L, the cut-off of the group),
        standard.

    Examples
    --------
    Constructed:

    >>> import pandas as pd
    >>> from mchepi.outcomes import anemia_results, hemoglobin_distribution
    >>> register = pd.DataFrame({"district": "a", "record_id": [1, 2], "year": 2023, "month": 1,
    ...     "age_months": 14, "sex": "male", "hemoglobin": [112.0, 112.0], "unit": "g/L", "adjusted": False,
    ...     "altitude": 150.0})
    >>> found = hemoglobin_distribution(anemia_results(register))
    >>> found[["group", "value_from", "count", "anemic_below"]]
                 group  value_from  count  anemic_below
    0  children_6_23mo       112.0      2         105.0
    """
    kept = results[(results["left_out"] == "") & (results["population"] == "children")]
    last = kept[kept["year"] == kept.groupby("district")["year"].transform("max")]
    found = last.assign(value_from=np.floor(last["adjusted_value"].astype(float)))
    by = ["district", "year", "standard", "group", "value_from"]
    counts = found.groupby(by, sort=True).size().reset_index(name="count")
    places = {
        (name, group): (place, float(rules.cut_offs(name).lowest[place, 0]))
        for name in counts["standard"].unique()
        for place, group in enumerate(rules.cut_offs(name).groups)
    }
    known = [places[key] for key in zip(counts["standard"], counts["group"], strict=True)]
    counts["_place"], counts["anemic_below"] = [one for one, _ in known], [float(edge) for _, edge in known]
    columns = ["district", "year", "group", "value_from", "count", "anemic_below", "standard"]
    return counts.sort_values(["district", "_place", "value_from"], ignore_index=True)[columns]


def _classified(
    kept: pd.DataFrame, measured: Any, pregnant: Mask, trimester: Any, standard: str
) -> pd.DataFrame:
    """The same rows classified, those adjusted before apart from the others."""
    import pandas as pd

    before = kept["adjusted"].fillna(False).to_numpy(dtype=bool)
    cigarettes = (
        kept["cigarettes"].to_numpy(dtype=object) if "cigarettes" in kept else np.full(len(kept), np.nan)
    )
    parts = []
    for adjusted in (False, True):
        rows = before == adjusted
        if not rows.any() and (adjusted or len(kept)):
            continue
        found = anemia_records(
            measured[rows],
            age_months=kept["age_months"].to_numpy(dtype=float, na_value=np.nan)[rows],
            sex=kept["sex"].to_numpy(dtype=object)[rows],
            altitude=_numbers(kept, "altitude")[rows],
            already_adjusted=adjusted,
            pregnant=pregnant[rows],
            trimester=trimester[rows],
            cigarettes=cigarettes[rows],
            standard=standard,
        )
        words = {name: found[name].astype(object) for name in ("severity", "altitude_standard")}
        parts.append(found.assign(**words).set_index(np.flatnonzero(rows)))
    return pd.concat(parts).sort_index()


def _digit_score(tests: pd.DataFrame) -> float:
    """Of the last digit as written: whole numbers of g/L, tenths of g/dL and mmol/L."""
    if tests.empty:
        return np.nan
    decimals = 0 if tests["unit"].iloc[0] == "g/L" else 1
    values = _numbers(tests, "hemoglobin")
    return float(digit_preference(values, decimals=decimals)["score"].iloc[0])


def _breaks(results: pd.DataFrame, frame: pd.DataFrame) -> dict[str, Any]:
    import pandas as pd

    year: list[Any] = [pd.NA] * len(frame)
    what = [""] * len(frame)
    for _, tests in results.groupby("district", sort=False):
        usual = {
            name: tests.groupby("year")[name].agg(lambda own: own.mode().iloc[0] if own.notna().any() else "")
            for name in ("specimen", "analyzer")
        }
        years = sorted(tests["year"].dropna().unique())
        for before, after in pairwise(years):
            changed = [
                name
                for name, own in usual.items()
                if own[before] and own[after] and own[before] != own[after]
            ]
            if changed:
                own_rows = (frame["district"] == tests["district"].iloc[0]) & (frame["year"] == after)
                place = int(np.flatnonzero(own_rows.to_numpy(dtype=bool))[0])
                year[place], what[place] = int(after), ";".join(changed)
    return {"broken_from": pd.array(year, dtype="Int64"), "what_changed": what}


def _yes(frame: pd.DataFrame, column: str) -> Mask:
    if column not in frame:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray(frame[column].fillna(False).to_numpy(dtype=bool))


def _numbers(frame: pd.DataFrame, column: str) -> Any:
    if column not in frame:
        return np.full(len(frame), np.nan)
    return frame[column].to_numpy(dtype=float, na_value=np.nan)
