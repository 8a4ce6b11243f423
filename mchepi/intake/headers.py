"""Which column is which: the header row among title lines, and names in Chinese, English or mixed."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

from mchepi.indicators import column_synonyms, indicator, indicators
from mchepi.intake.cells import plain

TEXT_COLUMNS = ("note_zh", "note_en", "source_zh", "source_en")
KEY_COLUMNS = ("district", "name_zh", "name_en", "year", "year_end", "stratum", "deduced")
SERIES_COLUMNS = (
    "indicator",
    "source_system",
    "area",
    "value",
    "lower",
    "upper",
    "unit",
    "source",
    "verified",
    "evidence",
)

# The headers of key columns; those of counts are the catalog's.
_KEY_HEADERS = {
    "district": "district_id district_code code id 行政区划代码 区划代码 地区代码 机构代码 单位代码 代码",
    "name_zh": "name 旗县 旗县名称 旗县区 县区 区县 地区 地区名称 单位 单位名称 机构 机构名称 名称",
    "name_en": "英文名称 英文名",
    "year": "年份 年度 年 统计年份 统计年度 报告年份 报告年度",
    "year_end": "截止年份 结束年份",
    "stratum": "分层",
    "deduced": "推算列",
    "note_zh": "备注 说明",
    "note_en": "note notes remarks",
}
_SERIES_HEADERS = {
    "indicator": "indicator_id 指标 指标名称",
    "area": "城乡 范围",
    "value": "数值 指标值",
    "lower": "下限",
    "upper": "上限",
    "unit": "单位 计量单位",
    "source": "来源 数据来源",
    "source_system": "来源系统",
}
LOOK_FOR_HEADER_IN = 30  # rows; titles and notes above a table are seldom more than five
_UNIT = re.compile(r"\((人|例|名|个)\)$")  # not 对, 人次, 剂次: couples, visits and doses are other counts
_PERSONAL = re.compile(r"姓名|身份证|电话|手机|住址|家庭地址|id_?card|phone|mobile|e-?mail", re.IGNORECASE)
_SIGNS = str.maketrans({"≥": ">=", "≤": "<=", "~": "-", "〜": "-", "—": "-", "–": "-", "‐": "-"})


@cache
def count_columns() -> tuple[str, ...]:
    """Give every column that the catalog counts or divides by, in its order."""
    found = [indicator(name) for name in indicators()["id"]]
    names = [name for one in found for name in (*one.numerator_columns, *one.denominator_columns)]
    return tuple(dict.fromkeys(names))


@cache
def words_of_counts() -> Mapping[str, str]:
    """Map the key of every header that a district-year table may carry to its column name."""
    words = _words((*KEY_COLUMNS, *TEXT_COLUMNS), _KEY_HEADERS)
    words.update({header_key(name): name for name in count_columns()})
    words.update({header_key(header): name for header, name in column_synonyms().items()})
    return words


@cache
def words_of_series() -> Mapping[str, str]:
    """Map the key of every header that a series table may carry to its column name."""
    names = ("district", "name_zh", "name_en", "year")
    words = _words(names, {name: _KEY_HEADERS[name] for name in names})
    words.update(_words(SERIES_COLUMNS, _SERIES_HEADERS))
    return words


def header_key(header: str) -> str:
    """Write a header so that two spellings of one name are equal: width, case, spaces, underscores, signs."""
    key = unicodedata.normalize("NFKC", plain(header).translate(_SIGNS)).casefold()
    return re.sub(r"[\s_]+", "", key)


def column_of(header: str, words: Mapping[str, str]) -> str | None:
    """Give the column name of a header, or None if it is not known; a unit in brackets may follow it."""
    key = header_key(header)
    return words.get(key) or words.get(_UNIT.sub("", key))


def is_personal(header: str) -> bool:
    """Whether a column that no table has may tell who someone is: such a column is not kept."""
    return _PERSONAL.search(header) is not None


def locate(rows: Sequence[Sequence[str]], words: Mapping[str, str]) -> tuple[int, int]:
    """Find the header: the position of the first row with most known names, and how many it has."""
    known = [sum(column_of(cell, words) is not None for cell in row) for row in rows[:LOOK_FOR_HEADER_IN]]
    best = max(known, default=0)
    return (known.index(best), best) if known else (0, 0)


def similar_column(header: str, words: Mapping[str, str]) -> str | None:
    """Give the header that `header` may be a misspelling of: off by two letters or one Chinese character."""
    key = header_key(header)
    for known in difflib.get_close_matches(key, words, 3, 0.8):
        blocks = difflib.SequenceMatcher(None, key, known).get_matching_blocks()
        off = len(key) + len(known) - 2 * sum(block.size for block in blocks)
        if off <= (2 if key.isascii() else 1) and re.findall(r"\d+", key) == re.findall(r"\d+", known):
            return words[known] if known.isascii() else known
    return None


def _words(names: Sequence[str], headers: Mapping[str, str]) -> dict[str, str]:
    words = {header_key(name): name for name in names}
    words.update({header_key(word): name for name, written in headers.items() for word in written.split()})
    return words
