"""Whether anemia is a public health problem by WHO's classes, and how sure its class is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from mchepi.outcomes._records import categorical
from mchepi.outcomes._tables import rows_of
from mchepi.stats._validate import align, check_counts, check_part, check_positive

if TYPE_CHECKING:
    import pandas as pd


def public_health_class(anemic: Any, total: Any, *, design_effect: float = 1.0) -> pd.DataFrame:
    """Class of an anemia prevalence as a public health problem, and the probability of each class.

    Parameters
    ----------
    anemic : int, array or Series
        Persons with anemia.
    total : int, array or Series
        Persons with a result.
    design_effect : float
        Of the survey, if it was one: both counts are divided by it for the probabilities (see
        `survey_proportion`).

    Returns
    -------
    pandas.DataFrame
        One row an element, with its label: value (percent), class (of the observed prevalence),
        probability_none, probability_mild, probability_moderate, probability_severe, method. NaN and no class
        where a number is missing or nobody was tested.

    Raises
    ------
    ValueError
        Counts that are negative or fractional, more anemic persons than persons, Series with unequal
        indexes, or a design effect that is not positive.

    Notes
    -----
    Classes: below 5 % none, 5 to below 20 mild, 20 to below 40 moderate, from 40 severe; an edge belongs to
    the class above, by whole numbers (1 of 20 is mild). The probabilities are those of the underlying
    prevalence under Jeffreys' prior, Beta(x + 1/2, n - x + 1/2) with x and n over the design effect.

    Not a probability about the observed figure, and only as good as the rule set behind it: name that.

    References
    ----------
    World Health Organization (2011). Haemoglobin concentrations for the diagnosis of anaemia and assessment
    of severity. Geneva. WHO/NMH/NHD/MNM/11.1.

    Examples
    --------
    Constructed: 6.4 % of 110 children is mild by name, and none with a probability of 1 in 4.

    >>> from mchepi.outcomes import public_health_class
    >>> found = public_health_class(7, 110)
    >>> found[["value", "class", "probability_none", "probability_mild"]].round(2)
       value class  probability_none  probability_mild
    0   6.36  mild              0.24              0.76
    """
    import pandas as pd

    effect = check_positive("design_effect", design_effect)
    (events, persons), layout = align(anemic=anemic, total=total)
    check_counts("anemic", events, layout, of="persons")
    check_counts("total", persons, layout, of="persons")
    check_part("anemic", events, "total", persons, layout)
    events, persons = (np.ravel(np.broadcast_to(given, layout.shape)) for given in (events, persons))
    unknown = np.isnan(events + persons) | (persons == 0)
    events, persons = np.where(unknown, np.nan, events), np.where(unknown, np.nan, persons)

    rows = rows_of("hb_public_health_classes")
    names = [row["class_id"] for row in rows]
    edges = np.array([float(row["lower_inclusive"]) for row in rows])
    reached = 100 * events[:, None] >= edges * persons[:, None]
    codes = np.where(unknown, -1, reached.sum(axis=1) - 1)
    beta = events[:, None] / effect + 0.5, (persons - events)[:, None] / effect + 0.5
    bounds = np.array([*(edges / 100), 1.0])
    below, above = special.betainc(*beta, bounds), special.betaincc(*beta, bounds)
    # From the nearer end, so that a small probability is not the difference of two large ones.
    chance = np.where(below[:, :-1] < 0.5, np.diff(below, axis=1), -np.diff(above, axis=1))
    index = layout.index if layout.index is not None else pd.RangeIndex(len(events))
    return pd.DataFrame(
        {
            "value": 100 * events / persons,
            "class": categorical(codes, names, ordered=True),
            **{f"probability_{name}": chance[:, place] for place, name in enumerate(names)},
            "method": "jeffreys",
        },
        index=index,
    )
