"""What of the change of the under-five rate is risk, and what the number of births, in one sentence."""

from __future__ import annotations

import pandas as pd

from . import numbers
from .rows import records
from .wording import text

_MINUS = "−"


def under5_sentences(parts: pd.DataFrame, *, lang: str) -> list[str]:
    """Say the parts of the change of the under-five rate.

    Parameters
    ----------
    parts : pandas.DataFrame
        What `mchepi.indicators.under5_parts` gives.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> parts = pd.DataFrame({"year": [2019], "year_end": [2024], "rate": [8.3], "rate_end": [7.4],
    ...     "infant_risk": [-0.8], "child_risk": [-0.4], "births": [0.3], "total": [-0.9], "per": [1000]})
    >>> under5_sentences(parts, lang="en")[0][:79]
    'Under-five mortality per 1,000 went from 8.30 (2019) to 7.40 (2024), by −0.90: '
    """
    return [
        text(
            "under5 parts",
            lang,
            first=str(row["year"]),
            last=str(row["year_end"]),
            per=numbers.count(row["per"], lang),
            **{name: numbers.half_up(row[name], 2) for name in ("rate", "rate_end")},
            **{name: _signed(row[name]) for name in ("infant_risk", "child_risk", "births", "total")},
        )
        for row in records(parts)
    ]


def _signed(value: float) -> str:
    """A part with its sign; one that is 0 as written has none.

    Examples
    --------
    >>> _signed(0.304), _signed(-1.2), _signed(-0.004)
    ('+0.30', '−1.20', '0.00')
    """
    written = numbers.half_up(value, 2)
    if float(written) == 0:
        return written.removeprefix("-")
    return written.replace("-", _MINUS) if value < 0 else f"+{written}"
