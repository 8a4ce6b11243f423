"""What is planted in the registers of each banner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Delay = tuple[float, float, float]
"""Median days since birth, spread (standard deviation of the logarithm), share that never comes."""

DELAYS: Mapping[str, Delay] = MappingProxyType(
    {"metabolic": (13.0, 0.45, 0.06), "hearing": (70.0, 0.40, 0.10), "heart": (35.0, 0.60, 0.08)}
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One banner: its size, its risks, and how it measures and writes down.

    Risks of death are per live birth, that of stillbirth per birth, that of maternal death per live birth.
    Prevalences are of children by WHO 2024 at sea level. `haz` and `whz` are mean and standard deviation of
    the z-scores as written down.
    """

    id: str
    name_zh: str
    name_en: str
    births: int
    early_neonatal: float = 0.0036
    late_neonatal: float = 0.0012
    postneonatal: float = 0.0026
    child_1_4: float = 0.0020
    stillbirth: float = 0.0058
    maternal: float = 0.0003
    hides_deaths_below: float = 0.0
    causes_in_words: bool = False
    altitude: float = 150.0
    anemia_6_23: float = 0.12
    anemia_24_59: float = 0.04
    anemia_pregnant: float = 0.13
    tested_share: float = 0.30
    clusters: int = 0
    cluster_spread: float = 0.0
    unit: str = "g/L"
    adjusted: bool = False
    rounded_to_5: float = 0.0
    analyzers: tuple[str, ...] = ("A-301",)
    analyzer_bias: tuple[float, ...] = (0.0,)
    specimens: tuple[str, ...] = ("venous",)
    specimen_bias: tuple[float, ...] = (0.0,)
    haz: tuple[float, float] = (-0.20, 1.05)
    whz: tuple[float, float] = (0.35, 1.05)
    heights_to_whole_cm: float = 0.0
    screened: Mapping[str, float] = field(
        default_factory=lambda: {"metabolic": 0.975, "hearing": 0.955, "heart": 0.90}
    )
    delays: Mapping[str, Delay] = field(default_factory=lambda: DELAYS)
    moves_away: float = 0.0004  # a day
    women_checked: int = 500  # a year
    women_quota: int = 500  # of the year after the last, by 31 October
    hpv_quota: int = 0
    this_year: float = 1.0  # size of that year's campaign, of the usual one

    @property
    def neonatal(self) -> float:
        """Risk of death in the first 28 days."""
        return self.early_neonatal + self.late_neonatal

    @property
    def infant(self) -> float:
        """Risk of death in the first year."""
        return self.neonatal + self.postneonatal

    @property
    def under_five(self) -> float:
        """Risk of death in the first five years."""
        return self.infant + self.child_1_4


PLANS = (
    Plan(
        id="R01",
        name_zh="棠梨洼旗（模拟）",
        name_en="Tangliwa Banner (simulated)",
        births=620,
        maternal=0.0014,
        clusters=30,
        cluster_spread=3.0,
        women_checked=650,
        women_quota=560,
        hpv_quota=300,
    ),
    Plan(
        id="R02",
        name_zh="榛语坡旗（模拟）",
        name_en="Zhenyupo Banner (simulated)",
        births=500,
        altitude=1300.0,
        rounded_to_5=0.4,
        analyzers=("A-301", "A-301", "B-12"),
        analyzer_bias=(0.0, 0.0, -4.0),
        haz=(-0.45, 1.10),
        heights_to_whole_cm=0.45,
        delays={**DELAYS, "hearing": (115.0, 0.45, 0.18)},
        women_quota=480,
        this_year=0.8,
    ),
    Plan(
        id="R03",
        name_zh="橡月岗旗（模拟）",
        name_en="Xiangyuegang Banner (simulated)",
        births=420,
        early_neonatal=0.0062,
        late_neonatal=0.0014,
        stillbirth=0.0085,
        hides_deaths_below=1500.0,
        unit="g/dL",
        haz=(0.30, 0.75),
        women_checked=420,
        women_quota=380,
    ),
    Plan(
        id="R04",
        name_zh="露葵原旗（模拟）",
        name_en="Lukuiyuan Banner (simulated)",
        births=220,
        causes_in_words=True,
        altitude=1500.0,
        adjusted=True,
        specimens=("venous", "venous", "capillary"),
        specimen_bias=(0.0, 0.0, 3.0),
        screened={"metabolic": 0.96, "hearing": 0.93, "heart": 0.70},
        delays={**DELAYS, "metabolic": (22.0, 0.55, 0.20)},
        moves_away=0.0010,
        women_checked=260,
        women_quota=200,
        this_year=1.2,
    ),
)
