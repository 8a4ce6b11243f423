"""Registers of individual records: read with their faults by row, handed out without ids, names or dates."""

from mchepi.intake.registers.check import check_register
from mchepi.intake.registers.deadlines import deadlines
from mchepi.intake.registers.schema import recognize, schemas
from mchepi.intake.registers.sheet import header_of
from mchepi.intake.registers.shelf import Shelf, years_of_registers

__all__ = ["Shelf", "check_register", "deadlines", "header_of", "recognize", "schemas", "years_of_registers"]
