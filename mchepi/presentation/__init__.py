"""Frames become tables, figures and sentences in Chinese or English; nothing here computes a statistic."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cascades import cascade_steps, each_cascade
    from .figure_cascade import plot_cascades
    from .figure_levels import plot_levels
    from .figure_series import plot_series
    from .figure_years import plot_by_year
    from .findings_anemia import anemia_findings
    from .findings_mortality import mortality_findings
    from .findings_screening import screening_findings
    from .findings_trend import trend_findings
    from .groups import ages_at_death, anemia_by_age, causes_of_death
    from .page import Page
    from .paragraphs import (
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
    from .rows import concerning, latest, undisputed
    from .sections import indicators_of, part_of
    from .series import against_targets, each_series, latest_values
    from .summary import level_summary, series_summary
    from .tables import reader_table

_MODULES = {
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
}

__all__ = [
    "Page",
    "against_targets",
    "ages_at_death",
    "anemia_by_age",
    "anemia_findings",
    "cascade_sentences",
    "cascade_steps",
    "causes_of_death",
    "change_sentences",
    "concerning",
    "counted_sentences",
    "each_cascade",
    "each_series",
    "growth_sentences",
    "indicators_of",
    "latest",
    "latest_values",
    "level_sentences",
    "level_summary",
    "maternal_sentences",
    "mortality_findings",
    "part_of",
    "plot_by_year",
    "plot_cascades",
    "plot_levels",
    "plot_series",
    "reader_table",
    "screening_findings",
    "series_summary",
    "target_sentences",
    "telling_sentences",
    "trend_findings",
    "trend_sentences",
    "undisputed",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
