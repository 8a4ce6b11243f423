"""The first rate in a fresh Python against importing pandas and scipy.stats alone.

Run as `python benchmarks/import_time.py`. Both take turns in fresh processes, and the ratio is that of the
medians; it should stay below 1.3.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

ROUNDS = 7
OURS = "import mchepi; mchepi.rate(3, 1430)"
YARDSTICK = "import pandas, scipy.stats"


def seconds(code: str) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return perf_counter() - start


def main() -> None:
    seconds(OURS), seconds(YARDSTICK)  # fill the disk's cache
    turns = [(seconds(OURS), seconds(YARDSTICK)) for _ in range(ROUNDS)]
    ours, yardstick = (median(times) for times in zip(*turns, strict=True))
    print(f"medians of {ROUNDS} turns")
    print(f"{ours:6.3f} s  python -c {OURS!r}")
    print(f"{yardstick:6.3f} s  python -c {YARDSTICK!r}")
    print(f"ratio {ours / yardstick:.2f}")


if __name__ == "__main__":
    main()
