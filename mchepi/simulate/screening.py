"""Screening before marriage, pregnancy and birth; of newborns; mother to child; women's cancers; HPV vaccine.

All probabilities are chosen (the first is 2015, the second 2024), with figures of data/national as a guide:
newborn metabolic screening 96 % in 2016 and 98.1 % in 2022, hearing 97.1 % in 2022, cervical coverage 51.5 %
in 2024, congenital syphilis 6.3 per 100,000 and HIV from mother to child 1.3 % in 2023.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from mchepi.simulate.mortality import expected_births
from mchepi.simulate.register import FIRST, LAST, Register, Step

BEFORE_BIRTH = (
    Step("premarital_check_couples", "marriage_registration_couples", 0.48, 0.78, 0.4),
    Step("women_antenatal_visits_1plus", "women_delivered", 0.972, 0.990, 0.3),
    Step("women_antenatal_before_13_weeks", "women_antenatal_visits_1plus", 0.80, 0.93, 0.3),
    Step("women_prenatal_screened", "women_delivered", 0.62, 0.89, 0.35),
    Step("women_prenatal_screen_positive", "women_prenatal_screened", 0.055, 0.048, 0.15),
    Step("women_prenatal_diagnosis", "women_prenatal_screen_positive", 0.62, 0.82, 0.3),
    Step("prenatal_diagnosis_confirmed", "women_prenatal_diagnosis", 0.060, 0.075, 0.15),
)

NEWBORN = (
    Step("newborns_metabolic_screened", "live_births", 0.955, 0.985, 0.3),
    Step("newborns_metabolic_screen_positive", "newborns_metabolic_screened", 0.016, 0.014, 0.15),
    Step("newborns_metabolic_recalled", "newborns_metabolic_screen_positive", 0.90, 0.95, 0.2),
    Step("metabolic_cases_confirmed", "newborns_metabolic_recalled", 0.050, 0.055, 0.15),
    Step("metabolic_cases_diagnosed_2_weeks", "metabolic_cases_confirmed", 0.70, 0.92, 0.3),
    Step("metabolic_cases_treated_2_weeks", "metabolic_cases_diagnosed_2_weeks", 0.93, 0.97, 0.2),
    Step(
        "metabolic_cases_treated",
        "metabolic_cases_confirmed",
        0.85,
        0.93,
        0.2,
        "metabolic_cases_treated_2_weeks",
    ),
    Step("newborns_hearing_screened", "live_births", 0.935, 0.980, 0.3),
    Step("infants_hearing_referred", "newborns_hearing_screened", 0.014, 0.011, 0.15),
    Step("infants_hearing_diagnosed_3_months", "infants_hearing_referred", 0.62, 0.88, 0.3),
    Step(
        "infants_hearing_diagnosed",
        "infants_hearing_referred",
        0.5,
        0.6,
        0.2,
        "infants_hearing_diagnosed_3_months",
    ),
    Step("infants_hearing_loss_confirmed", "infants_hearing_diagnosed", 0.22, 0.24, 0.1),
    Step("infants_hearing_intervention_6_months", "infants_hearing_loss_confirmed", 0.65, 0.88, 0.3),
    Step("newborns_chd_screened", "live_births", 0.62, 0.965, 0.3),
    Step("newborns_chd_screen_positive", "newborns_chd_screened", 0.022, 0.018, 0.15),
    Step("newborns_chd_echocardiography", "newborns_chd_screen_positive", 0.80, 0.93, 0.3),
    Step("newborns_chd_confirmed", "newborns_chd_echocardiography", 0.30, 0.33, 0.1),
    Step("newborns_chd_treated", "newborns_chd_confirmed", 0.40, 0.50, 0.2),
)

MOTHER_TO_CHILD = (
    Step("emtct_tested_in_pregnancy", "women_delivered", 0.955, 0.990, 0.3),
    Step("emtct_tested_before_13_weeks", "emtct_tested_in_pregnancy", 0.60, 0.88, 0.35),
    Step("women_tested_hiv", "women_delivered", 0.60, 0.70, 0.2, "emtct_tested_in_pregnancy"),
    Step("women_tested_syphilis", "women_delivered", 0.50, 0.60, 0.2, "emtct_tested_in_pregnancy"),
    Step("women_tested_hbv", "women_delivered", 0.60, 0.70, 0.2, "emtct_tested_in_pregnancy"),
    Step("women_hiv_positive", "women_tested_hiv", 0.00030, 0.00025),
    Step("women_hiv_on_art", "women_hiv_positive", 0.88, 0.97),
    Step("women_hiv_positive_partner_tested", "women_hiv_positive", 0.75, 0.88),
    Step("hiv_exposed_children", "women_hiv_positive", 0.97, 0.97),
    Step("hiv_exposed_children_on_arv", "hiv_exposed_children", 0.90, 0.98),
    Step("hiv_exposed_children_early_tested", "hiv_exposed_children", 0.80, 0.95),
    Step("hiv_exposed_children_reaching_18_months", "hiv_exposed_children", 0.95, 0.95),
    Step("hiv_exposed_children_antibody_18_months", "hiv_exposed_children_reaching_18_months", 0.85, 0.95),
    Step("hiv_exposed_children_final_status", "hiv_exposed_children_reaching_18_months", 0.88, 0.95),
    Step("hiv_exposed_children_infected", "hiv_exposed_children_final_status", 0.055, 0.013),
    Step("women_syphilis_positive", "women_tested_syphilis", 0.0040, 0.0030, 0.2),
    Step("women_syphilis_treated", "women_syphilis_positive", 0.82, 0.95, 0.2),
    Step("women_syphilis_adequately_treated", "women_syphilis_treated", 0.80, 0.93, 0.2),
    Step("women_syphilis_positive_partner_tested", "women_syphilis_positive", 0.65, 0.85, 0.2),
    Step("syphilis_exposed_children", "women_syphilis_positive", 0.98, 0.98),
    Step("syphilis_exposed_children_prophylaxis", "syphilis_exposed_children", 0.85, 0.97, 0.2),
    Step("congenital_syphilis_cases", "syphilis_exposed_children", 0.060, 0.018),
    Step("women_hbv_positive", "women_tested_hbv", 0.054, 0.050, 0.2),
    Step("women_hbv_high_risk", "women_hbv_positive", 0.27, 0.24, 0.1),
    Step("women_hbv_high_risk_antiviral", "women_hbv_high_risk", 0.55, 0.90, 0.3),
    Step("hbv_exposed_infants", "women_hbv_positive", 0.99, 0.99),
    Step("hbv_exposed_infants_hbig_12_hours", "hbv_exposed_infants", 0.94, 0.99, 0.3),
    Step("hbv_exposed_infants_hepb_full_course", "hbv_exposed_infants", 0.92, 0.97, 0.2),
    Step("hbv_exposed_children_tested", "hbv_exposed_infants", 0.40, 0.85, 0.4),
    Step("hbv_exposed_children_hbsag_positive", "hbv_exposed_children_tested", 0.022, 0.008, 0.2),
    Step("hbv_high_risk_children", "hbv_exposed_infants", 0.26, 0.23, 0.1),
    Step("hbv_high_risk_children_serology_tested", "hbv_high_risk_children", 0.50, 0.90, 0.3),
    Step("infants_due_hepb_birth_dose", "live_births", 0.994, 0.997),
    Step("infants_hepb_birth_dose_timely", "infants_due_hepb_birth_dose", 0.945, 0.982, 0.3),
    Step("children_due_hepb_3_doses", "live_births", 0.985, 0.990),
    Step("children_hepb_3_doses", "children_due_hepb_3_doses", 0.965, 0.988, 0.3),
)

WOMEN_CANCER = (
    Step("women_35_64_screened_cervical", "women_35_64", 0.13, 0.46, 0.3, "women_screened_cervical"),
    Step("women_35_64_screened_two_cancers", "women_35_64_screened_cervical", 0.86, 0.92, 0.2),
    Step("women_35_64_screened_breast", "women_35_64", 0.03, 0.05, 0.2, "women_35_64_screened_two_cancers"),
    Step("women_screened_cervical_hpv", "women_screened_cervical", 0.40, 0.62, 0.3),
    Step("women_cervical_screen_positive", "women_screened_cervical", 0.075, 0.080, 0.15),
    Step("women_colposcopy", "women_cervical_screen_positive", 0.78, 0.88, 0.2),
    Step("cin2plus_cases", "women_colposcopy", 0.048, 0.048, 0.15),
    Step("cervical_early_cases", "cin2plus_cases", 0.89, 0.95, 0.2),
    Step("women_screened_breast", "women_screened_cervical", 0.96, 0.985, 0.2),
    Step("women_breast_screen_positive", "women_screened_breast", 0.032, 0.031, 0.15),
    Step("women_breast_assessed", "women_breast_screen_positive", 0.80, 0.91, 0.3),
    Step("breast_cancer_cases", "women_breast_assessed", 0.022, 0.026, 0.15),
)

AFTER_CANCER_SCREENING = (
    Step("cervical_precancer_cancer_treated", "cervical_precancer_cancer_diagnosed", 0.84, 0.94, 0.3),
    # an even rise, not the sudden start of a real program, so that no year lies far from the others
    Step("hpv_girls_first_dose", "hpv_target_girls", 0.45, 0.91, 0.2),
    Step("hpv_vaccinated_girls", "hpv_girls_first_dose", 0.88, 0.95, 0.2),
)

QUOTA_COMPLETION = 0.985
PRECONCEPTION_QUOTA_SHARE = 0.78  # of the target couples
CANCER_QUOTA_SHARE = (0.075, 0.14)  # of women 35-64 a year, in 2015 and 2024
WOMEN_35_64_PER_BIRTH = 30.0  # of 2015: about 0.7 births and 21 women of these ages a year per 100 people
MARRIAGES_PER_BIRTH = 0.75


def screening(register: Register) -> None:
    """Enter the columns of all screening programs."""
    register.poisson("marriage_registration_couples", MARRIAGES_PER_BIRTH * expected_births(register))
    register.take(BEFORE_BIRTH)
    register.total("marriage_registration_persons", "marriage_registration_couples", times=2)
    register.total("premarital_check_persons", "premarital_check_couples", times=2)
    preconception(register)
    register.take(NEWBORN)
    register.take(MOTHER_TO_CHILD)
    register.total("new_pediatric_hiv_infections", "hiv_exposed_children_infected")
    women_cancer(register)


def preconception(register: Register) -> None:
    """Enter target couples and quota as planned, and the couples checked against the quota."""
    target = register.planned("preconception_target_couples", expected_births(register))
    quota = 10 * np.rint(PRECONCEPTION_QUOTA_SHARE * target / 10)
    register.planned("preconception_check_quota", quota)
    completion = register.planted.apply("preconception quota completion", QUOTA_COMPLETION)
    register.passed(
        "preconception_check_couples", "preconception_target_couples", completion * quota / target
    )
    register.total("preconception_target_persons", "preconception_target_couples", times=2)
    register.total("preconception_check_persons", "preconception_check_couples", times=2)


def women_cancer(register: Register) -> None:
    """Enter the yearly checks against their quota, coverage over the interval, cascades, HPV vaccination."""
    base = register.planted.apply("births in 2015", register.births_2015)
    women = register.planned("women_35_64", WOMEN_35_64_PER_BIRTH * base * 1.004**register.elapsed)
    first, last = (logit(share) for share in CANCER_QUOTA_SHARE)
    share = expit(first + (last - first) / (LAST - FIRST) * register.elapsed)
    quota = register.planned("two_cancer_checks_quota", 10 * np.rint(share * women / 10))
    register.passed("two_cancer_checks_completed", "women_35_64", QUOTA_COMPLETION * quota / women)
    register.total("women_screened_cervical", "two_cancer_checks_completed")
    register.poisson("hpv_target_girls", 0.48 * base)
    register.take(WOMEN_CANCER)
    register.rest("women_screened_cervical_tct", "women_screened_cervical", "women_screened_cervical_hpv")
    register.total("cervical_precancer_cancer_diagnosed", "cin2plus_cases")
    register.take(AFTER_CANCER_SCREENING)
