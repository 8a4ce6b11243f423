"""Of what and at what age: causes of death in groups, ages at death, days between deaths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._records import encode, read, refuse
from mchepi.outcomes._registers import KINDS, YEARS, require
from mchepi.outcomes._tables import rows_of
from mchepi.stats import proportion, t_chart
from mchepi.stats._validate import FloatArray, Mask, check_choice, check_level

if TYPE_CHECKING:
    import pandas as pd

# Of fewer deaths than this a share moves by more than 5 points with every death.
FEWEST_FOR_SHARES = 20
UNCLEAR, NOT_STATED = "unclear", "not_stated"
_NAMES = {UNCLEAR: ("文字无法归类", "Words not clear"), NOT_STATED: ("未填写", "Not stated")}
_CODE = re.compile(r"\s*([A-Z])([0-9]{2})(?:\.?([0-9])|(?![0-9]))", re.IGNORECASE)


@dataclass(frozen=True)
class _Cause:
    cause: str
    name_zh: str
    name_en: str
    ranges: tuple[tuple[int, int], ...]
    words: tuple[str, ...]


def cause_group(cause: Any, *, kind: str = "child") -> Any:
    """Group of a cause of death, given as ICD-10 code or in Chinese words.

    Parameters
    ----------
    cause : str, array or Series
        A code that begins the text ("P22.0", "P220 新生儿呼吸窘迫"), or words.
    kind : {"child", "maternal"}
        Whose death.

    Returns
    -------
    str, array or Series
        The group: for children diarrhea, meningitis, pneumonia, preterm, asphyxia, neonatal_sepsis,
        neural_tube_defect, congenital_heart_disease, other_birth_defect, other_perinatal, other_infection,
        neoplasm, drowning, suffocation, traffic, other_injury, ill_defined, other; for mothers abortive,
        hypertension, hemorrhage, infection, amniotic_embolism, other_embolism, indirect, late, undetermined,
        coincidental, other. "unclear": words of no group, or of two. "not_stated": missing.

    Raises
    ------
    ValueError
        Another `kind`.

    Notes
    -----
    The table (package data, with ICD-10 ranges, words, sources and what was verified) follows WHO's groups
    of child causes (MCEE), with heart disease, neural tubes, drowning, suffocation, traffic and neoplasms
    apart, as Chinese reports have them, and ICD-MM for mothers. The first group that holds a code takes it;
    of words the longest that the text contains decides.

    Not a coding of causes: it takes the underlying cause as it was written.

    Examples
    --------
    >>> from mchepi.outcomes import cause_group
    >>> cause_group(["P22.0", "Q24.9", "新生儿肺炎", None]).tolist()
    ['preterm', 'congenital_heart_disease', 'pneumonia', 'not_stated']
    >>> cause_group("O88.1", kind="maternal")
    'amniotic_embolism'
    """
    import pandas as pd

    check_choice("kind", kind, list(KINDS))
    values = np.asarray(cause.astype(object) if isinstance(cause, pd.Series) else cause, dtype=object)
    places, texts = pd.factorize(values.ravel())
    groups = np.array([*(_group(str(text), kind) for text in texts), NOT_STATED], dtype=object)
    found = groups[places].reshape(values.shape)
    if isinstance(cause, pd.Series):
        return pd.Series(found, index=cause.index, dtype="str")
    return found if found.shape else str(found[()])


def causes_of_death(
    deaths: pd.DataFrame, *, kind: str = "child", confidence_level: float = 0.95
) -> pd.DataFrame:
    """Deaths of each district by group of causes, as counts and as shares in percent.

    Parameters
    ----------
    deaths : pandas.DataFrame
        The register as `Dataset.register` hands it out, of the years to be taken together.
    kind : {"child", "maternal"}
        Whose deaths.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Columns district, cause, name_zh, name_en, deaths, total, share, lower, upper (percent, Wilson), note;
        the leading cause first, groups without a death left out. Of fewer than 20 deaths no shares.

    Raises
    ------
    ValueError
        Absent columns, other words in `kind`, or a level outside (0, 1). No message shows a cause.

    Notes
    -----
    Not for a comparison of years or districts with a handful of deaths: which cause leads is chance.

    Examples
    --------
    >>> import pandas as pd
    >>> from mchepi.outcomes import causes_of_death
    >>> deaths = pd.DataFrame({"district": "a", "kind": "child", "cause": ["P22.0", "早产", "W75"]})
    >>> causes_of_death(deaths)[["cause", "deaths", "total", "note"]]
             cause  deaths  total                                 note
    0       preterm      2      3  fewer than 20 deaths: without shares
    1   suffocation      1      3  fewer than 20 deaths: without shares
    """
    import pandas as pd

    level = check_level(confidence_level)
    chosen = _of_kind(deaths, kind, ("district", "kind", "cause"))
    names = {one.cause: (one.name_zh, one.name_en) for one in _causes(kind)} | _NAMES
    order = {cause: place for place, cause in enumerate(names)}
    grouped = pd.DataFrame({"district": chosen["district"], "cause": cause_group(chosen["cause"], kind=kind)})
    table = grouped.groupby(["district", "cause"]).size().rename("deaths").reset_index()
    table["total"] = table.groupby("district")["deaths"].transform("sum")
    table = table.assign(place=table["cause"].map(order))
    table = table.sort_values(["district", "deaths", "place"], ascending=[True, False, True])
    table = table.drop(columns="place").reset_index(drop=True)
    for position, column in enumerate(("name_zh", "name_en")):
        table.insert(2 + position, column, [names[cause][position] for cause in table["cause"]])
    return _with_shares(table, level)


def age_at_death(deaths: pd.DataFrame, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Deaths under five of each district by age, as counts and as shares in percent.

    Parameters
    ----------
    deaths : pandas.DataFrame
        The register as `Dataset.register` hands it out, of the years to be taken together.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Columns district, age (day_0, days_1_6, days_7_27, days_28_to_5_months, months_6_11, months_12_23,
        months_24_59), deaths, total, share, lower, upper (percent, Wilson), note; every age, also without
        deaths. Of fewer than 20 deaths no shares. Deaths of unknown age are in the note only.

    Raises
    ------
    ValueError
        Absent columns, other words in `kind`, negative ages, or a level outside (0, 1).

    Notes
    -----
    Not a risk: the ages have different lengths, and no births stand below the line.

    Examples
    --------
    >>> import pandas as pd
    >>> from mchepi.outcomes import age_at_death
    >>> deaths = pd.DataFrame({"district": "a", "kind": "child", "age_days": [0, 3, 5, 400],
    ...                        "age_months": [0, 0, 0, 13]})
    >>> age_at_death(deaths)[["age", "deaths"]].query("deaths > 0")
                age  deaths
    0         day_0       1
    1      days_1_6       2
    5  months_12_23       1
    """
    import pandas as pd

    level = check_level(confidence_level)
    chosen = _of_kind(deaths, "child", ("district", "kind", "age_days", "age_months"))
    days, months = (_ages(chosen, column) for column in ("age_days", "age_months"))
    days = np.where(np.isnan(days) & (months >= 1), np.inf, days)
    unknown = np.isnan(days) | np.isnan(months)
    older = days >= 28
    marks = {
        "day_0": days < 1,
        "days_1_6": (days >= 1) & (days < 7),
        "days_7_27": (days >= 7) & ~older,
        "days_28_to_5_months": older & (months < 6),
        "months_6_11": older & (months >= 6) & (months < 12),
        "months_12_23": older & (months >= 12) & (months < 24),
        "months_24_59": older & (months >= 24) & (months < 60),
    }
    marks = {name: mark & ~unknown for name, mark in marks.items()}
    sums = pd.DataFrame({**marks, "unknown": unknown}).groupby(chosen["district"].to_numpy()).sum()
    table = (
        sums[list(marks)]
        .rename_axis("district")
        .reset_index()
        .melt(id_vars="district", var_name="age", value_name="deaths")
        .sort_values("district", kind="stable", ignore_index=True)
    )
    table["total"] = table.groupby("district")["deaths"].transform("sum")
    left = table["district"].map(sums["unknown"])
    return _with_shares(table, level, [f"of unknown age: {count}" if count else "" for count in left])


def days_between_deaths(
    deaths: pd.DataFrame,
    *,
    kind: str = "maternal",
    reference: float | None = None,
    through: int | None = None,
    year: str = "calendar",
    level: float = 0.998,
) -> pd.DataFrame:
    """Days from each death to the next and since the last one, on the chart of `t_chart`, by district.

    Parameters
    ----------
    deaths : pandas.DataFrame
        The register as `Dataset.register` hands it out.
    kind : {"maternal", "child"}
        Whose deaths.
    reference : float, optional
        The mean number of days between deaths that the intervals are compared with. None: that of these
        intervals.
    through : int, optional
        The last year that the register covers whole: the days since the last death are then at least those
        from the end of its month to the end of that year. Without it they are left out.
    year : {"calendar", "mch"}
        The kind of year of `through`.
    level : float
        Chance that an interval lies within the limits while the rate stays the same.

    Returns
    -------
    pandas.DataFrame
        One row an interval: district, then the columns of `t_chart`, the intervals in the order of the
        months in which they ended. Districts with fewer than two deaths have none.

    Raises
    ------
    ValueError
        Absent columns, other words in `kind`, negative days, and what `t_chart` refuses.

    Notes
    -----
    Without the first dates the chart can only tell of deaths more often or less often than the mean. Not
    where births change over the years: use `g_chart` on births.

    Examples
    --------
    >>> import pandas as pd
    >>> from mchepi.outcomes import days_between_deaths
    >>> deaths = pd.DataFrame({"district": "a", "kind": "maternal", "year": [2019, 2021, 2023],
    ...                        "month": [3, 5, 1], "days_since_previous": [None, 800.0, 610.0]})
    >>> days_between_deaths(deaths, through=2024)[["between", "open", "signal"]]
       between   open signal
    0    800.0  False
    1    610.0  False
    2    700.0   True
    """
    import pandas as pd

    check_choice("year", year, list(YEARS))
    chosen = _of_kind(deaths, kind, ("district", "kind", "year", "month", "days_since_previous"))
    _ages(chosen, "days_since_previous")
    chosen = chosen[chosen["year"].notna() & chosen["month"].notna()]
    parts = {}
    for district, rows in chosen.sort_values(["year", "month"], kind="stable").groupby("district"):
        between = rows["days_since_previous"].dropna().to_numpy(dtype=float)
        if between.size:
            since = None if through is None else _days_since(rows.iloc[-1], through, YEARS[year][2])
            parts[district] = t_chart(between, days_since_last=since, reference=reference, level=level)
    if not parts:
        empty = t_chart([1.0], reference=1.0, level=level).iloc[:0]
        empty.insert(0, "district", pd.Series(dtype="str"))
        return empty
    table: pd.DataFrame = pd.concat(parts, names=["district", None]).reset_index(level="district")
    return table.reset_index(drop=True)


def _days_since(last: Any, through: int, first_month: int) -> float:
    """Days from the end of the last death's month to the end of the last year; 0 where it is later."""
    month_after = np.datetime64(f"{int(last['year']):04}-{int(last['month']):02}", "M") + 1
    end = np.datetime64(f"{through + (first_month == 1):04}-{first_month:02}", "M")
    days = (end.astype("datetime64[D]") - month_after.astype("datetime64[D]")) / np.timedelta64(1, "D")
    return max(0.0, float(days))


def _of_kind(deaths: pd.DataFrame, kind: str, columns: tuple[str, ...]) -> pd.DataFrame:
    check_choice("kind", kind, list(KINDS))
    require("deaths", deaths, columns)
    codes = encode("kind", deaths["kind"], KINDS, "child or maternal")
    chosen: pd.DataFrame = deaths[(codes == KINDS[kind]).to_numpy()].reset_index(drop=True)
    return chosen


def _ages(frame: pd.DataFrame, column: str) -> FloatArray:
    (values,), _, places = read(**{column: frame[column]})
    refuse(values < 0, column, "0 or more", values, places, "Correct those records, or give it as missing.")
    return values


def _with_shares(table: pd.DataFrame, level: float, said: Any = None) -> pd.DataFrame:
    few: Mask = (table["total"] < FEWEST_FOR_SHARES).to_numpy()
    found = proportion(
        np.where(few, np.nan, table["deaths"]), table["total"].to_numpy(), per=100, confidence_level=level
    )
    scarce = np.where(few, f"fewer than {FEWEST_FOR_SHARES} deaths: without shares", "")
    said = [""] * len(table) if said is None else said
    notes = ["; ".join(filter(None, both)) for both in zip(scarce, said, strict=True)]
    limits = {"share": np.asarray(found.value, dtype=float), "lower": found.lower, "upper": found.upper}
    return table.assign(**limits, note=notes).astype({"note": "str"})


@cache
def _causes(kind: str) -> tuple[_Cause, ...]:
    return tuple(
        _Cause(
            row["cause"],
            row["name_zh"],
            row["name_en"],
            tuple(_range(part) for part in row["icd10"].split()),
            tuple(word for word in row["words_zh"].split(";") if word),
        )
        for row in rows_of("causes_of_death")
        if row["kind"] == kind
    )


def _range(text: str) -> tuple[int, int]:
    spans = [span for part in text.split("-") if (span := _span(part))]
    return spans[0][0], spans[-1][1]


def _span(text: str) -> tuple[int, int] | None:
    """The code that begins a text as first and last of its four-character codes, in the order of ICD-10."""
    code = _CODE.match(text)
    if code is None:
        return None
    letter, digits, fourth = code.groups()
    number = (ord(letter.upper()) - ord("A")) * 1000 + int(digits) * 10
    return (number, number + 9) if fourth is None else (number + int(fourth), number + int(fourth))


def _group(text: str, kind: str) -> str:
    if not text.strip():
        return NOT_STATED
    if span := _span(text):
        first, last = span
        inside = (
            one for one in _causes(kind) if any(low <= first and last <= high for low, high in one.ranges)
        )
        return next((one.cause for one in inside), UNCLEAR)
    longest = {
        one.cause: max((len(word) for word in one.words if word in text), default=0) for one in _causes(kind)
    }
    most = max(longest.values())
    holding = [cause for cause, length in longest.items() if length == most]
    return holding[0] if most and len(holding) == 1 else UNCLEAR
