"""Simulated registers as a dataset folder, all of it called simulated."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from mchepi.indicators import Declaration
from mchepi.simulate.folder import DATASET_FILE, csv_text, refuse_real_data, write_texts
from mchepi.simulate.persons.generate import Registers
from mchepi.simulate.persons.readme import readme


def write_registers(made: Registers, folder: str | Path) -> list[Path]:
    """Write simulated registers as a dataset that `data: NAME` can name.

    Parameters
    ----------
    made : Registers
        As `registers()` gives it.
    folder : str or Path
        Made if need be. Its name becomes the dataset's name.

    Returns
    -------
    list of Path
        The files written: counts.csv, quotas.csv, one CSV a register, truth.csv, faults.csv, dataset.yaml,
        README.md.

    Raises
    ------
    ValueError
        If the folder is a file, or holds a dataset that does not call itself simulated: that is never
        overwritten.

    Examples
    --------
    >>> import tempfile
    >>> from mchepi.simulate import registers, write_registers
    >>> with tempfile.TemporaryDirectory() as place:
    ...     files = write_registers(registers(years=(2024, 2024)), f"{place}/training")
    ...     [file.name for file in files][:4]
    ['counts.csv', 'quotas.csv', 'births.csv', 'deaths.csv']
    """
    import yaml

    folder = Path(folder).absolute()
    files = {"counts": made.counts, "quotas": made.quotas, **made.tables}
    tables = {name: f"{name}.csv" for name in files}
    declared = {**asdict(declaration_of(made, folder.name)), "tables": tables}
    texts = {
        **{tables[name]: csv_text(frame) for name, frame in files.items()},
        "truth.csv": csv_text(made.truth),
        "faults.csv": csv_text(made.faults),
        DATASET_FILE: yaml.safe_dump(declared, allow_unicode=True, sort_keys=False, width=1000),
        "README.md": readme(made, folder.name),
    }
    refuse_real_data(folder, list(texts))
    return write_texts(folder, texts)


def declaration_of(made: Registers, name: str) -> Declaration:
    """Declare what the dataset is."""
    return Declaration(
        name=name,
        title_zh="模拟个案登记（全部数据均为模拟）",
        title_en="Simulated registers of individual records (all data are simulated)",
        source_zh=f"由 mchepi.simulate 生成，随机种子 {made.seed}；不含任何真实个人，旗名均为虚构",
        source_en=f"made by mchepi.simulate with the seed {made.seed}; nobody in it is real, "
        "all banners invented",
        licence="BSD-3-Clause, as mchepi",
        simulated=True,
        period="calendar_year",
        population_basis="resident",
        source_system="simulated",
        status="final",
        note_zh="模拟数据，仅供培训和校准方法使用；counts.csv 由各登记册汇总；"
        "真值见 truth.csv，植入的问题见 faults.csv。",
        note_en="Simulated, for training and for calibrating methods; counts.csv is counted in the "
        "registers; truth.csv holds the truth, faults.csv what was planted.",
        anemia_rule="who_2024",
        hemoglobin_adjusted_for="altitude",
    )
