"""Hypothesis for the statistics: the same examples in every run, and no stopwatch on a shared machine."""

from hypothesis import settings

settings.register_profile("mchepi", deadline=None, derandomize=True)
settings.load_profile("mchepi")
