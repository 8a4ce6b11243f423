"""The columns that no row of the catalog names: steps of cascades, ages and causes, in words."""

from __future__ import annotations

EXTRA_COLUMNS = {
    "under5_deaths_preterm": (
        "5岁以下死亡：早产、低出生体重",
        "deaths under 5 from preterm birth or low birth weight",
    ),
    "under5_deaths_asphyxia": ("5岁以下死亡：出生窒息", "deaths under 5 from birth asphyxia"),
    "under5_deaths_pneumonia": ("5岁以下死亡：肺炎", "deaths under 5 from pneumonia"),
    "under5_deaths_injury": ("5岁以下死亡：意外伤害", "deaths under 5 from injuries"),
    "under5_deaths_other_causes": (
        "5岁以下死亡：其他原因（各死因与出生缺陷相加为5岁以下死亡数）",
        "deaths under 5 from other causes (all causes and birth defects add up to the deaths under 5)",
    ),
    "children_6_23_months": ("6–23月龄儿童数（年末）", "children of 6-23 months at the end of the year"),
    "children_24_59_months": ("24–59月龄儿童数（年末）", "children of 24-59 months at the end of the year"),
    "children_6_59_months": (
        "6–59月龄儿童数（年末，应检）",
        "children of 6-59 months at the end of the year (eligible)",
    ),
    "children_6_23_months_examined_hemoglobin": (
        "6–23月龄血红蛋白检测人数",
        "children of 6-23 months tested for Hb",
    ),
    "children_24_59_months_examined_hemoglobin": (
        "24–59月龄血红蛋白检测人数",
        "children of 24-59 months tested for Hb",
    ),
    "children_6_23_months_anemic": ("6–23月龄贫血人数", "children of 6-23 months with anemia"),
    "children_24_59_months_anemic": ("24–59月龄贫血人数", "children of 24-59 months with anemia"),
    "marriage_registration_couples": ("结婚登记对数", "couples who registered their marriage"),
    "premarital_check_couples": ("婚检对数", "couples checked before marriage"),
    "preconception_target_couples": (
        "孕前检查目标夫妇对数（计划数）",
        "target couples of the preconception check (planned)",
    ),
    "newborns_metabolic_screen_positive": ("遗传代谢病初筛阳性", "newborns positive in metabolic screening"),
    "newborns_metabolic_recalled": ("初筛阳性者中已召回", "of these, recalled"),
    "metabolic_cases_treated": ("确诊者中已治疗（不限时）", "confirmed metabolic cases treated at any time"),
    "infants_hearing_diagnosed": (
        "转诊者中完成诊断（不限时）",
        "referred infants with a completed diagnosis at any time",
    ),
    "newborns_chd_screen_positive": ("先心病双指标筛查阳性", "newborns positive in heart screening"),
    "newborns_chd_echocardiography": ("阳性者中做超声心动图", "of these, with echocardiography"),
    "newborns_chd_confirmed": ("超声确诊先心病", "of these, with a confirmed heart defect"),
    "newborns_chd_treated": ("确诊者中已治疗", "of these, treated"),
    "women_hbv_positive": ("乙肝表面抗原阳性孕产妇数", "mothers with hepatitis B"),
    "hpv_girls_first_dose": (
        "接种至少1剂HPV疫苗的目标女孩（hpv_vaccinated_girls为全程）",
        "target girls with one dose or more (hpv_vaccinated_girls: the full course)",
    ),
    "women_screened_cervical_hpv": ("当年以HPV检测作宫颈癌筛查", "women screened this year by HPV test"),
    "women_screened_cervical_tct": ("当年以细胞学作宫颈癌筛查", "women screened this year by cytology"),
    "women_cervical_screen_positive": ("宫颈癌筛查阳性", "women positive in cervical screening"),
    "women_colposcopy": ("阳性者中做阴道镜", "of these, with colposcopy"),
    "women_screened_breast": ("当年乳腺癌筛查人数", "women screened for breast cancer this year"),
    "women_breast_screen_positive": ("乳腺癌筛查阳性", "of these, positive"),
    "women_breast_assessed": ("阳性者中完成诊断", "of these, with a completed assessment"),
    "breast_cancer_cases": ("检出乳腺癌", "of these, breast cancers"),
}
