"""Anemia: the group a person belongs to, and the class of an adjusted hemoglobin value."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mchepi.outcomes import _hemoglobin_rules as rules
from mchepi.outcomes._records import SEXES, YES_NO, Codes, categorical, encode, read, refuse, refuse_unshown
from mchepi.outcomes.hemoglobin import check_hemoglobin
from mchepi.stats._validate import FloatArray, Layout, check_choice

_OLDEST = 1440.0  # months
_TRIMESTERS: Codes = {
    **dict.fromkeys((1, "1", "first", "孕早期"), 1.0),
    **dict.fromkeys((2, "2", "second", "孕中期"), 2.0),
    **dict.fromkeys((3, "3", "third", "孕晚期"), 3.0),
}
Integers = NDArray[np.integer[Any]]


def anemia_group(
    age_months: Any, *, sex: Any, pregnant: Any = False, trimester: Any = None, standard: str = "who_2024"
) -> Any:
    """Group whose cut-offs hold for a person, as the standard's table names it.

    Parameters
    ----------
    age_months : float, array or Series
        Completed calendar months (see `completed_months`).
    sex : {"male", "female"}, array or Series
        Also m, f, 男, 女, and the codes 1 (male) and 2 (female). May be missing for children.
    pregnant : bool, array or Series
        Pregnancy decides, whatever the age.
    trimester : {1, 2, 3}, array or Series, optional
        Missing: as the first, whose cut-offs are those of the third; `anemia_records` counts them.
    standard : {"who_2024", "who_2011", "cn_child_care_norm", "cn_stat_moderate_severe", \
"cn_pregnancy_2014", "wst_441_2013"}
        Whose groups. The Chinese rows are recalled, not verified.

    Returns
    -------
    str, array or Series
        NaN where the age (or, from 15 years, the sex) is missing, and where the standard has no group:
        below 6 months, adults under a standard for children.

    Raises
    ------
    ValueError
        An unknown standard or word, a negative age or one above 120 years, a pregnant male.

    Notes
    -----
    Groups begin at their lower edge: 23.9 months is still under 24, and so is every child before its second
    birthday. Never pass rounded months.

    Examples
    --------
    >>> from mchepi.outcomes import anemia_group
    >>> anemia_group(23, sex="female"), anemia_group(23, sex="female", standard="who_2011")
    ('children_6_23mo', 'children_6_59mo')
    >>> anemia_group(170, sex="female", pregnant=True, trimester=2)
    'pregnant_t2'
    """
    check_choice("standard", standard, list(rules.standards()))
    (ages, sexes, pregnancies, trimesters), layout, places = read_persons(
        age_months, sex, pregnant, trimester
    )
    check_persons(ages, sexes, pregnancies, places)
    table = rules.cut_offs(standard)
    codes = group_codes(table, ages, sexes, pregnancies, trimesters)
    return _words(codes, table.groups, layout, "group")


def classify_anemia(hemoglobin: Any, *, group: Any, standard: str = "who_2024") -> Any:
    """Class of anemia of an adjusted hemoglobin value: none, mild, moderate or severe.

    Parameters
    ----------
    hemoglobin : float, array or Series
        Already adjusted (see `adjust_hemoglobin`), g/L.
    group : str, array or Series
        Group ids of the standard (see `anemia_group`); missing is allowed.
    standard : {"who_2024", "who_2011", "cn_child_care_norm", "cn_stat_moderate_severe", "cn_pregnancy_2014"}
        Whose cut-offs. "cn_stat_moderate_severe" does not part moderate from severe: below 90 is "moderate".

    Returns
    -------
    str, Categorical or Series of category
        Ordered none < mild < moderate < severe; missing where the value or the group is.

    Raises
    ------
    ValueError
        A group that the standard does not know, words for hemoglobin, a median between 0 and 20 (another
        unit), or a standard without classes ("wst_441_2013", which only parts anemia from none).

    Notes
    -----
    A value equal to a cut-off belongs to the better class. Values are compared as they are, not rounded: what
    104.6 rounds to is not anemic at 6 to 23 months, 104.6 is. Differences below a millionth of a g/L are
    arithmetic and count as equal.

    References
    ----------
    World Health Organization (2024). Guideline on haemoglobin cutoffs to define anaemia in individuals and
    populations. Geneva. ISBN 978-92-4-008854-2.

    Examples
    --------
    The same child is mild or moderate, the same infant anemic or not, by whose rules:

    >>> from mchepi.outcomes import classify_anemia
    >>> classify_anemia(92, group="children_24_59mo")
    'moderate'
    >>> classify_anemia(92, group="children_6_71mo", standard="cn_child_care_norm")
    'mild'
    >>> list(classify_anemia([107, 104.6], group="children_6_23mo"))
    ['none', 'mild']
    """
    check_choice("standard", standard, list(rules.standards()))
    table = rules.cut_offs(standard)
    if np.isnan(table.lowest[:, 1]).any():
        raise ValueError(
            f"`standard` must have classes of anemia; got {standard}, which only parts anemia from none. "
            "See the column anemic of anemia_records."
        )
    codes = {name: float(place) for place, name in enumerate(table.groups)}
    choices = f"groups of {standard}: {', '.join(table.groups)}"
    known = encode("group", group, codes, choices)
    (values, groups), layout, places = read(hemoglobin=hemoglobin, group=known)
    check_hemoglobin(values, places, adjusted=True)
    placed = np.where(np.isnan(groups), -1, np.nan_to_num(groups)).astype(np.int64)
    return _words(severity_codes(table, values, placed), rules.SEVERITIES, layout, "severity", ordered=True)


def read_persons(
    age_months: Any, sex: Any, pregnant: Any, trimester: Any
) -> tuple[list[FloatArray], Layout, Layout]:
    """Ages in months, sex (1 male, 2 female), pregnancy (0, 1) and trimester as numbers of one shape."""
    return read(age_months=age_months, **encoded_persons(sex, pregnant, trimester))


def encoded_persons(sex: Any, pregnant: Any, trimester: Any) -> dict[str, Any]:
    return {
        "sex": encode("sex", sex, SEXES, '"male" or "female"'),
        "pregnant": encode("pregnant", pregnant, YES_NO, "True or False"),
        "trimester": encode("trimester", trimester, _TRIMESTERS, "1, 2 or 3"),
    }


def check_persons(ages: FloatArray, sexes: FloatArray, pregnancies: FloatArray, places: Layout) -> None:
    """Require ages that people reach, and no pregnant male."""
    fix = "Give completed months, or missing."
    refuse((ages < 0) | (ages > _OLDEST), "age_months", "0 to 1440 months", ages, places, fix)
    bad = np.ravel((pregnancies == 1) & (sexes == 1))
    refuse_unshown(bad, "pregnant", "False for males", "Correct the sex or the pregnancy.")


def group_codes(
    table: rules.CutOffs, ages: FloatArray, sexes: FloatArray, pregnancies: FloatArray, trimesters: FloatArray
) -> Integers:
    """Position of each person's group in the standard's table; -1 where there is none."""
    found = np.full(np.shape(ages), -1, dtype=np.int64)
    pregnant = pregnancies == 1
    period = np.where(np.isnan(trimesters), 1, trimesters)
    for place in range(len(table.groups)):
        wanted, sex = table.pregnancy[place], table.sex[place]
        if wanted == "no":
            fits = ~pregnant & (ages >= table.age_from[place]) & (ages < table.age_below[place])
            if sex != "any":
                fits &= sexes == SEXES[sex]
        else:
            fits = pregnant if wanted == "any trimester" else pregnant & (period == float(wanted[-1]))
        found[fits] = place
    return found


def severity_codes(table: rules.CutOffs, values: FloatArray, groups: Integers) -> Integers:
    """0 none, 1 mild, 2 moderate, 3 severe; -1 where the value, the group or the class is unknown."""
    lowest = table.lowest[groups]  # -1 picks the last row, and is masked below
    compared = np.round(values, rules.DECIMALS)
    anemic = compared < lowest[..., 0]
    worse = (compared[..., None] < lowest).sum(axis=-1)
    unknown = (groups < 0) | np.isnan(values) | (anemic & np.isnan(lowest[..., 1]))
    return np.asarray(np.where(unknown, -1, worse))


def _words(
    codes: Integers, words: tuple[str, ...], layout: Layout, name: str, *, ordered: bool = False
) -> Any:
    import pandas as pd

    if not layout.shape:
        return words[int(codes)] if codes >= 0 else np.nan
    if len(layout.shape) > 1 or (layout.index is None and not ordered):
        return np.array([*words, np.nan], dtype=object)[codes]
    categories = categorical(codes, words, ordered=ordered)
    return categories if layout.index is None else pd.Series(categories, index=layout.index, name=name)
