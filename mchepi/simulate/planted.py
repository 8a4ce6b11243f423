"""The plants of one region, and what becomes of a quantity where one holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mchepi.simulate._draws import Values
from mchepi.simulate.plants import PLANTS, Plant


@dataclass(frozen=True)
class Planted:
    """The plants that hold in a region: those of its districts, its years and the natures switched on."""

    plants: tuple[Plant, ...]
    districts: tuple[str, ...]
    year_from: int
    year_to: int

    @classmethod
    def of(
        cls, districts: Sequence[str], years: tuple[int, int], *, changes: bool, reporting_errors: bool
    ) -> Planted:
        """Choose from all plants."""
        wanted = {"truth": changes, "counting": reporting_errors}
        plants = [
            plant
            for plant in PLANTS
            if wanted[plant.nature] and plant.district in districts and plant.years(*years)
        ]
        return cls(tuple(plants), tuple(districts), *years)

    def where(self, plant: Plant) -> npt.NDArray[np.bool_]:
        """Mark the districts and years in which this plant holds."""
        years = np.arange(self.year_from, self.year_to + 1)
        first, last = plant.years(self.year_from, self.year_to) or (self.year_to, self.year_from)
        in_years = (years >= first) & (years <= last)
        in_district = np.array([district == plant.district for district in self.districts])
        return in_district[:, None] & in_years[None, :]

    def apply(self, quantity: str, value: Values | float) -> Values:
        """Give this quantity (districts × years) with what is planted in it."""
        shape = (len(self.districts), self.year_to - self.year_from + 1)
        result = np.broadcast_to(np.asarray(value, dtype=float), shape)
        for plant in self.plants:
            if plant.quantity == quantity:
                changed = result * plant.size if plant.effect == "times" else plant.size
                result = np.where(self.where(plant), changed, result)
        return result
