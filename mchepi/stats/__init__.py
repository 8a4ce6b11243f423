"""Statistics for small districts: numbers in, estimates with confidence limits out.

The names are imported on first use, so that a quick calculation does not wait for what it does not need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mchepi.stats._estimate import Estimate, TestResult
    from mchepi.stats.comparisons import rate_ratio
    from mchepi.stats.intervals import count_interval, proportion_interval
    from mchepi.stats.one_sample import proportion_test, rate_test
    from mchepi.stats.planning import chance_of_fall, event_free_size, size_to_tell
    from mchepi.stats.rates import proportion, rate
    from mchepi.stats.trends import annual_percent_change, cochran_armitage, log_linear_trend

__all__ = [
    "Estimate",
    "TestResult",
    "annual_percent_change",
    "chance_of_fall",
    "cochran_armitage",
    "count_interval",
    "event_free_size",
    "log_linear_trend",
    "proportion",
    "proportion_interval",
    "proportion_test",
    "rate",
    "rate_ratio",
    "rate_test",
    "size_to_tell",
]

_MODULES = {
    "_estimate": ("Estimate", "TestResult"),
    "comparisons": ("rate_ratio",),
    "intervals": ("count_interval", "proportion_interval"),
    "one_sample": ("proportion_test", "rate_test"),
    "planning": ("chance_of_fall", "event_free_size", "size_to_tell"),
    "rates": ("proportion", "rate"),
    "trends": ("annual_percent_change", "cochran_armitage", "log_linear_trend"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
