"""What things are called on a page: indicators, columns, places, periods, and the notes of a number."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

import pandas as pd

from mchepi.indicators import column_synonyms, indicator, indicators

from . import numbers
from .package_data import table
from .wording import check_language, text

_COUNTED = ("deaths", "cases", "births")
_FEW_PLACES = 4


@cache
def _own_names() -> dict[str, dict[str, str]]:
    return {row["column"]: row for row in table("columns")}


@cache
def _header_of() -> dict[str, str]:
    """The first Chinese header of each column."""
    found: dict[str, str] = {}
    for header, column in column_synonyms().items():
        found.setdefault(column, header)
    return found


@cache
def _definition_of() -> dict[str, str]:
    """The definition in words of each column that is a numerator or a denominator by itself."""
    found: dict[str, str] = {}
    for row in indicators().itertuples():
        found.setdefault(str(row.numerator), str(row.numerator_zh))
        found.setdefault(str(row.denominator), str(row.denominator_zh))
    return found


def column_name(column: str, lang: str) -> str:
    """What a count column is called.

    Examples
    --------
    >>> column_name("maternal_deaths", "zh"), column_name("under5_deaths", "en")
    ('孕产妇死亡数', 'under-five deaths')
    """
    own = _own_names().get(column, {}).get(check_language(lang), "")
    if own:
        return own
    if lang == "en":
        return column.replace("_", " ")
    return _header_of().get(column) or _definition_of().get(column) or column


def column_names(columns: Iterable[str], lang: str) -> str:
    """Names of several columns as a list in running text.

    Examples
    --------
    >>> column_names(["neonatal_deaths", "infant_deaths", "under5_deaths"], "en")
    'neonatal deaths, infant deaths and under-five deaths'
    """
    return listed([column_name(column, lang) for column in columns], lang)


def listed(items: Iterable[str], lang: str) -> str:
    """Items as a list in running text.

    Examples
    --------
    >>> listed(["a", "b", "c"], "en"), listed(["甲", "乙", "丙"], "zh")
    ('a, b and c', '甲、乙、丙')
    """
    kept = list(items)
    if lang == "zh":
        return "、".join(kept)
    return " and ".join([", ".join(kept[:-1]), kept[-1]]) if len(kept) > 1 else "".join(kept)


def counted(column: str, number: Any, lang: str) -> str:
    """A number of deaths, cases or births of a kind.

    Examples
    --------
    >>> counted("neonatal_deaths", 4, "en"), counted("birth_defect_infant_deaths", 1, "en")
    ('4 neonatal deaths', '1 infant death from birth defects')
    >>> counted("neonatal_deaths", 4, "zh"), counted("live_births", 1430, "zh")
    ('新生儿死亡4例', '活产1430例')
    """
    name, written = column_name(column, lang), numbers.count(number, lang)
    if lang == "zh":
        kind = "例" if column.endswith(_COUNTED) else "人"
        return f"{name.removesuffix('人数').removesuffix('数')}{written}{kind}"
    one = re.sub(r"\b(death|case|birth)s\b", r"\1", name, count=1)
    return f"{written} {one if written == '1' else name}"


def indicator_name(id: str, lang: str) -> str:
    """What an indicator is called.

    Examples
    --------
    >>> indicator_name("neonatal_mortality_rate", "zh"), indicator_name("neonatal_mortality_rate", "en")
    ('新生儿死亡率', 'Neonatal mortality rate')
    """
    return with_signs(str(getattr(indicator(id), f"name_{check_language(lang)}")))


def marked_name(row: Mapping[str, Any], lang: str, *, inside: bool = False) -> str:
    """The name of a row's indicator in a sentence, saying so where its definition is unverified.

    `inside` a sentence, not at its beginning, an English name has no capital.

    Examples
    --------
    >>> row = {"indicator": "stillbirth_rate", "note": "definition unverified"}
    >>> marked_name(row, "zh"), marked_name({**row, "note": ""}, "en", inside=True)
    ('死胎死产率（定义未核实）', 'stillbirth rate (≥28 weeks)')
    """
    name = indicator_name(row["indicator"], lang)
    flag = text("flag.name", lang) if has_note(row.get("note"), "definition unverified") else ""
    return f"{lower_first(name) if inside and lang == 'en' else name}{flag}"


def daggered(row: Mapping[str, Any], lang: str) -> str:
    """The name of a row's indicator in a figure or table, with a dagger where its definition is unverified.

    Examples
    --------
    >>> daggered({"indicator": "stillbirth_rate", "note": "definition unverified"}, "zh")
    '死胎死产率†'
    """
    dagger = "†" if has_note(row.get("note"), "definition unverified") else ""
    return f"{indicator_name(row['indicator'], lang)}{dagger}"


def dagger_note(rows: Iterable[Mapping[str, Any]], lang: str) -> str:
    """What the dagger means; empty where no row has one.

    Examples
    --------
    >>> dagger_note([{"note": "definition unverified"}], "en"), dagger_note([{"note": ""}], "en")
    ('† definition unverified', '')
    """
    doubt = any(has_note(row.get("note"), "definition unverified") for row in rows)
    return f"† {text('note.definition unverified', lang)}" if doubt else ""


@cache
def _source_names() -> dict[str, dict[str, str]]:
    return {row["source"]: row for row in table("sources")}


def source_name(source: str, lang: str) -> str:
    """What a source of the catalog is called; one that is not in the table stays as it is.

    Examples
    --------
    >>> source_name("WHO; textbook page", "zh"), source_name("A new plan", "en")
    ('世界卫生组织；教科书网页', 'A new plan')
    """
    names = _source_names()
    named = [names.get(one, {}).get(check_language(lang), one) for one in source.split("; ")]
    return ("；" if lang == "zh" else "; ").join(named)


def with_signs(words: str) -> str:
    """Words of the catalog with the signs that readers know.

    Examples
    --------
    >>> with_signs("Antenatal care coverage (>=1 visit)")
    'Antenatal care coverage (≥1 visit)'
    """
    return words.replace(">=", "≥").replace("<=", "≤")


def lower_first(name: str) -> str:
    """A name inside a sentence: its capital goes, an abbreviation stays.

    Examples
    --------
    >>> lower_first("Neonatal mortality rate"), lower_first("HIV testing")
    ('neonatal mortality rate', 'HIV testing')
    """
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def period(row: Mapping[str, Any]) -> str:
    """The year of a row, or the years it covers.

    Examples
    --------
    >>> period({"year": 1974, "year_end": 1978}), period({"year": 2023})
    ('1974–78', '2023')
    """
    return numbers.period(row["year"], row.get("year_end"))


def place_name(counts: pd.DataFrame, lang: str) -> str:
    """The name of the place that the rows of `counts` speak of; a few are listed, many are counted.

    Examples
    --------
    >>> rows = pd.DataFrame({"district": ["152223"], "name_zh": ["扎赉特旗"], "name_en": ["Jalaid Banner"]})
    >>> place_name(rows, "en")
    'Jalaid Banner'
    """
    column = f"name_{check_language(lang)}"
    names = counts[column].where(counts[column].fillna("") != "", counts["district"])
    places = dict.fromkeys(map(str, names))
    many = len(places) > _FEW_PLACES
    return text("place.several", lang, count=len(places)) if many else listed(places, lang)


def phrases(note: Any) -> list[tuple[str, list[str]]]:
    """The phrases of a note: each code with its details.

    Examples
    --------
    >>> phrases("deduced: neonatal_deaths, live_births; definition unverified")
    [('deduced', ['neonatal_deaths', 'live_births']), ('definition unverified', [])]
    """
    found = []
    for phrase in str(note).split("; ") if isinstance(note, str) and note else []:
        code, _, details = phrase.partition(": ")
        found.append((code, details.split(", ") if details else []))
    return found


def has_note(note: Any, code: str) -> bool:
    """Whether a note holds a code.

    Examples
    --------
    >>> has_note("deduced: infant_deaths", "deduced")
    True
    """
    return any(code == found for found, _ in phrases(note))


def note_text(note: Any, lang: str, *, known: Collection[str] = ()) -> str:
    """A note in the reader's language; a detail that is all `known` from the row itself is left out.

    Examples
    --------
    >>> note_text("deduced: neonatal_deaths; definition unverified", "zh")
    '推算：新生儿死亡数；定义未核实'
    """
    said = []
    for code, details in phrases(note):
        phrase = text(f"note.{code}", lang)
        names = (
            ""
            if set(details) <= set(known)
            else listed([column_name(detail, lang) for detail in details], lang)
        )
        said.append(f"{phrase}{'：' if lang == 'zh' else ': '}{names}" if names else phrase)
    return ("；" if lang == "zh" else "; ").join(said)
