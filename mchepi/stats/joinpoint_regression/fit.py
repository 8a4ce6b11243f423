"""Joinpoint regression of one series or of thousands."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from numbers import Integral
from typing import Any

import numpy as np

from mchepi.stats._validate import Mask, check_choice, check_level
from mchepi.stats.joinpoint_regression.assembly import NO_EVENTS, assemble, assemble_empty
from mchepi.stats.joinpoint_regression.candidates import Rows, Spacing
from mchepi.stats.joinpoint_regression.design import Design
from mchepi.stats.joinpoint_regression.jump import read_jump, require_jump_inside
from mchepi.stats.joinpoint_regression.permutation import PermutationTest, Rules, choose_by_permutation
from mchepi.stats.joinpoint_regression.records import Analysis, Settings
from mchepi.stats.joinpoint_regression.result import JoinpointFit
from mchepi.stats.joinpoint_regression.search import BestSets, best_sets
from mchepi.stats.joinpoint_regression.selection import Criteria, criteria, default_max_joinpoints
from mchepi.stats.joinpoint_regression.series import SeriesData, read_series, whole_number

MODELS = ("log", "linear")
VARIANCES = ("constant", "standard_error", "poisson")
SELECTIONS = ("wbic", "bic", "bic3", "permutation")

# Series at a time at most: what they need together stays small.
_BATCH = 256


def joinpoint(
    year: Any,
    value: Any = None,
    *,
    model: str = "log",
    variance: str = "constant",
    standard_error: Any = None,
    events: Any = None,
    person_time: Any = None,
    selection: str | int = "wbic",
    max_joinpoints: int | None = None,
    min_observations_between: int = 2,
    min_observations_end: int = 2,
    permutations: int = 4499,
    significance_level: float = 0.05,
    seed: int = 0,
    confidence_level: float = 0.95,
    jump: float | None = None,
    curtailed: bool = False,
    workers: int = 1,
) -> Any:
    """Joinpoint regression: a trend of connected straight segments on the log scale, in percent per year.

    The model is ln(value) = b0 + b1 x + sum of d_j max(x - tau_j, 0): a line whose slope changes at the
    joinpoints tau_j. All admissible sets of observed years are tried, the one with the smallest (weighted)
    sum of squared errors is taken (grid search, Lerman 1980), and the number of joinpoints is chosen as NCI's
    Joinpoint program does, by an information criterion or by permutation tests.

    Do not use it for fewer than seven years (no joinpoint is tried by default), for counts near zero without
    ``variance="poisson"``, or to date a cause: a joinpoint is where lines fit best, not an event.

    Parameters
    ----------
    year : sequence of n numbers
        The times of observation, every one once; they need not be evenly spaced.
    value : n numbers, or series x n; optional
        Rates, proportions or any positive values; NaN is a missing year. Two dimensions (array, or DataFrame
        with the years as columns) mean many series. May be left out if `events` and `person_time` are given.
    model : {"log", "linear"}
        Straight segments of the logarithm (percent change per year) or of the value itself.
    variance : {"constant", "standard_error", "poisson"}
        Weights: all equal; from `standard_error` (1 / se² linear, (value / se)² on the log scale); the
        numbers of events (log scale; events / value² linear).
    standard_error : like `value`, optional
        For ``variance="standard_error"``.
    events, person_time : like `value`, optional
        Counts and what they are counted in. A count of zero is taken as 0.5, in the weight and, over the
        person-time, in the value. `value` may be on any scale proportional to events / person_time.
    selection : {"wbic", "bic", "bic3", "permutation"} or int
        How the number of joinpoints is chosen (the program's default: ``wbic`` from version 5,
        ``permutation`` before), or that number.
    max_joinpoints : int, optional
        The most that are tried; by default 0 for up to 6 observations, 1 up to 11, 2 up to 16, 3 up to 21,
        4 up to 26, 5 up to 31, 6 up to 36, 7 beyond. Never more than the observations have room for.
    min_observations_between, min_observations_end : int
        Observations that must lie between two joinpoints, and before the first and after the last one; the
        joinpoints themselves are not counted, and missing years count for nothing.
    permutations : int
        Random permutations of each test.
    significance_level : float
        Of the whole sequence of tests. The test of `null` joinpoints has the level significance_level /
        (max_joinpoints - null); it rejects if p is smaller.
    seed : int
        Of the permutations and resamples: the same seed gives the same results, however many workers.
    confidence_level : float
        Of the limits of slopes and joinpoints.
    jump : float, optional
        The first year of a new way of counting (a new definition, another revision of the ICD): the level
        jumps there by an amount that is estimated (`JoinpointFit.jump`), the slope does not change. Not for a
        change that was looked for in the same data.
    curtailed : bool
        Stop a permutation test once it can no longer reject. Decisions stay the same; the p-value of a test
        that was stopped rests on the permutations until then.
    workers : int
        Threads over which many series are spread.

    Returns
    -------
    JoinpointFit, or a list of them, one a series
        NaN, no joinpoints and a note for fewer than three observations and where no event was counted at all.
        Where zeros were taken as 0.5, and fewer than 20 events were counted (or no more than there are years
        without any), a note says that the 0.5 makes the trend.

    Raises
    ------
    ValueError
        For values that have no logarithm, repeated years, joinpoints that the observations have no room for,
        and words or numbers that no option takes.

    References
    ----------
    Kim HJ, Fay MP, Feuer EJ, Midthune DN. Permutation tests for joinpoint regression with applications to
    cancer rates. Stat Med 2000;19:335-351.
    doi:10.1002/(SICI)1097-0258(20000215)19:3<335::AID-SIM336>3.0.CO;2-Z

    Kim HJ, Chen HS, Midthune D, et al. Data-driven choice of a model selection method in joinpoint
    regression. J Appl Stat 2023;50:1992-2013. doi:10.1080/02664763.2022.2063265

    Lerman PM. Fitting segmented regression models by grid search. Appl Stat 1980;29:77-84.
    doi:10.2307/2346413

    Examples
    --------
    Maternal deaths per 100,000 live births in China's national surveillance (National Health Commission,
    statistical communiqués), years as they were published:

    >>> import mchepi
    >>> year = [2000, 2004, 2005, 2010, 2011, 2012, 2014, 2015,
    ...         2016, 2017, 2018, 2020, 2021, 2022, 2023, 2024]
    >>> ratio = [53.0, 48.3, 47.7, 30.0, 26.1, 24.5, 21.7, 20.1,
    ...          19.9, 19.6, 18.3, 16.9, 16.1, 15.7, 15.1, 14.3]
    >>> fit = mchepi.joinpoint(year, ratio)
    >>> fit.joinpoints
    (2005, 2012)
    >>> fit.segments[["start", "end", "value", "lower", "upper"]].round(1)
       start   end  value  lower  upper
    0   2000  2005   -2.0   -3.2   -0.8
    1   2005  2012   -9.4  -13.8   -4.9
    2   2012  2024   -4.2   -4.5   -3.9
    """
    settings = _settings(
        model,
        variance,
        selection,
        max_joinpoints,
        Spacing(
            whole_number("min_observations_between", min_observations_between, 0),
            whole_number("min_observations_end", min_observations_end, 1),
        ),
        whole_number("permutations", permutations, 1),
        check_level(significance_level, "significance_level"),
        whole_number("seed", seed, 0),
        check_level(confidence_level),
        curtailed,
        read_jump(jump, min_observations_between, min_observations_end),
    )
    data = read_series(
        year,
        value,
        model=model,
        variance=variance,
        standard_error=standard_error,
        events=events,
        person_time=person_time,
    )
    fits = _fit_all(data, settings, whole_number("workers", workers, 1))
    return fits[0] if data.single else fits


def choose(
    design: Design, best: BestSets, compared: Criteria, settings: Settings
) -> tuple[Rows, Sequence[Sequence[PermutationTest]]]:
    """Choose the number of joinpoints of every series, with the tests that led to it."""
    series = len(compared.sse)
    if isinstance(settings.selection, int):
        return np.full(series, settings.selection), [()] * series
    if settings.selection == "permutation":
        rules = Rules(settings.permutations, settings.significance_level, settings.seed, settings.curtailed)
        tests = choose_by_permutation(design, best, compared.sse, settings.spacing, rules)
        return np.array([done[-1].null + done[-1].rejected if done else 0 for done in tests]), tests
    # The smaller number among equals, so an exact fit adds no joinpoints.
    return getattr(compared, settings.selection).argmin(axis=1), [()] * series


def _settings(
    model: str, variance: str, selection: str | int, max_joinpoints: int | None, *others: Any
) -> Settings:
    check_choice("model", model, MODELS)
    check_choice("variance", variance, VARIANCES)
    if isinstance(selection, Integral) and not isinstance(selection, bool):
        selection = whole_number("selection", selection, 0)
    else:
        check_choice("selection", selection, SELECTIONS)
    if max_joinpoints is not None:
        max_joinpoints = whole_number("max_joinpoints", max_joinpoints, 0)
    return Settings(model, variance, selection, max_joinpoints, *others)


def _fit_all(data: SeriesData, settings: Settings, workers: int) -> list[JoinpointFit]:
    """Fit series with the same observed years together, a batch at a time."""
    observed = ~np.isnan(data.y)
    patterns, member = np.unique(observed, axis=0, return_inverse=True)
    size = min(_BATCH, 1 + len(observed) // (4 * workers))
    batches: list[tuple[Rows, Mask]] = []
    for number, pattern in enumerate(patterns):
        series = np.flatnonzero(member.ravel() == number)
        _require_room(data, series, int(pattern.sum()), settings)
        require_jump_inside(data, series, pattern, settings)
        batches += [(series[start : start + size], pattern) for start in range(0, len(series), size)]
    with ThreadPoolExecutor(workers) as pool:
        found = chain.from_iterable(
            pool.map(lambda batch: _fit_batch(data, batch[0], batch[1], settings), batches)
        )
        fits = dict(found)
    return [fits[series] for series in range(len(data.y))]


def _require_room(data: SeriesData, series: Rows, observations: int, settings: Settings) -> None:
    most = settings.most_joinpoints(observations)
    if observations >= settings.fewest and isinstance(settings.selection, int) and settings.selection > most:
        raise ValueError(
            f"`selection` must be at most {most} for {observations} observations; got {settings.selection}"
            f"{data.name(int(series[0]))}. Ask for fewer joinpoints, or lower min_observations_between or "
            "min_observations_end."
        )


def _fit_batch(
    data: SeriesData, series: Rows, pattern: Mask, settings: Settings
) -> list[tuple[int, JoinpointFit]]:
    # One layout in memory for any number of series: sums then round alike.
    y, weight = (np.ascontiguousarray(part[series][:, pattern]) for part in (data.y, data.weight))
    time = data.time[pattern]
    if len(time) < settings.fewest:
        reason = f"fewer than {settings.fewest} observations"
        return [(row, assemble_empty(data, row, pattern, settings, reason)) for row in map(int, series)]
    silent = data.counted[series] == 0
    found = [
        (row, assemble_empty(data, row, pattern, settings, NO_EVENTS)) for row in map(int, series[silent])
    ]
    series, y, weight = series[~silent], y[~silent], weight[~silent]
    if not len(series):
        return found
    root = np.sqrt(weight[:1] if settings.variance == "constant" else weight)
    design = Design.of_series(time, y, root, settings.jump)
    best = best_sets(design, _most(len(time), settings), settings.spacing)
    compared = criteria(design, best, data.rounding[series])
    number, tests = choose(design, best, compared, settings)
    for i, row in enumerate(map(int, series)):
        analysis = Analysis(
            time,
            y[i],
            weight[i],
            float(data.rounding[row]),
            tuple(positions[i] for positions in best.positions),
            compared.sse[i],
            compared.bic[i],
            compared.bic3[i],
            compared.wbic[i],
            tuple(tests[i]),
            settings.jump,
        )
        chosen = int(number[i])
        coefficients = best.fits[chosen].coefficients[i]
        found.append((row, assemble(data, row, pattern, settings, chosen, coefficients, analysis)))
    return found


def _most(observations: int, settings: Settings) -> int:
    if isinstance(settings.selection, int):
        return settings.selection
    most = settings.max_joinpoints
    most = default_max_joinpoints(observations) if most is None else most
    return min(most, settings.most_joinpoints(observations))
