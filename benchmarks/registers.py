"""A million rows of a register: read, checked and handed out, against a loop over the rows of the same file.

    python benchmarks/registers.py

The rival reads the file with `csv.DictReader` and works out each child's age in completed months. A plain
`pandas.read_csv` that parses the two dates is the floor: no cell checked, no id or date taken away.
"""

from __future__ import annotations

import csv
import datetime
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from mchepi.intake import open_dataset

ROWS = 1_000_000
DISTRICTS = 100
DECLARED = """\
title_zh: 模拟
title_en: Simulated
source_zh: 模拟
source_en: simulated
licence: none
simulated: true
period: calendar_year
population_basis: resident
source_system: simulated
status: final
tables: {counts: counts.csv, hemoglobin: hemoglobin.csv}
"""


def write(folder: Path) -> None:
    generator = np.random.default_rng(1)
    days = pd.Series(pd.date_range("2018-01-01", periods=2500).strftime("%Y-%m-%d"))
    ids = [f"D{number:03d}" for number in range(DISTRICTS)]
    frame = pd.DataFrame(
        {
            "record_id": [f"150{number:015d}" for number in range(ROWS)],
            "district": generator.choice(ids, ROWS),
            "birth_date": days.take(generator.integers(0, 1200, ROWS)).to_numpy(),
            "exam_date": days.take(generator.integers(1200, 2500, ROWS)).to_numpy(),
            "sex": generator.choice(["男", "女"], ROWS),
            "hemoglobin": generator.integers(85, 150, ROWS),
            "unit": "g/L",
            "specimen": generator.choice(["静脉", "末梢"], ROWS),
            "altitude": 1300,
            "cluster": generator.integers(0, 50, ROWS),
        }
    )
    frame.to_csv(folder / "hemoglobin.csv", index=False)
    pd.DataFrame({"district": ids, "year": 2024, "live_births": 1}).to_csv(folder / "counts.csv", index=False)
    (folder / "dataset.yaml").write_text(DECLARED, "utf-8")


def loop(path: Path) -> list[tuple[str, int, float]]:
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            birth = datetime.date.fromisoformat(row["birth_date"])
            exam = datetime.date.fromisoformat(row["exam_date"])
            months = 12 * (exam.year - birth.year) + exam.month - birth.month - (exam.day < birth.day)
            found.append((row["district"], months, float(row["hemoglobin"])))
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        rows: list[tuple[str, float]] = []

        def timed(what: str, start: float) -> None:
            rows.append((what, time.process_time() - start))

        start = time.process_time()
        data = open_dataset(folder)
        data.read_registers()
        timed("read, check, hand out 1,000,000 rows", start)
        start = time.process_time()
        for district in data.districts():
            data.register("hemoglobin", district)
        timed("give the rows of each of 100 districts", start)
        start = time.process_time()
        for district in data.districts():
            data.digest(district)
        timed("digests of 100 districts", start)
        start = time.process_time()
        pd.read_csv(folder / "hemoglobin.csv", parse_dates=["birth_date", "exam_date"])
        timed("floor: pandas, two dates parsed", start)
        start = time.process_time()
        loop(folder / "hemoglobin.csv")
        timed("rival: a loop over the rows, ages only", start)
    print("seconds of CPU, one core\n")
    for what, seconds in rows:
        print(f"{what:42} {seconds:6.2f}")


if __name__ == "__main__":
    main()
