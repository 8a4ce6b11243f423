"""Timeliness as time to an event, with censoring and competing events."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mchepi.outcomes import time_to_event, timeliness
from mchepi.stats import proportion_interval

COUNTS = ["done", "late", "overdue", "not_yet_due", "competing"]
COLUMNS = ["by", "persons", *COUNTS, "value", "lower", "upper", "method", "note"]
NUMBERS = ["value", "lower", "upper"]

# Freireich et al. (1963): weeks in remission under 6-mercaptopurine; 9 relapses, 12 still in remission.
RELAPSE = [6, 6, 6, 7, 10, 13, 16, 22, 23]
WATCHED = [*RELAPSE, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
WEEKS = [*RELAPSE, *[np.nan] * 12]

# R 4.2.2, survival 3.5-3, options(digits = 16):
# > f <- survfit(Surv(k, d) ~ 1, conf.type = "log-log"); s <- summary(f, times = c(6, 10, 23))
# > cbind(1 - s$surv, 1 - s$upper, 1 - s$lower)
LOG_LOG_IN_R = [
    (0.1428571428571429, 0.04844825235300299, 0.3802820447340161),
    (0.2470588235294119, 0.11063816483073463, 0.4968004892000435),
    (0.5518207282913166, 0.31985737150475868, 0.8119479940407676),
]
# > ... survfit(Surv(k, d) ~ 1, conf.type = "log-log", conf.int = .9)
AT_90_IN_R = [
    (0.05784059427987864, 0.3288932194078271),
    (0.12641875672557690, 0.4488766180721154),
    (0.35188641585970670, 0.7735379117549892),
]
# The formula of Fay, Brittain and Proschan written anew in R:
# > q2 <- function(a, b, q) { m1 <- prod(a/(a+b)); m2 <- prod(a/(a+b) * (a+1)/(a+b+1))
# +   s <- (m1-m2)/(m2-m1^2); qbeta(q, m1*s, (1-m1)*s) }
# > i <- f$time <= by & f$n.event > 0; n <- f$n.risk[i]; d <- f$n.event[i]
# > free <- 21 - sum(f$n.event[f$time <= by]) - sum(f$n.censor[f$time < by])
# > c(1 - q2(n-d+1, d, .975), 1 - q2(c(n-d+1, free), c(d, 1), .025))
BETA_PRODUCT_IN_R = {
    10: (0.08496916611847094, 0.49311649214758302),
    23: (0.2739362616767284, 0.8238031891019029),
}

# > t <- c(3,5,5,8,9,12,12,15,20,21,25,30,30,41,50); e <- c(1,2,1,0,1,1,2,0,1,0,2,1,1,0,0)
TIMES = np.array([3, 5, 5, 8, 9, 12, 12, 15, 20, 21, 25, 30, 30, 41, 50.0])
ENDS = np.array([1, 2, 1, 0, 1, 1, 2, 0, 1, 0, 2, 1, 1, 0, 0])
# etm 1.1.1:
# > m <- etmCIF(Surv(time, ev != 0) ~ 1, data = data.frame(time = t, ev = e), etype = ev)
# > summary(m, ci.fun = "cloglog")     P, lower and upper at 3, 5, 9, 12, 20, 25, 30
CIF_IN_R = {
    3: (0.06666666666666667, 0.009667763349983094, 0.3873587562251283),
    5: (0.13333333333333333, 0.035115504083528482, 0.4360879942910484),
    9: (0.20606060606060606, 0.071302687118417585, 0.5131462093525787),
    12: (0.27878787878787881, 0.114541072983049497, 0.5844024201441196),
    20: (0.36190476190476195, 0.167757286656644466, 0.6668518546810752),
    25: (0.36190476190476195, 0.167757286656644466, 0.6668518546810752),
    30: (0.56138528138528154, 0.312557706847646610, 0.8367164314192481),
}


def test_kaplan_meier_agrees_with_r():
    found = timeliness(WEEKS, observed=WATCHED, by=[6, 10, 23])
    assert found.columns.tolist() == COLUMNS
    np.testing.assert_allclose(found[NUMBERS], LOG_LOG_IN_R, rtol=1e-8)
    assert found["method"].tolist() == ["log_log"] * 3
    assert found["note"].tolist() == [""] * 3
    narrower = timeliness(WEEKS, observed=WATCHED, by=[6, 10, 23], confidence_level=0.9)
    np.testing.assert_allclose(narrower[["lower", "upper"]], AT_90_IN_R, rtol=1e-8)


def test_kaplan_meier_agrees_with_the_published_curve():
    # Freireich's 6-MP group in Cox and Oakes (1984), Analysis of Survival Data: S = 0.857, 0.807, 0.753,
    # 0.690, 0.627, 0.538, 0.448 at 6, 7, 10, 13, 16, 22, 23 weeks.
    curve = time_to_event(WEEKS, observed=WATCHED)
    steps = curve[curve["events"] > 0]
    assert steps["day"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert steps["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert (1 - steps["value"]).round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]


def test_competing_events_agree_with_r():
    curve = time_to_event(np.where(ENDS == 1, TIMES, np.nan), observed=TIMES, competing=ENDS == 2)
    rows = curve.set_index("day").loc[list(CIF_IN_R), NUMBERS]
    np.testing.assert_allclose(rows, list(CIF_IN_R.values()), rtol=1e-8)
    at = timeliness(np.where(ENDS == 1, TIMES, np.nan), observed=TIMES, competing=ENDS == 2, by=13, per=100)
    np.testing.assert_allclose(at[NUMBERS].to_numpy()[0], 100 * np.array(CIF_IN_R[12]), rtol=1e-8)
    assert at.loc[0, COUNTS].tolist() == [4, 3, 5, 1, 2]


def test_death_is_no_censoring():
    days, observed = [10, np.nan, np.nan, np.nan], [10, 5, 90, 90]
    died = [False, True, False, False]
    censored = timeliness(days, observed=observed, by=14).loc[0]
    counted = timeliness(days, observed=observed, by=14, competing=died).loc[0]
    assert censored["value"] == pytest.approx(1 / 3)
    assert counted["value"] == pytest.approx(1 / 4)
    assert counted[COUNTS].tolist() == [1, 0, 2, 0, 1]
    assert censored[COUNTS].tolist() == [1, 0, 2, 1, 0]


@pytest.mark.parametrize("by", [10, 23])
def test_beta_product_agrees_with_its_formula_in_r(by):
    found = timeliness(WEEKS, observed=WATCHED, by=by, method="beta_product").loc[0]
    np.testing.assert_allclose(found[["lower", "upper"]].astype(float), BETA_PRODUCT_IN_R[by], rtol=1e-8)


@pytest.mark.parametrize(("done", "persons"), [(0, 7), (3, 7), (7, 7), (1, 1), (0, 1), (40, 300)])
def test_beta_product_is_the_exact_interval_where_nobody_is_censored(done, persons):
    days = [*range(1, done + 1), *[np.nan] * (persons - done)]
    found = timeliness(days, observed=[400] * persons, by=399, method="beta_product").loc[0]
    lower, upper = proportion_interval(done, persons, method="exact")
    assert found["lower"] == pytest.approx(lower, rel=1e-9, abs=1e-14)
    assert found["upper"] == pytest.approx(upper, rel=1e-9)
    # So it is with competing events, which only take persons out of the way.
    died = np.isnan(days) & (np.arange(persons) % 2 == 0)
    observed = np.where(died, 100, 400)
    with_deaths = timeliness(days, observed=observed, by=399, competing=died, method="beta_product").loc[0]
    np.testing.assert_allclose(with_deaths[NUMBERS].astype(float), found[NUMBERS].astype(float), rtol=1e-9)


def test_none_and_all_have_real_limits():
    none = timeliness([np.nan] * 20, observed=[100] * 20, by=91).loc[0]
    assert none[NUMBERS].tolist() == pytest.approx([0, 0, 1 - 0.025 ** (1 / 20)])
    assert none["method"] == "beta_product"
    everyone = timeliness([5.0] * 20, observed=[100] * 20, by=91).loc[0]
    assert everyone[NUMBERS].tolist() == pytest.approx([1, 0.025 ** (1 / 20), 1])


def test_the_edge_of_a_deadline():
    # Done on the day itself is in time; watched to that very day without it is overdue, a day less is open.
    found = timeliness([14, 15, np.nan, np.nan], observed=[60, 60, 14, 13], by=14).loc[0]
    assert found[COUNTS].tolist() == [1, 1, 1, 1, 0]


def test_beyond_the_longest_observation_nothing_is_known():
    found = timeliness([3, np.nan], observed=[80, 80], by=[80, 81])
    assert found["value"].isna().tolist() == [False, True]
    assert found["note"].tolist() == ["", "nobody watched to that day"]
    # Where nobody is left waiting the share is known for ever.
    assert timeliness([3, 4], observed=[80, 80], by=500).loc[0, "value"] == 1
    assert timeliness([], observed=[], by=14).loc[0, "note"] == "nobody watched to that day"
    assert time_to_event([], observed=[]).empty


def test_odd_records_are_counted_in_the_note():
    found = timeliness([9, np.nan, np.nan], observed=[5, np.nan, 30], by=[7, 14])
    assert found["persons"].tolist() == [2, 2]
    assert found["done"].tolist() == [0, 1]
    assert set(found["note"]) == {"1 without any date left out; 1 done after the end of observation"}


def test_errors_show_no_value():
    with pytest.raises(ValueError, match=r"`days` must be a number of days, 0 or more.*position 1") as error:
        timeliness([3, -77], observed=[80, 80], by=14)
    assert "77" not in str(error.value)
    with pytest.raises(ValueError, match="`observed` must be a number of days"):
        timeliness([3, 4], observed=[80, np.inf], by=14)
    with pytest.raises(ValueError, match="Did you mean 'log_log'"):
        timeliness([3], observed=[80], by=14, method="loglog")
    with pytest.raises(ValueError, match="`by` must be a number, 0 or more"):
        timeliness([3], observed=[80], by=-1)


def test_series_and_arrays_agree_and_order_never_matters():
    index = pd.Index(np.arange(21) * 3, name="record_id")
    series = timeliness(pd.Series(WEEKS, index), observed=pd.Series(WATCHED, index), by=[6, 10])
    pd.testing.assert_frame_equal(series, timeliness(np.array(WEEKS), observed=np.array(WATCHED), by=[6, 10]))
    turned = timeliness(WEEKS[::-1], observed=WATCHED[::-1], by=[6, 10])
    pd.testing.assert_frame_equal(series, turned)


person = st.tuples(
    st.one_of(st.none(), st.integers(0, 60)), st.integers(0, 60), st.booleans()
)  # step, end of observation, died


@settings(deadline=None, max_examples=60)
@given(st.lists(person, min_size=1, max_size=25), st.sampled_from(["log_log", "beta_product"]))
def test_laws(persons, method):
    days = np.array([np.nan if step is None else step for step, _, _ in persons])
    observed = np.array([float(end) for _, end, _ in persons])
    died = np.array([one for _, _, one in persons])
    deadlines = [7, 14, 30, 45]
    found = timeliness(days, observed=observed, competing=died, by=deadlines, method=method)
    assert (found[COUNTS].sum(axis=1) == found["persons"]).all()
    known = found[found["value"].notna()]
    assert (known["lower"] <= known["value"] + 1e-12).all()
    assert (known["value"] <= known["upper"] + 1e-12).all()
    assert known["value"].is_monotonic_increasing
    assert known[NUMBERS].stack().between(0, 1).all()
    wider = timeliness(
        days, observed=observed, competing=died, by=deadlines, method=method, confidence_level=0.99
    )
    assert (wider["lower"].dropna() <= known["lower"] + 1e-12).all()
    assert (wider["upper"].dropna() >= known["upper"] - 1e-12).all()
    # A death taken for censoring never lowers the share done.
    as_censored = timeliness(days, observed=observed, by=deadlines)["value"]
    both = as_censored.notna() & found["value"].notna()
    assert (as_censored[both] >= found["value"][both] - 1e-12).all()
