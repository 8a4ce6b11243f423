"""Run one notebook for many districts: params files in, published pages with a ledger out.

Knows notebooks as files and districts through the small `Dataset` protocol; nothing here is epidemiological.
"""

from .dataset import Dataset, OpenDataset
from .plan import Plan, plan_runs
from .refusal import Refused
from .runner import BatchResult, Ended, run_batch
from .terminal import Progress

__all__ = [
    "BatchResult",
    "Dataset",
    "Ended",
    "OpenDataset",
    "Plan",
    "Progress",
    "Refused",
    "plan_runs",
    "run_batch",
]
