"""A simulated region: its counts, the truth behind them, and what was planted."""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mchepi.simulate._draws import EARLIEST_YEAR, Draws
from mchepi.simulate.anemia import anemia
from mchepi.simulate.entry_errors import EntryError, enter_errors
from mchepi.simulate.mortality import mortality
from mchepi.simulate.names import banner
from mchepi.simulate.planted import Planted
from mchepi.simulate.register import Register
from mchepi.simulate.screening import screening
from mchepi.simulate.truth import faults_frame, truth_frame

LATEST_YEAR = 2050
MOST_DISTRICTS = 9999
WIDEST_SPREAD = 3


@dataclass(frozen=True, eq=False)
class Region:
    """A simulated region. Every number in it is simulated; the place names are invented and say so.

    Attributes
    ----------
    counts : DataFrame
        One row a district and year: `district`, `name_zh`, `name_en`, `year` and one column (Int64) a count,
        named as the catalog names numerators and denominators. A count left blank or given as a missing code
        is NA.
    truth : DataFrame
        One row a district, year and indicator. `true_value` is the rate that chance plays upon (for
        `live_births` the expected count), `expected_value` what the counts as written down show on average,
        both in the unit of `per`; `reporting_probability` is the share of the events that is written down,
        `note` the kinds of what is planted there. It does not know of cells typed wrong.
    faults : DataFrame
        One row a thing planted: `kind`; `nature` (`truth`: it happens so; `counting`: it is only counted so;
        `entry`: a cell typed wrong); `district`, `year_from`, `year_to`, `columns` (joined by ";"); `effect`
        (`times` or `is`) and `size`; for cells `true_count` and `written`; a description in both languages.
    seed : int
    changes, reporting_errors : bool
    spread : float
        As given to `region`.
    """

    counts: pd.DataFrame
    truth: pd.DataFrame
    faults: pd.DataFrame
    seed: int
    changes: bool
    reporting_errors: bool
    spread: float


def region(
    *,
    districts: int = 24,
    years: tuple[int, int] = (2015, 2024),
    seed: int = 20240601,
    changes: bool = True,
    reporting_errors: bool = True,
    spread: float = 1.0,
) -> Region:
    """Simulate a region of fictional banners with known rates, trends, changes and reporting errors.

    Each count is binomial (or Poisson) about a known probability of its district and year, without further
    variation: an exact interval about it holds the truth at least as often as it says. Each district and
    quantity has a stream of random numbers of its own, and each year a number of its own in it. Asking for
    more districts or other years therefore leaves every other count as it was, and a plant moves only the
    counts it is planted in and those that are part of them.

    Parameters
    ----------
    districts : int
        How many. The first 24 have names and sizes of their own, and all plants lie among them; the sizes
        repeat beyond.
    years : (int, int)
        First and last year, from 2000 to 2050. Levels are set for 2015 to 2024; outside, trends go on.
    seed : int
        0 or more. Another seed gives another region: other levels, trends and counts; sizes and plants stay.
    changes : bool
        Plant changes and peculiarities of districts (steps, no trend, rising births, a loss at one step …).
        Without them all districts follow the regional trends with their own deviation: a null case for
        rules.
    reporting_errors : bool
        Plant under-reporting, a change of analyzer, and cells typed wrong.
    spread : float
        Multiplies the standard deviations between districts; 0: the same levels and the same trends of
        risks everywhere.

    Returns
    -------
    Region
        With `counts`, `truth` and `faults`.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Examples
    --------
    >>> from mchepi.simulate import region
    >>> small = region(districts=2, years=(2023, 2024))
    >>> small.counts[["district", "year", "live_births", "neonatal_deaths"]]
      district  year  live_births  neonatal_deaths
    0      S01  2023         1004                4
    1      S01  2024         1125                7
    2      S02  2023          536                3
    3      S02  2024          515                6
    >>> small.counts["name_zh"].unique().tolist()
    ['霜叶川旗（模拟）', '月榆湾旗（模拟）']
    >>> risks = small.truth[small.truth["indicator"] == "neonatal_mortality_rate"]
    >>> print(risks[["district", "year", "true_value", "per"]].round(2).to_string(index=False))
    district  year  true_value  per
         S01  2023        5.86 1000
         S01  2024        5.59 1000
         S02  2023        5.64 1000
         S02  2024        5.42 1000
    """
    year_from, year_to = _checked(districts, years, seed, spread)
    banners = [banner(number) for number in range(1, districts + 1)]
    register = Register(
        Draws(seed, districts, year_from, year_to),
        Planted.of(
            [place.id for place in banners],
            (year_from, year_to),
            changes=changes,
            reporting_errors=reporting_errors,
        ),
        np.array([[place.births] for place in banners], dtype=float),
        spread,
    )
    mortality(register)
    anemia(register)
    screening(register)

    keys = pd.DataFrame(
        [(*place[:3], year) for place in banners for year in range(year_from, year_to + 1)],
        columns=["district", "name_zh", "name_en", "year"],
    )
    numbers = {name: entry.counts.ravel() for name, entry in register.entries.items() if " " not in name}
    counts = pd.concat([keys, pd.DataFrame(numbers).astype("Int64")], axis=1)
    typed: list[tuple[EntryError, int]] = []
    if reporting_errors:
        counts, typed = enter_errors(counts)
    truth = truth_frame(register, keys[["district", "year"]])
    faults = faults_frame(register, typed, counts)
    return Region(counts, truth, faults, seed, changes, reporting_errors, spread)


def _checked(districts: int, years: tuple[int, int], seed: int, spread: float) -> tuple[int, int]:
    try:
        year_from, year_to = (operator.index(year) for year in years)
    except (TypeError, ValueError):
        raise ValueError(
            f"`years` must be a first and a last year; got {years!r}. Say (2015, 2024)."
        ) from None
    for name, number in (("districts", districts), ("seed", seed)):
        if not isinstance(number, int | np.integer):
            raise ValueError(f"`{name}` must be a whole number; got {number!r}. Leave the fraction out.")
    if not 1 <= districts <= MOST_DISTRICTS:
        raise ValueError(
            f"`districts` must be from 1 to {MOST_DISTRICTS}; got {districts}. Ask for fewer or more."
        )
    if seed < 0:
        raise ValueError(f"`seed` must be 0 or more; got {seed}. Any whole number such as 20240601 will do.")
    if not EARLIEST_YEAR <= year_from <= year_to <= LATEST_YEAR:
        raise ValueError(
            f"`years` must be in order and within {EARLIEST_YEAR} to {LATEST_YEAR}; "
            f"got {year_from}, {year_to}. Say (2015, 2024)."
        )
    if not 0 <= spread <= WIDEST_SPREAD:
        raise ValueError(
            f"`spread` must be from 0 to {WIDEST_SPREAD}; got {spread}. 1 is the usual spread of districts."
        )
    return year_from, year_to
