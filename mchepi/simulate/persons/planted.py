"""What is planted in the plans of banners, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from mchepi.simulate.persons.births import Span
from mchepi.simulate.persons.plans import Plan

COLUMNS = ["kind", "nature", "district", "register", "row", "columns", "description_zh", "description_en"]


def plants_frame(plans: Sequence[Plan], span: Span) -> pd.DataFrame:
    """List what is planted in the plans, rows typed wrong aside."""
    rows = [
        (kind, nature, plan.id, register, pd.NA, columns, zh, en)
        for plan in plans
        for kind, nature, register, columns, zh, en in _planted(plan, span)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _planted(plan: Plan, span: Span) -> Iterator[tuple[str, str, str, str, str, str]]:
    if plan.maternal > 0.001:
        yield (
            "maternal_risk",
            "truth",
            "deaths",
            "kind",
            f"孕产妇死亡风险为每10万活产{100_000 * plan.maternal:.0f}，约为全国的十倍",
            f"a risk of maternal death of {100_000 * plan.maternal:.0f} per 100,000, ten times China's",
        )
    if plan.hides_deaths_below:
        grams = f"{plan.hides_deaths_below:.0f}"
        yield (
            "under_reporting",
            "counting",
            "deaths",
            "",
            f"出生体重{grams} g以下、出生7天内的死亡一律未登记",
            f"no death in the first week of a child born below {grams} g is written down",
        )
    if plan.clusters:
        yield (
            "survey",
            "counting",
            "hemoglobin",
            "weight;stratum;cluster",
            f"血红蛋白为分层整群抽样，每年{plan.clusters}个群",
            f"hemoglobin comes from a survey of 2 strata and {plan.clusters} clusters a year",
        )
    if plan.altitude >= 1000:
        yield (
            "altitude",
            "truth",
            "hemoglobin",
            "altitude",
            f"海拔{plan.altitude:.0f} m",
            f"at {plan.altitude:.0f} m",
        )
    if plan.adjusted:
        yield (
            "already_adjusted",
            "counting",
            "hemoglobin",
            "adjusted",
            "登记的血红蛋白已作海拔校正，不可再次校正",
            "the values were adjusted for altitude before they were written down",
        )
    if plan.unit != "g/L":
        yield (
            "unit",
            "counting",
            "hemoglobin",
            "unit",
            f"血红蛋白以{plan.unit}登记",
            f"hemoglobin is written in {plan.unit}",
        )
    if plan.rounded_to_5:
        share = f"{100 * plan.rounded_to_5:.0f} %"
        yield (
            "digit_preference",
            "counting",
            "hemoglobin",
            "hemoglobin",
            f"{share}的血红蛋白凑成0或5",
            f"{share} of the values end on 0 or 5 by rounding",
        )
    for name, what_zh, what_en in (("analyzer", "分析仪", "analyzer"), ("specimen", "采血部位", "specimen")):
        values = getattr(plan, f"{name}s")
        biases = plan.analyzer_bias if name == "analyzer" else plan.specimen_bias
        if len(set(values)) > 1:
            change = next(at for at in range(1, len(values)) if values[at] != values[at - 1])
            year, bias = span.first + change, biases[change]
            yield (
                f"{name}_change",
                "counting",
                "hemoglobin",
                name,
                f"{year}年起更换{what_zh}，测值平均改变{bias:+.0f} g/L",
                f"another {what_en} from {year} on reads {bias:+.0f} g/L on average",
            )
    if plan.heights_to_whole_cm:
        share = f"{100 * plan.heights_to_whole_cm:.0f} %"
        yield (
            "heights_rounded",
            "counting",
            "growth",
            "height_cm",
            f"{share}的身高（长）凑成整厘米",
            f"{share} of the heights are whole centimeters",
        )
    if plan.haz[1] < 0.9:
        yield (
            "stunting_artefact",
            "counting",
            "growth",
            "height_cm",
            "身高（长）并非真实测量：年龄别身高Z评分离散过小，生长迟缓率约0.11%",
            "heights that nobody measured: z-scores too close together, stunting about 0.11 %",
        )
    for program, (median, _, never) in plan.delays.items():
        if never >= 0.15:
            yield (
                "late_diagnosis",
                "truth",
                "newborn_screening",
                f"{program}: diagnosed_date",
                f"诊断中位时间{median:.0f}天，{100 * never:.0f}%始终未诊断",
                f"diagnosed at a median of {median:.0f} days; {100 * never:.0f} % never are",
            )
    if plan.moves_away > 0.0005:
        yield (
            "moving_away",
            "truth",
            "newborn_screening",
            "closed_date",
            "每天约千分之一的儿童迁出，随访截尾",
            "about one child in 1,000 moves away each day and is censored",
        )
