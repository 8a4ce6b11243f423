"""The two results that the statistics hand out: an estimate with limits, and a test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mchepi.stats._validate import FloatArray, Layout

if TYPE_CHECKING:
    import pandas as pd

# A float, an array or a Series, as the arguments were: no static type can tell which.
Numbers: TypeAlias = Any


@dataclass(frozen=True, eq=False)
class Estimate:
    """An estimated quantity with its confidence limits, in the unit `per` gives.

    `value`, `lower`, `upper` (and `p_value`, `note` where there are any) are floats if the arguments were
    single numbers, arrays if one of them was an array, Series with the same index if one was a Series.

    Parameters
    ----------
    value, lower, upper : float, array or Series
        The estimate and its confidence limits. NaN where the data hold no information.
    method : str
        The method of the limits, as it was asked for.
    confidence_level : float
        Between 0 and 1.
    per : float
        The unit: 1000 means events per 1,000.
    p_value : float, array or Series, optional
        Two-sided p-value, for functions that test a hypothesis.
    note : str, array or Series of str, optional
        Why a value is missing or unusual. None if nothing needs saying; in an array or Series, "" for the
        elements that need nothing said.

    Examples
    --------
    >>> import mchepi
    >>> births = mchepi.rate(3, 1430, per=1000)
    >>> print(f"{births.value:.2f} ({births.lower:.2f} to {births.upper:.2f})")
    2.10 (0.43 to 6.13)
    """

    value: Numbers
    lower: Numbers
    upper: Numbers
    _: KW_ONLY
    method: str
    confidence_level: float
    per: float = 1
    p_value: Numbers = None
    note: Any = None

    def to_frame(self) -> pd.DataFrame:
        """Give the estimate as a table, one row an element; the columns are always the same.

        Returns
        -------
        pandas.DataFrame
            Columns value, lower, upper, per, method, confidence_level, p_value (NaN if there is none) and
            note ("" if there is none). The index is that of the Series that came in; positions otherwise,
            one level a dimension.

        Examples
        --------
        >>> import mchepi
        >>> mchepi.proportion([0, 15], [20, 148]).to_frame()[["value", "lower", "upper"]].round(4)
            value   lower   upper
        0  0.0000  0.0000  0.1611
        1  0.1014  0.0624  0.1605
        """
        import pandas as pd

        shape = np.shape(self.value)
        if isinstance(self.value, pd.Series):
            index = self.value.index
        elif len(shape) > 1:
            index = pd.MultiIndex.from_product([range(length) for length in shape])
        else:
            index = pd.RangeIndex(shape[0] if shape else 1)
        columns = {
            "value": self.value,
            "lower": self.lower,
            "upper": self.upper,
            "per": float(self.per),
            "method": self.method,
            "confidence_level": self.confidence_level,
            "p_value": np.nan if self.p_value is None else self.p_value,
            "note": "" if self.note is None else self.note,
        }
        flat = {
            name: np.ravel(np.asarray(column)) if np.ndim(column) else column
            for name, column in columns.items()
        }
        return pd.DataFrame(flat, index=index)


@dataclass(frozen=True, eq=False)
class TestResult:
    """The outcome of a hypothesis test: its statistic, its p-value and the method by which it was found.

    Parameters
    ----------
    statistic : float, array or Series
        The test statistic; which one, the function that returns it says.
    p_value : float, array or Series
        The p-value under the alternative that was asked for. NaN where the data hold no information.
    method : str
        The test in words.
    """

    __test__ = False  # not a test case, whatever pytest makes of the name

    statistic: Numbers
    p_value: Numbers
    method: str


def laid_out(
    value: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    layout: Layout,
    reasons: Iterable[tuple[Any, str]],
    *,
    method: str,
    level: float,
    per: float = 1,
    p_value: FloatArray | None = None,
) -> Estimate:
    """Give values per one, with their limits, in the layout and the unit asked for."""
    return Estimate(
        layout.restore(value * per, "value"),
        layout.restore(lower * per, "lower"),
        layout.restore(upper * per, "upper"),
        method=method,
        confidence_level=level,
        per=per,
        p_value=None if p_value is None else layout.restore(p_value, "p_value"),
        note=layout.notes(reasons),
    )
