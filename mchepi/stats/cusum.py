"""Poisson CUSUM: whether the number of events in a period has begun to rise (or to fall)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats._cusum_chain import FINEST, as_fraction, lattice, run_length, transitions
from mchepi.stats._periods import read_periods
from mchepi.stats._validate import FloatArray, check_choice, check_positive

if TYPE_CHECKING:
    import pandas as pd

DIRECTIONS = ("increase", "decrease")
_MOST_STATES = 4000


@dataclass(frozen=True, eq=False)
class PoissonCusum:
    """A Poisson CUSUM of a series, with how often it signals by chance and how soon after a change.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a period: events, expected, reference_value, cusum, signal (the CUSUM has reached the
        threshold), periods_above_zero (how long it has been there: about when a change began).
    threshold : float
        The CUSUM signals at this value or above.
    ratio : float
        The change it is made to find: the rate after the change over the rate before.
    run_length_unchanged : float
        Mean number of periods until a false signal, at the mean expected number of events.
    run_length_changed : float
        Mean number of periods until the signal if the rate has changed by `ratio` since the first period.
    chance_of_false_signal : float
        The chance of at least one signal in the periods of `table` if the rate did not change.
    """

    table: pd.DataFrame
    threshold: float
    ratio: float
    run_length_unchanged: float
    run_length_changed: float
    chance_of_false_signal: float


def poisson_cusum(
    events: Any,
    expected: Any,
    *,
    ratio: float = 2,
    run_length: float = 100,
    threshold: float | None = None,
) -> PoissonCusum:
    """Cumulative sum of events beyond expectation, period by period, with a threshold of known run length.

    Parameters
    ----------
    events : int array or Series
        Events in each period, in order of time, none missing.
    expected : float, array or Series
        Events expected in each period if nothing changes (births times a known rate), above 0.
    ratio : float
        The change to be found: 2 for a doubled rate, 0.5 for a halved one. Not 1.
    run_length : float
        Mean number of periods between false signals, at least, from which the threshold is found.
    threshold : float, optional
        The threshold itself, instead.

    Returns
    -------
    PoissonCusum
        `table`, `threshold`, `run_length_unchanged`, `run_length_changed`, `chance_of_false_signal`.

    Raises
    ------
    ValueError
        Missing or impossible counts, expected numbers that are not above 0, single numbers, Series with
        unequal indexes, a ratio of 1 or not above 0, a run length below 2, or a threshold that is not above
        0.

    Notes
    -----
    With expected events m and k = m (ratio - 1) / log(ratio): S = max(0, S + events - k), starting from 0,
    for a rise; S = max(0, S + k - events) for a fall. k is rounded to hundredths where m is below 2, to
    tenths below 200, else to whole numbers; S then moves on a lattice, and its run lengths and the chance of
    a false signal follow exactly from a Markov chain (Brook and Evans). The run lengths hold for the mean of
    `expected`, the chance of a false signal for `expected` as it is. After a signal the sum goes on.

    Not with `expected` taken from the same few periods that are to be judged: a rise then hides in it. The
    run length is a mean: half of all false signals come before about 0.7 of it. Not for events that come in
    clusters (outbreaks), where chance does more than Poisson.

    References
    ----------
    Lucas JM (1985). Counted data CUSUM's. Technometrics 27(2): 129-144. doi:10.1080/00401706.1985.10488030

    Brook D, Evans DA (1972). An approach to the probability distribution of CUSUM run length. Biometrika
    59(3): 539-549. doi:10.1093/biomet/59.3.539

    Examples
    --------
    Neonatal deaths in quarters with about 380 births, 3 per 1,000 expected, a doubling to be found
    (constructed):

    >>> from mchepi.stats.cusum import poisson_cusum
    >>> deaths = [1, 0, 2, 1, 1, 0, 3, 2, 4, 3]
    >>> watch = poisson_cusum(deaths, 1.14, ratio=2, run_length=80)
    >>> print(f"threshold {watch.threshold}: false every {watch.run_length_unchanged:.0f} quarters, "
    ...       f"a doubling found after {watch.run_length_changed:.1f}")
    threshold 3.64: false every 81 quarters, a doubling found after 6.0
    >>> watch.table[["events", "cusum", "signal"]].tail(4)
       events  cusum  signal
    6     3.0   1.36   False
    7     2.0   1.72   False
    8     4.0   4.08    True
    9     3.0   5.44    True
    """
    import pandas as pd

    counts, means, layout = read_periods(events, expected)
    ratio = check_positive("ratio", ratio)
    if ratio == 1:
        raise ValueError("`ratio` must not be 1; got 1. Give the change to be found, such as 2 or 0.5.")
    increase = ratio > 1
    middle = float(means.mean())
    references = [_reference_value(mean, ratio, middle) for mean in means.tolist()]
    k = _reference_value(middle, ratio, middle)
    if threshold is None:
        limit = _threshold(middle, k, run_length, increase)
    else:
        limit = _fraction("threshold", threshold)

    steps = np.array([float(reference) for reference in references])
    cusum, above = _sums(counts, references, increase)
    table = pd.DataFrame(
        {
            "events": counts,
            "expected": means,
            "reference_value": steps,
            "cusum": cusum,
            "signal": cusum >= float(limit),
            "periods_above_zero": above,
        },
        index=layout.index,
    )
    return PoissonCusum(
        table=table,
        threshold=float(limit),
        ratio=ratio,
        run_length_unchanged=_run_length(middle, k, limit, increase),
        run_length_changed=_run_length(middle * ratio, k, limit, increase),
        chance_of_false_signal=_false_signal(means, references, limit, increase),
    )


def cusum_run_length(
    expected: float,
    *,
    reference_value: float,
    threshold: float,
    direction: str = "increase",
    start: float = 0,
) -> float:
    """Mean number of periods until a Poisson CUSUM signals, that period included.

    Parameters
    ----------
    expected : float
        Events expected in each period (whatever the reference value was made for).
    reference_value : float
        What is taken from (or, for a decrease, what the events are taken from) in each period.
    threshold : float
        The CUSUM signals at this value or above.
    direction : {"increase", "decrease"}
        Which change it looks for.
    start : float
        Where it starts: 0, or a head start below the threshold.

    Returns
    -------
    float
        The average run length, exact: the solution of the linear equations of a Markov chain.

    Raises
    ------
    ValueError
        Numbers that are not positive, a reference value, threshold or start that is no whole number of
        thousandths (the sum must move on a lattice), a start at or above the threshold, or a lattice of more
        than 4,000 values.

    Notes
    -----
    The run lengths L from all values below the threshold solve (I - P) L = 1, where P holds the chances to go
    from one to another in one period. Not for real-valued reference values: round them, as the chart itself
    must.

    References
    ----------
    Brook D, Evans DA (1972). An approach to the probability distribution of CUSUM run length. Biometrika
    59(3): 539-549. doi:10.1093/biomet/59.3.539

    Lucas JM (1985). Counted data CUSUM's. Technometrics 27(2): 129-144. doi:10.1080/00401706.1985.10488030

    Examples
    --------
    Lucas (1985), tables 2 and 4: reference value 0.25, threshold 10, 0.25 expected; 438 and 437 are printed.

    >>> from mchepi.stats.cusum import cusum_run_length
    >>> round(cusum_run_length(0.25, reference_value=0.25, threshold=10), 1)
    438.1
    >>> round(cusum_run_length(0.25, reference_value=0.25, threshold=10, direction="decrease"), 1)
    436.8
    """
    check_choice("direction", direction, DIRECTIONS)
    expected = check_positive("expected", expected)
    k, limit = _fraction("reference_value", reference_value), _fraction("threshold", threshold)
    head = Fraction(0) if start == 0 else _fraction("start", start)
    if head >= limit:
        raise ValueError(f"`start` must be below `threshold`; got {start} and {threshold}. Start from 0.")
    return _run_length(expected, k, limit, direction == "increase", head)


def _reference_value(expected: float, ratio: float, middle: float) -> Fraction:
    """The value between both rates that finds the change soonest, rounded to the lattice of the series."""
    per_unit = 100 if middle < 2 else 10 if middle < 200 else 1
    return Fraction(max(1, round(expected * (ratio - 1) / np.log(ratio) * per_unit)), per_unit)


def _fraction(name: str, given: Any) -> Fraction:
    found = as_fraction(check_positive(name, given))
    if not found:
        raise ValueError(
            f"`{name}` must be a whole number of thousandths; got {given!r}. "
            f"Round it: the run length is exact on a lattice only (at most {FINEST} values between counts)."
        )
    return found


def _run_length(
    expected: float, k: Fraction, limit: Fraction, increase: bool, start: Fraction = Fraction(0)
) -> float:
    on = lattice([k, start], limit)
    if on.states > _MOST_STATES:
        raise ValueError(
            f"`threshold` and `reference_value` must make a lattice of at most {_MOST_STATES} values; "
            f"got {on.states}. Round the reference value to fewer digits, or shorten the periods."
        )
    return run_length(transitions(expected, k, on, increase=increase), on.position(start))


def _threshold(expected: float, k: Fraction, wanted: Any, increase: bool) -> Fraction:
    """The lowest threshold on the lattice with a mean run length of at least so many periods."""
    wanted = check_positive("run_length", wanted)
    if wanted < 2:
        raise ValueError(f"`run_length` must be 2 periods or more; got {wanted:g}. Give one such as 100.")
    unit = k.denominator

    def long_enough(steps: int) -> bool:
        return bool(_run_length(expected, k, Fraction(steps, unit), increase) >= wanted)

    high = 1
    while not long_enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        between = (low + high) // 2
        low, high = (low, between) if long_enough(between) else (between, high)
    return Fraction(high, unit)


def _sums(counts: FloatArray, references: list[Fraction], increase: bool) -> tuple[FloatArray, Any]:
    sums, above = np.zeros(counts.size), np.zeros(counts.size, dtype=int)
    here, since = Fraction(0), 0
    for period, (count, k) in enumerate(zip(counts.tolist(), references, strict=True)):
        step = int(count) - k if increase else k - int(count)
        here = max(Fraction(0), here + step)
        since = since + 1 if here else 0
        sums[period], above[period] = float(here), since
    return sums, above


def _false_signal(means: FloatArray, references: list[Fraction], limit: Fraction, increase: bool) -> float:
    """Chance that a CUSUM from 0 reaches the limit within the periods."""
    on = lattice(references, limit)
    silent = np.zeros(on.states)
    silent[0] = 1
    known: dict[tuple[float, Fraction], FloatArray] = {}
    for mean, k in zip(means.tolist(), references, strict=True):
        if (mean, k) not in known:
            known = {(mean, k): transitions(mean, k, on, increase=increase)}
        silent = silent @ known[mean, k]
    return float(1 - silent.sum())
