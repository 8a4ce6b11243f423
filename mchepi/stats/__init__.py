"""Statistics for small districts: numbers in, estimates with confidence limits out.

The names are imported on first use, so that a quick calculation does not wait for what it does not need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mchepi.stats._estimate import Estimate, TestResult
    from mchepi.stats.comparisons import rate_ratio
    from mchepi.stats.indirect_standardization import indirect_standardized_rate, standardized_ratio
    from mchepi.stats.intervals import count_interval, proportion_interval
    from mchepi.stats.joinpoint_regression import JoinpointFit, joinpoint, joinpoint_comparison
    from mchepi.stats.one_sample import proportion_test, rate_test
    from mchepi.stats.planning import (
        chance_all_fall,
        chance_of_fall,
        event_free_size,
        power_to_tell,
        size_to_tell,
    )
    from mchepi.stats.rate_differences import rate_difference
    from mchepi.stats.rates import proportion, rate
    from mchepi.stats.reference_populations import standard_population, standard_populations
    from mchepi.stats.standardization import direct_standardized_proportion, direct_standardized_rate
    from mchepi.stats.stratified import homogeneity_test, mantel_haenszel
    from mchepi.stats.trends import annual_percent_change, cochran_armitage, log_linear_trend
    from mchepi.stats.two_proportions import odds_ratio, risk_difference, risk_ratio

__all__ = [
    "Estimate",
    "JoinpointFit",
    "TestResult",
    "annual_percent_change",
    "chance_all_fall",
    "chance_of_fall",
    "cochran_armitage",
    "count_interval",
    "direct_standardized_proportion",
    "direct_standardized_rate",
    "event_free_size",
    "homogeneity_test",
    "indirect_standardized_rate",
    "joinpoint",
    "joinpoint_comparison",
    "log_linear_trend",
    "mantel_haenszel",
    "odds_ratio",
    "power_to_tell",
    "proportion",
    "proportion_interval",
    "proportion_test",
    "rate",
    "rate_difference",
    "rate_ratio",
    "rate_test",
    "risk_difference",
    "risk_ratio",
    "size_to_tell",
    "standard_population",
    "standard_populations",
    "standardized_ratio",
]

_MODULES = {
    "_estimate": ("Estimate", "TestResult"),
    "comparisons": ("rate_ratio",),
    "indirect_standardization": ("indirect_standardized_rate", "standardized_ratio"),
    "intervals": ("count_interval", "proportion_interval"),
    "joinpoint_regression": ("JoinpointFit", "joinpoint", "joinpoint_comparison"),
    "one_sample": ("proportion_test", "rate_test"),
    "planning": ("chance_all_fall", "chance_of_fall", "event_free_size", "power_to_tell", "size_to_tell"),
    "rate_differences": ("rate_difference",),
    "rates": ("proportion", "rate"),
    "reference_populations": ("standard_population", "standard_populations"),
    "standardization": ("direct_standardized_proportion", "direct_standardized_rate"),
    "stratified": ("homogeneity_test", "mantel_haenszel"),
    "trends": ("annual_percent_change", "cochran_armitage", "log_linear_trend"),
    "two_proportions": ("odds_ratio", "risk_difference", "risk_ratio"),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
