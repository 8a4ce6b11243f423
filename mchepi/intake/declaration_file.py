"""dataset.yaml: what a dataset says of itself, and which files are its tables and its geography."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import yaml

from mchepi.indicators import Declaration
from mchepi.intake.encoding import read_text
from mchepi.intake.findings import DataError, Finding, did_you_mean, file_error, listed, shown_path
from mchepi.intake.geography import KINDS as GEOGRAPHY
from mchepi.intake.registers import schemas
from mchepi.intake.registers.quotas import KIND as QUOTAS

NAME = "dataset.yaml"
TABLES = ("counts", "series")

_FIELDS = tuple(field.name for field in fields(Declaration))
_OPTIONAL = {"name"} | {field.name for field in fields(Declaration) if field.default is not MISSING}


def read_declaration(path: Path) -> tuple[Declaration, dict[str, Path]]:
    """Read a dataset.yaml; the name is the folder's where the file states none.

    Returns
    -------
    declaration : Declaration
    tables : dict
        "counts", "series" or "quotas" → the CSV file; "neighbors", "outlines" → the files of its geography;
        "births", "deaths" and so on → its registers.

    Raises
    ------
    DataError
        With all faults of the file at once: unknown or missing keys, wrong words, files that are not there.
    """
    file = shown_path(path)
    text, _ = read_text(path)
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # an impossible date is a ValueError
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else None
        fix = "Write `key: value` lines; put a text that holds `: ` or `#` in quotes."
        fault = Finding(file, row, None, None, "yaml", "error", "must be YAML; it cannot be read here", fix)
        raise DataError([fault]) from None
    if not isinstance(content, dict):
        message = f"must be `key: value` lines; got {type(content).__name__}"
        raise DataError(
            [file_error(file, "yaml", message, f"Write {listed(_FIELDS)} and so on, each with its value.")]
        )
    content.setdefault("name", path.absolute().parent.name)
    findings = _faults_of_keys(content, file)
    tables, faults = _tables(content.pop("tables", None), path.parent, file)
    findings += faults
    stated = {key: value for key, value in content.items() if key in _FIELDS}
    # A missing field is an error already; the placeholder lets the others be checked with it.
    complete = (
        {field: "not_stated" for field in _FIELDS if field not in _OPTIONAL} | {"simulated": False} | stated
    )
    try:
        declaration = Declaration(**complete)
    except ValueError as error:
        findings += [_from_sentence(file, sentence) for sentence in str(error).splitlines()]
    if findings:
        raise DataError(findings)
    return declaration, tables


def undeclared(name: str) -> Declaration:
    """Give the declaration of data that say nothing of themselves."""
    return Declaration(
        name=name,
        title_zh=name,
        title_en=name,
        source_zh="未说明",
        source_en="not stated",
        licence="not stated",
        simulated=False,
        period="not_stated",
        population_basis="not_stated",
        source_system="not_stated",
        status="not_stated",
    )


def _faults_of_keys(content: Mapping[Any, Any], file: str) -> list[Finding]:
    known = (*_FIELDS, "tables")
    findings = [
        file_error(
            file,
            "unknown_key",
            f"must have no other keys than a dataset's; got {key!r}",
            did_you_mean(str(key), known) + "Rename it or take it out.",
        )
        for key in content
        if key not in known
    ]
    findings += [
        file_error(
            file,
            "missing_key",
            f"must state `{key}`; it is missing",
            "Add it; where it is not known, say so.",
        )
        for key in known
        if key not in content and key not in _OPTIONAL
    ]
    return findings


def _tables(stated: Any, folder: Path, file: str) -> tuple[dict[str, Path], list[Finding]]:
    if stated is None:
        return {}, []
    if not isinstance(stated, dict) or not stated:
        message = f"must name its tables as `tables: {{counts: counts.csv}}`; got {stated!r}"
        return {}, [file_error(file, "tables", message, f"The keys are {', '.join(kinds())}.")]
    tables, findings = {}, []
    for kind, name in stated.items():
        if kind not in kinds():
            message = f"must name tables of the kinds {', '.join(kinds())}; got {kind!r}"
            fix = did_you_mean(str(kind), kinds()) + "Rename it."
            findings.append(file_error(file, "tables", message, fix))
        elif not isinstance(name, str) or Path(name).name != name:
            message = f"must name {kind} as a file of this folder; got {name!r}"
            findings.append(
                file_error(file, "tables", message, "Write the file's name alone, such as counts.csv.")
            )
        elif not (folder / name).is_file():
            message = f"must name a file of this folder as {kind}; there is no {name!r}"
            hint = did_you_mean(name, [entry.name for entry in folder.iterdir()])
            findings.append(file_error(file, "tables", message, hint + "Correct the name."))
        else:
            tables[kind] = folder / name
    if not findings and not any(kind in tables for kind in (*TABLES, *schemas())):
        message = (
            f"must name a table of {' or '.join(TABLES)}, or registers; got {listed(list(tables))} alone"
        )
        findings.append(file_error(file, "tables", message, "Add the table of the districts' numbers."))
    return tables, findings


def kinds() -> tuple[str, ...]:
    """Give every kind of table that a dataset may name."""
    return (*TABLES, QUOTAS, *GEOGRAPHY, *schemas())


def _from_sentence(file: str, sentence: str) -> Finding:
    """Turn a sentence of `Declaration`, "RULE; got VALUE. FIX", into a finding."""
    message, _, fix = sentence.partition(". ")
    return file_error(file, "declaration", message, fix)
