"""Run one notebook for many districts: params files in, published pages with a ledger out.

Knows notebooks as files and districts through the small `Dataset` protocol; nothing here is epidemiological.
"""

from .dataset import Dataset, OpenDataset
from .events import Event
from .limits import Limits
from .plan import Plan, plan_runs
from .refusal import Refused
from .runner import BatchResult, Ended, run_batch
from .selection import Select
from .terminal import Progress, as_lines
from .why import explain

__all__ = [
    "BatchResult",
    "Dataset",
    "Ended",
    "Event",
    "Limits",
    "OpenDataset",
    "Plan",
    "Progress",
    "Refused",
    "Select",
    "as_lines",
    "explain",
    "plan_runs",
    "run_batch",
]
