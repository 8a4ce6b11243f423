"""Statistics for small districts: numbers in, estimates with confidence limits out.

The names are imported on first use, so that a quick calculation does not wait for what it does not need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mchepi.stats._estimate import Estimate, TestResult
    from mchepi.stats.between_events import g_chart, t_chart
    from mchepi.stats.comparisons import rate_ratio
    from mchepi.stats.cusum import PoissonCusum, cusum_run_length, poisson_cusum
    from mchepi.stats.dispersion import Overdispersion, overdispersion
    from mchepi.stats.ewma import ewma_chart
    from mchepi.stats.flags import benjamini_hochberg, expected_flags, funnel_flags
    from mchepi.stats.funnel import funnel_limits
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
    from mchepi.stats.pooling import pool_neighbors, pool_years
    from mchepi.stats.projection import Projection, probability_at_or_below, project_rate
    from mchepi.stats.rank_trends import mann_kendall, sens_slope
    from mchepi.stats.ranks import area_ranks
    from mchepi.stats.rate_differences import rate_difference
    from mchepi.stats.rates import proportion, rate
    from mchepi.stats.rates_of_reduction import average_annual_rate_of_reduction, required_rate_of_reduction
    from mchepi.stats.reference_populations import standard_population, standard_populations
    from mchepi.stats.rules import rule_beyond_target, rule_falls_every_year, rule_worst_blamed
    from mchepi.stats.shrinkage import empirical_bayes, local_empirical_bayes
    from mchepi.stats.standardization import direct_standardized_proportion, direct_standardized_rate
    from mchepi.stats.stratified import homogeneity_test, mantel_haenszel
    from mchepi.stats.surveys import SurveyEstimate, survey_proportion
    from mchepi.stats.trend_breaks import TrendBreak, dispersion_about_trend, trend_break
    from mchepi.stats.trend_detection import detectable_change, trend_power
    from mchepi.stats.trend_judgment import TrendJudgment, judge_trend
    from mchepi.stats.trends import annual_percent_change, cochran_armitage, log_linear_trend
    from mchepi.stats.two_periods import detectable_ratio, power_two_periods, years_to_detect
    from mchepi.stats.two_proportions import odds_ratio, risk_difference, risk_ratio

__all__ = [
    "Estimate",
    "JoinpointFit",
    "Overdispersion",
    "PoissonCusum",
    "Projection",
    "SurveyEstimate",
    "TestResult",
    "TrendBreak",
    "TrendJudgment",
    "annual_percent_change",
    "area_ranks",
    "average_annual_rate_of_reduction",
    "benjamini_hochberg",
    "chance_all_fall",
    "chance_of_fall",
    "cochran_armitage",
    "count_interval",
    "cusum_run_length",
    "detectable_change",
    "detectable_ratio",
    "direct_standardized_proportion",
    "direct_standardized_rate",
    "dispersion_about_trend",
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
    "judge_trend",
    "local_empirical_bayes",
    "log_linear_trend",
    "mann_kendall",
    "mantel_haenszel",
    "odds_ratio",
    "overdispersion",
    "poisson_cusum",
    "pool_neighbors",
    "pool_years",
    "power_to_tell",
    "power_two_periods",
    "probability_at_or_below",
    "project_rate",
    "proportion",
    "proportion_interval",
    "proportion_test",
    "rate",
    "rate_difference",
    "rate_ratio",
    "rate_test",
    "required_rate_of_reduction",
    "risk_difference",
    "risk_ratio",
    "rule_beyond_target",
    "rule_falls_every_year",
    "rule_worst_blamed",
    "sens_slope",
    "size_to_tell",
    "standard_population",
    "standard_populations",
    "standardized_ratio",
    "survey_proportion",
    "t_chart",
    "trend_break",
    "trend_power",
    "years_to_detect",
]

_MODULES = {
    "_estimate": ("Estimate", "TestResult"),
    "between_events": ("g_chart", "t_chart"),
    "comparisons": ("rate_ratio",),
    "cusum": ("PoissonCusum", "poisson_cusum", "cusum_run_length"),
    "dispersion": ("Overdispersion", "overdispersion"),
    "ewma": ("ewma_chart",),
    "flags": ("funnel_flags", "expected_flags", "benjamini_hochberg"),
    "funnel": ("funnel_limits",),
    "indirect_standardization": ("indirect_standardized_rate", "standardized_ratio"),
    "intervals": ("count_interval", "proportion_interval"),
    "joinpoint_regression": ("JoinpointFit", "joinpoint", "joinpoint_comparison"),
    "one_sample": ("proportion_test", "rate_test"),
    "planning": ("chance_all_fall", "chance_of_fall", "event_free_size", "power_to_tell", "size_to_tell"),
    "pooling": ("pool_years", "pool_neighbors"),
    "projection": ("Projection", "probability_at_or_below", "project_rate"),
    "rank_trends": ("mann_kendall", "sens_slope"),
    "ranks": ("area_ranks",),
    "rate_differences": ("rate_difference",),
    "rates": ("proportion", "rate"),
    "rates_of_reduction": ("average_annual_rate_of_reduction", "required_rate_of_reduction"),
    "reference_populations": ("standard_population", "standard_populations"),
    "rules": ("rule_beyond_target", "rule_falls_every_year", "rule_worst_blamed"),
    "shrinkage": ("empirical_bayes", "local_empirical_bayes"),
    "standardization": ("direct_standardized_proportion", "direct_standardized_rate"),
    "stratified": ("homogeneity_test", "mantel_haenszel"),
    "surveys": ("SurveyEstimate", "survey_proportion"),
    "trend_breaks": ("TrendBreak", "dispersion_about_trend", "trend_break"),
    "trend_judgment": ("TrendJudgment", "judge_trend"),
    "trend_detection": ("detectable_change", "trend_power"),
    "trends": ("annual_percent_change", "cochran_armitage", "log_linear_trend"),
    "two_periods": ("detectable_ratio", "power_two_periods", "years_to_detect"),
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
