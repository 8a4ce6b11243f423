"""The fixed vocabulary of the `note` column: what a reader must know about a number beside its value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

NOTE_CODES: Mapping[str, str] = {
    "deduced": "the counts in these columns were deduced from published figures, not published",
    "missing": "these columns are absent, or empty in every row",
    "denominator zero": "nobody is in the denominator",
    "definition unverified": "the definition of the indicator was recalled, not seen in its source",
    "above 100 %": "more were counted than the denominator holds",
    "ceiling": "the most that coverage can reach: women delivered / live births",
    "random sample assumed": "the limits take the survey as a simple random sample: no design effect",
    "years left out": "these years lack a count and are not part of the number",
    "districts left out": "these districts lack a count and are not part of the number",
    "rows left out": "this many rows lack a count and are not part of the number",
    "one period": "only one period has the counts: no change can be stated",
    "not consecutive": "the years between the two that are compared lack a count",
    "periods of unequal length": "the two periods that are compared cover different numbers of years",
    "too few periods": "fewer than three periods: no trend can be stated",
    "too few events": "this many events in all are too few to state a trend by them",
    "limits conservative": "the limits of a ratio of proportions are those of Poisson counts: too wide",
}
"""Every code that a `note` may hold, with its meaning; presentation says it in the reader's language."""


def note(code: str, details: Iterable[object] = ()) -> str:
    """Write one phrase of a note: `code`, or `code: details` with the details separated by commas."""
    if code not in NOTE_CODES:
        raise ValueError(f"`code` must be one of NOTE_CODES; got {code!r}. Add it to NOTE_CODES first.")
    listed = ", ".join(map(str, details))
    return f"{code}: {listed}" if listed else code


def join_notes(phrases: Iterable[str]) -> str:
    """Join the phrases of one note; empty ones vanish, and none is said twice."""
    return "; ".join(dict.fromkeys(phrase for phrase in phrases if phrase))
