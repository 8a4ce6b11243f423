"""Simulated registers of individual records with planted truth. Nobody in them is real."""

from mchepi.simulate.persons.folder import write_registers
from mchepi.simulate.persons.generate import Registers, registers
from mchepi.simulate.persons.plans import PLANS, Plan

__all__ = ["PLANS", "Plan", "Registers", "registers", "write_registers"]
