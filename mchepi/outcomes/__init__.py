"""What the field defines: child and maternal mortality, anemia, growth, screening."""

from mchepi.outcomes.screening import cascade

__all__ = ["cascade"]
