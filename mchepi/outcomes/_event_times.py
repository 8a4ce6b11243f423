"""Times to an event with censoring and competing events: the risk table and its limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from mchepi.stats._validate import FloatArray


@dataclass(frozen=True)
class RiskTable:
    """Persons at risk on each day on which something was seen, and what was seen; days ascend."""

    day: FloatArray
    at_risk: FloatArray
    events: FloatArray
    competing: FloatArray
    censored: FloatArray
    started: int

    def free_at(self, day: float) -> float:
        """Persons seen to be without the event, or a competing one, to the end of a day."""
        over = (self.events + self.competing)[self.day <= day].sum()
        return float(self.started - over - self.censored[self.day < day].sum())

    @property
    def known_for_ever(self) -> bool:
        """Whether nobody is left whose event could still come: the last person seen was not censored."""
        return bool(self.day.size and self.censored[-1] == 0)


@dataclass(frozen=True)
class Incidence:
    """Share with the event by each day of a risk table (Aalen-Johansen), its variance, and the limits."""

    value: FloatArray
    variance: FloatArray
    lower: FloatArray
    upper: FloatArray
    method: list[str]


def risk_table(time: FloatArray, state: FloatArray) -> RiskTable:
    """Count persons by the day on which each was last seen, and how: 0 censored, 1 event, 2 competing."""
    day, place = np.unique(time, return_inverse=True)
    events, competing, censored = (
        np.bincount(place[state == code], minlength=day.size).astype(float) for code in (1, 2, 0)
    )
    gone = events + competing + censored
    return RiskTable(day, time.size - (np.cumsum(gone) - gone), events, competing, censored, time.size)


def incidence(table: RiskTable, days: FloatArray, *, method: str, level: float) -> Incidence:
    """Share with the event by each of `days`, within the time that the table covers."""
    place = np.searchsorted(table.day, days, side="right") - 1
    value, variance = _aalen_johansen(table)
    inside = place >= 0
    found = np.where(inside, value[place] if value.size else 0.0, 0.0)
    found[found > 1 - 1e-12] = 1.0  # what rounding leaves behind
    spread = np.where(inside, variance[place] if variance.size else 0.0, 0.0)
    tail = (1 - level) / 2
    lower, upper = log_log_limits(found, spread, tail)
    methods = ["log_log"] * len(days)
    no_limits = (found <= 0) | (found >= 1) | (spread <= 0)
    for i in np.flatnonzero(no_limits | (method == "beta_product")):
        upto = table.day <= days[i]
        lower[i], upper[i] = _beta_limits(table, upto, table.free_at(days[i]), tail)
        methods[i] = "beta_product"
    return Incidence(found, spread, lower, upper, methods)


def log_log_limits(value: FloatArray, variance: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """Limits of a share on the scale log(-log(1 - share)); meaningless where the share is 0 or 1."""
    inner = np.where((value > 0) & (value < 1), value, 0.5)
    kept = -np.log1p(-inner)
    reach = -special.ndtri(tail) * np.sqrt(variance) / ((1 - inner) * kept)
    with np.errstate(over="ignore"):  # a share so near 1 that its upper limit is 1
        return -np.expm1(-kept * np.exp(-reach)), -np.expm1(-kept * np.exp(reach))


def beta_product_limits(
    at_risk: FloatArray, events: FloatArray, free: float, tail: float
) -> tuple[float, float]:
    """Limits of the share with the event; beta products by their two moments, exact without censoring."""
    some = events > 0
    shapes = np.stack([at_risk[some] - events[some] + 1, events[some]])
    lower = 0.0 if not some.any() else 1 - _beta_quantile(shapes, 1 - tail)
    if free <= 0:
        return lower, 1.0
    return lower, 1 - _beta_quantile(np.column_stack([shapes, [free, 1.0]]), tail)


def _beta_limits(table: RiskTable, upto: FloatArray, free: float, tail: float) -> tuple[float, float]:
    if not table.competing[upto].any():
        return beta_product_limits(table.at_risk[upto], table.events[upto], free, tail)
    # With competing events the persons who had one stay in the risk set, as those free of the event do.
    stayed = np.cumsum(table.competing) - table.competing
    at_risk = (table.at_risk + stayed)[upto]
    return beta_product_limits(at_risk, table.events[upto], free + float(table.competing[upto].sum()), tail)


def _beta_quantile(shapes: FloatArray, chance: float) -> float:
    """Quantile of a product of independent betas, by the beta with the same mean and variance."""
    a, b = shapes
    mean = np.exp(np.log(a / (a + b)).sum())
    square = np.exp(np.log(a / (a + b)).sum() + np.log((a + 1) / (a + b + 1)).sum())
    if a.size == 1:
        return float(special.betaincinv(a[0], b[0], chance))
    size = (mean - square) / (square - mean**2)
    return float(special.betaincinv(mean * size, (1 - mean) * size, chance))


def _aalen_johansen(table: RiskTable) -> tuple[FloatArray, FloatArray]:
    """Share with the event by each day of the table, and its variance (Greenwood where nothing competes)."""
    n, d = table.at_risk, table.events
    both = d + table.competing
    free = np.cumprod(1 - both / n)
    before = np.concatenate([[1.0], free[:-1]])
    share = np.cumsum(before * d / n)
    rest = n * (n - both)
    hazard = np.divide(both, rest, out=np.zeros_like(n), where=rest > 0)
    own = before * d / n**2
    square = before**2 * d * (n - d) / n**3
    # Sum over the days s up to t of (F(t) - F(s))^2 hazard + square - 2 (F(t) - F(s)) own, expanded in F(t).
    h0, h1, h2 = (np.cumsum(hazard * share**k) for k in (0, 1, 2))
    o0, o1 = (np.cumsum(own * share**k) for k in (0, 1))
    variance = share**2 * h0 - 2 * share * h1 + h2 + np.cumsum(square) - 2 * (share * o0 - o1)
    return share, np.maximum(variance, 0.0)
