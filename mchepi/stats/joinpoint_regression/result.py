"""`JoinpointFit`: what joinpoint regression found in one series."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mchepi.stats._estimate import Estimate
from mchepi.stats._validate import FloatArray, check_choice, check_level
from mchepi.stats.joinpoint_regression.candidates import Rows
from mchepi.stats.joinpoint_regression.design import fit_exactly
from mchepi.stats.joinpoint_regression.jump import jump_with_error
from mchepi.stats.joinpoint_regression.limits import (
    Slopes,
    average_slope,
    joinpoint_limits,
    slopes,
    without_rounding,
)
from mchepi.stats.joinpoint_regression.records import Analysis, Settings
from mchepi.stats.joinpoint_regression.resampling import (
    Resampled,
    average_slopes,
    quantile_limits,
    resample,
    two_sided_p,
)
from mchepi.stats.joinpoint_regression.series import whole_number

if TYPE_CHECKING:
    import pandas as pd

LIMIT_METHODS = ("parametric", "empirical_quantile")


@dataclass(frozen=True, eq=False, repr=False)
class JoinpointFit:
    """The joinpoint model of one series: joinpoints, segments with percent changes, and how it was chosen.

    Parameters
    ----------
    n_joinpoints : int
        The number of joinpoints.
    joinpoints : tuple
        The times at which the slope changes.
    sse : float
        The (weighted) sum of squared errors, on the log scale for ``model="log"``.
    fitted : array or Series
        The fitted values in the order of the years given, on the scale of the value; also for missing years
        between the first and the last observed one.
    note : str or None
        What was left out or taken in another way: missing years, zero counts, limits that are undefined.
    settings : Settings
        How the fit was asked for.
    analysis : Analysis
        What was observed, on the scale of the model, and the best models of it.

    Examples
    --------
    Two slopes without noise are found exactly:

    >>> import mchepi
    >>> year = list(range(2001, 2013))
    >>> rate = [10 * 1.05 ** min(y - 2001, 5) * 0.9 ** max(y - 2006, 0) for y in year]
    >>> fit = mchepi.joinpoint(year, rate)
    >>> fit.joinpoints
    (2006,)
    >>> fit.segments[["start", "end", "value"]].round(6)
       start   end  value
    0   2001  2006    5.0
    1   2006  2012  -10.0
    """

    n_joinpoints: int
    joinpoints: tuple[float, ...]
    sse: float
    fitted: Any
    note: str | None
    settings: Settings
    analysis: Analysis

    def __repr__(self) -> str:
        """Give the joinpoints and the sum of squared errors in one line."""
        return (
            f"JoinpointFit(joinpoints={self.joinpoints}, sse={self.sse:.6g}, model={self.settings.model!r})"
        )

    @property
    def segments(self) -> pd.DataFrame:
        """The segments with parametric limits: see `segment_table`."""
        return self.segment_table()

    @property
    def joinpoint_intervals(self) -> pd.DataFrame:
        """The joinpoints with confidence limits: columns joinpoint, lower, upper.

        A year belongs to the interval if the best model with the joinpoint there fits no worse than
        SSE * (1 + k F(k, n - 2k - 2) / (n - 2k - 2)); one year is added on each side, within the years that
        the joinpoint may take.
        """
        import pandas as pd

        found = self.analysis
        limits = np.zeros((0, 2), dtype=np.intp)
        if self.n_joinpoints:
            limits = joinpoint_limits(
                self.analysis.design,
                self._positions,
                self.sse,
                self.settings.spacing,
                self.settings.confidence_level,
            )
        years = [tidy(found.time[limits[:, side]]) for side in (0, 1)]
        return pd.DataFrame(
            {"joinpoint": tidy(np.array(self.joinpoints)), "lower": years[0], "upper": years[1]}
        )

    @property
    def models(self) -> pd.DataFrame:
        """The best model of each number of joinpoints: n_joinpoints, joinpoints, sse, bic, bic3, wbic."""
        import pandas as pd

        found = self.analysis
        joinpoints = [tuple(tidy(found.time[positions]).tolist()) for positions in found.positions]
        return pd.DataFrame(
            {
                "n_joinpoints": np.arange(len(found.positions)),
                "joinpoints": pd.Series(joinpoints, dtype=object),
                "sse": found.sse,
                "bic": found.bic,
                "bic3": found.bic3,
                "wbic": found.wbic,
            }
        )

    @property
    def permutation_tests(self) -> pd.DataFrame:
        """The tests in their order; empty unless ``selection="permutation"``.

        Columns: null and alternative (numbers of joinpoints), statistic (ratio of sums of squared errors),
        p_value, level, decision (the number of joinpoints the test decided for), permutations (how many were
        needed).
        """
        import pandas as pd

        columns = ["null", "alternative", "statistic", "p_value", "level", "decision", "permutations"]
        rows = [
            (test.null, test.alternative, test.statistic, test.p_value, test.level,
             test.alternative if test.rejected else test.null, test.permutations)
            for test in self.analysis.tests
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    @property
    def jump(self) -> Estimate | None:
        """The jump of the level, None if none was asked for.

        The level from that year on over what it would be without (``model="linear"``: minus it), with limits
        from t; `jump_with_error` has the formulas. A ratio of 0.9 means that the new way of counting finds a
        tenth less.
        """
        year = self.settings.jump
        if year is None:
            return None
        level = self.settings.confidence_level
        if self._is_empty:
            found = (np.nan, np.nan, 0)
        else:
            found = jump_with_error(self.analysis, self._positions, year)
        value, se, df = found if not self._is_exact else (found[0], 0.0, found[2])
        lower, upper, p_value = _t_limits(np.array(value), np.array(se), df, level)
        scale = np.exp if self.settings.model == "log" else np.asarray
        return Estimate(
            *(float(scale(limit)) for limit in (value, lower, upper)),
            method=f"jump at {year:.15g}, t",
            confidence_level=level,
            p_value=float(p_value),
            note=self.note,
        )

    def segment_table(
        self,
        *,
        method: str = "parametric",
        confidence_level: float | None = None,
        resamples: int = 5000,
        seed: int | None = None,
    ) -> pd.DataFrame:
        """Give the segments with their slopes and annual percent changes, in percent per year.

        Parameters
        ----------
        method : {"parametric", "empirical_quantile"}
            Limits from the t distribution, or from refitting resampled series.
        confidence_level : float, optional
            As in `joinpoint` unless given.
        resamples : int
            For ``method="empirical_quantile"``.
        seed : int, optional
            As in `joinpoint` unless given.

        Returns
        -------
        pandas.DataFrame
            start, end, slope, slope_se, value, lower, upper, p_value. The value is the annual percent change
            100 (exp(slope) - 1); for ``model="linear"`` it is the slope, in the unit of the values.
        """
        import pandas as pd

        level = self.settings.confidence_level if confidence_level is None else check_level(confidence_level)
        check_choice("method", method, LIMIT_METHODS)
        found = self._slopes
        if method == "parametric" or self._is_empty or self._is_exact:
            lower, upper, p_value = _t_limits(found.slope, found.se, found.df, level)
        else:
            sample = self._resampled(resamples, seed).slope
            lower, upper = quantile_limits(sample, level)
            p_value = two_sided_p(sample)
        bounds = tidy(found.bounds)
        return pd.DataFrame(
            {
                "start": bounds[:-1],
                "end": bounds[1:],
                "slope": found.slope,
                "slope_se": found.se,
                "value": self._change(found.slope),
                "lower": self._change(lower),
                "upper": self._change(upper),
                "p_value": p_value,
            }
        )

    def average_annual_percent_change(
        self,
        start: float | None = None,
        end: float | None = None,
        *,
        confidence_level: float | None = None,
        method: str = "parametric",
        resamples: int = 5000,
        seed: int | None = None,
    ) -> Estimate:
        """Average annual percent change between two years, in percent per year.

        100 (exp(b) - 1), where b is the mean of the slopes weighted by the length of their segments within
        the range (Clegg et al. 2009, doi:10.1002/sim.3733). Do not use it to hide a change of direction: a
        rise and a fall average to nothing.

        Parameters
        ----------
        start, end : float, optional
            The range; the whole series unless given.
        confidence_level : float, optional
            As in `joinpoint` unless given.
        method : {"parametric", "empirical_quantile"}
            ``parametric``: variance sum of share² se²; the t quantile if the range lies in one segment, the
            normal quantile if it spans several. ``empirical_quantile``: quantiles of the average over
            refitted resampled series (Kim et al. 2017, doi:10.1002/sim.7344).
        resamples : int
            For ``method="empirical_quantile"``.
        seed : int, optional
            As in `joinpoint` unless given.

        Returns
        -------
        Estimate

        Examples
        --------
        >>> import mchepi
        >>> fit = mchepi.joinpoint(range(2011, 2019), [8.1, 7.9, 7.2, 7.0, 6.3, 6.4, 5.6, 5.5])
        >>> change = fit.average_annual_percent_change()
        >>> print(f"{change.value:.2f} ({change.lower:.2f} to {change.upper:.2f})")
        -5.65 (-6.67 to -4.63)
        """
        level = self.settings.confidence_level if confidence_level is None else check_level(confidence_level)
        check_choice("method", method, LIMIT_METHODS)
        if self.settings.model != "log":
            raise ValueError(
                "`model` must be 'log' for a percent change; got 'linear'. "
                "Fit with model='log', or read the slopes from `segments`."
            )
        first, last = self._range(start, end)
        average, se, one_segment = average_slope(self._slopes, first, last)
        if method == "parametric" or self._is_empty or self._is_exact:
            df = self._slopes.df if one_segment else np.inf
            lower, upper, p_value = _t_limits(np.array(average), np.array(se), df, level)
        else:
            refitted = self._resampled(resamples, seed)
            sample = average_slopes(refitted.bounds, refitted.slope, first, last)
            lower, upper = quantile_limits(sample, level)
            p_value = two_sided_p(sample)
        return Estimate(
            float(self._change(np.asarray(average))),
            float(self._change(np.asarray(lower))),
            float(self._change(np.asarray(upper))),
            method=method,
            confidence_level=level,
            p_value=float(p_value),
            note=self.note,
        )

    @property
    def _positions(self) -> Rows:
        return self.analysis.positions[self.n_joinpoints]

    @property
    def _is_empty(self) -> bool:
        return not self.analysis.positions

    @property
    def _is_exact(self) -> bool:
        return self.sse == 0

    @cached_property
    def _slopes(self) -> Slopes:
        found = self.analysis
        if self._is_empty:
            ends = found.time[[0, -1]] if len(found.time) else np.full(2, np.nan)
            return Slopes(ends, np.full(1, np.nan), np.full(1, np.nan), 0)
        fit = fit_exactly(found.design, self._positions[np.newaxis])
        own = slopes(found.time, found.y, found.weight, self._positions, fit.coefficients[0])
        return without_rounding(own, found.rounding / found.weight.sum()) if self._is_exact else own

    def _resampled(self, resamples: int, seed: int | None) -> Resampled:
        design = self.analysis.design
        return resample(
            design,
            fit_exactly(design, self._positions[np.newaxis]),
            self.analysis.time,
            self.n_joinpoints,
            self.settings.spacing,
            whole_number("resamples", resamples, 1),
            self.settings.seed if seed is None else whole_number("seed", seed, 0),
        )

    def _range(self, start: float | None, end: float | None) -> tuple[float, float]:
        first, last = self._slopes.bounds[[0, -1]]
        start = first if start is None else float(start)
        end = last if end is None else float(end)
        if not first <= start < end <= last and not self._is_empty:
            raise ValueError(
                f"`start` and `end` must lie within the series, start first; got {start:.15g} to {end:.15g} "
                f"in {first:.15g} to {last:.15g}. Choose years of the series."
            )
        return start, end

    def _change(self, slope: FloatArray) -> FloatArray:
        return 100 * np.expm1(slope) if self.settings.model == "log" else slope


def tidy(years: FloatArray) -> Any:
    """Give whole years as integers."""
    return years.astype(np.int64) if np.all(years == np.floor(years)) else years


def _t_limits(
    value: FloatArray, se: FloatArray, df: float, level: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give limits and two-sided p-value from t with `df` degrees of freedom; normal if infinite."""
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    upper_tail = (1 + level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        # A slope of nothing without error (0 / 0) is no evidence of a change.
        ratio = np.where((value == 0) & (se == 0), 0.0, -np.abs(value / se))
    if np.isfinite(df):
        quantile, p_value = stdtrit(df, upper_tail) if df else np.nan, 2 * stdtr(df, ratio)
    else:
        quantile, p_value = ndtri(upper_tail), 2 * ndtr(ratio)
    return value - quantile * se, value + quantile * se, p_value
