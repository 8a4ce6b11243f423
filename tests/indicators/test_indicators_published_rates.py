"""Counts that a published rate discloses."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mchepi.indicators import possible_counts

# Published rates and the counts that they leave possible: Jalaid Banner 2023, Ordos 2024.
KNOWN = [
    ("2.10", 1430, 2, 1000, [3]),
    ("2.80", 1430, 2, 1000, [4]),
    ("3.50", 1430, 2, 1000, [5]),
    ("73.76", 1795, 2, 100, [1324]),
    ("97.5", 877, 1, 100, [855]),
    ("100", 877, 0, 100, list(range(873, 882))),
    ("100.08", 1200, 2, 100, [1201]),
    ("2.1", 1430, 1, 1000, [3]),
    ("2.15", 1430, 2, 1000, []),
    ("0.00", 1430, 2, 1000, [0]),
    ("0", 1430, 0, 1000, [0]),
]


@pytest.mark.parametrize(("value", "denominator", "decimals", "per", "counts"), KNOWN)
def test_known_rates(value, denominator, decimals, per, counts):
    assert possible_counts(value, denominator, decimals=decimals, per=per) == counts
    assert possible_counts(float(value), denominator, decimals=decimals, per=per) == counts


def test_a_rate_above_every_count_contradicts_its_denominator():
    assert possible_counts("6.36", 20, decimals=2, per=100) == []
    assert possible_counts("6.36", 110, decimals=2, per=100) == [7]


def test_halves_are_rounded_up():
    # 1 of 800 is 1.25 per 1,000: published as 1.3
    assert possible_counts("1.3", 800, decimals=1, per=1000) == [1]
    assert possible_counts("1.2", 800, decimals=1, per=1000) == []


@given(
    st.integers(0, 5000), st.integers(1, 5000), st.integers(0, 3), st.sampled_from([1, 100, 1000, 100_000])
)
def test_the_count_behind_a_rounded_rate_is_always_possible(events, denominator, decimals, per):
    exact = Decimal(events * per) / Decimal(denominator)
    # enough digits that the quotient is not itself rounded onto a half
    rate = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    found = possible_counts(str(rate), denominator, decimals=decimals, per=per)
    assert events in found
    assert found == list(range(found[0], found[-1] + 1))
    for neighbor in (found[0] - 1, found[-1] + 1):
        if neighbor >= 0:
            other = (Decimal(neighbor * per) / Decimal(denominator)).quantize(rate, ROUND_HALF_UP)
            assert other != rate


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"value": "2.105"}, "`value` must have at most 2 decimals; got '2.105'"),
        ({"value": "-1"}, "`value` must be a number, 0 or more"),
        ({"value": "2.10‰"}, "`value` must be a number, 0 or more; got '2.10‰'"),
        ({"value": float("nan")}, "`value` must be a number"),
        ({"denominator": 0}, "`denominator` must be one number above 0"),
        ({"denominator": 14.5}, "`denominator` must be a whole number"),
        ({"decimals": -1}, "`decimals` must be a whole number, 0 or more"),
        ({"decimals": 1.0}, "`decimals` must be a whole number, 0 or more"),
        ({"per": 0}, "`per` must be one number above 0"),
    ],
)
def test_nonsense_is_refused(arguments, message):
    given_arguments = {"value": "2.10", "denominator": 1430, "decimals": 2, "per": 1000, **arguments}
    with pytest.raises(ValueError, match=message):
        possible_counts(given_arguments.pop("value"), given_arguments.pop("denominator"), **given_arguments)


def test_a_rate_that_fits_millions_of_counts_is_refused():
    with pytest.raises(ValueError, match="must fit at most 1,000,000 counts"):
        possible_counts("1", 10**12, decimals=0, per=1000)
