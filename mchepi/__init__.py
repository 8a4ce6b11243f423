"""Epidemiology of maternal and child health for districts: rates, limits, trends, targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from mchepi.stats import (
        Estimate,
        JoinpointFit,
        Overdispersion,
        PoissonCusum,
        SurveyEstimate,
        TestResult,
        annual_percent_change,
        area_ranks,
        benjamini_hochberg,
        chance_all_fall,
        chance_of_fall,
        cochran_armitage,
        count_interval,
        cusum_run_length,
        direct_standardized_proportion,
        direct_standardized_rate,
        empirical_bayes,
        event_free_size,
        ewma_chart,
        expected_flags,
        funnel_flags,
        funnel_limits,
        g_chart,
        homogeneity_test,
        indirect_standardized_rate,
        joinpoint,
        joinpoint_comparison,
        local_empirical_bayes,
        log_linear_trend,
        mantel_haenszel,
        odds_ratio,
        overdispersion,
        poisson_cusum,
        pool_neighbors,
        pool_years,
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
        survey_proportion,
        t_chart,
    )

__all__ = [
    "Estimate",
    "JoinpointFit",
    "Overdispersion",
    "PoissonCusum",
    "SurveyEstimate",
    "TestResult",
    "annual_percent_change",
    "area_ranks",
    "benjamini_hochberg",
    "chance_all_fall",
    "chance_of_fall",
    "cochran_armitage",
    "count_interval",
    "cusum_run_length",
    "direct_standardized_proportion",
    "direct_standardized_rate",
    "empirical_bayes",
    "event_free_size",
    "ewma_chart",
    "expected_flags",
    "funnel_flags",
    "funnel_limits",
    "g_chart",
    "homogeneity_test",
    "indirect_standardized_rate",
    "joinpoint",
    "joinpoint_comparison",
    "local_empirical_bayes",
    "log_linear_trend",
    "mantel_haenszel",
    "odds_ratio",
    "overdispersion",
    "poisson_cusum",
    "pool_neighbors",
    "pool_years",
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
    "survey_proportion",
    "t_chart",
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
