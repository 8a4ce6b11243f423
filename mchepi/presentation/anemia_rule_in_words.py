"""By which rule the yearly counts of anemia were made, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from .rows import stated
from .wording import text

if TYPE_CHECKING:
    from mchepi.indicators import Declaration


def anemia_rule_sentence(declaration: Declaration, levels: pd.DataFrame, *, lang: str) -> str:
    """Name the rule of the yearly counts of anemia, or say that it is not known.

    Parameters
    ----------
    declaration : Declaration
        What the dataset says of itself.
    levels : pandas.DataFrame
        What `compute` gives by year.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    str
        Empty where no yearly count of anemia is stated.

    Examples
    --------
    >>> from mchepi.indicators import Declaration
    >>> own = Declaration(
    ...     name="mine", title_zh="年报", title_en="report", source_zh="年报", source_en="report",
    ...     licence="internal", simulated=False, period="mch_year", population_basis="resident",
    ...     source_system="annual_report", status="final", anemia_rule="who_2011",
    ...     hemoglobin_adjusted_for="nothing")
    >>> levels = pd.DataFrame({"indicator": ["anemia_prevalence_u5"], "value": [6.4], "note": [""]})
    >>> anemia_rule_sentence(own, levels, lang="en")[:70]
    'Anemia in the yearly counts is by the cut-offs of WHO 2011, hemoglobin'
    """
    if not stated(levels)["indicator"].str.contains("anemia").any():
        return ""
    rule, taken = declaration.anemia_rule, declaration.hemoglobin_adjusted_for
    if rule == taken == "not_stated":
        return text("anemia rule unknown", lang)
    return text(
        "anemia rule",
        lang,
        rule=text(f"anemia_rule.{rule}", lang),
        adjusted=text(f"hemoglobin_adjusted.{taken}", lang),
    )
