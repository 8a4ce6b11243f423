"""Change against the year before, pooled years, trend and chance."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from mchepi.indicators import NOTE_CODES, change, compute
from mchepi.indicators.changes import COLUMNS
from mchepi.stats import annual_percent_change, chance_of_fall

NMR = "neonatal_mortality_rate"
SERIES = pd.DataFrame(
    {
        "district": "S01",
        "year": [2019, 2020, 2021, 2022, 2023],
        "live_births": [1700, 1600, 1550, 1500, 1430],
        "neonatal_deaths": [7, 5, 6, 4, 3],
    }
)


def test_every_figure_agrees_with_its_statistic():
    found = change(SERIES, NMR)
    assert list(found) == ["district", *COLUMNS]
    row = found.loc[0]
    assert (row["year"], row["previous_year"], row["events"], row["previous_events"]) == (2023, 2022, 3, 4)
    assert (row["denominator"], row["previous_denominator"]) == (1430, 1500)
    # > ci <- binom.test(3, 7)$conf.int; ci / (1 - ci) * 1500 / 1430
    # 0.11524140698928931 4.65027261103046463
    # > 2 * min(pbinom(3, 7, 1430 / 2930), pbinom(2, 7, 1430 / 2930, lower.tail = FALSE))
    # 1.0522312733210555, so 1
    assert row["ratio"] == pytest.approx(3 / 1430 / (4 / 1500), rel=1e-12)
    assert [row["ratio_lower"], row["ratio_upper"]] == pytest.approx(
        [0.11524140698928931, 4.65027261103046463], rel=1e-8
    )
    assert row["ratio_p_value"] == 1
    # > poisson.test(13, 4480)$conf.int * 1000     1.5450786810276342 4.9621419460176064
    assert (row["pooled_from"], row["pooled_to"]) == (2021, 2023)
    assert row["pooled_value"] == pytest.approx(13 / 4480 * 1000)
    assert [row["pooled_lower"], row["pooled_upper"]] == pytest.approx(
        [1.5450786810276342, 4.9621419460176064], rel=1e-8
    )
    trend = annual_percent_change(SERIES["year"], SERIES["neonatal_deaths"], SERIES["live_births"])
    assert row[["annual_percent_change", "apc_lower", "apc_upper"]].tolist() == pytest.approx(
        [trend.value, trend.lower, trend.upper], rel=1e-9
    )
    assert row["chance_of_fall"] == pytest.approx(chance_of_fall(13 / 4480 * 1430))
    assert row["note"] == ""


def test_known_chance_with_three_deaths_a_year():
    steady = SERIES.assign(live_births=1430, neonatal_deaths=3)
    assert change(steady, NMR).loc[0, "chance_of_fall"] == pytest.approx(0.42, abs=0.005)
    assert change(steady, NMR).loc[0, "note"] == "too few events: 15"


def test_one_row_a_district_and_indicator():
    both = pd.concat([SERIES, SERIES.assign(district="S02", infant_deaths=9)], ignore_index=True)
    found = change(both, [NMR, "infant_mortality_rate"])
    assert found["indicator"].tolist() == [NMR] * 2 + ["infant_mortality_rate"] * 2
    assert found["district"].tolist() == ["S01", "S02"] * 2
    assert found.loc[2, "note"] == "missing: infant_deaths"
    assert found.loc[2, ["year", "ratio", "pooled_value", "chance_of_fall"]].isna().all()
    assert change(both, NMR, by=()).loc[0, "events"] == 6
    assert change(both.iloc[:0], NMR).empty


def test_the_order_of_rows_never_matters():
    both = pd.concat([SERIES, SERIES.assign(district="S02", neonatal_deaths=[1, 0, 0, 2, 1])])
    assert_frame_equal(change(both, NMR), change(both.sample(frac=1, random_state=1), NMR))


def test_a_year_without_counts_is_bridged_and_said():
    gap = SERIES.assign(neonatal_deaths=pd.array([7, 5, 6, None, 3], dtype="Int64"))
    row = change(gap, NMR).loc[0]
    assert (row["year"], row["previous_year"], row["pooled_from"]) == (2023, 2021, 2021)
    assert row["note"] == "years left out: 2022; not consecutive"
    last = SERIES.assign(neonatal_deaths=pd.array([7, 5, 6, 4, None], dtype="Int64"))
    row = change(last, NMR).loc[0]
    assert (row["year"], row["pooled_to"], row["note"]) == (2022, 2022, "")


def test_too_few_years_state_no_trend():
    one, two = (change(SERIES.tail(n), NMR).loc[0] for n in (1, 2))
    assert one["note"] == "one period"
    assert np.isnan(one["ratio"])
    assert one["pooled_value"] == pytest.approx(3 / 1430 * 1000)
    assert two["note"] == "too few periods"
    assert np.isfinite(two["ratio"])
    assert np.isnan(two["annual_percent_change"])


def test_no_event_in_either_year():
    row = change(SERIES.assign(neonatal_deaths=[7, 5, 8, 0, 0]), NMR).loc[0]
    assert np.isnan(row["ratio"])
    assert row["note"] == "no events"
    row = change(SERIES.assign(neonatal_deaths=[7, 5, 8, 0, 2]), NMR).loc[0]
    assert row["ratio"] == np.inf
    assert row["ratio_lower"] > 0
    assert row["ratio_upper"] == np.inf


def test_deduced_and_unverified_are_carried_on():
    deduced = SERIES.assign(deduced=["", "", "", "", "neonatal_deaths"])
    assert change(deduced, NMR).loc[0, "note"] == "deduced: neonatal_deaths"
    stillbirths = SERIES.rename(columns={"neonatal_deaths": "stillbirths"})
    assert change(stillbirths, "stillbirth_rate").loc[0, "note"] == "definition unverified"


def test_proportions_say_that_their_limits_are_wide():
    counts = pd.DataFrame(
        {"district": "S01", "year": [2021, 2022, 2023], "children_anemic": [90, 85, 70],
         "children_examined_hemoglobin": [1000, 980, 950]}
    )  # fmt: skip
    row = change(counts, "anemia_prevalence_u5").loc[0]
    assert row["note"] == "definition unverified; limits conservative"
    pooled = compute(counts, "anemia_prevalence_u5", by="district").loc[0]
    assert row["pooled_upper"] == pooled["upper"]


def test_enumerations_get_values_alone():
    counts = SERIES.assign(newborns_hearing_screened=[1600, 1550, 1500, 1450, 1400])
    row = change(counts, "newborn_hearing_screening_rate").loc[0]
    assert row["ratio"] == pytest.approx(1400 / 1430 / (1450 / 1500))
    unsaid = ["ratio_lower", "ratio_upper", "ratio_p_value", "pooled_lower", "annual_percent_change"]
    assert row[[*unsaid, "apc_lower", "chance_of_fall"]].isna().all()
    assert row["note"] == "definition unverified"


def test_rows_of_several_years():
    # Anson County, North Carolina: data/nc_sids
    counts = pd.DataFrame(
        {"district": "37007", "year": [1974, 1979], "year_end": [1978, 1984], "live_births": [1570, 1875],
         "sudden_infant_deaths": [15, 4]}
    )  # fmt: skip
    row = change(counts, "sudden_infant_death_rate").loc[0]
    assert (row["year"], row["previous_year"]) == (1979, 1974)
    assert (row["pooled_from"], row["pooled_to"]) == (1979, 1984)
    assert row["note"] == "periods of unequal length; too few periods"


def test_a_row_of_several_years_stands_at_their_middle():
    counts = SERIES.assign(year=[2008, 2013, 2018, 2019, 2020], year_end=[2012, 2017, 2018, 2019, 2020])
    trend = annual_percent_change(
        [2010, 2015, 2018, 2019, 2020], SERIES["neonatal_deaths"].tolist(), SERIES["live_births"].tolist()
    )
    assert change(counts, NMR).loc[0, "annual_percent_change"] == pytest.approx(trend.value, rel=1e-9)


def test_notes_keep_to_their_vocabulary():
    rows = [SERIES, SERIES.tail(1), SERIES.tail(2), SERIES.assign(neonatal_deaths=0)]
    for text in pd.concat([change(row, NMR) for row in rows])["note"]:
        for phrase in filter(None, text.split("; ")):
            assert phrase.partition(":")[0] in NOTE_CODES


def test_the_year_is_asked_for():
    with pytest.raises(ValueError, match="`counts` must name columns of the table; got 'year'"):
        change(SERIES.drop(columns="year"), NMR)
    with pytest.raises(ValueError, match="`by` must not hold the year"):
        change(SERIES, NMR, by=("district", "year"))
    with pytest.raises(ValueError, match="at least one indicator"):
        change(SERIES, [])


def test_a_row_of_several_years_beside_its_own_years_is_not_counted_twice():
    years = pd.DataFrame(
        {
            "district": "a",
            "year": [2021, 2022, 2023],
            "live_births": [1000, 1100, 1200],
            "neonatal_deaths": [3, 4, 2],
        }
    ).assign(year_end=lambda table: table["year"])
    whole = pd.DataFrame(
        {"district": ["a"], "year": [2021], "year_end": [2023], "live_births": [3300], "neonatal_deaths": [9]}
    )
    both = pd.concat([whole, years], ignore_index=True)
    pd.testing.assert_frame_equal(
        change(both, "neonatal_mortality_rate"), change(years, "neonatal_mortality_rate")
    )
