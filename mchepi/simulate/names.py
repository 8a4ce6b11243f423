"""The fictional banners: invented names that say they are simulated, and how many births each had in 2015.

No name is that of a county, district, banner, city, town, township or street of China: checked in Chinese
against the public list of divisions down to streets, and in pinyin without tones against counties and cities.
"""

from __future__ import annotations

from typing import NamedTuple


class Banner(NamedTuple):
    """One fictional banner; `births` is what its births a year average in 2015."""

    id: str
    name_zh: str
    name_en: str
    births: int


# Sizes are chosen, not drawn, so that what is planted stands in a banner large or small enough to show it.
_INVENTED = [
    ("霜叶川", "Shuangyechuan", 1500),
    ("月榆湾", "Yueyuwan", 820),
    ("星麦原", "Xingmaiyuan", 3400),
    ("雪桦岭", "Xuehualing", 1250),
    ("风铃滩", "Fenglingtan", 2100),
    ("青穗塬", "Qingsuiyuan", 640),
    ("银芨滩", "Yinjitan", 2800),
    ("金柳汀", "Jinliuting", 1900),
    ("碧苔洼", "Bitaiwa", 2300),
    ("晨驼岗", "Chentuogang", 560),
    ("暮鹤洲", "Muhezhou", 3000),
    ("杏雨坞", "Xingyuwu", 1100),
    ("沙棘汀", "Shajiting", 420),
    ("蓝荞坝", "Lanqiaoba", 900),
    ("驼铃渡", "Tuolingdu", 1350),
    ("芦歌湾", "Lugewan", 2500),
    ("雁书坪", "Yanshuping", 980),
    ("萤火川", "Yinghuochuan", 1700),
    ("听雪岭", "Tingxueling", 480),
    ("苜蓿汀", "Muxuting", 1600),
    ("棠梨洼", "Tangliwa", 760),
    ("榛语坡", "Zhenyupo", 3900),
    ("橡月岗", "Xiangyuegang", 1150),
    ("露葵原", "Lukuiyuan", 350),
]


def banner(number: int) -> Banner:
    """Give the banner of this number, from 1. Beyond the named ones, the name is the number; sizes repeat."""
    zh, en, births = _INVENTED[(number - 1) % len(_INVENTED)]
    if number > len(_INVENTED):
        zh, en = f"第{number}", f"Number {number}"
    return Banner(f"S{number:02d}", f"{zh}旗（模拟）", f"{en} Banner (simulated)", births)
