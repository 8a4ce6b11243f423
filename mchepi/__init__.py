"""Epidemiology of maternal and child health for districts: rates, limits, trends, targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from mchepi.stats import (
        Estimate,
        JoinpointFit,
        TestResult,
        annual_percent_change,
        chance_all_fall,
        chance_of_fall,
        cochran_armitage,
        count_interval,
        direct_standardized_proportion,
        direct_standardized_rate,
        event_free_size,
        homogeneity_test,
        indirect_standardized_rate,
        joinpoint,
        joinpoint_comparison,
        log_linear_trend,
        mantel_haenszel,
        odds_ratio,
        power_to_tell,
        proportion,
        proportion_interval,
        proportion_test,
        rate,
        rate_difference,
        rate_ratio,
        rate_test,
        risk_difference,
        risk_ratio,
        size_to_tell,
        standard_population,
        standard_populations,
        standardized_ratio,
    )

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


def __getattr__(name: str) -> Any:
    if name in __all__:
        import mchepi.stats

        return getattr(mchepi.stats, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("mchepi")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
