"""What the field defines: child and maternal mortality, anemia, growth, screening.

The names are imported on first use, so that a quick calculation does not wait for what it does not need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mchepi.outcomes.ages import completed_days, completed_months
    from mchepi.outcomes.anemia import anemia_group, classify_anemia
    from mchepi.outcomes.anemia_classes import anemia_records
    from mchepi.outcomes.anemia_problem import public_health_class
    from mchepi.outcomes.anemia_register import (
        anemia_prevalence,
        anemia_standardized,
        anemia_tested,
        anemia_under_rules,
    )
    from mchepi.outcomes.anemia_rule_sets import compare_rule_sets
    from mchepi.outcomes.birth_history import birth_history_life_table, birth_history_mortality
    from mchepi.outcomes.diagnostic import diagnostic_accuracy
    from mchepi.outcomes.emtct import emtct_indicators, emtct_status
    from mchepi.outcomes.emtct_register import emtct_counts
    from mchepi.outcomes.event_times import time_to_event, timeliness
    from mchepi.outcomes.growth import growth_status, growth_z_scores
    from mchepi.outcomes.growth_register import growth_prevalence, growth_quality, growth_results
    from mchepi.outcomes.hemoglobin import adjust_hemoglobin, convert_hemoglobin, hemoglobin_unit
    from mchepi.outcomes.hemoglobin_register import (
        anemia_results,
        hemoglobin_distribution,
        hemoglobin_measurement,
    )
    from mchepi.outcomes.imperfect_tests import corrected_prevalence
    from mchepi.outcomes.interim_pace import quota_pace
    from mchepi.outcomes.lms import lms_z_scores
    from mchepi.outcomes.lot_quality import lqas_plan, lqas_rules
    from mchepi.outcomes.measurement_quality import (
        age_heaping,
        digit_preference,
        implied_z_distribution,
        z_score_quality,
    )
    from mchepi.outcomes.mortality import register_counts, register_mortality
    from mchepi.outcomes.mortality_causes import (
        age_at_death,
        cause_group,
        causes_of_death,
        days_between_deaths,
    )
    from mchepi.outcomes.mortality_change import under5_change
    from mchepi.outcomes.mortality_registers import mortality_register
    from mchepi.outcomes.mortality_signs import under_reporting_signs
    from mchepi.outcomes.paired_tests import paired_relative_detection
    from mchepi.outcomes.quotas_ahead import quota_forecasts
    from mchepi.outcomes.register_cascades import register_cascade
    from mchepi.outcomes.screening import cascade
    from mchepi.outcomes.screening_coverages import screening_coverage
    from mchepi.outcomes.screening_cycles import unique_persons, women_in_cycle
    from mchepi.outcomes.screening_registers import elimination_of_register, screening_register
    from mchepi.outcomes.screening_yields import screening_yield

__all__ = [
    "adjust_hemoglobin",
    "age_at_death",
    "age_heaping",
    "anemia_group",
    "anemia_prevalence",
    "anemia_records",
    "anemia_results",
    "anemia_standardized",
    "anemia_tested",
    "anemia_under_rules",
    "birth_history_life_table",
    "birth_history_mortality",
    "cascade",
    "cause_group",
    "causes_of_death",
    "classify_anemia",
    "compare_rule_sets",
    "completed_days",
    "completed_months",
    "convert_hemoglobin",
    "corrected_prevalence",
    "days_between_deaths",
    "diagnostic_accuracy",
    "digit_preference",
    "elimination_of_register",
    "emtct_counts",
    "emtct_indicators",
    "emtct_status",
    "growth_prevalence",
    "growth_quality",
    "growth_results",
    "growth_status",
    "growth_z_scores",
    "hemoglobin_distribution",
    "hemoglobin_measurement",
    "hemoglobin_unit",
    "implied_z_distribution",
    "lms_z_scores",
    "lqas_plan",
    "lqas_rules",
    "mortality_register",
    "paired_relative_detection",
    "public_health_class",
    "quota_forecasts",
    "quota_pace",
    "register_cascade",
    "register_counts",
    "register_mortality",
    "screening_coverage",
    "screening_register",
    "screening_yield",
    "time_to_event",
    "timeliness",
    "under5_change",
    "under_reporting_signs",
    "unique_persons",
    "women_in_cycle",
    "z_score_quality",
]

_MODULES = {
    "ages": ("completed_days", "completed_months"),
    "anemia": ("anemia_group", "classify_anemia"),
    "anemia_classes": ("anemia_records",),
    "anemia_problem": ("public_health_class",),
    "anemia_register": ("anemia_prevalence", "anemia_standardized", "anemia_tested", "anemia_under_rules"),
    "anemia_rule_sets": ("compare_rule_sets",),
    "birth_history": ("birth_history_life_table", "birth_history_mortality"),
    "diagnostic": ("diagnostic_accuracy",),
    "emtct": ("emtct_indicators", "emtct_status"),
    "emtct_register": ("emtct_counts",),
    "event_times": ("time_to_event", "timeliness"),
    "growth": ("growth_status", "growth_z_scores"),
    "growth_register": ("growth_prevalence", "growth_quality", "growth_results"),
    "hemoglobin": ("adjust_hemoglobin", "convert_hemoglobin", "hemoglobin_unit"),
    "hemoglobin_register": ("anemia_results", "hemoglobin_distribution", "hemoglobin_measurement"),
    "imperfect_tests": ("corrected_prevalence",),
    "interim_pace": ("quota_pace",),
    "lms": ("lms_z_scores",),
    "lot_quality": ("lqas_plan", "lqas_rules"),
    "measurement_quality": ("age_heaping", "digit_preference", "implied_z_distribution", "z_score_quality"),
    "mortality": ("register_counts", "register_mortality"),
    "mortality_causes": ("age_at_death", "cause_group", "causes_of_death", "days_between_deaths"),
    "mortality_change": ("under5_change",),
    "mortality_registers": ("mortality_register",),
    "mortality_signs": ("under_reporting_signs",),
    "paired_tests": ("paired_relative_detection",),
    "quotas_ahead": ("quota_forecasts",),
    "register_cascades": ("register_cascade",),
    "screening": ("cascade",),
    "screening_coverages": ("screening_coverage",),
    "screening_cycles": ("unique_persons", "women_in_cycle"),
    "screening_registers": ("elimination_of_register", "screening_register"),
    "screening_yields": ("screening_yield",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
