"""Mortality under five from birth histories: the synthetic cohort of the DHS, with jackknife limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from mchepi.outcomes._birth_cohorts import SEGMENTS, Births, Cohorts, cohorts, read_births
from mchepi.stats._validate import FloatArray, check_choice, check_level, check_positive

if TYPE_CHECKING:
    import pandas as pd

# rate -> its segments
RATES = {"nmr": slice(0, 1), "imr": slice(0, 4), "cmr": slice(4, 8), "u5mr": slice(0, 8)}
ORDER = ("nmr", "pnmr", "imr", "cmr", "u5mr")
METHODS = ("jackknife", "jackknife_log")


def birth_history_mortality(
    births: pd.DataFrame,
    *,
    birth: str = "birth",
    interview: str = "interview",
    death_age: str = "death_age",
    weight: str | None = None,
    cluster: str | None = None,
    by: str | None = None,
    period: int = 60,
    end: str | int | None = None,
    per: float = 1000,
    method: str = "jackknife",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Neonatal, postneonatal, infant, child and under-five mortality from full birth histories, per `per`.

    Parameters
    ----------
    births : pandas.DataFrame
        One row a live birth of the women interviewed, in the columns named next.
    birth, interview : str
        Month of birth and of interview: dates, or numbers of months since January 1900 (DHS's b3 and v008).
    death_age : str
        Completed months at death, 0 in the first month (DHS's b7); missing for the living.
    weight, cluster : str, optional
        Weight of the woman, on any scale (v005), and what was drawn first (v021). Without them all weigh the
        same, and each birth is a cluster of its own.
    by : str, optional
        Column of subgroups; rows with a missing one are left out.
    period : int
        Months before the end, 12 or more.
    end : str, optional
        Month before which the period ends, such as "2020-01"; no later than any interview. Without it each
        period ends before the month of the interview.
    per : float
        The unit: 1000 gives deaths per 1,000 births (cmr: per 1,000 children of 12 months).
    method : {"jackknife", "jackknife_log"}
        "jackknife": value -+ z standard errors, not below 0, as in DHS reports. "jackknife_log": the same on
        the logarithm, better with few deaths.
    confidence_level : float
        Between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Rows nmr, pnmr, imr, cmr, u5mr (with `by`: for each subgroup); columns value, lower, upper,
        standard_error, per, method, confidence_level, deaths and exposed (without weights: deaths in the
        period, children at the beginning of the ages), clusters, note. NaN with a note where nobody was
        exposed at some age, and limits of NaN with a single cluster.

    Raises
    ------
    ValueError
        Columns that are absent, words, births or deaths after the interview, missing months, weights or
        clusters, a period below 12 months or one that ends after an interview. No message shows a row.

    Notes
    -----
    Death probabilities of the age segments 0, 1-2, 3-5, 6-11, 12-23, 24-35, 36-47 and 48-59 months are
    weighted deaths over weighted exposure. Children who cross the beginning or the end of the period within a
    segment count one half, in deaths as in exposure; in a period that ends at the interview the deaths of
    those who cross its end count whole, as those after it are not known. A rate is 1 - product of (1 - q)
    over its segments; pnmr is imr - nmr. With k clusters and r(i) the rate without cluster i, the squared
    standard error is (k - 1) / k times the sum of (r(i) - r)^2.

    No death at all: value 0 and the exact upper limit of as many children as were exposed in the smallest
    segment, which knows nothing of clusters (the note says so).

    Not for registers of births and deaths of a year, which are other data. Not for children whose mothers
    died: nobody was asked about them.

    References
    ----------
    Croft TN, Allen CK, Zachary BW, et al. (2023). Guide to DHS Statistics. Rockville, Maryland: ICF.

    Pedersen J, Liu J (2012). Child mortality estimation: appropriate time periods for child mortality
    estimates from full birth histories. PLoS Medicine 9(8): e1001289. doi:10.1371/journal.pmed.1001289

    Examples
    --------
    Constructed: 200 births of 20 villages, of whom 9 died.

    >>> import pandas as pd
    >>> from mchepi.outcomes import birth_history_mortality
    >>> born = pd.DataFrame({"birth": [1330 + i % 60 for i in range(200)], "interview": 1390})
    >>> born["death_age"] = [i % 3 if i % 23 == 5 else None for i in range(200)]
    >>> born["village"] = [i % 20 for i in range(200)]
    >>> found = birth_history_mortality(born, cluster="village")
    >>> found.loc[["nmr", "imr"], ["value", "lower", "upper", "standard_error"]].round(1)
          value  lower  upper  standard_error
    rate
    nmr    15.1    0.0   31.3             8.2
    imr    46.1   23.3   68.8            11.6
    """
    import pandas as pd

    level = check_level(confidence_level)
    per = check_positive("per", per)
    check_choice("method", method, METHODS)
    everyone, groups = _grouped(births, birth, interview, death_age, weight, cluster, by, period, end)
    if by is None:
        return _rates(cohorts(everyone), per, method, level)
    if not groups:
        raise ValueError("`by` must hold words for some births; got none. Choose another column.")
    tables = {group: _rates(cohorts(part), per, method, level) for group, part in groups.items()}
    table: pd.DataFrame = pd.concat(tables, names=[by])
    return table


def birth_history_life_table(
    births: pd.DataFrame,
    *,
    birth: str = "birth",
    interview: str = "interview",
    death_age: str = "death_age",
    weight: str | None = None,
    period: int = 60,
    end: str | int | None = None,
) -> pd.DataFrame:
    """Death probabilities of the eight age segments behind `birth_history_mortality`, as proportions.

    Parameters
    ----------
    births, birth, interview, death_age, weight, period, end
        As in `birth_history_mortality`.

    Returns
    -------
    pandas.DataFrame
        One row a segment: months ("0", "1-2" ... "48-59") as index; probability, deaths and exposure
        (weighted), counted_deaths and counted_exposure (without weights), survivors (of 1 at birth, at the
        end of the segment).

    Raises
    ------
    ValueError
        As `birth_history_mortality`.

    Notes
    -----
    Not for single years of a small district: a segment with two deaths says little.

    Examples
    --------
    >>> import pandas as pd
    >>> from mchepi.outcomes import birth_history_life_table
    >>> born = pd.DataFrame({"birth": [1330 + i % 60 for i in range(200)], "interview": 1390})
    >>> born["death_age"] = [i % 3 if i % 23 == 5 else None for i in range(200)]
    >>> birth_history_life_table(born)[["deaths", "exposure", "probability"]].head(2).round(4)
            deaths  exposure  probability
    months
    0          3.0     198.5       0.0151
    1-2        6.0     191.0       0.0314
    """
    import pandas as pd

    everyone, _ = _grouped(births, birth, interview, death_age, weight, None, None, period, end)
    summed = cohorts(everyone)
    deaths, exposure = summed.deaths.sum(axis=0), summed.exposure.sum(axis=0)
    with np.errstate(invalid="ignore"):
        probability = deaths / exposure
    labels = [f"{first}" if after - first == 1 else f"{first}-{after - 1}" for first, after in SEGMENTS]
    return pd.DataFrame(
        {
            "probability": probability,
            "deaths": deaths,
            "exposure": exposure,
            "counted_deaths": summed.counted_deaths,
            "counted_exposure": summed.counted_exposure,
            "survivors": np.cumprod(1 - probability),
        },
        index=pd.Index(labels, name="months"),
    )


def _grouped(
    births: pd.DataFrame,
    birth: str,
    interview: str,
    death_age: str,
    weight: str | None,
    cluster: str | None,
    by: str | None,
    period: int,
    end: str | int | None,
) -> tuple[Births, dict[Any, Births]]:
    """All births, and those of each subgroup in the order of its sorted words."""
    columns: dict[str, str | None] = {
        "birth": birth,
        "interview": interview,
        "death_age": death_age,
        "weight": weight,
        "cluster": cluster,
    }
    everyone = read_births(births, columns, period, end)
    if by is None:
        return everyone, {}
    if by not in births.columns:
        raise ValueError(f"`by` must be a column of `births`; got {by!r}. Choose one of its columns.")
    labels = births[by]
    if weight is not None:
        labels = labels[births[weight] > 0]
    known = labels.dropna().unique().tolist()
    return everyone, {group: everyone.only(np.asarray(labels == group)) for group in sorted(known)}


def _rates(summed: Cohorts, per: float, method: str, level: float) -> pd.DataFrame:
    import pandas as pd

    deaths, exposure = summed.deaths.sum(axis=0), summed.exposure.sum(axis=0)
    value = _combined(deaths, exposure)
    clusters = len(summed.deaths)
    without = _combined(deaths - summed.deaths, exposure - summed.exposure)
    rows = {}
    for name in ORDER:
        spread = float(np.sqrt((clusters - 1) / clusters * ((without[name] - value[name]) ** 2).sum()))
        segments = slice(1, 4) if name == "pnmr" else RATES[name]
        counted = float(summed.counted_deaths[segments].sum())
        exposed = summed.counted_exposure[segments]
        lower, upper, note = _limits(float(value[name]), spread, counted, exposed, clusters, method, level)
        rows[name] = {
            "value": float(value[name]) * per,
            "lower": lower * per,
            "upper": upper * per,
            "standard_error": (spread if clusters > 1 and counted else np.nan) * per,
            "per": per,
            "method": method,
            "confidence_level": level,
            "deaths": counted,
            "exposed": float(exposed[0]),
            "clusters": clusters,
            "note": note,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("rate")


def _combined(deaths: FloatArray, exposure: FloatArray) -> dict[str, FloatArray]:
    """The rates of one or many (along the first axis) life tables, as probabilities."""
    with np.errstate(divide="ignore", invalid="ignore"):
        surviving = 1 - deaths / exposure
    found = {name: np.asarray(1 - surviving[..., segments].prod(axis=-1)) for name, segments in RATES.items()}
    found["pnmr"] = found["imr"] - found["nmr"]
    return found


def _limits(
    value: float, spread: float, deaths: float, exposed: FloatArray, clusters: int, method: str, level: float
) -> tuple[float, float, str]:
    tail = (1 - level) / 2
    if np.isnan(value):
        return np.nan, np.nan, "nobody exposed at some age"
    if not deaths:
        return 0.0, float(-np.expm1(np.log(tail) / exposed.min())), "no deaths: exact limit without clusters"
    if clusters < 2:
        return np.nan, np.nan, "variance unknown: a single cluster"
    if np.isnan(spread):
        return np.nan, np.nan, "variance unknown: one cluster holds all exposure at some age"
    reach = float(-special.ndtri(tail)) * spread
    if method == "jackknife":
        return max(0.0, value - reach), value + reach, ""
    return value * np.exp(-reach / value), value * np.exp(reach / value), ""
