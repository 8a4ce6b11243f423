"""The fixed vocabulary of the `note` column: what a reader must know about a number beside its value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

NOTE_CODES: Mapping[str, str] = {
    "missing": "these columns are absent or hold no count",
    "denominator zero": "nobody is in the denominator",
    "years left out": "these years lack a count and are not part of the number",
    "districts left out": "these districts lack a count and are not part of the number",
    "rows left out": "these rows (or so many) lack a count and are not part of the number",
    "deduced": "the counts in these columns were deduced from published figures, not published",
    "denominator disputed": "what the denominator stands for is not clear: see the contradictions",
    "above 100 %": "more were counted than the denominator holds",
    "ceiling": "the most that coverage can reach: women delivered / live births",
    "random sample assumed": "the limits take the survey as a simple random sample: no design effect",
    "definition unverified": "the definition of the indicator was recalled, not seen in its source",
    "one period": "only one period has the counts: no change can be stated",
    "no events": "no event in either of the two periods that are compared: no ratio can be stated",
    "not consecutive": "the years between the two that are compared lack a count",
    "periods of unequal length": "the two periods that are compared cover different numbers of years",
    "too few periods": "fewer than three periods: no trend can be stated",
    "too few events": "so many events in all are too few to state a trend",
    "limits conservative": "the limits of a ratio of proportions are those of Poisson counts: too wide",
}
"""Every code that a `note` may hold, with its meaning; presentation says it in the reader's language."""


class Notes:
    """The notes of the rows of a table, gathered code by code and written in the order of NOTE_CODES."""

    def __init__(self, length: int) -> None:
        self._found: list[dict[str, list[str]]] = [{} for _ in range(length)]

    def add(self, code: str, where: NDArray[np.bool_], detail: str = "") -> None:
        """Note `code`, with a detail such as a column, for every row where the mask holds."""
        for row in np.flatnonzero(where):
            self.add_to(int(row), code, detail)

    def add_to(self, row: int, code: str, detail: str = "") -> None:
        """Note `code` for one row; a further detail joins those that are there."""
        if code not in NOTE_CODES:
            raise ValueError(f"`code` must be one of NOTE_CODES; got {code!r}. Add it there first.")
        details = self._found[row].setdefault(code, [])
        if detail and detail not in details:
            details.append(detail)

    def texts(self) -> list[str]:
        """Write each row's note: phrases `code` or `code: detail, detail`, joined by "; "."""
        return [
            "; ".join(_phrase(code, found[code]) for code in NOTE_CODES if code in found)
            for found in self._found
        ]


def _phrase(code: str, details: list[str]) -> str:
    return f"{code}: {', '.join(details)}" if details else code
