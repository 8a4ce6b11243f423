"""`python -m mchepi.simulate`: write a simulated region, or simulated registers, as a dataset folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from mchepi.simulate.folder import write_region
from mchepi.simulate.generate import region
from mchepi.simulate.persons import registers, write_registers

SEEDS = {"region": 20240601, "registers": 20241001}
YEARS = {"region": (2015, 2024), "registers": (2022, 2024)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 if the folder was written, 2 if not."""
    parser = argparse.ArgumentParser(prog="python -m mchepi.simulate", description=__doc__)
    parser.add_argument(
        "--output", required=True, metavar="FOLDER", help="folder to write, such as data/training"
    )
    parser.add_argument(
        "--registers", action="store_true", help="registers of individual records instead of yearly counts"
    )
    parser.add_argument("--seed", type=int, help="0 or more (default: 20240601; of registers 20241001)")
    parser.add_argument(
        "--districts", type=int, default=24, help="how many (default: %(default)s); not of registers"
    )
    parser.add_argument(
        "--years",
        type=int,
        nargs=2,
        metavar=("FIRST", "LAST"),
        help="default: 2015 2024; of registers 2022 2024",
    )
    parser.add_argument(
        "--spread", type=float, default=1.0, help="how far districts differ (default: 1; 0: not at all)"
    )
    parser.add_argument("--no-changes", action="store_true", help="plant no change and no peculiar district")
    parser.add_argument(
        "--no-reporting-errors", action="store_true", help="plant no error of counting or typing"
    )
    asked = parser.parse_args(arguments)
    kind = "registers" if asked.registers else "region"
    years = tuple(asked.years or YEARS[kind])
    seed = SEEDS[kind] if asked.seed is None else asked.seed
    try:
        if asked.registers:
            people = registers(years=years, seed=seed, entry_errors=not asked.no_reporting_errors)
            files = write_registers(people, asked.output)
            made = f"{sum(map(len, people.tables.values()))} simulated records"
        else:
            place = region(
                districts=asked.districts,
                years=years,
                seed=seed,
                changes=not asked.no_changes,
                reporting_errors=not asked.no_reporting_errors,
                spread=asked.spread,
            )
            files = write_region(place, asked.output)
            made = f"{len(place.counts)} simulated district-years"
    except (ValueError, OSError) as error:
        print(f"mchepi.simulate: {error}", file=sys.stderr)
        return 2
    names = ", ".join(file.name for file in files)
    print(f"Wrote {made} to {files[0].parent}: {names}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
