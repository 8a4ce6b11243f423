"""How long it takes until the next of rare events, by chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

_ALMOST_ONE = 1 - 2**-53


@dataclass(frozen=True)
class Wait:
    """The distribution of an interval, in logarithms: chances here may be tiny."""

    log_chance_of_more: Callable[[Any], Any]  # the logarithm of the chance that it takes longer than so much
    exceeded_with: Callable[[float], float]  # the length that it exceeds with a chance of this logarithm


def geometric(chance: float) -> Wait:
    """Births up to the next event that each may be."""
    log_none = np.log1p(-chance)
    return Wait(lambda length: length * log_none, lambda log_chance: log_chance / log_none)


def exponential(mean: float) -> Wait:
    """Time to the next event at a steady rate."""
    return Wait(lambda length: -length / mean, lambda log_chance: -mean * log_chance)


def scattered(total: float, events: int) -> Wait:
    """Time to the first of `events` that fall anywhere in a total time."""
    return Wait(
        lambda length: events * np.log1p(-np.minimum(length / total, _ALMOST_ONE)),
        lambda log_chance: -total * np.expm1(log_chance / events),
    )


def placed(births: float, events: int) -> Wait:
    """Births up to the first of `events` that fall on any of so many births."""
    left = births - np.arange(events)

    def log_chance_of_more(length: Any) -> Any:
        shares = np.minimum(np.asarray(length)[..., np.newaxis] / left, _ALMOST_ONE)
        return np.log1p(-shares).sum(axis=-1)

    def exceeded_with(log_chance: float) -> float:
        from scipy.optimize.elementwise import find_root

        found = find_root(lambda length: log_chance_of_more(length) - log_chance, (0.0, births - events + 1))
        return float(found.x)

    return Wait(log_chance_of_more, exceeded_with)
