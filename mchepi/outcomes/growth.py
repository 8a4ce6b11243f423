"""Growth by WHO's standards of 2006 and reference of 2007: z-scores, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes import _growth_tables as tables
from mchepi.outcomes._records import SEXES, YES_NO, Codes, categorical, encode, notes, read, refuse
from mchepi.outcomes.lms import z_scores
from mchepi.stats._validate import FloatArray, Layout, Mask

if TYPE_CHECKING:
    import pandas as pd

INDICES = ("haz", "waz", "whz", "baz")
# Beyond these z-scores a record is flagged as a likely error of measurement or date.
FLAGS = {"haz": (-6.0, 6.0), "waz": (-6.0, 5.0), "whz": (-5.0, 5.0), "baz": (-5.0, 5.0)}
_STANDING_FROM = 731.0  # days: from the second birthday height, before it length
_NEVER_STANDING = 9 * 30.4375  # days
_TALLER = 87.0  # cm; without age and position whoever is taller is taken to have stood
_LYING_MORE = 0.7  # cm
_DAYS_A_MONTH = 30.4375
_NO_WEIGHT_FOR_AGE = "older than 10 years: no weight for age"
_TOO_OLD = {
    "who_2006": "5 years or older: not in this standard",
    "who_2006_2007": "older than 19 years: not in this reference",
}
_FIX = "Correct them, or give them as missing."
_POSITIONS: Codes = {
    **YES_NO,
    **dict.fromkeys(("l", "lying", "卧位"), 1.0),
    **dict.fromkeys(("h", "standing", "立位"), 0.0),
}


def growth_z_scores(
    age_days: Any,
    sex: Any,
    *,
    weight: Any = None,
    length: Any = None,
    lying: Any = None,
    edema: Any = None,
    standard: str = "who_2006",
) -> pd.DataFrame:
    """Z-scores of length, weight and body mass index of children, WHO 2006 and 2007; no unit.

    Parameters
    ----------
    age_days : float, array or Series
        Age in days (see `completed_days`); half a day rounds up. Where dates are missing: months times
        30.4375.
    sex : {"male", "female"}, array or Series
        Also m, f, 男, 女, and the codes 1 (male) and 2 (female).
    weight : float, array or Series, optional
        kg.
    length : float, array or Series, optional
        Length or height, cm.
    lying : bool, array or Series, optional
        Whether it was taken lying (also "l" and "h"). Missing: lying before 731 days, standing from then on.
    edema : bool, array or Series, optional
        Edema of both feet: no z-score of weight is given.
    standard : {"who_2006", "who_2006_2007"}
        WHO's standards for children under five; or these, and from 1,827 days (the fifth birthday) to 228
        months of age WHO's reference of 2007. The latter's tables need the extra `who2007`.

    Returns
    -------
    pandas.DataFrame
        One row a child: haz (length/height for age), waz (weight for age), whz (weight for length/height),
        baz (body mass index for age); haz_flag, waz_flag, whz_flag, baz_flag; length_used (cm, after the
        correction for position); note; standard of the row ("who_2006" or "who_2007").

    Raises
    ------
    ValueError
        Words, negative ages, weights or lengths that are not above 0 or are in another unit (medians above
        100 kg or below 10 cm), Series with unequal indexes, another `standard`. No message shows a label or a
        word of a record.
    ImportError
        "who_2006_2007" without its tables; the message has the command.

    Notes
    -----
    z = ((x / M)^L - 1) / (L S), with L, M, S by day of age and sex, for whz by length or height (linear
    between tenths of a cm; 45-110 cm lying, 65-120 cm standing). Beyond -3 and 3, for the indices of weight,
    z goes on in units of the distance between 2 and 3 (restricted LMS), as WHO's own programs compute.
    Length taken standing before 731 days gets 0.7 cm more, height taken lying from then on 0.7 cm less;
    standing before 9 months is taken as not stated.

    Flags: haz beyond 6, waz below -6 or above 5, whz and baz beyond 5, on z-scores rounded to 0.01 as WHO
    does. Flagged values are given; `growth_status` leaves them out.

    By "who_2006" 1,827 days and more give NaN with a note. By "who_2006_2007" they have haz, baz and, to 120
    months, waz, with L, M, S linear between months of 30.4375 days; no whz. The two hardly meet:
    from one day to the next a z-score between -3 and 3 moves by up to 0.1 (haz), 0.15 (waz) or 0.2 (baz).

    Not for preterm children by their age since birth.

    References
    ----------
    WHO Multicentre Growth Reference Study Group (2006). WHO Child Growth Standards based on length/height,
    weight and age. Acta Paediatrica Supplement 450: 76-85. doi:10.1111/j.1651-2227.2006.tb02378.x

    de Onis M, Onyango AW, Borghi E, et al. (2007). Development of a WHO growth reference for school-aged
    children and adolescents. Bulletin of the World Health Organization 85(9): 660-667.
    doi:10.2471/BLT.07.043497

    Examples
    --------
    A girl of 365 days with 9 kg: z = 0.04885 by hand in Grellety (2016), figshare item 4294085 (her length is
    constructed).

    >>> from mchepi.outcomes import growth_z_scores
    >>> found = growth_z_scores(365, "female", weight=9, length=72)
    >>> found[["haz", "waz", "whz", "baz", "haz_flag"]].round(2)
        haz   waz   whz   baz  haz_flag
    0 -0.78  0.05  0.54  0.67     False
    """
    import pandas as pd

    if standard not in _TOO_OLD:
        raise ValueError(f"`standard` must be {' or '.join(_TOO_OLD)}; got {standard!r}. Write one of them.")
    given = {
        "age_days": age_days,
        "sex": encode("sex", sex, SEXES, '"male" or "female"'),
        "weight": np.nan if weight is None else weight,
        "length": np.nan if length is None else length,
        "lying": np.nan if lying is None else encode("lying", lying, _POSITIONS, "True or False"),
        "edema": 0.0 if edema is None else encode("edema", edema, YES_NO, "True or False"),
    }
    arrays, layout, places = read(**given)
    if len(layout.shape) > 1:
        raise ValueError("Children must be columns of one dimension; got an array of more. Flatten it first.")
    _check(arrays[0], arrays[2], arrays[3], places)
    days, sexes, kilograms, measured, position, swollen = map(np.atleast_1d, arrays)
    too_young = (position == 0) & (days < _NEVER_STANDING)
    position = np.where(too_young, np.nan, position)
    young = np.floor(days + 0.5) < _STANDING_FROM
    centimetres = _corrected(measured, days, young, position)
    as_length = np.where(
        np.isnan(days), np.where(np.isnan(position), centimetres < _TALLER, position == 1), young
    )

    weighed = np.where(swollen == 1, np.nan, kilograms)
    older = np.floor(days + 0.5) > tables.table("weight_for_age").last
    bmi = weighed / (centimetres / 100) ** 2
    lying_lms = tables.by_size("weight_for_length", sexes, centimetres)
    standing_lms = tables.by_size("weight_for_height", sexes, centimetres)
    by_length = [np.where(as_length, one, other) for one, other in zip(lying_lms, standing_lms, strict=True)]
    scores = {
        "haz": z_scores(centimetres, *tables.by_age("length_for_age", sexes, days), restricted=False),
        "waz": z_scores(weighed, *tables.by_age("weight_for_age", sexes, days)),
        "whz": np.where(older, np.nan, z_scores(weighed, *by_length)),
        "baz": z_scores(bmi, *tables.by_age("bmi_for_age", sexes, days)),
    }
    outside = ~np.isnan(centimetres + sexes + weighed) & ~older & np.isnan(scores["whz"])
    reasons: list[tuple[Mask, str]] = [
        (np.isnan(days), "missing: age"),
        (np.isnan(sexes), "missing: sex"),
        (too_young, "standing before 9 months: taken as not stated"),
        (outside, "length outside the table of weight for length"),
        (swollen == 1, "edema: no z-score of weight"),
    ]
    if standard == "who_2006":
        reasons.insert(2, (older, _TOO_OLD[standard]))
    else:
        months = days / _DAYS_A_MONTH
        _add_2007(scores, older, sexes, months, centimetres, weighed, bmi)
        grown = months > tables.table("height_for_age_2007").last
        heavier = (months > tables.table("weight_for_age_2007").last) & ~grown
        reasons[2:2] = [
            (grown, _TOO_OLD[standard]),
            (older & ~grown, "5 years or older: no weight for height"),
            (heavier, _NO_WEIGHT_FOR_AGE),
        ]
    index = layout.index if layout.index is not None else pd.RangeIndex(len(days))
    return pd.DataFrame(
        {
            **scores,
            **{f"{name}_flag": _beyond(values, *FLAGS[name]) for name, values in scores.items()},
            "length_used": centimetres,
            "note": notes(reasons, Layout(days.shape)),
            "standard": _standards(older, standard),
        },
        index=index,
    )


def growth_status(scores: pd.DataFrame, *, edema: Any = None) -> pd.DataFrame:
    """What WHO calls the z-scores of children: stunted, wasted, underweight, thin, overweight, obese.

    Parameters
    ----------
    scores : pandas.DataFrame
        As `growth_z_scores` gives it.
    edema : bool, array or Series, optional
        Children with edema of both feet are severely wasted (from five years severely thin) and severely
        underweight, whatever they weigh.

    Returns
    -------
    pandas.DataFrame
        The same rows, of which a mean is a prevalence: stunted (haz below -2), severely_stunted (below -3),
        wasted, severely_wasted (whz), underweight, severely_underweight (waz), thin, severely_thin (baz, from
        five years); overweight and obese (whz above 2 and 3; from five years baz above 1 and 2); missing
        where the z-score is missing or flagged, or the word is of the other age.

    Raises
    ------
    ValueError
        A table without those columns, or edema of another length.

    Notes
    -----
    Compared are z-scores rounded to 0.01, as WHO's own programs do: -2.004 is -2.00 and not stunted. At 19
    years a body mass index of +1 and of +2 is 25.4 and 29.7 in boys, 25.0 and 29.7 in girls: the limits of
    adults. Hence the limits of overweight change at five years, and a share over both ages has no meaning.

    Not the Chinese bands, whose names are other indicators (下等 is below -2 SD of another standard). For
    limits pass a column to `survey_proportion` or its counts to `proportion`.

    References
    ----------
    World Health Organization (2010). Nutrition Landscape Information System (NLIS) country profile
    indicators: interpretation guide. Geneva.

    de Onis M, Onyango AW, Borghi E, et al. (2007). Development of a WHO growth reference for school-aged
    children and adolescents. Bulletin of the World Health Organization 85(9): 660-667.
    doi:10.2471/BLT.07.043497

    Examples
    --------
    Constructed:

    >>> from mchepi.outcomes import growth_status, growth_z_scores
    >>> scores = growth_z_scores([365, 900, 1200], "female", weight=[7, 12, 20], length=[66, 90, 95])
    >>> growth_status(scores)[["stunted", "wasted", "overweight"]].sum().tolist()
    [1, 0, 1]
    """
    import pandas as pd

    wanted = [*INDICES, *(f"{name}_flag" for name in INDICES), "standard", "note"]
    absent = [name for name in wanted if name not in scores.columns]
    if absent:
        raise ValueError(
            f"`scores` must come from growth_z_scores; got no {', '.join(absent[:3])}. Pass its table."
        )
    swollen = np.zeros(len(scores), dtype=bool)
    if edema is not None:
        coded = np.asarray(encode("edema", edema, YES_NO, "True or False"))
        if coded.shape not in ((), (len(scores),)):
            raise ValueError(
                f"`edema` must have one value a row of `scores`; got {coded.size} for {len(scores)}. "
                "Pass a column of the same table."
            )
        swollen = np.broadcast_to(coded == 1, len(scores))
    school = (scores["standard"] == "who_2007").to_numpy(dtype=bool)
    everybody = np.ones(len(scores), dtype=bool)
    of_age = everybody & ~_noted(scores, *_TOO_OLD.values())
    weighable = of_age & ~_noted(scores, _NO_WEIGHT_FOR_AGE)
    preschool, school = of_age & ~school, of_age & school
    states: list[tuple[str, str, float, Mask, Mask]] = [
        ("stunted", "haz", -2, everybody, ~everybody),
        ("severely_stunted", "haz", -3, everybody, ~everybody),
        ("wasted", "whz", -2, preschool, swollen),
        ("severely_wasted", "whz", -3, preschool, swollen),
        ("underweight", "waz", -2, weighable, swollen),
        ("severely_underweight", "waz", -3, weighable, swollen),
        ("thin", "baz", -2, school, swollen),
        ("severely_thin", "baz", -3, school, swollen),
        ("overweight", "whz", 2, preschool, ~everybody),
        ("obese", "whz", 3, preschool, ~everybody),
    ]
    found = {
        name: pd.arrays.BooleanArray(*_beyond_cutoff(scores, index, cutoff, reached, anyway & reached))
        for name, index, cutoff, reached, anyway in states
    }
    if school.any():
        for name, cutoff in (("overweight", 1.0), ("obese", 2.0)):
            holds, unknown = _beyond_cutoff(scores, "baz", cutoff, school, ~everybody)
            found[name][school] = pd.arrays.BooleanArray(holds, unknown)[school]
    return pd.DataFrame(found, index=scores.index)


def _noted(scores: pd.DataFrame, *texts: str) -> Mask:
    """Whose note says one of these."""
    given = scores["note"].astype("category")
    said = [note for note in given.cat.categories if any(text in str(note) for text in texts)]
    return np.asarray(given.isin(said), dtype=bool)


def _beyond_cutoff(
    scores: pd.DataFrame, index: str, cutoff: float, reached: Mask, anyway: Mask
) -> tuple[Mask, Mask]:
    """Whose z-score is beyond the cut-off (or who is counted anyway), and of whom it is not known."""
    values = np.round(scores[index].to_numpy(dtype=float), 2)
    unknown = np.isnan(values) | scores[f"{index}_flag"].to_numpy(dtype=bool) | ~reached
    holds = ((values < cutoff if cutoff < 0 else values > cutoff) & ~unknown) | anyway
    return holds, unknown & ~anyway


def _add_2007(
    scores: dict[str, FloatArray],
    older: Mask,
    sexes: FloatArray,
    months: FloatArray,
    centimetres: FloatArray,
    weighed: FloatArray,
    bmi: FloatArray,
) -> None:
    """Put in the z-scores of who is older than the standards of 2006 reach."""
    for name, indicator, measured in (
        ("haz", "height_for_age_2007", centimetres),
        ("waz", "weight_for_age_2007", weighed),
        ("baz", "bmi_for_age_2007", bmi),
    ):
        lms = tables.by_size(indicator, sexes[older], months[older])
        scores[name][older] = z_scores(measured[older], *lms, restricted=name != "haz")


def _standards(older: Mask, standard: str) -> pd.Categorical[str]:
    if standard == "who_2006":
        return categorical(np.zeros(len(older), dtype=np.int8), ["who_2006"])
    return categorical(older.astype(np.int8), ["who_2006", "who_2007"])


def _check(days: FloatArray, weight: FloatArray, length: FloatArray, places: Layout) -> None:
    refuse(days < 0, "age_days", "days since birth, 0 or more", days, places, "Check the dates.")
    refuse(weight <= 0, "weight", "kg, above 0", weight, places, _FIX)
    refuse(length <= 0, "length", "cm, above 0", length, places, _FIX)
    for name, values, unit, low, high in (
        ("weight", weight, "kg", 0, 100),
        ("length", length, "cm", 10, 300),
    ):
        known = values[~np.isnan(values)]
        if known.size and not low < np.median(known) < high:
            raise ValueError(
                f"`{name}` must be in {unit}; got a median of {np.median(known):g}. Convert the column."
            )


def _corrected(measured: FloatArray, days: FloatArray, young: Mask, position: FloatArray) -> FloatArray:
    """Length before 731 days, height from then on; as measured without age or position."""
    aged = ~np.isnan(days)
    longer = aged & young & (position == 0)
    shorter = aged & ~young & (position == 1)
    return measured + np.where(longer, _LYING_MORE, 0.0) - np.where(shorter, _LYING_MORE, 0.0)


def _beyond(values: FloatArray, low: float, high: float) -> Mask:
    rounded = np.round(values, 2)
    return np.asarray((rounded < low) | (rounded > high))
