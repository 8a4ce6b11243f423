"""The last section of a page: definitions, limits, judgements, sources, and what it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from mchepi.indicators import Declaration, indicator
from mchepi.indicators import targets as all_targets

from . import numbers
from .labels import indicator_name, listed, source_name, with_signs
from .markup import ReaderTable
from .rows import records
from .targets_in_words import one_sided
from .wording import text


def definitions(frames: Iterable[pd.DataFrame], lang: str) -> ReaderTable | None:
    """Lay out what is divided by what in every indicator that the page shows, and who defines it so.

    Examples
    --------
    >>> frame = pd.DataFrame({"indicator": ["neonatal_mortality_rate"], "value": [2.1], "note": [""]})
    >>> definitions([frame], "zh").rows[0][:3]
    ('新生儿死亡率', '出生28天内（0-27天）死亡的新生儿数', '活产数')
    """
    rows = []
    for one in map(indicator, shown_indicators(frames)):
        checked = text("definition.verified" if one.is_verified else "definition.unverified", lang)
        rows.append(
            (
                indicator_name(one.id, lang),
                with_signs(str(getattr(one, f"numerator_{lang}"))),
                with_signs(str(getattr(one, f"denominator_{lang}"))),
                numbers.unit(one.per, lang).strip() or numbers.MISSING,
                f"{source_name(one.source, lang)}\n{checked}",
            )
        )
    if not rows:
        return None
    heads = ("indicator", "numerator", "denominator", "unit", "source")
    return ReaderTable(
        tuple(text(f"head.{head}", lang) for head in heads), tuple(rows), (False,) * len(heads)
    )


def shown_indicators(frames: Iterable[pd.DataFrame]) -> list[str]:
    """Name the indicators that have a value in any of the frames.

    Examples
    --------
    >>> shown_indicators([pd.DataFrame({"indicator": ["i", "i"], "value": [1.0, 2.0], "note": ["", ""]})])
    ['i']
    """
    names: dict[str, None] = {}
    for frame in frames:
        if {"indicator", "value", "note"} <= set(frame):
            names.update(dict.fromkeys(frame["indicator"][frame["value"].notna()]))
    return list(names)


def statements(frames: Sequence[pd.DataFrame], lang: str) -> list[str]:
    """Say by which methods the numbers of the page were made, and which targets they were judged by.

    Examples
    --------
    >>> statements([pd.DataFrame({"method": ["exact"], "confidence_level": [0.95]})], "en")[0]
    'Limits (95%): exact Poisson limits (Garwood 1936).'
    """
    methods: dict[str, None] = {}
    levels: dict[float, None] = {}
    target_ids: dict[str, None] = {}
    for frame in frames:
        known = frame["value"].notna() if "value" in frame else slice(None)
        if "method" in frame:
            methods.update(dict.fromkeys(str(one) for one in frame["method"][known].dropna() if one))
        if "confidence_level" in frame:
            levels.update(dict.fromkeys(frame["confidence_level"][known].dropna()))
        if "target_id" in frame:
            target_ids.update(dict.fromkeys(frame["target_id"][known]))
    said = []
    if methods:
        level = listed([numbers.percent(float(one)) for one in levels], lang)
        named = listed([text(f"method.{method}", lang) for method in methods], lang)
        said.append(text("methods.limits", lang, level=level, methods=named))
    if any("ratio" in frame for frame in frames):
        said += [text("methods.change", lang), text("methods.change.model", lang)]
    if any("pool_years" in frame for frame in frames):
        said.append(text("methods.pooled", lang))
    if target_ids:
        tested = any("verdict" in frame for frame in frames)
        said.append(_judgement(levels, lang) if tested else text("methods.judgement.published", lang))
        said.append(_targets(list(target_ids), lang))
    counted = any("numerator" in frame for frame in frames)
    return [*said, text("methods.rounding" if counted else "methods.rounding.published", lang)]


def _judgement(levels: Iterable[float], lang: str) -> str:
    """How targets are judged, with the one-sided level of the tests."""
    return text("methods.judgement", lang, level=listed([one_sided(level) for level in levels], lang))


def _targets(ids: list[str], lang: str) -> str:
    """The plans behind the targets, the unverified ones marked."""
    rows = {row["target_id"]: row for row in records(all_targets())}
    sources: dict[str, bool] = {}
    for row in (rows[id] for id in ids if id in rows):
        source = str(row["source"])
        sources[source] = sources.get(source, True) and str(row["verified"]).startswith("yes")
    doubt = text("methods.some unverified", lang)
    names = [source_name(source, lang) + ("" if sure else doubt) for source, sure in sources.items()]
    named = listed(dict.fromkeys(names), lang)
    return text("methods.targets", lang, sources=named)


def provenance(declaration: Declaration, files: Iterable[Path], digest: str, lang: str) -> list[str]:
    """Say which files the page was made from, their terms, and the digest of the rows it could read.

    Only the last two parts of a path are shown: the machine is no part of the page.

    Examples
    --------
    >>> origin = Declaration("mine", "年报", "report", "年报", "report", "internal", False, "mch_year",
    ...                      "registered", "annual_report", "final")
    >>> provenance(origin, [Path("/data/mine/counts.csv")], "ab12", "en")
    ['Files: mine/counts.csv. SHA-256 of the rows this page could read: ab12.', 'Terms of use: internal.']
    """
    names = listed(["/".join(path.parts[-2:]) for path in files], lang)
    return [
        text("methods.files", lang, files=names, digest=digest),
        text("methods.licence", lang, licence=declaration.licence),
    ]
