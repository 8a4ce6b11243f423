"""A region as a dataset folder: counts, truth, faults, the declaration and a README, all called simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from mchepi.indicators import Declaration
from mchepi.simulate.generate import Region
from mchepi.simulate.readme import readme

DATASET_FILE = "dataset.yaml"


def write_region(region: Region, folder: str | Path) -> list[Path]:
    """Write a simulated region as a dataset that `data: NAME` can name.

    Parameters
    ----------
    region : Region
        As `region()` gives it.
    folder : str or Path
        Made if need be. Its name becomes the dataset's name.

    Returns
    -------
    list of Path
        The files written: counts.csv, truth.csv, faults.csv, dataset.yaml, README.md.

    Raises
    ------
    ValueError
        If the folder is a file, or holds a dataset that does not call itself simulated: that is never
        overwritten.

    Examples
    --------
    >>> import tempfile
    >>> from mchepi.simulate import region, write_region
    >>> with tempfile.TemporaryDirectory() as place:
    ...     files = write_region(region(districts=2), f"{place}/training")
    ...     [file.name for file in files]
    ['counts.csv', 'truth.csv', 'faults.csv', 'dataset.yaml', 'README.md']
    """
    import yaml

    folder = Path(folder).absolute()
    declaration = declaration_of(region, folder.name)
    texts = {
        "counts.csv": csv_text(as_written(region)),
        "truth.csv": csv_text(region.truth),
        "faults.csv": csv_text(region.faults),
        DATASET_FILE: yaml.safe_dump(
            {**asdict(declaration), "tables": {"counts": "counts.csv"}},
            allow_unicode=True,
            sort_keys=False,
            width=1000,
        ),
        "README.md": readme(region, folder.name),
    }
    refuse_real_data(folder, list(texts))
    return write_texts(folder, texts)


def as_written(region: Region) -> pd.DataFrame:
    """Give the counts as text cells, with blanks and missing codes as the file shows them."""
    cells = region.counts.astype("string").fillna("").set_index(["district", "year"])
    for fault in region.faults.loc[region.faults["nature"] == "entry"].to_dict("records"):
        cells.loc[(fault["district"], str(fault["year_from"])), fault["columns"]] = fault["written"]
    return cells.reset_index()[list(region.counts.columns)]


def declaration_of(region: Region, name: str) -> Declaration:
    """Declare what the dataset is."""
    return Declaration(
        name=name,
        title_zh="模拟地区（全部数据均为模拟）",
        title_en="A simulated region (all data are simulated)",
        source_zh=f"由 mchepi.simulate 生成，随机种子 {region.seed}；不含任何真实数据，旗名均为虚构",
        source_en=f"made by mchepi.simulate with the seed {region.seed}; no real data, all banners invented",
        licence="BSD-3-Clause, as mchepi",
        simulated=True,
        period="calendar_year",
        population_basis="resident",
        source_system="simulated",
        status="final",
        note_zh="模拟数据，仅供培训和校准规则使用；真值见 truth.csv，植入的变化与差错见 faults.csv。",
        note_en="Simulated, for training and for calibrating rules; truth.csv holds the truth, "
        "faults.csv what was planted.",
    )


def write_texts(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write files of these names into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode("utf-8"))  # bytes: the same line ends on every system
    return [folder / name for name in texts]


def csv_text(frame: pd.DataFrame) -> str:
    """Write a table as CSV."""
    return str(frame.to_csv(index=False, lineterminator="\n", float_format="%.6g"))


def refuse_real_data(folder: Path, names: list[str]) -> None:
    """Refuse to write over files of a dataset that does not call itself simulated."""
    import yaml

    if folder.exists() and not folder.is_dir():
        raise ValueError(f"`folder` must be a folder; got the file {folder}. Name another place.")
    there = [name for name in names if (folder / name).exists()]
    if not there:
        return
    said = None
    if DATASET_FILE in there:
        try:
            said = yaml.safe_load((folder / DATASET_FILE).read_text("utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError):
            said = None  # unreadable: it does not call itself simulated
    if not (isinstance(said, dict) and said.get("simulated") is True):
        raise ValueError(
            f"`folder` must be new, empty or a simulated dataset; got {folder}, which holds "
            f"{', '.join(there[:3])} and does not call itself simulated. "
            "Name another folder: real data are never overwritten."
        )
