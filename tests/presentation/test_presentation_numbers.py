"""One rounding policy: half up on the exact quotient of the counts, in either language."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi.presentation import numbers

counts = st.integers(0, 10**7)
denominators = st.integers(1, 10**7)


@given(counts, denominators, st.sampled_from([1, 100, 1000, 10_000, 100_000]))
def test_quotients_round_half_up_as_decimal_does(events: int, total: int, per: int):
    decimals = numbers.decimals_of(per)
    with localcontext() as context:
        context.prec = 60
        # A quotient that ends on a half has few digits: 60 of them hold it exactly.
        expected = (Decimal(events) * per / Decimal(total)).quantize(
            Decimal(1).scaleb(-decimals), ROUND_HALF_UP
        )
    assert numbers.quotient(events, total, per=per) == f"{expected:f}"


@given(st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_halves_go_away_from_zero(half: int, decimals: int):
    value = Fraction(2 * half + 1, 2) / 10**decimals
    away = half + 1 if half >= 0 else half
    assert Decimal(numbers.half_up(value, decimals)) == Decimal(away).scaleb(-decimals)


@pytest.mark.parametrize(
    ("events", "total", "per", "text"),
    [
        (3, 1430, 1000, "2.10"),  # 扎赉特旗 2023, as published: 2.10‰
        (4, 1430, 1000, "2.80"),
        (5, 1430, 1000, "3.50"),
        (1201, 1200, 100, "100.08"),  # as published: 100.08 %
        (1324, 1795, 100, "73.76"),  # as published: 73.76 %
        (1, 1430, 100_000, "69.9"),
        (1, 8, 100, "12.50"),
        (2675, 1000 * 1000, 1000, "2.68"),  # a binary float would print 2.67
        (0, 10, 1000, "0.00"),
    ],
)
def test_rates_as_official_tables_print_them(events: int, total: int, per: int, text: str):
    assert numbers.quotient(events, total, per=per) == text


@pytest.mark.parametrize("pair", [(None, 10), (3, None), (3, 0), (float("nan"), 10)])
def test_what_is_not_known_is_a_dash(pair: tuple[object, object]):
    assert numbers.quotient(*pair, per=1000) == numbers.MISSING


def test_person_time_may_be_fractional():
    assert numbers.quotient(5, 2.5, per=1, decimals=1) == "2.0"


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (1430, "1430", "1,430"),
        (1234567, "1234567", "1,234,567"),
        (float("nan"), "–", "–"),
    ],
)
def test_counts(value: float, zh: str, en: str):
    assert (numbers.count(value, "zh"), numbers.count(value, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (22_363.2, "22364", "22,364"),  # a size is never rounded down
        (99_999, "99999", "99,999"),
        (261_234, "约26.1万", "about 261,000"),
        (4_223_920, "约422万", "about 4.22 million"),
        (999_900, "约100万", "about 1 million"),
        (123_456_789, "约1.23亿", "about 123 million"),
        (math.inf, "∞", "∞"),
    ],
)
def test_sizes_below_a_hundred_thousand_are_exact(value: float, zh: str, en: str):
    assert (numbers.size(value, "zh"), numbers.size(value, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("value", "zh", "en"), [(0.354, "P=0.354", "p = 0.354"), (0, "P＜0.001", "p < 0.001")]
)
def test_a_p_value_is_never_zero(value: float, zh: str, en: str):
    assert (numbers.p_value(value, "zh"), numbers.p_value(value, "en")) == (zh, en)


@given(st.floats(0.001, 1))
def test_a_p_value_is_rounded_not_cut(value: float):
    assert abs(float(numbers.p_value(value, "en").split()[-1]) - value) <= 0.0005000001


def test_intervals_and_units():
    assert numbers.interval(0.432, 6.131, per=1000, lang="zh") == "0.43～6.13"
    assert numbers.interval(0.0, math.inf, per=1, lang="en", decimals=2) == "0.00 to ∞"
    assert numbers.measure("2.10", 1000, "zh") == "2.10‰"
    assert numbers.measure(numbers.MISSING, 1000, "zh") == "–"
    assert numbers.unit(10_000, "zh") == "/万"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [(2023, None, "2023"), (2023, 2023, "2023"), (1974, 1978, "1974–78"), (1998, 2002, "1998–2002")],
)
def test_periods(first: int, last: int | None, text: str):
    assert numbers.period(first, last) == text
