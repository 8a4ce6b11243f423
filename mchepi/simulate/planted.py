"""What is planted where: changes of the truth itself, and ways of counting that hide it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ._draws import Values

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


@dataclass(frozen=True)
class Plant:
    """One thing planted in one district.

    `effect` says what becomes of `quantity` (a name that the generator asks for) in these years: `times` the size, or
    `is` the size. `columns` are the columns in which it shows. Nature `truth` changes what happens, `counting` what is
    written down of it; `size` is a fixed feature of the district and nothing to be switched off.
    """

    kind: str
    nature: Literal["truth", "counting", "size"]
    district: str
    quantity: str
    effect: Literal["times", "is"]
    size: float
    columns: tuple[str, ...]
    description_zh: str
    description_en: str
    first_year: int | None = None
    last_year: int | None = None

    def years(self, year_from: int, year_to: int) -> tuple[int, int] | None:
        """First and last year of the span in which it holds; None if in no year of it."""
        first = max(year_from, year_from if self.first_year is None else self.first_year)
        last = min(year_to, year_to if self.last_year is None else self.last_year)
        return (first, last) if first <= last else None


PLANTS = (
    Plant(
        "step_down",
        "truth",
        "S03",
        "neonatal risk",
        "times",
        0.5,
        ("early_neonatal_deaths", "neonatal_deaths", "infant_deaths", "under5_deaths"),
        "2020年起实施新生儿救治项目，新生儿死亡风险降为原趋势的一半",
        "a newborn rescue program from 2020 on halves the neonatal risk that the trend would give",
        first_year=2020,
    ),
    Plant(
        "step_up",
        "truth",
        "S07",
        "neonatal risk",
        "times",
        2.0,
        ("early_neonatal_deaths", "neonatal_deaths", "infant_deaths", "under5_deaths"),
        "2021年起产科力量流失，新生儿死亡风险升为原趋势的2倍",
        "from 2021 on the obstetric service thins out and the neonatal risk is twice what the trend would give",
        first_year=2021,
    ),
    Plant(
        "no_trend",
        "truth",
        "S11",
        "annual change of the risk of death under 5",
        "is",
        0.0,
        ("early_neonatal_deaths", "neonatal_deaths", "postneonatal_deaths", "infant_deaths", "child_deaths_1_4", "under5_deaths"),
        "5岁以下各年龄段死亡风险十年不变；任何升降都是机遇",
        "the risks of death under 5 stay the same in all years; whatever rises or falls is chance",
    ),
    Plant(
        "births_rise",
        "truth",
        "S23",
        "annual change of births",
        "is",
        0.01,
        ("live_births", "women_delivered"),
        "出生数每年上升约1%，其余各旗下降3%至6%",
        "births rise by 1 % a year, where they fall by 3 to 6 % elsewhere",
    ),
    Plant(
        "very_small",
        "size",
        "S14",
        "births in 2015",
        "is",
        180.0,
        ("live_births", "women_delivered"),
        "极小旗：年出生约150人，一例死亡即改变死亡率约7‰",
        "a very small banner: about 150 births a year, where one death is about 7 per 1,000",
    ),
    Plant(
        "under_reporting",
        "counting",
        "S09",
        "share of deaths under 5 reported",
        "is",
        0.5,
        DEATHS_UNDER_5,
        "2018至2020年，5岁以下死亡每例仅以0.5的概率上报；2021年恢复后的“上升”是假象",
        "2018 to 2020 a death under 5 is reported with probability 0.5 only; the rise in 2021 is no rise",
        first_year=2018,
        last_year=2020,
    ),
    Plant(
        "analyzer_change",
        "counting",
        "S05",
        "anemia measured",
        "times",
        1.6,
        (
            "children_6_23_months_anemic",
            "children_24_59_months_anemic",
            "children_anemic",
            "children_anemic_moderate_severe",
        ),
        "2021年起更换血红蛋白分析仪，测值偏低，检出贫血为真实患病率的1.6倍；真实患病率并未上升",
        "a new hemoglobin analyzer from 2021 on reads low: it finds 1.6 times the true prevalence, which did not rise",
        first_year=2021,
    ),
    Plant(
        "cascade_loss",
        "truth",
        "S16",
        "newborns_metabolic_recalled",
        "is",
        0.6,
        ("newborns_metabolic_recalled", "metabolic_cases_confirmed"),
        "遗传代谢病筛查阳性者召回环节失访40%（各旗一般失访约7%）",
        "40 % of the newborns positive in metabolic screening are lost at recall (about 7 % elsewhere)",
    ),
    Plant(
        "quota_above_100",
        "truth",
        "S20",
        "preconception quota completion",
        "is",
        1.06,
        ("preconception_check_couples",),
        "孕前优生健康检查任务完成率约106%；完成率不是覆盖率",
        "preconception checks complete about 106 % of the quota, which is not a coverage",
    ),
    Plant(
        "low_coverage",
        "truth",
        "S19",
        "women_35_64_screened_cervical",
        "times",
        0.35,
        ("women_35_64_screened_cervical", "women_35_64_screened_two_cancers", "women_35_64_screened_breast"),
        "年度“两癌”任务照常完成，但历年多为同一批妇女，周期内覆盖率低",
        "the yearly two-cancer quota is met, but largely by the same women: coverage over the interval stays low",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """The plants that hold in a region: those of its districts, its years and the natures switched on."""

    plants: tuple[Plant, ...]
    districts: tuple[str, ...]
    year_from: int
    year_to: int

    @classmethod
    def of(cls, districts: Sequence[str], years: tuple[int, int], *, changes: bool, reporting_errors: bool) -> Planted:
        """Choose from all plants."""
        wanted = {"truth": changes, "counting": reporting_errors, "size": True}
        plants = [p for p in PLANTS if wanted[p.nature] and p.district in districts and p.years(*years)]
        return cls(tuple(plants), tuple(districts), *years)

    def where(self, plant: Plant) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        """Districts × years in which this plant holds."""
        years = np.arange(self.year_from, self.year_to + 1)
        span = plant.years(self.year_from, self.year_to) or (0, -1)
        in_years = (years >= span[0]) & (years <= span[1])
        in_district = np.array([district == plant.district for district in self.districts])
        return in_district[:, None] & in_years[None, :]

    def apply(self, quantity: str, value: Values | float) -> Values:
        """This quantity (districts × years) with what is planted in it."""
        years = self.year_to - self.year_from + 1
        result = np.broadcast_to(np.asarray(value, dtype=float), (len(self.districts), years))
        for plant in self.plants:
            if plant.quantity == quantity:
                changed = result * plant.size if plant.effect == "times" else plant.size
                result = np.where(self.where(plant), changed, result)
        return result
