"""How well children were measured: spread of z-scores, preferred digits, heaped ages, figures too good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from mchepi.outcomes._records import read, refuse
from mchepi.outcomes.growth import INDICES
from mchepi.stats import proportion, proportion_test
from mchepi.stats._validate import FloatArray, align, check_level, refuse_where

if TYPE_CHECKING:
    import pandas as pd


def z_score_quality(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean, spread and shape of z-scores, and how many are missing or flagged; no unit.

    Parameters
    ----------
    scores : pandas.DataFrame
        As `growth_z_scores` gives it.

    Returns
    -------
    pandas.DataFrame
        Rows haz, waz, whz, baz; columns records, missing, flagged, counted, mean, standard_deviation,
        skewness, excess_kurtosis (of those counted: neither missing nor flagged).

    Raises
    ------
    ValueError
        A table without the columns of `growth_z_scores`.

    Notes
    -----
    The standard deviation of well measured children is near that of the standard, 1, and hardly depends on
    their mean. In 51 DHS surveys 90 % lay in 1.35-1.95 (haz), 1.17-1.46 (waz), 1.08-1.50 (whz) and 1.08-1.55
    (baz), much of it error of measurement. Far above 1: bad measurements or ages. Far below 1: values copied,
    rounded towards the norm, or made up. Standard deviation with n - 1; skewness and kurtosis by moments.

    Not a judgement of a few dozen children: the standard deviation of 50 has a 95 % interval of -16 to +25 %.

    References
    ----------
    Mei Z, Grummer-Strawn LM (2007). Standard deviation of anthropometric Z-scores as a data quality
    assessment tool using the 2006 WHO growth standards: a cross country analysis. Bulletin of the World
    Health Organization 85(6): 441-448. doi:10.2471/BLT.06.034421

    Examples
    --------
    >>> from mchepi.outcomes import growth_z_scores, z_score_quality
    >>> scores = growth_z_scores([400, 500, 600], "male", length=[74, 80, 180])
    >>> z_score_quality(scores).loc["haz", ["missing", "flagged", "counted", "mean"]].round(2).tolist()
    [0.0, 1.0, 2.0, -0.76]
    """
    import pandas as pd

    absent = [name for name in INDICES if not {name, f"{name}_flag"} <= set(scores.columns)]
    if absent:
        raise ValueError(f"`scores` must come from growth_z_scores; got no {absent[0]}. Pass its table.")
    rows = {}
    for name in INDICES:
        values = scores[name].to_numpy(dtype=float)
        flagged = scores[f"{name}_flag"].to_numpy(dtype=bool)
        rows[name] = {
            "records": len(values),
            "missing": int(np.isnan(values).sum()),
            "flagged": int(flagged.sum()),
            **_moments(values[~np.isnan(values) & ~flagged]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("index")


def digit_preference(measurement: Any, *, decimals: int = 1, confidence_level: float = 0.95) -> pd.DataFrame:
    """How often each last digit was written down, in percent; without preference 10 each.

    Parameters
    ----------
    measurement : float, array or Series
        As written down: lengths to 0.1 cm, weights to 0.1 kg, hemoglobin to 1 g/L.
    decimals : int
        Decimals that were read: 1 for 0.1, 0 for whole numbers.
    confidence_level : float
        Level of the Wilson limits of each digit.

    Returns
    -------
    pandas.DataFrame
        Rows digit 0 to 9; columns count, value, lower, upper (percent), method; and the same on each row:
        counted, finer (values with more decimals than said), score, p_value.

    Raises
    ------
    ValueError
        Words, or decimals that are no whole number from 0 to 6.

    Notes
    -----
    With chi-squared against equal shares, score = 100 sqrt(chi-squared / (9 n)): 0 without preference, 100
    if all end on one digit; above about 20 the measurements were rounded, not read. p_value is that of
    chi-squared with 9 degrees of freedom; among thousands of children it is small for a harmless preference.

    Not for values converted from another unit, whose digits nobody wrote.

    Examples
    --------
    Constructed: half of the lengths rounded to whole centimeters.

    >>> from mchepi.outcomes import digit_preference
    >>> found = digit_preference([80.0] * 60 + [80 + i / 10 for i in range(10)] * 6)
    >>> found.loc[[0, 5], ["count", "value", "score"]].round(1)
           count  value  score
    digit
    0         66   55.0   50.0
    5          6    5.0   50.0
    """
    import pandas as pd

    level = check_level(confidence_level)
    if isinstance(decimals, bool) or decimals not in range(7):
        raise ValueError(f"`decimals` must be a whole number from 0 to 6; got {decimals!r}. Write 1 for 0.1.")
    (values,), _, _ = read(measurement=measurement)
    known = np.abs(values[~np.isnan(values)]) * 10**decimals
    whole = np.round(known)
    counts = np.bincount((whole % 10).astype(np.int64), minlength=10)
    n = len(known)
    share = proportion(counts, np.full(10, n), per=100, confidence_level=level)
    chi_squared = float(((counts - n / 10) ** 2).sum() / (n / 10)) if n else np.nan
    return pd.DataFrame(
        {
            "count": counts,
            "value": share.value,
            "lower": share.lower,
            "upper": share.upper,
            "method": share.method,
            "counted": n,
            "finer": int((np.abs(known - whole) > 1e-6).sum()),
            "score": 100 * np.sqrt(chi_squared / (9 * n)) if n else np.nan,
            "p_value": float(special.chdtrc(9, chi_squared)),
        },
        index=pd.RangeIndex(10, name="digit"),
    )


def age_heaping(
    age_months: Any,
    *,
    every: int = 12,
    age_from: int = 12,
    age_below: int = 60,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Children whose age is a multiple of `every` months, in percent, against their even share.

    Parameters
    ----------
    age_months : float, array or Series
        Completed months.
    every : int
        12 for whole years, 6 for half years.
    age_from, age_below : int
        Ages that count, in months: a whole number of periods.
    confidence_level : float
        Level of the Wilson limits.

    Returns
    -------
    pandas.DataFrame
        One row: counted, heaped, value, lower, upper (percent), method, expected (percent), ratio (1 without
        heaping), p_value (exact, two-sided).

    Raises
    ------
    ValueError
        Words, negative ages, or ages that are no whole number of periods.

    Notes
    -----
    expected = 100 / every, as if births were even over the months. Not for children called in at their
    birthdays, who are heaped by the schedule (health checks at 12, 24, 36 months), not by a guess.

    Examples
    --------
    Constructed: a third of the children 24 months old.

    >>> from mchepi.outcomes import age_heaping
    >>> found = age_heaping(list(range(12, 60)) + [24] * 24)
    >>> found[["counted", "heaped", "value", "expected", "ratio"]].round(1)
       counted  heaped  value  expected  ratio
    0       72      28   38.9       8.3    4.7
    """
    import pandas as pd

    level = check_level(confidence_level)
    whole = all(isinstance(number, int) and number >= 0 for number in (every, age_from, age_below))
    if not whole or every < 2 or age_below <= age_from or (age_below - age_from) % every:
        raise ValueError(
            "`age_from` to `age_below` must be a whole number of periods of `every` months (2 or more); "
            f"got {age_from} to {age_below} by {every}. Write 12 to 60 by 12."
        )
    (ages,), _, places = read(age_months=age_months)
    refuse(ages < 0, "age_months", "completed months, 0 or more", ages, places, "Check the dates.")
    completed = np.floor(ages)
    counts = (completed >= age_from) & (completed < age_below)
    counted, heaped = int(counts.sum()), int((counts & (completed % every == 0)).sum())
    share = proportion(heaped, counted, per=100, confidence_level=level)
    return pd.DataFrame(
        {
            "counted": counted,
            "heaped": heaped,
            "value": share.value,
            "lower": share.lower,
            "upper": share.upper,
            "method": share.method,
            "expected": 100 / every,
            "ratio": share.value * every / 100,
            "p_value": proportion_test(heaped, counted, reference=1 / every).p_value,
        },
        index=pd.RangeIndex(1),
    )


def implied_z_distribution(prevalence: Any, *, cutoff: float = -2.0, per: float = 100) -> pd.DataFrame:
    """What a prevalence below a z-score would imply of normal z-scores: their mean, or their spread; no unit.

    Parameters
    ----------
    prevalence : float, array or Series
        Children below `cutoff`, per `per`.
    cutoff : float
        -2 for stunting, wasting or underweight; not 0.
    per : float
        The unit: 100 for percent.

    Returns
    -------
    pandas.DataFrame
        One row an element, with its label: prevalence, expected (in the children of the standard, mean 0
        and standard deviation 1), implied_mean (were the standard deviation 1), implied_standard_deviation
        (were the mean 0; NaN where no spread would do, as a prevalence of 50 % or more). NaN at 0 and all:
        nobody below the cut-off implies no mean.

    Raises
    ------
    ValueError
        Words, or a prevalence below 0 or above `per`; a cut-off of 0.

    Notes
    -----
    implied_mean = cutoff - q and implied_standard_deviation = cutoff / q, where q is the normal quantile
    of the prevalence. In the healthy children of the standard 2.3 % are below -2: a figure far below that
    needs a population far taller than them, or half their spread; a sign of measurements that are none.

    Not a correction, and not for small samples: 0 of 100 says little (see `proportion`).

    Examples
    --------
    The stunting of 0.11 % that a county published:

    >>> from mchepi.outcomes import implied_z_distribution
    >>> implied_z_distribution(0.11).round(2)
       prevalence  expected  implied_mean  implied_standard_deviation
    0        0.11      2.28          1.06                        0.65
    """
    import pandas as pd

    if not np.isfinite(cutoff) or cutoff == 0:
        raise ValueError(f"`cutoff` must be a z-score other than 0; got {cutoff!r}. Write -2.")
    (values,), layout = align(prevalence=prevalence)
    fix = "Correct the values, or the unit."
    refuse_where((values < 0) | (values > per), "prevalence", f"0 to {per:g}", values, layout, fix)
    flat = np.ravel(values)
    quantile = special.ndtri(np.where((flat > 0) & (flat < per), flat / per, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = cutoff / quantile
    index = layout.index if layout.index is not None else pd.RangeIndex(len(flat))
    return pd.DataFrame(
        {
            "prevalence": flat,
            "expected": float(special.ndtr(cutoff)) * per,
            "implied_mean": cutoff - quantile,
            "implied_standard_deviation": np.where(np.isfinite(spread) & (spread > 0), spread, np.nan),
        },
        index=index,
    )


def _moments(values: FloatArray) -> dict[str, float]:
    n = len(values)
    mean = float(values.mean()) if n else np.nan
    centered = values - mean
    variance = float((centered**2).mean()) if n else np.nan
    shaped = n > 2 and variance > 0
    return {
        "counted": n,
        "mean": mean,
        "standard_deviation": float(np.sqrt(variance * n / (n - 1))) if n > 1 else np.nan,
        "skewness": float((centered**3).mean() / variance**1.5) if shaped else np.nan,
        "excess_kurtosis": float((centered**4).mean() / variance**2 - 3) if shaped else np.nan,
    }
