"""Ages in completed calendar months and in days."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import completed_days, completed_months


@pytest.mark.parametrize(
    ("birth", "date", "months"),
    [
        ("2021-03-05", "2021-03-05", 0),
        ("2021-03-05", "2021-09-05", 6),
        ("2021-03-05", "2021-09-04", 5),
        ("2021-03-05", "2023-03-05", 24),
        ("2021-03-05", "2023-03-04", 23),
        ("2021-03-05", "2026-03-04", 59),
        ("2021-03-05", "2026-03-05", 60),
        ("2020-02-29", "2022-02-28", 23),
        ("2020-02-29", "2022-03-01", 24),
        ("2020-08-31", "2021-02-28", 5),
        ("2020-08-31", "2021-03-01", 6),
    ],
)
def test_a_month_is_completed_on_the_day_of_birth(birth, date, months):
    assert completed_months(birth, date) == months


def test_days_over_30_4375_get_birthdays_wrong():
    """Trap 9: a second birthday is 730 or 731 days, a fifth 1,826."""
    assert completed_days("2021-03-05", "2023-03-05") / 30.4375 < 24
    assert completed_months("2021-03-05", "2023-03-05") == 24
    assert completed_days("2021-03-05", "2026-03-05") / 30.4375 < 60
    assert completed_months("2021-03-05", "2026-03-05") == 60


def test_numbers_arrays_and_series_agree():
    birth, date = "2021-03-05", "2023-03-04"
    index = pd.Index(["a", "b"], name="child")
    births = pd.Series(pd.to_datetime([birth, "2022-01-01"]), index)
    for function, expected in ((completed_months, [23, 14]), (completed_days, [729, 427])):
        assert function(dt.date(2021, 3, 5), dt.datetime(2023, 3, 4, 23, 59)) == expected[0]
        found = function(births, date)
        assert found.index.equals(index)
        assert found.tolist() == expected
        assert function([birth, "2022-01-01"], date).tolist() == expected
        assert isinstance(function(birth, date), float)
    missing = completed_months(pd.Series([birth, None]), pd.Series([date, date]))
    assert np.isnan(missing[1])
    assert np.isnan(completed_months(None, date))
    assert completed_months([], []).size == 0
    assert completed_days(pd.Series([], dtype=object), date).empty
    assert np.isnan(completed_months([np.nan, np.nan], date)).all()
    assert completed_months(pd.Timestamp(birth, tz="Asia/Shanghai"), date) == 23


@pytest.mark.parametrize(
    "wrong", ["张三", "2021年3月5日", "05/03/2021", 44260, np.int64(44260), 20210305, "2021-13-05"]
)
def test_what_is_no_date_is_refused_without_being_shown(wrong):
    births = pd.Series(["2021-03-05", wrong], index=["152223202103050011", "152223202103050012"])
    with pytest.raises(ValueError, match=r"`birth` must be dates; got something else at position 1") as error:
        completed_months(births, "2023-03-05")
    assert str(wrong) not in str(error.value)
    assert "1522" not in str(error.value)


def test_a_date_before_birth_is_refused_without_being_shown():
    with pytest.raises(
        ValueError, match="`date` must be on or after `birth`; got something else at position 0"
    ):
        completed_months("2023-03-05", "2021-03-05")
    with pytest.raises(ValueError, match="equal lengths"):
        completed_months(["2021-03-05", "2021-03-06"], ["2022-01-01"] * 3)
    with pytest.raises(ValueError, match="equal indexes"):
        completed_months(pd.Series(["2021-03-05"], ["a"]), pd.Series(["2022-03-05"], ["b"]))
    with pytest.raises(ValueError, match="must be dates"):
        completed_months(44260, "2023-03-05")


@settings(deadline=None, max_examples=60)
@given(st.dates(dt.date(1990, 1, 1), dt.date(2025, 12, 31)), st.integers(0, 6000))
def test_laws(birth, days):
    date = birth + dt.timedelta(days)
    months = completed_months(birth, date)
    assert completed_days(birth, date) == days
    assert abs(months - days / 30.4375) < 1.1
    assert completed_months(birth, date + dt.timedelta(1)) - months in (0, 1)
