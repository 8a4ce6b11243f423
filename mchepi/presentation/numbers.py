"""How numbers are written: the one rounding policy, and the units and marks of each language.

Rates are rounded half up (四舍五入) on the exact quotient of the two counts, as official tables expect.
Rounding a binary float would print 2.675 as 2.67; a quotient of whole numbers has no such error.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

MISSING = "–"
_DECIMALS = {1: 3, 100: 2, 1_000: 2, 10_000: 2, 100_000: 1}
_UNITS = {
    "zh": {1: "", 100: "%", 1_000: "‰", 10_000: "/万", 100_000: "/10万"},
    "en": {1: "", 100: "%", 1_000: " per 1,000", 10_000: " per 10,000", 100_000: " per 100,000"},
}
_LONGEST_EXACT = 100_000  # larger sizes are rounded: nobody plans 1,234,567 births


def is_missing(value: Any) -> bool:
    """Whether `value` is None, NaN or NA.

    Examples
    --------
    >>> is_missing(float("nan")), is_missing(0)
    (True, False)
    """
    # NaN and NaT are the values that are not equal to themselves.
    return value is None or value is pd.NA or bool(value != value)


def decimals_of(per: float) -> int:
    """Decimals that a rate per `per` is written with.

    Examples
    --------
    >>> decimals_of(1000), decimals_of(100_000)
    (2, 1)
    """
    return _DECIMALS.get(int(per), 2)


def _exact(value: Any) -> Fraction:
    """The value as people write it: 0.1 is one tenth, not the nearest binary fraction."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, Decimal | int):
        return Fraction(value)
    return Fraction(repr(float(value)))


def half_up(value: Any, decimals: int) -> str:
    """Write `value` with `decimals` decimals, halves away from zero, on its exact decimal.

    Parameters
    ----------
    value : int, float, fractions.Fraction or decimal.Decimal
        What to round. A float counts as the shortest decimal that names it.
    decimals : int
        Decimals to keep.

    Returns
    -------
    str
        The rounded number; ``–`` for a missing one, ``∞`` for an infinite one.

    Examples
    --------
    >>> half_up(2.675, 2), half_up(Fraction(1, 8), 2), half_up(-0.5, 0)
    ('2.68', '0.13', '-1')
    """
    if is_missing(value):
        return MISSING
    if isinstance(value, float) and math.isinf(value):
        return "∞" if value > 0 else "-∞"
    exact = _exact(value)
    scaled = abs(exact) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    rounded = Decimal(whole).scaleb(-decimals) * (-1 if exact < 0 and whole else 1)
    return f"{rounded:.{decimals}f}"


def quotient(numerator: Any, denominator: Any, *, per: float, decimals: int | None = None) -> str:
    """Write numerator / denominator × per, rounded half up on the exact quotient.

    Parameters
    ----------
    numerator, denominator : int or float
        The two counts (or a count and a person-time).
    per : float
        The base of the rate, for example 1000.
    decimals : int, optional
        Decimals; by default those that belong to `per`.

    Returns
    -------
    str
        The rate without its unit; ``–`` where a count is missing or the denominator is 0.

    Examples
    --------
    >>> quotient(3, 1430, per=1000)
    '2.10'
    """
    if is_missing(numerator) or is_missing(denominator) or denominator == 0:
        return MISSING
    exact = _exact(numerator) / _exact(denominator) * _exact(per)
    return half_up(exact, decimals_of(per) if decimals is None else decimals)


def unit(per: float, lang: str) -> str:
    """The unit of a rate as it stands behind the number.

    Examples
    --------
    >>> unit(1000, "zh"), unit(100_000, "en")
    ('‰', ' per 100,000')
    """
    return _UNITS[lang].get(int(per), f" / {count(per, lang)}")


def measure(text: str, per: float, lang: str) -> str:
    """A number already written, with its unit; a missing one stays bare.

    Examples
    --------
    >>> measure("2.10", 1000, "zh")
    '2.10‰'
    """
    return text if text == MISSING else text + unit(per, lang)


def level(value: Any, per: float, lang: str, *, bare: bool = False) -> str:
    """A published level or target as its source states it, with its unit unless `bare`.

    Trailing zeros go, but a level per 1,000 keeps one decimal, as the plans write it.

    Examples
    --------
    >>> level(3.0, 1000, "zh"), level(12.0, 100_000, "en"), level(98.0, 100, "en"), level(3.1, 1000, "en",
    ...     bare=True)
    ('3.0‰', '12 per 100,000', '98%', '3.1')
    """
    if is_missing(value):
        return MISSING
    text = f"{Decimal(repr(float(value))).normalize():f}"
    if per == 1_000 and "." not in text:
        text += ".0"
    return text if bare else measure(text, per, lang)


def interval(lower: Any, upper: Any, *, per: float, lang: str, decimals: int | None = None) -> str:
    """Two limits as a range, without unit.

    Examples
    --------
    >>> interval(0.4326, 6.1309, per=1000, lang="zh"), interval(0.4326, 6.1309, per=1000, lang="en")
    ('0.43～6.13', '0.43 to 6.13')
    """
    if is_missing(lower) and is_missing(upper):
        return MISSING
    kept = decimals_of(per) if decimals is None else decimals
    between = "～" if lang == "zh" else " to "
    return between.join(half_up(limit, kept) for limit in (lower, upper))


def count(value: Any, lang: str) -> str:
    """A whole number: thousands set off in English, plain in Chinese.

    Examples
    --------
    >>> count(1430, "zh"), count(1430, "en")
    ('1430', '1,430')
    """
    if is_missing(value):
        return MISSING
    text = half_up(value, 0)
    return f"{int(text):,}" if lang == "en" and text.lstrip("-").isdigit() else text


def size(value: Any, lang: str) -> str:
    """A number of births or persons that planning asks for: exact below 100,000, else three figures.

    Examples
    --------
    >>> size(22_364, "en"), size(261_234, "en"), size(261_234, "zh"), size(4_223_920, "en")
    ('22,364', 'about 261,000', '约26.1万', 'about 4.22 million')
    """
    if is_missing(value) or math.isinf(value):
        return MISSING if is_missing(value) else "∞"
    if value < _LONGEST_EXACT:
        return count(math.ceil(value), lang)
    digits = 3 - len(str(int(value)))
    rounded = int(Decimal(int(value)).scaleb(digits).quantize(Decimal(1), ROUND_HALF_UP).scaleb(-digits))
    if lang == "zh":
        big, word = (rounded, "万") if rounded < 100_000_000 else (rounded / 10_000, "亿")
        return f"约{level(big / 10_000, 1, 'zh')}{word}"
    if rounded < 1_000_000:
        return f"about {rounded:,}"
    return f"about {level(rounded / 1_000_000, 1, 'en')} million"


def p_value(value: Any, lang: str) -> str:
    """A p-value with its sign, never printed as zero.

    Examples
    --------
    >>> p_value(0.2148, "en"), p_value(0.00002, "en"), p_value(0.2148, "zh")
    ('p = 0.215', 'p < 0.001', 'P=0.215')
    """
    if is_missing(value):
        return MISSING
    small = value < 0.001
    text = "0.001" if small else half_up(value, 3)
    if lang == "zh":
        return f"P{'＜' if small else '='}{text}"
    return f"p {'<' if small else '='} {text}"


def percent(share: Any, *, decimals: int = 0) -> str:
    """A share of 1 as a percentage.

    Examples
    --------
    >>> percent(0.95), percent(0.4225), percent(0.105, decimals=1)
    ('95%', '42%', '10.5%')
    """
    if is_missing(share):
        return MISSING
    return half_up(_exact(share) * 100, decimals) + ("%" if not math.isinf(share) else "")


def years(value: Any, lang: str) -> str:
    """A span of years, whole from ten on.

    Examples
    --------
    >>> years(15.64, "en"), years(3.27, "en"), years(15.64, "zh")
    ('16', '3.3', '16')
    """
    if is_missing(value) or math.isinf(value):
        return MISSING if is_missing(value) else "∞"
    return size(float(half_up(value, 0)), lang) if value >= 10 else half_up(value, 1)


def period(year: Any, year_end: Any = None) -> str:
    """A year, or the years a row covers.

    Examples
    --------
    >>> period(2023), period(1974, 1978), period(1998, 2002)
    ('2023', '1974–78', '1998–2002')
    """
    first = int(year)
    if is_missing(year_end) or int(year_end) == first:
        return str(first)
    last = int(year_end)
    return f"{first}–{last % 100:02d}" if first // 100 == last // 100 else f"{first}–{last}"
