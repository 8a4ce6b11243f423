"""Find the sets of joinpoints with the smallest sum of squared errors, by trying them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mchepi.stats._validate import FloatArray
from mchepi.stats.joinpoint_regression.candidates import Level, Rows, Spacing, branches
from mchepi.stats.joinpoint_regression.design import (
    Design,
    ExactFit,
    directions,
    fit_exactly,
    off_the_line,
)
from mchepi.stats.joinpoint_regression.envelope import profile_by_envelopes, search_by_envelopes

# Numbers held at once: 16 MB a working array.
_LIMIT = 2_000_000
# Numbers that stay near the processor.
_CACHED = 1_000_000
# From so many numbers a series on, following the lower envelopes is faster than trying every set.
_TOO_MANY = 2_000_000
# Where the envelopes cannot be followed, trying every set of one series takes minutes beyond this.
_TOO_MANY_WITH_A_JUMP = 300_000_000
# Two sets whose explained sums of squares differ by less than this part of the whole are compared exactly.
_NEAR = 1e-10
# Sums of squared errors this close, as a part of themselves, are equal.
_TIE = 1e-9
# Sets x observations x responses that a desktop computer tries in a few minutes.
_FAR_TOO_MANY = 1e12


@dataclass(frozen=True)
class BestSets:
    """For every number of joinpoints from 0: the best positions (series x joinpoints) and their exact fit."""

    positions: tuple[Rows, ...]
    fits: tuple[ExactFit, ...]


def best_sets(design: Design, joinpoints: int, spacing: Spacing) -> BestSets:
    """Find the best set of 0, 1, … `joinpoints` joinpoints of every series."""
    rest = off_the_line(design)
    # Series of one design share the work of trying all sets.
    sharing = min(len(rest), 50) if design.shared else 1
    if joinpoints == 0:
        found = []
    elif design.plain and effort(design.times, joinpoints, spacing) > _TOO_MANY * sharing:
        found = search_by_envelopes(design, rest, joinpoints, spacing)
    elif not design.stacked and effort(design.times, joinpoints, spacing) > _TOO_MANY_WITH_A_JUMP:
        raise ValueError(
            f"`max_joinpoints` must be small enough to try every set with `jump`; got {joinpoints} with "
            f"{design.times} observations. Give a smaller number."
        )
    else:
        found = _try_all(design, rest, joinpoints, spacing)
    found = [np.zeros((len(rest), 0), dtype=np.intp), *found]
    return BestSets(tuple(found), tuple(fit_exactly(design, positions) for positions in found))


def effort(times: int, joinpoints: int, spacing: Spacing) -> int:
    """Count the numbers that trying all sets takes a series."""
    return times * sum(spacing.count(times, k) for k in range(1, joinpoints + 1))


def explained(found: Sequence[FloatArray], levels: Sequence[Level], rest: FloatArray) -> list[FloatArray]:
    """Give the sum of squares that each set explains beyond the line, per level: series x sets."""
    sums: list[FloatArray] = []
    for vectors, level in zip(found, levels, strict=True):
        gain = (vectors @ rest[..., np.newaxis])[..., 0] if len(vectors) > 1 else rest @ vectors[0].T
        gain *= gain
        if sums:
            gain += sums[-1][:, level.parent]
        sums.append(gain)
    return sums


def profile(design: Design, joinpoints: int, spacing: Spacing) -> FloatArray:
    """Give the smallest sum of squares of one series with its j-th joinpoint at each time.

    joinpoints x times; infinite where a joinpoint may not lie.
    """
    rest = off_the_line(design)
    if design.plain and effort(design.times, joinpoints, spacing) > _TOO_MANY:
        return profile_by_envelopes(design, rest, joinpoints, spacing)
    most = np.full((joinpoints, design.times), -np.inf)
    for levels in branches(design.times, joinpoints, spacing, _LIMIT):
        sums = explained(directions(design, levels), levels, rest)[-1][0]
        for nth in range(joinpoints):
            np.maximum.at(most[nth], levels[-1].positions[:, nth], sums)
    return np.asarray((rest**2).sum() - most)


def smallest_sums(design: Design, responses: FloatArray, joinpoints: int, spacing: Spacing) -> FloatArray:
    """Give the smallest sum of squared errors of each of many responses to the design of one series."""
    return _best_of_responses(design, responses, joinpoints, spacing)[0]


def best_of_responses(design: Design, responses: FloatArray, joinpoints: int, spacing: Spacing) -> Rows:
    """Give the best set (responses x joinpoints) of each of many responses to the design of one series."""
    return _best_of_responses(design, responses, joinpoints, spacing)[1]


def _best_of_responses(
    design: Design, responses: FloatArray, joinpoints: int, spacing: Spacing
) -> tuple[FloatArray, Rows]:
    if effort(design.times, joinpoints, spacing) * len(responses) > _FAR_TOO_MANY:
        raise ValueError(
            f"The number of joinpoints must be smaller for {len(responses)} refits of {design.times} "
            f"observations; got {joinpoints}. Fit fewer joinpoints, or ask for fewer refits."
        )
    q = np.linalg.qr(design.base[0].T)[0]
    rest = responses - (responses @ q) @ q.T
    most = np.zeros(len(rest)) if joinpoints == 0 else np.full(len(rest), -np.inf)
    positions = np.zeros((len(rest), joinpoints), dtype=np.intp)
    for levels in branches(design.times, joinpoints, spacing, _LIMIT) if joinpoints else ():
        found = directions(design, levels)
        for some in _slices(len(rest), _LIMIT // max(map(len, levels[:-1]), default=1)):
            columns = rest[some].T
            # Sets run down the rows here: sums of parents are then copied in long runs.
            upper = np.zeros((1, columns.shape[1]))
            for vectors, level in zip(found[:-1], levels[:-1], strict=True):
                upper = (vectors[0] @ columns) ** 2 + upper[level.parent]
            for part in _slices(len(levels[-1]), _CACHED // columns.shape[1]):
                gain = found[-1][0, part] @ columns
                gain *= gain
                gain += upper[levels[-1].parent[part]]
                top = gain.max(axis=0)
                better = np.flatnonzero(top > most[some])
                row = gain[:, better].argmax(axis=0)
                positions[some][better] = levels[-1].positions[part][row]
                most[some][better] = top[better]
    return (rest**2).sum(axis=1) - most, positions


def _try_all(design: Design, rest: FloatArray, joinpoints: int, spacing: Spacing) -> list[Rows]:
    near = _NEAR * (rest**2).sum(axis=1)
    least = np.full((joinpoints, len(rest)), np.inf)
    best = [np.zeros((len(rest), k), dtype=np.intp) for k in range(1, joinpoints + 1)]

    def look(part: Design, some: slice, levels: Sequence[Level], found: Sequence[FloatArray]) -> None:
        for k, sums in enumerate(explained(found, levels, rest[some])):
            if sums.shape[1]:
                positions = levels[k].positions[_first_best(part, levels[k], sums, near[some])]
                sse = fit_exactly(part, positions).sse
                better = sse < least[k, some] * (1 - _TIE)
                best[k][some][better] = positions[better]
                least[k, some][better] = sse[better]

    _over_all(design, joinpoints, spacing, look)
    return best


def _over_all(
    design: Design,
    joinpoints: int,
    spacing: Spacing,
    look: Callable[[Design, slice, Sequence[Level], Sequence[FloatArray]], None],
) -> None:
    """Call `look` on every branch of sets and every batch of series, with their directions."""
    for levels in branches(design.times, joinpoints, spacing, _LIMIT):
        sets = sum(map(len, levels))
        batch = max(1, _LIMIT // (sets * (1 if design.shared else design.rows)))
        shared = directions(design, levels) if design.shared else None
        for some in _slices(len(design.response), batch):
            part = design.take(some)
            look(part, some, levels, shared if shared is not None else directions(part, levels))


def _first_best(design: Design, level: Level, sums: FloatArray, near: FloatArray) -> Rows:
    """Give the row of the best set of each series; among equal ones the first, whatever the rounding."""
    rows: Rows = sums.argmax(axis=1)
    rivals = sums >= (sums[np.arange(len(rows)), rows] - near)[:, np.newaxis]
    for series in np.flatnonzero(rivals.sum(axis=1) > 1):
        one = design.take(np.array([series]))
        among = np.flatnonzero(rivals[series])
        sse = np.array([fit_exactly(one, level.positions[[row]]).sse[0] for row in among])
        rows[series] = among[np.flatnonzero(sse <= sse.min() * (1 + _TIE))[0]]
    return rows


def _slices(length: int, size: int) -> Iterator[slice]:
    size = max(1, size)
    return (slice(start, start + size) for start in range(0, length, size))
