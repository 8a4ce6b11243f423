"""Counts of mother-to-child transmission from a register of infected mothers and their children."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.outcomes._records import YES_NO, encode
from mchepi.stats._validate import align

if TYPE_CHECKING:
    import pandas as pd

_INFECTIONS = {"hiv": 1.0, "艾滋病": 1.0, "syphilis": 2.0, "梅毒": 2.0, "hepatitis_b": 3.0, "乙肝": 3.0}
_TREATED = {"yes": 1.0, "是": 1.0, "late": 2.0, "晚": 2.0, "no": 0.0, "否": 0.0}


def emtct_counts(
    infection: Any,
    *,
    mother_treated: Any,
    infant_prophylaxis: Any,
    infant_tested: Any,
    infant_infected: Any,
) -> pd.Series[int]:
    """Count of persons by the catalog's names, from a register with one row an infected mother and her child.

    Parameters
    ----------
    infection : array or Series of str
        "hiv", "syphilis" or "hepatitis_b" (or 艾滋病, 梅毒, 乙肝).
    mother_treated : array or Series of str
        "yes", "no" or "late" (treated, but not adequately).
    infant_prophylaxis, infant_tested, infant_infected : array or Series of bool or str
        Whether the child had prophylaxis (immunoglobulin for hepatitis B), a final test, and the infection.

    Returns
    -------
    pandas.Series
        Counts for `emtct_indicators`: mothers, treated, exposed children, prophylaxis, tested, infected.
        Missing answers count as not done; infected children are among the tested. A register without a record
        gives missing counts, not zeros: it may not be there at all.

    Raises
    ------
    ValueError
        Words that are not known (by position, never by value), columns of unequal length, an infected child
        that was not tested.

    Notes
    -----
    The register knows neither births nor the women tested, whom the other indicators need. It tells whether
    immunoglobulin was given, not within which hours: `hbv_exposed_infants_hbig_12_hours` is then an upper
    bound. A mother of twins counts twice where both have a row.

    Examples
    --------
    Constructed.

    >>> from mchepi.outcomes import emtct_counts
    >>> counts = emtct_counts(
    ...     ["syphilis", "syphilis", "hepatitis_b"], mother_treated=["yes", "late", "no"],
    ...     infant_prophylaxis=["yes", "no", "yes"], infant_tested=["yes", "yes", "no"],
    ...     infant_infected=["no", "yes", None],
    ... )
    >>> counts[counts > 0].to_dict()  # doctest: +NORMALIZE_WHITESPACE
    {'women_syphilis_positive': 2, 'women_syphilis_treated': 2, 'women_syphilis_adequately_treated': 1,
     'syphilis_exposed_children': 2, 'syphilis_exposed_children_prophylaxis': 1,
     'congenital_syphilis_cases': 1, 'women_hbv_positive': 1, 'hbv_exposed_infants': 1,
     'hbv_exposed_infants_hbig_12_hours': 1}
    """
    import pandas as pd

    words = {
        "infection": encode("infection", infection, _INFECTIONS, "hiv, syphilis or hepatitis_b"),
        "mother_treated": encode("mother_treated", mother_treated, _TREATED, "yes, no or late"),
    }
    for name, column in (
        ("infant_prophylaxis", infant_prophylaxis),
        ("infant_tested", infant_tested),
        ("infant_infected", infant_infected),
    ):
        words[name] = encode(name, column, YES_NO, "yes or no")
    (which, mother, given, tested, infected), _ = align(**words)
    sick = infected == 1
    untested = sick & (tested != 1)
    if untested.any():
        raise ValueError(
            f"`infant_tested` must be yes where a child is infected; got {untested.sum()} other records "
            f"(position {int(np.flatnonzero(untested)[0])} first). Correct one of the two."
        )
    hiv, syphilis, hepatitis = (which == code for code in (1, 2, 3))
    treated = mother >= 1
    counted = {
        "women_hiv_positive": hiv,
        "women_hiv_on_art": hiv & treated,
        "hiv_exposed_children": hiv,
        "hiv_exposed_children_on_arv": hiv & (given == 1),
        "hiv_exposed_children_final_status": hiv & (tested == 1),
        "hiv_exposed_children_infected": hiv & sick,
        "women_syphilis_positive": syphilis,
        "women_syphilis_treated": syphilis & treated,
        "women_syphilis_adequately_treated": syphilis & (mother == 1),
        "syphilis_exposed_children": syphilis,
        "syphilis_exposed_children_prophylaxis": syphilis & (given == 1),
        "congenital_syphilis_cases": syphilis & sick,
        "women_hbv_positive": hepatitis,
        "hbv_exposed_infants": hepatitis,
        "hbv_exposed_infants_hbig_12_hours": hepatitis & (given == 1),
        "hbv_exposed_children_tested": hepatitis & (tested == 1),
        "hbv_exposed_children_hbsag_positive": hepatitis & sick,
    }
    found = {name: int(np.sum(mask)) if np.size(which) else pd.NA for name, mask in counted.items()}
    return pd.Series(found, dtype="Int64", name="persons")
