"""The odds ratio given the margins of a two by two table: Fisher's noncentral hypergeometric distribution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mchepi.stats._two_groups import Groups
from mchepi.stats._validate import FloatArray, Mask

_CELLS = 2_000_000  # cells that are computed at once


def conditional_odds(groups: Groups, tail: float) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Maximum likelihood estimate, lower and upper limit, and both-sided p-value of an odds ratio of 1.

    The limits leave `tail` on each side. NaN where a number is NaN or where the margins leave one table only.
    """
    whole = np.broadcast_arrays(*groups)
    shape = whole[0].shape
    table = [np.ravel(array) for array in whole]
    both = table[0] + table[2]
    least = np.maximum(0, both - table[3])
    most = np.minimum(both, table[1])
    told = np.flatnonzero(most > least)  # false where NaN
    results = np.full((4, table[0].size), np.nan)
    order = told[np.argsort(most[told] - least[told], kind="stable")]
    while order.size:
        # From the widest down, as many as fit: the rows of a block have similar widths.
        width = int(most[order[-1]] - least[order[-1]]) + 1
        block, order = np.split(order, [max(0, order.size - max(1, _CELLS // width))])[::-1]
        results[:, block] = _block([array[block] for array in (*table, least, most)], tail)
    value, lower, upper, p_value = (row.reshape(shape) for row in results)
    return value, lower, upper, p_value


def _block(table: list[FloatArray], tail: float) -> FloatArray:
    events, total, reference_events, reference_total, least, most = table
    both = events + reference_events
    width = int((most - least).max()) + 1
    count = least[:, None] + np.arange(width)
    inside = count <= most[:, None]
    # Logarithms of the weights as sums of the ratios of neighbors, 0 at the observed table: no large
    # numbers are subtracted from each other.
    here = np.where(inside, count, most[:, None])[:, 1:] - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.log((total[:, None] - here) * (both[:, None] - here)) - np.log(
            (here + 1) * (reference_total[:, None] - both[:, None] + here + 1)
        )
    steps = np.where(inside[:, 1:], steps, 0)
    weight = np.concatenate([np.zeros((len(events), 1)), np.cumsum(steps, axis=1)], axis=1)
    rows = np.arange(len(events))
    weight = np.where(inside, weight - weight[rows, (events - least).astype(int), None], -np.inf)
    apart = np.where(inside, count - events[:, None], 0)

    def shares(log_odds: FloatArray, row: FloatArray) -> tuple[FloatArray, FloatArray]:
        row = row.astype(int)
        exponent = weight[row] + apart[row] * log_odds[:, None]
        scaled = np.exp(exponent - exponent.max(axis=1, keepdims=True))
        return scaled / scaled.sum(axis=1, keepdims=True), apart[row]

    def mean_above(log_odds: FloatArray, row: FloatArray) -> FloatArray:
        share, apart = shares(log_odds, row)
        return np.asarray((share * apart).sum(axis=1))

    def at_least(log_odds: FloatArray, row: FloatArray) -> FloatArray:
        share, apart = shares(log_odds, row)
        return np.asarray((share * (apart >= 0)).sum(axis=1))

    def at_most(log_odds: FloatArray, row: FloatArray) -> FloatArray:
        share, apart = shares(log_odds, row)
        return np.asarray((share * (apart <= 0)).sum(axis=1))

    # Where the search begins; the halves keep the logarithm finite and do not touch the result.
    start = np.log((events + 0.5) * (reference_total - reference_events + 0.5)) - np.log(
        (total - events + 0.5) * (reference_events + 0.5)
    )
    none, nothing_else = events == least, events == most
    value = _roots(mean_above, start, ~none & ~nothing_else)
    lower = _roots(lambda log_odds, row: at_least(log_odds, row) - tail, start, ~none)
    upper = _roots(lambda log_odds, row: tail - at_most(log_odds, row), start, ~nothing_else)
    value = np.where(none, 0.0, np.where(nothing_else, np.inf, value))
    lower, upper = np.where(none, 0.0, lower), np.where(nothing_else, np.inf, upper)
    even = np.zeros(len(events)), rows.astype(float)
    p_value = np.minimum(1, 2 * np.minimum(at_least(*even), at_most(*even)))
    return np.stack([value, lower, upper, p_value])


def _roots(function: Callable[..., FloatArray], start: FloatArray, asked: Mask) -> FloatArray:
    """Odds at whose logarithm the rising function of (log odds, row) is 0; NaN in the rows not asked for."""
    from scipy.optimize.elementwise import bracket_root, find_root

    odds = np.full(len(start), np.nan)
    row = np.flatnonzero(asked).astype(float)
    if row.size:
        bracket = bracket_root(function, start[asked] - 1, start[asked] + 1, args=(row,)).bracket
        odds[asked] = np.exp(find_root(function, bracket, args=(row,)).x)
    return odds
