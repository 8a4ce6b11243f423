"""Births, and the deaths of mothers and children."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mchepi.simulate._draws import Values
from mchepi.simulate.register import Register, Step


class Risk(NamedTuple):
    """A risk per birth in 2015 and its change a year (-0.055: it falls by 5.5 % a year)."""

    first: float
    change: float


# Births fell by about 6 % a year in China from 2015 to 2024; districts here by 3 to 6 %. Chosen.
BIRTHS_CHANGE = (-0.06, -0.03)
BIRTHS_NOISE = 0.04  # standard deviation of a year about the trend, on the log scale; chosen
SECOND_TWINS = 0.011  # births beyond one a woman; 扎赉特旗 2023: 1,430 live births of 1,422 women

# Levels and falls are of the size of China's surveillance figures (data/national, per 1,000): neonatal 6.3 in
# 2013, 3.4 in 2020, 3.1 in 2021; infant 8.9 in 2014, 4.0 in 2024; under five 11.7 and 5.6; maternal 20.1 per
# 100,000 in 2015, 14.3 in 2024. Here, per 1,000: neonatal 5.0 to 3.0, infant 7.6 to 4.5, under five about 9.9
# to 6.0. Stillbirths are chosen.
NEONATAL = Risk(0.0050, -0.055)
POSTNEONATAL = Risk(0.0026, -0.06)
CHILD_1_4 = Risk(0.0021, -0.05)  # per birth of the child's own cohort
STILLBIRTH = Risk(0.0048, -0.03)
MATERNAL = Risk(0.000200, -0.037)
EARLY_SHARE = 0.72  # of neonatal deaths, in the first seven days; chosen

# Districts differ on the log scale: one level for all risks of death under 5 and before birth, one for
# maternal death, and a trend of their own under 5 (log points a year). Chosen.
CHILD_LEVEL_SPREAD = 0.25
MATERNAL_LEVEL_SPREAD = 0.20
TREND_SPREAD = 0.010

# Shares of causes are plausible magnitudes, not estimates.
DEFECT_SHARE_INFANT = 0.22
DEFECT_SHARE_1_4 = 0.15
OTHER_CAUSES = (
    ("under5_deaths_preterm", 0.28),
    ("under5_deaths_asphyxia", 0.17),
    ("under5_deaths_pneumonia", 0.14),
    ("under5_deaths_injury", 0.24),
)

STEPS = (
    Step("live_births_weighed", "live_births", 0.985, 0.998),
    Step("low_birth_weight_births", "live_births_weighed", 0.027, 0.035, 0.15),  # national 2.64 % in 2015
    Step("preterm_births", "live_births", 0.050, 0.062, 0.15),
    Step("live_births_in_hospital", "live_births", 0.994, 0.9995, 0.3),  # national 99.95 % in 2023
    Step("perinatal_births_with_defect", "total_births", 0.014, 0.021, 0.25),
    Step("high_risk_women_delivered", "women_delivered", 0.17, 0.28, 0.2),  # 扎赉特旗 2023: 342 of 1,422
    Step("high_risk_women_managed", "high_risk_women_delivered", 0.97, 0.995, 0.3),
    Step("high_risk_women_hospital_delivery", "high_risk_women_delivered", 0.99, 0.999, 0.3),
)


def mortality(register: Register) -> None:
    """Enter births, stillbirths, deaths under 5 by age and cause, and maternal deaths."""
    births(register)
    deaths_under_5(register)
    causes(register)
    level = register.deviation("maternal level", MATERNAL_LEVEL_SPREAD)
    maternal = MATERNAL.first * np.exp(level) * (1 + MATERNAL.change) ** register.elapsed
    register.passed("maternal_deaths", "live_births", maternal)
    register.take(STEPS)


def expected_births(register: Register, years_before: float = 0) -> Values:
    """Give the births of an average year, by the district's own trend."""
    low, high = BIRTHS_CHANGE
    drawn = low + (high - low) * register.draws.district_uniform("annual change of births")
    change = register.planted.apply("annual change of births", drawn)
    base = register.planted.apply("births in 2015", register.births_2015)
    return np.asarray(base * (1 + change) ** (register.elapsed - years_before))


def births(register: Register) -> None:
    """Enter women delivered, total births, stillbirths and live births."""
    mean = expected_births(register)
    noise = BIRTHS_NOISE * register.draws.normal("births noise")
    women = register.draws.poisson("women_delivered", mean * np.exp(noise - BIRTHS_NOISE**2 / 2))
    register.add("women_delivered", women, mean)
    register.passed("multiple births", "women_delivered", SECOND_TWINS)
    register.total("total_births", "women_delivered", "multiple births")
    stillbirth = STILLBIRTH.first * np.exp(_child_level(register))
    register.passed("stillbirths", "total_births", stillbirth * (1 + STILLBIRTH.change) ** register.elapsed)
    register.rest("live_births", "total_births", "stillbirths")


def deaths_under_5(register: Register) -> None:
    """Enter deaths by age. Those at 1 to 4 years come from the births of the four years before."""
    neonatal = register.planted.apply("neonatal risk", _risk(register, NEONATAL))
    infant = neonatal + _risk(register, POSTNEONATAL)
    earlier = np.mean([expected_births(register, back) for back in (1, 2, 3, 4)], axis=0)
    child = _risk(register, CHILD_1_4) * earlier / expected_births(register)

    reported = register.planted.apply("share of deaths under 5 reported", 1.0)
    before, younger = register.every_year(0.0), ""
    for column, risk in (
        ("early_neonatal_deaths", EARLY_SHARE * neonatal),
        ("neonatal_deaths", neonatal),
        ("infant_deaths", infant),
    ):
        # Each death goes unreported by itself, so reported deaths are those of a risk smaller by this share.
        probability = (risk - before) / (1 - before)
        shown = (risk - before) * reported / (1 - before * reported)
        register.passed(column, "live_births", probability, shown=shown, including=younger)
        before, younger = risk, column
    register.rest("postneonatal_deaths", "infant_deaths", "neonatal_deaths")
    register.passed("child_deaths_1_4", "live_births", child, shown=child * reported)
    register.total("under5_deaths", "infant_deaths", "child_deaths_1_4")


def causes(register: Register) -> None:
    """Share the deaths under 5 out among causes that add up to them."""
    register.passed("birth_defect_infant_deaths", "infant_deaths", DEFECT_SHARE_INFANT)
    register.passed("birth defects at 1-4 years", "child_deaths_1_4", DEFECT_SHARE_1_4)
    register.total("birth_defect_under5_deaths", "birth_defect_infant_deaths", "birth defects at 1-4 years")
    left, share_left = "without birth defects", 1.0
    register.rest(left, "under5_deaths", "birth_defect_under5_deaths")
    for column, share in OTHER_CAUSES:
        register.passed(column, left, share / share_left)
        register.rest(f"left after {column}", left, column)
        left, share_left = f"left after {column}", share_left - share
    register.total("under5_deaths_other_causes", left)


def _risk(register: Register, risk: Risk) -> Values:
    own_trend = register.deviation("trend of the risk of death under 5", TREND_SPREAD)
    change = register.planted.apply(
        "annual change of the risk of death under 5", (1 + risk.change) * np.exp(own_trend) - 1
    )
    return np.asarray(risk.first * np.exp(_child_level(register)) * (1 + change) ** register.elapsed)


def _child_level(register: Register) -> Values:
    return register.deviation("risk of death under 5", CHILD_LEVEL_SPREAD)
