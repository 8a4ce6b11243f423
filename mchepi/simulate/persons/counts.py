"""The yearly counts that a banner would report from its registers, named as the catalog names them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mchepi.outcomes import anemia_records, completed_days, completed_months, growth_status, growth_z_scores
from mchepi.simulate.persons.plans import Plan

WOMEN_A_CHECK = 3.4  # women of 35 to 64 for each that is checked in a year
TWO_WEEKS, THREE_MONTHS, SIX_MONTHS = 14, 91, 183


def counts_of(plan: Plan, registers: Mapping[str, pd.DataFrame], years: tuple[int, int]) -> pd.DataFrame:
    """Count a banner's registers by calendar year, before anything was typed wrong."""
    parts = [
        _births(registers["births"]),
        _deaths(registers["deaths"]),
        _hemoglobin(registers["hemoglobin"]),
        _growth(registers["growth"]),
        _newborns(registers["newborn_screening"]),
        _cervical(registers["cervical_screening"]),
        _emtct(registers["emtct"]),
    ]
    every = pd.Index(range(years[0], years[1] + 1), name="year")
    counts = pd.concat([part.reindex(every, fill_value=0) for part in parts], axis=1)
    counts["women_35_64"] = round(WOMEN_A_CHECK * plan.women_checked)
    counts["new_pediatric_hiv_infections"] = counts["hiv_exposed_children_infected"]
    keys = {"district": plan.id, "name_zh": plan.name_zh, "name_en": plan.name_en}
    return counts.reset_index().assign(**keys)[[*keys, "year", *counts.columns]]


def _counted(year: pd.Series, **marks: object) -> pd.DataFrame:
    """Count the rows that each mark holds for, by year."""
    marked = pd.DataFrame({name: np.asarray(mark, dtype=float) for name, mark in marks.items()})
    return marked.groupby(year.to_numpy()).sum().round().astype("int64")


def _year(dates: pd.Series) -> pd.Series:
    return dates.str[:4].astype("int64")


def _days(frame: pd.DataFrame, first: str, last: str) -> pd.Series:
    """Days from one date to another; missing without either."""
    dates = [pd.to_datetime(frame[name].replace("", None)) for name in (first, last)]
    return (dates[1] - dates[0]).dt.days


def _births(frame: pd.DataFrame) -> pd.DataFrame:
    live = frame["outcome"] == "live_birth"
    weeks, weight = frame["gestation_weeks"].astype(float), frame["birth_weight"].astype(float)
    return _counted(
        _year(frame["birth_date"]),
        women_delivered=1 / frame["plurality"].astype(float),
        total_births=live | ~live,
        stillbirths=~live,
        live_births=live,
        live_births_weighed=live,
        low_birth_weight_births=live & (weight < 2500),
        preterm_births=live & (weeks < 37),
    )


def _deaths(frame: pd.DataFrame) -> pd.DataFrame:
    child = frame["kind"] == "child"
    days = _days(frame, "birth_date", "death_date")
    months = completed_months(frame["birth_date"], frame["death_date"])
    infant, under_five = child & (months < 12), child & (months < 60)
    defect = frame["cause"].str.startswith("Q") | frame["cause"].isin(["先天性心脏病", "多发畸形"])
    return _counted(
        _year(frame["death_date"]),
        early_neonatal_deaths=child & (days < 7),
        neonatal_deaths=child & (days < 28),
        infant_deaths=infant,
        postneonatal_deaths=infant & (days >= 28),
        child_deaths_1_4=under_five & ~infant,
        under5_deaths=under_five,
        birth_defect_infant_deaths=infant & defect,
        birth_defect_under5_deaths=under_five & defect,
        maternal_deaths=frame["kind"] == "maternal",
    )


def _hemoglobin(frame: pd.DataFrame) -> pd.DataFrame:
    """Count each child and woman once a year, by the first test, and by WHO 2024 at the altitude."""
    first = frame[~frame.assign(year=_year(frame["exam_date"])).duplicated(["record_id", "year"])]
    pregnant = first["pregnant"] == "yes"
    weeks = pd.to_numeric(first["gestation_weeks"], errors="coerce")
    found = anemia_records(
        first["hemoglobin"].astype(float),
        age_months=completed_months(first["birth_date"], first["exam_date"]),
        sex=first["sex"],
        pregnant=pregnant,
        trimester=1.0 + (weeks >= 14) + (weeks >= 28),
        altitude=first["altitude"].astype(float),
        already_adjusted=bool((first["adjusted"] == "yes").all()),
        unit=str(first["unit"].iloc[0]),
    )
    months = completed_months(first["birth_date"], first["exam_date"])
    young = ~pregnant & (months < 24)
    old = ~pregnant & (months >= 24)
    anemic = found["anemic"].fillna(False).astype(bool)
    severe = found["severity"].isin(["moderate", "severe"])
    return _counted(
        _year(first["exam_date"]),
        children_6_23_months_examined_hemoglobin=young,
        children_24_59_months_examined_hemoglobin=old,
        children_6_23_months_anemic=young & anemic,
        children_24_59_months_anemic=old & anemic,
        children_examined_hemoglobin=~pregnant,
        children_anemic=~pregnant & anemic,
        children_anemic_moderate_severe=~pregnant & severe,
    )


def _growth(frame: pd.DataFrame) -> pd.DataFrame:
    scores = growth_z_scores(
        completed_days(frame["birth_date"], frame["exam_date"]),
        frame["sex"],
        weight=frame["weight_kg"].astype(float),
        length=frame["height_cm"].astype(float),
        lying=frame["lying"] == "yes",
    )
    status = growth_status(scores)
    known = status.notna()
    held = status.fillna(False).astype(bool)
    return _counted(
        _year(frame["exam_date"]),
        children_measured_height=known["stunted"],
        children_stunted=held["stunted"],
        children_weighed=known["underweight"],
        children_underweight=held["underweight"],
        children_measured_weight_height=known["wasted"],
        children_wasted=held["wasted"],
        children_overweight=held["overweight"],
        children_obese=held["obese"],
    )


def _newborns(frame: pd.DataFrame) -> pd.DataFrame:
    marks: dict[str, object] = {}
    screened = frame["screened_date"] != ""
    positive = frame["result"] == "positive"
    diseased = frame["diagnosis"] == "yes"
    diagnosed = _days(frame, "birth_date", "diagnosed_date")
    treated = _days(frame, "birth_date", "treated_date")
    of = {name: frame["program"] == name for name in ("metabolic", "hearing", "heart")}
    marks["newborns_metabolic_screened"] = of["metabolic"] & screened
    marks["newborns_metabolic_screen_positive"] = of["metabolic"] & positive
    marks["newborns_metabolic_recalled"] = of["metabolic"] & (frame["rescreened_date"] != "")
    marks["metabolic_cases_confirmed"] = of["metabolic"] & diseased
    marks["metabolic_cases_diagnosed_2_weeks"] = of["metabolic"] & diseased & (diagnosed <= TWO_WEEKS)
    marks["metabolic_cases_treated_2_weeks"] = of["metabolic"] & diseased & (treated <= TWO_WEEKS)
    marks["metabolic_cases_treated"] = of["metabolic"] & diseased & treated.notna()
    referred = of["hearing"] & (frame["rescreen_result"] == "positive")
    marks["newborns_hearing_screened"] = of["hearing"] & screened
    marks["infants_hearing_referred"] = referred
    marks["infants_hearing_diagnosed_3_months"] = referred & (diagnosed <= THREE_MONTHS)
    marks["infants_hearing_diagnosed"] = referred & diagnosed.notna()
    marks["infants_hearing_loss_confirmed"] = of["hearing"] & diseased
    marks["infants_hearing_intervention_6_months"] = of["hearing"] & diseased & (treated <= SIX_MONTHS)
    marks["newborns_chd_screened"] = of["heart"] & screened
    marks["newborns_chd_screen_positive"] = of["heart"] & positive
    marks["newborns_chd_echocardiography"] = of["heart"] & diagnosed.notna()
    marks["newborns_chd_confirmed"] = of["heart"] & diseased
    marks["newborns_chd_treated"] = of["heart"] & diseased & treated.notna()
    return _counted(_year(frame["birth_date"]), **marks)


def _cervical(frame: pd.DataFrame) -> pd.DataFrame:
    hpv = frame["test"] == "hpv"
    disease = frame["histology"].isin(["cin2plus", "cancer"])
    return _counted(
        _year(frame["exam_date"]),
        women_screened_cervical=hpv | ~hpv,
        women_screened_cervical_hpv=hpv,
        women_screened_cervical_tct=~hpv,
        women_cervical_screen_positive=frame["result"] == "positive",
        women_colposcopy=frame["colposcopy_date"] != "",
        cin2plus_cases=disease,
        cervical_precancer_cancer_diagnosed=disease,
        cervical_precancer_cancer_treated=disease & (frame["treated_date"] != ""),
    )


def _emtct(frame: pd.DataFrame) -> pd.DataFrame:
    of = {name: frame["infection"] == name for name in ("hiv", "syphilis", "hepatitis_b")}
    treated = frame["mother_treated"].isin(["yes", "late"])
    given, tested = frame["infant_prophylaxis"] == "yes", frame["infant_tested"] == "yes"
    infected = frame["infant_infected"] == "yes"
    return _counted(
        _year(frame["delivery_date"]),
        women_hiv_positive=of["hiv"],
        women_hiv_on_art=of["hiv"] & treated,
        hiv_exposed_children=of["hiv"],
        hiv_exposed_children_on_arv=of["hiv"] & given,
        hiv_exposed_children_final_status=of["hiv"] & tested,
        hiv_exposed_children_infected=of["hiv"] & infected,
        women_syphilis_positive=of["syphilis"],
        women_syphilis_treated=of["syphilis"] & treated,
        women_syphilis_adequately_treated=of["syphilis"] & (frame["mother_treated"] == "yes"),
        syphilis_exposed_children=of["syphilis"],
        syphilis_exposed_children_prophylaxis=of["syphilis"] & given,
        congenital_syphilis_cases=of["syphilis"] & infected,
        women_hbv_positive=of["hepatitis_b"],
        hbv_exposed_infants=of["hepatitis_b"],
        hbv_exposed_infants_hbig_12_hours=of["hepatitis_b"] & given,
        hbv_exposed_children_tested=of["hepatitis_b"] & tested,
        hbv_exposed_children_hbsag_positive=of["hepatitis_b"] & infected,
    )
