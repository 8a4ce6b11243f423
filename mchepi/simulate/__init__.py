"""Simulated regions and registers with planted truth, for training and calibrating; nothing is real."""

from mchepi.simulate.folder import write_region
from mchepi.simulate.generate import Region, region
from mchepi.simulate.persons import Registers, registers, write_registers

__all__ = ["Region", "Registers", "region", "registers", "write_region", "write_registers"]
