"""The catalog of indicators and targets as data with sources, what they come to, and the verdicts on them."""

from mchepi.indicators.catalog import (
    Indicator,
    column_synonyms,
    indicator,
    indicators,
    targets,
    targets_not_computable,
)
from mchepi.indicators.changes import change
from mchepi.indicators.computation import compute
from mchepi.indicators.consistency import contradictions
from mchepi.indicators.declaration import Declaration
from mchepi.indicators.notes import NOTE_CODES
from mchepi.indicators.published_rates import possible_counts
from mchepi.indicators.verdicts import judge

__all__ = [
    "NOTE_CODES",
    "Declaration",
    "Indicator",
    "change",
    "column_synonyms",
    "compute",
    "contradictions",
    "indicator",
    "indicators",
    "judge",
    "possible_counts",
    "targets",
    "targets_not_computable",
]
