"""Everything that pages print, in Chinese and English, from one table: data/wording.csv."""

from __future__ import annotations

from functools import cache

from .package_data import table

LANGUAGES = ("zh", "en")
_ONE_OR_MANY = " | "


def check_language(lang: str) -> str:
    """Give `lang` back if there are texts in it.

    Raises
    ------
    ValueError
        If `lang` is neither ``zh`` nor ``en``.

    Examples
    --------
    >>> check_language("zh")
    'zh'
    """
    if lang not in LANGUAGES:
        raise ValueError(
            f'`lang` must be "zh" or "en"; got {lang!r}. Write lang = "zh" in the parameters cell.'
        )
    return lang


@cache
def wording() -> dict[str, dict[str, str]]:
    """The table of texts: key to its row, with the columns key, placeholders, zh and en.

    Examples
    --------
    >>> wording()["verdict.cannot tell"]["en"]
    'cannot tell'
    """
    return {row["key"]: row for row in table("wording")}


def text(key: str, lang: str, /, **values: object) -> str:
    """The text of `key` in a language, its placeholders filled.

    A text may hold two forms, ``one | many``; `count` decides which is taken.

    Parameters
    ----------
    key : str
        The key in wording.csv.
    lang : str
        ``zh`` or ``en``.
    **values
        One value a placeholder, already written in that language.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> [text("change.fewer", "en", count=count, than="last year") for count in ("1", "3")]
    ['One death fewer than last year', '3 deaths fewer than last year']
    """
    form = wording()[key][check_language(lang)]
    one, _, many = form.partition(_ONE_OR_MANY)
    chosen = one if not many or str(values.get("count")) == "1" else many
    return chosen.format(**values)
