"""Registers of births and deaths for a page: whole years only, beside yearly counts, never a false zero."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mchepi.intake import open_dataset
from mchepi.outcomes import mortality_register, register_counts, register_mortality

REGISTERS = Path(__file__).parents[2] / "data" / "example_registers"
BOTH = ("births", "deaths")


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    dataset = open_dataset(REGISTERS)
    return {
        "births": dataset.register("births", "R01"),
        "deaths": dataset.register("deaths", "R01"),
        "counts": dataset.read("R01"),
    }


def test_both_counts_of_every_year_stand_side_by_side(frames: dict[str, pd.DataFrame]):
    found = mortality_register(**frames, held=BOTH).beside
    own = register_counts(frames["births"], frames["deaths"]).set_index("year")
    for row in found.itertuples():
        assert row.register_count == own.loc[row.year, row.column]
    assert set(found["year"]) == {2022, 2023, 2024}
    assert (found["difference"] == 0).all()


def test_a_death_that_only_the_yearly_counts_hold_is_a_difference(frames: dict[str, pd.DataFrame]):
    more = frames["counts"].assign(neonatal_deaths=frames["counts"]["neonatal_deaths"] + 1)
    found = mortality_register(frames["births"], frames["deaths"], more, held=BOTH).beside
    assert found.query("difference != 0")["column"].tolist() == ["neonatal_deaths"] * 3
    assert found.query("column == 'neonatal_deaths'")["difference"].tolist() == [-1, -1, -1]


@pytest.mark.parametrize("held", [(), ("births",), ("deaths",)])
def test_an_absent_register_is_no_year_without_deaths(frames: dict[str, pd.DataFrame], held: tuple[str, ...]):
    assert all(table.empty for table in mortality_register(**frames, held=held))


def test_no_births_and_no_whole_year_give_no_table(frames: dict[str, pd.DataFrame]):
    for births in (frames["births"].iloc[:0], frames["births"].query("year == 2023 and month < 9")):
        found = mortality_register(births, frames["deaths"], frames["counts"], held=BOTH)
        assert all(table.empty for table in found)


def test_a_year_that_births_do_not_cover_is_left_out(frames: dict[str, pd.DataFrame]):
    births = frames["births"].query("year < 2024 or month < 8")
    found = mortality_register(births, frames["deaths"], frames["counts"], held=BOTH)
    assert sorted(found.beside["year"].unique()) == [2022, 2023]
    assert found.ages["year_end"].unique().tolist() == [2023]
    assert (
        found.ages["deaths"].sum()
        == ((frames["deaths"]["year"] < 2024) & (frames["deaths"]["kind"] == "child")).sum()
    )


def test_both_definitions_are_those_of_register_mortality(frames: dict[str, pd.DataFrame]):
    found = mortality_register(**frames, held=BOTH, confidence_level=0.9).definitions
    keys = ["year", "indicator"]
    for definition in ("events", "cohort"):
        own = register_mortality(
            frames["births"], frames["deaths"], definition=definition, confidence_level=0.9
        ).set_index(keys)
        for row in found.set_index(keys).itertuples():
            expected = own.loc[row.Index, ["value", "lower", "upper"]].tolist()
            got = [getattr(row, f"{definition}_{part}") for part in ("value", "lower", "upper")]
            assert got == pytest.approx(expected, nan_ok=True)


def test_years_of_maternal_and_child_health_are_counted_from_october(frames: dict[str, pd.DataFrame]):
    found = mortality_register(**frames, held=BOTH, year="mch").beside
    assert sorted(found["year"].unique()) == [2023, 2024]
    with pytest.raises(ValueError, match="`year` must be"):
        mortality_register(**frames, held=BOTH, year="fiscal")
