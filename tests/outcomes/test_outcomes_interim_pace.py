"""Whether the year's quota will be met by the deadline."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import quota_pace

COLUMNS = [
    *("done", "quota", "quota_completion", "usual_share", "forecast", "lower", "upper", "chance_met"),
    *("straight_line", "still_needed", "needed_a_day", "usual_a_day", "method", "note"),
]
LAST = pd.Series([0, 300, 850, 950, 1900, 2000], [59, 120, 181, 243, 304, 365])

# R 4.2.2, options(digits = 16): the mixture written anew with R's pnbinom, pbeta and approxfun
# > g <- approxfun(c(0,59,120,181,243,304,365), c(0,0,300,850,950,1900,2000), yleft = 0, rule = 2)
# > pm <- function(x, now, end, sd, phi) { s <- sd * qnorm((0:200 + .5) / 201)
# +   b <- ifelse(now - s < 0, 0, g(pmax(now - s, 0))); r <- (g(end - s) - b) / b
# +   function(m) if (phi == 1) mean(pnbinom(m, size = x + .5, mu = (x + .5) * r)) else
# +     mean(pbeta(1 / (1 + r), x / phi + .5, (m + .5) / phi + .5)) }
# > f <- pm(...); the smallest m with f(m) >= .025, .5, .975 plus x; 1 - f(2000 - x - 1)
IN_R = {
    (1000, 243, 14, 1): (1408, 1821, 2024, 0.05423000148440094),
    (1000, 243, 0, 1): (1914, 2000, 2090, 0.5044605889639128),
    (1000, 243, 21, 40): (1157, 1697, 2375, 0.1801433289859291),
    (250, 130, 10, 20): (656, 1204, 2125, 0.04135153813427606),
}


def pace(done, day=243, shift_days=14, dispersion=1, quota=2000, earlier=LAST, deadline=304, **more):
    return quota_pace(
        done,
        quota=quota,
        day=day,
        deadline=deadline,
        earlier=earlier,
        shift_days=shift_days,
        dispersion=dispersion,
        **more,
    ).loc[0]


@pytest.mark.parametrize("case", IN_R, ids=str)
def test_agrees_with_r(case):
    found = pace(*case)
    assert found.index.tolist() == COLUMNS
    assert found[["lower", "forecast", "upper"]].tolist() == list(IN_R[case][:3])
    assert found["chance_met"] == pytest.approx(IN_R[case][3], rel=1e-8)
    assert found["note"] == ""


def test_a_campaign_is_no_straight_line():
    found = pace(1000)
    assert found["usual_share"] == 0.5
    assert found["straight_line"] == pytest.approx(1000 * 304 / 243)
    assert found["needed_a_day"] == pytest.approx(1000 / 61)
    assert found["usual_a_day"] == pytest.approx(1000 / 61)
    assert found["forecast"] > 1.4 * found["straight_line"]


def test_several_earlier_years_are_mixed():
    other = pd.Series([0, 600, 1500, 1750, 1900, 2000], LAST.index)
    early, late = pace(1000, earlier=other)["forecast"], pace(1000)["forecast"]
    both = pace(1000, earlier=pd.DataFrame({2023: LAST, 2024: other}))
    assert early < both["forecast"] < late
    assert both["upper"] <= pace(1000)["upper"]
    assert both["usual_share"] == pytest.approx((0.5 + 1750 / 1900) / 2)


def test_before_the_usual_start_nothing_is_forecast():
    found = pace(10, day=60)
    assert found["note"] == "not begun by this day in 48 % of the courses"
    assert found["upper"] == np.inf
    assert np.isnan(found["chance_met"])
    never = pace(0, day=10, shift_days=5)
    assert np.isnan(never[["forecast", "lower", "upper", "chance_met"]].astype(float)).all()


def test_what_is_settled_is_said():
    met = pace(2100, day=200)
    assert (met["chance_met"], met["still_needed"], met["note"]) == (1, 0, "quota met already")
    over = pace(1500, day=304)
    assert over[["lower", "forecast", "upper", "chance_met"]].tolist() == [1500, 1500, 1500, 0]
    assert over["note"] == "the deadline has come"
    assert pace(2000, day=310)["note"] == "quota met already; the deadline has come"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"done": 10.5}, "`done` must be a whole number of persons"),
        ({"day": -1}, "`day` must be a number, 0 or more"),
        ({"shift_days": -3}, "`shift_days` must be a number, 0 or more"),
        ({"dispersion": 0}, "`dispersion` must be one number above 0"),
        ({"earlier": [1, 2]}, "`earlier` must be a Series or a DataFrame"),
        ({"earlier": LAST.loc[:243]}, "must have days that ascend and reach the deadline 304"),
        ({"earlier": LAST.iloc[::-1]}, "must have days that ascend"),
        ({"earlier": LAST.replace(950, 700)}, "`earlier` must be cumulative: never falling; got 700"),
        ({"earlier": LAST.replace(950, np.nan)}, "`earlier` must be known on every day"),
    ],
)
def test_impossible_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        pace(**({"done": 900} | arguments))


def test_prediction_limits_hold_the_count_when_the_model_holds():
    """Simulated: 250 years of unknown size, shifted by 14 days, in groups of about 20."""
    random = np.random.default_rng(20241031)
    days, counts = np.array([0, *LAST.index]), np.array([0, *LAST])
    inside = below = 0
    for _ in range(250):
        shift, size = random.normal(0, 14), random.uniform(0.5, 2)
        means = size * np.interp(np.array([200, 304]) - shift, days, counts)
        now, more = random.poisson([means[0] / 20, (means[1] - means[0]) / 20]) * 20
        found = pace(int(now), day=200, dispersion=20)
        inside += found["lower"] <= now + more <= found["upper"]
        below += now + more < found["lower"]
    # 95 % of 250 are 237.5; below 226 or above 247 lies a chance of 0.002.
    assert 226 <= inside <= 247
    assert below <= 16


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 3000), st.integers(100, 303), st.sampled_from([0, 7, 30]), st.sampled_from([1, 25]))
def test_laws(done, day, shift_days, dispersion):
    found = pace(done, day, shift_days, dispersion)
    wider = pace(done, day, shift_days, dispersion, confidence_level=0.99)
    if not np.isnan(found["forecast"]):
        assert done <= wider["lower"] <= found["lower"] <= found["forecast"]
        assert found["forecast"] <= found["upper"] <= wider["upper"]
    if not np.isnan(found["chance_met"]):
        assert 0 <= found["chance_met"] <= 1
        lower_quota = pace(done, day, shift_days, dispersion, quota=1500)["chance_met"]
        assert lower_quota >= found["chance_met"] - 1e-12
    # The size of the earlier year is no matter, only its course.
    doubled = pace(done, day, shift_days, dispersion, earlier=LAST * 2)
    if found["note"] == doubled["note"] == "" and day > 150:
        assert doubled["forecast"] == found["forecast"]
