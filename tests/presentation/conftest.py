"""Three places: one published year, ten years of everything, two periods of several years."""

from __future__ import annotations

import pytest
from hand_made import Analysis, analyze, rows


@pytest.fixture
def one_year() -> Analysis:
    """扎赉特旗 2023, as published."""
    return analyze(
        rows(
            year=[2023],
            deduced=["neonatal_deaths;infant_deaths;under5_deaths"],
            live_births=[1430],
            neonatal_deaths=[3],
            infant_deaths=[4],
            under5_deaths=[5],
        )
    )


@pytest.fixture
def ten_years() -> Analysis:
    """A county of about 1,500 births with everything stated, and no maternal death in the last year."""
    years = list(range(2015, 2025))
    births = [1900 - 60 * step for step in range(10)]
    neonatal = [9, 7, 8, 6, 5, 6, 4, 5, 4, 3]
    infant = [12, 11, 10, 9, 8, 8, 6, 7, 5, 5]
    under5 = [15, 14, 12, 12, 9, 10, 8, 9, 7, 6]
    return analyze(
        rows(
            year=years,
            live_births=births,
            early_neonatal_deaths=[max(number - 2, 0) for number in neonatal],
            neonatal_deaths=neonatal,
            infant_deaths=infant,
            under5_deaths=under5,
            stillbirths=[8, 7, 9, 6, 7, 5, 6, 4, 5, 4],
            maternal_deaths=[0, 1, 0, 0, 0, 0, 1, 0, 0, 0],
        )
    )


@pytest.fixture
def two_periods() -> Analysis:
    """A county of North Carolina: two periods of five and six years."""
    return analyze(
        rows(
            year=[1974, 1979], year_end=[1978, 1984], live_births=[4672, 5767], sudden_infant_deaths=[13, 11]
        )
    )
