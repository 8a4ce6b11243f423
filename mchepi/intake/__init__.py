"""The only reader of input files: finds a dataset, recognizes its tables, says what is wrong in which row."""

from mchepi.intake.check import check
from mchepi.intake.counts import read_counts
from mchepi.intake.dataset import Dataset, open_dataset
from mchepi.intake.findings import DataError, Finding
from mchepi.intake.registers import deadlines
from mchepi.intake.series import read_series

__all__ = [
    "DataError",
    "Dataset",
    "Finding",
    "check",
    "deadlines",
    "open_dataset",
    "read_counts",
    "read_series",
]
