"""Units of hemoglobin, and its adjustment for altitude and smoking."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import adjust_hemoglobin, convert_hemoglobin, hemoglobin_unit

PUBLISHED = Path(__file__).parents[1] / "published" / "hemoglobin_altitude.csv"


def bands():
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", bands(), ids=lambda row: f"{row['standard']}-{row['from_m']}")
def test_every_band_of_the_published_tables(row):
    first, last = float(row["from_m"]), float(row["to_m"])
    inside = np.array([first, (first + last) / 2, last, last + 0.5, last + 0.999])
    adjusted = adjust_hemoglobin(np.full(5, 120.0), altitude=inside, standard=row["standard"])
    assert (120 - adjusted).tolist() == [float(row["adjustment_g_per_l"])] * 5


def test_no_altitude_falls_between_two_bands():
    """Trap 2: closed bands of whole metres leave 999.5 m in none."""
    every = np.arange(0, 5000, 0.5)
    taken = 120 - adjust_hemoglobin(np.full(every.size, 120.0), altitude=every)
    assert not np.isnan(taken).any()
    assert (np.diff(taken) >= 0).all()
    assert adjust_hemoglobin(120, altitude=999.5) == 116


@pytest.mark.parametrize(
    ("altitude", "taken"),
    [
        *[(750, 4.39755), (1250, 7.51675), (1750, 10.78595), (2250, 14.20515)],
        *[(2750, 17.77435), (3250, 21.49355), (3750, 25.36275), (4250, 29.38195), (4750, 33.55115)],
    ],
)
def test_equation_of_2024(altitude, taken):
    """At the middle of a band it rounds to the table, except the last: 33.55 against 33."""
    assert 120 - adjust_hemoglobin(120, altitude=altitude, how="equation") == pytest.approx(taken)
    table = 120 - adjust_hemoglobin(120, altitude=altitude)
    assert round(taken) == table or (altitude, table) == (4750, 33)


def test_table_and_equation_differ_by_up_to_3_at_the_edges():
    altitude = np.arange(0, 4500, 1.0)
    values = np.full(altitude.size, 120.0)
    table = adjust_hemoglobin(values, altitude=altitude)
    equation = adjust_hemoglobin(values, altitude=altitude, how="equation")
    assert 2.8 < np.abs(table - equation).max() < 3
    assert 120 - adjust_hemoglobin(120, altitude=499, how="equation") == pytest.approx(2.888262, abs=1e-6)
    assert adjust_hemoglobin(120, altitude=499) == 120


# > m <- c(1000.5, 1500, 2500, 4000); f <- m * 0.0032808; options(digits = 15)
# > (-0.032 * f + 0.022 * f^2) * 10
# 1.31999036750148  3.75322207680000  12.17537688000000  33.68861921280000
@pytest.mark.parametrize(
    ("altitude", "taken"),
    [(1000.5, 1.31999036750148), (1500, 3.7532220768), (2500, 12.17537688), (4000, 33.6886192128)],
)
def test_equation_of_2011(altitude, taken):
    found = 120 - adjust_hemoglobin(120, altitude=altitude, standard="who_2011", how="equation")
    assert found == pytest.approx(taken, abs=1e-6)
    assert adjust_hemoglobin(120, altitude=1000, standard="who_2011", how="equation") == 120
    assert adjust_hemoglobin(120, altitude=0, standard="who_2011", how="equation") == 120


@pytest.mark.parametrize(
    ("cigarettes", "of_2024", "of_2011"),
    [
        (0, 0, 0),
        (1, 3, 3),
        (9.9, 3, 3),
        (10, 5, 3),
        (19, 5, 3),
        (20, 6, 5),
        (39, 6, 5),
        (40, 6, 7),
        ("unknown", 3, 3),
    ],
)
def test_smoking_is_taken_off_in_g_per_l(cigarettes, of_2024, of_2011):
    """Trap 1: a package takes 0.3, 0.5 and 0.7 from values in g/L."""
    for standard, taken in (("who_2024", of_2024), ("who_2011", of_2011)):
        found = adjust_hemoglobin(130, altitude=0, cigarettes=cigarettes, standard=standard)
        assert 130 - found == taken


def test_the_smoking_equation_ends_at_its_maximum():
    def taken(number):
        return 130 - adjust_hemoglobin(130, altitude=0, cigarettes=number, how="equation")

    assert taken(10) == pytest.approx(0.4565 * 10 - 0.0078 * 100)
    assert taken(29) == pytest.approx(6.6787)
    assert taken(29) == taken(40) == taken(60)
    assert taken("unknown") == 3
    assert np.diff([taken(number) for number in range(61)]).min() >= 0


def test_cigarettes_may_mix_numbers_and_unknown():
    found = adjust_hemoglobin(
        pd.Series([130.0] * 4), altitude=0, cigarettes=pd.Series([0, "unknown", None, 25])
    )
    assert found.tolist() == [130, 127, 130, 124]
    for wrong in (-1, "many"):
        with pytest.raises(ValueError, match='`cigarettes` must be a number, 0 or more, or "unknown"'):
            adjust_hemoglobin(130, altitude=0, cigarettes=wrong)
        with pytest.raises(ValueError, match="`cigarettes` must be"):
            adjust_hemoglobin([130, 130], altitude=0, cigarettes=[wrong, "unknown"])


def test_below_the_sea_and_above_the_table():
    assert adjust_hemoglobin(120, altitude=-154) == 120
    assert np.isnan(adjust_hemoglobin(120, altitude=5000))
    assert np.isnan(adjust_hemoglobin(120, altitude=5000, how="equation"))
    assert adjust_hemoglobin(120, altitude=5000, standard="who_2011") == 75
    assert np.isnan(adjust_hemoglobin(120, altitude=None))
    assert np.isnan(adjust_hemoglobin(None, altitude=100))
    with pytest.raises(ValueError, match=r"`altitude` must be m, at most 9000; got 12000\. Convert feet"):
        adjust_hemoglobin(120, altitude=12000)


def test_the_chinese_survey_raises_the_cut_off():
    """110 x (1 + 4 % x 1.3) = 115.72: a value is below it where the adjusted one is below 110."""
    for value in (115.71, 115.72, 115.73):
        adjusted = adjust_hemoglobin(value, altitude=1300, standard="cn_1992_2002")
        assert (adjusted < 110) == (value < 115.72)
    with pytest.raises(ValueError, match="`how` must be 'table' for cn_1992_2002"):
        adjust_hemoglobin(120, altitude=1300, standard="cn_1992_2002", how="equation")


def test_adjusting_twice_is_refused():
    """Trap 5."""
    once = adjust_hemoglobin(pd.Series([115.0, 120.0], name="hb"), altitude=1300)
    assert once.tolist() == [107, 112]
    for name in (once.name, "hw56", "HC56", "hv456", "v456", "Hb adjusted", "校正后血红蛋白", "调整后Hb"):
        with pytest.raises(ValueError, match="must be as measured"):
            adjust_hemoglobin(once.rename(name), altitude=1300)
    assert adjust_hemoglobin(once, altitude=1300, already_adjusted=True).tolist() == [107, 112]
    assert adjust_hemoglobin(once, altitude=1300, already_adjusted=False).tolist() == [99, 104]
    for name in ("hw53", "hb", "unadjusted", "未校正血红蛋白", None):
        assert adjust_hemoglobin(once.rename(name), altitude=1300).tolist() == [99, 104]


def test_arithmetic_leaves_no_drift():
    """Trap 3: tenths of g/dL times ten, less whole g/L, are whole g/L."""
    tenths = np.arange(40, 250)
    for altitude in (0, 600, 1300, 1700):
        adjusted = adjust_hemoglobin(convert_hemoglobin(tenths / 10, unit="g/dL"), altitude=altitude)
        assert (adjusted == np.round(adjusted)).all()


def test_units():
    """Trap 6."""
    assert convert_hemoglobin(11.3, unit="g/dL") == 113
    assert convert_hemoglobin(113, unit="g/L") == 113
    assert convert_hemoglobin(7.0, unit="mmol/L") == pytest.approx(7 / 0.06206, abs=1e-6)
    assert [hemoglobin_unit(values) for values in ([118, 93, 140], [11.8, 9.3], [7.3, 6.9, None])] == [
        "g/L",
        "g/dL",
        "mmol/L",
    ]
    with pytest.raises(ValueError, match="must be in one unit; got 2 values below 30 and 2 above"):
        hemoglobin_unit([118, 11.8, 121, 12.1])
    for unclear in ([9.1, 9.3], [31.0, 45.0], [1.0]):
        with pytest.raises(ValueError, match="must have a median that fits one unit"):
            hemoglobin_unit(unclear)
    with pytest.raises(ValueError, match="must hold values; got none"):
        hemoglobin_unit([None])
    with pytest.raises(ValueError, match=r"must be in g/L; got a median of 11\.2\. That looks like g/dL"):
        adjust_hemoglobin([11.2, 11.9, 10.1], altitude=0)
    with pytest.raises(ValueError, match="Did you mean 'g/dL'"):
        convert_hemoglobin(11.2, unit="g/dl")


def test_no_message_shows_a_person():
    index = ["152223198901010012", "152223198901010013"]
    with pytest.raises(
        ValueError, match="`hemoglobin` must be numbers; got something else at position 1"
    ) as error:
        adjust_hemoglobin(pd.Series([120, "王小明"], index), altitude=0)
    assert "王小明" not in str(error.value)
    with pytest.raises(ValueError, match="got -3 at position 1") as error:
        adjust_hemoglobin(pd.Series([120.0, -3.0], index), altitude=0)
    assert "1522" not in str(error.value)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.floats(40, 220), min_size=1, max_size=6),
    st.floats(-100, 4999),
    st.sampled_from(["who_2024", "who_2011", "wst_441_2013", "cn_1992_2002"]),
)
def test_laws(values, altitude, standard):
    index = pd.RangeIndex(10, 10 + len(values), name="child")
    series = adjust_hemoglobin(pd.Series(values, index), altitude=altitude, standard=standard)
    array = adjust_hemoglobin(values, altitude=altitude, standard=standard)
    assert series.index.equals(index)
    assert series.tolist() == array.tolist()
    assert array[0] == adjust_hemoglobin(values[0], altitude=altitude, standard=standard)
    assert (array <= np.array(values) + 1e-6).all()
    higher = adjust_hemoglobin(values, altitude=altitude + 600, standard=standard)
    assert not (higher > array).any()
