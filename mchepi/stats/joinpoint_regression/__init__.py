"""Joinpoint regression to the definition of NCI's Joinpoint program: search, choice, limits, comparison."""

from mchepi.stats.joinpoint_regression.comparison import joinpoint_comparison
from mchepi.stats.joinpoint_regression.fit import joinpoint
from mchepi.stats.joinpoint_regression.result import JoinpointFit

__all__ = ["JoinpointFit", "joinpoint", "joinpoint_comparison"]
