"""Anemia and growth of children, and anemia in pregnancy."""

from __future__ import annotations

from mchepi.simulate.mortality import expected_births
from mchepi.simulate.register import Register, Step

# Prevalence is nearly three times as high at 6-23 months; both ages share one deviation a district. Chosen so
# that about 7 % in 2015 become 5 % in 2024 (national, under 5: 4.79 % in 2016; 扎赉特旗 2023: 6.36 %).
STEPS = (
    Step(
        "children_6_23_months_examined_hemoglobin",
        "children_6_23_months",
        0.62,
        0.80,
        0.3,
        effect="hemoglobin test",
    ),
    Step(
        "children_24_59_months_examined_hemoglobin",
        "children_24_59_months",
        0.52,
        0.72,
        0.3,
        effect="hemoglobin test",
    ),
    Step(
        "children_6_23_months_anemic",
        "children_6_23_months_examined_hemoglobin",
        0.115,
        0.092,
        0.3,
        effect="anemia of children",
        counted="anemia measured",
    ),
    Step(
        "children_24_59_months_anemic",
        "children_24_59_months_examined_hemoglobin",
        0.044,
        0.035,
        0.3,
        effect="anemia of children",
        counted="anemia measured",
    ),
)

# National: stunting 1.15 %, underweight 1.49 % in 2016; the others and all falls are chosen.
GROWTH = (
    Step("children_anemic_moderate_severe", "children_anemic", 0.085, 0.070, 0.2),
    Step("children_measured_height", "children_6_59_months", 0.75, 0.88, 0.3, effect="growth check"),
    Step("children_stunted", "children_measured_height", 0.013, 0.009, 0.3),
    Step("children_weighed", "children_6_59_months", 0.76, 0.89, 0.3, effect="growth check"),
    Step("children_underweight", "children_weighed", 0.015, 0.011, 0.3),
    Step("children_measured_weight_height", "children_measured_height", 0.985, 0.995),
    Step("children_wasted", "children_measured_weight_height", 0.019, 0.015, 0.3),
    Step("children_overweight", "children_measured_weight_height", 0.052, 0.068, 0.25),
    Step("children_obese", "children_overweight", 0.22, 0.27, 0.15),
    Step("women_anemic_pregnant", "women_delivered", 0.145, 0.115, 0.3),
    Step("women_anemic_moderate_severe", "women_anemic_pregnant", 0.135, 0.115, 0.2),
)


def anemia(register: Register) -> None:
    """Enter children by age, those examined, and children and women with anemia or a disorder of growth."""
    year, before, earlier = (expected_births(register, back) for back in (0, 1, 3))
    # At the end of the year those of 6-11 months were born in its first half, of 12-23 the year before.
    register.poisson("children_6_23_months", 0.5 * year + before)
    register.poisson("children_24_59_months", 3 * earlier)
    register.total("children_6_59_months", "children_6_23_months", "children_24_59_months")
    register.take(STEPS)
    ages = ("children_6_23_months", "children_24_59_months")
    register.total("children_examined_hemoglobin", *(f"{age}_examined_hemoglobin" for age in ages))
    register.total("children_anemic", *(f"{age}_anemic" for age in ages))
    register.take(GROWTH)
