"""What the field defines: child and maternal mortality, anemia, growth, screening."""

from mchepi.outcomes.diagnostic import diagnostic_accuracy
from mchepi.outcomes.screening import cascade
from mchepi.outcomes.screening_yields import screening_yield

__all__ = ["cascade", "diagnostic_accuracy", "screening_yield"]
