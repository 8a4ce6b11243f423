"""Mortality from birth histories against R and the published vignette of DHS.rates."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import birth_history_life_table, birth_history_mortality
from mchepi.outcomes._birth_cohorts import Cohorts
from mchepi.outcomes.birth_history import _rates

# 900 simulated births of 24 clusters, unlike in mortality and weight (set.seed(11)).
WITNESS = Path(__file__).parents[1] / "published" / "birth_histories.csv"
RATES = ["nmr", "pnmr", "imr", "cmr", "u5mr"]
DESIGN = {"weight": "weight", "cluster": "cluster"}

# R 4.2.2 with DHS.rates 0.9.2: rates by its CHMORT5, before its rounding, and
# sqrt(sum((k * r - (k - 1) * r[-i] - r)^2) / (k * (k - 1))) over the clusters, as its chmort has it.
IN_R = {
    "60 months": [
        (8.1176729053587, 4.23101345198295),
        (93.1999427456535, 18.4820303563329),
        (101.317615651012, 18.9296637898446),
        (8.0497504420346, 6.68148278812384),
        (108.551784571674, 19.1383266826809),
    ],
    "120 months": [
        (12.4756570978396, 4.074215464461),
        (72.0803192566141, 11.6916113579398),
        (84.5559763544537, 14.0801439103902),
        (15.582199448828, 5.89844437290775),
        (98.8206077151361, 16.2150227312946),
    ],
    "36 months to 2013-09": [
        (5.41648408372386, 4.51616530558778),
        (101.552519810994, 25.3625680592207),
        (106.969003894718, 25.1479283064805),
        (7.07165097689433, 5.88168402274366),
        (113.284207410723, 25.3390117048107),
    ],
    "urban": [
        (8.29060948103688, 8.49797305410643),
        (37.3394657016751, 17.1962360513253),
        (45.630075182712, 21.8107957482864),
        (0, np.nan),
        (45.630075182712, 21.8107957482864),
    ],
}
OPTIONS = {
    "60 months": {},
    "120 months": {"period": 120},
    "36 months to 2013-09": {"period": 36, "end": "2013-09"},
    "urban": {"by": "place"},
}


@pytest.fixture(scope="module")
def births():
    return pd.read_csv(WITNESS)


@pytest.mark.parametrize("case", IN_R)
def test_rates_and_standard_errors_agree_with_r(births, case):
    found = birth_history_mortality(births, **DESIGN, **OPTIONS[case])
    if case == "urban":
        assert found.index.names == ["place", "rate"]
        assert found.index.get_level_values("place").unique().tolist() == ["rural", "urban"]
        found = found.loc["urban"]
    assert found.index.tolist() == RATES
    np.testing.assert_allclose(found[["value", "standard_error"]], IN_R[case], rtol=1e-8)


# The published example: vignette of DHS.rates 0.9.2 (Elkasabi 2024), an artificial survey of 2,753 births in
# 50 clusters. As it prints chmortp(ADBR70), weighted deaths and exposure by age, and
# chmort(ADBR70, JK = "Yes"), rate, standard error and limits. The births are not in this repository; kept are
# their weighted deaths and exposure by cluster and age, of which the printed rates, errors and limits follow.
CLUSTERS = Path(__file__).parents[1] / "published" / "birth_history_clusters.csv"
AGES = ["0", "1-2", "3-5", "6-11", "12-23", "24-35", "36-47", "48-59"]
PRINTED_SUMS = {
    "deaths": [26.06, 4.77, 3.54, 12.76, 9.62, 2.92, 1.41, 1.20],
    "exposure": [876.71, 851.37, 837.97, 844.47, 830.28, 788.19, 749.57, 705.34],
    "counted_deaths": [18.5, 3.5, 6.0, 10.0, 7.5, 3.5, 1.0, 1.0],
    "counted_exposure": [799.5, 779.0, 768.5, 764.5, 748.5, 720.5, 686.0, 642.5],
}
PRINTED_RATES = {
    "nmr": (29.72, 6.91, 16.18, 43.26),
    "pnmr": (24.04, 5.75, 12.77, 35.31),
    "imr": (53.76, 7.63, 38.81, 68.71),
    "cmr": (18.79, 4.75, 9.48, 28.10),
    "u5mr": (71.53, 10.22, 51.50, 91.56),
}


@pytest.fixture(scope="module")
def published():
    table = pd.read_csv(CLUSTERS)
    deaths, exposure = (
        table[[f"{what}_{age}" for age in AGES]].to_numpy() for what in ("deaths", "exposure")
    )
    counted = (np.array(PRINTED_SUMS[f"counted_{what}"]) for what in ("deaths", "exposure"))
    return Cohorts(deaths, exposure, *counted)


def test_the_sums_of_the_publication(published):
    assert published.deaths.shape == (50, 8)
    for what in ("deaths", "exposure"):
        assert getattr(published, what).sum(axis=0).round(2).tolist() == PRINTED_SUMS[what]


def test_rates_and_standard_errors_of_the_publication(published):
    found = _rates(published, 1000, "jackknife", 0.95)
    assert found["clusters"].tolist() == [50] * 5
    for rate, (value, standard_error, lower, upper) in PRINTED_RATES.items():
        row = found.loc[rate]
        assert row["value"].round(2) == value
        assert row["standard_error"].round(2) == standard_error
        # there of the rounded rate and standard error, with 1.96
        assert row["lower"] == pytest.approx(lower, abs=0.005 + 1.96 * 0.005 + 0.005)
        assert row["upper"] == pytest.approx(upper, abs=0.005 + 1.96 * 0.005 + 0.005)


# > CHMORTp(x)
def test_segments_agree_with_r(births):
    found = birth_history_life_table(births.assign(weight=births["weight"] / 1e6), weight="weight")
    assert found.index.tolist() == ["0", "1-2", "3-5", "6-11", "12-23", "24-35", "36-47", "48-59"]
    assert found["deaths"].round(2).tolist() == [2.64, 10.77, 8.18, 12.20, 2.01, 0.46, 0, 0]
    assert found["exposure"].round(2).tolist() == [
        325.02,
        323.32,
        320.08,
        319.79,
        310.02,
        288.00,
        260.50,
        259.97,
    ]
    assert found["counted_deaths"].tolist() == [3.5, 10, 6.5, 11.5, 2, 1, 0, 0]
    assert found["counted_exposure"].tolist() == [292, 289.5, 287, 288.5, 279.5, 265.5, 244.5, 241.5]
    rates = birth_history_mortality(births, weight="weight")
    assert 1000 * (1 - found["survivors"].iloc[-1]) == pytest.approx(rates.loc["u5mr", "value"])


def test_limits(births):
    found = birth_history_mortality(births, **DESIGN)
    z = 1.959963984540054
    reach = z * found["standard_error"]
    assert found["upper"].tolist() == pytest.approx((found["value"] + reach).tolist())
    assert found["lower"].tolist() == pytest.approx((found["value"] - reach).clip(lower=0).tolist())
    assert found.loc["cmr", "lower"] == 0
    logged = birth_history_mortality(births, method="jackknife_log", **DESIGN)
    assert (logged["lower"] > 0).all()
    ratio = logged["upper"] / logged["value"]
    assert ratio.tolist() == pytest.approx(np.exp(reach / found["value"]).tolist())
    wider = birth_history_mortality(births, confidence_level=0.99, **DESIGN)
    assert (wider["upper"] > found["upper"]).all()
    assert set(found["method"]) == {"jackknife"}
    assert set(logged["method"]) == {"jackknife_log"}


def test_dates_and_month_numbers_agree(births):
    def dates(months):
        return [f"{1900 + (month - 1) // 12}-{(month - 1) % 12 + 1:02}-15" for month in months]

    dated = births.assign(birth=dates(births["birth"]), interview=pd.to_datetime(dates(births["interview"])))
    pd.testing.assert_frame_equal(
        birth_history_mortality(dated, **DESIGN), birth_history_mortality(births, **DESIGN)
    )


def test_no_deaths_have_an_upper_limit(births):
    found = birth_history_mortality(births.assign(death_age=np.nan), **DESIGN)
    assert (found["value"] == 0).all()
    assert (found["lower"] == 0).all()
    exposed = birth_history_life_table(births.assign(death_age=np.nan))["counted_exposure"]
    assert found.loc["nmr", "upper"] == pytest.approx(1000 * (1 - 0.025 ** (1 / exposed.iloc[0])))
    assert found.loc["u5mr", "upper"] == pytest.approx(1000 * (1 - 0.025 ** (1 / exposed.min())))
    assert found["standard_error"].isna().all()
    assert set(found["note"]) == {"no deaths: exact limit without clusters"}


def test_without_information_there_are_no_limits(births):
    single = birth_history_mortality(births.assign(cluster=1), **DESIGN)
    assert single.loc["imr", "value"] > 0
    assert single.loc["imr", ["lower", "upper", "standard_error"]].isna().all()
    assert single.loc["imr", "note"] == "variance unknown: a single cluster"
    young = birth_history_mortality(births[births["birth"] > 1380], cluster="cluster")
    assert np.isnan(young.loc["u5mr", "value"])
    assert young.loc["u5mr", "note"] == "nobody exposed at some age"


def test_nobody_without_weight_counts(births):
    more = pd.concat([births, births.head(100).assign(weight=0, death_age=0, cluster=99)])
    pd.testing.assert_frame_equal(
        birth_history_mortality(more.reset_index(drop=True), **DESIGN),
        birth_history_mortality(births, **DESIGN),
    )


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"birth": "b3"}, "must have the columns that are named; got none called b3"),
        (
            {"birth": 1400},
            {},
            "`birth` must be no later than the interview; got something else at position 0",
        ),
        ({"birth": np.nan}, {}, "`birth` must be known for every birth"),
        ({"death_age": 300}, {}, "`death_age` must be reached before the interview"),
        ({"death_age": -1}, {}, "`death_age` must be months, 0 or more; got -1"),
        ({"weight": -1}, {}, "`weight` must be 0 or more; got -1"),
        ({"weight": 0}, {}, "must hold births with a weight above 0"),
        ({"cluster": np.nan}, {}, "`cluster` must be known for every birth"),
        ({}, {"period": 6}, "`period` must be whole months, 12 or more; got 6"),
        ({}, {"end": "2016-01"}, "`end` must be no later than any interview"),
        ({}, {"end": "January"}, "`end` must be a month such as"),
        ({}, {"by": "region"}, "`by` must be a column of `births`; got 'region'"),
    ],
)
def test_impossible_histories_are_refused(births, change, options, message):
    with pytest.raises(ValueError, match=message):
        birth_history_mortality(births.assign(**change), **{**DESIGN, **options})


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(12, 120))
def test_laws(seed, period):
    generator = np.random.default_rng(seed)
    interview = 1390
    birth = interview - generator.integers(1, 150, 150)
    death = np.where(generator.random(150) < 0.2, generator.integers(0, 30, 150), -1)
    death_age = np.where((death >= 0) & (death < interview - birth), death, np.nan)
    born = pd.DataFrame({"birth": birth, "interview": interview, "death_age": death_age})
    born["village"] = generator.integers(0, 12, 150)
    found = birth_history_mortality(born, cluster="village", period=period)
    known = found.dropna(subset=["lower", "value"])
    assert (known["lower"] <= known["value"]).all()
    assert (known["value"] <= known["upper"]).all()
    value = found["value"]
    assert value["imr"] == pytest.approx(value["nmr"] + value["pnmr"])
    if value.notna().all():
        assert 1 - value["u5mr"] / 1000 == pytest.approx(
            (1 - value["imr"] / 1000) * (1 - value["cmr"] / 1000)
        )
    # Neither the order of births, nor the names of clusters, nor the scale of weights matters.
    mixed = born.sample(frac=1, random_state=0).reset_index(drop=True)
    mixed["village"], mixed["weight"] = "village " + mixed["village"].astype(str), 7.0
    again = birth_history_mortality(mixed, cluster="village", weight="weight", period=period)
    np.testing.assert_allclose(
        again[["value", "upper"]].astype(float), found[["value", "upper"]].astype(float)
    )
