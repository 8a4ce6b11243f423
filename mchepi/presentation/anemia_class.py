"""The WHO class of an anemia prevalence as a public health problem, with what its interval allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .numbers import is_missing
from .package_data import table
from .wording import text


def anemia_class(percent: float) -> str:
    """The class of a prevalence in percent: none, mild, moderate, severe; an edge belongs to the class above.

    Examples
    --------
    >>> [anemia_class(percent) for percent in (4.99, 5.0, 6.36, 20.0, 40.0)]
    ['none', 'mild', 'mild', 'moderate', 'severe']
    """
    return [row["class_id"] for row in table("anemia_classes") if percent >= float(row["lower_inclusive"])][
        -1
    ]


def class_text(row: Mapping[str, Any], lang: str) -> str:
    """The class of the observed prevalence; and, where the limits reach into others, that they do.

    Examples
    --------
    >>> class_text({"value": 6.36, "lower": 5.3, "upper": 7.6}, "en")
    'a mild public health problem by the WHO classes'
    >>> class_text({"value": 6.36, "lower": 4.4, "upper": 8.6}, "zh")
    '按世界卫生组织分级为轻度公共卫生问题（区间下限属“不构成问题”一级，等级不能确定）'
    """
    observed = anemia_class(row["value"])
    said = text(f"class.{observed}", lang)
    if is_missing(row["lower"]):
        return text("class.observed", lang, said=said)
    ends = [anemia_class(row["lower"]), anemia_class(row["upper"])]
    for end, key in zip(ends, ("class.lower differs", "class.upper differs"), strict=True):
        if end != observed:
            return text(key, lang, said=said, other=text(f"class.{end}.short", lang))
    return text("class.observed", lang, said=said)
