"""The notes that mchepi.outcomes puts beside a number, in the reader's language."""

from __future__ import annotations

import re
from functools import cache

from .labels import column_name
from .wording import text, wording

_FAMILY = "outcome_note."


def outcome_note(note: str, lang: str) -> str:
    """Say a note of `mchepi.outcomes`; a phrase without a text of its own stays as it is.

    Parameters
    ----------
    note : str
        Phrases joined by "; ", as the column `note` holds them.
    lang : str
        ``zh`` or ``en``.

    Examples
    --------
    >>> outcome_note("missing: altitude; of unknown age: 2", "zh")
    '缺海拔；年龄不详2例'
    """
    said = [_phrase(phrase, lang) for phrase in note.split("; ") if phrase]
    return ("；" if lang == "zh" else "; ").join(said)


def has_text(phrase: str) -> bool:
    """Whether a phrase has a text in both languages.

    Examples
    --------
    >>> has_text("denominator zero"), has_text("nobody wrote this")
    (True, False)
    """
    found = _found(phrase)
    return found is not None and (found[1] is None or not _is_name(found[0]) or _named(found[1]))


def _phrase(phrase: str, lang: str) -> str:
    found = _found(phrase)
    if found is None:
        return phrase
    key, what = found
    if what is None:
        return text(key, lang)
    return text(key, lang, what=_name(what, lang) if _is_name(key) else what)


def _found(phrase: str) -> tuple[str, str | None] | None:
    """The key of a phrase, and what stands in its braces."""
    if (key := f"outcome_note.{phrase}") in wording():
        return key, None
    for key, pattern in _patterns():
        if match := pattern.fullmatch(phrase):
            return key, match[1]
    return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Keys with braces, the longest first: the most particular."""
    keys = sorted((key for key in wording() if key.startswith(_FAMILY) and "{}" in key), key=len)
    return tuple(
        (key, re.compile(re.escape(key.removeprefix(_FAMILY)).replace(r"\{\}", "(.+)")))
        for key in reversed(keys)
    )


def _is_name(key: str) -> bool:
    return key.startswith(f"{_FAMILY}missing: ")


def _named(name: str) -> bool:
    return f"missing.{name}" in wording()


def _name(name: str, lang: str) -> str:
    return text(f"missing.{name}", lang) if _named(name) else column_name(name, lang)
