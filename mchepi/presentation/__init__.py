"""Frames become tables, figures and sentences in Chinese or English; nothing here computes a statistic."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .acting import act_sentences, where_to_act
    from .anemia_registers_in_words import (
        break_of_measurement,
        growth_register_sentences,
        measurement_sentences,
        prevalence_sentences,
        remark_sentences,
        rule_set_sentences,
    )
    from .anemia_rule_in_words import anemia_rule_sentence
    from .between_in_words import (
        between_methods,
        compared_sentences,
        funnel_sentences,
        leading,
        map_sentences,
        rank_sentences,
        shrinkage_sentences,
    )
    from .cascades import cascade_steps, each_cascade
    from .course_in_words import told_changes
    from .figure_cascade import plot_cascades
    from .figure_funnel import plot_funnel
    from .figure_hemoglobin import plot_hemoglobin
    from .figure_joinpoint import plot_joinpoint, plot_joinpoints
    from .figure_levels import plot_levels
    from .figure_map import plot_map
    from .figure_quota import plot_quotas
    from .figure_ranks import plot_ranks
    from .figure_series import plot_series
    from .figure_shrinkage import plot_shrinkage
    from .figure_waiting import plot_waiting
    from .figure_years import plot_by_year
    from .findings_anemia import anemia_findings
    from .findings_mortality import mortality_findings
    from .findings_region import region_findings, region_summary
    from .findings_screening import screening_findings
    from .findings_trend import trend_findings
    from .groups import ages_at_death, anemia_by_age, causes_of_death
    from .joinpoints import each_joinpoint, joinpoint_segments, joinpoint_sentences
    from .mortality_registers import register_sentences
    from .order_in_words import blame_sentences, order_sentences
    from .outcome_notes import outcome_note
    from .page import Page
    from .paragraphs import (
        break_sentences,
        cascade_sentences,
        change_sentences,
        counted_sentences,
        growth_sentences,
        level_sentences,
        maternal_sentences,
        target_sentences,
        telling_sentences,
        trend_sentences,
    )
    from .paragraphs_of_years import apart_sentences, pool_sentences, reference_level, rule_sentences
    from .quotas_in_words import quota_sentences
    from .rows import concerning, latest, undisputed
    from .sections import indicators_of, part_of
    from .series import against_targets, each_series, latest_values
    from .summary import level_summary, series_summary
    from .tables import reader_table
    from .under5_in_words import under5_sentences

_MODULES = {
    "anemia_rule_sentence": "anemia_rule_in_words",
    "told_changes": "course_in_words",
    "outcome_note": "outcome_notes",
    "under5_sentences": "under5_in_words",
    "break_of_measurement": "anemia_registers_in_words",
    "growth_register_sentences": "anemia_registers_in_words",
    "measurement_sentences": "anemia_registers_in_words",
    "prevalence_sentences": "anemia_registers_in_words",
    "remark_sentences": "anemia_registers_in_words",
    "rule_set_sentences": "anemia_registers_in_words",
    "plot_hemoglobin": "figure_hemoglobin",
    "cascade_steps": "cascades",
    "each_cascade": "cascades",
    "plot_cascades": "figure_cascade",
    "plot_levels": "figure_levels",
    "plot_series": "figure_series",
    "plot_by_year": "figure_years",
    "anemia_findings": "findings_anemia",
    "mortality_findings": "findings_mortality",
    "screening_findings": "findings_screening",
    "trend_findings": "findings_trend",
    "ages_at_death": "groups",
    "anemia_by_age": "groups",
    "causes_of_death": "groups",
    "Page": "page",
    "cascade_sentences": "paragraphs",
    "change_sentences": "paragraphs",
    "counted_sentences": "paragraphs",
    "growth_sentences": "paragraphs",
    "level_sentences": "paragraphs",
    "maternal_sentences": "paragraphs",
    "target_sentences": "paragraphs",
    "telling_sentences": "paragraphs",
    "trend_sentences": "paragraphs",
    "apart_sentences": "paragraphs_of_years",
    "break_sentences": "paragraphs",
    "pool_sentences": "paragraphs_of_years",
    "reference_level": "paragraphs_of_years",
    "rule_sentences": "paragraphs_of_years",
    "concerning": "rows",
    "latest": "rows",
    "undisputed": "rows",
    "indicators_of": "sections",
    "part_of": "sections",
    "against_targets": "series",
    "each_series": "series",
    "latest_values": "series",
    "level_summary": "summary",
    "series_summary": "summary",
    "reader_table": "tables",
    "between_methods": "between_in_words",
    "blame_sentences": "order_in_words",
    "compared_sentences": "between_in_words",
    "funnel_sentences": "between_in_words",
    "leading": "between_in_words",
    "map_sentences": "between_in_words",
    "order_sentences": "order_in_words",
    "rank_sentences": "between_in_words",
    "shrinkage_sentences": "between_in_words",
    "plot_funnel": "figure_funnel",
    "plot_map": "figure_map",
    "plot_ranks": "figure_ranks",
    "plot_shrinkage": "figure_shrinkage",
    "region_findings": "findings_region",
    "region_summary": "findings_region",
    "register_sentences": "mortality_registers",
    "plot_waiting": "figure_waiting",
    "act_sentences": "acting",
    "where_to_act": "acting",
    "plot_quotas": "figure_quota",
    "quota_sentences": "quotas_in_words",
    "plot_joinpoint": "figure_joinpoint",
    "plot_joinpoints": "figure_joinpoint",
    "each_joinpoint": "joinpoints",
    "joinpoint_segments": "joinpoints",
    "joinpoint_sentences": "joinpoints",
}

__all__ = [
    "Page",
    "act_sentences",
    "against_targets",
    "ages_at_death",
    "anemia_by_age",
    "anemia_findings",
    "anemia_rule_sentence",
    "apart_sentences",
    "between_methods",
    "blame_sentences",
    "break_of_measurement",
    "break_sentences",
    "cascade_sentences",
    "cascade_steps",
    "causes_of_death",
    "change_sentences",
    "compared_sentences",
    "concerning",
    "counted_sentences",
    "each_cascade",
    "each_joinpoint",
    "each_series",
    "funnel_sentences",
    "growth_register_sentences",
    "growth_sentences",
    "indicators_of",
    "joinpoint_segments",
    "joinpoint_sentences",
    "latest",
    "latest_values",
    "leading",
    "level_sentences",
    "level_summary",
    "map_sentences",
    "maternal_sentences",
    "measurement_sentences",
    "mortality_findings",
    "order_sentences",
    "outcome_note",
    "part_of",
    "plot_by_year",
    "plot_cascades",
    "plot_funnel",
    "plot_hemoglobin",
    "plot_joinpoint",
    "plot_joinpoints",
    "plot_levels",
    "plot_map",
    "plot_quotas",
    "plot_ranks",
    "plot_series",
    "plot_shrinkage",
    "plot_waiting",
    "pool_sentences",
    "prevalence_sentences",
    "quota_sentences",
    "rank_sentences",
    "reader_table",
    "reference_level",
    "region_findings",
    "region_summary",
    "register_sentences",
    "remark_sentences",
    "rule_sentences",
    "rule_set_sentences",
    "screening_findings",
    "series_summary",
    "shrinkage_sentences",
    "target_sentences",
    "telling_sentences",
    "told_changes",
    "trend_findings",
    "trend_sentences",
    "under5_sentences",
    "undisputed",
    "where_to_act",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
