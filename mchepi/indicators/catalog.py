"""The catalog: every indicator and every target as a row of data with its source, checked when it is read."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import pandas as pd

from mchepi.indicators.catalog_checks import (
    INDICATOR_COLUMNS,
    TARGET_COLUMNS,
    Row,
    column_names,
    faults_of_indicators,
    faults_of_synonyms,
    faults_of_targets,
    header_groups,
)


@dataclass(frozen=True)
class Indicator:
    """One indicator of the catalog: what is divided by what, in which unit, and who says so.

    Parameters
    ----------
    id, name_zh, name_en, domain : str
        Its names.
    numerator, denominator : str
        Columns of the district-year table; sums as `live_births + stillbirths`.
    numerator_zh, numerator_en, denominator_zh, denominator_en : str
        The definition in words.
    synonyms_zh : str
        Chinese headers read as these columns: `numerator: a;b | denominator: c;d`.
    per : int
        The unit: 1000 means per 1,000.
    kind : str
        proportion (Wilson limits), rate, ratio (exact Poisson limits), administrative (quotas and resources:
        no limits, may exceed 100 %).
    basis : str
        enumeration (coverage from a full register), risk (deaths or cases), survey (sampled).
    numerator_in_denominator : bool
        False where those counted are others than those they are divided by: women over live births, for one.
    direction : str
        lower_better, higher_better, context.
    source, verified, note : str
        Who defines it, whether that was seen, and what to mind.
    """

    id: str
    name_zh: str
    name_en: str
    domain: str
    numerator: str
    denominator: str
    numerator_zh: str
    numerator_en: str
    denominator_zh: str
    denominator_en: str
    synonyms_zh: str
    per: int
    kind: str
    basis: str
    numerator_in_denominator: bool
    direction: str
    source: str
    verified: str
    note: str

    @property
    def is_verified(self) -> bool:
        """Whether the definition was seen in its source. Where it was not, every number must say so."""
        return self.verified.startswith("yes")

    @property
    def numerator_columns(self) -> tuple[str, ...]:
        """The columns whose sum is the numerator."""
        return column_names(self.numerator)

    @property
    def denominator_columns(self) -> tuple[str, ...]:
        """The columns whose sum is the denominator."""
        return column_names(self.denominator)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it needs, each once."""
        return tuple(dict.fromkeys((*self.numerator_columns, *self.denominator_columns)))


def indicators() -> pd.DataFrame:
    """Give the catalog of indicators, one a row, with the source of each.

    Returns
    -------
    pandas.DataFrame
        Columns id, name_zh, name_en, domain, numerator, denominator, numerator_zh, numerator_en,
        denominator_zh, denominator_en, synonyms_zh, per, kind, basis, numerator_in_denominator (bool),
        direction, source, verified, note; "" where there is no note.

    Examples
    --------
    >>> catalog = indicators()
    >>> len(catalog)
    100
    >>> catalog.loc[catalog["id"] == "neonatal_mortality_rate", ["numerator", "denominator", "per"]]
             numerator  denominator   per
    0  neonatal_deaths  live_births  1000
    """
    return pd.DataFrame([asdict(found) for found in _catalog().values()], columns=list(INDICATOR_COLUMNS))


def indicator(id: str) -> Indicator:
    """Give one indicator of the catalog by its id.

    Parameters
    ----------
    id : str
        As in `indicators()`.

    Returns
    -------
    Indicator
        Frozen; its properties split sums into columns and tell whether the definition is verified.

    Raises
    ------
    ValueError
        If the catalog holds no such id; the nearest ones are named.

    Examples
    --------
    >>> indicator("perinatal_mortality_rate").denominator_columns
    ('live_births', 'stillbirths')
    >>> indicator("neonatal_mortality")
    Traceback (most recent call last):
        ...
    ValueError: `id` must be an indicator of the catalog; got 'neonatal_mortality'. Did you mean
    'neonatal_mortality_rate'? `mchepi indicators` lists them all.
    """
    catalog = _catalog()
    if id not in catalog:
        near = difflib.get_close_matches(str(id), catalog, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"`id` must be an indicator of the catalog; got {id!r}.{hint} `mchepi indicators` lists them all."
        )
    return catalog[id]


def targets() -> pd.DataFrame:
    """Give the targets that can be computed, one a row, in the unit of their indicator.

    Returns
    -------
    pandas.DataFrame
        Columns target_id, indicator, level (world, nation, region, prefecture, county: whose target it is),
        scope (whom it binds), value, unit, comparator (<, <=, =, >=, >), year, baseline_year (Int64),
        baseline_value, source, verified, note.

    Examples
    --------
    >>> found = targets()
    >>> found.loc[found["target_id"] == "CN_HCPLAN2025_NMR", ["indicator", "comparator", "value", "year"]]
                      indicator comparator  value  year
    12  neonatal_mortality_rate         <=    3.1  2025
    """
    return _target_table().copy()


def targets_not_computable() -> pd.DataFrame:
    """Give what the sources also ask, without a figure, a defined indicator or a known baseline.

    Returns
    -------
    pandas.DataFrame
        The columns of `targets`, all as text (`value` may be words), and `reason`: why it cannot be computed.

    Examples
    --------
    >>> targets_not_computable().loc[3, ["target_id", "reason"]].tolist()
    ['NAIMAN2025_2CANCER', 'no figure: the annual quota is not given']
    """
    return pd.DataFrame(_read("targets_not_computable.csv", (*TARGET_COLUMNS, "reason")))


def column_synonyms() -> dict[str, str]:
    """Map the Chinese headers that tables may carry to the catalog's column names.

    The headers are taken from the definitions and from published texts, not from an official form.

    Returns
    -------
    dict of str to str
        One header names one column only.

    Examples
    --------
    >>> headers = column_synonyms()
    >>> headers["活产数"], headers["孕产妇死亡数"]
    ('live_births', 'maternal_deaths')
    """
    return dict(_synonym_pairs(_catalog().values()))


def parse_indicators(text: str) -> dict[str, Indicator]:
    """Read a table of indicators from its CSV text.

    Raises
    ------
    ValueError
        With every fault of the table, by row.
    """
    rows = _rows(text, INDICATOR_COLUMNS, "indicators.csv")
    _refuse("indicators.csv", faults_of_indicators(rows))
    found = [_indicator_of(row) for row in rows]
    columns = {column for one in found for column in one.columns}
    _refuse("indicators.csv", faults_of_synonyms(list(_synonym_pairs(found)), columns))
    return {one.id: one for one in found}


def parse_targets(text: str, catalog: dict[str, Indicator]) -> list[dict[str, Any]]:
    """Read a table of targets from its CSV text; empty numbers are None.

    Raises
    ------
    ValueError
        With every fault of the table, by row.
    """
    rows = _rows(text, TARGET_COLUMNS, "targets.csv")
    _refuse("targets.csv", faults_of_targets(rows, {one.id: one.per for one in catalog.values()}))
    readers = {"value": float, "year": int, "baseline_year": int, "baseline_value": float}
    return [
        {**row, **{field: reader(row[field]) if row[field] else None for field, reader in readers.items()}}
        for row in rows
    ]


def _indicator_of(row: Row) -> Indicator:
    texts = {field: text for field, text in row.items() if field not in ("per", "numerator_in_denominator")}
    contained = row["numerator_in_denominator"] == "yes"
    return Indicator(per=int(row["per"]), numerator_in_denominator=contained, **texts)


@lru_cache(maxsize=1)
def _catalog() -> dict[str, Indicator]:
    return parse_indicators(package_text("indicators.csv"))


@lru_cache(maxsize=1)
def _target_table() -> pd.DataFrame:
    return pd.DataFrame(parse_targets(package_text("targets.csv"), _catalog())).astype(
        {"value": "float64", "year": "Int64", "baseline_year": "Int64", "baseline_value": "float64"}
    )


def _synonym_pairs(found: Iterable[Indicator]) -> Iterator[tuple[str, str]]:
    for one in found:
        for side, columns in (("numerator", one.numerator_columns), ("denominator", one.denominator_columns)):
            for column, headers in zip(columns, header_groups(one.synonyms_zh, side), strict=True):
                yield from ((header, column) for header in headers)


def package_text(name: str) -> str:
    """Read one of the package's own tables."""
    return resources.files("mchepi.indicators").joinpath("data", name).read_text(encoding="utf-8")


def _rows(text: str, columns: Sequence[str], name: str) -> list[Row]:
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != tuple(columns):
        raise ValueError(
            f"{name} must have the columns {', '.join(columns)}; got {', '.join(reader.fieldnames or ())}."
        )
    return list(reader)


def _read(name: str, columns: Sequence[str]) -> list[Row]:
    return _rows(package_text(name), columns, name)


def _refuse(name: str, faults: Sequence[str]) -> None:
    if faults:
        raise ValueError(f"{name} cannot be used:\n" + "\n".join(faults))
