"""The README of a simulated region: what it is, the command that makes it, and what was planted."""

from __future__ import annotations

from mchepi.simulate.columns import EXTRA_COLUMNS
from mchepi.simulate.generate import Region

_PAGE = """\
# Everything in this folder is simulated · 本文件夹的全部数据均为模拟数据

No banner, birth, death or patient in it is real, and no figure may be quoted as one. 旗名、出生、死亡、病例均为虚构，任何数字不得当作真实数据引用。

{districts} invented banners, {first} to {last}, one row a banner and calendar year, for training and for calibrating rules: every rate,
trend, change and error behind the counts is known. Seed {seed}. Source: `mchepi.simulate`. Licence: BSD-3-Clause, as mchepi.

{districts}个虚构旗，{first}至{last}年，每旗每个日历年一行，供培训和校准规则使用：计数背后的率、趋势、变化和差错全部已知。

## Made by · 生成命令

```
{command}
```

The same command gives the same bytes. In Python: `mchepi.simulate.region(...)` and `write_region(region, folder)`.

## Files · 文件

| file | holds | 内容 |
|---|---|---|
| `counts.csv` | the yearly counts, named as the catalog names numerators and denominators | 年度计数，列名同指标目录的分子、分母 |
| `truth.csv` | a row a banner, year and indicator (and the expected `live_births`): `true_value` per `per`, the rate that chance plays upon; `expected_value`, what the counts as written down show on average; `reporting_probability`, the share of the events that is written down; `note`, the kinds of what is planted there | 每旗每年每指标的真值、计数平均所示的值、上报概率和植入内容 |
| `faults.csv` | what was planted: kind, nature (`truth` it happens so, `counting` it is only counted so, `entry` a cell typed wrong), district, years, columns, effect and size, for cells the true count and what was written, a description in both languages | 植入的变化与差错 |
| `dataset.yaml` | what the dataset says of itself | 数据集声明 |

`truth.csv` does not know of cells typed wrong. Columns: `_2_weeks`, `_3_months` and the like count within that time, all others at any time.

## What was planted · 植入内容

| kind | nature | where 旗 | years 年 | 内容 | what |
|---|---|---|---|---|---|
{planted}

Whatever else stands out is chance: among so many counts, some are far from what is expected. 其余突出之处均为机遇。

## How the counts were drawn · 生成方法

- Births fall by 3 to 6 % a year, with a deviation of 4 % a year and Poisson chance; some births are twins, some stillbirths.
- Each other count is binomial in the count it is a part of (a few are Poisson or planning numbers, without chance), about a probability that
  follows a straight line in time on the log scale (deaths) or the logit scale (all else) in each banner, apart from what is planted.
  There is no other variation within a banner. Between banners the levels differ with a standard deviation of 0.25 on the log scale
  (deaths under 5; maternal deaths 0.20) and of 0.1 to 0.5 on the logit scale (all else), and the trends of deaths by 1 percentage point a year;
  here all these are multiplied by {spread:g}.
- Levels are of the size of China's published figures (see `mchepi/simulate/mortality.py`, `anemia.py`, `screening.py`); they are no estimates for any place.
- Deaths at 1 to 4 years come from the births of the four years before: per live birth of the year they weigh more where births fall.
- Outcomes of mothers and children stand in the year of the delivery, as in a cohort; real registers spread them over two years.

## Columns in no row of the catalog · 目录之外的列

| column | 含义 | what it counts |
|---|---|---|
{extra}
"""  # noqa: E501 (a row of a Markdown table is one line)


def command_of(region: Region, name: str) -> str:
    """Give the command that makes this folder."""
    years = region.counts["year"]
    parts = [
        f"python -m mchepi.simulate --output data/{name} --seed {region.seed}",
        f"--districts {region.counts['district'].nunique()} --years {years.min()} {years.max()}",
        "" if region.spread == 1 else f"--spread {region.spread}",
        "" if region.changes else "--no-changes",
        "" if region.reporting_errors else "--no-reporting-errors",
    ]
    return " ".join(part for part in parts if part)


def readme(region: Region, name: str) -> str:
    """Write the page that says what the folder holds; its first line says that everything is simulated."""
    years = region.counts["year"]
    districts = region.counts["district"].nunique()
    names = {
        row["district"]: f"{row['name_zh']} {row['name_en']}" for row in region.counts.to_dict("records")
    }
    planted = [
        f"| {row['kind']} | {row['nature']} | {row['district']} {names[row['district']]} "
        f"| {_span(row['year_from'], row['year_to'])} "
        f"| {row['description_zh']} | {row['description_en']} |"
        for row in region.faults.to_dict("records")
    ]
    extra = [
        f"| `{column}` | {zh} | {en} |"
        for column, (zh, en) in EXTRA_COLUMNS.items()
        if column in region.counts.columns
    ]
    return _PAGE.format(
        districts=districts,
        first=years.min(),
        last=years.max(),
        seed=region.seed,
        command=command_of(region, name),
        spread=region.spread,
        planted="\n".join(planted) or "| nothing was planted · 未植入 | | | | | |",
        extra="\n".join(extra),
    )


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
