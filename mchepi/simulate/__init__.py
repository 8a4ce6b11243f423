"""Simulated regions with planted truth, for training and for calibrating rules. No number of them is real."""

from mchepi.simulate.folder import write_region
from mchepi.simulate.generate import Region, region

__all__ = ["Region", "region", "write_region"]
