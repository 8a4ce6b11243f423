"""`python -m mchepi.simulate`: write a simulated region as a dataset folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from mchepi.simulate.folder import write_region
from mchepi.simulate.generate import region


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 if the folder was written, 2 if not."""
    parser = argparse.ArgumentParser(prog="python -m mchepi.simulate", description=__doc__)
    parser.add_argument(
        "--output", required=True, metavar="FOLDER", help="folder to write, such as data/training"
    )
    parser.add_argument("--seed", type=int, default=20240601, help="0 or more (default: %(default)s)")
    parser.add_argument("--districts", type=int, default=24, help="how many (default: %(default)s)")
    parser.add_argument("--years", type=int, nargs=2, default=(2015, 2024), metavar=("FIRST", "LAST"))
    parser.add_argument(
        "--spread", type=float, default=1.0, help="how far districts differ (default: 1; 0: not at all)"
    )
    parser.add_argument("--no-changes", action="store_true", help="plant no change and no peculiar district")
    parser.add_argument(
        "--no-reporting-errors", action="store_true", help="plant no error of counting or typing"
    )
    asked = parser.parse_args(arguments)
    try:
        made = region(
            districts=asked.districts,
            years=tuple(asked.years),
            seed=asked.seed,
            changes=not asked.no_changes,
            reporting_errors=not asked.no_reporting_errors,
            spread=asked.spread,
        )
        files = write_region(made, asked.output)
    except (ValueError, OSError) as error:
        print(f"mchepi.simulate: {error}", file=sys.stderr)
        return 2
    names = ", ".join(file.name for file in files)
    print(f"Wrote {len(made.counts)} simulated district-years to {files[0].parent}: {names}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
