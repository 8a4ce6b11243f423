"""The parameters cell of a notebook: what may be set, of which type, and whether a value fits."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

from .refusal import Refused, clipped, did_you_mean
from .strict_yaml import Value

TAG = "parameters"
SCALARS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
TYPES = (*SCALARS, *(f"list[{name}]" for name in SCALARS))
LINE = re.compile(r"(?P<name>[A-Za-z_]\w*): (?P<type>[a-z\[\]]+) = (?P<value>.+)")
WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false"}


@dataclass(frozen=True)
class Parameter:
    """One line `name: type = value  # help` of a parameters cell."""

    name: str
    type: str
    default: Any
    help: str


def read_parameters(notebook: Any, name: str) -> dict[str, Parameter]:
    """Read the parameters of `notebook` by name, as papermill sees them and as they are written.

    Parameters
    ----------
    notebook
        The notebook's node (nbformat 4).
    name
        What messages call it.

    Raises
    ------
    Refused
        Where a line is not plain, so that a value could be passed that papermill would not check.
    """
    cells = [cell for cell in notebook.cells if TAG in cell.metadata.get("tags", [])]
    if len(cells) != 1 or cells[0].cell_type != "code":
        raise Refused([f"{name} must have exactly one code cell tagged `{TAG}`; found {len(cells)}."])
    found: dict[str, Parameter] = {}
    faults = []
    for number, line in enumerate(cells[0].source.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parameter = _parameter(line)
        if parameter is None or parameter.name in found:
            faults.append(
                f"{name}, parameters cell, line {number}: must be `name: type = value  # help`, "
                f"each name once, a plain value, a type of {', '.join(SCALARS)} or a list[…] of these; "
                f"got {line.strip()!r}."
            )
        else:
            found[parameter.name] = parameter
    if not faults and (unseen := found.keys() ^ _seen_by_papermill(cells[0])):
        faults.append(
            f"{name}, parameters cell: papermill cannot read {', '.join(sorted(unseen))}; "
            "keep a second = out of the line, its help included."
        )
    if faults:
        raise Refused(faults)
    return found


def _parameter(line: str) -> Parameter | None:
    match = LINE.fullmatch(line)
    if not match or match["type"] not in TYPES:
        return None
    try:
        (statement,) = ast.parse(line).body
        default = ast.literal_eval(getattr(statement, "value", None) or "")
    except (SyntaxError, ValueError):
        return None
    if not isinstance(statement, ast.AnnAssign) or misfit(default, match["type"]):
        return None
    ends = statement.end_col_offset or 0
    comment = line.encode()[ends:].decode().strip().removeprefix("#").strip()
    return Parameter(match["name"], match["type"], default, comment)


def _seen_by_papermill(cell: Any) -> set[str]:
    from papermill.translators import PythonTranslator, logger

    logger.disabled, before = True, logger.disabled
    try:
        return {parameter.name for parameter in PythonTranslator.inspect(cell)}
    finally:
        logger.disabled = before


def misfit(value: Any, type_name: str) -> str:
    """Say what is wrong with `value` as a `type_name`; nothing where it fits."""
    if type_name.startswith("list["):
        item = type_name[5:-1]
        if not isinstance(value, list):
            return f"must be a list; got {_shown(value)}"
        wrong = [entry for entry in value if misfit(entry, item)]
        return f"must be a list, each item {WORDS[item]}; got {_shown(wrong[0])}" if wrong else ""
    wanted = SCALARS[type_name]
    if isinstance(value, bool) == (wanted is bool) and isinstance(value, wanted):
        return ""
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return ""
    if wanted is str and isinstance(value, (int, float)) and not isinstance(value, bool):
        return f'must be text; got the number {value}; quote it: "{value}"'
    return f"must be {WORDS[type_name]}; got {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'the text "{clipped(value)}"' if isinstance(value, str) else clipped(repr(value))


def faults_of(
    values: dict[str, Value], parameters: dict[str, Parameter], place: str, notebook: str
) -> list[str]:
    """Say what is wrong with `values`, given at `place`, for a notebook with these `parameters`."""
    faults = []
    for name, value in values.items():
        if name not in parameters:
            faults.append(
                f"{place}: `{name}` is not a parameter of {notebook}{did_you_mean(name, parameters)}"
            )
        elif wrong := misfit(value, parameters[name].type):
            faults.append(f"{place}: `{name}` {wrong}.")
    return faults


def as_declared(value: Value, parameter: Parameter) -> Value:
    """Give `value` its declared type: a whole number becomes a float where the notebook declares one."""
    if parameter.type == "float" and isinstance(value, int):
        return float(value)
    if parameter.type == "list[float]" and isinstance(value, list):
        return [float(item) for item in value if isinstance(item, (int, float))]
    return value
