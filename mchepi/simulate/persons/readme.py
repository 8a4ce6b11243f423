"""The README of simulated registers: what they are, the command that makes them, and what was planted."""

from __future__ import annotations

from mchepi.simulate.persons.generate import Registers

_PAGE = """\
# Everything in this folder is simulated · 本文件夹的全部数据均为模拟数据

Nobody in these registers exists: no child, mother or banner is real, and no figure may be quoted as one. 登记册中的儿童、孕产妇、妇女和旗名均为虚构，任何数字不得当作真实数据引用。

{districts} invented banners, {first} to {last}: registers of individual records (births, deaths, hemoglobin, growth, newborn and cervical
screening, mother-to-child transmission) and the yearly counts that they give, for training and for calibrating methods: the truth behind
every figure is known. Seed {seed}. Source: `mchepi.simulate`. Licence: BSD-3-Clause, as mchepi.

{districts}个虚构旗，{first}至{last}年：出生、死亡、血红蛋白、生长、新生儿筛查、宫颈癌筛查、母婴阻断个案登记，以及由其汇总的年度计数，供培训和校准方法使用。

## Made by · 生成命令

```
{command}
```

The same command gives the same bytes. In Python: `mchepi.simulate.persons(...)` and `write_registers(made, folder)`.

## Files · 文件

| file | rows 行 | holds | 内容 |
|---|---|---|---|
| `counts.csv` | {n_counts} | the yearly counts of the registers by calendar year, before anything was typed wrong; anemia by WHO 2024, the first test of a year | 由登记册汇总的年度计数（录入差错之前），贫血按WHO 2024、每人每年首次检测 |
| `quotas.csv` | {n_quotas} | the quotas of {open_year}, to be met by 31 October: cervical screening goes on, and its register holds that year to 31 August | {open_year}年任务数（10月31日前完成）；宫颈癌筛查登记延续至{open_year}年8月31日 |
{registers}
| `truth.csv` | {n_truth} | `true_value` per `per`: the risk, share or mean that chance plays upon; `shown_value`: what the register as written down shows on average | 真值，以及登记数据平均所示的值 |
| `faults.csv` | {n_faults} | what was planted: nature (`truth` it happens so, `counting` it is only counted so, `entry` a row typed wrong, with its row in the file) | 植入的问题与录入差错 |
| `dataset.yaml` | | what the dataset says of itself | 数据集声明 |

## What was planted · 植入内容

| kind | nature | where 旗 | register | row 行 | 内容 | what |
|---|---|---|---|---|---|---|
{planted}

Whatever else stands out is chance. 其余突出之处均为机遇。

## How the persons were drawn · 生成方法

- Births fall by 3 % a year, with Poisson chance; the risk of death in the first week depends on the week of gestation (29 times less from 39 weeks
  on than at 31), later risks do not. Deaths at 1 to 4 years come from births before the registers begin as well.
- Hemoglobin at sea level is normal with a standard deviation of 10 g/L about a mean that gives the planted prevalence by WHO 2024; what is
  written down has the altitude added, the bias of analyzer and specimen, and rounding. In the survey, clusters differ with a standard
  deviation of {cluster_spread:g} g/L, strata by {strata:g} g/L, and 40 % of the children are urban, but half of the sample.
- Lengths and weights have the planted z-scores by the WHO standards of 2006; the z-scores of the two are independent.
- Diagnosis comes at a log-normal time since birth, or never, as `mchepi/simulate/persons/plans.py` says. Records are closed
  (`closed_date`) for children who die or move away, of these one in ten without a reason; of those never diagnosed a quarter refuses
  and a third is lost sight of (`closed_reason`). All others are watched to the end of the last year.
- Women come on screening days of 12, most in May and October; a campaign begins sooner or later by a standard deviation of 8 days.
  8 % of a year's women came in an earlier one. The campaign of the year after the last has the size that `plans.py` says.
- Levels are of the size of published figures; they are no estimates for any place.
"""  # noqa: E501 (a row of a Markdown table is one line)

_HOLDS = {
    "births": ("births and stillbirths from 28 weeks", "活产和孕28周及以上死胎死产"),
    "deaths": ("deaths under five and of mothers", "5岁以下儿童和孕产妇死亡"),
    "hemoglobin": (
        "hemoglobin of children of 6-59 months and of pregnant women",
        "6–59月龄儿童和孕妇血红蛋白",
    ),
    "growth": ("weights and lengths of children under five", "5岁以下儿童体重、身长（高）"),
    "newborn_screening": ("a row a live birth and program", "每例活产每个筛查项目一行"),
    "cervical_screening": ("women screened", "接受筛查的妇女"),
    "emtct": ("infected mothers and their children", "感染孕产妇及所生儿童"),
}


def command_of(made: Registers, name: str) -> str:
    """Give the command that makes this folder."""
    first, last = made.years
    seed = f"--seed {made.seed} --years {first} {last}"
    return f"python -m mchepi.simulate --registers --output data/{name} {seed}"


def readme(made: Registers, name: str) -> str:
    """Write the page that says what the folder holds; its first line says that everything is simulated."""
    from mchepi.simulate.persons.hemoglobin import STRATUM_SHIFT
    from mchepi.simulate.persons.plans import PLANS

    names = {row["district"]: f"{row['name_zh']} {row['name_en']}" for row in made.counts.to_dict("records")}
    planted = [
        f"| {row['kind']} | {row['nature']} | {row['district']} {names[row['district']]} | {row['register']} "
        f"| {row['row'] if row['nature'] == 'entry' else ''} "
        f"| {row['description_zh']} | {row['description_en']} |"
        for row in made.faults.to_dict("records")
    ]
    files = [
        f"| `{register}.csv` | {len(table):,} | {_HOLDS[register][0]} | {_HOLDS[register][1]} |"
        for register, table in made.tables.items()
    ]
    return _PAGE.format(
        districts=len(names),
        first=made.years[0],
        last=made.years[1],
        seed=made.seed,
        command=command_of(made, name),
        n_counts=len(made.counts),
        n_quotas=len(made.quotas),
        open_year=made.years[1] + 1,
        registers="\n".join(files),
        n_truth=len(made.truth),
        n_faults=len(made.faults),
        planted="\n".join(planted),
        cluster_spread=max(plan.cluster_spread for plan in PLANS),
        strata=STRATUM_SHIFT[0] - STRATUM_SHIFT[1],
    )
