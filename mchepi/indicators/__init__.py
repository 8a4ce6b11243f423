"""The catalog of indicators and targets as data with sources, what they come to, and the verdicts on them."""

from mchepi.indicators.between_deaths import between_deaths
from mchepi.indicators.between_districts import (
    FALSE_DISCOVERIES,
    LEVELS,
    change_together,
    compare_districts,
    last_years,
    spread_of_districts,
)
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
from mchepi.indicators.measurement_breaks import like_with_like
from mchepi.indicators.notes import NOTE_CODES
from mchepi.indicators.order_of_districts import blamed_by_chance, order_kept
from mchepi.indicators.pools import pools
from mchepi.indicators.published_rates import possible_counts
from mchepi.indicators.rules import rules_by_luck
from mchepi.indicators.under5_parts import under5_parts
from mchepi.indicators.verdicts import judge

__all__ = [
    "FALSE_DISCOVERIES",
    "LEVELS",
    "NOTE_CODES",
    "Declaration",
    "Indicator",
    "between_deaths",
    "blamed_by_chance",
    "change",
    "change_together",
    "column_synonyms",
    "compare_districts",
    "compute",
    "contradictions",
    "indicator",
    "indicators",
    "judge",
    "last_years",
    "like_with_like",
    "order_kept",
    "pools",
    "possible_counts",
    "rules_by_luck",
    "spread_of_districts",
    "targets",
    "targets_not_computable",
    "under5_parts",
]
