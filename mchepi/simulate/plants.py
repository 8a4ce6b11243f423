"""What is planted where: changes of the truth itself, and ways of counting that hide it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DEATHS_UNDER_5 = (
    "early_neonatal_deaths",
    "neonatal_deaths",
    "postneonatal_deaths",
    "infant_deaths",
    "child_deaths_1_4",
    "under5_deaths",
    "birth_defect_infant_deaths",
    "birth_defect_under5_deaths",
    "under5_deaths_preterm",
    "under5_deaths_asphyxia",
    "under5_deaths_pneumonia",
    "under5_deaths_injury",
    "under5_deaths_other_causes",
)
NOT_NEONATAL = ("postneonatal_deaths", "child_deaths_1_4")
DEATHS_WITH_NEONATAL = tuple(column for column in DEATHS_UNDER_5 if column not in NOT_NEONATAL)


@dataclass(frozen=True, kw_only=True)
class Plant:
    """One thing planted in one district.

    `effect` says what becomes of `quantity` (a name that the generator asks for) in these years: `times` the
    size, or `is` the size. `columns` are the columns in which it shows. Nature `truth` changes what happens,
    `counting` what is written down of it.
    """

    kind: str
    nature: Literal["truth", "counting"]
    district: str
    quantity: str
    effect: Literal["times", "is"]
    size: float
    first_year: int | None = None
    last_year: int | None = None
    columns: tuple[str, ...]
    description_zh: str
    description_en: str

    def years(self, year_from: int, year_to: int) -> tuple[int, int] | None:
        """Give the first and last year of the span in which it holds; None if in no year of it."""
        first = max(year_from, year_from if self.first_year is None else self.first_year)
        last = min(year_to, year_to if self.last_year is None else self.last_year)
        return (first, last) if first <= last else None


PLANTS = (
    Plant(
        kind="step_down",
        nature="truth",
        district="S03",
        quantity="neonatal risk",
        effect="times",
        size=0.5,
        first_year=2020,
        columns=DEATHS_WITH_NEONATAL,
        description_zh="2020年起实施新生儿救治项目，新生儿死亡风险降为原趋势的一半",
        description_en="a newborn rescue program halves the neonatal risk from 2020 on, against its trend",
    ),
    Plant(
        kind="step_up",
        nature="truth",
        district="S07",
        quantity="neonatal risk",
        effect="times",
        size=2.0,
        first_year=2021,
        columns=DEATHS_WITH_NEONATAL,
        description_zh="2021年起产科力量流失，新生儿死亡风险升为原趋势的2倍",
        description_en="obstetric services thin out: the neonatal risk is twice its trend from 2021 on",
    ),
    Plant(
        kind="no_trend",
        nature="truth",
        district="S11",
        quantity="annual change of the risk of death under 5",
        effect="is",
        size=0.0,
        columns=DEATHS_UNDER_5,
        description_zh="5岁以下各年龄段死亡风险各年不变；任何升降都是机遇",
        description_en="the risks of death under 5 are the same in all years; every rise or fall is chance",
    ),
    Plant(
        kind="births_rise",
        nature="truth",
        district="S23",
        quantity="annual change of births",
        effect="is",
        size=0.01,
        columns=(
            "live_births",
            "women_delivered",
        ),
        description_zh="出生数每年上升约1%，其余各旗下降3%至6%",
        description_en="births rise by 1 % a year, where they fall by 3 to 6 % elsewhere",
    ),
    Plant(
        kind="very_small",
        nature="truth",
        district="S14",
        quantity="births in 2015",
        effect="is",
        size=180.0,
        columns=(
            "live_births",
            "women_delivered",
        ),
        description_zh="极小旗：2015年出生约180人，此后下降；一例死亡即相当于6‰左右",
        description_en="a very small banner: about 180 births in 2015, then fewer; one death is 6 per 1,000",
    ),
    Plant(
        kind="under_reporting",
        nature="counting",
        district="S09",
        quantity="share of deaths under 5 reported",
        effect="is",
        size=0.5,
        first_year=2018,
        last_year=2020,
        columns=DEATHS_UNDER_5,
        description_zh="2018至2020年，5岁以下死亡每例仅以0.5的概率上报；2021年恢复后的“上升”是假象",
        description_en="deaths under 5 are reported with probability 0.5, 2018-2020; the rise after is none",
    ),
    Plant(
        kind="analyzer_change",
        nature="counting",
        district="S05",
        quantity="anemia measured",
        effect="times",
        size=1.6,
        first_year=2021,
        columns=(
            "children_6_23_months_anemic",
            "children_24_59_months_anemic",
            "children_anemic",
            "children_anemic_moderate_severe",
        ),
        description_zh="2021年起更换血红蛋白分析仪，测值偏低，检出贫血为真实患病率的1.6倍；真实患病率并未上升",
        description_en="a new hemoglobin analyzer from 2021 on reads low: it finds 1.6 times the true "
        "prevalence, which did not rise",
    ),
    Plant(
        kind="cascade_loss",
        nature="truth",
        district="S16",
        quantity="newborns_metabolic_recalled",
        effect="is",
        size=0.6,
        columns=(
            "newborns_metabolic_recalled",
            "metabolic_cases_confirmed",
        ),
        description_zh="遗传代谢病筛查阳性者召回环节失访40%（各旗一般失访约7%）",
        description_en="40 % of newborns positive in metabolic screening are lost at recall (elsewhere 7 %)",
    ),
    Plant(
        kind="quota_above_100",
        nature="truth",
        district="S20",
        quantity="preconception quota completion",
        effect="is",
        size=1.06,
        columns=(
            "preconception_check_couples",
            "preconception_check_persons",
        ),
        description_zh="孕前优生健康检查任务完成率约106%；完成率不是覆盖率",
        description_en="preconception checks complete about 106 % of the quota, which is not a coverage",
    ),
    Plant(
        kind="low_coverage",
        nature="truth",
        district="S19",
        quantity="women_35_64_screened_cervical",
        effect="times",
        size=0.35,
        columns=(
            "women_35_64_screened_cervical",
            "women_35_64_screened_two_cancers",
            "women_35_64_screened_breast",
        ),
        description_zh="年度“两癌”任务照常完成，但历年多为同一批妇女，周期内覆盖率低",
        description_en="the yearly two-cancer quota is met, but largely by the same women: coverage over the "
        "interval stays low",
    ),
)
